//! The server's receipts, kept for each entry and checked whenever they are read.

use jiff::Timestamp;
use ketuk_wire::{Holding, Proof, PublicKey, Receipt};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::drafts::digest;
use super::entries::ACKNOWLEDGED;
use super::households::{HouseholdRow, ROW, read_row};
use super::{Result, StorageFault, Store, search};

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
    /// A short number, to tell it from another by eye or by telephone.
    pub number: String,
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
    /// With a word to search by, only of families that are found by it.
    pub(crate) fn proofs(&self, search: &str, after: Option<u64>, limit: u32) -> Result<ProofPage> {
        let query = search::query(search, None);
        self.read(|connection| proofs(connection, query.as_deref(), after, limit.clamp(1, 500)))
    }

    /// What the server has signed for of the entry of this number.
    pub(crate) fn proof(&self, seq: u64) -> Result<Option<ProofRow>> {
        self.read(|connection| {
            let key = server_key(connection)?;
            let proof = connection
                .prepare_cached(&format!("{} AND o.seq = ?2", proven()))?
                .query_row(params![ACKNOWLEDGED, seq], |row| {
                    read_proof(row, key.as_ref())
                })
                .optional()?;
            Ok(proof.flatten())
        })
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

/// Selects what [`read_proof`] reads, of entries in state `?1`.
fn proven() -> String {
    format!(
        "SELECT {ROW}, o.seq, o.finished_at, h.id AS household, o.revision, o.received_at, o.sha256,
                o.proof
         FROM outbox o JOIN household h ON h.key = o.household
         WHERE o.state = ?1"
    )
}

fn read_proof(row: &Row<'_>, key: Option<&PublicKey>) -> rusqlite::Result<Option<ProofRow>> {
    let Some(receipt) = receipt(row, key) else {
        return Ok(None);
    };
    let text = receipt.to_string();
    Ok(Some(ProofRow {
        seq: row.get("seq")?,
        household: read_row(row)?,
        finished_at: Timestamp::from_millisecond(row.get("finished_at")?).unwrap_or_default(),
        revision: receipt.holding.revision,
        received_at: receipt.holding.received_at,
        number: receipt.number(),
        text,
    }))
}

fn proofs(
    connection: &Connection,
    query: Option<&str>,
    after: Option<u64>,
    limit: u32,
) -> Result<ProofPage> {
    let key = server_key(connection)?;
    let mut statement = connection.prepare_cached(&format!(
        "{} AND (?2 IS NULL OR o.seq < ?2)
         AND (?4 IS NULL OR o.household IN (
             SELECT rowid FROM household_words WHERE household_words MATCH ?4))
         ORDER BY o.seq DESC LIMIT ?3",
        proven()
    ))?;
    let rows = statement.query_map(
        params![ACKNOWLEDGED, after, u64::from(limit) + 1, query],
        |row| Ok((row.get("seq")?, read_proof(row, key.as_ref())?)),
    )?;
    let mut rows = rows.collect::<rusqlite::Result<Vec<(u64, _)>>>()?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next = rows.last().filter(|_| more).map(|(seq, _)| *seq);
    let rows = rows.into_iter().filter_map(|(_, proof)| proof).collect();
    Ok(ProofPage { rows, next })
}
