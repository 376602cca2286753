//! Which of a phone's numbers are here, as its row in the database keeps them.

use ketuk_wire::SeqRanges;

use crate::Error;

/// Ranges kept of one phone. A sound phone has one or two; of a broken one that has more, the lowest
/// gaps are taken for filled. So what is here is never said to be missing, which would make the phone
/// send it for ever; its report says too little.
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
        if self.contains(seq) {
            return;
        }
        let after = self.0.partition_point(|(_, last)| *last < seq);
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
        while self.0.len() > MOST {
            let (lowest, _) = self.0.remove(0);
            self.0[0].0 = lowest;
        }
    }

    /// Those that are not among the others.
    pub(crate) fn without(&self, others: &Seen) -> Seen {
        let mut left = Vec::new();
        for (first, last) in &self.0 {
            let mut from = Some(*first);
            let within = |(a, b): &&(u64, u64)| b >= first && a <= last;
            for (a, b) in others.0.iter().filter(within) {
                if let Some(from) = from.filter(|from| from < a) {
                    left.push((from, a - 1));
                }
                from = b.checked_add(1).filter(|next| next <= last);
            }
            left.extend(from.map(|from| (from, *last)));
        }
        Seen(left)
    }

    pub(crate) fn contains(&self, seq: u64) -> bool {
        let after = self.0.partition_point(|(_, last)| *last < seq);
        self.0.get(after).is_some_and(|(first, _)| *first <= seq)
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

impl From<Seen> for SeqRanges {
    fn from(seen: Seen) -> SeqRanges {
        SeqRanges::from(seen.0)
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
            let missing = (1..=high).filter(|n| !set.contains(n)).count() as u64;
            prop_assert_eq!(seen.missing_to(high), missing);
            prop_assert_eq!(seen.contains(high), set.contains(&high));
            prop_assert_eq!(Seen::parse(&seen.text()).unwrap(), seen.clone());
            prop_assert_eq!(SeqRanges::from(seen), set.into_iter().collect());
        }
    }

    proptest! {
        #[test]
        fn without_others_it_has_the_rest(ours in proptest::collection::vec(1u64..40, 0..60), others in proptest::collection::vec(1u64..40, 0..40)) {
            let of = |numbers: &[u64]| {
                let mut seen = Seen::default();
                numbers.iter().for_each(|n| seen.insert(*n));
                seen
            };
            let rest: Vec<u64> = ours.iter().copied().filter(|n| !others.contains(n)).collect();
            prop_assert_eq!(of(&ours).without(&of(&others)), of(&rest));
        }
    }

    #[test]
    fn the_largest_numbers_do_no_harm() {
        let mut seen = Seen::default();
        for n in [u64::MAX, 0, u64::MAX - 1, 1, u64::MAX] {
            seen.insert(n);
        }
        assert_eq!(seen.missing_to(u64::MAX), u64::MAX - 3);
    }

    #[test]
    fn a_phone_that_numbers_wildly_does_not_fill_the_database() {
        let mut seen = Seen::default();
        for n in 0..3000u64 {
            seen.insert(n * 2);
        }
        assert!(seen.0.len() <= MOST);
        let said = SeqRanges::from(seen);
        assert!(
            (0..3000).all(|n| said.contains(n * 2)),
            "and is told of all"
        );
    }
}
