//! A household as revisions come in. Pure, so that `verify` tells the same story again.

use ketuk_wire::Outcome;
use uuid::Uuid;

use super::Phone;
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
    /// Who wrote the newest revision.
    pub(super) author: Option<Author>,
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
            author: None,
            outcome: None,
            count: None,
            sent_back: None,
        }
    }

    /// Whether an entry that started from revision `base` would overwrite what its phone didn't know.
    /// A phone's later visit follows its earlier one, even if it was begun before the receipt came. A
    /// newer revision than this one is what followed it in an earlier incarnation, which was lost: but
    /// nothing of this incarnation, whose numbers are above `floor`, was known there.
    pub(super) fn clashes(&self, base: u64, seq: u64, phone: &Phone, floor: u64) -> bool {
        let known = base == self.revision || (base > self.revision && self.revision <= floor);
        let follows = |author: Author| author.precedes(seq, phone);
        !known && !self.author.is_some_and(follows)
    }

    /// A revision by `author`, which started from `base`. One that was put together of several
    /// phones' answers has none, and is sent to all.
    pub(super) fn revise(&mut self, base: u64, author: Option<Author>, floor: u64) {
        self.revision = next_revision(self.revision, base, floor);
        self.author = author;
    }
}

/// Who wrote a revision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Author {
    pub(super) device: Uuid,
    /// Under which of its numbers.
    pub(super) seq: u64,
}

impl Author {
    /// Whether the phone knew this revision when it gave out the number `seq`: it wrote it itself
    /// before, and was not put back to an older copy of itself since.
    fn precedes(self, seq: u64, phone: &Phone) -> bool {
        self.device == phone.device && phone.put_back < self.seq && self.seq < seq
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::Seen;

    const FLOOR: u64 = 1_790_000_000_000;

    /// A family at revision 3, which this device wrote under this number.
    fn household(device: u128, seq: u64) -> Household {
        let device = Uuid::from_u128(device);
        Household {
            revision: 3,
            author: Some(Author { device, seq }),
            ..Household::found("75.71.01.1001.001.001".into())
        }
    }

    fn phone(put_back: u64) -> Phone {
        Phone {
            village: "75.71.01.1001".into(),
            device: Uuid::from_u128(1),
            cadre: Uuid::from_u128(9),
            rts: Vec::new(),
            seen: Seen::default(),
            high_seq: 0,
            put_back,
            has_photos: false,
        }
    }

    #[test]
    fn an_entry_clashes_with_what_its_phone_did_not_know() {
        let (me, after_20) = (&phone(0), &phone(20));
        let first = Household::found(String::new());
        assert!(!first.clashes(0, 1, me, 0), "the first");
        assert!(!household(2, 7).clashes(3, 1, me, 0), "from the newest");
        assert!(household(2, 7).clashes(2, 8, me, 0), "another came between");
        assert!(!household(1, 7).clashes(0, 8, me, 0), "my own earlier one");
        assert!(household(1, 8).clashes(0, 7, me, 0), "my own later one");
        assert!(
            household(1, 7).clashes(0, 21, after_20, 0),
            "of a lost life"
        );
        assert!(
            !household(1, 21).clashes(0, 22, after_20, 0),
            "of this life"
        );
        let lost = 9;
        assert!(
            !household(2, 7).clashes(lost, 1, me, FLOOR),
            "what followed"
        );
        assert!(
            household(2, 7).clashes(lost, 1, me, 2),
            "not of what is new"
        );
        assert!(
            household(2, 7).clashes(u64::MAX, 1, me, 0),
            "nobody's number"
        );
    }

    #[test]
    fn what_was_put_together_is_nobodys() {
        let me = &phone(0);
        let mut family = household(1, 7);
        family.revise(2, None, 0);
        assert_eq!((family.revision, family.author), (4, None));
        assert!(family.clashes(2, 8, me, 0));
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
