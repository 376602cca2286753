//! What the last run of synchronisation came to, for whoever opens the app after it.

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, params};

use super::{Result, StorageFault, Store};
use crate::sync::{LastRun, SyncReport};

impl Store {
    /// Keeps what a run came to, in place of the one before.
    pub(crate) fn ended(&self, at: Timestamp, report: &SyncReport) -> Result<()> {
        let report = serde_json::to_string(report).map_err(|_| StorageFault::row("last_run"))?;
        self.save(|tx| {
            tx.prepare_cached(
                "INSERT OR REPLACE INTO last_run (only, ended_at, report) VALUES (1, ?1, ?2)",
            )?
            .execute(params![at.as_millisecond(), report])?;
            Ok(())
        })
    }

    /// What the last run came to; `None` before the first, and of one that this app can't read.
    pub(crate) fn last_run(&self) -> Result<Option<LastRun>> {
        let kept: Option<(i64, String)> = self.read(|connection| {
            Ok(connection
                .prepare_cached("SELECT ended_at, report FROM last_run")?
                .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?)
        })?;
        Ok(kept.and_then(|(at, report)| {
            Some(LastRun {
                ended_at: Timestamp::from_millisecond(at).ok()?,
                report: serde_json::from_str(&report).ok()?,
            })
        }))
    }
}
