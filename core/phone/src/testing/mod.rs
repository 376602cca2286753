//! What the tests of this crate share: a clock that is set by hand, a phone's database in a
//! temporary folder, and a server in memory that keeps to the protocol.

mod blobs;
pub(crate) mod http;
mod server;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use ketuk_wire::{
    AreaCode, Change, FormRef, Household, Outcome, PullPage, SeqRanges, Sha256, Summary,
};
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::clock::Moment;
use crate::store::{Answer, Finished, Key, NewHousehold, Started, Store};
use crate::sync::{Engine, Failure, Request, Response, Step, SyncEvent, SyncReport};

pub(crate) use self::server::{Server, answer, refuse};

pub(crate) const KEY: [u8; 32] = [7; 32];
pub(crate) const FORM: &[u8] = b"a questionnaire";
pub(crate) const RT: &str = "75.71.01.1001.002.005";

pub(crate) fn area() -> AreaCode {
    RT.parse().unwrap()
}

pub(crate) fn noon() -> Timestamp {
    "2026-07-12T12:00:00Z".parse().unwrap()
}

pub(crate) fn open(folder: &Path) -> Arc<Store> {
    let (store, moved) = Store::open(folder, &Key::new(KEY), noon()).unwrap();
    assert_eq!(moved, None, "the database was moved aside");
    Arc::new(store)
}

pub(crate) fn form_ref() -> FormRef {
    FormRef {
        id: "uji".into(),
        version: "1".into(),
    }
}

/// An enrolled phone with a questionnaire and these households listed.
pub(crate) fn enrolled(folder: &Path, server: &Server, households: &[Uuid]) -> Arc<Store> {
    let store = open(folder);
    store
        .enrol("https://server.test", &server.enrolment())
        .unwrap();
    let mut changes: Vec<Change> = households.iter().map(|id| listed(*id)).collect();
    changes.push(Change::Form {
        form: form_ref(),
        sha256: Sha256::of(FORM),
    });
    apply_page(&store, changes);
    store.keep_form(Sha256::of(FORM), FORM).unwrap();
    store
}

/// As many numbers as a phone in a test could give out: a server that has them all.
pub(crate) fn everything() -> SeqRanges {
    vec![(1, 1 << 20)].into()
}

pub(crate) fn apply_page(store: &Store, changes: Vec<Change>) {
    store
        .apply(&Answer {
            server_time: noon(),
            received: &everything(),
            entries: &[],
            wanted: &[],
            largest_photo: ketuk_wire::MAX_BLOB,
            page: Some(&PullPage {
                changes,
                cursor: "0".into(),
                more: false,
            }),
        })
        .unwrap();
}

pub(crate) fn household(id: Uuid, number: usize, head: &str) -> Household {
    Household {
        id,
        area: area(),
        number: format!("{number:03}"),
        head: head.into(),
        address: format!("Jl. Contoh {number}"),
        revision: 0,
        outcome: None,
        document: Some(RawValue::from_string(r#"{"hasil":"1"}"#.into()).unwrap()),
    }
}

pub(crate) fn listed(id: Uuid) -> Change {
    let number = id.as_u128() as usize;
    Change::Household(household(id, number, &format!("Kepala {number}")))
}

pub(crate) fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

/// Finishes a visit with this text as its only answer; gives the entry's number.
pub(crate) fn finish(store: &Store, household: Uuid, text: &str) -> u64 {
    try_finish(store, household, text).unwrap()
}

pub(crate) fn try_finish(
    store: &Store,
    household: Uuid,
    text: &str,
) -> Result<u64, crate::store::StorageFault> {
    let document = serde_json::json!({"hasil": "1", "catatan": text}).to_string();
    finish_document(store, household, &document)
}

/// Finishes a visit with this document; gives the entry's number.
pub(crate) fn finish_document(
    store: &Store,
    household: Uuid,
    document: &str,
) -> Result<u64, crate::store::StorageFault> {
    let known = store.household(household)?;
    let revision = known.as_ref().map_or(0, |known| known.revision);
    let own = store.last_entry(household)?;
    let own = own.filter(|entry| entry.speaks(revision));
    let asked = known.as_ref().and_then(|known| known.asked.clone());
    let (saved, _) = store.finish(&Finished {
        household: &NewHousehold {
            id: household,
            area: area(),
        },
        started: Started {
            at: noon(),
            base: own.as_ref().map_or(revision, |entry| entry.base),
            entry: own.map(|entry| entry.op),
        },
        asked: asked.as_ref(),
        finished_at: noon(),
        form: Sha256::of(FORM),
        document,
        draft: "{}",
        log: None,
        summary: &Summary {
            outcome: Outcome::Met,
            head: String::new(),
            address: String::new(),
            number: String::new(),
        },
        op: Uuid::new_v4(),
    })?;
    Ok(saved.seq)
}

/// Notes that all that is ready goes out now, as a run does before it sends it.
pub(crate) fn attempt(store: &Store) {
    let ops = store.lot(usize::MAX, usize::MAX, true).unwrap().ops;
    assert!(store.attempt(&ops).unwrap());
}

/// A run against `link`, which says what becomes of each request. The clock goes only by what the
/// engine waits.
pub(crate) struct Run {
    store: Arc<Store>,
    pub(crate) engine: Engine,
    pub(crate) now: Moment,
    pub(crate) events: Vec<SyncEvent>,
    /// What the link carries, in bytes a second; a round trip takes 0.8 s besides.
    pub(crate) rate: f64,
    /// When it is cut, if it is.
    pub(crate) cut_every: Option<Duration>,
}

impl Run {
    pub(crate) fn new(store: &Arc<Store>) -> Run {
        Run {
            store: Arc::clone(store),
            engine: Engine::new(Arc::clone(store), "test", |bytes| bytes == FORM, 1),
            now: Moment {
                wall: noon(),
                steady: Duration::ZERO,
            },
            events: Vec::new(),
            rate: f64::INFINITY,
            cut_every: None,
        }
    }

    pub(crate) fn drive(
        &mut self,
        mut link: impl FnMut(&Request) -> Result<Response, Failure>,
    ) -> SyncReport {
        for _ in 0..10_000 {
            let step = self.engine.poll(self.now).unwrap();
            self.take_events();
            match step {
                Step::Done(report) => return report,
                Step::Wait(until) => {
                    assert!(until > self.now.steady, "waits for what has been");
                    self.pass(until - self.now.steady);
                }
                Step::Send(request) => match self.carry(&request, &mut link) {
                    Ok(response) => self.engine.received(self.now, &response).unwrap(),
                    Err(failure) => self.engine.failed(self.now, failure),
                },
            }
            self.take_events();
        }
        panic!("the run doesn't end");
    }

    /// Over the link, unless it is cut meanwhile: before the server has the request, or after.
    fn carry(
        &mut self,
        request: &Request,
        link: &mut impl FnMut(&Request) -> Result<Response, Failure>,
    ) -> Result<Response, Failure> {
        self.cross(request.body.len())?;
        let answer = link(request);
        self.cross(answer.as_ref().map_or(0, |response| response.body.len()))?;
        answer
    }

    /// Half a round trip.
    fn cross(&mut self, body: usize) -> Result<(), Failure> {
        const HEADERS: usize = 200;
        let takes = 0.4 + (body + HEADERS) as f64 / self.rate;
        let takes = Duration::from_secs_f64(takes);
        let cut = self.cut_every.map(|every| {
            let gone = self.now.steady.as_secs_f64() % every.as_secs_f64();
            every.saturating_sub(Duration::from_secs_f64(gone))
        });
        match cut.filter(|left| *left < takes) {
            Some(left) => {
                self.pass(left);
                Err(Failure::Link)
            }
            None => {
                self.pass(takes);
                Ok(())
            }
        }
    }

    /// "12 of 40 received, the rest are safe on this phone" is so whenever it is said.
    fn take_events(&mut self) {
        let events = self.engine.take_events();
        for event in &events {
            if let SyncEvent::Progress { received, of } = event {
                let waiting = self.store.outgoing().unwrap().waiting;
                assert_eq!(of - received, waiting, "{event:?}");
            }
        }
        self.events.extend(events);
    }

    fn pass(&mut self, time: Duration) {
        self.now.steady += time;
        self.now.wall = self.now.wall.checked_add(time).unwrap();
    }
}

pub(crate) fn sync(store: &Arc<Store>, server: &mut Server) -> SyncReport {
    Run::new(store).drive(|request| Ok(server.handle(request)))
}

/// Her figures are what counting each household gives.
pub(crate) fn tally_is_what_can_be_counted(store: &Store) {
    let rows = |sql: &str| {
        store.read(|connection| {
            let mut statement = connection.prepare(sql)?;
            let rows = statement.query_map([], |row| {
                Ok((
                    row.get::<_, String>(0)?,
                    row.get::<_, i64>(1)?,
                    row.get::<_, i64>(2)?,
                    row.get::<_, i64>(3)?,
                    row.get::<_, i64>(4)?,
                    row.get::<_, i64>(5)?,
                ))
            })?;
            Ok(rows.collect::<rusqlite::Result<Vec<_>>>()?)
        })
    };
    let kept = rows("SELECT * FROM tally WHERE families <> 0 ORDER BY 1, 2, 3, 4, 5").unwrap();
    let counted = rows(
        "SELECT area, listed, coalesce(outcome, -1), state, gone IS NOT NULL, count(*)
         FROM household GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5",
    );
    assert_eq!(kept, counted.unwrap());
}
