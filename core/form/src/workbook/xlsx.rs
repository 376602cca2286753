//! Sheets of an .xlsx file: a zip archive of XML parts (ECMA-376, parts 1 and 2).
//!
//! Only what a form has is read: texts, numbers, truths and moments, formulas by the value that was last computed.
//! Nothing is made as large as a file merely says that it is.

use std::collections::{BTreeMap, HashMap};
use std::io::{Cursor, Read as _};

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use zip::ZipArchive;

use super::Sheet;
use super::grid::{Content, Epoch, Grid, builtin_shows_moments, shows_moments};
use super::room::Room;

/// What all parts may be together, unpacked: a workbook of a form has a few MB.
const MOST_BYTES: u64 = 128 * 1024 * 1024;

/// The columns that a sheet can have.
const MOST_COLUMNS: u32 = 16_384;

/// The rows that a sheet can have.
const MOST_ROWS: u32 = 1_048_576;

/// Reads the sheets that are `wanted`, or the only one there is; the others' names come with them.
pub(super) fn read(
    bytes: &[u8],
    wanted: impl Fn(&str) -> bool,
    room: &mut Room,
) -> Result<(Vec<Sheet>, Vec<String>), String> {
    let archive = ZipArchive::new(Cursor::new(bytes)).map_err(|fault| fault.to_string())?;
    let mut package = Package {
        archive,
        left: MOST_BYTES,
    };
    let root = package.relations("_rels/.rels", "")?;
    let path = root
        .of_type("officeDocument")
        .unwrap_or("xl/workbook.xml")
        .to_owned();
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", &path));
    let relations = package.relations(&format!("{folder}/_rels/{file}.rels"), folder)?;
    let is_xml = path.to_ascii_lowercase().ends_with(".xml");
    let Some(workbook) = package.part(&path)?.filter(|_| is_xml) else {
        return Err("it holds no workbook of Excel's: save it as .xlsx".to_owned());
    };
    let (names, epoch) = sheets(&workbook, room)?;
    // Where it is not said, they have their usual names.
    let mut part = |kind: &str| {
        let usual = format!("{folder}/{kind}.xml");
        package.part(relations.of_type(kind).unwrap_or(&usual))
    };
    let (styles, strings) = (part("styles")?, part("sharedStrings")?);
    let formats = styles.map_or(Ok(Vec::new()), |xml| formats(&xml))?;
    let strings = strings.map_or(Ok(Vec::new()), |xml| shared_strings(&xml, room))?;
    let known = Known {
        strings,
        formats,
        epoch,
    };
    let (mut read, mut others) = (Vec::<Sheet>::new(), Vec::new());
    let alone = names.len() == 1;
    for (name, id) in names {
        let name = name.trim().to_owned();
        if !alone && !wanted(&name) {
            others.push(name);
            continue;
        }
        super::is_new(&read, &name)?;
        let target = relations.by_id.get(&id);
        let part = match target {
            Some((_, path)) => package.part(path)?,
            None => None,
        };
        let Some(part) = part else {
            return Err(format!("its sheet `{name}` is missing"));
        };
        let told = |fault: String| format!("sheet `{name}`: {fault}");
        let rows = cells(&part, &known, room).and_then(|grid| grid.rows(room));
        let rows = rows.map_err(told)?;
        read.push(Sheet::of_spreadsheet(name, rows));
    }
    Ok((read, others))
}

struct Package<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    /// Bytes that may still be unpacked.
    left: u64,
}

impl Package<'_> {
    fn part(&mut self, path: &str) -> Result<Option<String>, String> {
        // Some programs write other letters, or the other slash.
        let found = self.archive.file_names().position(|name| {
            name.is_ok_and(|name| name.replace('\\', "/").eq_ignore_ascii_case(path))
        });
        let Some(place) = found else {
            return Ok(None);
        };
        let unreadable = |fault: &dyn std::fmt::Display| format!("{path}: {fault}");
        let part = self
            .archive
            .by_index(place)
            .map_err(|fault| unreadable(&fault))?;
        let mut bytes = Vec::new();
        part.take(self.left + 1)
            .read_to_end(&mut bytes)
            .map_err(|fault| unreadable(&fault))?;
        let Some(left) = self.left.checked_sub(bytes.len() as u64) else {
            return Err(format!("it unpacks to more than {MOST_BYTES} bytes"));
        };
        self.left = left;
        let text = String::from_utf8(bytes).map_err(|fault| unreadable(&fault))?;
        Ok(Some(text))
    }

    /// What a part in `folder` refers to.
    fn relations(&mut self, path: &str, folder: &str) -> Result<Relations, String> {
        let mut relations = Relations::default();
        let Some(xml) = self.part(path.trim_start_matches('/'))? else {
            return Ok(relations);
        };
        each_element(&xml, |element| {
            if element.local_name().as_ref() == "Relationship" {
                let [id, kind, target] = attributes(element, ["Id", "Type", "Target"])?;
                let target = match target.strip_prefix('/') {
                    Some(absolute) => absolute.to_owned(),
                    None if folder.is_empty() => target,
                    None => format!("{folder}/{target}"),
                };
                relations.by_id.insert(id, (kind, target));
            }
            Ok(())
        })?;
        Ok(relations)
    }
}

/// Other parts by the id that a part calls them by: what they are, and where.
#[derive(Default)]
struct Relations {
    by_id: BTreeMap<String, (String, String)>,
}

impl Relations {
    fn of_type(&self, kind: &str) -> Option<&str> {
        let mut all = self.by_id.values();
        let found = all.find(|(of, _)| of.rsplit('/').next() == Some(kind));
        found.map(|(_, path)| path.as_str())
    }
}

/// The attributes of these names, their prefixes left aside; empty where there are none.
fn attributes<const N: usize>(
    element: &BytesStart<'_>,
    names: [&str; N],
) -> Result<[String; N], String> {
    let mut values = [const { String::new() }; N];
    for attribute in element.attributes() {
        let attribute = attribute.map_err(|fault| fault.to_string())?;
        let name = attribute.key.local_name();
        if let Some(place) = names.iter().position(|known| *known == name.as_ref()) {
            let value = attribute.normalized_value(XmlVersion::Implicit1_0);
            values[place] = value.map_err(|fault| fault.to_string())?.into_owned();
        }
    }
    Ok(values)
}

fn reader(xml: &str) -> Reader<&[u8]> {
    let mut reader = Reader::from_str(xml);
    reader.config_mut().expand_empty_elements = true;
    reader
}

fn each_element(
    xml: &str,
    mut visit: impl FnMut(&BytesStart<'_>) -> Result<(), String>,
) -> Result<(), String> {
    let mut reader = reader(xml);
    loop {
        match reader.read_event().map_err(|fault| fault.to_string())? {
            Event::Start(element) => visit(&element)?,
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

/// Names and ids of the sheets, in their order.
fn sheets(xml: &str, room: &mut Room) -> Result<(Vec<(String, String)>, Epoch), String> {
    let (mut sheets, mut epoch) = (Vec::new(), Epoch::Of1900);
    each_element(xml, |element| {
        match element.local_name().as_ref() {
            "sheet" => {
                room.take(1)?;
                let [name, id] = attributes(element, ["name", "id"])?;
                sheets.push((name, id));
            }
            "workbookPr" => {
                let [old] = attributes(element, ["date1904"])?;
                if matches!(old.as_str(), "1" | "true") {
                    epoch = Epoch::Of1904;
                }
            }
            _ => {}
        }
        Ok(())
    })?;
    Ok((sheets, epoch))
}

/// For each style of a cell, whether it shows numbers as days or times.
fn formats(xml: &str) -> Result<Vec<bool>, String> {
    let mut own: HashMap<String, bool> = HashMap::new();
    let (mut formats, mut of_cells) = (Vec::new(), false);
    each_element(xml, |element| {
        match element.local_name().as_ref() {
            "numFmt" => {
                let [id, code] = attributes(element, ["numFmtId", "formatCode"])?;
                own.insert(id, shows_moments(&code));
            }
            "cellXfs" => of_cells = true,
            "cellStyles" | "dxfs" => of_cells = false,
            "xf" if of_cells => {
                let [id] = attributes(element, ["numFmtId"])?;
                let builtin = || id.parse().is_ok_and(builtin_shows_moments);
                formats.push(own.get(&id).copied().unwrap_or_else(builtin));
            }
            _ => {}
        }
        Ok(())
    })?;
    Ok(formats)
}

/// A text with the signs that XML can't say, or that Excel won't, written as `_x000D_`: ECMA-376, part 1, 22.9.2.19.
fn unescaped(text: String) -> String {
    if !text.contains("_x") {
        return text;
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = rest.find("_x") {
        let digits = rest.get(at + 2..at + 6).filter(|digits| {
            digits.bytes().all(|digit| digit.is_ascii_hexdigit()) && rest[at + 6..].starts_with('_')
        });
        let code = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let (sign, length) = match code.and_then(char::from_u32) {
            // A line break has one sign here.
            Some('\r') if rest[at + 7..].starts_with('\n') => (None, 7),
            Some('\r') => (Some('\n'), 7),
            Some(sign) if sign.is_control() && !matches!(sign, '\t' | '\n') => (None, 7),
            Some(sign) => (Some(sign), 7),
            None => (Some('_'), 1),
        };
        plain.push_str(&rest[..at]);
        plain.extend(sign);
        rest = &rest[at + length..];
    }
    plain + rest
}

/// Text of an element, gathered piece by piece.
fn add_text(text: &mut String, event: &Event<'_>) {
    match event {
        Event::Text(piece) => text.push_str(&piece.xml10_content()),
        Event::CData(piece) => text.push_str(&piece.xml10_content()),
        Event::GeneralRef(reference) => match reference.resolve_char_ref() {
            Ok(Some(sign)) => text.push(sign),
            _ => text.push_str(match &*reference.xml10_content() {
                "amp" => "&",
                "lt" => "<",
                "gt" => ">",
                "quot" => "\"",
                "apos" => "'",
                _ => "",
            }),
        },
        _ => {}
    }
}

/// The texts that cells share, formatting left aside.
fn shared_strings(xml: &str, room: &mut Room) -> Result<Vec<String>, String> {
    let mut reader = reader(xml);
    let (mut strings, mut text) = (Vec::new(), String::new());
    // How a word is read aloud is no part of it.
    let (mut in_text, mut aloud) = (false, false);
    loop {
        let event = reader.read_event().map_err(|fault| fault.to_string())?;
        match &event {
            Event::Start(element) => match element.local_name().as_ref() {
                "t" => in_text = !aloud,
                "rPh" => aloud = true,
                _ => {}
            },
            Event::End(element) => match element.local_name().as_ref() {
                "t" => in_text = false,
                "rPh" => aloud = false,
                "si" => {
                    room.take(1)?;
                    strings.push(unescaped(std::mem::take(&mut text)));
                }
                _ => {}
            },
            Event::Eof => return Ok(strings),
            event if in_text => add_text(&mut text, event),
            _ => {}
        }
    }
}

/// What the cells of all sheets refer to.
struct Known {
    strings: Vec<String>,
    formats: Vec<bool>,
    epoch: Epoch,
}

/// A cell as far as it was read.
#[derive(Default)]
struct Open {
    row: u32,
    column: u32,
    kind: String,
    style: String,
    text: String,
}

fn cells(xml: &str, known: &Known, room: &mut Room) -> Result<Grid, String> {
    let mut reader = reader(xml);
    let (mut grid, mut open) = (Grid::default(), Open::default());
    let (mut in_text, mut aloud) = (false, false);
    // Rows and cells may leave out where they stand: then they follow the one before.
    let (mut row, mut column) = (0, 0);
    loop {
        let event = reader.read_event().map_err(|fault| fault.to_string())?;
        match &event {
            Event::Start(element) => match element.local_name().as_ref() {
                "row" => {
                    let [number] = attributes(element, ["r"])?;
                    if !number.is_empty() {
                        row = row_of(&number)?;
                    }
                    column = 0;
                }
                "c" => {
                    let [place, kind, style] = attributes(element, ["r", "t", "s"])?;
                    if !place.is_empty() {
                        (row, column) = place_of(&place)?;
                    }
                    if row >= MOST_ROWS || column >= MOST_COLUMNS {
                        return Err("a cell lies outside of the sheet".to_owned());
                    }
                    open = Open {
                        row,
                        column,
                        kind,
                        style,
                        text: String::new(),
                    };
                }
                "v" => in_text = open.kind != "inlineStr",
                "t" => in_text = open.kind == "inlineStr" && !aloud,
                "rPh" => aloud = true,
                _ => {}
            },
            Event::End(element) => match element.local_name().as_ref() {
                "v" | "t" => in_text = false,
                "rPh" => aloud = false,
                "c" => {
                    let open = std::mem::take(&mut open);
                    if !open.text.is_empty() {
                        grid.put(room, open.row, open.column, known.content(open)?)?;
                    }
                    column += 1;
                }
                "row" => row += 1,
                "sheetData" => return Ok(grid),
                _ => {}
            },
            Event::Eof => return Ok(grid),
            event if in_text => add_text(&mut open.text, event),
            _ => {}
        }
    }
}

impl Known {
    fn content(&self, cell: Open) -> Result<Content<'_>, String> {
        let Open {
            kind, style, text, ..
        } = cell;
        Ok(match kind.as_str() {
            "s" => {
                let place: Option<usize> = text.trim().parse().ok();
                let shared = place.and_then(|place| self.strings.get(place));
                Content::Text(shared.ok_or("a shared text is missing")?.into())
            }
            "b" => Content::Truth(text.trim() != "0"),
            "d" => Content::Moment(text),
            "" | "n" => match text.trim().parse::<f64>() {
                Ok(number) if self.is_moment(&style) => Content::Days(number, self.epoch),
                Ok(number) => Content::Number(number),
                Err(_) => Content::Text(text.into()),
            },
            // Texts, texts that formulas yield, and what stands for a formula that fails.
            _ => Content::Text(unescaped(text).into()),
        })
    }

    fn is_moment(&self, style: &str) -> bool {
        let place: Option<usize> = style.parse().ok();
        place.is_some_and(|place| self.formats.get(place) == Some(&true))
    }
}

/// A row from 0 of its number from 1.
fn row_of(number: &str) -> Result<u32, String> {
    let row = number
        .parse::<u32>()
        .ok()
        .and_then(|row| row.checked_sub(1));
    row.filter(|row| *row < MOST_ROWS)
        .ok_or_else(|| format!("there is no row `{number}`"))
}

/// Row and column from 0 of a cell such as `AB12`.
fn place_of(place: &str) -> Result<(u32, u32), String> {
    let digits = place.find(|sign: char| sign.is_ascii_digit());
    let (letters, number) = place.split_at(digits.unwrap_or(place.len()));
    let column = letters.chars().try_fold(0_u32, |column, letter| {
        let value = letter.to_digit(36)?.checked_sub(9)?;
        column.checked_mul(26)?.checked_add(value)
    });
    let column = column.and_then(|column| column.checked_sub(1));
    let column = column.filter(|column| *column < MOST_COLUMNS);
    let column = column.ok_or_else(|| format!("there is no cell `{place}`"))?;
    Ok((row_of(number)?, column))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_that_excel_writes_by_their_number_are_read() {
        let read = |text: &str| unescaped(text.to_owned());
        assert_eq!(read("Satu_x000D_\nDua"), "Satu\nDua");
        assert_eq!(read("Satu_x000D_Dua_x0000_"), "Satu\nDua");
        assert_eq!(read("a_x005F_x0041_"), "a_x0041_");
        for plain in ["_x", "_x+041_", "a_xyz_", "_x00é_", "_x004"] {
            assert_eq!(read(plain), plain);
        }
    }

    #[test]
    fn places_are_read_as_spreadsheets_name_them() {
        assert_eq!(place_of("A1"), Ok((0, 0)));
        assert_eq!(place_of("ab12"), Ok((11, 27)));
        assert_eq!(place_of("XFD1048576"), Ok((1_048_575, 16_383)));
        for none in [
            "",
            "A",
            "1",
            "A0",
            "XFE1",
            "A1048577",
            "A99999999999",
            "ZZZZZZZZZZ1",
            "é1",
            "A1B",
        ] {
            assert!(place_of(none).is_err(), "{none}");
        }
    }
}
