//! A server that keeps to the protocol, all in memory.

use std::collections::BTreeMap;

use ketuk_wire::{
    Ack, Cadre, Campaign, Change, EnrolResponse, HandoverAnswer, Holding, Limits, Op, Parcel,
    PullPage, Refusal, RefusalCode, Sha256, SigningKey, SyncRequest, SyncResponse, Trouble,
    TroubleCode, Verdict,
};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::blobs::Blobs;
use super::{FORM, area, listed, noon};
use crate::sync::{Request, Response};

/// What the server keeps of an entry. What an entry's text begins with decides what becomes of it:
/// `REJECT`, `QUARANTINE`, `MALFORMED` (the request can't be read), `POISON` (the server fails).
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    pub(crate) op: Uuid,
    pub(crate) household: Uuid,
    pub(crate) base: u64,
    pub(crate) text: String,
    /// That it became or went into; 0 beside the revisions.
    pub(crate) revision: u64,
    pub(crate) verdict: Option<Verdict>,
}

pub(crate) struct Server {
    pub(crate) key: SigningKey,
    pub(crate) epoch: Uuid,
    /// In the order in which they came; those of other phones among them.
    pub(crate) kept: Vec<Kept>,
    /// The numbers of the phone and what came under them.
    pub(crate) numbers: BTreeMap<u64, Uuid>,
    /// The highest number that it heard of.
    pub(crate) high_seq: u64,
    /// Whether what is changed on two sides can be put together; else it is a conflict.
    pub(crate) merges: bool,
    /// News, in order; the cursor is how many of them the phone has.
    pub(crate) changes: Vec<Change>,
    pub(crate) form: Vec<u8>,
    pub(crate) requests: Vec<SyncRequest>,
    /// Photos.
    pub(crate) blobs: Blobs,
    /// Opens parcels.
    pub(crate) identity: age::x25519::Identity,
    /// The largest request body that it takes.
    pub(crate) largest: usize,
    /// A page of the pull has at most so many changes.
    pub(crate) page: usize,
}

impl Server {
    pub(crate) fn new() -> Server {
        Server {
            key: SigningKey::from_seed(&[3; 32]),
            epoch: Uuid::from_u128(77),
            kept: Vec::new(),
            numbers: BTreeMap::new(),
            high_seq: 0,
            merges: false,
            changes: Vec::new(),
            form: FORM.to_vec(),
            requests: Vec::new(),
            blobs: Blobs::new(),
            identity: age::x25519::Identity::generate(),
            largest: 1 << 20,
            page: usize::MAX,
        }
    }

    pub(crate) fn enrolment(&self) -> EnrolResponse {
        EnrolResponse {
            token: "secret-token".into(),
            cadre: Cadre {
                id: Uuid::from_u128(1),
                name: "Kader".into(),
                areas: vec![area()],
            },
            campaign: Campaign {
                id: Uuid::from_u128(2),
                title: "Uji".into(),
                first_day: "2026-07-01".parse().unwrap(),
                last_day: "2026-07-31".parse().unwrap(),
                synthetic: true,
                lock: ketuk_wire::PhoneLock::default(),
            },
            server_key: self.key.public(),
            recipient: self.identity.to_public().to_string(),
        }
    }

    /// The texts it has for a household, oldest first.
    pub(crate) fn texts(&self, household: Uuid) -> Vec<&str> {
        let kept = self.kept.iter().filter(|kept| kept.household == household);
        kept.map(|kept| kept.text.as_str()).collect()
    }

    /// The revision that a household has, and what it says; conflicts apart.
    pub(crate) fn current(&self, household: Uuid) -> Option<(u64, &str)> {
        let mut kept = self.kept.iter().rev();
        let counts = kept.find(|kept| kept.household == household && kept.revision > 0);
        counts.map(|kept| (kept.revision, kept.text.as_str()))
    }

    fn revision(&self, household: Uuid) -> u64 {
        self.current(household).map_or(0, |(revision, _)| revision)
    }

    /// Another phone sends this of a household.
    pub(crate) fn another_sends(&mut self, household: Uuid, text: &str) {
        let revision = self.revision(household) + 1;
        self.kept.push(Kept {
            op: Uuid::new_v4(),
            household,
            base: revision - 1,
            text: text.to_owned(),
            revision,
            verdict: None,
        });
        self.changes.push(listed(household));
    }

    /// A change as it is sent: a household as it stands now, whenever it became news.
    fn as_it_stands(&self, change: &Change) -> Change {
        let mut change = change.clone();
        if let Change::Household(household) = &mut change
            && let Some((revision, text)) = self.current(household.id)
        {
            household.revision = revision;
            let document = serde_json::json!({"hasil": "1", "catatan": text}).to_string();
            household.document = Some(RawValue::from_string(document).unwrap());
        }
        change
    }

    /// Becomes what it was when it had `entries` of its entries: restored from a backup.
    pub(crate) fn restore(&mut self, entries: usize) {
        self.epoch = Uuid::new_v4();
        self.kept.truncate(entries);
        let ops: Vec<Uuid> = self.kept.iter().map(|kept| kept.op).collect();
        self.numbers.retain(|_, op| ops.contains(op));
        self.high_seq = self.numbers.keys().copied().max().unwrap_or(0);
    }

    pub(crate) fn handle(&mut self, request: &Request) -> Response {
        if let Some(digest) = request.path.strip_prefix("/v1/forms/") {
            return match Sha256::of(&self.form).to_string() == digest {
                true => answer(200, self.form.clone()),
                false => refuse(404, RefusalCode::NotFound),
            };
        }
        if let Some(digest) = request.path.strip_prefix("/v1/blobs/") {
            return self.blobs.handle(digest.parse().unwrap(), request);
        }
        if request.body.len() > self.largest {
            return refuse(413, RefusalCode::TooLarge);
        }
        let message: SyncRequest = ketuk_wire::decode(&request.body).unwrap();
        self.requests.push(message.clone());
        let begins = |word: &str| message.ops.iter().any(|op| text(op).starts_with(word));
        if begins("MALFORMED") {
            return refuse(422, RefusalCode::BadRequest);
        }
        if begins("POISON") {
            return refuse(500, RefusalCode::Busy);
        }
        let high_seq = message.outgoing.high_seq;
        let was_put_back = self.was_put_back(&message);
        self.high_seq = self.high_seq.max(high_seq);
        if was_put_back {
            let said = SyncResponse {
                put_back: true,
                ..self.answer(self.high_seq)
            };
            return answer(200, ketuk_wire::encode(&said).unwrap());
        }
        let kept: Vec<(&Op, Kept)> = message
            .ops
            .iter()
            .filter_map(|op| Some((op, self.take(op)?)))
            .collect();
        let rejected = message
            .ops
            .iter()
            .filter(|op| text(op).starts_with("REJECT"));
        let rejected = rejected.map(|op| trouble(op.seq, Verdict::Rejected));
        let troubles = kept
            .iter()
            .filter_map(|(op, kept)| Some(trouble(op.seq, kept.verdict?)));
        let ack = |(op, kept): &(&Op, Kept)| Ack {
            seq: op.seq,
            revision: kept.revision,
            received_at: noon(),
        };
        let holding = |(op, kept): &(&Op, Kept)| Holding {
            household: op.household,
            revision: kept.revision,
            sha256: op.sha256,
            received_at: noon(),
        };
        let holdings: Vec<Holding> = kept.iter().map(holding).collect();
        let pull = match self.pull(&message) {
            Some(Err(refusal)) => return refusal,
            page => page.and_then(Result::ok),
        };
        let body = ketuk_wire::encode(&SyncResponse {
            acks: kept.iter().map(ack).collect(),
            signature: ketuk_wire::sign(&self.key, &holdings),
            troubles: troubles.chain(rejected).collect(),
            pull,
            ..self.answer(self.high_seq)
        });
        answer(200, body.unwrap())
    }

    /// Whether the phone was put back from an older copy of itself, and doesn't know: it has forgotten
    /// numbers, or given one out again.
    fn was_put_back(&self, message: &SyncRequest) -> bool {
        let again = |op: &Op| {
            let known = self.numbers.get(&op.seq);
            known.is_some_and(|known| *known != op.op)
        };
        message.outgoing.high_seq < self.high_seq || message.ops.iter().any(again)
    }

    fn answer(&self, high_seq: u64) -> SyncResponse {
        SyncResponse {
            server_time: noon(),
            received: self.numbers.keys().copied().collect(),
            high_seq,
            put_back: false,
            acks: Vec::new(),
            signature: None,
            troubles: Vec::new(),
            wanted: self.blobs.wanted(),
            pull: None,
            limits: Limits {
                max_ops: 500,
                max_bytes: 1 << 20,
                max_blob: self.blobs.told,
            },
        }
    }

    /// Takes a parcel that somebody brought.
    pub(crate) fn unpack(&mut self, parcel: &[u8]) -> HandoverAnswer {
        let plain = age::decrypt(&self.identity, parcel).unwrap();
        let parcel: Parcel = ketuk_wire::decode(&plain).unwrap();
        let before = self.kept.len();
        let taken = parcel.request.ops.iter().filter_map(|op| self.take(op));
        let received = taken.count() as u64;
        HandoverAnswer {
            received,
            already: received - (self.kept.len() - before) as u64,
            troubles: 0,
        }
    }

    fn pull(&self, message: &SyncRequest) -> Option<Result<PullPage, Response>> {
        let cursor = message.pull.as_ref()?.cursor.as_deref();
        let from = match cursor.map(|cursor| cursor.split_once(':')) {
            None => Some(0),
            // A cursor of a test's own says only how far it came.
            Some(None) => cursor.and_then(|cursor| cursor.parse().ok()),
            Some(Some((epoch, from))) if epoch == self.epoch.to_string() => from.parse().ok(),
            Some(_) => None,
        };
        let Some(from) = from.filter(|from| *from <= self.changes.len()) else {
            return Some(Err(refuse(409, RefusalCode::Cursor)));
        };
        let until = from.saturating_add(self.page).min(self.changes.len());
        Some(Ok(PullPage {
            changes: self.changes[from..until]
                .iter()
                .map(|change| self.as_it_stands(change))
                .collect(),
            cursor: format!("{}:{until}", self.epoch),
            more: until < self.changes.len(),
        }))
    }

    /// Takes an entry once, whatever is sent again.
    pub(crate) fn take(&mut self, op: &Op) -> Option<Kept> {
        let text = text(op);
        if text.starts_with("REJECT") {
            return None;
        }
        self.numbers.insert(op.seq, op.op);
        if let Some(kept) = self.kept.iter().find(|kept| kept.op == op.op) {
            assert!(
                kept.text.ends_with(&text),
                "an entry's bytes changed after it was sent"
            );
            return Some(kept.clone());
        }
        let (now, theirs) = self
            .current(op.household)
            .map_or((0, ""), |(revision, text)| (revision, text));
        let (text, revision, verdict) = if text.starts_with("QUARANTINE") {
            (text, 0, Some(Verdict::Quarantined))
        } else if op.base >= now {
            (text, op.base.max(now) + 1, None)
        } else if self.merges {
            (format!("{theirs} & {text}"), now + 1, Some(Verdict::Merged))
        } else {
            (text, 0, Some(Verdict::Conflict))
        };
        self.blobs.name(&op.blobs);
        let kept = Kept {
            op: op.op,
            household: op.household,
            base: op.base,
            text,
            revision,
            verdict,
        };
        self.kept.push(kept.clone());
        if verdict == Some(Verdict::Merged) {
            self.changes.push(listed(op.household));
        }
        Some(kept)
    }
}

fn text(op: &Op) -> String {
    let document: serde_json::Value = serde_json::from_str(op.document.get()).unwrap();
    let text = document["catatan"].as_str();
    text.unwrap_or(op.document.get()).to_owned()
}

fn trouble(seq: u64, verdict: Verdict) -> Trouble {
    let (code, message) = match verdict {
        Verdict::Merged => (TroubleCode::NewerRevision, "Isian ini digabung."),
        Verdict::Conflict => (TroubleCode::NewerRevision, "Kedua isian disimpan."),
        _ => (
            TroubleCode::InvalidDocument,
            "Isian ini belum lolos pemeriksaan.",
        ),
    };
    Trouble {
        seq,
        verdict,
        code,
        message: message.into(),
    }
}

pub(crate) fn answer(status: u16, body: Vec<u8>) -> Response {
    Response {
        status,
        headers: vec![("ketuk-protocol".into(), "1".into())],
        body,
    }
}

pub(crate) fn refuse(status: u16, code: RefusalCode) -> Response {
    let refusal = Refusal {
        code,
        message: "Tidak bisa.".into(),
    };
    answer(status, serde_json::to_vec(&refusal).unwrap())
}
