//! What is kept of a phone itself: its word on its queue, and which of its numbers are here.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use ketuk_wire::{Op, SeqRanges};
use uuid::Uuid;

use super::ranges::Seen;
use super::store::Batch;
use super::{Done, Fate, Phone, Taken, Word, aside};
use crate::Error;
use crate::db::{Each, Kind, Row, Tx};
use crate::hub::Hub;

/// More than a phone ever holds. A number beyond it is none of a phone's, and would make a village's
/// sum one that no database takes.
const MOST_WAITING: u64 = 100_000;

fn believable(waiting: u64) -> u64 {
    waiting.min(MOST_WAITING)
}

/// A phone's numbers, as far as they are known here.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    /// Those of entries that are here.
    seen: Seen,
    /// Those of them that became something else since the phone was told.
    retell: Seen,
    /// The highest that was ever heard of.
    pub(super) high_seq: u64,
}

impl Numbers {
    /// As the phone is told: what it must hear of again, it is to send again.
    pub(super) fn received(&self) -> SeqRanges {
        self.seen.without(&self.retell).into()
    }
}

/// What a phone says of itself.
#[derive(Clone, Copy)]
pub(super) enum Said<'a> {
    /// All that it says with a request.
    Word(&'a Word),
    /// The highest number that it had given out when it wrote a file.
    HighSeq(u64),
}

/// What is written of the phone, in its own village.
#[derive(Clone, Copy)]
pub(super) struct Note<'a> {
    pub(super) said: Said<'a>,
    /// What just became of its entries in other villages.
    pub(super) elsewhere: &'a [Done<'a>],
}

impl Note<'_> {
    /// A phone that only asks what is new changes no figure of its village: its row is noted without
    /// the village's lock. `None` if it does change one.
    pub(super) fn quietly(
        self,
        tx: &mut Tx<'_>,
        batch: &Batch<'_>,
    ) -> Result<Option<Numbers>, Error> {
        let Said::Word(word) = self.said else {
            return Ok(None);
        };
        let phone = batch.phone;
        let row = device(tx, phone)?;
        if !self.elsewhere.is_empty() || row.count(2)? != believable(word.outgoing.waiting) {
            return Ok(None);
        }
        let mut numbers = numbers(&row)?;
        numbers.high_seq = numbers.high_seq.max(word.outgoing.high_seq);
        hear(tx, batch, word)?;
        Ok(Some(numbers))
    }

    /// Notes what the phone said of itself, and these entries beside those that came before.
    pub(super) fn write(
        self,
        tx: &mut Tx<'_>,
        batch: &Batch<'_>,
        done: &[Done<'_>],
    ) -> Result<Numbers, Error> {
        let phone = batch.phone;
        let row = device(tx, phone)?;
        let mut numbers = numbers(&row)?;
        let here = self.elsewhere.iter().chain(done);
        let here: Vec<&Done<'_>> = here.filter(|d| matches!(d.fate, Fate::Here(..))).collect();
        let twice = here.iter().map(|done| done.op);
        let twice: Vec<&Op> = twice.filter(|op| numbers.seen.contains(op.seq)).collect();
        let doubled = doubled(tx, phone, &twice)?;
        here.iter()
            .for_each(|done| numbers.seen.insert(done.op.seq));
        let highest = here.iter().map(|done| done.op.seq).max().unwrap_or(0);
        numbers.high_seq = numbers.high_seq.max(highest);
        let (said, waiting) = match self.said {
            // The phone counted this request's entries among those that wait.
            Said::Word(word) => {
                let said = word.outgoing;
                (
                    said.high_seq,
                    said.waiting.saturating_sub(here.len() as u64),
                )
            }
            Said::HighSeq(high_seq) => {
                let new = here.iter().filter(|done| !done.again).count();
                (high_seq, row.count(2)?.saturating_sub(new as u64))
            }
        };
        numbers.high_seq = numbers.high_seq.max(said);
        if let Said::Word(word) = self.said {
            let mut told = Seen::default();
            here.iter().for_each(|done| told.insert(done.op.seq));
            numbers.retell = numbers.retell.without(&told);
            hear(tx, batch, word)?;
        }
        tx.execute(
            "UPDATE device SET high_seq = $3, waiting = $4, seen = $5, retell = $6,
                 doubled = CASE WHEN doubled > $7 THEN doubled ELSE $7 END
             WHERE village = $1 AND id = $2",
            &[
                phone.village.as_str().into(),
                (&phone.device).into(),
                numbers.high_seq.into(),
                believable(waiting).into(),
                numbers.seen.text().into(),
                numbers.retell.text().into(),
                doubled.into(),
            ],
        )?;
        Ok(numbers)
    }
}

/// Notes a phone's word on itself, but for what waits on it.
fn hear(tx: &mut Tx<'_>, batch: &Batch<'_>, word: &Word) -> Result<(), Error> {
    tx.execute(
        "UPDATE device SET app = $3, last_seen = $4, clock_ahead = $5, held = $6,
             high_seq = CASE WHEN high_seq > $7 THEN high_seq ELSE $7 END,
             put_back = CASE WHEN put_back IS NULL AND $8 > 0 THEN $8 ELSE put_back END
         WHERE village = $1 AND id = $2",
        &[
            batch.phone.village.as_str().into(),
            (&batch.phone.device).into(),
            word.app.as_str().into(),
            batch.now.into(),
            clock_ahead(word, batch.now).into(),
            believable(word.outgoing.held).into(),
            word.outgoing.high_seq.into(),
            word.outgoing.lived_to.into(),
        ],
    )?;
    Ok(())
}

/// Has the phone send the entry of this number again, since its answer is another one now. The phone's
/// village is locked.
pub(super) fn ask_again(tx: &mut Tx<'_>, phone: &Phone, seq: u64) -> Result<(), Error> {
    let mut numbers = numbers(&device(tx, phone)?)?;
    numbers.retell.insert(seq);
    tx.execute(
        "UPDATE device SET retell = $3 WHERE village = $1 AND id = $2",
        &[
            phone.village.as_str().into(),
            (&phone.device).into(),
            numbers.retell.text().into(),
        ],
    )?;
    Ok(())
}

/// Whether a number of these entries is here already, and was another entry's.
pub(super) fn names_others(hub: &Hub, phone: &Phone, ops: &[Op]) -> Result<bool, Error> {
    let again: Vec<&Op> = ops
        .iter()
        .filter(|op| phone.seen.contains(op.seq))
        .collect();
    if again.is_empty() {
        return Ok(false);
    }
    hub.db.read(|tx| {
        let named = named(tx, phone, &again)?;
        // An entry that came under two numbers is here under its first: of the other, none is.
        let others = |op: &&Op| {
            named
                .get(&op.seq)
                .is_some_and(|here| !here.contains(&op.op))
        };
        Ok(again.iter().any(others))
    })
}

/// The highest number of these entries, which are here now, that is another entry's too; 0 if none is.
fn doubled(tx: &mut Tx<'_>, phone: &Phone, ops: &[&Op]) -> Result<u64, Error> {
    let named = named(tx, phone, ops)?;
    let others = |op: &&Op| {
        let own = [op.op, aside(op.op)];
        named
            .get(&op.seq)
            .is_some_and(|here| here.iter().any(|other| !own.contains(other)))
    };
    let doubled = ops.iter().filter(|op| others(op)).map(|op| op.seq);
    Ok(doubled.max().unwrap_or(0))
}

/// The phone's entries that are here under the numbers of these.
fn named(tx: &mut Tx<'_>, phone: &Phone, ops: &[&Op]) -> Result<HashMap<u64, Vec<Uuid>>, Error> {
    static OF_NUMBER: Each<2> = Each::new(
        [("device", Kind::Blob), ("seq", Kind::Int)],
        "SELECT e.seq, e.op FROM {rows} JOIN entry e ON e.device = r.device AND e.seq = r.seq",
    );
    let keys: BTreeSet<u64> = ops.iter().map(|op| op.seq).collect();
    let keys: Vec<_> = keys
        .into_iter()
        .map(|seq| [(&phone.device).into(), seq.into()])
        .collect();
    let mut named: HashMap<u64, Vec<Uuid>> = HashMap::new();
    for row in tx.each(&OF_NUMBER, &keys)? {
        named.entry(row.count(0)?).or_default().push(row.uuid(1)?);
    }
    Ok(named)
}

/// Answers a phone that was put back from an older copy of itself, and doesn't know. Nothing of its
/// request is taken: its numbers may be ones that it gave out before, for other entries.
///
/// A request that was late on its way looks the same, but for the phone's clock: it is answered alike,
/// to nobody, and nothing is noted of it.
pub(super) fn put_back(
    hub: &Hub,
    phone: &Phone,
    word: &Word,
    now: Timestamp,
) -> Result<Taken, Error> {
    let numbers = hub.db.write(|tx| {
        let row = device(tx, phone)?;
        let numbers = numbers(&row)?;
        if is_late(&row, word)? {
            return Ok(numbers);
        }
        tx.execute(
            "UPDATE device SET last_seen = $3, clock_ahead = $4, put_back = high_seq
             WHERE village = $1 AND id = $2",
            &[
                phone.village.as_str().into(),
                (&phone.device).into(),
                now.into(),
                clock_ahead(word, now).into(),
            ],
        )?;
        // Once for each time: a phone whose answer was lost asks again.
        if row.opt(3, Row::count)? != Some(numbers.high_seq) {
            tracing::warn!(
                village = phone.village,
                device = %phone.device,
                "a phone was put back from an older copy of itself"
            );
        }
        Ok(numbers)
    })?;
    Ok(Taken {
        put_back: true,
        received: numbers.received(),
        high_seq: numbers.high_seq.max(word.outgoing.high_seq),
        ..Taken::default()
    })
}

fn device(tx: &mut Tx<'_>, phone: &Phone) -> Result<Row, Error> {
    let row = tx.query_first(
        "SELECT seen, high_seq, waiting, put_back, last_seen, clock_ahead, retell FROM device
         WHERE village = $1 AND id = $2",
        &[phone.village.as_str().into(), (&phone.device).into()],
    )?;
    // It was there when its token was looked at; it went with its cadre to another village.
    row.ok_or_else(|| Error::Unavailable("the phone's row is being moved".into()))
}

fn numbers(row: &Row) -> Result<Numbers, Error> {
    Ok(Numbers {
        seen: Seen::parse(row.text(0)?)?,
        high_seq: row.count(1)?,
        retell: Seen::parse(row.text(6)?)?,
    })
}

/// Whether the phone wrote this before the last word that was heard of it, by its own clock.
fn is_late(row: &Row, word: &Word) -> Result<bool, Error> {
    let Some(last_seen) = row.opt(4, Row::time)? else {
        return Ok(false);
    };
    let last_word = last_seen.as_second().saturating_add(row.int(5)?);
    Ok(word.clock.as_second() <= last_word)
}

/// How far the phone's clock is ahead of ours, in seconds.
fn clock_ahead(word: &Word, now: Timestamp) -> i64 {
    word.clock.as_second().saturating_sub(now.as_second())
}
