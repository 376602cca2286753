//! Input that no form is made for.

use std::collections::BTreeSet;
use std::sync::Arc;

use ketuk_form::{Answer, Form, Session, Several, Workbook};
use proptest::prelude::*;

use crate::cases;
use crate::common::{self, context};

/// Bits of which expressions are made, and some that are in none.
const BITS: [&str; 44] = [
    "${q0}",
    "${r}",
    "${x}",
    "${nope}",
    "1",
    "2.5",
    "'a'",
    "\"b\"",
    "(",
    ")",
    "[",
    "]",
    ",",
    "+",
    "-",
    "*",
    "div",
    "mod",
    "and",
    "or",
    "=",
    "!=",
    "<",
    ">=",
    "|",
    ".",
    "..",
    "/",
    "//",
    "@",
    "x",
    "::",
    "child::",
    "ancestor::*",
    "if(",
    "count(",
    "sum(",
    "position(..)",
    "current()",
    "instance('yt')",
    "regex(., ",
    "indexed-repeat(",
    "not(",
    "$",
];

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    use serde_json::{Value, json};
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,5}".prop_map(Value::from),
        Just(json!("1")),
    ];
    let names = proptest::sample::select(&["q0", "q1", "r", "x", "g", "_id", "_notes", "z"][..]);
    leaf.prop_recursive(4, 40, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec((names.clone(), inner), 0..6).prop_map(|members| {
                Value::Object(
                    members
                        .into_iter()
                        .map(|(name, value)| (name.to_owned(), value))
                        .collect(),
                )
            }),
        ]
    })
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn no_expression_makes_it_panic(
        bits in proptest::collection::vec(proptest::sample::select(&BITS[..]), 1..14),
        column in 0..6usize,
        noise in "\\PC{0,6}",
    ) {
        let columns = ["calculation", "relevant", "constraint", "required", "default", "choice_filter"];
        let expression = format!("{}{noise}", bits.join(" ")).replace('"', "\"\"");
        let survey = format!(
            "type,name,label,{}\ninteger,q0,Q,\nbegin repeat,r,R,\ninteger,x,X,\n\
             select_one yt,y,Y,\"{expression}\"\nend repeat,,,\n",
            columns[column]
        );
        let choices = "list_name,name,label\nyt,1,Ya\n";
        let book = Workbook::from_csv(&[("survey", &survey), ("choices", choices)]).unwrap();
        if let Ok(form) = Form::compile(&book) {
            form.codebook();
            let mut s = Session::new(Arc::new(form), context());
            let path = s.instances("r").remove(0);
            let _ = s.answer(&format!("{path}/x"), Answer::Text("3".into()));
            let _ = s.answer("q0", Answer::Text("1".into()));
            s.add("r").unwrap();
            s.preview();
            s.screen();
        }
    }

    #[test]
    fn no_workbook_makes_it_panic(rows in proptest::collection::vec(
        proptest::collection::vec(proptest::sample::select(&[
            "", "type", "name", "label", "label::English (en)", "relevant", "calculation", "text", "integer",
            "select_one yt", "select_multiple yt or_other", "begin group", "end group", "begin repeat", "end repeat",
            "end_group x", "repeat_count", "a", "b", "${a}", "${b} + 1", "yes", "range", "start=1 end=0", "calculate",
            "ketuk::fixed", "ketuk::carry", "no", "default", "choice_filter", "name = ${a}", "list_name", "yt", "_notes", "_id",
        ][..]), 1..7), 1..14), csv in any::<bool>()) {
        let text = rows.iter().map(|row| row.join(",")).collect::<Vec<_>>().join("\n");
        let (survey, choices) =
            if csv { (text, "list_name,name,label\nyt,1,Ya\n".to_owned()) } else { ("type,name\ntext,a".to_owned(), text) };
        let book = Workbook::from_csv(&[("survey", &survey), ("choices", &choices)]).unwrap();
        if let Ok(form) = Form::compile(&book) {
            let form = Arc::new(form);
            let mut s = Session::new(form.clone(), context());
            let _ = s.answer("a", Answer::Text("1".into()));
            s.screen();
            s.contents();
            let value = serde_json::from_str(s.preview().as_str()).unwrap();
            form.check(&value, &context());
            form.codebook();
            for table in form.tables(Several::Split).all() {
                let names: BTreeSet<&str> = table.columns.iter().map(|column| &*column.name).collect();
                prop_assert_eq!(names.len(), table.columns.len(), "{:?}", table);
            }
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), text in "\\PC{0,80}") {
        let _ = Workbook::from_bytes(&bytes);
        if let Ok(book) = Workbook::from_csv(&[("survey", &text)]) {
            let _ = Form::compile(&book);
        }
    }

    #[test]
    fn no_document_makes_it_panic(document in any_json()) {
        let form = common::form(
            "type | name | label | ketuk::carry\ninteger | q0 | Q |\nselect_multiple yt | q1 | Q |\n\
             begin group | g | G |\ndate | z | Z |\nend group\n\
             begin repeat | r | R | x > 1\ninteger | x | X |\nend repeat",
        );
        form.check(&document, &context());
        let _ = form.tables(Several::Split).rows("e", &document, |_| Ok::<(), ()>(()));
        let s = Session::update_of(form, &document, context());
        s.screen();
        let again = serde_json::from_str(s.preview().as_str()).unwrap();
        let problems = s.form().check(&again, &context());
        prop_assert!(problems.is_empty() || !s.problems().is_empty(), "{problems:?}");
    }
}
