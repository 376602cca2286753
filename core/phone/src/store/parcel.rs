//! What leaves the phone in a parcel.

use jiff::Timestamp;
use ketuk_wire::{Holding, Op, Outgoing, PublicKey, Signed, receipts};
use rusqlite::{OptionalExtension as _, Statement, Transaction, params};
use uuid::Uuid;

use super::drafts::digest;
use super::fates::{Acknowledgement, Fate, acknowledge};
use super::queue::{OP, op, outgoing};
use super::{Result, StorageFault, Store};

/// Entries for a parcel, and how the phone's queue stands.
pub(crate) struct Contents {
    pub(crate) ops: Vec<Op>,
    pub(crate) outgoing: Outgoing,
    /// Entries that wait and found no room.
    pub(crate) left_over: u64,
}

impl Store {
    /// What goes into a parcel: of all that waits at most `max` entries and, but for the first,
    /// `max_bytes` of documents. Households of which no parcel had all yet go first, then what left
    /// the longest ago. When this returns it is on the disk that they went out: their bytes never
    /// change again.
    ///
    /// Unlike in [`Store::lot`], all entries of a household go, for there may be no other way out;
    /// but none without those before it, since a parcel may be the only one that arrives. What the
    /// server refused stays: it would refuse it again.
    pub(crate) fn hand_over(
        &self,
        max: usize,
        max_bytes: usize,
        now: Timestamp,
    ) -> Result<Contents> {
        self.commit(|tx| {
            // Only their numbers are put in order: the documents of all would not fit into memory.
            let mut next = tx.prepare_cached(
                "SELECT o.seq FROM outbox o WHERE o.state = 0
                 WINDOW family AS (PARTITION BY o.household)
                 ORDER BY min(coalesce(o.handed_over, 0)) OVER family, min(o.seq) OVER family, o.seq
                 LIMIT ?1",
            )?;
            let mut entry = tx.prepare_cached(&format!("{OP} WHERE o.seq = ?1"))?;
            let mut numbers = next.query([i64::try_from(max).unwrap_or(i64::MAX)])?;
            let mut ops: Vec<Op> = Vec::new();
            let mut bytes = 0;
            while let Some(number) = numbers.next()? {
                let op = read_one(&mut entry, tx, number.get(0)?)?;
                bytes += op.document.get().len();
                if bytes > max_bytes && !ops.is_empty() {
                    break;
                }
                ops.push(op);
            }
            drop(numbers);
            ops.sort_unstable_by_key(|op| op.seq);
            let mut note = tx.prepare_cached(
                "UPDATE outbox SET attempted = 1, handed_over = ?2 WHERE seq = ?1",
            )?;
            for op in &ops {
                note.execute(params![op.seq, now.as_millisecond()])?;
            }
            let outgoing = outgoing(tx)?;
            let ready = outgoing.waiting - outgoing.held;
            Ok(Contents {
                left_over: ready.saturating_sub(ops.len() as u64),
                outgoing,
                ops,
            })
        })
    }
}

impl Store {
    /// Takes over receipts that came in a file; gives how many were news. `None` if the server did not
    /// sign for just what is here under these numbers: then nothing is taken.
    pub(crate) fn take_receipts(&self, batches: &[Signed], key: &PublicKey) -> Result<Option<u64>> {
        self.commit(|tx| {
            let mut fates = Vec::new();
            for batch in batches {
                match signed_for(tx, batch, key)? {
                    Some(signed) => fates.extend(signed),
                    None => return Ok(None),
                }
            }
            let mut news = 0;
            for fate in &fates {
                news += u64::from(acknowledge(tx, fate)?.is_some());
            }
            Ok(Some(news))
        })
    }
}

fn signed_for(
    tx: &Transaction<'_>,
    batch: &Signed,
    key: &PublicKey,
) -> Result<Option<Vec<Acknowledgement>>> {
    let mut entry = tx.prepare_cached(
        "SELECT o.op, h.id, o.sha256 FROM outbox o JOIN household h ON h.key = o.household
         WHERE o.seq = ?1",
    )?;
    let (mut ops, mut holdings) = (Vec::new(), Vec::new());
    for ack in &batch.acks {
        // What SQLite can't hold no server has counted to.
        if i64::try_from(ack.seq).is_err() || i64::try_from(ack.revision).is_err() {
            return Ok(None);
        }
        let found = entry
            .query_row([ack.seq], |row| {
                Ok((
                    row.get::<_, Uuid>(0)?,
                    row.get(1)?,
                    row.get::<_, Vec<u8>>(2)?,
                ))
            })
            .optional()?;
        let Some((op, household, sha256)) = found else {
            return Ok(None);
        };
        ops.push(op);
        holdings.push(Holding {
            household,
            revision: ack.revision,
            sha256: digest(&sha256, "outbox")?,
            received_at: ack.received_at,
        });
    }
    let Ok(receipts) = receipts(&holdings, batch.signature, key) else {
        return Ok(None);
    };
    let fates = ops
        .into_iter()
        .zip(receipts)
        .map(|(op, receipt)| Acknowledgement {
            op,
            fate: Fate::Durable(receipt),
            trouble: None,
        });
    Ok(Some(fates.collect()))
}

fn read_one(entry: &mut Statement<'_>, tx: &Transaction<'_>, seq: u64) -> Result<Op> {
    let mut rows = entry.query([seq])?;
    let row = rows.next()?.ok_or_else(|| StorageFault::row("outbox"))?;
    op(tx, row)
}
