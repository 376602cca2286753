//! Who may read and write a file, and the log's index that its readers and writers share.
//!
//! The rules are those of <https://sqlite.org/c3ref/io_methods.html> and
//! <https://sqlite.org/walformat.html#locks>.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicU64;

use super::Fault;

/// How far a handle holds a database, in SQLite's order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    None,
    Shared,
    Reserved,
    Pending,
    Exclusive,
}

/// How a handle holds one of the index's locks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hold {
    Shared,
    Exclusive,
}

#[derive(Default)]
pub(super) struct Locks {
    levels: BTreeMap<u64, Level>,
    holds: BTreeMap<(u32, u64), Hold>,
    /// Handles that have the index.
    mapped: BTreeMap<u64, ()>,
    index: Vec<Box<[AtomicU64]>>,
}

impl Locks {
    fn others(&self, id: u64) -> impl Iterator<Item = Level> {
        let others = self.levels.iter().filter(move |(holder, _)| **holder != id);
        others.map(|(_, level)| *level)
    }

    pub(super) fn raise(&mut self, id: u64, to: Level) -> Result<(), Fault> {
        let own = self.levels.get(&id).copied().unwrap_or(Level::None);
        let highest = self.others(id).max().unwrap_or(Level::None);
        let free = match to {
            _ if to <= own => return Ok(()),
            Level::None | Level::Shared => highest < Level::Pending,
            Level::Reserved => highest < Level::Reserved,
            Level::Pending | Level::Exclusive => {
                if highest >= Level::Reserved {
                    return Err(Fault::Busy);
                }
                self.levels.insert(id, Level::Pending);
                highest < Level::Shared
            }
        };
        if !free {
            return Err(Fault::Busy);
        }
        self.levels.insert(id, to);
        Ok(())
    }

    pub(super) fn lower(&mut self, id: u64, to: Level) {
        if to == Level::None {
            self.levels.remove(&id);
        } else {
            self.levels.insert(id, to);
        }
    }

    pub(super) fn is_reserved(&self, id: u64) -> bool {
        let own = self.levels.get(&id).copied();
        self.others(id)
            .chain(own)
            .any(|level| level >= Level::Reserved)
    }

    /// Where a part of the index is, for as long as a handle has it; `None` if it isn't there and
    /// is not to be made.
    pub(super) fn map(&mut self, id: u64, part: usize, size: usize, make: bool) -> Option<*mut u8> {
        self.mapped.insert(id, ());
        while make && self.index.len() <= part {
            let part = (0..size.div_ceil(8)).map(|_| AtomicU64::new(0));
            self.index.push(part.collect());
        }
        let first = self.index.get(part)?.first()?;
        Some(first.as_ptr().cast())
    }

    pub(super) fn hold(
        &mut self,
        id: u64,
        slots: std::ops::Range<u32>,
        how: Hold,
    ) -> Result<(), Fault> {
        let mut others = self.holds.iter().filter(|((slot, holder), held)| {
            let clash = how == Hold::Exclusive || **held == Hold::Exclusive;
            slots.contains(slot) && *holder != id && clash
        });
        if others.next().is_some() {
            return Err(Fault::Busy);
        }
        for slot in slots {
            self.holds.insert((slot, id), how);
        }
        Ok(())
    }

    pub(super) fn release(&mut self, id: u64, slots: std::ops::Range<u32>) {
        self.holds
            .retain(|(slot, holder), _| *holder != id || !slots.contains(slot));
    }

    pub(super) fn unmap(&mut self, id: u64) {
        self.holds.retain(|(_, holder), _| *holder != id);
        self.mapped.remove(&id);
        if self.mapped.is_empty() {
            self.index.clear();
        }
    }

    /// The handle is closed.
    pub(super) fn leave(&mut self, id: u64) {
        self.levels.remove(&id);
        self.unmap(id);
    }
}
