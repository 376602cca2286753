//! The office's pages: HTML that works without a script, and one small script for what moves.

mod area;
mod assets;
mod chart;
mod fault;
mod handover;
mod lang;
mod live;
mod look;
mod page;
mod receipt;
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

use crate::handover::MAX_PARCEL;
use crate::http::App;

/// The largest form of a page but for files: a receipt's text.
const MAX_FORM: usize = 8 << 10;

/// What a form has around a file.
const AROUND_A_FILE: usize = 4 << 10;

/// A page comes within this or not at all.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long a file may take.
const PATIENCE_WITH_FILES: Duration = Duration::from_secs(300);

pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/", get(area::home))
        .route("/area/{code}", get(area::show))
        .route("/area/{code}/look", get(look::show))
        .route("/sign-in", get(session::form).post(session::sign_in))
        .route("/sign-out", post(session::sign_out))
        .route("/language/{code}", get(lang::choose))
        .route(receipt::PATH, get(receipt::form).post(receipt::check))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::REQUEST_TIMEOUT,
            PATIENCE,
        ))
        .layer(DefaultBodyLimit::max(MAX_FORM))
        .merge(files())
        .route("/live", get(live::events))
        .merge(assets::routes())
        .fallback(fault::not_found)
}

/// Where files are brought.
fn files() -> Router<Arc<App>> {
    Router::new()
        .route(handover::PATH, get(handover::form).post(handover::upload))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::REQUEST_TIMEOUT,
            PATIENCE_WITH_FILES,
        ))
        .layer(DefaultBodyLimit::max(MAX_PARCEL + AROUND_A_FILE))
}
