//! The part of the scripted server that takes photos.

use std::collections::BTreeMap;

use ketuk_wire::{Blob, MAX_BLOB, RefusalCode, Sha256, UPLOAD_LENGTH, UPLOAD_OFFSET};

use super::{answer, refuse};
use crate::sync::{Request, Response};

/// Photos as the server has them.
pub(crate) struct Blobs {
    /// That entries name.
    pub(crate) named: Vec<Sha256>,
    /// What came of each.
    pub(crate) parts: BTreeMap<Sha256, Vec<u8>>,
    /// Whole and right.
    pub(crate) whole: BTreeMap<Sha256, Vec<u8>>,
    /// The largest that it takes, and the largest that it says it takes.
    pub(crate) largest: u64,
    pub(crate) told: u32,
    /// It names so many that it lacks at a time.
    pub(crate) most_wanted: usize,
    /// What was asked: the method, where the part begins, and how long it is.
    pub(crate) asked: Vec<(&'static str, Sha256, u64, usize)>,
}

impl Blobs {
    pub(super) fn new() -> Blobs {
        Blobs {
            named: Vec::new(),
            parts: BTreeMap::new(),
            whole: BTreeMap::new(),
            largest: MAX_BLOB.into(),
            told: MAX_BLOB,
            most_wanted: usize::MAX,
            asked: Vec::new(),
        }
    }

    pub(super) fn name(&mut self, blobs: &[Blob]) {
        self.named.extend(blobs.iter().map(|blob| blob.sha256));
    }

    pub(super) fn wanted(&self) -> Vec<Sha256> {
        let lacking = |sha256: &&Sha256| !self.whole.contains_key(sha256);
        let lacking = self.named.iter().filter(lacking).copied();
        lacking.take(self.most_wanted).collect()
    }

    pub(super) fn handle(&mut self, sha256: Sha256, request: &Request) -> Response {
        let number = |name| {
            let header = request.headers.iter().find(|(known, _)| *known == name);
            header.map_or(0, |(_, value)| value.parse::<u64>().unwrap())
        };
        let from = number(UPLOAD_OFFSET);
        let asked = (request.method, sha256, from, request.body.len());
        self.asked.push(asked);
        if !self.named.contains(&sha256) {
            return refuse(404, RefusalCode::NotFound);
        }
        let whole = self.whole.get(&sha256).map(Vec::len);
        let have = whole.or(self.parts.get(&sha256).map(Vec::len)).unwrap_or(0) as u64;
        if request.method == "HEAD" {
            return at(200, have);
        }
        if number(UPLOAD_LENGTH) > self.largest {
            return refuse(413, RefusalCode::TooLarge);
        }
        if from != have {
            let mut refused = refuse(409, RefusalCode::Offset);
            refused
                .headers
                .push((UPLOAD_OFFSET.to_owned(), have.to_string()));
            return refused;
        }
        let part = self.parts.entry(sha256).or_default();
        part.extend(&request.body);
        let have = part.len() as u64;
        if have == number(UPLOAD_LENGTH) {
            let bytes = self.parts.remove(&sha256).unwrap();
            if Sha256::of(&bytes) != sha256 {
                return refuse(422, RefusalCode::Digest);
            }
            self.whole.insert(sha256, bytes);
        }
        at(204, have)
    }
}

fn at(status: u16, offset: u64) -> Response {
    let mut answer = answer(status, Vec::new());
    answer
        .headers
        .push((UPLOAD_OFFSET.to_owned(), offset.to_string()));
    answer
}
