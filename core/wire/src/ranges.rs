//! Numbers that are mostly one after the other, in few words.

use serde::{Deserialize, Serialize};

/// Numbers as ranges, both ends included, ascending and apart: `[[1, 12], [14, 40]]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SeqRanges(Vec<(u64, u64)>);

impl SeqRanges {
    /// The numbers in it, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u64> + '_ {
        self.0.iter().flat_map(|(first, last)| *first..=*last)
    }

    /// Whether it names none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The numbers from 1 to `high` that it doesn't name, as ranges. What a server says is not
    /// trusted to be in order.
    pub fn gaps(&self, high: u64) -> SeqRanges {
        let mut named = self.0.clone();
        named.sort_unstable();
        let mut gaps = Vec::new();
        let mut next = 1u64;
        for (first, last) in named {
            if first > high {
                break;
            }
            if first > next {
                gaps.push((next, first - 1));
            }
            next = next.max(last.saturating_add(1));
        }
        if next <= high {
            gaps.push((next, high));
        }
        SeqRanges(gaps)
    }

    /// Its ranges, both ends included.
    pub fn ranges(&self) -> &[(u64, u64)] {
        &self.0
    }

    /// Whether it names `seq`.
    pub fn contains(&self, seq: u64) -> bool {
        self.0
            .iter()
            .any(|(first, last)| (*first..=*last).contains(&seq))
    }
}

/// From ranges that are kept in order and apart.
impl From<Vec<(u64, u64)>> for SeqRanges {
    fn from(ranges: Vec<(u64, u64)>) -> SeqRanges {
        SeqRanges(ranges)
    }
}

impl FromIterator<u64> for SeqRanges {
    fn from_iter<I: IntoIterator<Item = u64>>(numbers: I) -> SeqRanges {
        let mut sorted: Vec<u64> = numbers.into_iter().collect();
        sorted.sort_unstable();
        sorted.dedup();
        let mut ranges: Vec<(u64, u64)> = Vec::new();
        for number in sorted {
            match ranges.last_mut() {
                Some((_, last)) if last.checked_add(1) == Some(number) => *last = number,
                _ => ranges.push((number, number)),
            }
        }
        SeqRanges(ranges)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn ranges_name_the_numbers_they_were_made_of(
            numbers in proptest::collection::btree_set(0u64..60, 0..40),
        ) {
            let ranges: SeqRanges = numbers.iter().copied().collect();
            prop_assert!(ranges.iter().eq(numbers.iter().copied()));
            let missing = (1..=50).filter(|seq| !numbers.contains(seq));
            prop_assert_eq!(ranges.gaps(50), missing.collect::<SeqRanges>());
            for seq in 0..60 {
                prop_assert_eq!(ranges.contains(seq), numbers.contains(&seq));
            }
        }
    }
}
