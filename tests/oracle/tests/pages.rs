//! The pages that say what of XLSForm there is, and where Ketuk differs from its peers. They are made from
//! `conformance.toml` and `differences.toml`, and these tests hold them to it: what they name is there, and they say
//! what the files say. `KETUK_WRITE_PAGES=1 cargo test -p ketuk-oracle --test pages` writes them anew.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests fail by panicking"
)]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde::Deserialize;

#[derive(Deserialize)]
struct Conformance {
    row: Vec<Row>,
}

/// A row of the XLSForm reference.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    kind: String,
    name: String,
    says: String,
    /// Cases that show it, as paths under `forms` without their ending.
    cases: Vec<String>,
    /// Tests of the engine that show what a case can't, as `file::name`.
    #[serde(default)]
    tests: Vec<String>,
    /// What Ketuk leaves out of it.
    left: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Differences {
    /// Of the engines.
    difference: Vec<Difference>,
    /// Of the XForms that Ketuk and pyxform make.
    conversion: Vec<Difference>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Difference {
    says: String,
    why: String,
    /// Names of cases.
    cases: Vec<String>,
}

/// The kinds of rows, with the heading that each has on the page.
const KINDS: [(&str, &str); 9] = [
    ("type", "Question types"),
    ("column", "Columns of the survey"),
    ("choices-column", "Columns of the choices"),
    ("settings-column", "Columns of the settings"),
    ("sheet", "Sheets"),
    ("parameter", "Parameters"),
    ("appearance", "Appearances"),
    ("function", "Functions"),
    ("operator", "Operators, references and paths"),
];

fn conformance() -> Vec<Row> {
    let file: Conformance = toml::from_str(include_str!("../conformance.toml")).unwrap();
    file.row
}

fn differences() -> Differences {
    toml::from_str(include_str!("../differences.toml")).unwrap()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// All cases, as paths under `forms` without their ending.
fn cases() -> BTreeSet<String> {
    let forms = Path::new(env!("CARGO_MANIFEST_DIR")).join("forms");
    let mut cases = BTreeSet::new();
    for folder in std::fs::read_dir(&forms).unwrap() {
        for file in std::fs::read_dir(folder.unwrap().path()).unwrap() {
            let path = file.unwrap().path().with_extension("");
            cases.insert(
                path.strip_prefix(&forms)
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .to_owned(),
            );
        }
    }
    cases
}

fn stem(case: &str) -> &str {
    case.rsplit('/').next().unwrap_or(case)
}

/// As a cell of a table has it.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn counted(number: usize, word: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {word}{plural}")
}

fn conformance_page() -> String {
    let rows = conformance();
    let left = rows.iter().filter(|row| row.left.is_some()).count();
    let mut page = format!(
        "# What of XLSForm there is\n\n\
         Every row of the XLSForm reference: the types, appearances, columns and parameters of ODK's template, and the\n\
         functions and operators of the ODK XForms specification and of XPath 1.0. Beside each stand the cases of\n\
         [tests/oracle](../tests/oracle/forms) that show it, each of which the peers run as well, and tests of the engine\n\
         for what a case can't show. [Where Ketuk differs](differences.md) has a page of its own.\n\n\
         Of {} something is left out at {left}.\n\n\
         This page is made from `tests/oracle/conformance.toml`, and a test holds it to that file.\n",
        counted(rows.len(), "row"),
    );
    for (kind, heading) in KINDS {
        writeln!(page, "\n## {heading}\n").unwrap();
        page.push_str("| Name | Means | Left out | Shown by |\n|---|---|---|---|\n");
        for row in rows.iter().filter(|row| row.kind == kind) {
            let cases = row.cases.iter().map(|case| case_link(case));
            let tests = row.tests.iter().map(|test| test_link(test));
            let shown: Vec<String> = cases.chain(tests).collect();
            writeln!(
                page,
                "| `{}` | {} | {} | {} |",
                cell(&row.name),
                cell(&row.says),
                cell(row.left.as_deref().unwrap_or_default()),
                shown.join(", ")
            )
            .unwrap();
        }
    }
    page
}

fn case_link(case: &str) -> String {
    format!(
        "[{}](../tests/oracle/forms/{case}.md)",
        stem(case).replace('-', " ")
    )
}

fn test_link(test: &str) -> String {
    let (file, name) = test.split_once("::").unwrap();
    format!("[{}](../{file})", name.replace('_', " "))
}

fn differences_page() -> String {
    let Differences {
        difference,
        conversion,
    } = differences();
    let mut page = format!(
        "# Where Ketuk's engine differs from its peers\n\n\
         [tests/oracle](../tests/oracle) gives the same forms and the same answers to Ketuk's engine, to pyxform and to\n\
         ODK's xforms-engine, and compares what each makes of them after every step. Where they differ, the ODK XForms\n\
         specification decides. These {} are known, each with the reason why Ketuk's answer stays as it is; the harness\n\
         fails at any other, and at one of these that is gone. What Ketuk's XForms do otherwise stands\n\
         [at the end](#where-ketuks-xforms-differ-from-pyxforms).\n\n\
         This page is made from `tests/oracle/differences.toml`, and a test holds it to that file.\n",
        counted(difference.len(), "difference"),
    );
    write_differences(&difference, "##", &mut page);
    write!(
        page,
        "\n## Where Ketuk's XForms differ from pyxform's\n\n\
         Of each form that both convert, the xforms-engine loads either XForm and is given the same answers. These {} are\n\
         known.\n",
        counted(conversion.len(), "difference"),
    )
    .unwrap();
    write_differences(&conversion, "###", &mut page);
    page
}

fn write_differences(differences: &[Difference], heading: &str, page: &mut String) {
    let cases = cases();
    for Difference {
        says,
        why,
        cases: names,
    } in differences
    {
        let links = names.iter().map(|name| {
            let case = cases.iter().find(|case| stem(case) == name);
            case_link(case.unwrap_or_else(|| panic!("there is no case `{name}`")))
        });
        let links: Vec<String> = links.collect();
        writeln!(
            page,
            "\n{heading} {says}\n\n{why}\n\nSeen in: {}.",
            links.join(", ")
        )
        .unwrap();
    }
}

/// Holds a page of `docs` to what it is made from, or writes it.
fn assert_page(name: &str, made: &str) {
    let path = root().join("docs").join(name);
    if std::env::var_os("KETUK_WRITE_PAGES").is_some() {
        std::fs::write(&path, made).unwrap();
    }
    let page = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        page == made,
        "docs/{name} is out of date: KETUK_WRITE_PAGES=1 cargo test -p ketuk-oracle --test pages"
    );
}

#[test]
fn the_conformance_page_says_what_its_file_says() {
    assert_page("conformance.md", &conformance_page());
}

#[test]
fn the_page_of_differences_says_what_its_file_says() {
    assert_page("differences.md", &differences_page());
}

#[test]
fn each_row_of_the_reference_is_shown_by_something_or_says_what_is_left_out() {
    let bare: Vec<String> = conformance()
        .into_iter()
        .filter(|row| row.cases.is_empty() && row.tests.is_empty() && row.left.is_none())
        .map(|row| row.name)
        .collect();
    assert!(bare.is_empty(), "{bare:?}");
}

#[test]
fn each_row_has_a_kind_that_the_page_shows_and_a_name_of_its_own() {
    let mut seen = BTreeSet::new();
    for row in conformance() {
        assert!(
            KINDS.iter().any(|(kind, _)| *kind == row.kind),
            "{}",
            row.kind
        );
        assert!(
            seen.insert((row.kind, row.name.clone())),
            "{} is there twice",
            row.name
        );
    }
}

#[test]
fn each_case_that_a_row_names_is_there_and_each_case_is_named_by_a_row() {
    let named: BTreeSet<String> = conformance()
        .into_iter()
        .flat_map(|row| row.cases)
        .collect();
    let cases = cases();
    let missing: Vec<_> = named.difference(&cases).collect();
    let unnamed: Vec<_> = cases.difference(&named).collect();
    assert!(missing.is_empty(), "named and not there: {missing:?}");
    assert!(unnamed.is_empty(), "there and not named: {unnamed:?}");
}

#[test]
fn each_test_that_a_row_names_is_there() {
    for test in conformance().into_iter().flat_map(|row| row.tests) {
        let (file, name) = test.split_once("::").unwrap();
        let source = std::fs::read_to_string(root().join(file)).unwrap_or_default();
        assert!(source.contains(&format!("#[test]\nfn {name}()")), "{test}");
    }
}

#[test]
fn each_difference_names_cases_that_there_are_and_none_twice() {
    let cases = cases();
    let stems: BTreeSet<&str> = cases.iter().map(|case| stem(case)).collect();
    let Differences {
        difference,
        conversion,
    } = differences();
    for list in [difference, conversion] {
        let mut seen = BTreeSet::new();
        for case in list.into_iter().flat_map(|difference| difference.cases) {
            assert!(stems.contains(case.as_str()), "there is no case `{case}`");
            assert!(seen.insert(case.clone()), "`{case}` is named twice");
        }
    }
}
