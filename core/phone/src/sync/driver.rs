//! The one place that knows HTTP.

use std::error::Error as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::stream;
use reqwest::Url;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use tokio::runtime::Runtime;
use tokio::sync::watch;
use tokio::time::sleep;

use super::answer::{Failure, Response};
use super::engine::{Engine, Request, Step};
use super::{SyncEvent, SyncReport};
use crate::clock::Clock;
use crate::error::{Error, LinkFault, Result};

const CONNECT: Duration = Duration::from_secs(15);

/// How long nothing may move. There is no limit on the whole: a slow link that moves is a link.
const SILENCE: Duration = Duration::from_secs(20);

/// What is sent between two looks at whether anything moves.
const CHUNK: usize = 4 << 10;

/// Larger than any answer of ours, compressed.
const LARGEST_ANSWER: usize = ketuk_wire::MAX_DECOMPRESSED;

/// Stops a run from outside, at any moment. Made for one run.
#[derive(Debug, Clone)]
pub struct SyncCancel(Arc<watch::Sender<bool>>);

impl SyncCancel {
    /// One that was not used yet.
    pub fn new() -> SyncCancel {
        SyncCancel(Arc::new(watch::Sender::new(false)))
    }

    /// Stops the run. What is under way may still arrive, and will then be recognised.
    pub fn cancel(&self) {
        self.0.send_replace(true);
    }

    async fn cancelled(&self) {
        // Only errs once the sender is gone, which self holds.
        let _ = self.0.subscribe().wait_for(|cancelled| *cancelled).await;
    }
}

impl Default for SyncCancel {
    fn default() -> SyncCancel {
        SyncCancel::new()
    }
}

/// Whom the phone trusts to be the server.
#[derive(Debug, Clone, Default)]
pub(crate) struct Trusted {
    /// An office's own authority, in PEM, beside those that browsers trust.
    pub(crate) authority: Option<Vec<u8>>,
}

/// The address as it is kept: with its scheme, without a slash at the end. Plain http is for a
/// server on the same machine, unless it was allowed.
pub(crate) fn address(typed: &str, plain: bool) -> Result<String> {
    const FAULT: Error = Error::Input("a server's address reads https://ketuk.example.id");
    let typed = typed.trim().trim_end_matches('/');
    let typed = if typed.contains("://") {
        typed.to_owned()
    } else {
        format!("https://{typed}")
    };
    let url = Url::parse(&typed).map_err(|_| FAULT)?;
    let host = url.host_str().ok_or(FAULT)?;
    let here = host == "localhost" || host == "[::1]" || host.starts_with("127.");
    match url.scheme() {
        "https" => Ok(typed),
        "http" if here || plain => Ok(typed),
        "http" => Err(Error::Link(LinkFault::Plain)),
        _ => Err(FAULT),
    }
}

/// One connection to the server, kept open for a run.
pub(crate) struct Driver {
    runtime: Runtime,
    client: reqwest::Client,
    server: String,
}

impl Driver {
    pub(crate) fn new(server: &str, trusted: &Trusted) -> Result<Driver> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls(trusted)?)
            .user_agent(concat!("ketuk/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT)
            .pool_max_idle_per_host(1)
            .no_proxy()
            .build()
            .map_err(|_| Error::Link(LinkFault::Unreachable))?;
        Ok(Driver {
            runtime,
            client,
            server: server.to_owned(),
        })
    }

    /// Runs the engine to its end.
    pub(crate) fn run(
        self,
        engine: &mut Engine,
        clock: &dyn Clock,
        cancel: &SyncCancel,
        observe: &mut dyn FnMut(SyncEvent),
    ) -> Result<SyncReport> {
        let report = self.runtime.block_on(async {
            loop {
                let step = engine.poll(clock.now())?;
                engine.take_events().into_iter().for_each(&mut *observe);
                match step {
                    Step::Done(report) => return Ok(report),
                    Step::Wait(until) => {
                        let wait = until.saturating_sub(clock.now().steady);
                        tokio::select! {
                            () = sleep(wait) => {}
                            () = cancel.cancelled() => engine.cancel(),
                        }
                    }
                    Step::Send(request) => tokio::select! {
                        biased;
                        () = cancel.cancelled() => engine.cancel(),
                        answer = self.exchange(request) => match answer {
                            Ok(response) => engine.received(clock.now(), &response)?,
                            Err(failure) => engine.failed(clock.now(), failure),
                        },
                    },
                }
                engine.take_events().into_iter().for_each(&mut *observe);
            }
        });
        // Looking up a name can't be stopped; nobody should wait for it.
        self.runtime.shutdown_background();
        report
    }

    /// One request outside a run.
    pub(crate) fn send(self, request: Request) -> std::result::Result<Response, Failure> {
        let answer = self.runtime.block_on(self.exchange(request));
        self.runtime.shutdown_background();
        answer
    }

    async fn exchange(&self, request: Request) -> std::result::Result<Response, Failure> {
        let moved = Arc::new(AtomicU64::new(0));
        let whole = self.whole(request, &moved);
        tokio::pin!(whole);
        let (mut seen, mut still) = (0, 0);
        loop {
            tokio::select! {
                answer = &mut whole => return answer,
                () = sleep(SILENCE / 4) => {}
            }
            let now = moved.load(Ordering::Relaxed);
            still = if now == seen { still + 1 } else { 0 };
            seen = now;
            if still >= 4 {
                return Err(Failure::Link);
            }
        }
    }

    async fn whole(
        &self,
        request: Request,
        moved: &Arc<AtomicU64>,
    ) -> std::result::Result<Response, Failure> {
        let url = format!("{}{}", self.server, request.path);
        let mut sending = match request.method {
            "GET" => self.client.get(url),
            _ => self.client.post(url),
        };
        for (name, value) in request.headers {
            sending = sending.header(name, value);
        }
        if !request.body.is_empty() {
            sending = sending.header("content-length", request.body.len());
            let chunks: Vec<Vec<u8>> = request.body.chunks(CHUNK).map(<[u8]>::to_vec).collect();
            let moved = Arc::clone(moved);
            let counted = chunks.into_iter().map(move |chunk| {
                moved.fetch_add(1, Ordering::Relaxed);
                Ok::<_, std::io::Error>(chunk)
            });
            sending = sending.body(reqwest::Body::wrap_stream(stream::iter(counted)));
        }
        let mut answer = sending.send().await.map_err(|error| failure(&error))?;
        moved.fetch_add(1, Ordering::Relaxed);
        let status = answer.status().as_u16();
        let headers = answer
            .headers()
            .iter()
            .filter_map(|(name, value)| {
                Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
            })
            .collect();
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| failure(&error))? {
            moved.fetch_add(1, Ordering::Relaxed);
            body.extend_from_slice(&chunk);
            if body.len() > LARGEST_ANSWER {
                return Err(Failure::Link);
            }
        }
        Ok(Response {
            status,
            headers,
            body,
        })
    }
}

fn tls(trusted: &Trusted) -> Result<rustls::ClientConfig> {
    const FAULT: Error = Error::Input("the office's certificate is not a certificate in PEM");
    let mut roots =
        rustls::RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    if let Some(pem) = &trusted.authority {
        for certificate in CertificateDer::pem_slice_iter(pem) {
            roots
                .add(certificate.map_err(|_| FAULT)?)
                .map_err(|_| FAULT)?;
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    Ok(rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| Error::Link(LinkFault::Trust))?
        .with_root_certificates(roots)
        .with_no_client_auth())
}

/// A certificate that is not trusted is deep inside; everything else is the link.
fn failure(error: &reqwest::Error) -> Failure {
    let mut next = error.source();
    while let Some(inner) = next {
        let tls = match inner.downcast_ref::<std::io::Error>() {
            // The error in an io::Error is not among its sources.
            Some(io) => io
                .get_ref()
                .and_then(|custom| custom.downcast_ref::<rustls::Error>()),
            None => inner.downcast_ref::<rustls::Error>(),
        };
        if let Some(rustls::Error::InvalidCertificate(_)) = tls {
            return Failure::Trust;
        }
        next = inner.source();
    }
    Failure::Link
}
