use super::*;

#[test]
fn a_finished_visit_is_an_entry_its_household_waits_and_the_draft_is_gone() {
    let folder = folder();
    let store = enrolled(folder.path(), &Server::new(), &[id(1)]);
    save(&store, id(1), "draft");
    assert_eq!(state(&store, id(1)), HouseholdState::Draft);
    assert_eq!(finish(&store, id(1), "done"), 1);
    assert_eq!(state(&store, id(1)), HouseholdState::Waiting);
    assert!(store.draft(id(1)).unwrap().is_none());
    let row = store.household(id(1)).unwrap().unwrap().row;
    assert_eq!(row.outcome, Some(Outcome::Met));
    assert_eq!(
        row.head, "Kepala 1",
        "what the visit leaves empty stays as listed"
    );
}

#[test]
fn a_second_tap_changes_nothing() {
    let folder = folder();
    let store = enrolled(folder.path(), &Server::new(), &[id(1)]);
    finish(&store, id(1), "done");
    let first = store.lot(9, 9, true).unwrap().ops;
    assert_eq!(finish(&store, id(1), "done"), 1);
    let second = store.lot(9, 9, true).unwrap().ops;
    assert_eq!(second.len(), 1);
    assert_eq!(first[0].op, second[0].op);
}

#[test]
fn an_entry_never_sent_is_replaced_and_keeps_its_number() {
    let folder = folder();
    let store = enrolled(folder.path(), &Server::new(), &[id(1), id(2)]);
    finish(&store, id(1), "first");
    let first = store.lot(9, 9, true).unwrap().ops[0].op;
    finish(&store, id(2), "another");
    assert_eq!(finish(&store, id(1), "second"), 1);
    let ops = store.lot(9, 9999, true).unwrap().ops;
    assert_eq!(ops.len(), 2);
    assert_ne!(ops[0].op, first, "other bytes are another operation");
    assert!(ops[0].document.get().contains("second"));
}

#[test]
fn an_entry_once_sent_never_changes_and_a_later_one_waits_behind_it() {
    let folder = folder();
    let store = enrolled(folder.path(), &Server::new(), &[id(1)]);
    finish(&store, id(1), "first");
    attempt(&store);
    assert_eq!(finish(&store, id(1), "second"), 2);
    let ops = store.lot(9, 9999, true).unwrap().ops;
    assert_eq!(ops.len(), 1);
    assert!(ops[0].document.get().contains("first"));
}

#[test]
fn an_entry_finished_anew_while_it_was_being_packed_does_not_go_as_it_was() {
    let folder = folder();
    let store = enrolled(folder.path(), &Server::new(), &[id(1)]);
    finish(&store, id(1), "first");
    let packed = store.lot(9, 9999, true).unwrap().ops;
    assert_eq!(finish(&store, id(1), "second"), 1);
    assert!(!store.attempt(&packed).unwrap());
    let packed = store.lot(9, 9999, true).unwrap().ops;
    assert!(packed[0].document.get().contains("second"));
    assert!(store.attempt(&packed).unwrap());
    assert_eq!(finish(&store, id(1), "third"), 2);
}

#[test]
fn what_is_committed_is_there_after_a_kill_at_any_step() {
    let folder = folder();
    let server = Server::new();
    drop(enrolled(folder.path(), &server, &[id(1)]));
    let copy = |name: &str| {
        // What a kill leaves: the files as they are, without a farewell.
        let killed = super::folder();
        for file in names(folder.path()) {
            fs::copy(folder.path().join(&file), killed.path().join(&file)).unwrap();
        }
        (name.to_owned(), killed)
    };
    let store = open(folder.path());
    let mut kills = vec![copy("before")];
    save(&store, id(1), "draft");
    kills.push(copy("draft"));
    finish(&store, id(1), "done");
    kills.push(copy("finished"));
    attempt(&store);
    kills.push(copy("sent"));
    for (name, killed) in kills {
        let store = open(killed.path());
        let expected = match name.as_str() {
            "before" => HouseholdState::NotStarted,
            "draft" => HouseholdState::Draft,
            _ => HouseholdState::Waiting,
        };
        assert_eq!(state(&store, id(1)), expected, "{name}");
        if name == "draft" {
            assert_eq!(store.draft(id(1)).unwrap().unwrap().body, "draft");
        }
        if name == "sent" {
            assert_eq!(finish(&store, id(1), "later"), 2, "it may be on the server");
        }
    }
}

#[test]
fn a_full_disk_is_said_and_loses_nothing() {
    let folder = folder();
    let store = enrolled(folder.path(), &Server::new(), &[id(1), id(2)]);
    save(&store, id(1), "draft");
    finish(&store, id(2), "done");
    let limit = |pages: &str| {
        store
            .read(|connection| {
                let sql = format!("PRAGMA max_page_count = {pages}");
                Ok(connection.query_row(&sql, [], |row| row.get::<_, i64>(0))?)
            })
            .unwrap()
    };
    limit("1");
    let long = unpackable(100_000);
    let started = Started {
        at: noon(),
        base: 0,
        entry: None,
    };
    let saving = try_save(&store, id(1), started, &long).unwrap_err();
    assert_eq!(saving.trouble, Trouble::Full);
    let finishing = try_finish(&store, id(1), &long).unwrap_err();
    assert_eq!(finishing.trouble, Trouble::Full);
    assert_eq!(store.draft(id(1)).unwrap().unwrap().body, "draft");
    assert_eq!(store.outgoing().unwrap().waiting, 1);

    limit("1000000");
    finish(&store, id(1), &long);
    assert_eq!(store.outgoing().unwrap().waiting, 2);
}

#[test]
fn a_draft_thrown_away_leaves_the_entry_and_takes_a_new_family_with_it() {
    let folder = folder();
    let store = enrolled(folder.path(), &Server::new(), &[id(1)]);
    finish(&store, id(1), "done");
    save(&store, id(1), "again");
    assert_eq!(state(&store, id(1)), HouseholdState::Draft);
    store.discard_draft(id(1)).unwrap();
    assert_eq!(state(&store, id(1)), HouseholdState::Waiting);

    save(&store, id(50), "a new family");
    assert_eq!(state(&store, id(50)), HouseholdState::Draft);
    store.discard_draft(id(50)).unwrap();
    assert!(store.household(id(50)).unwrap().is_none());
}
