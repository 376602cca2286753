//! A disk that dies, fills up and forgets.
//!
//! SQLite reaches its files through a VFS; [`install`] makes ours the process's default, so that
//! neither the phone nor the server has a line of code for it. A folder is a [`Disk`]. What a
//! process writes to a file it sees at once, in memory, as through a page cache; the real file gets
//! it when it is synced. So everything between two syncs is still at stake:
//!
//! - [`Disk::die_after`] fails every operation beyond the n-th that writes, as if the process had
//!   ended there. [`Disk::crash`] then lets another begin: after a kill with all that was written,
//!   after a power cut with what was synced and any of the rest, torn at sectors.
//! - [`Disk::fill`] refuses writes that make a file grow.
//! - A process that is really killed takes its memory along, so that what was not synced is gone,
//!   but for what [`Disk::write_early`] let through to the file.
//!
//! Locks and the log's index are in memory as well: a folder belongs to one process.
//!
//! Own code, since no crate does it: sqlite-plugin, which is kept well, builds its bindings by
//! libclang, which would have to be on every machine that runs the tests; sqlite-vfs, at rest since
//! 2022, copies the log's index at each lock; and neither stands between SQLite and a file in such a
//! way that what is unsynced can be lost.

mod file;
mod locks;
mod vfs;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;

use self::file::{Access, Image};
pub(crate) use self::vfs::{forget_chance, install};

/// Why an operation on a file fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The process that had it open has ended, as far as the disk is concerned.
    Dead,
    Full,
    Busy,
    /// There is no such file.
    Missing,
    /// The real file can't be used.
    Broken,
}

/// All disks of this process, by their folder.
static DISKS: Mutex<BTreeMap<PathBuf, Arc<Disk>>> = Mutex::new(BTreeMap::new());

/// One folder with SQLite's files in it.
pub(crate) struct Disk {
    folder: PathBuf,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Every file opened by the process that uses the disk now, by its handles' number.
    images: Vec<Image>,
    /// What earlier processes had open: whoever still holds a handle of theirs finds its memory.
    graves: Vec<Vec<Image>>,
    /// Which process it is; handles of an earlier one are dead.
    life: u64,
    next_handle: u64,
    /// Handles that the process has.
    open: usize,
    writes: u64,
    dies_after: Option<u64>,
    /// The process ends for good where the disk dies: it waits to be killed.
    parks: Option<fn()>,
    dead: bool,
    full: bool,
    early: Option<Early>,
}

/// How often a write reaches the file before it is synced.
struct Early {
    chance: ChaCha8Rng,
    /// One in so many.
    one_in: u32,
}

/// How a process ends.
pub(crate) enum End<'a> {
    /// What it wrote stays.
    Kill,
    /// What it wrote and did not sync is lost, or not, as chance will have it.
    PowerCut(&'a mut ChaCha8Rng),
}

impl Disk {
    /// The disk of a folder that is there.
    pub(crate) fn of(folder: &Path) -> Arc<Disk> {
        let mut disks = DISKS.lock().unwrap_or_else(PoisonError::into_inner);
        let disk = disks.entry(folder.to_owned()).or_insert_with(|| {
            Arc::new(Disk {
                folder: folder.to_owned(),
                state: Mutex::default(),
            })
        });
        Arc::clone(disk)
    }

    /// Forgets every disk whose folder lies in `place`, which is about to be removed.
    pub(crate) fn forget(place: &Path) {
        let mut disks = DISKS.lock().unwrap_or_else(PoisonError::into_inner);
        disks.retain(|folder, _| !folder.starts_with(place));
    }

    /// The process ends after so many more writes.
    pub(crate) fn die_after(&self, writes: u64) {
        let mut state = self.lock();
        state.dies_after = Some(state.writes + writes);
    }

    /// Instead of failing where the disk dies, calls `last_word` and never returns.
    pub(crate) fn park_when_dead(&self, last_word: fn()) {
        self.lock().parks = Some(last_word);
    }

    /// Whether the process has ended, as far as the disk is concerned.
    pub(crate) fn is_dead(&self) -> bool {
        self.lock().dead
    }

    /// The process ends now: whatever of it still runs reaches nothing any more.
    pub(crate) fn die(&self) {
        self.lock().dead = true;
    }

    /// Waits until the process has closed all it had open, on whatever threads it does so.
    pub(crate) fn wait_until_closed(&self) {
        while self.lock().open > 0 {
            std::thread::yield_now();
        }
    }

    /// From now on no file grows; or it may again.
    pub(crate) fn fill(&self, full: bool) {
        self.lock().full = full;
    }

    /// Lets one write in `one_in` through to the file before it is synced, whole or torn.
    pub(crate) fn write_early(&self, one_in: u32, chance: ChaCha8Rng) {
        self.lock().early = Some(Early { chance, one_in });
    }

    /// Ends the process that uses the disk, whatever it still has open, and lets another begin.
    pub(crate) fn crash(&self, mut end: End<'_>) -> io::Result<()> {
        let mut state = self.lock();
        let mut images = std::mem::take(&mut state.images);
        for image in &mut images {
            match &mut end {
                End::Kill => image.write_back()?,
                End::PowerCut(chance) => image.lose(chance)?,
            }
        }
        state.graves.push(images);
        state.life += 1;
        state.open = 0;
        state.dead = false;
        state.dies_after = None;
        Ok(())
    }

    /// Copies the folder as the process sees it.
    pub(crate) fn copy_to(&self, folder: &Path) -> io::Result<()> {
        let state = self.lock();
        fs::create_dir_all(folder)?;
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            if !entry.file_type()?.is_file() {
                continue;
            }
            let copy = folder.join(entry.file_name());
            match state.image_at(&entry.path()) {
                Some(at) => fs::write(copy, state.images[at].bytes())?,
                None => drop(fs::copy(entry.path(), copy)?),
            }
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn image_at(&self, path: &Path) -> Option<usize> {
        let named = |image: &Image| image.path() == Some(path);
        self.images.iter().position(named)
    }

    /// Counts an operation that writes; it is not made if the process ends before it.
    fn step(&mut self) -> Result<(), Fault> {
        if self.dies_after.is_some_and(|last| self.writes >= last) {
            self.dead = true;
            if let Some(last_word) = self.parks {
                last_word();
                loop {
                    std::thread::park();
                }
            }
            return Err(Fault::Dead);
        }
        self.writes += 1;
        Ok(())
    }
}

/// An open file.
struct Handle {
    disk: Arc<Disk>,
    life: u64,
    id: u64,
    image: usize,
    access: Access,
}

impl Handle {
    fn open(path: Option<&Path>, access: Access) -> Result<Handle, Fault> {
        let folder = path.and_then(Path::parent).unwrap_or(Path::new(""));
        let disk = Disk::of(folder);
        let mut guard = disk.lock();
        let state = &mut *guard;
        if state.dead {
            return Err(Fault::Dead);
        }
        let known = path.and_then(|path| state.image_at(path));
        // Somebody may have moved the file elsewhere since it was closed.
        let known = known.filter(|at| match path {
            Some(path) if !path.exists() => {
                state.images[*at].unlink();
                false
            }
            _ => true,
        });
        let image = match known {
            Some(at) => at,
            None => {
                let image = match path {
                    Some(path) => Image::open(path, access)?,
                    None => Image::nameless(),
                };
                state.images.push(image);
                state.images.len() - 1
            }
        };
        let id = state.next_handle;
        state.next_handle += 1;
        state.open += 1;
        let life = state.life;
        drop(guard);
        Ok(Handle {
            disk,
            life,
            id,
            image,
            access,
        })
    }

    /// Looks at the file, if this process still lives.
    fn with<T>(&self, work: impl FnOnce(&mut Image, u64) -> Result<T, Fault>) -> Result<T, Fault> {
        let mut state = self.disk.lock();
        if state.dead || state.life != self.life {
            return Err(Fault::Dead);
        }
        work(&mut state.images[self.image], self.id)
    }

    /// Changes the file by one operation; `grows_to` is how far it then reaches.
    fn change<T>(
        &self,
        grows_to: usize,
        work: impl FnOnce(&mut Image) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let mut guard = self.disk.lock();
        let state = &mut *guard;
        if state.dead || state.life != self.life {
            return Err(Fault::Dead);
        }
        let image = &mut state.images[self.image];
        if state.full && grows_to > image.bytes().len() {
            return Err(Fault::Full);
        }
        state.step()?;
        work(&mut state.images[self.image])
    }

    fn write(&self, at: usize, bytes: &[u8]) -> Result<(), Fault> {
        self.change(at + bytes.len(), |image| {
            image.write(at, bytes);
            Ok(())
        })?;
        let mut guard = self.disk.lock();
        let state = &mut *guard;
        if let Some(early) = &mut state.early
            && early.chance.random_ratio(1, early.one_in)
            && let Some(image) = state.images.get_mut(self.image)
        {
            image
                .write_early(&mut early.chance)
                .map_err(|_| Fault::Broken)?;
        }
        Ok(())
    }

    fn truncate(&self, size: usize) -> Result<(), Fault> {
        self.change(size, |image| {
            image.truncate(size);
            Ok(())
        })
    }

    fn sync(&self) -> Result<(), Fault> {
        self.change(0, |image| image.write_back().map_err(|_| Fault::Broken))
    }

    fn close(&self) {
        let mut guard = self.disk.lock();
        let state = &mut *guard;
        // Of an earlier process nothing is left to close.
        if state.life != self.life {
            return;
        }
        state.open -= 1;
        let image = &mut state.images[self.image];
        image.locks.leave(self.id);
        if self.access.delete_on_close && !state.dead {
            image.unlink();
        }
    }
}

fn delete(path: &Path) -> Result<(), Fault> {
    let disk = Disk::of(path.parent().unwrap_or(Path::new("")));
    let mut state = disk.lock();
    if state.dead {
        return Err(Fault::Dead);
    }
    state.step()?;
    if let Some(at) = state.image_at(path) {
        state.images[at].unlink();
    }
    fs::remove_file(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Fault::Missing,
        _ => Fault::Broken,
    })
}

fn exists(path: &Path) -> Result<bool, Fault> {
    let disk = Disk::of(path.parent().unwrap_or(Path::new("")));
    if disk.is_dead() {
        return Err(Fault::Dead);
    }
    Ok(path.exists())
}

#[cfg(test)]
mod tests;
