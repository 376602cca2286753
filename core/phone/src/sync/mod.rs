//! Getting entries to the server and news from it.
//!
//! [`Engine`] decides, without a socket and without a clock: [`Engine::poll`] says what to do next,
//! [`Engine::received`] and [`Engine::failed`] tell it what came of it. So every schedule of faults
//! runs in a test. The driver is the one place that knows HTTP.

mod answer;
mod driver;
mod engine;
#[cfg(test)]
mod tests;
mod window;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::store::{HouseholdState, Left};

pub(crate) use answer::refusal;
pub use answer::{Failure, Response};
pub use driver::SyncCancel;
pub(crate) use driver::{Driver, Trusted, address};
pub use engine::{Engine, Request, Step};
pub(crate) use engine::{MOST_DOCUMENTS, MOST_ENTRIES, headers};

/// How a run ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum SyncEnd {
    /// Everything went that can go, and all news is here.
    #[default]
    Done,
    /// There is no way to the server at the moment.
    NoSignal,
    /// The server can't at the moment.
    Busy,
    /// The server doesn't know the phone's sign-in any more: ask for a new code.
    SignIn,
    /// The phone was revoked. Everything on it is kept.
    Revoked,
    /// Whoever answers is not the campaign's server, as far as the phone can tell.
    Trust,
    /// The server refuses what the phone asks, though it is no entry's fault.
    Refused,
    /// Somebody stopped it.
    Cancelled,
    /// Another run is under way.
    AlreadyRunning,
}

/// What a run did. It is kept, so every fact of it can be missing: another version of the app wrote it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SyncReport {
    /// Entries that the server has acknowledged.
    pub received: u64,
    /// Of these and of those refused, the ones that need a look.
    pub troubles: u64,
    /// Entries that still wait. They are safe on the phone.
    pub still_waiting: u64,
    /// Changes that came.
    pub pulled: u64,
    /// How it ended.
    pub end: SyncEnd,
    /// What was last in the way, in words, without anybody's answers in it.
    pub last_error: Option<String>,
    /// In how many seconds to try again, if the server said so.
    pub again_in: Option<u64>,
    /// The app is too old to get news; it still sends.
    pub app_too_old: bool,
    /// The phone's date looks wrong, which alone may make the server look like a stranger.
    pub clock_doubtful: bool,
    /// Families that left the list, since they are no longer this phone's.
    pub left: Vec<Left>,
    /// Photos that came whole.
    pub photos_received: u64,
    /// Photos of finished visits that still wait. They are safe on the phone.
    pub photos_waiting: u64,
    /// They were held back: see [`SyncCancel::hold_photos`].
    pub photos_held: bool,
    /// Photos that the server refuses; each visit says why.
    pub photos_refused: u64,
    /// Bytes of photos that the server took.
    pub photo_bytes: u64,
    /// The phone had been put back from an older copy of itself. What it had sent since comes back
    /// with the news; what it had not sent was only there.
    pub put_back: bool,
}

/// The last run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastRun {
    /// When it ended, by the phone's clock.
    pub ended_at: Timestamp,
    /// What it did.
    pub report: SyncReport,
}

/// Something that happened in a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SyncEvent {
    /// It began, with so many entries to send.
    Started {
        /// Entries that wait.
        waiting: u64,
    },
    /// Entries of these households went out.
    Sent {
        /// The families.
        households: Vec<Uuid>,
    },
    /// The server answered for a household.
    Received {
        /// The family.
        household: Uuid,
        /// How it stands now.
        state: HouseholdState,
    },
    /// So many entries were received in this run, of those and all that still wait: the rest is safe
    /// on this phone.
    Progress {
        /// Received.
        received: u64,
        /// Of so many.
        of: u64,
    },
    /// A part of a photo came to the server, or a photo was refused.
    Photos {
        /// Photos that came whole in this run.
        received: u64,
        /// Photos that still wait.
        waiting: u64,
        /// What of these is still to go, in bytes.
        bytes: u64,
    },
    /// News came.
    Pulled {
        /// So many changes.
        changes: u64,
    },
    /// Families left the list, since they are no longer this phone's.
    Left {
        /// Why, in Indonesian.
        reason: String,
        /// How many.
        families: u64,
    },
    /// The phone had been put back from an older copy of itself: see [`SyncReport::put_back`].
    PutBack,
    /// It didn't work, and will be tried again.
    Retrying {
        /// What was in the way, in words.
        reason: String,
        /// How long it will wait.
        seconds: u64,
    },
}
