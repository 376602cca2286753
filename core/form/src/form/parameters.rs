//! The `parameters` of a question: `start=1 end=10 step=1`.

use super::list::List;
use super::schema::{Geo, Kind, Media, Question, Schema};
use super::table::{Cell, Column, Line, Report};
use super::types::is_yes;
use super::{Audit, Parameter};
use crate::fault::did_you_mean;

/// What a parameter that is a hint takes.
#[derive(Clone, Copy)]
enum Takes {
    Whole,
    Number,
    Truth,
    Yes,
    Word(&'static [&'static str]),
    /// A list, a file beside the workbook by its name without the ending, or a `${repeat}`: where other places are.
    Places,
    /// The name of an app for Android.
    App,
}

/// The hints that a question can give to whoever draws it; none for a type whose parameters mean nothing. Those of
/// ranges and of questions with choices are no hints, and are read elsewhere.
///
/// Source: the XLSForm reference, as pyxform 4.5 reads it.
fn hints_of(question: &Question) -> Option<&'static [(&'static str, Takes)]> {
    const QUALITY: Takes = Takes::Word(&["voice-only", "low", "normal", "external"]);
    Some(match question {
        Question::Text => &[("rows", Takes::Whole)],
        Question::File(Media::Audio) => &[("quality", QUALITY)],
        Question::File(Media::Image) => &[("max-pixels", Takes::Whole), ("app", Takes::App)],
        Question::Geo(Geo::Point) => &[
            ("capture-accuracy", Takes::Number),
            ("warning-accuracy", Takes::Number),
            ("allow-mock-accuracy", Takes::Truth),
            ("reference-geometry", Takes::Places),
        ],
        Question::Geo(_) => &[
            ("allow-mock-accuracy", Takes::Truth),
            ("incremental", Takes::Yes),
            ("reference-geometry", Takes::Places),
        ],
        _ => return None,
    })
}

/// Reads the parameters of a question that are hints.
pub(crate) fn hints(
    line: Line<'_>,
    question: &Question,
    schema: &Schema,
    report: &mut Report,
) -> Box<[Parameter]> {
    let Some(known) = hints_of(question) else {
        if question.list().is_none() && !matches!(question, Question::Range { .. }) {
            pairs(line, report);
        }
        return [].into();
    };
    let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
    let parameters = Parameters::read(line, &names, report);
    let mut hints = Vec::new();
    for (name, takes) in known {
        let Some((cell, value)) = parameters.get(name) else {
            continue;
        };
        match takes {
            Takes::Whole => drop(parameters.whole(name, report)),
            Takes::Number => drop(parameters.number(name, report)),
            Takes::Truth => drop(parameters.truth(name, report)),
            Takes::Yes if !is_yes(value) => {
                let message = format!("`{name}` can't be `{value}`.");
                report.error(
                    cell,
                    message,
                    format!("Write `{name}=true`, or take it out."),
                );
            }
            Takes::Word(words) => drop(parameters.word(name, words, report)),
            Takes::Places if !has_places(schema, value) => {
                let message = format!("there are no places called `{value}`.");
                let cure = "Write the name of a list, of a file without its ending, or `${name}` of a repeat.";
                report.error(cell, message, cure);
            }
            Takes::App if opens_an_app(line) && !is_app(value) => {
                let message = format!("`{value}` is no name of an app.");
                report.error(
                    cell,
                    message,
                    "Write its package, such as `com.example.camera`.",
                );
            }
            Takes::Yes | Takes::Places | Takes::App => {}
        }
        hints.push(Parameter {
            name: (*name).to_owned(),
            value: value.to_owned(),
        });
    }
    hints.into()
}

fn has_places(schema: &Schema, name: &str) -> bool {
    if let Some(repeat) = name
        .strip_prefix("${")
        .and_then(|name| name.strip_suffix('}'))
    {
        let nodes = schema.by_name.get(repeat).into_iter().flatten();
        return nodes
            .into_iter()
            .any(|node| matches!(schema.node(*node).kind, Kind::Repeat(_)));
    }
    let is_called = |list: &List| match &list.file {
        Some(file) => file.rsplit_once('.').is_some_and(|(stem, _)| stem == name),
        None => *list.name == *name,
    };
    schema.lists.iter().any(is_called)
}

/// Whether an image is taken by an app: not if it is drawn, or taken by the form's client.
fn opens_an_app(line: Line<'_>) -> bool {
    let appearance = line.get(Column::Appearance);
    appearance.is_none_or(|cell| cell.text == "annotate")
}

/// Whether a text is a package: at least two names with a point between.
fn is_app(text: &str) -> bool {
    let is_name = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    text.contains('.') && text.split('.').all(is_name)
}

/// What an `audit` row takes: where it was filled, what was changed and why, and by whom.
pub(crate) const AUDIT: [&str; 6] = [
    "location-priority",
    "location-min-interval",
    "location-max-age",
    "track-changes",
    "track-changes-reasons",
    "identify-user",
];

/// Reads the parameters of an `audit` row.
pub(crate) fn audit(line: Line<'_>, report: &mut Report) -> Audit {
    const PRIORITIES: [&str; 4] = ["no-power", "low-power", "balanced", "high-accuracy"];
    const LOCATION: [&str; 3] = [AUDIT[0], AUDIT[1], AUDIT[2]];
    let parameters = Parameters::read(line, &AUDIT, report);
    parameters.word("location-priority", &PRIORITIES, report);
    let mut seconds = |key: &str| {
        let seconds = parameters.whole(key, report)?;
        let (cell, _) = parameters.get(key)?;
        if seconds < 0 {
            report.error(
                cell,
                format!("`{key}` is below zero."),
                "Write how many seconds.",
            );
        }
        Some(seconds)
    };
    let (interval, age) = (seconds(LOCATION[1]), seconds(LOCATION[2]));
    if let Some((cell, _)) = LOCATION.iter().find_map(|name| parameters.get(name)) {
        if LOCATION.iter().any(|name| parameters.get(name).is_none()) {
            let cure = format!("Write all of {}.", LOCATION.join(", "));
            report.error(cell, "a part of where it was filled is missing.", cure);
        } else if age < interval {
            let cure = "Let `location-max-age` be no less than `location-min-interval`.";
            report.error(cell, "no place would ever be young enough.", cure);
        } else {
            let cure = "Leave the parameters of the location out.";
            report.warning(cell, "the log does not tell where it was filled.", cure);
        }
    }
    if let Some((cell, _)) = parameters.word("track-changes-reasons", &["on-form-edit"], report) {
        let cure = "Leave `track-changes-reasons` out.";
        report.warning(cell, "nobody is asked why an answer was changed.", cure);
    }
    Audit {
        changes: parameters.truth("track-changes", report),
        user: parameters.truth("identify-user", report),
    }
}

/// Names and values as they stand in the cell: `start=1 end = 10; step=1`.
fn pairs<'a>(line: Line<'a>, report: &mut Report) -> Vec<(&'a str, &'a str)> {
    let Some(cell) = line.get(Column::Parameters) else {
        return Vec::new();
    };
    let separates = |c: char| c.is_whitespace() || c == ',' || c == ';';
    // Between one `=` and the next stand the value of the first and the name of the second.
    let between = cell.text.split('=').map(|words| {
        let words = words.split(separates).filter(|word| !word.is_empty());
        words.collect::<Vec<_>>()
    });
    let between: Vec<Vec<&str>> = between.collect();
    let last = between.len() - 1;
    let mut pairs = Vec::new();
    let mut name = None;
    for (at, words) in between.iter().enumerate() {
        let (value, next) = match words.as_slice() {
            [] if last == 0 => (None, None),
            [next] if at == 0 && last > 0 => (None, Some(next)),
            [value] if at == last && at > 0 => (Some(value), None),
            [value, next] if at > 0 && at < last => (Some(value), Some(next)),
            _ => {
                let odd = words.last().copied().or(name).unwrap_or("=");
                let message = format!("`{odd}` is no parameter with its value.");
                report.error(
                    cell,
                    message,
                    "Write `name=value`, with a blank before the next one.",
                );
                return pairs;
            }
        };
        pairs.extend(name.zip(value.copied()));
        name = next.copied();
    }
    pairs
}

/// What the cell says, if there is one.
pub(crate) struct Parameters<'a> {
    cell: Option<Cell<'a>>,
    pairs: Vec<(String, &'a str)>,
}

impl<'a> Parameters<'a> {
    /// Reads the cell of a question that knows these parameters.
    pub(crate) fn read(line: Line<'a>, known: &[&str], report: &mut Report) -> Parameters<'a> {
        let cell = line.get(Column::Parameters);
        let mut found: Vec<(String, &'a str)> = Vec::new();
        for (name, value) in pairs(line, report) {
            let Some(cell) = cell else { break };
            let name = name.to_lowercase();
            if known.contains(&name.as_str()) {
                found.push((name, value));
            } else {
                let otherwise = match known {
                    [] => "Take it out.".to_owned(),
                    known => format!("Use {}.", known.join(", ")),
                };
                let cure = did_you_mean(&name, known.iter().copied(), &otherwise);
                report.error(cell, format!("there is no parameter `{name}` here."), cure);
            }
        }
        Parameters { cell, pairs: found }
    }

    /// The parameter's value, and the cell that it stands in.
    pub(crate) fn get(&self, key: &str) -> Option<(Cell<'a>, &'a str)> {
        let (_, value) = self.pairs.iter().find(|(of, _)| of == key)?;
        Some((self.cell?, value))
    }

    /// A number.
    pub(crate) fn number(&self, key: &str, report: &mut Report) -> Option<f64> {
        let (cell, value) = self.get(key)?;
        let number = value
            .parse::<f64>()
            .ok()
            .filter(|number| number.is_finite());
        if number.is_none() {
            let cure = format!("Write a number after `{key}=`.");
            report.error(cell, format!("`{key}` is no number."), cure);
        }
        number
    }

    /// A whole number.
    pub(crate) fn whole(&self, key: &str, report: &mut Report) -> Option<i64> {
        let (cell, value) = self.get(key)?;
        let whole = value.parse::<i64>().ok();
        if whole.is_none() {
            let cure = format!("Write a whole number after `{key}=`, as `{key}=1`.");
            report.error(cell, format!("`{key}` is no whole number."), cure);
        }
        whole
    }

    /// One of these words, and the cell that it stands in.
    pub(crate) fn word(
        &self,
        key: &str,
        words: &[&str],
        report: &mut Report,
    ) -> Option<(Cell<'a>, &'a str)> {
        let (cell, value) = self.get(key)?;
        if words.iter().any(|word| value.eq_ignore_ascii_case(word)) {
            return Some((cell, value));
        }
        let cure = did_you_mean(
            value,
            words.iter().copied(),
            &format!("Use {}.", words.join(", ")),
        );
        report.error(cell, format!("`{key}` can't be `{value}`."), cure);
        None
    }

    /// `true` or `false`.
    pub(crate) fn truth(&self, key: &str, report: &mut Report) -> bool {
        self.word(key, &["true", "false"], report)
            .is_some_and(|(_, value)| value.eq_ignore_ascii_case("true"))
    }
}
