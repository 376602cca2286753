use super::*;

#[test]
fn nothing_stands_in_clear_in_the_files() {
    let folder = folder();
    let store = enrolled(folder.path(), &Server::new(), &[id(1)]);
    save(&store, id(1), "a most secret answer");
    for name in names(folder.path()) {
        let bytes = fs::read(folder.path().join(&name)).unwrap();
        for secret in ["a most secret answer", "Kepala", "SQLite", "secret-token"] {
            let found = bytes
                .windows(secret.len())
                .any(|part| part == secret.as_bytes());
            assert!(!found, "{secret:?} stands in {name}");
        }
    }
}

#[test]
fn another_key_is_told_apart_from_damage_and_the_file_is_not_touched() {
    let folder = folder();
    drop(open(folder.path()));
    let before = bytes(folder.path());
    assert_eq!(fault(folder.path(), [8; 32]), Trouble::WrongKey);
    assert_eq!(bytes(folder.path()), before);
    open(folder.path());
}

#[test]
fn a_damaged_database_is_moved_aside_whole_and_a_new_one_begun() {
    for (from, until) in [(20, 100), (4096 * 3, 4096 * 8)] {
        let folder = folder();
        let store = enrolled(folder.path(), &Server::new(), &[id(1)]);
        finish(&store, id(1), "kept");
        drop(store);
        let mut damaged = bytes(folder.path());
        damaged[from..until].fill(0x55);
        fs::write(folder.path().join("ketuk.db"), &damaged).unwrap();

        let (store, moved) = Store::open(folder.path(), &Key::new(KEY), noon()).unwrap();

        let moved = moved.unwrap();
        assert_eq!(
            moved.file_name().unwrap().to_str().unwrap(),
            "ketuk.db.damaged-20260712T120000Z"
        );
        assert_eq!(
            fs::read(moved).unwrap(),
            damaged,
            "not a byte of it was changed"
        );
        assert!(store.device().unwrap().link.is_none());
    }
}

#[test]
fn the_log_of_a_damaged_database_goes_with_it() {
    let folder = folder();
    let many: Vec<Uuid> = (1..300).map(id).collect();
    let store = enrolled(folder.path(), &Server::new(), &many);
    move_log(&store);
    finish(&store, id(1), "in the log");
    let wal = fs::read(folder.path().join("ketuk.db-wal")).unwrap();
    let mut damaged = bytes(folder.path());
    drop(store);
    // As a kill leaves it: the last entry in the log alone, which is sound; the rest is not.
    damaged[4096 * 2..].fill(0x55);
    fs::write(folder.path().join("ketuk.db"), &damaged).unwrap();
    fs::write(folder.path().join("ketuk.db-wal"), &wal).unwrap();

    let (store, moved) = Store::open(folder.path(), &Key::new(KEY), noon()).unwrap();

    let mut log = moved.unwrap().into_os_string();
    log.push("-wal");
    assert_eq!(fs::read(PathBuf::from(log)).unwrap(), wal);
    assert!(
        store.household(id(1)).unwrap().is_none(),
        "the log is not the new database's"
    );
}

#[test]
fn the_log_is_moved_into_the_database_only_once_it_has_grown() {
    let folder = folder();
    let store = enrolled(folder.path(), &Server::new(), &[id(1)]);
    let before = bytes(folder.path());
    store.tidy();
    assert_eq!(bytes(folder.path()), before, "three fsyncs for a few pages");
    let long = unpackable(150_000);
    for number in 2..50 {
        save(&store, id(number), &long);
    }
    assert_eq!(bytes(folder.path()), before, "in the middle of an answer");
    store.tidy();
    assert!(bytes(folder.path()).len() > 4 << 20);
}

#[test]
fn sqlite_is_one_without_the_reset_bug_of_its_log() {
    let version = rusqlite::version_number();
    assert!(version >= 3_051_003, "{version}");
}

#[test]
fn a_newer_schema_is_refused_untouched() {
    let folder = folder();
    drop(open(folder.path()));
    with_connection(folder.path(), |connection| {
        connection.pragma_update(None, "user_version", 999).unwrap();
    });
    let before = bytes(folder.path());
    assert_eq!(fault(folder.path(), KEY), Trouble::Newer);
    assert_eq!(bytes(folder.path()), before);
}

#[test]
fn somebody_elses_database_is_refused_untouched() {
    let plain = folder();
    let connection = Connection::open(plain.path().join("ketuk.db")).unwrap();
    connection.execute_batch("CREATE TABLE theirs (a)").unwrap();
    drop(connection);
    let before = bytes(plain.path());
    assert_eq!(fault(plain.path(), KEY), Trouble::NotOurs);
    assert_eq!(bytes(plain.path()), before);

    let encrypted = folder();
    drop(open(encrypted.path()));
    with_connection(encrypted.path(), |connection| {
        connection
            .pragma_update(None, "application_id", 42)
            .unwrap();
    });
    assert_eq!(fault(encrypted.path(), KEY), Trouble::NotOurs);
}

#[test]
fn a_file_that_is_no_database_is_not_touched() {
    let folder = folder();
    fs::write(
        folder.path().join("ketuk.db"),
        "a letter, not a database at all",
    )
    .unwrap();
    assert_eq!(fault(folder.path(), KEY), Trouble::WrongKey);
    assert_eq!(names(folder.path()), ["ketuk.db"]);
}

#[test]
fn the_phone_is_the_same_after_it_was_opened_again() {
    let folder = folder();
    let first = open(folder.path()).device().unwrap().id;
    assert_eq!(open(folder.path()).device().unwrap().id, first);
}
