//! Block III, how the family lives.

use crate::family::Family;
use crate::{assert_codes, judge};

fn alone(born: &str) -> Family {
    let mut family = Family::new()
        .with("kepala/perkawinan/kawin", "1")
        .with("kepala/identitas/tgl_lahir", born);
    family.leave("anak");
    family.leave("istri");
    family
}

fn with_child_born(born: &str) -> Family {
    Family::new().with("anak/identitas/tgl_lahir", born)
}

/// Of which families the question is asked, and for which it is "Tidak berlaku" by itself and nothing else.
fn applies(item: &str, cases: Vec<(Family, bool)>) {
    let path = format!("pembangunan/{item}");
    for (at, (mut family, applies)) in cases.into_iter().enumerate() {
        assert_eq!(family.sets_itself(&path), !applies, "{item}, case {at}");
        let offered = family.offered(&path);
        let expected = if applies {
            vec!["1", "2"]
        } else {
            vec!["1", "2", "3"]
        };
        assert_eq!(offered, expected, "{item}, case {at}");
        family.set_if_asked(&path, "3");
        assert_eq!(family.error(&path).is_some(), applies, "{item}, case {at}");
    }
}

/// With a married couple, and without one.
fn couples() -> Vec<(Family, bool)> {
    vec![
        (Family::new(), true),
        (alone("1990-01-01"), false),
        (Family::new().with("istri/perkawinan/kawin", "4"), false),
        (Family::new().with("kepala/perkawinan/kawin", "3"), false),
        (Family::listed().with("istri/siapa/perubahan", "3"), false),
    ]
}

/// With somebody from 10 to 24, and without.
fn young() -> Vec<(Family, bool)> {
    vec![
        (with_child_born("2013-07-21"), false),
        (with_child_born("2013-07-20"), true),
        (with_child_born("1998-07-21"), true),
        (with_child_born("1998-07-20"), false),
        (Family::listed().with("anak/siapa/perubahan", "2"), false),
        (alone("1999-01-01"), true),
        (alone("1998-01-01"), false),
    ]
}

#[test]
fn iii_all_of_it_is_asked_of_a_family_that_was_met() {
    let mut family = Family::listed();
    assert!(family.asks("pembangunan/ketenteraman/ibadah"));
    family.set("kunjungan/hasil", "6");
    assert!(!family.asks("pembangunan/ketenteraman/ibadah"));
}

#[test]
fn iii_2_the_marriage_book_is_asked_of_a_married_couple() {
    applies("ketenteraman/buku_nikah", couples());
}

#[test]
fn iii_3b_separate_beds_are_asked_of_a_married_couple() {
    applies("ketenteraman/pisah_ranjang", couples());
}

#[test]
fn iii_10_care_is_asked_where_there_is_a_wife_or_a_child() {
    let (mut childless, mut wifeless) = (Family::new(), Family::new());
    childless.leave("anak");
    wifeless.leave("istri");
    let cases = vec![
        (childless, true),
        (wifeless, true),
        (alone("1990-01-01"), false),
    ];
    applies("kemandirian/asuh_bersama", cases);
}

#[test]
fn iii_13_posyandu_is_asked_where_there_is_a_child_to_5() {
    let cases = [
        ("2023-07-20", true),
        ("2017-07-21", true),
        ("2017-07-20", false),
    ];
    let cases = cases.map(|(born, applies)| (with_child_born(born), applies));
    applies("kegiatan/posyandu", cases.into());
}

#[test]
fn iii_14_bkb_is_asked_where_there_is_a_child_to_6() {
    let cases = [
        ("2023-07-20", true),
        ("2016-07-21", true),
        ("2016-07-20", false),
    ];
    let cases = cases.map(|(born, applies)| (with_child_born(born), applies));
    applies("kegiatan/bkb", cases.into());
}

#[test]
fn iii_15_bkr_is_asked_where_there_is_somebody_from_10_to_24() {
    applies("kegiatan/bkr", young());
}

#[test]
fn iii_16_pik_r_is_asked_where_there_is_somebody_from_10_to_24() {
    applies("kegiatan/pik_r", young());
}

#[test]
fn iii_17_bkl_is_asked_where_there_is_somebody_from_60_on() {
    let cases = [("1963-07-21", false), ("1963-07-20", true)];
    let cases = cases.map(|(born, applies)| (alone(born), applies));
    applies("kegiatan/bkl", cases.into());
}

/// A question of block III that every family answers, by how many codes.
fn asked_of_all(item: &str, codes: usize) {
    assert_codes(&format!("pembangunan/{item}"), codes);
    let mut family = alone("1990-01-01");
    assert!(
        !family.sets_itself(&format!("pembangunan/{item}")),
        "{item}"
    );
}

macro_rules! asked_of_all {
    ($($test:ident: $item:literal, $codes:literal;)*) => {
        $(
            #[test]
            fn $test() {
                asked_of_all($item, $codes);
            }
        )*
    };
}

asked_of_all! {
    iii_1_worship_is_yes_or_no: "ketenteraman/ibadah", 2;
    iii_3a_not_speaking_is_yes_or_no: "ketenteraman/tegur_sapa", 2;
    iii_3c_running_away_is_yes_or_no: "ketenteraman/minggat", 2;
    iii_3d_violence_is_yes_or_no: "ketenteraman/kdrt", 2;
    iii_4_an_income_is_yes_or_no: "kemandirian/penghasilan", 2;
    iii_5_eating_well_is_yes_or_no: "kemandirian/makan_beragam", 2;
    iii_6_savings_are_yes_or_no: "kemandirian/tabungan", 2;
    iii_7_illness_is_yes_or_no: "kemandirian/sakit", 2;
    iii_8_media_are_yes_or_no: "kemandirian/media_online", 2;
    iii_9_being_together_is_yes_or_no: "kemandirian/interaksi", 2;
    iii_11_outings_are_yes_or_no: "kemandirian/rekreasi", 2;
    iii_12_working_together_is_yes_or_no: "kemandirian/gotong_royong", 2;
    iii_18a_uppka_is_yes_or_no: "kegiatan/uppka", 2;
    iii_18b_mekaar_is_yes_or_no: "kegiatan/mekaar", 2;
    iii_18c_pkh_is_yes_or_no: "kegiatan/pkh", 2;
    iii_18d_another_programme_is_yes_or_no: "kegiatan/program_lain", 2;
    iii_19_there_are_seven_roofs: "rumah/atap", 7;
    iii_20_there_are_five_walls: "rumah/dinding", 5;
    iii_21_there_are_six_floors: "rumah/lantai", 6;
    iii_22_there_are_five_lights: "rumah/penerangan", 5;
    iii_23_there_are_eight_waters: "rumah/air_minum", 8;
    iii_24_there_are_four_toilets: "rumah/jamban", 4;
    iii_27_there_are_four_fuels: "hunian/bahan_bakar", 4;
    iii_28_there_are_six_ways_to_have_a_house: "hunian/status_rumah", 6;
    iii_29_word_of_the_programme_is_yes_or_no: "informasi/info_kb", 2;
    iii_31_word_from_a_person_is_yes_or_no: "informasi/info_petugas", 2;
}

#[test]
fn iii_1_3_to_5_and_8_to_12_are_about_the_last_six_months_and_7_about_the_last() {
    let mut family = Family::new();
    let mut about = |words: &str| -> Vec<String> {
        let questions = family.questions().into_iter();
        let told = |hint: &Option<String>| hint.as_ref().is_some_and(|hint| hint.contains(words));
        let found = questions.filter(|question| told(&question.hint));
        found.filter_map(|question| question.number).collect()
    };
    let half_a_year = [
        "III.1", "III.3a", "III.3b", "III.3c", "III.3d", "III.4", "III.5", "III.8", "III.9",
        "III.10", "III.11", "III.12",
    ];
    assert_eq!(about("enam bulan terakhir"), half_a_year);
    assert_eq!(about("satu bulan terakhir"), ["III.7"]);
}

#[test]
fn iii_2_a_question_that_applies_again_has_the_answer_given_before() {
    let mut family = Family::listed();
    family.set("istri/siapa/perubahan", "3");
    assert!(family.sets_itself("pembangunan/ketenteraman/buku_nikah"));
    family.set("istri/siapa/perubahan", "0");
    assert_eq!(family.shown("pembangunan/ketenteraman/buku_nikah"), "1");
    family.finished();
}

/// A list of which several may be chosen, asked after a yes.
fn asked_after(gate: &str, list: &str, codes: usize) {
    let mut family = Family::new().with(gate, "2");
    assert!(!family.asks(list), "{list}");
    family.set(gate, "1");
    assert_eq!(family.offered(list).len(), codes, "{list}");
    family.set(list, "");
    let words = family.error(list).unwrap_or_default();
    assert!(words.contains("sedikitnya satu"), "{list}: {words}");
    family.set(list, "1 6");
    assert_eq!(family.error(list), None);
}

#[test]
fn iii_30_whoever_heard_of_the_programme_says_from_which_media() {
    let page = "pembangunan/informasi";
    asked_after(&format!("{page}/info_kb"), &format!("{page}/media_kb"), 6);
}

#[test]
fn iii_32_whoever_heard_of_it_from_somebody_says_from_whom() {
    let page = "pembangunan/informasi";
    let (gate, list) = (format!("{page}/info_petugas"), format!("{page}/petugas_kb"));
    asked_after(&gate, &list, 10);
}

#[test]
fn iii_3d_violence_at_home_is_asked_in_private() {
    let kdrt = Family::new().question("pembangunan/ketenteraman/kdrt");
    let hint = kdrt.and_then(|question| question.hint).unwrap();
    assert!(hint.contains("secara pribadi"), "{hint}");
}

#[test]
fn iii_25_the_house_has_1_to_9999_square_metres() {
    let words = Some("1 sampai 9999");
    judge(
        &mut Family::new(),
        "pembangunan/hunian/luas_rumah",
        &[("0", words), ("1", None), ("9999", None), ("10000", words)],
    );
}

#[test]
fn iii_26_the_house_has_1_to_99_people() {
    let words = Some("1 sampai 99");
    judge(
        &mut Family::new(),
        "pembangunan/hunian/orang_menetap",
        &[("0", words), ("1", None), ("99", None), ("100", words)],
    );
}

#[test]
fn iii_has_its_32_items() {
    let filled = Family::new().finished();
    let pages = filled["pembangunan"].as_object().unwrap();
    let items: usize = pages
        .values()
        .filter_map(|page| page.as_object())
        .map(|page| page.len())
        .sum();
    // 3 and 18 have four parts each; 32 is not asked of this family.
    assert_eq!(items, 37);
}
