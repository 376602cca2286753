//! The questionnaires that the phone has, by their digest.

use ketuk_wire::{FormRef, Sha256};
use rusqlite::{OptionalExtension as _, Transaction, params};

use super::drafts::digest;
use super::{Result, Store};

const WANTED: i64 = 0;
const WHOLE: i64 = 1;
const UNUSABLE: i64 = 2;

/// A questionnaire that is still to be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WantedForm {
    pub(crate) sha256: Sha256,
    /// What of it has come already.
    pub(crate) have: Vec<u8>,
}

impl Store {
    /// The next questionnaire to fetch, the newest first, but for `skip`.
    pub(crate) fn wanted_form(&self, skip: &[Sha256]) -> Result<Option<WantedForm>> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT sha256, bytes FROM form WHERE state = ?1 ORDER BY rank DESC",
            )?;
            let mut rows = statement.query([WANTED])?;
            while let Some(row) = rows.next()? {
                let sha256 = digest(&row.get::<_, Vec<u8>>(0)?, "form")?;
                if !skip.contains(&sha256) {
                    let have = row.get(1)?;
                    return Ok(Some(WantedForm { sha256, have }));
                }
            }
            Ok(None)
        })
    }

    /// Keeps what has come of a questionnaire so far.
    pub(crate) fn keep_form_part(&self, sha256: Sha256, bytes: &[u8]) -> Result<()> {
        self.save(|tx| {
            tx.execute(
                "UPDATE form SET bytes = ?2 WHERE sha256 = ?1 AND state = ?3",
                params![sha256.as_bytes(), bytes, WANTED],
            )?;
            Ok(())
        })
    }

    /// Takes a questionnaire into use: its bytes are whole and it compiles.
    pub(crate) fn keep_form(&self, sha256: Sha256, bytes: &[u8]) -> Result<()> {
        self.commit(|tx| {
            tx.execute(
                "UPDATE form SET bytes = ?2, state = ?3 WHERE sha256 = ?1",
                params![sha256.as_bytes(), bytes, WHOLE],
            )?;
            Ok(())
        })
    }

    /// Remembers that a questionnaire is of no use to this app. The one in use stays.
    pub(crate) fn refuse_form(&self, sha256: Sha256) -> Result<()> {
        self.commit(|tx| {
            tx.execute(
                "UPDATE form SET bytes = x'', state = ?2 WHERE sha256 = ?1",
                params![sha256.as_bytes(), UNUSABLE],
            )?;
            Ok(())
        })
    }

    /// The questionnaire in use.
    pub(crate) fn current_form(&self) -> Result<Option<Sha256>> {
        self.read(|connection| {
            let found: Option<Vec<u8>> = connection
                .prepare_cached(
                    "SELECT sha256 FROM form WHERE state = ?1 ORDER BY rank DESC LIMIT 1",
                )?
                .query_row([WHOLE], |row| row.get(0))
                .optional()?;
            found.map(|bytes| digest(&bytes, "form")).transpose()
        })
    }

    /// The bytes of a questionnaire that was in use once.
    pub(crate) fn form_bytes(&self, sha256: Sha256) -> Result<Option<Vec<u8>>> {
        self.read(|connection| {
            Ok(connection
                .prepare_cached("SELECT bytes FROM form WHERE sha256 = ?1 AND state = ?2")?
                .query_row(params![sha256.as_bytes(), WHOLE], |row| row.get(0))
                .optional()?)
        })
    }
}

/// Those that were of no use to another app, and newer than the one in use, are fetched again.
pub(super) fn try_again(tx: &Transaction<'_>) -> Result<()> {
    tx.execute(
        "UPDATE form SET state = ?1 WHERE state = ?2
         AND rank > (SELECT coalesce(max(rank), 0) FROM form WHERE state = ?3)",
        [WANTED, UNUSABLE, WHOLE],
    )?;
    Ok(())
}

/// Notes that the campaign uses this questionnaire from now on. One that an older app couldn't use
/// is tried again when the server names it again.
pub(super) fn want(tx: &Transaction<'_>, form: &FormRef, sha256: Sha256) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO form (sha256, id, version, rank)
             VALUES (?1, ?2, ?3, (SELECT coalesce(max(rank), 0) + 1 FROM form))
         ON CONFLICT (sha256) DO UPDATE SET
             rank = excluded.rank, state = iif(state = ?4, ?5, state)",
    )?
    .execute(params![
        sha256.as_bytes(),
        form.id,
        form.version,
        UNUSABLE,
        WANTED
    ])?;
    Ok(())
}
