//! No number of the questionnaire is without a test.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// The numbers that the survey gives to its questions: `I.8`, `III.3b`, and `II` for a block as a whole.
fn of_the_survey() -> BTreeSet<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../forms/pk/survey.csv");
    let mut survey = csv::Reader::from_path(path).unwrap();
    let headers = survey.headers().unwrap();
    let column = headers
        .iter()
        .position(|name| name == "ketuk::number")
        .unwrap();
    let rows = survey.records().map(Result::unwrap);
    rows.map(|row| row[column].to_owned())
        .filter(|number| !number.is_empty())
        .collect()
}

/// The numbers that tests are named by: `i_8_whoever_was_ever_married_is_asked_at_what_age` is a test of `I.8`.
fn of_the_tests() -> BTreeSet<String> {
    let program = std::env::current_exe().unwrap();
    let list = Command::new(program)
        .args(["--list", "--format=terse"])
        .output()
        .unwrap();
    let list = String::from_utf8(list.stdout).unwrap();
    let names = list.lines().filter_map(|line| line.strip_suffix(": test"));
    names
        .filter_map(|name| number(name.rsplit("::").next()?))
        .collect()
}

/// The number at the beginning of a test's name.
fn number(name: &str) -> Option<String> {
    let (block, rest) = name.split_once('_')?;
    if !["i", "ii", "iii"].contains(&block) {
        return None;
    }
    let block = block.to_uppercase();
    let item = rest.split('_').next()?;
    Some(match item.starts_with(|sign: char| sign.is_ascii_digit()) {
        true => format!("{block}.{item}"),
        false => block,
    })
}

#[test]
fn each_number_of_the_questionnaire_has_a_test_and_each_test_a_number_that_there_is() {
    assert_eq!(of_the_tests(), of_the_survey());
}
