//! What was typed, and what answer it makes.

use std::borrow::Cow;

use crate::expr::dates::{date_text, parse_date, parse_date_time, parse_time};
use crate::expr::geo::{self, Point};
use crate::expr::value::{is_xpath_number, number_text};
use crate::form::schema::{Geo, Question, Schema};

/// An answer as expressions see it, and as it was typed where that differs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Empty when there is no answer, or what was typed is none.
    pub(crate) value: Box<str>,
    pub(crate) typed: Option<Box<str>>,
    pub(crate) mistake: Option<Mistake>,
}

/// Why what was typed is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mistake {
    /// It can't be read as the question's type.
    Type,
    /// It is outside of the range.
    Range,
    /// It is not among the choices.
    Choice,
}

/// The answer of an acknowledgement, as ODK's clients write it.
const ACKNOWLEDGED: &str = "OK";

/// Whole numbers beyond this many digits lose some of them on their way through JSON readers.
const MAX_DIGITS: usize = 15;

impl Entry {
    pub(crate) fn typed(&self) -> &str {
        self.typed.as_deref().unwrap_or(&self.value)
    }

    pub(crate) fn is_blank(&self) -> bool {
        self.value.is_empty() && self.typed.is_none()
    }

    /// Reads what was typed for a question. Blanks alone are no answer, unless they are what the form
    /// itself says.
    pub(crate) fn read(schema: &Schema, question: &Question, typed: &str) -> Entry {
        if let Question::Calculated(of) = question {
            // Nobody sees it, so that nobody could mend what is no answer of its type. A code that the list doesn't
            // have stays, as with ODK's clients.
            let typed = typed.trim();
            let value = match value(schema, of, typed) {
                Ok(value) => value,
                Err(Mistake::Choice) => typed.to_owned(),
                Err(Mistake::Type | Mistake::Range) => String::new(),
            };
            return Entry {
                value: value.into(),
                ..Entry::default()
            };
        }
        if !question.is_visible() {
            return Entry {
                value: typed.into(),
                ..Entry::default()
            };
        }
        let trimmed = typed.trim();
        if trimmed.is_empty() {
            return Entry::default();
        }
        match value(schema, question, trimmed) {
            Ok(value) => {
                let typed = (*value != *typed).then(|| typed.into());
                Entry {
                    value: value.into(),
                    typed,
                    mistake: None,
                }
            }
            Err(mistake) => Entry {
                value: "".into(),
                typed: Some(typed.into()),
                mistake: Some(mistake),
            },
        }
    }
}

/// What the form itself says for a whole number is cut to one, and for a day to one, as ODK's clients do. Somebody who
/// types such a thing is asked to mend it.
pub(crate) fn cut<'a>(question: Option<&Question>, text: Cow<'a, str>) -> Cow<'a, str> {
    let cut = match question.map(Question::answers_as) {
        Some(Question::Integer | Question::Range { whole: true, .. }) => decimal(&text)
            .filter(|number| number.fract() != 0.0 || integer(&text).is_none())
            .map(|number| number_text(number.trunc())),
        Some(Question::Date) => parse_date_time(&text).map(|(moment, _)| date_text(moment.date())),
        _ => None,
    };
    cut.map_or(text, Cow::Owned)
}

fn value(schema: &Schema, question: &Question, text: &str) -> Result<String, Mistake> {
    match question {
        Question::Text
        | Question::Barcode
        | Question::Note
        | Question::Calculate
        | Question::Calculated(_)
        | Question::Hidden
        | Question::Meta(_) => Ok(text.to_owned()),
        Question::Integer => integer(text)
            .map(|number| number.to_string())
            .ok_or(Mistake::Type),
        Question::Decimal => decimal(text).map(number_text).ok_or(Mistake::Type),
        Question::Range {
            start, end, whole, ..
        } => {
            let number = if *whole {
                integer(text).map(|number| number as f64)
            } else {
                decimal(text)
            };
            let number = number.ok_or(Mistake::Type)?;
            if number < start.min(*end) || number > start.max(*end) {
                return Err(Mistake::Range);
            }
            Ok(number_text(number))
        }
        Question::Date => date(text).ok_or(Mistake::Type),
        Question::Time => parse_time(&text.replace('.', ":"))
            .or_else(|| parse_time(text))
            .map(|time| {
                format!(
                    "{:02}:{:02}:{:02}",
                    time.hour(),
                    time.minute(),
                    time.second()
                )
            })
            .ok_or(Mistake::Type),
        Question::DateTime => match parse_date_time(&text.replacen(' ', "T", 1)) {
            Some(_) => Ok(text.replacen(' ', "T", 1)),
            None => Err(Mistake::Type),
        },
        Question::Geo(kind) => geo_text(*kind, text).ok_or(Mistake::Type),
        Question::File(_) => is_file_name(text)
            .then(|| text.to_owned())
            .ok_or(Mistake::Type),
        Question::One(list) => {
            let list = schema.list(*list);
            let known = list.is_of_answers || list.find(text).is_some();
            known.then(|| text.to_owned()).ok_or(Mistake::Choice)
        }
        Question::Many(list) => {
            let list = schema.list(*list);
            let mut chosen: Vec<(u32, &str)> = Vec::new();
            for code in text.split_whitespace() {
                let place = match list.is_of_answers {
                    true => 0,
                    false => list.find(code).ok_or(Mistake::Choice)?,
                };
                chosen.push((place, code));
            }
            // In the order of the list, whatever the order of tapping.
            chosen.sort_unstable();
            chosen.dedup();
            Ok(chosen
                .into_iter()
                .map(|(_, code)| code)
                .collect::<Vec<_>>()
                .join(" "))
        }
        Question::Rank(list) => {
            let list = schema.list(*list);
            let ranked: Vec<&str> = text.split_whitespace().collect();
            let twice = ranked
                .iter()
                .enumerate()
                .any(|(at, code)| ranked[..at].contains(code));
            if twice
                || ranked
                    .iter()
                    .any(|code| !list.is_of_answers && list.find(code).is_none())
            {
                return Err(Mistake::Choice);
            }
            Ok(ranked.join(" "))
        }
        Question::Acknowledge => match text.to_lowercase().as_str() {
            "ok" | "yes" | "true" | "1" => Ok(ACKNOWLEDGED.to_owned()),
            _ => Err(Mistake::Type),
        },
    }
}

/// Geopoints with single blanks in them, and `;` between.
fn geo_text(kind: Geo, text: &str) -> Option<String> {
    let points: Vec<Point> = geo::points(text)?;
    let closed = points.first() == points.last();
    let fits = match kind {
        Geo::Point => points.len() == 1,
        Geo::Trace => points.len() >= 2,
        Geo::Shape => points.len() >= 4 && closed,
    };
    let parts = text.split(';').map(|point| point.split_whitespace());
    let parts = parts.map(|numbers| numbers.collect::<Vec<_>>().join(" "));
    let parts: Vec<String> = parts.filter(|point| !point.is_empty()).collect();
    fits.then(|| parts.join(";"))
}

/// The name of a file that stands beside the document: of no folder.
fn is_file_name(text: &str) -> bool {
    let odd = |c: char| c.is_control() || matches!(c, '/' | '\\');
    !text.contains(odd) && !matches!(text, "." | "..")
}

pub(crate) fn integer(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let plain = !digits.is_empty()
        && digits.len() <= MAX_DIGITS
        && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok())?
}

/// With a point or, as Indonesians write it, a comma.
pub(crate) fn decimal(text: &str) -> Option<f64> {
    let pointed = text.replacen(',', ".", 1);
    if pointed.len() > MAX_DIGITS * 2 || !is_xpath_number(&pointed) {
        return None;
    }
    pointed.parse().ok()
}

/// `2023-07-20`, or day first as it is said: `20-7-2023`, `20/07/2023`, `20.7.2023`.
fn date(text: &str) -> Option<String> {
    if let Some(date) = parse_date(text) {
        return Some(date_text(date));
    }
    let parts: Vec<&str> = text.split(['-', '/', '.', ' ']).collect();
    let [day, month, year] = parts.as_slice() else {
        return None;
    };
    if year.len() != 4 || day.len() > 2 || month.len() > 2 {
        return None;
    }
    parse_date(&format!("{year}-{month:0>2}-{day:0>2}")).map(date_text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(question: Question, typed: &str) -> Result<String, Mistake> {
        let entry = Entry::read(&Schema::default(), &question, typed);
        assert_eq!(
            entry.typed(),
            if typed.trim().is_empty() { "" } else { typed }
        );
        entry.mistake.map_or(Ok(entry.value.to_string()), Err)
    }

    #[test]
    fn numbers_are_read_as_they_are_written_here() {
        assert_eq!(read(Question::Integer, " 007 "), Ok("7".into()));
        assert_eq!(read(Question::Integer, "-3"), Ok("-3".into()));
        assert_eq!(read(Question::Integer, "1,5"), Err(Mistake::Type));
        assert_eq!(read(Question::Integer, "dua"), Err(Mistake::Type));
        assert_eq!(
            read(Question::Integer, "1234567890123456"),
            Err(Mistake::Type)
        );
        assert_eq!(read(Question::Decimal, "12,50"), Ok("12.5".into()));
        assert_eq!(read(Question::Decimal, "1e3"), Err(Mistake::Type));
        let range = || Question::Range {
            start: 0.0,
            end: 10.0,
            step: 1.0,
            whole: true,
        };
        assert_eq!(read(range(), "11"), Err(Mistake::Range));
        assert_eq!(read(range(), "10"), Ok("10".into()));
    }

    #[test]
    fn dates_may_be_typed_day_first() {
        for typed in ["1990-12-31", "31-12-1990", "31/12/1990", "31.12.1990"] {
            assert_eq!(
                read(Question::Date, typed),
                Ok("1990-12-31".into()),
                "{typed}"
            );
        }
        for typed in ["31-02-1990", "31-12-90", "1990", "1-2-3-4"] {
            assert_eq!(read(Question::Date, typed), Err(Mistake::Type), "{typed}");
        }
        assert_eq!(read(Question::Time, "7.30"), Err(Mistake::Type));
        assert_eq!(read(Question::Time, "07.30"), Ok("07:30:00".into()));
        assert_eq!(
            read(Question::DateTime, "2023-07-20 07:30"),
            Ok("2023-07-20T07:30".into())
        );
    }

    #[test]
    fn blanks_are_no_answer() {
        assert_eq!(read(Question::Text, "   "), Ok("".into()));
    }
}
