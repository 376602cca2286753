//! The few files beside the pages, named by their content so that a browser keeps them.

use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::IntoResponse;
use axum::routing::get;
use ketuk_wire::Sha256;

use crate::http::App;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("live.js");
const ICON: &str = include_str!("icon.svg");

/// Paths of the files.
pub(super) struct Assets {
    pub(super) style: String,
    pub(super) script: String,
    pub(super) icon: String,
}

pub(super) static ASSETS: LazyLock<Assets> = LazyLock::new(|| {
    let named = |stem: &str, content: &str, ending: &str| {
        let digest = Sha256::of(content.as_bytes()).to_string();
        format!("/{stem}-{}.{ending}", &digest[..12])
    };
    Assets {
        style: named("style", STYLE, "css"),
        script: named("live", SCRIPT, "js"),
        icon: named("icon", ICON, "svg"),
    }
});

pub(super) fn routes() -> Router<Arc<App>> {
    let serve = |kind: &'static str, content: &'static str| {
        get(async move || {
            let headers = [
                (CONTENT_TYPE, kind),
                (CACHE_CONTROL, "public, max-age=31536000, immutable"),
            ];
            (headers, content).into_response()
        })
    };
    Router::new()
        .route(&ASSETS.style, serve("text/css; charset=utf-8", STYLE))
        .route(
            &ASSETS.script,
            serve("text/javascript; charset=utf-8", SCRIPT),
        )
        .route(&ASSETS.icon, serve("image/svg+xml", ICON))
}
