//! Photos: kept whole in the encrypted database, read and sent a part at a time.
//!
//! A photo is on the disk before [`Store::attach`] returns, since it can't be taken again. It is
//! deleted only when no visit, begun or finished, shows it any more.

use std::io::{Read as _, Seek as _, SeekFrom, Write as _};

use ketuk_wire::{Blob, Sha256};
use rusqlite::blob::ZeroBlob;
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};
use uuid::Uuid;

use super::drafts::{DraftToSave, digest, save};
use super::{Result, StorageFault, Store};

const WAITING: i64 = 0;
const RECEIVED: i64 = 1;
const REFUSED: i64 = 2;

/// How far a photo has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PhotoState {
    /// On this phone; it goes once the entry that shows it is received.
    Waiting,
    /// The server has it.
    Received,
    /// The server refused it.
    Refused {
        /// Why, in the server's words.
        message: String,
    },
}

/// A photo of a visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Photo {
    /// Known by this.
    pub sha256: Sha256,
    /// What it is, like `image/jpeg`.
    pub media_type: String,
    /// How many bytes it has.
    pub bytes: u64,
    /// How far it has come.
    pub state: PhotoState,
}

/// A photo on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PhotoToSend {
    pub(crate) key: i64,
    pub(crate) sha256: Sha256,
    pub(crate) bytes: u64,
    /// Whether the server may have a part of it.
    pub(crate) begun: bool,
}

/// Photos of finished visits that the server doesn't have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct PhotosLeft {
    pub(crate) waiting: u64,
    /// In all of those that wait.
    pub(crate) bytes: u64,
    pub(crate) refused: u64,
}

/// The media type of the client audit log, which goes the way of a photo and is none.
pub(crate) const LOG: &str = "text/csv";

impl Store {
    /// What a photo may have, in bytes, as the server last said.
    pub(crate) fn largest_photo(&self) -> Result<u64> {
        self.read(|connection| {
            let sql = "SELECT largest_photo FROM device";
            Ok(connection.query_row(sql, [], |row| row.get(0))?)
        })
    }

    /// Saves a visit as it stands and a photo with it, on the disk.
    pub(crate) fn attach(
        &self,
        draft: &DraftToSave<'_>,
        media_type: &str,
        bytes: &[u8],
    ) -> Result<Sha256> {
        self.commit(|tx| attach(tx, draft, false, media_type, bytes))
    }

    /// The same of a file that an answer names, in the place of the one that it named before.
    pub(crate) fn attach_answer(
        &self,
        draft: &DraftToSave<'_>,
        media_type: &str,
        bytes: &[u8],
        before: Option<Sha256>,
    ) -> Result<()> {
        self.commit(|tx| {
            attach(tx, draft, true, media_type, bytes)?;
            before.map_or(Ok(()), |before| take_off(tx, draft.household.id, before))
        })
    }

    /// Saves a visit as it stands, without this photo.
    pub(crate) fn detach(&self, draft: &DraftToSave<'_>, sha256: Sha256) -> Result<()> {
        self.commit(|tx| {
            save(tx, draft)?;
            take_off(tx, draft.household.id, sha256)
        })
    }

    /// The photos of a household's draft, else of its last entry, in the order in which they were
    /// taken.
    pub(crate) fn photos(&self, household: Uuid) -> Result<Vec<Photo>> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(&format!(
                "SELECT sha256, media_type, size, state, message FROM photo
                 WHERE key IN (SELECT photo FROM ({}))
                 ORDER BY key",
                shown()
            ))?;
            let mut rows = statement.query([household])?;
            let mut photos = Vec::new();
            while let Some(row) = rows.next()? {
                photos.push(read_photo(row)?);
            }
            Ok(photos)
        })
    }

    /// A photo whole, to be shown.
    pub(crate) fn photo(&self, sha256: Sha256) -> Result<Option<Vec<u8>>> {
        self.read(|connection| {
            Ok(connection
                .prepare_cached("SELECT bytes FROM photo WHERE sha256 = ?1")?
                .query_row([sha256.as_bytes()], |row| row.get(0))
                .optional()?)
        })
    }

    /// The smallest photo that waits and whose entry the server has, but for `skip`.
    pub(crate) fn next_photo(&self, skip: &[Sha256]) -> Result<Option<PhotoToSend>> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT p.key, p.sha256, p.size, p.begun FROM photo p
                 WHERE p.state = ?1 AND EXISTS (
                     SELECT 1 FROM entry_photo e JOIN outbox o ON o.seq = e.entry
                     WHERE e.photo = p.key AND o.state = 1)
                 ORDER BY p.size, p.key",
            )?;
            let mut rows = statement.query([WAITING])?;
            while let Some(row) = rows.next()? {
                let sha256 = digest(&row.get::<_, Vec<u8>>(1)?, "photo")?;
                if !skip.contains(&sha256) {
                    return Ok(Some(PhotoToSend {
                        key: row.get(0)?,
                        sha256,
                        bytes: row.get(2)?,
                        begun: row.get(3)?,
                    }));
                }
            }
            Ok(None)
        })
    }

    /// The next bytes of a photo from `from` on, at most `most` of them; never empty before its end.
    /// No more of it is in memory.
    pub(crate) fn photo_part(
        &self,
        photo: &PhotoToSend,
        from: u64,
        most: usize,
    ) -> Result<Vec<u8>> {
        self.read(|connection| {
            let mut blob = connection.blob_open("main", "photo", "bytes", photo.key, true)?;
            blob.seek(SeekFrom::Start(from))?;
            let length = photo.bytes.saturating_sub(from).min(most as u64);
            let mut part = Vec::new();
            blob.take(length).read_to_end(&mut part)?;
            let whole = part.len() as u64 == length;
            whole
                .then_some(part)
                .ok_or_else(|| StorageFault::row("photo"))
        })
    }

    /// Notes that the server may have a part of it from now on.
    pub(crate) fn photo_begun(&self, key: i64) -> Result<()> {
        self.save(|tx| {
            tx.execute("UPDATE photo SET begun = 1 WHERE key = ?1", [key])?;
            Ok(())
        })
    }

    /// Notes that the server has it whole.
    pub(crate) fn photo_received(&self, key: i64) -> Result<()> {
        self.commit(|tx| {
            tx.execute(
                "UPDATE photo SET state = ?2, message = NULL WHERE key = ?1",
                [key, RECEIVED],
            )?;
            Ok(())
        })
    }

    /// Notes that the server refuses it, and why.
    pub(crate) fn photo_refused(&self, key: i64, message: &str) -> Result<()> {
        self.commit(|tx| {
            tx.execute(
                "UPDATE photo SET state = ?2, message = ?3 WHERE key = ?1",
                params![key, REFUSED, message],
            )?;
            Ok(())
        })
    }

    /// What of finished visits' photos is not on the server.
    pub(crate) fn photos_left(&self) -> Result<PhotosLeft> {
        self.read(|connection| {
            Ok(connection
                .prepare_cached(
                    "SELECT count(*) FILTER (WHERE state = ?1),
                            coalesce(sum(size) FILTER (WHERE state = ?1), 0),
                            count(*) FILTER (WHERE state = ?2)
                     FROM photo WHERE state IN (?1, ?2)
                     AND EXISTS (SELECT 1 FROM entry_photo WHERE photo = key)",
                )?
                .query_row([WAITING, REFUSED], |row| {
                    Ok(PhotosLeft {
                        waiting: row.get(0)?,
                        bytes: row.get(1)?,
                        refused: row.get(2)?,
                    })
                })?)
        })
    }
}

/// Selects the photos of the household `?1`'s draft, else of its last entry, and whether an answer names them.
fn shown() -> String {
    format!(
        "SELECT photo, asked FROM (
            SELECT p.photo, p.asked FROM household h JOIN draft_photo p ON p.draft = h.key
            WHERE h.id = ?1
            UNION ALL
            SELECT p.photo, p.asked FROM household h JOIN entry_photo p
                ON p.entry = (SELECT max(seq) FROM outbox WHERE household = h.key)
            WHERE h.id = ?1 AND NOT EXISTS (SELECT 1 FROM draft WHERE household = h.key))
         WHERE photo NOT IN (SELECT key FROM photo WHERE media_type = '{LOG}')"
    )
}

fn read_photo(row: &Row<'_>) -> Result<Photo> {
    Ok(Photo {
        sha256: digest(&row.get::<_, Vec<u8>>(0)?, "photo")?,
        media_type: row.get(1)?,
        bytes: row.get(2)?,
        state: match row.get::<_, i64>(3)? {
            RECEIVED => PhotoState::Received,
            REFUSED => PhotoState::Refused {
                message: row.get::<_, Option<String>>(4)?.unwrap_or_default(),
            },
            _ => PhotoState::Waiting,
        },
    })
}

/// The photo's key, storing it if it isn't there: the bytes straight into its row, without a copy.
fn attach(
    tx: &Transaction<'_>,
    draft: &DraftToSave<'_>,
    asked: bool,
    media_type: &str,
    bytes: &[u8],
) -> Result<Sha256> {
    let sha256 = Sha256::of(bytes);
    let visit = save(tx, draft)?;
    let photo = keep(tx, sha256, media_type, bytes)?;
    tx.prepare_cached(
        "INSERT OR IGNORE INTO draft_photo (draft, photo, asked) VALUES (?1, ?2, ?3)",
    )?
    .execute(params![visit, photo, asked])?;
    Ok(sha256)
}

fn take_off(tx: &Transaction<'_>, household: Uuid, photo: Sha256) -> Result<()> {
    tx.prepare_cached(
        "DELETE FROM draft_photo WHERE draft = (SELECT key FROM household WHERE id = ?1)
         AND photo = (SELECT key FROM photo WHERE sha256 = ?2)",
    )?
    .execute(params![household, photo.as_bytes()])?;
    Ok(())
}

fn keep(tx: &Transaction<'_>, sha256: Sha256, media_type: &str, bytes: &[u8]) -> Result<i64> {
    let known = tx
        .prepare_cached("SELECT key FROM photo WHERE sha256 = ?1")?
        .query_row([sha256.as_bytes()], |row| row.get(0))
        .optional()?;
    if let Some(key) = known {
        return Ok(key);
    }
    let size = bytes.len() as u64;
    let key = tx
        .prepare_cached(
            "INSERT INTO photo (sha256, media_type, size, bytes) VALUES (?1, ?2, ?3, ?4)
             RETURNING key",
        )?
        .query_row(
            params![sha256.as_bytes(), media_type, size, ZeroBlob(size)],
            |row| row.get(0),
        )?;
    let mut blob = tx.blob_open("main", "photo", "bytes", key, false)?;
    blob.write_all(bytes)?;
    blob.close()?;
    Ok(key)
}

/// A new draft has the photos of the last entry, if there is one, until she takes them off.
pub(super) fn bring(tx: &Transaction<'_>, draft: i64) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO draft_photo (draft, photo, asked)
         SELECT ?1, photo, asked FROM entry_photo
         WHERE entry = (SELECT max(seq) FROM outbox WHERE household = ?1)",
    )?
    .execute([draft])?;
    Ok(())
}

/// A photo of a visit that is being finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kept {
    photo: i64,
    asked: bool,
}

/// The photos of a visit that is being finished with these answers. What was the answer to a question that was
/// answered otherwise since, or left the form with its member, is not among them.
pub(super) fn of_visit(tx: &Transaction<'_>, household: Uuid, document: &str) -> Result<Vec<Kept>> {
    let mut statement = tx.prepare_cached(&format!(
        "SELECT s.photo, s.asked FROM ({}) s JOIN photo p ON p.key = s.photo
         WHERE NOT s.asked OR instr(?2, lower(hex(p.sha256))) > 0 ORDER BY 1",
        shown()
    ))?;
    let photos = statement.query_map(params![household, document], read_kept)?;
    Ok(photos.collect::<rusqlite::Result<_>>()?)
}

fn read_kept(row: &Row<'_>) -> rusqlite::Result<Kept> {
    Ok(Kept {
        photo: row.get(0)?,
        asked: row.get(1)?,
    })
}

/// The photos that an entry shows.
pub(super) fn shown_by(tx: &Transaction<'_>, entry: u64) -> Result<Vec<Kept>> {
    let mut statement = tx.prepare_cached(&format!(
        "SELECT e.photo, e.asked FROM entry_photo e JOIN photo p ON p.key = e.photo
         WHERE e.entry = ?1 AND p.media_type <> '{LOG}' ORDER BY 1",
    ))?;
    let photos = statement.query_map([entry], read_kept)?;
    Ok(photos.collect::<rusqlite::Result<_>>()?)
}

/// An entry that is being stored shows these photos, and has this log of its filling, and no other.
pub(super) fn give(
    tx: &Transaction<'_>,
    entry: u64,
    photos: &[Kept],
    log: Option<&str>,
) -> Result<()> {
    let log = log.map(|csv| keep(tx, Sha256::of(csv.as_bytes()), LOG, csv.as_bytes()));
    let log = log.transpose()?.map(|photo| Kept {
        photo,
        asked: false,
    });
    let wanted: Vec<Kept> = photos.iter().copied().chain(log).collect();
    for file in &wanted {
        tx.prepare_cached(
            "INSERT INTO entry_photo (entry, photo, asked) VALUES (?1, ?2, ?3)
             ON CONFLICT DO UPDATE SET asked = excluded.asked",
        )?
        .execute(params![entry, file.photo, file.asked])?;
    }
    let there: Vec<i64> = tx
        .prepare_cached("SELECT photo FROM entry_photo WHERE entry = ?1")?
        .query_map([entry], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for file in there {
        if !wanted.iter().any(|kept| kept.photo == file) {
            tx.prepare_cached("DELETE FROM entry_photo WHERE entry = ?1 AND photo = ?2")?
                .execute(params![entry, file])?;
        }
    }
    Ok(())
}

/// The photos of an entry, as they are named to the server.
pub(super) fn of_entry(connection: &Connection, entry: u64) -> Result<Vec<Blob>> {
    let mut statement = connection.prepare_cached(
        "SELECT p.sha256, p.size, p.media_type FROM entry_photo e JOIN photo p ON p.key = e.photo
         WHERE e.entry = ?1 ORDER BY e.photo",
    )?;
    let mut rows = statement.query([entry])?;
    let mut blobs = Vec::new();
    while let Some(row) = rows.next()? {
        blobs.push(Blob {
            sha256: digest(&row.get::<_, Vec<u8>>(0)?, "photo")?,
            bytes: row.get(1)?,
            media_type: row.get(2)?,
        });
    }
    Ok(blobs)
}

/// Takes over what the server says of photos: those that it wants it doesn't have, whatever it said
/// before. When it takes larger ones than before, or smaller, what it refused is tried again. Gives
/// how many go again, since the server lost them.
pub(super) fn heard(tx: &Transaction<'_>, wanted: &[Sha256], largest: u32) -> Result<u64> {
    let mut statement =
        tx.prepare_cached("UPDATE photo SET state = ?2 WHERE sha256 = ?1 AND state = ?3")?;
    let mut again = 0;
    for sha256 in wanted {
        again += statement.execute(params![sha256.as_bytes(), WAITING, RECEIVED])? as u64;
    }
    let changed = tx
        .prepare_cached("UPDATE device SET largest_photo = ?1 WHERE largest_photo <> ?1")?
        .execute([largest])?;
    if changed > 0 {
        tx.prepare_cached("UPDATE photo SET state = ?1 WHERE state = ?2")?
            .execute([WAITING, REFUSED])?;
    }
    Ok(again)
}
