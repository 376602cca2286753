//! When the ground moves under a cadre's feet.

use ketuk_wire::{Area, AreaCode, Change, Pull, TroubleCode};
use uuid::Uuid;

use super::office::Browser;
use super::world::{
    ANAS, BUDIS, CITRAS, LISTED, NEXT_VILLAGE, Phone, VILLAGE, World, cadres, code, families,
    listed, on_each_database,
};

const NEW_VILLAGE: &str = "75.71.01.1009";
const NEW_RT: &str = "75.71.01.1009.001.001";

fn gone(changes: &[Change]) -> Vec<(Uuid, &str)> {
    let gone = changes.iter().filter_map(|change| match change {
        Change::Gone { household, reason } => Some((*household, reason.as_str())),
        _ => None,
    });
    gone.collect()
}

fn allotted(changes: &[Change]) -> Option<Vec<&str>> {
    changes.iter().rev().find_map(|change| match change {
        Change::Allotment { areas } => Some(areas.iter().map(AreaCode::as_str).collect()),
        _ => None,
    })
}

fn everything(phone: &Phone<'_>, cursor: &mut Option<String>) -> Vec<Change> {
    let (changes, end) = phone.pull_all(cursor.take(), 4000);
    *cursor = Some(end);
    changes
}

fn allot(world: &World, rt: &str, cadre: Option<usize>) {
    let cadre = cadre.map(|who| cadres()[who].0.id);
    world.server().setup(|s| s.allot(&code(rt), cadre)).unwrap();
}

fn page(world: &World, village: &str) -> String {
    Browser::signed_in(world).page(&format!("/area/{village}"))
}

#[test]
fn an_rt_that_goes_to_another_cadre_goes_from_the_one_phone_to_the_other_and_each_is_told() {
    on_each_database(|world| {
        let (mut ana, budi) = (world.phone(0), world.phone(1));
        let (mut anas, mut budis) = (None, None);
        let changes = everything(&ana, &mut anas);
        assert_eq!(allotted(&changes), Some(vec![ANAS]));
        everything(&budi, &mut budis);
        let visit = ana.visit(1, 1);
        ana.send(std::slice::from_ref(&visit));
        let late = ana.visit(2, 1);
        allot(world, ANAS, Some(1));
        allot(world, ANAS, Some(1));
        let changes = everything(&ana, &mut anas);
        assert_eq!(gone(&changes).len() as u64, LISTED);
        assert!(gone(&changes)[0].1.contains("didata kader lain"));
        assert_eq!(allotted(&changes), Some(vec![]));
        let changes = everything(&budi, &mut budis);
        assert_eq!(families(&changes).len() as u64, LISTED);
        assert_eq!(families(&changes)[&visit.household].revision, 1);
        assert_eq!(allotted(&changes), Some(vec![ANAS, BUDIS]));
        // What was still on her phone is taken, also a family that nobody knew, and shown.
        let found = ana.visit_of(Uuid::new_v4(), 0, 9);
        let answer = ana.send(&[late, found]);
        assert!(answer.acks.iter().all(|ack| ack.revision == 1));
        assert!(answer.troubles.is_empty());
        let page = page(world, VILLAGE);
        assert!(page.contains("sudah dipindahkan ke kader lain"), "{page}");
        assert!(!page.contains("Di luar RT kader"), "{page}");
        // Back to her: all of it, her own visits too, and nothing of before.
        allot(world, ANAS, Some(0));
        let changes = everything(&ana, &mut anas);
        assert_eq!(families(&changes).len() as u64, LISTED + 1);
        assert!(gone(&changes).is_empty());
        assert_eq!(
            gone(&everything(&budi, &mut budis)).len() as u64,
            LISTED + 1
        );
        world.assert_figures_agree();
    });
}

#[test]
fn what_a_cadre_finds_where_she_has_no_rt_never_was_hers_however_often_she_sends_it() {
    on_each_database(|world| {
        let mut ana = world.phone(0);
        ana.rt = code(BUDIS);
        let found = Uuid::new_v4();
        for base in 0..2 {
            let visit = ana.visit_of(found, base, 9);
            assert_eq!(ana.send(&[visit]).acks[0].revision, base + 1);
        }
        let next = ana.visit_of(Uuid::new_v4(), 0, 9);
        ana.send(&[next]);
        let page = page(world, VILLAGE);
        assert!(page.contains("Di luar RT kader"), "{page}");
        assert!(!page.contains("sudah dipindahkan ke kader lain"), "{page}");
        world.assert_figures_agree();
    });
}

#[test]
fn an_rt_may_be_nobodys_for_a_while() {
    on_each_database(|world| {
        let ana = world.phone(0);
        let mut anas = None;
        everything(&ana, &mut anas);
        allot(world, ANAS, None);
        assert_eq!(gone(&everything(&ana, &mut anas)).len() as u64, LISTED);
        let nowhere = world
            .server()
            .setup(|s| s.allot(&code("75.71.01.1001.009.009"), None));
        assert!(nowhere.is_err());
        let nobody = |s: ketuk_server::Setup<'_>| s.allot(&code(ANAS), Some(Uuid::nil()));
        assert!(world.server().setup(nobody).is_err());
        world.assert_figures_agree();
    });
}

#[test]
fn a_family_that_moves_to_another_village_takes_all_that_is_kept_of_it_along() {
    on_each_database(|world| {
        let (mut ana, citra) = (world.phone(0), world.phone(2));
        let (mut anas, mut citras) = (None, None);
        everything(&ana, &mut anas);
        everything(&citra, &mut citras);
        let visit = ana.visit(1, 1);
        let bad = ana.op(visit.household, 1, r#"{"outcome":"77"}"#);
        let sent = [visit.clone(), bad];
        let before = ana.send(&sent);
        let family = visit.household;
        let moved = |to: &str| {
            let to = code(to);
            let reason = "Keluarga pindah ke Lekobalo.";
            world
                .server()
                .setup(|s| s.move_household(family, &to, reason))
        };
        moved(CITRAS).unwrap();
        moved(CITRAS).unwrap();
        assert!(moved("75.71.01.1002.009.009").is_err(), "not in the plan");
        world.assert_figures_agree();
        let changes = everything(&ana, &mut anas);
        assert_eq!(gone(&changes), [(family, "Keluarga pindah ke Lekobalo.")]);
        let changes = everything(&citra, &mut citras);
        let got = families(&changes)[&family];
        assert_eq!((got.revision, got.area.as_str()), (1, CITRAS));
        assert_eq!(got.document.as_ref().unwrap().get(), visit.document.get());
        // The same again is the same, though it is sent for where the family was.
        let again = ana.send(&sent);
        assert_eq!(
            (&again.acks, &again.troubles),
            (&before.acks, &before.troubles)
        );
        // And what comes late finds it.
        let late = ana.visit_of(family, 1, 5);
        assert_eq!(ana.send(&[late]).acks[0].revision, 2);
        assert_eq!(
            families(&everything(&citra, &mut citras))[&family].revision,
            2
        );
        assert!(page(world, NEXT_VILLAGE).contains("sudah dipindahkan ke kader lain"));
        // There and back again.
        moved(ANAS).unwrap();
        assert_eq!(families(&everything(&ana, &mut anas))[&family].revision, 2);
        assert_eq!(gone(&everything(&citra, &mut citras)).len(), 1);
        assert_eq!(ana.send(&sent).acks, before.acks);
        assert_eq!(world.server().verify().unwrap().entries, 2);
        world.assert_figures_agree();
    });
}

#[test]
fn a_family_that_moves_within_a_village_stays_with_a_cadre_who_has_both_rts() {
    on_each_database(|world| {
        allot(world, BUDIS, Some(0));
        let ana = world.phone(0);
        let mut anas = None;
        everything(&ana, &mut anas);
        let family = listed(ANAS, 3).id;
        let to = code(BUDIS);
        let setup = |s: ketuk_server::Setup<'_>| s.move_household(family, &to, "Pindah RT.");
        world.server().setup(setup).unwrap();
        let changes = everything(&ana, &mut anas);
        assert!(gone(&changes).is_empty());
        assert_eq!(families(&changes)[&family].area.as_str(), BUDIS);
        world.assert_figures_agree();
    });
}

/// What waits on her phone makes her the author before she has heard that the family came.
#[test]
fn a_family_that_came_while_a_visit_of_it_waited_is_sent_with_the_visits_own_answer() {
    on_each_database(|world| {
        allot(world, BUDIS, Some(0));
        let mut ana = world.phone(0);
        let mut anas = None;
        everything(&ana, &mut anas);
        let late = |ana: &mut Phone<'_>, n: u64, anas: &mut Option<String>| {
            let visit = ana.visit(n, 1);
            let pull = Pull {
                cursor: anas.take(),
                max_bytes: 1 << 20,
            };
            let answer = ana.ask(&ana.request(&[visit], Some(pull))).unwrap();
            let page = answer.pull.unwrap();
            *anas = Some(page.cursor);
            page.changes
        };
        let family = listed(ANAS, 3).id;
        let to = code(BUDIS);
        let setup = |s: ketuk_server::Setup<'_>| s.move_household(family, &to, "Pindah RT.");
        world.server().setup(setup).unwrap();
        let changes = late(&mut ana, 3, &mut anas);
        assert_eq!(families(&changes)[&family].area.as_str(), BUDIS);
        assert_eq!(families(&changes)[&family].revision, 1);
        assert!(!families(&late(&mut ana, 3, &mut anas)).contains_key(&family));
        // To Budi and back: she must not take it for gone, nor miss what is hers.
        allot(world, ANAS, Some(1));
        allot(world, ANAS, Some(0));
        let changes = late(&mut ana, 4, &mut anas);
        assert!(gone(&changes).is_empty());
        assert!(families(&changes).contains_key(&listed(ANAS, 4).id));
        assert!(everything(&ana, &mut anas).is_empty());
        world.assert_figures_agree();
    });
}

/// Kept with its phone, as no village is its own.
#[test]
fn an_entry_of_no_area_goes_along_with_its_phone_and_again_is_the_same() {
    on_each_database(|world| {
        let mut ana = world.phone(0);
        let mut op = ana.visit(1, 1);
        op.area = code("11.01.01.2001.001.001");
        let before = ana.send(std::slice::from_ref(&op));
        let (cadre, village) = &cadres()[2];
        let to_citra = world.code_for(cadre, village);
        ana.token = world.enrol(&to_citra, ana.device).unwrap().token;
        assert_eq!(ana.send(&[op]).acks, before.acks);
        let office = Browser::signed_in(world);
        let page = |area: &str| super::office::text_of(&office.page(&format!("/area/{area}")));
        assert!(page(NEXT_VILLAGE).contains("1 isian"));
        world.assert_figures_agree();
    });
}

#[test]
fn an_entry_of_no_area_stays_with_its_phone_though_its_family_moves() {
    on_each_database(|world| {
        let mut ana = world.phone(0);
        let mut op = ana.visit(1, 1);
        op.area = code("11.01.01.2001.001.001");
        let before = ana.send(std::slice::from_ref(&op));
        let (family, to) = (op.household, code(CITRAS));
        let setup = |s: ketuk_server::Setup<'_>| s.move_household(family, &to, "Pindah.");
        world.server().setup(setup).unwrap();
        assert_eq!(ana.send(&[op]).acks, before.acks);
        assert!(
            !super::office::text_of(&page(world, NEXT_VILLAGE))
                .contains("tidak ada dalam pendataan")
        );
        world.assert_figures_agree();
    });
}

fn the_area_comes(world: &World) {
    let new = Area {
        code: code(NEW_VILLAGE),
        name: "Dembe Baru".into(),
    };
    world.server().setup(|s| s.areas(&[new])).unwrap();
}

/// A server that was put back from before the split knows nothing of its codes.
#[test]
fn what_came_with_the_codes_of_a_lost_split_is_judged_when_the_village_is_split_again() {
    on_each_database(|world| {
        let mut ana = world.phone(0);
        ana.rt = code(NEW_RT);
        let sent = [
            ana.visit_of(listed(ANAS, 1).id, 0, 1),
            ana.visit_of(Uuid::new_v4(), 0, 9),
            ana.op(listed(ANAS, 2).id, 0, r#"{"outcome":"77"}"#),
        ];
        let before = ana.send(&sent);
        assert!(
            before
                .troubles
                .iter()
                .all(|t| t.code == TroubleCode::UnknownArea)
        );
        assert_eq!(before.troubles.len(), 3);
        split(world);
        assert!(ana.send(&[]).received.is_empty(), "asked for again");
        let after = ana.send(&sent);
        let revisions: Vec<u64> = after.acks.iter().map(|ack| ack.revision).collect();
        assert_eq!(revisions, [1, 1, 0]);
        assert_eq!(after.acks[0].received_at, before.acks[0].received_at);
        assert_eq!(after.troubles.len(), 1);
        assert_eq!(after.troubles[0].code, TroubleCode::InvalidDocument);
        assert_eq!(after.received, before.received);
        assert_eq!(world.server().verify().unwrap().entries, 2);
        let text = super::office::text_of(&page(world, NEW_VILLAGE));
        assert!(text.contains("12 terdaftar = 1 ditemui"), "{text}");
        assert!(text.contains("1 keluarga baru"), "{text}");
        assert!(!text.contains("sudah dipindahkan"), "{text}");
        world.assert_figures_agree();
    });
}

#[test]
fn what_came_before_its_area_goes_there_from_its_phones_village() {
    on_each_database(|world| {
        let mut citra = world.phone(2);
        citra.rt = code(NEW_RT);
        let sent = [
            citra.visit_of(Uuid::new_v4(), 0, 9),
            citra.visit_of(listed(ANAS, 1).id, 0, 1),
        ];
        let before = citra.send(&sent);
        assert_eq!(before.troubles.len(), 2);
        the_area_comes(world);
        assert!(citra.send(&[]).received.is_empty());
        let after = citra.send(&sent);
        assert!(after.acks.iter().all(|ack| ack.revision == 1));
        assert_eq!(after.troubles, []);
        let text = |area| super::office::text_of(&page(world, area));
        assert!(text(NEW_VILLAGE).contains("1 keluarga baru"));
        assert!(text(VILLAGE).contains("24 terdaftar = 1 ditemui"));
        assert!(!text(NEXT_VILLAGE).contains("tidak ada dalam pendataan"));
        assert_eq!(world.server().verify().unwrap().entries, 2);
        world.assert_figures_agree();
    });
}

#[test]
fn an_entry_that_came_again_while_it_stood_aside_elsewhere_is_there_once() {
    on_each_database(|world| {
        let mut ana = world.phone(0);
        ana.rt = code(NEW_RT);
        the_area_comes(world);
        let op = ana.visit_of(Uuid::new_v4(), 0, 9);
        let before = ana.send(std::slice::from_ref(&op));
        assert_eq!(before.acks[0].revision, 1);
        let aside = format!(
            "CREATE TABLE twin AS SELECT * FROM entry;
             UPDATE twin SET village = '{VILLAGE}', verdict = 2, trouble = 'unknown_area',
                 revision = NULL, outcome = NULL;
             INSERT INTO entry SELECT * FROM twin; DROP TABLE twin"
        );
        world.sql(&aside, &aside);
        split(world);
        assert_eq!(ana.send(&[op]).acks, before.acks);
        assert_eq!(world.server().verify().unwrap().entries, 1);
        let text = super::office::text_of(&page(world, VILLAGE));
        assert!(!text.contains("tidak ada dalam pendataan"), "{text}");
        world.assert_figures_agree();
    });
}

fn split(world: &World) {
    let new = Area {
        code: code(NEW_VILLAGE),
        name: "Dembe Baru".into(),
    };
    let rts = [(code(ANAS), code(NEW_RT))];
    let setup = |s: ketuk_server::Setup<'_>| s.split_village(&code(VILLAGE), &new, &rts);
    world.server().setup(setup).unwrap();
}

#[test]
fn after_a_village_was_split_cadres_work_on_and_old_codes_find_their_place() {
    on_each_database(|world| {
        let mut ana = world.phone(0);
        let mut anas = None;
        everything(&ana, &mut anas);
        let unlisted = Uuid::new_v4();
        let sent = [
            ana.visit(1, 1),
            ana.op(unlisted, 0, r#"{"outcome":"77"}"#),
            ana.visit_of(Uuid::new_v4(), 0, 9),
        ];
        let before = ana.send(&sent);
        let unused = world.code_for(&cadres()[0].0, &code(VILLAGE));
        split(world);
        split(world);
        world.assert_figures_agree();
        let changes = everything(&ana, &mut anas);
        assert_eq!(allotted(&changes), Some(vec![NEW_RT]));
        assert!(gone(&changes).is_empty());
        let got = families(&changes);
        assert_eq!(got.len() as u64, LISTED + 1);
        assert!(got.values().all(|family| family.area.as_str() == NEW_RT));
        // The same again is the same; what is new finds its place, and nobody needs to look at it.
        let again = ana.send(&sent);
        assert_eq!(
            (&again.acks, &again.troubles),
            (&before.acks, &before.troubles)
        );
        assert_eq!(again.received, (1..=3).collect());
        let late = [ana.visit(2, 1), ana.visit_of(Uuid::new_v4(), 0, 9)];
        assert!(ana.send(&late).acks.iter().all(|ack| ack.revision == 1));
        ana.rt = code(NEW_RT);
        let next = ana.visit_of(listed(ANAS, 3).id, 0, 1);
        assert_eq!(ana.send(&[next]).acks[0].revision, 1);
        world.assert_figures_agree();
        assert_eq!(world.server().verify().unwrap().entries, 5);
        let page = page(world, NEW_VILLAGE);
        let text = super::office::text_of(&page);
        assert!(
            text.contains("Dembe Baru") && text.contains("Ana"),
            "{text}"
        );
        assert!(text.contains("12 terdaftar = 3 ditemui"), "{text}");
        assert!(text.contains("2 keluarga baru"), "{text}");
        assert!(!text.contains("sudah dipindahkan"), "{text}");
        assert!(!text.contains("Di luar RT kader"), "{text}");
        // A code on paper still enrols, and what was set up stays as it is when it is done again.
        let welcome = world.enrol(&unused, Uuid::new_v4()).unwrap();
        assert_eq!(welcome.cadre.areas, [code(NEW_RT)]);
        let families = (1..=LISTED).map(|n| listed(ANAS, n));
        let again = |s: ketuk_server::Setup<'_>| s.households(&code(VILLAGE), families);
        world.server().setup(again).unwrap();
        world.assert_figures_agree();
    });
}

#[test]
fn a_village_is_only_split_into_rts_of_its_own() {
    on_each_database(|world| {
        let new = Area {
            code: code(NEW_VILLAGE),
            name: "Dembe Baru".into(),
        };
        let refused = |old: &str, rts: &[(&str, &str)]| {
            let rts: Vec<_> = rts.iter().map(|(a, b)| (code(a), code(b))).collect();
            let split = |s: ketuk_server::Setup<'_>| s.split_village(&code(old), &new, &rts);
            world.server().setup(split).is_err()
        };
        assert!(refused(VILLAGE, &[(CITRAS, NEW_RT)]));
        assert!(refused(VILLAGE, &[(ANAS, BUDIS)]));
        assert!(refused(VILLAGE, &[(ANAS, NEW_RT), (BUDIS, NEW_RT)]));
        assert!(refused(VILLAGE, &[("75.71.01.1001.009.009", NEW_RT)]));
        assert!(refused(
            "75.71.01.1008",
            &[("75.71.01.1008.001.001", NEW_RT)]
        ));
        world.assert_figures_agree();
    });
}

/// Each takes locks on several rows; PostgreSQL ends one of two that wait for each other.
#[test]
fn sending_enrolling_revoking_and_moving_at_once_never_wait_for_each_other_in_a_circle() {
    on_each_database(|world| {
        let world: &World = world;
        let mut phones: Vec<_> = (0..3).map(|who| world.phone(who)).collect();
        let extra: Vec<_> = (0..3).map(|_| world.phone(0).device).collect();
        let foreign = [CITRAS, ANAS, BUDIS];
        std::thread::scope(|scope| {
            for (phone, foreign) in phones.iter_mut().zip(foreign) {
                scope.spawn(move || {
                    for _ in 0..10 {
                        let mut ops = [(); 2].map(|()| phone.visit_of(Uuid::new_v4(), 0, 9));
                        ops[1].area = code(foreign);
                        assert_eq!(phone.send(&ops).acks.len(), 2);
                    }
                });
            }
            scope.spawn(|| {
                for device in extra {
                    for who in [2, 0] {
                        let (cadre, village) = &cadres()[who];
                        let code = world.code_for(cadre, village);
                        world.enrol(&code, device).unwrap();
                        world.server().setup(|s| s.revoke(device)).unwrap();
                    }
                }
            });
            for (from, to) in [(ANAS, CITRAS), (CITRAS, ANAS)] {
                scope.spawn(move || {
                    for n in 1..=6 {
                        let family = listed(from, n).id;
                        for rt in [to, from] {
                            let setup = |s: ketuk_server::Setup<'_>| {
                                s.move_household(family, &code(rt), "Pindah.")
                            };
                            world.server().setup(setup).unwrap();
                        }
                    }
                });
            }
            scope.spawn(|| {
                for who in [1, 0, 1, 0] {
                    allot(world, ANAS, Some(who));
                }
            });
        });
        world.assert_figures_agree();
        assert_eq!(world.server().verify().unwrap().entries, 60);
    });
}
