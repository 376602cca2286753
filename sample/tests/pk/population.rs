//! Block I, a row a member.

use crate::family::Family;
use crate::{assert_asked, assert_codes, judge};

#[test]
fn i_2_a_nik_has_sixteen_digits() {
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
fn i_2_a_nik_is_not_one_digit_repeated_save_nines_for_a_member_who_has_none() {
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
fn i_2_a_nik_has_a_day_and_a_month_of_birth() {
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
fn i_2_a_niks_last_four_digits_are_not_0000() {
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
fn i_2_a_nik_is_unique_in_the_family_and_both_members_hear_of_it() {
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
fn i_2_several_members_may_have_no_nik() {
    let family = Family::new()
        .with("anak/identitas/nik", "9999999999999999")
        .with("istri/identitas/nik", "9999999999999999");
    family.finished();
}

#[test]
fn i_4_a_birth_that_differs_from_the_niks_passes_only_with_a_note() {
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
fn i_4_a_womans_nik_has_forty_added_to_the_day_and_a_mans_has_not() {
    let mut family = Family::new();
    for (nik, born, agrees) in [
        ("7571014101500004", "1950-01-01", true),
        ("7571017101500004", "1950-01-31", true),
        ("7571010101500004", "1950-01-01", true),
        ("7571013101500004", "1950-01-31", true),
        ("7571014201500004", "1950-01-01", false),
    ] {
        family.set("istri/identitas/nik", nik);
        family.set("istri/identitas/tgl_lahir", born);
        let warning = family.warning("istri/identitas/tgl_lahir");
        assert_eq!(warning.is_none(), agrees, "{nik}, born {born}");
    }
}

#[test]
fn i_3_a_sex_that_differs_from_the_niks_passes_only_with_a_note() {
    let mut family = Family::new();
    for (nik, woman) in [
        ("7571014101130003", true),
        ("7571017101130003", true),
        ("7571010101130003", false),
        ("7571013101130003", false),
    ] {
        family.set("anak/identitas/nik", nik);
        for (sex, agrees) in [("1", !woman), ("2", woman)] {
            family.set("anak/identitas/jk", sex);
            let warning = family.warning("anak/identitas/jk");
            assert_eq!(warning.is_none(), agrees, "{nik}, sex {sex}: {warning:?}");
        }
    }
    let mut family = Family::new().with("anak/identitas/jk", "1");
    assert_eq!(family.refused().len(), 1, "{:?}", family.refused());
    family.note("anak/identitas/jk", "Sesuai akta lahir.");
    family.finished();
}

#[test]
fn i_3_who_has_no_nik_differs_from_none() {
    let family = Family::new()
        .with("anak/identitas/nik", "9999999999999999")
        .with("anak/identitas/jk", "1")
        .with("anak/identitas/tgl_lahir", "2012-01-01");
    assert_eq!(family.warning("anak/identitas/jk"), None);
    assert_eq!(family.warning("anak/identitas/tgl_lahir"), None);
}

#[test]
fn i_3_the_sex_is_man_or_woman() {
    assert_codes("kepala/identitas/jk", 2);
}

#[test]
fn i_2_a_nik_of_an_unknown_area_passes_only_with_a_note() {
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
fn i_2_a_name_has_letters_spaces_full_stops_commas_and_apostrophes() {
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
fn i_4_nobody_is_born_after_the_visit_or_before_1900() {
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
fn i_4_age_is_the_calendar_age_on_the_day_of_the_visit() {
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
fn i_4_no_age_is_shown_before_the_date_of_birth() {
    let mut family = Family::new();
    assert!(family.asks("anak/identitas/umur_teks"));
    family.set("anak/identitas/tgl_lahir", "");
    assert!(!family.asks("anak/identitas/umur_teks"));
}

#[test]
fn i_10_a_member_is_the_head_the_wife_a_child_or_another() {
    assert_codes("anak/perkawinan/hubungan", 4);
}

#[test]
fn i_10_the_first_listed_is_the_head() {
    let words = Some("Anggota nomor 01 adalah kepala keluarga");
    judge(
        &mut Family::new(),
        "kepala/perkawinan/hubungan",
        &[("2", words), ("3", words), ("4", words), ("1", None)],
    );
}

#[test]
fn i_10_there_is_one_head() {
    let words = Some("Kepala keluarga hanya satu");
    let mut family = Family::new();
    judge(&mut family, "anak/perkawinan/hubungan", &[("1", words)]);
    judge(&mut family, "kepala/perkawinan/hubungan", &[("1", words)]);
    judge(&mut family, "anak/perkawinan/hubungan", &[("3", None)]);
    judge(&mut family, "kepala/perkawinan/hubungan", &[("1", None)]);
}

#[test]
fn i_10_a_family_without_a_head_is_not_finished() {
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
fn i_10_after_the_heads_death_another_member_is_the_head_wherever_listed() {
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
fn i_10_a_family_has_at_most_one_wife() {
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
fn i_10_a_wife_is_a_woman() {
    let mut family = Family::new().with("istri/identitas/jk", "1");
    let words = Some("Istri harus perempuan");
    judge(&mut family, "istri/perkawinan/hubungan", &[("2", words)]);
    family.set("istri/identitas/jk", "2");
    judge(&mut family, "istri/perkawinan/hubungan", &[("2", None)]);
}

#[test]
fn i_7_a_member_is_single_married_divorced_or_widowed() {
    assert_codes("kepala/perkawinan/kawin", 4);
}

#[test]
fn i_7_a_wife_is_married() {
    let words = Some("Istri harus berstatus kawin");
    judge(
        &mut Family::new(),
        "istri/perkawinan/kawin",
        &[("1", words), ("3", words), ("4", words), ("2", None)],
    );
}

#[test]
fn i_7_children_and_others_are_not_married_and_a_head_may_be_anything() {
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
fn i_11_the_mothers_number_is_the_wifes_or_a_woman_heads_or_none() {
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
fn i_11_only_a_child_is_asked_for_the_mother() {
    for (tie, asked) in [("1", false), ("2", false), ("3", true), ("4", false)] {
        let mut family = Family::new().with("anak/perkawinan/hubungan", tie);
        assert_asked(&mut family, tie, &[("anak/perkawinan/kode_ibu", asked)]);
    }
}

#[test]
fn i_8_whoever_was_ever_married_is_asked_at_what_age() {
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
fn i_8_the_first_marriage_was_not_under_7() {
    let words = Some("tidak kurang dari 7 tahun");
    judge(
        &mut Family::new(),
        "istri/perkawinan/usia_kawin",
        &[("", Some("Wajib diisi")), ("6", words), ("7", None)],
    );
}

#[test]
fn i_8_the_first_marriage_was_not_above_the_age() {
    let words = Some("tidak boleh lebih dari umur sekarang (37 tahun)");
    judge(
        &mut Family::new(),
        "istri/perkawinan/usia_kawin",
        &[("37", None), ("38", words)],
    );
}

#[test]
fn i_9_there_is_a_birth_certificate_or_not() {
    assert_codes("anak/identitas/akta_lahir", 2);
}

#[test]
fn i_12_a_member_has_one_of_eight_beliefs() {
    assert_codes("anak/sosial/agama", 8);
}

#[test]
fn i_13_a_member_has_one_of_ten_occupations() {
    assert_codes("anak/sosial/pekerjaan", 10);
}

#[test]
fn i_14_a_member_has_one_of_ten_educations() {
    assert_codes("anak/sosial/pendidikan", 10);
}

#[test]
fn i_15_a_member_has_one_of_three_insurances_or_none() {
    assert_codes("anak/sosial/jaminan", 4);
}

#[test]
fn i_16_a_member_is_in_the_house_elsewhere_or_abroad() {
    assert_codes("anak/sosial/keberadaan", 3);
}

#[test]
fn i_14_a_child_up_to_7_is_at_most_in_primary_school() {
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
fn i_16_somebody_lives_in_the_house() {
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
fn i_a_family_has_a_member() {
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
fn i_one_person_alone_is_a_family() {
    let mut family = Family::new();
    family.leave("anak");
    family.leave("istri");
    assert_eq!(family.error("periksa/jumlah_anggota"), None);
    assert_eq!(family.error("periksa/jumlah_di_rumah"), None);
}

#[test]
fn i_nobody_types_what_is_counted() {
    let mut family = Family::new();
    for count in ["jumlah_anggota", "jumlah_kepala", "jumlah_di_rumah"] {
        let question = family.question(&format!("periksa/{count}"));
        assert!(
            question.is_some_and(|question| question.read_only),
            "{count}"
        );
    }
}

#[test]
fn i_a_member_who_died_or_left_is_neither_asked_nor_counted() {
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
fn i_no_check_counts_a_member_who_died_or_left() {
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
fn i_only_members_of_a_listed_family_are_asked_what_changed() {
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
fn i_1_members_are_numbered_by_their_place() {
    let document = Family::new().finished();
    let members = document["anggota"].as_array().unwrap();
    let numbers: Vec<&str> = members
        .iter()
        .filter_map(|member| member["siapa"]["no"].as_str())
        .collect();
    assert_eq!(numbers, ["1", "2", "3"]);
}
