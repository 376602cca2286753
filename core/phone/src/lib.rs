#![doc = include_str!("../README.md")]

mod clock;
mod copies;
mod error;
mod forms;
mod households;
mod parcel;
mod phone;
mod pin;
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
pub use copies::{OnlyHere, PhoneCopy, copy_unopened, move_aside, recover, recoverable};
pub use error::{Error, LinkFault, Result};
pub use households::{CommentInWords, HouseholdDetail, Households};
pub use ketuk_form as form;
pub use ketuk_wire as wire;
pub use parcel::Handover;
pub use phone::{AreaName, Enrolment, Phone, Setup};
pub use pin::{PIN_DIGITS, PinFault, pin_fault, pin_stretch, pin_wait};
pub use progress::Progress;
pub use store::{
    AreaProgress, Counts, Detail, Filter, Happened, HouseholdPage, HouseholdRow, HouseholdState,
    Left, Photo, PhotoState, ProofPage, ProofRow, Standing, StorageFault, Trouble, WaitingEntry,
    WaitingPage, What,
};
pub use sync::{
    Engine, Failure, LastRun, Request, Response, Step, SyncCancel, SyncEnd, SyncEvent, SyncReport,
};
pub use visit::{Finish, Visit};
pub use words::AnswerInWords;
