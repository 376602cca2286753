//! The words that a phone and the server share.
//!
//! Areas, visit outcomes, NIK, the progress formula, and the messages of `/v1`. No I/O, no clock:
//! everything here is a value, a check of a value, or the bytes of a message.
//!
//! Both ends are built from this crate, so a figure or a rule that stands here can't differ between
//! a cadre's phone and the office's page.

mod area;
mod codec;
mod digest;
mod enrol;
mod nik;
mod outcome;
mod progress;
mod ranges;
mod receipt;
mod summary;
mod sync;

pub use area::{Area, AreaCode, AreaFault, Level};
pub use codec::{DecodeFault, MAX_DECOMPRESSED, decode, encode};
pub use digest::{Sha256, Sha256Fault};
pub use enrol::{
    Cadre, Campaign, EnrolCode, EnrolCodeFault, EnrolRequest, EnrolResponse, PhoneKey,
    PhoneKeyFault, PhoneLock, RecoverRequest, RecoverResponse, SealedKey,
};
pub use nik::{Nik, NikDoubt, NikFault, Sex};
pub use outcome::Outcome;
pub use progress::{Pace, Percent, Tally};
pub use ranges::SeqRanges;
pub use receipt::{
    Holding, Proof, PublicKey, Receipt, ReceiptFault, Signature, SigningKey, receipts, sign,
};
pub use summary::{Role, Summary};
pub use sync::{
    Ack, Blob, Change, Comment, Correction, DeviceClock, FormRef, HandoverAnswer, HandoverReceipts,
    Household, Limits, MAX_BLOB, MOST_BLOBS, NOT_ON_PHONES, Op, Outgoing, Parcel, Pull, PullPage,
    Refusal, RefusalCode, Signed, SyncRequest, SyncResponse, Target, Trouble, TroubleCode, Verdict,
};

/// The protocol's version, sent and answered in the header [`PROTOCOL_HEADER`].
///
/// It grows only when an older phone could misread an answer; fields that an older phone may ignore
/// don't count.
pub const PROTOCOL: &str = "1";

/// Every answer of the server carries this header. A `200` without it came from somebody else: a
/// hotel's sign-in page, a carrier's notice that the credit has run out.
pub const PROTOCOL_HEADER: &str = "ketuk-protocol";

/// How far a photo has come, in bytes: in the answer to `HEAD /v1/blobs/{sha256}`, and sent with each
/// part (`PATCH`) to say where it begins. The name is that of the IETF's resumable uploads and of tus.
pub const UPLOAD_OFFSET: &str = "upload-offset";

/// How long a photo is in all, in bytes; sent with each part.
pub const UPLOAD_LENGTH: &str = "upload-length";
