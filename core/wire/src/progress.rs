//! Achievement against target.

use std::fmt;
use std::ops::AddAssign;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::Outcome;

/// An area's families by what came of them. Tallies of the parts of an area add up to its own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Families to be met, as planned.
    pub target: u64,
    /// Families on the list when the campaign began.
    pub listed: u64,
    /// Listed and met.
    pub met: u64,
    /// Not on the list, found and filled.
    pub new: u64,
    /// Listed, moved away.
    pub moved: u64,
    /// Listed, all members died.
    pub died: u64,
    /// Listed, joined another family or split.
    pub merged: u64,
    /// Listed, not found.
    pub not_found: u64,
    /// Listed, refused.
    pub refused: u64,
    /// On the list twice.
    pub duplicate: u64,
    /// Listed, known to nobody.
    pub unknown: u64,
    /// Recorded, but still on phones by what these last said. Not part of the sum.
    pub on_phones: u64,
}

impl Tally {
    /// Families with this outcome.
    pub fn of(&self, outcome: Outcome) -> u64 {
        match outcome {
            Outcome::Met => self.met,
            Outcome::Moved => self.moved,
            Outcome::Died => self.died,
            Outcome::Merged => self.merged,
            Outcome::NotFound => self.not_found,
            Outcome::Refused => self.refused,
            Outcome::Duplicate => self.duplicate,
            Outcome::Unknown => self.unknown,
            Outcome::New => self.new,
        }
    }

    /// Where families with this outcome are counted.
    pub fn of_mut(&mut self, outcome: Outcome) -> &mut u64 {
        match outcome {
            Outcome::Met => &mut self.met,
            Outcome::Moved => &mut self.moved,
            Outcome::Died => &mut self.died,
            Outcome::Merged => &mut self.merged,
            Outcome::NotFound => &mut self.not_found,
            Outcome::Refused => &mut self.refused,
            Outcome::Duplicate => &mut self.duplicate,
            Outcome::Unknown => &mut self.unknown,
            Outcome::New => &mut self.new,
        }
    }

    /// Met and new: what counts towards the target.
    pub fn achieved(&self) -> u64 {
        self.met + self.new
    }

    /// Listed families with any outcome.
    pub fn visited(&self) -> u64 {
        Outcome::ALL
            .into_iter()
            .filter(|o| *o != Outcome::New)
            .map(|o| self.of(o))
            .sum()
    }

    /// Listed families without one. `None` says that the figures don't add up: more outcomes than
    /// families.
    pub fn to_visit(&self) -> Option<u64> {
        self.listed.checked_sub(self.visited())
    }

    /// (met + new) / target, not capped: the formula of the campaign's published tables. `None`
    /// without a target.
    pub fn achievement(&self) -> Option<Percent> {
        Percent::of(self.achieved(), self.target)
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, part: Tally) {
        self.target += part.target;
        self.listed += part.listed;
        for outcome in Outcome::ALL {
            *self.of_mut(outcome) += part.of(outcome);
        }
        self.on_phones += part.on_phones;
    }
}

/// A percentage in hundredths, rounded half up, as the published tables have it: 9,688 is 96.88 %.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Percent {
    /// Hundredths of a percent.
    pub hundredths: u64,
}

impl Percent {
    /// `part` of `whole`; `None` of nothing.
    pub fn of(part: u64, whole: u64) -> Option<Percent> {
        let (part, whole) = (u128::from(part), u128::from(whole));
        let hundredths = (part * 20_000 + whole).checked_div(whole * 2)?;
        Some(Percent {
            hundredths: hundredths.try_into().unwrap_or(u64::MAX),
        })
    }

    /// As a fraction of a hundred: 96.88.
    pub fn value(self) -> f64 {
        self.hundredths as f64 / 100.0
    }
}

/// With a point and without the sign, `96.88`; a page or a screen puts it in its own locale.
impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.hundredths / 100, self.hundredths % 100)
    }
}

/// How fast an area goes and how fast it must.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Pace {
    /// Families a day, on average, from the first day to today.
    pub made: f64,
    /// Families a day that end at the target on the last day. `None` after it.
    pub needed: Option<f64>,
    /// Days to go, today included.
    pub days_left: u32,
    /// What an even pace would have brought by the end of today, in families.
    pub expected: u64,
}

impl Pace {
    /// The pace of an area with `achieved` of `target` at the end of `today`, in a campaign of the
    /// days from `first` to `last`, both included.
    pub fn at(achieved: u64, target: u64, first: Date, last: Date, today: Date) -> Pace {
        let days = |from: Date, to: Date| (to - from).get_days().saturating_add(1).max(0) as u32;
        let whole = days(first, last).max(1);
        let gone = if today < first {
            0
        } else {
            days(first, today.min(last))
        };
        let days_left = if today > last {
            0
        } else {
            days(today.max(first), last)
        };
        let left = target.saturating_sub(achieved) as f64;
        let expected = u128::from(target) * u128::from(gone) / u128::from(whole);
        Pace {
            made: if gone == 0 {
                0.0
            } else {
                achieved as f64 / f64::from(gone)
            },
            needed: (days_left > 0).then(|| left / f64::from(days_left)),
            days_left,
            expected: expected.try_into().unwrap_or(u64::MAX),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn tally() -> impl Strategy<Value = Tally> {
        proptest::collection::vec(0u64..1_000_000, 12).prop_map(|n| Tally {
            target: n[0],
            listed: n[1],
            met: n[2],
            new: n[3],
            moved: n[4],
            died: n[5],
            merged: n[6],
            not_found: n[7],
            refused: n[8],
            duplicate: n[9],
            unknown: n[10],
            on_phones: n[11],
        })
    }

    #[test]
    fn achievement_is_the_published_figure() {
        for (area, met, new, target, published) in [
            (
                "nation, 12 July 2023",
                5_584_128,
                384_546,
                15_703_133,
                "38.01",
            ),
            ("Gorontalo, 20 July 2023", 68_821, 3_884, 84_949, "85.59"),
            (
                "Kota Gorontalo, 20 July 2023 (met + new)",
                27_696,
                0,
                28_587,
                "96.88",
            ),
        ] {
            let tally = Tally {
                met,
                new,
                target,
                ..Tally::default()
            };
            assert_eq!(
                tally.achievement().unwrap().to_string(),
                published,
                "{area}"
            );
        }
    }

    #[test]
    fn achievement_is_not_capped_and_is_nothing_without_a_target() {
        let tally = Tally {
            met: 3,
            target: 2,
            ..Tally::default()
        };
        assert_eq!(tally.achievement().unwrap().to_string(), "150.00");
        assert_eq!(Tally::default().achievement(), None);
    }

    #[test]
    fn percent_rounds_half_up() {
        assert_eq!(Percent::of(1, 20_000).unwrap().hundredths, 1);
        assert_eq!(Percent::of(1, 20_001).unwrap().hundredths, 0);
        assert_eq!(Percent::of(u64::MAX, 1).unwrap().hundredths, u64::MAX);
    }

    #[test]
    fn new_families_and_those_on_phones_are_no_part_of_the_list() {
        let tally = Tally {
            listed: 10,
            met: 6,
            moved: 1,
            new: 4,
            on_phones: 3,
            ..Tally::default()
        };
        assert_eq!(tally.to_visit(), Some(3));
    }

    #[test]
    fn more_outcomes_than_families_is_seen() {
        assert_eq!(
            Tally {
                listed: 1,
                met: 2,
                ..Tally::default()
            }
            .to_visit(),
            None
        );
    }

    #[test]
    fn the_pace_needed_spreads_what_is_missing_over_the_days_left() {
        let (first, last) = (date(2023, 7, 1), date(2023, 7, 31));
        let pace = Pace::at(155, 310, first, last, date(2023, 7, 20));
        assert_eq!(pace.days_left, 12);
        assert_eq!(pace.expected, 200);
        assert!((pace.made - 7.75).abs() < 1e-9);
        assert!((pace.needed.unwrap() - 155.0 / 12.0).abs() < 1e-9);
    }

    #[test]
    fn before_the_first_day_and_after_the_last_there_is_a_sensible_pace() {
        let (first, last) = (date(2023, 7, 1), date(2023, 7, 31));
        let before = Pace::at(0, 310, first, last, date(2023, 6, 1));
        assert_eq!(
            (before.made, before.needed, before.expected),
            (0.0, Some(10.0), 0)
        );
        let after = Pace::at(300, 310, first, last, date(2023, 8, 9));
        assert_eq!(
            (after.needed, after.days_left, after.expected),
            (None, 0, 310)
        );
    }

    #[test]
    fn no_days_and_no_target_of_a_campaign_make_the_pace_fail() {
        let (first, last) = (date(2023, 7, 31), date(2023, 7, 1));
        for today in [date(2023, 6, 1), date(2023, 7, 1), date(2023, 8, 9)] {
            let pace = Pace::at(0, u64::MAX, first, last, today);
            assert!([0, u64::MAX].contains(&pace.expected), "{pace:?}");
        }
        let long = Pace::at(0, u64::MAX, last, first, date(2023, 7, 16));
        assert_eq!(long.expected, (u128::from(u64::MAX) * 16 / 31) as u64);
    }

    proptest! {
        #[test]
        fn the_parts_of_an_area_add_up_to_its_own(parts in proptest::collection::vec(tally(), 0..8)) {
            let mut whole = Tally::default();
            parts.iter().for_each(|part| whole += *part);
            prop_assert_eq!(whole.achieved(), parts.iter().map(Tally::achieved).sum::<u64>());
            prop_assert_eq!(whole.visited(), parts.iter().map(Tally::visited).sum::<u64>());
            prop_assert_eq!(whole.target, parts.iter().map(|p| p.target).sum::<u64>());
        }
    }
}
