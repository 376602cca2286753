use super::*;

/// `fixtures/001.db`: a database of schema 1 with one household of each kind, frozen when that
/// schema was released. See `freeze`.
#[test]
fn a_database_of_schema_1_keeps_every_entry_and_draft() {
    let folder = folder();
    let frozen = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store/fixtures/001.db");
    fs::copy(frozen, folder.path().join("ketuk.db")).unwrap();
    let store = open(folder.path());
    assert_eq!(
        [1, 2, 3, 4].map(|number| state(&store, id(number))),
        [
            HouseholdState::NotStarted,
            HouseholdState::Draft,
            HouseholdState::Waiting,
            HouseholdState::NeedsCorrection,
        ]
    );
    assert_eq!(
        store.draft(id(2)).unwrap().unwrap().body,
        "a draft of schema 1"
    );
    let entry = store.last_entry(id(3)).unwrap().unwrap();
    assert_eq!(
        entry.document,
        r#"{"hasil":"1","catatan":"an entry of schema 1"}"#
    );
    assert_eq!(store.outgoing().unwrap().high_seq, 1);
    let mut server = Server::new();
    assert_eq!(sync(&store, &mut server).still_waiting, 0);
}

/// Writes the fixture of the schema as it is now: run it once when a schema is released, with
/// the path in `KETUK_FREEZE`.
#[test]
#[ignore = "writes a fixture"]
fn freeze() {
    let folder = folder();
    let store = enrolled(folder.path(), &Server::new(), &[id(1), id(2), id(3), id(4)]);
    save(&store, id(2), "a draft of schema 1");
    finish(&store, id(3), "an entry of schema 1");
    apply_page(&store, vec![correction(id(4), 0, "Periksa NIK")]);
    move_log(&store);
    drop(store);
    fs::copy(
        folder.path().join("ketuk.db"),
        std::env::var("KETUK_FREEZE").unwrap(),
    )
    .unwrap();
}
