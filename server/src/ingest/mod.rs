//! The way of an entry: checked in code, then written for its village in one transaction that gives
//! it its revision, its change number and its place in the roll-up.

mod again;
mod check;
mod combine;
mod household;
mod note;
mod ranges;
mod rows;
mod store;
mod words;

use std::collections::BTreeMap;

use jiff::Timestamp;
use ketuk_wire::{
    Ack, AreaCode, Holding, Op, Outgoing, SeqRanges, Sha256, Signature, Trouble, TroubleCode,
    Verdict,
};
use uuid::Uuid;

pub(crate) use again::judge_again;
pub(crate) use check::village_of;
use check::{Entry, Judgement};
pub(crate) use household::{Count, next_revision};
use note::{Note, Numbers, Said};
pub(crate) use ranges::Seen;
pub(crate) use rows::{Counts, REVISION, add_to_rollup, count_in, is_revision};
use store::Batch;
pub(crate) use words::{code_of, code_text};

use crate::Error;
use crate::db::Tx;
use crate::enrol::allotment;
use crate::hub::Hub;

/// Whose entries they are.
#[derive(Debug, Clone)]
pub(crate) struct Phone {
    /// Where the cadre belongs; her phone's own row is kept there.
    pub(crate) village: String,
    pub(crate) device: Uuid,
    pub(crate) cadre: Uuid,
    /// Her RTs.
    pub(crate) rts: Vec<AreaCode>,
    /// Its numbers that are here.
    pub(crate) seen: Seen,
    /// The highest number that was ever heard of from the phone.
    pub(crate) high_seq: u64,
    /// The highest that is known to name two entries of the phone, one of them of a life that it lost.
    pub(crate) doubled: u64,
    /// Whether it was put back from an older copy of itself.
    pub(crate) put_back: bool,
    /// Whether any entry of the phone names a photo.
    pub(crate) has_photos: bool,
}

impl Phone {
    /// A phone of which nothing has come yet.
    pub(crate) fn new(village: &str, device: Uuid, cadre: Uuid, rts: Vec<AreaCode>) -> Phone {
        Phone {
            village: village.to_owned(),
            device,
            cadre,
            rts,
            seen: Seen::default(),
            high_seq: 0,
            doubled: 0,
            put_back: false,
            has_photos: false,
        }
    }

    /// With the RTs that are the cadre's as this transaction sees it.
    pub(crate) fn as_allotted(&self, tx: &mut Tx<'_>) -> Result<Phone, Error> {
        Ok(Phone {
            rts: allotment(tx, self.cadre)?,
            ..self.clone()
        })
    }
}

/// What a phone says of itself with each request.
#[derive(Debug, Clone)]
pub(crate) struct Word {
    pub(crate) app: String,
    pub(crate) clock: Timestamp,
    pub(crate) outgoing: Outgoing,
}

/// What became of the entries of a request.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    /// Whether the phone was put back from an older copy of itself: then nothing was taken.
    pub(crate) put_back: bool,
    /// All of the phone's numbers that are here.
    pub(crate) received: SeqRanges,
    /// The highest number that was ever heard of from the phone.
    pub(crate) high_seq: u64,
    pub(crate) acks: Vec<Ack>,
    /// Over the acknowledgements, in their order.
    pub(crate) signature: Option<Signature>,
    pub(crate) troubles: Vec<Trouble>,
    /// How many of the acknowledged had come before.
    pub(crate) again: u64,
}

/// What became of one entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is here, since then.
    Here(Standing, Timestamp),
    /// It is not kept.
    Rejected(TroubleCode),
}

/// An entry of a request, and what became of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Done<'a> {
    op: &'a Op,
    fate: Fate,
    /// Whether it had come before.
    again: bool,
}

/// How an entry that is here stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// As a revision.
    Revision(u64),
    /// In a revision, put together with what another phone sent.
    Merged(u64),
    /// Beside the revisions.
    Aside(Verdict, TroubleCode),
}

impl Standing {
    /// As an acknowledgement and a receipt say it.
    fn revision(self) -> u64 {
        match self {
            Standing::Revision(revision) | Standing::Merged(revision) => revision,
            Standing::Aside(..) => 0,
        }
    }

    fn trouble(self) -> Option<(Verdict, TroubleCode)> {
        match self {
            Standing::Revision(_) => None,
            Standing::Merged(_) => Some((Verdict::Merged, TroubleCode::NewerRevision)),
            Standing::Aside(verdict, code) => Some((verdict, code)),
        }
    }
}

/// Takes a phone's entries, and its word on its own queue, at this time of the server.
///
/// # Errors
/// If the database is not available. What was committed until then stays; sent again, it gets the
/// same answers.
pub(crate) fn take(
    hub: &Hub,
    phone: &Phone,
    word: &Word,
    ops: &[Op],
    now: Timestamp,
) -> Result<Taken, Error> {
    let forgets = word.outgoing.high_seq < phone.high_seq || word.outgoing.lived_to < phone.doubled;
    // Or it has caught up since it was put back: numbers of these name two entries each.
    if forgets || note::names_others(hub, phone, ops)? {
        return note::put_back(hub, phone, word, now);
    }
    keep(hub, phone, ops, Way::Sent(word), now)
}

/// Takes entries that a phone handed over in a file; `high_seq` is the highest number that it had given
/// out by then. A file may well be older than the phone's last request.
///
/// # Errors
/// As [`take`].
pub(crate) fn take_handed_over(
    hub: &Hub,
    phone: &Phone,
    ops: &[Op],
    high_seq: u64,
    now: Timestamp,
) -> Result<Taken, Error> {
    keep(hub, phone, ops, Way::HandedOver { high_seq }, now)
}

/// Keeps entries of which it is not sure that the phone handed them over. They stand aside under an
/// operation of their own, so that the phone's word finds its place free if it comes; what came from
/// the phone already, byte for byte, adds nothing.
///
/// # Errors
/// As [`take`].
pub(crate) fn take_doubtful(
    hub: &Hub,
    phone: &Phone,
    ops: &[Op],
    now: Timestamp,
) -> Result<Taken, Error> {
    keep(hub, phone, ops, Way::Doubtful, now)
}

/// What a doubtful entry is kept under: the same for the same operation, and no phone's.
fn aside(op: Uuid) -> Uuid {
    let digest = Sha256::of(format!("of a doubtful sender\n{op}\n").as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest.as_bytes()[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// How entries come.
#[derive(Clone, Copy)]
enum Way<'a> {
    /// From the phone, with its word on itself.
    Sent(&'a Word),
    /// In a file of the phone's.
    HandedOver { high_seq: u64 },
    /// In a file that may be anybody's: they say nothing of the phone.
    Doubtful,
}

fn keep(
    hub: &Hub,
    phone: &Phone,
    ops: &[Op],
    way: Way<'_>,
    now: Timestamp,
) -> Result<Taken, Error> {
    hub.catch_up(ops)?;
    let mut done: Vec<Done<'_>> = Vec::with_capacity(ops.len());
    let mut by_village: BTreeMap<String, Vec<Entry<'_>>> = BTreeMap::new();
    for op in ops {
        match check::check(hub, phone, op, now) {
            Ok(mut entry) => {
                match way {
                    Way::Sent(_) => {}
                    Way::HandedOver { .. } => entry.is_forgotten = phone.put_back,
                    Way::Doubtful => {
                        entry.id = aside(op.op);
                        entry.judgement = Judgement::Unsound(TroubleCode::DoubtfulSender);
                    }
                }
                by_village
                    .entry(entry.village.clone())
                    .or_default()
                    .push(entry);
            }
            Err(code) => done.push(Done {
                op,
                fate: Fate::Rejected(code),
                again: false,
            }),
        }
    }
    let said = match way {
        Way::Sent(word) => Some(Said::Word(word)),
        Way::HandedOver { high_seq } => Some(Said::HighSeq(high_seq)),
        Way::Doubtful => None,
    };
    let mut numbers = None;
    if said.is_some() {
        by_village.entry(phone.village.clone()).or_default();
    }
    for _ in 0..MOST_STOPS {
        let Some((village, entries)) = next_stop(&mut by_village, &phone.village) else {
            return Ok(answer(hub, done, numbers.unwrap_or_default()));
        };
        let batch = Batch {
            hub,
            phone,
            village: &village,
            now,
        };
        let is_home = village == phone.village;
        let note = said.filter(|_| is_home).map(|said| Note {
            said,
            elsewhere: &done,
        });
        let stored = batch.store(&entries, note)?;
        if stored.changed {
            hub.wake(&village);
        }
        if is_home && said.is_some() && stored.numbers.is_none() {
            by_village.entry(village).or_default();
        }
        for entry in stored.elsewhere {
            let group = by_village.entry(entry.village.clone()).or_default();
            group.push(entry);
        }
        done.extend(stored.done);
        numbers = stored.numbers.or(numbers);
    }
    Err(Error::Internal("a family moves in circles".into()))
}

/// Far more villages than a request has to do with.
const MOST_STOPS: usize = 1000;

/// The next village's entries. The phone's own goes last: its transaction also notes what of the
/// phone is here.
fn next_stop<'a>(
    by_village: &mut BTreeMap<String, Vec<Entry<'a>>>,
    home: &str,
) -> Option<(String, Vec<Entry<'a>>)> {
    let away = by_village.keys().find(|village| *village != home);
    let village = away.or(by_village.keys().next())?.clone();
    by_village.remove_entry(&village)
}

fn answer(hub: &Hub, mut done: Vec<Done<'_>>, numbers: Numbers) -> Taken {
    let mut taken = Taken {
        received: numbers.received(),
        high_seq: numbers.high_seq,
        ..Taken::default()
    };
    let mut batch = Vec::with_capacity(done.len());
    done.sort_by_key(|done| done.op.seq);
    for Done { op, fate, again } in done {
        let trouble_of = match fate {
            Fate::Rejected(code) => Some((Verdict::Rejected, code)),
            Fate::Here(standing, received_at) => {
                let revision = standing.revision();
                taken.again += u64::from(again);
                taken.acks.push(Ack {
                    seq: op.seq,
                    revision,
                    received_at,
                });
                batch.push(Holding {
                    household: op.household,
                    revision,
                    sha256: op.sha256,
                    received_at,
                });
                standing.trouble()
            }
        };
        taken
            .troubles
            .extend(trouble_of.map(|(verdict, code)| trouble(op.seq, verdict, code)));
    }
    taken.signature = ketuk_wire::sign(&hub.secrets.signing, &batch);
    taken
}

fn trouble(seq: u64, verdict: Verdict, code: TroubleCode) -> Trouble {
    Trouble {
        seq,
        verdict,
        code,
        message: words::sentence(verdict, code).to_owned(),
    }
}
