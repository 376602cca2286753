//! The embedded database.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, OpenFlags, ToSql};

use super::migrate::{MIGRATIONS, NEWEST};
use super::{Each, Row, Tx, Value};
use crate::Error;

const FILE: &str = "ketuk.db";

/// Where the database of this folder is.
pub(super) fn file(folder: &Path) -> PathBuf {
    folder.join(FILE)
}

/// Claims the folder; see [`super::Note`] for what is in it. A file of its own, since SQLite's own locks are on the database's.
const LOCK: &str = "ketuk.lock";

/// "KETS", so that `file` and other programs can tell whose it is.
const APPLICATION_ID: i64 = 0x4B45_5453;

/// Readers at once. More would only wait for the same two or four cores.
const READERS: u32 = 4;

/// Statements kept prepared by a connection: all that the server has.
const STATEMENTS: usize = 128;

/// One connection that writes, since SQLite has one writer anyway and a queue for a mutex is fairer
/// than SQLite's busy handler, and a few that read beside it.
pub(crate) struct Sqlite {
    writer: Mutex<Connection>,
    readers: r2d2::Pool<Readers>,
}

impl Sqlite {
    pub(super) fn open(folder: &Path) -> Result<Sqlite, Error> {
        make_folder(folder)?;
        let path = file(folder);
        let existed = path.exists();
        if existed {
            check(&path)?;
        }
        let mut writer = connect(&path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        if !existed {
            keep_private(&path)?;
        }
        migrate(&mut writer)?;
        let readers = r2d2::Pool::builder()
            .max_size(READERS)
            .min_idle(Some(0))
            // A file doesn't hang up: no connection is closed for its age, and no thread has to look.
            .idle_timeout(None)
            .max_lifetime(None)
            .connection_timeout(Duration::from_secs(5))
            .build(Readers {
                path: path.to_owned(),
            })
            .map_err(|e| Error::Unavailable(e.to_string()))?;
        Ok(Sqlite {
            writer: Mutex::new(writer),
            readers,
        })
    }

    pub(super) fn write<T>(
        &self,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        // A panic while the mutex was held left a transaction open at worst; it is rolled back here.
        let writer: MutexGuard<'_, Connection> =
            self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        if !writer.is_autocommit() {
            writer.execute_batch("ROLLBACK").map_err(fault)?;
        }
        transact(&writer, "BEGIN IMMEDIATE", work)
    }

    pub(super) fn read<T>(
        &self,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let reader = self
            .readers
            .get()
            .map_err(|e| Error::Unavailable(e.to_string()))?;
        transact(&reader, "BEGIN", work)
    }
}

fn transact<T>(
    connection: &Connection,
    begin: &str,
    work: impl FnOnce(&mut Tx<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    connection.execute_batch(begin).map_err(fault)?;
    let done = work(&mut Tx::Sqlite(SqliteTx(connection))).and_then(|done| {
        connection
            .execute_batch("COMMIT")
            .map_err(fault)
            .map(|()| done)
    });
    if done.is_err() && !connection.is_autocommit() {
        connection.execute_batch("ROLLBACK").map_err(fault)?;
    }
    done
}

pub(crate) struct SqliteTx<'a>(&'a Connection);

impl SqliteTx<'_> {
    pub(super) fn execute(&mut self, sql: &str, params: &[Value<'_>]) -> Result<u64, Error> {
        let mut statement = self.0.prepare_cached(&numbered(sql)).map_err(fault)?;
        let changed = statement
            .execute(rusqlite::params_from_iter(params))
            .map_err(fault)?;
        Ok(changed as u64)
    }

    pub(super) fn query(&mut self, sql: &str, params: &[Value<'_>]) -> Result<Vec<Row>, Error> {
        let mut statement = self.0.prepare_cached(&numbered(sql)).map_err(fault)?;
        let mut out = Vec::new();
        collect(&mut statement, params, &mut out)?;
        Ok(out)
    }

    pub(super) fn each<const N: usize>(
        &mut self,
        each: &Each<N>,
        rows: &[[Value<'_>; N]],
    ) -> Result<Vec<Row>, Error> {
        let mut statement = self.0.prepare_cached(each.for_sqlite()).map_err(fault)?;
        let mut out = Vec::new();
        for row in rows {
            collect(&mut statement, row, &mut out)?;
        }
        Ok(out)
    }

    pub(super) fn command(&mut self, sql: &str) -> Result<(), Error> {
        self.0.execute_batch(sql).map_err(fault)
    }
}

fn collect(
    statement: &mut rusqlite::Statement<'_>,
    params: &[Value<'_>],
    out: &mut Vec<Row>,
) -> Result<(), Error> {
    let columns = statement.column_count();
    let mut rows = statement
        .query(rusqlite::params_from_iter(params))
        .map_err(fault)?;
    while let Some(row) = rows.next().map_err(fault)? {
        let values: Result<Vec<_>, Error> = (0..columns)
            .map(|column| owned(row.get_ref(column).map_err(fault)?))
            .collect();
        out.push(Row(values?));
    }
    Ok(())
}

fn owned(value: ValueRef<'_>) -> Result<Value<'static>, Error> {
    Ok(match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(n) => Value::Int(n),
        ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned().into()),
        ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec().into()),
        ValueRef::Real(_) => return Err(Error::Internal("a fraction in the database".into())),
    })
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Int(n) => ValueRef::Integer(*n),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// `$1` is a name to SQLite, bound in the order of first use; `?1` is the number that is meant.
fn numbered(sql: &str) -> String {
    sql.replace('$', "?")
}

/// Opens the reading connections.
struct Readers {
    path: std::path::PathBuf,
}

impl r2d2::ManageConnection for Readers {
    type Connection = Connection;
    type Error = Error;

    fn connect(&self) -> Result<Connection, Error> {
        let reader = connect(&self.path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        reader
            .pragma_update(None, "query_only", true)
            .map_err(fault)?;
        Ok(reader)
    }

    fn is_valid(&self, _: &mut Connection) -> Result<(), Error> {
        Ok(())
    }

    fn has_broken(&self, connection: &mut Connection) -> bool {
        !connection.is_autocommit()
    }
}

/// Every connection is set up here and nowhere else.
fn connect(path: &Path, access: OpenFlags) -> Result<Connection, Error> {
    let flags = access | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(|e| opening(path, e))?;
    let set = || {
        // A reader may meet the writer's checkpoint.
        connection.busy_timeout(Duration::from_secs(5))?;
        // Readers don't wait for the writer, nor it for them.
        connection.pragma_update(None, "journal_mode", "wal")?;
        // What a phone is told to be received survives a power cut.
        connection.pragma_update(None, "synchronous", "full")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.pragma_update(None, "temp_store", "memory")?;
        // 32 MiB of log before it is folded into the file, which the writer waits for: rarely and
        // long is less in all than often and short.
        connection.pragma_update(None, "wal_autocheckpoint", 8192)?;
        // 16 MiB a connection: the inner pages of the large tables' indexes.
        connection.pragma_update(None, "cache_size", -16_384)?;
        // A statement keeps its plan, whatever is bound to it; else many are prepared at each use.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        Ok(())
    };
    set().map_err(|e| opening(path, e))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}

/// Whether the file is ours and not newer, found out without being able to change it.
pub(super) fn check(path: &Path) -> Result<(), Error> {
    let place = || path.display().to_string();
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
        .map_err(|e| opening(path, e))?;
    let pragma = |name: &str| {
        connection
            .query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i64>(0))
            .map_err(|e| opening(path, e))
    };
    let (application, version) = (pragma("application_id")?, pragma("user_version")?);
    let tables: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(|e| opening(path, e))?;
    // An empty file is what a start that was cut short leaves behind.
    let empty = application == 0 && version == 0 && tables == 0;
    if !empty && application != APPLICATION_ID {
        return Err(Error::NotOurs(place()));
    }
    if version > NEWEST {
        return Err(Error::Newer {
            place: place(),
            found: version,
            known: NEWEST,
        });
    }
    Ok(())
}

fn migrate(writer: &mut Connection) -> Result<(), Error> {
    let done: i64 = writer
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .map_err(fault)?;
    for (version, sql) in (1..).zip(MIGRATIONS) {
        if version > done {
            let tx = writer.transaction().map_err(fault)?;
            tx.execute_batch(sql).map_err(fault)?;
            tx.pragma_update(None, "application_id", APPLICATION_ID)
                .map_err(fault)?;
            tx.pragma_update(None, "user_version", version)
                .map_err(fault)?;
            tx.commit().map_err(fault)?;
        }
    }
    Ok(())
}

/// Locks the folder for this process; the system lets go when the process ends, however it does.
pub(super) fn claim(folder: &Path) -> Result<File, Error> {
    let cannot = |reason| Error::Folder {
        path: folder.to_owned(),
        reason,
    };
    make_folder(folder)?;
    let path = folder.join(LOCK);
    let lock = File::options()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .open(&path)
        .map_err(cannot)?;
    keep_private(&path)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(cannot(io::Error::new(
            io::ErrorKind::ResourceBusy,
            "another ketuk-server answers on it: stop that one, or choose another folder",
        ))),
        Err(TryLockError::Error(reason)) => Err(cannot(reason)),
    }
}

fn make_folder(folder: &Path) -> Result<(), Error> {
    fs::create_dir_all(folder).map_err(|reason| Error::Folder {
        path: folder.to_owned(),
        reason,
    })
}

/// Families' answers and the signing key are in it: nobody else on the machine reads them. SQLite
/// gives its side files the same rights.
fn keep_private(path: &Path) -> Result<(), Error> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).map_err(|reason| {
            Error::Folder {
                path: path.to_owned(),
                reason,
            }
        })?;
    }
    Ok(())
}

pub(super) fn opening(path: &Path, error: rusqlite::Error) -> Error {
    use std::io::ErrorKind;
    let kind = match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
            return Error::NotOurs(path.display().to_string());
        }
        Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => ErrorKind::PermissionDenied,
        Some(ErrorCode::ReadOnly) => ErrorKind::ReadOnlyFilesystem,
        _ => return fault(error),
    };
    Error::Folder {
        path: path.to_owned(),
        reason: kind.into(),
    }
}

/// SQLite's messages name tables and columns, never values.
pub(super) fn fault(error: rusqlite::Error) -> Error {
    match error.sqlite_error_code() {
        Some(ErrorCode::ConstraintViolation | ErrorCode::TooBig | ErrorCode::TypeMismatch) => {
            Error::Refused(error.to_string())
        }
        Some(ErrorCode::DiskFull) => Error::Full,
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            Error::Unavailable(error.to_string())
        }
        _ => Error::internal(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(db: &Sqlite, name: &str, size: usize) -> Result<u64, Error> {
        db.write(|tx| {
            tx.execute(
                "INSERT INTO meta (name, value) VALUES ($1, $2)",
                &[name.into(), vec![7; size].into()],
            )
        })
    }

    fn names(db: &Sqlite) -> Vec<String> {
        let rows = db.read(|tx| tx.query("SELECT name FROM meta ORDER BY name", &[]));
        let rows = rows.unwrap();
        rows.iter().map(|row| row.text(0).unwrap().into()).collect()
    }

    #[test]
    fn a_full_disk_is_said_so_costs_nothing_and_is_over_when_there_is_space() {
        let folder = tempfile::tempdir().unwrap();
        let db = Sqlite::open(folder.path()).unwrap();
        put(&db, "before", 10).unwrap();
        let limit = |pages: i64| {
            let writer = db.writer.lock().unwrap();
            writer.pragma_update(None, "max_page_count", pages).unwrap();
        };
        let pages: i64 = {
            let writer = db.writer.lock().unwrap();
            writer
                .query_row("PRAGMA page_count", [], |row| row.get(0))
                .unwrap()
        };
        limit(pages + 10);
        assert!(matches!(put(&db, "large", 1 << 20), Err(Error::Full)));
        assert_eq!(names(&db), ["before"]);
        limit(1 << 30);
        put(&db, "large", 1 << 20).unwrap();
        assert_eq!(names(&db), ["before", "large"]);
    }

    #[test]
    fn what_a_failed_transaction_did_is_undone_and_the_next_one_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let db = Sqlite::open(folder.path()).unwrap();
        let failed: Result<(), Error> = db.write(|tx| {
            tx.execute("INSERT INTO meta VALUES ('a', $1)", &[vec![1].into()])?;
            Err(Error::Busy)
        });
        assert!(failed.is_err());
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            db.write(|tx| -> Result<(), Error> {
                tx.execute("INSERT INTO meta VALUES ('b', $1)", &[vec![1].into()])?;
                panic!("on purpose")
            })
        }));
        assert!(panicked.is_err());
        put(&db, "c", 1).unwrap();
        assert_eq!(names(&db), ["c"]);
    }

    #[test]
    fn a_savepoint_undoes_its_own_part_only() {
        let folder = tempfile::tempdir().unwrap();
        let db = Sqlite::open(folder.path()).unwrap();
        db.write(|tx| {
            tx.execute("INSERT INTO meta VALUES ('a', $1)", &[vec![1].into()])?;
            let part: Result<(), Error> = tx.savepoint(|tx| {
                tx.execute("INSERT INTO meta VALUES ('b', $1)", &[vec![1].into()])?;
                tx.execute("INSERT INTO meta VALUES ('a', $1)", &[vec![1].into()])?;
                Ok(())
            });
            assert!(matches!(part, Err(Error::Refused(_))), "{part:?}");
            tx.execute("INSERT INTO meta VALUES ('c', $1)", &[vec![1].into()])
        })
        .unwrap();
        assert_eq!(names(&db), ["a", "c"]);
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_on_the_machine_can_read_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let db = Sqlite::open(folder.path()).unwrap();
        put(&db, "a", 1).unwrap();
        for file in fs::read_dir(folder.path()).unwrap() {
            let mode = file.unwrap().metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o077, 0);
        }
    }
}
