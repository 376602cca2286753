//! What an answer weighs, and who is kept waiting when too many knock.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use ketuk_wire::{Change, Pull, SyncRequest, SyncResponse, encode};
use reqwest::StatusCode;

use super::office::Browser;
use super::world::{Phone, World, cadres, on_each_database};

/// What goes over the wire when a phone asks, with the headers that it sends.
fn asked(world: &World, phone: &Phone<'_>, request: &SyncRequest) -> Vec<u8> {
    let body = encode(request).unwrap();
    let mut bytes = format!(
        "POST /v1/sync HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\n\
         content-encoding: zstd\r\ncontent-length: {}\r\n\r\n",
        world.address,
        phone.token,
        body.len()
    )
    .into_bytes();
    bytes.extend(body);
    bytes
}

/// The head of an answer, with its blank line, and its body.
fn answered(stream: &mut TcpStream) -> (String, Vec<u8>) {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).unwrap();
        bytes.push(byte[0]);
    }
    let head = String::from_utf8(bytes).unwrap();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).unwrap();
    (head, body)
}

#[test]
fn a_sync_without_news_costs_400_bytes_each_way_at_most() {
    on_each_database(|world| {
        let mut ana = world.phone(0);
        let ops: Vec<_> = (1..=12).map(|n| ana.visit(n, 1)).collect();
        ana.send(&ops);
        let cursor = ana.pull_all(None, 1 << 20).1;
        let pull = Pull {
            cursor: Some(cursor),
            max_bytes: 65_536,
        };
        let bytes = asked(world, &ana, &ana.request(&[], Some(pull)));
        let mut stream = TcpStream::connect(world.address).unwrap();
        stream.write_all(&bytes).unwrap();
        let (head, body) = answered(&mut stream);
        assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
        let answer: SyncResponse = ketuk_wire::decode(&body).unwrap();
        assert!(answer.pull.unwrap().changes.is_empty());
        eprintln!(
            "no news: {} bytes up, {} bytes down, {} of them headers",
            bytes.len(),
            head.len() + body.len(),
            head.len()
        );
        assert!(bytes.len() <= 400, "{} bytes up", bytes.len());
        let down = head.len() + body.len();
        assert!(down <= 400, "{down} bytes down:\n{head}");
    });
}

/// Runs something between a phone's head with half of its body, and the rest.
fn amid(
    world: &World,
    phone: &Phone<'_>,
    request: &SyncRequest,
    what: impl Fn(),
) -> (String, Vec<u8>) {
    let bytes = asked(world, phone, request);
    let (most, rest) = bytes.split_at(bytes.len() - 40);
    let mut stream = TcpStream::connect(world.address).unwrap();
    stream.write_all(most).unwrap();
    // Long enough for the server to ask whose it is.
    std::thread::sleep(Duration::from_millis(300));
    what();
    stream.write_all(rest).unwrap();
    answered(&mut stream)
}

#[test]
fn a_phones_rights_are_those_that_it_has_when_its_entries_have_come() {
    on_each_database(|world| {
        let mut ana = world.phone(0);
        let visit = ana.visit(1, 1);
        let pull = Pull {
            cursor: None,
            max_bytes: 65_536,
        };
        let request = ana.request(&[visit], Some(pull));
        let (budi, rt) = (cadres()[1].0.id, ana.rt.clone());
        let (head, body) = amid(world, &ana, &request, || {
            world.server().setup(|s| s.allot(&rt, Some(budi))).unwrap();
        });
        assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
        let answer: SyncResponse = ketuk_wire::decode(&body).unwrap();
        assert_eq!(answer.acks[0].revision, 1);
        let changes = answer.pull.unwrap().changes;
        let is_nothing_hers =
            |change: &Change| matches!(change, Change::Allotment { areas } if areas.is_empty());
        assert!(changes.iter().any(is_nothing_hers), "{changes:?}");
        let page = Browser::signed_in(world).page("/area/75.71.01.1001");
        assert!(page.contains("sudah dipindahkan ke kader lain"), "{page}");
    });
}

#[test]
fn a_phone_that_is_revoked_while_its_entries_come_is_refused() {
    on_each_database(|world| {
        let mut ana = world.phone(0);
        let visit = ana.visit(1, 1);
        let request = ana.request(&[visit], None);
        let device = ana.device;
        let (head, _) = amid(world, &ana, &request, || {
            world.server().setup(|s| s.revoke(device)).unwrap();
        });
        assert!(head.starts_with("HTTP/1.1 403"), "{head}");
        assert_eq!(world.server().verify().unwrap().entries, 0);
    });
}

#[test]
fn a_phones_answers_carry_no_header_that_is_for_browsers() {
    on_each_database(|world| {
        let ana = world.phone(0);
        let mut stream = TcpStream::connect(world.address).unwrap();
        stream
            .write_all(&asked(world, &ana, &ana.request(&[], None)))
            .unwrap();
        let (head, _) = answered(&mut stream);
        for header in [
            "content-security-policy",
            "cache-control",
            "x-frame-options",
            "x-content-type-options",
            "referrer-policy",
        ] {
            assert!(!head.contains(header), "{head}");
        }
        assert!(head.contains("ketuk-protocol: 1\r\n"));
    });
}

#[test]
fn who_has_no_token_is_told_so_before_a_byte_of_the_body_is_waited_for() {
    on_each_database(|world| {
        let ana = world.phone(0);
        let (device, revoked) = (ana.device, ana.token.clone());
        world.server().setup(|setup| setup.revoke(device)).unwrap();
        let blob = "0".repeat(64);
        for (ask, token, status) in [
            ("POST /v1/sync", "somebody's", "401"),
            ("POST /v1/sync", &revoked, "403"),
            ("POST /v1/handover", "somebody's", "401"),
            ("POST /v1/handover", &revoked, "403"),
            (&format!("PATCH /v1/blobs/{blob}"), "somebody's", "401"),
        ] {
            let mut stream = TcpStream::connect(world.address).unwrap();
            stream
                .set_read_timeout(Some(Duration::from_secs(10)))
                .unwrap();
            write!(
                stream,
                "{ask} HTTP/1.1\r\nhost: ketuk\r\nauthorization: Bearer {token}\r\n\
                 upload-offset: 0\r\nupload-length: 9\r\ncontent-length: 900000\r\n\r\n"
            )
            .unwrap();
            let (head, _) = answered(&mut stream);
            assert!(
                head.starts_with(&format!("HTTP/1.1 {status} ")),
                "{ask}: {head}"
            );
        }
    });
}

#[test]
fn a_file_that_is_too_large_is_refused_before_it_is_read() {
    on_each_database(|world| {
        let ana = world.phone(0);
        let mut stream = TcpStream::connect(world.address).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(10)))
            .unwrap();
        write!(
            stream,
            "POST /v1/handover HTTP/1.1\r\nhost: ketuk\r\nauthorization: Bearer {}\r\n\
             content-length: {}\r\n\r\n",
            ana.token,
            (8 << 20) + 1
        )
        .unwrap();
        let (head, body) = answered(&mut stream);
        assert!(head.starts_with("HTTP/1.1 413 "), "{head}");
        let refusal: ketuk_wire::Refusal = serde_json::from_slice(&body).unwrap();
        assert_eq!(refusal.code, ketuk_wire::RefusalCode::TooLarge);
    });
}

#[test]
fn headers_without_end_are_refused() {
    on_each_database(|world| {
        let mut stream = TcpStream::connect(world.address).unwrap();
        let _ = write!(
            stream,
            "POST /v1/sync HTTP/1.1\r\nx: {}",
            "9".repeat(1 << 20)
        );
        let mut said = String::new();
        // Refused in words or by closing: either way it is over.
        let _ = stream.read_to_string(&mut said);
        assert!(
            said.is_empty() || said.starts_with("HTTP/1.1 431 "),
            "{said}"
        );
    });
}

/// Half a hundred clients that ask without pause and without a right to, three hundred that say a
/// word and no more; and twenty phones that mean well.
#[test]
fn under_a_load_of_clients_that_mean_ill_the_phones_get_through() {
    const PHONES: usize = 20;
    const BATCHES: u64 = 5;
    on_each_database(|world| {
        let world: &World = world;
        let over = AtomicBool::new(false);
        let (refused, busy) = (AtomicU64::new(0), AtomicU64::new(0));
        let loris: Vec<TcpStream> = (0..300)
            .map(|_| {
                let mut stream = TcpStream::connect(world.address).unwrap();
                write!(stream, "POST /v1/sync HTTP/1.1\r\nhost: ke").unwrap();
                stream
            })
            .collect();
        let hammer = |token: String| {
            let (over, refused) = (&over, &refused);
            let body = encode(&" ".repeat(100_000)).unwrap();
            async move {
                while !over.load(Ordering::Relaxed) {
                    let request = world.http.post(world.url("/v1/sync")).bearer_auth(&token);
                    let request = request
                        .header("content-encoding", "zstd")
                        .body(body.clone());
                    if request.send().await.is_ok_and(|a| !a.status().is_success()) {
                        refused.fetch_add(1, Ordering::Relaxed);
                    }
                }
            }
        };
        let mut phones: Vec<Phone<'_>> = (0..PHONES).map(|n| world.phone(n % 3)).collect();
        let work = |phone: &mut Phone<'_>| {
            let batches: Vec<Vec<u8>> = (0..BATCHES)
                .map(|_| {
                    let ops: Vec<_> = (1..=10).map(|n| phone.visit(n, 1)).collect();
                    encode(&phone.request(&ops, None)).unwrap()
                })
                .collect();
            let (token, busy) = (phone.token.clone(), &busy);
            async move {
                let mut slowest = Duration::ZERO;
                for body in batches {
                    let begun = Instant::now();
                    loop {
                        let request = world.http.post(world.url("/v1/sync")).bearer_auth(&token);
                        let request = request.header("content-encoding", "zstd");
                        let answer = request.body(body.clone()).send().await.unwrap();
                        if answer.status() == StatusCode::OK {
                            break;
                        }
                        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
                        assert!(answer.headers().contains_key("retry-after"));
                        busy.fetch_add(1, Ordering::Relaxed);
                        tokio::task::yield_now().await;
                    }
                    slowest = slowest.max(begun.elapsed());
                }
                slowest
            }
        };
        let works: Vec<_> = phones.iter_mut().map(work).collect();
        let begun = Instant::now();
        let slowest = world.runtime.block_on(async {
            let hostile = futures_util::future::join_all((0..50).map(|n| hammer(format!("{n}"))));
            let good = async {
                let slowest = futures_util::future::join_all(works).await;
                over.store(true, Ordering::Relaxed);
                slowest.into_iter().max()
            };
            tokio::join!(hostile, good).1
        });
        eprintln!(
            "{PHONES} phones through in {:.1?}, slowest batch {:.1?}; told to come back {}, \
             refused {}",
            begun.elapsed(),
            slowest.unwrap(),
            busy.load(Ordering::Relaxed),
            refused.load(Ordering::Relaxed),
        );
        for phone in &phones {
            assert_eq!(phone.send(&[]).received.iter().count() as u64, BATCHES * 10);
        }
        assert!(refused.load(Ordering::Relaxed) > 0);
        drop(loris);
    });
}
