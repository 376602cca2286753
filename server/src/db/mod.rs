//! One thin, synchronous layer over SQLite and PostgreSQL.
//!
//! A statement is written once, in the SQL that both speak, with `$1` placeholders over four kinds
//! of values. What differs stays here: how a connection is had, how a transaction begins, and how
//! one statement is run over many rows ([`Each`]): SQLite, to which a call costs nothing, runs a
//! cached statement row by row; PostgreSQL, to which a round trip is dear, runs it once over arrays.

mod backup;
mod migrate;
mod postgres;
mod sqlite;
mod value;

use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::UNIX_EPOCH;

pub(crate) use value::{Kind, Row, Value};

use crate::Error;

/// Where a server keeps everything.
#[derive(Clone)]
pub enum Store {
    /// In `ketuk.db` in this folder, which is made if it isn't there.
    Sqlite(PathBuf),
    /// In the PostgreSQL at this URL, whose password is a secret.
    Postgres(String),
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Store::Sqlite(folder) => write!(f, "Sqlite({})", folder.display()),
            Store::Postgres(_) => f.write_str("Postgres(secret)"),
        }
    }
}

/// That a server answers on an embedded database, as long as it is held: two would each know what
/// they keep in memory, and not what the other changed. Checking the figures needs no claim.
pub(crate) struct Claim {
    file: std::fs::File,
    database: PathBuf,
}

impl Claim {
    /// The word in the claimed file, which one server leaves for the next.
    pub(crate) fn note(&self) -> Result<Note, Error> {
        Ok(Note {
            file: self.file.try_clone().map_err(Error::internal)?,
            database: self.database.clone(),
        })
    }
}

/// A line in the file by which a folder is claimed.
pub(crate) struct Note {
    file: std::fs::File,
    database: PathBuf,
}

impl Note {
    const LONGEST: u64 = 200;

    /// What stands there: nothing in a new folder, anything where a write was cut short.
    pub(crate) fn read(&self) -> Result<String, Error> {
        let mut file = &self.file;
        let mut text = Vec::new();
        file.seek(SeekFrom::Start(0)).map_err(Error::internal)?;
        file.take(Note::LONGEST)
            .read_to_end(&mut text)
            .map_err(Error::internal)?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    /// Puts `text` in the place of what stands there. It needs no sync: what it says is of a
    /// database that has come at least as far.
    pub(crate) fn write(&self, text: &str) -> Result<(), Error> {
        let mut file = &self.file;
        file.seek(SeekFrom::Start(0)).map_err(Error::internal)?;
        file.write_all(text.as_bytes()).map_err(Error::internal)
    }

    /// When the database's file was made, in nanoseconds since 1970: a copy of it was made later. 0
    /// where the file system doesn't say.
    pub(crate) fn born(&self) -> u128 {
        let made = std::fs::metadata(&self.database).and_then(|about| about.created());
        made.ok()
            .and_then(|made| made.duration_since(UNIX_EPOCH).ok())
            .map_or(0, |since| since.as_nanos())
    }
}

/// Said and not left to the closing of the file: a process that was just forked has it open too.
impl Drop for Claim {
    fn drop(&mut self) {
        // Not unlocked, it is when this process ends.
        let _ = self.file.unlock();
    }
}

impl Store {
    /// Claims the folder of an embedded database; of PostgreSQL there is nothing to claim.
    ///
    /// # Errors
    /// [`Error::Folder`] if another server has it.
    pub(crate) fn claim(&self) -> Result<Option<Claim>, Error> {
        match self {
            Store::Sqlite(folder) => Ok(Some(Claim {
                file: sqlite::claim(folder)?,
                database: sqlite::file(folder),
            })),
            Store::Postgres(_) => Ok(None),
        }
    }

    /// Refuses a folder without a database, which opening it would make. PostgreSQL says by itself
    /// that it has no such database.
    ///
    /// # Errors
    /// [`Error::Setup`] if there is none.
    pub(crate) fn must_exist(&self) -> Result<(), Error> {
        match self {
            Store::Sqlite(folder) if !sqlite::file(folder).is_file() => Err(Error::Setup(format!(
                "there is no database in {}",
                folder.display()
            ))),
            _ => Ok(()),
        }
    }

    /// Copies an embedded database into a file; see [`crate::backup`].
    pub(crate) fn backup(&self, to: &Path) -> Result<(), Error> {
        self.must_exist()?;
        match self {
            Store::Sqlite(folder) => backup::backup(folder, to),
            Store::Postgres(_) => Err(Error::Setup(
                "PostgreSQL is copied by its own means, as pg_dump or pg_basebackup: see the \
                 operator's guide"
                    .into(),
            )),
        }
    }
}

/// An open database, with its schema up to date.
pub(crate) enum Db {
    Sqlite(sqlite::Sqlite),
    Postgres(postgres::Postgres),
}

/// A transaction. What it did is undone unless its function returns `Ok`.
pub(crate) enum Tx<'a> {
    Sqlite(sqlite::SqliteTx<'a>),
    Postgres(postgres::PostgresTx<'a>),
}

impl Db {
    /// Opens what `store` names, makes it if there is nothing, and brings its schema up to date.
    pub(crate) fn open(store: &Store) -> Result<Db, Error> {
        match store {
            Store::Sqlite(folder) => sqlite::Sqlite::open(folder).map(Db::Sqlite),
            Store::Postgres(url) => postgres::Postgres::open(url).map(Db::Postgres),
        }
    }

    /// What tells this database from copies of it, where the database itself says so; an embedded one
    /// is told by its folder.
    pub(crate) fn lineage(&self) -> Result<String, Error> {
        match self {
            Db::Sqlite(_) => Ok(String::new()),
            Db::Postgres(db) => db.lineage(),
        }
    }

    /// Runs `work` in a transaction that may write; durable once this returns `Ok`.
    pub(crate) fn write<T>(
        &self,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        match self {
            Db::Sqlite(db) => db.write(work),
            Db::Postgres(db) => db.write(work),
        }
    }

    /// Runs `work` over one unmoving state of the database.
    pub(crate) fn read<T>(
        &self,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        match self {
            Db::Sqlite(db) => db.read(work),
            Db::Postgres(db) => db.read(work),
        }
    }
}

impl Tx<'_> {
    /// Runs a statement; the number of rows that it changed.
    pub(crate) fn execute(&mut self, sql: &str, params: &[Value<'_>]) -> Result<u64, Error> {
        match self {
            Tx::Sqlite(tx) => tx.execute(sql, params),
            Tx::Postgres(tx) => tx.execute(sql, params),
        }
    }

    /// Runs a statement; the rows that it yields.
    pub(crate) fn query(&mut self, sql: &str, params: &[Value<'_>]) -> Result<Vec<Row>, Error> {
        match self {
            Tx::Sqlite(tx) => tx.query(sql, params),
            Tx::Postgres(tx) => tx.query(sql, params),
        }
    }

    /// The first row that a statement yields, if any.
    pub(crate) fn query_first(
        &mut self,
        sql: &str,
        params: &[Value<'_>],
    ) -> Result<Option<Row>, Error> {
        Ok(self.query(sql, params)?.into_iter().next())
    }

    /// Runs a statement over many rows; all rows that it yields, in no order.
    ///
    /// No two of the rows may name the same row of a table that the statement upserts: PostgreSQL
    /// refuses that.
    pub(crate) fn each<const N: usize>(
        &mut self,
        statement: &Each<N>,
        rows: &[[Value<'_>; N]],
    ) -> Result<Vec<Row>, Error> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        match self {
            Tx::Sqlite(tx) => tx.each(statement, rows),
            Tx::Postgres(tx) => tx.each(statement, rows),
        }
    }

    /// Runs `work` so that its failure undoes what it did and nothing else.
    pub(crate) fn savepoint<T>(
        &mut self,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.command("SAVEPOINT part")?;
        match work(self) {
            Ok(done) => {
                self.command("RELEASE SAVEPOINT part")?;
                Ok(done)
            }
            Err(failure) => {
                self.command("ROLLBACK TO SAVEPOINT part")?;
                self.command("RELEASE SAVEPOINT part")?;
                Err(failure)
            }
        }
    }

    fn command(&mut self, sql: &str) -> Result<(), Error> {
        match self {
            Tx::Sqlite(tx) => tx.command(sql),
            Tx::Postgres(tx) => tx.command(sql),
        }
    }
}

/// A statement over many rows of `N` columns, which its SQL names `{rows}` and calls `r`:
/// `INSERT INTO place (a, b) SELECT r.a, r.b FROM {rows} WHERE true ON CONFLICT DO NOTHING`.
///
/// (`WHERE true` keeps SQLite from taking the `ON` for a join's.)
pub(crate) struct Each<const N: usize> {
    columns: [(&'static str, Kind); N],
    sql: &'static str,
    /// The text for the database at hand. A process may well have both open, as the tests do.
    sqlite: OnceLock<String>,
    postgres: OnceLock<String>,
}

impl<const N: usize> Each<N> {
    pub(crate) const fn new(columns: [(&'static str, Kind); N], sql: &'static str) -> Each<N> {
        Each {
            columns,
            sql,
            sqlite: OnceLock::new(),
            postgres: OnceLock::new(),
        }
    }

    fn for_sqlite(&self) -> &str {
        self.sqlite.get_or_init(|| {
            let columns: Vec<String> = (1..)
                .zip(&self.columns)
                .map(|(n, (name, _))| format!("?{n} AS {name}"))
                .collect();
            let rows = format!("(SELECT {}) AS r", columns.join(", "));
            self.sql.replace("{rows}", &rows)
        })
    }

    fn for_postgres(&self) -> &str {
        self.postgres.get_or_init(|| {
            let arrays: Vec<String> = (1..)
                .zip(&self.columns)
                .map(|(n, (_, kind))| match kind {
                    Kind::Int => format!("${n}::bigint[]"),
                    Kind::Text => format!("${n}::text[]"),
                    Kind::Blob => format!("${n}::bytea[]"),
                })
                .collect();
            let names: Vec<&str> = self.columns.iter().map(|(name, _)| *name).collect();
            let rows = format!("unnest({}) AS r({})", arrays.join(", "), names.join(", "));
            self.sql.replace("{rows}", &rows)
        })
    }
}
