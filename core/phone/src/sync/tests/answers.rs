//! What a server says of entries.

use super::*;

#[test]
fn nothing_is_believed_of_an_answer_with_a_false_receipt() {
    let (folder, mut server) = (folder(), Server::new());
    let (store, households) = finished(&folder, &server, 2);
    let mut impostor = Server::new();
    impostor.key = SigningKey::from_seed(&[9; 32]);
    impostor.changes = vec![listed(id(99))];
    let report = sync(&store, &mut impostor);
    assert_eq!((report.end, report.still_waiting), (SyncEnd::Trust, 2));
    assert_eq!(state(&store, households[0]), HouseholdState::Waiting);
    assert!(store.household(id(99)).unwrap().is_none());
    assert_eq!(sync(&store, &mut server).still_waiting, 0);
}

#[test]
fn an_answer_for_entries_that_were_not_sent_is_ignored_however_large_its_ranges() {
    let (folder, mut server) = (folder(), Server::new());
    let (store, _) = finished(&folder, &server, 1);
    let report = Run::new(&store).drive(|request| {
        let real = server.handle(request);
        let mut answer: serde_json::Value = ketuk_wire::decode(&real.body).unwrap();
        answer["durable"] = serde_json::json!([[2, u64::MAX]]);
        answer["acks"] = serde_json::json!([]);
        Ok(Response {
            body: ketuk_wire::encode(&answer).unwrap(),
            ..real
        })
    });
    assert_eq!(
        (report.end, report.received, report.still_waiting),
        (SyncEnd::Busy, 0, 1)
    );
}

#[test]
fn what_the_server_keeps_but_does_not_count_needs_correction_and_says_why() {
    let (folder, mut server) = (folder(), Server::new());
    let households = ids(2);
    let store = enrolled(folder.path(), &server, &households);
    finish(&store, id(1), "QUARANTINE this");
    finish(&store, id(2), "good");
    let report = sync(&store, &mut server);
    assert_eq!(
        (report.end, report.received, report.troubles),
        (SyncEnd::Done, 2, 1)
    );
    assert_eq!(
        states(&store, &households),
        [HouseholdState::NeedsCorrection, HouseholdState::Received]
    );
    let entry = store.last_entry(id(1)).unwrap().unwrap();
    assert_eq!(
        entry.trouble.as_deref(),
        Some("Isian ini belum lolos pemeriksaan.")
    );

    finish(&store, id(1), "corrected");
    sync(&store, &mut server);
    assert_eq!(state(&store, id(1)), HouseholdState::Received);
}

#[test]
fn what_the_server_rejects_is_held_until_she_finishes_it_anew() {
    let (folder, mut server) = (folder(), Server::new());
    let store = enrolled(folder.path(), &server, &ids(1));
    finish(&store, id(1), "REJECT this");
    let report = sync(&store, &mut server);
    assert_eq!(
        (report.end, report.received, report.still_waiting),
        (SyncEnd::Done, 0, 1)
    );
    assert_eq!(state(&store, id(1)), HouseholdState::Held);
    assert!(store.waiting(None, 9).unwrap().rows[0].held);

    finish(&store, id(1), "better");
    assert_eq!(state(&store, id(1)), HouseholdState::Waiting);
    assert_eq!(sync(&store, &mut server).still_waiting, 0);
    assert_eq!(server.texts(id(1)), ["better"]);
}

#[test]
fn a_cadre_never_conflicts_with_herself() {
    let (folder, mut server) = (folder(), Server::new());
    let store = enrolled(folder.path(), &server, &ids(1));
    finish(&store, id(1), "first");
    // Sent, the answer lost: the entry can't change any more.
    Run::new(&store).drive(|request| {
        server.handle(request);
        Err(Failure::Link)
    });
    finish(&store, id(1), "second");
    finish(&store, id(1), "third");
    let report = sync(&store, &mut server);
    assert_eq!(
        (report.end, report.still_waiting, report.troubles),
        (SyncEnd::Done, 0, 0)
    );
    assert_eq!(server.texts(id(1)), ["first", "third"]);
    let bases: Vec<u64> = server.kept.iter().map(|kept| kept.base).collect();
    assert_eq!(
        bases,
        [0, 1],
        "the second started from the revision that the first became"
    );
}

#[test]
fn a_server_restored_from_a_backup_gets_again_what_it_lost() {
    let (folder, mut server) = (folder(), Server::new());
    let (store, _) = finished(&folder, &server, 10);
    assert_eq!(sync(&store, &mut server).still_waiting, 0);
    let before: Vec<Uuid> = server.kept.iter().map(|kept| kept.op).collect();

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
    let after: Vec<Uuid> = server.kept.iter().map(|kept| kept.op).collect();
    assert_eq!(after, before, "the same entries, each once");
    let resent: Vec<u64> = server
        .requests
        .last()
        .unwrap()
        .ops
        .iter()
        .map(|op| op.seq)
        .collect();
    assert_eq!(
        resent,
        [5, 6, 7, 8, 9, 10],
        "and not those that it still had"
    );
}
