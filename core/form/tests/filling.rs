//! What happens while questions are answered.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test says what fails by failing"
)]

mod common;

use common::{Fill, context, form, session};
use ketuk_form::{Answer, Error, Gravity, ProblemKind, Session};

#[test]
fn a_form_is_shared_between_threads_and_a_session_can_move_to_one() {
    fn shared<T: Send + Sync>(_: &T) {}
    let s = session("type | name | label\ninteger | a | A");
    shared(s.form());
    shared(&s);
    let answered = std::thread::spawn(move || {
        let mut s = s;
        s.put("a", "1").document()
    });
    assert_eq!(answered.join().unwrap(), r#"{"a":1}"#);
}

#[test]
fn an_answer_that_does_not_apply_reads_as_empty_and_is_kept_for_when_it_does() {
    let mut s = session(
        "type          | name  | label | relevant   | calculation
         select_one yt | a     | A     |            |
         integer       | b     | B     | ${a} = '1' |
         calculate     | twice |       |            | ${b} * 2",
    );
    s.put("a", "1").put("b", "21");
    assert_eq!(s.get("twice"), "42");
    assert_eq!(s.document(), r#"{"a":"1","b":21,"twice":"42"}"#);
    s.put("a", "2");
    assert_eq!(s.get("b"), "21", "kept as typed");
    assert_eq!(s.get("twice"), "");
    assert_eq!(s.document(), r#"{"a":"2"}"#);
    s.put("a", "1");
    assert_eq!(s.document(), r#"{"a":"1","b":21,"twice":"42"}"#);
}

#[test]
fn relevance_is_inherited_by_all_that_a_group_holds() {
    let mut s = session(
        "type          | name | label | relevant   | required
         select_one yt | a    | A     |            |
         begin group   | g    | G     | ${a} = '1' |
         begin group   | h    | H     |            |
         integer       | b    | B     |            | yes
         end group     |      |       |            |
         end group     |      |       |            |",
    );
    assert!(!s.is_relevant("g/h/b"));
    assert_eq!(s.open(), [""; 0]);
    s.put("a", "1");
    assert!(s.is_relevant("g/h/b"));
    assert_eq!(s.open(), ["g/h/b Required"]);
}

#[test]
fn what_is_typed_wrong_stays_as_typed_and_is_named() {
    let mut s = session(
        "type    | name | label
         integer | a    | A
         date    | b    | B",
    );
    s.put("a", "dua").put("b", "31-02-2020");
    assert_eq!(s.get("a"), "dua");
    assert_eq!(s.open(), ["a Type", "b Type"]);
    assert_eq!(
        s.problems()[1].message,
        "Tanggal ini tidak ada. Tulis hari-bulan-tahun, misalnya 31-12-1990."
    );
    s.put("a", "2").put("b", "29-2-2020");
    assert_eq!(s.get("b"), "29-2-2020", "kept as typed");
    assert_eq!(s.document(), r#"{"a":2,"b":"2020-02-29"}"#);
}

#[test]
fn a_constraint_is_tried_on_answers_only() {
    let mut s = session(
        "type    | name | label | constraint | constraint_message::Bahasa Indonesia (id)
         integer | a    | A     | . > 5      | Terlalu kecil. Periksa lagi.",
    );
    assert_eq!(s.open(), [""; 0]);
    s.put("a", "3");
    assert_eq!(s.open(), ["a Constraint"]);
    assert_eq!(s.problems()[0].message, "Terlalu kecil. Periksa lagi.");
    s.put("a", "");
    assert_eq!(s.open(), [""; 0]);
}

#[test]
fn of_several_constraints_the_first_that_fails_speaks() {
    let mut s = session(
        "type    | name | label | constraint | constraint_message::English (en) | ketuk::constraint_2 | ketuk::constraint_message_2::English (en)
         integer | a    | A     | . > 5      | small                            | . != 13             | unlucky ${a}",
    );
    let message = |s: &Session| s.problems().first().map(|problem| problem.message.clone());
    s.put("a", "3");
    assert_eq!(message(&s).as_deref(), Some("small"));
    s.put("a", "13");
    assert_eq!(message(&s).as_deref(), Some("unlucky 13"));
    s.put("a", "14");
    assert_eq!(message(&s), None);
}

#[test]
fn a_constraint_is_tried_again_when_another_answer_changes() {
    let mut s = session(
        "type    | name  | label | constraint
         integer | least | L     |
         integer | a     | A     | . >= ${least}",
    );
    s.put("least", "3").put("a", "4");
    assert_eq!(s.open(), [""; 0]);
    s.put("least", "5");
    assert_eq!(s.open(), ["a Constraint"]);
}

#[test]
fn a_warning_passes_with_a_note_until_the_answer_changes() {
    let mut s = session(
        "type    | name  | label | ketuk::warning | ketuk::warning_message::Bahasa Indonesia (id)
         integer | hamil | Minggu| . <= 42        | Lebih dari 42 minggu. Periksa, atau beri catatan.",
    );
    s.put("hamil", "43");
    let problem = &s.problems()[0];
    assert_eq!(
        (problem.severity, problem.kind),
        (Gravity::Soft, ProblemKind::Warning)
    );
    assert!(s.finish().is_err());
    s.note("hamil", " Kata bidan begitu ").unwrap();
    assert_eq!(
        s.document(),
        r#"{"hamil":43,"_notes":{"hamil":"Kata bidan begitu"}}"#
    );
    s.put("hamil", "44");
    assert_eq!(s.open(), ["hamil Warning"]);
    s.put("hamil", "40");
    assert_eq!(s.document(), r#"{"hamil":40}"#);
}

#[test]
fn constraints_and_warnings_of_a_note_apply_though_it_has_no_answer() {
    let mut s = session(
        "type    | name    | label  | constraint | ketuk::warning
         integer | a       | A      |            |
         note    | periksa | Cek    | ${a} > 1   | ${a} < 100",
    );
    s.put("a", "1");
    assert_eq!(s.open(), ["periksa Constraint"]);
    s.put("a", "100");
    assert_eq!(s.open(), ["periksa Warning"]);
    s.note("periksa", "benar").unwrap();
    assert_eq!(s.document(), r#"{"a":100,"_notes":{"periksa":"benar"}}"#);
}

#[test]
fn a_required_note_blocks_while_it_applies() {
    let mut s = session(
        "type    | name | label | relevant | required
         integer | a    | A     |          |
         note    | n    | Salah | ${a} = 1 | yes",
    );
    s.put("a", "1");
    assert_eq!(s.open(), ["n Required"]);
    assert_eq!(s.progress().required, 0, "nobody can answer it");
    s.put("a", "2");
    assert_eq!(s.open(), [""; 0]);
}

#[test]
fn required_can_depend_on_an_answer() {
    let mut s = session(
        "type          | name | label | required
         select_one yt | a    | A     |
         text          | b    | B     | ${a} = '1'",
    );
    assert_eq!(s.progress().required, 0);
    s.put("a", "1");
    assert_eq!(s.open(), ["b Required"]);
    s.put("b", "  ");
    assert_eq!(s.open(), ["b Required"], "blanks are no answer");
    s.put("b", "x");
    assert_eq!(s.open(), [""; 0]);
}

#[test]
fn what_is_fixed_by_the_form_can_not_be_answered_and_gives_way_to_what_was_typed() {
    let mut s = session(
        "type          | name | label | ketuk::fixed           | required
         integer       | anak | Anak  |                        |
         select_one tb | bkb  | BKB   | if(${anak} = 0, '3', '') | yes",
    );
    s.put("anak", "2").put("bkb", "1");
    s.put("anak", "0");
    let shown = {
        s.go(ketuk_form::Go::Next);
        s.shown("bkb").unwrap()
    };
    assert_eq!(shown.not_applicable.as_deref(), Some("Tidak berlaku"));
    assert!(shown.read_only);
    assert!(matches!(
        s.answer("bkb", Answer::Choice("1".into())),
        Err(Error::ReadOnly { .. })
    ));
    assert_eq!(s.document(), r#"{"anak":0,"bkb":"3"}"#);
    s.put("anak", "1");
    assert_eq!(s.document(), r#"{"anak":1,"bkb":"1"}"#);
}

#[test]
fn a_calculation_on_a_question_can_be_typed_over_until_what_it_reads_changes() {
    let survey = "
        type    | name  | label | calculation
        integer | a     | A     |
        integer | twice | Dua   | ${a} * 2";
    let mut s = session(survey);
    s.put("a", "3");
    assert_eq!(s.get("twice"), "6");
    s.put("twice", "7");
    let resumed = Session::resume(form(survey), &s.draft(), context()).unwrap();
    assert_eq!(
        resumed.get("twice"),
        "7",
        "a draft keeps what was typed over"
    );
    s.put("a", "4");
    assert_eq!(s.get("twice"), "8");
}

#[test]
fn a_triggered_calculation_waits_for_its_trigger() {
    let mut s = session(
        "type      | name | label | calculation | trigger
         integer   | a    | A     |             |
         integer   | go   | Go    |             |
         calculate | c    |       | ${a} + 1    | ${go}",
    );
    s.put("a", "1");
    assert_eq!(s.get("c"), "");
    s.put("go", "1");
    assert_eq!(s.get("c"), "2");
    s.put("a", "5");
    assert_eq!(s.get("c"), "2");
}

#[test]
fn an_answer_that_comes_and_goes_with_its_question_triggers_nothing() {
    let mut s = session(
        "type          | name | label | calculation | trigger | relevant
         begin repeat  | r    | R     |             |         |
         integer       | n    | N     |             |         |
         integer       | w    | W     |             |         | ${n} < 5
         end repeat    |      |       |             |         |
         integer       | at   | At    |             |         |
         calculate     | then |       | ${at}       | ${w}    |",
    );
    let row = s.instances("r").remove(0);
    s.put(&format!("{row}/n"), "1").put("at", "1");
    s.put(&format!("{row}/w"), "7");
    assert_eq!(s.get("then"), "1");
    s.put("at", "2");
    s.put(&format!("{row}/n"), "9")
        .put(&format!("{row}/n"), "2");
    s.add("r").unwrap();
    s.remove(&row).unwrap();
    s.undo_remove(&row).unwrap();
    assert_eq!(s.get("then"), "1");
    s.put(&format!("{row}/w"), "8");
    assert_eq!(s.get("then"), "2");
}

#[test]
fn a_condition_on_a_group_or_repeat_may_say_once_and_look_at_itself() {
    for condition in [
        "once(${a})",
        ". != 'x'",
        "string(.) = ''",
        "count(*) > 0",
        "../a = 1",
        "position(.) = 1",
        "count(n) >= 0",
    ] {
        let survey = format!(
            "type         | name | label | relevant
             integer      | a    | A     |
             begin group  | g    | G     | {condition}
             integer      | n    | N     |
             end group    |      |       |
             begin repeat | r    | R     | {condition}
             integer      | m    | M     |
             end repeat   |      |       |"
        );
        // A circle is refused; what is not must run.
        if let Ok(form) = common::compiled(&survey) {
            let mut s = Session::new(std::sync::Arc::new(form), context());
            s.put("a", "1").add("r").unwrap();
            s.put("a", "");
            s.preview();
        }
    }
}

#[test]
fn once_keeps_its_first_value() {
    let mut s = session(
        "type      | name | label | calculation
         integer   | a    | A     |
         calculate | c    |       | once(${a})",
    );
    s.put("a", "1").put("a", "2");
    assert_eq!(s.get("c"), "1");
}

#[test]
fn defaults_stand_from_the_start_and_computed_ones_are_computed_once() {
    let mut s = session(
        "type    | name | label | default
         integer | a    | A     | 4
         text    | b    | B     | satu - dua
         integer | c    | C     | ${a} + 1
         date    | d    | D     | today()",
    );
    let values = |s: &Session| ["a", "b", "c", "d"].map(|path| s.get(path));
    assert_eq!(values(&s), ["4", "satu - dua", "5", "2023-07-20"]);
    s.put("a", "9");
    assert_eq!(s.get("c"), "5");
}

#[test]
fn hidden_questions_take_facts_and_the_form_notes_down_its_own() {
    let survey = "
        type     | name  | label | calculation
        start    | start |       |
        today    | day   |       |
        deviceid | dev   |       |
        username | user  |       |
        hidden   | rt    |       |
        hidden   | other |       |
        calculate| area  |       | concat('RT ', ${rt})";
    let mut context = context();
    context.device_id = "hp-7".into();
    context.username = "kader".into();
    context.values.insert("rt".into(), "003".into());
    let s = Session::new(form(survey), context);
    assert_eq!(
        s.document(),
        r#"{"start":"2023-07-20T12:00:00.000+00:00","day":"2023-07-20","dev":"hp-7","user":"kader","rt":"003","area":"RT 003"}"#
    );
}

#[test]
fn choices_are_filtered_in_a_cascade_and_a_filtered_out_answer_is_kept_and_named() {
    let mut s = session(
        "type            | name | label | choice_filter
         begin group     | g    | G     |
         select_one prov | prov | P     |
         select_one kab  | kab  | K     | prov = ${prov}
         end group       |      |       |",
    );
    let offered = |s: &Session| -> Vec<String> {
        match s.shown("g/kab").unwrap().control {
            ketuk_form::Control::Choice(ketuk_form::Choices { choices, .. }) => {
                choices.into_iter().map(|choice| choice.label).collect()
            }
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(offered(&s), [""; 0]);
    s.put("g/prov", "75");
    assert_eq!(offered(&s), ["Kota Gorontalo", "Kab. Gorontalo"]);
    s.put("g/kab", "75.71").put("g/prov", "36");
    assert_eq!(s.get("g/kab"), "75.71");
    assert_eq!(s.open(), ["g/kab Choice"]);
    assert_eq!(
        offered(&s),
        ["Lebak", "Kota Gorontalo"],
        "the chosen one stays visible"
    );
    s.put("g/prov", "75");
    assert_eq!(s.open(), [""; 0]);
}

#[test]
fn several_choices_are_kept_in_the_order_of_their_list() {
    let mut s = session(
        "type                  | name | label
         select_multiple warna | w    | W
         rank warna            | r    | R",
    );
    s.answer(
        "w",
        Answer::Choices(vec!["b".into(), "m".into(), "b".into()]),
    )
    .unwrap();
    s.answer(
        "r",
        Answer::Choices(vec!["b".into(), "m".into(), "h".into()]),
    )
    .unwrap();
    assert_eq!(s.document(), r#"{"w":["m","b"],"r":["b","m","h"]}"#);
    s.put("w", "m x");
    assert_eq!(s.open(), ["w Choice"]);
    assert_eq!(s.get("w"), "m x", "kept as given");
}

#[test]
fn or_other_asks_what_the_other_is() {
    let mut s = session(
        "type                      | name | label
         select_one warna or_other | w    | W",
    );
    assert!(!s.is_relevant("w_other"));
    s.put("w", "other").put("w_other", "Ungu");
    assert_eq!(s.document(), r#"{"w":"other","w_other":"Ungu"}"#);
}

#[test]
fn a_range_and_an_acknowledgement_take_only_what_they_offer() {
    let mut s = session(
        "type        | name | label | parameters
         range       | r    | R     | start=0 end=1 step=0.5
         acknowledge | ok   | OK    |",
    );
    s.put("r", "1,5").put("ok", "bukan");
    assert_eq!(s.open(), ["r Range", "ok Type"]);
    s.put("r", "0,5").put("ok", "yes");
    assert_eq!(s.document(), r#"{"r":0.5,"ok":"OK"}"#);
}

#[test]
fn answers_to_the_wrong_place_are_refused_and_change_nothing() {
    let mut s = session(
        "type      | name | label | calculation | readonly
         integer   | a    | A     |             |
         calculate | c    |       | 1           |
         text      | r    | R     |             | yes
         note      | n    | N     |             |",
    );
    let untouched = s.clone();
    let text = || Answer::Text("1".into());
    assert!(matches!(
        s.answer("z", text()),
        Err(Error::UnknownPath { .. })
    ));
    assert!(matches!(
        s.answer("", text()),
        Err(Error::UnknownPath { .. })
    ));
    assert!(matches!(
        s.answer("a[x]", text()),
        Err(Error::UnknownPath { .. })
    ));
    for path in ["c", "r", "n"] {
        assert!(
            matches!(s.answer(path, text()), Err(Error::ReadOnly { .. })),
            "{path}"
        );
    }
    let many = Answer::Choices(vec!["1".into(), "2".into()]);
    assert!(matches!(
        s.answer("a", many),
        Err(Error::WrongAnswer { .. })
    ));
    assert_eq!(s.draft(), untouched.draft());
}

#[test]
fn the_language_changes_labels_messages_and_choice_names() {
    let mut s = session(
        "type          | name | label::Bahasa Indonesia (id) | label::English (en) | required | calculation
         begin group   | g    |                              |                     |          |
         select_one yt | a    | Apakah?                      | Is it?              | yes      |
         text          | b    | Hanya ini                    |                     |          |
         calculate     | c    |                              |                     |          | jr:choice-name(${a}, '${a}')
         end group     |      |                              |                     |          |",
    );
    assert_eq!(
        s.problems()[0].message,
        "Pertanyaan ini wajib diisi. Isi jawabannya."
    );
    s.put("g/a", "1");
    assert_eq!(s.get("g/c"), "Ya");
    assert!(s.set_language("en"));
    assert_eq!(s.get("g/c"), "Yes");
    assert_eq!(s.shown("g/a").unwrap().label, "Is it?");
    assert_eq!(
        s.shown("g/b").unwrap().label,
        "Hanya ini",
        "the default language fills in"
    );
    assert!(!s.set_language("fr"));
    s.put("g/a", "");
    assert_eq!(
        s.problems()[0].message,
        "This question is required. Give an answer."
    );
}

#[test]
fn words_around_a_question_come_in_the_language_of_the_form() {
    let mut s = session(
        "type    | name | label::Bahasa Indonesia (id) | label::English (en) | hint::Bahasa Indonesia (id) | hint::English (en) | guidance_hint::Bahasa Indonesia (id) | guidance_hint::English (en) | required | required_message::Bahasa Indonesia (id) | required_message::English (en) | constraint | constraint_message::Bahasa Indonesia (id) | constraint_message::English (en)
         integer | umur | Umur | Age | Tahun | Years | Tanyakan KTP | Ask for the card | yes | Isi umur. | Give the age. | . > 9 | Terlalu muda. | Too young.",
    );
    let said = |s: &Session| s.problems()[0].message.clone();
    for (language, hint, guidance, required, constraint) in [
        ("id", "Tahun", "Tanyakan KTP", "Isi umur.", "Terlalu muda."),
        (
            "en",
            "Years",
            "Ask for the card",
            "Give the age.",
            "Too young.",
        ),
    ] {
        assert!(s.set_language(language));
        let umur = s.shown("umur").unwrap();
        assert_eq!(umur.hint.as_deref(), Some(hint));
        assert_eq!(umur.guidance.as_deref(), Some(guidance));
        s.put("umur", "");
        assert_eq!(said(&s), required);
        s.put("umur", "9");
        assert_eq!(said(&s), constraint);
    }
}

#[test]
fn progress_counts_required_answers_and_open_problems() {
    let mut s = session(
        "type    | name | label | required | constraint | ketuk::warning
         integer | a    | A     | yes      | . > 0      |
         integer | b    | B     | yes      |            | . < 10
         integer | c    | C     |          |            |",
    );
    let progress = |s: &Session| {
        let p = s.progress();
        (p.answered, p.required, p.hard, p.soft)
    };
    assert_eq!(progress(&s), (0, 2, 2, 0));
    s.put("a", "0").put("b", "11").put("c", "x");
    assert_eq!(progress(&s), (2, 2, 2, 1));
    s.put("a", "1").put("c", "");
    assert_eq!(progress(&s), (2, 2, 0, 1));
}
