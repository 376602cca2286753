use super::*;

fn received(folder: &Path, server: &mut Server) -> std::sync::Arc<Store> {
    let store = enrolled(folder, server, &[id(1)]);
    finish(&store, id(1), "sent");
    sync(&store, server);
    assert_eq!(state(&store, id(1)), HouseholdState::Received);
    store
}

#[test]
fn what_the_server_says_of_a_household_never_overwrites_what_she_typed() {
    let folder = folder();
    let server = Server::new();
    let store = enrolled(folder.path(), &server, &[id(1), id(2)]);
    save(&store, id(1), "her draft");
    finish(&store, id(2), "her entry");
    let theirs = [1, 2].map(|number| {
        let mut theirs = household(id(number), 9, "Nama lain");
        theirs.revision = 4;
        theirs.outcome = Some(Outcome::Moved);
        Change::Household(theirs)
    });
    apply_page(&store, theirs.into());
    assert_eq!(store.draft(id(1)).unwrap().unwrap().body, "her draft");
    assert_eq!(store.draft(id(1)).unwrap().unwrap().started.base, 0);
    let row = store.household(id(2)).unwrap().unwrap().row;
    assert_eq!(
        (row.head.as_str(), row.outcome),
        ("Kepala 2", Some(Outcome::Met))
    );
    assert_eq!(row.state, HouseholdState::Waiting);
    assert_eq!(store.lot(9, 9999, true).unwrap().ops[0].base, 0);
}

#[test]
fn a_household_sent_back_needs_correction_until_she_finished_it_anew() {
    let (folder, mut server) = (folder(), Server::new());
    let store = received(folder.path(), &mut server);
    apply_page(&store, vec![correction(id(1), 1, "Periksa NIK")]);
    assert_eq!(state(&store, id(1)), HouseholdState::NeedsCorrection);
    let asked = store.household(id(1)).unwrap().unwrap().asked.unwrap();
    assert_eq!(asked.comments().unwrap()[0].text, "Periksa NIK");

    assert_eq!(finish(&store, id(1), "sent"), 2, "she says that it is so");
    assert_eq!(state(&store, id(1)), HouseholdState::Waiting);
    sync(&store, &mut server);
    assert_eq!(state(&store, id(1)), HouseholdState::Received);
    assert_eq!(store.household(id(1)).unwrap().unwrap().asked, None);
}

#[test]
fn a_request_that_she_has_not_seen_outlives_the_entry_on_its_way() {
    let (folder, mut server) = (folder(), Server::new());
    let store = received(folder.path(), &mut server);
    finish(&store, id(1), "on its way");
    apply_page(&store, vec![correction(id(1), 1, "Periksa NIK")]);
    assert_eq!(state(&store, id(1)), HouseholdState::Waiting);
    sync(&store, &mut server);
    assert_eq!(state(&store, id(1)), HouseholdState::NeedsCorrection);
}

#[test]
fn a_request_taken_back_or_overtaken_is_none() {
    let (folder, mut server) = (folder(), Server::new());
    let store = received(folder.path(), &mut server);
    apply_page(&store, vec![correction(id(1), 1, "Periksa NIK")]);
    apply_page(&store, vec![correction(id(1), 1, "")]);
    assert_eq!(state(&store, id(1)), HouseholdState::Received);
    apply_page(&store, vec![correction(id(1), 0, "Of an earlier one")]);
    assert_eq!(state(&store, id(1)), HouseholdState::Received);
}

#[test]
fn a_request_that_another_phone_answered_is_none() {
    let (folder, mut server) = (folder(), Server::new());
    let store = received(folder.path(), &mut server);
    apply_page(&store, vec![correction(id(1), 1, "Periksa NIK")]);
    let mut theirs = household(id(1), 1, "Kepala 1");
    theirs.revision = 1;
    apply_page(&store, vec![Change::Household(theirs.clone())]);
    assert_eq!(state(&store, id(1)), HouseholdState::NeedsCorrection);
    theirs.revision = 2;
    apply_page(&store, vec![Change::Household(theirs.clone())]);
    assert_eq!(state(&store, id(1)), HouseholdState::Received);
    assert_eq!(store.household(id(1)).unwrap().unwrap().asked, None);

    let anew = correction(id(1), 2, "Periksa lagi");
    apply_page(&store, vec![Change::Household(theirs), anew]);
    assert_eq!(state(&store, id(1)), HouseholdState::NeedsCorrection);
}

#[test]
fn a_family_that_is_no_longer_hers_leaves_the_list_unless_the_phone_holds_something_of_it() {
    let folder = folder();
    let server = Server::new();
    let store = enrolled(folder.path(), &server, &[id(1), id(2)]);
    finish(&store, id(2), "done");
    let gone = |number| Change::Gone {
        household: id(number),
        reason: "Pindah RT".into(),
    };
    apply_page(&store, vec![gone(1), gone(2), gone(3)]);
    assert_eq!(state(&store, id(1)), HouseholdState::Gone);
    let kept = store.household(id(2)).unwrap().unwrap().row;
    assert_eq!(
        (kept.gone.as_deref(), kept.state),
        (Some("Pindah RT"), HouseholdState::Waiting)
    );
    let counts = store.tally().unwrap()[0].counts;
    assert_eq!((counts.listed, counts.waiting), (0, 1));
}

#[test]
fn a_family_that_is_no_longer_hers_leaves_the_list_with_the_draft_that_kept_it() {
    let folder = folder();
    let server = Server::new();
    let store = enrolled(folder.path(), &server, &[id(1)]);
    save(&store, id(1), "draft");
    let gone = Change::Gone {
        household: id(1),
        reason: "Pindah RT".into(),
    };
    apply_page(&store, vec![gone]);
    assert_eq!(state(&store, id(1)), HouseholdState::Draft);
    let document = |store: &Store| store.household(id(1)).unwrap().unwrap().document;
    assert!(document(&store).is_some(), "the visit stands on it");
    store.discard_draft(id(1)).unwrap();
    assert_eq!(state(&store, id(1)), HouseholdState::Gone);
    assert_eq!(document(&store), None, "somebody else's answers");
}

#[test]
fn an_entry_that_waits_is_shown_as_she_finished_it_also_under_a_draft() {
    let folder = folder();
    let server = Server::new();
    let store = enrolled(folder.path(), &server, &[id(1)]);
    finish(&store, id(1), "her entry");
    save(&store, id(1), "opened again");
    let mut theirs = household(id(1), 9, "Nama lain");
    theirs.revision = 4;
    apply_page(&store, vec![Change::Household(theirs)]);
    let row = store.household(id(1)).unwrap().unwrap().row;
    assert_eq!(
        (row.head.as_str(), row.outcome),
        ("Kepala 1", Some(Outcome::Met))
    );
}

#[test]
fn a_family_found_on_the_way_comes_back_from_the_server_as_the_same() {
    let (folder, mut server) = (folder(), Server::new());
    let store = enrolled(folder.path(), &server, &[]);
    finish(&store, id(50), "new");
    sync(&store, &mut server);
    let mut theirs = household(id(50), 7, "Keluarga Baru");
    theirs.revision = 1;
    theirs.outcome = Some(Outcome::New);
    apply_page(&store, vec![Change::Household(theirs)]);
    let row = store.household(id(50)).unwrap().unwrap().row;
    assert_eq!((row.listed, row.number.as_str()), (false, "007"));
    let counts = store.tally().unwrap()[0].counts;
    assert_eq!((counts.listed, counts.new, counts.received), (0, 1, 1));
}

#[test]
fn a_document_that_is_not_sent_again_is_the_one_that_the_phone_has_of_that_revision() {
    let (folder, mut server) = (folder(), Server::new());
    let store = received(folder.path(), &mut server);
    let known = |revision| {
        let mut theirs = household(id(1), 1, "Kepala 1");
        theirs.revision = revision;
        theirs.document = None;
        apply_page(&store, vec![Change::Household(theirs)]);
        store.household(id(1)).unwrap().unwrap().document
    };
    assert!(known(1).unwrap().contains("sent"));
    assert_eq!(known(2), None);
}

#[test]
fn a_page_that_came_another_way_says_nothing_of_the_servers_wish_for_peace() {
    let folder = folder();
    let store = enrolled(folder.path(), &Server::new(), &[]);
    store.keep_peace_until(noon()).unwrap();
    let page = PullPage {
        changes: vec![listed(id(1))],
        cursor: "1".into(),
        more: false,
    };
    store.take_page(&page).unwrap();
    assert!(store.household(id(1)).unwrap().is_some());
    let link = store.device().unwrap().link.unwrap();
    assert_eq!(
        (link.not_before, link.cursor.as_deref()),
        (Some(noon()), Some("1"))
    );
}

#[test]
fn a_page_and_its_cursor_are_stored_together_or_not_at_all() {
    let folder = folder();
    let server = Server::new();
    let store = enrolled(folder.path(), &server, &[]);
    store
        .read(|connection| {
            connection.query_row("PRAGMA max_page_count = 1", [], |_| Ok(()))?;
            Ok(())
        })
        .unwrap();
    let many: Vec<Change> = (1..500).map(|number| listed(id(number))).collect();
    let fault = store
        .apply(&super::super::Answer {
            server_time: noon(),
            received: &everything(),
            entries: &[],
            wanted: &[],
            largest_photo: ketuk_wire::MAX_BLOB,
            page: Some(&PullPage {
                changes: many,
                cursor: "499".into(),
                more: false,
            }),
        })
        .unwrap_err();
    assert_eq!(fault.trouble, Trouble::Full);
    let cursor = store.device().unwrap().link.unwrap().cursor;
    assert_eq!(cursor.as_deref(), Some("0"));
    assert!(store.household(id(1)).unwrap().is_none());
}

#[test]
fn a_late_acknowledgement_does_not_hide_what_another_phone_wrote_since() {
    let (folder, server) = (folder(), Server::new());
    let store = enrolled(folder.path(), &server, &[id(1)]);
    finish(&store, id(1), "hers");
    let op = store.lot(1, 9999, true).unwrap().ops.remove(0);
    // It became revision 1, of which she didn't hear; revision 2 is somebody else's.
    let mut theirs = household(id(1), 1, "Kepala 1");
    theirs.revision = 2;
    let document = theirs.document.as_ref().unwrap().get().to_owned();
    apply_page(&store, vec![Change::Household(theirs)]);
    let holding = ketuk_wire::Holding {
        household: id(1),
        revision: 1,
        sha256: op.sha256,
        received_at: noon(),
    };
    let key = ketuk_wire::SigningKey::from_seed(&[7; 32]);
    let signature = ketuk_wire::sign(&key, &[holding]).unwrap();
    let mut receipts = ketuk_wire::receipts(&[holding], signature, &key.public()).unwrap();
    store
        .apply(&Answer {
            server_time: noon(),
            received: &everything(),
            entries: &[Acknowledgement {
                op: op.op,
                fate: Fate::Durable(receipts.remove(0)),
                trouble: None,
            }],
            wanted: &[],
            largest_photo: ketuk_wire::MAX_BLOB,
            page: None,
        })
        .unwrap();
    let known = store.household(id(1)).unwrap().unwrap();
    assert_eq!((known.revision, known.document), (2, Some(document)));
}
