//! One time for everybody, and what each one's clock makes of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::Offset;
use ketuk_phone::{Clock, Moment};

/// WITA, where the campaign is.
const GORONTALO: i8 = 8;

/// The time as it is, in milliseconds since 1970.
#[derive(Clone)]
pub(crate) struct Time(Arc<AtomicI64>);

impl Time {
    pub(crate) fn beginning(at: Timestamp) -> Time {
        Time(Arc::new(AtomicI64::new(at.as_millisecond())))
    }

    pub(crate) fn now(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }

    /// Lets a span pass, rounded up to a millisecond.
    pub(crate) fn pass(&self, span: Duration) {
        let millis = span.as_nanos().div_ceil(1_000_000);
        let millis = i64::try_from(millis).unwrap_or(i64::MAX);
        self.0.fetch_add(millis, Ordering::Relaxed);
    }
}

/// A phone's clock: so far ahead of the time, or behind it.
pub(crate) struct PhoneClock {
    time: Time,
    began: i64,
    ahead: AtomicI64,
}

impl PhoneClock {
    pub(crate) fn right(time: &Time) -> PhoneClock {
        PhoneClock {
            time: time.clone(),
            began: time.now(),
            ahead: AtomicI64::new(0),
        }
    }

    /// Somebody sets it so many milliseconds ahead of the time.
    pub(crate) fn set(&self, ahead: i64) {
        self.ahead.store(ahead, Ordering::Relaxed);
    }
}

impl Clock for PhoneClock {
    fn now(&self) -> Moment {
        let now = self.time.now();
        let wall = now + self.ahead.load(Ordering::Relaxed);
        Moment {
            wall: Timestamp::from_millisecond(wall).unwrap_or_default(),
            steady: Duration::from_millis(u64::try_from(now - self.began).unwrap_or_default()),
        }
    }

    fn offset(&self) -> Offset {
        Offset::constant(GORONTALO)
    }
}
