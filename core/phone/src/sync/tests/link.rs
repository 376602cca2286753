//! Links that fail, and servers that have no time.

use super::*;

#[test]
fn a_swallowed_answer_changes_nothing_but_the_time_it_takes() {
    let (folder, mut server) = (folder(), Server::new());
    let (store, households) = finished(&folder, &server, 12);
    let mut swallowed = 0;
    let report = Run::new(&store).drive(|request| {
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
    run.drive(|request| {
        whole.get_or_insert(server.handle(request));
        Err(Failure::Link)
    });
    let whole = whole.unwrap();
    for cut in 0..whole.body.len() {
        let short = Response {
            body: whole.body[..cut].to_vec(),
            ..whole.clone()
        };
        let report = Run::new(&store).drive(|_| Ok(short.clone()));
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
    let report = run.drive(|_| {
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
        let report = Run::new(&store).drive(|_| Ok(portal.clone()));
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
    let report = run.drive(|request| {
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
    let report = Run::new(&store).drive(|_| Ok(busy.clone()));
    assert_eq!(report.end, SyncEnd::Busy);
    assert!(report.again_in.unwrap() >= 590);

    let report = sync(&store, &mut server);
    assert_eq!((report.end, server.requests.len()), (SyncEnd::Busy, 0));

    let mut later = Run::new(&store);
    later.now.wall = later
        .now
        .wall
        .checked_add(Duration::from_secs(730))
        .unwrap();
    let report = later.drive(|request| Ok(server.handle(request)));
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
fn a_certificate_that_is_not_trusted_stops_the_run_and_the_date_is_doubted_when_it_is_wrong() {
    let (folder, server) = (folder(), Server::new());
    let (store, _) = finished(&folder, &server, 2);
    let report = Run::new(&store).drive(|_| Err(Failure::Trust));
    assert_eq!((report.end, report.clock_doubtful), (SyncEnd::Trust, false));

    let mut run = Run::new(&store);
    run.now.wall = "2015-01-01T00:00:00Z".parse().unwrap();
    let report = run.drive(|_| Err(Failure::Trust));
    assert_eq!((report.end, report.clock_doubtful), (SyncEnd::Trust, true));
}

#[test]
fn requests_grow_on_a_good_link_and_stay_within_what_it_bears() {
    let (folder, mut server) = (folder(), Server::new());
    let (store, _) = finished(&folder, &server, 400);
    let mut sizes = Vec::new();
    let mut run = Run::new(&store);
    run.drive(|request| {
        sizes.push(request.body.len());
        Ok(server.handle(request))
    });
    assert!(
        sizes[0] <= 20 << 10,
        "the first request has {} bytes",
        sizes[0]
    );
    assert!(
        sizes.len() <= 5,
        "400 entries took {} requests",
        sizes.len()
    );
}

/// What the README promises, with a link that is simulated: 60 kbit/s and 0.8 s a round trip.
#[test]
fn a_hundred_families_go_in_fifteen_seconds_over_a_poor_link() {
    let (folder, mut server) = (folder(), Server::new());
    let families: Vec<_> = ketuk_sample::households(100, 1).collect();
    let store = enrolled(folder.path(), &server, &[]);
    let day = "2023-07-20".parse().unwrap();
    for family in &families {
        let document = family.document(ketuk_wire::Outcome::Met, day).to_string();
        finish_document(&store, family.id, &document).unwrap();
    }
    let mut run = Run::new(&store);
    run.rate = 60_000.0 / 8.0;
    let report = run.drive(|request| Ok(server.handle(request)));
    assert_eq!((report.end, report.received), (SyncEnd::Done, 100));
    let took = run.now.steady.as_secs_f64();
    assert!(
        took < 15.0,
        "{took:.1} s, in {} requests",
        server.requests.len()
    );
}
