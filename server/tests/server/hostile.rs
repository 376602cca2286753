//! What nobody sends who means well.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use ketuk_wire::{Op, RefusalCode, encode};
use reqwest::StatusCode;
use serde_json::json;

use super::world::on_each_database;

#[test]
fn a_bomb_is_refused_while_it_unpacks_and_a_large_body_before_it_is_read() {
    on_each_database(|world| {
        let ana = world.phone(0);
        let bomb = zstd_of_spaces(1 << 28);
        assert!(bomb.len() < 100_000);
        let (status, body) = world.post_raw("/v1/sync", Some(&ana.token), bomb);
        assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
        assert!(String::from_utf8(body).unwrap().contains("too_large"));
        let large = vec![7; (1 << 20) + 1];
        let (status, _) = world.post_raw("/v1/sync", Some(&ana.token), large);
        assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    });
}

fn zstd_of_spaces(size: usize) -> Vec<u8> {
    // A message that is one long text of spaces is as good a bomb as any.
    encode(&" ".repeat(size)).unwrap()
}

#[test]
fn a_message_cut_anywhere_is_refused_and_the_connection_goes_on() {
    on_each_database(|world| {
        let mut ana = world.phone(0);
        let op = ana.visit(1, 1);
        let whole = encode(&ana.request(&[op], None)).unwrap();
        for cut in (0..whole.len()).step_by(37) {
            let (status, _) = world.post_raw("/v1/sync", Some(&ana.token), whole[..cut].to_vec());
            assert_eq!(status, StatusCode::BAD_REQUEST, "cut after byte {cut}");
        }
        assert_eq!(
            world.post_raw("/v1/sync", Some(&ana.token), whole).0,
            StatusCode::OK
        );
    });
}

#[test]
fn a_body_that_stops_in_the_middle_leaves_nothing_behind() {
    on_each_database(|world| {
        let mut ana = world.phone(0);
        let op = ana.visit(1, 1);
        let body = encode(&ana.request(std::slice::from_ref(&op), None)).unwrap();
        let mut stream = TcpStream::connect(world.address).unwrap();
        write!(
            stream,
            "POST /v1/sync HTTP/1.1\r\nhost: ketuk\r\nauthorization: Bearer {}\r\n\
             content-encoding: zstd\r\ncontent-length: {}\r\n\r\n",
            ana.token,
            body.len()
        )
        .unwrap();
        stream.write_all(&body[..body.len() / 2]).unwrap();
        drop(stream);
        let answer = ana.send(&[op]);
        assert_eq!(answer.acks[0].revision, 1);
        assert_eq!(world.server().verify().unwrap().entries, 1);
    });
}

#[test]
fn no_token_a_wrong_one_or_half_of_one_is_told_to_sign_in() {
    on_each_database(|world| {
        let ana = world.phone(0);
        let body = encode(&ana.request(&[], None)).unwrap();
        let half = &ana.token[..20];
        for token in [
            None,
            Some(""),
            Some(half),
            Some("a\u{7f}b"),
            Some(&*"x".repeat(5000)),
        ] {
            let token = token.filter(|t| !t.contains('\u{7f}'));
            let (status, answer) = world.post_raw("/v1/sync", token, body.clone());
            assert_eq!(status, StatusCode::UNAUTHORIZED);
            assert!(String::from_utf8(answer).unwrap().contains("sign_in"));
        }
    });
}

#[test]
fn the_largest_numbers_are_taken_as_they_come() {
    on_each_database(|world| {
        let mut ana = world.phone(0);
        let mut op = ana.visit(1, 1);
        (op.seq, op.base) = (u64::MAX, u64::MAX);
        let mut request = ana.request(&[op], None);
        request.outgoing.high_seq = u64::MAX;
        request.outgoing.waiting = u64::MAX;
        request.outgoing.held = u64::MAX;
        request.clock.now = jiff::Timestamp::MAX;
        let answer = ana.ask(&request).unwrap();
        assert_eq!(answer.received, [u64::MAX].into_iter().collect());
        assert_eq!(answer.acks[0].revision, 0, "no server gave that base out");
        // Nor do they break the sums of the village.
        for phone in [world.phone(0), world.phone(1)] {
            let mut request = phone.request(&[], None);
            request.outgoing.waiting = u64::MAX;
            request.outgoing.held = u64::MAX;
            phone.ask(&request).unwrap();
        }
        world.assert_figures_agree();
    });
}

#[test]
fn too_many_entries_in_one_request_are_refused_and_a_part_of_them_is_not() {
    on_each_database(|world| {
        let mut ana = world.phone(0);
        let ops: Vec<Op> = (0..501).map(|_| ana.visit(1, 1)).collect();
        let (status, refusal) = ana.ask(&ana.request(&ops, None)).unwrap_err();
        assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
        assert_eq!(refusal.code, RefusalCode::TooLarge);
        assert_eq!(ana.send(&ops[..500]).acks.len(), 500);
    });
}

#[test]
fn answers_with_what_databases_choke_on_are_kept() {
    on_each_database(|world| {
        let mut ana = world.phone(0);
        let names = [
            "\u{0}Siti\u{0}",
            "'; DROP TABLE household; --",
            "😀 الاسم",
            "\u{202e}itiS",
        ];
        let ops: Vec<Op> = (1..)
            .zip(names)
            .map(|(n, name)| {
                let document = json!({"outcome": "1", "head_name": name}).to_string();
                let family = super::world::listed(ana.rt.as_str(), n).id;
                ana.op(family, 0, &document)
            })
            .collect();
        let answer = ana.send(&ops);
        assert_eq!(answer.acks.len(), 4);
        let (changes, _) = world.phone(0).pull_all(None, 1 << 20);
        let families = super::world::families(&changes);
        for op in &ops[1..] {
            let kept = families[&op.household].document.as_ref().unwrap();
            assert_eq!(kept.get(), op.document.get());
        }
        world.assert_figures_agree();
    });
}

#[test]
fn deep_nesting_in_a_document_harms_nobody() {
    on_each_database(|world| {
        let mut ana = world.phone(0);
        let deep = format!("{}1{}", "[".repeat(20_000), "]".repeat(20_000));
        // A phone's message holds a document as it is; it may be as deep as its sender likes.
        let document = format!(r#"{{"outcome":"1","head_name":{deep}}}"#);
        let good = ana.visit(2, 1);
        let Ok(raw) = serde_json::value::RawValue::from_string(document.clone()) else {
            return;
        };
        let mut bad = ana.visit(1, 1);
        bad.sha256 = ketuk_wire::Sha256::of(document.as_bytes());
        bad.document = raw;
        let answer = ana.send(&[good, bad]);
        let revisions: Vec<u64> = answer.acks.iter().map(|ack| ack.revision).collect();
        assert_eq!(revisions, [1, 0]);
    });
}

#[test]
fn what_a_phone_calls_its_app_costs_no_entry() {
    on_each_database(|world| {
        let mut ana = world.phone(0);
        let op = ana.visit(1, 1);
        let mut request = ana.request(&[op], None);
        request.app = format!("0.1\0{}", "9".repeat(100_000));
        assert_eq!(ana.ask(&request).unwrap().acks.len(), 1);
        request.ops.clear();
        ana.ask(&request).unwrap();
        let page = super::office::Browser::signed_in(world);
        let text = page.page(&format!("/area/{}", super::world::VILLAGE));
        assert!(text.len() < 50_000, "{} bytes", text.len());
    });
}

#[test]
fn unknown_paths_and_methods_are_refused_in_the_phones_words() {
    on_each_database(|world| {
        let (status, body) = world.post_raw("/v1/nothing", None, vec![]);
        assert_eq!(status, StatusCode::NOT_FOUND);
        assert!(String::from_utf8(body).unwrap().contains("not_found"));
        let ana = world.phone(0);
        let absent = "0".repeat(64);
        for path in [format!("/v1/forms/{absent}"), "/v1/forms/x".into()] {
            let status = world.runtime.block_on(async {
                let request = world.http.get(world.url(&path)).bearer_auth(&ana.token);
                request.send().await.unwrap().status()
            });
            assert_eq!(status, StatusCode::NOT_FOUND);
        }
    });
}

#[test]
fn a_client_that_says_nothing_does_not_keep_the_server_from_stopping() {
    on_each_database(|world| {
        let mut silent = TcpStream::connect(world.address).unwrap();
        silent
            .set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        world.restart();
        let mut rest = Vec::new();
        // Closed, or reset: either way it is over.
        let _ = silent.read_to_end(&mut rest);
        assert!(rest.is_empty());
    });
}
