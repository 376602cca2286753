//! What waits: in which order entries go, and how the queue stands.

use jiff::Timestamp;
use ketuk_wire::{FormRef, Op, Outgoing};
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::device::time;
use super::drafts::digest;
use super::entries::HELD;
use super::households::{HouseholdRow, ROW, read_row};
use super::{Result, StorageFault, Store, photos};

/// Entries for one request, and how the phone's queue stands.
pub(crate) struct Lot {
    pub(crate) ops: Vec<Op>,
    pub(crate) outgoing: Outgoing,
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
    /// When it last left the phone in a parcel, by the phone's clock.
    pub handed_over: Option<Timestamp>,
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
    /// What is to be sent, at most `max` entries and, but for the first, `max_bytes` of documents;
    /// and how the queue stands.
    ///
    /// Of a household only the earliest entry goes: the next started from the revision that this
    /// one becomes. One that builds on an entry which a server acknowledged goes only once that
    /// server was `met`: if it lost the earlier one, it must get that first. Entries with which the
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
    pub(crate) fn stumbled(&self, ops: &[Uuid]) -> Result<()> {
        self.commit(|tx| {
            let mut statement =
                tx.prepare_cached("UPDATE outbox SET stumbles = stumbles + 1 WHERE op = ?1")?;
            for op in ops {
                statement.execute([op])?;
            }
            Ok(())
        })
    }

    /// What waits, oldest first, after the entry numbered `after`.
    pub(crate) fn waiting(&self, after: Option<u64>, limit: u32) -> Result<WaitingPage> {
        self.read(|connection| waiting(connection, after.unwrap_or(0), limit.clamp(1, 500)))
    }
}

/// So many travel together after so many stumbles: halved each time, alone in the end.
fn company(stumbles: u32) -> usize {
    match stumbles {
        0 => usize::MAX,
        stumbles => 64usize.checked_shr(stumbles).unwrap_or(0).max(1),
    }
}

fn ready(connection: &Connection, max: usize, max_bytes: usize, met: bool) -> Result<Vec<Op>> {
    let mut statement = connection.prepare_cached(&format!(
        "{OP} WHERE o.state = 0 AND NOT EXISTS (
             SELECT 1 FROM outbox e
             WHERE e.household = o.household AND e.seq < o.seq
             AND (e.state = 0 OR (e.state = 1 AND NOT ?1)))
         ORDER BY o.stumbles, o.seq"
    ))?;
    let mut rows = statement.query([met])?;
    let mut ops: Vec<Op> = Vec::new();
    let mut bytes = 0;
    let mut together = None;
    while let Some(row) = rows.next()? {
        let (stumbles, op) = (row.get::<_, u32>(11)?, op(connection, row)?);
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

/// Reads the rows of [`op`].
pub(super) const OP: &str = "
    SELECT o.op, o.seq, h.id, o.area, o.base, f.id, f.version, o.started_at, o.finished_at,
           o.sha256, o.document, o.stumbles, o.follows, o.corrects
    FROM outbox o JOIN household h ON h.key = o.household JOIN form f ON f.sha256 = o.form";

pub(super) fn op(connection: &Connection, row: &Row<'_>) -> Result<Op> {
    let broken = || StorageFault::row("outbox");
    let moment = |ms: i64| Timestamp::from_millisecond(ms).map_err(|_| broken());
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
        started_at: moment(row.get(7)?)?,
        finished_at: moment(row.get(8)?)?,
        sha256: digest(&sha256, "outbox")?,
        follows: row.get(12)?,
        corrects: row.get(13)?,
        blobs: photos::of_entry(connection, row.get(1)?)?,
        document: RawValue::from_string(row.get(10)?).map_err(|_| broken())?,
    })
}

/// The highest number given out; it never goes back, since no entry is ever deleted.
pub(super) const HIGH_SEQ: &str = "max(lived_to, (SELECT coalesce(max(seq), 0) FROM outbox))";

/// A refused entry that a later one replaced needs no look any more.
const HELD_NOW: &str = "o.state = 2 AND NOT EXISTS (
    SELECT 1 FROM outbox n WHERE n.household = o.household AND n.seq > o.seq)";

pub(super) fn outgoing(connection: &Connection) -> Result<Outgoing> {
    let (high_seq, lived_to, ready, held) = connection
        .prepare_cached(&format!(
            "SELECT {HIGH_SEQ}, lived_to,
                    (SELECT count(*) FROM outbox WHERE state = 0),
                    (SELECT count(*) FROM outbox o WHERE {HELD_NOW})
             FROM device"
        ))?
        .query_row([], |row| {
            Ok((
                row.get::<_, u64>(0)?,
                row.get::<_, u64>(1)?,
                row.get::<_, u64>(2)?,
                row.get::<_, u64>(3)?,
            ))
        })?;
    Ok(Outgoing {
        high_seq,
        lived_to,
        waiting: ready + held,
        held,
    })
}

fn waiting(connection: &Connection, after: u64, limit: u32) -> Result<WaitingPage> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {ROW}, o.seq, o.finished_at, o.state, o.message, o.handed_over
         FROM outbox o JOIN household h ON h.key = o.household
         WHERE o.seq > ?1 AND (o.state = 0 OR {HELD_NOW}) ORDER BY o.seq LIMIT ?2"
    ))?;
    let rows = statement.query_map(params![after, u64::from(limit) + 1], |row| {
        Ok(WaitingEntry {
            seq: row.get(9)?,
            household: read_row(row)?,
            finished_at: Timestamp::from_millisecond(row.get(10)?).unwrap_or_default(),
            held: row.get::<_, i64>(11)? == HELD,
            message: row.get(12)?,
            handed_over: time(row, "handed_over")?,
        })
    })?;
    let mut rows = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next = rows.last().filter(|_| more).map(|last| last.seq);
    Ok(WaitingPage { rows, next })
}
