//! The façade that the Kotlin shell sees.
//!
//! Small objects, whole screens, one error. Every call may touch the disk or the network and is made
//! off the main thread. No rule of the field stands here, and none of the types does: they are
//! ketuk-phone's and ketuk-form's own, declared to uniffi in [`types`].

mod copies;
mod error;
mod households;
mod phone;
mod pin;
mod qr;
mod sync;
mod types;
mod visit;

pub use copies::*;
pub use error::KetukError;
pub use households::Households;
pub use phone::Phone;
pub use pin::*;
pub use qr::{Qr, qr};
pub use sync::{SyncCancel, SyncObserver};
pub use types::*;
pub use visit::{Finish, Visit};

uniffi::setup_scaffolding!();
