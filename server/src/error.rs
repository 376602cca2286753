//! What can go wrong, by what the caller can do about it.

use std::net::SocketAddr;
use std::path::PathBuf;

/// A failure of the server. No text of it carries anybody's answers, a token or a code.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address can't be listened on: choose another, or stop who holds it.
    #[error("can't listen on {address}: {reason}")]
    Listen {
        /// What was asked for.
        address: SocketAddr,
        /// The system's word on it.
        reason: std::io::Error,
    },
    /// The folder or file can't be used: give it to the server's user, or choose another.
    #[error("can't use {path}: {reason}")]
    Folder {
        /// Which.
        path: PathBuf,
        /// The system's word on it.
        reason: std::io::Error,
    },
    /// There is a database, and it is somebody else's. It was not touched.
    #[error("{0} is not a database of ketuk-server; it was left untouched")]
    NotOurs(String),
    /// The database was written by a newer ketuk-server. It was not touched.
    #[error(
        "{place} was written by a newer ketuk-server (schema {found}, this one knows {known}); \
         it was left untouched: run the newer ketuk-server"
    )]
    Newer {
        /// Where it is.
        place: String,
        /// Its schema.
        found: i64,
        /// The newest schema known here.
        known: i64,
    },
    /// The disk is full: nothing was written; free some space.
    #[error("the disk is full; nothing was written")]
    Full,
    /// The database can't be reached, or is busy beyond patience: try again.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// The database refuses these values: the same will be refused again.
    #[error("the database refuses the values: {0}")]
    Refused(String),
    /// What was given to set up a campaign doesn't hold: correct it.
    #[error("{0}")]
    Setup(String),
    /// A file that should have been handed over by a phone: get it from the phone again.
    #[error("this is not a parcel for this server, or it is not whole")]
    Parcel,
    /// A parcel whose phone the server doesn't know: it is for another one.
    #[error("the parcel is of a phone that was never enrolled here")]
    Stranger,
    /// There is more to do than the server takes on: try again in a moment.
    #[error("the server is busy")]
    Busy,
    /// None of the above: a fault of the server or of the machine.
    #[error("{0}")]
    Internal(String),
}

impl Error {
    /// Wraps what nobody can act upon.
    pub(crate) fn internal(cause: impl std::fmt::Display) -> Error {
        Error::Internal(cause.to_string())
    }
}
