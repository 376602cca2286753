//! What a phone does without a phone: an encrypted database, visits and their drafts, the entries
//! that wait, and the way to the server.
//!
//! Start with [`Phone::open`]. A [`Visit`] is a form being filled; [`Visit::finish`] makes it an
//! entry; [`Phone::sync`] sends what waits and brings what is new.
//!
//! | Module | Idea |
//! |---|---|
//! | `store` | the one database: what is written, and when it is safe |
//! | `sync` | a run of synchronisation: a state machine without I/O, and the driver with it |
//! | `phone`, `households`, `visit` | what the shell holds in its hands |

mod clock;
mod error;
mod forms;
mod households;
mod phone;
mod progress;
mod store;
mod sync;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod visit;
mod words;

pub use clock::{Clock, Moment, SystemClock};
pub use error::{Error, LinkFault, Result};
pub use households::{CommentInWords, HouseholdDetail, Households};
pub use ketuk_form as form;
pub use ketuk_wire as wire;
pub use phone::{AreaName, Enrolment, Phone, Setup};
pub use progress::Progress;
pub use store::{
    AreaProgress, Counts, Detail, Filter, HouseholdPage, HouseholdRow, HouseholdState,
    StorageFault, Trouble, WaitingEntry, WaitingPage,
};
pub use sync::{
    Engine, Failure, Request, Response, Step, SyncCancel, SyncEnd, SyncEvent, SyncReport,
};
pub use visit::{Finish, Visit};
pub use words::AnswerInWords;
