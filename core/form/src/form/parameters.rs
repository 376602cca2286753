//! The `parameters` of a question: `start=1 end=10 step=1`.

use super::schema::{Geo, Media, Question};
use super::table::{Cell, Column, Line, Report};
use super::{Audit, Parameter};
use crate::fault::did_you_mean;

/// What a parameter that is a hint takes.
#[derive(Clone, Copy)]
enum Takes {
    Whole,
    Number,
    Truth,
    Word(&'static [&'static str]),
    Any,
}

/// The hints that a question can give to whoever draws it; none for a type whose parameters mean nothing.
///
/// Source: the XLSForm reference, as pyxform 4.5 reads it.
fn hints_of(question: &Question) -> Option<&'static [(&'static str, Takes)]> {
    const QUALITY: Takes = Takes::Word(&["voice-only", "low", "normal", "external"]);
    Some(match question {
        Question::Text => &[("rows", Takes::Whole)],
        Question::File(Media::Audio) => &[("quality", QUALITY)],
        Question::File(Media::Image) => &[("max-pixels", Takes::Whole), ("app", Takes::Any)],
        Question::Geo(Geo::Point) => &[
            ("capture-accuracy", Takes::Number),
            ("warning-accuracy", Takes::Number),
            ("allow-mock-accuracy", Takes::Truth),
            ("reference-geometry", Takes::Any),
        ],
        Question::Geo(_) => &[
            ("allow-mock-accuracy", Takes::Truth),
            ("incremental", Takes::Truth),
            ("reference-geometry", Takes::Any),
        ],
        _ => return None,
    })
}

/// Reads the parameters of a question that are hints.
pub(crate) fn hints(line: Line<'_>, question: &Question, report: &mut Report) -> Box<[Parameter]> {
    let Some(known) = hints_of(question) else {
        return [].into();
    };
    let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
    let parameters = Parameters::read(line, &names, report);
    let mut hints = Vec::new();
    for (name, takes) in known {
        let Some((_, value)) = parameters.get(name) else {
            continue;
        };
        match takes {
            Takes::Whole => drop(parameters.whole(name, report)),
            Takes::Number => drop(parameters.number(name, report)),
            Takes::Truth => drop(parameters.truth(name, report)),
            Takes::Word(words) => drop(parameters.word(name, words, report)),
            Takes::Any => {}
        }
        hints.push(Parameter {
            name: (*name).to_owned(),
            value: value.to_owned(),
        });
    }
    hints.into()
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
    let interval = parameters.whole("location-min-interval", report);
    let age = parameters.whole("location-max-age", report);
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

/// What the cell says, if there is one.
pub(crate) struct Parameters<'a> {
    cell: Option<Cell<'a>>,
    pairs: Vec<(String, &'a str)>,
}

impl<'a> Parameters<'a> {
    /// Reads the cell of a question that knows these parameters.
    pub(crate) fn read(line: Line<'a>, known: &[&str], report: &mut Report) -> Parameters<'a> {
        let cell = line.get(Column::Parameters);
        let mut pairs: Vec<(String, &'a str)> = Vec::new();
        let text = cell.map_or("", |cell| cell.text);
        for part in text
            .split([' ', ',', ';', '\n'])
            .filter(|part| !part.is_empty())
        {
            let Some(cell) = cell else { break };
            let Some((key, value)) = part.split_once('=') else {
                report.error(
                    cell,
                    format!("`{part}` is no parameter."),
                    format!("Write `{part}=` and its value, without blanks around the `=`."),
                );
                continue;
            };
            let key = key.to_lowercase();
            if known.contains(&key.as_str()) {
                pairs.push((key, value));
            } else {
                let otherwise = match known {
                    [] => "Take it out.".to_owned(),
                    known => format!("Use {}.", known.join(", ")),
                };
                let cure = did_you_mean(&key, known.iter().copied(), &otherwise);
                report.error(cell, format!("there is no parameter `{key}` here."), cure);
            }
        }
        Parameters { cell, pairs }
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

    /// A whole number that is not below zero.
    pub(crate) fn whole(&self, key: &str, report: &mut Report) -> Option<u64> {
        let (cell, value) = self.get(key)?;
        let whole = value.parse::<u64>().ok();
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
        if words.contains(&value) {
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
        match self.get(key) {
            None | Some((_, "false")) => false,
            Some((_, "true")) => true,
            Some((cell, value)) => {
                let cure = format!("Write `{key}=true` or `{key}=false`.");
                report.error(cell, format!("`{key}` can't be `{value}`."), cure);
                false
            }
        }
    }
}
