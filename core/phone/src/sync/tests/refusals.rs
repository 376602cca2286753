//! What a server refuses, and what the phone does about it.

use super::*;
use crate::store::Standing;

fn standing(store: &Store) -> Standing {
    store.device().unwrap().link.unwrap().standing
}

#[test]
fn an_unknown_sign_in_asks_for_a_new_code_and_keeps_the_queue() {
    let (folder, mut server) = (folder(), Server::new());
    let (store, _) = finished(&folder, &server, 3);
    let report = Run::new(&store).drive(|_| Ok(refuse(401, RefusalCode::SignIn)));
    assert_eq!((report.end, report.still_waiting), (SyncEnd::SignIn, 3));
    drop(store);
    let store = open(folder.path());
    assert_eq!(
        standing(&store),
        Standing::SignedOut,
        "also after a restart"
    );
    finish(&store, id(1), "collecting goes on");

    let mut renewed = server.enrolment();
    renewed.token = "another".into();
    store.enrol("https://server.test", &renewed).unwrap();
    assert_eq!(standing(&store), Standing::Fine);
    assert_eq!(sync(&store, &mut server).still_waiting, 0);
}

#[test]
fn a_sign_in_renewed_meanwhile_is_tried_before_anybody_is_asked() {
    let (folder, mut server) = (folder(), Server::new());
    let (store, _) = finished(&folder, &server, 1);
    let report = Run::new(&store).drive(|request| {
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
    let (folder, mut server) = (folder(), Server::new());
    let (store, households) = finished(&folder, &server, 2);
    let mut tries = 0;
    let report = Run::new(&store).drive(|_| {
        tries += 1;
        Ok(refuse(403, RefusalCode::Revoked))
    });
    assert_eq!(
        (report.end, tries, report.still_waiting),
        (SyncEnd::Revoked, 1, 2)
    );
    assert!(store.last_entry(households[0]).unwrap().is_some());
    assert_eq!(standing(&store), Standing::Revoked);

    // The office took it back.
    assert_eq!(sync(&store, &mut server).still_waiting, 0);
    assert_eq!(standing(&store), Standing::Fine);
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
    let report = Run::new(&store).drive(|_| Ok(refuse(400, RefusalCode::BadRequest)));
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
fn an_app_too_old_for_news_still_sends() {
    let (folder, mut server) = (folder(), Server::new());
    let (store, _) = finished(&folder, &server, 3);
    let report = Run::new(&store).drive(|request| {
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
fn an_entry_is_not_blamed_for_what_was_asked_for_beside_it() {
    let (folder, mut server) = (folder(), Server::new());
    let (store, households) = finished(&folder, &server, 1);
    let report = Run::new(&store).drive(|request| {
        let message: SyncRequest = ketuk_wire::decode(&request.body).unwrap();
        match message.pull {
            Some(_) => Ok(refuse(400, RefusalCode::BadRequest)),
            None => Ok(server.handle(request)),
        }
    });
    assert_eq!((report.end, report.still_waiting), (SyncEnd::Refused, 0));
    assert_eq!(state(&store, households[0]), HouseholdState::Received);
}

#[test]
fn what_left_in_a_parcel_with_the_entry_that_it_follows_is_shown_as_to_be_corrected_all_the_same() {
    let (folder, mut server) = (folder(), Server::new());
    server.changes = vec![listed(id(1))];
    let store = enrolled(folder.path(), &server, &ids(1));
    finish(&store, id(1), "first");
    store.hand_over(9, usize::MAX, noon()).unwrap();
    finish(&store, id(1), "QUARANTINE this");
    let ops = store.hand_over(9, usize::MAX, noon()).unwrap().ops;
    assert_eq!(ops.len(), 2);
    let report = sync(&store, &mut server);
    assert_eq!((report.still_waiting, report.troubles), (0, 1));
    assert_eq!(server.kept[1].base, 0, "what left says the same for ever");
    assert_eq!(state(&store, id(1)), HouseholdState::NeedsCorrection);
    let revision = store.household(id(1)).unwrap().unwrap().revision;
    let entry = store.last_entry(id(1)).unwrap().unwrap();
    assert!(revision == 1 && entry.speaks(revision), "it opens again");
}
