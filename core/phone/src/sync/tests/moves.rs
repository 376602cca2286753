//! When the ground moves: families and RTs that go to somebody else, and what two phones changed.

use super::*;
use crate::store::Left;

fn gone(number: u128, reason: &str) -> Change {
    Change::Gone {
        household: id(number),
        reason: reason.into(),
    }
}

fn listed_now(store: &Store, filter: &Filter) -> Vec<Uuid> {
    let page = store.page(filter, None, 50).unwrap().unwrap();
    page.rows.iter().map(|row| row.id).collect()
}

#[test]
fn families_leave_the_list_once_nothing_of_them_waits_and_the_run_says_how_many_and_why() {
    let (folder, mut server) = (folder(), Server::new());
    server.changes = ids(4).into_iter().map(listed).collect();
    let store = enrolled(folder.path(), &server, &ids(4));
    finish(&store, id(1), "waits");
    server.changes.push(gone(1, "Pindah ke RT 006"));
    server.changes.push(gone(2, "Pindah ke RT 006"));
    server.changes.push(gone(3, "Salah desa"));
    let mut run = Run::new(&store);
    let report = run.drive(|request| Ok(server.handle(request)));
    let left = |reason: &str, families| Left {
        reason: reason.into(),
        families,
    };
    assert_eq!(
        report.left,
        [left("Pindah ke RT 006", 2), left("Salah desa", 1)]
    );
    assert!(run.events.contains(&SyncEvent::Left {
        reason: "Salah desa".into(),
        families: 1
    }));
    assert_eq!(listed_now(&store, &Filter::default()), [id(4)]);
    assert_eq!(server.texts(id(1)), ["waits"]);
    assert_eq!(sync(&store, &mut server).left, [], "it is said once");
}

#[test]
fn a_family_that_left_is_found_by_who_asks_with_its_reason_and_its_entry() {
    let (folder, mut server) = (folder(), Server::new());
    server.changes = ids(2).into_iter().map(listed).collect();
    let store = enrolled(folder.path(), &server, &ids(2));
    finish(&store, id(1), "hers");
    sync(&store, &mut server);
    server.changes.push(gone(1, "Pindah ke RT 006"));
    sync(&store, &mut server);
    let asked = Filter {
        state: Some(HouseholdState::Gone),
        ..Filter::default()
    };
    let searched = Filter {
        search: Some("kepala".into()),
        ..Filter::default()
    };
    assert_eq!(listed_now(&store, &asked), [id(1)]);
    assert_eq!(listed_now(&store, &searched), ids(2));
    let row = store.household(id(1)).unwrap().unwrap().row;
    assert_eq!(row.gone.as_deref(), Some("Pindah ke RT 006"));
    let entry = store.last_entry(id(1)).unwrap().unwrap();
    assert!(entry.document.contains("hers") && entry.receipt.is_some());
    assert_eq!(store.tally().unwrap()[0].counts.listed, 1);
}

#[test]
fn a_visit_begun_before_its_family_left_is_finished_and_sent() {
    let (folder, mut server) = (folder(), Server::new());
    server.changes = vec![listed(id(1))];
    let store = enrolled(folder.path(), &server, &ids(1));
    begin(&store, id(1));
    server.changes.push(gone(1, "Pindah ke RT 006"));
    assert_eq!(sync(&store, &mut server).left, []);
    assert_eq!(state(&store, id(1)), HouseholdState::Draft);
    finish(&store, id(1), "late");
    assert_eq!(state(&store, id(1)), HouseholdState::Waiting);
    assert_eq!(sync(&store, &mut server).left.len(), 1);
    assert_eq!(state(&store, id(1)), HouseholdState::Gone);
    assert_eq!(server.texts(id(1)), ["late"]);
}

#[test]
fn a_family_that_comes_back_is_listed_again() {
    let (folder, mut server) = (folder(), Server::new());
    server.changes = vec![listed(id(1)), gone(1, "Pindah ke RT 006"), listed(id(1))];
    let store = enrolled(folder.path(), &server, &ids(1));
    assert_eq!(sync(&store, &mut server).end, SyncEnd::Done);
    assert_eq!(listed_now(&store, &Filter::default()), ids(1));
    let row = store.household(id(1)).unwrap().unwrap().row;
    assert_eq!((row.gone, row.state), (None, HouseholdState::NotStarted));
}

#[test]
fn a_pull_that_starts_over_deletes_no_entry_and_keeps_what_waits_in_the_list() {
    let (folder, mut server) = (folder(), Server::new());
    let (store, _) = finished(&folder, &server, 2);
    server.changes = ids(3).into_iter().map(listed).collect();
    sync(&store, &mut server);
    finish(&store, id(2), "waits");
    begin(&store, id(3));
    server.changes.clear();
    store.reset_pull().unwrap();
    Run::new(&store).drive(|request| {
        let mut message: SyncRequest = ketuk_wire::decode(&request.body).unwrap();
        message.ops.clear();
        Ok(server.handle(&crate::Request {
            body: ketuk_wire::encode(&message).unwrap(),
            ..request.clone()
        }))
    });
    assert_eq!(
        states(&store, &ids(3)),
        [
            HouseholdState::Gone,
            HouseholdState::Waiting,
            HouseholdState::Draft
        ]
    );
    assert!(store.last_entry(id(1)).unwrap().is_some());
    sync(&store, &mut server);
    assert_eq!(
        state(&store, id(2)),
        HouseholdState::Received,
        "the server had only not heard of it yet"
    );
}

#[test]
fn a_family_that_the_server_no_longer_names_leaves_once_nothing_of_it_waits() {
    let (folder, mut server) = (folder(), Server::new());
    server.changes = ids(3).into_iter().map(listed).collect();
    let store = enrolled(folder.path(), &server, &ids(3));
    begin(&store, id(1));
    begin(&store, id(2));
    begin(&store, id(3));
    server.another_sends(id(2), "theirs");
    server.changes.clear();
    store.reset_pull().unwrap();
    assert_eq!(sync(&store, &mut server).left, []);
    assert_eq!(states(&store, &ids(3)), [HouseholdState::Draft; 3]);

    store.discard_draft(id(1)).unwrap();
    finish(&store, id(2), "a conflict");
    finish(&store, id(3), "the first that the server hears of it");
    let report = sync(&store, &mut server);
    let left = Left {
        reason: "Tidak ada lagi di daftar Anda".into(),
        families: 2,
    };
    assert_eq!(report.left, [left]);
    assert_eq!(listed_now(&store, &Filter::default()), [id(3)]);
    assert_eq!(state(&store, id(3)), HouseholdState::Received);
    assert_eq!(sync(&store, &mut server).left, [], "it is said once");
}

/// The server was restored, and has lost that the family moved.
#[test]
fn a_family_that_is_back_in_her_rt_is_found_there() {
    let (folder, mut server) = (folder(), Server::new());
    let store = enrolled(folder.path(), &server, &ids(1));
    finish(&store, id(1), "hers");
    let mut moved = household(id(1), 1, "Kepala 1");
    moved.area = "75.71.01.1001.002.006".parse().unwrap();
    apply_page(&store, vec![Change::Household(moved)]);
    let sought = Filter {
        search: Some("kepala".into()),
        area: Some(area()),
        ..Filter::default()
    };
    assert!(listed_now(&store, &sought).is_empty());
    assert_eq!(sync(&store, &mut server).received, 1);
    assert_eq!(listed_now(&store, &sought), [id(1)]);
}

#[test]
fn her_rts_are_those_that_the_office_says_and_targets_of_others_are_not_hers() {
    let (folder, mut server) = (folder(), Server::new());
    let other: ketuk_wire::AreaCode = "75.71.01.1001.002.006".parse().unwrap();
    let target = |area| Change::Target(Target { area, families: 9 });
    server.changes = vec![target(area()), target(other.clone())];
    let store = enrolled(folder.path(), &server, &[]);
    sync(&store, &mut server);
    server.changes.push(Change::Allotment {
        areas: vec![other.clone()],
    });
    sync(&store, &mut server);
    let cadre = store.device().unwrap().link.unwrap().cadre;
    assert_eq!(
        (cadre.name.as_str(), cadre.areas),
        ("Kader", vec![other.clone()])
    );
    let tally = store.tally().unwrap();
    let areas: Vec<_> = tally.into_iter().map(|rt| rt.area).collect();
    assert_eq!(areas, [other]);
}

#[test]
fn what_was_merged_is_received_but_the_next_visit_builds_on_what_came_of_it() {
    let (folder, mut server) = (folder(), Server::new());
    server.merges = true;
    let store = enrolled(folder.path(), &server, &ids(1));
    server.another_sends(id(1), "theirs");
    server.changes.clear();
    finish(&store, id(1), "hers");
    // The page with what came of it is lost on the way.
    Run::new(&store).drive(|request| {
        let real = server.handle(request);
        let mut answer: serde_json::Value = ketuk_wire::decode(&real.body).unwrap();
        answer["pull"] = serde_json::Value::Null;
        Ok(Response {
            body: ketuk_wire::encode(&answer).unwrap(),
            ..real
        })
    });
    let entry = store.last_entry(id(1)).unwrap().unwrap();
    assert_eq!(entry.receipt.unwrap().holding.revision, 2);
    assert_eq!(entry.trouble.as_deref(), Some("Isian ini digabung."));
    let known = store.household(id(1)).unwrap().unwrap();
    assert_eq!(
        (known.revision, known.row.state),
        (0, HouseholdState::Received)
    );

    sync(&store, &mut server);
    let known = store.household(id(1)).unwrap().unwrap();
    assert_eq!(known.revision, 2);
    assert!(known.document.unwrap().contains("theirs & hers"));
    finish(&store, id(1), "again");
    assert_eq!(sync(&store, &mut server).troubles, 0);
    assert_eq!(server.kept.last().unwrap().base, 2);
}

#[test]
fn of_a_conflict_she_is_told_in_a_sentence_and_has_a_receipt() {
    let (folder, mut server) = (folder(), Server::new());
    let store = enrolled(folder.path(), &server, &ids(1));
    server.another_sends(id(1), "theirs");
    finish(&store, id(1), "hers");
    let report = sync(&store, &mut server);
    assert_eq!((report.received, report.troubles), (1, 1));
    let entry = store.last_entry(id(1)).unwrap().unwrap();
    assert_eq!(entry.trouble.as_deref(), Some("Kedua isian disimpan."));
    assert_eq!(entry.receipt.unwrap().holding.revision, 0);
    assert_eq!(state(&store, id(1)), HouseholdState::Received);
}

#[test]
fn a_visit_that_never_saw_what_others_changed_does_not_pass_over_it() {
    let (folder, mut server) = (folder(), Server::new());
    server.merges = true;
    let store = enrolled(folder.path(), &server, &ids(1));
    server.another_sends(id(1), "theirs");
    finish(&store, id(1), "hers");
    let pushes_only = |request: &crate::Request, server: &mut Server| {
        let mut message: SyncRequest = ketuk_wire::decode(&request.body).unwrap();
        message.pull = None;
        server.handle(&crate::Request {
            body: ketuk_wire::encode(&message).unwrap(),
            ..request.clone()
        })
    };
    Run::new(&store).drive(|request| Ok(pushes_only(request, &mut server)));
    finish(&store, id(1), "hers again");
    sync(&store, &mut server);
    assert_eq!(
        server.current(id(1)),
        Some((3, "theirs & hers & hers again"))
    );
}
