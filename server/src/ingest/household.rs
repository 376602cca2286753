//! A household as revisions come in. Pure, so that `verify` tells the same story again.

use ketuk_wire::Outcome;
use uuid::Uuid;

use crate::Error;
use crate::db::Row;
use crate::epoch::Floors;

/// Where the roll-up counts a family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) outcome: Outcome,
    /// The day on which it first had this outcome, days since 1970.
    pub(crate) day: i64,
    /// Who brought it.
    pub(crate) cadre: Uuid,
}

impl Count {
    /// From three columns from `first` on; `None` if the family counts nowhere.
    pub(crate) fn read(row: &Row, first: usize) -> Result<Option<Count>, Error> {
        let Some(outcome) = row.opt(first, Row::int)? else {
            return Ok(None);
        };
        let outcome = u8::try_from(outcome).ok().and_then(Outcome::from_code);
        Ok(Some(Count {
            outcome: outcome.ok_or_else(|| Error::Internal("an outcome that is none".into()))?,
            day: row.int(first + 1)?,
            cadre: row.uuid(first + 2)?,
        }))
    }

    /// Where a family is counted after a revision: where it was, if the outcome is the same (a later
    /// correction moves neither the curve of past days nor a cadre's own figure).
    pub(crate) fn after(
        before: Option<Count>,
        listed: bool,
        outcome: Outcome,
        day: i64,
        cadre: Uuid,
    ) -> Option<Count> {
        let outcome = counted_as(listed, outcome)?;
        match before {
            Some(count) if count.outcome == outcome => Some(count),
            _ => Some(Count {
                outcome,
                day,
                cadre,
            }),
        }
    }
}

/// The most revisions that a family is believed to have: what a phone says beyond them is no number
/// that a server gave out.
const MOST_REVISIONS: u64 = 1 << 52;

/// The revision that an entry becomes, in an incarnation of the server in which nothing is numbered up
/// to `floor`. A phone may know a newer one than a server that was restored from a backup, and so may
/// others: no number stands for two documents, and what an earlier incarnation numbered is older than
/// all that this one does.
pub(crate) fn next_revision(newest: u64, base: u64, floor: u64) -> u64 {
    let known = if base < MOST_REVISIONS { base } else { 0 };
    newest.max(known).max(floor) + 1
}

/// What a family counts as, so that figures add up whatever was marked: listed families are never
/// new, and one that is not on the list is either new or, when it turns out to have moved or to be
/// there twice, none of the campaign's.
pub(crate) fn counted_as(listed: bool, outcome: Outcome) -> Option<Outcome> {
    match (listed, outcome) {
        (true, Outcome::New) => Some(Outcome::Met),
        (true, outcome) => Some(outcome),
        (false, Outcome::New | Outcome::Met) => Some(Outcome::New),
        (false, _) => None,
    }
}

/// More revisions of a family than a server loses with its disk; fewer than the milliseconds between two
/// incarnations.
const MOST_LOST: u64 = 1000;

/// What the database knows of a household before an entry comes.
#[derive(Debug, Clone)]
pub(super) struct Household {
    pub(super) rt: String,
    pub(super) listed: bool,
    pub(super) number: String,
    pub(super) head: String,
    pub(super) address: String,
    pub(super) revision: u64,
    /// The entry that is the newest revision; `None` where that was put together of several.
    pub(super) newest: Option<Newest>,
    pub(super) outcome: Option<Outcome>,
    pub(super) count: Option<Count>,
    /// The supervisor's request that nobody has answered yet.
    pub(super) sent_back: Option<Uuid>,
}

impl Household {
    /// One that nobody knew until now.
    pub(super) fn found(rt: String) -> Household {
        Household {
            rt,
            listed: false,
            number: String::new(),
            head: String::new(),
            address: String::new(),
            revision: 0,
            newest: None,
            outcome: None,
            count: None,
            sent_back: None,
        }
    }

    /// Whether an entry that started from revision `base` would overwrite what its phone didn't know. A
    /// visit opened again follows its own entry, even if it was begun before the receipt came.
    pub(super) fn clashes(&self, base: u64, follows: Option<Uuid>, floors: Floors) -> bool {
        let is_own = self.newest.is_some_and(|newest| follows == Some(newest.op));
        base != self.revision && !is_own && !self.was_followed_by(base, floors)
    }

    /// Whether this revision is of the copy from which the server was restored, and `base` one that
    /// followed it in the life that was lost. Any other newer number is of a life that forked off
    /// earlier, or nobody's.
    fn was_followed_by(&self, base: u64, floors: Floors) -> bool {
        let lost = self.revision.max(floors.before)..=self.revision.max(floors.before) + MOST_LOST;
        self.revision <= floors.now && base > self.revision && lost.contains(&base)
    }

    /// A revision that started from `base`. One that was put together of several entries is none of
    /// them, and is sent to all.
    pub(super) fn revise(&mut self, base: u64, newest: Option<Newest>, floor: u64) {
        self.revision = next_revision(self.revision, base, floor);
        self.newest = newest;
    }
}

/// An entry that is a revision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Newest {
    pub(super) op: Uuid,
    /// Who sent it.
    pub(super) author: Uuid,
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLOOR: u64 = 1_790_000_000_000;

    /// A family at revision 3, which is this entry.
    fn household(op: u128) -> Household {
        Household {
            revision: 3,
            newest: Some(Newest {
                op: Uuid::from_u128(op),
                author: Uuid::from_u128(1),
            }),
            ..Household::found("75.71.01.1001.001.001".into())
        }
    }

    #[test]
    fn an_entry_clashes_with_what_its_phone_did_not_know() {
        let first = Household::found(String::new());
        let here = Floors::default();
        assert!(!first.clashes(0, None, here), "the first");
        let follows = |op| Some(Uuid::from_u128(op));
        let family = household(7);
        assert!(!family.clashes(3, None, here), "from the newest");
        assert!(family.clashes(2, None, here), "another came between");
        assert!(!family.clashes(0, follows(7), here), "its own visit again");
        assert!(family.clashes(0, follows(6), here), "not the newest");
        assert!(family.clashes(9, None, here), "nobody's number");
        let restored = Floors {
            now: FLOOR,
            before: 0,
        };
        assert!(
            !family.clashes(9, None, restored),
            "followed it, and is lost"
        );
        assert!(family.clashes(2, None, restored), "came before it");
        let of_a_fork = FLOOR - 50_000;
        assert!(family.clashes(of_a_fork, None, restored));
        let restored_again = Floors {
            now: FLOOR,
            before: of_a_fork - 1,
        };
        assert!(!family.clashes(of_a_fork, None, restored_again));
        let new = Household {
            revision: FLOOR + 1,
            ..family
        };
        assert!(
            new.clashes(FLOOR + 9, None, restored),
            "nobody knew it then"
        );
        assert!(new.clashes(u64::MAX, None, restored), "nobody's number");
    }

    #[test]
    fn what_was_put_together_is_no_entry() {
        let mut family = household(7);
        family.revise(2, None, 0);
        assert_eq!((family.revision, family.newest), (4, None));
        assert!(family.clashes(2, Some(Uuid::from_u128(7)), Floors::default()));
    }

    #[test]
    fn no_number_stands_for_two_documents_after_a_restore() {
        assert_eq!(next_revision(0, 0, 0), 1);
        assert_eq!(next_revision(7, 3, 0), 8);
        assert_eq!(next_revision(3, 7, 0), 8);
        assert_eq!(next_revision(3, u64::MAX, 0), 4, "no server gave that out");
        assert_eq!(next_revision(3, 7, FLOOR), FLOOR + 1);
        assert_eq!(next_revision(FLOOR + 1, 7, FLOOR), FLOOR + 2);
    }

    #[test]
    fn whatever_was_marked_the_figures_add_up() {
        for outcome in Outcome::ALL {
            let listed = counted_as(true, outcome);
            assert!(listed.is_some_and(|o| o != Outcome::New), "{outcome:?}");
            let found = counted_as(false, outcome);
            assert!(found.is_none_or(|o| o == Outcome::New), "{outcome:?}");
        }
    }

    #[test]
    fn a_correction_does_not_move_a_family_to_another_day() {
        let (ana, budi) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let first = Count::after(None, true, Outcome::Met, 10, ana);
        let corrected = Count::after(first, true, Outcome::Met, 14, budi);
        assert_eq!(corrected, first);
        let refused = Count::after(corrected, true, Outcome::Refused, 15, budi).unwrap();
        assert_eq!((refused.day, refused.cadre), (15, budi));
        assert_eq!(
            Count::after(Some(refused), false, Outcome::Moved, 16, ana),
            None
        );
    }
}
