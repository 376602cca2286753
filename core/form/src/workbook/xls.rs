//! Sheets of an .xls file: records of BIFF8 in a compound file (MS-XLS, MS-CFB).
//!
//! As with .xlsx, only what a form has is read, and nothing is made as large as a file merely says that it is.

use std::collections::HashMap;
use std::io::{Cursor, Read as _};

use super::Sheet;
use super::grid::{Content, Epoch, Grid, builtin_shows_moments, shows_moments};
use super::room::Room;

/// Types of records: MS-XLS, section 2.3.
mod is {
    pub(super) const FORMULA: u16 = 0x0006;
    pub(super) const EOF: u16 = 0x000A;
    pub(super) const DATE_1904: u16 = 0x0022;
    pub(super) const FILE_PASS: u16 = 0x002F;
    pub(super) const CONTINUE: u16 = 0x003C;
    pub(super) const BOUND_SHEET: u16 = 0x0085;
    pub(super) const MUL_RK: u16 = 0x00BD;
    pub(super) const R_STRING: u16 = 0x00D6;
    pub(super) const XF: u16 = 0x00E0;
    pub(super) const SST: u16 = 0x00FC;
    pub(super) const LABEL_SST: u16 = 0x00FD;
    pub(super) const NUMBER: u16 = 0x0203;
    pub(super) const LABEL: u16 = 0x0204;
    pub(super) const BOOL_ERR: u16 = 0x0205;
    pub(super) const STRING: u16 = 0x0207;
    pub(super) const RK: u16 = 0x027E;
    pub(super) const FORMAT: u16 = 0x041E;
    pub(super) const BOF: u16 = 0x0809;
}

/// The version that a workbook of BIFF8 names, which Excel writes since 97.
const BIFF8: u16 = 0x0600;

const PROTECTED: &str = "it is protected by a password: take that off and save it again";

const OLD: &str = "it holds no workbook of Excel 97 or later: save it as .xlsx";

/// Reads the sheets that are `wanted`, or the only one there is; the others' names come with them.
pub(super) fn read(
    bytes: &[u8],
    wanted: impl Fn(&str) -> bool,
    room: &mut Room,
) -> Result<(Vec<Sheet>, Vec<String>), String> {
    let stream = stream(bytes)?;
    let globals = Globals::read(&stream)?;
    let (mut read, mut others) = (Vec::<Sheet>::new(), Vec::new());
    let alone = globals.sheets.len() == 1;
    for (name, place) in &globals.sheets {
        if !alone && !wanted(name) {
            others.push(name.clone());
            continue;
        }
        super::is_new(&read, name)?;
        let told = |fault: String| format!("sheet `{name}`: {fault}");
        let records = stream.get(*place..).unwrap_or_default();
        let rows = cells(records, &globals, room).and_then(|grid| grid.rows(room));
        let rows = rows.map_err(told)?;
        read.push(Sheet::of_spreadsheet(name.clone(), rows));
    }
    Ok((read, others))
}

/// The stream of records.
fn stream(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let mut file =
        cfb::CompoundFile::open(Cursor::new(bytes)).map_err(|fault| fault.to_string())?;
    // A protected .xlsx is a compound file as well.
    if file.is_stream("/EncryptedPackage") {
        return Err(PROTECTED.to_owned());
    }
    let Ok(stream) = file.open_stream("/Workbook") else {
        return Err(OLD.to_owned());
    };
    let mut records = Vec::new();
    // A stream is no longer than the file that it is in.
    let read = stream.take(bytes.len() as u64).read_to_end(&mut records);
    read.map_err(|fault| fault.to_string())?;
    Ok(records)
}

/// A record: its type and its data.
type Record<'a> = (u16, &'a [u8]);

/// The records of a stream up to where it is cut off.
fn records(stream: &[u8]) -> impl Iterator<Item = Record<'_>> {
    let mut rest = stream;
    std::iter::from_fn(move || {
        let mut data = Data(rest);
        let (kind, length) = (data.u16()?, data.u16()?);
        let record = data.bytes(usize::from(length))?;
        rest = data.0;
        Some((kind, record))
    })
}

/// Bytes read from their beginning; none where they end too early.
#[derive(Clone, Copy)]
struct Data<'a>(&'a [u8]);

impl<'a> Data<'a> {
    fn bytes(&mut self, length: usize) -> Option<&'a [u8]> {
        let (first, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(first)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.bytes(N)?.try_into().ok()
    }

    fn u8(&mut self) -> Option<u8> {
        self.array().map(u8::from_le_bytes)
    }

    fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    fn f64(&mut self) -> Option<f64> {
        self.array().map(f64::from_le_bytes)
    }

    /// Row and column of a cell, and its style.
    fn place(&mut self) -> Option<(u32, u32, u16)> {
        let (row, column, style) = (self.u16()?, self.u16()?, self.u16()?);
        Some((row.into(), column.into(), style))
    }

    /// A number in four bytes: MS-XLS, section 2.5.217.
    fn rk(&mut self) -> Option<f64> {
        let word = self.u32()?;
        let number = match word & 2 {
            0 => f64::from_bits(u64::from(word & !3) << 32),
            _ => f64::from(word as i32 >> 2),
        };
        Some(if word & 1 == 0 {
            number
        } else {
            number / 100.0
        })
    }

    /// A text of so many signs, led by how wide they are; as far as it goes.
    fn text(&mut self, length: u16) -> Option<String> {
        let wide = self.u8()? & 1 == 1;
        let mut signs = Vec::new();
        push_signs(&mut signs, self, usize::from(length), wide);
        Some(String::from_utf16_lossy(&signs))
    }
}

/// Takes up to so many signs, as many as there are.
fn push_signs(signs: &mut Vec<u16>, data: &mut Data<'_>, most: usize, wide: bool) {
    for _ in 0..most {
        let sign = if wide {
            data.u16()
        } else {
            data.u8().map(u16::from)
        };
        let Some(sign) = sign else { return };
        signs.push(sign);
    }
}

/// What holds for all sheets.
#[derive(Default)]
struct Globals {
    /// By name, and where their records begin.
    sheets: Vec<(String, usize)>,
    strings: Vec<String>,
    /// For each style of a cell, whether it shows numbers as days or times.
    formats: Vec<bool>,
    epoch: Epoch,
}

impl Globals {
    fn read(stream: &[u8]) -> Result<Globals, String> {
        let mut globals = Globals::default();
        let (mut own, mut styles) = (HashMap::new(), Vec::new());
        let mut shared: Vec<&[u8]> = Vec::new();
        let mut before = 0;
        for (kind, data) in records(stream) {
            let mut reader = Data(data);
            match kind {
                is::BOF if reader.u16() != Some(BIFF8) => {
                    return Err(OLD.to_owned());
                }
                is::FILE_PASS => return Err(PROTECTED.to_owned()),
                is::DATE_1904 if reader.u16() == Some(1) => globals.epoch = Epoch::Of1904,
                is::BOUND_SHEET => globals.sheets.extend(bound_sheet(reader)),
                is::FORMAT => own.extend(format(reader)),
                is::XF => {
                    let _font = reader.u16();
                    styles.push(reader.u16().unwrap_or_default());
                }
                is::SST => shared.push(data),
                is::CONTINUE if before == is::SST => shared.push(data),
                is::EOF => break,
                _ => {}
            }
            if kind != is::CONTINUE {
                before = kind;
            }
        }
        let is_moment = |style: &u16| {
            let own = own.get(style).copied();
            own.unwrap_or_else(|| builtin_shows_moments((*style).into()))
        };
        globals.formats = styles.iter().map(is_moment).collect();
        globals.strings = SharedStrings::new(shared).all();
        Ok(globals)
    }

    fn number(&self, number: f64, style: u16) -> Content<'_> {
        match self.formats.get(usize::from(style)) {
            Some(true) => Content::Days(number, self.epoch),
            _ => Content::Number(number),
        }
    }
}

/// Name and place of a worksheet; none of charts and macros.
fn bound_sheet(mut data: Data<'_>) -> Option<(String, usize)> {
    let place = data.u32()?;
    let _hidden = data.u8()?;
    let is_worksheet = data.u8()? == 0;
    let length = data.u8()?;
    let name = data.text(length.into())?.trim().to_owned();
    is_worksheet.then_some((name, place as usize))
}

/// A number format of the workbook's own: its id, and whether it shows days or times.
fn format(mut data: Data<'_>) -> Option<(u16, bool)> {
    let (id, length) = (data.u16()?, data.u16()?);
    Some((id, shows_moments(&data.text(length)?)))
}

/// The texts that cells share, cut into records wherever one was full: MS-XLS, sections 2.4.265 and 2.5.293.
struct SharedStrings<'a> {
    now: Data<'a>,
    next: std::vec::IntoIter<&'a [u8]>,
}

impl<'a> SharedStrings<'a> {
    fn new(records: Vec<&'a [u8]>) -> SharedStrings<'a> {
        let mut next = records.into_iter();
        let now = Data(next.next().unwrap_or_default());
        SharedStrings { now, next }
    }

    fn all(mut self) -> Vec<String> {
        let _counts = (self.now.u32(), self.now.u32());
        std::iter::from_fn(|| self.text()).collect()
    }

    /// Goes on with the next record once this one is read; false at the end.
    fn go_on(&mut self) -> bool {
        while self.now.0.is_empty() {
            let Some(next) = self.next.next() else {
                return false;
            };
            self.now = Data(next);
        }
        true
    }

    fn text(&mut self) -> Option<String> {
        if !self.go_on() {
            return None;
        }
        let length = usize::from(self.now.u16()?);
        let flags = self.now.u8()?;
        let runs = if flags & 8 == 0 { 0 } else { self.now.u16()? };
        let aloud = if flags & 4 == 0 { 0 } else { self.now.u32()? };
        let (mut signs, mut wide) = (Vec::new(), flags & 1 == 1);
        loop {
            let left = length - signs.len();
            push_signs(&mut signs, &mut self.now, left, wide);
            if signs.len() == length {
                break;
            }
            self.now = Data(&[]);
            if !self.go_on() {
                break;
            }
            // Where a text goes on, it says again how wide its signs are.
            wide = self.now.u8()? & 1 == 1;
        }
        self.pass(usize::from(runs) * 4);
        self.pass(aloud as usize);
        Some(String::from_utf16_lossy(&signs))
    }

    /// Passes over bytes, which may go on in further records.
    fn pass(&mut self, mut bytes: usize) {
        while bytes > 0 && self.go_on() {
            let here = bytes.min(self.now.0.len());
            self.now.bytes(here);
            bytes -= here;
        }
    }
}

/// A sheet that is read: where its cells go, and what they refer to.
struct Reading<'a> {
    grid: Grid,
    room: &'a mut Room,
    globals: &'a Globals,
}

/// The cells of the sheet that begins here.
fn cells(stream: &[u8], globals: &Globals, room: &mut Room) -> Result<Grid, String> {
    let mut reading = Reading {
        grid: Grid::default(),
        room,
        globals,
    };
    // Charts in a sheet have records of their own, between a beginning and an end.
    let mut depth = 0_u32;
    // A text that a formula yields stands in the record after it.
    let mut formula = None;
    for (kind, data) in records(stream) {
        match kind {
            is::BOF => depth += 1,
            is::EOF if depth <= 1 => return Ok(reading.grid),
            is::EOF => depth -= 1,
            _ if depth > 1 => {}
            is::FORMULA => formula = reading.formula(Data(data))?,
            is::STRING => {
                let mut data = Data(data);
                let text = data.u16().and_then(|length| data.text(length));
                if let (Some((row, column)), Some(text)) = (formula.take(), text) {
                    reading.put(row, column, Content::Text(text.into()))?;
                }
            }
            is::MUL_RK => reading.several(Data(data))?,
            _ => reading.cell(kind, Data(data))?,
        }
    }
    Err("it is cut off".to_owned())
}

impl Reading<'_> {
    fn put(&mut self, row: u32, column: u32, content: Content<'_>) -> Result<(), String> {
        self.grid.put(self.room, row, column, content)
    }

    /// A cell that a record alone says.
    fn cell(&mut self, kind: u16, data: Data<'_>) -> Result<(), String> {
        match cell(kind, data, self.globals)? {
            Some((row, column, content)) => self.grid.put(self.room, row, column, content),
            None => Ok(()),
        }
    }

    /// Numbers side by side in a row.
    fn several(&mut self, mut data: Data<'_>) -> Result<(), String> {
        let (Some(row), Some(first)) = (data.u16(), data.u16()) else {
            return Ok(());
        };
        let mut column = u32::from(first);
        while let (Some(style), Some(number)) = (data.u16(), data.rk()) {
            let number = self.globals.number(number, style);
            self.grid.put(self.room, row.into(), column, number)?;
            column += 1;
        }
        Ok(())
    }

    /// The value that a formula last had; its place if that is a text, which comes after it.
    fn formula(&mut self, mut data: Data<'_>) -> Result<Option<(u32, u32)>, String> {
        let (Some((row, column, style)), Some(value)) = (data.place(), data.array::<8>()) else {
            return Ok(None);
        };
        let content = match value {
            [0, .., 0xFF, 0xFF] => return Ok(Some((row, column))),
            [1, _, truth, .., 0xFF, 0xFF] => Content::Truth(truth != 0),
            [2, _, error, .., 0xFF, 0xFF] => Content::Text(error_text(error).into()),
            [.., 0xFF, 0xFF] => return Ok(None),
            number => self.globals.number(f64::from_le_bytes(number), style),
        };
        self.put(row, column, content)?;
        Ok(None)
    }
}

/// A place in a sheet, and what stands there.
type Cell<'a> = (u32, u32, Content<'a>);

fn cell<'a>(
    kind: u16,
    mut data: Data<'_>,
    globals: &'a Globals,
) -> Result<Option<Cell<'a>>, String> {
    let Some((row, column, style)) = data.place() else {
        return Ok(None);
    };
    let content = match kind {
        is::NUMBER => data.f64().map(|number| globals.number(number, style)),
        is::RK => data.rk().map(|number| globals.number(number, style)),
        is::LABEL_SST => {
            let shared = data
                .u32()
                .and_then(|place| globals.strings.get(place as usize));
            Some(Content::Text(
                shared.ok_or("a shared text is missing")?.into(),
            ))
        }
        is::LABEL | is::R_STRING => {
            let text = data.u16().and_then(|length| data.text(length));
            text.map(|text| Content::Text(text.into()))
        }
        is::BOOL_ERR => data
            .u8()
            .zip(data.u8())
            .map(|(value, is_error)| match is_error {
                0 => Content::Truth(value != 0),
                _ => Content::Text(error_text(value).into()),
            }),
        _ => None,
    };
    Ok(content.map(|content| (row, column, content)))
}

/// What a spreadsheet shows for a formula that fails: MS-XLS, section 2.5.10.
fn error_text(code: u8) -> &'static str {
    match code {
        0x00 => "#NULL!",
        0x07 => "#DIV/0!",
        0x0F => "#VALUE!",
        0x17 => "#REF!",
        0x1D => "#NAME?",
        0x24 => "#NUM!",
        _ => "#N/A",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shared_text_goes_on_in_the_next_record_with_signs_of_another_width() {
        let first = [2, 0, 0, 0, 2, 0, 0, 0, 4, 0, 0, b'a', b'b'];
        let second = [1, b'c', 0, 0x41, 0x26, 1, 0, 8, 1, 0, b'x', 9, 9];
        let third = [9, 9];
        let all = SharedStrings::new(vec![&first, &second, &third]).all();
        assert_eq!(all, ["abc\u{2641}", "x"]);
    }

    #[test]
    fn numbers_in_four_bytes_are_whole_or_not_and_perhaps_hundredths() {
        let number = |word: u32| Data(&word.to_le_bytes()).rk();
        assert_eq!(number((75 << 2) | 2), Some(75.0));
        assert_eq!(number((7571 << 2) | 3), Some(75.71));
        assert_eq!(number(((-3_i32) << 2) as u32 | 2), Some(-3.0));
        assert_eq!(number((1.5_f64.to_bits() >> 32) as u32), Some(1.5));
    }
}
