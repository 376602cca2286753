//! What phones ask.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use axum::body::Body;
use axum::extract::{Extension, Path, State};
use axum::http::header::{
    ACCEPT_RANGES, AUTHORIZATION, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_RANGE, CONTENT_TYPE,
    RANGE,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, head, post};
use axum::{Json, Router};
use bytes::Bytes;
use ketuk_wire::{
    DecodeFault, EnrolRequest, EnrolResponse, Limits, MAX_BLOB, RecoverRequest, Sha256,
    SyncRequest, SyncResponse, decode, encode,
};
use serde::de::DeserializeOwned;

use super::refusal::Refuse;
use super::{App, Peer, body, photos as photo_parts};
use crate::Error;
use crate::enrol::{self, Caller, Enrolment};
use crate::handover::{self, MAX_PARCEL};
use crate::hub::Hub;
use crate::ingest::{self, Phone, Word};
use crate::photos;
use crate::pull::{self, BadCursor};

/// Entries taken with one request.
const MAX_OPS: usize = 500;

/// Bytes a request that phones are asked to keep to. They stay well below it by themselves.
const MAX_BYTES: u32 = 256 << 10;

/// Photos asked for in one answer. A phone sends new ones unasked; these are lost here, or there.
const MOST_WANTED: usize = 20;

/// As many as leave the answer small that most syncs get: nothing is new.
const MOST_WANTED_OF_NO_NEWS: usize = 3;

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/enrol", post(enrol))
        .route("/recover", post(recover))
        .route("/sync", post(sync))
        .route("/forms/{sha256}", get(form))
        .route(
            "/blobs/{sha256}",
            head(photo_parts::come).patch(photo_parts::add),
        )
        .route("/handover", post(hand_over))
        .fallback(async || Refuse::NotFound)
}

/// Who sent a message with a code in it, and the message. Whoever guesses codes is made to wait.
async fn with_a_code<T: DeserializeOwned>(
    app: &App,
    peer: SocketAddr,
    headers: &HeaderMap,
    body: Body,
) -> Result<(String, T), Refuse> {
    let who = peer.ip().to_string();
    app.codes
        .count(&who, Instant::now())
        .map_err(Refuse::TooMany)?;
    let body = body::read(&app.memory, headers, body, body::MAX_WORD).await?;
    Ok((who, message(&body, is_zstd(headers))?))
}

async fn enrol(
    State(app): State<Arc<App>>,
    Extension(Peer(peer)): Extension<Peer>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refuse> {
    let (who, request): (_, EnrolRequest) = with_a_code(&app, peer, &headers, body).await?;
    let hub = app.hub.clone();
    let enrolled = app.gate.run(move || enrol::enrol(&hub, &request)).await?;
    let welcome = welcomed(enrolled)?;
    app.codes.forgive(&who);
    tracing::info!("a phone was enrolled");
    if is_zstd(&headers) {
        Ok(zstd(encode(&welcome).map_err(Error::internal)?))
    } else {
        Ok(Json(welcome).into_response())
    }
}

fn welcomed(enrolled: Enrolment) -> Result<Box<EnrolResponse>, Refuse> {
    match enrolled {
        Enrolment::Unknown => Err(Refuse::NotFound),
        Enrolment::Spent => Err(Refuse::CodeSpent),
        Enrolment::OtherCadre => Err(Refuse::OtherCadre),
        Enrolment::Welcome(welcome) => Ok(welcome),
    }
}

async fn recover(
    State(app): State<Arc<App>>,
    Extension(Peer(peer)): Extension<Peer>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refuse> {
    let (who, request): (_, RecoverRequest) = with_a_code(&app, peer, &headers, body).await?;
    let hub = app.hub.clone();
    match app.gate.run(move || enrol::recover(&hub, request)).await? {
        Ok(recovered) => {
            app.codes.forgive(&who);
            tracing::info!("a phone's key was opened");
            Ok(zstd(encode(&recovered).map_err(Error::internal)?))
        }
        Err(refused) => Err(welcomed(refused).err().unwrap_or(Refuse::Fault)),
    }
}

async fn sync(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refuse> {
    // Before the body, which only a phone of the campaign has read at the server's cost.
    known(&app, &headers).await?;
    let body = body::read(&app.memory, &headers, body, body::MAX_BODY).await?;
    let (hub, packed) = (app.hub.clone(), is_zstd(&headers));
    let token = bearer(&headers).ok_or(Refuse::SignIn)?;
    let answered = app
        .gate
        .run(move || {
            // And after it, which on a slow link is a while later.
            let answered =
                who(&hub, &token).and_then(|phone| answer_sync(&hub, &phone, &body, packed));
            Ok(answered)
        })
        .await??;
    Ok(zstd(answered))
}

fn answer_sync(hub: &Hub, phone: &Phone, body: &Bytes, packed: bool) -> Result<Vec<u8>, Refuse> {
    let request: SyncRequest = message(body, packed)?;
    if request.ops.len() > MAX_OPS {
        return Err(Refuse::TooLarge);
    }
    let word = Word {
        app: enrol::brief(&request.app),
        clock: request.clock.now,
        outgoing: request.outgoing,
    };
    let taken = ingest::take(hub, phone, &word, &request.ops, hub.clock.now())?;
    let page = match &request.pull {
        // A phone that was put back starts its pull over.
        _ if taken.put_back => None,
        None => None,
        Some(asked) => match pull::page(hub, phone, asked)? {
            Ok(page) => Some(page),
            // What was sent along is durable all the same; sent again, it gets its answer.
            Err(BadCursor) => return Err(Refuse::Cursor),
        },
    };
    let wanted = if phone.has_photos || request.ops.iter().any(|op| !op.blobs.is_empty()) {
        let most = if request.ops.is_empty() {
            MOST_WANTED_OF_NO_NEWS
        } else {
            MOST_WANTED
        };
        photos::wanted(&hub.db, phone.device, most)?
    } else {
        Vec::new()
    };
    let response = SyncResponse {
        server_time: hub.clock.now(),
        received: taken.received,
        high_seq: taken.high_seq,
        put_back: taken.put_back,
        acks: taken.acks,
        signature: taken.signature,
        troubles: taken.troubles,
        wanted,
        pull: page,
        limits: Limits {
            max_ops: MAX_OPS as u32,
            max_bytes: MAX_BYTES,
            max_blob: MAX_BLOB,
        },
    };
    Ok(encode(&response).map_err(Error::internal)?)
}

async fn hand_over(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refuse> {
    known(&app, &headers).await?;
    let sealed = body::read(&app.memory, &headers, body, MAX_PARCEL).await?;
    let hub = app.hub.clone();
    let token = bearer(&headers).ok_or(Refuse::SignIn)?;
    let answer = app
        .gate
        .run(move || Ok(who(&hub, &token).map(|_| handover::take(&hub, &sealed))))
        .await???;
    Ok(zstd(encode(&answer.answer).map_err(Error::internal)?))
}

async fn form(
    State(app): State<Arc<App>>,
    Path(sha256): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refuse> {
    known(&app, &headers).await?;
    let sha256: Sha256 = sha256.parse().map_err(|_| Refuse::NotFound)?;
    let questionnaire = app.hub.forms.by_digest(sha256).ok_or(Refuse::NotFound)?;
    let bytes = &questionnaire.bytes;
    let about = [
        (CONTENT_TYPE, "application/json"),
        // Named by its content, so it never changes.
        (CACHE_CONTROL, "private, max-age=31536000, immutable"),
        (ACCEPT_RANGES, "bytes"),
    ];
    Ok(match Part::asked(&headers, bytes.len()) {
        Part::Whole => (about, bytes.clone()).into_response(),
        Part::Some(first, last) => {
            let range = format!("bytes {first}-{last}/{}", bytes.len());
            let part = bytes.slice(first..=last);
            (
                StatusCode::PARTIAL_CONTENT,
                about,
                [(CONTENT_RANGE, range)],
                part,
            )
                .into_response()
        }
        Part::Beyond => {
            let range = format!("bytes */{}", bytes.len());
            (StatusCode::RANGE_NOT_SATISFIABLE, [(CONTENT_RANGE, range)]).into_response()
        }
    })
}

/// Which bytes of a file a phone asks for: on a bad link it takes a questionnaire in parts.
#[derive(Debug, PartialEq, Eq)]
enum Part {
    Whole,
    /// From the first to the last, both included and there.
    Some(usize, usize),
    /// Bytes after the end.
    Beyond,
}

impl Part {
    /// By the header `Range: bytes=0-8191`. Anything else in it asks for the whole, which HTTP
    /// allows.
    fn asked(headers: &HeaderMap, length: usize) -> Part {
        let range = headers.get(RANGE).and_then(|value| value.to_str().ok());
        let range = range.and_then(|range| range.strip_prefix("bytes=")?.split_once('-'));
        let Some((Ok(first), last)) = range.map(|(first, last)| (first.parse(), last)) else {
            return Part::Whole;
        };
        let end = length.saturating_sub(1);
        let last = match last {
            "" => end,
            last => match last.parse::<usize>() {
                Ok(last) if last >= first => last.min(end),
                _ => return Part::Whole,
            },
        };
        if first < length {
            Part::Some(first, last)
        } else {
            Part::Beyond
        }
    }
}

/// That a phone of the campaign asks.
pub(super) async fn known(app: &App, headers: &HeaderMap) -> Result<(), Refuse> {
    let token = bearer(headers).ok_or(Refuse::SignIn)?;
    let hub = app.hub.clone();
    app.gate
        .run(move || Ok(who(&hub, &token).map(drop)))
        .await?
}

fn who(hub: &Hub, token: &str) -> Result<Phone, Refuse> {
    match enrol::caller(hub, token)? {
        Caller::Known(phone) => Ok(phone),
        Caller::Revoked => Err(Refuse::Revoked),
        Caller::Unknown => Err(Refuse::SignIn),
    }
}

fn bearer(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| token.trim().to_owned())
}

fn is_zstd(headers: &HeaderMap) -> bool {
    headers
        .get(CONTENT_ENCODING)
        .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"zstd"))
}

/// A message, packed or, which is handy at a command line, as plain JSON.
fn message<T: DeserializeOwned>(body: &[u8], packed: bool) -> Result<T, Refuse> {
    if !packed {
        return serde_json::from_slice(body).map_err(|_| Refuse::BadRequest);
    }
    decode(body).map_err(|fault| match fault {
        DecodeFault::TooLarge => Refuse::TooLarge,
        DecodeFault::Compression | DecodeFault::Shape { .. } => Refuse::BadRequest,
    })
}

fn zstd(body: Vec<u8>) -> Response {
    let headers = [(CONTENT_ENCODING, HeaderValue::from_static("zstd"))];
    let mut response = (headers, body).into_response();
    // The phone knows what it asked for, and each byte costs.
    response.headers_mut().remove(CONTENT_TYPE);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_given_in_the_parts_that_are_asked_for() {
        let asked = |range: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(RANGE, range.parse().unwrap());
            Part::asked(&headers, 100)
        };
        assert_eq!(Part::asked(&HeaderMap::new(), 100), Part::Whole);
        assert_eq!(asked("bytes=0-49"), Part::Some(0, 49));
        assert_eq!(asked("bytes=50-4000"), Part::Some(50, 99));
        assert_eq!(asked("bytes=99-"), Part::Some(99, 99));
        assert_eq!(asked("bytes=100-200"), Part::Beyond);
        for odd in [
            "bytes=7-3",
            "bytes=-5",
            "bytes=a-b",
            "lines=1-2",
            "bytes=0-1,3-4",
        ] {
            assert_eq!(asked(odd), Part::Whole, "{odd}");
        }
        assert_eq!(
            asked("bytes=0-99999999999999999999999"),
            Part::Whole,
            "no number of ours"
        );
    }
}
