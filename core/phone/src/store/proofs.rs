//! The server's receipts, kept for each entry and checked whenever they are read.

use jiff::Timestamp;
use ketuk_wire::{Holding, Proof, PublicKey, Receipt};
use rusqlite::{Connection, Row};

use super::drafts::digest;
use super::entries::ACKNOWLEDGED;
use super::households::{HouseholdRow, ROW, read_row};
use super::{Result, StorageFault, Store};

/// An entry that the server has signed for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProofRow {
    /// The entry's number on this phone.
    pub seq: u64,
    /// The family.
    pub household: HouseholdRow,
    /// When the visit was finished, by the phone's clock.
    pub finished_at: Timestamp,
    /// The revision that the entry became or went into; 0 while the server keeps it beside the
    /// revisions.
    pub revision: u64,
    /// The server's clock when it came.
    pub received_at: Timestamp,
    /// The receipt as a text for a QR code: all that is needed to check it.
    pub text: String,
}

/// A part of the list of proofs, the newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProofPage {
    /// At most as many as were asked for.
    pub rows: Vec<ProofRow>,
    /// Where the next part begins; `None` at the end.
    pub next: Option<u64>,
}

impl Store {
    /// What the server has signed for, the newest first, before the entry numbered `after`.
    pub(crate) fn proofs(&self, after: Option<u64>, limit: u32) -> Result<ProofPage> {
        self.read(|connection| proofs(connection, after, limit.clamp(1, 500)))
    }
}

/// The key that the server signs with; `None` before the phone is enrolled.
pub(super) fn server_key(connection: &Connection) -> Result<Option<PublicKey>> {
    let key: Option<String> = connection
        .prepare_cached("SELECT server_key FROM device")?
        .query_row([], |row| row.get(0))?;
    key.map(|key| key.parse().map_err(|_| StorageFault::row("device")))
        .transpose()
}

/// The receipt in a row of `household` (its id), `revision`, `received_at`, `sha256` and `proof`.
/// `None` before there is one, and if the server with this key didn't give it.
pub(super) fn receipt(row: &Row<'_>, key: Option<&PublicKey>) -> Option<Receipt> {
    let proof: Vec<u8> = row.get("proof").ok()?;
    let sha256: Vec<u8> = row.get("sha256").ok()?;
    let receipt = Receipt {
        holding: Holding {
            household: row.get("household").ok()?,
            revision: row.get("revision").ok()?,
            sha256: digest(&sha256, "outbox").ok()?,
            received_at: Timestamp::from_millisecond(row.get("received_at").ok()?).ok()?,
        },
        proof: Proof::from_bytes(&proof).ok()?,
    };
    receipt.verify(key?).ok()?;
    Some(receipt)
}

fn proofs(connection: &Connection, after: Option<u64>, limit: u32) -> Result<ProofPage> {
    let key = server_key(connection)?;
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {ROW}, o.seq, o.finished_at, h.id AS household, o.revision, o.received_at, o.sha256,
                o.proof
         FROM outbox o JOIN household h ON h.key = o.household
         WHERE o.state = ?1 AND (?2 IS NULL OR o.seq < ?2) ORDER BY o.seq DESC LIMIT ?3"
    ))?;
    let rows = statement.query_map(
        rusqlite::params![ACKNOWLEDGED, after, u64::from(limit) + 1],
        |row| {
            let seq: u64 = row.get("seq")?;
            let Some(receipt) = receipt(row, key.as_ref()) else {
                return Ok((seq, None));
            };
            let proof = ProofRow {
                seq,
                household: read_row(row)?,
                finished_at: Timestamp::from_millisecond(row.get("finished_at")?)
                    .unwrap_or_default(),
                revision: receipt.holding.revision,
                received_at: receipt.holding.received_at,
                text: receipt.to_string(),
            };
            Ok((seq, Some(proof)))
        },
    )?;
    let mut rows = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next = rows.last().filter(|_| more).map(|(seq, _)| *seq);
    let rows = rows.into_iter().filter_map(|(_, proof)| proof).collect();
    Ok(ProofPage { rows, next })
}
