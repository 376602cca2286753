//! The `parameters` of a question: `start=1 end=10 step=1`.

use super::table::{Cell, Column, Line, Report};
use crate::fault::did_you_mean;

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
