//! What the server holds, read from its database behind its back.
//!
//! A promise about the server is not proved by the server's own word.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use rusqlite::OpenFlags;
use uuid::Uuid;

/// Where a server keeps what it got.
#[derive(Debug, Clone)]
pub enum Place {
    /// The folder of the embedded database.
    Sqlite(PathBuf),
    /// PostgreSQL, by URL.
    Postgres(String),
}

/// An entry as the server stores it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The family.
    pub household: Uuid,
    /// What became of it.
    pub verdict: Verdict,
    /// The document, byte for byte.
    pub document: String,
}

/// What became of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is a revision of its household.
    Revision,
    /// It is kept beside one.
    Conflict,
    /// It is kept, not counted.
    Quarantined,
}

const PHOTO: &str = "SELECT content FROM photo_part WHERE sha256 = $1
    AND EXISTS (SELECT 1 FROM photo p WHERE p.sha256 = $1 AND p.whole = 1) ORDER BY first";

const ENTRIES: &str = "SELECT household, verdict, document FROM entry";

impl Place {
    /// A fresh database in the PostgreSQL that the tests were given, or `None` if they were given none:
    /// `cargo xtask test` starts one and says where in `KETUK_TEST_POSTGRES`.
    ///
    /// # Errors
    /// If it can't be made.
    pub fn fresh_postgres() -> Result<Option<Place>> {
        let Ok(url) = std::env::var("KETUK_TEST_POSTGRES") else {
            return Ok(None);
        };
        let name = format!("ketuk_{}", Uuid::new_v4().simple());
        postgres::Client::connect(&url, postgres::NoTls)?
            .batch_execute(&format!("CREATE DATABASE {name}"))?;
        let (server, _) = url.rsplit_once('/').context("the URL names no database")?;
        Ok(Some(Place::Postgres(format!("{server}/{name}"))))
    }

    /// A photo that the server holds whole, by the digest of its bytes; empty if there is none.
    ///
    /// # Errors
    /// If its database can't be read.
    pub fn photo(&self, sha256: &[u8]) -> Result<Vec<u8>> {
        let parts: Vec<Vec<u8>> = match self {
            Place::Sqlite(folder) => {
                let db = open(folder)?;
                let mut query = db.prepare(&PHOTO.replace("$1", "?1"))?;
                let rows = query.query_map([sha256], |row| row.get(0))?;
                rows.collect::<rusqlite::Result<_>>()?
            }
            Place::Postgres(url) => {
                let mut db = postgres::Client::connect(url, postgres::NoTls)?;
                let rows = db.query(PHOTO, &[&sha256])?;
                rows.iter().map(|row| row.get(0)).collect()
            }
        };
        Ok(parts.concat())
    }

    /// Every entry that the server holds.
    ///
    /// # Errors
    /// If its database can't be read.
    pub fn entries(&self) -> Result<Vec<Held>> {
        match self {
            Place::Sqlite(folder) => {
                let db = open(folder)?;
                let mut query = db.prepare(ENTRIES)?;
                let rows =
                    query.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
                rows.map(|row| held(row?)).collect()
            }
            Place::Postgres(url) => {
                let mut db = postgres::Client::connect(url, postgres::NoTls)?;
                let rows = db.query(ENTRIES, &[])?;
                rows.iter()
                    .map(|row| held((row.get(0), row.get(1), row.get(2))))
                    .collect()
            }
        }
    }
}

fn open(folder: &Path) -> rusqlite::Result<rusqlite::Connection> {
    let file = folder.join("ketuk.db");
    rusqlite::Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)
}

fn held((household, verdict, document): (Vec<u8>, i64, String)) -> Result<Held> {
    let verdict = match verdict {
        0 => Verdict::Revision,
        1 => Verdict::Conflict,
        _ => Verdict::Quarantined,
    };
    Ok(Held {
        household: Uuid::from_slice(&household)?,
        verdict,
        document,
    })
}
