//! Dates and times as the texts that answers hold, and as ODK's numbers of days since 1970.

use std::fmt::Write;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;

use crate::messages::Tongue;

const SECONDS_A_DAY: f64 = 86_400.0;

/// `YYYY-MM-DD`.
pub(crate) fn parse_date(text: &str) -> Option<Date> {
    let bytes = text.as_bytes();
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let year = digits(&bytes[0..4])?;
    let (month, day) = (digits(&bytes[5..7])?, digits(&bytes[8..10])?);
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// `hh:mm`, `hh:mm:ss` or `hh:mm:ss.fff`, perhaps with an offset, which is passed over.
pub(crate) fn parse_time(text: &str) -> Option<Time> {
    let clock = text.split(['Z', '+', '-']).next()?;
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let mut parts = clock.split(':').map(|part| match part.len() {
        2 => digits(part.as_bytes()).and_then(|number| i8::try_from(number).ok()),
        _ => None,
    });
    let (hour, minute) = (parts.next()??, parts.next()??);
    let second = match parts.next() {
        Some(second) => second?,
        None => 0,
    };
    if parts.next().is_some() || fraction.is_empty() || !fraction.is_ascii() {
        return None;
    }
    let nanoseconds = format!("{fraction:0<9}").get(..9)?.parse().ok()?;
    Time::new(hour, minute, second, nanoseconds).ok()
}

/// A date and time with `T` between them, and its offset if it tells one.
pub(crate) fn parse_date_time(text: &str) -> Option<(DateTime, Option<Offset>)> {
    let (date, clock) = text.split_once('T')?;
    let time = parse_time(clock)?;
    Some((parse_date(date)?.to_datetime(time), parse_offset(clock)?))
}

fn parse_offset(clock: &str) -> Option<Option<Offset>> {
    let Some(at) = clock.find(['Z', '+', '-']) else {
        return Some(None);
    };
    let text = clock.get(at..)?;
    if text == "Z" {
        return Some(Some(Offset::UTC));
    }
    let (sign, rest) = text.split_at_checked(1)?;
    let plain = rest.replace(':', "");
    let (hours, minutes) = match plain.len() {
        2 => (digits(plain.as_bytes())?, 0),
        4 => (
            digits(&plain.as_bytes()[..2])?,
            digits(&plain.as_bytes()[2..])?,
        ),
        _ => return None,
    };
    let seconds = (i32::from(hours) * 60 + i32::from(minutes)) * 60;
    Offset::from_seconds(if sign == "-" { -seconds } else { seconds })
        .ok()
        .map(Some)
}

fn digits(bytes: &[u8]) -> Option<i16> {
    bytes.iter().try_fold(0i16, |sum, byte| {
        byte.is_ascii_digit()
            .then(|| sum.checked_mul(10)?.checked_add(i16::from(byte - b'0')))?
    })
}

/// Days between 1970-01-01 and a date.
pub(crate) fn days_of_date(date: Date) -> f64 {
    // Howard Hinnant, "chrono-compatible low-level date algorithms": days_from_civil.
    let (year, month, day) = (
        i64::from(date.year()),
        i64::from(date.month()),
        i64::from(date.day()),
    );
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    (era * 146_097 + day_of_era - 719_468) as f64
}

/// The date so many days after 1970-01-01; none outside the years −9999 to 9999.
pub(crate) fn date_of_days(days: f64) -> Option<Date> {
    if !days.is_finite() || days.abs() > 4_000_000.0 {
        return None;
    }
    // The same source: civil_from_days.
    let shifted = days.floor() as i64 + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    Date::new(
        i16::try_from(year).ok()?,
        i8::try_from(month).ok()?,
        i8::try_from(day).ok()?,
    )
    .ok()
}

/// Days since 1970-01-01T00:00Z of a civil date and time at an offset, with their fraction.
pub(crate) fn days_of_date_time(at: DateTime, offset: Offset) -> f64 {
    let seconds = f64::from(at.hour()) * 3600.0
        + f64::from(at.minute()) * 60.0
        + f64::from(at.second())
        + f64::from(at.subsec_nanosecond()) / 1e9
        - f64::from(offset.seconds());
    days_of_date(at.date()) + seconds / SECONDS_A_DAY
}

/// The civil date and time at an offset, so many days after 1970-01-01T00:00Z, to the millisecond.
pub(crate) fn date_time_of_days(days: f64, offset: Offset) -> Option<DateTime> {
    let local = days + f64::from(offset.seconds()) / SECONDS_A_DAY;
    let milliseconds = (local * SECONDS_A_DAY * 1000.0).round();
    let day = (milliseconds / (SECONDS_A_DAY * 1000.0)).floor();
    let rest = (milliseconds - day * SECONDS_A_DAY * 1000.0) as i64;
    let time = Time::new(
        i8::try_from(rest / 3_600_000).ok()?,
        i8::try_from(rest / 60_000 % 60).ok()?,
        i8::try_from(rest / 1000 % 60).ok()?,
        i32::try_from(rest % 1000).ok()? * 1_000_000,
    );
    Some(date_of_days(day)?.to_datetime(time.ok()?))
}

/// What a text is worth as a number when it is a date (whole days) or a date with a time.
pub(crate) fn days_of_text(text: &str, offset: Offset) -> Option<f64> {
    if !text.as_bytes().first().is_some_and(u8::is_ascii_digit) || text.len() < 10 {
        return None;
    }
    if let Some(date) = parse_date(text) {
        return Some(days_of_date(date));
    }
    let (at, told) = parse_date_time(text)?;
    Some(days_of_date_time(at, told.unwrap_or(offset)))
}

/// `YYYY-MM-DD`
pub(crate) fn date_text(date: Date) -> String {
    format!("{:04}-{:02}-{:02}", date.year(), date.month(), date.day())
}

/// `YYYY-MM-DDThh:mm:ss.fff±hh:mm`, the form in which ODK's clients write it.
pub(crate) fn date_time_text(at: DateTime, offset: Offset) -> String {
    format!(
        "{}T{:02}:{:02}:{:02}.{:03}{}",
        date_text(at.date()),
        at.hour(),
        at.minute(),
        at.second(),
        at.millisecond(),
        offset_text(offset)
    )
}

fn offset_text(offset: Offset) -> String {
    let minutes = offset.seconds() / 60;
    let sign = if minutes < 0 { '-' } else { '+' };
    format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
}

/// Whole calendar months from one date to a later one; below zero when it is earlier.
pub(crate) fn months_between(from: Date, to: Date) -> i32 {
    if to < from {
        return -months_between(to, from);
    }
    let months = (i32::from(to.year()) - i32::from(from.year())) * 12
        + (i32::from(to.month()) - i32::from(from.month()));
    months - i32::from(to.day() < from.day())
}

/// Writes a date by ODK's `format-date` pattern; an unknown `%` letter stays as it is.
pub(crate) fn format(at: DateTime, pattern: &str, tongue: Tongue) -> String {
    let mut out = String::with_capacity(pattern.len() * 2);
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let Some(letter) = chars.next() else {
            out.push('%');
            break;
        };
        let written = match letter {
            'Y' => write!(out, "{:04}", at.year()),
            'y' => write!(out, "{:02}", at.year().rem_euclid(100)),
            'm' => write!(out, "{:02}", at.month()),
            'n' => write!(out, "{}", at.month()),
            'b' => write!(out, "{}", tongue.month(at.month())),
            'd' => write!(out, "{:02}", at.day()),
            'e' => write!(out, "{}", at.day()),
            'H' => write!(out, "{:02}", at.hour()),
            'h' => write!(out, "{}", at.hour()),
            'M' => write!(out, "{:02}", at.minute()),
            'S' => write!(out, "{:02}", at.second()),
            '3' => write!(out, "{:03}", at.millisecond()),
            'a' => write!(
                out,
                "{}",
                tongue.weekday(at.weekday().to_monday_zero_offset())
            ),
            '%' => write!(out, "%"),
            other => write!(out, "%{other}"),
        };
        // Writing to a String can't fail.
        let _ = written;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_dates_turn_into_each_other() {
        for (text, days) in [
            ("1970-01-01", 0.0),
            ("1969-12-31", -1.0),
            ("2023-07-20", 19558.0),
            ("2000-02-29", 11016.0),
        ] {
            let date = parse_date(text).unwrap();
            assert_eq!(days_of_date(date), days, "{text}");
            assert_eq!(date_of_days(days), Some(date), "{text}");
        }
    }

    #[test]
    fn impossible_dates_and_times_are_none() {
        for text in [
            "2023-02-29",
            "2023-13-01",
            "23-01-01",
            "2023-1-1",
            "",
            "2023/01/01",
        ] {
            assert_eq!(parse_date(text), None, "{text}");
        }
        for text in ["24:00", "12:60", "12", "12:3", ":", "12:00:00.", "aa:bb"] {
            assert_eq!(parse_time(text), None, "{text}");
        }
    }

    #[test]
    fn a_time_with_an_offset_counts_from_utc() {
        let gorontalo = Offset::constant(8);
        assert_eq!(
            days_of_text("1970-01-01T08:00:00.000+08:00", Offset::UTC),
            Some(0.0)
        );
        assert_eq!(days_of_text("1970-01-01T08:00", gorontalo), Some(0.0));
        assert_eq!(
            date_time_of_days(0.5, gorontalo)
                .map(|at| date_time_text(at, gorontalo))
                .as_deref(),
            Some("1970-01-01T20:00:00.000+08:00")
        );
    }

    #[test]
    fn a_month_is_full_on_the_same_day_of_the_month() {
        let months = |a, b| months_between(parse_date(a).unwrap(), parse_date(b).unwrap());
        assert_eq!(months("2020-01-31", "2020-02-29"), 0);
        assert_eq!(months("2020-02-29", "2021-02-28"), 11);
        assert_eq!(months("2020-02-29", "2021-03-01"), 12);
        assert_eq!(months("2021-05-10", "2020-05-10"), -12);
    }
}
