//! Instances of repeats: made, removed, brought back, counted and read across.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test says what fails by failing"
)]

mod common;

use common::{Fill, context, form, session};
use ketuk_form::{Error, Session};

const MEMBERS: &str = "
    type          | name    | label        | calculation             | relevant
    text          | kk      | KK           |                         |
    begin repeat  | anggota | Anggota      |                         |
    text          | nama    | Nama         |                         |
    integer       | umur    | Umur         |                         |
    calculate     | no      |              | position(..)            |
    calculate     | kembar  |              | count(${anggota}[umur = current()/../umur]) - 1 |
    text          | sekolah | Sekolah      |                         | ${umur} > 5
    end repeat    |         |              |                         |
    calculate     | jumlah  |              | count(${anggota})       |
    calculate     | total   |              | sum(${umur})            |
    calculate     | balita  |              | count(${anggota}[${umur} < 5]) |
    calculate     | nama2   |              | indexed-repeat(${nama}, ${anggota}, 2) |
    calculate     | tertua  |              | string(${anggota}[umur = max(${umur})]/nama) |
    calculate     | semua   |              | join(', ', ${nama})     |";

fn add(s: &mut Session, name: &str, age: &str) -> String {
    let path = s.add("anggota").unwrap();
    s.put(&format!("{path}/nama"), name)
        .put(&format!("{path}/umur"), age);
    path
}

fn family() -> (Session, [String; 3]) {
    let mut s = session(MEMBERS);
    let first = s.instances("anggota").remove(0);
    s.remove(&first).unwrap();
    let paths = [
        add(&mut s, "Ani", "30"),
        add(&mut s, "Budi", "3"),
        add(&mut s, "Citra", "3"),
    ];
    (s, paths)
}

#[test]
fn a_repeat_begins_with_one_instance() {
    assert_eq!(session(MEMBERS).instances("anggota").len(), 1);
}

#[test]
fn from_outside_all_instances_are_read() {
    let (s, _) = family();
    assert_eq!(s.get("jumlah"), "3");
    assert_eq!(s.get("total"), "36");
    assert_eq!(s.get("balita"), "2");
    assert_eq!(s.get("nama2"), "Budi");
    assert_eq!(s.get("tertua"), "Ani");
    assert_eq!(s.get("semua"), "Ani, Budi, Citra");
}

#[test]
fn from_inside_the_own_instance_is_read() {
    let (s, [ani, budi, _]) = family();
    assert!(s.is_relevant(&format!("{ani}/sekolah")));
    assert!(!s.is_relevant(&format!("{budi}/sekolah")));
}

#[test]
fn an_instance_can_be_compared_with_those_beside_it() {
    let (mut s, [ani, budi, citra]) = family();
    let twins = |s: &Session| [&ani, &budi, &citra].map(|path| s.get(&format!("{path}/kembar")));
    assert_eq!(twins(&s), ["0", "1", "1"]);
    s.put(&format!("{budi}/umur"), "30");
    assert_eq!(twins(&s), ["1", "1", "0"]);
}

#[test]
fn a_removed_instance_counts_no_more_and_comes_back_as_it_was() {
    let (mut s, [_, budi, citra]) = family();
    let whole = s.document();
    s.remove(&budi).unwrap();
    assert_eq!(s.get("jumlah"), "2");
    assert_eq!(s.get("nama2"), "Citra");
    assert_eq!(s.get(&format!("{citra}/no")), "2");
    assert!(matches!(s.remove(&budi), Err(Error::UnknownPath { .. })));
    s.undo_remove(&budi).unwrap();
    assert_eq!(s.document(), whole);
}

#[test]
fn a_removed_instance_can_be_brought_back_after_the_form_was_resumed() {
    let (mut s, [_, budi, _]) = family();
    let whole = s.document();
    s.remove(&budi).unwrap();
    let mut s = Session::resume(form(MEMBERS), &s.draft(), context()).unwrap();
    s.undo_remove(&budi).unwrap();
    assert_eq!(s.document(), whole);
}

#[test]
fn ids_are_stable_and_never_used_twice() {
    let (mut s, paths) = family();
    let mut seen: Vec<String> = paths.to_vec();
    for _ in 0..200 {
        let path = s.add("anggota").unwrap();
        assert!(!seen.contains(&path));
        let id = path.trim_start_matches("anggota[").trim_end_matches(']');
        assert_eq!(id.len(), 8);
        s.remove(&path).unwrap();
        seen.push(path);
    }
    let mut again = Session::resume(form(MEMBERS), &s.draft(), context()).unwrap();
    let path = again.add("anggota").unwrap();
    assert!(!seen.contains(&path), "not after resuming either");
}

const COUNTED: &str = "
    type         | name  | label | repeat_count | calculation
    integer      | n     | N     |              |
    begin repeat | anak  | Anak  | ${n}         |
    text         | nama  | Nama  |              |
    end repeat   |       |       |              |
    calculate    | semua |       |              | join(' ', ${nama})";

#[test]
fn a_counted_repeat_has_as_many_instances_as_its_count_says_and_loses_no_answer() {
    let mut s = session(COUNTED);
    assert_eq!(s.instances("anak").len(), 0);
    s.put("n", "3");
    for (path, name) in s.instances("anak").iter().zip(["A", "B", "C"]) {
        s.put(&format!("{path}/nama"), name);
    }
    s.put("n", "1");
    assert_eq!(s.instances("anak").len(), 1);
    assert_eq!(s.get("semua"), "A");
    s.put("n", "3");
    assert_eq!(s.get("semua"), "A B C");
    assert!(matches!(s.add("anak"), Err(Error::FixedRepeat { .. })));
    let first = s.instances("anak").remove(0);
    assert!(matches!(s.remove(&first), Err(Error::FixedRepeat { .. })));
}

#[test]
fn a_count_that_is_no_number_or_far_too_large_makes_no_harm() {
    let mut s = session(COUNTED);
    s.put("n", "-5");
    assert_eq!(s.instances("anak").len(), 0);
    s.put("n", "999999999");
    assert_eq!(s.instances("anak").len(), 1000);
}

#[test]
fn repeats_nest_and_each_level_sees_its_own() {
    let survey = "
        type         | name  | label | calculation
        begin repeat | rt    | RT    |
        begin repeat | kel   | Kel   |
        integer      | jiwa  | Jiwa  |
        end repeat   |       |       |
        calculate    | sub   |       | sum(${jiwa})
        end repeat   |       |       |
        calculate    | total |       | sum(${sub})
        calculate    | all   |       | sum(${jiwa})";
    let mut s = session(survey);
    let first = s.instances("rt").remove(0);
    let second = s.add("rt").unwrap();
    for (path, numbers) in [(&first, ["1", "2"]), (&second, ["10", "20"])] {
        s.add(&format!("{path}/kel")).unwrap();
        for (inner, number) in s.instances(&format!("{path}/kel")).iter().zip(numbers) {
            s.put(&format!("{inner}/jiwa"), number);
        }
    }
    assert_eq!(s.get(&format!("{first}/sub")), "3");
    assert_eq!(s.get(&format!("{second}/sub")), "30");
    assert_eq!((s.get("total"), s.get("all")), ("33".into(), "33".into()));
    s.remove(&second).unwrap();
    assert_eq!((s.get("total"), s.get("all")), ("3".into(), "3".into()));
}

#[test]
fn a_running_total_over_instances_is_no_circle() {
    let survey = "
        type         | name  | label | calculation
        begin repeat | r     | R     |
        integer      | n     | N     |
        calculate    | total |       | ${n} + coalesce(indexed-repeat(${total}, ${r}, position(..) - 1), 0)
        end repeat   |       |       |";
    let mut s = session(survey);
    s.add("r").unwrap();
    s.add("r").unwrap();
    let paths = s.instances("r");
    for path in &paths {
        s.put(&format!("{path}/n"), "1");
    }
    let totals = |s: &Session| -> Vec<String> {
        paths
            .iter()
            .map(|path| s.get(&format!("{path}/total")))
            .collect()
    };
    assert_eq!(totals(&s), ["1", "2", "3"]);
    s.put(&format!("{}/n", paths[0]), "5");
    assert_eq!(totals(&s), ["5", "6", "7"]);
}

#[test]
fn an_irrelevant_repeat_is_left_out_with_its_instances() {
    let mut s = session(
        "type          | name | label | relevant   | calculation
         select_one yt | a    | A     |            |
         begin repeat  | r    | R     | ${a} = '1' |
         text          | t    | T     |            |
         end repeat    |      |       |            |
         calculate     | n    |       |            | count(${r})",
    );
    let path = s.instances("r").remove(0);
    s.put(&format!("{path}/t"), "x");
    assert_eq!(s.get("n"), "0");
    assert_eq!(s.document(), r#"{"n":"0"}"#);
    s.put("a", "1");
    assert_eq!(s.get("n"), "1");
    s.put("a", "2");
    assert_eq!(s.document(), r#"{"a":"2","n":"0"}"#);
}

#[test]
fn instances_that_a_default_count_makes_are_calculated_like_any_other() {
    let s = session(
        "type         | name | label | repeat_count | calculation | default
         calculate    | four |       |              | 2 + 2       |
         integer      | n    | N     |              |             | 2
         begin repeat | r    | R     | ${n}         |             |
         calculate    | five |       |              | ${four} + 1 |
         calculate    | six  |       |              | 2 * 3       |
         end repeat   |      |       |              |             |
         calculate    | all  |       |              | sum(${five}) + sum(${six}) |",
    );
    assert_eq!(s.get("all"), "22");
}

#[test]
fn an_instance_may_read_the_one_after_it_also_when_the_form_is_resumed() {
    let survey = "
        type         | name | label | calculation
        begin repeat | r    | R     |
        integer      | n    | N     |
        calculate    | rest |       | ${n} + coalesce(indexed-repeat(${rest}, ${r}, position(..) + 1), 0)
        end repeat   |      |       |";
    let mut s = session(survey);
    s.add("r").unwrap();
    s.add("r").unwrap();
    for path in s.instances("r") {
        s.put(&format!("{path}/n"), "1");
    }
    let rest = |s: &Session| -> Vec<String> {
        s.instances("r")
            .iter()
            .map(|path| s.get(&format!("{path}/rest")))
            .collect()
    };
    assert_eq!(rest(&s), ["3", "2", "1"]);
    let mut draft = serde_json::to_value(s.draft()).unwrap();
    for row in draft["rows"].as_array_mut().unwrap() {
        if let Some(answers) = row.get_mut("answers") {
            answers.as_object_mut().unwrap().remove("rest");
        }
    }
    let draft = serde_json::from_value(draft).unwrap();
    assert_eq!(
        rest(&Session::resume(form(survey), &draft, context()).unwrap()),
        ["3", "2", "1"]
    );
}

#[test]
fn an_absolute_path_inside_a_repeat_means_the_own_instance() {
    let mut s = session(
        "type         | name  | label | calculation
         begin repeat | r     | R     |
         integer      | n     | N     |
         calculate    | own   |       | /data/r/n * 10
         end repeat   |       |       |
         calculate    | all   |       | join(' ', /data/r/n)",
    );
    s.add("r").unwrap();
    let paths = s.instances("r");
    s.put(&format!("{}/n", paths[0]), "1")
        .put(&format!("{}/n", paths[1]), "2");
    assert_eq!(s.get(&format!("{}/own", paths[1])), "20");
    assert_eq!(s.get("all"), "1 2");
}
