//! The links, and what goes wrong with them and with the server.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Result;
use ketuk_tests::link::{Link, Quality};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use tokio::runtime::Runtime;

use super::Size;
use super::phones::Fleet;
use super::server::Keeper;

/// Phones under one mast.
const PHONES_A_LINK: u32 = 25;

/// Coverage, from the edge of a blank spot to that of a town.
const COVERAGE: [Quality; 4] = [
    Quality::EDGE,
    Quality {
        bytes_per_second: 25_000.0,
        round_trip: Duration::from_millis(400),
    },
    Quality {
        bytes_per_second: 100_000.0,
        round_trip: Duration::from_millis(150),
    },
    Quality::GOOD,
];

/// Times that the server is struck, evenly over the work.
const BLOWS: u64 = 20;

/// Instead of one of them it is backed up, when there is something to back up.
const BACKING_UP: u64 = BLOWS / 4;

/// The one of them at which its disk is lost, too: with what came after the backup.
const RESTORING: u64 = BLOWS / 2;

pub(super) struct Weather {
    links: Vec<Link>,
    seed: u64,
}

impl Weather {
    /// Every link there is, and good.
    pub(super) fn fair(runtime: &Runtime, server: SocketAddr, size: Size) -> Result<Weather> {
        let links = (0..size.phones.div_ceil(PHONES_A_LINK))
            .map(|_| runtime.block_on(Link::open(server, Quality::GOOD)))
            .collect::<std::io::Result<_>>()?;
        Ok(Weather {
            links,
            seed: size.seed,
        })
    }

    /// The link of a phone.
    pub(super) fn link(&self, phone: usize) -> &Link {
        &self.links[phone % self.links.len()]
    }

    /// Until the fleet has done its work: links change, vanish, come back and cut; the server is killed
    /// again and again, backed up after a quarter of the work, and restored from that after half of it.
    pub(super) fn rage(&self, keeper: &Keeper, fleet: &Fleet) -> Result<()> {
        let mut dice = StdRng::seed_from_u64(self.seed ^ 0x5707_4A11);
        let mut blows = 0;
        for (n, link) in self.links.iter().enumerate() {
            link.set_quality(COVERAGE[n % COVERAGE.len()]);
        }
        loop {
            let working = fleet.is_working();
            while blows < fleet.recorded_of(BLOWS) {
                blows += 1;
                match blows {
                    BACKING_UP => keeper.back_up()?,
                    RESTORING => keeper.restore()?,
                    _ => keeper.kill()?,
                }
            }
            if !working {
                return Ok(());
            }
            for link in &self.links {
                match dice.random_range(0..40) {
                    0 => link.set_present(false),
                    1..=3 => link.set_present(true),
                    4..=5 => link.cut_after(dice.random_range(1..40_000)),
                    6 => link.set_quality(COVERAGE[dice.random_range(0..COVERAGE.len())]),
                    _ => {}
                }
            }
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    /// Every link is there again, good and for good.
    pub(super) fn clear_up(&self) {
        for link in &self.links {
            link.heal(Quality::GOOD);
        }
    }
}
