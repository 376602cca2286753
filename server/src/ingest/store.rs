//! Writing a village's entries: one transaction, a constant number of statements.

use std::collections::BTreeMap;

use jiff::Timestamp;
use ketuk_wire::{Op, Sha256, Summary, TroubleCode, Verdict};
use uuid::Uuid;

use super::check::{Entry, Judgement};
use super::household::{Count, Household, next_revision};
use super::note::{Note, Numbers};
use super::rows::Writing;
use super::{Fate, Phone, Standing};
use crate::Error;
use crate::db::Tx;
use crate::hub::Hub;
use crate::photos;

/// Characters kept of a name or an address beside its document.
const LONGEST: usize = 200;

/// What a village's transaction did.
pub(super) struct Stored<'a> {
    pub(super) fates: Vec<(&'a Op, Fate)>,
    /// Whether a figure of the village may be another now.
    pub(super) changed: bool,
    /// The phone's, if they were noted.
    pub(super) numbers: Option<Numbers>,
}

/// Writes a village's entries, durable once this returns. If the database refuses one of them, the
/// others don't suffer: all is undone and done again entry by entry, and the one is quarantined.
pub(super) fn store<'a>(
    hub: &Hub,
    phone: &Phone,
    village: &str,
    entries: &[Entry<'a>],
    note: Option<Note<'_>>,
    now: Timestamp,
) -> Result<Stored<'a>, Error> {
    let batch = Batch {
        phone,
        village,
        now,
    };
    let together = hub
        .db
        .write(|tx| batch.write(tx, entries, note, Way::Together));
    match together {
        Err(Error::Refused(reason)) => {
            tracing::warn!(village, %reason, "the database refused a batch; going entry by entry");
            hub.db
                .write(|tx| batch.write(tx, entries, note, Way::OneByOne))
        }
        done => done,
    }
}

/// Entries of one phone for one village, about to be written.
pub(super) struct Batch<'b> {
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
                fates: Vec::new(),
                changed: false,
                numbers: Some(numbers),
            });
        }
        let mut changes = self.lock(tx, entries.len())?;
        let fates = match way {
            Way::Together => self.apply(tx, entries, &mut changes)?,
            Way::OneByOne => self.apply_one_by_one(tx, entries, &mut changes)?,
        };
        let numbers = note.map(|note| note.write(tx, self, &fates)).transpose()?;
        Ok(Stored {
            fates,
            changed: true,
            numbers,
        })
    }

    /// The first statement of every transaction: whoever holds the village's row writes, one after
    /// the other, and numbers its changes without a gap that a cursor could fall into.
    fn lock(&self, tx: &mut Tx<'_>, entries: usize) -> Result<Changes, Error> {
        let row = tx.query_first(
            "UPDATE village SET change = change + $2, version = version + 1
             WHERE village = $1 RETURNING change",
            &[self.village.into(), (entries as u64).into()],
        )?;
        let row = row.ok_or_else(|| Error::Internal("a village without its row".into()))?;
        Ok(Changes {
            next: row.int(0)? - entries as i64 + 1,
        })
    }

    fn apply<'a>(
        &self,
        tx: &mut Tx<'_>,
        entries: &[Entry<'a>],
        changes: &mut Changes,
    ) -> Result<Vec<(&'a Op, Fate)>, Error> {
        let mut known = self.known_entries(tx, entries)?;
        let mut households = self.households(tx, entries)?;
        let mut written = Writing::default();
        let mut fates = Vec::with_capacity(entries.len());
        for entry in entries {
            let fate = match known.fate(entry) {
                Some(fate) => fate,
                None => {
                    let fate = if known.ops.contains(&entry.op.op) {
                        tracing::warn!(
                            village = self.village,
                            device = %self.phone.device,
                            "an operation came again with other bytes"
                        );
                        self.aside(Verdict::Quarantined, TroubleCode::OpReused)
                    } else {
                        self.decide(entry, &mut households, &mut written)
                    };
                    known.learn(entry, fate);
                    written.entries.push((entry, fate));
                    fate
                }
            };
            fates.push((entry.op, fate));
        }
        self.insert_entries(tx, &written.entries)?;
        self.attach_photos(tx, &written.entries)?;
        self.upsert_households(tx, &households, &written, changes)?;
        self.add_to_rollup(tx, &written.rollup)?;
        Ok(fates)
    }

    fn apply_one_by_one<'a>(
        &self,
        tx: &mut Tx<'_>,
        entries: &[Entry<'a>],
        changes: &mut Changes,
    ) -> Result<Vec<(&'a Op, Fate)>, Error> {
        let mut fates = Vec::with_capacity(entries.len());
        for entry in entries {
            let one = std::slice::from_ref(entry);
            let done = match tx.savepoint(|tx| self.apply(tx, one, changes)) {
                Err(Error::Refused(_)) => {
                    let aside = [Entry {
                        op: entry.op,
                        digest: entry.digest,
                        village: entry.village.clone(),
                        day: entry.day,
                        judgement: Judgement::Unsound(TroubleCode::InvalidDocument),
                    }];
                    tx.savepoint(|tx| self.apply(tx, &aside, changes))
                }
                done => done,
            };
            match done {
                Ok(done) => fates.extend(done),
                // Not even in quarantine: the phone keeps it and shows it.
                Err(Error::Refused(_)) => {
                    fates.push((entry.op, Fate::Rejected(TroubleCode::InvalidDocument)));
                }
                Err(failure) => return Err(failure),
            }
        }
        Ok(fates)
    }

    fn attach_photos(&self, tx: &mut Tx<'_>, entries: &[(&Entry<'_>, Fate)]) -> Result<(), Error> {
        let with_photos: Vec<(&Op, Sha256)> = entries
            .iter()
            .filter(|(entry, _)| !entry.op.blobs.is_empty())
            .map(|(entry, _)| (entry.op, entry.digest))
            .collect();
        photos::attach(tx, self.village, self.phone.device, &with_photos)
    }

    /// What becomes of an entry that is new here.
    fn decide(
        &self,
        entry: &Entry<'_>,
        households: &mut BTreeMap<Uuid, Household>,
        written: &mut Writing<'_, '_>,
    ) -> Fate {
        let op = entry.op;
        let summary = match &entry.judgement {
            Judgement::Unsound(code) => return self.aside(Verdict::Quarantined, *code),
            Judgement::Sound(summary, _) => summary,
        };
        let household = households
            .entry(op.household)
            .or_insert_with(|| Household::found(op.area.to_string()));
        if household.clashes(op.base, self.phone.device) {
            return self.aside(Verdict::Conflict, TroubleCode::NewerRevision);
        }
        household.revision = next_revision(household.revision, op.base);
        if household.author != Some(self.phone.device) {
            household.author = Some(self.phone.device);
            household.own_since = household.revision;
        }
        self.describe(household, summary);
        let count = Count::after(
            household.count,
            household.listed,
            summary.outcome,
            entry.day,
            self.phone.cadre,
        );
        if count != household.count {
            written.move_count(&household.rt, household.count, count);
            household.count = count;
        }
        written.changed.insert(op.household, (op.op, entry.digest));
        Fate::Here(Standing::Revision(household.revision), self.now)
    }

    fn aside(&self, verdict: Verdict, code: TroubleCode) -> Fate {
        Fate::Here(Standing::Aside(verdict, code), self.now)
    }

    /// A visit without answers (not found, refused) leaves what is known of the family.
    fn describe(&self, household: &mut Household, summary: &Summary) {
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
}
