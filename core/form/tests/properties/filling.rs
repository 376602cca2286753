//! What a session says of itself agrees, whatever was answered.

use ketuk_form::{Answer, ContentsRow, Go, Gravity, Item, PageRef, Session};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::cases;
use crate::common::context;
use crate::forms::{any_form, form_of, row, without_memory};
use crate::steps::{ANSWERS, after, paths, pick, step};

proptest! {
    #![proptest_config(cases())]

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
        let s = after(&form, &steps);
        let problems = s.problems();
        let hard = problems.iter().filter(|problem| problem.severity == Gravity::Hard);
        prop_assert_eq!(hard.count(), s.progress().hard);
        prop_assert_eq!(problems.len(), s.progress().hard + s.progress().soft);
    }

    /// Each page that the contents name can be gone to, and shows the problems that are said to be on it; next and back
    /// pass through all pages in that order.
    #[test]
    fn screens_contents_and_problems_agree(
        (survey, form) in any_form(),
        steps in proptest::collection::vec(step(), 1..20),
    ) {
        let mut s = after(&form, &steps);
        let contents = s.contents();
        let (problems, progress) = (s.problems(), s.progress());
        let sum = |count: fn(&ContentsRow) -> usize| contents.iter().map(count).sum::<usize>();
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

    /// What a session lets pass, the check lets pass, whichever way it was filled.
    #[test]
    fn a_finished_document_passes_the_check((survey, form) in any_form(), steps in proptest::collection::vec(step(), 1..30)) {
        let mut s = after(&form, &steps);
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
