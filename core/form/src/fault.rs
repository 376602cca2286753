//! What is wrong in a workbook: where it stands, what it is and what to write instead.

use std::fmt;

use serde::Serialize;

/// How bad a fault is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The form can't run with it.
    Error,
    /// The form runs, but perhaps not as its author meant.
    Warning,
}

/// One thing wrong in a workbook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// Name of the sheet, such as `survey`.
    pub sheet: String,
    /// Row in the sheet as a spreadsheet counts it: the header is row 1. 0: the sheet as a whole.
    pub row: u32,
    /// The column's header as written; empty: the row as a whole.
    pub column: String,
    /// The cell as a spreadsheet names it, such as `D12`; empty where no single cell is meant.
    pub cell: String,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub cure: String,
    /// Whether the form can run all the same.
    pub severity: Severity,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.severity == Severity::Warning {
            f.write_str("warning: ")?;
        }
        f.write_str(&self.sheet)?;
        if !self.cell.is_empty() {
            write!(f, " {}", self.cell)?;
        } else if self.row > 0 {
            write!(f, " row {}", self.row)?;
        }
        if !self.column.is_empty() {
            write!(f, " ({})", self.column)?;
        }
        write!(f, ": {}", self.message)?;
        if !self.cure.is_empty() {
            write!(f, " {}", self.cure)?;
        }
        Ok(())
    }
}

/// All faults of a workbook, in the order of its sheets and rows. Holds at least one error when it
/// is returned as an error; warnings stand beside the errors.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Faults(pub Vec<Fault>);

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            fault.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}

/// The known word nearest to a misspelt one, if one is near enough to be meant.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = word.to_lowercase();
    let allowed = match word.chars().count() {
        0..=3 => 1,
        4..=5 => 2,
        _ => 3,
    };
    known
        .into_iter()
        .map(|candidate| (distance(&lower, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= allowed && *distance < candidate.len())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// A cure that names the nearest known word, or else says `otherwise`.
pub(crate) fn did_you_mean<'a>(
    word: &str,
    known: impl IntoIterator<Item = &'a str>,
    otherwise: &str,
) -> String {
    match nearest(word, known) {
        Some(candidate) => format!("Did you mean `{candidate}`?"),
        None => otherwise.to_owned(),
    }
}

/// Edits between two words, two letters swapped counting as one (optimal string alignment).
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let width = b.len() + 1;
    let mut table = vec![0; (a.len() + 1) * width];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            table[i * width + j] = if i == 0 || j == 0 {
                i + j
            } else {
                let substituted =
                    table[(i - 1) * width + j - 1] + usize::from(a[i - 1] != b[j - 1]);
                let edited = 1 + table[(i - 1) * width + j].min(table[i * width + j - 1]);
                let swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
                if swapped {
                    substituted
                        .min(edited)
                        .min(table[(i - 2) * width + j - 2] + 1)
                } else {
                    substituted.min(edited)
                }
            };
        }
    }
    table[a.len() * width + b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_word_is_answered_with_the_one_that_was_meant() {
        let known = ["selected", "count-selected", "string-length", "if"];
        assert_eq!(nearest("selectd", known), Some("selected"));
        assert_eq!(nearest("stirng-length", known), Some("string-length"));
        assert_eq!(nearest("IF", known), Some("if"));
        assert_eq!(nearest("pulldata", known), None);
    }
}
