//! What a phone hands over in a file when there is no way from it to the server: sealed to the
//! server's key, brought by anybody, and taken as if the phone had sent it.

use std::collections::HashSet;

use ketuk_wire::{
    HandoverAnswer, HandoverReceipts, Holding, MAX_DECOMPRESSED, Op, Parcel, Signed, Verdict,
    decode,
};

use crate::Error;
use crate::enrol::{self, Caller};
use crate::hub::Hub;
use crate::ingest::{self, Phone, Taken};

/// The largest parcel, sealed: what unpacks to a message within bounds is never larger.
pub(crate) const MAX_PARCEL: usize = MAX_DECOMPRESSED;

/// Entries taken in one transaction: as many as come with one request.
const AT_ONCE: usize = 500;

/// What came of a parcel.
#[derive(Debug)]
pub(crate) struct Brought {
    pub(crate) answer: HandoverAnswer,
    /// For the phone that it is from; none if it holds nothing that was plainly accepted.
    pub(crate) receipts: Option<HandoverReceipts>,
}

/// Opens a parcel and takes what is in it. Twice, or beside the phone that sends the same itself:
/// nothing changes.
///
/// # Errors
/// [`Error::Parcel`] and [`Error::Stranger`] if it can't be taken; else those of the database.
pub(crate) fn take(hub: &Hub, sealed: &[u8]) -> Result<Brought, Error> {
    let parcel = open(hub, sealed)?;
    let (phone, genuine) = sender(hub, &parcel)?;
    let now = hub.clock.now();
    let mut answer = HandoverAnswer::default();
    let high_seq = parcel.request.outgoing.high_seq;
    let mut batches = Vec::new();
    for ops in parcel.request.ops.chunks(AT_ONCE) {
        let taken = if genuine {
            ingest::take_handed_over(hub, &phone, ops, high_seq, now)?
        } else {
            ingest::take_doubtful(hub, &phone, ops, now)?
        };
        answer.received += taken.acks.len() as u64;
        answer.already += taken.again;
        let troubles = taken.troubles.iter();
        answer.troubles += troubles
            .filter(|trouble| trouble.verdict != Verdict::Rejected)
            .count() as u64;
        if genuine {
            batches.extend(signed(hub, ops, &taken));
        }
    }
    tracing::info!(
        entries = answer.received,
        already = answer.already,
        genuine,
        "a parcel was handed over"
    );
    let device = parcel.device;
    Ok(Brought {
        answer,
        receipts: (!batches.is_empty()).then_some(HandoverReceipts { device, batches }),
    })
}

/// Signs for what was plainly accepted. Of the rest the phone must hear why, which a file that anybody
/// may have written can't tell it.
fn signed(hub: &Hub, ops: &[Op], taken: &Taken) -> Option<Signed> {
    let doubted: HashSet<u64> = taken.troubles.iter().map(|trouble| trouble.seq).collect();
    let plain = |seq: u64| {
        ops.iter()
            .find(|op| op.seq == seq && !doubted.contains(&seq))
    };
    let (acks, holdings): (Vec<_>, Vec<_>) = taken
        .acks
        .iter()
        .filter_map(|ack| {
            let op = plain(ack.seq)?;
            let holding = Holding {
                household: op.household,
                revision: ack.revision,
                sha256: op.sha256,
                received_at: ack.received_at,
            };
            Some((*ack, holding))
        })
        .unzip();
    let signature = ketuk_wire::sign(&hub.secrets.signing, &holdings)?;
    Some(Signed { acks, signature })
}

fn open(hub: &Hub, sealed: &[u8]) -> Result<Parcel, Error> {
    if sealed.len() > MAX_PARCEL {
        return Err(Error::Parcel);
    }
    let packed = age::decrypt(&hub.secrets.parcels, sealed).map_err(|_| Error::Parcel)?;
    decode(&packed).map_err(|_| Error::Parcel)
}

/// The phone that a parcel is from, and whether it shows that it is: its token is the one that the
/// phone goes by now. An older one may be anybody's who found an old file.
fn sender(hub: &Hub, parcel: &Parcel) -> Result<(Phone, bool), Error> {
    match enrol::caller(hub, &parcel.token)? {
        Caller::Known(phone) if phone.device == parcel.device => Ok((phone, true)),
        _ => match enrol::enrolled(hub, parcel.device)? {
            Some(phone) => Ok((phone, false)),
            None => Err(Error::Stranger),
        },
    }
}
