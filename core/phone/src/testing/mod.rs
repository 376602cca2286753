//! What the tests of this crate share: a clock that is set by hand, a phone's database in a
//! temporary folder, and a server in memory that keeps to the protocol.

pub(crate) mod http;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use ketuk_wire::{
    Ack, AreaCode, Cadre, Campaign, Change, EnrolResponse, FormRef, Household, Limits, Op, Outcome,
    PullPage, Receipt, Refusal, RefusalCode, SeqRanges, Sha256, SigningKey, Summary, SyncRequest,
    SyncResponse, Trouble, TroubleCode, Verdict,
};
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::clock::Moment;
use crate::store::{Answer, Finished, Key, NewHousehold, Started, Store};
use crate::sync::{Engine, Failure, Request, Response, Step, SyncEvent, SyncReport};

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
    apply_page(&store, server.epoch, changes);
    store.keep_form(Sha256::of(FORM), FORM).unwrap();
    store
}

pub(crate) fn apply_page(store: &Store, epoch: Uuid, changes: Vec<Change>) {
    store
        .apply(&Answer {
            epoch,
            server_time: noon(),
            safe_seq: 0,
            entries: &[],
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
    let entry = store.last_entry(household)?;
    store.finish(&Finished {
        household: &NewHousehold {
            id: household,
            area: area(),
        },
        started: Started {
            at: noon(),
            base: known.map_or(0, |known| known.revision),
            entry: entry.map(|entry| entry.seq),
        },
        finished_at: noon(),
        form: Sha256::of(FORM),
        document,
        draft: "{}",
        summary: &Summary {
            outcome: Outcome::Met,
            head: String::new(),
            address: String::new(),
            number: String::new(),
        },
        op: Uuid::new_v4(),
    })
}

/// Notes that all that is ready goes out now, as a run does before it sends it.
pub(crate) fn attempt(store: &Store) {
    let ops = store.lot(usize::MAX, usize::MAX, true).unwrap().ops;
    assert!(store.attempt(&ops).unwrap());
}

/// What the server keeps of an entry.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    pub(crate) op: Uuid,
    pub(crate) household: Uuid,
    pub(crate) base: u64,
    pub(crate) text: String,
    ack: Option<Ack>,
    trouble: Option<Trouble>,
}

/// A server that keeps to the protocol, all in memory.
pub(crate) struct Server {
    pub(crate) key: SigningKey,
    pub(crate) epoch: Uuid,
    /// In the order in which they came.
    pub(crate) kept: Vec<Kept>,
    pub(crate) numbers: BTreeMap<u64, Uuid>,
    pub(crate) revisions: HashMap<Uuid, u64>,
    /// News, in order; the cursor is how many of them the phone has.
    pub(crate) changes: Vec<Change>,
    pub(crate) form: Vec<u8>,
    pub(crate) requests: Vec<SyncRequest>,
    /// The largest request body that it takes.
    pub(crate) largest: usize,
    /// A page of the pull has at most so many changes.
    pub(crate) page: usize,
}

impl Server {
    pub(crate) fn new() -> Server {
        Server {
            key: SigningKey::from_seed(&[3; 32]),
            epoch: Uuid::from_u128(77),
            kept: Vec::new(),
            numbers: BTreeMap::new(),
            revisions: HashMap::new(),
            changes: Vec::new(),
            form: FORM.to_vec(),
            requests: Vec::new(),
            largest: 1 << 20,
            page: usize::MAX,
        }
    }

    pub(crate) fn enrolment(&self) -> EnrolResponse {
        EnrolResponse {
            token: "secret-token".into(),
            cadre: Cadre {
                id: Uuid::from_u128(1),
                name: "Kader".into(),
                areas: vec![area()],
            },
            campaign: Campaign {
                id: Uuid::from_u128(2),
                title: "Uji".into(),
                first_day: "2026-07-01".parse().unwrap(),
                last_day: "2026-07-31".parse().unwrap(),
                synthetic: true,
            },
            server_key: self.key.public(),
            epoch: self.epoch,
        }
    }

    /// The texts it has for a household, oldest first.
    pub(crate) fn texts(&self, household: Uuid) -> Vec<&str> {
        let kept = self.kept.iter().filter(|kept| kept.household == household);
        kept.map(|kept| kept.text.as_str()).collect()
    }

    /// The text that counts for a household, conflicts apart.
    pub(crate) fn current(&self, household: Uuid) -> Option<&str> {
        let mut kept = self.kept.iter().rev();
        let counts = kept.find(|kept| kept.household == household && kept.ack.is_some());
        counts.map(|kept| kept.text.as_str())
    }

    /// Becomes what it was when it had `entries` of its entries: restored from a backup.
    pub(crate) fn restore(&mut self, entries: usize) {
        self.epoch = Uuid::new_v4();
        self.kept.truncate(entries);
        let ops: Vec<Uuid> = self.kept.iter().map(|kept| kept.op).collect();
        self.numbers.retain(|_, op| ops.contains(op));
        self.revisions.clear();
        for kept in &self.kept {
            if kept.ack.is_some() {
                *self.revisions.entry(kept.household).or_default() += 1;
            }
        }
    }

    pub(crate) fn handle(&mut self, request: &Request) -> Response {
        if let Some(digest) = request.path.strip_prefix("/v1/forms/") {
            return match Sha256::of(&self.form).to_string() == digest {
                true => answer(200, self.form.clone()),
                false => refuse(404, RefusalCode::NotFound),
            };
        }
        if request.body.len() > self.largest {
            return refuse(413, RefusalCode::TooLarge);
        }
        let message: SyncRequest = ketuk_wire::decode(&request.body).unwrap();
        self.requests.push(message.clone());
        if message
            .ops
            .iter()
            .any(|op| text(op).starts_with("MALFORMED"))
        {
            return refuse(422, RefusalCode::BadRequest);
        }
        if message.ops.iter().any(|op| text(op).starts_with("POISON")) {
            return refuse(500, RefusalCode::Busy);
        }
        let pull = match &message.pull {
            Some(pull) => {
                let from: usize = match pull.cursor.as_deref().unwrap_or("0").parse() {
                    Ok(from) if from <= self.changes.len() => from,
                    _ => return refuse(409, RefusalCode::Cursor),
                };
                let until = from.saturating_add(self.page).min(self.changes.len());
                Some(PullPage {
                    changes: self.changes[from..until].to_vec(),
                    cursor: until.to_string(),
                    more: until < self.changes.len(),
                })
            }
            None => None,
        };
        let kept: Vec<(u64, Kept)> = message
            .ops
            .iter()
            .filter_map(|op| Some((op.seq, self.take(op)?)))
            .collect();
        let rejected = message
            .ops
            .iter()
            .filter(|op| text(op).starts_with("REJECT"))
            .map(|op| trouble(op.seq, Verdict::Rejected));
        let troubles = kept.iter().filter_map(|(_, kept)| kept.trouble.clone());
        let durable: SeqRanges = kept.iter().map(|(seq, _)| *seq).collect();
        let safe = (1..)
            .take_while(|seq| self.numbers.contains_key(seq))
            .last();
        let body = ketuk_wire::encode(&SyncResponse {
            epoch: self.epoch,
            server_time: noon(),
            durable,
            acks: kept
                .iter()
                .filter_map(|(_, kept)| kept.ack.clone())
                .collect(),
            troubles: troubles.chain(rejected).collect(),
            safe_seq: safe.unwrap_or(0),
            pull,
            limits: Limits {
                max_ops: 500,
                max_bytes: 1 << 20,
            },
        });
        answer(200, body.unwrap())
    }

    /// Takes an entry once, whatever is sent again.
    fn take(&mut self, op: &Op) -> Option<Kept> {
        let text = text(op);
        if text.starts_with("REJECT") {
            return None;
        }
        if let Some(kept) = self.kept.iter().find(|kept| kept.op == op.op) {
            assert_eq!(
                kept.text, text,
                "an entry's bytes changed after it was sent"
            );
            return Some(kept.clone());
        }
        let taken = self.numbers.insert(op.seq, op.op);
        assert_eq!(taken, None, "number {} was given out twice", op.seq);
        let revision = self.revisions.entry(op.household).or_default();
        let (ack, trouble) = if text.starts_with("QUARANTINE") {
            (None, Some(trouble(op.seq, Verdict::Quarantined)))
        } else if op.base < *revision {
            (None, Some(trouble(op.seq, Verdict::Conflict)))
        } else {
            *revision += 1;
            let receipt = Receipt::sign(&self.key, op.household, *revision, op.sha256, noon());
            let ack = Ack {
                seq: op.seq,
                revision: *revision,
                received_at: noon(),
                signature: receipt.signature,
            };
            (Some(ack), None)
        };
        self.kept.push(Kept {
            op: op.op,
            household: op.household,
            base: op.base,
            text,
            ack,
            trouble,
        });
        self.kept.last().cloned()
    }
}

fn text(op: &Op) -> String {
    let document: serde_json::Value = serde_json::from_str(op.document.get()).unwrap();
    let text = document["catatan"].as_str();
    text.unwrap_or(op.document.get()).to_owned()
}

fn trouble(seq: u64, verdict: Verdict) -> Trouble {
    Trouble {
        seq,
        verdict,
        code: TroubleCode::InvalidDocument,
        message: "Isian ini belum lolos pemeriksaan.".into(),
    }
}

pub(crate) fn answer(status: u16, body: Vec<u8>) -> Response {
    Response {
        status,
        headers: vec![("ketuk-protocol".into(), "1".into())],
        body,
    }
}

pub(crate) fn refuse(status: u16, code: RefusalCode) -> Response {
    let refusal = Refusal {
        code,
        message: "Tidak bisa.".into(),
    };
    answer(status, serde_json::to_vec(&refusal).unwrap())
}

/// A run against `link`, which says what becomes of each request. The clock goes only by what the
/// engine waits.
pub(crate) struct Run {
    pub(crate) engine: Engine,
    pub(crate) now: Moment,
    pub(crate) events: Vec<SyncEvent>,
    /// What the link carries, in bytes a second; a round trip takes 0.8 s besides.
    pub(crate) rate: f64,
}

impl Run {
    pub(crate) fn new(store: &Arc<Store>) -> Run {
        Run {
            engine: Engine::new(Arc::clone(store), "test", |bytes| bytes == FORM, 1),
            now: Moment {
                wall: noon(),
                steady: Duration::ZERO,
            },
            events: Vec::new(),
            rate: f64::INFINITY,
        }
    }

    pub(crate) fn drive(
        &mut self,
        mut link: impl FnMut(&Request) -> Result<Response, Failure>,
    ) -> SyncReport {
        for _ in 0..10_000 {
            let step = self.engine.poll(self.now).unwrap();
            match step {
                Step::Done(report) => {
                    self.events.extend(self.engine.take_events());
                    return report;
                }
                Step::Wait(until) => {
                    assert!(until > self.now.steady, "waits for what has been");
                    self.pass(until - self.now.steady);
                }
                Step::Send(request) => {
                    self.events.extend(self.engine.take_events());
                    let answer = link(&request);
                    let back = answer.as_ref().map_or(0, |response| response.body.len());
                    let headers = 800;
                    let carried = (request.body.len() + back + headers) as f64;
                    self.pass(Duration::from_secs_f64(0.8 + carried / self.rate));
                    match answer {
                        Ok(response) => self.engine.received(self.now, &response).unwrap(),
                        Err(failure) => self.engine.failed(self.now, failure),
                    }
                }
            }
            self.events.extend(self.engine.take_events());
        }
        panic!("the run doesn't end");
    }

    fn pass(&mut self, time: Duration) {
        self.now.steady += time;
        self.now.wall = self.now.wall.checked_add(time).unwrap();
    }
}

pub(crate) fn sync(store: &Arc<Store>, server: &mut Server) -> SyncReport {
    Run::new(store).drive(|request| Ok(server.handle(request)))
}
