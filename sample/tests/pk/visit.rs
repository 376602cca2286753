//! The visit's outcome, and the family's address.

use jiff::civil::date;
use ketuk_form::{Context, Control};

use crate::common::pk;
use crate::family::Family;
use crate::{assert_asked, judge};

#[test]
fn a_family_that_was_met_can_be_finished() {
    let listed = Family::listed().finished();
    assert_eq!(listed["kunjungan"]["hasil"], "1");
    let new = Family::new().finished();
    assert_eq!(new["kunjungan"]["hasil"], "9");
}

#[test]
fn the_header_has_the_areas_that_the_phone_knows() {
    let document = Family::listed().finished();
    for (name, value) in [
        ("prov", "75"),
        ("kab", "75.71"),
        ("kec", "75.71.01"),
        ("desa", "75.71.01.1001"),
        ("rw", "002"),
        ("rt", "005"),
        ("tanggal_kunjungan", "2023-07-20"),
    ] {
        assert_eq!(document[name], value, "{name}");
    }
}

#[test]
fn only_a_family_that_was_met_or_is_new_is_asked_the_questionnaire() {
    for code in 1..=8 {
        let mut family = Family::listed().with("kunjungan/hasil", &code.to_string());
        for path in [
            "keluarga/alamat",
            "kepala/siapa/nama",
            "pembangunan/rumah/atap",
            "periksa/jumlah_anggota",
        ] {
            assert_eq!(family.asks(path), code == 1, "{path} asked, outcome {code}");
        }
    }
    assert!(Family::new().asks("pembangunan/rumah/atap"));
}

#[test]
fn any_other_outcome_is_finished_with_a_word_or_two() {
    for (code, answers) in [
        ("2", vec![("pindah_ke", "1")]),
        ("3", vec![]),
        ("4", vec![("ubah_keluarga", "2")]),
        ("5", vec![("kali_kunjungan", "3")]),
        ("6", vec![("catatan_kunjungan", "Belum bersedia didata.")]),
        ("7", vec![]),
        ("8", vec![]),
    ] {
        let mut family = Family::empty(false).with("kunjungan/hasil", code);
        for (name, value) in answers {
            family.set(&format!("kunjungan/{name}"), value);
        }
        assert_eq!(family.finished()["kunjungan"]["hasil"], code);
    }
}

#[test]
fn a_listed_family_is_never_new_and_a_new_one_nothing_else() {
    for (new, code, allowed) in [
        (false, "1", true),
        (false, "9", false),
        (true, "9", true),
        (true, "1", false),
    ] {
        let family = Family::empty(new).with("kunjungan/hasil", code);
        assert_eq!(
            family.error("kunjungan/hasil").is_none(),
            allowed,
            "new: {new}, outcome {code}"
        );
    }
}

#[test]
fn each_outcome_has_its_own_questions() {
    const FOLLOW_UPS: [(&str, &[&str]); 5] = [
        ("pindah_ke", &["2"]),
        ("ubah_keluarga", &["4"]),
        ("kali_kunjungan", &["5"]),
        ("catatan_kunjungan", &["2", "3", "4", "5", "6", "7", "8"]),
        ("responden", &["1"]),
    ];
    for code in ["1", "2", "3", "4", "5", "6", "7", "8"] {
        let mut family = Family::empty(false).with("kunjungan/hasil", code);
        for (name, outcomes) in FOLLOW_UPS {
            let path = format!("kunjungan/{name}");
            assert_eq!(
                family.asks(&path),
                outcomes.contains(&code),
                "{name} asked, outcome {code}"
            );
        }
    }
}

#[test]
fn a_remark_may_be_left_out_and_the_rest_may_not() {
    for (code, required) in [
        ("2", "pindah_ke"),
        ("4", "ubah_keluarga"),
        ("5", "kali_kunjungan"),
    ] {
        let family = Family::empty(false).with("kunjungan/hasil", code);
        assert_eq!(family.refused(), [format!("kunjungan/{required}")]);
    }
}

#[test]
fn a_family_that_is_not_met_was_visited_at_least_once() {
    let mut family = Family::empty(false).with("kunjungan/hasil", "5");
    let words = Some("Jumlah kunjungan 1 sampai 31");
    judge(
        &mut family,
        "kunjungan/kali_kunjungan",
        &[
            ("0", words),
            ("-1", words),
            ("1", None),
            ("3", None),
            ("31", None),
            ("32", words),
        ],
    );
    let visits = family.question("kunjungan/kali_kunjungan");
    let hint = visits.and_then(|question| question.hint).unwrap();
    assert!(hint.contains("3 kali"), "{hint}");
}

#[test]
fn kk_and_phone_are_optional_but_well_formed() {
    let mut family = Family::listed();
    let kk = Some("Nomor KK harus 16 angka");
    judge(
        &mut family,
        "keluarga/no_kk",
        &[
            ("757101280211001", kk),
            ("75710128021100012", kk),
            ("757101280211000a", kk),
            ("7571012802110001", None),
            ("", None),
        ],
    );
    let phone = Some("Nomor telepon belum benar");
    judge(
        &mut family,
        "keluarga/telepon",
        &[
            ("0812 3456", phone),
            ("812345678", phone),
            ("081234567890", None),
            ("+6281234567890", None),
            ("", None),
        ],
    );
}

#[test]
fn the_family_has_a_number_and_an_address() {
    let mut family = Family::listed();
    judge(
        &mut family,
        "keluarga/no_keluarga",
        &[
            ("0", Some("1 sampai 9999")),
            ("10000", Some("1 sampai 9999")),
            ("", Some("Wajib diisi")),
            ("1", None),
            ("9999", None),
        ],
    );
    judge(
        &mut family,
        "keluarga/alamat",
        &[("", Some("Wajib diisi")), ("Jl. Palma", None)],
    );
    assert_asked(&mut family, "outcome 1", &[("keluarga/no_rumah", true)]);
    judge(&mut family, "keluarga/no_rumah", &[("", None)]);
}

#[test]
fn every_question_must_be_answered_but_for_four() {
    const OPTIONAL: [&str; 4] = ["catatan_kunjungan", "no_rumah", "telepon", "no_kk"];
    let wife = |answers: &[(&str, &str)]| {
        let mut family = Family::new();
        for (path, value) in answers {
            family.set(&format!("istri/kb/{path}"), value);
        }
        family
    };
    let visited = |code: &str| Family::empty(false).with("kunjungan/hasil", code);
    let forms = [
        Family::empty(false),
        Family::listed(),
        Family::of_three_generations(),
        wife(&[("kehamilan/hamil", "1"), ("pemakaian/pernah_kb", "1")]),
        wife(&[("pemakaian/pakai_kb", "2"), ("pemakaian/pernah_kb", "2")]),
        wife(&[("layanan/sumber_kb", "10")]),
        Family::new().with("pembangunan/informasi/info_petugas", "1"),
        visited("2"),
        visited("4"),
        visited("5"),
        visited("6"),
    ];
    for mut form in forms {
        for question in form.questions() {
            let name = question.path.rsplit('/').next().unwrap_or_default();
            let shown_only =
                question.path.starts_with("periksa/") || matches!(question.control, Control::Note);
            let optional = OPTIONAL.contains(&name);
            assert_eq!(
                question.required,
                !optional && !shown_only,
                "{}",
                question.path
            );
        }
    }
}

#[test]
fn every_message_is_there_in_english_too() {
    let mut family = Family::listed().english();
    judge(
        &mut family,
        "kepala/identitas/nik",
        &[("757101", Some("A NIK has 16 digits"))],
    );
    assert_eq!(family.question("kepala/identitas/jk").unwrap().label, "Sex");
}

#[test]
fn a_visit_that_is_finished_later_keeps_the_day_on_which_it_was_begun() {
    let family = Family::listed().resumed_on(date(2023, 7, 25));
    assert_eq!(family.finished()["tanggal_kunjungan"], "2023-07-20");
}

#[test]
fn a_document_passes_whenever_the_server_checks_it() {
    // On 21 July the child is 6: by that day's age Posyandu would not apply.
    let mut family = Family::listed()
        .with("anak/identitas/tgl_lahir", "2017-07-21")
        .with("anak/identitas/nik", "9999999999999999");
    for (item, answer) in [("posyandu", "1"), ("bkb", "2")] {
        family.set(&format!("pembangunan/kegiatan/{item}"), answer);
    }
    let document = family.finished();
    for day in [date(2023, 7, 20), date(2023, 7, 21), date(2024, 1, 1)] {
        let problems = pk().check(&document, &Context::on(day));
        assert!(problems.is_empty(), "on {day}: {problems:#?}");
    }
}
