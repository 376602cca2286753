#![doc = include_str!("../README.md")]

mod codebook;
mod context;
mod error;
mod expr;
mod fault;
mod files;
mod form;
mod messages;
mod session;
mod tables;
mod workbook;
mod xform;

pub use codebook::{Codebook, CodebookChoice, CodebookEntry, Texts};
pub use context::Context;
pub use error::Error;
pub use fault::{Fault, Faults, Severity};
pub use form::{Form, Geo, Language, Media, Medium, Parameter, QuestionRef, Shell};
pub use session::{
    Answer, Card, Change, Choice, Choices, ContentsRow, Control, Document, Draft, Dropped, Go,
    Gravity, Item, Keyboard, MediaFile, Misfit, PageRef, Precision, Problem, ProblemKind, Progress,
    Question, Roster, Screen, Session,
};
pub use tables::{Cell, Column, ColumnKind, Row, Several, Table, Tables};
pub use workbook::Workbook;
pub use xform::xform;
