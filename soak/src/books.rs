//! The databases, read behind the backs of those who keep them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result};
use jiff::Timestamp;
use ketuk_wire::{PublicKey, SeqRanges, Sha256, SigningKey};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, Row};
use serde_json::Value;
use uuid::Uuid;

use crate::world::campaign::{MARK, VISITS};
use crate::world::handset::KEY;

/// An entry as the server keeps it.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) mark: String,
    pub(crate) household: Uuid,
    pub(crate) verdict: Verdict,
    pub(crate) trouble: Option<String>,
    pub(crate) revision: Option<i64>,
    /// The visits that went into the revision.
    pub(crate) marks: BTreeSet<String>,
    /// Whether its document has the digest that came with it.
    pub(crate) whole: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Revision,
    Conflict,
    Quarantined,
    Merged,
}

/// A family of a cadre's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Family {
    pub(crate) id: Uuid,
    rt: String,
    revision: i64,
    /// Whether a supervisor asks for a correction.
    asked: bool,
}

impl Family {
    fn read(row: &Row<'_>) -> rusqlite::Result<Family> {
        Ok(Family {
            id: row.get(0)?,
            rt: row.get(1)?,
            revision: row.get(2)?,
            asked: row.get(3)?,
        })
    }
}

/// A phone's numbers, as the server knows them.
pub(crate) struct Numbers {
    pub(crate) high_seq: u64,
    pub(crate) seen: SeqRanges,
}

/// The server's database.
pub(crate) struct ServerBooks(Connection);

impl ServerBooks {
    pub(crate) fn open(folder: &Path) -> Result<ServerBooks> {
        let path = folder.join("ketuk.db");
        let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        Ok(ServerBooks(connection))
    }

    /// Those of which it is known whose they are.
    pub(crate) fn entries(&self) -> Result<Vec<Entry>> {
        self.entries_where(
            "(verdict <> 2 OR trouble IS NOT NULL) AND trouble IS DISTINCT FROM 'doubtful_sender'",
        )
    }

    /// Those from parcels that may be anybody's; once the phone itself sent the same, without a trouble.
    pub(crate) fn doubtful(&self) -> Result<Vec<Entry>> {
        self.entries_where("trouble = 'doubtful_sender' OR (verdict = 2 AND trouble IS NULL)")
    }

    fn entries_where(&self, what: &str) -> Result<Vec<Entry>> {
        let mut statement = self.0.prepare(&format!(
            "SELECT household, verdict, trouble, revision, sha256, document,
                    coalesce(merged, document)
             FROM entry WHERE {what} ORDER BY household, revision, op"
        ))?;
        let rows = statement.query_map([], |row| {
            let (document, revised): (String, String) = (row.get(5)?, row.get(6)?);
            let sha256 = Sha256::from(row.get::<_, [u8; 32]>(4)?);
            Ok(Entry {
                household: row.get(0)?,
                verdict: match row.get(1)? {
                    0 => Verdict::Revision,
                    1 => Verdict::Conflict,
                    2 => Verdict::Quarantined,
                    _ => Verdict::Merged,
                },
                trouble: row.get(2)?,
                revision: row.get(3)?,
                whole: Sha256::of(document.as_bytes()) == sha256,
                mark: mark_of(&document),
                marks: marks_in(&revised).into_iter().collect(),
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    pub(crate) fn marks(&self) -> Result<BTreeSet<String>> {
        Ok(self
            .entries()?
            .into_iter()
            .map(|entry| entry.mark)
            .collect())
    }

    pub(crate) fn households(&self) -> Result<Vec<Uuid>> {
        let mut statement = self.0.prepare("SELECT id FROM household ORDER BY id")?;
        let rows = statement.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Those in a cadre's RTs.
    pub(crate) fn families_of(&self, cadre: Uuid) -> Result<Vec<Family>> {
        let mut statement = self.0.prepare(
            "SELECT h.id, h.rt, h.revision, EXISTS (
                 SELECT 1 FROM correction c WHERE c.village = h.village AND c.household = h.id)
             FROM household h
             JOIN plan p ON p.village = h.village AND p.rt = h.rt
             WHERE p.cadre = ?1 ORDER BY h.id",
        )?;
        let rows = statement.query_map([cadre], Family::read)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    pub(crate) fn village_of(&self, household: Uuid) -> Result<String> {
        let sql = "SELECT village FROM household WHERE id = ?1";
        let village = self
            .0
            .query_row(sql, [household], |row| row.get(0))
            .optional()?;
        Ok(village.unwrap_or_default())
    }

    /// The plan's RTs, by the codes that they have now.
    pub(crate) fn rts(&self) -> Result<Vec<String>> {
        let mut statement = self.0.prepare("SELECT rt FROM plan ORDER BY rt")?;
        let rows = statement.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// The village where a cadre is at home.
    pub(crate) fn home_of(&self, cadre: Uuid) -> Result<String> {
        let sql = "SELECT village FROM cadre WHERE id = ?1";
        Ok(self.0.query_row(sql, [cadre], |row| row.get(0))?)
    }

    /// The photos that entries name, with the entries' documents' marks.
    pub(crate) fn named_photos(&self) -> Result<BTreeSet<(String, Sha256)>> {
        let mut statement = self.0.prepare(
            "SELECT e.document, a.sha256 FROM attachment a
             JOIN entry e ON e.village = a.village AND e.op = a.op AND e.digest = a.digest",
        )?;
        let rows = statement.query_map([], |row| {
            let document: String = row.get(0)?;
            let sha256: [u8; 32] = row.get(1)?;
            Ok((mark_of(&document), Sha256::from(sha256)))
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// The photos whose parts, one after the other, have the digest that they are known by.
    pub(crate) fn whole_photos(&self) -> Result<BTreeSet<Sha256>> {
        let mut statement = self.0.prepare(
            "SELECT p.sha256, q.content FROM photo p JOIN photo_part q ON q.sha256 = p.sha256
             WHERE p.whole = 1 ORDER BY p.sha256, q.first",
        )?;
        let rows = statement.query_map([], |row| {
            Ok((Sha256::from(row.get::<_, [u8; 32]>(0)?), row.get(1)?))
        })?;
        let mut photos: BTreeMap<Sha256, Vec<u8>> = BTreeMap::new();
        for row in rows {
            let (sha256, mut part): (_, Vec<u8>) = row?;
            photos.entry(sha256).or_default().append(&mut part);
        }
        photos.retain(|sha256, bytes| Sha256::of(bytes) == *sha256);
        Ok(photos.into_keys().collect())
    }

    /// The key of its receipts.
    pub(crate) fn public_key(&self) -> Result<PublicKey> {
        let sql = "SELECT value FROM meta WHERE name = 'signing_seed'";
        let seed: [u8; 32] = self.0.query_row(sql, [], |row| row.get(0))?;
        Ok(SigningKey::from_seed(&seed).public())
    }

    /// What it knows of a phone's numbers.
    pub(crate) fn numbers(&self, device: Uuid) -> Result<Numbers> {
        let sql = "SELECT high_seq, seen FROM device WHERE id = ?1";
        let (high, seen): (i64, String) = self
            .0
            .query_row(sql, [device], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(Numbers {
            high_seq: u64::try_from(high)?,
            seen: serde_json::from_str(&seen)?,
        })
    }

    /// A digest of all that phones' entries can change. A parcel that was its phone's once may be
    /// anybody's when it comes again: what is kept of it then is no phone's entry.
    pub(crate) fn digest(&self) -> Result<Sha256> {
        let mut text = String::new();
        for table in [
            "entry WHERE (verdict <> 2 OR trouble IS NOT NULL) AND trouble IS DISTINCT FROM 'doubtful_sender'",
            "household",
            "rollup",
            "correction",
            "plan",
            "last_year",
        ] {
            self.dump(table, &mut text)?;
        }
        Ok(Sha256::of(text.as_bytes()))
    }

    fn dump(&self, table: &str, out: &mut String) -> Result<()> {
        let sql = format!("SELECT * FROM {table} ORDER BY 1, 2, 3");
        let mut statement = self.0.prepare(&sql)?;
        let columns = statement.column_count();
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            for column in 0..columns {
                match row.get_ref(column)? {
                    ValueRef::Blob(bytes) => write!(out, "{}|", Sha256::of(bytes))?,
                    ValueRef::Text(text) => write!(out, "{}|", String::from_utf8_lossy(text))?,
                    ValueRef::Integer(n) => write!(out, "{n}|")?,
                    ValueRef::Null | ValueRef::Real(_) => out.push('|'),
                }
            }
            out.push('\n');
        }
        Ok(())
    }
}

/// An entry as a phone keeps it.
#[derive(Debug, Clone)]
pub(crate) struct Own {
    pub(crate) mark: String,
    pub(crate) seq: u64,
    pub(crate) state: State,
    pub(crate) sha256: Sha256,
    pub(crate) whole: bool,
}

/// How far it has come, for all that the phone knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Waiting,
    Received,
    /// Refused: the cadre is shown why, and finishes it again.
    Held,
}

/// A phone's database.
pub(crate) struct PhoneBooks(Connection);

impl PhoneBooks {
    pub(crate) fn open(folder: &Path) -> Result<PhoneBooks> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE;
        let connection = Connection::open_with_flags(folder.join("ketuk.db"), flags)?;
        let mut preimage = b"ketuk database salt".to_vec();
        preimage.extend_from_slice(&KEY);
        let salt = Sha256::of(&preimage);
        let mut key = String::new();
        for byte in KEY.iter().chain(&salt.as_bytes()[..16]) {
            write!(key, "{byte:02x}")?;
        }
        connection.execute_batch(&format!(
            "PRAGMA cipher_log_level = NONE; PRAGMA key = \"x'{key}'\";
             PRAGMA cipher_hmac_algorithm = HMAC_SHA256; PRAGMA cipher_page_size = 2048;
             PRAGMA query_only = true;"
        ))?;
        Ok(PhoneBooks(connection))
    }

    pub(crate) fn device(&self) -> Result<Uuid> {
        let id = self
            .0
            .query_row("SELECT id FROM device", [], |row| row.get(0));
        id.context("a phone without an identity")
    }

    /// By which the server knows it.
    pub(crate) fn token(&self) -> Result<String> {
        let sql = "SELECT token FROM device";
        let token = self.0.query_row(sql, [], |row| row.get(0));
        token.context("a phone that is nobody's")
    }

    /// The marks of what left it in a file at that time of its clock.
    pub(crate) fn handed_over(&self, at: Timestamp) -> Result<Vec<String>> {
        let sql = "SELECT document FROM outbox WHERE handed_over = ?1 ORDER BY seq";
        let mut statement = self.0.prepare(sql)?;
        let rows = statement.query_map([at.as_millisecond()], |row| {
            Ok(mark_of(&row.get::<_, String>(0)?))
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Those that it takes for its own.
    pub(crate) fn families(&self) -> Result<BTreeMap<Uuid, Family>> {
        let mut statement = self.0.prepare(
            "SELECT h.id, h.area, h.revision, EXISTS (
                 SELECT 1 FROM correction c WHERE c.household = h.key AND c.answered IS NULL)
             FROM household h WHERE h.gone IS NULL",
        )?;
        let rows = statement.query_map([], Family::read)?;
        let families = rows.map(|family| family.map(|family| (family.id, family)));
        Ok(families.collect::<rusqlite::Result<_>>()?)
    }

    /// Those of which it has a draft.
    pub(crate) fn begun(&self) -> Result<BTreeSet<Uuid>> {
        let sql = "SELECT h.id FROM draft d JOIN household h ON h.key = d.household";
        let mut statement = self.0.prepare(sql)?;
        let rows = statement.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Where its news ends.
    pub(crate) fn cursor(&self) -> Result<String> {
        let cursor = self
            .0
            .query_row("SELECT cursor FROM device", [], |row| row.get(0));
        cursor.context("a phone without news")
    }

    pub(crate) fn high_seq(&self) -> Result<u64> {
        let sql = "SELECT max(lived_to, (SELECT coalesce(max(seq), 0) FROM outbox)) FROM device";
        let high: i64 = self.0.query_row(sql, [], |row| row.get(0))?;
        Ok(u64::try_from(high)?)
    }

    pub(crate) fn entries(&self) -> Result<Vec<Own>> {
        let sql = "SELECT seq, state, sha256, document FROM outbox ORDER BY seq";
        let mut statement = self.0.prepare(sql)?;
        let rows = statement.query_map([], |row| {
            let document: String = row.get(3)?;
            let sha256 = Sha256::from(row.get::<_, [u8; 32]>(2)?);
            Ok(Own {
                seq: row.get::<_, i64>(0)?.cast_unsigned(),
                state: match row.get(1)? {
                    0 => State::Waiting,
                    1 => State::Received,
                    _ => State::Held,
                },
                whole: Sha256::of(document.as_bytes()) == sha256,
                sha256,
                mark: mark_of(&document),
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

/// The mark of the visit that a document is of.
pub(crate) fn mark_of(document: &str) -> String {
    marks_in(document).pop().unwrap_or_default()
}

/// The marks of the visits that went into a document, the latest last.
fn marks_in(document: &str) -> Vec<String> {
    let answers: Option<Value> = serde_json::from_str(document).ok();
    let visits = answers
        .as_ref()
        .and_then(|answers| answers.get(VISITS)?.as_array());
    let marks = visits
        .into_iter()
        .flatten()
        .filter_map(|row| row.get(MARK)?.as_str());
    marks.map(str::to_owned).collect()
}
