//! Loops: what stands between `begin loop over LIST` and `end loop` is asked for each choice of the list, in a group
//! that has the choice's name and label. `%(name)s` and `%(label)s` in between stand for them.
//!
//! The rows are written out before anything else is read, and keep their numbers, so that a fault names the author's
//! cell. Source: pyxform 4.5, `builder.py`.

use std::borrow::Cow;

use super::survey::MAX_DEPTH;
use super::table::{Column, Line, Part, Report, Table};
use super::types::{Type, is_yes, parse_type};
use crate::workbook::room::Room;
use crate::workbook::{Row, Sheet, Workbook};

/// The workbook with its loops written out; as it is where there are none, or one can't be.
pub(crate) fn written_out(workbook: &Workbook) -> Cow<'_, Workbook> {
    let survey = workbook.sheet("survey");
    let rows = survey.and_then(|survey| write_out(survey, workbook.sheet("choices")?));
    let (Some(survey), Some(rows)) = (survey, rows) else {
        return Cow::Borrowed(workbook);
    };
    let mut book = workbook.clone();
    let mut sheets = book.sheets.iter_mut();
    if let Some(sheet) = sheets.find(|sheet| sheet.name == survey.name) {
        sheet.rows = rows;
    }
    Cow::Owned(book)
}

fn write_out(survey: &Sheet, choices: &Sheet) -> Option<Vec<Row>> {
    let mut cells = survey.rows.iter().flat_map(|row| &row.cells);
    if !cells.any(|cell| cell.contains("loop")) {
        return None;
    }
    let table = Table::read(survey, Part::Survey, &mut Report::default());
    let choices = Table::read(choices, Part::Choices, &mut Report::default());
    let loops = Loops {
        kind: table.place(Column::Type)?,
        name: table.place(Column::Name)?,
        disabled: table.place(Column::Disabled),
        labels: table.places(Column::Label),
        languages: table.places_of_texts(),
        choices,
    };
    let is_loop = |row: &Row| matches!(loops.kind_of(row), Some(Type::Loop(_)));
    if !survey.rows.iter().any(is_loop) {
        return None;
    }
    let mut written = Written::default();
    loops.write(&survey.rows, None, 0, &mut written)?;
    Some(written.rows)
}

/// What the sheets say of loops.
struct Loops<'a> {
    /// Columns of the survey: of types, of names and of what is disabled, and of labels and of all texts with their
    /// languages.
    kind: usize,
    name: usize,
    disabled: Option<usize>,
    labels: Vec<(usize, &'a str)>,
    languages: Vec<(usize, &'a str)>,
    choices: Table<'a>,
}

/// A choice of the list that a loop goes over.
struct Turn<'a> {
    code: &'a str,
    /// By language.
    labels: Vec<(&'a str, &'a str)>,
}

/// The rows so far. Loops within loops can be many more than the sheet has.
#[derive(Default)]
struct Written {
    rows: Vec<Row>,
    room: Room,
}

impl Written {
    /// Adds a row; none where there is no room for it.
    fn put(&mut self, row: Row) -> Option<()> {
        let bytes = row.cells.iter().map(String::len).sum();
        self.room.take(row.cells.len()).ok()?;
        self.room.take_text(bytes).ok()?;
        self.rows.push(row);
        Some(())
    }
}

impl<'a> Turn<'a> {
    fn of(line: Line<'a>) -> Option<Turn<'a>> {
        let labels = line.texts(Column::Label);
        Some(Turn {
            code: line.get(Column::Name)?.text,
            labels: labels
                .map(|(language, cell)| (language, cell.text))
                .collect(),
        })
    }

    fn label(&self, language: &str) -> &'a str {
        let own = self.labels.iter().find(|(of, _)| *of == language);
        own.or(self.labels.first()).map_or("", |(_, label)| label)
    }
}

impl Loops<'_> {
    /// What a row says; nothing if it is disabled.
    fn kind_of(&self, row: &Row) -> Option<Type> {
        let cell = |place: usize| row.cells.get(place);
        let is_disabled = self
            .disabled
            .and_then(cell)
            .is_some_and(|cell| is_yes(cell));
        cell(self.kind)
            .filter(|_| !is_disabled)
            .map(|cell| parse_type(cell))
    }

    /// Writes rows, those of loops once for each turn. `turn` is that of the innermost loop that they stand in. None
    /// where a loop has no end or no list, or there is no room.
    fn write(
        &self,
        rows: &[Row],
        turn: Option<&Turn<'_>>,
        depth: usize,
        written: &mut Written,
    ) -> Option<()> {
        let mut rest = rows;
        while let [row, after @ ..] = rest {
            rest = after;
            match self.kind_of(row) {
                Some(Type::Loop(_)) if depth >= MAX_DEPTH => return None,
                Some(Type::Loop(list)) => {
                    let end = self.end_of_loop(rest)?;
                    let (within, after) = rest.split_at(end);
                    rest = &after[1..];
                    let mut group = self.within(row, turn, written)?;
                    group.cells[self.kind] = "begin group".to_owned();
                    written.put(group)?;
                    for turn in &self.turns(&list)? {
                        written.put(self.head(row, turn))?;
                        self.write(within, Some(turn), depth + 1, written)?;
                        written.put(self.end(row))?;
                    }
                    written.put(self.end(&after[0]))?;
                }
                Some(Type::EndLoop) => return None,
                _ => {
                    let row = self.within(row, turn, written)?;
                    written.put(row)?;
                }
            }
        }
        Some(())
    }

    /// Where the loop ends whose first row these begin with.
    fn end_of_loop(&self, rows: &[Row]) -> Option<usize> {
        let mut depth = 1;
        rows.iter().position(|row| {
            match self.kind_of(row) {
                Some(Type::Loop(_)) => depth += 1,
                Some(Type::EndLoop) => depth -= 1,
                _ => {}
            }
            depth == 0
        })
    }

    fn turns(&self, list: &str) -> Option<Vec<Turn<'_>>> {
        let of_list = |line: &Line<'_>| {
            let named = line.get(Column::ListName);
            named.is_some_and(|cell| cell.text == list)
        };
        let lines = self.choices.lines().filter(of_list);
        let mut turns: Vec<Turn<'_>> = lines.filter_map(Turn::of).collect();
        if turns.is_empty() {
            return None;
        }
        // Who chooses none is asked nothing more.
        turns.retain(|turn| turn.code != "none");
        Some(turns)
    }

    /// A row with what stands for the choice put in; none where that is too long.
    fn within(&self, row: &Row, turn: Option<&Turn<'_>>, written: &mut Written) -> Option<Row> {
        let mut row = row.clone();
        let Some(turn) = turn else { return Some(row) };
        for (column, cell) in row.cells.iter_mut().enumerate() {
            let language = self.languages.iter().find(|(of, _)| *of == column);
            let label = turn.label(language.map_or("", |(_, language)| language));
            for (sign, words) in [("%(name)s", turn.code), ("%(label)s", label)] {
                let bytes = cell.matches(sign).count().checked_mul(words.len())?;
                if bytes > 0 {
                    written.room.take_text(bytes).ok()?;
                    *cell = cell.replace(sign, words);
                }
            }
        }
        Some(row)
    }

    /// The beginning of a choice's group.
    fn head(&self, row: &Row, turn: &Turn<'_>) -> Row {
        let named = [(self.kind, "begin group"), (self.name, turn.code)].into_iter();
        let labels = self.labels.iter();
        let labels = labels.map(|(column, language)| (*column, turn.label(language)));
        let mut head = Row {
            number: row.number,
            ..Row::default()
        };
        for (column, text) in named.chain(labels) {
            if head.cells.len() <= column {
                head.cells.resize(column + 1, String::new());
            }
            head.cells[column] = text.to_owned();
        }
        head
    }

    fn end(&self, row: &Row) -> Row {
        let mut cells = vec![String::new(); self.kind];
        cells.push("end group".to_owned());
        Row {
            number: row.number,
            cells,
            ..Row::default()
        }
    }
}
