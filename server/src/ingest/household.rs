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
const MOST_REVISIONS: u64 = 1 << 32;

/// The revision that an entry becomes. A phone may know a newer one than a server that was restored
/// from a backup: then it is counted on from the phone's, so that no number stands for two documents.
pub(crate) fn next_revision(newest: u64, base: u64) -> u64 {
    let known = if base < MOST_REVISIONS { base } else { 0 };
    newest.max(known) + 1
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
    /// The device that wrote the newest revision.
    pub(super) author: Option<Uuid>,
    /// The first revision of that device's unbroken run.
    pub(super) own_since: u64,
    pub(super) outcome: Option<Outcome>,
    pub(super) count: Option<Count>,
    /// The revision that a supervisor asked to be looked at again.
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
            own_since: 0,
            outcome: None,
            count: None,
            sent_back: None,
        }
    }

    /// Whether an entry that started from revision `base` on `device` would overwrite what another
    /// device wrote meanwhile. A device's own later visit follows its earlier one, even if it was
    /// begun before the receipt came.
    pub(super) fn clashes(&self, base: u64, device: Uuid) -> bool {
        let own = self.author == Some(device) && self.own_since <= base.saturating_add(1);
        base < self.revision && !own
    }

    /// A revision by `device`, which started from `base`. What was `merged` is nobody's document: no
    /// device's run goes on over it, and it is sent to all.
    pub(super) fn revise(&mut self, base: u64, device: Uuid, merged: bool) {
        self.revision = next_revision(self.revision, base);
        let author = (!merged).then_some(device);
        if merged || self.author != author {
            self.author = author;
            self.own_since = self.revision;
        }
        // Who started from before the request has not seen it: it goes on to be asked, of what the
        // family has become, which is what her phone goes by.
        let seen = |asked: &u64| *asked <= base;
        self.sent_back = (self.sent_back.filter(|asked| !seen(asked))).map(|_| self.revision);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn household(revision: u64, author: u128, own_since: u64) -> Household {
        Household {
            revision,
            author: Some(Uuid::from_u128(author)),
            own_since,
            ..Household::found("75.71.01.1001.001.001".into())
        }
    }

    #[test]
    fn an_entry_clashes_only_with_what_another_device_wrote_meanwhile() {
        let (me, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        assert!(!Household::found(String::new()).clashes(0, me), "the first");
        assert!(!household(3, 2, 3).clashes(3, me), "from the newest");
        assert!(household(3, 2, 3).clashes(2, me), "another came between");
        assert!(!household(3, 1, 1).clashes(0, me), "my own run since then");
        assert!(household(3, 1, 3).clashes(1, me), "2 was another's");
        assert!(household(1, 1, 1).clashes(0, other));
        assert!(!household(1, 2, 1).clashes(9, me), "after a restore");
        assert!(!household(1, 2, 1).clashes(u64::MAX, me), "no overflow");
    }

    #[test]
    fn a_request_is_answered_by_who_started_from_what_was_sent_back_or_later() {
        let me = Uuid::from_u128(1);
        let after = |base: u64, merged: bool| {
            let mut family = household(3, 1, 1);
            family.sent_back = Some(3);
            family.revise(base, me, merged);
            family.sent_back
        };
        assert_eq!(after(3, false), None);
        assert_eq!(after(4, false), None, "after a restore");
        assert_eq!(after(2, false), Some(4), "goes on, of the newest");
        assert_eq!(after(2, true), Some(4));
        assert_eq!(after(3, true), None);
        let mut family = household(3, 1, 1);
        family.revise(2, me, false);
        assert_eq!(family.sent_back, None, "none is made up");
    }

    #[test]
    fn a_restored_server_counts_on_from_what_the_phone_knows() {
        assert_eq!(next_revision(0, 0), 1);
        assert_eq!(next_revision(7, 3), 8);
        assert_eq!(next_revision(3, 7), 8);
        assert_eq!(next_revision(3, u64::MAX), 4, "no server gave that out");
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
