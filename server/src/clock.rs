//! What time it is, and what day where a village lies.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::civil::{Date, date};
use jiff::tz::{self, TimeZone};
use jiff::{SignedDuration, Span, Timestamp};
use ketuk_wire::{AreaCode, Level};

/// The server's clock: the machine's, one that a sample campaign of a past month sets back, or one
/// that somebody else moves.
#[derive(Debug, Clone)]
pub struct Clock(Kind);

#[derive(Debug, Clone)]
enum Kind {
    /// So far ahead of the machine's.
    Ahead(SignedDuration),
    /// Shows these milliseconds since 1970.
    Moved(Arc<AtomicI64>),
}

impl Clock {
    /// The machine's.
    pub fn system() -> Clock {
        Clock(Kind::Ahead(SignedDuration::ZERO))
    }

    /// A clock that shows this time now, and goes on from there.
    pub fn starting_at(time: Timestamp) -> Clock {
        Clock(Kind::Ahead(time.duration_since(Timestamp::now())))
    }

    /// A clock that stands until its holder moves `hand`, in milliseconds since 1970: years pass in
    /// no time.
    pub fn moved_by(hand: Arc<AtomicI64>) -> Clock {
        Clock(Kind::Moved(hand))
    }

    /// The time by it, to the millisecond, which is what a database and a receipt keep.
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Kind::Ahead(ahead) => {
                let now = Timestamp::now();
                let now = now.checked_add(*ahead).unwrap_or(now);
                Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
            }
            Kind::Moved(hand) => {
                Timestamp::from_millisecond(hand.load(Ordering::Relaxed)).unwrap_or_default()
            }
        }
    }
}

/// The time zone of an area: WIB, WITA or WIT by its province (Keppres 41/1987). None of them has
/// summer time.
pub(crate) fn zone(area: &AreaCode) -> TimeZone {
    let province = area.at(Level::Province).map_or(0, |p| p.ordinal());
    let hours = match province {
        51..=53 | 63..=65 | 71..=76 => 8,
        81..=97 => 9,
        _ => 7,
    };
    TimeZone::fixed(tz::offset(hours))
}

/// The date at `time` where `area` lies.
pub(crate) fn date_in(area: &AreaCode, time: Timestamp) -> Date {
    zone(area).to_datetime(time).date()
}

const EPOCH: Date = date(1970, 1, 1);

/// Days since 1970-01-01, as kept in the database.
pub(crate) fn day_number(day: Date) -> i64 {
    i64::from((day - EPOCH).get_days())
}

/// The date of a day number; the nearest that there is of one that is out of range.
pub(crate) fn day(number: i64) -> Date {
    Span::new()
        .try_days(number)
        .and_then(|span| EPOCH.checked_add(span))
        .unwrap_or(if number < 0 { Date::MIN } else { Date::MAX })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_evening_in_gorontalo_is_still_that_day_and_not_the_one_of_greenwich() {
        let time: Timestamp = "2023-07-19T23:30:00Z".parse().unwrap();
        let local = |code: &str| date_in(&code.parse().unwrap(), time);
        assert_eq!(local("75.71.01.1001"), date(2023, 7, 20));
        let time: Timestamp = "2023-07-19T16:30:00Z".parse().unwrap();
        let local = |code: &str| date_in(&code.parse().unwrap(), time);
        assert_eq!(local("36.04"), date(2023, 7, 19), "Banten");
        assert_eq!(local("75.71"), date(2023, 7, 20), "Gorontalo");
        assert_eq!(local("94.01"), date(2023, 7, 20), "Papua");
    }

    #[test]
    fn a_day_reads_back_from_its_number() {
        for day_ in [date(1970, 1, 1), date(2023, 7, 20), date(1969, 12, 31)] {
            assert_eq!(day(day_number(day_)), day_);
        }
        assert_eq!(day(i64::MAX), Date::MAX);
    }

    #[test]
    fn a_clock_that_was_set_goes_on() {
        let time: Timestamp = "2023-07-20T01:00:00Z".parse().unwrap();
        let clock = Clock::starting_at(time);
        let (first, second) = (clock.now(), clock.now());
        assert!(first <= second);
        assert!(first.duration_since(time) < SignedDuration::from_secs(60));
    }

    #[test]
    fn a_clock_in_somebodys_hand_stands_until_it_is_moved() {
        let hand = Arc::new(AtomicI64::new(0));
        let clock = Clock::moved_by(hand.clone());
        assert_eq!(clock.now(), Timestamp::UNIX_EPOCH);
        hand.store(86_400_000, Ordering::Relaxed);
        assert_eq!(clock.clone().now().to_string(), "1970-01-02T00:00:00Z");
    }
}
