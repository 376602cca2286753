//! What the server answers, into the database: acknowledgements, changes and the cursor behind
//! them in one transaction, so that a kill leaves either the state before or the state after.

use jiff::Timestamp;
use ketuk_wire::{Change, Correction, Household, Outcome, PullPage};
use rusqlite::{OptionalExtension as _, Transaction, params};
use uuid::Uuid;

use super::entries::{ACKNOWLEDGED, Acknowledgement, acknowledge, resend_after};
use super::households::{HouseholdState, drop_if_idle, place, settle, standing};
use super::{Result, StorageFault, Store, forms, search};

/// What is taken over from an answer of the server.
pub(crate) struct Answer<'a> {
    pub(crate) epoch: Uuid,
    pub(crate) server_time: Timestamp,
    pub(crate) safe_seq: u64,
    pub(crate) entries: &'a [Acknowledgement],
    pub(crate) page: Option<&'a PullPage>,
}

/// What it changed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Applied {
    /// Households whose entry was answered, and how they stand now.
    pub(crate) answered: Vec<(Uuid, HouseholdState)>,
    /// Changes taken over.
    pub(crate) pulled: u64,
    /// Changes that can't be read, or concern nothing that the phone knows.
    pub(crate) skipped: u64,
    /// Acknowledged entries that go again.
    pub(crate) resent: u64,
}

impl Store {
    /// Takes an answer over.
    pub(crate) fn apply(&self, answer: &Answer<'_>) -> Result<Applied> {
        self.commit(|tx| {
            let mut applied = Applied {
                resent: meet(tx, answer)?,
                ..Applied::default()
            };
            for entry in answer.entries {
                if let Some(key) = acknowledge(tx, entry)? {
                    applied.answered.push(standing(tx, key)?);
                }
            }
            if let Some(page) = answer.page {
                take(tx, page, &mut applied)?;
            }
            Ok(applied)
        })
    }

    /// Takes over a page that came without an answer of the server around it.
    pub(crate) fn take_page(&self, page: &PullPage) -> Result<()> {
        self.commit(|tx| take(tx, page, &mut Applied::default()))
    }

    /// Starts the pull side over. What is on the phone stays until all has come again: what then
    /// has not come is dropped, in one stroke with the last page.
    pub(crate) fn reset_pull(&self) -> Result<()> {
        self.commit(|tx| {
            tx.execute(
                "UPDATE device SET cursor = NULL, generation = generation + 1",
                [],
            )?;
            Ok(())
        })
    }
}

/// Notes who answered. Another incarnation gets again what it lost.
fn meet(tx: &Transaction<'_>, answer: &Answer<'_>) -> Result<u64> {
    let epoch: Option<Uuid> = tx.query_row("SELECT epoch FROM device", [], |row| row.get(0))?;
    tx.prepare_cached("UPDATE device SET epoch = ?1, server_time = ?2, not_before = NULL")?
        .execute(params![answer.epoch, answer.server_time.as_millisecond()])?;
    match epoch {
        Some(known) if known != answer.epoch => resend_after(tx, answer.safe_seq),
        _ => Ok(0),
    }
}

fn take(tx: &Transaction<'_>, page: &PullPage, applied: &mut Applied) -> Result<()> {
    let (generation, swept): (i64, i64) =
        tx.query_row("SELECT generation, swept FROM device", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    for change in &page.changes {
        let taken = match change {
            Change::Household(household) => upsert(tx, household, generation)?,
            Change::Gone { household, reason } => gone(tx, *household, reason)?,
            Change::Correction(correction) => correct(tx, correction, generation)?,
            Change::Form { form, sha256 } => {
                forms::want(tx, form, *sha256)?;
                true
            }
            Change::Target(target) => {
                tx.prepare_cached(
                    "INSERT INTO target (area, families, generation) VALUES (?1, ?2, ?3)
                     ON CONFLICT (area) DO UPDATE SET
                         families = excluded.families, generation = excluded.generation",
                )?
                .execute(params![
                    target.area.as_str(),
                    i64::try_from(target.families).unwrap_or(i64::MAX),
                    generation
                ])?;
                true
            }
            Change::Area(area) => {
                tx.prepare_cached("INSERT OR REPLACE INTO area (code, name) VALUES (?1, ?2)")?
                    .execute(params![area.code.as_str(), area.name])?;
                true
            }
            Change::Unknown => false,
        };
        if taken {
            applied.pulled += 1;
        } else {
            applied.skipped += 1;
        }
    }
    tx.execute("UPDATE device SET cursor = ?1", [&page.cursor])?;
    if !page.more && swept < generation {
        sweep(tx, generation)?;
    }
    Ok(())
}

/// A family of the list. What the cadre typed of it stays as she typed it; only what the phone
/// knows of the server's side changes.
fn upsert(tx: &Transaction<'_>, household: &Household, generation: i64) -> Result<bool> {
    let Ok(revision) = i64::try_from(household.revision) else {
        return Ok(false);
    };
    let outcome = household.outcome.map(Outcome::code);
    let hers = unreceived(tx, household.id)?;
    let (key, head, number, address, area) = tx
        .prepare_cached(
            "INSERT INTO household AS h
                 (id, area, number, place, head, address, listed, revision, outcome, generation)
             VALUES (?1, ?2, ?3, ?10, ?4, ?5, ?6, ?7, ?8, ?9)
             ON CONFLICT (id) DO UPDATE SET
                 revision = excluded.revision, generation = excluded.generation, gone = NULL,
                 area = excluded.area,
                 number = iif(?11, number, excluded.number),
                 place = iif(?11, place, excluded.place),
                 head = iif(?11, head, excluded.head),
                 address = iif(?11, address, excluded.address),
                 outcome = iif(?11, outcome, excluded.outcome)
             RETURNING key, head, number, address, area",
        )?
        .query_row(
            params![
                household.id,
                household.area.as_str(),
                household.number,
                household.head,
                household.address,
                household.outcome != Some(Outcome::New),
                revision,
                outcome,
                generation,
                place(&household.number),
                hers,
            ],
            |row| {
                Ok((
                    row.get::<_, i64>(0)?,
                    row.get::<_, String>(1)?,
                    row.get::<_, String>(2)?,
                    row.get::<_, String>(3)?,
                    row.get::<_, String>(4)?,
                ))
            },
        )?;
    let area = area.parse().map_err(|_| StorageFault::row("household"))?;
    search::index(tx, key, &head, &number, &address, &area)?;
    match &household.document {
        Some(document) => tx
            .prepare_cached(
                "INSERT OR REPLACE INTO known (household, revision, document) VALUES (?1, ?2, ?3)",
            )?
            .execute(params![key, revision, document.get()])?,
        // The server needn't send back what the phone itself sent it.
        None => tx
            .prepare_cached("DELETE FROM known WHERE household = ?1 AND revision <> ?2")?
            .execute(params![key, revision])?,
    };
    settle(tx, key)?;
    Ok(true)
}

/// Whether the phone's last word on a household is one that the server doesn't have.
fn unreceived(tx: &Transaction<'_>, household: Uuid) -> Result<bool> {
    let state = tx
        .prepare_cached(
            "SELECT o.state FROM outbox o JOIN household h ON h.key = o.household
             WHERE h.id = ?1 ORDER BY o.seq DESC LIMIT 1",
        )?
        .query_row([household], |row| row.get::<_, i64>(0))
        .optional()?;
    Ok(state.is_some_and(|state| state != ACKNOWLEDGED))
}

fn key_of(tx: &Transaction<'_>, household: Uuid) -> Result<Option<i64>> {
    Ok(tx
        .prepare_cached("SELECT key FROM household WHERE id = ?1")?
        .query_row([household], |row| row.get(0))
        .optional()?)
}

/// A family leaves the list, unless the phone holds something of its own for it.
fn gone(tx: &Transaction<'_>, household: Uuid, reason: &str) -> Result<bool> {
    let Some(key) = key_of(tx, household)? else {
        return Ok(true);
    };
    if !drop_if_idle(tx, key)? {
        tx.prepare_cached("UPDATE household SET gone = ?2 WHERE key = ?1")?
            .execute(params![key, reason])?;
    }
    Ok(true)
}

fn correct(tx: &Transaction<'_>, correction: &Correction, generation: i64) -> Result<bool> {
    let (Some(key), Ok(revision)) = (
        key_of(tx, correction.household)?,
        i64::try_from(correction.revision),
    ) else {
        return Ok(false);
    };
    let comments =
        serde_json::to_string(&correction.comments).map_err(|_| StorageFault::row("correction"))?;
    if correction.comments.is_empty() {
        tx.prepare_cached("DELETE FROM correction WHERE household = ?1")?
            .execute([key])?;
    } else {
        // The same request again is still answered by what answered it.
        tx.prepare_cached(
            "INSERT INTO correction AS c (household, revision, comments, generation)
                 SELECT ?1, ?2, ?3, ?4 FROM household WHERE key = ?1 AND revision <= ?2
             ON CONFLICT (household) DO UPDATE SET
                 answered = iif(revision = excluded.revision AND comments = excluded.comments,
                                answered, NULL),
                 revision = excluded.revision, comments = excluded.comments,
                 generation = excluded.generation",
        )?
        .execute(params![key, revision, comments, generation])?;
    }
    settle(tx, key)?;
    Ok(true)
}

/// Drops what the server no longer names, after all has come again.
fn sweep(tx: &Transaction<'_>, generation: i64) -> Result<()> {
    let keys = |sql: &str| -> Result<Vec<i64>> {
        let mut statement = tx.prepare(sql)?;
        let keys = statement.query_map([generation], |row| row.get(0))?;
        Ok(keys.collect::<rusqlite::Result<_>>()?)
    };
    for key in keys("DELETE FROM correction WHERE generation < ?1 RETURNING household")? {
        settle(tx, key)?;
    }
    for key in keys("SELECT key FROM household WHERE generation < ?1 AND (listed OR revision > 0)")?
    {
        drop_if_idle(tx, key)?;
    }
    tx.execute("DELETE FROM target WHERE generation < ?1", [generation])?;
    tx.execute("UPDATE device SET swept = ?1", [generation])?;
    Ok(())
}
