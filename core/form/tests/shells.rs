//! What a shell is told beside the questions, and what it may decline: files of labels, hints, the log of the
//! filling, and forms that it can't show.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test says what fails by failing"
)]

mod common;

use common::{CHOICES, Fill, SETTINGS, compiled, context, form, session, workbook};
use ketuk_form::{Control, Draft, Form, Go, Media, Medium, Session, Shell, Workbook};

fn files(media: &[ketuk_form::MediaFile]) -> Vec<(Medium, &str)> {
    media
        .iter()
        .map(|file| (file.medium, file.file.as_str()))
        .collect()
}

#[test]
fn files_go_with_labels_in_the_language_that_is_shown() {
    let choices = "list_name | name | label | image\nhewan | a | Ayam | ayam-${warna}.png\nhewan | b | Bebek |";
    let survey = "
        type             | name  | label::id | label::en | media::audio::id | media::audio::en | image
        text             | warna | W         | W         |                  |                  |
        select_one hewan | h     | Hewan     | Animal    | hewan.mp3        | animal.mp3       | h.png";
    let settings = "form_id | default_language\nuji | id";
    let form = Form::compile(&workbook(survey, choices, settings)).unwrap();
    let mut s = Session::new(form.into(), context());
    s.put("warna", "putih");
    s.go(Go::Next);
    let shown = s.shown("h").unwrap();
    assert_eq!(
        files(&shown.media),
        [(Medium::Image, "h.png"), (Medium::Audio, "hewan.mp3")]
    );
    let Control::Choice(choices) = shown.control else {
        panic!("a choice");
    };
    assert_eq!(
        files(&choices.choices[0].media),
        [(Medium::Image, "ayam-putih.png")]
    );
    assert!(choices.choices[1].media.is_empty());
    s.set_language("en");
    let shown = s.shown("h").unwrap();
    assert!(files(&shown.media).contains(&(Medium::Audio, "animal.mp3")));
}

#[test]
fn parameters_are_hints_and_must_be_of_their_kind() {
    let s = session(
        "type | name | label | parameters | appearance
         image | f | F | max-pixels=1024 | signature
         text | t | T | rows=4 |",
    );
    let shown = s.shown("f").unwrap();
    let hints: Vec<(&str, &str)> = shown
        .parameters
        .iter()
        .map(|hint| (hint.name.as_str(), hint.value.as_str()))
        .collect();
    assert_eq!(hints, [("max-pixels", "1024")]);
    assert_eq!(
        shown.control,
        Control::File {
            media: Media::Signature
        }
    );
    let faults =
        compiled("type | name | label | parameters\nimage | f | F | max-pixels=large").unwrap_err();
    assert_eq!(
        (faults.0[0].row, &*faults.0[0].column),
        (2, "parameters"),
        "{faults}"
    );
}

#[test]
fn a_shell_refuses_what_it_lacks_where_the_form_asks_for_it() {
    let survey = "
        type           | name | label | big-image | image
        text           | a    | A     |
        geopoint       | b    | B     |
        begin group    | g    | G     |
        image          | c    | C     |
        select_one yt  | d    | D     | d.png     | e.png
        end group      |      |       |";
    let book = workbook(survey, CHOICES, SETTINGS);
    let shell = Shell {
        name: "the app",
        lacks: &["geopoint", "image", "media::big-image"],
    };
    let faults = Form::compile_for(&book, shell).unwrap_err();
    let told: Vec<String> = faults
        .0
        .iter()
        .map(|fault| format!("{} {} {}", fault.sheet, fault.cell, fault.message))
        .collect();
    assert_eq!(
        told,
        [
            "survey A3 the app can't show `geopoint` yet.",
            "survey A5 the app can't show `image` yet.",
            "survey D6 the app can't show `media::big-image` yet.",
        ]
    );
    assert!(Form::compile(&book).is_ok());
}

#[test]
fn sheets_and_files_travel_as_one_json_object() {
    let json = r#"{
        "survey.csv": "type,name,label\nselect_one_from_file towns.csv,t,T\n",
        "settings.csv": "form_id\nkota\n",
        "towns.csv": "name,label\n7,Pohe\n"
    }"#;
    let form = Form::compile(&Workbook::from_bytes(json.as_bytes()).unwrap()).unwrap();
    assert_eq!(form.id(), "kota");
    assert_eq!(
        form.choice_label("t", "7", "default").as_deref(),
        Some("Pohe")
    );
    for damaged in ["{", "{\"survey.csv\": 1}", "{\"towns.pdf\": \"\"}"] {
        assert!(
            Workbook::from_bytes(damaged.as_bytes()).is_err(),
            "{damaged}"
        );
    }
}

const LOGGED: &str = "
    type         | name  | label | parameters
    audit        |       |       | track-changes=true identify-user=true
    text         | a     | A     |
    begin repeat | orang | O     |
    text         | nama  | N     |
    end repeat   |       |       |";

/// Columns of each line of the log, without its first.
fn log(s: &Session) -> Vec<String> {
    let log = s.audit_log().unwrap();
    let mut lines = log.lines().map(str::to_owned);
    assert_eq!(
        lines.next().unwrap(),
        "event,node,start,end,old-value,new-value,user"
    );
    lines.collect()
}

#[test]
fn the_log_tells_what_was_seen_when_and_what_changed() {
    let mut who = context();
    who.username = "sari".to_owned();
    let mut s = Session::new(form(LOGGED), who);
    let begun: i64 = log(&s)[0].split(',').nth(2).unwrap().parse().unwrap();
    let at = |seconds: i64| begun + 1000 * seconds;
    s.tell_time(at(3));
    s.put("a", "kopi, \"gula\"");
    s.tell_time(at(5));
    s.go(Go::Next);
    s.tell_time(at(6));
    let first = s.instances("orang").remove(0);
    s.add("orang").unwrap();
    s.tell_time(at(7));
    s.remove(&first).unwrap();
    let lines = log(&s);
    assert_eq!(
        lines,
        [
            format!("form start,,{begun},,,,sari"),
            format!(
                "question,/data/a,{begun},{},,\"kopi, \"\"gula\"\"\",sari",
                at(5)
            ),
            format!("add repeat,/data/orang[2],{},,,,sari", at(6)),
            format!("delete repeat,/data/orang[1],{},,,,sari", at(7)),
            format!("form finalize,,{},,,,sari", at(7)),
        ],
        "{lines:#?}"
    );
}

#[test]
fn the_log_goes_on_after_a_pause() {
    let mut s = Session::new(form(LOGGED), context());
    s.put("a", "1");
    let saved = serde_json::to_string(&s.draft()).unwrap();
    let draft: Draft<'_> = serde_json::from_str(&saved).unwrap();
    let mut later = context();
    later.now = later.now.checked_add(jiff::Span::new().hours(2)).unwrap();
    let s = Session::resume(form(LOGGED), &draft, later).unwrap();
    let events: Vec<String> = log(&s)
        .iter()
        .map(|line| line.split(',').next().unwrap().to_owned())
        .collect();
    assert_eq!(
        events,
        [
            "form start",
            "question",
            "form resume",
            "question",
            "form finalize"
        ]
    );
}

#[test]
fn a_form_that_asks_for_no_log_keeps_none() {
    let mut s = session("type | name | label\ntext | a | A");
    s.tell_time(1);
    s.put("a", "1");
    assert_eq!(s.audit_log(), None);
}
