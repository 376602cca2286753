//! A session that is put away and taken up again.

use std::sync::Arc;

use ketuk_form::{Draft, Form, Session};
use proptest::prelude::*;

use crate::cases;
use crate::common::context;
use crate::forms::any_form;
use crate::steps::{seen, step, take};

/// The form as it is after so many steps, put away as JSON and taken up again.
fn put_away(form: &Arc<Form>, s: &Session) -> Session {
    let saved = serde_json::to_string(&s.draft()).unwrap();
    let draft: Draft = serde_json::from_str(&saved).unwrap();
    Session::resume(form.clone(), &draft, context()).unwrap()
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
}
