//! What comes down: lists, cursors, questionnaires.

use super::*;

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
fn no_news_costs_one_round_trip() {
    let (folder, mut server) = (folder(), Server::new());
    let store = enrolled(folder.path(), &server, &[]);
    assert_eq!(sync(&store, &mut server).end, SyncEnd::Done);
    assert_eq!(server.requests.len(), 1);
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
fn a_broken_change_is_skipped_and_the_others_taken() {
    let (folder, mut server) = (folder(), Server::new());
    server.changes = vec![listed(id(1)), Change::Unknown, listed(id(2))];
    let store = enrolled(folder.path(), &server, &[]);
    let report = sync(&store, &mut server);
    assert_eq!((report.end, report.pulled), (SyncEnd::Done, 2));
    assert!(store.household(id(2)).unwrap().is_some());
}

#[test]
fn what_an_older_app_could_not_read_comes_again_to_a_newer_one() {
    let (folder, mut server) = (folder(), Server::new());
    let too_new = b"of a later kind";
    server.changes = vec![
        listed(id(1)),
        Change::Unknown,
        Change::Form {
            form: form_ref(),
            sha256: Sha256::of(too_new),
        },
    ];
    let store = enrolled(folder.path(), &server, &[]);
    store.used_by("1").unwrap();
    let in_use = store.current_form().unwrap();
    let run = |server: &mut Server, usable: fn(&[u8]) -> bool| {
        let mut run = Run::new(&store);
        run.engine = crate::sync::Engine::new(Arc::clone(&store), "test", usable, 1);
        run.drive(|request| match request.method {
            "GET" => Ok(answer(200, too_new.to_vec())),
            _ => Ok(server.handle(request)),
        })
    };
    run(&mut server, |_| false);
    assert_eq!(store.current_form().unwrap(), in_use);

    // What the newer app makes of it.
    server.changes[1] = listed(id(2));
    store.used_by("1").unwrap();
    assert_eq!(run(&mut server, |_| true).pulled, 0, "it is the same app");
    store.used_by("2").unwrap();
    run(&mut server, |_| true);
    assert!(store.household(id(2)).unwrap().is_some());
    assert_eq!(store.current_form().unwrap(), Some(Sha256::of(too_new)));
    store.used_by("3").unwrap();
    assert_eq!(run(&mut server, |_| true).pulled, 0, "nothing was skipped");
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
    let mut part = |request: &crate::Request, server: &mut Server, cut: bool| {
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
    let report = Run::new(&store).drive(|request| part(request, &mut server, true));
    assert_eq!(
        (report.end, store.current_form().unwrap()),
        (SyncEnd::NoSignal, None)
    );
    let report = Run::new(&store).drive(|request| part(request, &mut server, false));
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
        let report = Run::new(&store).drive(|request| match request.method {
            "GET" => Ok(answer(200, sent.to_vec())),
            _ => Ok(server.handle(request)),
        });
        assert_eq!(report.end, SyncEnd::Done);
        assert_eq!(store.current_form().unwrap(), in_use);
        store.reset_pull().unwrap();
    }
}
