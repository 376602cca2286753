//! The values that cross, declared field by field for uniffi.
//!
//! None is defined here but [`ReceiptInWords`]: the compiler holds each declaration against the type
//! that it describes, so a field that is forgotten or misspelt doesn't build. Docs are at the types.

use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

pub use ketuk_form::{
    Answer, Card, Choice, Choices, ContentsRow, Control, Geo, Gravity, Item, Keyboard, Media,
    MediaFile, Medium, PageRef, Parameter, Precision, Problem, ProblemKind,
    Progress as FormProgress, Question, Roster, Screen,
};
pub use ketuk_phone::{
    AnswerInWords, AreaName, AreaProgress, CommentInWords, Counts, Enrolment, Filter, Handover,
    Happened, HouseholdDetail, HouseholdPage, HouseholdRow, HouseholdState, LastRun, Left,
    LinkFault, OnlyHere, Photo, PhotoState, PinFault, Progress, ProofPage, ProofRow, Standing,
    SyncEnd, SyncEvent, SyncReport, Trouble, WaitingEntry, WaitingPage, What,
};
pub use ketuk_wire::{AreaCode, HandoverAnswer, Outcome, Pace, Percent, Receipt, Sha256};

uniffi::custom_type!(Uuid, String, {
    remote,
    lower: |id| id.to_string(),
    try_lift: |text| Ok(Uuid::parse_str(&text)?),
});

uniffi::custom_type!(AreaCode, String, {
    remote,
    lower: |code| code.to_string(),
    try_lift: |text| Ok(text.parse()?),
});

uniffi::custom_type!(Sha256, String, {
    remote,
    lower: |digest| digest.to_string(),
    try_lift: |text| Ok(text.parse()?),
});

/// A receipt as a screen shows it.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ReceiptInWords {
    /// The family.
    pub household: Uuid,
    /// The revision that the entry became or went into; 0 while it is kept beside the revisions.
    pub revision: u64,
    /// The server's clock when it took the entry.
    pub received_at: Timestamp,
    /// A short number, to tell it from another by eye.
    pub number: String,
    /// All of it as a text for a QR code.
    pub text: String,
}

uniffi::custom_type!(Receipt, ReceiptInWords, {
    remote,
    lower: |receipt| ReceiptInWords {
        household: receipt.holding.household,
        revision: receipt.holding.revision,
        received_at: receipt.holding.received_at,
        number: receipt.number(),
        text: receipt.to_string(),
    },
    try_lift: |words| Ok(words.text.parse()?),
});

// Hundredths of a percent.
uniffi::custom_type!(Percent, u64, {
    remote,
    lower: |percent| percent.hundredths,
    try_lift: |hundredths| Ok(Percent { hundredths }),
});

// Milliseconds since 1970.
uniffi::custom_type!(Timestamp, i64, {
    remote,
    lower: |time| time.as_millisecond(),
    try_lift: |millisecond| Ok(Timestamp::from_millisecond(millisecond)?),
});

// `YYYY-MM-DD`.
uniffi::custom_type!(Date, String, {
    remote,
    lower: |day| day.to_string(),
    try_lift: |text| Ok(text.parse()?),
});

uniffi::custom_type!(PageRef, String, {
    remote,
    lower: |page| page.0,
    try_lift: |text| Ok(PageRef(text)),
});

// How many of something; no screen counts beyond 32 bits.
uniffi::custom_type!(usize, u32, {
    remote,
    lower: |count| u32::try_from(count).unwrap_or(u32::MAX),
    try_lift: |count| Ok(count as usize),
});

#[uniffi::remote(Enum)]
pub enum Answer {
    Empty,
    Text(String),
    Choice(String),
    Choices(Vec<String>),
}

#[uniffi::remote(Enum)]
pub enum Gravity {
    Hard,
    Soft,
}

#[uniffi::remote(Enum)]
pub enum ProblemKind {
    Required,
    Type,
    Range,
    Choice,
    Constraint,
    Warning,
    Unknown,
    Shape,
    NotAsked,
    Calculated,
    Identity,
}

#[uniffi::remote(Record)]
pub struct Problem {
    pub path: String,
    pub page: Option<PageRef>,
    pub severity: Gravity,
    pub kind: ProblemKind,
    pub message: String,
}

#[uniffi::remote(Enum)]
pub enum Medium {
    Image,
    BigImage,
    Audio,
    Video,
}

#[uniffi::remote(Record)]
pub struct MediaFile {
    pub medium: Medium,
    pub file: String,
}

#[uniffi::remote(Record)]
pub struct Choice {
    pub code: String,
    pub label: String,
    pub media: Vec<MediaFile>,
    pub chosen: bool,
}

#[uniffi::remote(Record)]
pub struct Choices {
    pub choices: Vec<Choice>,
    pub of: usize,
}

#[uniffi::remote(Enum)]
pub enum Geo {
    Point,
    Trace,
    Shape,
}

#[uniffi::remote(Enum)]
pub enum Media {
    Image,
    Signature,
    Drawing,
    Annotation,
    Audio,
    Video,
    Other,
}

#[uniffi::remote(Enum)]
pub enum Keyboard {
    Plain,
    Digits,
}

#[uniffi::remote(Enum)]
pub enum Precision {
    Day,
    Month,
    Year,
}

#[uniffi::remote(Enum)]
pub enum Control {
    Text {
        multiline: bool,
        keyboard: Keyboard,
        masked: bool,
    },
    Integer,
    Decimal,
    Range {
        start: f64,
        end: f64,
        step: f64,
    },
    Date {
        precision: Precision,
    },
    Time,
    DateTime,
    Barcode,
    Geo {
        geo: Geo,
    },
    File {
        media: Media,
    },
    Choice(Choices),
    Choices(Choices),
    Rank(Choices),
    Note,
    Acknowledge,
}

#[uniffi::remote(Record)]
pub struct Parameter {
    pub name: String,
    pub value: String,
}

#[uniffi::remote(Record)]
pub struct Question {
    pub path: String,
    pub label: String,
    pub hint: Option<String>,
    pub guidance: Option<String>,
    pub media: Vec<MediaFile>,
    pub number: Option<String>,
    pub control: Control,
    pub appearance: Vec<String>,
    pub parameters: Vec<Parameter>,
    pub value: Answer,
    pub required: bool,
    pub read_only: bool,
    pub not_applicable: Option<String>,
    pub from_last_year: bool,
    pub problem: Option<Problem>,
    pub warning: Option<Problem>,
    pub note: Option<String>,
    pub comment: Option<String>,
}

#[uniffi::remote(Record)]
pub struct Roster {
    pub path: String,
    pub label: String,
    pub hint: Option<String>,
    pub number: Option<String>,
    pub cards: Vec<Card>,
    pub can_add: bool,
    pub can_remove: bool,
    pub add_label: String,
}

#[uniffi::remote(Record)]
pub struct Card {
    pub path: String,
    pub first_page: Option<PageRef>,
    pub title: String,
    pub subtitle: String,
    pub position: usize,
    pub missing: usize,
    pub hard: usize,
    pub soft: usize,
    pub from_last_year: bool,
}

#[uniffi::remote(Enum)]
pub enum Item {
    Heading { path: String, label: String },
    Note(Question),
    Question(Question),
    Roster(Roster),
}

#[uniffi::remote(Record)]
pub struct FormProgress {
    pub answered: usize,
    pub required: usize,
    pub hard: usize,
    pub soft: usize,
}

#[uniffi::remote(Record)]
pub struct Screen {
    pub page: PageRef,
    pub title: String,
    pub subject: Option<String>,
    pub position: usize,
    pub of: usize,
    pub progress: FormProgress,
    pub items: Vec<Item>,
}

#[uniffi::remote(Record)]
pub struct ContentsRow {
    pub page: PageRef,
    pub title: String,
    pub subject: Option<String>,
    pub depth: usize,
    pub required: usize,
    pub answered: usize,
    pub hard: usize,
    pub soft: usize,
    pub unconfirmed: usize,
    pub comments: usize,
    pub seen: bool,
    pub current: bool,
}

#[uniffi::remote(Record)]
pub struct AreaName {
    pub code: AreaCode,
    pub name: String,
}

#[uniffi::remote(Record)]
pub struct Enrolment {
    pub cadre: String,
    pub areas: Vec<AreaName>,
    pub campaign: String,
    pub first_day: Date,
    pub last_day: Date,
    pub synthetic: bool,
    pub server: String,
    pub standing: Standing,
    pub wants_pin: bool,
    pub lock_after: u16,
}

#[uniffi::remote(Enum)]
pub enum Standing {
    Fine,
    SignedOut,
    Revoked,
}

#[uniffi::remote(Enum)]
pub enum Outcome {
    Met,
    Moved,
    Died,
    Merged,
    NotFound,
    Refused,
    Duplicate,
    Unknown,
    New,
}

#[uniffi::remote(Enum)]
pub enum HouseholdState {
    NotStarted,
    Draft,
    Waiting,
    Received,
    NeedsCorrection,
    Held,
    Gone,
}

#[uniffi::remote(Record)]
pub struct HouseholdRow {
    pub id: Uuid,
    pub area: AreaCode,
    pub number: String,
    pub head: String,
    pub address: String,
    pub state: HouseholdState,
    pub outcome: Option<Outcome>,
    pub listed: bool,
    pub gone: Option<String>,
}

#[uniffi::remote(Record)]
pub struct Filter {
    pub area: Option<AreaCode>,
    pub state: Option<HouseholdState>,
    pub search: Option<String>,
}

#[uniffi::remote(Record)]
pub struct HouseholdPage {
    pub rows: Vec<HouseholdRow>,
    pub next: Option<String>,
}

#[uniffi::remote(Record)]
pub struct AnswerInWords {
    pub path: String,
    pub within: String,
    pub label: String,
    pub answer: String,
}

#[uniffi::remote(Record)]
pub struct CommentInWords {
    pub path: String,
    pub label: String,
    pub text: String,
}

#[uniffi::remote(Enum)]
pub enum PhotoState {
    Waiting,
    Received,
    Refused { message: String },
}

#[uniffi::remote(Record)]
pub struct Photo {
    pub sha256: Sha256,
    pub media_type: String,
    pub bytes: u64,
    pub state: PhotoState,
}

#[uniffi::remote(Record)]
pub struct HouseholdDetail {
    pub row: HouseholdRow,
    pub answers: Vec<AnswerInWords>,
    pub last_year: bool,
    pub receipt: Option<Receipt>,
    pub comments: Vec<CommentInWords>,
    pub photos: Vec<Photo>,
    pub trouble: Option<String>,
    pub history: Vec<Happened>,
}

#[uniffi::remote(Record)]
pub struct Happened {
    pub at: Option<Timestamp>,
    pub what: What,
}

#[uniffi::remote(Enum)]
pub enum What {
    Begun,
    Finished {
        corrects: bool,
    },
    HandedOver,
    Sent,
    Received {
        seq: u64,
        revision: u64,
        trouble: Option<String>,
    },
    Refused {
        message: Option<String>,
    },
    SentBack {
        comments: Vec<CommentInWords>,
    },
    Changed {
        revision: u64,
    },
    Left {
        reason: String,
    },
}

#[uniffi::remote(Record)]
pub struct WaitingEntry {
    pub seq: u64,
    pub household: HouseholdRow,
    pub finished_at: Timestamp,
    pub held: bool,
    pub message: Option<String>,
    pub handed_over: Option<Timestamp>,
}

#[uniffi::remote(Record)]
pub struct WaitingPage {
    pub rows: Vec<WaitingEntry>,
    pub next: Option<u64>,
}

#[uniffi::remote(Record)]
pub struct ProofRow {
    pub seq: u64,
    pub household: HouseholdRow,
    pub finished_at: Timestamp,
    pub revision: u64,
    pub received_at: Timestamp,
    pub number: String,
    pub text: String,
}

#[uniffi::remote(Record)]
pub struct ProofPage {
    pub rows: Vec<ProofRow>,
    pub next: Option<u64>,
}

#[uniffi::remote(Record)]
pub struct Handover {
    pub bytes: Vec<u8>,
    pub entries: u64,
    pub left_over: u64,
}

#[uniffi::remote(Record)]
pub struct HandoverAnswer {
    pub received: u64,
    pub already: u64,
    pub troubles: u64,
}

#[uniffi::remote(Record)]
pub struct OnlyHere {
    pub entries: u64,
    pub drafts: u64,
    pub photos: u64,
    pub backed_up: Option<Timestamp>,
    pub due: bool,
}

#[uniffi::remote(Enum)]
pub enum PinFault {
    Length,
    Simple,
}

#[uniffi::remote(Record)]
pub struct Counts {
    pub target: u64,
    pub listed: u64,
    pub met: u64,
    pub new: u64,
    pub other_outcomes: u64,
    pub to_visit: u64,
    pub drafts: u64,
    pub waiting: u64,
    pub received: u64,
    pub needs_correction: u64,
    pub held: u64,
}

#[uniffi::remote(Record)]
pub struct AreaProgress {
    pub area: AreaCode,
    pub name: String,
    pub counts: Counts,
}

#[uniffi::remote(Record)]
pub struct Pace {
    pub made: f64,
    pub needed: Option<f64>,
    pub days_left: u32,
    pub expected: u64,
}

#[uniffi::remote(Record)]
pub struct Progress {
    pub total: Counts,
    pub areas: Vec<AreaProgress>,
    pub achievement: Option<Percent>,
    pub today: u64,
    pub pace: Pace,
}

#[uniffi::remote(Enum)]
pub enum SyncEvent {
    Started {
        waiting: u64,
    },
    Sent {
        households: Vec<Uuid>,
    },
    Received {
        household: Uuid,
        state: HouseholdState,
    },
    Progress {
        received: u64,
        of: u64,
    },
    Photos {
        received: u64,
        waiting: u64,
        bytes: u64,
    },
    Pulled {
        changes: u64,
    },
    Left {
        reason: String,
        families: u64,
    },
    PutBack,
    Retrying {
        reason: String,
        seconds: u64,
    },
}

#[uniffi::remote(Enum)]
pub enum SyncEnd {
    Done,
    NoSignal,
    Busy,
    SignIn,
    Revoked,
    Trust,
    Refused,
    Cancelled,
    AlreadyRunning,
}

#[uniffi::remote(Record)]
pub struct SyncReport {
    pub received: u64,
    pub troubles: u64,
    pub still_waiting: u64,
    pub pulled: u64,
    pub end: SyncEnd,
    pub last_error: Option<String>,
    pub again_in: Option<u64>,
    pub app_too_old: bool,
    pub clock_doubtful: bool,
    pub left: Vec<Left>,
    pub photos_received: u64,
    pub photos_waiting: u64,
    pub photos_held: bool,
    pub photos_refused: u64,
    pub photo_bytes: u64,
    pub put_back: bool,
}

#[uniffi::remote(Record)]
pub struct LastRun {
    pub ended_at: Timestamp,
    pub report: SyncReport,
}

#[uniffi::remote(Record)]
pub struct Left {
    pub reason: String,
    pub families: u64,
}

#[uniffi::remote(Enum)]
pub enum Trouble {
    Full,
    Damaged,
    WrongKey,
    Newer,
    NotOurs,
    Other,
}

#[uniffi::remote(Enum)]
pub enum LinkFault {
    Unreachable,
    Stranger,
    Busy,
    Trust,
    Plain,
}
