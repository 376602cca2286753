//! Block III, how the family lives.

use crate::family::Family;

/// Whether the question is answered by itself with "Tidak berlaku".
fn sets_itself(family: &mut Family, path: &str) -> bool {
    let question = family
        .question(path)
        .unwrap_or_else(|| panic!("{path} is not asked"));
    let words = question.not_applicable.as_deref();
    assert_eq!(
        words,
        question.read_only.then_some("Tidak berlaku"),
        "{path}"
    );
    question.read_only
}

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

#[test]
fn the_roster_decides_what_does_not_apply() {
    const COUPLE: [&str; 2] = ["ketenteraman/buku_nikah", "ketenteraman/pisah_ranjang"];
    const CARE: [&str; 1] = ["kemandirian/asuh_bersama"];
    const TO_5: [&str; 1] = ["kegiatan/posyandu"];
    const TO_6: [&str; 1] = ["kegiatan/bkb"];
    const YOUNG: [&str; 2] = ["kegiatan/bkr", "kegiatan/pik_r"];
    const OLD: [&str; 1] = ["kegiatan/bkl"];
    type Case = (&'static str, fn() -> Family, &'static [&'static str], bool);
    let cases: [Case; 22] = [
        ("couple", Family::new, &COUPLE, true),
        ("one alone", || alone("1990-01-01"), &COUPLE, false),
        (
            "the wife widowed",
            || Family::new().with("istri/perkawinan/kawin", "4"),
            &COUPLE,
            false,
        ),
        (
            "the head not married",
            || Family::new().with("kepala/perkawinan/kawin", "3"),
            &COUPLE,
            false,
        ),
        (
            "the wife left",
            || Family::listed().with("istri/siapa/perubahan", "3"),
            &COUPLE,
            false,
        ),
        ("wife and child", Family::new, &CARE, true),
        ("one alone", || alone("1990-01-01"), &CARE, false),
        ("child of 5", || with_child_born("2017-07-21"), &TO_5, true),
        ("child of 6", || with_child_born("2017-07-20"), &TO_5, false),
        ("child of 0", || with_child_born("2023-07-20"), &TO_5, true),
        ("child of 6", || with_child_born("2016-07-21"), &TO_6, true),
        ("child of 7", || with_child_born("2016-07-20"), &TO_6, false),
        (
            "child of 9",
            || with_child_born("2013-07-21"),
            &YOUNG,
            false,
        ),
        (
            "child of 10",
            || with_child_born("2013-07-20"),
            &YOUNG,
            true,
        ),
        (
            "child of 24",
            || with_child_born("1998-07-21"),
            &YOUNG,
            true,
        ),
        (
            "child of 25",
            || with_child_born("1998-07-20"),
            &YOUNG,
            false,
        ),
        (
            "the child died",
            || Family::listed().with("anak/siapa/perubahan", "2"),
            &YOUNG,
            false,
        ),
        ("head of 45", Family::new, &OLD, false),
        ("head of 59", || alone("1963-07-21"), &OLD, false),
        ("head of 60", || alone("1963-07-20"), &OLD, true),
        ("one of 24 alone", || alone("1999-01-01"), &YOUNG, true),
        ("one of 25 alone", || alone("1998-01-01"), &YOUNG, false),
    ];
    for (who, family, questions, applies) in cases {
        let mut family = family();
        for question in questions {
            let path = format!("pembangunan/{question}");
            assert_eq!(
                sets_itself(&mut family, &path),
                !applies,
                "{question} of a family with {who}"
            );
        }
    }
}

#[test]
fn a_question_that_applies_again_has_the_answer_given_before() {
    let mut family = Family::listed();
    family.set("istri/siapa/perubahan", "3");
    assert!(sets_itself(
        &mut family,
        "pembangunan/ketenteraman/buku_nikah"
    ));
    family.set("istri/siapa/perubahan", "0");
    assert_eq!(family.shown("pembangunan/ketenteraman/buku_nikah"), "1");
    family.finished();
}

#[test]
fn what_applies_cannot_be_called_not_applicable() {
    let family = Family::of_three_generations();
    family.finished();
    for item in [
        "ketenteraman/buku_nikah",
        "ketenteraman/pisah_ranjang",
        "kemandirian/asuh_bersama",
        "kegiatan/posyandu",
        "kegiatan/bkb",
        "kegiatan/bkr",
        "kegiatan/pik_r",
        "kegiatan/bkl",
    ] {
        let path = format!("pembangunan/{item}");
        let family = Family::of_three_generations().with(&path, "3");
        assert!(family.error(&path).is_some(), "{item}");
    }
}

#[test]
fn a_couple_without_children_has_the_care_question_for_the_wife() {
    let mut family = Family::new();
    family.leave("anak");
    assert!(!sets_itself(
        &mut family,
        "pembangunan/kemandirian/asuh_bersama"
    ));
}

#[test]
fn whoever_heard_of_the_programme_says_from_where() {
    for (gate, list) in [("info_kb", "media_kb"), ("info_petugas", "petugas_kb")] {
        let (gate, list) = (
            format!("pembangunan/informasi/{gate}"),
            format!("pembangunan/informasi/{list}"),
        );
        let mut family = Family::new().with(&gate, "2");
        assert!(!family.asks(&list), "{list}");
        family.set(&gate, "1");
        assert!(family.asks(&list), "{list}");
        family.set(&list, "");
        assert!(
            family
                .error(&list)
                .is_some_and(|e| e.contains("sedikitnya satu")),
            "{list}"
        );
        family.set(&list, "1 6");
        assert_eq!(family.error(&list), None);
    }
}

#[test]
fn violence_at_home_is_asked_in_private() {
    let kdrt = Family::new().question("pembangunan/ketenteraman/kdrt");
    let hint = kdrt.and_then(|question| question.hint).unwrap();
    assert!(hint.contains("secara pribadi"), "{hint}");
}

#[test]
fn size_and_people_of_the_house_are_sane() {
    let mut family = Family::new();
    for (path, words, top) in [
        ("luas_rumah", "1 sampai 9999", "10000"),
        ("orang_menetap", "1 sampai 99", "100"),
    ] {
        let path = format!("pembangunan/hunian/{path}");
        crate::judge(
            &mut family,
            &path,
            &[("0", Some(words)), ("1", None), (top, Some(words))],
        );
    }
}

#[test]
fn block_iii_has_its_32_items() {
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
