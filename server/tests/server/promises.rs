//! The promises of docs/protocol, by number, as far as the server keeps them.

use jiff::ToSpan as _;
use ketuk_wire::{Change, SyncResponse, TroubleCode, Verdict};
use serde_json::value::RawValue;

use super::world::{VILLAGE, World, code, families, listed, on_each_database, sheets};

/// What a phone keeps of an answer.
fn word(answer: &SyncResponse) -> String {
    let acks: Vec<_> = answer
        .acks
        .iter()
        .map(|a| format!("{} r{} {}", a.seq, a.revision, a.received_at))
        .collect();
    let signature = answer.signature.map(|signature| signature.to_string());
    format!("{acks:?} {signature:?} {:?}", answer.troubles)
}

#[test]
fn promise_1_an_entry_sent_five_times_in_any_grouping_is_there_once() {
    on_each_database(|world| {
        let mut ana = world.phone(0);
        let ops: Vec<_> = (1..=6).map(|n| ana.visit(n, 1)).collect();
        ana.send(&ops[..4]);
        ana.send(&ops[2..]);
        for op in ops.iter().rev() {
            ana.send(std::slice::from_ref(op));
        }
        let doubled: Vec<_> = ops.iter().chain(&ops).cloned().collect();
        let answer = ana.send(&doubled);
        assert_eq!(answer.received, (1..=6).collect());
        assert_eq!(world.server().verify().unwrap().entries, 6);
        world.assert_figures_agree();
    });
}

#[test]
fn promise_1_an_answer_that_was_lost_with_the_server_comes_again() {
    on_each_database(|world| {
        let (ops, first, device, token) = {
            let mut ana = world.phone(0);
            let ops: Vec<_> = (1..=3).map(|n| ana.visit(n, 1)).collect();
            let first = word(&ana.send(&ops));
            (ops, first, ana.device, ana.token.clone())
        };
        world.restart();
        let mut ana = world.phone(0);
        (ana.device, ana.token, ana.seq) = (device, token, 3);
        assert_eq!(word(&ana.send(&ops)), first);
    });
}

#[test]
fn promise_2_the_servers_document_is_the_phones_byte_for_byte() {
    on_each_database(|world| {
        let document = r#"{ "outcome" :"1","head_name":"S\u0069ti  \"Ité\"" }"#;
        let family = listed("75.71.01.1001.001.001", 1).id;
        let mut ana = world.phone(0);
        let op = ana.op(family, 0, document);
        ana.send(&[op]);
        let (changes, _) = world.phone(0).pull_all(None, 1 << 20);
        let kept = families(&changes)[&family];
        assert_eq!(kept.document.as_ref().unwrap().get(), document);
        assert_eq!((kept.revision, kept.head.as_str()), (1, "Siti  \"Ité\""));
    });
}

#[test]
fn promise_3_one_bad_entry_is_kept_whole_and_the_others_go_on() {
    on_each_database(|world| {
        let mut ana = world.phone(0);
        let good = ana.visit(1, 1);
        let bad = ana.op(
            listed(ana.rt.as_str(), 2).id,
            0,
            r#"{"outcome":"1","nik":"123"}"#,
        );
        let no_visit = ana.op(listed(ana.rt.as_str(), 3).id, 0, r#"{"head_name":"Siti"}"#);
        let no_object = ana.op(listed(ana.rt.as_str(), 4).id, 0, r#"[1, "nik"]"#);
        let after = ana.visit(5, 1);
        let answer = ana.send(&[good, bad, no_visit, no_object, after]);
        assert_eq!(answer.received, (1..=5).collect(), "all of them are here");
        let acked: Vec<_> = answer.acks.iter().map(|a| (a.seq, a.revision)).collect();
        assert_eq!(acked, [(1, 1), (2, 0), (3, 0), (4, 0), (5, 1)]);
        for (trouble, seq) in answer.troubles.iter().zip(2..) {
            assert_eq!(
                (trouble.seq, trouble.verdict, trouble.code),
                (seq, Verdict::Quarantined, TroubleCode::InvalidDocument)
            );
        }
        assert_eq!(answer.troubles.len(), 3);
        world.assert_figures_agree();
        // Not counted, and the list still has last year's answers.
        let (changes, _) = world.phone(0).pull_all(None, 1 << 20);
        assert_eq!(
            families(&changes)[&listed(ana.rt.as_str(), 2).id].revision,
            0
        );
    });
}

#[test]
fn promise_3_what_only_the_database_refuses_goes_to_quarantine_by_itself() {
    on_each_database(|world| {
        // As a fault that nobody foresaw would: the database refuses one family's row.
        world.sql(
            "CREATE TRIGGER refuse BEFORE UPDATE ON household WHEN new.head = 'Kepala 2'
             BEGIN SELECT RAISE(ABORT, 'refused'); END",
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
             BEGIN IF new.head = 'Kepala 2' THEN RAISE EXCEPTION 'refused'; END IF;
             RETURN new; END $$;
             CREATE TRIGGER refuse BEFORE UPDATE ON household
             FOR EACH ROW EXECUTE FUNCTION refuse()",
        );
        let mut ana = world.phone(0);
        let ops: Vec<_> = (1..=3).map(|n| ana.visit(n, 1)).collect();
        let answer = ana.send(&ops);
        assert_eq!(answer.received, (1..=3).collect());
        let acked: Vec<_> = answer.acks.iter().map(|a| (a.seq, a.revision)).collect();
        assert_eq!(acked, [(1, 1), (2, 0), (3, 1)]);
        assert_eq!(answer.troubles[0].seq, 2);
        assert_eq!(answer.troubles[0].verdict, Verdict::Quarantined);
        assert_eq!(word(&ana.send(&ops)), word(&answer), "and again the same");
        world.assert_figures_agree();
    });
}

#[test]
fn promise_3_an_entry_damaged_on_the_way_is_not_kept_and_can_come_again_whole() {
    on_each_database(|world| {
        let mut ana = world.phone(0);
        let whole = ana.visit(1, 1);
        let mut damaged = whole.clone();
        damaged.sha256 = ketuk_wire::Sha256::of(b"something else");
        let next = ana.visit(2, 1);
        let answer = ana.send(&[damaged, next]);
        assert_eq!(answer.received, [2].into_iter().collect());
        assert_eq!(answer.acks.len(), 1);
        assert_eq!(answer.troubles[0].verdict, Verdict::Rejected);
        assert_eq!(answer.troubles[0].code, TroubleCode::DigestMismatch);
        let answer = ana.send(&[whole]);
        assert_eq!(answer.acks.len(), 1);
        assert_eq!(answer.received, [1, 2].into_iter().collect());
    });
}

#[test]
fn promise_5_the_same_again_changes_nothing_and_gives_the_same_answer() {
    on_each_database(|world| {
        let mut ana = world.phone(0);
        let ops = [
            ana.visit(1, 1),
            ana.visit(2, 6),
            ana.op(listed(ana.rt.as_str(), 3).id, 0, r#"{"outcome":"77"}"#),
        ];
        let first = ana.send(&ops);
        let again = ana.send(&ops);
        assert_eq!(word(&again), word(&first));
        let [one, _, _] = ops;
        assert_eq!(ana.send(&[one]).acks[0], first.acks[0]);
    });
}

#[test]
fn promise_5_the_same_operation_with_other_bytes_stands_aside_and_the_first_stays() {
    on_each_database(|world| {
        let mut ana = world.phone(0);
        let first = ana.visit(1, 1);
        let mut other = ana.visit(1, 6);
        other.op = first.op;
        let ack = ana.send(std::slice::from_ref(&first)).acks[0];
        for _ in 0..2 {
            let answer = ana.send(std::slice::from_ref(&other));
            assert_eq!(answer.received, [1, 2].into_iter().collect(), "kept, too");
            assert_eq!(answer.acks[0].revision, 0, "and beside the revisions");
            assert_eq!(answer.troubles[0].code, TroubleCode::OpReused);
        }
        assert_eq!(ana.send(&[first]).acks[0], ack);
        world.assert_figures_agree();
    });
}

#[test]
fn promise_6_every_receipt_can_be_checked_with_the_key_from_enrolment() {
    on_each_database(|world| {
        let mut ana = world.phone(0);
        let ops = [
            ana.visit(1, 1),
            ana.op(listed(ana.rt.as_str(), 2).id, 0, r#"{"outcome":"77"}"#),
            ana.visit(3, 1),
        ];
        let answer = ana.send(&ops);
        let receipts = ana.receipts(&ops, &answer);
        let revisions: Vec<u64> = receipts.iter().map(|r| r.holding.revision).collect();
        assert_eq!(revisions, [1, 0, 1], "also for what is in quarantine");
        for receipt in receipts {
            receipt.verify(&ana.welcome.server_key).unwrap();
            let mut forged = receipt;
            forged.holding.revision += 1;
            assert!(forged.verify(&ana.welcome.server_key).is_err());
        }
    });
}

#[test]
fn promise_7_the_server_knows_which_numbers_of_a_phone_are_missing() {
    on_each_database(|world| {
        let mut ana = world.phone(0);
        let ops: Vec<_> = (1..=6).map(|n| ana.visit(n, 1)).collect();
        let gaps = |answer: SyncResponse| answer.received.gaps(5).ranges().to_vec();
        assert_eq!(gaps(ana.send(&ops[..2])), [(3, 5)]);
        assert_eq!(gaps(ana.send(&ops[4..5])), [(3, 4)]);
        assert_eq!(gaps(ana.send(&ops[2..4])), []);
        // And the office sees it: number 6 was given out, and is not here.
        let mut request = ana.request(&[], None);
        request.outgoing.waiting = 1;
        ana.ask(&request).unwrap();
        let page = super::office::Browser::signed_in(world).page(&format!("/area/{VILLAGE}"));
        assert!(
            !page.contains("nomor hilang"),
            "it waits, so it is not lost"
        );
        request.outgoing.waiting = 0;
        ana.ask(&request).unwrap();
        let page = super::office::Browser::signed_in(world).page(&format!("/area/{VILLAGE}"));
        assert!(page.contains("1 nomor hilang"), "{page}");
    });
}

#[test]
fn promise_9_what_was_filled_with_an_older_questionnaire_gets_in() {
    on_each_database(|world| {
        let mut ana = world.phone(0);
        let old = ana.visit(1, 1);
        world
            .server()
            .setup(|setup| setup.form(sheets("2")))
            .unwrap();
        assert_eq!(ana.send(&[old]).acks.len(), 1);
        let mut unknown = ana.visit(2, 1);
        unknown.form.version = "99".into();
        let answer = ana.send(&[unknown]);
        assert_eq!(
            answer.received.iter().count(),
            2,
            "kept until somebody brings the questionnaire"
        );
        assert_eq!(answer.troubles[0].code, TroubleCode::UnknownForm);
        let (changes, _) = ana.pull_all(None, 1 << 20);
        let offered = changes.iter().find_map(|change| match change {
            Change::Form { form, sha256 } => Some((form.version.as_str(), *sha256)),
            _ => None,
        });
        let (version, sha256) = offered.unwrap();
        assert_eq!(version, "2");
        assert_eq!(
            questionnaire(world, &ana.token, &sha256.to_string()),
            sheets("2")
        );
    });
}

fn questionnaire(world: &World, token: &str, sha256: &str) -> Vec<u8> {
    world.runtime.block_on(async {
        let answer = world
            .http
            .get(world.url(&format!("/v1/forms/{sha256}")))
            .bearer_auth(token)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.headers()["content-type"], "application/json");
        answer.bytes().await.unwrap().to_vec()
    })
}

#[test]
fn an_entry_from_outside_the_cadres_rts_is_taken_and_flagged() {
    on_each_database(|world| {
        let mut ana = world.phone(0);
        // Next door in her village, and in another village.
        for rt in [super::world::BUDIS, super::world::CITRAS] {
            let mut op = ana.visit_of(listed(rt, 1).id, 0, 1);
            op.area = code(rt);
            let answer = ana.send(&[op]);
            assert_eq!(answer.acks.len(), 1, "{rt}");
        }
        let received = ana.send(&[]).received;
        assert_eq!(received, [1, 2].into_iter().collect(), "both are here");
        let browser = super::office::Browser::signed_in(world);
        for village in [VILLAGE, super::world::NEXT_VILLAGE] {
            let page = browser.page(&format!("/area/{village}"));
            assert!(page.contains("Di luar RT kader"), "{village}");
        }
        world.assert_figures_agree();
    });
}

#[test]
fn an_entry_of_a_village_that_nobody_knows_is_kept_with_the_phones_own() {
    on_each_database(|world| {
        let mut ana = world.phone(0);
        for area in ["11.01.01.2001.001.001", VILLAGE] {
            let mut op = ana.visit(1, 1);
            op.area = code(area);
            let answer = ana.send(&[op]);
            assert_eq!(answer.acks[0].revision, 0, "{area}");
            assert_eq!(answer.troubles[0].code, TroubleCode::UnknownArea, "{area}");
        }
    });
}

#[test]
fn what_a_newer_app_adds_to_its_messages_is_passed_over() {
    on_each_database(|world| {
        let mut ana = world.phone(0);
        let op = ana.visit(1, 1);
        let mut text = serde_json::to_string(&ana.request(&[op], None)).unwrap();
        for (before, added) in [
            ("\"app\":", r#""later":[{"a":1}],"#),
            ("\"waiting\":", r#""later":true,"#),
            ("\"seq\":", r#""later":{"b":null},"#),
        ] {
            assert_eq!(text.matches(before).count(), 1, "{before}");
            text = text.replace(before, &format!("{added}{before}"));
        }
        let message: Box<RawValue> = RawValue::from_string(text).unwrap();
        let body = ketuk_wire::encode(&message).unwrap();
        let answer: SyncResponse = world.post("/v1/sync", Some(&ana.token), body).unwrap();
        assert_eq!(answer.acks.len(), 1);
        assert!(answer.troubles.is_empty(), "{:?}", answer.troubles);
    });
}

#[test]
fn a_phone_put_back_from_an_older_copy_is_told_and_nothing_of_it_is_taken() {
    on_each_database(|world| {
        let mut ana = world.phone(0);
        let ops: Vec<_> = (1..=3).map(|n| ana.visit(n, 1)).collect();
        ana.send(&ops);
        // The copy knew only the first visit; another one got the second's number.
        ana.seq = 1;
        let other = ana.visit(5, 1);
        for _ in 0..2 {
            let pull = ketuk_wire::Pull {
                cursor: None,
                max_bytes: 1 << 20,
            };
            let mut request = ana.request(std::slice::from_ref(&other), Some(pull));
            request.clock.now += 1.hours();
            let answer = ana.ask(&request).unwrap();
            assert!(answer.put_back);
            assert_eq!(answer.high_seq, 3);
            assert_eq!(answer.received, (1..=3).collect());
            assert!(answer.acks.is_empty() && answer.troubles.is_empty());
            assert!(answer.signature.is_none() && answer.pull.is_none());
        }
        assert_eq!(world.server().verify().unwrap().entries, 3);
        // Under new numbers it goes on; what was sent in the life that is lost is the same entry.
        let mut renumbered = [other, ops[1].clone()];
        for (op, seq) in renumbered.iter_mut().zip(4..) {
            op.seq = seq;
        }
        ana.seq = 5;
        let answer = ana.send(&renumbered);
        assert!(answer.troubles.is_empty(), "{:?}", answer.troubles);
        assert_eq!(answer.received, (1..=5).collect());
        assert_eq!(world.server().verify().unwrap().entries, 4);
        let page = super::office::Browser::signed_in(world).page(&format!("/area/{VILLAGE}"));
        assert!(page.contains("dikembalikan dari salinan lama"), "{page}");
    });
}

/// A network may deliver a request twice, the second time after the phone's next.
#[test]
fn a_request_that_comes_again_late_leaves_nothing_behind() {
    on_each_database(|world| {
        let mut ana = world.phone(0);
        let op = ana.visit(1, 1);
        let first = ana.request(&[op], None);
        ana.ask(&first).unwrap();
        let op = ana.visit(2, 1);
        ana.send(&[op]);
        assert!(ana.ask(&first).unwrap().acks.is_empty());
        let page = super::office::Browser::signed_in(world).page(&format!("/area/{VILLAGE}"));
        assert!(!page.contains("dikembalikan dari salinan lama"), "{page}");
        assert_eq!(ana.send(&[]).received, (1..=2).collect());
    });
}

#[test]
fn a_phone_put_back_that_caught_up_meanwhile_is_noticed_by_a_number_that_names_two_entries() {
    on_each_database(|world| {
        let mut ana = world.phone(0);
        let ops = [ana.visit(1, 1), ana.visit(2, 1)];
        ana.send(&ops);
        ana.seq = 1;
        let others = [ana.visit(5, 1), ana.visit(6, 1)];
        let answer = ana.send(&others);
        assert!(answer.put_back && answer.acks.is_empty());
        assert_eq!(answer.high_seq, 3, "all that it gave out");
        assert_eq!(world.server().verify().unwrap().entries, 2);
        let mut renumbered = others;
        for (op, seq) in renumbered.iter_mut().zip(4..) {
            op.seq = seq;
        }
        ana.seq = 5;
        for _ in 0..2 {
            let answer = ana.send(&renumbered);
            assert_eq!(answer.acks.len(), 2);
            assert_eq!(answer.received, [1, 2, 4, 5].into_iter().collect());
        }
        // An entry under a second number, or on another base, is not another one, however often it comes.
        let mut again = ops[0].clone();
        (again.seq, again.base, ana.seq) = (6, 1, 6);
        for _ in 0..2 {
            assert_eq!(ana.send(std::slice::from_ref(&again)).acks[0].revision, 1);
        }
        assert_eq!(world.server().verify().unwrap().entries, 4);
    });
}

#[test]
fn promise_8_revisions_count_on_from_what_the_phones_know_after_a_restore() {
    on_each_database(|world| {
        let mut ana = world.phone(0);
        let family = listed(ana.rt.as_str(), 1).id;
        let known = ana.visit_of(family, 5, 1);
        assert_eq!(ana.send(&[known]).acks[0].revision, 6);
        // What the backup had not: it comes late, and is kept beside.
        let mut other = world.phone(0);
        let lost = other.visit_of(family, 2, 6);
        let answer = other.send(&[lost]);
        assert_eq!(answer.troubles[0].code, TroubleCode::NewerRevision);
        let next = ana.visit_of(family, 6, 1);
        assert_eq!(ana.send(&[next]).acks[0].revision, 7);
        world.assert_figures_agree();
    });
}

#[test]
fn promise_9_an_entry_is_checked_by_the_version_that_it_was_filled_with() {
    on_each_database(|world| {
        let stricter = super::world::SURVEY.replace("text,nik,NIK,,", "text,nik,NIK,yes,");
        let sheets = super::world::sheets_of(&stricter, "2");
        let new = world.server().setup(|setup| setup.form(sheets)).unwrap();
        let mut ana = world.phone(0);
        let without = |n| listed(super::world::ANAS, n).id;
        let old = ana.op(without(1), 0, r#"{"outcome":"1"}"#);
        let mut strict = ana.op(without(2), 0, r#"{"outcome":"1"}"#);
        strict.form = new;
        let answer = ana.send(&[old, strict]);
        let revisions: Vec<u64> = answer.acks.iter().map(|ack| ack.revision).collect();
        assert_eq!(revisions, [1, 0]);
        assert_eq!(answer.troubles[0].code, TroubleCode::InvalidDocument);
    });
}
