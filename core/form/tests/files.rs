//! Choices that come from files and from answers.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test says what fails by failing"
)]

use std::sync::Arc;

use ketuk_form::{Answer, Choice, Context, Control, Form, Item, Session, Workbook};

const SURVEY: &str = "\
type,name,label,choice_filter,calculation,parameters
text,regency,Regency,,,
select_one_from_file towns.csv,town,Town,regency = ${regency},,
calculate,people,,,\"pulldata('towns', 'people', 'name', ${town})\",
select_one_from_file towns.csv,any,Any,,,value=name label=people
";

const TOWNS: &str = "\
name,label,regency,people
pohe,Pohe,7571,1200
tenda,Tenda,7571,3400
isimu,Isimu,7501,900
";

fn form(survey: &str, towns: &str) -> Result<Form, String> {
    let mut book = Workbook::from_csv(&[("survey", survey)]).unwrap();
    if !towns.is_empty() {
        book.attach("towns.csv", towns.as_bytes()).unwrap();
    }
    Form::compile(&book).map_err(|faults| faults.to_string())
}

fn session(survey: &str, towns: &str) -> Session {
    let form = Arc::new(form(survey, towns).unwrap());
    Session::new(form, Context::on(jiff::civil::date(2026, 11, 29)))
}

fn labels(choices: &[Choice]) -> Vec<&str> {
    choices.iter().map(|choice| choice.label.as_str()).collect()
}

#[test]
fn a_file_gives_choices_that_answers_filter_and_values_to_pull() {
    let mut session = session(SURVEY, TOWNS);
    session
        .answer("regency", Answer::Text("7571".into()))
        .unwrap();
    let offered = session.choices("town", "", 0, 10).unwrap();
    assert_eq!(
        (labels(&offered.choices), offered.of),
        (vec!["Pohe", "Tenda"], 2)
    );
    session
        .answer("town", Answer::Choice("tenda".into()))
        .unwrap();
    assert_eq!(session.value("people"), Some(Answer::Text("3400".into())));
    assert_eq!(
        labels(&session.choices("any", "", 0, 10).unwrap().choices),
        ["1200", "3400", "900"]
    );

    session
        .answer("regency", Answer::Text("7501".into()))
        .unwrap();
    assert_eq!(session.problems().len(), 1, "a town of another regency");
}

#[test]
fn choices_are_searched_and_come_in_pages() {
    let rows = (0..1_000).map(|row| format!("t{row},Town {row},75,{row}\n"));
    let towns = format!("name,label,regency,people\n{}", rows.collect::<String>());
    let mut session = session(SURVEY, &towns);
    session
        .answer("any", Answer::Choice("t999".into()))
        .unwrap();
    session
        .answer("regency", Answer::Text("75".into()))
        .unwrap();

    let page = session.choices("town", "", 990, 50).unwrap();
    assert_eq!((page.choices.len(), page.of), (10, 1_000));
    let found = session.choices("town", "own 77", 0, 50).unwrap();
    assert_eq!(found.of, 19);
    assert_eq!(labels(&found.choices)[..2], ["Town 77", "Town 177"]);
    assert_eq!(
        session.choices("town", "T5", 0, 50).unwrap().of,
        1,
        "by its code"
    );
    assert_eq!(
        session
            .choices("town", "", 5_000, 50)
            .unwrap()
            .choices
            .len(),
        0
    );
    assert!(session.choices("regency", "", 0, 50).is_err());

    session.go(ketuk_form::Go::Page(ketuk_form::PageRef("any".into())));
    let Some(Item::Question(any)) = session.screen().items.pop() else {
        panic!("not a question");
    };
    let Control::Choice(choices) = any.control else {
        panic!("no choices");
    };
    assert_eq!(choices.of, 1_000);
    assert_eq!(
        choices.choices.len(),
        201,
        "the first, and the one that is chosen"
    );
    assert!(choices.choices[200].chosen);
}

#[test]
fn several_choices_of_a_file_are_kept_in_its_order() {
    let survey = "type,name,label\nselect_multiple_from_file towns.csv,towns,Towns\n";
    let mut session = session(survey, TOWNS);
    let codes = ["isimu", "pohe"].map(str::to_owned);
    session
        .answer("towns", Answer::Choices(codes.into()))
        .unwrap();
    assert_eq!(session.preview().as_str(), r#"{"towns":["pohe","isimu"]}"#);
    session
        .answer("towns", Answer::Text("pohe nowhere".into()))
        .unwrap();
    assert_eq!(session.problems().len(), 1, "no such town");
}

#[test]
fn choices_of_a_file_come_in_an_order_by_chance_where_the_form_says_so() {
    let rows = (0..50).map(|row| format!("t{row},Town {row},75,{row}\n"));
    let towns = format!("name,label,regency,people\n{}", rows.collect::<String>());
    let order = |parameters: &str| {
        let survey = format!(
            "type,name,label,parameters\nselect_one_from_file towns.csv,town,Town,{parameters}\n"
        );
        let offered = session(&survey, &towns).choices("town", "", 0, 50).unwrap();
        let mut codes: Vec<String> = offered.choices.into_iter().map(|town| town.code).collect();
        let order = codes.clone();
        codes.sort();
        codes.dedup();
        assert_eq!(codes.len(), 50, "each town once");
        order
    };
    let seeded = order("randomize=true seed=7");
    assert_ne!(seeded, order(""));
    assert_ne!(order("randomize=true"), order(""));
    assert_ne!(seeded, order("randomize=true seed=8"));
    assert_eq!(seeded, order("randomize=true seed=7"));
}

#[test]
fn what_a_file_lacks_is_named_with_its_cell() {
    let missing = form(SURVEY, "").unwrap_err();
    assert!(
        missing.contains("survey A3 (type): the file `towns.csv` is missing."),
        "{missing}"
    );
    let lacking = form(SURVEY, "name,label,regency\n").unwrap_err();
    for fault in [
        "survey E4 (calculation): at character 19, the file `towns.csv` has no column `people`.",
        "survey F5 (parameters): the file `towns.csv` has no column `people`.",
    ] {
        assert!(lacking.contains(fault), "{fault}\n{lacking}");
    }
}
