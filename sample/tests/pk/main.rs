//! The questionnaire's rules, each a test named by the number of the question that it stands at: skips, answers
//! that set themselves, hard and soft checks.
//!
//! The family that they are tried on (`family.rs`) passes every check. Each test changes what it is
//! about and says what must then hold.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests fail by panicking"
)]

#[path = "../common/mod.rs"]
mod common;
mod development;
mod family;
mod family_planning;
mod numbers;
mod population;
mod update;
mod visit;

use family::Family;

/// Gives the answers in turn; each must pass, or fail with these words.
fn judge(family: &mut Family, path: &str, cases: &[(&str, Option<&str>)]) {
    for (value, expected) in cases {
        family.set(path, value);
        let error = family.error(path);
        match expected {
            None => assert_eq!(error, None, "{path} = {value:?}"),
            Some(words) => assert!(
                error.as_ref().is_some_and(|e| e.contains(words)),
                "{path} = {value:?} should say {words:?}, but says {error:?}"
            ),
        }
    }
}

/// Says of each question whether it is asked.
fn assert_asked(family: &mut Family, when: &str, questions: &[(&str, bool)]) {
    for (path, asked) in questions {
        assert_eq!(family.asks(path), *asked, "{path} asked, {when}");
    }
}

/// A question that must be answered by one of the codes 1, 2, 3 and so on.
fn assert_codes(path: &str, last: usize) {
    let mut family = Family::of_three_generations();
    let codes: Vec<String> = (1..=last).map(|code| code.to_string()).collect();
    assert_eq!(family.offered(path), codes, "{path}");
    judge(&mut family, path, &[("", Some("Wajib diisi"))]);
    family.set(path, &(last + 1).to_string());
    assert!(family.error(path).is_some(), "{path} takes {}", last + 1);
}
