//! Sheets of text cells that remember where they stood.

use std::ffi::OsStr;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use calamine::{Data, Reader, Sheets, open_workbook_auto_from_rs};

use crate::Error;
use crate::expr::dates::{date_of_days, date_text};
use crate::expr::value::number_text;
use crate::files;
use crate::form::list::Rows;

/// The sheets that a workbook can have.
const SHEETS: [&str; 6] = [
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
    pub(crate) files: Vec<File>,
}

/// A file that lies beside the sheets.
#[derive(Clone, Debug)]
pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) rows: Arc<Rows>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sheet {
    pub(crate) name: String,
    pub(crate) rows: Vec<Row>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    /// As a spreadsheet counts them; of a CSV file, the line the row begins on.
    pub(crate) number: u32,
    pub(crate) cells: Vec<String>,
}

impl Workbook {
    /// Reads a spreadsheet file (.xlsx, or .xls; the content decides, not the name).
    ///
    /// # Errors
    /// [`Error::Workbook`] when the bytes are no spreadsheet.
    pub fn from_xlsx(bytes: &[u8]) -> Result<Workbook, Error> {
        let unreadable = |error: calamine::Error| Error::Workbook(error.to_string());
        let mut book: Sheets<Cursor<&[u8]>> =
            open_workbook_auto_from_rs(Cursor::new(bytes)).map_err(unreadable)?;
        let mut sheets = Vec::new();
        for name in book.sheet_names() {
            let range = book.worksheet_range(&name).map_err(unreadable)?;
            let (first_row, first_column) = range.start().unwrap_or_default();
            let rows = range.rows().enumerate().map(|(index, cells)| {
                // Empty columns on the left count as well, so that a cell keeps its letter.
                let lead = std::iter::repeat_n(String::new(), first_column as usize);
                Row {
                    number: first_row + index as u32 + 1,
                    cells: lead.chain(cells.iter().map(text_of)).collect(),
                }
            });
            sheets.push(Sheet {
                name: name.trim().to_owned(),
                rows: rows.collect(),
            });
        }
        Ok(Workbook {
            sheets,
            files: Vec::new(),
        })
    }

    /// Takes sheets as CSV texts, each with its sheet's name (`survey`, `choices`, `settings`).
    ///
    /// # Errors
    /// [`Error::Workbook`] naming the sheet and line where a text is no CSV.
    pub fn from_csv(sheets: &[(&str, &str)]) -> Result<Workbook, Error> {
        let sheets = sheets.iter().map(|(name, text)| read_csv(name, text));
        Ok(Workbook {
            sheets: sheets.collect::<Result<_, _>>()?,
            files: Vec::new(),
        })
    }

    /// Puts a file beside the sheets, for `select_one_from_file`, `pulldata()` and `instance()`: `.csv` or
    /// `.geojson`.
    ///
    /// # Errors
    /// [`Error::Workbook`] naming the file when it can't be read.
    pub fn attach(&mut self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        let rows = Arc::new(files::read(name, bytes)?);
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
            let name =
                |part: Option<&OsStr>| part.unwrap_or_default().to_string_lossy().into_owned();
            let sheet = name(path.file_stem());
            if SHEETS.contains(&sheet.to_lowercase().as_str()) {
                let text =
                    std::fs::read_to_string(&path).map_err(|error| unreadable(&path, &error))?;
                book.sheets.push(read_csv(&sheet, &text)?);
            } else {
                book.attach(&name(path.file_name()), &read_file(&path)?)?;
            }
        }
        Ok(book)
    }

    /// Takes all sheets from one CSV text, as pyxform writes them: a row whose first cell is a sheet's name begins
    /// each, and the first cell of all others is blank. A text that is not cut up so is the survey sheet.
    ///
    /// # Errors
    /// [`Error::Workbook`] naming the line where the text is no CSV.
    pub fn from_one_csv(text: &str) -> Result<Workbook, Error> {
        let whole = read_csv(SHEETS[0], text)?;
        let first = whole.rows.first().and_then(|row| row.cells.first());
        let is_cut = first.is_some_and(|cell| SHEETS.contains(&cell.to_lowercase().as_str()));
        Ok(Workbook {
            sheets: if is_cut { cut(whole) } else { vec![whole] },
            files: Vec::new(),
        })
    }

    /// Reads what stands at a path: a folder as [`Workbook::from_folder`], a `.csv` file as
    /// [`Workbook::from_one_csv`], any other file as [`Workbook::from_xlsx`]. Of the `.csv` and `.geojson` files
    /// beside a file those are attached that its sheets mention.
    ///
    /// # Errors
    /// [`Error::Workbook`] when one of them can't be read.
    pub fn open(path: &Path) -> Result<Workbook, Error> {
        if path.is_dir() {
            return Workbook::from_folder(path);
        }
        let bytes = read_file(path)?;
        let is_csv = has_ending(path, &["csv"]);
        let mut book = match is_csv {
            false => Workbook::from_xlsx(&bytes)?,
            true => match std::str::from_utf8(&bytes) {
                Ok(text) => Workbook::from_one_csv(text)?,
                Err(_) => {
                    let name = path.display();
                    return Err(Error::Workbook(format!(
                        "{name}: it is not written in UTF-8"
                    )));
                }
            },
        };
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
        self.sheets.iter().flat_map(|sheet| &sheet.rows).any(|row| {
            let is_external = row.cells.iter().any(|cell| cell == "csv-external");
            row.cells.iter().any(|cell| {
                let in_quotes = quoted.iter().any(|name| cell.contains(name.as_str()));
                cell.contains(file) || in_quotes || (is_external && cell == stem)
            })
        })
    }

    pub(crate) fn sheet(&self, name: &str) -> Option<&Sheet> {
        self.sheets
            .iter()
            .find(|sheet| sheet.name.eq_ignore_ascii_case(name))
    }
}

/// The files of a folder that a form can use, in the order of their names.
fn files_in(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let failed = |error: std::io::Error| unreadable(folder, &error);
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if has_ending(&path, &["csv", "geojson"]) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn has_ending(path: &Path, endings: &[&str]) -> bool {
    let own = path.extension().map(|ending| ending.to_ascii_lowercase());
    own.is_some_and(|own| endings.iter().any(|ending| own == *ending))
}

fn read_file(path: &Path) -> Result<Vec<u8>, Error> {
    std::fs::read(path).map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Error {
    Error::Workbook(format!("{}: {error}", path.display()))
}

/// Cuts rows where a first cell names the sheet that follows. The cells keep their places, so that faults name
/// them as a spreadsheet would.
fn cut(whole: Sheet) -> Vec<Sheet> {
    let mut sheets: Vec<Sheet> = Vec::new();
    for mut row in whole.rows {
        let name = row.cells.first_mut().map(std::mem::take);
        if let Some(name) = name.filter(|name| !name.is_empty()) {
            let rows = Vec::new();
            sheets.push(Sheet { name, rows });
        }
        if let Some(sheet) = sheets.last_mut() {
            sheet.rows.push(row);
        }
    }
    sheets
}

fn read_csv(name: &str, text: &str) -> Result<Sheet, Error> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| Error::Workbook(format!("sheet {name}: {error}")))?;
        let number = record.position().map_or(0, |at| {
            // The reader counts blank lines before a record as part of it.
            let rest = text.get(at.byte() as usize..).unwrap_or_default();
            let blank = rest
                .bytes()
                .take_while(|byte| matches!(byte, b'\r' | b'\n'));
            (at.line() as usize + blank.filter(|byte| *byte == b'\n').count()) as u32
        });
        rows.push(Row {
            number,
            cells: record.iter().map(clean).collect(),
        });
    }
    Ok(Sheet {
        name: name.to_owned(),
        rows,
    })
}

fn text_of(cell: &Data) -> String {
    match cell {
        Data::Empty | Data::Error(_) => String::new(),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => clean(text),
        Data::Int(number) => number.to_string(),
        Data::Float(number) => number_text(*number),
        Data::Bool(truth) => if *truth { "TRUE" } else { "FALSE" }.to_owned(),
        // Spreadsheets count days from 1899-12-30.
        Data::DateTime(moment) => date_of_days(moment.as_f64().floor() - 25_569.0)
            .map_or_else(|| number_text(moment.as_f64()), date_text),
    }
}

/// Non-breaking spaces come with text that was pasted from web pages.
fn clean(text: &str) -> String {
    text.replace('\u{a0}', " ").trim().to_owned()
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

    #[test]
    fn csv_rows_keep_their_line_numbers_past_blank_lines_and_quoted_line_breaks() {
        let book =
            Workbook::from_csv(&[("survey", "\u{feff}type,name\n\n\"a\nb\",x\ntext,\u{a0}y ")]);
        let sheet = &book.unwrap().sheets[0];
        let rows: Vec<(u32, &str)> = sheet
            .rows
            .iter()
            .map(|row| (row.number, row.cells[1].as_str()))
            .collect();
        assert_eq!(rows, [(1, "name"), (3, "x"), (5, "y")]);
    }

    #[test]
    fn bytes_that_are_no_spreadsheet_are_refused() {
        assert!(matches!(
            Workbook::from_xlsx(b"not a workbook"),
            Err(Error::Workbook(_))
        ));
        assert!(matches!(Workbook::from_xlsx(b""), Err(Error::Workbook(_))));
    }
}
