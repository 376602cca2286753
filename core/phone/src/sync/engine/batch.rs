//! What goes into a request for the sake of the entries that wait.

use jiff::Unit;
use ketuk_wire::{DeviceClock, Op, Pull, Sha256, SyncRequest};
use uuid::Uuid;

use super::{
    Cargo, Engine, Flight, MOST_DOCUMENTS, MOST_ENTRIES, Request, SyncEnd, SyncEvent, headers,
};
use crate::clock::Moment;
use crate::error::Result;
use crate::store::Link;

/// An entry under way. Only in memory: a crash strands nothing.
pub(super) struct Aloft {
    pub(super) op: Uuid,
    pub(super) seq: u64,
    pub(super) household: Uuid,
    pub(super) sha256: Sha256,
}

/// A request of `/v1/sync`, as far as its answer must fit it.
pub(super) struct Batch {
    pub(super) entries: Vec<Aloft>,
    /// Whether news was asked for.
    pub(super) pull: bool,
}

/// The server refuses something in a request: which entry is it?
#[derive(Debug, Default)]
pub(super) struct Hunt {
    /// At most so many entries go together.
    pub(super) most: Option<usize>,
    /// The last entry of what was refused; beyond it the hunt is over.
    pub(super) until: u64,
    /// The one it must be, unless the server refuses an empty request as well.
    pub(super) suspect: Option<(Uuid, String)>,
}

impl Engine {
    pub(super) fn sync_request(&mut self, now: Moment, link: &Link) -> Result<Option<Request>> {
        // What she finishes anew while it is being packed is packed anew.
        let (message, body) = loop {
            let Some((message, body)) = self.message(now, link)? else {
                return Ok(None);
            };
            if self.store.attempt(&message.ops)? {
                break (message, body);
            }
        };
        let entries: Vec<Aloft> = message.ops.iter().map(aloft).collect();
        if !entries.is_empty() {
            self.events.push(SyncEvent::Sent {
                households: entries.iter().map(|entry| entry.household).collect(),
            });
        }
        self.flight = Some(Flight {
            sent_at: now.steady,
            token: link.token.clone(),
            cargo: Cargo::Entries(Batch {
                entries,
                pull: message.pull.is_some(),
            }),
        });
        let mut headers = headers(link);
        headers.push(("content-encoding", "zstd".to_owned()));
        Ok(Some(Request {
            method: "POST",
            path: "/v1/sync".to_owned(),
            headers,
            body,
        }))
    }

    /// The next message and its bytes; `None` if there is nothing to send and nothing to ask for.
    fn message(&mut self, now: Moment, link: &Link) -> Result<Option<(SyncRequest, Vec<u8>)>> {
        let limit = self.limits.map(|limits| limits.max_bytes);
        let probing = self.hunt.suspect.is_some();
        let most = self
            .limits
            .map_or(MOST_ENTRIES, |limits| limits.max_ops.max(1) as usize);
        let mut lot = self.store.lot(
            self.hunt.most.unwrap_or(usize::MAX).min(most),
            self.window.documents(limit).min(MOST_DOCUMENTS),
            self.met,
        )?;
        if probing {
            lot.ops.clear();
        } else if lot.ops.first().is_none_or(|op| op.seq > self.hunt.until) {
            self.hunt.most = None;
        }
        let hunting = probing || self.hunt.most.is_some();
        let pull = (self.pulling && !hunting).then(|| Pull {
            cursor: link.cursor.clone(),
            max_bytes: self.window.answer(),
        });
        if lot.ops.is_empty() && pull.is_none() && !probing {
            return Ok(None);
        }
        let mut message = SyncRequest {
            app: self.app.clone(),
            // By how much a clock is wrong is seen in whole seconds; the others would cost bytes.
            clock: DeviceClock {
                now: now.wall.round(Unit::Second).unwrap_or(now.wall),
            },
            outgoing: lot.outgoing,
            ops: lot.ops,
            pull,
        };
        let body = self.pack(&mut message, self.window.bytes(limit))?;
        Ok(Some((message, body)))
    }

    /// Compresses, leaving out entries at the end until it fits; one always goes.
    fn pack(&mut self, message: &mut SyncRequest, room: usize) -> Result<Vec<u8>> {
        loop {
            let body = ketuk_wire::encode(&*message)?;
            let documents = message.ops.iter().map(|op| op.document.get().len()).sum();
            self.window.learn(documents, body.len());
            let entries = message.ops.len();
            if body.len() <= room + room / 4 || entries <= 1 {
                return Ok(body);
            }
            let fit = (entries * room / body.len()).clamp(1, entries - 1);
            message.ops.truncate(fit);
        }
    }

    /// Something in the request is bad, or there is too much in it: sends half of the entries, and
    /// so on down to one, which is sent by itself. It is held, if an empty request then shows that
    /// it is to blame.
    pub(super) fn narrow(&mut self, now: Moment, batch: &Batch) -> Result<()> {
        let (entries, pull) = (&batch.entries, batch.pull);
        match entries.as_slice() {
            [] if self.hunt.suspect.is_none() && pull && !self.pull_was_reset => {
                self.restart_pull(now)
            }
            [] => {
                self.end = Some(SyncEnd::Refused);
                Ok(())
            }
            // Is it the entry, or what was asked for beside it?
            [entry] if pull => {
                self.hunt.most = Some(1);
                self.hunt.until = self.hunt.until.max(entry.seq);
                Ok(())
            }
            [entry] => {
                let message = self.report.last_error.clone().unwrap_or_default();
                self.hunt.suspect = Some((entry.op, message));
                Ok(())
            }
            [.., last] => {
                self.hunt.most = Some(entries.len() / 2);
                self.hunt.until = self.hunt.until.max(last.seq);
                Ok(())
            }
        }
    }
}

fn aloft(op: &Op) -> Aloft {
    Aloft {
        op: op.op,
        seq: op.seq,
        household: op.household,
        sha256: op.sha256,
    }
}
