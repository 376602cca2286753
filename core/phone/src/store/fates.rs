//! What became of entries: acknowledged, held, lost by the server, or numbered anew.

use jiff::Timestamp;
use ketuk_wire::{Receipt, SeqRanges, Trouble, Verdict};
use rusqlite::{OptionalExtension as _, Transaction, params};
use serde::Serialize;
use uuid::Uuid;

use super::device::{HER_RTS, heard};
use super::households::{Stand, index_again, settle, stand};
use super::pull::start_over;
use super::queue::HIGH_SEQ;
use super::{Result, Store};

/// What the server said of one entry of a request.
pub(crate) struct Acknowledgement {
    pub(crate) op: Uuid,
    pub(crate) fate: Fate,
    /// Code and sentence, if it needs a look.
    pub(crate) trouble: Option<Trouble>,
}

/// What became of an entry.
pub(crate) enum Fate {
    /// It is on the server's disk.
    Durable(Receipt),
    /// It was refused.
    Held,
}

/// Sentences of a server longer than this are cut.
const LONGEST_SENTENCE: usize = 300;

impl Store {
    /// Holds an entry that the server refuses; says how its household stands then.
    pub(crate) fn hold(&self, op: Uuid, code: &str, message: &str) -> Result<Option<Stand>> {
        self.commit(|tx| match hold(tx, op, code, message)? {
            Some(key) => stand(tx, key).map(Some),
            None => Ok(None),
        })
    }

    /// The phone was put back from an older copy of itself: in its lost life it gave out numbers up
    /// to `high`.
    pub(crate) fn put_back(&self, high: u64, server_time: Timestamp) -> Result<()> {
        self.commit(|tx| {
            heard(tx, server_time)?;
            begin_anew(tx, high)
        })
    }
}

/// None of the numbers up to `high` is given out again, so what still goes gets numbers beyond them, in
/// its order and with the same bytes; and the news starts over, which brings back what was sent in the
/// lost life. What the server refused never goes again and keeps its number: with a higher one it would
/// stand after what has followed it.
pub(super) fn begin_anew(tx: &Transaction<'_>, high: u64) -> Result<()> {
    let mut next: u64 = tx.query_row(
        &format!("UPDATE device SET lived_to = max({HIGH_SEQ}, ?1) RETURNING lived_to"),
        [high],
        |row| row.get(0),
    )?;
    for seq in numbers(tx, "SELECT seq FROM outbox WHERE state = 0 ORDER BY seq")? {
        next += 1;
        for sql in [
            "UPDATE outbox SET seq = ?2 WHERE seq = ?1",
            "UPDATE correction SET answered = ?2 WHERE answered = ?1",
        ] {
            tx.prepare_cached(sql)?.execute([seq, next])?;
        }
    }
    start_over(tx)
}

/// Whether the server has a number whose entry here was refused: it was given out before, in a life that
/// this phone has lost. Or the answer that took the entry was lost, and a later try refused; then it costs
/// new numbers and a look at the whole list, once.
pub(super) fn names_others(tx: &Transaction<'_>, received: &SeqRanges) -> Result<bool> {
    let refused = numbers(
        tx,
        "SELECT seq FROM outbox WHERE state = 2 AND handed_over IS NULL
         AND seq > (SELECT lived_to FROM device)",
    )?;
    Ok(refused.into_iter().any(|seq| received.contains(seq)))
}

fn numbers(tx: &Transaction<'_>, sql: &str) -> Result<Vec<u64>> {
    let mut statement = tx.prepare_cached(sql)?;
    let numbers = statement.query_map([], |row| row.get(0))?;
    Ok(numbers.collect::<rusqlite::Result<_>>()?)
}

/// Stores what the server said of an entry; gives its household if that was news.
pub(super) fn acknowledge(tx: &Transaction<'_>, answer: &Acknowledgement) -> Result<Option<i64>> {
    let trouble = answer.trouble.as_ref();
    let receipt = match &answer.fate {
        Fate::Held => {
            let (code, message) = trouble.map_or(("unknown".to_owned(), ""), |trouble| {
                (word(&trouble.code), trouble.message.as_str())
            });
            return hold(tx, answer.op, &code, message);
        }
        Fate::Durable(receipt) => receipt,
    };
    let revision = receipt.holding.revision;
    let taken = tx
        .prepare_cached(
            "UPDATE outbox SET state = 1, revision = ?2, received_at = ?3, proof = ?4,
                 verdict = ?5, code = ?6, message = ?7
             WHERE op = ?1 AND state = 0 RETURNING household, seq",
        )?
        .query_row(
            params![
                answer.op,
                revision,
                receipt.holding.received_at.as_millisecond(),
                receipt.proof.to_bytes(),
                trouble.map(|trouble| word(&trouble.verdict)),
                trouble.map(|trouble| word(&trouble.code)),
                trouble.map(|trouble| sentence(&trouble.message)),
            ],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    let Some((key, seq)) = taken else {
        return Ok(None);
    };
    let merged = trouble.is_some_and(|trouble| trouble.verdict == Verdict::Merged);
    carry_on(tx, key, seq, (revision > 0 && !merged).then_some(revision))?;
    if revision > 0 {
        if !merged {
            became(tx, key, seq, revision)?;
        }
        is_known(tx, key, seq)?;
    } else {
        stood_aside(tx, key, seq)?;
    }
    settle(tx, key)?;
    Ok(Some(key))
}

/// A family of her RTs of which the server has a revision is on its list, though it doesn't name back
/// what the phone itself sent. Not in the place of its word when all is just coming again.
///
/// Where it went before all came again the server, which was restored, has lost: it is where the entry
/// says.
fn is_known(tx: &Transaction<'_>, key: i64, seq: u64) -> Result<()> {
    let came_back = tx
        .prepare_cached(&format!(
            "UPDATE household AS h SET gone = NULL, area = o.area FROM outbox o
             WHERE h.key = ?1 AND o.seq = ?2 AND o.area IN ({HER_RTS})
             AND (h.gone IS NULL AND h.area NOT IN ({HER_RTS})
                  OR h.gone IS NOT NULL AND h.generation < (SELECT swept FROM device))"
        ))?
        .execute(params![key, seq])?;
    if came_back > 0 {
        index_again(tx, key)?;
    }
    tx.prepare_cached(&format!(
        "UPDATE household SET generation = max(generation, (SELECT swept FROM device))
         WHERE key = ?1 AND area IN ({HER_RTS})"
    ))?
    .execute([key])?;
    Ok(())
}

/// What follows an entry now stands on the revision that the entry became or, if it became none, on what
/// the entry itself stands on.
fn carry_on(tx: &Transaction<'_>, key: i64, seq: u64, became: Option<u64>) -> Result<()> {
    let (op, stands_on): (Uuid, u64) = tx
        .prepare_cached("SELECT op, coalesce(?2, stands_on) FROM outbox WHERE seq = ?1")?
        .query_row(params![seq, became], |row| Ok((row.get(0)?, row.get(1)?)))?;
    for sql in [
        "UPDATE outbox SET stands_on = ?3, base = iif(attempted, base, ?3)
         WHERE household = ?1 AND follows = ?2",
        "UPDATE draft SET base = ?3 WHERE household = ?1 AND follows = ?2",
    ] {
        tx.prepare_cached(sql)?
            .execute(params![key, op, stands_on])?;
    }
    Ok(())
}

/// An entry that became no revision answers no request. What the server had of its household before all
/// came again is lost with what it named.
fn stood_aside(tx: &Transaction<'_>, key: i64, seq: u64) -> Result<()> {
    tx.prepare_cached(
        "UPDATE correction SET answered = NULL WHERE household = ?1 AND answered = ?2",
    )?
    .execute(params![key, seq])?;
    tx.prepare_cached(
        "UPDATE household SET revision = 0
         WHERE key = ?1 AND generation < (SELECT swept FROM device)",
    )?
    .execute([key])?;
    Ok(())
}

/// What the phone knows of a household whose entry became a revision.
fn became(tx: &Transaction<'_>, key: i64, seq: u64, revision: u64) -> Result<()> {
    for sql in [
        // What was known of it before all came again is lost.
        "UPDATE household SET revision =
             iif(generation < (SELECT swept FROM device), ?3, max(revision, ?3))
         WHERE key = ?1",
        "DELETE FROM correction WHERE household = ?1 AND revision < ?3
             AND request = (SELECT corrects FROM outbox WHERE seq = ?2)",
        "INSERT OR REPLACE INTO known (household, revision, document)
             SELECT ?1, ?3, document FROM outbox WHERE seq = ?2
             AND ?3 >= (SELECT revision FROM household WHERE key = ?1)",
    ] {
        tx.prepare_cached(sql)?
            .execute(params![key, seq, revision])?;
    }
    Ok(())
}

fn hold(tx: &Transaction<'_>, op: Uuid, code: &str, message: &str) -> Result<Option<i64>> {
    let held = tx
        .prepare_cached(
            "UPDATE outbox SET state = 2, verdict = ?2, code = ?3, message = ?4
             WHERE op = ?1 AND state = 0 RETURNING household, seq",
        )?
        .query_row(
            params![op, word(&Verdict::Rejected), code, sentence(message)],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    let Some((key, seq)) = held else {
        return Ok(None);
    };
    carry_on(tx, key, seq, None)?;
    settle(tx, key)?;
    Ok(Some(key))
}

/// What was acknowledged and is not among what the server has now was lost with its disk: it goes
/// again, with the same bytes. Gives how many these are.
pub(super) fn send_lost_again(tx: &Transaction<'_>, received: &SeqRanges) -> Result<u64> {
    let acknowledged = numbers(
        tx,
        "SELECT seq FROM outbox INDEXED BY outbox_by_state WHERE state = 1",
    )?;
    let highest = acknowledged.iter().copied().max().unwrap_or(0);
    let gaps = received.gaps(highest);
    let lost = |seq: u64| {
        let before = gaps.ranges().partition_point(|(first, _)| *first <= seq);
        let gap = before.checked_sub(1).and_then(|at| gaps.ranges().get(at));
        gap.is_some_and(|(_, last)| seq <= *last)
    };
    let lost = acknowledged.into_iter().filter(|seq| lost(*seq));
    send_again(tx, lost)
}

/// A server that can't go on from where it was may have been restored, and have a number of this
/// phone's lost life only for what it took in that life: that it has the number says nothing of the
/// entry that has it here. What was acknowledged under such a number goes again.
pub(super) fn send_doubtful_again(tx: &Transaction<'_>) -> Result<u64> {
    let doubtful = numbers(
        tx,
        "SELECT seq FROM outbox WHERE state = 1 AND seq <= (SELECT lived_to FROM device)",
    )?;
    send_again(tx, doubtful.into_iter())
}

fn send_again(tx: &Transaction<'_>, seqs: impl Iterator<Item = u64>) -> Result<u64> {
    let mut again = 0;
    for seq in seqs {
        let key = tx
            .prepare_cached("UPDATE outbox SET state = 0 WHERE seq = ?1 RETURNING household")?
            .query_row([seq], |row| row.get(0))?;
        settle(tx, key)?;
        again += 1;
    }
    Ok(again)
}

fn sentence(message: &str) -> String {
    message.chars().take(LONGEST_SENTENCE).collect()
}

/// A word as the wire spells it.
fn word<T: Serialize>(word: &T) -> String {
    match serde_json::to_value(word) {
        Ok(serde_json::Value::String(word)) => word,
        _ => "unknown".to_owned(),
    }
}
