//! Writing a village's entries: one transaction, a constant number of statements and some for each
//! entry that clashes.

use jiff::Timestamp;
use ketuk_wire::{Op, Summary, TroubleCode, Verdict};

use super::check::{Entry, Judgement, judge};
use super::household::{Count, Household, Newest};
use super::note::{Note, Numbers};
use super::rows::{Decided, Places, Writing, add_to_rollup, count_in, rt_text};
use super::{Done, Fate, Phone, Standing};
use crate::Error;
use crate::db::{Row, Tx};
use crate::hub::Hub;
use crate::{moves, photos};

/// Characters kept of a name or an address beside its document.
const LONGEST: usize = 200;

/// What a village's transaction did.
#[derive(Default)]
pub(super) struct Stored<'a> {
    pub(super) done: Vec<Done<'a>>,
    /// Entries whose family or RT is in another village now; nothing of the phone was noted then.
    pub(super) elsewhere: Vec<Entry<'a>>,
    /// Whether a figure of the village may be another now.
    pub(super) changed: bool,
    /// The phone's, if they were noted.
    pub(super) numbers: Option<Numbers>,
}

/// Entries of one phone for one village, about to be written.
#[derive(Clone, Copy)]
pub(super) struct Batch<'b> {
    pub(super) hub: &'b Hub,
    pub(super) phone: &'b Phone,
    pub(super) village: &'b str,
    pub(super) now: Timestamp,
}

/// How a batch's entries are written.
#[derive(Clone, Copy)]
enum Way {
    /// With the same few statements.
    Together,
    /// Each under a savepoint of its own.
    OneByOne,
}

/// Hands out the village's change numbers. All of a batch are reserved when the village is locked;
/// a number that goes unused leaves a gap, which harms no cursor.
pub(super) struct Changes {
    pub(super) next: i64,
}

impl Batch<'_> {
    /// Writes the entries, durable once this returns. If the database refuses one of them, the
    /// others don't suffer: all is undone and done again entry by entry, and the one is quarantined.
    pub(super) fn store<'a>(
        &self,
        entries: &[Entry<'a>],
        note: Option<Note<'_>>,
    ) -> Result<Stored<'a>, Error> {
        let db = &self.hub.db;
        let together = db.write(|tx| self.write(tx, entries, note, Way::Together));
        match together {
            Err(Error::Refused(reason)) => {
                tracing::warn!(
                    village = self.village,
                    %reason,
                    "the database refused a batch; going entry by entry"
                );
                db.write(|tx| self.write(tx, entries, note, Way::OneByOne))
            }
            done => done,
        }
    }

    fn write<'a>(
        &self,
        tx: &mut Tx<'_>,
        entries: &[Entry<'a>],
        note: Option<Note<'_>>,
        way: Way,
    ) -> Result<Stored<'a>, Error> {
        if entries.is_empty()
            && let Some(note) = note
            && let Some(numbers) = note.quietly(tx, self)?
        {
            return Ok(Stored {
                numbers: Some(numbers),
                ..Stored::default()
            });
        }
        let mut changes = self.lock(tx, entries.len())?;
        // Whose an RT is, nobody changes from here on.
        let phone = &self.phone.as_allotted(tx)?;
        let batch = Batch { phone, ..*self };
        let mut stored = match way {
            Way::Together => batch.apply(tx, entries, &mut changes)?,
            Way::OneByOne => batch.apply_one_by_one(tx, entries, &mut changes)?,
        };
        stored.changed = true;
        if let Some(note) = note
            && stored.elsewhere.is_empty()
        {
            stored.numbers = Some(note.write(tx, self, &stored.done)?);
        }
        Ok(stored)
    }

    /// The first statement of every transaction: whoever holds the village's row writes, one after
    /// the other, and numbers its changes without a gap that a cursor could fall into.
    fn lock(&self, tx: &mut Tx<'_>, entries: usize) -> Result<Changes, Error> {
        let next = moves::reserve(tx, self.village, entries)?;
        let next = next.ok_or_else(|| Error::Internal("a village without its row".into()))?;
        Ok(Changes { next })
    }

    fn apply<'a>(
        &self,
        tx: &mut Tx<'_>,
        entries: &[Entry<'a>],
        changes: &mut Changes,
    ) -> Result<Stored<'a>, Error> {
        let mut places = self.places(tx, entries)?;
        let (here, elsewhere) = places.sort(self.village, entries);
        let mut known = self.known_entries(tx, &here)?;
        let mut written = Writing::default();
        let mut done = Vec::with_capacity(here.len());
        for entry in &here {
            let before = known.fate(entry);
            let fate = match before {
                Some(fate) => fate,
                None => {
                    if known.is_cleared_by(entry) {
                        written.cleared.push((entry.op.op, entry.digest));
                    }
                    // Of one judged again, the other bytes came later.
                    let decided = if known.ops.contains(&entry.id) && !entry.is_late {
                        self.other_bytes()
                    } else {
                        self.decide(tx, entry, &mut places, &mut written, changes)?
                    };
                    let fate = Fate::Here(decided.standing, self.now);
                    known.learn(entry, fate);
                    written.entries.push((entry, decided));
                    fate
                }
            };
            done.push(Done {
                op: entry.op,
                fate,
                again: before.is_some(),
            });
        }
        self.flush(tx, &places, &mut written, changes)?;
        Ok(Stored {
            done,
            elsewhere,
            ..Stored::default()
        })
    }

    /// Writes what was decided so far.
    fn flush(
        &self,
        tx: &mut Tx<'_>,
        places: &Places,
        written: &mut Writing<'_, '_>,
        changes: &mut Changes,
    ) -> Result<(), Error> {
        let written = std::mem::take(written);
        self.insert_entries(tx, places, &written.entries)?;
        self.clear_doubts(tx, &written.cleared)?;
        self.attach_photos(tx, &written.entries)?;
        self.upsert_households(tx, &places.households, &written, changes)?;
        add_to_rollup(tx, self.village, &written.rollup)
    }

    /// Writes an entry of a village that is locked already.
    pub(super) fn take_one<'a>(
        &self,
        tx: &mut Tx<'_>,
        entry: &Entry<'a>,
    ) -> Result<Stored<'a>, Error> {
        let one = std::slice::from_ref(entry);
        let mut changes = self.lock(tx, one.len())?;
        self.apply_one_by_one(tx, one, &mut changes)
    }

    fn apply_one_by_one<'a>(
        &self,
        tx: &mut Tx<'_>,
        entries: &[Entry<'a>],
        changes: &mut Changes,
    ) -> Result<Stored<'a>, Error> {
        let mut stored = Stored::default();
        for entry in entries {
            let one = std::slice::from_ref(entry);
            let applied = match tx.savepoint(|tx| self.apply(tx, one, changes)) {
                Err(Error::Refused(_)) => {
                    let aside = [Entry {
                        judgement: Judgement::Unsound(TroubleCode::InvalidDocument),
                        ..entry.clone()
                    }];
                    tx.savepoint(|tx| self.apply(tx, &aside, changes))
                }
                applied => applied,
            };
            match applied {
                Ok(applied) => {
                    stored.done.extend(applied.done);
                    stored.elsewhere.extend(applied.elsewhere);
                }
                // Not even in quarantine: the phone keeps it and shows it.
                Err(Error::Refused(_)) => stored.done.push(Done {
                    op: entry.op,
                    fate: Fate::Rejected(TroubleCode::InvalidDocument),
                    again: false,
                }),
                Err(failure) => return Err(failure),
            }
        }
        Ok(stored)
    }

    fn attach_photos(
        &self,
        tx: &mut Tx<'_>,
        entries: &[(&Entry<'_>, Decided)],
    ) -> Result<(), Error> {
        let with_photos: Vec<_> = entries
            .iter()
            .filter(|(entry, _)| !entry.op.blobs.is_empty())
            .map(|(entry, _)| (entry.id, entry.digest, entry.op.blobs.as_slice()))
            .collect();
        photos::attach(tx, self.village, self.phone.device, &with_photos)
    }

    fn other_bytes(&self) -> Decided {
        tracing::warn!(
            village = self.village,
            device = %self.phone.device,
            "an operation came again with other bytes"
        );
        Decided::aside(Verdict::Quarantined, TroubleCode::OpReused, None)
    }

    /// Whether the phone itself sent a later visit to the family meanwhile, which stands.
    fn is_outdated(&self, tx: &mut Tx<'_>, op: &Op) -> Result<bool, Error> {
        // All of the family's, which are few: asked for a later number, SQLite would read all that came of
        // the phone since.
        let last = tx.query_first(
            "SELECT max(CASE WHEN device = $3 THEN seq END) FROM entry
             WHERE village = $1 AND household = $2 AND revision IS NOT NULL",
            &[
                self.village.into(),
                (&op.household).into(),
                (&self.phone.device).into(),
            ],
        )?;
        let last = last.map(|row| row.opt(0, Row::count)).transpose()?;
        Ok(last.flatten().is_some_and(|last| last > op.seq))
    }

    /// What becomes of an entry that is new here.
    fn decide(
        &self,
        tx: &mut Tx<'_>,
        entry: &Entry<'_>,
        places: &mut Places,
        written: &mut Writing<'_, '_>,
        changes: &mut Changes,
    ) -> Result<Decided, Error> {
        let op = entry.op;
        let judgement = match &entry.judgement {
            // Its questionnaire may have come before the village's lock: whoever then judges again
            // what is in quarantine doesn't find it there.
            Judgement::Unsound(TroubleCode::UnknownForm) => &judge(self.hub, op),
            judgement => judgement,
        };
        let summary = match judgement {
            Judgement::Unsound(code) => {
                return Ok(Decided::aside(Verdict::Quarantined, *code, None));
            }
            Judgement::Sound(summary) => summary,
        };
        if entry.is_late && self.is_outdated(tx, op)? {
            let (verdict, code) = (Verdict::Conflict, TroubleCode::NewerRevision);
            return Ok(Decided::aside(verdict, code, Some(summary.outcome)));
        }
        let flag = places.flag(entry, self.phone);
        let newest = places.households.get(&op.household);
        let floors = self.hub.secrets.floors;
        let unknown = |newest: &&Household| newest.clashes(op.base, op.follows, floors);
        let clash = newest.filter(unknown);
        let mut merged = None;
        if let Some(newest) = clash.map(|household| household.revision) {
            // What was decided so far may be what it is put together with.
            self.flush(tx, places, written, changes)?;
            merged = self.put_together(tx, op, newest)?;
            if merged.is_none() {
                let (verdict, code) = (Verdict::Conflict, TroubleCode::NewerRevision);
                return Ok(Decided::aside(verdict, code, Some(summary.outcome)));
            }
        }
        let summary = merged.as_ref().map_or(summary, |merged| &merged.summary);
        if flag.is_some() {
            written.astray.insert(op.household);
        } else if entry.is_forgotten || newest.is_none() && rt_text(entry) != op.area.as_str() {
            written.news.insert(op.household);
        }
        let found = || Household::found(rt_text(entry));
        let household = places.households.entry(op.household).or_insert_with(found);
        let is_entry = merged.is_none().then_some(Newest {
            op: op.op,
            author: self.phone.device,
        });
        household.revise(op.base, is_entry, floors.now);
        if household.sent_back.is_some() && household.sent_back == op.corrects {
            household.sent_back = None;
            written.corrected.insert(op.household);
        }
        describe(household, summary);
        let count = Count::after(
            household.count,
            household.listed,
            summary.outcome,
            entry.day,
            self.phone.cadre,
        );
        if count != household.count {
            count_in(&mut written.rollup, &household.rt, household.count, -1);
            count_in(&mut written.rollup, &household.rt, count, 1);
            household.count = count;
        }
        written.changed.insert(op.household, (op.op, entry.digest));
        let (outcome, revision) = (Some(summary.outcome), household.revision);
        Ok(Decided {
            standing: match merged {
                Some(_) => Standing::Merged(revision),
                None => Standing::Revision(revision),
            },
            flag,
            outcome,
            merged: merged.map(|merged| merged.document),
        })
    }
}

/// A visit without answers (not found, refused) leaves what is known of the family.
fn describe(household: &mut Household, summary: &Summary) {
    let newer = |kept: &mut String, said: &str| {
        if !said.is_empty() {
            // PostgreSQL takes no NUL in a text, and a list no book.
            *kept = said.chars().filter(|c| *c != '\0').take(LONGEST).collect();
        }
    };
    newer(&mut household.number, &summary.number);
    newer(&mut household.head, &summary.head);
    newer(&mut household.address, &summary.address);
    household.outcome = Some(summary.outcome);
}
