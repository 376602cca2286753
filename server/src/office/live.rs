//! Says to an open page that its figures moved.

use std::collections::HashSet;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Query, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{Stream, StreamExt as _};
use ketuk_wire::AreaCode;
use tokio_stream::wrappers::BroadcastStream;

use super::fault::{Fault, FaultPage};
use super::session::Signed;
use crate::http::App;

/// Shorter than what proxies and carriers cut after.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Then the browser asks again, and shows that its session still holds.
const LONGEST: Duration = Duration::from_secs(600);

#[derive(serde::Deserialize)]
pub(super) struct Watched {
    area: String,
}

/// An event whenever figures of the area changed. Which ones, the page itself says.
pub(super) async fn events(
    State(app): State<Arc<App>>,
    signed: Signed,
    Query(watched): Query<Watched>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, FaultPage> {
    let fault = |fault| FaultPage::from((signed.lang, fault));
    let area: AreaCode = watched.area.parse().map_err(|_| fault(Fault::NotFound))?;
    if !signed.area.contains(&area) {
        return Err(fault(Fault::Forbidden));
    }
    let mut stopping = app.stopping.clone();
    let end = async move {
        tokio::select! {
            _ = stopping.wait_for(|stop| *stop) => {}
            () = tokio::time::sleep(LONGEST) => {}
        }
    };
    let area = String::from(area);
    let moved = BroadcastStream::new(app.hub.watch())
        .filter(move |moved| {
            // A page that lagged behind doesn't know what it missed.
            let concerns = moved
                .as_ref()
                .map_or(true, |areas: &Arc<HashSet<String>>| areas.contains(&area));
            std::future::ready(concerns)
        })
        // Browsers drop an event without data.
        .map(|_| Ok(Event::default().event("moved").data("figures")))
        .take_until(Box::pin(end));
    Ok(Sse::new(moved).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}
