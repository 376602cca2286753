//! The phone, and where its small objects come from.

use std::path::Path;
use std::sync::Arc;

use ketuk_phone::Setup;

use crate::{
    Enrolment, Handover, HandoverAnswer, Households, KetukError, LastRun, OnlyHere, Progress,
    ProofPage, ProofRow, SyncCancel, SyncObserver, SyncReport, Trouble, WaitingPage,
};

/// One cadre's phone: a folder with its encrypted database.
#[derive(uniffi::Object)]
pub struct Phone(ketuk_phone::Phone);

#[uniffi::export]
impl Phone {
    /// Opens it, making it if there is none. `key` has 32 bytes. `utc_offset_minutes` is the phone's
    /// zone, which decides what *today* is.
    #[uniffi::constructor]
    pub fn open(
        folder: String,
        key: Vec<u8>,
        app: String,
        utc_offset_minutes: i32,
    ) -> Result<Arc<Phone>, KetukError> {
        let key = key.try_into().map_err(|_| KetukError::Storage {
            trouble: Trouble::WrongKey,
            detail: "a key has 32 bytes".to_owned(),
        })?;
        let setup = Setup::new(&app, utc_offset_minutes);
        Ok(Arc::new(Phone(ketuk_phone::Phone::open(
            Path::new(&folder),
            key,
            setup,
        )?)))
    }

    /// Where a damaged database was put when the phone was opened.
    pub fn moved_aside(&self) -> Option<String> {
        self.0.moved_aside().map(|file| file.display().to_string())
    }

    /// To whom it belongs, if it is enrolled.
    pub fn enrolment(&self) -> Result<Option<Enrolment>, KetukError> {
        Ok(self.0.enrolment()?)
    }

    /// Makes it the cadre's with the code from her sheet. The next [`Phone::sync`] brings her lists.
    pub fn enrol(
        &self,
        server: String,
        code: String,
        model: String,
    ) -> Result<Enrolment, KetukError> {
        Ok(self.0.enrol(&server, &code, &model)?)
    }

    /// Her households.
    pub fn households(&self) -> Arc<Households> {
        Arc::new(Households(self.0.households()))
    }

    /// Her figures.
    pub fn progress(&self) -> Result<Progress, KetukError> {
        Ok(self.0.progress()?)
    }

    /// What waits, oldest first.
    pub fn waiting(&self, after: Option<u64>, limit: u32) -> Result<WaitingPage, KetukError> {
        Ok(self.0.waiting(after, limit)?)
    }

    /// What the server has signed for, the newest first; only of families found by `search` if there is
    /// a word in it.
    pub fn proofs(
        &self,
        search: String,
        after: Option<u64>,
        limit: u32,
    ) -> Result<ProofPage, KetukError> {
        Ok(self.0.proofs(&search, after, limit)?)
    }

    /// What the server has signed for of the entry of this number.
    pub fn proof(&self, seq: u64) -> Result<ProofRow, KetukError> {
        Ok(self.0.proof(seq)?)
    }

    /// What waits, as a file that only the server can open; `None` if nothing waits.
    pub fn hand_over(&self) -> Result<Option<Handover>, KetukError> {
        Ok(self.0.hand_over()?)
    }

    /// Brings somebody else's file to the server.
    pub fn carry(&self, parcel: Vec<u8>) -> Result<HandoverAnswer, KetukError> {
        Ok(self.0.carry(&parcel)?)
    }

    /// Takes over receipts that were brought back in a file; gives how many entries are received by them.
    pub fn take_receipts(&self, file: Vec<u8>) -> Result<u64, KetukError> {
        Ok(self.0.take_receipts(&file)?)
    }

    /// Writes everything into a file that nobody can read without the server's help. Gives its size.
    pub fn back_up(&self, to: String) -> Result<u64, KetukError> {
        Ok(self.0.back_up(Path::new(&to))?)
    }

    /// Notes that the copy came to where she keeps it.
    pub fn backed_up(&self) -> Result<(), KetukError> {
        Ok(self.0.backed_up()?)
    }

    /// What would be lost with this phone.
    pub fn only_here(&self) -> Result<OnlyHere, KetukError> {
        Ok(self.0.only_here()?)
    }

    /// Sends what waits and gets what is new; blocks until it is done or can't go on.
    pub fn sync(
        &self,
        observer: Arc<dyn SyncObserver>,
        cancel: Arc<SyncCancel>,
    ) -> Result<SyncReport, KetukError> {
        Ok(self.0.sync(&cancel.0, |event| observer.happened(event))?)
    }

    /// What the last run came to, also before a restart of the app.
    pub fn last_run(&self) -> Result<Option<LastRun>, KetukError> {
        Ok(self.0.last_run()?)
    }
}
