//! Random forms.

use std::sync::Arc;

use ketuk_form::Form;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::common::{CHOICES, SETTINGS, workbook};

/// A row of a random survey; what it reads is picked among the rows before it.
#[derive(Clone, Debug)]
pub(crate) enum Row {
    Question {
        kind: usize,
        relevant: Option<Reading>,
        extra: Option<(usize, Reading)>,
    },
    Calculate {
        triggered: bool,
        once: bool,
        reading: Reading,
    },
    BeginGroup {
        relevant: Option<Reading>,
        page: bool,
    },
    BeginRepeat {
        relevant: Option<Reading>,
        counted: Option<Index>,
    },
    End,
}

#[derive(Clone, Debug)]
pub(crate) struct Reading {
    template: usize,
    of: [Index; 2],
}

const KINDS: [&str; 6] = [
    "integer",
    "text",
    "select_one yt",
    "select_multiple warna",
    "note",
    "date",
];

const EXTRAS: [&str; 8] = [
    "constraint",
    "ketuk::warning",
    "required",
    "choice_filter",
    "default",
    "readonly",
    "ketuk::fixed",
    "calculation",
];

/// Those of them by which it matters in which order answers are given: a default is computed when its instance is
/// made, what is closed can't be answered, and what is calculated can be typed over.
const BY_ORDER: std::ops::Range<usize> = 4..8;

/// Only questions with choices have it.
const CHOICE_FILTER: usize = 3;

/// Conditions and calculations over two earlier questions, or a repeat.
const TEMPLATES: [&str; 15] = [
    "${A} = '1'",
    "${A} > 2",
    "${A} != ''",
    "sum(${A}) > ${B}",
    "count-non-empty(${A}) > 1",
    "coalesce(${A}, ${B})",
    "if(${A} > ${B}, 'x', '')",
    "concat(${A}, ${B})",
    "string-length(${A}) + 1",
    "selected(${A}, 'm')",
    "min(${A}, ${B})",
    "join(' ', ${A})",
    "count(${R}) > 1",
    "count(${R}[position() > 1])",
    "name != ${A}",
];

fn reading() -> impl Strategy<Value = Reading> {
    (0..TEMPLATES.len(), any::<[Index; 2]>()).prop_map(|(template, of)| Reading { template, of })
}

pub(crate) fn row() -> impl Strategy<Value = Row> {
    let maybe = || proptest::option::weighted(0.4, reading());
    prop_oneof![
        6 => (0..KINDS.len(), maybe(), proptest::option::of((0..EXTRAS.len(), reading())))
            .prop_map(|(kind, relevant, extra)| Row::Question { kind, relevant, extra }),
        3 => (any::<bool>(), proptest::bool::weighted(0.2), reading())
            .prop_map(|(triggered, once, reading)| Row::Calculate { triggered, once, reading }),
        1 => (maybe(), any::<bool>()).prop_map(|(relevant, page)| Row::BeginGroup { relevant, page }),
        1 => (maybe(), proptest::option::weighted(0.3, any::<Index>()))
            .prop_map(|(relevant, counted)| Row::BeginRepeat { relevant, counted }),
        2 => Just(Row::End),
    ]
}

/// Writes rows as a survey. The first two questions have nothing to read.
fn survey(rows: &[Row]) -> String {
    let mut lines = vec![
        format!(
            "type | name | label | relevant | calculation | trigger | repeat_count | appearance | {}",
            EXTRAS[..EXTRAS.len() - 1].join(" | ")
        ),
        "integer | q0 | Q0".to_owned(),
        "select_one yt | q1 | Q1".to_owned(),
    ];
    let mut questions = vec!["q0".to_owned(), "q1".to_owned()];
    // Those that somebody answers: only these can set a calculation off.
    let mut asked = questions.clone();
    let mut repeats: Vec<String> = Vec::new();
    let mut open: Vec<&str> = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        let write = |reading: &Reading| {
            let template = match TEMPLATES[reading.template] {
                template if template.contains("${R}") && repeats.is_empty() => "${A} = 2",
                // Only of a choice.
                "name != ${A}" => "2 != ${A}",
                template => template,
            };
            let repeat = repeats.last().map_or("", String::as_str);
            template
                .replace("${A}", &format!("${{{}}}", reading.of[0].get(&questions)))
                .replace("${B}", &format!("${{{}}}", reading.of[1].get(&questions)))
                .replace("${R}", &format!("${{{repeat}}}"))
        };
        let relevant =
            |relevant: &Option<Reading>| relevant.as_ref().map(write).unwrap_or_default();
        let name = format!("n{index}");
        match row {
            Row::Question {
                kind,
                relevant: when,
                extra,
            } => {
                let mut cells = [const { String::new() }; EXTRAS.len()];
                let kind = KINDS[*kind];
                let has_choices = kind.starts_with("select");
                if let Some((column, reading)) = extra
                    && (*column != CHOICE_FILTER || has_choices)
                {
                    let filter = if *column == CHOICE_FILTER {
                        "name = 'm' or "
                    } else {
                        ""
                    };
                    cells[*column] = format!("{filter}{}", write(reading));
                }
                let [cells @ .., calculation] = cells;
                lines.push(format!(
                    "{kind} | {name} | L | {} | {calculation} | | | | {}",
                    relevant(when),
                    cells.join(" | ")
                ));
                if kind != "note" {
                    asked.push(name.clone());
                    questions.push(name);
                }
            }
            Row::Calculate {
                triggered,
                once,
                reading,
            } => {
                let trigger = if *triggered {
                    format!("${{{}}}", reading.of[1].get(&asked))
                } else {
                    String::new()
                };
                let value = write(reading);
                let value = if *once {
                    format!("once({value})")
                } else {
                    value
                };
                lines.push(format!("calculate | {name} | | | {value} | {trigger}"));
                questions.push(name);
            }
            Row::BeginGroup {
                relevant: when,
                page,
            } => {
                let look = if *page { "field-list" } else { "" };
                lines.push(format!(
                    "begin group | {name} | G | {} | | | | {look}",
                    relevant(when)
                ));
                open.push("end group");
            }
            Row::BeginRepeat {
                relevant: when,
                counted,
            } => {
                let count = counted.map(|of| format!("min(3, ${{{}}})", of.get(&questions)));
                lines.push(format!(
                    "begin repeat | {name} | R | {} | | | {}",
                    relevant(when),
                    count.unwrap_or_default()
                ));
                open.push("end repeat");
                repeats.push(name);
            }
            Row::End => lines.extend(open.pop().map(str::to_owned)),
        }
    }
    lines.extend(open.into_iter().rev().map(str::to_owned));
    lines.join("\n")
}

/// A row by which nothing depends on what was before: none keeps its first value, is triggered, or is typed over or
/// closed.
pub(crate) fn without_memory(row: Row) -> Row {
    match row {
        Row::Calculate { reading, .. } => Row::Calculate {
            triggered: false,
            once: false,
            reading,
        },
        Row::Question {
            kind,
            relevant,
            extra,
        } => Row::Question {
            kind,
            relevant,
            extra: extra.filter(|(column, _)| !BY_ORDER.contains(column)),
        },
        other => other,
    }
}

pub(crate) fn any_form() -> impl Strategy<Value = (String, Arc<Form>)> {
    form_of(row())
}

/// Rows that read what only later rows settle (a group's relevance by a repeat around it) can make circles: such forms
/// are passed over.
pub(crate) fn form_of(
    row: impl Strategy<Value = Row>,
) -> impl Strategy<Value = (String, Arc<Form>)> {
    proptest::collection::vec(row, 1..25).prop_filter_map("a circle", |rows| {
        let survey = survey(&rows);
        match Form::compile(&workbook(&survey, CHOICES, SETTINGS)) {
            Ok(form) => Some((survey, Arc::new(form))),
            Err(faults) => {
                let circle = |fault: &ketuk_form::Fault| {
                    fault.message.contains("circle") || fault.message.contains("itself")
                };
                assert!(faults.0.iter().all(circle), "{survey}\n{faults}");
                None
            }
        }
    })
}
