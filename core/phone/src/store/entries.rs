//! Finished visits, kept readable until the campaign closes.
//!
//! A row is *ready* until its acknowledgement is on the disk, then *acknowledged*; *held* if the
//! server refuses it. That it is under way is nowhere written: a crash can strand nothing.

use jiff::Timestamp;
use ketuk_wire::{Receipt, Sha256, Summary};
use rusqlite::{Connection, OptionalExtension as _, Params, ToSql, Transaction, params};
use uuid::Uuid;

use super::drafts::{Start, Started, remove, start_now};
use super::households::{self, Asked, HouseholdRow, NewHousehold, ensure, settle};
use super::proofs::{receipt, server_key};
use super::queue::HIGH_SEQ;
use super::{Result, Store, photos};

pub(super) const READY: i64 = 0;
pub(super) const ACKNOWLEDGED: i64 = 1;
pub(super) const HELD: i64 = 2;

/// The revision that an entry `o` became, if it did: one kept beside the revisions has number 0, and
/// one that was merged went into a revision that says more than it.
pub(super) const BECAME: &str =
    "iif(o.revision > 0 AND o.verdict IS NOT 'merged', o.revision, NULL)";

/// A finished visit, to be stored.
pub(crate) struct Finished<'a> {
    pub(crate) household: &'a NewHousehold,
    pub(crate) started: Started,
    /// The correction that was asked for when the visit was opened: this one it answers.
    pub(crate) asked: Option<&'a Asked>,
    pub(crate) finished_at: Timestamp,
    pub(crate) form: Sha256,
    pub(crate) document: &'a str,
    pub(crate) draft: &'a str,
    /// The log of its filling, for questionnaires that ask for one.
    pub(crate) log: Option<&'a str>,
    pub(crate) summary: &'a Summary,
    pub(crate) op: Uuid,
}

/// The entry that a finished visit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Saved {
    pub(crate) seq: u64,
    pub(crate) op: Uuid,
}

/// The phone's last entry for a household.
pub(crate) struct Entry {
    pub(crate) op: Uuid,
    /// The revision that it stands on.
    pub(crate) base: u64,
    pub(crate) document: String,
    pub(crate) draft: String,
    /// Whether it still waits for its acknowledgement.
    pub(crate) waiting: bool,
    /// The revision that it became.
    pub(crate) became: Option<u64>,
    pub(crate) receipt: Option<Receipt>,
    pub(crate) trouble: Option<String>,
}

impl Entry {
    /// Whether it is the latest word on its household, of which the server has `revision`.
    pub(crate) fn speaks(&self, revision: u64) -> bool {
        self.waiting || revision <= self.became.unwrap_or(self.base)
    }
}

impl Store {
    /// Makes a visit an entry, its household finished and its draft gone, all or nothing and on the
    /// disk. Doing it again with the same answers changes nothing. Also gives how its household is listed
    /// then.
    pub(crate) fn finish(&self, finished: &Finished<'_>) -> Result<(Saved, HouseholdRow)> {
        self.commit(|tx| {
            let key = ensure(tx, finished.household)?;
            let begun =
                draft_start(tx, key)?.map_or_else(|| start_now(tx, finished.started), Ok)?;
            let shown = photos::of_visit(tx, finished.household.id, finished.document)?;
            let (saved, is_news) = match last(tx, key)? {
                Some(last)
                    if last.says(finished, begun.base)
                        && photos::shown_by(tx, last.saved.seq)? == shown
                        && !last.needs_another(tx, key, finished)? =>
                {
                    (last.saved, false)
                }
                Some(last) if last.state == READY && !last.attempted => {
                    (replace(tx, last.saved, begun, finished)?, true)
                }
                _ => (insert(tx, key, begun, finished)?, true),
            };
            if is_news {
                photos::give(tx, saved.seq, &shown, finished.log)?;
            }
            if let Some(asked) = finished.asked {
                let still_asked = tx
                    .prepare_cached(
                        "UPDATE correction SET answered = ?2 WHERE household = ?1 AND request = ?3",
                    )?
                    .execute(params![key, saved.seq, asked.request])?;
                if still_asked > 0 {
                    tx.prepare_cached("UPDATE outbox SET corrects = ?2 WHERE seq = ?1")?
                        .execute(params![saved.seq, asked.request])?;
                }
            }
            remove(tx, key)?;
            households::summarise(tx, key, finished.summary)?;
            settle(tx, key)?;
            Ok((saved, households::row(tx, key)?))
        })
    }

    /// The phone's last entry for a household.
    pub(crate) fn last_entry(&self, household: Uuid) -> Result<Option<Entry>> {
        self.read(|connection| last_entry(connection, household))
    }
}

struct Last {
    saved: Saved,
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
    /// she, who has seen that, says that it is so.
    fn needs_another(
        &self,
        tx: &Transaction<'_>,
        key: i64,
        finished: &Finished<'_>,
    ) -> Result<bool> {
        if self.state == HELD || self.quarantined {
            return Ok(true);
        }
        let Some(asked) = finished.asked else {
            return Ok(false);
        };
        Ok(tx
            .prepare_cached(
                "SELECT 1 FROM correction
                 WHERE household = ?1 AND answered IS NULL AND request = ?2",
            )?
            .exists(params![key, asked.request])?)
    }
}

fn last(tx: &Transaction<'_>, key: i64) -> Result<Option<Last>> {
    Ok(tx
        .prepare_cached(&format!(
            "SELECT o.seq, o.op, o.state, o.attempted, coalesce({BECAME}, o.stands_on), o.sha256,
                    o.form, coalesce(o.verdict = 'quarantined', 0)
             FROM outbox o WHERE o.household = ?1 ORDER BY o.seq DESC LIMIT 1"
        ))?
        .query_row([key], |row| {
            Ok(Last {
                saved: Saved {
                    seq: row.get(0)?,
                    op: row.get(1)?,
                },
                state: row.get(2)?,
                attempted: row.get(3)?,
                revision: row.get(4)?,
                sha256: row.get(5)?,
                form: row.get(6)?,
                quarantined: row.get(7)?,
            })
        })
        .optional()?)
}

fn draft_start(tx: &Transaction<'_>, key: i64) -> Result<Option<Start>> {
    Ok(tx
        .prepare_cached("SELECT base, follows FROM draft WHERE household = ?1")?
        .query_row([key], |row| {
            Ok(Start {
                base: row.get(0)?,
                follows: row.get(1)?,
            })
        })
        .optional()?)
}

/// What an entry is stored with, as `?1` to `?11` of both statements: `?10` is what it is stored by.
fn values<'a>(finished: &'a Finished<'_>, begun: Start, by: impl ToSql + 'a) -> impl Params + 'a {
    (
        finished.op,
        begun.base,
        finished.form.as_bytes(),
        finished.started.at.as_millisecond(),
        finished.finished_at.as_millisecond(),
        *Sha256::of(finished.document.as_bytes()).as_bytes(),
        finished.document,
        finished.draft,
        finished.summary.outcome.code(),
        by,
        begun.follows,
    )
}

fn insert(tx: &Transaction<'_>, key: i64, begun: Start, finished: &Finished<'_>) -> Result<Saved> {
    let seq = tx
        .prepare_cached(&format!(
            "INSERT INTO outbox (op, base, stands_on, form, started_at, finished_at, sha256,
                                 document, draft, outcome, household, follows, area, seq)
             VALUES (?1, ?2, ?2, ?3, ?4, ?5, ?6, ?7, pack(?8), ?9, ?10, ?11,
                     (SELECT area FROM household WHERE key = ?10),
                     (SELECT {HIGH_SEQ} + 1 FROM device))
             RETURNING seq"
        ))?
        .query_row(values(finished, begun, key), |row| row.get(0))?;
    Ok(Saved {
        seq,
        op: finished.op,
    })
}

/// Nobody has seen the row, so it may become another entry; its number stays. Opened again, it follows
/// what it followed before.
fn replace(
    tx: &Transaction<'_>,
    before: Saved,
    begun: Start,
    finished: &Finished<'_>,
) -> Result<Saved> {
    tx.prepare_cached(
        "UPDATE outbox SET op = ?1, form = ?3, started_at = ?4, finished_at = ?5, sha256 = ?6,
             document = ?7, draft = pack(?8), outcome = ?9,
             base = iif(?11 IS op, base, ?2), stands_on = iif(?11 IS op, stands_on, ?2),
             follows = iif(?11 IS op, follows, ?11)
         WHERE seq = ?10",
    )?
    .execute(values(finished, begun, before.seq))?;
    Ok(Saved {
        seq: before.seq,
        op: finished.op,
    })
}

fn last_entry(connection: &Connection, household: Uuid) -> Result<Option<Entry>> {
    let key = server_key(connection)?;
    let entry = connection
        .prepare_cached(&format!(
            "SELECT o.op, o.stands_on, o.document, unpack(o.draft), o.state, o.message, {BECAME},
                    h.id AS household, o.revision, o.received_at, o.proof, o.sha256
             FROM outbox o JOIN household h ON h.key = o.household
             WHERE h.id = ?1 ORDER BY o.seq DESC LIMIT 1"
        ))?
        .query_row([household], |row| {
            let waiting = row.get::<_, i64>(4)? == READY;
            Ok(Entry {
                op: row.get(0)?,
                base: row.get(1)?,
                document: row.get(2)?,
                draft: row.get(3)?,
                waiting,
                trouble: row.get(5)?,
                became: row.get(6)?,
                // One that goes again, since the server lost it, still has that of the lost one.
                receipt: receipt(row, key.as_ref()).filter(|_| !waiting),
            })
        })
        .optional()?;
    Ok(entry)
}
