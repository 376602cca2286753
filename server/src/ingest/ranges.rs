//! Which of a phone's numbers are here, as its row in the database keeps them.

use crate::Error;

/// Ranges kept of one phone. A sound phone has one or two; what a broken one has beyond these is
/// forgotten from the top, and only makes its report say too little.
const MOST: usize = 1000;

/// Numbers as ranges, both ends included, ascending and apart. Unlike the wire's, one that grows
/// by numbers, whatever their size, in the time of its ranges.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Seen(Vec<(u64, u64)>);

impl Seen {
    pub(crate) fn parse(text: &str) -> Result<Seen, Error> {
        serde_json::from_str(text)
            .map(Seen)
            .map_err(Error::internal)
    }

    pub(crate) fn text(&self) -> String {
        let ranges: Vec<String> = self.0.iter().map(|(a, b)| format!("[{a},{b}]")).collect();
        format!("[{}]", ranges.join(","))
    }

    pub(crate) fn insert(&mut self, seq: u64) {
        let after = self.0.partition_point(|(_, last)| *last < seq);
        if self.0.get(after).is_some_and(|(first, _)| *first <= seq) {
            return;
        }
        let joins_left = after > 0 && self.0[after - 1].1 + 1 == seq;
        let joins_right = self
            .0
            .get(after)
            .is_some_and(|r| seq.checked_add(1) == Some(r.0));
        match (joins_left, joins_right) {
            (true, true) => {
                let (_, last) = self.0.remove(after);
                self.0[after - 1].1 = last;
            }
            (true, false) => self.0[after - 1].1 = seq,
            (false, true) => self.0[after].0 = seq,
            (false, false) => self.0.insert(after, (seq, seq)),
        }
        self.0.truncate(MOST);
    }

    /// All numbers from 1 to this one are here.
    pub(crate) fn whole_to(&self) -> u64 {
        match self.0.first() {
            Some((0 | 1, last)) => *last,
            _ => 0,
        }
    }

    /// How many of the numbers 1 to `high` are not here.
    pub(crate) fn missing_to(&self, high: u64) -> u64 {
        let here: u64 = self
            .0
            .iter()
            .filter_map(|(first, last)| (*last).min(high).checked_sub((*first).max(1)))
            .fold(0, |sum: u64, more| {
                sum.saturating_add(more).saturating_add(1)
            });
        high.saturating_sub(here)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_knows_what_was_put_in_whatever_the_order(numbers in proptest::collection::vec(1u64..60, 0..80), high in 0u64..70) {
            let mut seen = Seen::default();
            for n in &numbers {
                seen.insert(*n);
            }
            let set: BTreeSet<u64> = numbers.into_iter().collect();
            let whole = (1..).take_while(|n| set.contains(n)).last().unwrap_or(0);
            prop_assert_eq!(seen.whole_to(), whole);
            let missing = (1..=high).filter(|n| !set.contains(n)).count() as u64;
            prop_assert_eq!(seen.missing_to(high), missing);
            prop_assert_eq!(Seen::parse(&seen.text()).unwrap(), seen);
        }
    }

    #[test]
    fn the_largest_numbers_do_no_harm() {
        let mut seen = Seen::default();
        for n in [u64::MAX, 0, u64::MAX - 1, 1, u64::MAX] {
            seen.insert(n);
        }
        assert_eq!(seen.whole_to(), 1);
        assert_eq!(seen.missing_to(u64::MAX), u64::MAX - 3);
    }

    #[test]
    fn a_phone_that_numbers_wildly_does_not_fill_the_database() {
        let mut seen = Seen::default();
        for n in 0..3000u64 {
            seen.insert(n * 2);
        }
        assert!(seen.0.len() <= MOST);
    }
}
