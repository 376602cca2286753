//! What an answer of the server changes.

use ketuk_wire::{PullPage, SyncResponse};

use super::super::answer::Response;
use super::super::{Left, SyncEnd, SyncEvent};
use super::batch::{Batch, Hunt};
use super::judge::fates;
use super::{Engine, VAIN};
use crate::clock::Moment;
use crate::error::{Error, Result};
use crate::store::{Acknowledgement, Answer, Applied, Fate, add};

/// Far beyond what any phone gives out: a server that has heard of more is none.
const MOST_NUMBERS: u64 = 1 << 40;

/// A cursor longer than this would not leave room for entries beside it.
const LONGEST_CURSOR: usize = 4 << 10;

impl Engine {
    pub(super) fn synced(&mut self, now: Moment, response: &Response, batch: &Batch) -> Result<()> {
        let Ok(answer) = ketuk_wire::decode::<SyncResponse>(&response.body) else {
            self.report.last_error = Some("the server's answer was cut short".to_owned());
            self.again(now, SyncEnd::NoSignal, None);
            return Ok(());
        };
        if answer.high_seq > MOST_NUMBERS {
            self.distrust("the server speaks of entries that no phone has made");
            return Ok(());
        }
        if answer.put_back {
            self.store.put_back(answer.high_seq, answer.server_time)?;
            self.begin_anew();
            return Ok(());
        }
        let link = self.store.device()?.link.ok_or(Error::NotEnrolled)?;
        let Some(fates) = fates(&answer, &batch.entries, &link.server_key) else {
            self.distrust("a receipt was not signed by the server");
            return Ok(());
        };
        let page = self.page(&answer, batch);
        let applied = self.store.apply(&Answer {
            server_time: answer.server_time,
            received: &answer.received,
            entries: &fates,
            wanted: &answer.wanted,
            largest_photo: answer.limits.max_blob,
            page,
        })?;
        self.limits = Some(answer.limits);
        self.met = true;
        self.photos.more_may_be_lost(applied.photos_again > 0);
        self.pulling = match batch.pull {
            true => page.is_some_and(|page| page.more),
            false => self.pulling,
        };
        self.tell(&applied, &fates)?;
        if applied.put_back {
            self.begin_anew();
            return Ok(());
        }
        self.weigh(&applied, batch)
    }

    /// Nothing of an answer is believed that can't be the server's.
    fn distrust(&mut self, why: &str) {
        self.report.last_error = Some(why.to_owned());
        self.end = Some(SyncEnd::Trust);
    }

    /// The phone was put back from an older copy of itself: the server has numbers that this one, in its
    /// own view, never gave out, or gave to what never came there.
    fn begin_anew(&mut self) {
        self.hunt = Hunt::default();
        self.pulling = true;
        if self.report.put_back {
            self.vain += 1;
            self.in_vain = SyncEnd::Busy;
        } else {
            self.vain = 0;
            self.report.put_back = true;
            self.events.push(SyncEvent::PutBack);
        }
    }

    /// The page of news, if one was asked for and its cursor can be sent back.
    fn page<'a>(&mut self, answer: &'a SyncResponse, batch: &Batch) -> Option<&'a PullPage> {
        let page = answer.pull.as_ref().filter(|_| batch.pull)?;
        if page.cursor.len() > LONGEST_CURSOR {
            self.report.last_error = Some("the server's cursor is too long".to_owned());
            return None;
        }
        Some(page)
    }

    /// Into the report and the events.
    fn tell(&mut self, applied: &Applied, fates: &[Acknowledgement]) -> Result<()> {
        let troubles = fates.iter().filter(|fate| fate.trouble.is_some()).count();
        let held = fates
            .iter()
            .filter(|fate| matches!(fate.fate, Fate::Held))
            .count();
        // A server that lost entries lost its latest, which are those of this run.
        self.report.received = self.report.received.saturating_sub(applied.again);
        self.report.received += applied.answered.len().saturating_sub(held) as u64;
        self.report.troubles += troubles as u64;
        self.report.pulled += applied.pulled;
        for (household, state) in applied.answered.iter().copied() {
            self.events.push(SyncEvent::Received { household, state });
        }
        if !applied.answered.is_empty() || applied.again > 0 {
            self.progress()?;
        }
        if applied.pulled > 0 {
            self.events.push(SyncEvent::Pulled {
                changes: applied.pulled,
            });
        }
        for left in &applied.left {
            add(&mut self.report.left, left);
            let Left { reason, families } = left.clone();
            self.events.push(SyncEvent::Left { reason, families });
        }
        Ok(())
    }

    /// So many of so many are received, the rest is safe on the phone.
    fn progress(&mut self) -> Result<()> {
        let received = self.report.received;
        let of = received + self.store.outgoing()?.waiting;
        self.events.push(SyncEvent::Progress { received, of });
        Ok(())
    }

    /// Whether the request brought the run on.
    fn weigh(&mut self, applied: &Applied, batch: &Batch) -> Result<()> {
        let news = applied.pulled + applied.skipped;
        let moved = !applied.answered.is_empty() || news > 0 || applied.again > 0;
        if let Some((op, message)) = self.hunt.suspect.take() {
            if let Some(household) = self.store.hold(op, "bad_request", &message)? {
                self.events.push(SyncEvent::Received {
                    household: household.id,
                    state: household.state,
                });
                self.report.troubles += 1;
            }
            self.hunt = Hunt::default();
            self.vain = 0;
        } else if moved || (batch.entries.is_empty() && !self.pulling) {
            self.vain = 0;
        } else {
            self.vain += 1;
            self.in_vain = SyncEnd::Busy;
        }
        // One that loses again and again what it has signed for would keep the run going for ever.
        self.losses += u32::from(applied.again > 0);
        if self.losses >= VAIN {
            self.report.last_error = Some("the server loses what it was sent".to_owned());
            self.end = Some(SyncEnd::Busy);
        }
        if news > 0 {
            self.store.tidy();
        }
        Ok(())
    }
}
