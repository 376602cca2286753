//! Documents: written, checked, and taken over by the next visit.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test says what fails by failing"
)]

mod common;

use common::{Fill, context, form, session};
use ketuk_form::{Answer, Misfit, Session};
use serde_json::{Value, json};

const FORM: &str = "
    type                  | name   | label | relevant | required | constraint | ketuk::warning | ketuk::carry | calculation
    select_one yt         | met    | M     |          | yes      |            |                | no           |
    begin group           | rumah  | R     | ${met} = '1' |      |            |                |              |
    integer               | luas   | L     |          | yes      | . > 0      | . < 1000       |              |
    decimal               | suhu   | S     |          |          |            |                |              |
    date                  | tgl    | T     |          |          |            |                |              |
    select_multiple warna | cat    | C     |          |          |            |                |              |
    calculate             | dobel  |       |          |          |            |                |              | ${luas} * 2
    end group             |        |       |          |          |            |                |              |
    begin repeat          | orang  | O     |          |          |            |                | pergi != '1' |
    text                  | nama   | N     |          | yes      |            |                |              |
    select_one yt         | pergi  | P     |          |          |            |                | no           |
    end repeat            |        |       |          |          |            |                |              |
    calculate             | hari   |       |          |          |            |                |              | once(today())
    calculate             | uid    |       |          |          |            |                |              | uuid()";

fn right() -> Value {
    json!({
        "met": "1",
        "rumah": {"luas": 36, "suhu": 27.5, "tgl": "2020-02-29", "cat": ["m", "b"], "dobel": "72"},
        "orang": [{"_id": "aaaaaaaa", "nama": "Ani"}, {"_id": "bbbbbbbb", "nama": "Budi", "pergi": "1"}],
        "hari": "2023-07-01",
        "uid": "x",
    })
}

fn problems(document: &Value) -> Vec<String> {
    let problems = form(FORM).check(document, &context()).into_iter();
    problems
        .map(|problem| format!("{} {:?}", problem.path, problem.kind))
        .collect()
}

#[test]
fn what_a_session_writes_passes_the_check() {
    let mut s = session(FORM);
    let orang = s.instances("orang").remove(0);
    s.put("met", "1")
        .put("rumah/luas", "2000")
        .put("rumah/suhu", "27,5")
        .put("rumah/cat", "b m");
    s.put(&format!("{orang}/nama"), "Ani \"A\" \\ \u{1}");
    s.note("rumah/luas", "istana").unwrap();
    let document: Value = serde_json::from_str(&s.document()).unwrap();
    assert_eq!(document["rumah"]["cat"], json!(["m", "b"]));
    assert_eq!(document["orang"][0]["nama"], "Ani \"A\" \\ \u{1}");
    assert_eq!(problems(&document), [""; 0]);
    assert_eq!(problems(&right()), [""; 0]);
}

#[test]
fn a_document_keeps_the_order_of_the_form_and_has_no_blanks() {
    let mut s = session(
        "type | name | label\ntext | b | B\nbegin group | g | G\ntext | z | Z\nend group\ntext | a | A",
    );
    s.put("a", "1").put("b", "2");
    assert_eq!(s.document(), r#"{"b":"2","a":"1"}"#);
    s.put("g/z", "3");
    assert_eq!(s.document(), r#"{"b":"2","g":{"z":"3"},"a":"1"}"#);
}

#[test]
fn each_thing_wrong_in_a_document_is_named() {
    let cases: Vec<(&str, Value, &str)> = vec![
        ("/lain", json!(1), "lain Unknown"),
        ("/rumah/lain", json!("x"), "rumah/lain Unknown"),
        ("/orang/0/lain", json!("x"), "orang[aaaaaaaa]/lain Unknown"),
        ("/rumah/luas", json!("36"), "rumah/luas Shape"),
        ("/rumah/luas", json!(36.5), "rumah/luas Type"),
        ("/rumah/luas", json!(0), "rumah/luas Constraint"),
        ("/rumah/luas", json!(1001), "rumah/luas Warning"),
        ("/rumah/cat", json!("m"), "rumah/cat Shape"),
        ("/rumah/cat", json!(["m", "x"]), "rumah/cat Choice"),
        ("/rumah/cat", json!([1]), "rumah/cat Shape"),
        ("/rumah/tgl", json!("2021-02-29"), "rumah/tgl Type"),
        ("/rumah/tgl", json!(null), "rumah/tgl Shape"),
        ("/rumah", json!([]), "rumah Shape"),
        ("/orang", json!({}), "orang Shape"),
        ("/orang/1/_id", json!("aaaaaaaa"), "orang Identity"),
        ("/orang/1/_id", json!("a/b"), "orang Identity"),
        ("/orang/1/_id", json!(7), "orang Identity"),
        ("/orang/1", json!("x"), "orang Shape"),
        ("/rumah/dobel", json!("71"), "rumah/dobel Calculated"),
        ("/met", json!("9"), "met Choice"),
        ("/met", json!("2"), "rumah/luas NotAsked"),
        ("/_notes", json!([]), "_notes Shape"),
        (
            "/_notes",
            json!({"rumah/lain": "x"}),
            "_notes/rumah/lain Unknown",
        ),
    ];
    for (at, value, expected) in cases {
        let mut document = right();
        document["_notes"] = json!({});
        let (parent, name) = at.rsplit_once('/').unwrap();
        let target = document.pointer_mut(parent).unwrap();
        match target {
            Value::Array(array) => array[name.parse::<usize>().unwrap()] = value,
            other => other[name] = value,
        }
        let found = problems(&document);
        assert!(
            found.contains(&expected.to_owned()),
            "{at} expected {expected}: {found:?}"
        );
    }
    let mut missing = right();
    missing["orang"][0].as_object_mut().unwrap().remove("nama");
    assert_eq!(problems(&missing), ["orang[aaaaaaaa]/nama Required"]);
    // What is no object has no path to name.
    assert_eq!(problems(&json!([1, 2])), [" Shape", "met Required"]);
}

#[test]
fn a_warning_in_a_document_passes_with_its_note() {
    let mut document = right();
    document["rumah"]["luas"] = json!(1001);
    document["rumah"]["dobel"] = json!("2002");
    assert_eq!(problems(&document), ["rumah/luas Warning"]);
    document["_notes"] = json!({"rumah/luas": "gedung"});
    assert_eq!(problems(&document), [""; 0]);
}

#[test]
fn problems_hold_no_answers() {
    let mut document = right();
    document["rumah"]["tgl"] = json!("rahasia");
    document["orang"][0]["nama"] = json!("");
    for problem in form(FORM).check(&document, &context()) {
        assert!(!problem.message.contains("rahasia"), "{problem:?}");
    }
}

#[test]
fn the_next_visit_begins_with_the_answers_that_are_carried_over() {
    let s = Session::update_of(form(FORM), &right(), context());
    assert_eq!(s.get("met"), "", "asked anew");
    assert_eq!(s.get("rumah/luas"), "36");
    assert_eq!(s.get("hari"), "2023-07-20", "calculated anew");
    assert_eq!(
        s.instances("orang"),
        ["orang[aaaaaaaa]"],
        "who left is not carried over"
    );
    assert_eq!(s.dropped(), []);
}

#[test]
fn what_the_new_form_can_not_take_is_dropped_and_named() {
    let mut last = right();
    last["lama"] = json!("x");
    last["rumah"]["cat"] = json!(["ungu"]);
    last["rumah"]["tgl"] = json!(["2020-02-29"]);
    last["orang"][0]["_id"] = json!("");
    let s = Session::update_of(form(FORM), &last, context());
    let dropped: Vec<(&str, Misfit)> = s
        .dropped()
        .iter()
        .map(|dropped| (dropped.path.as_str(), dropped.why))
        .collect();
    assert_eq!(
        dropped,
        [
            ("rumah/cat", Misfit::Answer),
            ("orang", Misfit::Identity),
            ("lama", Misfit::Unknown)
        ]
    );
    assert_eq!(s.get("rumah/luas"), "36");
    assert_eq!(
        s.get("rumah/tgl"),
        "2020-02-29",
        "a list of one is as good as the one"
    );
    assert_eq!(s.get("rumah/cat"), "");
}

#[test]
fn no_document_at_all_begins_a_blank_visit() {
    for last in [json!(null), json!("x"), json!({"orang": "x"})] {
        let s = Session::update_of(form(FORM), &last, context());
        assert_eq!(s.instances("orang").len(), 1);
        assert_eq!(s.progress().answered, 0);
    }
}

#[test]
fn a_finished_form_can_be_taken_up_again_from_its_document_as_it_says_it() {
    let mut document = right();
    document["rumah"]["luas"] = json!(1001);
    document["rumah"]["dobel"] = json!("2002");
    document["_notes"] = json!({"rumah/luas": "gedung"});
    document["lama"] = json!("x");
    let s = Session::reopen(form(FORM), &document, context());
    assert_eq!(s.dropped()[0].path, "lama");
    assert_eq!(s.get("hari"), "2023-07-01", "also what was calculated once");
    document.as_object_mut().unwrap().remove("lama");
    let again: Value = serde_json::from_str(&s.document()).unwrap();
    assert_eq!(again, document);
}

#[test]
fn a_default_that_was_taken_back_does_not_come_again_when_the_form_is_reopened() {
    let survey = "type | name | label | default\ntext | a | A | x\ndate | b | B | today()";
    let s = Session::reopen(form(survey), &json!({}), context());
    assert_eq!((s.get("a"), s.get("b")), (String::new(), String::new()));
}

#[test]
fn a_document_put_together_of_two_is_settled_as_if_one_person_had_filled_it() {
    let form = form(FORM);
    let mixed = json!({
        "uid": "x",
        "hari": "2023-07-01",
        "orang": [{"nama": "Ani", "_id": "aaaaaaaa"}],
        "rumah": {"dobel": "72", "luas": 40},
        "met": "1",
    });
    let (document, dropped) = form.settle(&mixed, &context());
    assert!(dropped.is_empty());
    assert_eq!(
        document.as_str(),
        r#"{"met":"1","rumah":{"luas":40,"dobel":"80"},"orang":[{"_id":"aaaaaaaa","nama":"Ani"}],"hari":"2023-07-01","uid":"x"}"#
    );
    let settled: Value = serde_json::from_str(document.as_str()).unwrap();
    assert!(form.check(&settled, &context()).is_empty());
}

#[test]
fn settling_leaves_out_what_does_not_apply_and_names_what_the_form_cannot_take() {
    let form = form(FORM);
    let mut mixed = right();
    mixed["met"] = json!("2");
    mixed["warna"] = json!("m");
    let (document, dropped) = form.settle(&mixed, &context());
    let settled: Value = serde_json::from_str(document.as_str()).unwrap();
    assert_eq!(settled.get("rumah"), None);
    let dropped: Vec<_> = dropped.iter().map(|d| (d.path.as_str(), d.why)).collect();
    assert_eq!(dropped, [("warna", Misfit::Unknown)]);
}

#[test]
fn settling_what_is_right_changes_nothing() {
    let form = form(FORM);
    let (document, dropped) = form.settle(&right(), &context());
    let settled: Value = serde_json::from_str(document.as_str()).unwrap();
    assert_eq!(settled, right());
    assert!(dropped.is_empty());
}

#[test]
fn what_was_typed_over_a_calculation_passes_the_check_and_stands_when_the_form_is_reopened() {
    let mut s = session(
        "type      | name | label | calculation
         integer   | a    | A     |
         integer   | b    | B     | ${a} + 1
         calculate | c    |       | ${b} * 2",
    );
    s.put("a", "1").put("b", "10");
    assert_eq!(s.document(), r#"{"a":1,"b":10,"c":"20"}"#);
    let document = serde_json::from_str(&s.document()).unwrap();
    assert_eq!(s.form().check(&document, &context()), []);
    let mut again = Session::reopen(s.form().clone(), &document, context());
    assert_eq!(again.document(), s.document());
    again.put("a", "2");
    assert_eq!(again.document(), r#"{"a":2,"b":3,"c":"6"}"#);
    let forged = json!({"a": 1, "b": 10, "c": "22"});
    assert_eq!(s.form().check(&forged, &context()).len(), 1);
}

#[test]
fn what_is_asked_anew_each_time_is_not_carried() {
    let mut last = right();
    last["_notes"] = json!({"rumah/luas": "besar"});
    let mut carried = right();
    carried.as_object_mut().unwrap().remove("met");
    carried["orang"][1].as_object_mut().unwrap().remove("pergi");
    assert_eq!(form(FORM).carried(&last), carried);
}

#[test]
fn a_form_knows_which_answers_are_its_own() {
    let form = form(FORM);
    let own = |path| form.answers_itself(path);
    assert!(own("rumah/dobel") && own("hari") && own("uid"));
    assert!(!own("met") && !own("rumah/luas") && !own("orang/nama") && !own("orang"));
    assert!(!own("nothing"));
}

#[test]
fn what_is_calculated_and_not_asked_has_the_shape_of_its_type() {
    let form = form(
        "type                  | name | label | calculation
         integer               | x    | X     |
         integer               | a    |       | ${x} div 2
         select_multiple warna | b    |       | 'm b'
         geopoint              | c    |       | '0.5 123 0 0'
         select_one warna      | d    |       | if(${x} > 1, 'm', 'lost')
         note                  | e    | E ${a} | jr:choice-name(${d}, '${d}')",
    );
    let mut s = Session::new(form.clone(), context());
    s.answer("x", Answer::Text("7".into())).unwrap();
    let document = s.preview();
    let told: Value = serde_json::from_str(document.as_str()).unwrap();
    assert_eq!(
        (&told["a"], &told["b"], &told["d"], &told["e"]),
        (
            &3.into(),
            &vec!["m", "b"].into(),
            &"m".into(),
            &"Merah".into()
        )
    );
    assert!(form.check(&told, &context()).is_empty(), "{told}");
    s.answer("x", Answer::Text("1".into())).unwrap();
    let lost = Some(Answer::Choice("lost".into()));
    assert_eq!(s.value("d"), lost, "a code that its list doesn't have");
    assert!(s.problems().is_empty(), "nobody could mend it");
}

#[test]
fn a_member_from_last_year_is_noted_as_seen_today() {
    let form = form(
        "type         | name | label
         begin repeat | r    | R
         today        | t    |
         text         | x    | X
         end repeat   |      |",
    );
    let last_year = json!({"r": [{"_id": "a1", "t": "2020-01-01", "x": "Ani"}]});
    let s = Session::update_of(form, &last_year, context());
    let today = jiff::civil::Date::to_string(&context().today);
    assert_eq!(s.value("r[a1]/t"), Some(Answer::Text(today)));
}
