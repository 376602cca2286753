//! Sheets of text cells that remember where they stood.

mod grid;
pub(crate) mod room;
pub(crate) mod text;
mod xls;
mod xlsx;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::Error;
use crate::files;
use crate::form::list::Rows;
use room::Room;

/// The sheets that a workbook can have.
pub(crate) const SHEETS: [&str; 6] = [
    "survey",
    "choices",
    "settings",
    "entities",
    "external_choices",
    "osm",
];

/// The sheets of an XLSForm, as read: nothing is checked yet.
#[derive(Clone, Debug, Default)]
pub struct Workbook {
    pub(crate) sheets: Vec<Sheet>,
    /// Names of sheets that are none of a form's, and were not read.
    pub(crate) others: Vec<String>,
    pub(crate) files: Vec<File>,
    /// For what may still be put beside them.
    room: Room,
}

/// A file that lies beside the sheets.
#[derive(Clone, Debug)]
pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) rows: Arc<Rows>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Sheet {
    pub(crate) name: String,
    pub(crate) rows: Vec<Row>,
    /// Where other programs stop reading.
    pub(crate) gaps: Vec<Gap>,
}

/// Many blank rows above a row of a spreadsheet, or many columns without a header before one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gap {
    AboveRow(u32),
    BeforeColumn(u32),
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Row {
    /// As a spreadsheet counts them; of a CSV file, the line the row begins on.
    pub(crate) number: u32,
    pub(crate) cells: Vec<String>,
    /// The columns, from 0, whose cell is a day or a time to the spreadsheet, whatever its author typed.
    pub(crate) moments: Vec<u32>,
}

/// After so many blank rows in a spreadsheet pyxform takes it for ended.
const BLANK_ROWS: u32 = 61;

/// And after so many columns without a header.
const BLANK_COLUMNS: usize = 21;

/// How a zip archive begins, which .xlsx files are.
const ZIP: &[u8] = b"PK";

/// How a compound file begins, which .xls files are.
const COMPOUND: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";

impl Workbook {
    /// Reads a file by what it holds, whatever its name ends in: .xlsx or .xls; one CSV text with all sheets, as
    /// pyxform has it (the first column names the sheet that begins and is blank in its rows), or with the survey
    /// alone; or a JSON object of the texts in a folder, by their names: `{"survey.csv": "type,name,…", …}`.
    ///
    /// # Errors
    /// [`Error::Workbook`] when the bytes are none of these, or are damaged.
    pub fn from_bytes(bytes: &[u8]) -> Result<Workbook, Error> {
        let mut book = Workbook::default();
        let spreadsheet = match bytes {
            bytes if bytes.starts_with(ZIP) => Some(xlsx::read(bytes, is_sheet, &mut book.room)),
            bytes if bytes.starts_with(COMPOUND) => {
                Some(xls::read(bytes, is_sheet, &mut book.room))
            }
            _ => None,
        };
        if let Some(read) = spreadsheet {
            (book.sheets, book.others) = read.map_err(Error::Workbook)?;
            return Ok(book);
        }
        let text = text::decode(bytes).map_err(|fault| Error::Workbook(fault.to_owned()))?;
        if text.contains('\0') {
            let neither = "it is neither a spreadsheet nor a text";
            return Err(Error::Workbook(neither.to_owned()));
        }
        if text.trim_start().starts_with('{') {
            return Workbook::from_json(&text);
        }
        let sheets = text::sheets(&text, is_sheet, &mut book.room).map_err(Error::Workbook)?;
        let (known, others): (Vec<Sheet>, Vec<Sheet>) =
            sheets.into_iter().partition(|sheet| is_sheet(&sheet.name));
        book.sheets = known;
        book.others = others.into_iter().map(|sheet| sheet.name).collect();
        Ok(book)
    }

    fn from_json(text: &str) -> Result<Workbook, Error> {
        let files: BTreeMap<String, String> = serde_json::from_str(text)
            .map_err(|_| Error::Workbook("it is no JSON object of texts by their names".into()))?;
        let mut book = Workbook::default();
        for (name, text) in files {
            book.take(&name, text.as_bytes())?;
        }
        Ok(book)
    }

    /// Takes sheets as CSV texts, each with its sheet's name (`survey`, `choices`, `settings`).
    ///
    /// # Errors
    /// [`Error::Workbook`] naming the sheet and line where a text is no CSV.
    pub fn from_csv(sheets: &[(&str, &str)]) -> Result<Workbook, Error> {
        let mut book = Workbook::default();
        for (name, text) in sheets {
            let read = text::sheet(name, text, &mut book.room).map_err(Error::Workbook)?;
            book.sheets.push(read);
        }
        Ok(book)
    }

    /// Puts a file beside the sheets, for `select_one_from_file`, `pulldata()` and `instance()`: `.csv` or
    /// `.geojson`.
    ///
    /// # Errors
    /// [`Error::Workbook`] naming the file when it can't be read.
    pub fn attach(&mut self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        let rows = Arc::new(files::read(name, bytes, &mut self.room)?);
        self.files.retain(|file| file.name != name);
        self.files.push(File {
            name: name.to_owned(),
            rows,
        });
        Ok(())
    }

    /// Reads the `.csv` files of a folder that are named as a sheet is, and attaches its others.
    ///
    /// # Errors
    /// [`Error::Workbook`] when the folder or a file in it can't be read.
    pub fn from_folder(folder: &Path) -> Result<Workbook, Error> {
        let mut book = Workbook::default();
        for path in files_in(folder)? {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            book.take(&name, &read_file(&path)?)?;
        }
        Ok(book)
    }

    /// Takes a file as a sheet if it is named as one, and attaches it if not.
    fn take(&mut self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        let path = Path::new(name);
        let is_csv = path
            .extension()
            .is_some_and(|ending| ending.eq_ignore_ascii_case("csv"));
        let sheet = match path.file_stem().and_then(OsStr::to_str) {
            Some(stem) if is_csv => stem,
            _ => name,
        };
        if !is_sheet(sheet) {
            return self.attach(name, bytes);
        }
        let sheet = sheet.trim();
        let fault = |fault: &str| Error::Workbook(format!("sheet {sheet}: {fault}"));
        let text = text::decode(bytes).map_err(fault)?;
        let read = text::sheet(sheet, &text, &mut self.room).map_err(Error::Workbook)?;
        self.sheets.push(read);
        Ok(())
    }

    /// Reads what stands at a path: a folder as [`Workbook::from_folder`], a file as [`Workbook::from_bytes`]. Of
    /// the `.csv` and `.geojson` files beside a file those are attached that its sheets mention.
    ///
    /// # Errors
    /// [`Error::Workbook`] when one of them can't be read.
    pub fn open(path: &Path) -> Result<Workbook, Error> {
        if path.is_dir() {
            return Workbook::from_folder(path);
        }
        let mut book = Workbook::from_bytes(&read_file(path)?)?;
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        for beside in files_in(folder.unwrap_or(Path::new(".")))? {
            let name = beside.file_name().unwrap_or_default().to_string_lossy();
            if beside.file_name() != path.file_name() && book.mentions(&name) {
                book.attach(&name, &read_file(&beside)?)?;
            }
        }
        Ok(book)
    }

    /// Whether a cell names a file: `select_one_from_file towns.csv`, `pulldata('towns', …)`, or a row of the type
    /// `csv-external`.
    fn mentions(&self, file: &str) -> bool {
        let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
        let quoted = [format!("'{stem}'"), format!("\"{stem}\"")];
        let is_no_name =
            |c: char| c.is_whitespace() || matches!(c, '\'' | '"' | ',' | '/' | '(' | ')');
        self.sheets.iter().flat_map(|sheet| &sheet.rows).any(|row| {
            let is_external = row.cells.iter().any(|cell| cell == "csv-external");
            row.cells.iter().any(|cell| {
                let in_quotes = quoted.iter().any(|name| cell.contains(name.as_str()));
                let named = cell
                    .match_indices(file)
                    .any(|(at, _)| cell[..at].chars().next_back().is_none_or(is_no_name));
                named || in_quotes || (is_external && cell == stem)
            })
        })
    }

    /// The sheet of a name. A workbook's only sheet is the survey, whatever it is called.
    pub(crate) fn sheet(&self, name: &str) -> Option<&Sheet> {
        let mut sheets = self.sheets.iter();
        match (self.sheets.as_slice(), name) {
            ([only], "survey") if !is_sheet(&only.name) => Some(only),
            _ => sheets.find(|sheet| sheet.name.eq_ignore_ascii_case(name)),
        }
    }
}

/// The files of a folder that a form can use, in the order of their names.
fn files_in(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let failed = |error: std::io::Error| unreadable(folder, &error);
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let ending = path.extension().map(|ending| ending.to_ascii_lowercase());
        if ending.is_some_and(|ending| ending == "csv" || ending == "geojson") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn read_file(path: &Path) -> Result<Vec<u8>, Error> {
    std::fs::read(path).map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Error {
    Error::Workbook(format!("{}: {error}", path.display()))
}

impl Sheet {
    /// A sheet of a spreadsheet, which has no blank rows.
    fn of_spreadsheet(name: String, rows: Vec<Row>) -> Sheet {
        let mut gaps = Vec::new();
        let mut blank = 0;
        for (column, header) in rows.iter().take(1).flat_map(|row| &row.cells).enumerate() {
            if header.is_empty() {
                blank += 1;
            } else {
                if blank >= BLANK_COLUMNS {
                    gaps.push(Gap::BeforeColumn(column as u32));
                }
                blank = 0;
            }
        }
        for pair in rows.windows(2) {
            if pair[1].number - pair[0].number > BLANK_ROWS {
                gaps.push(Gap::AboveRow(pair[1].number));
            }
        }
        Sheet { name, rows, gaps }
    }
}

/// Sheets of one name would be read again and again: no program writes them.
fn is_new(sheets: &[Sheet], name: &str) -> Result<(), String> {
    match sheets
        .iter()
        .any(|sheet| sheet.name.eq_ignore_ascii_case(name))
    {
        true => Err(format!("it has two sheets `{name}`")),
        false => Ok(()),
    }
}

fn is_sheet(name: &str) -> bool {
    SHEETS
        .iter()
        .any(|known| known.eq_ignore_ascii_case(name.trim()))
}

/// The letters of a column: 0 is A, 26 is AA.
pub(crate) fn column_letters(mut index: usize) -> String {
    let mut letters = Vec::new();
    loop {
        letters.push(char::from(b'A' + (index % 26) as u8));
        if index < 26 {
            break;
        }
        index = index / 26 - 1;
    }
    letters.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_letters_as_in_a_spreadsheet() {
        let letters: Vec<String> = [0, 25, 26, 701, 702].map(column_letters).into();
        assert_eq!(letters, ["A", "Z", "AA", "ZZ", "AAA"]);
    }
}
