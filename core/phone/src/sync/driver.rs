//! The one place that knows HTTP.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
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

/// Stops a run from outside, or holds its photos back, at any moment. Made for one run.
#[derive(Debug, Clone)]
pub struct SyncCancel(Arc<Wishes>);

#[derive(Debug)]
struct Wishes {
    cancelled: watch::Sender<bool>,
    photos_held: AtomicBool,
}

impl SyncCancel {
    /// One that was not used yet.
    pub fn new() -> SyncCancel {
        SyncCancel(Arc::new(Wishes {
            cancelled: watch::Sender::new(false),
            photos_held: AtomicBool::new(false),
        }))
    }

    /// Stops the run. What is under way may still arrive, and will then be recognised.
    pub fn cancel(&self) {
        self.0.cancelled.send_replace(true);
    }

    /// Says whether photos stay on the phone for now, since this network is paid by the byte. Entries
    /// and news go all the same. May change during the run: at most the part of a photo that is under
    /// way still goes.
    pub fn hold_photos(&self, held: bool) {
        self.0.photos_held.store(held, Ordering::Relaxed);
    }

    fn holds_photos(&self) -> bool {
        self.0.photos_held.load(Ordering::Relaxed)
    }

    async fn cancelled(&self) {
        let mut cancelled = self.0.cancelled.subscribe();
        // Only errs once the sender is gone, which self holds.
        let _ = cancelled.wait_for(|cancelled| *cancelled).await;
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
    let typed = typed.trim();
    let typed = if typed.contains("://") {
        typed.to_owned()
    } else {
        format!("https://{typed}")
    };
    let url = Url::parse(&typed).map_err(|_| FAULT)?;
    let host = url.host_str().ok_or(FAULT)?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err(FAULT);
    }
    let here = host == "localhost"
        || host
            .trim_matches(['[', ']'])
            .parse::<IpAddr>()
            .is_ok_and(|ip| ip.is_loopback());
    match url.scheme() {
        "https" => {}
        "http" if here || plain => {}
        "http" => return Err(Error::Link(LinkFault::Plain)),
        _ => return Err(FAULT),
    }
    Ok(typed.trim_end_matches('/').to_owned())
}

/// One connection to the server, kept open for a run.
pub(crate) struct Driver {
    runtime: Runtime,
    client: reqwest::Client,
    server: String,
    silence: Duration,
}

impl Driver {
    pub(crate) fn new(server: &str, trusted: &Trusted) -> Result<Driver> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls(trusted)?)
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
            silence: SILENCE,
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
                engine.hold_photos(cancel.holds_photos());
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
                () = sleep(self.silence / 4) => {}
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
            "HEAD" => self.client.head(url),
            "PATCH" => self.client.patch(url),
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
    let mut next: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = next {
        if let Some(rustls::Error::InvalidCertificate(_)) = error.downcast_ref() {
            return Failure::Trust;
        }
        next = match error.downcast_ref::<std::io::Error>() {
            // What an io::Error holds is not among its sources.
            Some(io) => io.get_ref().map(|held| held as _),
            None => error.source(),
        };
    }
    Failure::Link
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use super::*;
    use crate::clock::SystemClock;
    use crate::testing::http::{AUTHORITY, Reply, serve, serve_tls};
    use crate::testing::{answer, attempt, enrolled, finish, id, refuse};

    fn request(path: &str, body: Vec<u8>) -> Request {
        Request {
            method: "POST",
            path: path.to_owned(),
            headers: vec![("authorization", "Bearer t".to_owned())],
            body,
        }
    }

    fn driver(server: &str) -> Driver {
        let mut driver = Driver::new(server, &Trusted::default()).unwrap();
        driver.silence = Duration::from_millis(200);
        driver
    }

    #[test]
    fn a_request_arrives_as_it_was_and_the_answer_comes_back_as_it_was() {
        let body: Vec<u8> = (0..100_000u32).map(|at| at as u8).collect();
        let sent = body.clone();
        let server = serve(move |request| {
            assert_eq!((request.path.as_str(), &request.body), ("/v1/sync", &sent));
            assert_eq!(request.headers, [("authorization", "Bearer t".to_owned())]);
            Reply::Answer(answer(422, request.body.clone()))
        });
        let got = driver(&server.address).send(request("/v1/sync", body.clone()));
        let got = got.unwrap();
        assert_eq!((got.status, got.body == body), (422, true));
        assert_eq!(got.header("ketuk-protocol"), Some("1"));
    }

    #[test]
    fn nobody_there_is_the_link() {
        let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", nobody.local_addr().unwrap());
        drop(nobody);
        let failure = driver(&address).send(request("/", vec![])).err();
        assert_eq!(failure, Some(Failure::Link));
    }

    #[test]
    fn an_answer_cut_anywhere_is_the_link() {
        for bytes in [0, 5, 30, 60, 75] {
            let server = serve(move |_| Reply::Cut(answer(200, vec![7; 30]), bytes));
            let failure = driver(&server.address).send(request("/", vec![])).err();
            assert_eq!(failure, Some(Failure::Link), "cut after {bytes}");
        }
    }

    #[test]
    fn a_link_on_which_nothing_moves_is_given_up() {
        let server = serve(|_| Reply::Silence);
        let failure = driver(&server.address).send(request("/", vec![])).err();
        assert_eq!(failure, Some(Failure::Link));
    }

    #[test]
    fn a_link_on_which_something_moves_may_take_as_long_as_it_wants() {
        let mut driver = Driver::new("", &Trusted::default()).unwrap();
        driver.silence = Duration::from_millis(800);
        let pause = driver.silence / 8;
        let server = serve(move |_| Reply::Slow(answer(200, vec![7; 3_000]), 12, pause));
        driver.server.clone_from(&server.address);
        let begun = std::time::Instant::now();
        let silence = driver.silence;
        let got = driver.send(request("/", vec![])).unwrap();
        assert_eq!(got.body.len(), 3_000);
        assert!(begun.elapsed() > silence, "it was not slow enough to tell");
    }

    #[test]
    fn a_certificate_counts_only_if_its_authority_is_trusted() {
        let server = serve_tls(|_| Reply::Answer(answer(200, vec![])));
        let failure = driver(&server.address).send(request("/", vec![])).err();
        assert_eq!(failure, Some(Failure::Trust));

        let office = Trusted {
            authority: Some(AUTHORITY.to_vec()),
        };
        let got = Driver::new(&server.address, &office).unwrap();
        assert_eq!(got.send(request("/", vec![])).unwrap().status, 200);
    }

    #[test]
    fn what_is_no_certificate_is_said() {
        let office = Trusted {
            authority: Some(
                b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----".to_vec(),
            ),
        };
        let fault = Driver::new("https://server.test", &office).err();
        assert!(matches!(fault, Some(Error::Input(_))), "{fault:?}");
    }

    #[test]
    fn an_address_is_https_unless_it_is_this_machine() {
        let kept = |typed| address(typed, false).ok();
        assert_eq!(
            kept("ketuk.example.id"),
            Some("https://ketuk.example.id".into())
        );
        assert_eq!(
            kept(" https://a.id:8443/ "),
            Some("https://a.id:8443".into())
        );
        assert_eq!(
            kept("http://127.0.0.1:80"),
            Some("http://127.0.0.1:80".into())
        );
        for bad in [
            "",
            "http://",
            "ftp://a.id",
            "https://a b",
            "a.id?b",
            "a.id/#b",
        ] {
            assert!(
                matches!(address(bad, true), Err(Error::Input(_))),
                "{bad:?}"
            );
        }
        let plain = address("http://192.168.1.5:8080", false);
        assert!(matches!(plain, Err(Error::Link(LinkFault::Plain))));
        assert!(address("http://192.168.1.5:8080", true).is_ok());
        let lookalike = address("http://127.0.0.1.evil.id", false);
        assert!(matches!(lookalike, Err(Error::Link(LinkFault::Plain))));
    }

    fn run(driver: Driver, engine: &mut Engine, cancel: &SyncCancel) -> SyncReport {
        let clock = SystemClock::at_offset(0);
        driver.run(engine, &clock, cancel, &mut |_| {}).unwrap()
    }

    #[test]
    fn a_run_keeps_one_connection() {
        let folder = tempfile::tempdir().unwrap();
        let mut model = crate::testing::Server::new();
        let store = enrolled(folder.path(), &model, &[id(1), id(2)]);
        finish(&store, id(1), "one");
        attempt(&store);
        finish(&store, id(1), "two");
        let server = serve(move |request| Reply::Answer(model.handle(request)));
        let mut engine = Engine::new(store, "test", |_| true, 1);
        let report = run(driver(&server.address), &mut engine, &SyncCancel::new());
        assert_eq!((report.received, report.still_waiting), (2, 0));
        assert_eq!(server.connections.load(Ordering::Relaxed), 1);
    }

    /// With a token and a cursor as the server gives them.
    #[test]
    fn asking_whether_there_is_news_takes_at_most_400_bytes_with_its_headers() {
        let folder = tempfile::tempdir().unwrap();
        let mut model = crate::testing::Server::new();
        let store = crate::testing::open(folder.path());
        let mut enrolment = model.enrolment();
        enrolment.token = "mB3xv0WqkHTzR2eYpL8sDcU5nGfJ7aKiQ1oV9tZ4hXw".into();
        store.enrol("https://server.test", &enrolment).unwrap();
        let page = ketuk_wire::PullPage {
            changes: vec![],
            cursor: "1:9f86d081884c7d65:60303ae22b998861:75.71.01.1001=1234/1234".into(),
            more: false,
        };
        store.take_page(&page).unwrap();
        let server = serve(move |request| {
            let mut message: ketuk_wire::SyncRequest = ketuk_wire::decode(&request.body).unwrap();
            message.pull = None;
            Reply::Answer(model.handle(&Request {
                body: ketuk_wire::encode(&message).unwrap(),
                ..request.clone()
            }))
        });
        let mut engine = Engine::new(store, "0.1.0", |_| true, 1);
        let report = run(driver(&server.address), &mut engine, &SyncCancel::new());
        assert_eq!(report.end, super::super::SyncEnd::Done);
        let bytes = server.bytes.load(Ordering::Relaxed);
        assert!(bytes <= 400, "{bytes} bytes");
    }

    #[test]
    fn a_run_can_be_stopped_between_two_tries() {
        let folder = tempfile::tempdir().unwrap();
        let model = crate::testing::Server::new();
        let store = enrolled(folder.path(), &model, &[id(1)]);
        finish(&store, id(1), "one");
        let server = serve(|_| {
            let mut busy = refuse(503, ketuk_wire::RefusalCode::Busy);
            busy.headers.push(("retry-after".into(), "50".into()));
            Reply::Answer(busy)
        });
        let mut engine = Engine::new(store, "test", |_| true, 1);
        let (cancel, clock) = (SyncCancel::new(), SystemClock::at_offset(0));
        let mut observe = |event| {
            if let SyncEvent::Retrying { .. } = event {
                cancel.cancel();
            }
        };
        let begun = std::time::Instant::now();
        let report = driver(&server.address).run(&mut engine, &clock, &cancel, &mut observe);
        let report = report.unwrap();
        assert!(begun.elapsed() < Duration::from_secs(25), "it waited first");
        assert_eq!(report.end, super::super::SyncEnd::Cancelled);
        assert_eq!(report.still_waiting, 1);
    }

    #[test]
    fn a_run_can_be_stopped_while_it_waits_for_an_answer() {
        let folder = tempfile::tempdir().unwrap();
        let model = crate::testing::Server::new();
        let store = enrolled(folder.path(), &model, &[id(1)]);
        finish(&store, id(1), "one");
        let cancel = SyncCancel::new();
        let stop = cancel.clone();
        let server = serve(move |_| {
            stop.cancel();
            Reply::Silence
        });
        let mut engine = Engine::new(store, "test", |_| true, 1);
        let driver = Driver::new(&server.address, &Trusted::default()).unwrap();
        let report = run(driver, &mut engine, &cancel);
        assert_eq!(report.end, super::super::SyncEnd::Cancelled);
        assert_eq!(report.still_waiting, 1);
    }
}
