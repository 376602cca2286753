//! Random forms, and random answers to them.
//!
//! Both are grown from choices that proptest can make smaller: what a row reads is picked among the
//! rows before it, what a step answers among what can be answered then.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::Result;
use ketuk_form::{Choices, Control, Form, Go, Item, Session};
use ketuk_oracle::case::{Case, Sheet, Step};
use ketuk_oracle::paths;
use proptest::prelude::*;
use proptest::sample::{Index, subsequence};

use crate::ours;

/// A form and what is done to it, before names are given.
#[derive(Clone, Debug)]
pub(crate) struct Seedling {
    rows: Vec<Row>,
    moves: Vec<Move>,
}

#[derive(Clone, Debug)]
enum Row {
    Question {
        kind: usize,
        cells: Vec<(usize, Reading)>,
    },
    Calculate(Reading),
    BeginGroup(Option<Reading>),
    BeginRepeat {
        relevant: Option<Reading>,
        count: Option<Index>,
    },
    End,
}

/// An expression over earlier questions.
#[derive(Clone, Debug)]
struct Reading {
    template: Index,
    of: [Index; 2],
}

#[derive(Clone, Debug)]
enum Move {
    Answer { which: Index, value: Index },
    Add(Index),
    Remove(Index),
}

const KINDS: [&str; 8] = [
    "integer",
    "decimal",
    "text",
    "date",
    "select_one yt",
    "select_multiple warna",
    "select_one kab",
    "note",
];

const CELLS: [&str; 4] = ["relevant", "constraint", "required", "readonly"];

/// What is true or not.
const CONDITIONS: [&str; 16] = [
    "${A} = '1'",
    "${A} > 2",
    "${A} != ''",
    "not(${A} > ${B})",
    "selected(${A}, 'm')",
    "count-selected(${A}) > 1",
    "string-length(${A}) > 1",
    "regex(${A}, '^[0-9]+$')",
    "contains(${A}, 'a') or ${B} = ''",
    "${A} < ${B} and ${B} < 100",
    "boolean-from-string(${A})",
    "count(${R}) > 1",
    "count-non-empty(${R}/*) > 1",
    "count-non-empty(${A}) > 1",
    "position(..) = 1",
    "${A} >= today()",
];

/// What is calculated.
const VALUES: [&str; 18] = [
    "${A} + ${B}",
    "${A} * 2 - 1",
    "concat(${A}, '-', ${B})",
    "coalesce(${A}, ${B})",
    "if(${A} > ${B}, 'ya', 'tidak')",
    "round(${A} div 3, 2)",
    "int(${A})",
    "string-length(${A})",
    "if(count-non-empty(${A}) > 0, sum(${A}[. != '']), 0)",
    "count-non-empty(${A})",
    "max(${A}, ${B})",
    "join(' ', ${A})",
    "substr(${A}, 0, 2)",
    "translate(${A}, 'am', 'AM')",
    "selected-at(${A}, 1)",
    "count(${R}[position() > 1])",
    "jr:choice-name(${Q}, '${Q}')",
    "normalize-space(${A})",
];

const CHOICES: [[&str; 4]; 10] = [
    ["list_name", "name", "label", "prov"],
    ["yt", "1", "Ya", ""],
    ["yt", "2", "Tidak", ""],
    ["warna", "m", "Merah", ""],
    ["warna", "h", "Hijau", ""],
    ["warna", "b", "Biru", ""],
    ["kab", "3602", "Lebak", "1"],
    ["kab", "7571", "Gorontalo", "2"],
    ["kab", "7501", "Bone", "2"],
    ["kab", "7502", "Limboto", "2"],
];

fn reading() -> impl Strategy<Value = Reading> {
    (any::<Index>(), any::<[Index; 2]>()).prop_map(|(template, of)| Reading { template, of })
}

fn row() -> impl Strategy<Value = Row> {
    let cells = || {
        let columns = subsequence((0..CELLS.len()).collect::<Vec<_>>(), 0..=2);
        columns.prop_flat_map(|columns| {
            let readings = proptest::collection::vec(reading(), columns.len());
            readings.prop_map(move |readings| columns.iter().copied().zip(readings).collect())
        })
    };
    let maybe = || proptest::option::weighted(0.4, reading());
    prop_oneof![
        6 => (0..KINDS.len(), cells()).prop_map(|(kind, cells)| Row::Question { kind, cells }),
        3 => reading().prop_map(Row::Calculate),
        1 => maybe().prop_map(Row::BeginGroup),
        1 => (maybe(), proptest::option::weighted(0.3, any::<Index>()))
            .prop_map(|(relevant, count)| Row::BeginRepeat { relevant, count }),
        2 => Just(Row::End),
    ]
}

fn movement() -> impl Strategy<Value = Move> {
    prop_oneof![
        8 => any::<[Index; 2]>().prop_map(|[which, value]| Move::Answer { which, value }),
        2 => any::<Index>().prop_map(Move::Add),
        1 => any::<Index>().prop_map(Move::Remove),
    ]
}

pub(crate) fn seedling() -> impl Strategy<Value = Seedling> {
    let rows = proptest::collection::vec(row(), 1..16);
    let moves = proptest::collection::vec(movement(), 1..12);
    (rows, moves).prop_map(|(rows, moves)| Seedling { rows, moves })
}

/// What rows before this one gave names to.
#[derive(Default)]
struct Names {
    questions: Vec<String>,
    selects: Vec<String>,
    repeats: Vec<String>,
    /// Ends of what is open, and whether it is a repeat.
    open: Vec<(&'static str, bool)>,
}

impl Names {
    fn is_in_group_of_repeat(&self) -> bool {
        let in_repeat = self.open.iter().any(|(_, is_repeat)| *is_repeat);
        in_repeat && self.open.last().is_some_and(|(_, is_repeat)| !is_repeat)
    }

    fn write(&self, reading: &Reading, templates: &[&str]) -> String {
        let fits = |template: &&&str| {
            let in_repeat = self.open.iter().any(|(_, repeat)| *repeat);
            (!template.contains("${R}") || !self.repeats.is_empty())
                && (!template.contains("${Q}") || !self.selects.is_empty())
                && (!template.contains("position(..)")
                    || self.open.last().is_some_and(|(_, repeat)| *repeat) && in_repeat)
        };
        let fitting: Vec<&&str> = templates.iter().filter(fits).collect();
        let of = |at: usize, names: &[String]| format!("${{{}}}", reading.of[at].get(names));
        let mut text = (**reading.template.get(&fitting)).to_owned();
        if text.contains("${R}") {
            text = text.replace("${R}", &of(0, &self.repeats));
        }
        if text.contains("${Q}") {
            text = text.replace("${Q}", &of(0, &self.selects));
        }
        text.replace("${A}", &of(0, &self.questions))
            .replace("${B}", &of(1, &self.questions))
    }
}

const HEADERS: [&str; 9] = [
    "type",
    "name",
    "label",
    "calculation",
    "repeat_count",
    "relevant",
    "constraint",
    "required",
    "readonly",
];

impl Seedling {
    /// The form with names, and no steps yet.
    pub(crate) fn form(&self) -> Case {
        let mut names = Names::default();
        let mut rows: Vec<Vec<String>> = vec![HEADERS.map(str::to_owned).to_vec()];
        let mut put = |cells: &[(&str, String)]| {
            let cell = |header: &str| cells.iter().find(|(of, _)| *of == header);
            let row = HEADERS.map(|header| cell(header).map_or("", |(_, text)| text).to_owned());
            rows.push(row.to_vec());
        };
        let plain = |kind: &str, name: &str| {
            [
                ("type", kind.to_owned()),
                ("name", name.to_owned()),
                ("label", name.to_uppercase()),
            ]
        };
        put(&plain("integer", "q0"));
        put(&plain("text", "q1"));
        names.questions = vec!["q0".to_owned(), "q1".to_owned()];
        for (at, row) in self.rows.iter().enumerate() {
            let name = format!("n{at}");
            match row {
                Row::Question { kind, cells } => {
                    let kind = KINDS[*kind];
                    let mut filled = plain(kind, &name).to_vec();
                    // On a note a constraint is Ketuk's own, and to close it says nothing.
                    // What can't be answered isn't required with us; with the peer it is.
                    let is_required = cells.iter().any(|(column, _)| CELLS[*column] == "required");
                    let fits = |column: usize| match CELLS[column] {
                        "relevant" => true,
                        "readonly" => kind != "note" && !is_required,
                        _ => kind != "note",
                    };
                    for (column, reading) in cells.iter().filter(|(column, _)| fits(*column)) {
                        filled.push((CELLS[*column], names.write(reading, &CONDITIONS)));
                    }
                    put(&filled);
                    if kind.starts_with("select") {
                        names.selects.push(name.clone());
                    }
                    if kind != "note" {
                        names.questions.push(name);
                    }
                }
                Row::Calculate(reading) => {
                    let value = names.write(reading, &VALUES);
                    put(&[
                        ("type", "calculate".to_owned()),
                        ("name", name.clone()),
                        ("calculation", value),
                    ]);
                    names.questions.push(name);
                }
                Row::BeginGroup(relevant) => {
                    let mut cells = plain("begin group", &name).to_vec();
                    let relevant = relevant.iter().map(|r| names.write(r, &CONDITIONS));
                    cells.extend(relevant.map(|text| ("relevant", text)));
                    put(&cells);
                    names.open.push(("end group", false));
                    // The peer can't show a group with nothing in it.
                    put(&plain("integer", &format!("{name}a")));
                    names.questions.push(format!("{name}a"));
                }
                // With the peer it depends on the group whether a new instance has one of the inner repeat.
                Row::BeginRepeat { .. } if names.is_in_group_of_repeat() => {}
                Row::BeginRepeat { relevant, count } => {
                    let mut cells = plain("begin repeat", &name).to_vec();
                    let relevant = relevant.iter().map(|r| names.write(r, &CONDITIONS));
                    cells.extend(relevant.map(|text| ("relevant", text)));
                    let count = count.map(|of| of.get(&names.questions).clone());
                    let count = count.map(|of| format!("min(3, coalesce(${{{of}}}, 0))"));
                    cells.extend(count.map(|text| ("repeat_count", text)));
                    put(&cells);
                    names.open.push(("end repeat", true));
                    put(&plain("integer", &format!("{name}a")));
                    names.questions.push(format!("{name}a"));
                    names.repeats.push(name);
                }
                Row::End => {
                    if let Some((end, _)) = names.open.pop() {
                        put(&[("type", end.to_owned())]);
                    }
                }
            }
        }
        for (end, _) in names.open.into_iter().rev() {
            put(&[("type", end.to_owned())]);
        }
        let choices = CHOICES.map(|row| row.map(str::to_owned).to_vec()).to_vec();
        let sheet = |name: &str, rows| Sheet {
            name: name.to_owned(),
            rows,
        };
        Case {
            name: "grown".to_owned(),
            sheets: vec![sheet("survey", rows), sheet("choices", choices)],
            files: BTreeMap::new(),
            steps: Vec::new(),
        }
    }

    /// What is done to the form, one thing after another, as it stands then.
    pub(crate) fn steps(&self, form: &Arc<Form>) -> Result<Vec<Step>> {
        let mut session = ours::open(form);
        let mut steps = Vec::new();
        for movement in &self.moves {
            if let Some(step) = movement.step(&session) {
                ours::take(&mut session, &step)?;
                steps.push(step);
            }
        }
        Ok(steps)
    }
}

impl Move {
    fn step(&self, session: &Session) -> Option<Step> {
        let within = within(session);
        match self {
            Move::Answer { which, value } => {
                let (path, values) =
                    (!within.questions.is_empty()).then(|| which.get(&within.questions))?;
                Some(Step::Answer {
                    path: path.clone(),
                    value: value.get(values).clone(),
                })
            }
            Move::Add(which) => {
                let repeats = &within.repeats;
                let (path, _) = (!repeats.is_empty()).then(|| which.get(repeats))?;
                Some(Step::Add { path: path.clone() })
            }
            Move::Remove(which) => {
                let filled: Vec<_> = within.repeats.iter().filter(|(_, n)| *n > 0).collect();
                let (path, instances) = (!filled.is_empty()).then(|| which.get(&filled))?;
                Some(Step::Remove {
                    path: path.clone(),
                    index: which.index(*instances),
                })
            }
        }
    }
}

/// What can be done to a form as it stands, by the paths of the instance.
#[derive(Default)]
struct Within {
    /// With answers that each takes.
    questions: Vec<(String, Vec<String>)>,
    /// Those that can be added to, and how many instances each has.
    repeats: Vec<(String, usize)>,
}

fn within(session: &Session) -> Within {
    let mut turned = session.clone();
    let mut within = Within::default();
    for row in session.contents() {
        for item in turned.go(Go::Page(row.page)).items {
            match item {
                Item::Question(question) if !question.read_only => {
                    let path = paths::theirs(session, &question.path);
                    within.questions.push((path, answers(&question.control)));
                }
                Item::Roster(roster) if roster.can_add => {
                    let path = paths::theirs(session, &roster.path);
                    within.repeats.push((path, roster.cards.len()));
                }
                _ => {}
            }
        }
    }
    within
}

/// Answers that a control takes, none of them wrong: the peer makes nothing of a wrong one, and doesn't
/// say so.
fn answers(control: &Control) -> Vec<String> {
    let some: &[&str] = match control {
        Control::Integer => &["1", "", "0", "2", "7", "-3", "120"],
        Control::Decimal => &["1.5", "", "0", "2", "-0.25"],
        Control::Date { .. } => &["2020-02-29", "", "1999-12-31", "2030-01-01"],
        Control::Choice(Choices { choices, .. }) | Control::Choices(Choices { choices, .. }) => {
            let codes: Vec<String> = choices.iter().map(|choice| choice.code.clone()).collect();
            let all = matches!(control, Control::Choices(_)).then(|| codes.join(" "));
            return codes
                .into_iter()
                .chain(all)
                .chain([String::new()])
                .collect();
        }
        _ => &["a", "", "1", "ayam  kampung", "m b", "true"],
    };
    some.iter().map(|text| (*text).to_owned()).collect()
}
