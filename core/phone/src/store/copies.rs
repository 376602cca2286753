//! What a copy of the phone needs: a database that stands still, and what would be lost without one.

use std::path::Path;

use jiff::Timestamp;
use rusqlite::TransactionBehavior;

use super::device::time;
use super::queue::outgoing;
use super::{Result, StorageFault, Store};
use crate::error::Error;

/// What is on this phone only.
pub(crate) struct Here {
    pub(crate) entries: u64,
    pub(crate) drafts: u64,
    pub(crate) photos: u64,
    /// The oldest of the entries and drafts.
    pub(crate) since: Option<Timestamp>,
    pub(crate) backed_up: Option<Timestamp>,
}

/// Another process may write between two steps; it doesn't do so for long.
const TRIES: usize = 10;

impl Store {
    /// Runs `read` while nobody writes, with all that is on the phone in the database's one file.
    pub(crate) fn stand_still<T>(
        &self,
        read: impl FnOnce(&Path) -> crate::error::Result<T>,
    ) -> crate::error::Result<T> {
        let mut connection = self.lock();
        let path = connection.path().map(std::path::PathBuf::from);
        let folder = path.as_deref().and_then(Path::parent);
        let folder = folder.ok_or_else(|| StorageFault::row("database"))?;
        for _ in 0..TRIES {
            let moved: i64 = connection
                .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))
                .map_err(StorageFault::from)?;
            let still = connection
                .transaction_with_behavior(TransactionBehavior::Immediate)
                .map_err(StorageFault::from)?;
            let log = std::fs::metadata(folder.join(super::WAL)).map_or(0, |log| log.len());
            if moved == 0 && log == 0 {
                let read = read(folder);
                drop(still);
                return read;
            }
        }
        Err(Error::from(std::io::Error::other("the database is busy")))
    }

    pub(crate) fn backed_up(&self, now: Timestamp) -> Result<()> {
        self.commit(|tx| {
            tx.execute("UPDATE device SET backed_up = ?1", [now.as_millisecond()])?;
            Ok(())
        })
    }

    pub(crate) fn only_here(&self) -> Result<Here> {
        self.read(|connection| {
            let entries = outgoing(connection)?.waiting;
            Ok(connection.query_row(
                "SELECT
                     (SELECT count(*) FROM draft) AS drafts,
                     (SELECT count(*) FROM photo WHERE state <> 1) AS photos,
                     (SELECT min(at) FROM (
                         SELECT min(finished_at) AS at FROM outbox WHERE state = 0
                         UNION ALL SELECT min(started_at) FROM draft)) AS since,
                     backed_up
                 FROM device",
                [],
                |row| {
                    Ok(Here {
                        entries,
                        drafts: row.get("drafts")?,
                        photos: row.get("photos")?,
                        since: time(row, "since")?,
                        backed_up: time(row, "backed_up")?,
                    })
                },
            )?)
        })
    }
}
