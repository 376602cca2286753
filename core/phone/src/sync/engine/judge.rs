//! What the engine makes of what it is told.

use std::time::Duration;

use jiff::{Timestamp, ToSpan as _};
use ketuk_wire::{Receipt, SyncResponse, Verdict};

use super::super::answer::LONGEST_PEACE;
use super::{Aloft, SPREAD};
use crate::store::{Acknowledgement, Fate, Link};

/// What the server says of the entries under way, and of no others. `None` if a receipt doesn't
/// hold: then nothing of the answer is to be believed.
pub(super) fn fates(
    answer: &SyncResponse,
    entries: &[Aloft],
    link: &Link,
) -> Option<Vec<Acknowledgement>> {
    let mut fates = Vec::new();
    for entry in entries {
        let ack = answer.acks.iter().find(|ack| ack.seq == entry.seq);
        let trouble = answer.troubles.iter().find(|t| t.seq == entry.seq).cloned();
        let receipt = ack.map(|ack| Receipt {
            household: entry.household,
            revision: ack.revision,
            sha256: entry.sha256,
            received_at: ack.received_at,
            signature: ack.signature,
        });
        if let Some(receipt) = &receipt {
            receipt.verify(&link.server_key).ok()?;
        }
        let durable = receipt.is_some() || answer.durable.contains(entry.seq);
        let refused = trouble
            .as_ref()
            .is_some_and(|t| t.verdict == Verdict::Rejected);
        if durable || refused {
            fates.push(Acknowledgement {
                seq: entry.seq,
                fate: if durable {
                    Fate::Durable(receipt)
                } else {
                    Fate::Held
                },
                trouble,
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
