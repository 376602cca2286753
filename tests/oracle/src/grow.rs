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
    "max(${A}[. != ''], ${B}[. != ''])",
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
    questions: Vec<Named>,
    /// Of one choice.
    selects: Vec<Named>,
    /// Those that always apply: the peer goes on counting what doesn't.
    repeats: Vec<String>,
    open: Vec<Open>,
}

/// A question, and the repeats that it stands in.
struct Named {
    name: String,
    repeats: Vec<String>,
}

/// A group or repeat that isn't at its end.
struct Open {
    end: &'static str,
    /// Its name, if it is a repeat.
    repeat: Option<String>,
    is_counted: bool,
    has_condition: bool,
}

impl Names {
    fn question(&mut self, name: impl Into<String>) {
        let named = self.named(name.into());
        self.questions.push(named);
    }

    fn select(&mut self, name: &str) {
        let named = self.named(name.to_owned());
        self.selects.push(named);
    }

    fn named(&self, name: String) -> Named {
        let repeats = self.open.iter().filter_map(|open| open.repeat.clone());
        let repeats = repeats.collect();
        Named { name, repeats }
    }

    /// Those that aren't read from outside their repeat.
    fn near<'a>(&self, questions: &'a [Named]) -> Vec<&'a Named> {
        let is_open = |name: &String| {
            let repeats = self.open.iter().filter_map(|open| open.repeat.as_ref());
            repeats.into_iter().any(|open| open == name)
        };
        let is_near = |question: &&Named| question.repeats.iter().all(is_open);
        questions.iter().filter(is_near).collect()
    }

    /// Where the engines agree how many instances a repeat has that stands here. In a group, and where the outer
    /// one is counted, a new instance of that has none with the peer.
    fn may_begin_repeat(&self) -> bool {
        let in_repeat = self.open.iter().any(|open| open.repeat.is_some());
        let in_group = self.open.last().is_some_and(|open| open.repeat.is_none());
        let is_counted = self.open.iter().any(|open| open.is_counted);
        !(in_repeat && in_group || is_counted)
    }

    fn write(&self, reading: &Reading, templates: &[&str]) -> String {
        // The peer can't name a choice where there is no instance.
        let selects = self.near(&self.selects);
        let fits = |template: &&&str| {
            let in_own_repeat = self.open.last().is_some_and(|open| open.repeat.is_some());
            (!template.contains("${R}") || !self.repeats.is_empty())
                && (!template.contains("${Q}") || !selects.is_empty())
                && (!template.contains("position(..)") || in_own_repeat)
        };
        let fitting: Vec<&&str> = templates.iter().filter(fits).collect();
        let template = **reading.template.get(&fitting);
        // Read from outside its repeat, a question that applies in no instance is no node with us, so that
        // nothing equals it; with the peer it equals the empty text.
        let questions = match template.contains(" = ''") {
            true => self.near(&self.questions),
            false => self.questions.iter().collect(),
        };
        let mut text = template.to_owned();
        let mut put = |sign: &str, name: &str| text = text.replace(sign, &format!("${{{name}}}"));
        if !self.repeats.is_empty() {
            put("${R}", reading.of[0].get::<String>(&self.repeats));
        }
        if !selects.is_empty() {
            put("${Q}", &reading.of[0].get(&selects).name);
        }
        put("${A}", &reading.of[0].get(&questions).name);
        put("${B}", &reading.of[1].get(&questions).name);
        text
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

/// Where the number of a repeat's instances stands.
const COUNT: usize = 4;

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
        names.question("q0");
        names.question("q1");
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
                    if kind.starts_with("select_one") {
                        names.select(&name);
                    }
                    if kind != "note" {
                        names.question(name);
                    }
                }
                Row::Calculate(reading) => {
                    let value = names.write(reading, &VALUES);
                    put(&[
                        ("type", "calculate".to_owned()),
                        ("name", name.clone()),
                        ("calculation", value),
                    ]);
                    names.question(name);
                }
                Row::BeginGroup(relevant) => {
                    let mut cells = plain("begin group", &name).to_vec();
                    let condition = relevant.iter().map(|r| names.write(r, &CONDITIONS));
                    cells.extend(condition.map(|text| ("relevant", text)));
                    put(&cells);
                    names.open.push(Open {
                        end: "end group",
                        repeat: None,
                        is_counted: false,
                        has_condition: relevant.is_some(),
                    });
                    // The peer can't show a group with nothing in it.
                    put(&plain("integer", &format!("{name}a")));
                    names.question(format!("{name}a"));
                }
                Row::BeginRepeat { .. } if !names.may_begin_repeat() => {}
                Row::BeginRepeat { relevant, count } => {
                    let mut cells = plain("begin repeat", &name).to_vec();
                    let condition = relevant.iter().map(|r| names.write(r, &CONDITIONS));
                    cells.extend(condition.map(|text| ("relevant", text)));
                    if let Some(of) = count {
                        let of = &of.get(&names.questions).name;
                        // What is no number is no instance with us; with the peer it changes nothing. And
                        // what pyxform makes of an expression in this column is one more node to be counted.
                        let number =
                            format!("if(number(${{{of}}}) > 0, min(3, int(${{{of}}})), 0)");
                        put(&[
                            ("type", "calculate".to_owned()),
                            ("name", format!("{name}k")),
                            ("calculation", number),
                        ]);
                        cells.push(("repeat_count", format!("${{{name}k}}")));
                    }
                    put(&cells);
                    names.open.push(Open {
                        end: "end repeat",
                        repeat: Some(name.clone()),
                        is_counted: count.is_some(),
                        has_condition: relevant.is_some(),
                    });
                    put(&plain("integer", &format!("{name}a")));
                    names.question(format!("{name}a"));
                    if !names.open.iter().any(|open| open.has_condition) {
                        names.repeats.push(name);
                    }
                }
                Row::End => {
                    if let Some(open) = names.open.pop() {
                        put(&[("type", open.end.to_owned())]);
                    }
                }
            }
        }
        for open in names.open.into_iter().rev() {
            put(&[("type", open.end.to_owned())]);
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
    pub(crate) fn steps(&self, case: &Case, form: &Arc<Form>) -> Result<Vec<Step>> {
        let counted = counted(case, form);
        let mut session = ours::open(form);
        let mut steps = Vec::new();
        for movement in &self.moves {
            let Some(step) = movement.step(&session) else {
                continue;
            };
            let mut after = session.clone();
            ours::take(&mut after, &step)?;
            // With us, answers that a smaller count cut off come back with a larger one.
            let instances = |session| ours::all_instances(session, &counted);
            let cuts_off = matches!(step, Step::Answer { .. })
                && !instances(&after).is_superset(&instances(&session));
            if !cuts_off {
                session = after;
                steps.push(step);
            }
        }
        Ok(steps)
    }
}

/// Paths of the repeats whose instances the form counts.
fn counted(case: &Case, form: &Form) -> Vec<String> {
    let rows = case.sheets.iter().flat_map(|sheet| &sheet.rows).skip(1);
    let names: Vec<&String> = rows
        .filter(|row| row.get(COUNT).is_some_and(|cell| !cell.is_empty()))
        .map(|row| &row[1])
        .collect();
    let questions = form.questions();
    questions
        .filter(|question| names.contains(&&question.name))
        .map(|question| question.path)
        .collect()
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
        // A whole number is `2.0` for the peer wherever its text is read.
        Control::Decimal => &["1.5", "", "0.5", "12.75", "-0.25"],
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
