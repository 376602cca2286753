//! What the engine makes of what it is told.

use std::collections::HashMap;
use std::time::Duration;

use jiff::{Timestamp, ToSpan as _};
use ketuk_wire::{Holding, PublicKey, SyncResponse, Verdict, receipts};

use super::super::answer::LONGEST_PEACE;
use super::SPREAD;
use super::batch::Aloft;
use crate::store::{Acknowledgement, Fate, Link};

/// What the server says of the entries under way, and of no others. `None` if it acknowledges what is
/// not under way, or did not sign for just what it acknowledges: then nothing of the answer is to be
/// believed.
pub(super) fn fates(
    answer: &SyncResponse,
    entries: &[Aloft],
    key: &PublicKey,
) -> Option<Vec<Acknowledgement>> {
    let mut open: HashMap<u64, &Aloft> = entries.iter().map(|entry| (entry.seq, entry)).collect();
    let mut durable = Vec::new();
    for ack in &answer.acks {
        let entry = open.remove(&ack.seq)?;
        // What SQLite can't hold no server has counted to.
        i64::try_from(ack.revision).ok()?;
        let holding = Holding {
            household: entry.household,
            revision: ack.revision,
            sha256: entry.sha256,
            received_at: ack.received_at,
        };
        durable.push((entry, holding));
    }
    let trouble = |seq| answer.troubles.iter().find(|t| t.seq == seq).cloned();
    let mut fates = Vec::new();
    if !durable.is_empty() {
        let holdings: Vec<Holding> = durable.iter().map(|(_, holding)| *holding).collect();
        let receipts = receipts(&holdings, answer.signature?, key).ok()?;
        for ((entry, _), receipt) in durable.into_iter().zip(receipts) {
            fates.push(Acknowledgement {
                op: entry.op,
                fate: Fate::Durable(receipt),
                trouble: trouble(entry.seq),
            });
        }
    }
    for entry in entries {
        let refused = trouble(entry.seq).filter(|t| t.verdict == Verdict::Rejected);
        if refused.is_some() && open.contains_key(&entry.seq) {
            fates.push(Acknowledgement {
                op: entry.op,
                fate: Fate::Held,
                trouble: refused,
            });
        }
    }
    Some(fates)
}

/// How much longer the server wants peace. A time further off than it may ask for was written by a
/// phone whose clock has been put back since.
pub(super) fn peace(link: &Link, now: Timestamp) -> Option<Duration> {
    let longest = LONGEST_PEACE.mul_f64(1.0 + SPREAD);
    let left = Duration::try_from(link.not_before?.duration_since(now)).ok()?;
    (!left.is_zero() && left <= longest).then_some(left)
}

/// Whether the phone's date can't be right: before what the server's clock last said, or a year
/// away from the campaign.
pub(super) fn doubtful(link: &Link, now: Timestamp) -> bool {
    let day = jiff::tz::Offset::UTC.to_datetime(now).date();
    let behind = link
        .server_time
        .is_some_and(|server| now < server.checked_sub(24.hours()).unwrap_or(server));
    behind
        || day < link.campaign.first_day.saturating_sub(1.year())
        || day > link.campaign.last_day.saturating_add(1.year())
}
