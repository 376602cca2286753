//! A server without a socket.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, Response};
use bytes::Bytes;
use tokio::runtime::Runtime;
use tokio::sync::watch;
use tower::ServiceExt as _;

use crate::clock::Clock;
use crate::db::{Claim, Store};
use crate::epoch::Run;
use crate::hub::Hub;
use crate::setup::Setup;
use crate::verify::{self, Verification};
use crate::{Error, epoch, figures, http, ingest};

/// A server that is called and not connected to: for tools that take entries in from elsewhere, and
/// for tests that want every byte of a link in their hands. What it answers comes out of the very
/// same routes.
///
/// Figures are summed up when they are asked for, by [`Local::sum_up`] or [`Local::verify`], and
/// not behind each entry. It must not be used from an async thread.
pub struct Local {
    router: Router,
    runtime: Runtime,
    hub: Arc<Hub>,
    run: Run,
    /// Kept: streams end when it is dropped.
    _stop: watch::Sender<bool>,
    /// Last: who opens the folder next finds nobody in it.
    _claim: Option<Claim>,
}

impl Local {
    /// Opens the database, making it if there is none.
    ///
    /// # Errors
    /// Each in one sentence; see [`Error`].
    pub fn open(store: &Store, clock: Clock) -> Result<Local, Error> {
        let claim = store.claim()?;
        // Which villages change is heard by nobody: they are found by their version.
        let (mut hub, _) = Hub::open(store, clock)?;
        let run = epoch::settle(&mut hub, claim.as_ref(), false)?;
        ingest::judge_again(&hub)?;
        let hub = Arc::new(hub);
        let (stop, stopping) = watch::channel(false);
        let app = http::App::new(hub.clone(), false, stopping);
        Ok(Local {
            router: http::router(Arc::new(app)),
            runtime: tokio::runtime::Builder::new_current_thread()
                .enable_time()
                .build()
                .map_err(Error::internal)?,
            hub,
            run,
            _stop: stop,
            _claim: claim,
        })
    }

    /// Answers a request as if it had come over a connection from this machine.
    ///
    /// # Errors
    /// [`Error::Internal`] if the answer's body broke off.
    pub fn call(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Error> {
        let mut request = request.map(Body::from);
        let peer = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        request.extensions_mut().insert(http::Peer(peer));
        self.runtime.block_on(async {
            let answer = match self.router.clone().oneshot(request).await {
                Ok(answer) => answer,
                Err(never) => match never {},
            };
            let (head, body) = answer.into_parts();
            let body = to_bytes(body, usize::MAX).await.map_err(Error::internal)?;
            Ok(Response::from_parts(head, body))
        })
    }

    /// Runs `work` with the means to set up the campaign.
    ///
    /// # Errors
    /// Those of `work`.
    pub fn setup<T>(&self, work: impl FnOnce(Setup<'_>) -> Result<T, Error>) -> Result<T, Error> {
        work(Setup { hub: &self.hub })
    }

    /// Brings every figure up to date with the entries.
    ///
    /// # Errors
    /// If the database is not available.
    pub fn sum_up(&self) -> Result<(), Error> {
        figures::sum_up_stale(&self.hub)
    }

    /// Computes every figure again from the entries and says where they differ.
    ///
    /// # Errors
    /// If the database can't be read.
    pub fn verify(&self) -> Result<Verification, Error> {
        self.sum_up()?;
        verify::verify(&self.hub)
    }
}

/// As a server does every some seconds: an older copy of the database, put in its place, is then
/// known for one.
impl Drop for Local {
    fn drop(&mut self) {
        self.run.note(&self.hub);
    }
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use ketuk_wire::{PROTOCOL, PROTOCOL_HEADER};

    use super::*;

    #[test]
    fn a_call_is_answered_by_the_same_routes_as_a_connection() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::Sqlite(folder.path().to_owned());
        let server = Local::open(&store, Clock::system()).unwrap();
        let request = Request::post("/v1/sync").body(Bytes::new()).unwrap();
        let answer = server.call(request).unwrap();
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(answer.headers()[PROTOCOL_HEADER], PROTOCOL);
        let request = Request::get("/sign-in").body(Bytes::new()).unwrap();
        let page = server.call(request).unwrap();
        assert_eq!(page.status(), StatusCode::OK);
        assert!(page.body().starts_with(b"<!DOCTYPE html>"));
        assert_eq!(server.verify().unwrap().differences, Vec::<String>::new());
    }

    #[test]
    fn the_folder_of_one_is_not_opened_by_another() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::Sqlite(folder.path().to_owned());
        let first = Local::open(&store, Clock::system()).unwrap();
        assert!(matches!(
            Local::open(&store, Clock::system()),
            Err(Error::Folder { .. })
        ));
        drop(first);
        Local::open(&store, Clock::system()).unwrap();
    }
}
