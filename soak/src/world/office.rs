//! The server, its disk and its backups.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use anyhow::{Context as _, Result, bail};
use bytes::Bytes;
use http::Request as HttpRequest;
use ketuk_phone::{Request, Response};
use ketuk_server::{Clock, Error, Local, Setup, Store};

use super::time::Time;
use crate::books::ServerBooks;
use crate::disk::{Disk, End};

/// The office's machine.
pub(crate) struct Office {
    folder: PathBuf,
    disk: Arc<Disk>,
    server: Option<Local>,
    time: Time,
    /// What its clock shows, and how far that is ahead of the time.
    hand: Arc<AtomicI64>,
    ahead: i64,
    pub(crate) backup: Option<PathBuf>,
}

impl Office {
    /// The machine whose data are in `folder`, switched off.
    pub(crate) fn on(folder: &Path, time: &Time) -> Result<Office> {
        fs::create_dir_all(folder)?;
        Ok(Office {
            folder: folder.to_owned(),
            disk: Disk::of(folder),
            server: None,
            time: time.clone(),
            hand: Arc::default(),
            ahead: 0,
            backup: None,
        })
    }

    pub(crate) fn disk(&self) -> &Disk {
        &self.disk
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Somebody sets its clock so many milliseconds ahead of the time.
    pub(crate) fn set_clock(&mut self, ahead: i64) {
        self.ahead = ahead;
    }

    fn tick(&self) {
        self.hand
            .store(self.time.now() + self.ahead, Ordering::Relaxed);
    }

    /// The server, started if it is down. `None` if its machine dies at that.
    pub(crate) fn server(&mut self) -> Result<Option<&Local>> {
        self.tick();
        if self.server.is_none() {
            let store = Store::Sqlite(self.folder.clone());
            match Local::open(&store, Clock::moved_by(self.hand.clone())) {
                Ok(server) => self.server = Some(server),
                Err(_) if self.disk.is_dead() => {
                    self.fall(End::Kill)?;
                    return Ok(None);
                }
                Err(Error::Full) => {
                    self.disk.wait_until_closed();
                    return Ok(None);
                }
                Err(fault) => bail!("the server doesn't start: {fault}"),
            }
        }
        Ok(self.server.as_ref())
    }

    /// Answers a request; `None` if there is nobody who could.
    pub(crate) fn answer(&mut self, request: &Request) -> Result<Option<Response>> {
        let Some(server) = self.server()? else {
            return Ok(None);
        };
        let mut builder = HttpRequest::builder()
            .method(request.method)
            .uri(&request.path);
        for (name, value) in &request.headers {
            builder = builder.header(*name, value);
        }
        let answer = server.call(builder.body(Bytes::from(request.body.clone()))?)?;
        if self.disk.is_dead() {
            // Whatever it would have said, it ended before that.
            self.fall(End::Kill)?;
            return Ok(None);
        }
        let (head, body) = answer.into_parts();
        let headers = head.headers.iter().map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), value)
        });
        Ok(Some(Response {
            status: head.status.as_u16(),
            headers: headers.collect(),
            body: body.to_vec(),
        }))
    }

    /// Looks something up in the database; `None` if the machine dies at that.
    pub(crate) fn look_up<T>(
        &mut self,
        read: impl FnOnce(&ServerBooks) -> Result<T>,
    ) -> Result<Option<T>> {
        let read = ServerBooks::open(&self.folder).and_then(|books| read(&books));
        if self.disk.is_dead() {
            self.fall(End::Kill)?;
            return Ok(None);
        }
        read.map(Some)
    }

    /// Changes something in the office; whether it was done. What a dying or full machine did not do
    /// is done again or not, like any work in an office.
    pub(crate) fn set_up(
        &mut self,
        work: impl FnOnce(&Setup<'_>) -> Result<(), Error>,
    ) -> Result<bool> {
        let Some(server) = self.server()? else {
            return Ok(false);
        };
        let done = server.setup(|setup| work(&setup));
        if self.disk.is_dead() {
            self.fall(End::Kill)?;
            return Ok(false);
        }
        match done {
            Ok(()) => Ok(true),
            Err(Error::Full | Error::Setup(_)) => Ok(false),
            Err(fault) => bail!("the office can't do its work: {fault}"),
        }
    }

    /// Stops the server as an operator does.
    pub(crate) fn stop(&mut self) -> Result<()> {
        self.server = None;
        self.disk.wait_until_closed();
        // Closing writes, too.
        match self.disk.is_dead() {
            true => self.fall(End::Kill),
            false => Ok(()),
        }
    }

    /// The server ends without a word.
    pub(crate) fn fall(&mut self, end: End<'_>) -> Result<()> {
        // Its threads end with it, before another server begins.
        self.disk.die();
        self.server = None;
        self.disk.crash(end)?;
        Ok(())
    }

    /// A machine that has died meanwhile is found so.
    pub(crate) fn find_dead(&mut self) -> Result<()> {
        if self.disk.is_dead() {
            self.fall(End::Kill)?;
        }
        Ok(())
    }

    /// Keeps a copy of the data beside the running server.
    pub(crate) fn back_up(&mut self, to: PathBuf) -> Result<()> {
        self.disk.copy_to(&to)?;
        self.backup = Some(to);
        Ok(())
    }

    /// Puts the data back from the last backup; what came since is lost.
    pub(crate) fn restore(&mut self) -> Result<bool> {
        let Some(backup) = self.backup.clone() else {
            return Ok(false);
        };
        self.fall(End::Kill)?;
        replace(&self.folder, &backup)?;
        Ok(true)
    }
}

/// Puts the database in `folder` back to what it was in `copy`.
pub(crate) fn replace(folder: &Path, copy: &Path) -> Result<()> {
    for name in ["ketuk.db", "ketuk.db-wal"] {
        let _ = fs::remove_file(folder.join(name));
        let kept = copy.join(name);
        if kept.exists() {
            fs::copy(&kept, folder.join(name)).with_context(|| format!("putting {name} back"))?;
        }
    }
    Ok(())
}
