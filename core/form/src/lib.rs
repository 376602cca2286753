#![doc = include_str!("../README.md")]

mod context;
mod error;
mod expr;
mod fault;
mod files;
mod form;
mod messages;
mod session;
mod workbook;
mod xform;

pub use context::Context;
pub use error::Error;
pub use fault::{Fault, Faults, Severity};
pub use form::{Form, Geo, Language, Media, QuestionRef};
pub use session::{
    Answer, Card, Change, Choice, Choices, ContentsRow, Control, Document, Draft, Dropped, Go,
    Gravity, Item, Keyboard, Misfit, PageRef, Precision, Problem, ProblemKind, Progress, Question,
    Roster, Screen, Session,
};
pub use workbook::Workbook;
pub use xform::xform;
