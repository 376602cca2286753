//! Block II, family planning.

use crate::family::Family;
use crate::{assert_asked, assert_codes, judge};

fn wife(path: &str) -> String {
    format!("istri/kb/{path}")
}

/// The family with some answers of the wife's; those of her that hang on them are taken away first.
fn says(answers: &[(&str, &str)]) -> Family {
    let mut family = Family::new();
    for (path, value) in answers {
        family.set(&wife(path), value);
    }
    family
}

#[test]
fn ii_married_women_of_10_to_49_are_asked() {
    for (sex, status, born, asked) in [
        ("2", "2", "1985-08-20", true),
        ("2", "2", "2013-07-20", true),
        ("2", "2", "2013-07-21", false),
        ("2", "2", "1973-07-21", true),
        ("2", "2", "1973-07-20", false),
        ("2", "1", "1985-08-20", false),
        ("2", "3", "1985-08-20", false),
        ("2", "4", "1985-08-20", false),
        ("1", "2", "1985-08-20", false),
    ] {
        let mut family = Family::new()
            .with("istri/identitas/jk", sex)
            .with("istri/perkawinan/kawin", status)
            .with("istri/identitas/tgl_lahir", born);
        assert_asked(
            &mut family,
            &format!("sex {sex}, status {status}, born {born}"),
            &[("istri/kb/kelahiran/melahirkan", asked)],
        );
    }
}

#[test]
fn ii_a_married_woman_who_heads_the_family_is_asked_too() {
    let mut family = Family::new().with("kepala/identitas/jk", "2");
    assert!(family.asks("kepala/kb/kelahiran/melahirkan"));
}

#[test]
fn ii_1_without_births_the_children_are_0_by_themselves_and_come_back_with_them() {
    let children = ["lahir_l", "lahir_p", "hidup_l", "hidup_p"];
    let mut family = says(&[("kelahiran/melahirkan", "0")]);
    let page = family.finished()["anggota"][1]["kb"]["kelahiran"].clone();
    for name in children {
        assert_eq!(page[name], 0, "{name}");
        assert!(
            family
                .question(&wife(&format!("kelahiran/{name}")))
                .unwrap()
                .read_only,
            "{name}"
        );
    }
    family.set(&wife("kelahiran/melahirkan"), "1");
    let page = family.finished()["anggota"][1]["kb"]["kelahiran"].clone();
    assert_eq!(page["lahir_p"], 1);
    assert!(
        !family
            .question(&wife("kelahiran/lahir_p"))
            .unwrap()
            .read_only
    );
}

#[test]
fn ii_1_living_children_are_not_more_than_were_born_by_sex() {
    for (living, born, words) in [
        (
            "kelahiran/hidup_l",
            "kelahiran/lahir_l",
            "Anak laki-laki yang masih hidup",
        ),
        (
            "kelahiran/hidup_p",
            "kelahiran/lahir_p",
            "Anak perempuan yang masih hidup",
        ),
    ] {
        let mut family = says(&[("kelahiran/melahirkan", "4"), (born, "2")]);
        judge(
            &mut family,
            &wife(living),
            &[("0", None), ("2", None), ("3", Some(words))],
        );
    }
}

#[test]
fn ii_1_numbers_of_births_and_children_are_sane() {
    for (name, words) in [
        ("melahirkan", "Jumlah kelahiran 0 sampai 25"),
        ("lahir_l", "Jumlah anak 0 sampai 25"),
        ("lahir_p", "Jumlah anak 0 sampai 25"),
        ("hidup_l", "Jumlah anak 0 sampai 25"),
        ("hidup_p", "Jumlah anak 0 sampai 25"),
    ] {
        let mut family = says(&[
            ("kelahiran/melahirkan", "25"),
            ("kelahiran/lahir_l", "25"),
            ("kelahiran/lahir_p", "25"),
        ]);
        let words = Some(words);
        let path = wife(&format!("kelahiran/{name}"));
        let cases = [("-1", words), ("26", words), ("25", None), ("0", None)];
        judge(&mut family, &path, &cases);
    }
}

#[test]
fn ii_2_the_ideal_number_of_children_is_asked() {
    judge(
        &mut Family::new(),
        &wife("kelahiran/anak_ideal"),
        &[
            ("", Some("Wajib diisi")),
            ("0", None),
            ("25", None),
            ("-1", Some("0 sampai 25")),
            ("26", Some("0 sampai 25")),
        ],
    );
}

#[test]
fn ii_3_a_pregnant_woman_tells_the_weeks_and_whether_she_wanted_it_the_others_what_they_want() {
    for (pregnant, yes) in [("1", true), ("2", false)] {
        let mut family = says(&[("kehamilan/hamil", pregnant)]);
        assert_asked(
            &mut family,
            &format!("pregnant: {pregnant}"),
            &[
                ("istri/kb/kehamilan/minggu_hamil", yes),
                ("istri/kb/kehamilan/ingin_hamil", yes),
                ("istri/kb/kehamilan/ingin_anak", !yes),
            ],
        );
    }
}

#[test]
fn ii_3_a_pregnancy_was_wanted_then_later_or_not_at_all() {
    let mut family = says(&[("kehamilan/hamil", "1")]);
    let path = wife("kehamilan/ingin_hamil");
    assert_eq!(family.offered(&path), ["1", "2", "3"]);
    judge(&mut family, &path, &[("", Some("Wajib diisi"))]);
}

#[test]
fn ii_3_above_42_weeks_a_pregnancy_passes_only_with_a_note() {
    let mut family = says(&[("kehamilan/hamil", "1")]);
    for (weeks, doubtful) in [("1", false), ("42", false), ("43", true)] {
        family.set(&wife("kehamilan/minggu_hamil"), weeks);
        assert_eq!(
            family.warning(&wife("kehamilan/minggu_hamil")).is_some(),
            doubtful,
            "{weeks} weeks"
        );
        assert_eq!(
            family.error(&wife("kehamilan/minggu_hamil")),
            None,
            "{weeks} weeks"
        );
    }
    let words = Some("1 sampai 99");
    judge(
        &mut family,
        &wife("kehamilan/minggu_hamil"),
        &[("0", words), ("99", None), ("100", words)],
    );
}

#[test]
fn ii_3_she_is_pregnant_or_not() {
    assert_codes("istri/kb/kehamilan/hamil", 2);
}

#[test]
fn ii_3_who_is_not_pregnant_wants_a_child_soon_later_or_no_more() {
    assert_codes("istri/kb/kehamilan/ingin_anak", 3);
}

/// What comes after the pregnancy, question by question.
const AFTER: [(&str, &str); 12] = [
    ("4", "pemakaian/pakai_kb"),
    ("4 since", "pemakaian/pakai_sejak"),
    ("5", "pemakaian/pernah_kb"),
    ("5 start", "pemakaian/pernah_mulai"),
    ("5 stop", "pemakaian/pernah_berhenti"),
    ("6", "pemakaian/alasan_kb"),
    ("7", "pemakaian/jenis_kb"),
    ("8", "layanan/sumber_kb"),
    ("8 other", "layanan/sumber_lain"),
    ("9 methods", "layanan/jelas_jenis"),
    ("9 side effects", "layanan/jelas_efek"),
    ("9 what to do", "layanan/jelas_tindakan"),
];

/// After these answers, exactly these are asked.
fn leads_to(answers: &[(&str, &str)], expected: &[&str]) {
    let mut family = says(answers);
    let asked: Vec<&str> = AFTER
        .into_iter()
        .filter(|(_, path)| family.asks(&wife(path)))
        .map(|(name, _)| name)
        .collect();
    assert_eq!(asked, expected, "after {answers:?}");
}

const PREGNANT: (&str, &str) = ("kehamilan/hamil", "1");
const USES: (&str, &str) = ("pemakaian/pakai_kb", "1");
const USES_NONE: (&str, &str) = ("pemakaian/pakai_kb", "2");
const USED: (&str, &str) = ("pemakaian/pernah_kb", "1");
const NEVER_USED: (&str, &str) = ("pemakaian/pernah_kb", "2");
const TRADITIONAL: (&str, &str) = ("pemakaian/jenis_kb", "9");
const ELSEWHERE: (&str, &str) = ("layanan/sumber_kb", "10");
/// Of 8 and 9 what is asked of whoever got a method from somebody.
const SERVICE: [&str; 4] = ["8", "9 methods", "9 side effects", "9 what to do"];

#[test]
fn ii_4_who_uses_a_method_tells_since_when_and_goes_on_with_7() {
    leads_to(&[USES], &[&["4", "4 since", "7"][..], &SERVICE].concat());
}

#[test]
fn ii_4_who_is_pregnant_is_not_asked_whether_she_uses_one() {
    leads_to(&[PREGNANT], &["5"]);
}

#[test]
fn ii_4_she_uses_a_method_or_not() {
    assert_codes("istri/kb/pemakaian/pakai_kb", 2);
}

#[test]
fn ii_4_a_method_is_not_used_from_a_month_to_come() {
    let mut family = Family::new();
    let words = Some("Bulan ini belum tiba");
    judge(
        &mut family,
        &wife("pemakaian/pakai_sejak"),
        &[("2023-07-01", None), ("2023-08-01", words)],
    );
}

#[test]
fn ii_5_who_uses_none_is_asked_for_the_last_twelve_months() {
    leads_to(&[USES_NONE], &["4", "5"]);
}

#[test]
fn ii_5_who_used_one_tells_from_when_to_when_why_not_now_and_goes_on_with_7() {
    let since = ["5", "5 start", "5 stop", "6", "7"];
    leads_to(&[USES_NONE, USED], &[&["4"], &since[..], &SERVICE].concat());
    leads_to(&[PREGNANT, USED], &[&since[..], &SERVICE].concat());
}

#[test]
fn ii_5_a_method_was_not_stopped_before_it_was_begun() {
    let mut family = says(&[USES_NONE, USED, ("pemakaian/pernah_mulai", "2023-02-01")]);
    let words = Some("tidak boleh sebelum mulai memakai");
    judge(
        &mut family,
        &wife("pemakaian/pernah_berhenti"),
        &[("2023-01-01", words), ("2023-02-01", None)],
    );
}

#[test]
fn ii_5_a_method_was_not_begun_or_stopped_in_a_month_to_come() {
    let mut family = says(&[USES_NONE, USED]);
    let words = Some("Bulan ini belum tiba");
    for path in ["pemakaian/pernah_mulai", "pemakaian/pernah_berhenti"] {
        let cases = [("2023-08-01", words), ("2023-07-01", None)];
        judge(&mut family, &wife(path), &cases);
    }
}

#[test]
fn ii_6_who_neither_uses_nor_used_one_says_why_and_the_block_ends() {
    leads_to(&[USES_NONE, NEVER_USED], &["4", "5", "6"]);
    leads_to(&[PREGNANT, NEVER_USED], &["5", "6"]);
}

#[test]
fn ii_6_there_are_thirteen_reasons() {
    let mut family = says(&[USES_NONE, NEVER_USED]);
    let reasons = family.offered(&wife("pemakaian/alasan_kb"));
    assert_eq!(reasons.len(), 13);
    judge(
        &mut family,
        &wife("pemakaian/alasan_kb"),
        &[("", Some("Wajib diisi")), ("13", None)],
    );
}

#[test]
fn ii_7_there_are_nine_methods() {
    assert_codes("istri/kb/pemakaian/jenis_kb", 9);
}

#[test]
fn ii_8_a_traditional_method_comes_from_nobody() {
    leads_to(&[USES, TRADITIONAL], &["4", "4 since", "7"]);
}

#[test]
fn ii_8_another_source_is_named() {
    let service = [
        "8",
        "8 other",
        "9 methods",
        "9 side effects",
        "9 what to do",
    ];
    let asked = [&["4", "4 since", "7"], &service[..]].concat();
    leads_to(&[USES, ELSEWHERE], &asked);
    let mut family = says(&[ELSEWHERE]);
    judge(
        &mut family,
        &wife("layanan/sumber_lain"),
        &[("", Some("Wajib diisi")), ("Warung", None)],
    );
}

#[test]
fn ii_8_there_are_ten_sources() {
    assert_codes("istri/kb/layanan/sumber_kb", 10);
}

#[test]
fn ii_9_she_was_told_or_not_of_methods_side_effects_and_what_to_do() {
    for question in ["jelas_jenis", "jelas_efek", "jelas_tindakan"] {
        assert_codes(&wife(&format!("layanan/{question}")), 2);
    }
}

#[test]
fn ii_9_nobody_told_her_of_a_traditional_method() {
    let mut family = says(&[TRADITIONAL]);
    assert!(!family.asks(&wife("layanan/jelas_jenis")));
    family.set(&wife("pemakaian/jenis_kb"), "8");
    assert!(family.asks(&wife("layanan/jelas_jenis")));
}
