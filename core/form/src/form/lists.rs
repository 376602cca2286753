//! The choices sheet.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::list::{List, Rows};
use super::table::{Cell, Column, Line, Report, Table};
use crate::fault::nearest;
use crate::workbook::File;

/// The lists, and for each of their choices the row it comes from; none for a choice that
/// `or_other` adds.
pub(crate) struct Lists<'a> {
    pub(crate) lists: Vec<List>,
    pub(crate) lines: Vec<Vec<Option<Line<'a>>>>,
}

impl<'a> Lists<'a> {
    /// Adds the lists of another sheet.
    pub(crate) fn add(&mut self, others: Lists<'a>, report: &mut Report) {
        for (list, lines) in others.lists.into_iter().zip(others.lines) {
            if self.lists.iter().any(|other| other.name == list.name) {
                let message = format!("the sheet `choices` has a list `{}`, too.", list.name);
                let cure = "Give one of them another name.";
                report.sheet_error("external_choices", &message, cure);
                continue;
            }
            self.lists.push(list);
            self.lines.push(lines);
        }
    }

    /// Adds each file beside the workbook as a list that has its name without the ending.
    pub(crate) fn add_files(&mut self, files: &[File], report: &mut Report) {
        for file in files {
            let column = |names: [&str; 2]| names.iter().find_map(|name| file.rows.column(name));
            // A file that no question takes its choices from needs neither.
            let code = column(["name", "id"]).unwrap_or(0);
            let label = column(["label", "title"]).unwrap_or(code);
            let list = List::of_file(&file.name, Arc::clone(&file.rows), code, label);
            if self.lists.iter().any(|other| other.name == list.name) {
                report.sheet_error(
                    "choices",
                    &format!(
                        "`{}` is both a list and the file `{}`.",
                        list.name, file.name
                    ),
                    "Give one of them another name.",
                );
                continue;
            }
            self.lists.push(list);
            self.lines.push(Vec::new());
        }
    }
}

/// A list as far as it was read.
struct Reading<'a> {
    name: &'a str,
    rows: Rows,
    lines: Vec<Option<Line<'a>>>,
    codes: HashSet<&'a str>,
}

/// Reads the lists of the choices sheet.
pub(crate) fn read<'a>(
    table: &'a Table<'a>,
    duplicates_allowed: bool,
    report: &mut Report,
) -> Lists<'a> {
    let others: Vec<(usize, &str)> = table.others().collect();
    let own = others.iter().map(|(_, name)| *name);
    let columns: Vec<Box<str>> = ["name", "label"]
        .into_iter()
        .chain(own)
        .map(Box::from)
        .collect();
    let has_codes = table.has(Column::Name);
    if !has_codes && table.lines().next().is_some() {
        let cure = match table
            .others()
            .find(|(_, name)| nearest(name, ["name"]).is_some())
        {
            Some((_, near)) => format!("Rename the column `{near}`."),
            None => "Add it to the first row.".to_owned(),
        };
        report.sheet_error("choices", "there is no column `name`.", &cure);
    }
    let mut reading: Vec<Reading<'a>> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for line in table.lines() {
        let Some(list_name) = line.get(Column::ListName) else {
            report.warning(
                line.whole(),
                "the choice belongs to no list and is not used.",
                "Write its list's name into `list_name`.",
            );
            continue;
        };
        let place = *places.entry(list_name.text).or_insert_with(|| {
            reading.push(Reading {
                name: list_name.text,
                rows: Rows::new(columns.clone()),
                lines: Vec::new(),
                codes: HashSet::new(),
            });
            reading.len() - 1
        });
        let Some(code) = line.get(Column::Name) else {
            if has_codes {
                report.error(
                    line.whole(),
                    format!("a choice of `{}` has no code.", list_name.text),
                    "Write its code into `name`.",
                );
            }
            continue;
        };
        for cell in [list_name, code].into_iter().filter(Cell::is_moment) {
            report.warning(
                cell,
                format!("the spreadsheet made a date of this cell: `{}`.", cell.text),
                "Format the cell as text, and write it again.",
            );
        }
        let list = &mut reading[place];
        if !list.codes.insert(code.text) && !duplicates_allowed {
            report.error(
                code,
                format!(
                    "the list `{}` has the code `{}` twice.",
                    list.name, code.text
                ),
                "Give each choice of a list a code of its own.",
            );
        }
        let extra = others
            .iter()
            .map(|(index, _)| line.at(*index).map_or("", |cell| cell.text));
        // Labels come in languages, and stand beside the rows.
        list.rows.push([code.text, ""].into_iter().chain(extra));
        list.lines.push(Some(line));
    }
    let mut lists = Lists {
        lists: Vec::with_capacity(reading.len()),
        lines: Vec::with_capacity(reading.len()),
    };
    for Reading {
        name, rows, lines, ..
    } in reading
    {
        lists.lists.push(List::of_sheet(name, rows));
        lists.lines.push(lines);
    }
    lists
}
