//! What is lost on either side: a server put back from its backup, a phone from a copy of itself.

use std::fs;
use std::path::Path;

use super::*;

/// The phone's files, as a copy of the phone has them.
pub(super) fn copy(from: &Path, to: &Path) {
    for file in fs::read_dir(to).unwrap() {
        fs::remove_file(file.unwrap().path()).unwrap();
    }
    for file in fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
}

/// The phone put back from a copy that was made before this life.
fn put_back_after(home: &Path, store: Arc<Store>, life: impl FnOnce(&Arc<Store>)) -> Arc<Store> {
    let shelf = folder();
    drop(store);
    copy(home, shelf.path());
    let store = open(home);
    life(&store);
    drop(store);
    copy(shelf.path(), home);
    open(home)
}

fn seqs(server: &Server) -> Vec<u64> {
    let sent = server.requests.last().unwrap();
    sent.ops.iter().map(|op| op.seq).collect()
}

fn operations(server: &Server) -> Vec<Uuid> {
    server.kept.iter().map(|kept| kept.op).collect()
}

#[test]
fn a_server_restored_from_a_backup_gets_again_what_it_lost() {
    let (folder, mut server) = (folder(), Server::new());
    let (store, _) = finished(&folder, &server, 10);
    assert_eq!(sync(&store, &mut server).still_waiting, 0);
    let before = operations(&server);

    server.restore(4);
    Run::new(&store).drive(|request| {
        let message: SyncRequest = ketuk_wire::decode(&request.body).unwrap();
        match message.ops.is_empty() {
            true => Ok(server.handle(request)),
            false => Err(Failure::Link),
        }
    });
    let receipt = |number| store.last_entry(id(number)).unwrap().unwrap().receipt;
    assert!(receipt(4).is_some());
    assert_eq!(receipt(5), None, "the server no longer has it");
    let report = sync(&store, &mut server);

    assert_eq!((report.end, report.still_waiting), (SyncEnd::Done, 0));
    assert_eq!(operations(&server), before, "the same entries, each once");
    assert_eq!(
        seqs(&server),
        [5, 6, 7, 8, 9, 10],
        "and not those that it still had"
    );
}

#[test]
fn what_follows_on_a_lost_entry_goes_after_it() {
    let (folder, mut server) = (folder(), Server::new());
    server.changes = vec![listed(id(1))];
    let store = enrolled(folder.path(), &server, &ids(1));
    finish(&store, id(1), "first");
    sync(&store, &mut server);
    server.restore(0);
    finish(&store, id(1), "second");
    let report = sync(&store, &mut server);
    assert_eq!((report.still_waiting, report.troubles), (0, 0));
    assert_eq!(server.texts(id(1)), ["first", "second"]);
}

#[test]
fn a_server_that_loses_all_it_signs_for_does_not_keep_the_run_going_for_ever() {
    let (folder, mut server) = (folder(), Server::new());
    let store = large(&folder, &server, 100);
    let report = Run::new(&store).drive(|request| {
        let real = server.handle(request);
        let mut answer: serde_json::Value = ketuk_wire::decode(&real.body).unwrap();
        answer["received"] = serde_json::json!([]);
        Ok(Response {
            body: ketuk_wire::encode(&answer).unwrap(),
            ..real
        })
    });
    assert_eq!(report.end, SyncEnd::Busy);
    let report = sync(&store, &mut server);
    assert_eq!((report.end, report.still_waiting), (SyncEnd::Done, 0));
    assert_eq!(server.kept.len(), 100);
}

#[test]
fn a_server_with_another_key_signs_anew_for_what_the_other_had_signed_for() {
    let (folder, mut server) = (folder(), Server::new());
    let (store, _) = finished(&folder, &server, 3);
    sync(&store, &mut server);
    server.key = SigningKey::from_seed(&[9; 32]);
    store
        .enrol("https://server.test", &server.enrolment())
        .unwrap();
    assert_eq!(store.outgoing().unwrap().waiting, 3);
    assert_eq!(sync(&store, &mut server).received, 3);
    assert_eq!(server.kept.len(), 3);
    assert_eq!(store.proofs("", None, 9).unwrap().rows.len(), 3);
}

/// Four entries were sent, then two more that the copy doesn't know of.
#[test]
fn a_phone_put_back_from_a_copy_gives_out_no_number_twice_and_gets_back_what_it_had_sent() {
    let (home, mut server) = (folder(), Server::new());
    server.changes = ids(8).into_iter().map(listed).collect();
    let store = enrolled(home.path(), &server, &ids(8));
    for number in 1..=4 {
        finish(&store, id(number), "before the copy");
    }
    sync(&store, &mut server);
    finish(&store, id(5), "waits in the copy");
    let store = put_back_after(home.path(), store, |store| {
        finish(store, id(6), "of the lost life");
        finish(store, id(1), "of the lost life");
        sync(store, &mut server);
    });
    finish(&store, id(7), "after the copy");

    let mut run = Run::new(&store);
    let report = run.drive(|request| Ok(server.handle(request)));

    assert_eq!((report.end, report.still_waiting), (SyncEnd::Done, 0));
    assert!(report.put_back);
    let told = run.events.iter().filter(|e| **e == SyncEvent::PutBack);
    assert_eq!(told.count(), 1);
    let mut once = operations(&server);
    once.sort_unstable();
    once.dedup();
    assert_eq!(once.len(), server.kept.len(), "each entry is there once");
    let numbers: Vec<u64> = server.numbers.keys().copied().collect();
    assert_eq!(numbers, (1..=9).collect::<Vec<_>>());
    assert_eq!(seqs_of(&server, "after the copy"), [9]);
    // It was sent in the lost life already: the same entry under another number.
    assert_eq!(seqs_of(&server, "waits in the copy"), [5, 8]);
    let back = store.household(id(6)).unwrap().unwrap();
    assert!(back.document.unwrap().contains("of the lost life"));
    assert!(!sync(&store, &mut server).put_back, "it is said once");
}

fn seqs_of(server: &Server, text: &str) -> Vec<u64> {
    let op = server
        .kept
        .iter()
        .find(|kept| kept.text == text)
        .unwrap()
        .op;
    let numbers = server.numbers.iter().filter(|(_, known)| **known == op);
    numbers.map(|(seq, _)| *seq).collect()
}

#[test]
fn a_put_back_phone_that_has_caught_up_with_its_lost_numbers_is_told_apart_too() {
    let (home, mut server) = (folder(), Server::new());
    server.changes = ids(8).into_iter().map(listed).collect();
    let store = enrolled(home.path(), &server, &ids(8));
    let store = put_back_after(home.path(), store, |store| {
        finish(store, id(1), "of the lost life");
        sync(store, &mut server);
    });
    for number in 2..=4 {
        finish(&store, id(number), "after the copy");
    }
    let report = sync(&store, &mut server);
    assert_eq!((report.still_waiting, report.put_back), (0, true));
    assert_eq!(server.kept.len(), 4);
    let known: Vec<u64> = server
        .requests
        .iter()
        .map(|r| r.outgoing.lived_to)
        .collect();
    assert_eq!(known.iter().max(), Some(&3), "it says up to which it knows");
}

/// An entry of the lost life had left in a parcel. It reaches the server after the phone's new entry of
/// the same number, and again after the server was restored from a backup that has neither.
#[test]
fn a_restored_server_that_knows_a_doubled_number_by_the_lost_life_gets_the_other_entry_again() {
    let (home, mut server) = (folder(), Server::new());
    server.changes = ids(8).into_iter().map(listed).collect();
    let store = enrolled(home.path(), &server, &ids(8));
    let mut parcel = Vec::new();
    let store = put_back_after(home.path(), store, |store| {
        finish(store, id(1), "of the lost life");
        parcel = store.lot(9, 9, true).unwrap().ops;
    });
    finish(&store, id(2), "after the copy");
    sync(&store, &mut server);
    server.take(&parcel[0]);
    assert_eq!(server.kept.len(), 2);
    store.put_back(1, noon()).unwrap();
    sync(&store, &mut server);

    server.restore(0);
    server.take(&parcel[0]);
    let report = sync(&store, &mut server);
    assert_eq!((report.end, report.still_waiting), (SyncEnd::Done, 0));
    assert_eq!(server.texts(id(2)), ["after the copy"]);
}

/// What was sent in the lost life has the number of what no server takes.
#[test]
fn a_put_back_phone_whose_numbers_never_arrived_finds_out_by_itself() {
    let (home, mut server) = (folder(), Server::new());
    server.changes = vec![listed(id(1))];
    let store = enrolled(home.path(), &server, &ids(1));
    let store = put_back_after(home.path(), store, |store| {
        finish(store, id(1), "of the lost life");
        sync(store, &mut server);
    });
    finish(&store, id(1), "that nobody takes");
    let report = Run::new(&store).drive(|request| {
        let message: SyncRequest = ketuk_wire::decode(&request.body).unwrap();
        match message.ops.is_empty() {
            true => Ok(server.handle(request)),
            false => Ok(refuse(400, RefusalCode::BadRequest)),
        }
    });
    assert_eq!((report.end, report.put_back), (SyncEnd::Done, true));
    let back = store.household(id(1)).unwrap().unwrap();
    assert_eq!(back.revision, 1);
    assert!(back.document.unwrap().contains("of the lost life"));
    assert!(!sync(&store, &mut server).put_back, "it is said once");
}

#[test]
fn what_was_refused_and_followed_long_ago_is_not_the_last_word_after_the_phone_was_put_back() {
    let (folder, mut server) = (folder(), Server::new());
    server.changes = vec![listed(id(1))];
    let store = enrolled(folder.path(), &server, &ids(1));
    finish(&store, id(1), "REJECT this");
    sync(&store, &mut server);
    finish(&store, id(1), "put right");
    sync(&store, &mut server);
    assert_eq!(state(&store, id(1)), HouseholdState::Received);
    store.put_back(20, noon()).unwrap();
    assert_eq!(store.outgoing().unwrap().waiting, 0);
    finish(&store, id(1), "later");
    assert_eq!(store.lot(9, 9, true).unwrap().ops[0].seq, 21);
    server.high_seq = 20;
    sync(&store, &mut server);
    assert_eq!(state(&store, id(1)), HouseholdState::Received);
    assert_eq!(store.outgoing().unwrap().waiting, 0);
    assert_eq!(server.texts(id(1)), ["put right", "later"]);
}

#[test]
fn what_answers_a_correction_answers_it_under_its_new_number_too() {
    let (folder, mut server) = (folder(), Server::new());
    server.changes = vec![listed(id(1))];
    let store = enrolled(folder.path(), &server, &ids(1));
    finish(&store, id(1), "sent");
    sync(&store, &mut server);
    apply_page(&store, vec![sent_back(id(1), 1)]);
    finish(&store, id(1), "corrected");
    store.put_back(20, noon()).unwrap();
    let answered: u64 = store
        .read(|connection| {
            let sql = "SELECT answered FROM correction";
            Ok(connection.query_row(sql, [], |row| row.get(0))?)
        })
        .unwrap();
    let sent = store.lot(9, 9, true).unwrap().ops[0].seq;
    assert_eq!((answered, sent), (21, 21));
    assert_eq!(state(&store, id(1)), HouseholdState::Waiting);
    server.high_seq = 20;
    sync(&store, &mut server);
    assert_eq!(state(&store, id(1)), HouseholdState::Received);
    let asked = store.household(id(1)).unwrap().unwrap().asked;
    assert_eq!(asked, None, "what was asked for is done");
}

#[test]
fn a_server_that_always_has_heard_of_more_does_not_keep_the_run_going_for_ever() {
    let (folder, mut server) = (folder(), Server::new());
    let (store, _) = finished(&folder, &server, 2);
    let report = Run::new(&store).drive(|request| {
        server.high_seq += 100;
        Ok(server.handle(request))
    });
    assert_eq!((report.end, report.still_waiting), (SyncEnd::Busy, 2));
    assert!(report.put_back);
}
