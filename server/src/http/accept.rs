//! Taking connections until told to stop, then letting what runs finish.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::Request;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use ketuk_wire::{PROTOCOL, PROTOCOL_HEADER};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::{sleep, timeout};
use tokio_io_timeout::TimeoutStream;
use tower::ServiceExt as _;

/// Who is at the other end; put on every request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) SocketAddr);

/// Connections at once. An idle one costs some kilobytes.
const MOST: usize = 4096;

/// Connections beyond these that are told so at once. Whoever comes on top finds the door shut.
const MOST_TURNED_AWAY: usize = 256;

/// How long a client may take to send its headers, or hold an idle connection open. On the slowest
/// link a phone's headers take a second.
const HEADERS: Duration = Duration::from_secs(15);

/// The most that is read of headers.
const MAX_HEADERS: usize = 16 << 10;

/// How long a client may read nothing of its answer. On the slowest link some of it goes each second.
const READING: Duration = Duration::from_secs(60);

/// How long requests have to finish when the server stops.
const FINISH: Duration = Duration::from_secs(10);

/// How long somebody who is turned away has to hear it.
const FAREWELL: Duration = Duration::from_secs(2);

/// Serves `router` until `stopping` becomes true.
///
/// Not `axum::serve`, which waits for ever for a client that never sends its headers.
pub(crate) async fn accept(listener: TcpListener, router: Router, stopping: watch::Receiver<bool>) {
    accept_at_most(MOST, listener, router, stopping).await;
}

async fn accept_at_most(
    most: usize,
    listener: TcpListener,
    router: Router,
    mut stopping: watch::Receiver<bool>,
) {
    let connections = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(most));
    let turned_away = Arc::new(Semaphore::new(MOST_TURNED_AWAY));
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stopping.wait_for(|stop| *stop) => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file handles, most likely; the connections that there are will free some.
                tracing::warn!(%error, "a connection could not be taken");
                sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let Ok(place) = places.clone().try_acquire_owned() else {
            if let Ok(held) = turned_away.clone().try_acquire_owned() {
                tokio::spawn(async move {
                    let _ = timeout(FAREWELL, turn_away(stream)).await;
                    drop(held);
                });
            }
            continue;
        };
        // Answers are small and waited for.
        let _ = stream.set_nodelay(true);
        let service =
            router
                .clone()
                .map_request(move |mut request: Request<hyper::body::Incoming>| {
                    request.extensions_mut().insert(Peer(peer));
                    request
                });
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(READING));
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADERS)
            .max_header_size(MAX_HEADERS)
            .serve_connection(
                TokioIo::new(Box::pin(stream)),
                TowerToHyperService::new(service),
            );
        let watched = connections.watch(connection);
        tokio::spawn(async move {
            // A client that hangs up in the middle is everyday life in the field.
            let _ = watched.await;
            drop(place);
        });
    }
    drop(listener);
    if timeout(FINISH, connections.shutdown()).await.is_err() {
        tracing::warn!("some requests did not finish in time; phones will send them again");
    }
}

/// Says when to come back, without waiting for what is asked.
async fn turn_away(mut stream: TcpStream) -> std::io::Result<()> {
    let answer = format!(
        "HTTP/1.1 503 Service Unavailable\r\n{PROTOCOL_HEADER}: {PROTOCOL}\r\nretry-after: 5\r\n\
         content-length: 0\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(answer.as_bytes()).await?;
    stream.shutdown().await?;
    // Closed with something unread, the connection would be reset, and the answer lost.
    let mut rest = [0; 1024];
    while stream.read(&mut rest).await? > 0 {}
    Ok(())
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::time::Instant;

    use super::*;

    /// A server of two places that answers with a letter, or with more than waits on any way.
    async fn small() -> (SocketAddr, watch::Sender<bool>) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new()
            .route("/", get(async || "a"))
            .route("/long", get(async || "a".repeat(64 << 20)));
        let (stop, stopping) = watch::channel(false);
        tokio::spawn(accept_at_most(2, listener, router, stopping));
        (address, stop)
    }

    async fn ask(stream: &mut TcpStream, what: &str) -> String {
        stream.write_all(what.as_bytes()).await.unwrap();
        let mut said = vec![0; 1000];
        let read = stream.read(&mut said).await.unwrap();
        String::from_utf8_lossy(&said[..read]).into_owned()
    }

    const ASK: &str = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";

    #[tokio::test]
    async fn who_comes_when_all_places_are_taken_is_told_when_to_come_back() {
        let (address, _stop) = small().await;
        let mut held = Vec::new();
        for _ in 0..2 {
            let mut stream = TcpStream::connect(address).await.unwrap();
            assert!(ask(&mut stream, ASK).await.starts_with("HTTP/1.1 200"));
            held.push(stream);
        }
        let mut third = TcpStream::connect(address).await.unwrap();
        let said = ask(&mut third, ASK).await;
        assert!(said.starts_with("HTTP/1.1 503"), "{said}");
        assert!(said.contains("retry-after: 5\r\n") && said.contains("ketuk-protocol: 1\r\n"));
        // Who is in goes on, and a place that is left is anybody's.
        assert!(ask(&mut held[0], ASK).await.starts_with("HTTP/1.1 200"));
        drop(held);
        loop {
            let mut next = TcpStream::connect(address).await.unwrap();
            if ask(&mut next, ASK).await.starts_with("HTTP/1.1 200") {
                break;
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_takes_an_age_over_the_headers_loses_the_place() {
        let (address, _stop) = small().await;
        for word in ["", "GET / HT", "GET / HTTP/1.1\r\nhost: a\r\n"] {
            let begun = Instant::now();
            let mut stream = TcpStream::connect(address).await.unwrap();
            let said = ask(&mut stream, word).await;
            assert!(
                said.is_empty() || said.starts_with("HTTP/1.1 408"),
                "{said}"
            );
            assert!(begun.elapsed() < HEADERS * 2);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_reads_nothing_of_the_answer_loses_the_place() {
        let (address, _stop) = small().await;
        let mut silent = Vec::new();
        for _ in 0..2 {
            let mut stream = TcpStream::connect(address).await.unwrap();
            let ask = b"GET /long HTTP/1.1\r\nhost: a\r\n\r\n";
            stream.write_all(ask).await.unwrap();
            // It is being answered.
            stream.read_exact(&mut [0; 12]).await.unwrap();
            silent.push(stream);
        }
        let begun = Instant::now();
        loop {
            let mut next = TcpStream::connect(address).await.unwrap();
            if next.write_all(ASK.as_bytes()).await.is_ok() {
                let mut said = [0; 12];
                if next.read_exact(&mut said).await.is_ok() && said.ends_with(b"200") {
                    break;
                }
            }
            assert!(begun.elapsed() < READING * 3, "they hold their places");
            tokio::time::advance(Duration::from_secs(1)).await;
        }
        assert!(begun.elapsed() >= READING, "a slow reader has its time");
    }
}
