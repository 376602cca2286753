//! Block II, family planning.

use crate::family::Family;
use crate::{assert_asked, judge};

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
fn married_women_of_10_to_49_are_asked() {
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
fn a_married_woman_who_heads_the_family_is_asked_too() {
    let mut family = Family::new().with("kepala/identitas/jk", "2");
    assert!(family.asks("kepala/kb/kelahiran/melahirkan"));
}

#[test]
fn without_births_the_children_are_0_by_themselves_and_come_back_with_them() {
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
fn living_children_are_not_more_than_were_born_by_sex() {
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
fn numbers_of_births_and_children_are_sane() {
    for (name, words) in [
        ("melahirkan", "Jumlah kelahiran 0 sampai 25"),
        ("lahir_l", "Jumlah anak 0 sampai 25"),
        ("lahir_p", "Jumlah anak 0 sampai 25"),
        ("hidup_l", "Jumlah anak 0 sampai 25"),
        ("hidup_p", "Jumlah anak 0 sampai 25"),
    ] {
        let path = wife(&format!("kelahiran/{name}"));
        judge(
            &mut Family::new(),
            &path,
            &[("-1", Some(words)), ("26", Some(words))],
        );
    }
}

#[test]
fn the_ideal_number_of_children_is_asked() {
    judge(
        &mut Family::new(),
        &wife("kelahiran/anak_ideal"),
        &[
            ("", Some("Wajib diisi")),
            ("0", None),
            ("-1", Some("0 sampai 25")),
        ],
    );
}

#[test]
fn a_pregnant_woman_tells_the_weeks_and_whether_she_wanted_it_the_others_what_they_want() {
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
fn above_42_weeks_a_pregnancy_passes_only_with_a_note() {
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
    judge(
        &mut family,
        &wife("kehamilan/minggu_hamil"),
        &[("0", Some("1 sampai 99"))],
    );
}

#[test]
fn block_ii_skips_as_the_form_on_paper_does() {
    struct Way {
        answers: &'static [(&'static str, &'static str)],
        asked: &'static [&'static str],
    }
    const ALL: [&str; 12] = [
        "pemakaian/pakai_kb",
        "pemakaian/pakai_sejak",
        "pemakaian/pernah_kb",
        "pemakaian/pernah_mulai",
        "pemakaian/pernah_berhenti",
        "pemakaian/alasan_kb",
        "pemakaian/jenis_kb",
        "layanan/sumber_kb",
        "layanan/sumber_lain",
        "layanan/jelas_jenis",
        "layanan/jelas_efek",
        "layanan/jelas_tindakan",
    ];
    let ways = [
        // 4 = Ya: since when, then 7, 8 and 9.
        Way {
            answers: &[],
            asked: &[
                "pemakaian/pakai_kb",
                "pemakaian/pakai_sejak",
                "pemakaian/jenis_kb",
                "layanan/sumber_kb",
                "layanan/jelas_jenis",
                "layanan/jelas_efek",
                "layanan/jelas_tindakan",
            ],
        },
        // 8 = 10: which other place.
        Way {
            answers: &[("layanan/sumber_kb", "10")],
            asked: &[
                "pemakaian/pakai_kb",
                "pemakaian/pakai_sejak",
                "pemakaian/jenis_kb",
                "layanan/sumber_kb",
                "layanan/sumber_lain",
                "layanan/jelas_jenis",
                "layanan/jelas_efek",
                "layanan/jelas_tindakan",
            ],
        },
        // 7 = 9, traditional: neither 8 nor 9.
        Way {
            answers: &[("pemakaian/jenis_kb", "9")],
            asked: &[
                "pemakaian/pakai_kb",
                "pemakaian/pakai_sejak",
                "pemakaian/jenis_kb",
            ],
        },
        // 4 = Tidak: 5.
        Way {
            answers: &[("pemakaian/pakai_kb", "2")],
            asked: &["pemakaian/pakai_kb", "pemakaian/pernah_kb"],
        },
        // 4 and 5 = Tidak: the reason, and the block ends.
        Way {
            answers: &[("pemakaian/pakai_kb", "2"), ("pemakaian/pernah_kb", "2")],
            asked: &[
                "pemakaian/pakai_kb",
                "pemakaian/pernah_kb",
                "pemakaian/alasan_kb",
            ],
        },
        // 5 = Ya: start, stop, the reason, then 7, 8 and 9.
        Way {
            answers: &[("pemakaian/pakai_kb", "2"), ("pemakaian/pernah_kb", "1")],
            asked: &[
                "pemakaian/pakai_kb",
                "pemakaian/pernah_kb",
                "pemakaian/pernah_mulai",
                "pemakaian/pernah_berhenti",
                "pemakaian/alasan_kb",
                "pemakaian/jenis_kb",
                "layanan/sumber_kb",
                "layanan/jelas_jenis",
                "layanan/jelas_efek",
                "layanan/jelas_tindakan",
            ],
        },
        // Pregnant: not 4, but 5.
        Way {
            answers: &[("kehamilan/hamil", "1")],
            asked: &["pemakaian/pernah_kb"],
        },
        Way {
            answers: &[("kehamilan/hamil", "1"), ("pemakaian/pernah_kb", "2")],
            asked: &["pemakaian/pernah_kb", "pemakaian/alasan_kb"],
        },
    ];
    for way in ways {
        let mut family = says(way.answers);
        for path in ALL {
            assert_eq!(
                family.asks(&wife(path)),
                way.asked.contains(&path),
                "{path} asked after {:?}",
                way.answers
            );
        }
    }
}

#[test]
fn a_method_was_not_stopped_before_it_was_begun_and_nothing_is_in_the_future() {
    let mut family = says(&[
        ("pemakaian/pakai_kb", "2"),
        ("pemakaian/pernah_kb", "1"),
        ("pemakaian/pernah_mulai", "2023-02-01"),
    ]);
    judge(
        &mut family,
        &wife("pemakaian/pernah_berhenti"),
        &[
            ("2023-01-01", Some("tidak boleh sebelum mulai memakai")),
            ("2023-02-01", None),
            ("2023-07-01", None),
            ("2023-08-01", Some("Bulan ini belum tiba")),
        ],
    );
    judge(
        &mut family,
        &wife("pemakaian/pernah_mulai"),
        &[("2023-08-01", Some("Bulan ini belum tiba"))],
    );
    judge(
        &mut Family::new(),
        &wife("pemakaian/pakai_sejak"),
        &[
            ("2023-08-01", Some("Bulan ini belum tiba")),
            ("2023-07-01", None),
        ],
    );
}
