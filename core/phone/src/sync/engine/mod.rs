//! The state machine of a run.

mod answered;
mod batch;
mod judge;
mod photos;
mod questionnaire;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use ketuk_wire::{Limits, PROTOCOL, PROTOCOL_HEADER, Sha256};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use uuid::Uuid;

use self::batch::{Batch, Hunt};
use self::judge::{doubtful, peace};
use self::photos::{Part, Photos};
use super::answer::{Class, Failure, Response, reason};
use super::window::Window;
use super::{SyncEnd, SyncEvent, SyncReport};
use crate::clock::Moment;
use crate::error::{Error, Result};
use crate::store::{Link, Standing, Store};

/// A run ends after so many requests in a row that brought nothing.
const VAIN: u32 = 3;

/// A wait longer than this ends the run instead: the phone may sleep meanwhile.
const PATIENCE: Duration = Duration::from_secs(60);

/// By so much of itself, at most, the peace that a server asks for is drawn out: phones that were
/// sent away together don't come back together.
const SPREAD: f64 = 0.2;

/// However well they shrink, a request's entries stay well under what the server will unpack.
pub(crate) const MOST_DOCUMENTS: usize = 4 << 20;

/// Entries a request, unless the server says otherwise.
pub(crate) const MOST_ENTRIES: usize = 500;

/// What to do next.
#[derive(Debug)]
pub enum Step {
    /// Send this, then tell what came of it.
    Send(Request),
    /// Poll again when the steady clock says this.
    Wait(Duration),
    /// The run is over.
    Done(SyncReport),
}

/// A request to the server.
#[derive(Clone)]
pub struct Request {
    /// `GET` or `POST`; for photos `HEAD` and `PATCH`.
    pub method: &'static str,
    /// From the server's address on: `/v1/sync`.
    pub path: String,
    /// With names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// Compressed already, but for photos; empty for `GET` and `HEAD`.
    pub body: Vec<u8>,
}

/// The headers of every request of an enrolled phone.
pub(crate) fn headers(link: &Link) -> Vec<(&'static str, String)> {
    vec![
        ("authorization", format!("Bearer {}", link.token)),
        (PROTOCOL_HEADER, PROTOCOL.to_owned()),
    ]
}

/// Shows neither the token nor the content.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Request {
            method, path, body, ..
        } = self;
        write!(f, "{method} {path} ({} bytes)", body.len())
    }
}

/// The request that is under way.
struct Flight {
    sent_at: Duration,
    token: String,
    cargo: Cargo,
}

enum Cargo {
    Entries(Batch),
    Form {
        sha256: Sha256,
        have: Vec<u8>,
    },
    /// Of the photo that is being sent.
    Photo(Option<Part>),
}

/// A run of synchronisation. See [`crate::Phone::engine`].
pub struct Engine {
    store: Arc<Store>,
    app: String,
    /// Whether the bytes of a questionnaire can be used.
    usable: fn(&[u8]) -> bool,
    chance: StdRng,
    window: Window,
    limits: Option<Limits>,
    flight: Option<Flight>,
    wait_until: Duration,
    /// Requests in a row that brought nothing.
    vain: u32,
    hunt: Hunt,
    /// Whether the server has said in this run what it has.
    met: bool,
    /// Answers of this run by which the server had lost something.
    losses: u32,
    pulling: bool,
    pull_was_reset: bool,
    forms_tried: Vec<Sha256>,
    photos: Photos,
    events: Vec<SyncEvent>,
    started: bool,
    end: Option<SyncEnd>,
    /// How the run ends if it ends in vain.
    in_vain: SyncEnd,
    report: SyncReport,
}

impl Engine {
    pub(crate) fn new(
        store: Arc<Store>,
        app: &str,
        usable: fn(&[u8]) -> bool,
        seed: u64,
    ) -> Engine {
        Engine {
            store,
            app: app.to_owned(),
            usable,
            chance: StdRng::seed_from_u64(seed),
            window: Window::new(),
            limits: None,
            flight: None,
            wait_until: Duration::ZERO,
            vain: 0,
            hunt: Hunt::default(),
            met: false,
            losses: 0,
            pulling: true,
            pull_was_reset: false,
            forms_tried: Vec::new(),
            photos: Photos::default(),
            events: Vec::new(),
            started: false,
            end: None,
            in_vain: SyncEnd::NoSignal,
            report: SyncReport::default(),
        }
    }

    /// Says what to do next.
    ///
    /// # Errors
    /// [`Error::NotEnrolled`], or the database's. Nothing is lost; a later run goes on.
    pub fn poll(&mut self, now: Moment) -> Result<Step> {
        if !self.started {
            self.started = true;
            let waiting = self.store.outgoing()?.waiting;
            self.events.push(SyncEvent::Started { waiting });
        }
        if self.vain >= VAIN {
            self.end.get_or_insert(self.in_vain);
        }
        if self.end.is_some() {
            return self.done(now);
        }
        if now.steady < self.wait_until {
            return Ok(Step::Wait(self.wait_until));
        }
        let device = self.store.device()?;
        let link = device.link.as_ref().ok_or(Error::NotEnrolled)?;
        if let Some(left) = peace(link, now.wall) {
            if left > PATIENCE {
                self.report.again_in = Some(left.as_secs());
                self.end = Some(SyncEnd::Busy);
                return self.done(now);
            }
            return Ok(Step::Wait(now.steady + left));
        }
        if let Some(request) = self.sync_request(now, link)? {
            return Ok(Step::Send(request));
        }
        if let Some(request) = self.form_request(now, link)? {
            return Ok(Step::Send(request));
        }
        if !self.photos.held
            && let Some(request) = self.photo_request(now, link)?
        {
            return Ok(Step::Send(request));
        }
        if self.photos.ask_again() && !self.report.app_too_old {
            self.pulling = true;
            if let Some(request) = self.sync_request(now, link)? {
                return Ok(Step::Send(request));
            }
        }
        self.end = Some(self.photos.end.unwrap_or(SyncEnd::Done));
        self.done(now)
    }

    /// Takes what came back.
    ///
    /// # Errors
    /// The database's. The answer then counts as not received.
    pub fn received(&mut self, now: Moment, response: &Response) -> Result<()> {
        let Some(flight) = self.flight.take() else {
            return Ok(());
        };
        let class = Class::of(response);
        if class != Class::Success {
            self.report.last_error = Some(match reason(response) {
                Some(message) => message,
                None => format!("the server answered with HTTP {}", response.status),
            });
        }
        match (class, flight.cargo) {
            (Class::Success, Cargo::Entries(batch)) => {
                self.window_took(now, flight.sent_at);
                self.synced(now, response, &batch)
            }
            (Class::Success, Cargo::Form { sha256, have }) => {
                self.window_took(now, flight.sent_at);
                self.form_part(now, response, sha256, have)
            }
            (Class::Success, Cargo::Photo(part)) => {
                self.window_took(now, flight.sent_at);
                self.photo_answered(now, response, &Class::Success, part)
            }
            (Class::Link, Cargo::Photo(_)) => {
                self.photo_in_vain(now, SyncEnd::NoSignal, None);
                Ok(())
            }
            (Class::Link, _) => {
                self.again(now, SyncEnd::NoSignal, None);
                Ok(())
            }
            (Class::Busy { after, faltered }, cargo) => {
                if let (true, Cargo::Entries(batch)) = (faltered, &cargo) {
                    let ops: Vec<Uuid> = batch.entries.iter().map(|entry| entry.op).collect();
                    self.store.stumbled(&ops)?;
                }
                if let Some(after) = after {
                    let after = after.mul_f64(1.0 + self.chance.random_range(0.0..SPREAD));
                    let until = now.wall.checked_add(after).unwrap_or(now.wall);
                    self.store.keep_peace_until(until)?;
                }
                match cargo {
                    Cargo::Photo(_) => self.photo_in_vain(now, SyncEnd::Busy, after),
                    _ => self.again(now, SyncEnd::Busy, after),
                }
                Ok(())
            }
            (Class::SignIn, _) => {
                self.turned_away(&flight.token, Standing::SignedOut, SyncEnd::SignIn)
            }
            (Class::Revoked, _) => {
                self.turned_away(&flight.token, Standing::Revoked, SyncEnd::Revoked)
            }
            (Class::Version, Cargo::Entries(Batch { pull: true, .. })) => {
                self.report.app_too_old = true;
                self.pulling = false;
                self.met = true;
                Ok(())
            }
            (Class::Version | Class::Refused, Cargo::Entries(_)) => {
                self.end = Some(SyncEnd::Refused);
                Ok(())
            }
            (Class::Cursor, Cargo::Entries(_)) => self.restart_pull(now),
            (Class::Size, Cargo::Entries(batch)) => {
                self.window.failed();
                self.narrow(now, &batch)
            }
            (Class::Request, Cargo::Entries(batch)) => self.narrow(now, &batch),
            (class, Cargo::Photo(part)) => self.photo_answered(now, response, &class, part),
            // The questionnaire in use goes on being used.
            (_, Cargo::Form { sha256, .. }) => {
                if response.status == 416 {
                    self.store.keep_form_part(sha256, &[])?;
                }
                self.forms_tried.push(sha256);
                Ok(())
            }
        }
    }

    /// The server doesn't take this token; nothing to the phone, if it has enrolled anew meanwhile.
    fn turned_away(&mut self, token: &str, standing: Standing, end: SyncEnd) -> Result<()> {
        let link = self.store.device()?.link;
        if link.is_none_or(|link| link.token == token) {
            self.store.stands(standing)?;
            self.end = Some(end);
        }
        Ok(())
    }

    /// Takes that nothing came back.
    pub fn failed(&mut self, now: Moment, failure: Failure) {
        let flight = self.flight.take();
        match failure {
            Failure::Link => {
                self.report.last_error = Some("no answer from the server".to_owned());
                match flight.map(|flight| flight.cargo) {
                    Some(Cargo::Photo(_)) => self.photo_in_vain(now, SyncEnd::NoSignal, None),
                    _ => self.again(now, SyncEnd::NoSignal, None),
                }
            }
            Failure::Trust => {
                self.report.last_error = Some("the server's certificate is not trusted".to_owned());
                self.end = Some(SyncEnd::Trust);
            }
        }
    }

    /// Whether photos stay on the phone for now. The run ends without them.
    pub fn hold_photos(&mut self, held: bool) {
        self.photos.held = held;
    }

    /// Ends the run. What is under way may arrive or not: it will be sent again, to no harm.
    pub fn cancel(&mut self) {
        self.flight = None;
        self.end.get_or_insert(SyncEnd::Cancelled);
    }

    /// What happened since this was last asked.
    pub fn take_events(&mut self) -> Vec<SyncEvent> {
        std::mem::take(&mut self.events)
    }

    fn done(&mut self, now: Moment) -> Result<Step> {
        self.report.end = self.end.unwrap_or(SyncEnd::Done);
        self.report.still_waiting = self.store.outgoing()?.waiting;
        let photos = self.store.photos_left()?;
        self.report.photos_waiting = photos.waiting;
        self.report.photos_held = self.photos.held && photos.waiting > 0;
        self.report.photos_refused = photos.refused;
        let link = self.store.device()?.link;
        self.report.clock_doubtful = link.is_some_and(|link| doubtful(&link, now.wall));
        if self.report.end == SyncEnd::Done {
            self.report.last_error = None;
        }
        Ok(Step::Done(self.report.clone()))
    }

    fn window_took(&mut self, now: Moment, sent_at: Duration) {
        self.window.succeeded(now.steady.saturating_sub(sent_at));
    }

    fn restart_pull(&mut self, now: Moment) -> Result<()> {
        if self.pull_was_reset {
            self.again(now, SyncEnd::Refused, None);
        }
        self.pull_was_reset = true;
        self.pulling = true;
        Ok(self.store.reset_pull()?)
    }

    /// The same again after a while. If the server named a time, that is kept elsewhere.
    fn again(&mut self, now: Moment, in_vain: SyncEnd, named: Option<Duration>) {
        self.in_vain = in_vain;
        self.vain += 1;
        self.back_off(now, self.vain, named);
    }

    /// Waits anything from nothing to a second after the first try, then to two, so that phones which
    /// lost the link together don't come back together (full jitter; M. Brooker,
    /// "Exponential Backoff And Jitter", 2015). After the last there is nothing to wait for.
    fn back_off(&mut self, now: Moment, tries: u32, named: Option<Duration>) {
        self.window.failed();
        if tries >= VAIN {
            self.wait_until = Duration::ZERO;
            return;
        }
        let longest = Duration::from_secs(1 << (tries - 1));
        let wait = match named {
            Some(_) => Duration::ZERO,
            None => longest.mul_f64(self.chance.random_range(0.0..1.0)),
        };
        self.wait_until = now.steady + wait;
        self.events.push(SyncEvent::Retrying {
            reason: self.report.last_error.clone().unwrap_or_default(),
            seconds: named.unwrap_or(wait).as_secs(),
        });
    }
}
