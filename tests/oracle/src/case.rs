//! A form and what is done to it, as a file says it.
//!
//! A case is a Markdown file. Tables are sheets, as in pyxform's own tests: the first cell of a row names
//! its sheet or is empty, the first row of a sheet has its headers. One whose name has an ending is a file
//! beside the form: a table is written as CSV, and a block of code that begins with a file's name is that
//! file. A list item is a step. All else is prose.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use serde::Serialize;

/// A form and what is done to it.
#[derive(Clone, Debug, Default)]
pub struct Case {
    /// Its file's, without the ending.
    pub name: String,
    /// The workbook.
    pub sheets: Vec<Sheet>,
    /// What lies beside the form, by name.
    pub files: BTreeMap<String, String>,
    /// What is done, one thing after another.
    pub steps: Vec<Step>,
}

/// A sheet: its headers, and its rows, which may be shorter.
#[derive(Clone, Debug, Default)]
pub struct Sheet {
    /// `survey`, `choices` or another.
    pub name: String,
    /// Cells, without blanks at their ends.
    pub rows: Vec<Vec<String>>,
}

/// Something that somebody does. Paths are those of the instance: `/data/anggota[2]/nama`.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Step {
    /// Codes of several choices are joined by spaces; nothing takes the answer back.
    Answer {
        /// The question.
        path: String,
        /// What is typed.
        value: String,
    },
    /// An instance at the end of a repeat.
    Add {
        /// The repeat.
        path: String,
    },
    /// An instance of a repeat, counted from 0.
    Remove {
        /// The repeat.
        path: String,
        /// Which.
        index: usize,
    },
    /// Goes on in another language.
    Language {
        /// As the form names it.
        value: String,
    },
}

impl Case {
    /// The case of a file.
    ///
    /// # Errors
    /// If it can't be read or is none; with its line.
    pub fn read(path: &Path) -> Result<Case> {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let text = std::fs::read_to_string(path)?;
        Case::parse(&name, &text).with_context(|| path.display().to_string())
    }

    fn parse(name: &str, text: &str) -> Result<Case> {
        let mut case = Case {
            name: name.to_owned(),
            ..Case::default()
        };
        let mut block: Option<(String, String)> = None;
        for (at, line) in text.lines().enumerate() {
            let line = line.trim();
            if let Some(name) = line.strip_prefix("```") {
                block = match block.take() {
                    None => Some((name.to_owned(), String::new())),
                    Some((name, text)) => {
                        case.files.insert(name, text);
                        None
                    }
                };
                continue;
            }
            if let Some((_, text)) = &mut block {
                text.push_str(line);
                text.push('\n');
                continue;
            }
            if let Some(row) = line.strip_prefix('|') {
                case.row(row.strip_suffix('|').unwrap_or(row))
            } else if let Some(step) = line.strip_prefix("- ") {
                Step::parse(step).map(|step| case.steps.push(step))
            } else {
                Ok(())
            }
            .with_context(|| format!("line {}", at + 1))?;
        }
        let (files, sheets): (Vec<_>, Vec<_>) = case
            .sheets
            .into_iter()
            .partition(|sheet| sheet.name.contains('.'));
        case.sheets = sheets;
        for file in files {
            case.files.insert(file.name.clone(), file.csv()?);
        }
        Ok(case)
    }

    fn row(&mut self, row: &str) -> Result<()> {
        let mut cells = split(row).into_iter();
        let first = cells.next().unwrap_or_default();
        if !first.is_empty() {
            self.sheets.push(Sheet {
                name: first,
                rows: Vec::new(),
            });
        }
        let sheet = self.sheets.last_mut().context("a row of no sheet")?;
        sheet.rows.push(cells.collect());
        Ok(())
    }
}

impl Sheet {
    /// The sheet as a file.
    ///
    /// # Errors
    /// If its cells can't be written.
    pub fn csv(&self) -> Result<String> {
        let mut writer = csv::WriterBuilder::new()
            .flexible(true)
            .from_writer(Vec::new());
        for row in &self.rows {
            writer.write_record(row)?;
        }
        Ok(String::from_utf8(writer.into_inner()?)?)
    }
}

/// As a file has it.
impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for sheet in &self.sheets {
            for (at, row) in sheet.rows.iter().enumerate() {
                let name = if at == 0 { sheet.name.as_str() } else { "" };
                let cells = row.iter().map(|cell| cell.replace('|', "\\|"));
                writeln!(f, "| {name} | {} |", cells.collect::<Vec<_>>().join(" | "))?;
            }
        }
        for (name, text) in &self.files {
            write!(f, "```{name}\n{text}```\n")?;
        }
        for step in &self.steps {
            writeln!(f, "- {step}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Step::Answer { path, value } => write!(f, "answer {path} {value}"),
            Step::Add { path } => write!(f, "add {path}"),
            Step::Remove { path, index } => write!(f, "remove {path} {index}"),
            Step::Language { value } => write!(f, "language {value}"),
        }
    }
}

/// Cells between bars. `\|` is a bar in a cell.
fn split(row: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut signs = row.chars().peekable();
    while let Some(sign) = signs.next() {
        match (sign, cells.last_mut()) {
            ('\\', Some(cell)) if signs.peek() == Some(&'|') => {
                signs.next();
                cell.push('|');
            }
            ('|', _) => cells.push(String::new()),
            (sign, Some(cell)) => cell.push(sign),
            (_, None) => {}
        }
    }
    cells
        .into_iter()
        .map(|cell| cell.trim().to_owned())
        .collect()
}

impl Step {
    fn parse(text: &str) -> Result<Step> {
        let (what, rest) = text.split_once(' ').context("a step of one word")?;
        let (path, more) = rest.trim().split_once(' ').unwrap_or((rest.trim(), ""));
        let path = path.to_owned();
        Ok(match what {
            "answer" => Step::Answer {
                path,
                value: more.to_owned(),
            },
            "add" => Step::Add { path },
            "remove" => Step::Remove {
                path,
                index: more.trim().parse()?,
            },
            "language" => Step::Language {
                value: rest.to_owned(),
            },
            other => bail!("there is no step `{other}`"),
        })
    }
}
