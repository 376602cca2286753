//! What comes down to a phone.

use std::collections::BTreeSet;

use ketuk_wire::{Change, Comment, Correction, RefusalCode, Target};
use reqwest::StatusCode;

use super::world::{ANAS, LISTED, VILLAGE, code, families, listed, on_each_database, sheets};

#[test]
fn a_new_phone_gets_its_rts_families_with_last_years_answers_and_nothing_of_others() {
    on_each_database(|world| {
        let ana = world.phone(0);
        let (changes, _) = ana.pull_all(None, 1 << 20);
        let got = families(&changes);
        assert_eq!(got.len() as u64, LISTED);
        for n in 1..=LISTED {
            let (want, got) = (listed(ANAS, n), got[&listed(ANAS, n).id]);
            assert_eq!(
                serde_json::to_value(got).unwrap(),
                serde_json::to_value(&want).unwrap()
            );
        }
        let names: Vec<String> = changes
            .iter()
            .filter_map(|change| match change {
                Change::Area(area) => Some(format!("{} {}", area.code, area.name)),
                Change::Target(Target { area, families }) => Some(format!("{area} = {families}")),
                Change::Form { form, .. } => Some(format!("{} {}", form.id, form.version)),
                _ => None,
            })
            .collect();
        insta::allow_duplicates! {
            insta::assert_snapshot!(names.join("\n"), @r"
            uji 1
            00 Indonesia
            75 Gorontalo
            75.71 Kota Gorontalo
            75.71.01 Kota Barat
            75.71.01.1001 Dembe I
            75.71.01.1001.001 RW 001
            75.71.01.1001.001.001 RT 001
            75.71.01.1001.001.001 = 10
            ");
        }
    });
}

#[test]
fn pages_of_any_size_bring_the_same_each_once() {
    on_each_database(|world| {
        let ana = world.phone(0);
        let ids = |max_bytes| -> Vec<_> {
            let (changes, _) = ana.pull_all(None, max_bytes);
            let ids = changes.iter().filter_map(|change| match change {
                Change::Household(household) => Some(household.id),
                _ => None,
            });
            ids.collect()
        };
        let whole = ids(1 << 20);
        for max_bytes in [0, 1, 700, 2000] {
            assert_eq!(ids(max_bytes), whole, "pages of {max_bytes} bytes");
        }
        let distinct: BTreeSet<_> = whole.iter().collect();
        assert_eq!(distinct.len(), whole.len());
    });
}

#[test]
fn when_nothing_is_new_nothing_comes() {
    on_each_database(|world| {
        let ana = world.phone(0);
        let (_, cursor) = ana.pull_all(None, 1 << 20);
        let page = ana
            .pull(Some(cursor.clone()), 1 << 20)
            .unwrap()
            .pull
            .unwrap();
        assert!(page.changes.is_empty() && !page.more);
        assert_eq!(page.cursor, cursor);
    });
}

#[test]
fn what_another_phone_sent_comes_and_ones_own_does_not_come_back() {
    on_each_database(|world| {
        let (mut ana, second) = (world.phone(0), world.phone(0));
        let (_, anas) = ana.pull_all(None, 1 << 20);
        let (_, seconds) = second.pull_all(None, 1 << 20);
        let ops = [ana.visit(3, 1), ana.visit_of(uuid::Uuid::new_v4(), 0, 9)];
        ana.send(&ops);
        assert!(families(&ana.pull_all(Some(anas), 1 << 20).0).is_empty());
        let (changes, _) = second.pull_all(Some(seconds), 1 << 20);
        let got = families(&changes);
        assert_eq!(got.len(), 2, "the visited and the new one");
        assert_eq!(
            got[&ops[0].household].document.as_ref().unwrap().get(),
            ops[0].document.get()
        );
        // But a phone that starts over may have lost its own.
        let (changes, _) = ana.pull_all(None, 700);
        let got = families(&changes);
        assert_eq!(got.len() as u64, LISTED + 1);
        assert_eq!(got[&ops[0].household].revision, 1);
    });
}

#[test]
fn a_phone_that_starts_over_hears_of_every_family_whatever_it_sends_meanwhile() {
    on_each_database(|world| {
        let mut ana = world.phone(0);
        let first = ana.pull(None, 700).unwrap().pull.unwrap();
        assert!(first.more);
        // Of a family that comes on a later page, and of one that nobody knew.
        let ops = [ana.visit(12, 1), ana.visit_of(uuid::Uuid::new_v4(), 0, 9)];
        ana.send(&ops);
        let (rest, cursor) = ana.pull_all(Some(first.cursor), 700);
        let changes: Vec<_> = first.changes.into_iter().chain(rest).collect();
        let got = families(&changes);
        assert_eq!(got.len() as u64, LISTED + 1);
        assert!(ops.iter().all(|op| got[&op.household].revision == 1));
        let op = ana.visit(3, 1);
        ana.send(&[op]);
        assert!(families(&ana.pull_all(Some(cursor), 700).0).is_empty());
    });
}

fn check_nik() -> Comment {
    Comment {
        path: "nik".into(),
        text: "Periksa NIK".into(),
    }
}

/// What supervisors ask for.
fn asked(changes: &[Change]) -> Vec<Correction> {
    let asked = changes.iter().filter_map(|change| match change {
        Change::Correction(correction) => Some(correction.clone()),
        _ => None,
    });
    asked.collect()
}

#[test]
fn a_family_sent_back_comes_with_its_comments_until_it_is_answered() {
    on_each_database(|world| {
        let mut ana = world.phone(0);
        let first = ana.visit(1, 1);
        ana.send(std::slice::from_ref(&first));
        let (_, cursor) = ana.pull_all(None, 1 << 20);
        let comments = [check_nik()];
        let back = |family| {
            world
                .server()
                .setup(|s| s.send_back(&code(VILLAGE), family, &comments))
        };
        back(first.household).unwrap();
        assert!(back(listed(ANAS, 9).id).is_err(), "not visited yet");
        let (changes, cursor) = ana.pull_all(Some(cursor), 1 << 20);
        let sent_back = asked(&changes);
        let [asked] = &sent_back[..] else {
            panic!("{sent_back:?}");
        };
        assert_eq!((asked.household, asked.revision), (first.household, 1));
        assert_eq!(asked.comments, comments);
        let mut answer = ana.visit_of(first.household, 1, 1);
        answer.corrects = Some(asked.request);
        ana.send(&[answer]);
        let (changes, _) = ana.pull_all(Some(cursor), 1 << 20);
        assert!(changes.is_empty(), "{changes:?}");
        let (changes, _) = ana.pull_all(None, 1 << 20);
        assert!(!changes.iter().any(|c| matches!(c, Change::Correction(_))));
    });
}

/// She finished it again before she heard of the request, or her phone was away for a week.
#[test]
fn a_family_sent_back_is_asked_for_again_where_the_visit_that_came_had_not_seen_it() {
    on_each_database(|world| {
        let mut ana = world.phone(0);
        let first = ana.visit(1, 1);
        ana.send(std::slice::from_ref(&first));
        let (_, cursor) = ana.pull_all(None, 1 << 20);
        let comments = [check_nik()];
        let back =
            |s: ketuk_server::Setup<'_>| s.send_back(&code(VILLAGE), first.household, &comments);
        world.server().setup(back).unwrap();
        let unaware = ana.visit_of(first.household, 1, 6);
        assert_eq!(ana.send(&[unaware]).acks[0].revision, 2);
        let (changes, cursor) = ana.pull_all(Some(cursor), 1 << 20);
        let first_request = asked(&changes).remove(0);
        assert_eq!(first_request.revision, 2);
        assert_eq!(families(&changes)[&first.household].revision, 2);
        // Asked once more of the same revision, an answer to the first request is none.
        world.server().setup(back).unwrap();
        let mut answer = ana.visit_of(first.household, 2, 1);
        answer.corrects = Some(first_request.request);
        ana.send(&[answer]);
        let (changes, cursor) = ana.pull_all(Some(cursor), 1 << 20);
        let second_request = asked(&changes).remove(0);
        let mut answer = ana.visit_of(first.household, 3, 1);
        answer.corrects = Some(second_request.request);
        ana.send(&[answer]);
        assert!(ana.pull_all(Some(cursor), 1 << 20).0.is_empty());
        assert_eq!(asked(&ana.pull_all(None, 1 << 20).0), []);
    });
}

#[test]
fn a_new_questionnaire_or_target_comes_without_the_families_again() {
    on_each_database(|world| {
        let ana = world.phone(0);
        let (_, cursor) = ana.pull_all(None, 1 << 20);
        world.server().setup(|s| s.form(sheets("2"))).unwrap();
        let (changes, _) = ana.pull_all(Some(cursor), 1 << 20);
        assert!(matches!(&changes[0], Change::Form { form, .. } if form.version == "2"));
        assert!(families(&changes).is_empty());
    });
}

#[test]
fn a_questionnaire_can_be_fetched_in_parts() {
    on_each_database(|world| {
        let ana = world.phone(0);
        let (changes, _) = ana.pull_all(None, 1 << 20);
        let Some(Change::Form { sha256, .. }) = changes.first() else {
            panic!("no questionnaire came first");
        };
        let part = |range: String| {
            world.runtime.block_on(async {
                let request = world.http.get(world.url(&format!("/v1/forms/{sha256}")));
                let request = request.bearer_auth(&ana.token).header("range", range);
                let answer = request.send().await.unwrap();
                assert_eq!(answer.status(), StatusCode::PARTIAL_CONTENT);
                let range = answer.headers()["content-range"]
                    .to_str()
                    .unwrap()
                    .to_owned();
                (range, answer.bytes().await.unwrap())
            })
        };
        let (range, first) = part("bytes=0-99".into());
        let total = sheets("1").len();
        assert_eq!(range, format!("bytes 0-99/{total}"));
        let (_, rest) = part(format!("bytes=100-{}", total * 2));
        assert_eq!([first, rest].concat(), sheets("1"));
    });
}

#[test]
fn a_cursor_of_another_phone_or_no_server_starts_over_and_what_was_sent_stays() {
    on_each_database(|world| {
        let mut ana = world.phone(0);
        let (_, cursor) = ana.pull_all(None, 1 << 20);
        let other = world.phone(0).pull_all(None, 1 << 20).1;
        for bad in ["", "17", "1::::", &other, &cursor.replace(':', ";")] {
            let (status, refusal) = ana.pull(Some(bad.into()), 1 << 20).unwrap_err();
            assert_eq!(
                (status, refusal.code),
                (StatusCode::CONFLICT, RefusalCode::Cursor),
                "{bad:?}"
            );
        }
        let op = ana.visit(1, 1);
        let pull = ketuk_wire::Pull {
            cursor: Some(other),
            max_bytes: 1 << 20,
        };
        let request = ana.request(std::slice::from_ref(&op), Some(pull));
        assert_eq!(ana.ask(&request).unwrap_err().1.code, RefusalCode::Cursor);
        assert_eq!(
            ana.send(&[op]).acks[0].revision,
            1,
            "it was taken all the same"
        );
        assert!(ana.pull(Some(cursor), 1 << 20).is_ok());
    });
}
