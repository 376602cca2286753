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

/// The edge of a blank spot: 60 kbit/s and 0.8 s a round trip.
const EDGE: f64 = 60_000.0 / 8.0;

/// A phone with a hundred finished families of the sample that wait.
fn hundred_families(folder: &tempfile::TempDir, server: &Server) -> Arc<Store> {
    let families: Vec<_> = ketuk_sample::households(100, 1).collect();
    let store = enrolled(folder.path(), server, &[]);
    let day = "2023-07-20".parse().unwrap();
    for family in &families {
        let document = family.document(ketuk_wire::Outcome::Met, day).to_string();
        finish_document(&store, family.id, &document).unwrap();
    }
    store
}

#[test]
fn a_hundred_families_take_at_most_half_longer_than_their_bytes_in_one_stream() {
    let (folder, mut server) = (folder(), Server::new());
    let store = hundred_families(&folder, &server);
    let mut run = Run::new(&store);
    run.rate = EDGE;
    let mut up = 0;
    let report = run.drive(|request| {
        up += request.body.len();
        Ok(server.handle(request))
    });
    assert_eq!((report.end, report.received), (SyncEnd::Done, 100));
    let took = run.now.steady.as_secs_f64();
    let stream = up as f64 / EDGE + 0.8;
    assert_eq!(server.requests.len(), 2);
    assert!(took <= 1.5 * stream, "{took:.1} s for {stream:.1} s");
    assert!(up <= 350 * 100, "{up} bytes for 100 families");
}

#[test]
fn over_a_link_cut_every_twenty_seconds_nothing_goes_more_than_twice() {
    let over = |cut_every: Option<Duration>| {
        let (folder, mut server) = (folder(), Server::new());
        let store = large(&folder, &server, 120);
        let mut run = Run::new(&store);
        run.rate = EDGE / 2.0;
        run.cut_every = cut_every;
        let report = run.drive(|request| Ok(server.handle(request)));
        assert_eq!((report.end, report.received), (SyncEnd::Done, 120));
        run
    };
    let uncut = over(None).now.steady.as_secs_f64();
    let run = over(Some(Duration::from_secs(20)));
    let took = run.now.steady.as_secs_f64();
    assert!(took <= 2.0 * uncut, "{took:.0} s, uncut {uncut:.0} s");
    let mut times = std::collections::HashMap::new();
    for event in &run.events {
        if let SyncEvent::Sent { households } = event {
            for household in households {
                *times.entry(*household).or_insert(0) += 1;
            }
        }
    }
    assert!(times.values().any(|times| *times == 2), "nothing was cut");
    assert!(times.values().all(|times| *times <= 2), "{times:?}");
}

/// The list's size counts in nothing but what is read of it.
#[test]
fn a_batch_out_of_ten_thousand_is_built_from_no_more_than_it_holds() {
    let folder = folder();
    let store = enrolled(folder.path(), &Server::new(), &[]);
    store
        .commit(|tx| {
            tx.execute(
                "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 10000)
                 INSERT INTO household (id, area, number, place, head, address, listed, revision,
                                        generation, state)
                 SELECT randomblob(16), ?1, n, printf('%08d', n), 'Kepala', '', 1, 0, 1, 2 FROM n",
                [area().as_str()],
            )?;
            tx.execute(
                "INSERT INTO outbox (seq, op, household, area, base, form, started_at, finished_at,
                                     sha256, document, draft, outcome)
                 SELECT key, randomblob(16), key, ?1, 0, ?2, 0, 0, zeroblob(32),
                        json_object('catatan', hex(randomblob(1000))), pack('{}'), 1 FROM household",
                rusqlite::params![area().as_str(), Sha256::of(FORM).as_bytes()],
            )?;
            Ok(())
        })
        .unwrap();
    // The fastest says what it costs; the others also what the machine does beside it.
    let mut fastest = Duration::MAX;
    for _ in 0..20 {
        let begun = std::time::Instant::now();
        let lot = store.lot(500, 256 << 10, true).unwrap();
        fastest = fastest.min(begun.elapsed());
        assert_eq!(lot.outgoing.waiting, 10_000);
        assert!((120..=140).contains(&lot.ops.len()), "{}", lot.ops.len());
    }
    assert!(fastest < Duration::from_millis(20), "{fastest:?}");
}
