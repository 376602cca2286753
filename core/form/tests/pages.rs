//! The screens that a shell draws, page by page.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test says what fails by failing"
)]

mod common;

use common::{Fill, context, form, session};
use ketuk_form::{Answer, Control, Go, Item, Keyboard, PageRef, Precision, Roster, Session};

const FAMILY: &str = "
    type          | name    | label::Bahasa Indonesia (id) | label::English (en) | hint::Bahasa Indonesia (id) | relevant     | required | appearance | ketuk::number | constraint
    begin group   | kunj    | Kunjungan                    | Visit               |                             |              |          |            |               |
    select_one yt | ditemui | Ditemui?                     | Met?                | Lihat di rumah.             |              | yes      |            | 1             |
    note          | salam   | Sampaikan salam.             | Greet.              |                             | ${ditemui} = '1' |      |            |               |
    end group     |         |                              |                     |                             |              |          |            |               |
    begin group   | isi     | Isi                          |                     |                             | ${ditemui} = '1' |      |            |               |
    text          | alamat  | Alamat                       |                     |                             |              | yes      | multiline  |               |
    begin group   | rinci   | Rinci                        |                     |                             |              |          |            |               |
    integer       | luas    | Luas ${alamat}               |                     |                             |              |          |            | 2             | . > 0
    end group     |         |                              |                     |                             |              |          |            |               |
    begin repeat  | anggota | Anggota                      | Member              |                             |              |          |            | I             |
    text          | nama    | Nama                         |                     |                             |              | yes      |            |               |
    begin group   | diri    | Identitas                    |                     |                             |              |          |            |               |
    text          | nik     | NIK                          |                     |                             |              | yes      | numbers masked |           |
    end group     |         |                              |                     |                             |              |          |            |               |
    end repeat    |         |                              |                     |                             |              |          |            |               |
    end group     |         |                              |                     |                             |              |          |            |               |
    date          | kembali | Datang lagi                  |                     |                             | ${ditemui} = '2' |      | month-year |               |";

fn pages(s: &Session) -> Vec<String> {
    s.contents().into_iter().map(|row| row.page.0).collect()
}

fn roster(s: &Session) -> Roster {
    match s.screen().items.remove(0) {
        Item::Roster(roster) => roster,
        other => panic!("{other:?}"),
    }
}

#[test]
fn pages_on_which_nothing_applies_vanish() {
    let mut s = session(FAMILY);
    assert_eq!(pages(&s), ["kunj"]);
    let change = s
        .answer("kunj/ditemui", Answer::Choice("1".into()))
        .unwrap();
    assert!(change.pages && change.layout, "a note came, and pages");
    let member = s.instances("isi/anggota").remove(0);
    assert_eq!(
        pages(&s),
        [
            "kunj".to_owned(),
            "isi".to_owned(),
            "isi/anggota".to_owned(),
            format!("{member}#2"),
            format!("{member}/diri"),
        ]
    );
    s.put("kunj/ditemui", "2");
    assert_eq!(pages(&s), ["kunj", "kembali"]);
}

#[test]
fn a_page_of_questions() {
    let mut s = session(FAMILY);
    s.put("kunj/ditemui", "1").put("isi/alamat", "Jl. Melati");
    let screen = s.go(Go::Next);
    insta::assert_json_snapshot!(screen);
}

#[test]
fn appearances_say_what_to_draw() {
    let control = |kind: &str, appearance: &str| {
        let survey = format!("type | name | label | appearance\n{kind} | a | A | {appearance}");
        session(&survey).shown("a").unwrap().control
    };
    let text = |multiline, keyboard, masked| Control::Text {
        multiline,
        keyboard,
        masked,
    };
    let date = |precision| Control::Date { precision };
    let (plain, digits) = (Keyboard::Plain, Keyboard::Digits);
    assert_eq!(control("text", ""), text(false, plain, false));
    assert_eq!(control("text", "multiline"), text(true, plain, false));
    assert_eq!(control("text", "numbers"), text(false, digits, false));
    assert_eq!(control("text", "masked"), text(false, plain, true));
    assert_eq!(control("date", ""), date(Precision::Day));
    assert_eq!(control("date", "month-year"), date(Precision::Month));
    assert_eq!(control("date", "year"), date(Precision::Year));
}

#[test]
fn a_roster_page_and_the_pages_of_an_instance() {
    let mut s = session(FAMILY);
    s.put("kunj/ditemui", "1");
    s.go(Go::Page(PageRef("isi/anggota".into())));
    let first = roster(&s).cards[0].path.clone();
    let change = s
        .answer(&format!("{first}/nama"), Answer::Text("Siti".into()))
        .unwrap();
    assert_eq!(change.items.len(), 1, "the roster is drawn again");
    s.add("isi/anggota").unwrap();
    insta::assert_json_snapshot!(s.screen());
    s.go(Go::Next);
    let screen = s.go(Go::Next);
    assert_eq!(
        (screen.title.as_str(), screen.subject.as_deref()),
        ("Identitas", Some("Siti"))
    );
    let screen = s.go(Go::Next);
    assert_eq!(
        (screen.title.as_str(), screen.subject.as_deref()),
        ("Anggota", Some("Anggota 2"))
    );
}

#[test]
fn a_card_can_be_titled_by_the_author() {
    let mut s = session(
        "type         | name | label::Bahasa Indonesia (id) | ketuk::card::Bahasa Indonesia (id) | ketuk::card_detail::Bahasa Indonesia (id)
         begin repeat | r    | R                            | ${b}, ${a}                         | umur ${c}
         text         | a    | A                            |                                    |
         text         | b    | B                            |                                    |
         integer      | c    | C                            |                                    |
         end repeat   |      |                              |                                    |",
    );
    let path = s.instances("r").remove(0);
    s.put(&format!("{path}/a"), "x")
        .put(&format!("{path}/b"), "y")
        .put(&format!("{path}/c"), "3");
    let card = roster(&s).cards.remove(0);
    assert_eq!(
        (card.title.as_str(), card.subtitle.as_str()),
        ("y, x", "umur 3")
    );
}

#[test]
fn an_answer_tells_which_items_look_different() {
    let mut s = session(FAMILY);
    s.put("kunj/ditemui", "1");
    s.go(Go::Next);
    let change = s
        .answer("isi/alamat", Answer::Text("Jl. A".into()))
        .unwrap();
    let paths: Vec<&str> = change.items.iter().map(Item::path).collect();
    assert_eq!(
        paths,
        ["isi/alamat", "isi/rinci/luas"],
        "the label of luas names the address"
    );
    assert!(!change.layout && !change.pages);
    let change = s
        .answer("isi/rinci/luas", Answer::Text("0".into()))
        .unwrap();
    assert_eq!(change.items.len(), 1);
    assert_eq!(change.progress.hard, 3);
}

#[test]
fn a_missing_answer_shows_once_its_page_was_left() {
    let mut s = session(FAMILY);
    s.put("kunj/ditemui", "1");
    s.go(Go::Next);
    assert_eq!(s.shown("isi/alamat").unwrap().problem, None);
    s.go(Go::Next);
    s.go(Go::Back);
    assert!(s.shown("isi/alamat").unwrap().problem.is_some());
}

#[test]
fn next_and_back_walk_all_pages_and_stop_at_the_ends() {
    let mut s = session(FAMILY);
    s.put("kunj/ditemui", "1");
    let mut walked = vec![s.screen().page.0];
    for _ in 0..6 {
        walked.push(s.go(Go::Next).page.0);
    }
    walked.dedup();
    assert_eq!(walked, pages(&s));
    for _ in 0..9 {
        s.go(Go::Back);
    }
    assert_eq!(s.screen().page.0, "kunj");
    assert_eq!(s.go(Go::Page(PageRef("tidak/ada".into()))).page.0, "kunj");
    assert_eq!(
        s.go(Go::Page(PageRef("kembali".into()))).page.0,
        "kunj",
        "it does not apply"
    );
}

#[test]
fn a_page_that_vanishes_under_her_leads_to_the_one_before() {
    let mut s = session(FAMILY);
    s.put("kunj/ditemui", "1");
    let second = s.add("isi/anggota").unwrap();
    s.go(Go::Page(PageRef(format!("{second}/diri"))));
    let change = s.remove(&second).unwrap();
    assert!(change.layout && change.pages);
    assert_eq!(s.screen().page.0, "isi/anggota");
    s.put("kunj/ditemui", "2");
    assert_eq!(s.screen().page.0, "kunj");
}

#[test]
fn a_page_that_vanishes_as_an_instance_is_added_or_the_language_changes_is_left() {
    let mut s = session(
        "type          | name | label::Bahasa Indonesia (id) | label::English (en) | relevant
         begin repeat  | r    | R                            | R                   |
         text          | t    | T                            | T                   |
         end repeat    |      |                              |                     |
         select_one yt | a    | A                            | A                   |
         text          | b    | B                            | B                   | count(${r}) = 1
         text          | c    | C                            | C                   | jr:choice-name(${a}, '${a}') = 'Ya'",
    );
    s.put("a", "1");
    let at = |s: &mut Session, page: &str| s.go(Go::Page(PageRef(page.into()))).page.0;
    assert_eq!(at(&mut s, "b"), "b");
    s.add("r").unwrap();
    assert_eq!(s.screen().page.0, "a");
    assert_eq!(at(&mut s, "c"), "c");
    assert!(s.set_language("en"));
    assert_eq!(s.screen().page.0, "a");
}

#[test]
fn a_form_in_which_nothing_applies_has_an_empty_screen() {
    let s = session("type | name | label | relevant\ntext | a | A | 1 = 2");
    assert_eq!((s.screen().of, s.screen().items.len()), (0, 0));
    assert_eq!(s.document(), "{}");
}

#[test]
fn contents_tell_what_is_missing_where() {
    let mut s = session(FAMILY);
    s.put("kunj/ditemui", "1").put("isi/rinci/luas", "0");
    s.go(Go::Next);
    let row = s.contents().into_iter().find(|row| row.current).unwrap();
    assert_eq!(
        (row.page.0.as_str(), row.required, row.answered, row.hard),
        ("isi", 1, 0, 1)
    );
    assert!(s.contents()[0].seen && !row.seen);
}

#[test]
fn answers_of_the_last_visit_are_marked_until_she_goes_on() {
    let last = serde_json::json!({"kunj": {"ditemui": "1"}, "isi": {"alamat": "Jl. Lama"}});
    let mut s = Session::update_of(form(FAMILY), &last, context());
    assert!(s.shown("kunj/ditemui").unwrap().from_last_year);
    s.go(Go::Next);
    assert!(s.shown("isi/alamat").unwrap().from_last_year);
    s.put("isi/alamat", "Jl. Baru");
    assert!(!s.shown("isi/alamat").unwrap().from_last_year);
    s.go(Go::Back);
    assert!(
        !s.shown("kunj/ditemui").unwrap().from_last_year,
        "confirmed by going on"
    );
}

#[test]
fn a_comment_stands_at_its_question_and_on_its_line_of_the_contents_and_goes_into_no_document() {
    let mut s = session(FAMILY);
    s.answer("kunj/ditemui", Answer::Choice("1".into()))
        .unwrap();
    let before = (serde_json::to_string(&s.draft()).unwrap(), s.preview());
    assert!(s.comment("isi/alamat", "Jalan apa?"));
    assert!(s.comment("isi/alamat", "Nomor berapa?"));
    assert!(!s.comment("isi", "Semua?"), "a group is no question");
    assert!(!s.comment("", "Datang lagi."));
    s.go(Go::Page(PageRef("isi".into())));
    let Item::Question(address) = s.screen().items.remove(0) else {
        panic!("{:?}", s.screen());
    };
    assert_eq!(
        address.comment.as_deref(),
        Some("Jalan apa?\nNomor berapa?")
    );
    let commented: Vec<(String, usize)> = s
        .contents()
        .into_iter()
        .filter(|row| row.comments > 0)
        .map(|row| (row.page.0, row.comments))
        .collect();
    assert_eq!(commented, [("isi".to_owned(), 1)]);
    assert_eq!(s.preview(), before.1);
    assert!(
        !serde_json::to_string(&s.draft())
            .unwrap()
            .contains("Jalan apa?")
    );
}
