//! What holds for any form, any answers and any input.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test says what fails by failing"
)]

mod common;

use std::collections::BTreeSet;
use std::sync::Arc;

use common::{CHOICES, SETTINGS, context, workbook};
use ketuk_form::{Answer, ColumnKind, Form, Go, Item, PageRef, Session, Several, Workbook};
use proptest::prelude::*;
use proptest::sample::Index;

/// A row of a random survey; what it reads is picked among the rows before it.
#[derive(Clone, Debug)]
enum Row {
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
struct Reading {
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

/// Some hundred cases each; `PROPTEST_CASES` asks for more. Failures are shrunk and shown; nothing is written beside
/// the sources.
fn cases() -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

fn reading() -> impl Strategy<Value = Reading> {
    (0..TEMPLATES.len(), any::<[Index; 2]>()).prop_map(|(template, of)| Reading { template, of })
}

fn row() -> impl Strategy<Value = Row> {
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
fn without_memory(row: Row) -> Row {
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

fn any_form() -> impl Strategy<Value = (String, Arc<Form>)> {
    form_of(row())
}

/// Rows that read what only later rows settle (a group's relevance by a repeat around it) can make circles: such forms
/// are passed over.
fn form_of(row: impl Strategy<Value = Row>) -> impl Strategy<Value = (String, Arc<Form>)> {
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

#[derive(Clone, Debug)]
enum Step {
    Answer(Index, usize),
    Note(Index),
    Add(Index),
    Remove(Index),
    Undo(Index),
    Go(Index),
}

const ANSWERS: [&str; 9] = ["", "1", "2", "3", "m", "m b", "x", "2020-02-29", " 07 "];

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (any::<Index>(), 0..ANSWERS.len()).prop_map(|(of, answer)| Step::Answer(of, answer)),
        1 => any::<Index>().prop_map(Step::Note),
        2 => any::<Index>().prop_map(Step::Add),
        1 => any::<Index>().prop_map(Step::Remove),
        1 => any::<Index>().prop_map(Step::Undo),
        1 => any::<Index>().prop_map(Step::Go),
    ]
}

/// All paths of a session: questions, repeats and instances as they are now.
fn paths(s: &Session) -> (Vec<String>, Vec<String>, Vec<String>) {
    let (mut questions, mut repeats, mut instances) = (Vec::new(), Vec::new(), Vec::new());
    let mut found: Vec<(String, String)> = vec![(String::new(), String::new())];
    for question in s.form().questions() {
        let (parent, name) = question
            .path
            .rsplit_once('/')
            .unwrap_or(("", &question.path));
        let above: Vec<String> = found
            .iter()
            .filter(|(plain, _)| plain == parent)
            .map(|(_, path)| path.clone())
            .collect();
        for above in above {
            let path = if above.is_empty() {
                name.to_owned()
            } else {
                format!("{above}/{name}")
            };
            let rows = s.instances(&path);
            if s.value(&path).is_some() {
                questions.push(path);
            } else if rows.is_empty() {
                // A group, or a repeat without instances.
                found.push((question.path.clone(), path.clone()));
                repeats.push(path);
            } else {
                found.extend(rows.iter().map(|row| (question.path.clone(), row.clone())));
                instances.extend(rows);
                repeats.push(path);
            }
        }
    }
    (questions, repeats, instances)
}

fn pick<'a>(of: &Index, paths: &'a [String]) -> &'a str {
    let path: &String = of.get(paths);
    path
}

/// Takes a step; what a form refuses changes nothing and is no failure here.
fn take(s: &mut Session, step: &Step, removed: &mut Vec<String>) {
    let (questions, repeats, instances) = paths(s);
    match step {
        Step::Answer(of, answer) => {
            let _ = s.answer(pick(of, &questions), Answer::Text(ANSWERS[*answer].into()));
        }
        Step::Note(of) => {
            let _ = s.note(pick(of, &questions), "memang");
        }
        Step::Add(of) if !repeats.is_empty() => {
            let _ = s.add(pick(of, &repeats));
        }
        Step::Remove(of) if !instances.is_empty() => {
            let path = pick(of, &instances);
            if s.remove(path).is_ok() {
                removed.push(path.to_owned());
            }
        }
        Step::Undo(of) if !removed.is_empty() => {
            let _ = s.undo_remove(pick(of, removed));
        }
        Step::Go(of) => {
            let mut pages: Vec<PageRef> = s.contents().into_iter().map(|row| row.page).collect();
            pages.push(PageRef("nowhere".into()));
            s.go(Go::Page(of.get(&pages).clone()));
        }
        _ => {}
    }
}

/// Everything that a document says, as texts.
fn texts(value: &serde_json::Value, told: &mut Vec<String>) {
    use serde_json::Value;
    match value {
        Value::Object(members) => members.values().for_each(|member| texts(member, told)),
        Value::Array(codes) if codes.iter().all(Value::is_string) => {
            let codes: Vec<&str> = codes.iter().filter_map(Value::as_str).collect();
            told.push(codes.join(" "));
        }
        Value::Array(instances) => instances.iter().for_each(|instance| texts(instance, told)),
        Value::String(text) => told.push(text.clone()),
        other => told.push(other.to_string()),
    }
}

proptest! {
    #![proptest_config(cases())]

    /// Resuming evaluates every rule anew: it must find what the session kept up to date.
    #[test]
    fn what_is_kept_up_to_date_equals_what_is_computed_from_scratch(
        (survey, form) in any_form(),
        steps in proptest::collection::vec(step(), 1..30),
    ) {
        let mut s = Session::new(form.clone(), context());
        let mut removed = Vec::new();
        for (index, step) in steps.iter().enumerate() {
            take(&mut s, step, &mut removed);
            let scratch = Session::resume(form.clone(), &s.draft(), context()).unwrap();
            let told = || format!("{survey}\nafter {:?}", &steps[..=index]);
            prop_assert_eq!(scratch.preview(), s.preview(), "{}", told());
            prop_assert_eq!(scratch.problems(), s.problems(), "{}", told());
            prop_assert_eq!(scratch.progress(), s.progress(), "{}", told());
            prop_assert_eq!(scratch.screen(), s.screen(), "{}", told());
            prop_assert_eq!(scratch.contents(), s.contents(), "{}", told());
            prop_assert_eq!(scratch.draft(), s.draft(), "{}", told());
        }
    }

    /// Nothing is lost on the way to tables, and nothing comes twice.
    #[test]
    fn every_answer_and_note_of_a_document_is_one_cell_of_its_tables(
        (survey, form) in any_form(),
        steps in proptest::collection::vec(step(), 1..30),
    ) {
        let mut s = Session::new(form.clone(), context());
        let mut removed = Vec::new();
        for step in &steps {
            take(&mut s, step, &mut removed);
        }
        let document = serde_json::from_str(s.preview().as_str()).unwrap();
        let mut told = Vec::new();
        texts(&document, &mut told);
        let mut written = Vec::new();
        let dropped = form.tables(Several::Joined).rows("e", &document, |row| {
            let cells = row.table.columns.iter().zip(row.cells);
            // Without the keys, except for an instance's own id.
            let cells = cells.filter(|(column, _)| !column.path.is_empty() || column.kind == ColumnKind::Id);
            written.extend(cells.map(|(_, cell)| cell.text().into_owned()));
            Ok::<(), ()>(())
        });
        prop_assert_eq!(dropped, Ok(Vec::new()), "{}", survey);
        written.retain(|text| !text.is_empty());
        told.sort_unstable();
        written.sort_unstable();
        prop_assert_eq!(written, told, "{}\n{}", survey, document);
    }

    /// The items that a change names, put into the screen before, make the screen after.
    #[test]
    fn a_change_brings_the_screen_up_to_date(
        (survey, form) in any_form(),
        steps in proptest::collection::vec((any::<Index>(), 0..ANSWERS.len()), 1..30),
    ) {
        let mut s = Session::new(form, context());
        for (of, answer) in steps {
            let (questions, ..) = paths(&s);
            let mut drawn = s.screen();
            let path = pick(&of, &questions);
            let Ok(change) = s.answer(path, Answer::Text(ANSWERS[answer].into())) else { continue };
            let now = s.screen();
            prop_assert_eq!(change.progress, now.progress);
            if !change.layout {
                for item in change.items {
                    let place = drawn.items.iter().position(|old| old.path() == item.path());
                    prop_assert!(place.is_some(), "{} is not on the page", item.path());
                    drawn.items[place.unwrap()] = item;
                }
                prop_assert_eq!(drawn.items, now.items, "{} after {}", survey, path);
            }
            if !change.pages {
                prop_assert_eq!(drawn.of, now.of);
            }
        }
    }

    /// The totals are what the problems add up to.
    #[test]
    fn progress_counts_the_problems((_, form) in any_form(), steps in proptest::collection::vec(step(), 1..20)) {
        let mut s = Session::new(form, context());
        let mut removed = Vec::new();
        for step in &steps {
            take(&mut s, step, &mut removed);
        }
        let problems = s.problems();
        let hard = problems.iter().filter(|problem| problem.severity == ketuk_form::Gravity::Hard);
        prop_assert_eq!(hard.count(), s.progress().hard);
        prop_assert_eq!(problems.len(), s.progress().hard + s.progress().soft);
    }

    /// What a session lets pass, the check lets pass, whichever way it was filled.
    #[test]
    fn a_finished_document_passes_the_check((survey, form) in any_form(), steps in proptest::collection::vec(step(), 1..30)) {
        let mut s = Session::new(form.clone(), context());
        let mut removed = Vec::new();
        for step in &steps {
            take(&mut s, step, &mut removed);
        }
        // What is still open is solved by answers that fit, as far as there are any.
        for _ in 0..3 {
            for problem in s.problems() {
                let _ = s.note(&problem.path, "memang");
                for answer in ANSWERS.iter().skip(1) {
                    let open = |s: &Session| s.problems().iter().any(|other| other.path == problem.path);
                    if open(&s) {
                        let _ = s.answer(&problem.path, Answer::Text((*answer).into()));
                    }
                }
            }
        }
        if let Ok(document) = s.finish() {
            let value = serde_json::from_str(document.as_str()).unwrap();
            let problems = form.check(&value, &context());
            // A triggered calculation keeps what its trigger made of answers since changed.
            prop_assert!(problems.is_empty(), "{survey}\n{}\n{problems:?}", document.as_str());
        }
    }

    /// Where no answer is calculated by a trigger, the order of answering makes no difference.
    #[test]
    fn the_order_of_answering_makes_no_difference(
        (survey, form) in form_of(row().prop_map(without_memory)),
        answers in proptest::collection::vec(0..ANSWERS.len(), 25),
        order in Just((0..25usize).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let fill = |order: &[usize]| {
            let mut s = Session::new(form.clone(), context());
            let (questions, ..) = paths(&s);
            for index in order {
                if let Some(path) = questions.get(*index) {
                    let _ = s.answer(path, Answer::Text(ANSWERS[answers[*index]].into()));
                }
            }
            s
        };
        let in_order: Vec<usize> = (0..25).collect();
        let (a, b) = (fill(&in_order), fill(&order));
        prop_assert_eq!(a.problems().len(), b.problems().len(), "{}", survey);
        prop_assert_eq!(a.preview(), b.preview(), "{}", survey);
    }
}

/// What a form looks like from outside, wherever one is in it.
fn seen(
    s: &Session,
) -> (
    String,
    Vec<ketuk_form::Problem>,
    ketuk_form::Progress,
    Vec<String>,
) {
    let pages = s.contents().into_iter().map(|row| row.page.0);
    (
        s.preview().into_string(),
        s.problems(),
        s.progress(),
        pages.collect(),
    )
}

/// The form as it is after so many steps, put away as JSON and taken up again.
fn put_away(form: &Arc<Form>, s: &Session) -> Session {
    let saved = serde_json::to_string(&s.draft()).unwrap();
    let draft: ketuk_form::Draft = serde_json::from_str(&saved).unwrap();
    Session::resume(form.clone(), &draft, context()).unwrap()
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn save_and_resume_equals_never_stopping(
        (survey, form) in any_form(),
        steps in proptest::collection::vec((step(), any::<bool>()), 1..30),
    ) {
        let (mut stopping, mut going_on) = (Session::new(form.clone(), context()), Session::new(form.clone(), context()));
        let (mut removed, mut gone) = (Vec::new(), Vec::new());
        for (step, stops) in &steps {
            if *stops {
                stopping = put_away(&form, &stopping);
            }
            take(&mut stopping, step, &mut removed);
            take(&mut going_on, step, &mut gone);
        }
        prop_assert_eq!(removed, gone);
        prop_assert_eq!(seen(&stopping), seen(&going_on), "{}\nafter {:?}", survey, steps);
        prop_assert_eq!(stopping.screen(), going_on.screen(), "{}\nafter {:?}", survey, steps);
        // Drafts may differ in calculations that don't apply; what comes of them may not.
        let resumed = [&stopping, &going_on].map(|s| seen(&put_away(&form, s)));
        prop_assert_eq!(&resumed[0], &resumed[1], "{}\nafter {:?}", survey, steps);
    }

    /// Each page that the contents name can be gone to, and shows the problems that are said to be on it; next and back
    /// pass through all pages in that order.
    #[test]
    fn screens_contents_and_problems_agree(
        (survey, form) in any_form(),
        steps in proptest::collection::vec(step(), 1..20),
    ) {
        let mut s = Session::new(form, context());
        let mut removed = Vec::new();
        for step in &steps {
            take(&mut s, step, &mut removed);
        }
        let contents = s.contents();
        let (problems, progress) = (s.problems(), s.progress());
        let sum = |count: fn(&ketuk_form::ContentsRow) -> usize| contents.iter().map(count).sum::<usize>();
        prop_assert_eq!(sum(|row| row.required), progress.required, "{}", survey);
        prop_assert_eq!(sum(|row| row.answered), progress.answered, "{}", survey);
        prop_assert_eq!(sum(|row| row.soft), progress.soft, "{}", survey);
        let mut shown = Vec::new();
        for (at, row) in contents.iter().enumerate() {
            // Twice: what is missing on a page shows once the page was left.
            s.go(Go::Page(row.page.clone()));
            let screen = s.go(Go::Page(row.page.clone()));
            prop_assert_eq!(&screen.page, &row.page, "{}", survey);
            prop_assert_eq!((screen.position, screen.of), (at + 1, contents.len()), "{}", survey);
            for item in screen.items {
                if let Item::Question(question) | Item::Note(question) = item {
                    let unnoted = question.warning.filter(|_| question.note.is_none());
                    shown.extend(question.problem.or(unnoted));
                }
            }
        }
        prop_assert_eq!(shown, problems, "{}", survey);
        if let Some(first) = contents.first() {
            s.go(Go::Page(first.page.clone()));
            let mut walked = vec![s.screen().page];
            for _ in 1..contents.len() {
                walked.push(s.go(Go::Next).page);
            }
            let pages: Vec<PageRef> = contents.iter().map(|row| row.page.clone()).collect();
            prop_assert_eq!(&walked, &pages, "{}", survey);
            for page in pages.iter().rev().skip(1) {
                prop_assert_eq!(&s.go(Go::Back).page, page, "{}", survey);
            }
        }
    }

    #[test]
    fn an_instance_that_is_removed_and_brought_back_was_never_gone(
        (survey, form) in form_of(row().prop_map(without_memory)),
        steps in proptest::collection::vec(step(), 1..20),
        of in any::<Index>(),
    ) {
        let mut s = Session::new(form, context());
        let mut removed = Vec::new();
        for step in &steps {
            take(&mut s, step, &mut removed);
        }
        let (.., instances) = paths(&s);
        if instances.is_empty() {
            return Ok(());
        }
        let path = pick(&of, &instances);
        let before = seen(&s);
        if s.remove(path).is_ok() {
            prop_assert!(!paths(&s).2.iter().any(|other| other == path), "{}", survey);
            s.undo_remove(path).unwrap();
        }
        prop_assert_eq!(seen(&s), before, "{}\nafter {:?}\nwithout {}", survey, steps, path);
    }

    #[test]
    fn an_instance_that_is_added_and_removed_leaves_nothing_behind(
        (survey, form) in form_of(row().prop_map(without_memory)),
        steps in proptest::collection::vec(step(), 1..20),
        of in any::<Index>(),
    ) {
        let mut s = Session::new(form, context());
        let mut removed = Vec::new();
        for step in &steps {
            take(&mut s, step, &mut removed);
        }
        let (_, repeats, _) = paths(&s);
        if repeats.is_empty() {
            return Ok(());
        }
        let before = seen(&s);
        if let Ok(path) = s.add(pick(&of, &repeats)) {
            prop_assert!(paths(&s).2.contains(&path), "{}", survey);
            s.remove(&path).unwrap();
        }
        prop_assert_eq!(seen(&s), before, "{}\nafter {:?}", survey, steps);
    }
}

/// Bits of which expressions are made, and some that are in none.
const BITS: [&str; 44] = [
    "${q0}",
    "${r}",
    "${x}",
    "${nope}",
    "1",
    "2.5",
    "'a'",
    "\"b\"",
    "(",
    ")",
    "[",
    "]",
    ",",
    "+",
    "-",
    "*",
    "div",
    "mod",
    "and",
    "or",
    "=",
    "!=",
    "<",
    ">=",
    "|",
    ".",
    "..",
    "/",
    "//",
    "@",
    "x",
    "::",
    "child::",
    "ancestor::*",
    "if(",
    "count(",
    "sum(",
    "position(..)",
    "current()",
    "instance('yt')",
    "regex(., ",
    "indexed-repeat(",
    "not(",
    "$",
];

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn no_expression_makes_it_panic(
        bits in proptest::collection::vec(proptest::sample::select(&BITS[..]), 1..14),
        column in 0..6usize,
        noise in "\\PC{0,6}",
    ) {
        let columns = ["calculation", "relevant", "constraint", "required", "default", "choice_filter"];
        let expression = format!("{}{noise}", bits.join(" ")).replace('"', "\"\"");
        let survey = format!(
            "type,name,label,{}\ninteger,q0,Q,\nbegin repeat,r,R,\ninteger,x,X,\n\
             select_one yt,y,Y,\"{expression}\"\nend repeat,,,\n",
            columns[column]
        );
        let choices = "list_name,name,label\nyt,1,Ya\n";
        let book = Workbook::from_csv(&[("survey", &survey), ("choices", choices)]).unwrap();
        if let Ok(form) = Form::compile(&book) {
            form.codebook();
            let mut s = Session::new(Arc::new(form), context());
            let path = s.instances("r").remove(0);
            let _ = s.answer(&format!("{path}/x"), Answer::Text("3".into()));
            let _ = s.answer("q0", Answer::Text("1".into()));
            s.add("r").unwrap();
            s.preview();
            s.screen();
        }
    }

    #[test]
    fn no_workbook_makes_it_panic(rows in proptest::collection::vec(
        proptest::collection::vec(proptest::sample::select(&[
            "", "type", "name", "label", "label::English (en)", "relevant", "calculation", "text", "integer",
            "select_one yt", "select_multiple yt or_other", "begin group", "end group", "begin repeat", "end repeat",
            "end_group x", "repeat_count", "a", "b", "${a}", "${b} + 1", "yes", "range", "start=1 end=0", "calculate",
            "ketuk::fixed", "ketuk::carry", "no", "default", "choice_filter", "name = ${a}", "list_name", "yt", "_notes", "_id",
        ][..]), 1..7), 1..14), csv in any::<bool>()) {
        let text = rows.iter().map(|row| row.join(",")).collect::<Vec<_>>().join("\n");
        let (survey, choices) =
            if csv { (text, "list_name,name,label\nyt,1,Ya\n".to_owned()) } else { ("type,name\ntext,a".to_owned(), text) };
        let book = Workbook::from_csv(&[("survey", &survey), ("choices", &choices)]).unwrap();
        if let Ok(form) = Form::compile(&book) {
            let form = Arc::new(form);
            let mut s = Session::new(form.clone(), context());
            let _ = s.answer("a", Answer::Text("1".into()));
            s.screen();
            s.contents();
            let value = serde_json::from_str(s.preview().as_str()).unwrap();
            form.check(&value, &context());
            form.codebook();
            for table in form.tables(Several::Split).all() {
                let names: BTreeSet<&str> = table.columns.iter().map(|column| &*column.name).collect();
                prop_assert_eq!(names.len(), table.columns.len(), "{:?}", table);
            }
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), text in "\\PC{0,80}") {
        let _ = Workbook::from_bytes(&bytes);
        if let Ok(book) = Workbook::from_csv(&[("survey", &text)]) {
            let _ = Form::compile(&book);
        }
    }
}

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    use serde_json::{Value, json};
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,5}".prop_map(Value::from),
        Just(json!("1")),
    ];
    let names = proptest::sample::select(&["q0", "q1", "r", "x", "g", "_id", "_notes", "z"][..]);
    leaf.prop_recursive(4, 40, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec((names.clone(), inner), 0..6).prop_map(|members| {
                Value::Object(
                    members
                        .into_iter()
                        .map(|(name, value)| (name.to_owned(), value))
                        .collect(),
                )
            }),
        ]
    })
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn no_document_makes_it_panic(document in any_json()) {
        let form = common::form(
            "type | name | label | ketuk::carry\ninteger | q0 | Q |\nselect_multiple yt | q1 | Q |\n\
             begin group | g | G |\ndate | z | Z |\nend group\n\
             begin repeat | r | R | x > 1\ninteger | x | X |\nend repeat",
        );
        form.check(&document, &context());
        let _ = form.tables(Several::Split).rows("e", &document, |_| Ok::<(), ()>(()));
        let s = Session::update_of(form, &document, context());
        s.screen();
        let again = serde_json::from_str(s.preview().as_str()).unwrap();
        let problems = s.form().check(&again, &context());
        prop_assert!(problems.is_empty() || !s.problems().is_empty(), "{problems:?}");
    }
}
