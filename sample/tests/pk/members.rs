//! Block I, a row a member.

use crate::family::Family;
use crate::{assert_asked, judge};

#[test]
fn a_nik_has_sixteen_digits() {
    let words = Some("NIK harus 16 angka");
    judge(
        &mut Family::new(),
        "kepala/identitas/nik",
        &[
            ("", Some("Wajib diisi")),
            ("757101150378000", words),
            ("75710115037800011", words),
            ("7571O11503780001", words),
            ("757101 503780001", words),
            ("7571011503780001", None),
        ],
    );
}

#[test]
fn a_nik_is_not_one_digit_repeated_save_nines_for_a_member_who_has_none() {
    let mut family = Family::new();
    for digit in '0'..='8' {
        let nik = digit.to_string().repeat(16);
        judge(
            &mut family,
            "kepala/identitas/nik",
            &[(&nik, Some("satu angka yang diulang"))],
        );
    }
    judge(
        &mut family,
        "kepala/identitas/nik",
        &[("9999999999999999", None)],
    );
    assert_eq!(family.warning("kepala/identitas/nik"), None);
    family.finished();
}

#[test]
fn a_nik_has_a_day_and_a_month_of_birth() {
    let words = Some("tanggal dan bulan lahir");
    judge(
        &mut Family::new(),
        "kepala/identitas/nik",
        &[
            ("7571010003780001", words),
            ("7571010103780001", None),
            ("7571013103780001", None),
            ("7571013203780001", words),
            ("7571014003780001", words),
            ("7571014103780001", None),
            ("7571017103780001", None),
            ("7571017203780001", words),
            ("7571011500780001", words),
            ("7571011512780001", None),
            ("7571011513780001", words),
        ],
    );
}

#[test]
fn a_niks_last_four_digits_are_not_0000() {
    judge(
        &mut Family::new(),
        "kepala/identitas/nik",
        &[
            ("7571011503780000", Some("Empat angka terakhir")),
            ("7571011503781000", None),
        ],
    );
}

#[test]
fn a_nik_is_unique_in_the_family_and_both_members_hear_of_it() {
    let mut family = Family::new().with("anak/identitas/nik", "7571016008850002");
    for member in ["anak", "istri"] {
        let error = family.error(&format!("{member}/identitas/nik"));
        assert!(
            error.is_some_and(|e| e.contains("sudah dipakai anggota lain")),
            "{member}"
        );
    }
    assert_eq!(family.error("kepala/identitas/nik"), None);
    family.set("anak/identitas/nik", "7571015005130003");
    assert_eq!(family.error("istri/identitas/nik"), None);
}

#[test]
fn several_members_may_have_no_nik() {
    let family = Family::new()
        .with("anak/identitas/nik", "9999999999999999")
        .with("istri/identitas/nik", "9999999999999999");
    family.finished();
}

#[test]
fn a_nik_whose_date_differs_from_the_birth_passes_only_with_a_note() {
    let mut family = Family::new();
    for born in ["1978-03-16", "1978-04-15", "1979-03-15"] {
        family.set("kepala/identitas/tgl_lahir", born);
        let warning = family.warning("kepala/identitas/tgl_lahir");
        assert!(
            warning.is_some_and(|w| w.contains("berbeda dengan NIK")),
            "{born}"
        );
    }
    assert!(!family.refused().is_empty());
    family.note("kepala/identitas/tgl_lahir", "Sesuai KTP.");
    let notes = &family.finished()["_notes"];
    assert_eq!(notes.as_object().map(|n| n.len()), Some(1), "{notes}");
    family.set("kepala/identitas/tgl_lahir", "1978-03-15");
    assert_eq!(family.warning("kepala/identitas/tgl_lahir"), None);
}

#[test]
fn a_womans_nik_has_forty_added_to_the_day() {
    let mut family = Family::new();
    assert_eq!(family.warning("istri/identitas/tgl_lahir"), None);
    assert_eq!(family.warning("istri/identitas/jk"), None);
    family.set("anak/identitas/jk", "1");
    assert!(
        family
            .warning("anak/identitas/jk")
            .is_some_and(|w| w.contains("Jenis kelamin berbeda"))
    );
    family.set("anak/identitas/nik", "7571011005130003");
    assert_eq!(family.warning("anak/identitas/jk"), None);
    assert_eq!(family.warning("anak/identitas/tgl_lahir"), None);
}

#[test]
fn a_nik_of_an_unknown_area_passes_only_with_a_note() {
    let mut family = Family::new();
    for (nik, known) in [
        ("7571011503780001", true),
        ("3171011503780001", true),
        ("9971011503780001", false),
        ("7599011503780001", false),
        ("7571001503780001", false),
    ] {
        family.set("kepala/identitas/nik", nik);
        assert_eq!(family.error("kepala/identitas/nik"), None, "{nik}");
        let warning = family.warning("kepala/identitas/nik");
        assert_eq!(warning.is_none(), known, "{nik}: {warning:?}");
    }
    family.note("kepala/identitas/nik", "Begitu di KTP.");
    family.finished();
}

#[test]
fn a_name_has_letters_spaces_full_stops_commas_and_apostrophes() {
    let words = Some("Nama hanya boleh berisi huruf");
    judge(
        &mut Family::new(),
        "kepala/siapa/nama",
        &[
            ("Nur'ain Moh. Katili, SE", None),
            ("José", None),
            ("Budi2", words),
            ("Budi-Katili", words),
            ("Budi/Katili", words),
            (".", words),
            ("", Some("Wajib diisi")),
        ],
    );
}

#[test]
fn nobody_is_born_after_the_visit_or_before_1900() {
    judge(
        &mut Family::new(),
        "anak/identitas/tgl_lahir",
        &[
            ("2023-07-21", Some("sesudah hari kunjungan")),
            ("2023-07-20", None),
            ("1899-12-31", Some("sebelum tahun 1900")),
            ("1900-01-01", None),
        ],
    );
}

#[test]
fn age_is_the_calendar_age_on_the_day_of_the_visit() {
    for (born, age) in [
        ("2023-07-20", 0),
        ("2022-07-21", 0),
        ("2022-07-20", 1),
        ("2013-07-21", 9),
        ("2013-07-20", 10),
        ("2000-02-29", 23),
        ("1978-03-15", 45),
    ] {
        let family = Family::new().with("anak/identitas/tgl_lahir", born);
        let mut family = family.with("anak/identitas/nik", "9999999999999999");
        let shown = family.question("anak/identitas/umur_teks").unwrap().label;
        assert_eq!(shown, format!("Umur: {age} tahun"), "born {born}");
    }
}

#[test]
fn no_age_is_shown_before_the_date_of_birth() {
    let mut family = Family::new();
    assert!(family.asks("anak/identitas/umur_teks"));
    family.set("anak/identitas/tgl_lahir", "");
    assert!(!family.asks("anak/identitas/umur_teks"));
}

#[test]
fn the_first_listed_is_the_head_and_there_is_one_head() {
    let mut family = Family::new();
    judge(
        &mut family,
        "kepala/perkawinan/hubungan",
        &[
            ("4", Some("Anggota nomor 01 adalah kepala keluarga")),
            ("1", None),
        ],
    );
    judge(
        &mut family,
        "anak/perkawinan/hubungan",
        &[("1", Some("Kepala keluarga hanya satu")), ("3", None)],
    );
}

#[test]
fn a_family_without_a_head_is_not_finished() {
    let family = Family::listed().with("kepala/siapa/perubahan", "2");
    let error = family.error("periksa/jumlah_kepala");
    assert!(error.is_some_and(|e| e.contains("Harus ada satu kepala keluarga")));
    assert!(
        family
            .refused()
            .contains(&"periksa/jumlah_kepala".to_owned())
    );
}

#[test]
fn after_the_heads_death_another_member_is_the_head_wherever_listed() {
    let family = Family::listed()
        .with("kepala/siapa/perubahan", "2")
        .with("istri/perkawinan/hubungan", "1")
        .with("istri/perkawinan/kawin", "4");
    for path in [
        "istri/perkawinan/hubungan",
        "periksa/jumlah_kepala",
        "anak/perkawinan/kode_ibu",
    ] {
        assert_eq!(family.error(path), None, "{path}");
    }
}

#[test]
fn a_family_has_at_most_one_wife() {
    let mut family = Family::new();
    family.join_like_the_child("lain", "7571015005130009");
    family.set("lain/perkawinan/hubungan", "2");
    for member in ["lain", "istri"] {
        let error = family.error(&format!("{member}/perkawinan/hubungan"));
        assert!(
            error.is_some_and(|e| e.contains("Istri paling banyak satu")),
            "{member}"
        );
    }
    family.leave("lain");
    assert_eq!(family.error("istri/perkawinan/hubungan"), None);
}

#[test]
fn a_wife_is_a_woman_and_married() {
    let mut family = Family::new().with("istri/identitas/jk", "1");
    assert!(
        family
            .error("istri/perkawinan/hubungan")
            .is_some_and(|e| e.contains("Istri harus perempuan"))
    );
    family.set("istri/identitas/jk", "2");
    let words = Some("Istri harus berstatus kawin");
    judge(
        &mut family,
        "istri/perkawinan/kawin",
        &[("1", words), ("3", words), ("4", words), ("2", None)],
    );
}

#[test]
fn children_and_others_are_not_married() {
    let words = Some("tidak berstatus kawin");
    for tie in ["3", "4"] {
        let mut family = Family::new().with("anak/perkawinan/hubungan", tie);
        judge(
            &mut family,
            "anak/perkawinan/kawin",
            &[("2", words), ("1", None), ("3", None), ("4", None)],
        );
    }
    judge(
        &mut Family::new(),
        "kepala/perkawinan/kawin",
        &[("1", None), ("2", None), ("3", None), ("4", None)],
    );
}

#[test]
fn the_mothers_number_is_the_wifes_or_a_woman_heads_or_none() {
    let words = Some("bukan istri atau kepala keluarga perempuan");
    let mut family = Family::new();
    judge(
        &mut family,
        "anak/perkawinan/kode_ibu",
        &[
            ("1", words),
            ("2", None),
            ("02", None),
            ("3", words),
            ("9", words),
            ("0", None),
            ("", Some("Wajib diisi")),
        ],
    );
    family.set("kepala/identitas/jk", "2");
    judge(&mut family, "anak/perkawinan/kode_ibu", &[("1", None)]);
}

#[test]
fn only_a_child_is_asked_for_the_mother() {
    for (tie, asked) in [("1", false), ("2", false), ("3", true), ("4", false)] {
        let mut family = Family::new().with("anak/perkawinan/hubungan", tie);
        assert_asked(&mut family, tie, &[("anak/perkawinan/kode_ibu", asked)]);
    }
}

#[test]
fn whoever_was_ever_married_is_asked_at_what_age() {
    for (status, asked) in [("1", false), ("2", true), ("3", true), ("4", true)] {
        let mut family = Family::new().with("kepala/perkawinan/kawin", status);
        assert_asked(
            &mut family,
            status,
            &[("kepala/perkawinan/usia_kawin", asked)],
        );
    }
}

#[test]
fn the_first_marriage_was_not_under_7_nor_above_the_age() {
    judge(
        &mut Family::new(),
        "istri/perkawinan/usia_kawin",
        &[
            ("6", Some("tidak kurang dari 7 tahun")),
            ("7", None),
            ("37", None),
            (
                "38",
                Some("tidak boleh lebih dari umur sekarang (37 tahun)"),
            ),
        ],
    );
}

#[test]
fn a_child_up_to_7_is_at_most_in_primary_school() {
    let words = Some("Anak umur 7 tahun ke bawah");
    let mut seven = Family::new().with("anak/identitas/tgl_lahir", "2015-07-21");
    judge(
        &mut seven,
        "anak/sosial/pendidikan",
        &[
            ("1", None),
            ("2", None),
            ("3", None),
            ("4", words),
            ("10", words),
        ],
    );
    let mut eight = Family::new().with("anak/identitas/tgl_lahir", "2015-07-20");
    judge(
        &mut eight,
        "anak/sosial/pendidikan",
        &[("4", None), ("10", None)],
    );
}

#[test]
fn somebody_lives_in_the_house() {
    let mut family = Family::new();
    for member in ["kepala", "istri"] {
        family.set(&format!("{member}/sosial/keberadaan"), "3");
    }
    assert_eq!(family.error("periksa/jumlah_di_rumah"), None);
    family.set("anak/sosial/keberadaan", "2");
    let error = family.error("periksa/jumlah_di_rumah");
    assert!(
        error.is_some_and(|e| e.contains("Sedikitnya satu anggota harus tinggal di dalam rumah"))
    );
}

#[test]
fn a_family_has_a_member() {
    let mut family = Family::new();
    for member in ["anak", "istri", "kepala"] {
        family.leave(member);
    }
    assert!(
        family
            .error("periksa/jumlah_anggota")
            .is_some_and(|e| e.contains("Belum ada anggota"))
    );
}

#[test]
fn a_member_who_died_or_left_is_neither_asked_nor_counted() {
    for (change, here) in [
        ("0", true),
        ("1", true),
        ("2", false),
        ("3", false),
        ("4", true),
        ("5", true),
    ] {
        let mut family = Family::listed().with("anak/siapa/perubahan", change);
        for page in ["identitas/nik", "perkawinan/hubungan", "sosial/agama"] {
            assert_eq!(
                family.asks(&format!("anak/{page}")),
                here,
                "{page}, change {change}"
            );
        }
        assert!(
            family.asks("anak/siapa/nama"),
            "the name stays, change {change}"
        );
        let shown = family.shown("periksa/jumlah_anggota");
        assert_eq!(shown, if here { "3" } else { "2" }, "change {change}");
    }
}

#[test]
fn no_check_counts_a_member_who_died_or_left() {
    let mut family = Family::listed();
    family.join_like_the_child("dulu", "7571016008850002");
    family.set("dulu/perkawinan/hubungan", "2");
    family.set("dulu/siapa/perubahan", "0");
    assert!(family.error("istri/identitas/nik").is_some());
    assert!(family.error("istri/perkawinan/hubungan").is_some());
    family.set("dulu/siapa/perubahan", "3");
    assert_eq!(family.error("istri/identitas/nik"), None);
    assert_eq!(family.error("istri/perkawinan/hubungan"), None);
    let document = family.finished();
    let row = document["anggota"][3].as_object().unwrap();
    assert_eq!(row.keys().collect::<Vec<_>>(), ["_id", "siapa"]);
}

#[test]
fn only_members_of_a_listed_family_are_asked_what_changed() {
    assert!(Family::listed().asks("anak/siapa/perubahan"));
    assert!(!Family::new().asks("anak/siapa/perubahan"));
    assert!(
        Family::listed()
            .with("anak/siapa/perubahan", "")
            .error("anak/siapa/perubahan")
            .is_some()
    );
}

#[test]
fn members_are_numbered_by_their_place() {
    let document = Family::new().finished();
    let members = document["anggota"].as_array().unwrap();
    let numbers: Vec<&str> = members
        .iter()
        .filter_map(|member| member["siapa"]["no"].as_str())
        .collect();
    assert_eq!(numbers, ["1", "2", "3"]);
}
