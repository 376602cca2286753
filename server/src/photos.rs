//! Photos, part by part: kept in the database, so that a copy of it is whole, and never whole in
//! memory.
//!
//! A photo is known by its content. So it doesn't matter which phone sends it, or that two do: a part
//! is added only where the last one ended, and what is whole is checked against its name.

use ketuk_wire::{Blob, MOST_BLOBS, Sha256};
use sha2::Digest as _;
use uuid::Uuid;

use crate::Error;
use crate::db::{Db, Each, Kind, Tx, Value};
use crate::enrol::brief;

/// Notes the photos that newly stored entries name, in the transaction that stores them.
pub(crate) fn attach(
    tx: &mut Tx<'_>,
    village: &str,
    device: Uuid,
    entries: &[(Uuid, Sha256, &[Blob])],
) -> Result<(), Error> {
    static ATTACH: Each<7> = Each::new(
        [
            ("village", Kind::Text),
            ("op", Kind::Blob),
            ("digest", Kind::Blob),
            ("sha256", Kind::Blob),
            ("bytes", Kind::Int),
            ("media_type", Kind::Text),
            ("device", Kind::Blob),
        ],
        "INSERT INTO attachment (village, op, digest, sha256, bytes, media_type, device)
         SELECT r.village, r.op, r.digest, r.sha256, r.bytes, r.media_type, r.device
         FROM {rows} WHERE true ON CONFLICT DO NOTHING",
    );
    let row = |op: &'_ Uuid, digest: &'_ Sha256, blob: &'_ Blob| -> [Value<'static>; 7] {
        [
            village.to_owned().into(),
            (*op).into(),
            digest.as_bytes().to_vec().into(),
            blob.sha256.as_bytes().to_vec().into(),
            blob.bytes.into(),
            brief(&blob.media_type).into(),
            device.into(),
        ]
    };
    let rows: Vec<_> = entries
        .iter()
        .flat_map(|(op, digest, blobs)| {
            let blobs = blobs.iter().take(MOST_BLOBS);
            blobs.map(move |blob| row(op, digest, blob))
        })
        .collect();
    tx.each(&ATTACH, &rows).map(drop)
}

/// The photos that a phone's entries name and that are not here; where there are more than `most`, each
/// in its turn. What can't come stays wanted, and must not hide what can.
pub(crate) fn wanted(db: &Db, device: Uuid, most: usize) -> Result<Vec<Sha256>, Error> {
    let mut wanted = db.read(|tx| {
        let rows = tx.query(
            "SELECT a.sha256 FROM attachment a
             WHERE a.device = $1 AND a.bytes > 0
               AND NOT EXISTS (SELECT 1 FROM photo p WHERE p.sha256 = a.sha256 AND p.whole = 1)
             GROUP BY a.sha256
             ORDER BY CASE WHEN a.sha256 > (SELECT d.asked FROM device d WHERE d.id = $1 LIMIT 1)
                 THEN 0 ELSE 1 END, a.sha256
             LIMIT $2",
            &[device.into(), (most as u64 + 1).into()],
        )?;
        let wanted = rows.iter().map(|row| row.bytes32(0).map(Sha256::from));
        wanted.collect::<Result<Vec<Sha256>, Error>>()
    })?;
    if wanted.len() > most {
        wanted.truncate(most);
        let last = wanted.last().map(|sha256| sha256.as_bytes().as_slice());
        db.write(|tx| {
            tx.execute(
                "UPDATE device SET asked = $2 WHERE id = $1",
                &[device.into(), last.into()],
            )
        })?;
    }
    Ok(wanted)
}

/// What became of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// The photo is here up to this byte; all of it, and the right one, if that is its length.
    Here(u64),
    /// The part doesn't begin where the photo ends, which is here.
    Elsewhere(u64),
    /// No entry names it, or none with this length.
    Unnamed,
    /// What came under its name is another one, and was dropped.
    Wrong,
}

/// How much of a photo is here.
pub(crate) fn come(db: &Db, sha256: Sha256) -> Result<Step, Error> {
    let (named, photo) = db.read(|tx| Ok((lengths(tx, sha256)?, Photo::read(tx, sha256)?)))?;
    if named.is_empty() {
        return Ok(Step::Unnamed);
    }
    match photo {
        None => Ok(Step::Here(0)),
        Some(photo) => settled(db, sha256, photo),
    }
}

/// Adds a part that begins at `first` to a photo of `bytes` bytes.
pub(crate) fn add(
    db: &Db,
    sha256: Sha256,
    bytes: u64,
    first: u64,
    part: &[u8],
) -> Result<Step, Error> {
    let added = db.write(|tx| {
        if !lengths(tx, sha256)?.contains(&bytes) {
            return Ok(Err(Step::Unnamed));
        }
        if first == 0 {
            begin(tx, sha256, bytes)?;
        }
        // The row is the guard: of two phones that send the same part, one finds it moved on.
        let row = tx.query_first(
            "UPDATE photo SET received = received + $4
             WHERE sha256 = $1 AND bytes = $2 AND received = $3 AND received + $4 <= bytes
             RETURNING received",
            &[
                sha256.as_bytes().into(),
                bytes.into(),
                first.into(),
                (part.len() as u64).into(),
            ],
        )?;
        let Some(row) = row else {
            return Ok(match Photo::read(tx, sha256)? {
                Some(photo) if photo.bytes == bytes && photo.received == bytes => Ok(photo),
                Some(photo) if photo.bytes == bytes => Err(Step::Elsewhere(photo.received)),
                Some(photo) if photo.whole => Err(Step::Wrong),
                _ => Err(Step::Elsewhere(0)),
            });
        };
        if !part.is_empty() {
            tx.execute(
                "INSERT INTO photo_part (sha256, first, content) VALUES ($1, $2, $3)",
                &[sha256.as_bytes().into(), first.into(), part.into()],
            )?;
        }
        Ok(Ok(Photo {
            bytes,
            received: row.count(0)?,
            whole: false,
        }))
    })?;
    match added {
        Ok(photo) => settled(db, sha256, photo),
        Err(step) => Ok(step),
    }
}

/// Makes the row of a photo that comes for the first time, or anew because the length that was
/// announced for it before was not the right one.
fn begin(tx: &mut Tx<'_>, sha256: Sha256, bytes: u64) -> Result<(), Error> {
    let key = sha256.as_bytes();
    tx.execute(
        "DELETE FROM photo_part WHERE sha256 = $1 AND EXISTS
             (SELECT 1 FROM photo p WHERE p.sha256 = $1 AND p.bytes <> $2 AND p.whole = 0)",
        &[key.into(), bytes.into()],
    )?;
    tx.execute(
        "INSERT INTO photo (sha256, bytes, received, whole) VALUES ($1, $2, 0, 0)
         ON CONFLICT (sha256) DO UPDATE SET bytes = excluded.bytes, received = 0
         WHERE photo.bytes <> excluded.bytes AND photo.whole = 0",
        &[key.into(), bytes.into()],
    )?;
    Ok(())
}

/// Checks a photo whose last byte has come. After a start in between, it is done when the photo is
/// asked for.
fn settled(db: &Db, sha256: Sha256, photo: Photo) -> Result<Step, Error> {
    if photo.whole || photo.received < photo.bytes {
        return Ok(Step::Here(photo.received));
    }
    let right = digest(db, sha256)? == sha256;
    let step = db.write(|tx| {
        let sql = if right {
            "UPDATE photo SET whole = 1 WHERE sha256 = $1 AND received = bytes"
        } else {
            "DELETE FROM photo WHERE sha256 = $1 AND received = bytes AND whole = 0"
        };
        let done = tx.execute(sql, &[sha256.as_bytes().into()])?;
        if done == 0 {
            // Another began it anew meanwhile, or settled it.
            let now = Photo::read(tx, sha256)?;
            return Ok(Step::Here(now.map_or(0, |photo| photo.received)));
        }
        if right {
            return Ok(Step::Here(photo.bytes));
        }
        tx.execute(
            "DELETE FROM photo_part WHERE sha256 = $1",
            &[sha256.as_bytes().into()],
        )?;
        Ok(Step::Wrong)
    })?;
    if step == Step::Wrong {
        tracing::warn!("a photo came whole with another digest than its name");
    }
    Ok(step)
}

/// Of all parts, read one after the other.
fn digest(db: &Db, sha256: Sha256) -> Result<Sha256, Error> {
    let mut hasher = sha2::Sha256::new();
    let mut next = 0u64;
    loop {
        let part = db.read(|tx| {
            tx.query_first(
                "SELECT content FROM photo_part WHERE sha256 = $1 AND first = $2",
                &[sha256.as_bytes().into(), next.into()],
            )
        })?;
        let Some(part) = part else {
            let digest: [u8; 32] = hasher.finalize().into();
            return Ok(Sha256::from(digest));
        };
        let content = part.blob(0)?;
        hasher.update(content);
        next += content.len() as u64;
    }
}

/// The lengths that entries announce for it; more than one only if a phone is wrong.
fn lengths(tx: &mut Tx<'_>, sha256: Sha256) -> Result<Vec<u64>, Error> {
    let rows = tx.query(
        "SELECT DISTINCT bytes FROM attachment WHERE sha256 = $1 AND bytes > 0",
        &[sha256.as_bytes().into()],
    )?;
    rows.iter().map(|row| row.count(0)).collect()
}

struct Photo {
    bytes: u64,
    received: u64,
    whole: bool,
}

impl Photo {
    fn read(tx: &mut Tx<'_>, sha256: Sha256) -> Result<Option<Photo>, Error> {
        let row = tx.query_first(
            "SELECT bytes, received, whole FROM photo WHERE sha256 = $1",
            &[sha256.as_bytes().into()],
        )?;
        row.map(|row| {
            Ok(Photo {
                bytes: row.count(0)?,
                received: row.count(1)?,
                whole: row.bool(2)?,
            })
        })
        .transpose()
    }
}
