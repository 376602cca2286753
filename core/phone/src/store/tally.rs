//! The cadre's own figures, counted from her list.

use std::collections::BTreeMap;

use jiff::Timestamp;
use ketuk_wire::{AreaCode, Outcome};
use rusqlite::{Connection, OptionalExtension as _};

use super::{HouseholdState, Result, StorageFault, Store};

/// How many families there are of each kind. `listed = met + other_outcomes + to_visit`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// To be met, as planned.
    pub target: u64,
    /// On the campaign's list.
    pub listed: u64,
    /// Listed and met.
    pub met: u64,
    /// Not on the list, found and filled.
    pub new: u64,
    /// Listed, with another outcome than met: moved, refused, …
    pub other_outcomes: u64,
    /// Listed, without an outcome.
    pub to_visit: u64,
    /// Begun, not finished.
    pub drafts: u64,
    /// Saved on this phone, not yet received.
    pub waiting: u64,
    /// Received by the server.
    pub received: u64,
    /// To be corrected.
    pub needs_correction: u64,
    /// Refused by the server.
    pub held: u64,
}

/// The same of one RT.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AreaProgress {
    /// Which.
    pub area: AreaCode,
    /// Its name, or its code while the phone has no name for it.
    pub name: String,
    /// Its figures.
    pub counts: Counts,
}

impl Counts {
    fn add(&mut self, families: u64, listed: bool, outcome: Option<Outcome>, gone: bool) {
        if gone {
            return;
        }
        if listed {
            self.listed += families;
        }
        match (outcome, listed) {
            (Some(Outcome::New), false) => self.new += families,
            (Some(Outcome::Met), true) => self.met += families,
            (Some(_), true) => self.other_outcomes += families,
            (None, true) => self.to_visit += families,
            // Found, but turned out to be no family to be filled.
            (_, false) => {}
        }
    }

    fn stands(&mut self, families: u64, state: HouseholdState) {
        *match state {
            HouseholdState::NotStarted | HouseholdState::Gone => return,
            HouseholdState::Draft => &mut self.drafts,
            HouseholdState::Waiting => &mut self.waiting,
            HouseholdState::Received => &mut self.received,
            HouseholdState::NeedsCorrection => &mut self.needs_correction,
            HouseholdState::Held => &mut self.held,
        } += families;
    }
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, part: Counts) {
        self.target += part.target;
        self.listed += part.listed;
        self.met += part.met;
        self.new += part.new;
        self.other_outcomes += part.other_outcomes;
        self.to_visit += part.to_visit;
        self.drafts += part.drafts;
        self.waiting += part.waiting;
        self.received += part.received;
        self.needs_correction += part.needs_correction;
        self.held += part.held;
    }
}

impl Store {
    /// The figures of each RT that has a target or a family, by code.
    pub(crate) fn tally(&self) -> Result<Vec<AreaProgress>> {
        self.read(tally)
    }

    /// Families whose last entry was finished from `from` until before `until`.
    pub(crate) fn finished_between(&self, from: Timestamp, until: Timestamp) -> Result<u64> {
        self.read(|connection| {
            Ok(connection
                .prepare_cached(
                    "SELECT count(DISTINCT household) FROM outbox
                     WHERE finished_at >= ?1 AND finished_at < ?2",
                )?
                .query_row([from.as_millisecond(), until.as_millisecond()], |row| {
                    row.get(0)
                })?)
        })
    }

    /// What an area is called, if the phone knows.
    pub(crate) fn area_name(&self, area: &AreaCode) -> Result<Option<String>> {
        self.read(|connection| {
            Ok(connection
                .prepare_cached("SELECT name FROM area WHERE code = ?1")?
                .query_row([area.as_str()], |row| row.get(0))
                .optional()?)
        })
    }
}

fn names(connection: &Connection) -> Result<BTreeMap<String, String>> {
    let mut statement = connection.prepare_cached("SELECT code, name FROM area")?;
    let names = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(names.collect::<rusqlite::Result<_>>()?)
}

fn tally(connection: &Connection) -> Result<Vec<AreaProgress>> {
    let mut areas: BTreeMap<String, Counts> = BTreeMap::new();
    let mut targets = connection.prepare_cached("SELECT area, families FROM target")?;
    let mut rows = targets.query([])?;
    while let Some(row) = rows.next()? {
        areas.entry(row.get(0)?).or_default().target = row.get(1)?;
    }
    let mut families = connection.prepare_cached(
        "SELECT area, listed, outcome, state, gone, families FROM tally
         WHERE state <> 6 AND families > 0",
    )?;
    let mut rows = families.query([])?;
    while let Some(row) = rows.next()? {
        let counts = areas.entry(row.get(0)?).or_default();
        let number = row.get(5)?;
        let outcome = u8::try_from(row.get::<_, i64>(2)?).ok();
        let outcome = outcome.and_then(Outcome::from_code);
        counts.add(number, row.get(1)?, outcome, row.get(4)?);
        if let Some(state) = HouseholdState::from_number(row.get(3)?) {
            counts.stands(number, state);
        }
    }
    let names = names(connection)?;
    areas
        .into_iter()
        .map(|(code, counts)| {
            Ok(AreaProgress {
                area: code.parse().map_err(|_| StorageFault::row("household"))?,
                name: names.get(&code).cloned().unwrap_or(code),
                counts,
            })
        })
        .collect()
}
