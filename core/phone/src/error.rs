//! What a caller can be told.

use crate::store::StorageFault;

/// What can go wrong, by what the caller can do. No text carries anybody's answers.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The phone's storage: see [`StorageFault::trouble`].
    #[error(transparent)]
    Storage(#[from] StorageFault),
    /// The phone belongs to no campaign yet: enrol it.
    #[error("the phone is not enrolled")]
    NotEnrolled,
    /// The phone belongs to another cadre or campaign, and holds entries of it.
    #[error("the phone belongs to another cadre or campaign")]
    Enrolled,
    /// There is no such household, instance or page.
    #[error("there is no such {0} on this phone")]
    NotFound(&'static str),
    /// The questionnaire has not come yet: synchronise first.
    #[error("the questionnaire is not on this phone yet")]
    NoForm,
    /// What was typed is not a server's address, an enrolment code or one of the phone's areas.
    #[error("{0}")]
    Input(&'static str),
    /// A photo has more bytes than the server takes. It was not kept.
    #[error("a photo may have at most {most} bytes")]
    TooLarge {
        /// At most so many.
        most: u64,
    },
    /// The phone doesn't know to whom to seal a parcel: enrol it again.
    #[error("the phone has no key to seal a parcel with")]
    NoRecipient,
    /// The form doesn't take this answer, or can't be used.
    #[error(transparent)]
    Form(#[from] ketuk_form::Error),
    /// The server was not reached. Nothing was lost; try again.
    #[error("{}", .0.sentence())]
    Link(LinkFault),
    /// The server was reached and said no.
    #[error("{message}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// In the server's words, for the cadre.
        message: String,
    },
}

/// Why the server was not reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkFault {
    /// No signal, no such server, or silence.
    Unreachable,
    /// Somebody else answered: the sign-in page of a network, a carrier's notice.
    Stranger,
    /// The server can't at the moment.
    Busy,
    /// The server's certificate is not trusted. Often the phone's date is wrong.
    Trust,
    /// The address is plain http, which sends everything in the clear.
    Plain,
}

impl LinkFault {
    fn sentence(self) -> &'static str {
        match self {
            LinkFault::Unreachable => "the server can't be reached",
            LinkFault::Stranger => "somebody else answered in the server's place",
            LinkFault::Busy => "the server can't at the moment",
            LinkFault::Trust => "the server's certificate is not trusted; check the phone's date",
            LinkFault::Plain => "the server's address must begin with https://",
        }
    }
}

/// A result of this crate.
pub type Result<T> = std::result::Result<T, Error>;

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Error {
        Error::Storage(error.into())
    }
}
