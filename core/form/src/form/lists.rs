//! The choices sheet.

use std::collections::HashMap;

use super::schema::{Choice, List};
use super::table::{Column, Line, Report, Table};
use super::texts::Text;

/// The lists, and for each of their choices the row it comes from; none for a choice that
/// `or_other` adds.
pub(crate) struct Lists<'a> {
    pub(crate) lists: Vec<List>,
    pub(crate) lines: Vec<Vec<Option<Line<'a>>>>,
}

/// Reads the lists of the choices sheet.
pub(crate) fn read<'a>(
    table: &'a Table<'a>,
    duplicates_allowed: bool,
    report: &mut Report,
) -> Lists<'a> {
    let others: Vec<(usize, &str)> = table.others().collect();
    let mut lists: Vec<List> = Vec::new();
    let mut lines: Vec<Vec<Option<Line<'a>>>> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for line in table.lines() {
        let Some(list_name) = line.get(Column::ListName) else {
            report.error(
                line.whole(),
                "the choice belongs to no list.",
                "Write its list's name into `list_name`.",
            );
            continue;
        };
        let Some(code) = line.get(Column::Name) else {
            report.error(
                line.whole(),
                format!("a choice of `{}` has no code.", list_name.text),
                "Write its code into `name`.",
            );
            continue;
        };
        let place = *places.entry(list_name.text).or_insert_with(|| {
            let columns = ["name", "label"]
                .into_iter()
                .chain(others.iter().map(|(_, name)| *name));
            lists.push(List {
                name: list_name.text.into(),
                columns: columns.map(Box::from).collect(),
                choices: Vec::new(),
                by_code: HashMap::new(),
            });
            lines.push(Vec::new());
            lists.len() - 1
        });
        let list = &mut lists[place];
        let index = list.choices.len() as u32;
        if list.by_code.contains_key(code.text) {
            if !duplicates_allowed {
                report.error(
                    code,
                    format!(
                        "the list `{}` has the code `{}` twice.",
                        list.name, code.text
                    ),
                    "Give each choice of a list a code of its own.",
                );
            }
        } else {
            list.by_code.insert(code.text.into(), index);
        }
        let extra = others
            .iter()
            .map(|(index, _)| line.at(*index).map_or("", |cell| cell.text));
        list.choices.push(Choice {
            code: code.text.into(),
            label: Text::default(),
            extra: extra.map(Box::from).collect(),
        });
        lines[place].push(Some(line));
    }
    Lists { lists, lines }
}
