//! Photos: in parts, after cuts, from two phones at once, and none that nobody named.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::net::TcpStream;

use ketuk_wire::{Blob, MAX_BLOB, Op, Refusal, RefusalCode, Sha256, UPLOAD_LENGTH, UPLOAD_OFFSET};
use reqwest::{Method, StatusCode};

use super::world::{Phone, on_each_database};

/// Bytes that no packing makes smaller.
pub(crate) fn photo(seed: u32, size: usize) -> Vec<u8> {
    let mut state = seed;
    let byte = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    std::iter::repeat_with(byte).take(size).collect()
}

pub(crate) fn named(content: &[u8]) -> Blob {
    Blob {
        sha256: Sha256::of(content),
        bytes: content.len() as u64,
        media_type: "image/jpeg".into(),
    }
}

pub(crate) struct Said {
    pub(crate) status: StatusCode,
    pub(crate) offset: Option<u64>,
    pub(crate) refusal: Option<Refusal>,
}

impl Said {
    fn code(&self) -> RefusalCode {
        self.refusal.as_ref().unwrap().code
    }

    fn here(&self, good: StatusCode) -> u64 {
        assert_eq!(self.status, good, "{:?}", self.refusal);
        self.offset.unwrap()
    }
}

impl Phone<'_> {
    fn blob(&self, method: Method, sha256: Sha256, part: Option<(u64, u64, &[u8])>) -> Said {
        self.world.runtime.block_on(async {
            let url = self.world.url(&format!("/v1/blobs/{sha256}"));
            let mut request = self
                .world
                .http
                .request(method, url)
                .bearer_auth(&self.token);
            if let Some((offset, length, content)) = part {
                request = request
                    .header(UPLOAD_OFFSET, offset)
                    .header(UPLOAD_LENGTH, length)
                    .body(content.to_vec());
            }
            let answer = request.send().await.unwrap();
            let offset = answer.headers().get(UPLOAD_OFFSET);
            Said {
                status: answer.status(),
                offset: offset.map(|value| value.to_str().unwrap().parse().unwrap()),
                refusal: serde_json::from_slice(&answer.bytes().await.unwrap()).ok(),
            }
        })
    }

    /// How far a photo has come.
    pub(crate) fn come(&self, sha256: Sha256) -> Said {
        self.blob(Method::HEAD, sha256, None)
    }

    /// Sends bytes of a photo from `offset` on.
    pub(crate) fn part(&self, photo: &Blob, offset: u64, content: &[u8]) -> Said {
        let part = (offset, photo.bytes, content);
        self.blob(Method::PATCH, photo.sha256, Some(part))
    }

    /// A visit with these photos.
    pub(crate) fn visit_with(&mut self, n: u64, photos: &[&[u8]]) -> Op {
        let mut op = self.visit(n, 1);
        op.blobs = photos.iter().map(|content| named(content)).collect();
        op
    }
}

#[test]
fn a_photo_comes_in_parts_also_after_a_restart_and_is_no_longer_wanted_once_it_is_whole() {
    on_each_database(|world| {
        let (content, small) = (photo(1, 700_000), photo(2, 900));
        let blob = named(&content);
        let (device, token, op) = {
            let mut ana = world.phone(0);
            let op = ana.visit_with(1, &[&content, &small]);
            let answer = ana.send(std::slice::from_ref(&op));
            assert_eq!(
                BTreeSet::from_iter(answer.wanted),
                BTreeSet::from([Sha256::of(&small), blob.sha256])
            );
            assert_eq!(ana.come(blob.sha256).here(StatusCode::OK), 0);
            let said = ana.part(&blob, 0, &content[..300_001]);
            assert_eq!(said.here(StatusCode::NO_CONTENT), 300_001);
            (ana.device, ana.token.clone(), op)
        };
        world.restart();
        let mut ana = world.phone(0);
        (ana.device, ana.token, ana.seq) = (device, token, 1);
        assert_eq!(ana.come(blob.sha256).here(StatusCode::OK), 300_001);
        let said = ana.part(&blob, 300_001, &content[300_001..]);
        assert_eq!(said.here(StatusCode::NO_CONTENT), blob.bytes);
        assert_eq!(ana.come(blob.sha256).here(StatusCode::OK), blob.bytes);
        assert_eq!(ana.send(&[op]).wanted, [Sha256::of(&small)]);
        let said = ana.part(&named(&small), 0, &small);
        assert_eq!(said.here(StatusCode::NO_CONTENT), 900);
        assert_eq!(ana.send(&[]).wanted, []);
    });
}

#[test]
fn of_a_part_that_is_cut_what_came_stays() {
    on_each_database(|world| {
        let mut ana = world.phone(0);
        let content = photo(3, 600_000);
        let blob = named(&content);
        let op = ana.visit_with(1, &[&content]);
        ana.send(&[op]);
        let mut stream = TcpStream::connect(world.address).unwrap();
        write!(
            stream,
            "PATCH /v1/blobs/{} HTTP/1.1\r\nhost: ketuk\r\nauthorization: Bearer {}\r\n\
             {UPLOAD_OFFSET}: 0\r\n{UPLOAD_LENGTH}: {}\r\ncontent-length: {}\r\n\r\n",
            blob.sha256, ana.token, blob.bytes, blob.bytes
        )
        .unwrap();
        stream.write_all(&content[..400_000]).unwrap();
        drop(stream);
        let here = (0..5000)
            .map(|_| ana.come(blob.sha256).here(StatusCode::OK))
            .find(|here| *here == 400_000);
        assert_eq!(here, Some(400_000), "the rest of what was sent is lost");
        let said = ana.part(&blob, 400_000, &content[400_000..]);
        assert_eq!(said.here(StatusCode::NO_CONTENT), blob.bytes);
    });
}

#[test]
fn a_part_that_does_not_begin_where_the_photo_ends_is_told_where_that_is() {
    on_each_database(|world| {
        let mut ana = world.phone(0);
        let content = photo(4, 1000);
        let blob = named(&content);
        let op = ana.visit_with(1, &[&content]);
        ana.send(&[op]);
        ana.part(&blob, 0, &content[..400]);
        for offset in [0, 399, 401, 999, 1000, u64::MAX] {
            let said = ana.part(&blob, offset, &content[400..500]);
            assert_eq!(said.status, StatusCode::CONFLICT, "at {offset}");
            assert_eq!((said.code(), said.offset), (RefusalCode::Offset, Some(400)));
        }
        let beyond = ana.part(&blob, 400, &photo(5, 601));
        assert_eq!(beyond.status, StatusCode::CONFLICT, "more than there is");
        let said = ana.part(&blob, 400, &content[400..]);
        assert_eq!(said.here(StatusCode::NO_CONTENT), 1000);
        let again = ana.part(&blob, 400, &content[400..]);
        assert_eq!(
            again.here(StatusCode::NO_CONTENT),
            1000,
            "its answer was lost"
        );
    });
}

#[test]
fn two_phones_send_the_same_photo_at_once_and_it_is_there_once() {
    on_each_database(|world| {
        let (mut ana, mut budi) = (world.phone(0), world.phone(1));
        let content = photo(6, 120_000);
        let blob = named(&content);
        let (hers, his) = (
            ana.visit_with(1, &[&content]),
            budi.visit_with(1, &[&content]),
        );
        ana.send(&[hers]);
        budi.send(&[his]);
        let send = |phone: &Phone<'_>| {
            let mut at = 0;
            while at < content.len() {
                let end = (at + 7000).min(content.len());
                let said = phone.part(&blob, at as u64, &content[at..end]);
                assert!(said.status == 204 || said.status == 409, "{}", said.status);
                at = said.offset.unwrap() as usize;
            }
        };
        // A phone's requests block on the world's runtime, which many threads may.
        std::thread::scope(|scope| {
            scope.spawn(|| send(&ana));
            scope.spawn(|| send(&budi));
        });
        for phone in [&ana, &budi] {
            assert_eq!(phone.come(blob.sha256).here(StatusCode::OK), blob.bytes);
            assert_eq!(phone.send(&[]).wanted, []);
        }
    });
}

#[test]
fn a_photo_with_other_bytes_than_its_name_is_dropped_and_may_come_again() {
    on_each_database(|world| {
        let mut ana = world.phone(0);
        let content = photo(7, 5000);
        let blob = named(&content);
        let op = ana.visit_with(1, &[&content]);
        ana.send(&[op]);
        ana.part(&blob, 0, &content[..2500]);
        let said = ana.part(&blob, 2500, &content[..2500]);
        assert_eq!(said.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(said.code(), RefusalCode::Digest);
        assert_eq!(ana.come(blob.sha256).here(StatusCode::OK), 0);
        assert_eq!(ana.send(&[]).wanted, [blob.sha256]);
        let said = ana.part(&blob, 0, &content);
        assert_eq!(said.here(StatusCode::NO_CONTENT), 5000);
    });
}

#[test]
fn only_what_an_entry_names_is_taken_and_only_as_it_names_it() {
    on_each_database(|world| {
        let mut ana = world.phone(0);
        let (content, other) = (photo(8, 1000), photo(9, 1000));
        let op = ana.visit_with(1, &[&content]);
        ana.send(&[op]);
        let (blob, stranger) = (named(&content), named(&other));
        assert_eq!(ana.come(stranger.sha256).status, StatusCode::NOT_FOUND);
        let said = ana.part(&stranger, 0, &other);
        assert_eq!(
            (said.status, said.code()),
            (StatusCode::NOT_FOUND, RefusalCode::NotFound)
        );
        let longer = Blob {
            bytes: 1001,
            ..blob.clone()
        };
        assert_eq!(ana.part(&longer, 0, &content).status, StatusCode::NOT_FOUND);
        let huge = Blob {
            bytes: u64::from(MAX_BLOB) + 1,
            ..blob.clone()
        };
        let said = ana.part(&huge, 0, &content);
        assert_eq!(said.status, StatusCode::PAYLOAD_TOO_LARGE);
        assert_eq!(said.code(), RefusalCode::TooLarge);
        assert!(said.refusal.unwrap().message.contains("5 MB"));
        let mut nobody = world.phone(0);
        nobody.token = "nobody's".into();
        assert_eq!(nobody.come(blob.sha256).status, StatusCode::UNAUTHORIZED);
        assert_eq!(
            nobody.part(&blob, 0, &content).status,
            StatusCode::UNAUTHORIZED
        );
    });
}

#[test]
fn a_wrong_length_announced_first_does_not_keep_the_right_one_out() {
    on_each_database(|world| {
        let (mut ana, mut budi) = (world.phone(0), world.phone(1));
        let content = photo(10, 2000);
        let blob = named(&content);
        let mut op = budi.visit_with(1, &[&content]);
        op.blobs[0].bytes = 5000;
        budi.send(&[op]);
        let wrong = Blob {
            bytes: 5000,
            ..blob.clone()
        };
        assert_eq!(
            budi.part(&wrong, 0, &content[..1500])
                .here(StatusCode::NO_CONTENT),
            1500
        );
        let op = ana.visit_with(1, &[&content]);
        ana.send(&[op]);
        let said = ana.part(&blob, 1500, &content[1500..]);
        assert_eq!((said.status, said.offset), (StatusCode::CONFLICT, Some(0)));
        assert_eq!(
            ana.part(&blob, 0, &content).here(StatusCode::NO_CONTENT),
            2000
        );
        let said = budi.part(&wrong, 1500, &content[..500]);
        assert_eq!(said.code(), RefusalCode::Digest);
    });
}

#[test]
fn photos_that_cannot_come_do_not_hide_one_that_can_nor_make_an_answer_grow() {
    on_each_database(|world| {
        let mut ana = world.phone(0);
        let photos: Vec<Vec<u8>> = (0..60).map(|n| photo(n, 100 + n as usize)).collect();
        let ops: Vec<Op> = (1..)
            .zip(photos.chunks(10))
            .map(|(n, some)| {
                let some: Vec<&[u8]> = some.iter().map(Vec::as_slice).collect();
                ana.visit_with(n, &some)
            })
            .collect();
        let all: BTreeSet<Sha256> = photos.iter().map(|photo| Sha256::of(photo)).collect();
        let asked = |answers: usize, ops: &[Op], most: usize| {
            let mut asked = BTreeSet::new();
            for _ in 0..answers {
                let wanted = ana.send(ops).wanted;
                assert!(wanted.len() <= most, "{}", wanted.len());
                asked.extend(wanted);
            }
            asked
        };
        assert_eq!(asked(3, &ops, 20), all);
        assert_eq!(
            asked(20, &[], 3),
            all,
            "also of a phone that has nothing to send"
        );
        // What came is not asked for again.
        ana.part(&named(&photos[59]), 0, &photos[59]);
        assert!(!asked(20, &[], 3).contains(&Sha256::of(&photos[59])));
    });
}
