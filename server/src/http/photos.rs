//! Photos: how far one has come, and its next part.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use ketuk_wire::{MAX_BLOB, Sha256, UPLOAD_LENGTH, UPLOAD_OFFSET};

use super::App;
use super::api::known;
use super::body::Paced;
use super::refusal::Refuse;
use crate::Error;
use crate::photos::{self, Step};

/// Bytes of a photo that are held in memory, and written at a time: what a cut costs at most.
const PIECE: usize = 256 << 10;

/// `HEAD /v1/blobs/{sha256}`.
pub(super) async fn come(
    State(app): State<Arc<App>>,
    Path(sha256): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refuse> {
    known(&app, &headers).await?;
    let sha256: Sha256 = sha256.parse().map_err(|_| Refuse::NotFound)?;
    let hub = app.hub.clone();
    let step = app.gate.run(move || photos::come(&hub.db, sha256)).await?;
    answer(step, StatusCode::OK)
}

/// `PATCH /v1/blobs/{sha256}`.
pub(super) async fn add(
    State(app): State<Arc<App>>,
    Path(sha256): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refuse> {
    known(&app, &headers).await?;
    let sha256: Sha256 = sha256.parse().map_err(|_| Refuse::NotFound)?;
    let number = |name: &'static str| -> Result<u64, Refuse> {
        let text = headers.get(name).and_then(|value| value.to_str().ok());
        text.and_then(|text| text.parse().ok())
            .ok_or(Refuse::BadRequest)
    };
    let part = Part {
        sha256,
        bytes: number(UPLOAD_LENGTH)?,
        first: number(UPLOAD_OFFSET)?,
    };
    if part.bytes > u64::from(MAX_BLOB) {
        return Err(Refuse::PhotoTooLarge);
    }
    // By itself, since this is given up when the link is cut, and what came until then is to stay.
    let received = tokio::spawn(part.receive(app, body)).await;
    answer(received.map_err(Error::internal)??, StatusCode::NO_CONTENT)
}

#[derive(Clone, Copy)]
struct Part {
    sha256: Sha256,
    /// Of the whole photo.
    bytes: u64,
    first: u64,
}

impl Part {
    /// Writes what comes as it comes.
    async fn receive(self, app: Arc<App>, body: Body) -> Result<Step, Refuse> {
        let _held = app.memory.hold(PIECE)?;
        let mut body = Paced::new(body);
        let (mut at, mut piece) = (self.first, Vec::new());
        loop {
            let came = body.next().await;
            if let Ok(Some(bytes)) = &came {
                piece.extend_from_slice(bytes);
                if piece.len() < PIECE {
                    continue;
                }
            }
            let (hub, Part { sha256, bytes, .. }) = (app.hub.clone(), self);
            let content = std::mem::take(&mut piece);
            let added = app
                .gate
                .run(move || photos::add(&hub.db, sha256, bytes, at, &content));
            match (added.await?, came?) {
                (Step::Here(here), Some(_)) => at = here,
                (step, _) => return Ok(step),
            }
        }
    }
}

fn answer(step: Step, good: StatusCode) -> Result<Response, Refuse> {
    let offset = HeaderName::from_static(UPLOAD_OFFSET);
    match step {
        Step::Here(at) => Ok((good, [(offset, at.to_string())]).into_response()),
        Step::Elsewhere(at) => Err(Refuse::Offset(at)),
        Step::Unnamed => Err(Refuse::NotFound),
        Step::Wrong => Err(Refuse::WrongPhoto),
    }
}
