//! The way between a phone and the office, and everything that goes wrong on it.

use std::collections::BTreeMap;
use std::fmt;

use anyhow::Result;
use jiff::Timestamp;
use ketuk_phone::{Request, Response};
use ketuk_wire::{
    Op, PROTOCOL, PROTOCOL_HEADER, Refusal, RefusalCode, SyncRequest, SyncResponse, TroubleCode,
    Verdict,
};
use rand::RngExt as _;
use rand::seq::IndexedRandom as _;
use rand_chacha::ChaCha8Rng;

use crate::books::mark_of;

/// What becomes of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Weather {
    Clear,
    /// Cut off on the way up: the server never hears of it.
    Lost,
    /// The server answers, and nobody hears it.
    Swallowed,
    /// So many hundredths of the answer come, and pass for all of it.
    Short(usize),
    /// It arrives twice; the second answer counts.
    Twice,
    /// It is kept somewhere, and arrives when nobody thinks of it any more.
    Kept,
    /// A network's sign-in page answers.
    Portal,
    /// Somebody answers with this: the server, or something before it.
    Says(Says),
    /// The phone dies while it waits for the answer, which comes or not.
    PhoneDies {
        heard: bool,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Says {
    status: u16,
    ours: bool,
    refusal: bool,
    retry_after: Option<u32>,
}

const STATUSES: [u16; 14] = [
    400, 401, 403, 404, 408, 409, 410, 413, 422, 426, 429, 500, 502, 503,
];

impl Weather {
    /// `bad` of a hundred requests go wrong.
    pub(crate) fn draw(chance: &mut ChaCha8Rng, bad: u32) -> Weather {
        if !chance.random_ratio(bad, 100) {
            return Weather::Clear;
        }
        match chance.random_range(0..20) {
            0..=2 => Weather::Lost,
            3..=6 => Weather::Swallowed,
            7 => Weather::Short(chance.random_range(0..100)),
            8..=9 => Weather::Twice,
            10..=11 => Weather::Kept,
            12 => Weather::Portal,
            13..=14 => Weather::PhoneDies {
                heard: chance.random(),
            },
            _ => Weather::Says(Says {
                status: STATUSES.choose(chance).copied().unwrap_or(503),
                ours: chance.random(),
                refusal: chance.random(),
                retry_after: chance
                    .random_ratio(1, 3)
                    .then(|| chance.random_range(0..7200)),
            }),
        }
    }
}

impl Says {
    /// The server's own word that it can't read a request.
    pub(crate) const REFUSAL: Says = Says {
        status: 400,
        ours: true,
        refusal: true,
        retry_after: None,
    };

    pub(crate) fn response(&self) -> Response {
        let mut headers = Vec::new();
        if self.ours {
            headers.push((PROTOCOL_HEADER.to_owned(), PROTOCOL.to_owned()));
        }
        if let Some(seconds) = self.retry_after {
            headers.push(("retry-after".to_owned(), seconds.to_string()));
        }
        let refusal = Refusal {
            code: RefusalCode::Unknown,
            message: "Coba lagi nanti.".into(),
        };
        let body = self.refusal.then(|| serde_json::to_vec(&refusal).ok());
        Response {
            status: self.status,
            headers,
            body: body.flatten().unwrap_or_default(),
        }
    }
}

pub(crate) fn portal() -> Response {
    Response {
        status: 200,
        headers: vec![("content-type".to_owned(), "text/html".to_owned())],
        body: b"<html>Selamat datang di WiFi</html>".to_vec(),
    }
}

/// The answer cut short, passing for whole.
pub(crate) fn short(mut answer: Response, hundredths: usize) -> Response {
    answer.body.truncate(answer.body.len() * hundredths / 100);
    answer
}

/// A request as a phone made it, and whose it was.
#[derive(Clone)]
pub(crate) struct Letter {
    pub(crate) phone: usize,
    pub(crate) request: Request,
    /// The entries in it, by their marks.
    pub(crate) marks: Vec<String>,
}

impl Letter {
    pub(crate) fn of(phone: usize, request: &Request) -> Letter {
        let numbered = numbered(request).into_iter();
        Letter {
            phone,
            request: request.clone(),
            marks: numbered.map(|(_, mark)| mark).collect(),
        }
    }

    /// The same entries, with another word of the phone on the highest number that it gave out, which
    /// has heard of all lives that it lost.
    pub(crate) fn saying(mut self, high_seq: u64) -> Result<Letter> {
        if self.request.path == "/v1/sync" {
            let mut message: SyncRequest = ketuk_wire::decode(&self.request.body)?;
            message.outgoing.high_seq = high_seq;
            message.outgoing.lived_to = high_seq;
            self.request.body = ketuk_wire::encode(&message)?;
        }
        Ok(self)
    }
}

/// What became of the entries of a request, by their marks, as the answer says it: the revision, the
/// server's time, and the trouble.
pub(crate) fn fates(request: &Request, answer: &Response) -> Vec<(String, Fate)> {
    let said: Option<SyncResponse> = ketuk_wire::decode(&answer.body).ok();
    let Some(said) = said else {
        return Vec::new();
    };
    let marks: BTreeMap<u64, String> = numbered(request).into_iter().collect();
    let fates = said.acks.iter().filter_map(|ack| {
        let trouble = said.troubles.iter().find(|trouble| trouble.seq == ack.seq);
        let fate = Fate {
            revision: ack.revision,
            received_at: ack.received_at,
            trouble: trouble.map(|trouble| (trouble.verdict, trouble.code)),
        };
        Some((marks.get(&ack.seq)?.clone(), fate))
    });
    fates.collect()
}

/// What the server says of an entry that it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fate {
    revision: u64,
    received_at: Timestamp,
    trouble: Option<(Verdict, TroubleCode)>,
}

impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "revision {}", self.revision)?;
        match self.trouble {
            Some((verdict, code)) => write!(f, ", {verdict:?} for {code:?}"),
            None => Ok(()),
        }
    }
}

impl Fate {
    /// Whether it is to become another one: the entry is judged once its questionnaire or its area is
    /// known.
    pub(crate) fn is_open(&self) -> bool {
        let code = self.trouble.map(|(_, code)| code);
        matches!(
            code,
            Some(TroubleCode::UnknownForm | TroubleCode::UnknownArea)
        )
    }
}

fn numbered(request: &Request) -> Vec<(u64, String)> {
    let message: Option<SyncRequest> = ketuk_wire::decode(&request.body).ok();
    let ops = message.map(|message| message.ops).unwrap_or_default();
    let mark = |op: &Op| (op.seq, mark_of(op.document.get()));
    ops.iter().map(mark).collect()
}
