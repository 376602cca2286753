//! Visits begun and not finished.

use jiff::Timestamp;
use ketuk_wire::Sha256;
use rusqlite::{Connection, OptionalExtension as _, Transaction, params};
use uuid::Uuid;

use super::entries::BECAME;
use super::households::{Names, NewHousehold, drop_if_idle, ensure, forget_others, name, settle};
use super::{Result, StorageFault, Store, photos};

/// A draft as it was last saved.
pub(crate) struct DraftRow {
    pub(crate) form: Sha256,
    pub(crate) started: Started,
    pub(crate) body: String,
}

/// A visit as it stands.
pub(crate) struct DraftToSave<'a> {
    pub(crate) household: &'a NewHousehold,
    pub(crate) form: Sha256,
    pub(crate) started: Started,
    pub(crate) body: &'a str,
    /// Only if they changed.
    pub(crate) names: Option<&'a Names>,
    pub(crate) now: Timestamp,
}

/// What a visit started from. Kept from the moment it was opened: what the server sends meanwhile
/// must not make the visit look as if it had started from that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Started {
    pub(crate) at: Timestamp,
    /// The server's revision.
    pub(crate) base: u64,
    /// The phone's own entry, by its operation, if the visit is that one opened again. When its
    /// acknowledgement comes, the visit started from the revision that it became.
    pub(crate) entry: Option<Uuid>,
}

impl Store {
    pub(crate) fn draft(&self, household: Uuid) -> Result<Option<DraftRow>> {
        self.read(|connection| draft(connection, household))
    }

    /// Saves a visit as it stands. A new family gets its place in the list with it, and is shown
    /// under `names`.
    pub(crate) fn save_draft(&self, draft: &DraftToSave<'_>) -> Result<()> {
        self.save(|tx| save(tx, draft).map(drop))
    }

    /// Throws a draft away. A new family of which nothing else is known leaves the list with it.
    pub(crate) fn discard_draft(&self, household: Uuid) -> Result<()> {
        self.commit(|tx| {
            let key = tx
                .prepare_cached(
                    "SELECT key, listed OR revision > 0 OR gone IS NOT NULL
                     FROM household WHERE id = ?1",
                )?
                .query_row([household], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            if let Some((key, named)) = key {
                let named_by_the_server: bool = named;
                remove(tx, key)?;
                forget_others(tx, key)?;
                if named_by_the_server || !drop_if_idle(tx, key)? {
                    settle(tx, key)?;
                }
            }
            Ok(())
        })
    }
}

/// Saves a visit as it stands; gives its household's key.
pub(super) fn save(tx: &Transaction<'_>, draft: &DraftToSave<'_>) -> Result<i64> {
    let form = draft.form.as_bytes();
    let now = draft.now.as_millisecond();
    let key = ensure(tx, draft.household)?;
    let saved = tx
        .prepare_cached(
            "UPDATE draft SET body = pack(?2), saved_at = ?3, form = ?4 WHERE household = ?1",
        )?
        .execute(params![key, draft.body, now, form])?;
    if saved == 0 {
        let begun = start_now(tx, draft.started)?;
        let started = draft.started.at.as_millisecond();
        tx.prepare_cached(
            "INSERT INTO draft (household, base, follows, form, started_at, saved_at, body)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, pack(?7))",
        )?
        .execute(params![
            key,
            begun.base,
            begun.follows,
            form,
            started,
            now,
            draft.body
        ])?;
        photos::bring(tx, key)?;
        settle(tx, key)?;
    }
    if let Some(names) = draft.names {
        name(tx, key, names)?;
    }
    Ok(key)
}

pub(super) fn remove(tx: &Transaction<'_>, key: i64) -> Result<()> {
    tx.prepare_cached("DELETE FROM draft WHERE household = ?1")?
        .execute([key])?;
    Ok(())
}

/// What a finished or saved visit starts from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Start {
    /// The server's revision.
    pub(super) base: u64,
    /// The phone's own entry that it is, opened again.
    pub(super) follows: Option<Uuid>,
}

/// What a visit starts from, given what has become of the entry that it follows.
pub(super) fn start_now(tx: &Transaction<'_>, started: Started) -> Result<Start> {
    let became: Option<u64> = tx
        .prepare_cached(&format!(
            "SELECT coalesce({BECAME}, o.stands_on) FROM outbox o WHERE o.op = ?1"
        ))?
        .query_row([started.entry], |row| row.get(0))
        .optional()?;
    Ok(Start {
        base: became.unwrap_or(started.base),
        follows: started.entry,
    })
}

pub(super) fn digest(bytes: &[u8], table: &'static str) -> Result<Sha256> {
    let bytes: [u8; 32] = bytes.try_into().map_err(|_| StorageFault::row(table))?;
    Ok(bytes.into())
}

fn draft(connection: &Connection, household: Uuid) -> Result<Option<DraftRow>> {
    let found = connection
        .prepare_cached(
            "SELECT d.form, d.base, d.follows, d.started_at, unpack(d.body) FROM draft d
             JOIN household h ON h.key = d.household WHERE h.id = ?1",
        )?
        .query_row([household], |row| {
            Ok((
                row.get::<_, Vec<u8>>(0)?,
                row.get(1)?,
                row.get(2)?,
                row.get(3)?,
                row.get(4)?,
            ))
        })
        .optional()?;
    let Some((form, base, follows, started_at, body)) = found else {
        return Ok(None);
    };
    Ok(Some(DraftRow {
        form: digest(&form, "draft")?,
        started: Started {
            at: Timestamp::from_millisecond(started_at).map_err(|_| StorageFault::row("draft"))?,
            base,
            entry: follows,
        },
        body,
    }))
}
