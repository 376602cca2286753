//! Ketuk's engine, driven as the peers are.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use jiff::Timestamp;
use jiff::tz::Offset;
use ketuk_form::{
    Answer, Choice, Context, Control, Faults, Form, Go, Item, ProblemKind, Question, Session,
    Workbook,
};
use ketuk_oracle::case::{Case, Step};
use ketuk_oracle::paths::{self, ROOT};
use serde_json::Value;

use crate::state::{Shown, Stand, State, Violation};

/// The form of a case.
pub(crate) fn compile(case: &Case) -> Result<Result<Arc<Form>, Faults>> {
    Ok(Form::compile(&workbook(case)?).map(Arc::new))
}

/// The XForm of a case.
pub(crate) fn convert(case: &Case) -> Result<String> {
    Ok(ketuk_form::xform(&workbook(case)?)?)
}

fn workbook(case: &Case) -> Result<Workbook> {
    let sheets: Vec<(String, String)> = case
        .sheets
        .iter()
        .map(|sheet| Ok((sheet.name.clone(), sheet.csv()?)))
        .collect::<Result<_>>()?;
    let sheets: Vec<(&str, &str)> = sheets
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    let mut workbook = Workbook::from_csv(&sheets)?;
    for (name, text) in &case.files {
        workbook.attach(name, text.as_bytes())?;
    }
    Ok(workbook)
}

/// The states that a case goes through: as the form is opened, and after each step.
pub(crate) fn fill(form: &Arc<Form>, steps: &[Step]) -> Result<Vec<State>> {
    let mut session = open(form);
    let mut states = vec![state(&session)?];
    for step in steps {
        take(&mut session, step).with_context(|| format!("{step:?}"))?;
        states.push(state(&session)?);
    }
    Ok(states)
}

/// A form of today.
pub(crate) fn open(form: &Arc<Form>) -> Session {
    let today = Offset::UTC.to_datetime(Timestamp::now()).date();
    Session::new(Arc::clone(form), Context::on(today))
}

pub(crate) fn take(session: &mut Session, step: &Step) -> Result<()> {
    match step {
        Step::Answer { path, value } => {
            let path = paths::ours(session, path)?;
            session.answer(&path, Answer::Text(value.clone()))?;
        }
        Step::Add { path } => {
            let path = paths::ours(session, path)?;
            let instance = session.add(&path)?;
            // With us every repeat begins with an instance; with the peers only the first outer one's
            // inner repeats do.
            for inner in inner_repeats(session, &path, &instance) {
                for extra in session.instances(&inner) {
                    session.remove(&extra)?;
                }
            }
        }
        Step::Remove { path, index } => {
            let path = paths::ours(session, path)?;
            let instances = session.instances(&path);
            let instance = instances.get(*index).context("no such instance")?;
            session.remove(instance)?;
        }
        Step::Language { value } => {
            if !session.set_language(value) {
                bail!("no such language");
            }
        }
    }
    Ok(())
}

/// Repeats right inside a new instance, by their paths. Those that the form counts are not among them.
fn inner_repeats(session: &Session, repeat: &str, instance: &str) -> Vec<String> {
    let plain = |path: &str| -> String {
        let names = path
            .split('/')
            .map(|step| step.split('[').next().unwrap_or(step));
        names.collect::<Vec<_>>().join("/")
    };
    let above = format!("{}/", plain(repeat));
    let below = session.form().questions().filter_map(|question| {
        let path = question.path.strip_prefix(&above)?.to_owned();
        Some(format!("{instance}/{path}"))
    });
    let removable = |path: &String| {
        let first = session.instances(path).into_iter().next();
        first.is_some_and(|first| session.clone().remove(&first).is_ok())
    };
    below.filter(removable).collect()
}

/// How all questions stand that apply.
fn state(session: &Session) -> Result<State> {
    let document: Value = serde_json::from_str(session.preview().as_str())?;
    let violations = violations(session);
    let shown = shown(session);
    let mut state = State::new();
    for question in session.form().questions() {
        for (ours, theirs) in instances(session, &question.path) {
            let asks = session.value(&ours).is_some() && session.is_relevant(&ours);
            if !asks {
                continue;
            }
            let shown = shown.get(&ours).map(|question| Shown {
                label: question.label.trim().to_owned(),
                required: question.required,
                read_only: question.read_only,
                violation: violations.get(&ours).copied(),
                choices: choices(&question.control),
            });
            let value = value(&document, &ours).map(text).unwrap_or_default();
            state.insert(theirs, Stand { value, shown });
        }
    }
    Ok(state)
}

/// All instances of a path without instances: as a session names it, and as an instance has it.
fn instances(session: &Session, path: &str) -> Vec<(String, String)> {
    let mut known = vec![(String::new(), ROOT.to_owned())];
    for name in path.split('/') {
        let mut next = Vec::new();
        for (ours, theirs) in known {
            let ours = match ours.is_empty() {
                true => name.to_owned(),
                false => format!("{ours}/{name}"),
            };
            let theirs = format!("{theirs}/{name}");
            let of_repeat = session.instances(&ours);
            if of_repeat.is_empty() {
                // Nothing stands below a repeat without instances, so it may pass for a group.
                next.push((ours, theirs));
            } else {
                let numbered = of_repeat.into_iter().zip(1..);
                next.extend(numbered.map(|(ours, at)| (ours, format!("{theirs}[{at}]"))));
            }
        }
        known = next;
    }
    known
}

/// All instances of these repeats.
pub(crate) fn all_instances(session: &Session, repeats: &[String]) -> BTreeSet<String> {
    let all = repeats.iter().flat_map(|path| instances(session, path));
    all.map(|(ours, _)| ours).collect()
}

fn violations(session: &Session) -> HashMap<String, Violation> {
    let problems = session.problems().into_iter();
    let violations = problems.filter_map(|problem| {
        let violation = match problem.kind {
            ProblemKind::Required => Violation::Required,
            ProblemKind::Constraint => Violation::Constraint,
            _ => return None,
        };
        Some((problem.path, violation))
    });
    violations.collect()
}

/// All that stands on any page.
fn shown(session: &Session) -> HashMap<String, Question> {
    let mut turned = session.clone();
    let mut shown = HashMap::new();
    for row in session.contents() {
        for item in turned.go(Go::Page(row.page)).items {
            match item {
                Item::Question(question) => shown.insert(question.path.clone(), question),
                // A peer takes a note for a question that nobody can answer.
                Item::Note(question) => shown.insert(
                    question.path.clone(),
                    Question {
                        read_only: true,
                        ..question
                    },
                ),
                _ => None,
            };
        }
    }
    shown
}

fn choices(control: &Control) -> Vec<(String, String)> {
    let (Control::Choice(offer) | Control::Choices(offer) | Control::Rank(offer)) = control else {
        return Vec::new();
    };
    let pair = |choice: &Choice| (choice.code.clone(), choice.label.clone());
    offer.choices.iter().map(pair).collect()
}

/// What a document says at a path.
fn value<'a>(document: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('/').try_fold(document, |value, step| {
        let Some((name, id)) = step.strip_suffix(']').and_then(|step| step.split_once('[')) else {
            return value.get(step);
        };
        let instances = value.get(name)?.as_array()?;
        instances.iter().find(|instance| instance["_id"] == id)
    })
}

/// As an instance writes it.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(codes) => codes.iter().map(text).collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    }
}
