//! What cadres finished, written down where neither phone nor server can reach it.
//!
//! Every finished visit carries a mark of its own among its answers, so that it is found again
//! wherever it is, by its content and not by any number that phone or server made up.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;

use anyhow::Result;
use ketuk_wire::Sha256;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A visit that somebody finished, or tried to when the phone went dark.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Saved {
    pub(crate) mark: String,
    pub(crate) phone: usize,
    pub(crate) household: Uuid,
    /// What it shows.
    pub(crate) photos: Vec<Sha256>,
    /// Whether the phone said that it is saved; else it may be or not.
    pub(crate) certain: bool,
    /// Whether the server's checks must refuse it.
    pub(crate) bad: bool,
    /// Whether it left the phone: from then on it must arrive as it is.
    pub(crate) sent: bool,
    /// The phone was put back to before it.
    pub(crate) only_at_office: bool,
    /// Nobody has it any more: the phone was put back, and the server doesn't have it.
    pub(crate) gone: bool,
}

#[derive(Default)]
pub(crate) struct Journal {
    saved: Vec<Saved>,
    marks: usize,
    /// Whether each line goes out at once, to somebody who lives on when this process doesn't.
    dictates: bool,
}

impl Journal {
    pub(crate) fn next_mark(&mut self) -> String {
        self.marks += 1;
        format!("M{}", self.marks)
    }

    /// How many visits were finished so far.
    pub(crate) fn len(&self) -> usize {
        self.saved.len()
    }

    /// A journal that is written down by another process, line by line, before anything follows
    /// from it.
    pub(crate) fn dictated() -> Journal {
        Journal {
            dictates: true,
            ..Journal::default()
        }
    }

    /// What another process dictated, as far as it came.
    pub(crate) fn heard(lines: &[String]) -> Journal {
        let mut journal = Journal::default();
        // The last line may be cut.
        for saved in lines
            .iter()
            .filter_map(|line| serde_json::from_str::<Saved>(line).ok())
        {
            journal.marks += 1;
            match journal
                .saved
                .iter_mut()
                .find(|known| known.mark == saved.mark)
            {
                Some(known) => *known = saved,
                None => journal.saved.push(saved),
            }
        }
        journal
    }

    /// Somebody is about to finish a visit.
    pub(crate) fn begin(&mut self, saved: Saved) -> Result<()> {
        self.tell(&saved)?;
        self.saved.push(saved);
        Ok(())
    }

    /// The phone said of the last one that it is saved.
    pub(crate) fn is_saved(&mut self) -> Result<()> {
        if let Some(last) = self.saved.last_mut() {
            last.certain = true;
            let last = last.clone();
            self.tell(&last)?;
        }
        Ok(())
    }

    /// An entry with this mark leaves its phone.
    pub(crate) fn sent(&mut self, mark: &str) -> Result<()> {
        let mut all = self.saved.iter_mut();
        if let Some(saved) = all.find(|saved| saved.mark == mark && !saved.sent) {
            saved.sent = true;
            let saved = saved.clone();
            self.tell(&saved)?;
        }
        Ok(())
    }

    fn tell(&self, saved: &Saved) -> Result<()> {
        if self.dictates {
            let line = serde_json::to_string(saved)? + "\n";
            let mut out = std::io::stdout().lock();
            out.write_all(line.as_bytes())?;
            out.flush()?;
        }
        Ok(())
    }

    /// A phone was put back to what it was after `finished` visits; `at_office` are on the server.
    pub(crate) fn put_back(&mut self, phone: usize, finished: usize, at_office: &BTreeSet<String>) {
        let all = self.saved.iter_mut().enumerate();
        for (n, saved) in all.filter(|(_, saved)| saved.phone == phone) {
            // What the phone has of it now never left, for all it knows.
            saved.sent = false;
            if n >= finished {
                saved.only_at_office = true;
                saved.gone |= !at_office.contains(&saved.mark);
            }
        }
    }

    /// The server was restored; `at_office` are on it.
    pub(crate) fn restored(&mut self, at_office: &BTreeSet<String>) {
        for saved in self.saved.iter_mut().filter(|saved| saved.only_at_office) {
            saved.gone |= !at_office.contains(&saved.mark);
        }
    }

    pub(crate) fn all(&self) -> &[Saved] {
        &self.saved
    }

    /// What was finished of each household on each phone, in that order.
    pub(crate) fn by_household(&self) -> BTreeMap<(usize, Uuid), Vec<&Saved>> {
        let mut groups: BTreeMap<_, Vec<&Saved>> = BTreeMap::new();
        for saved in &self.saved {
            let key = (saved.phone, saved.household);
            groups.entry(key).or_default().push(saved);
        }
        groups
    }
}
