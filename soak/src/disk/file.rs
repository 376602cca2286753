//! A file as a process sees it, and what of that is on the disk.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;

use super::Fault;
use super::locks::Locks;

/// What a disk writes whole or not at all.
const SECTOR: usize = 512;

/// How a file is opened.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Access {
    pub(super) create: bool,
    pub(super) delete_on_close: bool,
}

/// Something done to a file and not yet synced.
enum Change {
    Write { at: usize, bytes: Vec<u8> },
    Truncate(usize),
}

pub(super) struct Image {
    path: Option<PathBuf>,
    /// None for a temporary file without a name.
    real: Option<File>,
    /// As the process sees it.
    bytes: Vec<u8>,
    unsynced: Vec<Change>,
    pub(super) locks: Locks,
}

impl Image {
    pub(super) fn open(path: &Path, access: Access) -> Result<Image, Fault> {
        let file = File::options()
            .read(true)
            .write(true)
            .create(access.create)
            .truncate(false)
            .open(path);
        let mut real = file.map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => Fault::Missing,
            _ => Fault::Broken,
        })?;
        let mut bytes = Vec::new();
        real.read_to_end(&mut bytes).map_err(|_| Fault::Broken)?;
        Ok(Image {
            path: Some(path.to_owned()),
            real: Some(real),
            bytes,
            unsynced: Vec::new(),
            locks: Locks::default(),
        })
    }

    pub(super) fn nameless() -> Image {
        Image {
            path: None,
            real: None,
            bytes: Vec::new(),
            unsynced: Vec::new(),
            locks: Locks::default(),
        }
    }

    pub(super) fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Fills what is beyond the end with zeroes; whether there was enough.
    pub(super) fn read(&self, at: usize, out: &mut [u8]) -> bool {
        let there = self.bytes.get(at..).unwrap_or_default();
        let count = there.len().min(out.len());
        out[..count].copy_from_slice(&there[..count]);
        out[count..].fill(0);
        count == out.len()
    }

    pub(super) fn write(&mut self, at: usize, bytes: &[u8]) {
        put(&mut self.bytes, at, bytes);
        if self.real.is_some() {
            self.unsynced.push(Change::Write {
                at,
                bytes: bytes.to_vec(),
            });
        }
    }

    pub(super) fn truncate(&mut self, size: usize) {
        self.bytes.resize(size, 0);
        if self.real.is_some() {
            self.unsynced.push(Change::Truncate(size));
        }
    }

    /// Brings the real file up to what the process sees.
    pub(super) fn write_back(&mut self) -> io::Result<()> {
        let changes = std::mem::take(&mut self.unsynced);
        let Some(real) = &mut self.real else {
            return Ok(());
        };
        for change in changes {
            if let Change::Write { at, bytes } = change {
                let end = (at + bytes.len()).min(self.bytes.len());
                write_at(real, at, self.bytes.get(at..end).unwrap_or_default())?;
            }
        }
        real.set_len(self.bytes.len() as u64)
    }

    /// Writes the newest change to the real file, or some of its sectors; it stays unsynced.
    pub(super) fn write_early(&mut self, chance: &mut ChaCha8Rng) -> io::Result<()> {
        match (&mut self.real, self.unsynced.last()) {
            (Some(real), Some(change)) => change.leave_to_chance(real, chance),
            _ => Ok(()),
        }
    }

    /// The power goes: of what was not synced, chance decides what is on the disk.
    pub(super) fn lose(&mut self, chance: &mut ChaCha8Rng) -> io::Result<()> {
        let Some(real) = &mut self.real else {
            return Ok(());
        };
        // Some systems write back soon, some late: between nothing and all of it.
        let kept = chance.random_range(0..=8);
        for change in self.unsynced.drain(..) {
            if chance.random_ratio(kept, 8) {
                change.leave_to_chance(real, chance)?;
            }
        }
        Ok(())
    }

    /// The name is gone; whoever has the file open goes on with it.
    pub(super) fn unlink(&mut self) {
        // It may be elsewhere under another name, where all of it belongs.
        let _ = self.write_back();
        self.path = None;
        self.real = None;
    }
}

impl Change {
    /// Makes the change in the file: whole mostly, else each sector or not.
    fn leave_to_chance(&self, real: &mut File, chance: &mut ChaCha8Rng) -> io::Result<()> {
        let (at, bytes) = match self {
            Change::Truncate(size) => return real.set_len(*size as u64),
            Change::Write { at, bytes } => (*at, bytes),
        };
        if chance.random_ratio(7, 8) {
            return write_at(real, at, bytes);
        }
        let mut from = 0;
        while from < bytes.len() {
            let to = (from + SECTOR - (at + from) % SECTOR).min(bytes.len());
            if chance.random_ratio(1, 2) {
                write_at(real, at + from, &bytes[from..to])?;
            }
            from = to;
        }
        Ok(())
    }
}

fn put(file: &mut Vec<u8>, at: usize, bytes: &[u8]) {
    let end = at + bytes.len();
    if file.len() < end {
        file.resize(end, 0);
    }
    file[at..end].copy_from_slice(bytes);
}

fn write_at(file: &mut File, at: usize, bytes: &[u8]) -> io::Result<()> {
    file.seek(SeekFrom::Start(at as u64))?;
    file.write_all(bytes)
}
