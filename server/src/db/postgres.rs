//! The database of a province or the nation.

use std::collections::HashMap;
use std::time::Duration;

use bytes::BytesMut;
use postgres::error::{Error as PgError, SqlState};
use postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use postgres::{Client, IsolationLevel, NoTls, Statement, Transaction};

use super::migrate::{MIGRATIONS, NEWEST};
use super::{Each, Kind, Row, Tx, Value};
use crate::Error;

/// Connections. The server does no more at once than it has cores; the rest is for slow readers.
const CONNECTIONS: u32 = 8;

/// Held while the schema is looked at and brought up to date, so that two servers that start
/// together don't both do it.
const MIGRATION_LOCK: i64 = 0x4B45_5453;

pub(crate) struct Postgres {
    pool: r2d2::Pool<Connections>,
}

impl Postgres {
    pub(super) fn open(url: &str) -> Result<Postgres, Error> {
        let mut config: postgres::Config = url
            .parse()
            // The parser's own words may repeat a part of the URL, which holds a password.
            .map_err(|_| Error::Setup("the database URL can't be read; it is like postgres://user:password@host/database".into()))?;
        config.application_name("ketuk-server");
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(Duration::from_secs(10));
        }
        let place = config
            .get_dbname()
            .map_or("the database".to_owned(), |name| format!("database {name}"));
        // Once by hand: the pool would retry a wrong password until its timeout.
        let mut client = config.connect(NoTls).map_err(fault)?;
        migrate(&mut client, &place)?;
        drop(client);
        let pool = r2d2::Pool::builder()
            .max_size(CONNECTIONS)
            .min_idle(Some(0))
            .connection_timeout(Duration::from_secs(5))
            .test_on_check_out(false)
            .build(Connections { config })
            .map_err(|e| Error::Unavailable(e.to_string()))?;
        Ok(Postgres { pool })
    }

    pub(super) fn write<T>(
        &self,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.transact(IsolationLevel::ReadCommitted, false, work)
    }

    pub(super) fn read<T>(
        &self,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.transact(IsolationLevel::RepeatableRead, true, work)
    }

    /// Which cluster it is, on which timeline, and which of its databases: a dump is loaded into
    /// another database, a recovery and a failover begin another timeline. Nothing if it doesn't say,
    /// as some that are run by others.
    pub(super) fn lineage(&self) -> Result<String, Error> {
        let asked = self.read(|tx| {
            tx.query_first(
                "SELECT (SELECT system_identifier::text FROM pg_control_system())
                     || ' ' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)
                     || ' ' || (SELECT oid::text FROM pg_database
                                WHERE datname = current_database())",
                &[],
            )
        });
        match asked {
            Ok(row) => row.map_or(Ok(String::new()), |row| row.text(0).map(str::to_owned)),
            Err(Error::Internal(reason)) => {
                tracing::warn!(%reason, "PostgreSQL doesn't say which one it is");
                Ok(String::new())
            }
            Err(failure) => Err(failure),
        }
    }

    fn transact<T>(
        &self,
        isolation: IsolationLevel,
        read_only: bool,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut connection = self
            .pool
            .get()
            .map_err(|e| Error::Unavailable(e.to_string()))?;
        let Connection { client, statements } = &mut *connection;
        let inner = client
            .build_transaction()
            .isolation_level(isolation)
            .read_only(read_only)
            .start()
            .map_err(fault)?;
        let mut tx = Tx::Postgres(PostgresTx { inner, statements });
        let done = work(&mut tx)?;
        match tx {
            Tx::Postgres(tx) => tx.inner.commit().map_err(fault)?,
            Tx::Sqlite(_) => return Err(Error::Internal("a transaction changed sides".into())),
        }
        Ok(done)
    }
}

/// A connection and what it has prepared.
struct Connection {
    client: Client,
    statements: HashMap<String, Statement>,
}

struct Connections {
    config: postgres::Config,
}

impl r2d2::ManageConnection for Connections {
    type Connection = Connection;
    type Error = PgError;

    fn connect(&self) -> Result<Connection, PgError> {
        let mut client = self.config.connect(NoTls)?;
        // What a phone is told to be received survives a power cut, whatever the database was set to;
        // what is stronger, as waiting for a standby, stays.
        client.batch_execute(
            "SELECT set_config('synchronous_commit', 'on', false)
             WHERE current_setting('synchronous_commit') IN ('off', 'local')",
        )?;
        Ok(Connection {
            client,
            statements: HashMap::new(),
        })
    }

    fn is_valid(&self, connection: &mut Connection) -> Result<(), PgError> {
        connection.client.is_valid(Duration::from_secs(2))
    }

    fn has_broken(&self, connection: &mut Connection) -> bool {
        connection.client.is_closed()
    }
}

pub(crate) struct PostgresTx<'a> {
    inner: Transaction<'a>,
    statements: &'a mut HashMap<String, Statement>,
}

impl PostgresTx<'_> {
    fn prepared(&mut self, sql: &str) -> Result<Statement, Error> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.inner.prepare(sql).map_err(fault)?;
        self.statements.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }

    pub(super) fn execute(&mut self, sql: &str, params: &[Value<'_>]) -> Result<u64, Error> {
        let statement = self.prepared(sql)?;
        let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|p| p as _).collect();
        self.inner.execute(&statement, &params).map_err(fault)
    }

    pub(super) fn query(&mut self, sql: &str, params: &[Value<'_>]) -> Result<Vec<Row>, Error> {
        let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|p| p as _).collect();
        self.rows(sql, &params)
    }

    pub(super) fn each<const N: usize>(
        &mut self,
        each: &Each<N>,
        rows: &[[Value<'_>; N]],
    ) -> Result<Vec<Row>, Error> {
        let columns: Vec<Column<'_>> = each
            .columns
            .iter()
            .enumerate()
            .map(|(at, (_, kind))| Column::gather(*kind, rows.iter().map(|row| &row[at])))
            .collect();
        let params: Vec<&(dyn ToSql + Sync)> = columns.iter().map(Column::param).collect();
        self.rows(each.for_postgres(), &params)
    }

    fn rows(&mut self, sql: &str, params: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>, Error> {
        let statement = self.prepared(sql)?;
        let rows = self.inner.query(&statement, params).map_err(fault)?;
        rows.iter().map(owned).collect()
    }

    pub(super) fn command(&mut self, sql: &str) -> Result<(), Error> {
        self.inner.batch_execute(sql).map_err(fault)
    }
}

/// A column of many rows, as the array that is sent.
enum Column<'a> {
    Int(Vec<Option<i64>>),
    Text(Vec<Option<&'a str>>),
    Blob(Vec<Option<&'a [u8]>>),
}

impl<'a> Column<'a> {
    fn gather(kind: Kind, values: impl Iterator<Item = &'a Value<'a>>) -> Column<'a> {
        match kind {
            Kind::Int => Column::Int(values.map(Value::as_int).collect()),
            Kind::Text => Column::Text(values.map(Value::as_text).collect()),
            Kind::Blob => Column::Blob(values.map(Value::as_blob).collect()),
        }
    }

    fn param(&self) -> &(dyn ToSql + Sync) {
        match self {
            Column::Int(values) => values,
            Column::Text(values) => values,
            Column::Blob(values) => values,
        }
    }
}

fn owned(row: &postgres::Row) -> Result<Row, Error> {
    let values: Result<Vec<_>, Error> = row
        .columns()
        .iter()
        .enumerate()
        .map(|(at, column)| {
            let value = match *column.type_() {
                Type::INT8 => row.try_get::<_, Option<i64>>(at).map(|v| v.map(Value::Int)),
                Type::INT4 => row
                    .try_get::<_, Option<i32>>(at)
                    .map(|v| v.map(|n| Value::Int(n.into()))),
                Type::TEXT => row
                    .try_get::<_, Option<String>>(at)
                    .map(|v| v.map(|t| Value::Text(t.into()))),
                Type::BYTEA => row
                    .try_get::<_, Option<Vec<u8>>>(at)
                    .map(|v| v.map(|b| Value::Blob(b.into()))),
                _ => {
                    let name = column.name();
                    return Err(Error::Internal(format!("column {name} is of another type")));
                }
            };
            value.map(|v| v.unwrap_or(Value::Null)).map_err(fault)
        })
        .collect();
    values.map(Row)
}

impl ToSql for Value<'_> {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Value::Null => Ok(IsNull::Yes),
            Value::Int(n) if *ty == Type::INT4 => i32::try_from(*n)?.to_sql(ty, out),
            Value::Int(n) => n.to_sql(ty, out),
            Value::Text(text) => text.as_ref().to_sql(ty, out),
            Value::Blob(bytes) => bytes.as_ref().to_sql(ty, out),
        }
    }

    fn accepts(ty: &Type) -> bool {
        matches!(*ty, Type::INT8 | Type::INT4 | Type::TEXT | Type::BYTEA)
    }

    to_sql_checked!();
}

fn migrate(client: &mut Client, place: &str) -> Result<(), Error> {
    let mut tx = client.transaction().map_err(fault)?;
    tx.execute("SELECT pg_advisory_xact_lock($1)", &[&MIGRATION_LOCK])
        .map_err(fault)?;
    let row = tx
        .query_one(
            "SELECT to_regclass('ketuk_schema') IS NOT NULL,
                    (SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                     WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p'))",
            &[],
        )
        .map_err(fault)?;
    let (ours, tables): (bool, i64) = (row.get(0), row.get(1));
    if !ours && tables > 0 {
        return Err(Error::NotOurs(place.to_owned()));
    }
    if !ours {
        tx.batch_execute(
            "CREATE TABLE ketuk_schema (version BIGINT NOT NULL);
             INSERT INTO ketuk_schema VALUES (0);",
        )
        .map_err(fault)?;
    }
    let done: i64 = tx
        .query_one("SELECT version FROM ketuk_schema", &[])
        .map_err(fault)?
        .get(0);
    if done > NEWEST {
        return Err(Error::Newer {
            place: place.to_owned(),
            found: done,
            known: NEWEST,
        });
    }
    for (version, sql) in (1..).zip(MIGRATIONS) {
        if version > done {
            tx.batch_execute(sql).map_err(fault)?;
            tx.execute("UPDATE ketuk_schema SET version = $1", &[&version])
                .map_err(fault)?;
        }
    }
    tx.commit().map_err(fault)
}

/// PostgreSQL's own message may quote a value; its code, table and constraint don't.
fn fault(error: PgError) -> Error {
    let Some(db) = error.as_db_error() else {
        return match error.code() {
            None if error.is_closed() => Error::Unavailable("the connection was closed".into()),
            _ => Error::Unavailable(error.to_string()),
        };
    };
    let code = db.code();
    let place = db.table().unwrap_or("?");
    let what = match db.constraint() {
        Some(constraint) => format!("SQLSTATE {} on {place}, {constraint}", code.code()),
        None => format!("SQLSTATE {} on {place}", code.code()),
    };
    match code.code().get(..2) {
        // Data exception, integrity constraint, and what a trigger raises.
        Some("22" | "23" | "P0") => Error::Refused(what),
        Some("08" | "57" | "40" | "55") => Error::Unavailable(what),
        Some("28") => Error::Unavailable("the user or password is not accepted".into()),
        Some("53") if *code == SqlState::DISK_FULL => Error::Full,
        Some("53") => Error::Unavailable(what),
        _ => Error::Internal(what),
    }
}

#[cfg(test)]
mod tests {
    use r2d2::ManageConnection as _;

    use super::*;

    /// Needs the server that `cargo xtask test` starts.
    #[test]
    fn what_was_committed_is_on_the_disk_whatever_the_database_was_set_to() {
        let Ok(url) = std::env::var("KETUK_TEST_POSTGRES") else {
            eprintln!("not run: KETUK_TEST_POSTGRES names no server");
            return;
        };
        for (set, kept) in [
            ("off", "on"),
            ("on", "on"),
            ("remote_apply", "remote_apply"),
        ] {
            let mut config: postgres::Config = url.parse().unwrap();
            config.options(&format!("-c synchronous_commit={set}"));
            let mut connection = Connections { config }.connect().unwrap();
            let row = connection.client.query_one("SHOW synchronous_commit", &[]);
            assert_eq!(row.unwrap().get::<_, String>(0), kept, "set to {set}");
        }
    }
}
