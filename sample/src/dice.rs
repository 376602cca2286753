//! Chance that is the same on every machine.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A stream of draws that follows from a seed and what is drawn for, so that one more draw in one
/// place moves nothing elsewhere.
pub(crate) struct Dice(ChaCha8Rng);

/// What is drawn for.
#[derive(Clone, Copy)]
pub(crate) enum For {
    Plan,
    Cadre,
    Visits,
    Household,
    Head,
    Family,
    ThisYear,
    Answers,
}

impl Dice {
    pub(crate) fn of(seed: u64, what: For) -> Dice {
        Dice(ChaCha8Rng::seed_from_u64(mix(seed, what as u64)))
    }

    pub(crate) fn percent(&mut self, chance: u32) -> bool {
        self.0.random_range(0..100) < chance
    }

    /// Both ends included.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        self.0.random_range(low..=high.max(low))
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0.random_range(0..end.max(1))
    }

    pub(crate) fn pick<T: Copy, const N: usize>(&mut self, from: &[T; N]) -> T {
        from[self.below(N)]
    }

    /// A code of `from`, each as likely as its weight.
    pub(crate) fn weighted<T: Copy>(&mut self, from: &[(T, u32)]) -> T {
        let mut left = self
            .0
            .random_range(0..from.iter().map(|(_, weight)| weight).sum());
        let mut at = 0;
        while left >= from[at].1 {
            left -= from[at].1;
            at += 1;
        }
        from[at].0
    }

    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }

    pub(crate) fn uuid(&mut self) -> uuid::Uuid {
        uuid::Builder::from_custom_bytes(self.0.random()).into_uuid()
    }
}

/// Two numbers into one that neither shows through (the finalizer of SplitMix64).
pub(crate) fn mix(seed: u64, with: u64) -> u64 {
    let mut z = seed.wrapping_add((with.wrapping_add(1)).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
