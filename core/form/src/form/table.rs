//! A sheet as a table with known columns, whatever way its author spelt the headers.

use super::schema::Medium;
use crate::fault::{Fault, Severity, nearest};
use crate::workbook::{Gap, Row, Sheet, column_letters};

/// The columns that mean something. Those of Ketuk itself begin with `ketuk::`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Column {
    AllowDuplicates,
    Appearance,
    AutoDelete,
    AutoSend,
    Calculation,
    Card,
    CardDetail,
    Carry,
    ChoiceFilter,
    ClientEditable,
    Constraint(u8),
    ConstraintMessage(u8),
    Default,
    DefaultLanguage,
    Disabled,
    Fixed,
    FormId,
    FormTitle,
    Guidance,
    Hint,
    InstanceName,
    Label,
    ListName,
    Media(Medium),
    Name,
    Namespaces,
    Number,
    Parameters,
    PublicKey,
    ReadOnly,
    Relevant,
    RepeatCount,
    Required,
    RequiredMessage,
    Role,
    SaveTo,
    Style,
    SubmissionUrl,
    Trigger,
    Type,
    Version,
    Warning,
    WarningMessage,
}

const SURVEY: &[(&str, Column)] = &[
    ("type", Column::Type),
    ("name", Column::Name),
    ("label", Column::Label),
    ("caption", Column::Label),
    ("hint", Column::Hint),
    ("guidance hint", Column::Guidance),
    ("relevant", Column::Relevant),
    ("relevance", Column::Relevant),
    ("bind::relevant", Column::Relevant),
    ("constraint", Column::Constraint(0)),
    ("bind::constraint", Column::Constraint(0)),
    ("constraint message", Column::ConstraintMessage(0)),
    ("constraining message", Column::ConstraintMessage(0)),
    ("bind::jr:constraintmsg", Column::ConstraintMessage(0)),
    ("required", Column::Required),
    ("bind::required", Column::Required),
    ("required message", Column::RequiredMessage),
    ("requiredmsg", Column::RequiredMessage),
    ("bind::jr:requiredmsg", Column::RequiredMessage),
    ("calculation", Column::Calculation),
    ("calculate", Column::Calculation),
    ("bind::calculate", Column::Calculation),
    ("default", Column::Default),
    ("choice filter", Column::ChoiceFilter),
    ("repeat count", Column::RepeatCount),
    ("count", Column::RepeatCount),
    ("jr:count", Column::RepeatCount),
    ("body::jr:count", Column::RepeatCount),
    ("appearance", Column::Appearance),
    ("body::appearance", Column::Appearance),
    ("readonly", Column::ReadOnly),
    ("read only", Column::ReadOnly),
    ("bind::readonly", Column::ReadOnly),
    ("trigger", Column::Trigger),
    ("parameters", Column::Parameters),
    ("disabled", Column::Disabled),
    ("save to", Column::SaveTo),
    ("bind::entities:saveto", Column::SaveTo),
    ("command", Column::Type),
    ("tag", Column::Name),
    ("value", Column::Name),
    ("ketuk::role", Column::Role),
    ("ketuk::warning", Column::Warning),
    ("ketuk::warning message", Column::WarningMessage),
    ("ketuk::number", Column::Number),
    ("ketuk::fixed", Column::Fixed),
    ("ketuk::carry", Column::Carry),
    ("ketuk::card", Column::Card),
    ("ketuk::card detail", Column::CardDetail),
    ("ketuk::constraint 2", Column::Constraint(1)),
    ("ketuk::constraint message 2", Column::ConstraintMessage(1)),
    ("ketuk::constraint 3", Column::Constraint(2)),
    ("ketuk::constraint message 3", Column::ConstraintMessage(2)),
    ("ketuk::constraint 4", Column::Constraint(3)),
    ("ketuk::constraint message 4", Column::ConstraintMessage(3)),
    ("ketuk::constraint 5", Column::Constraint(4)),
    ("ketuk::constraint message 5", Column::ConstraintMessage(4)),
];

const CHOICES: &[(&str, Column)] = &[
    ("list name", Column::ListName),
    ("listname", Column::ListName),
    ("name", Column::Name),
    ("value", Column::Name),
    ("label", Column::Label),
    ("caption", Column::Label),
];

/// The files that go with the label of a question or of a choice.
const MEDIA: &[(&str, Column)] = &[
    ("image", Column::Media(Medium::Image)),
    ("media::image", Column::Media(Medium::Image)),
    ("big-image", Column::Media(Medium::BigImage)),
    ("media::big-image", Column::Media(Medium::BigImage)),
    ("audio", Column::Media(Medium::Audio)),
    ("media::audio", Column::Media(Medium::Audio)),
    ("video", Column::Media(Medium::Video)),
    ("media::video", Column::Media(Medium::Video)),
];

const SETTINGS: &[(&str, Column)] = &[
    ("form title", Column::FormTitle),
    ("title", Column::FormTitle),
    ("set form title", Column::FormTitle),
    ("form id", Column::FormId),
    ("id string", Column::FormId),
    ("set form id", Column::FormId),
    ("version", Column::Version),
    ("default language", Column::DefaultLanguage),
    ("allow choice duplicates", Column::AllowDuplicates),
    ("name", Column::Name),
    ("instance name", Column::InstanceName),
    ("style", Column::Style),
    ("submission url", Column::SubmissionUrl),
    ("public key", Column::PublicKey),
    ("auto send", Column::AutoSend),
    ("auto delete", Column::AutoDelete),
    ("client editable", Column::ClientEditable),
    ("namespaces", Column::Namespaces),
];

impl Column {
    /// Whether the column may come once for each language.
    fn is_text(self) -> bool {
        matches!(
            self,
            Column::Label
                | Column::Hint
                | Column::Guidance
                | Column::Media(_)
                | Column::ConstraintMessage(_)
                | Column::RequiredMessage
                | Column::WarningMessage
                | Column::Card
                | Column::CardDetail
        )
    }
}

/// Which of the three sheets a table is read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Survey,
    Choices,
    Settings,
}

impl Part {
    fn columns(self) -> impl Iterator<Item = &'static (&'static str, Column)> {
        let (own, media): (_, &[_]) = match self {
            Part::Survey => (SURVEY, MEDIA),
            Part::Choices => (CHOICES, MEDIA),
            Part::Settings => (SETTINGS, &[]),
        };
        own.iter().chain(media)
    }
}

pub(crate) struct Table<'a> {
    sheet: &'a str,
    headers: Vec<Header>,
    rows: Vec<&'a Row>,
}

struct Header {
    text: String,
    meaning: Meaning,
}

enum Meaning {
    /// A known column; its language, for texts, is "" when the header names none.
    Known(Column, String),
    /// Nearly a known column: what is wrong with it, and what to write.
    Wrong(&'static str, &'static str),
    /// The author's own, such as the columns that a choice filter uses.
    Other,
}

/// One row of a table.
#[derive(Clone, Copy)]
pub(crate) struct Line<'a> {
    table: &'a Table<'a>,
    row: &'a Row,
}

/// One filled cell.
#[derive(Clone, Copy)]
pub(crate) struct Cell<'a> {
    pub(crate) text: &'a str,
    sheet: &'a str,
    row: u32,
    column: usize,
    header: &'a str,
    is_moment: bool,
}

/// What a spreadsheet shows in place of a formula's value.
const FAILED: [&str; 7] = [
    "#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!",
];

impl<'a> Table<'a> {
    pub(crate) fn read(sheet: &'a Sheet, part: Part, report: &mut Report) -> Table<'a> {
        let mut rows = sheet
            .rows
            .iter()
            .filter(|row| row.cells.iter().any(|cell| !cell.is_empty()));
        let Some(first) = rows.next() else {
            return Table {
                sheet: &sheet.name,
                headers: Vec::new(),
                rows: Vec::new(),
            };
        };
        let mut headers: Vec<Header> = Vec::with_capacity(first.cells.len());
        for (index, text) in first.cells.iter().enumerate() {
            let mut meaning = meaning(text, part);
            let cell = Cell {
                text,
                sheet: &sheet.name,
                row: first.number,
                column: index,
                header: text,
                is_moment: false,
            };
            match &meaning {
                Meaning::Known(column, language) => {
                    let twin = headers.iter_mut().find(|header| {
                        matches!(&header.meaning, Meaning::Known(other, of)
                            if other == column && of == language)
                    });
                    let Some(twin) = twin else {
                        headers.push(Header {
                            text: text.clone(),
                            meaning,
                        });
                        continue;
                    };
                    let message = format!("this column says the same as `{}`.", twin.text);
                    let cure = "Keep one of the two.";
                    if part == Part::Settings {
                        // Programs that export forms write `form_id` beside `id_string`: what is usual today counts.
                        report.warning(cell, message, cure);
                        match usual(text, part) < usual(&twin.text, part) {
                            true => twin.meaning = Meaning::Other,
                            false => meaning = Meaning::Other,
                        }
                    } else {
                        report.error(cell, message, cure);
                    }
                }
                Meaning::Other if part != Part::Choices && !text.is_empty() => {
                    let known = part.columns().map(|(name, _)| *name);
                    let normal = normal(text);
                    let near = nearest(&normal, known);
                    if let Some(near) = near.filter(|_| normal.len() > 3) {
                        report.warning(
                            cell,
                            format!("the column `{text}` is not known and not used."),
                            format!("Did you mean `{}`?", near.replace(' ', "_")),
                        );
                    }
                }
                Meaning::Wrong(message, cure) => report.error(cell, *message, *cure),
                Meaning::Other => {}
            }
            headers.push(Header {
                text: text.clone(),
                meaning,
            });
        }
        let table = Table {
            sheet: &sheet.name,
            headers,
            rows: rows.collect(),
        };
        table.gaps(&sheet.gaps, first, report);
        table.failed_formulas(report);
        table
    }

    /// Names what other programs don't read, as it stands far from the rest.
    fn gaps(&self, gaps: &[Gap], headers: &Row, report: &mut Report) {
        for gap in gaps {
            let (cell, message) = match *gap {
                Gap::AboveRow(row) => (
                    Cell {
                        row,
                        ..Cell::of_sheet(self.sheet)
                    },
                    "many blank rows stand above it, and other programs read no further.",
                ),
                Gap::BeforeColumn(column) => (
                    Cell {
                        row: headers.number,
                        column: column as usize,
                        header: &self.headers[column as usize].text,
                        ..Cell::of_sheet(self.sheet)
                    },
                    "many columns without a header stand before it, and other programs read no further.",
                ),
            };
            report.warning(cell, message, "Take them out.");
        }
    }

    fn failed_formulas(&self, report: &mut Report) {
        for line in self.lines() {
            let known = self.headers.iter().enumerate();
            let known = known.filter(|(_, header)| matches!(header.meaning, Meaning::Known(..)));
            for cell in known.filter_map(|(index, _)| line.at(index)) {
                if FAILED.contains(&cell.text) {
                    report.warning(
                        cell,
                        format!("the formula of this cell fails with `{}`.", cell.text),
                        "Mend it, or write what it should yield.",
                    );
                }
            }
        }
    }

    /// Says in what language texts are whose header names none.
    pub(crate) fn unnamed_texts_are_in(&mut self, language: &str) {
        for header in &mut self.headers {
            if let Meaning::Known(column, of) = &mut header.meaning
                && column.is_text()
                && of.is_empty()
            {
                of.push_str(language);
            }
        }
    }

    pub(crate) fn lines(&'a self) -> impl Iterator<Item = Line<'a>> {
        self.rows.iter().map(move |row| Line { table: self, row })
    }

    pub(crate) fn has(&self, column: Column) -> bool {
        self.headers
            .iter()
            .any(|header| matches!(header.meaning, Meaning::Known(known, _) if known == column))
    }

    fn known(&self) -> impl Iterator<Item = (Column, usize, &str)> {
        let headers = self.headers.iter().enumerate();
        headers.filter_map(|(place, header)| match &header.meaning {
            Meaning::Known(column, language) => Some((*column, place, language.as_str())),
            _ => None,
        })
    }

    /// The place of a column.
    pub(crate) fn place(&self, column: Column) -> Option<usize> {
        self.places(column).first().map(|(place, _)| *place)
    }

    /// The places of a text's columns, with their languages.
    pub(crate) fn places(&self, column: Column) -> Vec<(usize, &str)> {
        self.known()
            .filter(|(of, ..)| *of == column)
            .map(|(_, place, language)| (place, language))
            .collect()
    }

    /// The places of all texts' columns, with their languages.
    pub(crate) fn places_of_texts(&self) -> Vec<(usize, &str)> {
        self.known()
            .filter(|(of, ..)| of.is_text())
            .map(|(_, place, language)| (place, language))
            .collect()
    }

    /// The languages that headers name, in the order of their first column; "" for texts without.
    pub(crate) fn languages(&self) -> Vec<&str> {
        let mut languages: Vec<&str> = Vec::new();
        for header in &self.headers {
            if let Meaning::Known(column, language) = &header.meaning
                && column.is_text()
                && !languages.contains(&language.as_str())
            {
                languages.push(language);
            }
        }
        languages
    }

    /// Indices and headers of the author's own columns.
    pub(crate) fn others(&self) -> impl Iterator<Item = (usize, &str)> {
        self.headers
            .iter()
            .enumerate()
            .filter_map(|(index, header)| match header.meaning {
                Meaning::Other if !header.text.is_empty() => Some((index, header.text.as_str())),
                _ => None,
            })
    }
}

impl<'a> Line<'a> {
    pub(crate) fn number(&self) -> u32 {
        self.row.number
    }

    pub(crate) fn at(&self, index: usize) -> Option<Cell<'a>> {
        let text = self.row.cells.get(index).filter(|text| !text.is_empty())?;
        Some(Cell {
            text,
            sheet: self.table.sheet,
            row: self.row.number,
            column: index,
            header: self
                .table
                .headers
                .get(index)
                .map_or("", |header| header.text.as_str()),
            is_moment: self.row.moments.contains(&(index as u32)),
        })
    }

    pub(crate) fn get(&self, column: Column) -> Option<Cell<'a>> {
        self.table
            .headers
            .iter()
            .enumerate()
            .find_map(|(index, header)| match header.meaning {
                Meaning::Known(known, _) if known == column => self.at(index),
                _ => None,
            })
    }

    /// The cells of a text in its languages.
    pub(crate) fn texts(&self, column: Column) -> impl Iterator<Item = (&'a str, Cell<'a>)> {
        let line = *self;
        line.table
            .headers
            .iter()
            .enumerate()
            .filter_map(move |(index, header)| match &header.meaning {
                Meaning::Known(known, language) if *known == column => {
                    line.at(index).map(|cell| (language.as_str(), cell))
                }
                _ => None,
            })
    }

    /// The cells of the author's own columns.
    pub(crate) fn others(self) -> impl Iterator<Item = Cell<'a>> {
        self.table
            .others()
            .filter_map(move |(index, _)| self.at(index))
    }

    /// The row as a whole, for what is missing in it.
    pub(crate) fn whole(&self) -> Cell<'a> {
        let (sheet, row) = (self.table.sheet, self.row.number);
        Cell {
            text: "",
            sheet,
            row,
            column: usize::MAX,
            header: "",
            is_moment: false,
        }
    }
}

impl<'a> Cell<'a> {
    fn of_sheet(sheet: &'a str) -> Cell<'a> {
        Cell {
            text: "",
            sheet,
            row: 0,
            column: usize::MAX,
            header: "",
            is_moment: false,
        }
    }

    /// The cell, read as if it said something else.
    pub(crate) fn saying(self, text: &'a str) -> Cell<'a> {
        Cell { text, ..self }
    }

    /// The header above it, as the author wrote it.
    pub(crate) fn header(&self) -> &'a str {
        self.header
    }

    /// Whether a spreadsheet takes the cell for a day or a time, whatever was typed.
    pub(crate) fn is_moment(&self) -> bool {
        self.is_moment
    }

    pub(crate) fn row_number(&self) -> u32 {
        self.row
    }
}

fn normal(header: &str) -> String {
    let spaced = header.replace('_', " ").to_lowercase();
    let parts: Vec<String> = spaced
        .split("::")
        .map(|part| part.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    let header = parts.join("::");
    match header.strip_prefix("control::") {
        Some(attribute) => format!("body::{attribute}"),
        None => header,
    }
}

fn meaning(header: &str, part: Part) -> Meaning {
    let known = |name: &str| {
        let normal = normal(name);
        part.columns()
            .find(|(known, _)| *known == normal)
            .map(|(_, column)| *column)
    };
    // `bind::relevant`, and the older `bind:relevant`.
    if let Some(column) = known(header).or_else(|| known(&header.replacen(':', "::", 1))) {
        return Meaning::Known(column, String::new());
    }
    // `label::English (en)`, `ketuk::warning_message::English (en)`, and the older `label:English`.
    let cut = header.rsplit_once("::").or_else(|| header.rsplit_once(':'));
    let Some((name, language)) = cut else {
        return Meaning::Other;
    };
    let outer = name.split("::").next().unwrap_or_default();
    match known(name) {
        Some(column) if column.is_text() => {
            let language = language.split_whitespace().collect::<Vec<_>>().join(" ");
            Meaning::Known(column, language)
        }
        Some(_) => Meaning::Wrong(
            "a language stands behind what is the same in all languages.",
            "Leave it out.",
        ),
        None if part == Part::Survey && normal(name) == "media" => Meaning::Wrong(
            "there are no files of this kind.",
            "Write `media::image`, `media::big-image`, `media::audio` or `media::video`.",
        ),
        None if part == Part::Survey && known(outer).is_some() => Meaning::Wrong(
            "more than a language stands behind the name of the column.",
            "Write `label::English (en)`, with one `::`.",
        ),
        None => Meaning::Other,
    }
}

/// How far down a spelling stands among those that are known: the usual ones stand first.
fn usual(header: &str, part: Part) -> Option<usize> {
    let normal = normal(header);
    part.columns().position(|(known, _)| *known == normal)
}

/// The faults found so far.
#[derive(Default)]
pub(crate) struct Report {
    pub(crate) faults: Vec<Fault>,
}

impl Report {
    pub(crate) fn error(
        &mut self,
        cell: Cell<'_>,
        message: impl Into<String>,
        cure: impl Into<String>,
    ) {
        self.add(cell, message.into(), cure.into(), Severity::Error);
    }

    pub(crate) fn warning(
        &mut self,
        cell: Cell<'_>,
        message: impl Into<String>,
        cure: impl Into<String>,
    ) {
        self.add(cell, message.into(), cure.into(), Severity::Warning);
    }

    /// A fault of a sheet as a whole.
    pub(crate) fn sheet_error(&mut self, sheet: &str, message: &str, cure: &str) {
        self.error(Cell::of_sheet(sheet), message, cure);
    }

    /// As [`Report::sheet_error`].
    pub(crate) fn sheet_warning(&mut self, sheet: &str, message: &str, cure: &str) {
        self.warning(Cell::of_sheet(sheet), message, cure);
    }

    fn add(&mut self, cell: Cell<'_>, message: String, cure: String, severity: Severity) {
        let name = match cell.column {
            usize::MAX => String::new(),
            column => format!("{}{}", column_letters(column), cell.row),
        };
        let fault = Fault {
            sheet: cell.sheet.to_owned(),
            row: cell.row,
            column: cell.header.to_owned(),
            cell: name,
            message,
            cure,
            severity,
        };
        self.faults.push(fault);
    }

    pub(crate) fn has_errors(&self) -> bool {
        self.faults
            .iter()
            .any(|fault| fault.severity == Severity::Error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_known_in_their_usual_spellings() {
        let known = |header| match meaning(header, Part::Survey) {
            Meaning::Known(column, language) => Some((column, language)),
            Meaning::Wrong(..) | Meaning::Other => None,
        };
        let plain = |column| Some((column, String::new()));
        assert_eq!(known("Read_Only"), plain(Column::ReadOnly));
        assert_eq!(known("relevance"), plain(Column::Relevant));
        assert_eq!(
            known("constraint  message"),
            plain(Column::ConstraintMessage(0))
        );
        assert_eq!(known("jr:count"), plain(Column::RepeatCount));
        assert_eq!(
            known("label :: English (en)"),
            Some((Column::Label, "English (en)".into()))
        );
        assert_eq!(
            known("label:English"),
            Some((Column::Label, "English".into()))
        );
        assert_eq!(
            known("ketuk::warning_message::English (en)"),
            Some((Column::WarningMessage, "English (en)".into()))
        );
        assert_eq!(known("bind:relevant"), plain(Column::Relevant));
        assert_eq!(known("control :: jr:count"), plain(Column::RepeatCount));
        assert_eq!(known("requiredMsg"), plain(Column::RequiredMessage));
        assert_eq!(known("type::English"), None);
        assert_eq!(known("anything else"), None);
    }
}
