//! What Kotlin is told when a call can't be done.

use ketuk_phone::form;
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
    /// Synchronise first: it has not come yet, or another must come that this app can use.
    #[error("there is no questionnaire on this phone that can be used")]
    NoForm,
    /// A photo has more bytes than the server takes.
    #[error("{detail}")]
    TooLarge {
        /// At most so many.
        most: u64,
        /// In words.
        detail: String,
    },
    /// There is no key to seal a parcel with: enrol again.
    #[error("the phone has no key to seal a parcel with")]
    NoRecipient,
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
            Error::Storage(fault) => KetukError::Storage {
                trouble: fault.trouble,
                detail,
            },
            Error::NotEnrolled => KetukError::NotEnrolled,
            Error::Enrolled => KetukError::Enrolled,
            Error::NotFound(_) => KetukError::NotFound { detail },
            Error::NoForm => KetukError::NoForm,
            Error::TooLarge { most } => KetukError::TooLarge { most, detail },
            Error::NoRecipient => KetukError::NoRecipient,
            Error::Input(_) => KetukError::Input { detail },
            Error::Form(fault) => of_the_form(&fault, detail),
            Error::Link(fault) => KetukError::Link { fault, detail },
            Error::Refused { status, message } => KetukError::Refused {
                status,
                reason: message,
            },
        }
    }
}

/// A questionnaire that can't be used is nothing that she typed.
fn of_the_form(fault: &form::Error, detail: String) -> KetukError {
    match fault {
        form::Error::UnknownPath { .. } => KetukError::NotFound { detail },
        form::Error::ReadOnly { .. }
        | form::Error::WrongAnswer { .. }
        | form::Error::FixedRepeat { .. } => KetukError::Input { detail },
        _ => KetukError::NoForm,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn she_is_not_told_that_she_typed_wrong_when_the_questionnaire_is_at_fault() {
        let told = |fault| KetukError::from(Error::Form(fault));
        let unusable = told(form::Error::Workbook("no sheet".to_owned()));
        assert!(matches!(unusable, KetukError::NoForm), "{unusable:?}");
        let path = || "anggota[k3f9a0xz]/nik".to_owned();
        let gone = told(form::Error::UnknownPath { path: path() });
        assert!(matches!(gone, KetukError::NotFound { .. }), "{gone:?}");
        let unfit = told(form::Error::WrongAnswer { path: path() });
        assert!(matches!(unfit, KetukError::Input { .. }), "{unfit:?}");
    }
}
