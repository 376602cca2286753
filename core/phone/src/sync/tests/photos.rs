//! Photos: after all else, smallest first, in parts, and in nobody's way.

use ketuk_wire::UPLOAD_OFFSET;
use proptest::prelude::*;

use super::*;
use crate::store::PhotoState;

fn picture(seed: u8, bytes: usize) -> Vec<u8> {
    (0..bytes).map(|at| (at / 7) as u8 ^ seed).collect()
}

/// A finished visit that shows a photo.
fn pictured(store: &Store, household: Uuid, photo: &[u8]) -> Sha256 {
    let listed = NewHousehold {
        id: household,
        area: area(),
    };
    let sha256 = store.attach(&draft(&listed), "image/jpeg", photo).unwrap();
    finish(store, household, &format!("entry of {household}"));
    sha256
}

fn photo_state(store: &Store, household: Uuid) -> PhotoState {
    store.photos(household).unwrap().remove(0).state
}

fn is_photo(request: &crate::Request) -> bool {
    request.path.starts_with("/v1/blobs/")
}

#[test]
fn photos_go_after_all_entries_the_smallest_first_and_a_part_at_a_time() {
    let (folder, mut server) = (folder(), Server::new());
    let store = enrolled(folder.path(), &server, &ids(3));
    let large = pictured(&store, id(1), &picture(1, 90_000));
    let small = pictured(&store, id(2), &picture(2, 900));
    finish(&store, id(3), "no photo");

    let mut run = Run::new(&store);
    let mut entries_after_photos = 0;
    let report = run.drive(|request| {
        if !is_photo(request) && !server.blobs.asked.is_empty() {
            entries_after_photos += 1;
        }
        assert!(
            request.body.len() <= 64 << 10,
            "a part is as large as the window"
        );
        Ok(server.handle(request))
    });

    assert_eq!(report.end, SyncEnd::Done);
    assert_eq!((report.received, report.photos_received), (3, 2));
    assert_eq!((report.photos_waiting, report.photo_bytes), (0, 90_900));
    assert_eq!(entries_after_photos, 0);
    assert_eq!(server.blobs.asked[0], ("PATCH", small, 0, 900));
    assert_eq!(server.blobs.whole[&large], picture(1, 90_000));
    assert!(
        server.blobs.asked.iter().all(|asked| asked.0 == "PATCH"),
        "nothing to ask for"
    );
    assert_eq!(photo_state(&store, id(1)), PhotoState::Received);
    let told = run
        .events
        .iter()
        .rev()
        .find(|e| matches!(e, SyncEvent::Photos { .. }));
    assert_eq!(
        told,
        Some(&SyncEvent::Photos {
            received: 2,
            waiting: 0,
            bytes: 0
        })
    );
    assert_eq!(sync(&store, &mut server).photos_received, 0);
}

#[test]
fn a_photo_goes_only_when_the_server_has_an_entry_that_shows_it() {
    let (folder, mut server) = (folder(), Server::new());
    let store = enrolled(folder.path(), &server, &ids(1));
    pictured(&store, id(1), &picture(1, 900));
    let mut asked = 0;
    let report = Run::new(&store).drive(|request| {
        asked += u32::from(is_photo(request));
        Err(Failure::Link)
    });
    assert_eq!((asked, report.photos_waiting), (0, 1));
    assert_eq!(sync(&store, &mut server).photos_received, 1);
}

#[test]
fn after_a_cut_a_photo_goes_on_where_the_servers_part_ends() {
    let (folder, mut server) = (folder(), Server::new());
    let store = enrolled(folder.path(), &server, &ids(1));
    let photo = pictured(&store, id(1), &picture(1, 200_000));
    // The server gets it, the phone doesn't hear so; then the phone is killed.
    let mut parts = 0;
    let report = Run::new(&store).drive(|request| {
        if !is_photo(request) {
            return Ok(server.handle(request));
        }
        parts += 1;
        if parts == 1 {
            server.handle(request);
        }
        Err(Failure::Link)
    });
    assert_eq!((report.end, report.photos_waiting), (SyncEnd::NoSignal, 1));
    let came = server.blobs.parts[&photo].len() as u64;
    drop(store);
    server.blobs.asked.clear();

    let store = open(folder.path());
    assert_eq!(sync(&store, &mut server).photos_received, 1);
    assert_eq!(server.blobs.asked[0], ("HEAD", photo, 0, 0));
    assert_eq!(server.blobs.asked[1].2, came, "nothing goes twice");
    assert_eq!(server.blobs.whole[&photo], picture(1, 200_000));
}

#[test]
fn a_photo_that_the_server_has_from_somebody_else_is_not_sent_whole() {
    let (folder, mut server) = (folder(), Server::new());
    let store = enrolled(folder.path(), &server, &ids(1));
    let bytes = picture(1, 300_000);
    let photo = pictured(&store, id(1), &bytes);
    server.blobs.whole.insert(photo, bytes);
    let report = sync(&store, &mut server);
    assert_eq!((report.photos_received, server.blobs.asked.len()), (1, 1));
}

#[test]
fn a_photo_that_is_too_large_for_the_server_is_refused_and_shown_and_the_others_go() {
    let (folder, mut server) = (folder(), Server::new());
    let store = enrolled(folder.path(), &server, &ids(2));
    pictured(&store, id(1), &picture(1, 2_000));
    pictured(&store, id(2), &picture(2, 900));
    server.blobs.largest = 1_000;
    let report = sync(&store, &mut server);
    assert_eq!(report.end, SyncEnd::Done);
    assert_eq!((report.photos_received, report.photos_refused), (1, 1));
    let message = "Tidak bisa.".to_owned();
    assert_eq!(photo_state(&store, id(1)), PhotoState::Refused { message });

    server.blobs.asked.clear();
    sync(&store, &mut server);
    assert_eq!(server.blobs.asked, [], "once is enough");
    server.blobs.told = 3_000;
    server.blobs.largest = 3_000;
    assert_eq!(sync(&store, &mut server).photos_received, 1);
}

#[test]
fn a_photo_that_arrives_wrong_goes_once_more_and_is_then_refused() {
    let (folder, mut server) = (folder(), Server::new());
    let store = enrolled(folder.path(), &server, &ids(1));
    let photo = pictured(&store, id(1), &picture(1, 900));
    let mut spoil = |request: &crate::Request, times: &mut u32| {
        let mut request = request.clone();
        if is_photo(&request) && *times > 0 {
            *times -= 1;
            request.body[0] ^= 1;
        }
        Ok(server.handle(&request))
    };
    let mut once = 1;
    let report = Run::new(&store).drive(|request| spoil(request, &mut once));
    assert_eq!((report.photos_received, report.photos_refused), (1, 0));

    pictured(&store, id(1), &picture(2, 900));
    let mut twice = 2;
    let report = Run::new(&store).drive(|request| spoil(request, &mut twice));
    assert_eq!((report.photos_received, report.photos_refused), (0, 1));
    assert_eq!(server.blobs.whole[&photo], picture(1, 900));
}

#[test]
fn a_photo_that_no_entry_names_is_left_for_the_next_run() {
    let (folder, mut server) = (folder(), Server::new());
    let store = enrolled(folder.path(), &server, &ids(2));
    let photo = pictured(&store, id(1), &picture(1, 900));
    pictured(&store, id(2), &picture(2, 2_000));
    let report = Run::new(&store).drive(|request| {
        if request.path.ends_with(&photo.to_string()) {
            return Ok(refuse(404, RefusalCode::NotFound));
        }
        Ok(server.handle(request))
    });
    assert_eq!(report.end, SyncEnd::Done);
    assert_eq!((report.photos_received, report.photos_waiting), (1, 1));
    assert_eq!(sync(&store, &mut server).photos_received, 1);
}

#[test]
fn photos_that_fail_keep_no_entry_from_going() {
    let (folder, mut server) = (folder(), Server::new());
    let store = enrolled(folder.path(), &server, &ids(2));
    pictured(&store, id(1), &picture(1, 900));
    let mut tries = 0;
    let report = Run::new(&store).drive(|request| {
        if !is_photo(request) {
            return Ok(server.handle(request));
        }
        tries += 1;
        if tries == 3 {
            finish(&store, id(2), "finished meanwhile");
        }
        Ok(refuse(500, RefusalCode::Busy))
    });
    assert_eq!((report.end, tries), (SyncEnd::Busy, 3));
    assert_eq!((report.received, report.still_waiting), (2, 0));
    assert_eq!(report.photos_waiting, 1);
}

#[test]
fn a_server_that_was_restored_gets_its_photos_again() {
    let (folder, mut server) = (folder(), Server::new());
    let store = enrolled(folder.path(), &server, &ids(2));
    let photo = pictured(&store, id(1), &picture(1, 900));
    sync(&store, &mut server);
    server.blobs.whole.clear();
    finish(&store, id(2), "another");
    let report = sync(&store, &mut server);
    assert_eq!((report.received, report.photos_received), (1, 1));
    assert!(server.blobs.whole.contains_key(&photo));
}

#[test]
fn a_server_that_names_its_lost_photos_a_few_at_a_time_gets_them_all_in_one_run() {
    let (folder, mut server) = (folder(), Server::new());
    let store = enrolled(folder.path(), &server, &ids(8));
    for number in 1..=8 {
        pictured(&store, id(number), &picture(number as u8, 900));
    }
    assert_eq!(sync(&store, &mut server).photos_received, 8);
    server.blobs.whole.clear();
    server.blobs.most_wanted = 3;
    let report = sync(&store, &mut server);
    assert_eq!((report.end, report.photos_received), (SyncEnd::Done, 8));
    assert_eq!(server.blobs.whole.len(), 8);
}

#[test]
fn a_server_that_goes_on_to_ask_for_a_photo_that_it_has_does_not_keep_the_run() {
    let (folder, mut server) = (folder(), Server::new());
    let store = enrolled(folder.path(), &server, &ids(1));
    let photo = pictured(&store, id(1), &picture(1, 900));
    sync(&store, &mut server);
    let mut syncs = 0;
    let report = Run::new(&store).drive(|request| {
        let real = server.handle(request);
        if is_photo(request) {
            return Ok(real);
        }
        syncs += 1;
        let mut answer: serde_json::Value = ketuk_wire::decode(&real.body).unwrap();
        answer["wanted"] = serde_json::json!([photo]);
        Ok(Response {
            body: ketuk_wire::encode(&answer).unwrap(),
            ..real
        })
    });
    assert_eq!((report.end, report.photos_received), (SyncEnd::Done, 1));
    assert_eq!(syncs, 2, "asked once more, and no more");
}

#[test]
fn a_part_that_is_damaged_on_the_phone_costs_its_photo_alone() {
    let (folder, mut server) = (folder(), Server::new());
    let store = enrolled(folder.path(), &server, &ids(2));
    pictured(&store, id(1), &picture(1, 900));
    let photo = pictured(&store, id(2), &picture(2, 900));
    store
        .save(|tx| {
            tx.execute("UPDATE photo SET bytes = x'00' WHERE key = 1", [])?;
            Ok(())
        })
        .unwrap();
    let report = sync(&store, &mut server);
    assert_eq!((report.end, report.photos_refused), (SyncEnd::Done, 1));
    assert!(server.blobs.whole.contains_key(&photo));
}

#[test]
fn a_server_that_never_takes_a_photo_and_never_says_so_doesnt_keep_the_run() {
    let (folder, mut server) = (folder(), Server::new());
    let store = enrolled(folder.path(), &server, &ids(1));
    pictured(&store, id(1), &picture(1, 900));
    for status in [204, 409] {
        let report = Run::new(&store).drive(|request| {
            if !is_photo(request) {
                return Ok(server.handle(request));
            }
            let mut nowhere = refuse(status, RefusalCode::Offset);
            nowhere.headers.push((UPLOAD_OFFSET.to_owned(), "0".into()));
            Ok(nowhere)
        });
        assert_eq!((report.end, report.photos_waiting), (SyncEnd::Done, 1));
    }
}

/// What may become of a request for a photo.
#[derive(Debug, Clone, Copy)]
enum Fate {
    Arrives,
    LostGoing,
    LostComing,
    Answers(u16, Option<u64>),
}

fn fate() -> impl Strategy<Value = Fate> {
    let status = prop_oneof![
        Just(200u16),
        Just(204),
        Just(400),
        Just(404),
        Just(409),
        Just(413),
        Just(422),
        Just(426),
        Just(429),
        Just(500),
        Just(503),
    ];
    let offset = proptest::option::of(prop_oneof![0u64..60_000, Just(u64::MAX)]);
    prop_oneof![
        3 => Just(Fate::Arrives),
        1 => Just(Fate::LostGoing),
        2 => Just(Fate::LostComing),
        2 => (status, offset).prop_map(|(status, offset)| Fate::Answers(status, offset)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// What was once refused stays so; all else heals, lies too.
    #[test]
    fn whatever_becomes_of_the_requests_each_run_ends_and_the_entries_are_there(
        fates in proptest::collection::vec(fate(), 0..30),
    ) {
        let (folder, mut server) = (folder(), Server::new());
        let store = enrolled(folder.path(), &server, &ids(2));
        pictured(&store, id(1), &picture(1, 50_000));
        pictured(&store, id(2), &picture(2, 30_000));
        let mut fates = fates.into_iter();
        for _ in 0..3 {
            Run::new(&store).drive(|request| {
                if !is_photo(request) {
                    return Ok(server.handle(request));
                }
                match fates.next().unwrap_or(Fate::Arrives) {
                    Fate::Arrives => Ok(server.handle(request)),
                    Fate::LostGoing => Err(Failure::Link),
                    Fate::LostComing => {
                        server.handle(request);
                        Err(Failure::Link)
                    }
                    Fate::Answers(status, offset) => {
                        let mut lie = refuse(status, RefusalCode::Digest);
                        let offset = offset.map(|at| (UPLOAD_OFFSET.to_owned(), at.to_string()));
                        lie.headers.extend(offset);
                        Ok(lie)
                    }
                }
            });
        }
        prop_assert_eq!(server.kept.len(), 2);
        prop_assert_eq!(store.outgoing().unwrap().waiting, 0);
        sync(&store, &mut server);
        for household in ids(2) {
            let photo = store.photos(household).unwrap().remove(0);
            let there = server.blobs.whole.contains_key(&photo.sha256);
            match photo.state {
                PhotoState::Waiting => prop_assert!(false, "still waits"),
                PhotoState::Received => prop_assert!(there, "the phone believed a lie"),
                PhotoState::Refused { .. } => {}
            }
        }
    }
}

/// Over a network that is paid by the byte, if that is her wish.
#[test]
fn photos_that_are_held_back_wait_and_entries_go_all_the_same() {
    let (folder, mut server) = (folder(), Server::new());
    let store = enrolled(folder.path(), &server, &ids(2));
    pictured(&store, id(1), &picture(1, 200_000));
    pictured(&store, id(2), &picture(2, 900));
    let mut run = Run::new(&store);
    run.engine.hold_photos(true);
    let report = run.drive(|request| Ok(server.handle(request)));
    assert_eq!((report.end, report.received), (SyncEnd::Done, 2));
    assert_eq!((report.photos_waiting, report.photos_held), (2, true));
    assert_eq!(server.blobs.asked, []);

    // She comes into a Wi-Fi, and leaves it while a large one is on its way.
    let mut run = Run::new(&store);
    let report = loop {
        match run.engine.poll(run.now).unwrap() {
            crate::Step::Done(report) => break report,
            crate::Step::Wait(until) => run.now.steady = until,
            crate::Step::Send(request) => {
                run.engine
                    .hold_photos(is_photo(&request) && server.blobs.asked.len() == 1);
                let answer = server.handle(&request);
                run.engine.received(run.now, &answer).unwrap();
            }
        }
    };
    assert_eq!((report.photos_received, report.photos_waiting), (1, 1));
    assert!(report.photos_held);
    let report = sync(&store, &mut server);
    assert_eq!((report.photos_received, report.photos_held), (1, false));
}
