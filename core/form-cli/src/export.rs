//! Documents to flat tables in files.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::Args;
use csv::Writer;
use ketuk_form::{ColumnKind, Several, Table, Tables};

use crate::{input, output};

#[derive(Args)]
pub(crate) struct Export {
    /// The form.
    file: PathBuf,
    /// Finished documents. The path of each, as given and without `.json`, is the key of its rows.
    #[arg(value_name = "DOCUMENT", requires = "into")]
    documents: Vec<PathBuf>,
    /// The folder for the .csv files, which is made if there is none. Files that are there are replaced.
    #[arg(long, value_name = "FOLDER")]
    into: Option<PathBuf>,
    /// Gives each choice of a select_multiple a column of 0 and 1 beside the one with the codes.
    #[arg(long)]
    split: bool,
}

impl Export {
    pub(crate) fn run(&self, out: &mut impl Write) -> Result<bool> {
        let form = input::form(&self.file)?;
        let tables = form.tables(match self.split {
            true => Several::Split,
            false => Several::Joined,
        });
        match &self.into {
            None => {
                describe(&tables, out)?;
                Ok(true)
            }
            Some(folder) => self.write(&tables, folder),
        }
    }

    fn write(&self, tables: &Tables<'_>, folder: &Path) -> Result<bool> {
        std::fs::create_dir_all(folder).with_context(|| format!("{}", folder.display()))?;
        let mut files = Vec::new();
        for table in tables.all() {
            files.push(file(table, folder)?);
        }
        let mut all_right = true;
        for document in &self.documents {
            let key = document.with_extension("");
            let (key, value) = (key.to_string_lossy(), input::json(document)?);
            let dropped = tables.rows(&key, &value, |row| {
                files[row.index].write_record(row.cells.iter().map(|cell| cell.text().into_owned()))
            })?;
            for one in dropped {
                all_right = false;
                let at = document.display();
                output::complain(&format!("{at}: `{}` has no place in the tables", one.path));
            }
        }
        for mut file in files {
            file.flush()?;
        }
        Ok(all_right)
    }
}

/// The file of a table, with its header. A form may be called anything, but nothing is written outside the folder.
fn file(table: &Table, folder: &Path) -> Result<Writer<File>> {
    let plain = |c: char| {
        if c.is_alphanumeric() || "-_.".contains(c) {
            c
        } else {
            '_'
        }
    };
    let name: String = table.name.chars().map(plain).collect();
    let path = folder.join(format!("{name}.csv"));
    let file = File::create(&path).with_context(|| format!("{}", path.display()))?;
    let mut writer = Writer::from_writer(file);
    writer.write_record(table.columns.iter().map(|column| &column.name))?;
    Ok(writer)
}

fn describe(tables: &Tables<'_>, out: &mut impl Write) -> io::Result<()> {
    for table in tables.all() {
        writeln!(out, "{}", table.name)?;
        for column in &table.columns {
            writeln!(out, "  {} ({})", column.name, kind(column.kind))?;
        }
    }
    Ok(())
}

fn kind(kind: ColumnKind) -> &'static str {
    match kind {
        ColumnKind::Entry => "the entry's key",
        ColumnKind::Parent => "the id of the instance around it",
        ColumnKind::Id => "the instance's id",
        ColumnKind::Position => "the instance's number",
        ColumnKind::Text => "text",
        ColumnKind::Integer => "whole number",
        ColumnKind::Decimal => "number",
        ColumnKind::Date => "date",
        ColumnKind::Time => "time",
        ColumnKind::DateTime => "date and time",
        ColumnKind::Code => "code of a choice",
        ColumnKind::Codes => "codes of choices",
        ColumnKind::Chosen => "0 or 1",
        ColumnKind::Note => "note to a warning",
    }
}
