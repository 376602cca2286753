//! A link of any quality: a proxy on loopback between a phone and the server.
//!
//! It shapes both directions apart, as a mobile network does: each has its own rate and half of the
//! round trip. It can vanish and come back, which cuts what is under way, and it can be told to cut
//! after a number of bytes. The kernel's own shaper would need privileges that a test machine may not
//! give.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, mpsc, watch};
use tokio::time::{Instant, sleep, sleep_until};

/// How good a link is.
#[derive(Debug, Clone, Copy)]
pub struct Quality {
    /// Bytes a second, in each direction.
    pub bytes_per_second: f64,
    /// From a byte's leaving to its answer's coming, on an idle link.
    pub round_trip: Duration,
}

impl Quality {
    /// The edge of a blank spot: 60 kbit/s, 0.8 s round trip.
    pub const EDGE: Quality = Quality {
        bytes_per_second: 7_500.0,
        round_trip: Duration::from_millis(800),
    };

    /// Ordinary coverage: 4 Mbit/s, 60 ms round trip.
    pub const GOOD: Quality = Quality {
        bytes_per_second: 500_000.0,
        round_trip: Duration::from_millis(60),
    };
}

/// Which way something goes.
#[derive(Debug, Clone, Copy)]
enum Way {
    /// From the phone to the server.
    Up,
    Down,
}

/// A running link. Dropping it closes it.
pub struct Link {
    address: SocketAddr,
    present: watch::Sender<bool>,
    shared: Arc<Shared>,
    accepting: tokio::task::JoinHandle<()>,
}

struct Shared {
    server: SocketAddr,
    quality: Mutex<Quality>,
    up: AtomicU64,
    down: AtomicU64,
    /// Times that phones began to send after something had come back to them, or at first.
    turns: AtomicU64,
    /// Whether the last that passed went up.
    upwards: AtomicBool,
    /// Bytes that may still pass before the connection is cut; negative: as many as come.
    budget: AtomicI64,
    cut: Notify,
    /// Connections that were cut by it.
    cuts: AtomicU64,
}

impl Link {
    /// Opens a link to `server`, present from the start. Needs a tokio runtime.
    ///
    /// # Errors
    /// If no loopback port can be had.
    pub async fn open(server: SocketAddr, quality: Quality) -> std::io::Result<Link> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let (present, watching) = watch::channel(true);
        let shared = Arc::new(Shared {
            server,
            quality: Mutex::new(quality),
            up: AtomicU64::new(0),
            down: AtomicU64::new(0),
            turns: AtomicU64::new(0),
            upwards: AtomicBool::new(false),
            budget: AtomicI64::new(-1),
            cut: Notify::new(),
            cuts: AtomicU64::new(0),
        });
        let accepting = tokio::spawn(accept(listener, Arc::clone(&shared), watching));
        Ok(Link {
            address,
            present,
            shared,
            accepting,
        })
    }

    /// Where a phone reaches the server through this link.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Makes it better or worse from now on.
    pub fn set_quality(&self, quality: Quality) {
        *self
            .shared
            .quality
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = quality;
    }

    /// Makes it vanish, which cuts all connections, or come back.
    pub fn set_present(&self, present: bool) {
        self.present.send_replace(present);
    }

    /// Comes back for good, this good, with no cut to come.
    pub fn heal(&self, quality: Quality) {
        self.shared.budget.store(-1, Ordering::SeqCst);
        self.set_quality(quality);
        self.set_present(true);
    }

    /// Cuts every connection once `bytes` more have passed, in both directions together; the cut
    /// happens once.
    pub fn cut_after(&self, bytes: u32) {
        self.shared.budget.store(i64::from(bytes), Ordering::SeqCst);
    }

    /// Cuts what is under way; the link stays.
    pub fn cut(&self) {
        self.shared.cut.notify_waiters();
    }

    /// Connections that [`Link::cut`] has cut so far.
    pub fn cuts(&self) -> u64 {
        self.shared.cuts.load(Ordering::Relaxed)
    }

    /// Bytes that phones sent so far.
    pub fn bytes_up(&self) -> u64 {
        self.shared.up.load(Ordering::Relaxed)
    }

    /// Bytes that phones got so far.
    pub fn bytes_down(&self) -> u64 {
        self.shared.down.load(Ordering::Relaxed)
    }

    /// How often something was sent and answered so far: requests, if a phone sends one at a time.
    pub fn round_trips(&self) -> u64 {
        self.shared.turns.load(Ordering::Relaxed)
    }
}

impl Shared {
    /// Notes that this much went one way.
    fn passed(&self, way: Way, bytes: usize) {
        let (count, up) = match way {
            Way::Up => (&self.up, true),
            Way::Down => (&self.down, false),
        };
        count.fetch_add(bytes as u64, Ordering::Relaxed);
        if !self.upwards.swap(up, Ordering::Relaxed) && up {
            self.turns.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn quality(&self) -> Quality {
        *self.quality.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.accepting.abort();
        self.present.send_replace(false);
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>, present: watch::Receiver<bool>) {
    while let Ok((phone, _)) = listener.accept().await {
        if *present.borrow() {
            tokio::spawn(carry(phone, Arc::clone(&shared), present.clone()));
        }
    }
}

/// Carries one connection until either end closes it or the link goes.
async fn carry(phone: TcpStream, shared: Arc<Shared>, mut present: watch::Receiver<bool>) {
    // The handshake, which loopback gives for nothing.
    sleep(shared.quality().round_trip).await;
    let Ok(server) = TcpStream::connect(shared.server).await else {
        return;
    };
    let _ = (phone.set_nodelay(true), server.set_nodelay(true));
    let (phone_reads, phone_writes) = phone.into_split();
    let (server_reads, server_writes) = server.into_split();
    let up = direction(phone_reads, server_writes, &shared, Way::Up);
    let down = direction(server_reads, phone_writes, &shared, Way::Down);
    tokio::select! {
        () = async { tokio::join!(up, down); } => {}
        () = gone(&mut present) => {}
        () = spent(&shared) => {}
        () = shared.cut.notified() => {
            shared.cuts.fetch_add(1, Ordering::Relaxed);
        }
    }
}

async fn gone(present: &mut watch::Receiver<bool>) {
    let _ = present.wait_for(|present| !present).await;
}

/// Resolves when the bytes granted by [`Link::cut_after`] are used up.
async fn spent(shared: &Shared) {
    while shared.budget.load(Ordering::SeqCst) != 0 {
        sleep(Duration::from_millis(1)).await;
    }
    shared.budget.store(-1, Ordering::SeqCst);
}

/// Carries one direction: what is read leaves when the line is free and arrives half a round trip
/// later. The line is a queue, so that a large message doesn't pay the delay for each piece.
async fn direction(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, shared: &Shared, way: Way) {
    let (line, mut arrivals) = mpsc::channel::<(Instant, Vec<u8>)>(64);
    let sending = async move {
        let mut buffer = [0; 1_400];
        let mut line_free = Instant::now();
        loop {
            let read = match from.read(&mut buffer).await {
                Ok(0) | Err(_) => break,
                Ok(read) => grant(shared, read),
            };
            if read == 0 {
                // Nothing may pass any more: the cut itself is made in one place, by `carry`.
                std::future::pending::<()>().await;
            }
            let quality = shared.quality();
            let time_on_line = read as f64 / quality.bytes_per_second;
            line_free = line_free.max(Instant::now()) + Duration::from_secs_f64(time_on_line);
            sleep_until(line_free).await;
            shared.passed(way, read);
            let arrival = line_free + quality.round_trip / 2;
            if line.send((arrival, buffer[..read].to_vec())).await.is_err() {
                break;
            }
        }
    };
    let arriving = async move {
        while let Some((when, bytes)) = arrivals.recv().await {
            sleep_until(when).await;
            if to.write_all(&bytes).await.is_err() {
                break;
            }
        }
        let _ = to.shutdown().await;
    };
    tokio::join!(sending, arriving);
}

/// How many of `wanted` bytes may still pass.
fn grant(shared: &Shared, wanted: usize) -> usize {
    let take = |left: i64| (left > 0).then(|| left - left.min(wanted as i64));
    let budget = &shared.budget;
    let (Ok(left) | Err(left)) = budget.try_update(Ordering::SeqCst, Ordering::SeqCst, take);
    usize::try_from(left).map_or(wanted, |left| wanted.min(left))
}
