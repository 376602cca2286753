//! What the server answers, into the database: acknowledgements, changes and the cursor behind
//! them in one transaction, so that a kill leaves either the state before or the state after.

use jiff::Timestamp;
use ketuk_wire::{AreaCode, Change, Correction, Household, Outcome, PullPage, SeqRanges, Sha256};
use rusqlite::{OptionalExtension as _, Transaction, params};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::device::HER_RTS;
use super::entries::ACKNOWLEDGED;
use super::fates::{
    Acknowledgement, acknowledge, begin_anew, names_others, send_doubtful_again, send_lost_again,
};
use super::households::{HouseholdState, Stand, forget_others, place, settle, stand};
use super::{Result, StorageFault, Store, device, forms, history, photos, search};

/// What is taken over from an answer of the server.
pub(crate) struct Answer<'a> {
    pub(crate) server_time: Timestamp,
    /// The numbers of this phone that are on the server's disk.
    pub(crate) received: &'a SeqRanges,
    pub(crate) entries: &'a [Acknowledgement],
    /// Photos that the server lacks.
    pub(crate) wanted: &'a [Sha256],
    /// Bytes that it takes of a photo.
    pub(crate) largest_photo: u32,
    pub(crate) page: Option<&'a PullPage>,
}

/// Families that left the list, since they are no longer this phone's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Left {
    /// Why, in Indonesian.
    pub reason: String,
    /// How many.
    pub families: u64,
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
    pub(crate) again: u64,
    /// Photos that the server had and that go again.
    pub(crate) photos_again: u64,
    /// Families that left the list.
    pub(crate) left: Vec<Left>,
    /// Whether it showed that the phone was put back from an older copy of itself.
    pub(crate) put_back: bool,
}

impl Applied {
    fn left(&mut self, household: Stand) {
        if household.state == HouseholdState::Gone {
            let reason = household.gone.unwrap_or_default();
            add(
                &mut self.left,
                &Left {
                    reason,
                    families: 1,
                },
            );
        }
    }
}

/// Counts families with those that left for the same reason.
pub(crate) fn add(all: &mut Vec<Left>, more: &Left) {
    match all.iter_mut().find(|left| left.reason == more.reason) {
        Some(left) => left.families += more.families,
        None => all.push(more.clone()),
    }
}

/// Why a family leaves that the server doesn't name any more, after it named all others again.
const UNNAMED: &str = "Tidak ada lagi di daftar Anda";

/// Reasons longer than this are cut.
const LONGEST_REASON: usize = 200;

impl Store {
    /// Takes an answer over.
    pub(crate) fn apply(&self, answer: &Answer<'_>) -> Result<Applied> {
        self.commit(|tx| {
            device::heard(tx, answer.server_time)?;
            let mut applied = Applied {
                again: send_lost_again(tx, answer.received)?,
                ..Applied::default()
            };
            for entry in answer.entries {
                if let Some(key) = acknowledge(tx, entry)? {
                    let household = stand(tx, key)?;
                    applied.answered.push((household.id, household.state));
                    applied.left(household);
                }
            }
            applied.photos_again = photos::heard(tx, answer.wanted, answer.largest_photo)?;
            if let Some(page) = answer.page {
                take(tx, page, &mut applied)?;
            }
            applied.put_back = names_others(tx, answer.received)?;
            if applied.put_back {
                begin_anew(tx, 0)?;
            }
            Ok(applied)
        })
    }

    /// Takes over a page that came without an answer of the server around it.
    pub(crate) fn take_page(&self, page: &PullPage) -> Result<()> {
        self.commit(|tx| take(tx, page, &mut Applied::default()))
    }

    /// Starts the pull side over, since the server can't go on from where it was.
    pub(crate) fn reset_pull(&self) -> Result<()> {
        self.commit(|tx| {
            send_doubtful_again(tx)?;
            start_over(tx)
        })
    }
}

/// Starts the pull side over. What is on the phone stays until all has come again: what then has not come
/// is no longer this phone's, in one stroke with the last page.
pub(super) fn start_over(tx: &Transaction<'_>) -> Result<()> {
    tx.execute(
        "UPDATE device SET cursor = NULL, generation = generation + 1",
        [],
    )?;
    Ok(())
}

fn take(tx: &Transaction<'_>, page: &PullPage, applied: &mut Applied) -> Result<()> {
    let (generation, swept): (i64, i64) =
        tx.query_row("SELECT generation, swept FROM device", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    for change in &page.changes {
        let taken = match change {
            Change::Household(household) => upsert(tx, household, generation)?,
            Change::Gone { household, reason } => {
                if let Some(key) = key_of(tx, *household)? {
                    tx.prepare_cached("UPDATE household SET generation = ?2 WHERE key = ?1")?
                        .execute([key, generation])?;
                    gone(tx, key, reason, applied)?;
                }
                true
            }
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
            Change::Allotment { areas } => {
                allot(tx, areas)?;
                true
            }
            Change::Unknown => {
                tx.execute("UPDATE device SET skipped = 1", [])?;
                false
            }
        };
        if taken {
            applied.pulled += 1;
        } else {
            applied.skipped += 1;
        }
    }
    tx.execute("UPDATE device SET cursor = ?1", [&page.cursor])?;
    if !page.more {
        match swept < generation {
            true => sweep(tx, generation, applied)?,
            false => let_go(tx, swept, applied)?,
        }
    }
    Ok(())
}

/// Her RTs are these now; the targets of others are no longer hers.
fn allot(tx: &Transaction<'_>, areas: &[AreaCode]) -> Result<()> {
    device::allot(tx, areas)?;
    let mut statement = tx.prepare("SELECT area FROM target")?;
    let targets = statement.query_map([], |row| row.get::<_, String>(0))?;
    for target in targets.collect::<rusqlite::Result<Vec<_>>>()? {
        if !areas.iter().any(|area| area.as_str() == target) {
            tx.execute("DELETE FROM target WHERE area = ?1", [target])?;
        }
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
    // A request of an earlier revision was answered by this one, whoever sent it. One that still holds
    // is named with the revision that it is of, right after the family.
    tx.prepare_cached("DELETE FROM correction WHERE household = ?1 AND revision < ?2")?
        .execute(params![key, revision])?;
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

/// A family is no longer this phone's. It leaves the list at once if nothing of it waits here, else
/// with the acknowledgement of its last entry; what the phone holds of its own stays readable.
fn gone(tx: &Transaction<'_>, key: i64, reason: &str, applied: &mut Applied) -> Result<()> {
    let before = stand(tx, key)?.state;
    let reason: String = reason.chars().take(LONGEST_REASON).collect();
    tx.prepare_cached("UPDATE household SET gone = ?2 WHERE key = ?1")?
        .execute(params![key, reason])?;
    forget_others(tx, key)?;
    settle(tx, key)?;
    if before != HouseholdState::Gone {
        applied.left(stand(tx, key)?);
    }
    Ok(())
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
    history::sent_back(tx, key, correction, &comments)?;
    if correction.comments.is_empty() {
        tx.prepare_cached("DELETE FROM correction WHERE household = ?1")?
            .execute([key])?;
    } else {
        // The same request again is still answered by what answered it.
        tx.prepare_cached(
            "INSERT INTO correction AS c (household, revision, comments, generation, request)
                 SELECT ?1, ?2, ?3, ?4, ?5 FROM household WHERE key = ?1 AND revision <= ?2
             ON CONFLICT (household) DO UPDATE SET
                 answered = iif(request = excluded.request, answered, NULL),
                 request = excluded.request, revision = excluded.revision, comments = excluded.comments,
                 generation = excluded.generation",
        )?
        .execute(params![key, revision, comments, generation, correction.request])?;
    }
    settle(tx, key)?;
    Ok(true)
}

/// What the server no longer names, after all has come again, is no longer this phone's. A family of
/// her RTs of which something waits here stays: the server has not heard of it yet, or has lost it.
fn sweep(tx: &Transaction<'_>, generation: i64, applied: &mut Applied) -> Result<()> {
    let corrected = "DELETE FROM correction WHERE generation < ?1 RETURNING household";
    for key in keys(tx, corrected, generation)? {
        settle(tx, key)?;
    }
    let unnamed = format!(
        "SELECT key FROM household
         WHERE generation < ?1 AND (listed OR revision > 0) AND gone IS NULL
         AND (state NOT IN (1, 2, 5) OR area NOT IN ({HER_RTS}))"
    );
    for key in keys(tx, &unnamed, generation)? {
        gone(tx, key, UNNAMED, applied)?;
    }
    tx.execute("DELETE FROM target WHERE generation < ?1", [generation])?;
    tx.execute("UPDATE device SET swept = ?1", [generation])?;
    Ok(())
}

/// A family that stayed since something of it waited leaves once nothing does, if the server still
/// doesn't name it: her draft was thrown away, or her entry became no revision.
fn let_go(tx: &Transaction<'_>, swept: i64, applied: &mut Applied) -> Result<()> {
    let unnamed = "SELECT key FROM household
        WHERE generation BETWEEN 1 AND ?1 - 1 AND (listed OR revision > 0) AND gone IS NULL
        AND state NOT IN (1, 2, 5)";
    for key in keys(tx, unnamed, swept)? {
        gone(tx, key, UNNAMED, applied)?;
    }
    Ok(())
}

fn keys(tx: &Transaction<'_>, sql: &str, generation: i64) -> Result<Vec<i64>> {
    let mut statement = tx.prepare_cached(sql)?;
    let keys = statement.query_map([generation], |row| row.get(0))?;
    Ok(keys.collect::<rusqlite::Result<_>>()?)
}
