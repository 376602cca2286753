//! The way of an entry: checked in code, then written for its village in one transaction that gives
//! it its revision, its change number and its place in the roll-up.

mod check;
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

pub(crate) use check::village_of;
use check::{Entry, Judgement};
pub(crate) use household::{Count, next_revision};
use note::{Note, Numbers, Said};
pub(crate) use ranges::Seen;
pub(crate) use words::{code_of, code_text};

use crate::Error;
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
    /// The highest number that was ever heard of from the phone.
    pub(crate) high_seq: u64,
    /// Whether any entry of the phone names a photo.
    pub(crate) has_photos: bool,
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
}

/// What became of one entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is here, since then.
    Here(Standing, Timestamp),
    /// It is not kept.
    Rejected(TroubleCode),
}

/// How an entry that is here stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// As a revision.
    Revision(u64),
    /// Beside the revisions.
    Aside(Verdict, TroubleCode),
}

impl Standing {
    /// As an acknowledgement and a receipt say it.
    fn revision(self) -> u64 {
        match self {
            Standing::Revision(revision) => revision,
            Standing::Aside(..) => 0,
        }
    }

    fn trouble(self) -> Option<(Verdict, TroubleCode)> {
        match self {
            Standing::Revision(_) => None,
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
    if word.outgoing.high_seq < phone.high_seq {
        return note::put_back(hub, phone, now);
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
/// operation of their own, so that the phone's word finds its place free if it comes.
///
/// # Errors
/// As [`take`].
pub(crate) fn take_doubtful(
    hub: &Hub,
    phone: &Phone,
    ops: &[Op],
    now: Timestamp,
) -> Result<Taken, Error> {
    let aside = |op: &Op| Op {
        op: aside(op.op),
        ..op.clone()
    };
    let ops: Vec<Op> = ops.iter().map(aside).collect();
    keep(hub, phone, &ops, Way::Doubtful, now)
}

/// The same for the same operation, and no phone's.
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
    let mut fates: Vec<(&Op, Fate)> = Vec::with_capacity(ops.len());
    let mut by_village: BTreeMap<String, Vec<Entry<'_>>> = BTreeMap::new();
    for op in ops {
        match check::check(hub, phone, op, now) {
            Ok(mut entry) => {
                if let Way::Doubtful = way {
                    entry.judgement = Judgement::Unsound(TroubleCode::DoubtfulSender);
                }
                by_village
                    .entry(entry.village.clone())
                    .or_default()
                    .push(entry);
            }
            Err(code) => fates.push((op, Fate::Rejected(code))),
        }
    }
    // The phone's own village goes last: its transaction also notes what of the phone is here.
    let home = by_village.remove(&phone.village).unwrap_or_default();
    for (village, entries) in by_village {
        fates.extend(store::store(hub, phone, &village, &entries, None, now)?.fates);
        hub.wake(&village);
    }
    let elsewhere: Vec<u64> = fates
        .iter()
        .filter(|(_, fate)| !matches!(fate, Fate::Rejected(_)))
        .map(|(op, _)| op.seq)
        .collect();
    let said = match way {
        Way::Sent(word) => Some(Said::Word(word)),
        Way::HandedOver { high_seq } => Some(Said::HighSeq(high_seq)),
        Way::Doubtful => None,
    };
    let note = said.map(|said| Note {
        said,
        durable_elsewhere: &elsewhere,
    });
    let stored = store::store(hub, phone, &phone.village, &home, note, now)?;
    if stored.changed {
        hub.wake(&phone.village);
    }
    fates.extend(stored.fates);
    let numbers = stored.numbers.unwrap_or_default();
    Ok(answer(hub, fates, numbers))
}

fn answer(hub: &Hub, mut fates: Vec<(&Op, Fate)>, numbers: Numbers) -> Taken {
    let mut taken = Taken {
        received: numbers.seen.into(),
        high_seq: numbers.high_seq,
        ..Taken::default()
    };
    let mut batch = Vec::with_capacity(fates.len());
    fates.sort_by_key(|(op, _)| op.seq);
    for (op, fate) in fates {
        let trouble_of = match fate {
            Fate::Rejected(code) => Some((Verdict::Rejected, code)),
            Fate::Here(standing, received_at) => {
                let revision = standing.revision();
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
