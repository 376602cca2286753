//! The office's pages: HTML that works without a script, and one small script for what moves.

mod area;
mod assets;
mod chart;
mod fault;
mod lang;
mod live;
mod page;
mod session;
mod table;
mod village;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::routing::{get, post};
use std::time::Duration;
use tower_http::timeout::TimeoutLayer;

pub(crate) use fault::url_encoded;
pub(crate) use session::first_account;

use crate::http::App;

/// A page's form is a name and a password.
const MAX_FORM: usize = 4 << 10;

/// A page comes within this or not at all.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/", get(area::home))
        .route("/area/{code}", get(area::show))
        .route("/sign-in", get(session::form).post(session::sign_in))
        .route("/sign-out", post(session::sign_out))
        .route("/language/{code}", get(lang::choose))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::REQUEST_TIMEOUT,
            PATIENCE,
        ))
        .layer(DefaultBodyLimit::max(MAX_FORM))
        .route("/live", get(live::events))
        .merge(assets::routes())
        .fallback(fault::not_found)
}
