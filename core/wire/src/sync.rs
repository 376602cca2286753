//! The messages of `POST /v1/sync`: what waits goes up, what is new comes down, in one round trip.
//!
//! Messages are additive. A field that the reader doesn't know is ignored, one that the writer
//! didn't know has a default, and every list of words that may grow has a word for the unknown:
//! a phone of last year talks to the server of this one, and the reverse.

use std::borrow::Cow;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::{Area, AreaCode, Outcome, SeqRanges, Sha256, Signature};

/// What a questionnaire for phones can't have, as XLSForm names it: files that go with labels, since a questionnaire
/// travels as one file.
pub const NOT_ON_PHONES: &[&str] = &[
    "media::image",
    "media::big-image",
    "media::audio",
    "media::video",
];

/// What a photo may have, in bytes, unless the server says otherwise.
pub const MAX_BLOB: u32 = 5 << 20;

/// Photos that an entry may have. A visit has one or two.
pub const MOST_BLOBS: usize = 50;

/// A questionnaire by name and version.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FormRef {
    /// `form_id` of the workbook's settings.
    pub id: String,
    /// `version` of the workbook's settings.
    pub version: String,
}

/// A finished visit on its way.
///
/// Its bytes never change once it was sent: the server answers the same operation the same, and
/// takes the same operation with other bytes for a fault.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Op {
    /// The operation, by a UUIDv7 of the phone.
    pub op: Uuid,
    /// Its number on this phone: grows by one, never given out twice.
    pub seq: u64,
    /// The family; made by the phone if it is new.
    pub household: Uuid,
    /// The RT in which it was found.
    pub area: AreaCode,
    /// The server's revision that the phone started from; 0 is last year's answers, or none.
    pub base: u64,
    /// What the document was filled with.
    pub form: FormRef,
    /// The phone's clock when the visit began.
    pub started_at: Timestamp,
    /// The phone's clock when it was finished.
    pub finished_at: Timestamp,
    /// Of the document's bytes.
    pub sha256: Sha256,
    /// The phone's own entry, by its operation, if this is that visit opened again: what that entry
    /// became, this one knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub follows: Option<Uuid>,
    /// The supervisor's request that this visit answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrects: Option<Uuid>,
    /// The photos that belong to it. They travel after all entries, each by itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub blobs: Vec<Blob>,
    /// The answers, byte for byte as the phone stored them.
    pub document: Box<RawValue>,
}

/// A photo or another file of a visit, known by its content.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Blob {
    /// Of its bytes.
    pub sha256: Sha256,
    /// How many there are.
    pub bytes: u64,
    /// What it is, like `image/jpeg`.
    pub media_type: String,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks with a reference"
)]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// What the phone knows of its own queue.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outgoing {
    /// The highest number given out. With it the server knows which numbers it never got, and, when
    /// it has seen a higher one, that the phone was put back from an older copy of itself.
    pub high_seq: u64,
    /// Numbers up to this one may name other entries at the server, of a life that the phone has lost:
    /// it knows that it was put back. 0 if it never was.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub lived_to: u64,
    /// Finished entries that the server has not acknowledged, those of this request included.
    pub waiting: u64,
    /// Of these, entries that the server refused and the cadre must look at.
    pub held: u64,
}

/// What the phone wants to hear of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pull {
    /// Where the last page ended, as the server wrote it; `None` starts over.
    pub cursor: Option<String>,
    /// A page ends when its changes exceed this, in bytes of JSON.
    pub max_bytes: u64,
}

/// The phone's idea of time, so that the office sees a clock that is years off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceClock {
    /// Now.
    pub now: Timestamp,
}

/// `POST /v1/sync`, authorised by the device's token, which says whose it is.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SyncRequest {
    /// The app's version.
    pub app: String,
    /// The phone's clock.
    pub clock: DeviceClock,
    /// Its queue.
    pub outgoing: Outgoing,
    /// Entries, by ascending number.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ops: Vec<Op>,
    /// What to send back; `None` to only push.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pull: Option<Pull>,
}

/// That an entry is durable on the server. With the household and the digest, which the phone has, it
/// is a [`crate::Holding`]; with those of the same answer and its signature, a [`crate::Receipt`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ack {
    /// The entry's number.
    pub seq: u64,
    /// The revision that it became; or went into, if a trouble says [`Verdict::Merged`]; 0 while it
    /// is kept beside the revisions.
    pub revision: u64,
    /// The server's clock when it came.
    pub received_at: Timestamp,
}

/// What is handed over in a file when there is no way to the server from this phone: sealed to the
/// server's key, so that who carries it can't read it.
#[derive(Clone, Serialize, Deserialize)]
pub struct Parcel {
    /// The phone that it is from.
    pub device: Uuid,
    /// The phone's token: that it is.
    pub token: String,
    /// What it would have sent.
    pub request: SyncRequest,
}

/// Shows neither the token nor the entries.
impl fmt::Debug for Parcel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parcel")
            .field("device", &self.device)
            .field("entries", &self.request.ops.len())
            .finish_non_exhaustive()
    }
}

/// The answer to who brought a parcel: `POST /v1/handover`, authorised by the carrier's own token. The
/// phone that it is from gets its receipts at its own next sync.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandoverAnswer {
    /// Entries in it that are on the server now.
    pub received: u64,
    /// Of these, the ones that were there before.
    pub already: u64,
    /// Of these, the ones that need a look.
    pub troubles: u64,
}

/// Receipts as a file, for a phone that has no way to the server: whoever brought its parcel carries them
/// back. They say nothing of anybody's answers, and are believed only by their signature.
///
/// Only what was plainly accepted is in it. Of the rest the phone hears from the server itself, with the
/// reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandoverReceipts {
    /// The phone that they are for.
    pub device: Uuid,
    /// What was signed together, and over all of it the signature.
    pub batches: Vec<Signed>,
}

/// Acknowledgements under one signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signed {
    /// In the order in which they were signed.
    pub acks: Vec<Ack>,
    /// See [`crate::sign`].
    pub signature: Signature,
}

/// What the server did with an entry that it didn't plainly accept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Put together with what another phone sent meanwhile, since no answer of the two clashes: the
    /// revision is neither phone's document, and comes with the pull.
    Merged,
    /// Kept beside the revision that another phone sent meanwhile; a supervisor will choose.
    Conflict,
    /// Kept whole, but not counted: its document doesn't pass the form's checks.
    Quarantined,
    /// Not kept: the phone holds it and shows it to the cadre.
    Rejected,
    /// A word of a newer server; the phone goes by whether the number was acknowledged.
    #[serde(other)]
    Unknown,
}

/// Why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TroubleCode {
    /// The document fails the form's checks.
    InvalidDocument,
    /// The server doesn't have the form or its version.
    UnknownForm,
    /// The bytes don't have the digest that came with them.
    DigestMismatch,
    /// The operation came before with other bytes.
    OpReused,
    /// The RT is none of the cadre's: taken, and flagged for the supervisor.
    AreaNotAllotted,
    /// The area is not in the campaign's table.
    UnknownArea,
    /// Somebody else changed the same household.
    NewerRevision,
    /// The household, or its RT, went to another cadre before this came: taken, and flagged.
    HouseholdMoved,
    /// It came in a parcel whose phone was revoked, or has enrolled anew since: a supervisor will
    /// decide.
    DoubtfulSender,
    /// A word of a newer server.
    #[serde(other)]
    Unknown,
}

/// An entry that needs a look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// The entry's number.
    pub seq: u64,
    /// What was done with it.
    pub verdict: Verdict,
    /// Why.
    pub code: TroubleCode,
    /// The same in a sentence, in Indonesian, without anybody's answers in it.
    pub message: String,
}

/// A listed family, as the server has it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Household {
    /// The family.
    pub id: Uuid,
    /// Its RT.
    pub area: AreaCode,
    /// Its number in the RT.
    pub number: String,
    /// The head's name.
    pub head: String,
    /// Where they live.
    pub address: String,
    /// 0 while only last year's answers are known.
    pub revision: u64,
    /// What came of this year's visit, if the server has it.
    pub outcome: Option<Outcome>,
    /// This year's answers, or last year's while `revision` is 0, or none.
    pub document: Option<Box<RawValue>>,
}

/// A supervisor's word on one question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comment {
    /// The question, by its path in the document; empty for the visit as a whole.
    pub path: String,
    /// What to look at.
    pub text: String,
}

/// A household sent back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// The family.
    pub household: Uuid,
    /// Which request it is: made again, also of the same revision, it is another.
    pub request: Uuid,
    /// The revision that was looked at.
    pub revision: u64,
    /// What about it; empty takes an earlier request back.
    pub comments: Vec<Comment>,
}

/// An area's target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// The area, an RT on a cadre's phone.
    pub area: AreaCode,
    /// Families to be met.
    pub families: u64,
}

/// Something that a phone must know.
///
/// A change that can't be read is [`Change::Unknown`], whether its kind is of a newer server or
/// something in it is broken: it must not hide the changes around it.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Change {
    /// A family came or changed.
    Household(Household),
    /// A family is no longer this phone's.
    Gone {
        /// The family.
        household: Uuid,
        /// Why, in Indonesian.
        reason: String,
    },
    /// A family was sent back.
    Correction(Correction),
    /// A questionnaire to have; its bytes are fetched by their digest from `/v1/forms/{sha256}`.
    Form {
        /// Which.
        form: FormRef,
        /// Of the bytes.
        sha256: Sha256,
    },
    /// A target was set.
    Target(Target),
    /// The name of one of the phone's areas, or of one above them.
    Area(Area),
    /// Which RTs are the cadre's now.
    Allotment {
        /// All of them.
        areas: Vec<AreaCode>,
    },
    /// A word of a newer server, or a change that can't be read.
    Unknown,
}

/// By hand, since serde reads a tagged enum through a buffer that loses a document's bytes.
impl<'de> Deserialize<'de> for Change {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Change, D::Error> {
        #[derive(Deserialize)]
        struct Kind<'a> {
            #[serde(borrow)]
            kind: Cow<'a, str>,
        }
        #[derive(Deserialize)]
        struct Gone {
            household: Uuid,
            reason: String,
        }
        #[derive(Deserialize)]
        struct Allotment {
            areas: Vec<AreaCode>,
        }
        #[derive(Deserialize)]
        struct Form {
            form: FormRef,
            sha256: Sha256,
        }
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let text = raw.get();
        let read = || -> serde_json::Result<Change> {
            Ok(match &*serde_json::from_str::<Kind<'_>>(text)?.kind {
                "household" => Change::Household(serde_json::from_str(text)?),
                "gone" => {
                    let Gone { household, reason } = serde_json::from_str(text)?;
                    Change::Gone { household, reason }
                }
                "correction" => Change::Correction(serde_json::from_str(text)?),
                "form" => {
                    let Form { form, sha256 } = serde_json::from_str(text)?;
                    Change::Form { form, sha256 }
                }
                "target" => Change::Target(serde_json::from_str(text)?),
                "area" => Change::Area(serde_json::from_str(text)?),
                "allotment" => {
                    let Allotment { areas } = serde_json::from_str(text)?;
                    Change::Allotment { areas }
                }
                _ => Change::Unknown,
            })
        };
        Ok(read().unwrap_or(Change::Unknown))
    }
}

/// The next part of what the phone doesn't have. The phone stores it and its cursor in one
/// transaction.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PullPage {
    /// In the order in which they happened.
    pub changes: Vec<Change>,
    /// Says where this page ends; means nothing to the phone.
    pub cursor: String,
    /// Whether there is another page now.
    pub more: bool,
}

/// What the server bears at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Entries a request.
    pub max_ops: u32,
    /// Bytes a request, compressed.
    pub max_bytes: u32,
    /// Bytes a photo.
    #[serde(default = "max_blob")]
    pub max_blob: u32,
}

fn max_blob() -> u32 {
    MAX_BLOB
}

/// The answer to [`SyncRequest`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SyncResponse {
    /// The server's clock.
    pub server_time: Timestamp,
    /// Every number of this phone that is durable here, those of this request included, however they
    /// fared. A number that was acknowledged and is not in it was lost with the server's disk: the
    /// phone sends it again.
    pub received: SeqRanges,
    /// The highest number that the server ever heard of from this phone.
    pub high_seq: u64,
    /// The phone was put back from an older copy of itself, and doesn't know: nothing of the request was
    /// taken, and it gives out no number up to `high_seq` again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub put_back: bool,
    /// The entries of this request that are durable here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub acks: Vec<Ack>,
    /// Over the acknowledgements, in their order; see [`crate::sign`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<Signature>,
    /// Those that need a look.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub troubles: Vec<Trouble>,
    /// Photos that the phone's entries name and the server doesn't have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub wanted: Vec<Sha256>,
    /// Present if it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pull: Option<PullPage>,
    /// For the next request.
    pub limits: Limits,
}

/// Why a request as a whole was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusalCode {
    /// 400: the message can't be read.
    BadRequest,
    /// 401: no token, or one that the server doesn't know.
    SignIn,
    /// 403: the phone was revoked.
    Revoked,
    /// 404: the enrolment code, the form or the area is not here.
    NotFound,
    /// 409: the cursor is of another incarnation or too old; start the pull side over.
    Cursor,
    /// 409: the part of a photo doesn't begin where the server's ends; `upload-offset` says where.
    Offset,
    /// 409: the enrolment code is another cadre's than the phone's. It was not spent.
    OtherCadre,
    /// 410: the enrolment code was used by another phone or has ended.
    CodeSpent,
    /// 413: the request is too large.
    TooLarge,
    /// 422: the bytes of a photo don't have its digest; they were dropped.
    Digest,
    /// 422: the parcel was not sealed to this server, or is not whole.
    Parcel,
    /// 426: the app is too old to pull.
    Version,
    /// 429: too many tries.
    TooMany,
    /// 500 and 503: the server can't at the moment.
    Busy,
    /// A word of a newer server; the phone goes by the status.
    #[serde(other)]
    Unknown,
}

/// The body of every answer that is not a success.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// Stable.
    pub code: RefusalCode,
    /// A sentence in Indonesian that says what to do.
    pub message: String,
}
