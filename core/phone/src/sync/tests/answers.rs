//! What a server says of entries.

use proptest::prelude::*;
use serde_json::json;

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

/// Drives a run whose first answer is changed by `change`.
fn doctored(
    store: &Arc<Store>,
    server: &mut Server,
    change: impl Fn(&mut serde_json::Value),
) -> SyncReport {
    let mut first = true;
    Run::new(store).drive(|request| {
        let mut real = server.handle(request);
        if std::mem::take(&mut first) {
            let mut answer = ketuk_wire::decode(&real.body).unwrap();
            change(&mut answer);
            real.body = ketuk_wire::encode(&answer).unwrap();
        }
        Ok(real)
    })
}

#[test]
fn a_number_among_those_received_is_no_receipt_for_it() {
    let (folder, mut server) = (folder(), Server::new());
    let (store, _) = finished(&folder, &server, 1);
    let report = Run::new(&store).drive(|request| {
        let real = server.handle(request);
        let mut answer: serde_json::Value = ketuk_wire::decode(&real.body).unwrap();
        answer["received"] = json!([[1, u64::MAX]]);
        answer["acks"] = json!([]);
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
fn nothing_is_believed_of_an_answer_that_can_not_be_the_servers() {
    type Change<'a> = (&'a str, &'a dyn Fn(&mut serde_json::Value));
    let changes: [Change<'_>; 9] = [
        ("an entry acknowledged twice", &|a| {
            a["acks"][1] = a["acks"][0].clone();
        }),
        ("an entry that is not under way", &|a| {
            a["acks"][0]["seq"] = json!(77)
        }),
        ("a number never given out", &|a| {
            a["acks"][0]["seq"] = json!(u64::MAX)
        }),
        ("an acknowledgement left out", &|a| {
            a["acks"].as_array_mut().unwrap().remove(0);
        }),
        ("acknowledgements in another order", &|a| {
            a["acks"].as_array_mut().unwrap().reverse();
        }),
        ("another revision", &|a| a["acks"][0]["revision"] = json!(9)),
        ("a revision beyond counting", &|a| {
            a["acks"][0]["revision"] = json!(u64::MAX);
        }),
        ("no signature", &|a| a["signature"] = json!(null)),
        ("numbers beyond counting", &|a| {
            a["high_seq"] = json!(u64::MAX)
        }),
    ];
    for (what, change) in changes {
        let (folder, mut server) = (folder(), Server::new());
        let (store, households) = finished(&folder, &server, 3);
        server.changes = vec![listed(id(99))];
        let report = doctored(&store, &mut server, change);
        assert_eq!(
            (report.end, report.still_waiting),
            (SyncEnd::Trust, 3),
            "{what}"
        );
        let waits = |state: &HouseholdState| *state == HouseholdState::Waiting;
        assert!(states(&store, &households).iter().all(waits), "{what}");
        assert!(store.household(id(99)).unwrap().is_none(), "{what}");
        assert_eq!(sync(&store, &mut server).still_waiting, 0, "{what}");
        assert_eq!(
            store.lot(9, 9, true).unwrap().outgoing.high_seq,
            3,
            "{what}"
        );
    }
}

#[test]
fn a_page_whose_cursor_could_not_be_sent_back_is_left_and_the_entries_are_received() {
    let (folder, mut server) = (folder(), Server::new());
    let (store, _) = finished(&folder, &server, 2);
    server.changes = ids(2).into_iter().map(listed).collect();
    let report = doctored(&store, &mut server, |answer| {
        answer["pull"]["cursor"] = json!("x".repeat(1 << 20));
    });
    assert_eq!((report.received, report.pulled), (2, 0));
    let cursor = store.device().unwrap().link.unwrap().cursor.unwrap();
    assert!(cursor.len() < 100);
}

/// Every place in a JSON value, as a pointer.
fn places(value: &serde_json::Value, at: String, all: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(fields) => {
            for (name, field) in fields {
                places(field, format!("{at}/{name}"), all);
            }
        }
        serde_json::Value::Array(items) => {
            for (number, item) in items.iter().enumerate() {
                places(item, format!("{at}/{number}"), all);
            }
        }
        _ => {}
    }
    all.push(at);
}

fn anything() -> impl Strategy<Value = serde_json::Value> {
    prop_oneof![
        Just(json!(null)),
        Just(json!([])),
        Just(json!({})),
        Just(json!("")),
        Just(json!("x".repeat(10_000))),
        Just(json!(-1)),
        Just(json!(0)),
        Just(json!(i64::MAX)),
        Just(json!(u64::MAX)),
        Just(json!(true)),
        Just(json!("-009999-01-02T00:00:00Z")),
        Just(json!("9999-12-30T00:00:00Z")),
        Just(json!([[3, 1], [u64::MAX, 0], [0, u64::MAX]])),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    /// Whatever stands anywhere in an answer: the run ends in order, nothing is marked that the server
    /// did not sign for, and the next sound answer puts everything right.
    #[test]
    fn no_answer_breaks_the_phone_or_makes_it_believe_what_is_not_so(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), anything()), 1..4)
    ) {
        let (folder, mut server) = (folder(), Server::new());
        let store = enrolled(folder.path(), &server, &ids(3));
        server.changes = ids(3).into_iter().map(listed).collect();
        server.changes.push(sent_back(id(3), 0));
        server.changes.push(Change::Allotment { areas: vec![area()] });
        finish(&store, id(1), "good");
        finish(&store, id(2), "QUARANTINE this");
        let mut first = true;
        Run::new(&store).drive(|request| {
            if !std::mem::take(&mut first) {
                return Err(Failure::Trust);
            }
            let mut real = server.handle(request);
            let mut answer: serde_json::Value = ketuk_wire::decode(&real.body).unwrap();
            for (which, value) in &changes {
                let mut all = Vec::new();
                places(&answer, String::new(), &mut all);
                *answer.pointer_mut(which.get::<String>(&all)).unwrap() = value.clone();
            }
            real.body = ketuk_wire::encode(&answer).unwrap();
            Ok(real)
        });
        for proof in store.proofs("", None, 9).unwrap().rows {
            let receipt: ketuk_wire::Receipt = proof.text.parse().unwrap();
            prop_assert!(receipt.verify(&server.key.public()).is_ok());
        }
        let mut run = Run::new(&store);
        run.now.wall = run.now.wall.checked_add(Duration::from_secs(7200)).unwrap();
        let report = run.drive(|request| Ok(server.handle(request)));
        prop_assert_eq!((report.end, report.still_waiting), (SyncEnd::Done, 0));
        prop_assert_eq!(server.kept.len(), 2);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// In whatever order and however absurd: exactly what is not named goes again.
    #[test]
    fn whatever_the_server_says_that_it_has_exactly_the_rest_goes_again(
        ranges in proptest::collection::vec((0u64..14, prop_oneof![0u64..14, Just(u64::MAX)]), 0..6)
    ) {
        let (folder, mut server) = (folder(), Server::new());
        let (store, _) = finished(&folder, &server, 10);
        sync(&store, &mut server);
        let ranges: Vec<_> = ranges.into_iter().map(|(a, b)| (a.min(b), a.max(b))).collect();
        let named = |seq: u64| ranges.iter().any(|(first, last)| (*first..=*last).contains(&seq));
        let mut first = true;
        Run::new(&store).drive(|request| {
            if !std::mem::take(&mut first) {
                return Err(Failure::Trust);
            }
            let mut real = server.handle(request);
            let mut answer: serde_json::Value = ketuk_wire::decode(&real.body).unwrap();
            answer["received"] = json!(ranges);
            real.body = ketuk_wire::encode(&answer).unwrap();
            Ok(real)
        });
        let again: Vec<u64> = store.waiting(None, 50).unwrap().rows.iter().map(|row| row.seq).collect();
        let lost: Vec<u64> = (1..=10).filter(|seq| !named(*seq)).collect();
        prop_assert_eq!(again, lost);
    }
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
