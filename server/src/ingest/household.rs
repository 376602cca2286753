//! A household as revisions come in. Pure, so that `verify` tells the same story again.

use ketuk_wire::Outcome;
use uuid::Uuid;

use crate::Error;
use crate::db::Row;

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
    /// The revision with which a supervisor was not content, and that nobody corrected yet.
    pub(super) sent_back: Option<u64>,
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

    /// Whether an entry that started from revision `base` would overwrite what its phone didn't know.
    /// A visit opened again follows its own entry, even if it was begun before the receipt came. A
    /// newer revision than this one is what followed it in an earlier incarnation, which was lost: but
    /// nothing of this incarnation, whose numbers are above `floor`, was known there.
    pub(super) fn clashes(&self, base: u64, follows: Option<Uuid>, floor: u64) -> bool {
        let known = base == self.revision || (base > self.revision && self.revision <= floor);
        let is_own = self.newest.is_some_and(|newest| follows == Some(newest.op));
        !known && !is_own
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
        assert!(!first.clashes(0, None, 0), "the first");
        let follows = |op| Some(Uuid::from_u128(op));
        let family = household(7);
        assert!(!family.clashes(3, None, 0), "from the newest");
        assert!(family.clashes(2, None, 0), "another came between");
        assert!(!family.clashes(0, follows(7), 0), "its own visit again");
        assert!(family.clashes(0, follows(6), 0), "not the newest");
        let lost = 9;
        assert!(!family.clashes(lost, None, FLOOR), "what followed it");
        assert!(family.clashes(lost, None, 2), "nothing new was known there");
        assert!(family.clashes(u64::MAX, None, 0), "nobody's number");
    }

    #[test]
    fn what_was_put_together_is_no_entry() {
        let mut family = household(7);
        family.revise(2, None, 0);
        assert_eq!((family.revision, family.newest), (4, None));
        assert!(family.clashes(2, Some(Uuid::from_u128(7)), 0));
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
