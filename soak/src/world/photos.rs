//! Photos that cadres take.

use ketuk_phone::{Error, Visit};
use rand::{Rng as _, RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::World;

/// Bytes of the pictures that there are: so few that phones take the same ones, most of them small,
/// one larger than a part that is sent at once.
const PICTURES: [usize; 8] = [1, 60, 300, 700, 900, 1500, 3000, 40_000];

impl World {
    /// She takes some, and thinks better of one.
    pub(super) fn take_photos(&mut self, visit: &mut Visit) -> Result<(), Error> {
        if self.chance.random_ratio(1, 5) {
            for _ in 0..self.chance.random_range(1..=3) {
                let nth = self.chance.random_range(0..PICTURES.len());
                visit.attach("image/jpeg", &picture(nth))?;
            }
        }
        if self.chance.random_ratio(1, 10)
            && let Some(first) = visit.photos()?.first()
        {
            visit.detach(first.sha256)?;
        }
        Ok(())
    }
}

fn picture(nth: usize) -> Vec<u8> {
    let mut bytes = vec![0; PICTURES[nth]];
    ChaCha8Rng::seed_from_u64(nth as u64).fill_bytes(&mut bytes);
    bytes
}
