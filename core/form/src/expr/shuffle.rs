//! An order by chance that is the same wherever a form is filled, if it names the seed.

use sha2::{Digest as _, Sha256};

/// From what an order is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seed(i64);

impl Seed {
    /// Of a number its whole part, of no number 0; of any other text what its digest begins with.
    pub(crate) fn of(number: f64, text: &str) -> Seed {
        if number.is_nan() && !text.is_empty() {
            let digest = Sha256::digest(text);
            return Seed(
                digest
                    .iter()
                    .take(8)
                    .fold(0, |sum, byte| sum << 8 | i64::from(*byte)),
            );
        }
        // What is too large or no number at all becomes what it is in Java.
        Seed(number as i64)
    }

    /// Of one's own choice.
    pub(crate) fn any(number: u64) -> Seed {
        Seed((number >> 1) as i64)
    }

    /// Inside-out Fisher and Yates over the numbers of Park and Miller's generator, as JavaRosa and ODK Web
    /// Forms draw them: `randomize()` of the ODK XForms specification.
    pub(crate) fn shuffle<T: Clone>(self, items: &[T]) -> Vec<T> {
        const MODULUS: i64 = 2_147_483_647;
        let mut state = self.0 % MODULUS;
        if state <= 0 {
            state += MODULUS - 1;
        }
        let mut shuffled = Vec::with_capacity(items.len());
        for (at, item) in items.iter().enumerate() {
            state = state * 16_807 % MODULUS;
            let chance = (state - 1) as f64 / (MODULUS - 1) as f64;
            let place = (chance * (at + 1) as f64) as usize;
            shuffled.push(item.clone());
            shuffled.swap(place.min(at), at);
        }
        shuffled
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_order_and_loses_nothing() {
        let items: Vec<u32> = (0..100).collect();
        for seed in [f64::NAN, 0.0, 1.0, -3.7, 1e300] {
            let drawn = Seed::of(seed, "").shuffle(&items);
            assert_eq!(drawn, Seed::of(seed, "").shuffle(&items));
            let mut sorted = drawn.clone();
            sorted.sort_unstable();
            assert_eq!(sorted, items);
            assert_ne!(drawn, items);
        }
    }

    #[test]
    fn texts_are_seeds_too() {
        let items = ["a", "b", "c", "d", "e"];
        let of = |text: &str| Seed::of(f64::NAN, text);
        assert_ne!(of("Sukamaju"), of("Sidomulyo"));
        assert_eq!(of("").shuffle(&items), Seed::of(0.0, "0").shuffle(&items));
    }
}
