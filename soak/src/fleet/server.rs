//! The server process, and what happens to it.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context as _, Result, bail};
use ketuk_tests::ledger::Place;
use ketuk_tests::office::Office;

/// Whoever looks after the server: starts it, finds it killed, restores it from the backup.
pub(super) struct Keeper {
    place: Place,
    backup: PathBuf,
    address: SocketAddr,
    running: Mutex<Running>,
}

#[derive(Default)]
struct Running {
    office: Option<Office>,
    kills: u32,
    restores: u32,
    /// The most memory that any of its processes took, in bytes.
    peak_memory: u64,
}

/// What happened to it.
#[derive(Debug)]
pub(super) struct Fortunes {
    pub(super) kills: u32,
    pub(super) restores: u32,
    pub(super) peak_memory: u64,
}

impl Keeper {
    pub(super) fn start(place: Place, folder: &Path) -> Result<Keeper> {
        let office = Office::start(place.clone(), SocketAddr::from(([127, 0, 0, 1], 0)))?;
        Ok(Keeper {
            place,
            backup: folder.join("backup.db"),
            address: office.address()?,
            running: Mutex::new(Running {
                office: Some(office),
                ..Running::default()
            }),
        })
    }

    /// The same for each of its processes.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn place(&self) -> &Place {
        &self.place
    }

    /// It is killed as by a power cut, and started again.
    pub(super) fn kill(&self) -> Result<()> {
        self.replace(|_| Ok(()))?;
        self.lock().kills += 1;
        Ok(())
    }

    /// A backup, as the operator's guide has it: beside the running server on SQLite; PostgreSQL's by
    /// its own means, here the copy of a database that nobody is connected to.
    pub(super) fn back_up(&self) -> Result<()> {
        match &self.place {
            Place::Sqlite(_) => match &self.lock().office {
                Some(office) => office.back_up(&self.backup),
                None => bail!("the server is not there"),
            },
            Place::Postgres(url) => self.replace(|_| copy_database(url, "", "_backup")),
        }
    }

    /// Its disk is lost, and what the backup has is put in its place.
    pub(super) fn restore(&self) -> Result<()> {
        self.replace(|keeper| match &keeper.place {
            Place::Sqlite(folder) => {
                let file = folder.join("ketuk.db");
                for suffix in ["", "-wal", "-shm"] {
                    let mut name = file.clone().into_os_string();
                    name.push(suffix);
                    match std::fs::remove_file(name) {
                        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                            return Err(error.into());
                        }
                        _ => {}
                    }
                }
                std::fs::copy(&keeper.backup, file)?;
                Ok(())
            }
            Place::Postgres(url) => copy_database(url, "_backup", ""),
        })?;
        self.lock().restores += 1;
        Ok(())
    }

    /// Kills it, does something to what it keeps, and starts it again where it was.
    fn replace(&self, change: impl FnOnce(&Keeper) -> Result<()>) -> Result<()> {
        let mut running = self.lock();
        if let Some(office) = running.office.take() {
            running.peak_memory = running.peak_memory.max(office.peak_memory().unwrap_or(0));
            drop(office);
        }
        change(self)?;
        let office = Office::start(self.place.clone(), self.address);
        running.office = Some(office.context("the server did not come back")?);
        Ok(())
    }

    pub(super) fn verify(&self) -> Result<()> {
        match &self.lock().office {
            Some(office) => office.verify(),
            None => bail!("the server is not there"),
        }
    }

    pub(super) fn fortunes(&self) -> Fortunes {
        let running = self.lock();
        let now = running.office.as_ref().and_then(|o| o.peak_memory().ok());
        Fortunes {
            kills: running.kills,
            restores: running.restores,
            peak_memory: running.peak_memory.max(now.unwrap_or(0)),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Running> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes the database with suffix `to` a copy of the one with suffix `from`.
fn copy_database(url: &str, from: &str, to: &str) -> Result<()> {
    let (server, name) = url.rsplit_once('/').context("the URL names no database")?;
    let mut admin = postgres::Client::connect(&format!("{server}/postgres"), postgres::NoTls)?;
    admin.batch_execute(&format!("DROP DATABASE IF EXISTS {name}{to} WITH (FORCE)"))?;
    admin.batch_execute(&format!(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}{from}'"
    ))?;
    admin.batch_execute(&format!("CREATE DATABASE {name}{to} TEMPLATE {name}{from}"))?;
    Ok(())
}
