//! The way of an entry: checked in code, then written for its village in one transaction that gives
//! it its revision, its change number and its place in the roll-up.

mod check;
mod household;
mod ranges;
mod rows;
mod store;

use std::collections::BTreeMap;

use jiff::Timestamp;
use ketuk_wire::{Ack, AreaCode, Op, Outgoing, Receipt, SeqRanges, Trouble, TroubleCode, Verdict};
use uuid::Uuid;

use check::Entry;
pub(crate) use check::village_of;
pub(crate) use household::Count;
pub(crate) use ranges::Seen;

use crate::Error;
use crate::hub::Hub;

/// Whose entries they are.
#[derive(Debug, Clone)]
pub(crate) struct Phone {
    /// Where the cadre belongs; her phone's own row is kept there.
    pub(crate) village: String,
    pub(crate) device: Uuid,
    pub(crate) cadre: Uuid,
    /// Her RTs.
    pub(crate) rts: Vec<AreaCode>,
}

/// What a phone says of itself with each request.
#[derive(Debug, Clone)]
pub(crate) struct Word {
    pub(crate) app: String,
    pub(crate) clock: Timestamp,
    pub(crate) outgoing: Outgoing,
}

/// What became of the entries of a request.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    pub(crate) durable: SeqRanges,
    pub(crate) acks: Vec<Ack>,
    pub(crate) troubles: Vec<Trouble>,
    /// All numbers of the phone up to this one are here.
    pub(crate) safe_seq: u64,
}

/// What became of one entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is a revision, since then.
    Revision(u64, Timestamp),
    /// It is kept, but does not stand.
    Kept(Verdict, TroubleCode),
    /// It is not kept.
    Rejected(TroubleCode),
}

/// Takes a phone's entries, and its word on its own queue, at this time of the server.
///
/// # Errors
/// If the database is not available. What was committed until then stays; sent again, it gets the
/// same answers.
pub(crate) fn take(
    hub: &Hub,
    phone: &Phone,
    word: &Word,
    ops: &[Op],
    now: Timestamp,
) -> Result<Taken, Error> {
    let mut fates: Vec<(&Op, Fate)> = Vec::with_capacity(ops.len());
    let mut by_village: BTreeMap<String, Vec<Entry<'_>>> = BTreeMap::new();
    for op in ops {
        match check::check(hub, phone, op, now) {
            Ok(entry) => by_village
                .entry(entry.village.clone())
                .or_default()
                .push(entry),
            Err(code) => fates.push((op, Fate::Rejected(code))),
        }
    }
    // The phone's own village goes last: its transaction also notes what of the phone is here.
    let home = by_village.remove(&phone.village).unwrap_or_default();
    for (village, entries) in by_village {
        fates.extend(store::store(hub, phone, &village, &entries, None, now)?.fates);
        hub.wake(&village);
    }
    let elsewhere: Vec<u64> = fates
        .iter()
        .filter(|(_, fate)| !matches!(fate, Fate::Rejected(_)))
        .map(|(op, _)| op.seq)
        .collect();
    let note = store::Note {
        word,
        durable_elsewhere: &elsewhere,
    };
    let stored = store::store(hub, phone, &phone.village, &home, Some(note), now)?;
    if stored.changed {
        hub.wake(&phone.village);
    }
    fates.extend(stored.fates);
    Ok(answer(hub, fates, stored.safe_seq))
}

fn answer(hub: &Hub, fates: Vec<(&Op, Fate)>, safe_seq: u64) -> Taken {
    let mut taken = Taken {
        safe_seq,
        ..Taken::default()
    };
    let mut durable = Vec::with_capacity(fates.len());
    for (op, fate) in fates {
        match fate {
            Fate::Revision(revision, received_at) => {
                durable.push(op.seq);
                let receipt = Receipt::sign(
                    &hub.secrets.signing,
                    op.household,
                    revision,
                    op.sha256,
                    received_at,
                );
                taken.acks.push(Ack {
                    seq: op.seq,
                    revision,
                    received_at,
                    signature: receipt.signature,
                });
            }
            Fate::Kept(verdict, code) => {
                durable.push(op.seq);
                taken.troubles.push(trouble(op.seq, verdict, code));
            }
            Fate::Rejected(code) => {
                taken
                    .troubles
                    .push(trouble(op.seq, Verdict::Rejected, code));
            }
        }
    }
    taken.acks.sort_unstable_by_key(|ack| ack.seq);
    taken.troubles.sort_unstable_by_key(|trouble| trouble.seq);
    taken.durable = durable.into_iter().collect();
    taken
}

fn trouble(seq: u64, verdict: Verdict, code: TroubleCode) -> Trouble {
    Trouble {
        seq,
        verdict,
        code,
        message: sentence(code).to_owned(),
    }
}

/// What happened to the entry and what comes next, as the cadre reads it.
fn sentence(code: TroubleCode) -> &'static str {
    match code {
        TroubleCode::InvalidDocument => {
            "Isian ini disimpan di server, tetapi belum lolos pemeriksaan. Buka lagi, perbaiki, lalu \
             kirim."
        }
        TroubleCode::UnknownForm => {
            "Isian ini disimpan di server, tetapi kuesionernya belum dikenal di sana. Supervisor akan \
             memeriksanya."
        }
        TroubleCode::DigestMismatch => {
            "Isian ini rusak di jalan dan tidak disimpan di server. Isian aman di HP ini; kirim lagi."
        }
        TroubleCode::OpReused => {
            "Nomor kiriman ini sudah dipakai untuk isian lain. Isian ini disimpan di server untuk \
             diperiksa supervisor."
        }
        TroubleCode::AreaNotAllotted => {
            "Keluarga ini di luar RT Anda. Isian diterima; supervisor akan memeriksanya."
        }
        TroubleCode::UnknownArea => {
            "Wilayah isian ini tidak ada dalam pendataan. Isian disimpan di server untuk diperiksa \
             supervisor."
        }
        TroubleCode::NewerRevision => {
            "Keluarga ini sudah diubah dari HP lain. Kedua isian disimpan; supervisor akan memilih."
        }
        TroubleCode::Unknown => "Isian ini perlu dilihat supervisor.",
    }
}

/// A code as the database keeps it.
pub(crate) fn code_text(code: TroubleCode) -> &'static str {
    match code {
        TroubleCode::InvalidDocument => "invalid_document",
        TroubleCode::UnknownForm => "unknown_form",
        TroubleCode::DigestMismatch => "digest_mismatch",
        TroubleCode::OpReused => "op_reused",
        TroubleCode::AreaNotAllotted => "area_not_allotted",
        TroubleCode::UnknownArea => "unknown_area",
        TroubleCode::NewerRevision => "newer_revision",
        TroubleCode::Unknown => "unknown",
    }
}

/// The code that the database kept as this text.
pub(crate) fn code_of(text: &str) -> TroubleCode {
    [
        TroubleCode::InvalidDocument,
        TroubleCode::UnknownForm,
        TroubleCode::DigestMismatch,
        TroubleCode::OpReused,
        TroubleCode::AreaNotAllotted,
        TroubleCode::UnknownArea,
        TroubleCode::NewerRevision,
    ]
    .into_iter()
    .find(|code| code_text(*code) == text)
    .unwrap_or(TroubleCode::Unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_kept_as_it_is_spelt_on_the_wire() {
        for text in ["invalid_document", "op_reused", "newer_revision"] {
            let wire = serde_json::to_value(code_of(text)).unwrap();
            assert_eq!(wire, text);
        }
        assert_eq!(code_of("weather"), TroubleCode::Unknown);
    }
}
