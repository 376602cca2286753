//! A server's life: opened, set up, run, stopped.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use crate::clock::Clock;
use crate::db::{Claim, Store};
use crate::epoch::Run;
use crate::hub::Hub;
use crate::public_url::PublicUrl;
use crate::setup::Setup;
use crate::verify::{self, Verification};
use crate::{Error, epoch, figures, http, ingest, office};

/// How to start.
#[derive(Clone)]
pub struct Options {
    /// Where everything is kept.
    pub store: Store,
    /// Where to listen; port 0 lets the system choose a free one.
    pub listen: SocketAddr,
    /// What time it is.
    pub clock: Clock,
    /// The password of the office's first account, `admin`, when it is made; else one is made up.
    pub admin_password: Option<String>,
    /// How browsers come to the server, if not straight to where it listens.
    pub public_url: Option<PublicUrl>,
    /// Whether the data was put back from a snapshot of the disk that holds it; what else it may have
    /// been put back from is found out.
    pub restored: bool,
}

/// Without the password.
impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options")
            .field("store", &self.store)
            .field("listen", &self.listen)
            .field("clock", &self.clock)
            .field("public_url", &self.public_url)
            .field("restored", &self.restored)
            .finish_non_exhaustive()
    }
}

impl Options {
    /// On a free port of this machine, by its clock, with a password made up.
    pub fn local(store: Store) -> Options {
        Options {
            store,
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            clock: Clock::system(),
            admin_password: None,
            public_url: None,
            restored: false,
        }
    }
}

/// An open server. It listens, so that nobody else gets its port, but answers only once it is
/// [`run`](Server::run).
pub struct Server {
    hub: Arc<Hub>,
    to_sum_up: mpsc::UnboundedReceiver<String>,
    listener: std::net::TcpListener,
    address: SocketAddr,
    new_password: Option<String>,
    secure: bool,
    claim: Option<Claim>,
    run: Run,
}

impl Server {
    /// Takes the address and opens the database, making it if there is none.
    ///
    /// # Errors
    /// Each in one sentence; see [`Error`].
    pub fn open(options: Options) -> Result<Server, Error> {
        let taken = |reason| Error::Listen {
            address: options.listen,
            reason,
        };
        let listener = std::net::TcpListener::bind(options.listen).map_err(taken)?;
        listener.set_nonblocking(true).map_err(taken)?;
        let address = listener.local_addr().map_err(taken)?;
        let secure = options.public_url.is_some_and(|url| url.is_secure());
        // PostgreSQL's driver must not be called from an async thread, where a caller may be.
        let opened = apart(move || -> Result<_, Error> {
            let claim = options.store.claim()?;
            let (mut hub, to_sum_up) = Hub::open(&options.store, options.clock)?;
            let run = epoch::settle(&mut hub, claim.as_ref(), options.restored)?;
            ingest::judge_again(&hub)?;
            let new_password = office::first_account(&hub, options.admin_password)?;
            figures::sum_up_stale(&hub)?;
            Ok((claim, run, hub, to_sum_up, new_password))
        });
        let (claim, run, hub, to_sum_up, new_password) = opened?;
        Ok(Server {
            hub: Arc::new(hub),
            to_sum_up,
            listener,
            address,
            new_password,
            secure,
            claim,
            run,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The password of `admin`, if the account was just made.
    pub fn new_password(&self) -> Option<&str> {
        self.new_password.as_deref()
    }

    /// Runs `work` with the means to set up the campaign.
    ///
    /// # Errors
    /// Those of `work`.
    pub fn setup<T: Send>(
        &self,
        work: impl FnOnce(Setup<'_>) -> Result<T, Error> + Send,
    ) -> Result<T, Error> {
        apart(|| work(Setup { hub: &self.hub }))
    }

    /// Loads the sample campaign with everything that is in before its live cadres begin. What is
    /// there already stays; broken off, it goes on where it was. It says how far it is.
    ///
    /// # Errors
    /// If the database holds another campaign, or can't take it.
    pub fn load_sample(
        &self,
        progress: impl FnMut(crate::sample::Progress) + Send,
    ) -> Result<crate::sample::Loaded, Error> {
        apart(|| crate::sample::load(&self.hub, progress))
    }

    /// Begins to answer.
    ///
    /// # Errors
    /// If the system gives no threads.
    pub fn run(mut self) -> Result<Running, Error> {
        // What set-up changed is summed up before anybody looks.
        while self.to_sum_up.try_recv().is_ok() {}
        let hub = self.hub.clone();
        apart(move || figures::sum_up_stale(&hub))?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .thread_name("ketuk")
            .build()
            .map_err(Error::internal)?;
        let (stop, stopping) = watch::channel(false);
        let app = Arc::new(http::App::new(
            self.hub.clone(),
            self.secure,
            stopping.clone(),
        ));
        let entered = runtime.enter();
        let listener = TcpListener::from_std(self.listener).map_err(Error::internal)?;
        drop(entered);
        runtime.spawn(figures::keep_summed_up(self.hub.clone(), self.to_sum_up));
        let noting = runtime.spawn(epoch::keep_noted(
            self.hub.clone(),
            self.run,
            stopping.clone(),
        ));
        let serving = runtime.spawn(http::accept(listener, http::router(app), stopping));
        Ok(Running {
            inner: Some(Inner {
                hub: self.hub,
                runtime,
                serving,
                noting,
                stop,
                claim: self.claim,
            }),
            address: self.address,
            new_password: self.new_password,
        })
    }
}

/// A server that answers. It stops when this is dropped.
pub struct Running {
    inner: Option<Inner>,
    address: SocketAddr,
    new_password: Option<String>,
}

struct Inner {
    hub: Arc<Hub>,
    runtime: Runtime,
    serving: JoinHandle<()>,
    noting: JoinHandle<Run>,
    stop: watch::Sender<bool>,
    claim: Option<Claim>,
}

impl Running {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The password of `admin`, if the account was just made.
    pub fn new_password(&self) -> Option<&str> {
        self.new_password.as_deref()
    }

    /// Runs `work` with the means to set up the campaign.
    ///
    /// # Errors
    /// Those of `work`.
    pub fn setup<T: Send>(
        &self,
        work: impl FnOnce(Setup<'_>) -> Result<T, Error> + Send,
    ) -> Result<T, Error> {
        let inner = self.inner.as_ref();
        let hub = inner.map(|inner| &*inner.hub);
        let hub = hub.ok_or_else(|| Error::Internal("the server has stopped".into()))?;
        apart(|| work(Setup { hub }))
    }

    /// Computes every figure again from the entries and says where they differ.
    ///
    /// # Errors
    /// If the database can't be read.
    pub fn verify(&self) -> Result<Verification, Error> {
        self.setup(|setup| {
            figures::sum_up_stale(setup.hub)?;
            verify::verify(setup.hub)
        })
    }

    /// Waits for the signal to stop (Ctrl-C, SIGTERM), then lets requests finish. `ready` is called
    /// once such a signal would be heard: who is told that the server is there may stop it at once.
    ///
    /// # Errors
    /// If the signals can't be waited for, or the error of `ready`, upon which it stops.
    pub fn until_signalled(self, ready: impl FnOnce() -> Result<(), Error>) -> Result<(), Error> {
        if let Some(inner) = &self.inner {
            inner.runtime.block_on(async {
                let signal = Signals::listen().map_err(Error::internal)?;
                ready()?;
                signal.heard().await;
                Ok(())
            })?;
        }
        self.stop();
        Ok(())
    }

    /// Stops, after letting requests finish.
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let Some(inner) = self.inner.take() else {
            return;
        };
        // On a thread of its own: a test's async one may neither block nor drop a runtime.
        apart(move || {
            let Inner {
                hub,
                runtime,
                serving,
                noting,
                stop,
                claim,
            } = inner;
            // Nobody listens any more only if the accepting task is gone already.
            let _ = stop.send(true);
            let _ = runtime.block_on(serving);
            if let Ok(mut run) = runtime.block_on(noting) {
                run.note(&hub);
            }
            runtime.shutdown_timeout(Duration::from_secs(5));
            drop(hub);
            // Last: who opens the folder next finds nobody in it.
            drop(claim);
        });
    }
}

/// The system's wish that the program ends.
#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> std::io::Result<Signals> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Signals {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn heard(mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(windows)]
struct Signals(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl Signals {
    fn listen() -> std::io::Result<Signals> {
        tokio::signal::windows::ctrl_c().map(Signals)
    }

    async fn heard(mut self) {
        self.0.recv().await;
    }
}

/// Runs `work` on a thread of its own and waits for it.
fn apart<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| match scope.spawn(work).join() {
        Ok(done) => done,
        Err(panic) => std::panic::resume_unwind(panic),
    })
}
