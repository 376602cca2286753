//! A cadre's phone, and what can happen to it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Result, bail};
use ketuk_phone::{Clock as _, Error, Moment, Phone, Setup, Trouble};

use super::time::{PhoneClock, Time};
use crate::books::PhoneBooks;
use crate::disk::{Disk, End};

pub(crate) const KEY: [u8; 32] = [7; 32];

/// A cadre's second phone has an older app.
const APPS: [&str; 2] = ["0.1.0", "0.0.9"];

/// A copy of a phone's folder, as a backup program makes one.
pub(crate) struct Copy {
    pub(crate) folder: PathBuf,
    /// Visits finished anywhere when it was made.
    pub(crate) finished: usize,
}

pub(crate) struct Handset {
    pub(crate) name: String,
    /// Which cadre's, and which of hers.
    pub(crate) whose: (usize, usize),
    folder: PathBuf,
    disk: Arc<Disk>,
    clock: Arc<PhoneClock>,
    phone: Option<Phone>,
    pub(crate) copy: Option<Copy>,
    /// Whether it was revoked or given another code: it or the server may have gone back to before
    /// that.
    pub(crate) uprooted: bool,
}

impl Handset {
    pub(crate) fn on(
        folder: &Path,
        name: String,
        whose: (usize, usize),
        time: &Time,
    ) -> Result<Handset> {
        fs::create_dir_all(folder)?;
        Ok(Handset {
            name,
            whose,
            folder: folder.to_owned(),
            disk: Disk::of(folder),
            clock: Arc::new(PhoneClock::right(time)),
            phone: None,
            copy: None,
            uprooted: false,
        })
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn disk(&self) -> &Disk {
        &self.disk
    }

    pub(crate) fn clock(&self) -> &PhoneClock {
        &self.clock
    }

    pub(crate) fn now(&self) -> Moment {
        self.clock.now()
    }

    /// The app, started if it is not running; `None` if the phone dies or its disk is full at that.
    pub(crate) fn app(&mut self) -> Result<Option<Phone>> {
        if self.phone.is_none() {
            let setup = Setup {
                clock: self.clock.clone(),
                ..Setup::new(APPS[self.whose.1], 480)
            };
            let phone = match Phone::open(&self.folder, KEY, setup) {
                Ok(phone) => phone,
                Err(_) if self.disk.is_dead() => {
                    self.fall(End::Kill)?;
                    return Ok(None);
                }
                Err(Error::Storage(fault)) if fault.trouble == Trouble::Full => return Ok(None),
                Err(fault) => bail!("{}: the app doesn't start: {fault:?}", self.name),
            };
            if phone.moved_aside().is_some() {
                bail!("{}: the database was damaged", self.name);
            }
            self.phone = Some(phone);
        }
        Ok(self.phone.clone())
    }

    /// The app, if it is running.
    pub(crate) fn running(&self) -> Option<&Phone> {
        self.phone.as_ref()
    }

    /// What came of working with the app: `None` if the phone died or its disk was full.
    ///
    /// # Errors
    /// Whatever else went wrong: that is no weather but a fault.
    pub(crate) fn outcome<T>(&mut self, done: Result<T, Error>) -> Result<Option<T>> {
        if self.disk.is_dead() {
            self.fall(End::Kill)?;
            return Ok(None);
        }
        match done {
            Ok(done) => Ok(Some(done)),
            Err(Error::Storage(fault)) if fault.trouble == Trouble::Full => Ok(None),
            Err(fault) => bail!("{}: {fault:?}", self.name),
        }
    }

    /// Looks something up in its database; `None` if the phone dies at that.
    pub(crate) fn look_up<T>(
        &mut self,
        read: impl FnOnce(&PhoneBooks) -> Result<T>,
    ) -> Result<Option<T>> {
        let read = PhoneBooks::open(&self.folder).and_then(|books| read(&books));
        if self.disk.is_dead() {
            self.fall(End::Kill)?;
            return Ok(None);
        }
        read.map(Some)
    }

    /// The app ends without a word.
    pub(crate) fn fall(&mut self, end: End<'_>) -> Result<()> {
        self.disk.crash(end)?;
        self.phone = None;
        Ok(())
    }

    /// The app is closed as Android closes one.
    pub(crate) fn close(&mut self) -> Result<()> {
        self.phone = None;
        // Closing writes, too.
        match self.disk.is_dead() {
            true => self.fall(End::Kill),
            false => Ok(()),
        }
    }
}
