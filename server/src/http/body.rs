//! Reading what is sent, within bounds of size and patience.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, BodyDataStream, Bytes};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_LENGTH;
use futures_util::StreamExt as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};

use super::refusal::Refuse;

/// The largest body of a sync: four times what phones are asked to keep to.
pub(super) const MAX_BODY: usize = 1 << 20;

/// The largest of a message that says a word or two.
pub(super) const MAX_WORD: usize = 4 << 10;

/// How long a sender may pause. A slow link pauses for seconds, a dead one for ever.
const PAUSE: Duration = Duration::from_secs(30);

/// Bytes a second that a sender keeps up in the long run: a third of the slowest link on which a
/// phone is of any use.
const PACE: u64 = 400;

/// Bytes of bodies that are held while the rest of them comes, of all senders together.
const MOST_HELD: usize = 256 << 20;

/// The memory that bodies on their way may take up, in kilobytes: a thousand senders of a large body
/// each are too many, a thousand of a small one are not.
pub(crate) struct Memory(Arc<Semaphore>);

impl Memory {
    pub(super) fn new() -> Memory {
        Memory(Arc::new(Semaphore::new(MOST_HELD >> 10)))
    }

    /// Sets memory for a body aside, until what this returns is dropped.
    pub(super) fn hold(&self, bytes: usize) -> Result<OwnedSemaphorePermit, Refuse> {
        let kilobytes = u32::try_from(bytes.div_ceil(1 << 10)).map_err(|_| Refuse::TooLarge)?;
        let held = self.0.clone().try_acquire_many_owned(kilobytes);
        held.map_err(|_| Refuse::Busy)
    }
}

/// Reads a body of at most `most` bytes to its end.
pub(super) async fn read(
    memory: &Memory,
    headers: &HeaderMap,
    body: Body,
    most: usize,
) -> Result<Bytes, Refuse> {
    let announced = headers
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > most as u64) {
        return Err(Refuse::TooLarge);
    }
    let _held = memory.hold(announced.map_or(most, |length| length as usize))?;
    let mut body = Paced::new(body);
    let mut whole = Vec::new();
    while let Some(part) = body.next().await? {
        if whole.len() + part.len() > most {
            return Err(Refuse::TooLarge);
        }
        whole.extend_from_slice(&part);
    }
    Ok(whole.into())
}

/// A body that comes at a bearable pace or not at all: a thousand senders of a byte a second would
/// hold a server's connections for the price of none.
pub(super) struct Paced {
    parts: BodyDataStream,
    begun: Instant,
    came: u64,
}

impl Paced {
    pub(super) fn new(body: Body) -> Paced {
        Paced {
            parts: body.into_data_stream(),
            begun: Instant::now(),
            came: 0,
        }
    }

    /// The next bytes; `None` at the end.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, Refuse> {
        let by_now = self.begun + PAUSE + Duration::from_secs(self.came / PACE);
        let patience = by_now.min(Instant::now() + PAUSE);
        match timeout_at(patience, self.parts.next()).await {
            Err(_) => Err(Refuse::Slow),
            Ok(None) => Ok(None),
            Ok(Some(Err(_))) => Err(Refuse::BadRequest),
            Ok(Some(Ok(part))) => {
                self.came += part.len() as u64;
                Ok(Some(part))
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
        let memory = Memory::new();
        let refused = read(&memory, &HeaderMap::new(), parts(large), MAX_BODY).await;
        assert!(matches!(refused, Err(Refuse::TooLarge)));
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_LENGTH, "99999999999".parse().unwrap());
        let refused = read(&memory, &headers, parts(vec![]), MAX_BODY).await;
        assert!(matches!(refused, Err(Refuse::TooLarge)));
    }

    /// A sender of `size` bytes a second, for ever.
    fn slow(size: usize) -> Body {
        Body::from_stream(stream::unfold((), move |()| async move {
            tokio::time::sleep(Duration::from_secs(1)).await;
            Some((Ok::<_, std::io::Error>(Bytes::from(vec![7; size])), ()))
        }))
    }

    async fn patience_with(body: Body) -> (Result<Bytes, Refuse>, Duration) {
        let begun = Instant::now();
        let read = read(&Memory::new(), &HeaderMap::new(), body, MAX_BODY).await;
        (read, begun.elapsed())
    }

    #[tokio::test]
    async fn when_many_large_bodies_are_on_their_way_one_more_is_told_to_come_back() {
        let memory = Memory::new();
        let others = memory.hold(MOST_HELD - 1024).unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_LENGTH, "2000".parse().unwrap());
        let body = || parts(vec![Bytes::from(vec![7; 2000])]);
        let refused = read(&memory, &headers, body(), MAX_BODY).await;
        assert!(matches!(refused, Err(Refuse::Busy)));
        drop(others);
        assert!(read(&memory, &headers, body(), MAX_BODY).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_sender_that_stops_is_not_waited_for() {
        let stopped = Body::from_stream(stream::pending::<Result<Bytes, std::io::Error>>());
        let (read, waited) = patience_with(stopped).await;
        assert!(matches!(read, Err(Refuse::Slow)));
        assert!(waited < PAUSE * 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_byte_a_second_is_no_pace() {
        let (read, waited) = patience_with(slow(1)).await;
        assert!(matches!(read, Err(Refuse::Slow)));
        assert!(waited < PAUSE * 2, "{waited:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn the_slowest_link_of_use_is_borne_with() {
        let (read, _) = patience_with(slow(3 * PACE as usize)).await;
        assert!(matches!(read, Err(Refuse::TooLarge)), "to the limit");
    }
}
