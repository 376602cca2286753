//! What is done with a server's data while it may be answering: all of it holds beside a running
//! server, and none of it needs one.

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::Path;

use jiff::Timestamp;
use ketuk_wire::{Comment, EnrolCode, HandoverAnswer, PhoneKey, PhoneLock, PublicKey, SealedKey};
use uuid::Uuid;

use crate::clock::Clock;
use crate::db::Store;
use crate::handover::{self, MAX_PARCEL};
use crate::hub::Hub;
use crate::receipts::{self, ReceiptCheck};
use crate::setup::Setup;
use crate::verify::{self, Verification};
use crate::{Error, enrol, epoch, figures};

/// What came of a file that a phone handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenIn {
    /// In numbers.
    pub answer: HandoverAnswer,
    /// Receipts for the phone that it is from, as a file to be brought back to it; none if nothing in it
    /// was plainly accepted.
    pub receipts: Option<Vec<u8>>,
}

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
    pub fn take_in(&self, file: &Path) -> Result<TakenIn, Error> {
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
        self.take(&sealed)
    }

    /// Takes in what a phone sealed to this server.
    ///
    /// # Errors
    /// [`Error::Parcel`] or [`Error::Stranger`] if it can't be taken.
    pub fn take(&self, parcel: &[u8]) -> Result<TakenIn, Error> {
        let brought = handover::take(&self.hub, parcel)?;
        let receipts = brought
            .receipts
            .map(|receipts| ketuk_wire::encode(&receipts));
        Ok(TakenIn {
            answer: brought.answer,
            receipts: receipts.transpose().map_err(Error::internal)?,
        })
    }

    /// Opens what the key of a phone's database was sealed in.
    ///
    /// # Errors
    /// [`Error::Parcel`] if it was not sealed to this server.
    pub fn open_key(&self, sealed: &[u8]) -> Result<PhoneKey, Error> {
        let opened = age::decrypt(&self.hub.secrets.parcels, sealed).map_err(|_| Error::Parcel)?;
        let sealed: SealedKey = ketuk_wire::decode(&opened).map_err(|_| Error::Parcel)?;
        Ok(sealed.key)
    }

    /// Says how the campaign's phones are locked: those that enrol from now on, and the others when they
    /// enrol anew.
    ///
    /// # Errors
    /// [`Error::Setup`] before a campaign is set up.
    pub fn lock_phones(&self, lock: PhoneLock) -> Result<(), Error> {
        let campaign = self.hub.campaign_now()?;
        let campaign = campaign.ok_or_else(|| Error::Setup("no campaign is set up yet".into()))?;
        Setup { hub: &self.hub }.campaign(&ketuk_wire::Campaign { lock, ..campaign })
    }

    /// Makes a new code for a cadre: for another phone, or to have the key of hers opened.
    ///
    /// # Errors
    /// [`Error::Setup`] if there is no such cadre.
    pub fn invite(&self, cadre: Uuid, expires_at: Timestamp) -> Result<EnrolCode, Error> {
        let village = enrol::village_of_cadre(&self.hub, cadre)?;
        enrol::invite(&self.hub, &village, cadre, expires_at)
    }

    /// Takes all phones of a cadre out of the campaign; gives how many they were.
    ///
    /// # Errors
    /// [`Error::Setup`] if there is no such cadre.
    pub fn revoke(&self, cadre: Uuid) -> Result<usize, Error> {
        enrol::village_of_cadre(&self.hub, cadre)?;
        let phones = enrol::phones_of(&self.hub, cadre)?;
        for phone in &phones {
            enrol::revoke(&self.hub, *phone)?;
        }
        Ok(phones.len())
    }

    /// Sends a family back to whoever visits its RT.
    ///
    /// # Errors
    /// [`Error::Setup`] if there is no such family, or nothing of it to be looked at again.
    pub fn send_back(&self, family: Uuid, comments: &[Comment]) -> Result<(), Error> {
        let sql = "SELECT village FROM household WHERE id = $1";
        let row = self
            .hub
            .db
            .read(|tx| tx.query_first(sql, &[family.into()]))?;
        let row = row.ok_or_else(|| Error::Setup("there is no family of this number".into()))?;
        Setup { hub: &self.hub }.send_back(&row.parsed(0)?, family, comments)
    }

    /// The campaign's clock.
    pub fn now(&self) -> Timestamp {
        self.hub.clock.now()
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
