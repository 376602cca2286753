//! The phone's database: encrypted, one file, one writer.
//!
//! Everything is written in transactions, of which there are two kinds. [`Store::commit`] is for
//! what the phone calls saved: it is on the disk when it returns. [`Store::save`] is for the
//! answers of a draft: whole or not at all, safe from a kill, but not forced to the disk.

mod copies;
mod device;
mod drafts;
mod entries;
mod fates;
mod fault;
mod forms;
mod history;
mod households;
mod last_run;
mod migrations;
mod open;
mod packed;
mod parcel;
mod photos;
mod proofs;
mod pull;
mod queue;
mod search;
mod tally;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use rusqlite::{Connection, Transaction, TransactionBehavior};

pub use device::Standing;
pub(crate) use device::{Device, Link};
pub(crate) use drafts::{DraftToSave, Started};
pub(crate) use entries::Finished;
pub(crate) use fates::{Acknowledgement, Fate};
pub use fault::{Detail, StorageFault, Trouble};
pub use history::{Happened, What};
pub(crate) use households::{Asked, Known, Names, NewHousehold};
pub use households::{Filter, HouseholdPage, HouseholdRow, HouseholdState};
pub(crate) use open::{DATABASE, Key, WAL};
pub(crate) use photos::{LOG, PhotoToSend};
pub use photos::{Photo, PhotoState};
pub use proofs::{ProofPage, ProofRow};
pub use pull::Left;
pub(crate) use pull::{Answer, Applied, add};
pub use queue::{WaitingEntry, WaitingPage};
pub use tally::{AreaProgress, Counts};

pub(crate) type Result<T> = std::result::Result<T, StorageFault>;

/// Pages, of 2 KiB: a few visits.
const LOG_TO_MOVE: i64 = 2000;

pub(crate) struct Store {
    connection: Mutex<Connection>,
}

impl Store {
    /// Opens or makes the database in `folder`; also says where a damaged one was moved.
    pub(crate) fn open(
        folder: &Path,
        key: &Key,
        now: Timestamp,
    ) -> Result<(Store, Option<PathBuf>)> {
        let opened = open::open(folder, key, now)?;
        let store = Store {
            connection: Mutex::new(opened.connection),
        };
        store.commit(device::make)?;
        store.tidy();
        Ok((store, opened.moved_aside))
    }

    /// A panic elsewhere rolled its transaction back, so the connection is sound.
    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads. Nobody else writes meanwhile.
    pub(crate) fn read<T>(&self, read: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        read(&self.lock())
    }

    /// Writes what may be lost in a power cut, but in nothing less.
    pub(crate) fn save<T>(&self, write: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<T> {
        self.transact("PRAGMA synchronous = NORMAL", write)
    }

    /// Writes what must be on the disk when this returns.
    pub(crate) fn commit<T>(&self, write: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<T> {
        self.transact("PRAGMA synchronous = FULL", write)
    }

    fn transact<T>(
        &self,
        synchronous: &str,
        write: impl FnOnce(&Transaction<'_>) -> Result<T>,
    ) -> Result<T> {
        let mut connection = self.lock();
        connection.execute_batch(synchronous)?;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let written = write(&transaction)?;
        transaction.commit()?;
        Ok(written)
    }

    /// Moves the log into the database if it has grown to a quarter of what it may be, so that no
    /// answer has to wait for it. Called between visits and between pages of the list: a log moved
    /// each time would cost each visit three fsyncs. What can't be moved stays safe in the log until
    /// the next time.
    pub(crate) fn tidy(&self) {
        let connection = self.lock();
        let log = connection.query_row("PRAGMA wal_checkpoint(NOOP)", [], |row| {
            Ok(row.get::<_, i64>("log")? - row.get::<_, i64>("checkpointed")?)
        });
        if log.is_ok_and(|pages| pages >= LOG_TO_MOVE) {
            let _ = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
        }
    }
}
