//! What comes over from last year, and what is asked anew.

use crate::family::Family;

#[test]
fn last_years_answers_come_over_and_wait_to_be_confirmed() {
    let mut next = Family::listed().next_year();
    for path in [
        "keluarga/alamat",
        "kepala/siapa/nama",
        "istri/identitas/nik",
        "istri/kb/kelahiran/melahirkan",
        "istri/kb/pemakaian/pakai_kb",
        "pembangunan/rumah/atap",
    ] {
        next.set("kunjungan/hasil", "1");
        next.set("istri/kb/kehamilan/hamil", "2");
        let question = next.question(path).unwrap();
        assert!(question.from_last_year, "{path}");
    }
}

#[test]
fn the_visit_changes_of_members_and_a_pregnancy_are_asked_anew() {
    let mut next = Family::listed().next_year();
    assert_eq!(next.refused()[0], "kunjungan/hasil");
    next.set("kunjungan/hasil", "1");
    for path in [
        "kunjungan/responden",
        "kepala/siapa/perubahan",
        "istri/siapa/perubahan",
        "istri/kb/kehamilan/hamil",
    ] {
        assert!(
            next.error(path).is_some_and(|e| e.contains("Wajib diisi")),
            "{path}"
        );
    }
}

#[test]
fn day_and_place_are_those_of_this_visit() {
    let mut last = Family::listed().finished();
    for name in ["prov", "kab", "kec", "desa", "rw", "rt"] {
        last[name] = "99".into();
    }
    let mut next = Family::update_of(&last);
    next.set("kunjungan/hasil", "6");
    let document = next.finished();
    for (name, value) in [
        ("prov", "75"),
        ("kab", "75.71"),
        ("kec", "75.71.01"),
        ("desa", "75.71.01.1001"),
        ("rw", "002"),
        ("rt", "005"),
        ("tanggal_kunjungan", "2024-07-03"),
    ] {
        assert_eq!(document[name], value, "{name}");
    }
}

#[test]
fn a_family_that_was_new_last_year_is_listed_this_year() {
    let next = Family::new().next_year().with("kunjungan/hasil", "1");
    assert_eq!(next.error("kunjungan/hasil"), None);
    let next = Family::new().next_year().with("kunjungan/hasil", "9");
    assert!(next.error("kunjungan/hasil").is_some());
}

#[test]
fn whoever_died_or_left_last_year_is_no_longer_listed() {
    for (change, stays) in [
        ("0", true),
        ("1", true),
        ("2", false),
        ("3", false),
        ("4", true),
        ("5", true),
    ] {
        let last = Family::listed().with("anak/siapa/perubahan", change);
        let next = last.next_year().with("kunjungan/hasil", "1");
        let members = next.members_listed();
        assert_eq!(members, if stays { 3 } else { 2 }, "change {change}");
    }
}
