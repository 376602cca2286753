//! The one error of this crate for callers that run a form.

use thiserror::Error;

use crate::Faults;

/// What can go wrong when a workbook is read or a form is filled.
///
/// No variant carries an answer: the texts are safe for a log.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// The bytes or files are no workbook. Choose another file.
    #[error("the workbook can't be read: {0}")]
    Workbook(String),
    /// The workbook was read, but is no form that can run. Show the faults to its author.
    #[error(transparent)]
    Form(#[from] Faults),
    /// The path names no question, repeat or instance of this form as it is now filled.
    #[error("there is no `{path}` in this form")]
    UnknownPath {
        /// The path as given.
        path: String,
    },
    /// The question can't be answered now: it is calculated or read-only.
    #[error("`{path}` is set by the form itself and can't be answered")]
    ReadOnly {
        /// The question's path.
        path: String,
    },
    /// The kind of answer does not fit the kind of question, such as several choices for a date.
    #[error("`{path}` does not take this kind of answer")]
    WrongAnswer {
        /// The question's path.
        path: String,
    },
    /// The number of instances of this repeat is set by the form, or the limit is reached.
    #[error("instances of `{path}` can't be added or removed here")]
    FixedRepeat {
        /// The repeat's path.
        path: String,
    },
    /// The draft belongs to another form. Open it with that form.
    #[error("the draft is of the form `{draft}`, not of `{form}`")]
    OtherForm {
        /// The id of the form the draft was made with.
        draft: String,
        /// The id of the form it was to be opened with.
        form: String,
    },
}
