//! Handing over: what waits leaves the phone in a file that only the server can open.

use ketuk_wire::{DeviceClock, HandoverAnswer, HandoverReceipts, Parcel, SyncRequest};

use crate::error::{Error, Result};
use crate::phone::Phone;
use crate::sync::{MOST_DOCUMENTS, MOST_ENTRIES, Request, headers};

/// A parcel: a file for somebody who has a way to the server.
#[derive(Clone, PartialEq, Eq)]
pub struct Handover {
    /// The file, in the format of age. Who carries it can't read it.
    pub bytes: Vec<u8>,
    /// How many entries are in it. They wait on this phone until the server's own word.
    pub entries: u64,
    /// How many wait that are not in it: too many for one parcel. The next takes them.
    pub left_over: u64,
}

/// Shows nothing of the file.
impl std::fmt::Debug for Handover {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Handover")
            .field("entries", &self.entries)
            .field("left_over", &self.left_over)
            .finish_non_exhaustive()
    }
}

impl Phone {
    /// Seals what waits to the server, for when there is no way to it from this phone: no signal for
    /// weeks, signed out, revoked. `None` if nothing waits.
    ///
    /// It may be made and sent any number of times, and the phone may send the same itself: the
    /// server takes each entry once.
    ///
    /// # Errors
    /// [`Error::NotEnrolled`], [`Error::NoRecipient`], [`Error::Storage`].
    pub fn hand_over(&self) -> Result<Option<Handover>> {
        let device = self.core.store.device()?;
        let link = device.link.ok_or(Error::NotEnrolled)?;
        let recipient = link.recipient.as_deref().unwrap_or_default();
        let recipient: age::x25519::Recipient =
            recipient.parse().map_err(|_| Error::NoRecipient)?;
        let now = self.core.setup.clock.now().wall;
        let contents = self
            .core
            .store
            .hand_over(MOST_ENTRIES, MOST_DOCUMENTS, now)?;
        if contents.ops.is_empty() {
            return Ok(None);
        }
        let entries = contents.ops.len() as u64;
        let parcel = ketuk_wire::encode(&Parcel {
            device: device.id,
            token: link.token,
            request: SyncRequest {
                app: self.core.setup.app.clone(),
                clock: DeviceClock { now },
                outgoing: contents.outgoing,
                ops: contents.ops,
                pull: None,
            },
        })?;
        let bytes = age::encrypt(&recipient, &parcel).map_err(|_| Error::NoRecipient)?;
        Ok(Some(Handover {
            bytes,
            entries,
            left_over: contents.left_over,
        }))
    }

    /// Brings somebody else's parcel to the server, in this phone's name. Its entries become theirs,
    /// and their phone hears of it at its own next run.
    ///
    /// # Errors
    /// [`Error::NotEnrolled`], [`Error::Link`]: bring it again; [`Error::Refused`] if it is no parcel
    /// for this server.
    pub fn carry(&self, parcel: &[u8]) -> Result<HandoverAnswer> {
        let link = self.core.link()?;
        let mut headers = headers(&link);
        headers.push(("content-type", "application/octet-stream".to_owned()));
        self.ask(
            &link.server,
            Request {
                method: "POST",
                path: "/v1/handover".to_owned(),
                headers,
                body: parcel.to_vec(),
            },
        )
    }

    /// Takes over receipts that somebody brought back in a file, for what this phone handed over. They
    /// are believed by the server's signature alone. Gives how many entries are received by them that
    /// were not before; a second time changes nothing.
    ///
    /// # Errors
    /// [`Error::NotEnrolled`], [`Error::Storage`]; [`Error::Input`] if it is no such file, another
    /// phone's, or not signed for just what this phone has. Then nothing was taken over.
    pub fn take_receipts(&self, file: &[u8]) -> Result<u64> {
        const FAULT: Error = Error::Input("the file holds no receipts for this phone");
        let link = self.core.link()?;
        let brought: HandoverReceipts = ketuk_wire::decode(file).map_err(|_| FAULT)?;
        if brought.device != self.core.store.device()?.id {
            return Err(FAULT);
        }
        let received = self
            .core
            .store
            .take_receipts(&brought.batches, &link.server_key)?;
        received.ok_or(FAULT)
    }
}
