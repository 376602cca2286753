//! A run against a server in memory, over links that do what links do.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use ketuk_wire::{Change, PublicKey, RefusalCode, Sha256, SigningKey, SyncRequest, Target};
use proptest::prelude::*;
use uuid::Uuid;

use super::{Failure, Response, SyncEnd, SyncEvent};
use crate::store::{Filter, HouseholdState, Store};
use crate::testing::*;

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn ids(count: u128) -> Vec<Uuid> {
    (1..=count).map(id).collect()
}

fn state(store: &Store, household: Uuid) -> HouseholdState {
    store.household(household).unwrap().unwrap().row.state
}

fn states(store: &Store, households: &[Uuid]) -> Vec<HouseholdState> {
    households.iter().map(|id| state(store, *id)).collect()
}

/// A phone with so many finished entries, one a household.
fn finished(folder: &tempfile::TempDir, server: &Server, count: u128) -> (Arc<Store>, Vec<Uuid>) {
    let households = ids(count);
    let store = enrolled(folder.path(), server, &households);
    for household in &households {
        finish(&store, *household, &format!("entry of {household}"));
    }
    (store, households)
}

#[test]
fn entries_go_once_each_and_their_receipts_come_back() {
    let (folder, mut server) = (folder(), Server::new());
    let (store, households) = finished(&folder, &server, 40);
    assert_eq!(state(&store, id(1)), HouseholdState::Waiting);

    let report = sync(&store, &mut server);

    assert_eq!(report.end, SyncEnd::Done);
    assert_eq!((report.received, report.still_waiting), (40, 0));
    assert_eq!(server.kept.len(), 40);
    for household in households {
        assert_eq!(state(&store, household), HouseholdState::Received);
        let receipt = store
            .last_entry(household)
            .unwrap()
            .unwrap()
            .receipt
            .unwrap();
        assert_eq!(receipt.revision, 1);
        receipt.verify(&server.key.public()).unwrap();
    }
}

#[test]
fn no_news_costs_one_round_trip() {
    let (folder, mut server) = (folder(), Server::new());
    let store = enrolled(folder.path(), &server, &[]);
    assert_eq!(sync(&store, &mut server).end, SyncEnd::Done);
    assert_eq!(server.requests.len(), 1);
}

#[test]
fn the_first_run_brings_list_targets_names_and_questionnaire_page_by_page() {
    let (folder, mut server) = (folder(), Server::new());
    server.page = 7;
    server.changes = ids(30).into_iter().map(listed).collect();
    server.changes.push(Change::Target(Target {
        area: area(),
        families: 30,
    }));
    server.changes.push(Change::Form {
        form: form_ref(),
        sha256: Sha256::of(FORM),
    });
    let store = open(folder.path());
    store
        .enrol("https://server.test", &server.enrolment())
        .unwrap();

    let report = sync(&store, &mut server);

    assert_eq!((report.end, report.pulled), (SyncEnd::Done, 32));
    assert_eq!(store.tally().unwrap()[0].counts.listed, 30);
    assert_eq!(store.tally().unwrap()[0].counts.target, 30);
    let form = store.current_form().unwrap().unwrap();
    assert_eq!(store.form_bytes(form).unwrap().unwrap(), FORM);
}

#[test]
fn a_swallowed_answer_changes_nothing_but_the_time_it_takes() {
    let (folder, mut server) = (folder(), Server::new());
    let (store, households) = finished(&folder, &server, 12);
    let mut swallowed = 0;
    let report = Run::new(&store).to_end(|request| {
        let answer = server.handle(request);
        swallowed += 1;
        if swallowed <= 2 {
            Err(Failure::Link)
        } else {
            Ok(answer)
        }
    });
    assert_eq!((report.end, report.still_waiting), (SyncEnd::Done, 0));
    assert_eq!(server.kept.len(), 12, "an entry was taken twice");
    assert!(
        states(&store, &households)
            .iter()
            .all(|s| *s == HouseholdState::Received)
    );
}

#[test]
fn an_answer_cut_after_any_byte_counts_as_none() {
    let (folder, mut server) = (folder(), Server::new());
    let (store, _) = finished(&folder, &server, 3);
    let mut run = Run::new(&store);
    let mut whole = None;
    run.to_end(|request| {
        whole.get_or_insert(server.handle(request));
        Err(Failure::Link)
    });
    let whole = whole.unwrap();
    for cut in 0..whole.body.len() {
        let short = Response {
            body: whole.body[..cut].to_vec(),
            ..whole.clone()
        };
        let report = Run::new(&store).to_end(|_| Ok(short.clone()));
        assert_eq!(report.end, SyncEnd::NoSignal, "cut after {cut}");
        assert_eq!(report.still_waiting, 3, "cut after {cut}");
    }
    assert_eq!(sync(&store, &mut server).still_waiting, 0);
    assert_eq!(server.kept.len(), 3);
}

#[test]
fn a_dead_link_ends_the_run_after_three_tries_and_keeps_everything() {
    let (folder, server) = (folder(), Server::new());
    let (store, _) = finished(&folder, &server, 5);
    let mut tries = 0;
    let mut run = Run::new(&store);
    let report = run.to_end(|_| {
        tries += 1;
        Err(Failure::Link)
    });
    assert_eq!(
        (report.end, tries, report.still_waiting),
        (SyncEnd::NoSignal, 3, 5)
    );
    assert!(
        run.now.steady < Duration::from_secs(8),
        "full jitter waits at most 1 s, then 2 s"
    );
    let retries = run
        .events
        .iter()
        .filter(|e| matches!(e, SyncEvent::Retrying { .. }));
    assert_eq!(retries.count(), 2);
}

#[test]
fn the_sign_in_page_of_a_network_is_no_answer() {
    let (folder, mut server) = (folder(), Server::new());
    let (store, _) = finished(&folder, &server, 2);
    for status in [200, 302, 401, 403, 404, 410, 422] {
        let portal = Response {
            status,
            headers: vec![("content-type".into(), "text/html".into())],
            body: b"<html>Masuk dulu".to_vec(),
        };
        let report = Run::new(&store).to_end(|_| Ok(portal.clone()));
        assert_eq!(
            (report.end, report.still_waiting),
            (SyncEnd::NoSignal, 2),
            "{status}"
        );
    }
    assert_eq!(sync(&store, &mut server).still_waiting, 0);
}

#[test]
fn a_busy_server_is_given_the_time_it_asks_for() {
    let (folder, mut server) = (folder(), Server::new());
    let (store, _) = finished(&folder, &server, 2);
    let mut run = Run::new(&store);
    let mut first = true;
    let report = run.to_end(|request| {
        if std::mem::take(&mut first) {
            let mut busy = refuse(503, RefusalCode::Busy);
            busy.headers.push(("retry-after".into(), "30".into()));
            return Ok(busy);
        }
        Ok(server.handle(request))
    });
    assert_eq!((report.end, report.still_waiting), (SyncEnd::Done, 0));
    let waited = run.now.steady.as_secs();
    assert!(
        (30..=40).contains(&waited),
        "waited {waited} s for 30 s and up to a fifth more"
    );
}

#[test]
fn a_server_that_wants_peace_for_long_gets_it_from_the_next_run_too() {
    let (folder, mut server) = (folder(), Server::new());
    let (store, _) = finished(&folder, &server, 2);
    let mut busy = refuse(429, RefusalCode::TooMany);
    busy.headers.push(("retry-after".into(), "600".into()));
    let report = Run::new(&store).to_end(|_| Ok(busy.clone()));
    assert_eq!(report.end, SyncEnd::Busy);
    assert!(report.again_in.unwrap() >= Duration::from_secs(590));

    let report = sync(&store, &mut server);
    assert_eq!((report.end, server.requests.len()), (SyncEnd::Busy, 0));

    let mut later = Run::new(&store);
    later.now.wall = later
        .now
        .wall
        .checked_add(Duration::from_secs(730))
        .unwrap();
    let report = later.to_end(|request| Ok(server.handle(request)));
    assert_eq!((report.end, report.still_waiting), (SyncEnd::Done, 0));
}

#[test]
fn a_clock_put_back_does_not_keep_the_phone_waiting() {
    let (folder, mut server) = (folder(), Server::new());
    let (store, _) = finished(&folder, &server, 1);
    let far = noon()
        .checked_add(Duration::from_secs(10 * 24 * 3600))
        .unwrap();
    store.keep_peace_until(far).unwrap();
    assert_eq!(sync(&store, &mut server).end, SyncEnd::Done);
}

#[test]
fn an_unknown_sign_in_asks_for_a_new_code_and_keeps_the_queue() {
    let (folder, mut server) = (folder(), Server::new());
    let (store, _) = finished(&folder, &server, 3);
    let report = Run::new(&store).to_end(|_| Ok(refuse(401, RefusalCode::SignIn)));
    assert_eq!((report.end, report.still_waiting), (SyncEnd::SignIn, 3));

    let mut renewed = server.enrolment();
    renewed.token = "another".into();
    store.enrol("https://server.test", &renewed).unwrap();
    assert_eq!(sync(&store, &mut server).still_waiting, 0);
}

#[test]
fn a_sign_in_renewed_meanwhile_is_tried_before_anybody_is_asked() {
    let (folder, mut server) = (folder(), Server::new());
    let (store, _) = finished(&folder, &server, 1);
    let report = Run::new(&store).to_end(|request| {
        let token = &request.headers[0].1;
        if token == "Bearer another" {
            return Ok(server.handle(request));
        }
        let mut renewed = server.enrolment();
        renewed.token = "another".into();
        store.enrol("https://server.test", &renewed).unwrap();
        Ok(refuse(401, RefusalCode::SignIn))
    });
    assert_eq!((report.end, report.still_waiting), (SyncEnd::Done, 0));
}

#[test]
fn a_revoked_phone_stops_and_keeps_its_data() {
    let (folder, server) = (folder(), Server::new());
    let (store, households) = finished(&folder, &server, 2);
    let mut tries = 0;
    let report = Run::new(&store).to_end(|_| {
        tries += 1;
        Ok(refuse(403, RefusalCode::Revoked))
    });
    assert_eq!(
        (report.end, tries, report.still_waiting),
        (SyncEnd::Revoked, 1, 2)
    );
    assert!(store.last_entry(households[0]).unwrap().is_some());
}

#[test]
fn a_certificate_that_is_not_trusted_stops_the_run_and_the_date_is_doubted_when_it_is_wrong() {
    let (folder, server) = (folder(), Server::new());
    let (store, _) = finished(&folder, &server, 2);
    let report = Run::new(&store).to_end(|_| Err(Failure::Trust));
    assert_eq!((report.end, report.clock_doubtful), (SyncEnd::Trust, false));

    let mut run = Run::new(&store);
    run.now.wall = "2015-01-01T00:00:00Z".parse().unwrap();
    let report = run.to_end(|_| Err(Failure::Trust));
    assert_eq!((report.end, report.clock_doubtful), (SyncEnd::Trust, true));
}

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
    let report = Run::new(&store).to_end(|request| {
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
fn one_entry_that_the_server_cannot_read_is_found_held_and_the_others_go() {
    let (folder, mut server) = (folder(), Server::new());
    let households = ids(13);
    let store = enrolled(folder.path(), &server, &households);
    for household in &households {
        let text = match household.as_u128() {
            5 | 11 => "MALFORMED",
            _ => "good",
        };
        finish(&store, *household, text);
    }
    let report = sync(&store, &mut server);
    assert_eq!(
        (report.end, report.received, report.troubles),
        (SyncEnd::Done, 11, 2)
    );
    for household in &households {
        let held = matches!(household.as_u128(), 5 | 11);
        let expected = if held {
            HouseholdState::Held
        } else {
            HouseholdState::Received
        };
        assert_eq!(state(&store, *household), expected, "{household}");
    }
    let page = store.waiting(None, 50).unwrap();
    let messages: Vec<_> = page.rows.iter().map(|row| row.message.as_deref()).collect();
    assert_eq!(messages, [Some("Tidak bisa."), Some("Tidak bisa.")]);
}

#[test]
fn a_server_that_refuses_every_request_makes_no_entry_guilty() {
    let (folder, server) = (folder(), Server::new());
    let (store, households) = finished(&folder, &server, 4);
    let report = Run::new(&store).to_end(|_| Ok(refuse(400, RefusalCode::BadRequest)));
    assert_eq!((report.end, report.still_waiting), (SyncEnd::Refused, 4));
    assert!(
        states(&store, &households)
            .iter()
            .all(|s| *s == HouseholdState::Waiting)
    );
}

#[test]
fn a_request_that_is_too_large_is_halved_and_one_entry_too_large_by_itself_is_held() {
    let (folder, mut server) = (folder(), Server::new());
    server.largest = 3000;
    let households = ids(20);
    let store = enrolled(folder.path(), &server, &households);
    for household in &households {
        let lines = if household.as_u128() == 7 { 120 } else { 5 };
        let noise: String = (0..lines)
            .map(|line| Sha256::of(format!("{household} {line}").as_bytes()).to_string())
            .collect();
        finish(&store, *household, &noise);
    }
    let report = sync(&store, &mut server);
    assert_eq!((report.end, report.received), (SyncEnd::Done, 19));
    assert_eq!(state(&store, id(7)), HouseholdState::Held);
}

#[test]
fn an_entry_that_makes_the_server_fail_does_not_hold_up_the_others() {
    let (folder, mut server) = (folder(), Server::new());
    let households = ids(40);
    let store = enrolled(folder.path(), &server, &households);
    for household in &households {
        let text = if household.as_u128() == 3 {
            "POISON"
        } else {
            "good"
        };
        finish(&store, *household, text);
    }
    for _ in 0..12 {
        sync(&store, &mut server);
    }
    assert_eq!(
        store.outgoing().unwrap().waiting,
        1,
        "only the poisonous one still waits"
    );
    assert_eq!(state(&store, id(3)), HouseholdState::Waiting);
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
    Run::new(&store).to_end(|request| {
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
fn a_bad_cursor_starts_the_pull_side_over_and_leaves_the_queue_alone() {
    let (folder, mut server) = (folder(), Server::new());
    server.changes = ids(9).into_iter().map(listed).collect();
    let (store, _) = finished(&folder, &server, 2);
    sync(&store, &mut server);
    finish(&store, id(3), "later");
    // Restored without two of the families; the phone's cursor is beyond its end.
    server.changes.truncate(7);
    server.page = 3;
    let report = sync(&store, &mut server);
    assert_eq!((report.end, report.still_waiting), (SyncEnd::Done, 0));
    let page = store.page(&Filter::default(), None, 50).unwrap().unwrap();
    let listed: Vec<Uuid> = page.rows.iter().map(|row| row.id).collect();
    assert_eq!(
        listed,
        ids(7),
        "those not named again are gone, all others still here"
    );
}

#[test]
fn a_server_restored_from_a_backup_gets_again_what_it_lost() {
    let (folder, mut server) = (folder(), Server::new());
    let (store, _) = finished(&folder, &server, 10);
    assert_eq!(sync(&store, &mut server).still_waiting, 0);
    let before: Vec<Uuid> = server.kept.iter().map(|kept| kept.op).collect();

    server.restore(4);
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

#[test]
fn an_app_too_old_for_news_still_sends() {
    let (folder, mut server) = (folder(), Server::new());
    let (store, _) = finished(&folder, &server, 3);
    let report = Run::new(&store).to_end(|request| {
        let message: SyncRequest = ketuk_wire::decode(&request.body).unwrap();
        if message.pull.is_some() {
            return Ok(refuse(426, RefusalCode::Version));
        }
        Ok(server.handle(request))
    });
    assert_eq!((report.end, report.still_waiting), (SyncEnd::Done, 0));
    assert!(report.app_too_old);
}

#[test]
fn a_broken_change_is_skipped_and_the_others_taken() {
    let (folder, mut server) = (folder(), Server::new());
    server.changes = vec![listed(id(1)), Change::Unknown, listed(id(2))];
    let store = enrolled(folder.path(), &server, &[]);
    let report = sync(&store, &mut server);
    assert_eq!((report.end, report.pulled), (SyncEnd::Done, 2));
    assert!(store.household(id(2)).unwrap().is_some());
}

#[test]
fn requests_grow_on_a_good_link_and_stay_within_what_it_bears() {
    let (folder, mut server) = (folder(), Server::new());
    let (store, _) = finished(&folder, &server, 400);
    let mut sizes = Vec::new();
    let mut run = Run::new(&store);
    run.to_end(|request| {
        sizes.push(request.body.len());
        Ok(server.handle(request))
    });
    assert!(
        sizes[0] <= 10 << 10,
        "the first request has {} bytes",
        sizes[0]
    );
    assert!(
        sizes.len() <= 5,
        "400 entries took {} requests",
        sizes.len()
    );
}

#[test]
fn a_questionnaire_comes_in_parts_and_goes_on_where_it_was_cut() {
    let (folder, mut server) = (folder(), Server::new());
    let form = FORM;
    server.changes = vec![Change::Form {
        form: form_ref(),
        sha256: Sha256::of(form),
    }];
    let store = open(folder.path());
    store
        .enrol("https://server.test", &server.enrolment())
        .unwrap();
    let mut asked = Vec::new();
    let mut part = |request: &super::Request, server: &mut Server, cut: bool| {
        if request.method == "POST" {
            return Ok(server.handle(request));
        }
        let range = &request
            .headers
            .iter()
            .find(|(name, _)| *name == "range")
            .unwrap()
            .1;
        let from: usize = range["bytes=".len()..]
            .split('-')
            .next()
            .unwrap()
            .parse()
            .unwrap();
        asked.push(from);
        if cut && from > 0 {
            return Err(Failure::Link);
        }
        let until = (from + 8).min(form.len());
        let mut response = answer(206, form[from..until].to_vec());
        let range = format!("bytes {from}-{}/{}", until - 1, form.len());
        response.headers.push(("content-range".into(), range));
        Ok(response)
    };
    let report = Run::new(&store).to_end(|request| part(request, &mut server, true));
    assert_eq!(
        (report.end, store.current_form().unwrap()),
        (SyncEnd::NoSignal, None)
    );
    let report = Run::new(&store).to_end(|request| part(request, &mut server, false));
    assert_eq!(report.end, SyncEnd::Done);
    assert_eq!(asked, [0, 8, 8, 8, 8]);
    assert!(store.current_form().unwrap().is_some());
}

#[test]
fn a_questionnaire_that_does_not_fit_its_digest_or_the_app_leaves_the_old_one_in_use() {
    let (folder, mut server) = (folder(), Server::new());
    let store = enrolled(folder.path(), &server, &[]);
    let in_use = store.current_form().unwrap();
    for (sent, named) in [
        (&b"changed on the way"[..], &b"another"[..]),
        (b"too new", b"too new"),
    ] {
        server.changes = vec![Change::Form {
            form: form_ref(),
            sha256: Sha256::of(named),
        }];
        let report = Run::new(&store).to_end(|request| match request.method {
            "GET" => Ok(answer(200, sent.to_vec())),
            _ => Ok(server.handle(request)),
        });
        assert_eq!(report.end, SyncEnd::Done);
        assert_eq!(store.current_form().unwrap(), in_use);
        store.reset_pull().unwrap();
    }
}

#[test]
fn what_happens_is_told_as_it_happens() {
    let (folder, mut server) = (folder(), Server::new());
    server.changes = vec![listed(id(9))];
    let (store, _) = finished(&folder, &server, 1);
    store.reset_pull().unwrap();
    let mut run = Run::new(&store);
    run.to_end(|request| Ok(server.handle(request)));
    assert_eq!(
        run.events,
        [
            SyncEvent::Started { waiting: 1 },
            SyncEvent::Sent {
                households: vec![id(1)]
            },
            SyncEvent::Received {
                household: id(1),
                state: HouseholdState::Received
            },
            SyncEvent::Pulled { changes: 1 },
        ]
    );
}

#[test]
fn a_request_shows_neither_the_token_nor_an_answer() {
    let (folder, server) = (folder(), Server::new());
    let (store, _) = finished(&folder, &server, 1);
    let mut shown = String::new();
    Run::new(&store).to_end(|request| {
        shown = format!("{request:?}");
        Err(Failure::Trust)
    });
    assert!(shown.starts_with("POST /v1/sync ("), "{shown}");
    assert!(!shown.contains("secret"));
}

#[test]
fn the_servers_key_is_the_one_of_the_enrolment() {
    let (folder, server) = (folder(), Server::new());
    let store = enrolled(folder.path(), &server, &[]);
    let key: PublicKey = store.device().unwrap().link.unwrap().server_key;
    assert_eq!(key, server.key.public());
}

/// What may become of a request.
#[derive(Debug, Clone, Copy)]
enum Fate {
    Arrives,
    LostGoing,
    LostComing,
    Twice,
    Portal,
    Busy,
    Fails,
    Cut(u8),
}

/// What the world may do.
#[derive(Debug, Clone)]
enum Act {
    Finish(u8),
    Reopen,
    Sync(Vec<Fate>),
    Restore(u8),
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        4 => Just(Fate::Arrives),
        1 => Just(Fate::LostGoing),
        2 => Just(Fate::LostComing),
        1 => Just(Fate::Twice),
        1 => Just(Fate::Portal),
        1 => Just(Fate::Busy),
        1 => Just(Fate::Fails),
        1 => any::<u8>().prop_map(Fate::Cut),
    ]
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        6 => (0u8..6).prop_map(Act::Finish),
        1 => Just(Act::Reopen),
        3 => proptest::collection::vec(fate(), 0..6).prop_map(Act::Sync),
        1 => any::<u8>().prop_map(Act::Restore),
    ]
}

fn suffer(server: &mut Server, request: &super::Request, fate: Fate) -> Result<Response, Failure> {
    match fate {
        Fate::Arrives => Ok(server.handle(request)),
        Fate::LostGoing => Err(Failure::Link),
        Fate::LostComing => {
            server.handle(request);
            Err(Failure::Link)
        }
        Fate::Twice => {
            server.handle(request);
            Ok(server.handle(request))
        }
        Fate::Portal => Ok(Response {
            status: 200,
            headers: Vec::new(),
            body: b"<html>".to_vec(),
        }),
        Fate::Busy => Ok(refuse(503, RefusalCode::Busy)),
        Fate::Fails => Ok(refuse(500, RefusalCode::Busy)),
        Fate::Cut(part) => {
            let mut answer = server.handle(request);
            let keep = answer.body.len() * usize::from(part) / 256;
            answer.body.truncate(keep);
            Ok(answer)
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    /// Promises 1, 2, 4, 5 and 8: whatever is cut, lost, repeated, restarted or restored, once the
    /// link heals the server has the last finished entry of each household, each entry once.
    #[test]
    fn every_finished_entry_is_on_the_server_exactly_once_after_the_link_heals(
        acts in proptest::collection::vec(act(), 1..25)
    ) {
        let folder = folder();
        let mut server = Server::new();
        let mut store = enrolled(folder.path(), &server, &ids(6));
        let mut journal: HashMap<Uuid, String> = HashMap::new();
        for (number, act) in acts.into_iter().enumerate() {
            match act {
                Act::Finish(which) => {
                    let household = id(u128::from(which) + 1);
                    let text = format!("{household} {number}");
                    finish(&store, household, &text);
                    journal.insert(household, text);
                }
                Act::Reopen => {
                    drop(store);
                    store = open(folder.path());
                }
                Act::Sync(fates) => {
                    let mut fates = fates.into_iter();
                    Run::new(&store).to_end(|request| {
                        suffer(&mut server, request, fates.next().unwrap_or(Fate::Arrives))
                    });
                }
                Act::Restore(part) => {
                    let keep = server.kept.len() * usize::from(part) / 256;
                    server.restore(keep);
                }
            }
        }
        let report = sync(&store, &mut server);
        prop_assert_eq!(report.end, SyncEnd::Done);
        prop_assert_eq!(report.still_waiting, 0);
        for (household, text) in &journal {
            prop_assert_eq!(server.current(*household), Some(text.as_str()));
            prop_assert_eq!(state(&store, *household), HouseholdState::Received);
        }
        let mut ops: Vec<Uuid> = server.kept.iter().map(|kept| kept.op).collect();
        ops.sort_unstable();
        ops.dedup();
        prop_assert_eq!(ops.len(), server.kept.len());
    }
}
