//! Instances of repeats that come and go.

use proptest::prelude::*;
use proptest::sample::Index;

use crate::cases;
use crate::forms::{form_of, row, without_memory};
use crate::steps::{after, paths, pick, seen, step};

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn an_instance_that_is_removed_and_brought_back_was_never_gone(
        (survey, form) in form_of(row().prop_map(without_memory)),
        steps in proptest::collection::vec(step(), 1..20),
        of in any::<Index>(),
    ) {
        let mut s = after(&form, &steps);
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
        let mut s = after(&form, &steps);
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
