//! Finished documents as rows of flat tables: what an export writes.
//!
//! The tables are those of ODK Central's CSV export (getodk/central-backend, `lib/data/briefcase.js`), so that what
//! reads those reads these: a table for the form and one for each repeat, a geopoint cut in four, the codes of a
//! `select_multiple` in one column and on demand a column of 0 and 1 for each choice. Different are the keys, which
//! stay the same when an instance before is removed, and the names of columns, which are as short as they can be.

mod layout;
mod rows;

use std::borrow::Cow;

use serde::Serialize;
use serde_json::Value;

use crate::expr::value::number_text;
use crate::form::Form;
use crate::form::schema::NodeId;
pub use rows::Row;

/// How the answers to `select_multiple` questions are laid out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Several {
    /// One column with the chosen codes, joined by a space.
    #[default]
    Joined,
    /// After it one column for each choice: 1 if it was chosen, 0 if it was not, nothing if the question has no
    /// answer. Not for choices from files or from answers, of which there may be very many or none known
    /// beforehand.
    Split,
}

/// The tables that documents of a form are written to, known before any document is.
#[derive(Debug)]
pub struct Tables<'f> {
    form: &'f Form,
    /// By scope.
    tables: Vec<Table>,
    /// By node: its first column in the table of its scope.
    columns: Vec<Option<usize>>,
    /// By scope: the questions whose warnings can be answered with a note, and the column of the note.
    notes: Vec<Vec<(NodeId, usize)>>,
}

/// One table: of the form, or of a repeat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Table {
    /// The form's id; of a repeat, with `-` and its name after it. No two tables of a form have the same name.
    pub name: String,
    /// The repeat's path without instance ids; empty for the form's own table.
    pub path: String,
    /// Where the table stands of whose rows these are parts, among [`Tables::all`]; none for the form's own.
    pub parent: Option<usize>,
    /// The keys first, then the questions in the form's order.
    pub columns: Vec<Column>,
}

/// One column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Column {
    /// The question's name; where another question of the table has the same one, its path below the form or the
    /// repeat joined by `-`. Parts of an answer have a word more: `-Latitude`, `/code`. No two columns of a table
    /// have the same name: one that is taken all the same gets `_2` after it.
    pub name: String,
    /// The question's path without instance ids; empty for a key.
    pub path: String,
    /// What its cells hold.
    pub kind: ColumnKind,
    /// Of [`ColumnKind::Chosen`], the choice's code.
    pub choice: Option<String>,
}

/// What the cells of a column hold when a document of this version of the form has passed its check. Each may be
/// empty, except for keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnKind {
    /// The key of the entry that the document is of: `_entry`.
    Entry,
    /// The `_id` of the instance in which this one stands; empty directly below the form: `_parent`.
    Parent,
    /// The instance's own id, which no other instance of the entry has: `_id`.
    Id,
    /// The instance's number among its parent's, from 1: `_position`.
    Position,
    /// Any text; of a question for a file, the file's name.
    Text,
    /// A whole number.
    Integer,
    /// A number.
    Decimal,
    /// `YYYY-MM-DD`.
    Date,
    /// A time of day, as ISO 8601 has it.
    Time,
    /// A date with a time of day, as ISO 8601 has it.
    DateTime,
    /// The code of a choice.
    Code,
    /// Codes of choices.
    Codes,
    /// 1 or 0: whether a choice was chosen.
    Chosen,
    /// The note that answers a warning.
    Note,
}

/// One cell. It borrows from the document: nothing is copied on the way to a writer.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Cell<'d> {
    /// No answer.
    #[default]
    Empty,
    /// A text, date, time, code or key.
    Text(&'d str),
    /// A whole number.
    Integer(i64),
    /// A number.
    Decimal(f64),
    /// Several codes, each a JSON text.
    Codes(&'d [Value]),
}

impl<'d> Cell<'d> {
    /// The cell as a text: numbers with a point and without an exponent, codes joined by a space.
    pub fn text(self) -> Cow<'d, str> {
        match self {
            Cell::Empty => Cow::Borrowed(""),
            Cell::Text(text) => Cow::Borrowed(text),
            Cell::Integer(number) => Cow::Owned(number.to_string()),
            Cell::Decimal(number) => Cow::Owned(number_text(number)),
            Cell::Codes(codes) => {
                let codes: Vec<&str> = codes.iter().filter_map(Value::as_str).collect();
                Cow::Owned(codes.join(" "))
            }
        }
    }
}

impl Form {
    /// The flat tables of this form's documents.
    pub fn tables(&self, several: Several) -> Tables<'_> {
        layout::lay_out(self, several)
    }
}

impl Tables<'_> {
    /// The form's own table, then one for each repeat in the survey's order: a table stands after the one it is a
    /// part of.
    pub fn all(&self) -> &[Table] {
        &self.tables
    }
}
