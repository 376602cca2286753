//! What Kotlin is told when a call can't be done.

use ketuk_phone::{Error, LinkFault, Trouble};

/// By what the caller can do. The message is for a log, in English and without anybody's answers; a
/// screen has its own words for each case.
#[derive(Debug, thiserror::Error, uniffi::Error)]
pub enum KetukError {
    /// The phone's storage.
    #[error("{detail}")]
    Storage {
        /// What is the matter.
        trouble: Trouble,
        /// In words.
        detail: String,
    },
    /// Enrol first.
    #[error("the phone is not enrolled")]
    NotEnrolled,
    /// The phone is another cadre's, and holds entries of hers.
    #[error("the phone belongs to another cadre or campaign")]
    Enrolled,
    /// No such household, question or page.
    #[error("{detail}")]
    NotFound {
        /// In words.
        detail: String,
    },
    /// Synchronise first.
    #[error("the questionnaire is not on this phone yet")]
    NoForm,
    /// What was typed can't be that.
    #[error("{detail}")]
    Input {
        /// In words.
        detail: String,
    },
    /// The server was not reached.
    #[error("{detail}")]
    Link {
        /// Why.
        fault: LinkFault,
        /// In words.
        detail: String,
    },
    /// The server said no, in words for the cadre.
    #[error("{reason}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// In the server's words.
        reason: String,
    },
}

impl From<Error> for KetukError {
    fn from(error: Error) -> KetukError {
        let detail = error.to_string();
        match error {
            Error::Storage(fault) => KetukError::Storage { trouble: fault.trouble, detail },
            Error::NotEnrolled => KetukError::NotEnrolled,
            Error::Enrolled => KetukError::Enrolled,
            Error::NotFound(_) => KetukError::NotFound { detail },
            Error::NoForm => KetukError::NoForm,
            Error::Input(_) | Error::Form(_) => KetukError::Input { detail },
            Error::Link(fault) => KetukError::Link { fault, detail },
            Error::Refused { status, message } => KetukError::Refused { status, reason: message },
        }
    }
}
