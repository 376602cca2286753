//! What is wrong in a workbook is found in one go, each with its cell and its cure.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test says what fails by failing"
)]

mod common;

use common::{CHOICES, SETTINGS, compiled, form, workbook};
use ketuk_form::{Form, Severity};

fn faults(survey: &str) -> String {
    compiled(survey)
        .err()
        .map(|faults| faults.to_string())
        .unwrap_or_default()
}

#[test]
fn a_broken_workbook_names_all_its_faults_at_once() {
    let survey = "
        type            | name     | label       | relevant                | constraint      | calculation        | labell
        txet            | a        | A           |                         |                 |                    |
        select_one kabb | kab      | Kabupaten   |                         |                 |                    |
        integer         | umur     | Umur        | ${nma} = 1              | . > 5 and       |                    |
        integer         | 1st      | Anak        |                         |                 |                    |
        text            | nama     | Nama        | selectd(${umur}, 'a')   | regex(., '(a')  |                    |
        calculate       | x        |             |                         |                 | ${y} + 1           |
        calculate       | y        |             |                         |                 | ${x} + substr('a') |
        calculate       | z        |             |                         |                 | ${w} + 1           |
        calculate       | w        |             |                         |                 | ${z} + 1           |
        begin group     | g        | G           |                         |                 |                    |
        text            | nama     | Nama        |                         |                 |                    |
        text            | nama     | Nama ${t}   |                         |                 |                    |
        end repeat      |          |             |                         |                 |                    |
        geopoint        | lokasi   | Lokasi      |                         |                 |                    |
                        | lupa     | Lupa        |                         |                 |                    |
        text            |          | Tanpa nama  |                         |                 |                    |";
    let choices = "
        list_name | name  | label
        yt        | 1     | Ya
        yt        | 1     | Tidak
                  | 2     | Tak bertuan
        kab       |       | Tanpa kode";
    let faults = Form::compile(&workbook(survey, choices, SETTINGS)).unwrap_err();
    insta::assert_snapshot!(faults.to_string());
    assert!(
        faults
            .0
            .iter()
            .filter(|fault| fault.severity == Severity::Error)
            .count()
            >= 10
    );
}

#[test]
fn circles_are_found_with_the_way_round() {
    let rows = "
        type      | name | label | calculation | relevant
        calculate | a    |       | ${b} + 1    |
        calculate | b    |       | ${c} + 1    |
        calculate | c    |       | ${a} + 1    |
        text      | d    | D     |             | ${d} = 1";
    let faults = faults(rows);
    assert!(
        faults.contains("answers depend on each other in a circle: a ← b ← c ← a."),
        "{faults}"
    );
    assert!(
        faults.contains("survey E5 (relevant): `d` depends on itself."),
        "{faults}"
    );
}

#[test]
fn what_fixes_an_answer_does_not_read_it() {
    let faults = faults("type | name | label | ketuk::fixed\ntext | a | A | . - .");
    assert!(
        faults.contains("survey D2 (ketuk::fixed): `a` depends on itself."),
        "{faults}"
    );
}

#[test]
fn a_fault_in_a_loop_is_named_once_with_the_authors_cell() {
    let rows = "
        type                  | name | label     | relevant
        begin loop over warna | g    | G         |
        integer               | a    | %(label)s | ${lost} = 1
        end loop              |      |           |";
    let faults = faults(rows);
    assert_eq!(
        faults.matches("survey D3 (relevant)").count(),
        1,
        "{faults}"
    );
}

#[test]
fn a_disabled_loop_is_passed_over() {
    let rows = "
        type                  | name | label | disabled
        begin loop over lost  | g    | G     | yes
        integer               | a    | A     | yes
        end loop              |      |       | yes
        begin loop over warna | h    | H     |
        integer               | a    | A     |
        end loop              |      |       |";
    let form = form(rows);
    let paths: Vec<String> = form.questions().map(|question| question.path).collect();
    assert!(paths.contains(&"h/m/a".to_owned()), "{paths:?}");
    assert!(!paths.contains(&"g".to_owned()), "{paths:?}");
}

#[test]
fn loops_that_would_fill_the_memory_are_refused() {
    let choices = "list_name | name | label\nx | a | %(label)s%(label)s\nx | b | B";
    let nested = |depth: usize| {
        let begin = (0..depth).map(|n| format!("begin loop over x | l{n} | L\n"));
        let end = "end loop | |\n".repeat(depth);
        let rows: String = begin.collect();
        format!("type | name | label\n{rows}text | q | %(label)s\n{end}")
    };
    let told = |depth| {
        let book = workbook(&nested(depth), choices, SETTINGS);
        Form::compile(&book)
            .map(drop)
            .map_err(|faults| faults.to_string())
    };
    assert_eq!(told(3), Ok(()));
    for depth in [25, 60] {
        let refused = told(depth).unwrap_err();
        assert!(refused.contains("the loop has no list"), "{refused}");
    }
}

#[test]
fn a_group_whose_relevance_reads_what_it_holds_is_a_circle() {
    let rows = "
        type        | name | label | relevant
        begin group | g    | G     | ${a} = 1
        integer     | a    | A     |
        end group   |      |       |";
    assert!(
        faults(rows).contains("circle: g ← a ← g."),
        "{}",
        faults(rows)
    );
}

#[test]
fn each_expression_fault_has_a_cure() {
    let cases = [
        (
            "1 = = 2",
            "there is one `=` too many. Write a single `=` to compare.",
        ),
        (
            "foo(1)",
            "there is no function `foo`. See the list of functions in the README.",
        ),
        (
            "cout(${a})",
            "there is no function `cout`. Did you mean `count`?",
        ),
        (
            "pulldata('a', 'b', 'c', 'd')",
            "the file `a.csv` is missing. Put it beside the workbook.",
        ),
        (
            "if(1, 2)",
            "`if()` takes 3 arguments, 2 were given. Give 3 arguments.",
        ),
        ("today(1)", "`today()` takes 0 arguments, 1 was given."),
        (
            "count('a')",
            "`count()` works on answers of several instances.",
        ),
        (
            "${umr}",
            "there is no question `umr`. Did you mean `${umur}`?",
        ),
        (
            "${ umur }",
            "Write `${umur}`, without spaces inside the braces.",
        ),
        (
            "$umur",
            "`$umur` is no variable: a form has none. Write `${umur}`",
        ),
        (
            "../umr",
            "there is no `umr` under `data`. Did you mean `umur`?",
        ),
        (
            "/dta/umur",
            "`/dta` is no path in this form. Begin with `/data/…`",
        ),
        (
            "instance('kb')/root/item",
            "there is no list `kb`. Did you mean `kab`?",
        ),
        (
            "instance('kab')/root/item[prv = 1]/name",
            "there is no `prv` under `item`. Did you mean `prov`?",
        ),
        (
            "jr:choice-name(${umur}, '${umur}')",
            "`umur` has no choices.",
        ),
        ("position(..)", "there is no repeat around here"),
        (
            "indexed-repeat(${umur}, ${a}, 1)",
            "this is no repeat that holds `umur`.",
        ),
        ("regex(${a}, '(?=x)')", "the pattern can't be read."),
        ("${last-saved#b}", "there is no question `b`."),
        ("1 | 2", "`|` joins questions and paths only."),
        (
            "'a'[1]",
            "`[…]` and `/` can follow questions and paths only.",
        ),
    ];
    for (expression, expected) in cases {
        let survey = format!(
            "type,name,label,calculation\ninteger,umur,U,\ntext,a,A,\ncalculate,c,,\"{expression}\"\n"
        );
        let choices = "list_name,name,label,prov\nkab,1,Satu,36\n";
        let book = ketuk_form::Workbook::from_csv(&[("survey", &survey), ("choices", choices)]);
        let faults = Form::compile(&book.unwrap()).unwrap_err();
        assert_eq!(faults.0.len(), 1, "{expression}: {faults}");
        assert_eq!(
            (faults.0[0].cell.as_str(), faults.0[0].row),
            ("D4", 4),
            "{expression}"
        );
        assert!(
            faults.to_string().contains(expected),
            "{expression}: {faults}"
        );
    }
}

#[test]
fn a_name_that_several_questions_have_can_not_be_referred_to_from_afar() {
    let rows = "
        type        | name | label | calculation
        begin group | g    | G     |
        text        | a    | A     |
        calculate   | near |       | ${a}
        end group   |      |       |
        begin group | h    | H     |
        text        | a    | A     |
        end group   |      |       |
        calculate   | far  |       | ${a}";
    assert_eq!(
        faults(rows),
        "survey D9 (calculation): at character 1, `${a}` could be any of g/a, h/a. \
         Give each question that is referred to a name of its own."
    );
}

#[test]
fn a_workbook_without_a_survey_is_refused_and_one_with_nothing_to_ask_warned_of() {
    let refused = |sheets: &[(&str, &str)]| {
        let book = ketuk_form::Workbook::from_csv(sheets).unwrap();
        Form::compile(&book).unwrap_err().to_string()
    };
    assert_eq!(
        refused(&[]),
        "survey: the sheet is missing. Add a sheet named `survey`."
    );
    assert_eq!(
        refused(&[("survey", "name,label\n")]),
        "survey: there is no column `type`. Add it to the first row."
    );
    let nothing = [("survey", "type,name\n")];
    let book = ketuk_form::Workbook::from_csv(&nothing).unwrap();
    let form = Form::compile(&book).unwrap();
    assert_eq!(form.warnings()[0].message, "the form asks nothing.");
}

#[test]
fn rows_that_are_disabled_or_record_nothing_are_passed_over() {
    let form = compiled(
        "type    | name | label | disabled
         text    | a    | A     |
         texxt   | b    | B     | yes
         start-geopoint | here | |",
    );
    let form = form.unwrap();
    let names: Vec<String> = form.questions().map(|question| question.name).collect();
    assert_eq!(names, ["a"]);
    assert_eq!(
        form.warnings()[0].message,
        "`start-geopoint` is not recorded and the row is not used."
    );
}

#[test]
fn what_a_group_can_not_have_is_warned_of() {
    let form = compiled(
        "type        | name | label | constraint | required
         begin group | g    | G     | 1 = 1      | no
         text        | a    | A     |            |
         end group   |      |       |            |",
    );
    let warnings: Vec<String> = form
        .unwrap()
        .warnings()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        warnings,
        [
            "warning: survey D2 (constraint): this has no effect on a group or repeat. \
          Put it on a question or a note."
        ]
    );
}

#[test]
fn groups_nested_beyond_reason_are_refused_without_exhausting_the_stack() {
    let depth = 20_000;
    let survey = format!(
        "type,name,label\n{}text,a,A\n{}",
        (0..depth)
            .map(|index| format!("begin group,g{index},G\n"))
            .collect::<String>(),
        "end group,,\n".repeat(depth)
    );
    let book = ketuk_form::Workbook::from_csv(&[("survey", &survey)]).unwrap();
    let faults = Form::compile(&book).unwrap_err().to_string();
    assert!(faults.contains("this group stands more than 50 levels deep. Put it further up."));
}

#[test]
fn two_spellings_of_one_column_and_two_questions_of_one_role_are_faults() {
    let rows = "
        type | name | label | relevant | relevance | ketuk::role
        text | a    | A     |          |           | kk
        text | b    | B     |          |           | kk";
    assert_eq!(
        faults(rows),
        "survey E1 (relevance): this column says the same as `relevant`. Keep one of the two.\n\
         survey F3 (ketuk::role): `a` has the role `kk` already. Give the role to one question."
    );
}

#[test]
fn required_may_be_written_in_many_ways() {
    for (word, required) in [
        ("yes", 1),
        ("TRUE", 1),
        ("x", 1),
        ("true()", 1),
        ("no", 0),
        ("FALSE", 0),
        ("", 0),
    ] {
        let form = compiled(&format!(
            "type | name | label | required\ntext | a | A | {word}"
        ));
        let session =
            ketuk_form::Session::new(std::sync::Arc::new(form.unwrap()), common::context());
        assert_eq!(session.progress().required, required, "{word}");
    }
}

#[test]
fn a_form_tells_its_names_languages_and_roles() {
    let survey = "
        type       | name  | label::Bahasa Indonesia (id) | label::English (en) | ketuk::role
        begin group| g     | Rumah                        | House               |
        select_one yt | a  | Apakah?                      | Is it?              | outcome
        end group  |       |                              |                     |";
    let form = Form::compile(&workbook(survey, CHOICES, SETTINGS)).unwrap();
    assert_eq!(
        (form.id(), form.version(), form.title()),
        ("uji", "1", "Uji")
    );
    let codes: Vec<_> = form
        .languages()
        .iter()
        .map(|language| language.code.as_deref())
        .collect();
    assert_eq!(codes, [Some("id"), Some("en")]);
    assert_eq!(form.role("outcome").unwrap().path, "g/a");
    assert_eq!(form.role("nothing"), None);
    assert_eq!(form.label("g/a", "en").as_deref(), Some("Is it?"));
    assert_eq!(
        form.label("g", "Bahasa Indonesia (id)").as_deref(),
        Some("Rumah")
    );
    assert_eq!(form.choice_label("g/a", "1", "en").as_deref(), Some("Yes"));
    let document = serde_json::json!({"g": {"a": "1"}});
    assert_eq!(form.role_answer(&document, "outcome").as_deref(), Some("1"));
    assert_eq!(form.role_answer(&serde_json::json!([]), "outcome"), None);
}
