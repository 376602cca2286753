//! Random ways to fill a form.

use std::sync::Arc;

use ketuk_form::{Answer, Form, Go, PageRef, Problem, Progress, Session};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::common::context;

#[derive(Clone, Debug)]
pub(crate) enum Step {
    Answer(Index, usize),
    Note(Index),
    Add(Index),
    Remove(Index),
    Undo(Index),
    Go(Index),
}

pub(crate) const ANSWERS: [&str; 9] = ["", "1", "2", "3", "m", "m b", "x", "2020-02-29", " 07 "];

pub(crate) fn step() -> impl Strategy<Value = Step> {
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
pub(crate) fn paths(s: &Session) -> (Vec<String>, Vec<String>, Vec<String>) {
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

pub(crate) fn pick<'a>(of: &Index, paths: &'a [String]) -> &'a str {
    let path: &String = of.get(paths);
    path
}

/// Takes a step; what a form refuses changes nothing and is no failure here.
pub(crate) fn take(s: &mut Session, step: &Step, removed: &mut Vec<String>) {
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

/// The form after these steps.
pub(crate) fn after(form: &Arc<Form>, steps: &[Step]) -> Session {
    let mut s = Session::new(Arc::clone(form), context());
    let mut removed = Vec::new();
    for step in steps {
        take(&mut s, step, &mut removed);
    }
    s
}

/// What a form looks like from outside, wherever one is in it.
pub(crate) fn seen(s: &Session) -> (String, Vec<Problem>, Progress, Vec<String>) {
    let pages = s.contents().into_iter().map(|row| row.page.0);
    (
        s.preview().into_string(),
        s.problems(),
        s.progress(),
        pages.collect(),
    )
}
