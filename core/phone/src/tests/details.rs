use super::*;

#[test]
fn last_years_answers_stand_in_words() {
    let field = Field::new();
    let detail = field.phone.households().detail(id(1), "id").unwrap();
    assert!(detail.last_year);
    let words: Vec<String> = detail
        .answers
        .iter()
        .map(|a| format!("{} | {} | {}", a.within, a.label, a.answer))
        .collect();
    insta::assert_snapshot!(words.join("\n"), @r"
    Kunjungan | Hasil kunjungan | Ditemui
    Rumah | Nomor keluarga | 001
    Rumah | Nama kepala keluarga | Contoh Satu
    Rumah | Alamat | Jl. Contoh 1
    Anggota 1 | Nama | Contoh Satu
    Anggota 1 | Umur | 40
    ");
    assert_eq!(detail.answers[4].path, "anggota[k3f9a0xz]/nama");
    let english = field.phone.households().detail(id(1), "en").unwrap();
    assert_eq!(english.answers[0].answer, "Met");
}

#[test]
fn an_entry_shows_its_answers_and_the_servers_receipt() {
    let mut field = Field::new();
    let mut visit = field.visit(id(1));
    visit
        .answer("kunjungan/hasil", Answer::Choice("6".into()))
        .unwrap();
    saved(visit.finish().unwrap());
    let detail = field.phone.households().detail(id(1), "id").unwrap();
    assert_eq!((detail.last_year, detail.receipt), (false, None));
    assert_eq!(detail.answers[0].answer, "Menolak");
    field.sync();
    let detail = field.phone.households().detail(id(1), "id").unwrap();
    assert_eq!(detail.receipt.unwrap().holding.revision, 1);
    assert_eq!(detail.answers[0].answer, "Menolak");
}

#[test]
fn a_supervisors_comment_names_its_question() {
    let mut field = Field::new();
    let mut visit = field.visit(id(1));
    met(&mut visit);
    saved(visit.finish().unwrap());
    field.sync();
    field.take(vec![Change::Correction(Correction {
        household: id(1),
        request: id(70),
        revision: 1,
        comments: vec![Comment {
            path: "anggota[k3f9a0xz]/umur".into(),
            text: "Benar 40?".into(),
        }],
    })]);
    let detail = field.phone.households().detail(id(1), "id").unwrap();
    assert_eq!(detail.row.state, HouseholdState::NeedsCorrection);
    assert_eq!(detail.comments[0].label, "Umur");
}

#[test]
fn a_household_that_is_not_here_is_said_to_be_not_here() {
    let field = Field::new();
    let fault = field.phone.households().detail(id(99), "id").err();
    assert!(matches!(fault, Some(Error::NotFound(_))));
    assert!(matches!(
        field.phone.households().visit(id(99)).err(),
        Some(Error::NotFound(_))
    ));
}

#[test]
fn of_a_family_that_went_away_her_own_entry_stays_readable_with_its_receipt_and_the_reason() {
    let mut field = Field::new();
    let mut visit = field.visit(id(1));
    met(&mut visit);
    visit.answer("rumah/alamat", text("Jl. Baru 7")).unwrap();
    saved(visit.finish().unwrap());
    field.sync();
    let mut theirs = household(id(1), 1, "Contoh Satu");
    theirs.revision = 9;
    let gone = Change::Gone {
        household: id(1),
        reason: "Pindah ke RT 006".into(),
    };
    field.take(vec![Change::Household(theirs), gone]);
    let detail = field.phone.households().detail(id(1), "id").unwrap();
    assert_eq!(detail.row.state, HouseholdState::Gone);
    assert_eq!(detail.row.gone.as_deref(), Some("Pindah ke RT 006"));
    assert!(detail.answers.iter().any(|a| a.answer == "Jl. Baru 7"));
    assert_eq!(detail.receipt.unwrap().holding.revision, 1);
    assert_eq!(field.listed().len(), 1);
    let proofs = field.phone.proofs("", None, 9).unwrap();
    assert_eq!(proofs.rows[0].household.id, id(1));
}
