//! What goes into and comes out of a statement.

use std::borrow::Cow;

use jiff::Timestamp;
use uuid::Uuid;

use crate::Error;

/// A value of one of the four kinds that both databases share.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value<'a> {
    Null,
    Int(i64),
    Text(Cow<'a, str>),
    Blob(Cow<'a, [u8]>),
}

/// The kind of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Int,
    Text,
    Blob,
}

impl Value<'_> {
    pub(crate) fn as_int(&self) -> Option<i64> {
        match self {
            Value::Int(n) => Some(*n),
            _ => None,
        }
    }

    pub(crate) fn as_text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn as_blob(&self) -> Option<&[u8]> {
        match self {
            Value::Blob(bytes) => Some(bytes),
            _ => None,
        }
    }
}

impl From<i64> for Value<'_> {
    fn from(n: i64) -> Self {
        Value::Int(n)
    }
}

/// Numbers beyond what the databases hold are no numbers that the server ever gave out: they are
/// kept as the largest one.
impl From<u64> for Value<'_> {
    fn from(n: u64) -> Self {
        Value::Int(i64::try_from(n).unwrap_or(i64::MAX))
    }
}

impl From<bool> for Value<'_> {
    fn from(yes: bool) -> Self {
        Value::Int(yes.into())
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Value::Text(text.into())
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Value::Text(text.into())
    }
}

impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Value::Blob(bytes.into())
    }
}

impl<'a> From<&'a [u8; 32]> for Value<'a> {
    fn from(bytes: &'a [u8; 32]) -> Self {
        Value::Blob(bytes.as_slice().into())
    }
}

impl From<Vec<u8>> for Value<'_> {
    fn from(bytes: Vec<u8>) -> Self {
        Value::Blob(bytes.into())
    }
}

impl<'a> From<&'a Uuid> for Value<'a> {
    fn from(id: &'a Uuid) -> Self {
        Value::Blob(id.as_bytes().as_slice().into())
    }
}

impl From<Uuid> for Value<'_> {
    fn from(id: Uuid) -> Self {
        Value::Blob(id.as_bytes().to_vec().into())
    }
}

/// Kept as milliseconds since 1970, UTC.
impl From<Timestamp> for Value<'_> {
    fn from(time: Timestamp) -> Self {
        Value::Int(time.as_millisecond())
    }
}

impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Null, Into::into)
    }
}

/// A line of an answer, read by position.
#[derive(Debug)]
pub(crate) struct Row(pub(crate) Vec<Value<'static>>);

impl Row {
    fn at<'r, T>(
        &'r self,
        column: usize,
        read: impl FnOnce(&'r Value<'static>) -> Option<T>,
    ) -> Result<T, Error> {
        self.0.get(column).and_then(read).ok_or_else(|| {
            Error::Internal(format!("column {column} of an answer is of another kind"))
        })
    }

    pub(crate) fn is_null(&self, column: usize) -> bool {
        matches!(self.0.get(column), None | Some(Value::Null))
    }

    /// `None` if the column is null, else what `read` makes of it.
    pub(crate) fn opt<'r, T>(
        &'r self,
        column: usize,
        read: impl FnOnce(&'r Row, usize) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        if self.is_null(column) {
            Ok(None)
        } else {
            read(self, column).map(Some)
        }
    }

    pub(crate) fn int(&self, column: usize) -> Result<i64, Error> {
        self.at(column, Value::as_int)
    }

    pub(crate) fn bool(&self, column: usize) -> Result<bool, Error> {
        self.int(column).map(|n| n != 0)
    }

    /// A count; the database holds no negative ones.
    pub(crate) fn count(&self, column: usize) -> Result<u64, Error> {
        self.at(column, |v| v.as_int().and_then(|n| u64::try_from(n).ok()))
    }

    pub(crate) fn text(&self, column: usize) -> Result<&str, Error> {
        self.at(column, Value::as_text)
    }

    pub(crate) fn blob(&self, column: usize) -> Result<&[u8], Error> {
        self.at(column, Value::as_blob)
    }

    pub(crate) fn uuid(&self, column: usize) -> Result<Uuid, Error> {
        self.at(column, |v| {
            v.as_blob().and_then(|b| Uuid::from_slice(b).ok())
        })
    }

    pub(crate) fn time(&self, column: usize) -> Result<Timestamp, Error> {
        self.at(column, |v| {
            v.as_int().and_then(|n| Timestamp::from_millisecond(n).ok())
        })
    }

    /// A text that reads as a `T`: an area code, a digest.
    pub(crate) fn parsed<T: std::str::FromStr>(&self, column: usize) -> Result<T, Error> {
        self.at(column, |v| v.as_text().and_then(|t| t.parse().ok()))
    }

    /// Bytes that are a SHA-256 or a key.
    pub(crate) fn bytes32(&self, column: usize) -> Result<[u8; 32], Error> {
        self.at(column, |v| v.as_blob().and_then(|b| b.try_into().ok()))
    }
}
