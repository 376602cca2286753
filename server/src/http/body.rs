//! Reading what is sent, within bounds of size and patience.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_LENGTH;
use futures_util::StreamExt as _;
use tokio::time::timeout;

use super::refusal::Refuse;

/// The largest body: four times the largest batch of a phone.
pub(super) const MAX_BODY: usize = 1 << 20;

/// How long a sender may pause. A slow link pauses for seconds, a dead one for ever.
const PAUSE: Duration = Duration::from_secs(30);

/// How long a body may take in all: 1 MiB at 30 kbit/s.
const WHOLE: Duration = Duration::from_secs(300);

/// Reads a body to its end.
pub(super) async fn read(headers: &HeaderMap, body: Body) -> Result<Bytes, Refuse> {
    let announced = headers
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > MAX_BODY as u64) {
        return Err(Refuse::TooLarge);
    }
    timeout(WHOLE, gather(body, PAUSE))
        .await
        .unwrap_or(Err(Refuse::Slow))
}

async fn gather(body: Body, pause: Duration) -> Result<Bytes, Refuse> {
    let mut parts = body.into_data_stream();
    let mut whole = Vec::new();
    loop {
        match timeout(pause, parts.next()).await {
            Err(_) => return Err(Refuse::Slow),
            Ok(None) => return Ok(whole.into()),
            Ok(Some(Err(_))) => return Err(Refuse::BadRequest),
            Ok(Some(Ok(part))) => {
                if whole.len() + part.len() > MAX_BODY {
                    return Err(Refuse::TooLarge);
                }
                whole.extend_from_slice(&part);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::stream;

    use super::*;

    fn parts(parts: Vec<Bytes>) -> Body {
        Body::from_stream(stream::iter(parts.into_iter().map(Ok::<_, std::io::Error>)))
    }

    #[tokio::test]
    async fn a_body_that_grows_beyond_the_limit_is_refused_whatever_it_announced() {
        let large = vec![Bytes::from(vec![0; MAX_BODY / 2 + 1]); 2];
        let refused = read(&HeaderMap::new(), parts(large)).await;
        assert!(matches!(refused, Err(Refuse::TooLarge)));
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_LENGTH, "99999999999".parse().unwrap());
        let refused = read(&headers, parts(vec![])).await;
        assert!(matches!(refused, Err(Refuse::TooLarge)));
    }

    #[tokio::test]
    async fn a_sender_that_stops_is_not_waited_for() {
        let stopped = Body::from_stream(stream::pending::<Result<Bytes, std::io::Error>>());
        let refused = gather(stopped, Duration::from_millis(5)).await;
        assert!(matches!(refused, Err(Refuse::Slow)));
    }
}
