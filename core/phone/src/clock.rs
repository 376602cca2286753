//! Time, given from outside so that no test sleeps.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use jiff::tz::Offset;

/// Two readings of the same moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// What the phone believes the time to be. Somebody may have set it years off, and it jumps.
    pub wall: Timestamp,
    /// Since some moment; only ever goes forward. Waits are measured on it.
    pub steady: Duration,
}

/// Where a phone gets the time.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Moment;

    /// How far the phone's time of day is from UTC: what decides when a day begins.
    fn offset(&self) -> Offset;
}

/// The clock of the machine, at a fixed offset: Indonesia has no summer time.
#[derive(Debug, Clone)]
pub struct SystemClock {
    started: Instant,
    offset: Offset,
}

impl SystemClock {
    /// `utc_offset_minutes` is the phone's, as the shell knows it: 420 in Jakarta, 480 in Gorontalo.
    pub fn at_offset(utc_offset_minutes: i32) -> SystemClock {
        let offset = Offset::from_seconds(utc_offset_minutes.saturating_mul(60));
        SystemClock {
            started: Instant::now(),
            offset: offset.unwrap_or(Offset::UTC),
        }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Moment {
        Moment {
            wall: Timestamp::now(),
            steady: self.started.elapsed(),
        }
    }

    fn offset(&self) -> Offset {
        self.offset
    }
}
