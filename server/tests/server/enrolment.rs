//! How phones get in, and how they are kept out.

use jiff::ToSpan as _;
use ketuk_wire::RefusalCode;
use reqwest::StatusCode;
use uuid::Uuid;

use super::world::{cadres, code, morning, on_each_database};

#[test]
fn a_code_enrols_one_phone_and_that_one_again_with_a_fresh_token() {
    on_each_database(|world| {
        let (cadre, village) = &cadres()[0];
        let code = world.code_for(cadre, village);
        let phone = Uuid::new_v4();
        let first = world.enrol(&code, phone).unwrap();
        assert_eq!(first.cadre, *cadre);
        assert_eq!(first.campaign, super::world::campaign());
        let again = world.enrol(&code, phone).unwrap();
        assert_eq!(again.cadre, first.cadre);
        assert_ne!(again.token, first.token);
        let sync = |token: &str| world.post_raw("/v1/sync", Some(token), vec![]).0;
        assert_eq!(sync(&first.token), StatusCode::UNAUTHORIZED, "replaced");
        assert_eq!(sync(&again.token), StatusCode::BAD_REQUEST, "known");
        let (status, refusal) = world.enrol(&code, Uuid::new_v4()).unwrap_err();
        assert_eq!(status, StatusCode::GONE);
        assert_eq!(refusal.code, RefusalCode::CodeSpent);
    });
}

#[test]
fn a_code_ends_by_itself_but_not_for_the_phone_that_used_it() {
    on_each_database(|world| {
        let (cadre, village) = &cadres()[0];
        let ended = morning() - 1.minutes();
        let invite = |at| {
            world
                .server()
                .setup(|s| s.invite(village, cadre.id, at))
                .unwrap()
        };
        let refused = world.enrol(&invite(ended), Uuid::new_v4()).unwrap_err();
        assert_eq!(refused.1.code, RefusalCode::CodeSpent);
    });
}

#[test]
fn guessing_codes_soon_means_waiting_and_who_types_right_does_not_wait() {
    on_each_database(|world| {
        let (cadre, village) = &cadres()[0];
        for _ in 0..62 {
            let right = world.code_for(cadre, village);
            world.enrol(&right, Uuid::new_v4()).unwrap();
        }
        let guesses: Vec<_> = (0..62u64)
            .map(|n| {
                let guess = ketuk_wire::EnrolCode::from_random(n);
                world.enrol(&guess, Uuid::new_v4()).unwrap_err()
            })
            .collect();
        assert_eq!(guesses[0].0, StatusCode::NOT_FOUND);
        assert_eq!(guesses[61].0, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(guesses[61].1.code, RefusalCode::TooMany);
    });
}

#[test]
fn a_revoked_phone_is_told_so_and_the_others_are_not() {
    on_each_database(|world| {
        let (ana, budi) = (world.phone(0), world.phone(1));
        world.server().setup(|s| s.revoke(ana.device)).unwrap();
        let (status, refusal) = ana.ask(&ana.request(&[], None)).unwrap_err();
        assert_eq!(
            (status, refusal.code),
            (StatusCode::FORBIDDEN, RefusalCode::Revoked)
        );
        assert!(budi.ask(&budi.request(&[], None)).is_ok());
    });
}

#[test]
fn what_waits_on_a_revoked_phone_is_no_longer_counted() {
    on_each_database(|world| {
        let ana = world.phone(0);
        let mut request = ana.request(&[], None);
        request.outgoing.waiting = 4;
        ana.ask(&request).unwrap();
        world.assert_figures_agree();
        world.server().setup(|s| s.revoke(ana.device)).unwrap();
        world.assert_figures_agree();
        let page = super::office::Browser::signed_in(world).page("/area/75.71");
        let text = super::office::text_of(&page);
        assert!(text.contains("0 masih di HP, belum"), "{text}");
    });
}

#[test]
fn a_revoked_phone_comes_back_by_a_new_code_and_not_by_its_old_one() {
    on_each_database(|world| {
        let (cadre, village) = &cadres()[0];
        let (old, device) = (world.code_for(cadre, village), Uuid::new_v4());
        world.enrol(&old, device).unwrap();
        world.server().setup(|s| s.revoke(device)).unwrap();
        let (status, _) = world.enrol(&old, device).unwrap_err();
        assert_eq!(status, StatusCode::NOT_FOUND);
        let new = world.enrol(&world.code_for(cadre, village), device);
        let (status, _) = world.post_raw("/v1/sync", Some(&new.unwrap().token), vec![]);
        assert_eq!(status, StatusCode::BAD_REQUEST, "known again");
    });
}

#[test]
fn a_phone_that_passes_to_a_cadre_elsewhere_takes_what_waits_on_it_along() {
    on_each_database(|world| {
        let ana = world.phone(0);
        let mut request = ana.request(&[], None);
        request.outgoing.waiting = 4;
        ana.ask(&request).unwrap();
        let (citra, village) = &cadres()[2];
        let welcome = world
            .enrol(&world.code_for(citra, village), ana.device)
            .unwrap();
        request.outgoing.waiting = 4;
        let body = ketuk_wire::encode(&request).unwrap();
        let _: ketuk_wire::SyncResponse =
            world.post("/v1/sync", Some(&welcome.token), body).unwrap();
        world.assert_figures_agree();
        let page = super::office::Browser::signed_in(world).page("/area/75.71");
        let text = super::office::text_of(&page);
        assert!(text.contains("4 masih di HP, belum"), "{text}");
    });
}

#[test]
fn another_cadres_code_is_refused_and_not_spent() {
    on_each_database(|world| {
        let ana = world.phone(0);
        let (budi, village) = &cadres()[1];
        let code = world.code_for(budi, village);
        let request = ketuk_wire::EnrolRequest {
            code: code.clone(),
            device: ana.device,
            cadre: Some(ana.welcome.cadre.id),
            model: "Uji".into(),
            app: "0.1.0".into(),
        };
        let body = ketuk_wire::encode(&request).unwrap();
        let refused = world.post::<ketuk_wire::EnrolResponse>("/v1/enrol", None, body);
        let (status, refusal) = refused.unwrap_err();
        assert_eq!(
            (status, refusal.code),
            (StatusCode::CONFLICT, RefusalCode::OtherCadre)
        );
        assert!(ana.ask(&ana.request(&[], None)).is_ok(), "she is still in");
        assert!(world.enrol(&code, Uuid::new_v4()).is_ok(), "not spent");
    });
}

#[test]
fn a_phone_that_passes_to_another_village_is_known_by_its_numbers_as_before() {
    on_each_database(|world| {
        let mut ana = world.phone(0);
        let ops = [ana.visit(1, 1), ana.visit(2, 1)];
        ana.send(&ops);
        let (citra, village) = &cadres()[2];
        let welcome = world.enrol(&world.code_for(citra, village), ana.device);
        ana.token = welcome.unwrap().token;
        let answer = ana.send(&[]);
        assert_eq!(answer.received, [1, 2].into_iter().collect());
        ana.seq = 1;
        assert_eq!(ana.send(&[]).high_seq, 2, "and if it is put back");
    });
}

#[test]
fn a_database_keeps_neither_codes_nor_tokens() {
    on_each_database(|world| {
        let (cadre, village) = &cadres()[0];
        let code = world.code_for(cadre, village);
        let token = world.enrol(&code, Uuid::new_v4()).unwrap().token;
        let Some(file) = world.database_file() else {
            return;
        };
        world.restart();
        let bytes = std::fs::read(file).unwrap();
        for secret in [code.as_str(), &token, super::world::PASSWORD] {
            let found = bytes
                .windows(secret.len())
                .any(|part| part == secret.as_bytes());
            assert!(!found, "a secret stands in the database");
        }
    });
}

#[test]
fn an_rt_can_be_allotted_to_another_cadre() {
    on_each_database(|world| {
        let rts = [super::world::ANAS, super::world::BUDIS].map(code);
        let cadre = ketuk_wire::Cadre {
            id: Uuid::from_u128(900),
            name: "Dewi".into(),
            areas: rts.to_vec(),
        };
        let village = code(super::world::VILLAGE);
        let targets = rts
            .clone()
            .map(|area| ketuk_wire::Target { area, families: 9 });
        world
            .server()
            .setup(|s| s.cadre(&village, &cadre, &targets))
            .unwrap();
        let welcome = world
            .enrol(&world.code_for(&cadre, &village), Uuid::new_v4())
            .unwrap();
        assert_eq!(welcome.cadre, cadre);
    });
}
