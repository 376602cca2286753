//! The cells of a sheet as a file has them, in any order, to rows of texts.

use std::borrow::Cow;

use super::Row;
use super::room::Room;
use crate::expr::dates::{date_of_days, date_text};
use crate::expr::value::number_text;

/// Days from 1899-12-30, from which spreadsheets count, to 1970-01-01.
const BEFORE_1970: f64 = 25_569.0;

/// Days by which workbooks of old Macintoshes begin to count later.
const SINCE_1904: f64 = 1_462.0;

/// The day from which a workbook counts days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Epoch {
    #[default]
    Of1900,
    Of1904,
}

/// What a cell holds.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Content<'a> {
    Text(Cow<'a, str>),
    Number(f64),
    Truth(bool),
    /// Days since the workbook's epoch, with their fraction.
    Days(f64, Epoch),
    /// As ISO 8601 has it.
    Moment(String),
}

struct Cell {
    row: u32,
    column: u32,
    text: String,
    is_moment: bool,
}

/// The filled cells of a sheet.
#[derive(Default)]
pub(super) struct Grid {
    cells: Vec<Cell>,
}

impl Grid {
    /// Puts something into a cell; both places count from 0.
    pub(super) fn put(
        &mut self,
        room: &mut Room,
        row: u32,
        column: u32,
        content: Content<'_>,
    ) -> Result<(), String> {
        let is_moment = matches!(content, Content::Days(..) | Content::Moment(_));
        room.take(1)?;
        // Before it is copied: a million cells may share one.
        if let Content::Text(text) = &content {
            room.take_text(text.len())?;
        }
        let is_text = matches!(content, Content::Text(_));
        let text = content.text();
        if !is_text {
            room.take_text(text.len())?;
        }
        if !text.is_empty() {
            self.cells.push(Cell {
                row,
                column,
                text,
                is_moment,
            });
        }
        Ok(())
    }

    /// The rows that hold anything. What stands to the right of the first of them, which has the headers, belongs to
    /// no column and is left out. Each further row is as wide as the first to whoever reads it.
    pub(super) fn rows(mut self, room: &mut Room) -> Result<Vec<Row>, String> {
        self.cells.sort_by_key(|cell| (cell.row, cell.column));
        let mut rows: Vec<Row> = Vec::new();
        let mut width = u32::MAX;
        for cell in self.cells {
            let number = cell.row.saturating_add(1);
            if rows.last().is_none_or(|row| row.number != number) {
                if let Some(headers) = rows.first() {
                    width = headers.cells.len() as u32;
                    room.take(headers.cells.len())?;
                }
                rows.push(Row {
                    number,
                    ..Row::default()
                });
            }
            let has_headers = rows.len() == 1;
            let Some(row) = rows.last_mut().filter(|_| cell.column < width) else {
                continue;
            };
            let place = cell.column as usize;
            if place < row.cells.len() {
                // A cell that is there twice: the first counts.
                continue;
            }
            if has_headers {
                room.take(place + 1 - row.cells.len())?;
            }
            row.cells.resize(place, String::new());
            row.cells.push(cell.text);
            if cell.is_moment {
                row.moments.push(cell.column);
            }
        }
        rows.retain(|row| !row.cells.is_empty());
        Ok(rows)
    }
}

impl Content<'_> {
    /// As its author meant it, without blanks at its ends.
    fn text(self) -> String {
        match self {
            Content::Text(text) => clean(&text),
            Content::Moment(text) => clean(text.strip_suffix("T00:00:00").unwrap_or(&text)),
            Content::Number(number) => number_text(number),
            Content::Truth(truth) => if truth { "TRUE" } else { "FALSE" }.to_owned(),
            Content::Days(days, epoch) => moment_text(days, epoch),
        }
    }
}

/// Non-breaking spaces come with text that was pasted from web pages.
pub(super) fn clean(text: &str) -> String {
    text.replace('\u{a0}', " ").trim().to_owned()
}

/// A day `YYYY-MM-DD`, a time of day `hh:mm:ss`, or both with `T` between them.
fn moment_text(days: f64, epoch: Epoch) -> String {
    let seconds = (days.rem_euclid(1.0) * 86_400.0).round();
    let whole = days.floor() + (seconds / 86_400.0).floor();
    let seconds = seconds as u32 % 86_400;
    let time = format!(
        "{:02}:{:02}:{:02}",
        seconds / 3_600,
        seconds / 60 % 60,
        seconds % 60
    );
    if whole == 0.0 {
        return time;
    }
    let since_1900 = match epoch {
        Epoch::Of1904 => whole + SINCE_1904,
        // To spreadsheets 1900 is a leap year.
        Epoch::Of1900 if whole < 60.0 => whole + 1.0,
        Epoch::Of1900 => whole,
    };
    match date_of_days(since_1900 - BEFORE_1970).map(date_text) {
        None => number_text(days),
        Some(date) if seconds == 0 => date,
        Some(date) => format!("{date}T{time}"),
    }
}

/// Whether a number format shows days or times: `yyyy-mm-dd`, `[h]:mm`, but not `0.00` or `[Red]0`.
pub(super) fn shows_moments(format: &str) -> bool {
    let mut signs = format.chars();
    while let Some(sign) = signs.next() {
        match sign {
            '"' => {
                signs.by_ref().find(|sign| *sign == '"');
            }
            '\\' | '_' | '*' => {
                signs.next();
            }
            '[' => {
                let inside: String = signs.by_ref().take_while(|sign| *sign != ']').collect();
                let elapsed = |sign| matches!(sign, 'h' | 'H' | 'm' | 'M' | 's' | 'S');
                if !inside.is_empty() && inside.chars().all(elapsed) {
                    return true;
                }
            }
            'd' | 'D' | 'm' | 'M' | 'y' | 'Y' | 'h' | 'H' | 's' | 'S' => return true,
            _ => {}
        }
    }
    false
}

/// Whether a number format that every workbook has shows days or times (ECMA-376, part 1, section 18.8.30).
pub(super) fn builtin_shows_moments(id: u32) -> bool {
    matches!(id, 14..=22 | 27..=36 | 45..=47 | 50..=58)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_dates_and_their_parts_times() {
        let text = |days| moment_text(days, Epoch::Of1900);
        assert_eq!(text(45_031.0), "2023-04-15");
        assert_eq!(text(45_031.5), "2023-04-15T12:00:00");
        assert_eq!(text(0.75), "18:00:00");
        assert_eq!(text(0.0), "00:00:00");
        assert_eq!(text(1.0), "1900-01-01");
        assert_eq!(text(61.0), "1900-03-01");
        assert_eq!(text(45_030.999_999_99), "2023-04-15");
        assert_eq!(moment_text(43_569.0, Epoch::Of1904), "2023-04-15");
        assert_eq!(text(1e300), number_text(1e300));
    }

    #[test]
    fn formats_of_dates_are_told_from_those_of_numbers() {
        for format in [
            "yyyy-mm-dd",
            "d/m/yy",
            "[h]:mm",
            "h:mm AM/PM",
            "[s]",
            "mmm\\-yy",
        ] {
            assert!(shows_moments(format), "{format}");
        }
        for format in [
            "General",
            "0.00",
            "[Red]0",
            "#,##0 \"days\"",
            "0\\d",
            "@",
            "[$-421]0",
        ] {
            assert!(!shows_moments(format), "{format}");
        }
    }

    #[test]
    fn a_cell_far_to_the_right_of_the_headers_takes_no_room() {
        let (mut grid, mut room) = (Grid::default(), Room::default());
        for (row, column, text) in [
            (4, 16_000, "far"),
            (0, 1, "name"),
            (0, 0, "type"),
            (4, 0, "text"),
        ] {
            let text = Content::Text(text.into());
            grid.put(&mut room, row, column, text).unwrap();
        }
        let rows = grid.rows(&mut room).unwrap();
        let read: Vec<(u32, usize)> = rows
            .iter()
            .map(|row| (row.number, row.cells.len()))
            .collect();
        assert_eq!(read, [(1, 2), (5, 1)]);
    }

    #[test]
    fn more_cells_than_any_form_has_are_refused() {
        let (mut grid, mut room) = (Grid::default(), Room::default());
        for row in 0..300 {
            let cell = Content::Truth(true);
            grid.put(&mut room, row, if row == 0 { 16_383 } else { 0 }, cell)
                .unwrap();
        }
        let refused = grid.rows(&mut room).unwrap_err();
        assert_eq!(refused, "it has more than 4000000 cells");
    }

    #[test]
    fn one_long_text_in_many_cells_is_refused_before_it_is_copied() {
        let (mut grid, mut room) = (Grid::default(), Room::default());
        let text = "a".repeat(1 << 20);
        let mut put = |row| grid.put(&mut room, row, 0, Content::Text((&*text).into()));
        let refused = (0..100).find_map(|row| put(row).err()).unwrap();
        assert_eq!(refused, "its texts have more than 67108864 bytes");
    }
}
