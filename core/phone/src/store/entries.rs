//! Finished visits on their way to the server.
//!
//! A row is *ready* until its acknowledgement is on the disk, then *acknowledged*; *held* if the
//! server refuses it. That it is under way is nowhere written: a crash can strand nothing.

use jiff::Timestamp;
use ketuk_wire::{FormRef, Op, Outgoing, Receipt, Sha256, Signature, Summary, Verdict};
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};
use serde::Serialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::drafts::{Started, base_now, digest, remove};
use super::households::{
    self, HouseholdRow, HouseholdState, NewHousehold, ensure, read_row, settle, standing,
};
use super::{Result, StorageFault, Store};

const READY: i64 = 0;
pub(super) const ACKNOWLEDGED: i64 = 1;
const HELD: i64 = 2;

/// A finished visit, to be stored.
pub(crate) struct Finished<'a> {
    pub(crate) household: &'a NewHousehold,
    pub(crate) started: Started,
    pub(crate) finished_at: Timestamp,
    pub(crate) form: Sha256,
    pub(crate) document: &'a str,
    pub(crate) draft: &'a str,
    pub(crate) summary: &'a Summary,
    pub(crate) op: Uuid,
}

/// The phone's last entry for a household.
pub(crate) struct Entry {
    pub(crate) seq: u64,
    pub(crate) base: u64,
    pub(crate) document: String,
    pub(crate) draft: String,
    /// Whether it still waits for its acknowledgement.
    pub(crate) waiting: bool,
    pub(crate) receipt: Option<Receipt>,
    pub(crate) trouble: Option<String>,
}

impl Entry {
    /// Whether it is the latest word on its household, of which the server has `revision`.
    pub(crate) fn speaks(&self, revision: u64) -> bool {
        let became = self.receipt.as_ref().map(|receipt| receipt.revision);
        self.waiting || revision <= became.unwrap_or(self.base)
    }
}

/// Entries for one request, and how the phone's queue stands.
pub(crate) struct Lot {
    pub(crate) ops: Vec<Op>,
    pub(crate) outgoing: Outgoing,
}

/// What the server said of one entry of a request.
pub(crate) struct Acknowledgement {
    pub(crate) seq: u64,
    pub(crate) fate: Fate,
    /// Code and sentence, if it needs a look.
    pub(crate) trouble: Option<ketuk_wire::Trouble>,
}

/// What became of an entry.
pub(crate) enum Fate {
    /// It became a revision, or is kept beside one.
    Durable(Option<Receipt>),
    /// It was refused.
    Held,
}

/// A line of the list of what waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingEntry {
    /// Its number on this phone.
    pub seq: u64,
    /// The family.
    pub household: HouseholdRow,
    /// When the visit was finished, by the phone's clock.
    pub finished_at: Timestamp,
    /// Whether the server refused it, so that the cadre must look at it.
    pub held: bool,
    /// Why, in the server's words.
    pub message: Option<String>,
}

/// A part of the list of what waits, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingPage {
    /// At most as many as were asked for.
    pub rows: Vec<WaitingEntry>,
    /// Where the next part begins; `None` at the end.
    pub next: Option<u64>,
}

impl Store {
    /// Makes a visit an entry, its household finished and its draft gone, all or nothing and on the
    /// disk. Doing it again with the same answers changes nothing. Gives the entry's number.
    pub(crate) fn finish(&self, finished: &Finished<'_>) -> Result<u64> {
        self.commit(|tx| {
            let key = ensure(tx, finished.household)?;
            let base = draft_base(tx, key)?.map_or_else(|| base_now(tx, finished.started), Ok)?;
            let seq = match last(tx, key)? {
                Some(last) if last.says(finished, base) && !last.needs_another(tx, key)? => {
                    last.seq
                }
                Some(last) if last.state == READY && !last.attempted => {
                    replace(tx, last.seq, base, finished)?;
                    last.seq
                }
                _ => insert(tx, key, base, finished)?,
            };
            tx.prepare_cached("UPDATE correction SET answered = ?2 WHERE household = ?1")?
                .execute(params![key, seq])?;
            remove(tx, key)?;
            households::summarise(tx, key, finished.summary)?;
            settle(tx, key)?;
            Ok(seq)
        })
    }

    /// The phone's last entry for a household.
    pub(crate) fn last_entry(&self, household: Uuid) -> Result<Option<Entry>> {
        self.read(|connection| last_entry(connection, household))
    }

    /// What is to be sent, at most `max` entries and, but for the first, `max_bytes` of documents;
    /// and how the queue stands.
    ///
    /// Of a household only the earliest entry goes: the next started from the revision that this
    /// one becomes. One that builds on an entry which a server acknowledged goes only once that
    /// server was `met`: another incarnation must get the earlier one first. Entries with which the
    /// server has failed before go behind the others, in ever smaller company, so that one of them
    /// can't hold up the rest.
    pub(crate) fn lot(&self, max: usize, max_bytes: usize, met: bool) -> Result<Lot> {
        self.read(|connection| {
            Ok(Lot {
                ops: ready(connection, max, max_bytes, met)?,
                outgoing: outgoing(connection)?,
            })
        })
    }

    /// How the queue stands.
    pub(crate) fn outgoing(&self) -> Result<Outgoing> {
        self.read(outgoing)
    }

    /// Notes that these go out now: their bytes never change from here on. `false` if one of them
    /// is not what it was any more, since she finished it anew after it was read: then none may go.
    pub(crate) fn attempt(&self, ops: &[Op]) -> Result<bool> {
        let fresh = self.read(|connection| {
            let mut statement = connection
                .prepare_cached("SELECT attempted FROM outbox WHERE seq = ?1 AND op = ?2")?;
            let mut fresh = false;
            for op in ops {
                let attempted = statement
                    .query_row(params![op.seq, op.op], |row| row.get(0))
                    .optional()?;
                fresh |= !attempted.unwrap_or(false);
            }
            Ok(fresh)
        })?;
        if !fresh {
            return Ok(true);
        }
        self.commit(|tx| {
            let mut statement =
                tx.prepare_cached("UPDATE outbox SET attempted = 1 WHERE seq = ?1 AND op = ?2")?;
            let mut noted = 0;
            for op in ops {
                noted += statement.execute(params![op.seq, op.op])?;
            }
            Ok(noted == ops.len())
        })
    }

    /// Notes that the server failed with these in the batch.
    pub(crate) fn stumbled(&self, seqs: &[u64]) -> Result<()> {
        self.commit(|tx| {
            let mut statement =
                tx.prepare_cached("UPDATE outbox SET stumbles = stumbles + 1 WHERE seq = ?1")?;
            for seq in seqs {
                statement.execute([seq])?;
            }
            Ok(())
        })
    }

    /// Holds an entry that the server refuses; says how its household stands then.
    pub(crate) fn hold(
        &self,
        seq: u64,
        code: &str,
        message: &str,
    ) -> Result<Option<(Uuid, HouseholdState)>> {
        self.commit(|tx| match hold(tx, seq, code, message)? {
            Some(key) => standing(tx, key).map(Some),
            None => Ok(None),
        })
    }

    /// What waits, oldest first, after the entry numbered `after`.
    pub(crate) fn waiting(&self, after: Option<u64>, limit: u32) -> Result<WaitingPage> {
        self.read(|connection| waiting(connection, after.unwrap_or(0), limit.clamp(1, 500)))
    }
}

struct Last {
    seq: u64,
    state: i64,
    attempted: bool,
    /// The revision that it became, or would follow.
    revision: u64,
    sha256: Vec<u8>,
    form: Vec<u8>,
    quarantined: bool,
}

impl Last {
    /// Whether it says the same already, and nothing that came after it says otherwise.
    fn says(&self, finished: &Finished<'_>, base: u64) -> bool {
        (self.state == READY || base <= self.revision)
            && self.sha256 == Sha256::of(finished.document.as_bytes()).as_bytes()
            && self.form == finished.form.as_bytes()
    }

    /// Whether the same answers are worth another entry: when somebody asked for a correction, and
    /// she says that it is so.
    fn needs_another(&self, tx: &Transaction<'_>, key: i64) -> Result<bool> {
        if self.state == HELD || self.quarantined {
            return Ok(true);
        }
        Ok(tx
            .prepare_cached("SELECT 1 FROM correction WHERE household = ?1 AND answered IS NULL")?
            .exists([key])?)
    }
}

fn last(tx: &Transaction<'_>, key: i64) -> Result<Option<Last>> {
    Ok(tx
        .prepare_cached(
            "SELECT seq, state, attempted, coalesce(revision, base), sha256, form,
                    coalesce(verdict = 'quarantined', 0)
             FROM outbox WHERE household = ?1 ORDER BY seq DESC LIMIT 1",
        )?
        .query_row([key], |row| {
            Ok(Last {
                seq: row.get(0)?,
                state: row.get(1)?,
                attempted: row.get(2)?,
                revision: row.get(3)?,
                sha256: row.get(4)?,
                form: row.get(5)?,
                quarantined: row.get(6)?,
            })
        })
        .optional()?)
}

fn draft_base(tx: &Transaction<'_>, key: i64) -> Result<Option<u64>> {
    Ok(tx
        .prepare_cached("SELECT base FROM draft WHERE household = ?1")?
        .query_row([key], |row| row.get(0))
        .optional()?)
}

fn insert(tx: &Transaction<'_>, key: i64, base: u64, finished: &Finished<'_>) -> Result<u64> {
    let seq: u64 = tx
        .prepare_cached("UPDATE device SET high_seq = high_seq + 1 RETURNING high_seq")?
        .query_row([], |row| row.get(0))?;
    tx.prepare_cached(
        "INSERT INTO outbox (op, base, form, started_at, finished_at, sha256, document, draft,
                             outcome, seq, household, area)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11,
                 (SELECT area FROM household WHERE key = ?11))",
    )?
    .execute(params![
        finished.op,
        base,
        finished.form.as_bytes(),
        finished.started.at.as_millisecond(),
        finished.finished_at.as_millisecond(),
        Sha256::of(finished.document.as_bytes()).as_bytes(),
        finished.document,
        finished.draft,
        finished.summary.outcome.code(),
        seq,
        key,
    ])?;
    Ok(seq)
}

/// Nobody has seen the row, so it may become another entry; its number stays.
fn replace(tx: &Transaction<'_>, seq: u64, base: u64, finished: &Finished<'_>) -> Result<()> {
    tx.prepare_cached(
        "UPDATE outbox SET op = ?1, base = ?2, form = ?3, started_at = ?4, finished_at = ?5,
             sha256 = ?6, document = ?7, draft = ?8, outcome = ?9
         WHERE seq = ?10",
    )?
    .execute(params![
        finished.op,
        base,
        finished.form.as_bytes(),
        finished.started.at.as_millisecond(),
        finished.finished_at.as_millisecond(),
        Sha256::of(finished.document.as_bytes()).as_bytes(),
        finished.document,
        finished.draft,
        finished.summary.outcome.code(),
        seq,
    ])?;
    Ok(())
}

fn last_entry(connection: &Connection, household: Uuid) -> Result<Option<Entry>> {
    let entry = connection
        .prepare_cached(
            "SELECT o.seq, o.base, o.document, o.draft, o.state, o.message,
                    o.revision, o.received_at, o.signature, o.sha256
             FROM outbox o JOIN household h ON h.key = o.household
             WHERE h.id = ?1 ORDER BY o.seq DESC LIMIT 1",
        )?
        .query_row([household], |row| {
            let waiting = row.get::<_, i64>(4)? == READY;
            Ok(Entry {
                seq: row.get(0)?,
                base: row.get(1)?,
                document: row.get(2)?,
                draft: row.get(3)?,
                waiting,
                trouble: row.get(5)?,
                // One that goes again, to a restored server, still has that of the lost one.
                receipt: receipt(row, household).filter(|_| !waiting),
            })
        })
        .optional()?;
    Ok(entry)
}

/// `None` before there is one.
fn receipt(row: &Row<'_>, household: Uuid) -> Option<Receipt> {
    let signature: String = row.get("signature").ok()?;
    let sha256: Vec<u8> = row.get("sha256").ok()?;
    Some(Receipt {
        household,
        revision: row.get("revision").ok()?,
        sha256: digest(&sha256, "outbox").ok()?,
        received_at: Timestamp::from_millisecond(row.get("received_at").ok()?).ok()?,
        signature: signature.parse::<Signature>().ok()?,
    })
}

/// So many travel together after so many stumbles: halved each time, alone in the end.
fn company(stumbles: u32) -> usize {
    match stumbles {
        0 => usize::MAX,
        stumbles => 64usize.checked_shr(stumbles).unwrap_or(0).max(1),
    }
}

fn ready(connection: &Connection, max: usize, max_bytes: usize, met: bool) -> Result<Vec<Op>> {
    let mut statement = connection.prepare_cached(
        "SELECT o.op, o.seq, h.id, o.area, o.base, f.id, f.version, o.started_at, o.finished_at,
                o.sha256, o.document, o.stumbles
         FROM outbox o JOIN household h ON h.key = o.household JOIN form f ON f.sha256 = o.form
         WHERE o.state = 0 AND NOT EXISTS (
             SELECT 1 FROM outbox e
             WHERE e.household = o.household AND e.seq < o.seq
             AND (e.state = 0 OR (e.state = 1 AND NOT ?1)))
         ORDER BY o.stumbles, o.seq",
    )?;
    let mut rows = statement.query([met])?;
    let mut ops: Vec<Op> = Vec::new();
    let mut bytes = 0;
    let mut together = None;
    while let Some(row) = rows.next()? {
        let (stumbles, op) = (row.get::<_, u32>(11)?, op(row)?);
        let most = max.min(company(*together.get_or_insert(stumbles)));
        bytes += op.document.get().len();
        let full = ops.len() >= most || bytes > max_bytes || together != Some(stumbles);
        if full && !ops.is_empty() {
            break;
        }
        ops.push(op);
    }
    ops.sort_unstable_by_key(|op| op.seq);
    Ok(ops)
}

fn op(row: &Row<'_>) -> Result<Op> {
    let broken = || StorageFault::row("outbox");
    let time = |ms: i64| Timestamp::from_millisecond(ms).map_err(|_| broken());
    let area: String = row.get(3)?;
    let sha256: Vec<u8> = row.get(9)?;
    Ok(Op {
        op: row.get(0)?,
        seq: row.get(1)?,
        household: row.get(2)?,
        area: area.parse().map_err(|_| broken())?,
        base: row.get(4)?,
        form: FormRef {
            id: row.get(5)?,
            version: row.get(6)?,
        },
        started_at: time(row.get(7)?)?,
        finished_at: time(row.get(8)?)?,
        sha256: digest(&sha256, "outbox")?,
        document: RawValue::from_string(row.get(10)?).map_err(|_| broken())?,
    })
}

/// A refused entry that a later one replaced needs no look any more.
pub(super) const HELD_NOW: &str = "o.state = 2 AND NOT EXISTS (
    SELECT 1 FROM outbox n WHERE n.household = o.household AND n.seq > o.seq)";

fn outgoing(connection: &Connection) -> Result<Outgoing> {
    let (high_seq, low_unacked, ready, held) = connection
        .prepare_cached(&format!(
            "SELECT high_seq, (SELECT min(seq) FROM outbox WHERE state <> 1),
                    (SELECT count(*) FROM outbox WHERE state = 0),
                    (SELECT count(*) FROM outbox o WHERE {HELD_NOW})
             FROM device"
        ))?
        .query_row([], |row| {
            Ok((
                row.get::<_, u64>(0)?,
                row.get::<_, Option<u64>>(1)?,
                row.get::<_, u64>(2)?,
                row.get::<_, u64>(3)?,
            ))
        })?;
    Ok(Outgoing {
        high_seq,
        low_unacked: low_unacked.unwrap_or(high_seq + 1),
        waiting: ready + held,
        held,
    })
}

/// Stores what the server said of entries; gives the households with an entry that is safe there
/// for the first time.
pub(super) fn acknowledge(tx: &Transaction<'_>, answer: &Acknowledgement) -> Result<Option<i64>> {
    let trouble = answer.trouble.as_ref();
    let receipt = match &answer.fate {
        Fate::Held => {
            let (code, message) = trouble.map_or(("unknown".to_owned(), ""), |trouble| {
                (word(&trouble.code), trouble.message.as_str())
            });
            return hold(tx, answer.seq, &code, message);
        }
        Fate::Durable(receipt) => receipt.as_ref(),
    };
    let key = tx
        .prepare_cached(
            "UPDATE outbox SET state = 1, revision = ?2, received_at = ?3, signature = ?4,
                 verdict = ?5, code = ?6, message = ?7
             WHERE seq = ?1 AND state = 0 RETURNING household",
        )?
        .query_row(
            params![
                answer.seq,
                receipt.map(|receipt| receipt.revision),
                receipt.map(|receipt| receipt.received_at.as_millisecond()),
                receipt.map(|receipt| receipt.signature.to_string()),
                trouble.map(|trouble| word(&trouble.verdict)),
                trouble.map(|trouble| word(&trouble.code)),
                trouble.map(|trouble| trouble.message.as_str()),
            ],
            |row| row.get::<_, i64>(0),
        )
        .optional()?;
    let Some(key) = key else { return Ok(None) };
    if let Some(receipt) = receipt {
        became(tx, key, answer.seq, receipt.revision)?;
    }
    settle(tx, key)?;
    Ok(Some(key))
}

/// What was built on an entry now starts from the revision that the entry became.
fn became(tx: &Transaction<'_>, key: i64, seq: u64, revision: u64) -> Result<()> {
    for sql in [
        "UPDATE household SET revision = max(revision, ?3) WHERE key = ?1",
        "UPDATE outbox SET base = ?3 WHERE household = ?1 AND seq > ?2 AND attempted = 0",
        "UPDATE draft SET base = ?3 WHERE household = ?1",
        "DELETE FROM correction WHERE household = ?1 AND answered = ?2 AND revision < ?3",
        "INSERT OR REPLACE INTO known (household, revision, document)
             SELECT ?1, ?3, document FROM outbox WHERE seq = ?2",
    ] {
        tx.prepare_cached(sql)?
            .execute(params![key, seq, revision])?;
    }
    Ok(())
}

fn hold(tx: &Transaction<'_>, seq: u64, code: &str, message: &str) -> Result<Option<i64>> {
    let key = tx
        .prepare_cached(
            "UPDATE outbox SET state = 2, verdict = ?2, code = ?3, message = ?4
             WHERE seq = ?1 AND state = 0 RETURNING household",
        )?
        .query_row(
            params![seq, word(&Verdict::Rejected), code, message],
            |row| row.get(0),
        )
        .optional()?;
    if let Some(key) = key {
        settle(tx, key)?;
    }
    Ok(key)
}

/// The server was restored from a backup and has all up to `safe`: what it had acknowledged beyond
/// goes again, with the same bytes.
pub(super) fn resend_after(tx: &Transaction<'_>, safe: u64) -> Result<u64> {
    let mut statement = tx.prepare_cached(
        "UPDATE outbox SET state = 0 WHERE state = 1 AND seq > ?1 RETURNING household",
    )?;
    let keys = statement
        .query_map([safe], |row| row.get(0))?
        .collect::<rusqlite::Result<Vec<i64>>>()?;
    for key in &keys {
        settle(tx, *key)?;
    }
    Ok(keys.len() as u64)
}

/// A word as the wire spells it.
fn word<T: Serialize>(word: &T) -> String {
    match serde_json::to_value(word) {
        Ok(serde_json::Value::String(word)) => word,
        _ => "unknown".to_owned(),
    }
}

fn waiting(connection: &Connection, after: u64, limit: u32) -> Result<WaitingPage> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT h.id, h.area, h.number, h.head, h.address, h.state, h.outcome, h.listed, h.gone,
                o.seq, o.finished_at, o.state, o.message
         FROM outbox o JOIN household h ON h.key = o.household
         WHERE o.seq > ?1 AND (o.state = 0 OR {HELD_NOW}) ORDER BY o.seq LIMIT ?2"
    ))?;
    let rows = statement.query_map([after, u64::from(limit) + 1], |row| {
        Ok(WaitingEntry {
            seq: row.get(9)?,
            household: read_row(row)?,
            finished_at: Timestamp::from_millisecond(row.get(10)?).unwrap_or_default(),
            held: row.get::<_, i64>(11)? == HELD,
            message: row.get(12)?,
        })
    })?;
    let mut rows = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next = rows.last().filter(|_| more).map(|last| last.seq);
    Ok(WaitingPage { rows, next })
}
