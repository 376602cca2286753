//! The front door: what phones and browsers may ask, and how much at once.

mod accept;
mod api;
mod body;
mod gate;
mod limiter;
mod photos;
mod refusal;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue};
use ketuk_wire::{PROTOCOL, PROTOCOL_HEADER};
use tokio::sync::watch;
use tower_http::set_header::SetResponseHeaderLayer;

pub(crate) use accept::{Peer, accept};
use body::Memory;
pub(crate) use gate::Gate;
pub(crate) use limiter::Limiter;

use crate::hub::Hub;
use crate::office;

/// Passwords that one address may try in a minute, and that may be tried for one name.
const PASSWORDS_A_MINUTE: u32 = 10;

/// Enrolment codes that one address may try in a minute. More: a village's cadres, trained in one
/// room, enrol at once from behind one address.
const CODES_A_MINUTE: u32 = 60;

/// Receipts that one address may have checked in a minute.
const RECEIPTS_A_MINUTE: u32 = 60;

const MINUTE: Duration = Duration::from_secs(60);

/// What every handler has at hand.
pub(crate) struct App {
    pub(crate) hub: Arc<Hub>,
    pub(crate) gate: Gate,
    pub(crate) memory: Memory,
    pub(crate) passwords: Limiter,
    pub(crate) codes: Limiter,
    pub(crate) receipts: Limiter,
    /// Browsers come over TLS, by a proxy: their cookies go no other way.
    pub(crate) secure: bool,
    /// Becomes true when the server is to stop: streams end.
    pub(crate) stopping: watch::Receiver<bool>,
}

impl App {
    pub(crate) fn new(hub: Arc<Hub>, secure: bool, stopping: watch::Receiver<bool>) -> App {
        App {
            hub,
            gate: Gate::new(),
            memory: Memory::new(),
            passwords: Limiter::new(PASSWORDS_A_MINUTE, MINUTE),
            codes: Limiter::new(CODES_A_MINUTE, MINUTE),
            receipts: Limiter::new(RECEIPTS_A_MINUTE, MINUTE),
            secure,
            stopping,
        }
    }
}

pub(crate) fn router(app: Arc<App>) -> Router {
    Router::new()
        // A byte on the way to a phone is dear: its answers have the headers that it needs.
        .nest("/v1", api::routes())
        .merge(guarded(office::routes()))
        .with_state(app)
        // Without it, a phone takes an answer for that of a hotel's sign-in page.
        .layer(SetResponseHeaderLayer::overriding(
            HeaderName::from_static(PROTOCOL_HEADER),
            HeaderValue::from_static(PROTOCOL),
        ))
}

/// What browsers are told of every page.
fn guarded(pages: Router<Arc<App>>) -> Router<Arc<App>> {
    let header = |name: HeaderName, value: &'static str| {
        SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
    };
    pages
        // Pages load nothing from elsewhere, run nothing that is not a file of ours, and are shown
        // in nobody's frame.
        .layer(header(
            CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \
             connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        ))
        // Nobody pages back to a family after signing out.
        .layer(header(CACHE_CONTROL, "no-store"))
        .layer(header(X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(header(X_FRAME_OPTIONS, "DENY"))
        .layer(header(REFERRER_POLICY, "same-origin"))
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::header::{AUTHORIZATION, RETRY_AFTER};
    use axum::http::{Request, StatusCode};
    use tower::ServiceExt as _;

    use super::*;
    use crate::{Clock, Store};

    #[tokio::test]
    async fn when_there_is_too_much_to_do_a_phone_is_told_when_to_come_back() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::Sqlite(folder.path().to_owned());
        let (hub, _) = Hub::open(&store, Clock::system()).unwrap();
        let app = Arc::new(App::new(Arc::new(hub), false, watch::channel(false).1));
        let full = app.gate.fill();
        let request = Request::post("/v1/sync")
            .header(AUTHORIZATION, "Bearer anybody")
            // A body that never comes is not waited for.
            .body(Body::from_stream(futures_util::stream::pending::<
                Result<bytes::Bytes, std::io::Error>,
            >()))
            .unwrap();
        let answer = router(app.clone()).oneshot(request).await.unwrap();
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(answer.headers().contains_key(RETRY_AFTER));
        assert_eq!(answer.headers()[PROTOCOL_HEADER], PROTOCOL);
        drop(full);
    }
}
