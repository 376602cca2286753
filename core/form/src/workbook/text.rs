//! Sheets of CSV texts.

use std::borrow::Cow;

use super::grid::clean;
use super::room::Room;
use super::{Row, Sheet};

/// The text of a file: UTF-8, or UTF-16 where its first two bytes say so, as Excel's "Unicode text" has it.
pub(crate) fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, &'static str> {
    let wide = |read: fn([u8; 2]) -> u16| {
        let pairs = bytes.chunks(2).skip(1);
        let signs = pairs.map(|pair| read([pair[0], pair.get(1).copied().unwrap_or_default()]));
        let text: Result<String, _> = char::decode_utf16(signs).collect();
        text.map(Cow::Owned)
            .map_err(|_| "it is not written in UTF-16")
    };
    match bytes {
        [0xFF, 0xFE, ..] => wide(u16::from_le_bytes),
        [0xFE, 0xFF, ..] => wide(u16::from_be_bytes),
        _ => {
            let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
            let text = std::str::from_utf8(bytes);
            text.map(Cow::Borrowed)
                .map_err(|_| "it is not written in UTF-8: save it as \"CSV UTF-8\"")
        }
    }
}

/// What parts the cells: the one of `,` `;` and tab that comes most often in the first line with anything between two
/// of them. The first of all may be the name of a sheet alone.
pub(crate) fn delimiter(text: &str) -> u8 {
    const SEPARATORS: [char; 3] = [',', ';', '\t'];
    let says = |line: &&str| !line.trim_matches([',', ';', '\t', ' ']).is_empty();
    let lines = || text.lines().filter(says);
    let first = lines()
        .find(|line| line.contains(SEPARATORS))
        .or_else(|| lines().next());
    let mut quoted = false;
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0)];
    for byte in first.unwrap_or_default().bytes() {
        quoted ^= byte == b'"';
        if let Some((_, count)) = counts.iter_mut().find(|(of, _)| *of == byte && !quoted) {
            *count += 1;
        }
    }
    // Of those that come as often the first.
    let [comma, others @ ..] = counts;
    let most = others.into_iter().fold(
        comma,
        |most, other| if other.1 > most.1 { other } else { most },
    );
    most.0
}

/// One sheet.
pub(super) fn sheet(name: &str, text: &str, room: &mut Room) -> Result<Sheet, String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter(text))
        .from_reader(text.as_bytes());
    let mut rows: Vec<Row> = Vec::new();
    for record in reader.records() {
        let told = |fault: String| format!("sheet {name}: {fault}");
        let record = record.map_err(|fault| told(fault.to_string()))?;
        // Each row is as wide as the first to whoever reads it.
        let width = rows.first().map_or(0, |headers| headers.cells.len());
        room.take(width.max(record.len())).map_err(told)?;
        room.take_text(record.as_slice().len()).map_err(told)?;
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
            ..Row::default()
        });
    }
    Ok(Sheet {
        name: name.to_owned(),
        rows,
        ..Sheet::default()
    })
}

/// The sheets of one text. Either its first column says where one begins, and is blank in its rows, as pyxform has
/// it; or it is the survey and nothing else.
pub(super) fn sheets(
    text: &str,
    is_sheet: impl Fn(&str) -> bool,
    room: &mut Room,
) -> Result<Vec<Sheet>, String> {
    let all = sheet("survey", text, room)?;
    let blank = |row: &&Row| row.cells.iter().all(String::is_empty);
    let first = all.rows.iter().find(|row| !blank(row));
    let named = first.and_then(|row| row.cells.first());
    if !named.is_some_and(|name| is_sheet(name)) {
        return Ok(vec![all]);
    }
    let mut sheets: Vec<Sheet> = Vec::new();
    for mut row in all.rows {
        let name = row.cells.first_mut().map(std::mem::take);
        if let Some(name) = name.filter(|name| !name.is_empty()) {
            sheets.push(Sheet {
                name,
                ..Sheet::default()
            });
        }
        if let Some(sheet) = sheets.last_mut().filter(|_| !blank(&&row)) {
            sheet.rows.push(row);
        }
    }
    Ok(sheets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_keep_their_line_numbers_past_blank_lines_and_quoted_line_breaks() {
        let text = "\u{feff}type,name\n\n\"a\nb\",x\ntext,\u{a0}y ";
        let read = sheet("survey", text, &mut Room::default()).unwrap();
        let rows: Vec<(u32, &str)> = read
            .rows
            .iter()
            .map(|row| (row.number, row.cells[1].as_str()))
            .collect();
        assert_eq!(rows, [(1, "name"), (3, "x"), (5, "y")]);
    }

    #[test]
    fn cells_are_parted_by_what_comes_most_often() {
        assert_eq!(delimiter("type,name"), b',');
        assert_eq!(
            delimiter(";;\ntype;name;\"label, long, longer, longest\""),
            b';'
        );
        assert_eq!(delimiter("type\tname\tlabel, hint"), b'\t');
        assert_eq!(delimiter("survey\n;type;name"), b';');
        assert_eq!(delimiter(""), b',');
    }

    #[test]
    fn texts_are_read_in_the_encodings_that_spreadsheet_programs_write() {
        let wide = |swap: bool| -> Vec<u8> {
            let signs = "\u{feff}Umur é 😀".encode_utf16();
            let bytes = |sign: u16| {
                if swap {
                    sign.to_be_bytes()
                } else {
                    sign.to_le_bytes()
                }
            };
            signs.flat_map(bytes).collect()
        };
        assert_eq!(decode(&wide(false)).unwrap(), "Umur é 😀");
        assert_eq!(decode(&wide(true)).unwrap(), "Umur é 😀");
        assert_eq!(decode(b"\xEF\xBB\xBFUmur").unwrap(), "Umur");
        assert!(decode(b"Umur \xE9").is_err());
    }
}
