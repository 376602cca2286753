//! What is done with a server's data while it may be answering: all of it holds beside a running
//! server, and none of it needs one.

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::Path;

use ketuk_wire::{HandoverAnswer, PublicKey};

use crate::clock::Clock;
use crate::db::Store;
use crate::handover::{self, MAX_PARCEL};
use crate::hub::Hub;
use crate::receipts::{self, ReceiptCheck};
use crate::verify::{self, Verification};
use crate::{Error, epoch, figures};

/// A server's data, opened without answering on it. Must not be used from an async thread.
pub struct Beside {
    hub: Hub,
}

impl Beside {
    /// Opens what is there.
    ///
    /// # Errors
    /// [`Error::Setup`] if there is no database, else as when a server is started.
    pub fn open(store: &Store) -> Result<Beside, Error> {
        store.must_exist()?;
        let (mut hub, _) = Hub::open(store, Clock::system())?;
        // Whoever answers on it has found out whether it is an older copy; else it is found out now,
        // before anything is numbered.
        match store.claim() {
            Ok(claim) => drop(epoch::settle(&mut hub, claim.as_ref(), false)?),
            Err(Error::Folder { reason, .. }) if reason.kind() == ErrorKind::ResourceBusy => {}
            Err(fault) => return Err(fault),
        }
        Ok(Beside { hub })
    }

    /// Takes in what a phone handed over in a file. The figures follow with [`Beside::sum_up`].
    ///
    /// # Errors
    /// [`Error::Folder`] if it can't be read, [`Error::Parcel`] or [`Error::Stranger`] if it can't be
    /// taken.
    pub fn take_in(&self, file: &Path) -> Result<HandoverAnswer, Error> {
        let cannot = |reason| Error::Folder {
            path: file.to_owned(),
            reason,
        };
        let mut sealed = Vec::new();
        // Whatever it is, no more of it is read than makes it too large.
        File::open(file)
            .map_err(cannot)?
            .take(MAX_PARCEL as u64 + 1)
            .read_to_end(&mut sealed)
            .map_err(cannot)?;
        handover::take(&self.hub, &sealed)
    }

    /// Brings every figure up to date with the entries.
    ///
    /// # Errors
    /// If the database is not available.
    pub fn sum_up(&self) -> Result<(), Error> {
        figures::sum_up_stale(&self.hub)
    }

    /// Computes every figure again from the entries and says where they differ.
    ///
    /// # Errors
    /// If the database can't be read.
    pub fn verify(&self) -> Result<Verification, Error> {
        self.sum_up()?;
        verify::verify(&self.hub)
    }

    /// Says what can be said of a receipt.
    ///
    /// # Errors
    /// If the database can't be read.
    pub fn receipt(&self, text: &str) -> Result<ReceiptCheck, Error> {
        receipts::check(&self.hub, text)
    }

    /// Verifies the server's receipts.
    pub fn key(&self) -> PublicKey {
        self.hub.secrets.signing.public()
    }
}

/// Copies an embedded database, while it is in use, into a file that is there whole or not at all. A
/// server that is started on the copy knows that it is one.
///
/// # Errors
/// [`Error::Setup`] if there is none, or if it is PostgreSQL, which has means of its own.
pub fn backup(store: &Store, to: &Path) -> Result<(), Error> {
    store.backup(to)
}
