//! What goes wrong with the database, by what can be done about it.

use rusqlite::ErrorCode;

/// What is the matter with the phone's storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// No room. Nothing was lost; free some space and do it again.
    Full,
    /// The file is damaged. It is moved aside and kept at the next start.
    Damaged,
    /// The file was made with another key. It was not touched.
    WrongKey,
    /// A newer app made it. It was not touched; update the app.
    Newer,
    /// The file is somebody else's database. It was not touched.
    NotOurs,
    /// Anything else; the detail says.
    Other,
}

/// A fault of the database.
#[derive(Debug, thiserror::Error)]
#[error("{}", trouble.sentence())]
pub struct StorageFault {
    /// What is the matter.
    pub trouble: Trouble,
    /// What SQLite or the file system said.
    #[source]
    pub detail: Detail,
}

/// What is behind a [`StorageFault`]. Never carries what was in a row.
#[derive(Debug, thiserror::Error)]
pub enum Detail {
    /// SQLite refused.
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
    /// The file system refused.
    #[error(transparent)]
    File(#[from] std::io::Error),
    /// The database answered, and what it says can't be.
    #[error("the check of the database failed")]
    Check,
    /// A row holds something that this app never writes there.
    #[error("a row of {0} can't be read")]
    Row(&'static str),
}

impl Trouble {
    fn sentence(self) -> &'static str {
        match self {
            Trouble::Full => "the phone's storage is full: nothing was lost, free some space",
            Trouble::Damaged => "the phone's database is damaged",
            Trouble::WrongKey => "the phone's database was made with another key",
            Trouble::Newer => "the phone's database was made by a newer app: update the app",
            Trouble::NotOurs => "the file is not Ketuk's database",
            Trouble::Other => "the phone's database can't be used at the moment",
        }
    }
}

impl StorageFault {
    pub(crate) fn of(trouble: Trouble) -> StorageFault {
        StorageFault {
            trouble,
            detail: Detail::Check,
        }
    }

    pub(crate) fn row(table: &'static str) -> StorageFault {
        StorageFault {
            trouble: Trouble::Damaged,
            detail: Detail::Row(table),
        }
    }
}

impl From<rusqlite::Error> for StorageFault {
    fn from(error: rusqlite::Error) -> StorageFault {
        StorageFault {
            trouble: match error.sqlite_error_code() {
                Some(ErrorCode::DiskFull) => Trouble::Full,
                Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Trouble::Damaged,
                _ => Trouble::Other,
            },
            detail: error.into(),
        }
    }
}

impl From<std::io::Error> for StorageFault {
    fn from(error: std::io::Error) -> StorageFault {
        StorageFault {
            trouble: match error.kind() {
                std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
                    Trouble::Full
                }
                _ => Trouble::Other,
            },
            detail: error.into(),
        }
    }
}
