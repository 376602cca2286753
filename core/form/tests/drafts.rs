//! Half-filled forms: saved at any moment, taken up where they were left.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test says what fails by failing"
)]

mod common;

use common::{Fill, context, form, session};
use std::sync::Arc;

use ketuk_form::{Draft, Error, Go, Session};

const FORM: &str = "
    type          | name  | label | relevant   | ketuk::warning | calculation
    begin group   | g     | G     |            |                |
    select_one yt | a     | A     |            |                |
    integer       | b     | B     | ${a} = '1' | . < 10         |
    end group     |       |       |            |                |
    begin repeat  | r     | R     |            |                |
    text          | t     | T     |            |                |
    end repeat    |       |       |            |                |
    calculate     | id    |       |            |                | uuid()
    text          | last  | L     |            |                |";

fn resumed(s: &Session) -> Session {
    let saved = serde_json::to_string(&s.draft()).unwrap();
    let draft: Draft = serde_json::from_str(&saved).unwrap();
    Session::resume(Arc::clone(s.form()), &draft, context()).unwrap()
}

#[test]
fn a_resumed_session_is_as_if_it_never_stopped() {
    let mut s = session(FORM);
    let other = s.add("r").unwrap();
    s.put("g/a", "1")
        .put("g/b", "11")
        .put(&format!("{other}/t"), " x ")
        .put("g/a", "2");
    s.note("g/b", "benar").unwrap();
    s.put("last", "z");
    s.go(Go::Next);
    s.go(Go::Next);
    s.set_language("id");
    let again = resumed(&s);
    assert_eq!(again.screen(), s.screen());
    assert_eq!(again.contents(), s.contents());
    assert_eq!(again.draft(), s.draft());
    assert_eq!(again.document(), s.document());
    assert_eq!(again.get("g/b"), "11", "kept though it does not apply");
}

#[test]
fn what_is_typed_wrong_is_in_the_draft() {
    let mut s = session(FORM);
    s.put("g/a", "1").put("g/b", "sepuluh");
    assert_eq!(resumed(&s).get("g/b"), "sepuluh");
}

#[test]
fn a_calculated_answer_that_was_taken_back_stays_so_in_the_draft() {
    let mut s =
        session("type | name | label | calculation\ninteger | a | A |\ntext | b | B | ${a} + 1");
    s.put("a", "1").put("b", "");
    let mut again = resumed(&s);
    assert_eq!(again.get("b"), "");
    again.put("a", "2");
    assert_eq!(again.get("b"), "3");
}

#[test]
fn a_count_of_changes_does_not_count_that_the_form_was_resumed_or_checked() {
    let mut s = session(
        "type | name | label | calculation\ninteger | a | A |\ncalculate | b | | if(${a} = '', 0, coalesce(., 0) + 1)",
    );
    s.put("a", "1").put("a", "2");
    assert_eq!(s.get("b"), "2");
    assert_eq!(resumed(&s).get("b"), "2");
    let document = serde_json::from_str(&s.document()).unwrap();
    assert_eq!(s.form().check(&document, &context()), []);
}

#[test]
fn a_draft_of_another_form_is_refused() {
    let session = session(FORM);
    let mut draft = session.draft();
    draft.form = "lain".into();
    assert!(matches!(
        Session::resume(form(FORM), &draft, context()),
        Err(Error::OtherForm { draft, .. }) if draft == "lain"
    ));
}

#[test]
fn a_draft_of_an_older_form_is_taken_as_far_as_it_fits() {
    let mut s = session(FORM);
    s.put("g/a", "1").put("last", "z");
    s.go(Go::Page(ketuk_form::PageRef("last".into())));
    let newer = form("type | name | label\nbegin group | g | G\nselect_one yt | a | A\nend group");
    let s = Session::resume(newer, &s.draft(), context()).unwrap();
    assert_eq!(s.get("g/a"), "1");
    let dropped: Vec<&str> = s
        .dropped()
        .iter()
        .map(|dropped| dropped.path.as_str())
        .collect();
    assert!(dropped.contains(&"last"), "{dropped:?}");
    assert_eq!(s.screen().page.0, "g");
}

#[test]
fn a_damaged_draft_never_panics() {
    let mut s = session(FORM);
    s.add("r").unwrap();
    let text = serde_json::to_string(&s.draft()).unwrap();
    for (from, to) in [
        ("\"parent\":0", "\"parent\":9"),
        ("\"repeat\":\"r\"", "\"repeat\":\"g\""),
        ("\"page\":\"g\"", "\"page\":\"x[y]#9\""),
    ] {
        let draft: Draft = serde_json::from_str(&text.replace(from, to)).unwrap();
        Session::resume(Arc::clone(s.form()), &draft, context()).unwrap();
    }
    let draft: Draft = serde_json::from_str(
        r#"{"form":"uji","version":"","language":"","page":"","seen":["g"],"seed":1,"made":0,"rows":[]}"#,
    )
    .unwrap();
    assert_eq!(
        Session::resume(form(FORM), &draft, context())
            .unwrap()
            .screen()
            .page
            .0,
        "g"
    );
}
