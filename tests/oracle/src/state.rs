//! What an engine says of a form at one moment, and where two of them differ.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;

/// By the path of the instance: `/data/anggota[2]/nama`. Only what applies.
pub(crate) type State = BTreeMap<String, Stand>;

/// How a question stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct Stand {
    #[serde(default)]
    pub(crate) value: String,
    /// None where the engine doesn't show the question, so that nobody could tell.
    #[serde(default)]
    pub(crate) shown: Option<Shown>,
}

/// What somebody who fills the form sees of a question.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct Shown {
    pub(crate) label: String,
    pub(crate) required: bool,
    pub(crate) read_only: bool,
    pub(crate) violation: Option<Violation>,
    /// Codes and labels.
    pub(crate) choices: Vec<(String, String)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Violation {
    Constraint,
    Required,
}

/// Where two engines differ.
#[derive(Debug)]
pub(crate) struct Difference {
    pub(crate) path: String,
    pub(crate) what: &'static str,
    pub(crate) ours: String,
    pub(crate) theirs: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Difference {
            path,
            what,
            ours,
            theirs,
        } = self;
        write!(f, "{path}: {what}: ours {ours}, theirs {theirs}")
    }
}

/// A number as a number: `2.0` is 2, and a time's seconds are what they are without their fraction.
fn plain(value: &str) -> String {
    match value.parse::<f64>() {
        Ok(number) if value.contains('.') => number.to_string(),
        _ => value.strip_suffix(".000").unwrap_or(value).to_owned(),
    }
}

/// A label as a page shows it: blanks side by side are one.
fn shown(label: &str) -> String {
    label.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether pyxform makes a node of this name up, beside those of the form.
fn is_made_up(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.ends_with("_count")
        || name.starts_with("generated_table_list_label_")
        || name.starts_with("reserved_name_for_field_list_labels_")
}

/// Holds two states against each other; gives how many comparisons that took.
pub(crate) fn compare(ours: &State, theirs: &State, found: &mut Vec<Difference>) -> u64 {
    let mut comparisons = 0;
    let mut differ = |path: &str, what, ours: String, theirs: String| {
        comparisons += 1;
        if ours != theirs {
            found.push(Difference {
                path: path.to_owned(),
                what,
                ours,
                theirs,
            });
        }
    };
    let paths = ours.keys().chain(
        theirs
            .keys()
            .filter(|path| !ours.contains_key(*path) && !is_made_up(path)),
    );
    for path in paths {
        let (Some(ours), Some(theirs)) = (ours.get(path), theirs.get(path)) else {
            let applies = |state: &State| state.contains_key(path).to_string();
            differ(path, "applies", applies(ours), applies(theirs));
            continue;
        };
        differ(path, "value", plain(&ours.value), plain(&theirs.value));
        let (Some(ours), Some(theirs)) = (&ours.shown, &theirs.shown) else {
            continue;
        };
        differ(path, "label", shown(&ours.label), shown(&theirs.label));
        differ(
            path,
            "required",
            ours.required.to_string(),
            theirs.required.to_string(),
        );
        differ(
            path,
            "read only",
            ours.read_only.to_string(),
            theirs.read_only.to_string(),
        );
        let violation = |of: &Shown| format!("{:?}", of.violation);
        differ(path, "violation", violation(ours), violation(theirs));
        let choices = |of: &Shown| {
            let choices = of.choices.iter().map(|(code, label)| (code, shown(label)));
            format!("{:?}", choices.collect::<Vec<_>>())
        };
        differ(path, "choices", choices(ours), choices(theirs));
    }
    comparisons
}
