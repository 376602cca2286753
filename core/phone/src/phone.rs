//! The phone as a whole.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jiff::civil::Date;
use ketuk_wire::{
    AreaCode, EnrolCode, EnrolRequest, EnrolResponse, PROTOCOL, PROTOCOL_HEADER, PullPage,
};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::clock::{Clock, SystemClock};
use crate::copies;
use crate::error::{Error, LinkFault, Result};
use crate::forms::{self, Forms};
use crate::households::Households;
use crate::progress::{self, Progress};
use crate::store::{Device, Key, Link, ProofPage, ProofRow, Standing, Store, WaitingPage};
use crate::sync::{
    Driver, Engine, Failure, LastRun, Request, SyncCancel, SyncEnd, SyncEvent, SyncReport, Trusted,
    address, refusal,
};

/// How a phone is set up, apart from where its database is.
#[derive(Clone)]
pub struct Setup {
    /// Where it gets the time.
    pub clock: Arc<dyn Clock>,
    /// The app's version, for the office.
    pub app: String,
    /// An office's own authority, in PEM, to be trusted beside those that browsers trust.
    pub authority: Option<Vec<u8>>,
    /// Whether plain http may go beyond the phone itself. Everything is then sent in the clear.
    pub allow_plain_http: bool,
}

impl Setup {
    /// With the machine's clock and nothing allowed.
    pub fn new(app: &str, utc_offset_minutes: i32) -> Setup {
        Setup {
            clock: Arc::new(SystemClock::at_offset(utc_offset_minutes)),
            app: app.to_owned(),
            authority: None,
            allow_plain_http: false,
        }
    }

    fn trusted(&self) -> Trusted {
        Trusted {
            authority: self.authority.clone(),
        }
    }
}

/// What all handles of one phone share.
pub(crate) struct Core {
    pub(crate) store: Arc<Store>,
    pub(crate) forms: Forms,
    pub(crate) setup: Setup,
    pub(crate) folder: PathBuf,
    /// Kept to be sealed to a server.
    pub(crate) key: Key,
}

impl Core {
    /// What ties the phone to its campaign.
    pub(crate) fn link(&self) -> Result<Link> {
        self.store.device()?.link.ok_or(Error::NotEnrolled)
    }
}

/// A phone: one folder, one database, one cadre. Cheap to clone; may be used from any thread.
#[derive(Clone)]
pub struct Phone {
    pub(crate) core: Arc<Core>,
    moved_aside: Option<PathBuf>,
    running: Arc<AtomicBool>,
}

/// An RT of the cadre.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AreaName {
    /// Its code.
    pub code: AreaCode,
    /// Its name, or its code while the phone has no name for it.
    pub name: String,
}

/// To whom and to what the phone belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrolment {
    /// The cadre's name.
    pub cadre: String,
    /// Her RTs.
    pub areas: Vec<AreaName>,
    /// The campaign's title.
    pub campaign: String,
    /// First day of visits.
    pub first_day: Date,
    /// Last day of visits, included.
    pub last_day: Date,
    /// Whether every family in it is made up.
    pub synthetic: bool,
    /// The server's address.
    pub server: String,
    /// Whether the server still takes what this phone sends.
    pub standing: Standing,
    /// Whether the campaign wants a PIN.
    pub wants_pin: bool,
    /// After so many minutes without a touch the app asks for the PIN, if there is one.
    pub lock_after: u16,
}

impl Phone {
    /// Opens the phone kept in `folder`, making it if there is none.
    ///
    /// # Errors
    /// [`Error::Storage`]. A file that can't be opened with this key, isn't ours or is newer is not
    /// touched; a damaged one is moved aside and kept, see [`Phone::moved_aside`].
    pub fn open(folder: &Path, key: [u8; 32], setup: Setup) -> Result<Phone> {
        let now = setup.clock.now().wall;
        let key = Key::new(key);
        let (store, moved_aside) = Store::open(folder, &key, now)?;
        // On a full disk the app opens all the same, and notes it the next time.
        let _ = store.used_by(&setup.app);
        let store = Arc::new(store);
        let core = Core {
            forms: Forms::new(Arc::clone(&store)),
            store,
            setup,
            folder: folder.to_owned(),
            key,
        };
        if let Some(link) = core.store.device()?.link {
            // As with the app's version.
            let _ = copies::seal(&core, &link);
        }
        Ok(Phone {
            core: Arc::new(core),
            moved_aside,
            running: Arc::new(AtomicBool::new(false)),
        })
    }

    /// Where a damaged database was put when the phone was opened. Somebody should look at it: it
    /// may hold entries that no server has.
    pub fn moved_aside(&self) -> Option<&Path> {
        self.moved_aside.as_deref()
    }

    /// To whom the phone belongs; `None` before it is enrolled.
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub fn enrolment(&self) -> Result<Option<Enrolment>> {
        let Some(link) = self.core.store.device()?.link else {
            return Ok(None);
        };
        let areas = link.cadre.areas.into_iter().map(|code| {
            let name = self.core.store.area_name(&code)?;
            Ok(AreaName {
                name: name.unwrap_or_else(|| code.to_string()),
                code,
            })
        });
        Ok(Some(Enrolment {
            cadre: link.cadre.name,
            areas: areas.collect::<Result<_>>()?,
            campaign: link.campaign.title,
            first_day: link.campaign.first_day,
            last_day: link.campaign.last_day,
            synthetic: link.campaign.synthetic,
            server: link.server,
            standing: link.standing,
            wants_pin: link.campaign.lock.pin,
            lock_after: link.campaign.lock.after_minutes.max(1),
        }))
    }

    /// Makes the phone a cadre's, with the code from her sheet. Again with a new code renews its
    /// sign-in; what it holds stays. The first run of [`Phone::sync`] then brings the lists.
    ///
    /// # Errors
    /// [`Error::Input`] for an address or code that is none, [`Error::Link`], [`Error::Refused`],
    /// [`Error::Enrolled`] if the phone is somebody else's, [`Error::Storage`].
    pub fn enrol(&self, server: &str, code: &str, model: &str) -> Result<Enrolment> {
        let setup = &self.core.setup;
        let server = address(server, setup.allow_plain_http)?;
        let code: EnrolCode = code
            .parse()
            .map_err(|_| Error::Input("a code has eight letters and digits, like K7QM-2XTA"))?;
        let Device { id, link } = self.core.store.device()?;
        let body = ketuk_wire::encode(&EnrolRequest {
            code,
            device: id,
            cadre: link.map(|link| link.cadre.id),
            model: model.to_owned(),
            app: setup.app.clone(),
        })?;
        let request = Request {
            method: "POST",
            path: "/v1/enrol".to_owned(),
            headers: vec![
                ("content-encoding", "zstd".to_owned()),
                (PROTOCOL_HEADER, PROTOCOL.to_owned()),
            ],
            body,
        };
        self.enrolled(&server, &self.ask(&server, request)?)
    }

    /// Stores an enrolment that came another way than through [`Phone::enrol`].
    ///
    /// # Errors
    /// As there.
    pub fn enrolled(&self, server: &str, answer: &EnrolResponse) -> Result<Enrolment> {
        let store = &self.core.store;
        if let Some(link) = store.device()?.link {
            let same = link.campaign.id == answer.campaign.id && link.cadre.id == answer.cadre.id;
            if !same {
                return Err(Error::Enrolled);
            }
        }
        store.enrol(server, answer)?;
        // Without a seal there is no way back from a lost key: that is said, and enrolling can be done again.
        copies::seal(&self.core, &self.core.link()?)?;
        self.enrolment()?.ok_or(Error::NotEnrolled)
    }

    /// The list of households.
    pub fn households(&self) -> Households {
        Households::new(Arc::clone(&self.core))
    }

    /// The cadre's own figures.
    ///
    /// # Errors
    /// [`Error::NotEnrolled`], [`Error::Storage`].
    pub fn progress(&self) -> Result<Progress> {
        progress::progress(&self.core)
    }

    /// What waits to be sent or to be looked at, oldest first.
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub fn waiting(&self, after: Option<u64>, limit: u32) -> Result<WaitingPage> {
        Ok(self.core.store.waiting(after, limit)?)
    }

    /// What the server has signed for, the newest first, before the entry numbered `after`; of
    /// families that are found by `search`, if there is a word in it. Each receipt was checked against
    /// the server's key as it was read, without a network.
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub fn proofs(&self, search: &str, after: Option<u64>, limit: u32) -> Result<ProofPage> {
        Ok(self.core.store.proofs(search, after, limit)?)
    }

    /// What the server has signed for of one entry.
    ///
    /// # Errors
    /// [`Error::NotFound`] if it has not, [`Error::Storage`].
    pub fn proof(&self, seq: u64) -> Result<ProofRow> {
        let proof = self.core.store.proof(seq)?;
        proof.ok_or(Error::NotFound("receipt"))
    }

    /// Sends what waits and gets what is new. Blocks until it is done or can't go on; says what
    /// happens as it does. Collecting goes on meanwhile on another thread.
    ///
    /// # Errors
    /// [`Error::NotEnrolled`], [`Error::Storage`]. Everything else is in the report.
    pub fn sync(
        &self,
        cancel: &SyncCancel,
        mut observe: impl FnMut(SyncEvent),
    ) -> Result<SyncReport> {
        let Some(_turn) = Turn::take(&self.running) else {
            return Ok(SyncReport {
                end: SyncEnd::AlreadyRunning,
                still_waiting: self.core.store.outgoing()?.waiting,
                ..SyncReport::default()
            });
        };
        let link = self.core.link()?;
        let driver = Driver::new(&link.server, &self.core.setup.trusted())?;
        let mut engine = self.engine(chance()?);
        let clock = &*self.core.setup.clock;
        let report = driver.run(&mut engine, clock, cancel, &mut observe);
        if let Ok(report) = &report {
            // On a full disk she is told of the run before.
            let _ = self.core.store.ended(clock.now().wall, report);
        }
        self.core.store.tidy();
        report
    }

    /// What the last run came to, also of another process; `None` before the first.
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub fn last_run(&self) -> Result<Option<LastRun>> {
        Ok(self.core.store.last_run()?)
    }

    /// Takes over a page of news that came another way than through [`Phone::sync`]: in a file, or
    /// made by a test.
    ///
    /// # Errors
    /// [`Error::NotEnrolled`], [`Error::Storage`]: then nothing of it was taken over.
    pub fn take_page(&self, page: &PullPage) -> Result<()> {
        self.core.link()?;
        self.core.store.take_page(page)?;
        self.core.store.tidy();
        Ok(())
    }

    /// A run without a socket: for tests, and for whoever brings another way to the server. `seed`
    /// decides how long it waits.
    pub fn engine(&self, seed: u64) -> Engine {
        Engine::new(
            Arc::clone(&self.core.store),
            &self.core.setup.app,
            forms::usable,
            seed,
        )
    }

    /// One request outside a run, and the message that answers it.
    pub(crate) fn ask<T: DeserializeOwned>(&self, server: &str, request: Request) -> Result<T> {
        ask(&self.core.setup, server, request)
    }
}

/// As [`Phone::ask`], also where there is no phone to be opened.
pub(crate) fn ask<T: DeserializeOwned>(setup: &Setup, server: &str, request: Request) -> Result<T> {
    let answer = Driver::new(server, &setup.trusted())?.send(request);
    let answer = answer.map_err(|failure| {
        Error::Link(match failure {
            Failure::Link => LinkFault::Unreachable,
            Failure::Trust => LinkFault::Trust,
        })
    })?;
    if let Some(fault) = refusal(&answer) {
        return Err(fault);
    }
    ketuk_wire::decode(&answer.body).map_err(|_| Error::Link(LinkFault::Unreachable))
}

/// The one run that may be under way.
struct Turn<'a>(&'a AtomicBool);

impl Turn<'_> {
    fn take(running: &AtomicBool) -> Option<Turn<'_>> {
        (!running.swap(true, Ordering::Acquire)).then_some(Turn(running))
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

/// Sixty-four random bits.
pub(crate) fn chance() -> Result<u64> {
    let no_chance = |_| Error::from(std::io::Error::other("the machine gives no random numbers"));
    getrandom::u64().map_err(no_chance)
}

/// An id that sorts by the time of its making.
pub(crate) fn new_id(clock: &dyn Clock) -> Result<Uuid> {
    let mut random = [0; 10];
    let (high, low) = (chance()?.to_le_bytes(), chance()?.to_le_bytes());
    random[..8].copy_from_slice(&high);
    random[8..].copy_from_slice(&low[..2]);
    let since = Duration::try_from(clock.now().wall.as_duration()).unwrap_or_default();
    let millis = u64::try_from(since.as_millis()).unwrap_or_default();
    Ok(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
}
