//! `ketuk-form`: the form engine with a command line.

mod answers;
mod export;
mod fill;
mod input;
mod output;
mod show;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{Parser, Subcommand};
use ketuk_form::{Fault, Faults, Form, Severity, Workbook};

/// Checks, shows, fills and converts XLSForms.
///
/// A form is an .xlsx or .xls file, a .csv file with all sheets or the survey alone, or a folder of .csv files named
/// as the sheets are. Files that it takes choices from lie beside it.
///
/// Exits with 1 if the form, the answers or the documents are wrong, and with 2 if it can't begin: a file can't be
/// read, or the command line is no good.
#[derive(Parser)]
#[command(name = "ketuk-form", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Names all that is wrong in a form, each with its cell and what to write instead.
    Check {
        /// The form.
        file: PathBuf,
        /// Prints a JSON array of faults.
        #[arg(long)]
        json: bool,
    },
    /// Shows what a form asks, page by page.
    Show {
        /// The form.
        file: PathBuf,
        /// The language, by its name or code.
        #[arg(long)]
        language: Option<String>,
    },
    /// Fills a form and prints the document. What is wrong with the answers is named, question by question, instead.
    Fill(fill::Fill),
    /// Writes what the answers of a form mean, as JSON.
    Codebook {
        /// The form.
        file: PathBuf,
        /// Writes CSV.
        #[arg(long)]
        csv: bool,
    },
    /// Writes a form as an XForm, which ODK Collect and other clients load.
    Convert {
        /// The form.
        file: PathBuf,
        /// The file to write, instead of printing it. One that is there is replaced.
        #[arg(long, value_name = "FILE")]
        into: Option<PathBuf>,
    },
    /// Names the flat tables of a form; with documents, writes them as .csv files.
    Tables(export::Export),
}

fn main() -> ExitCode {
    let mut out = output::stdout();
    let done = run(Cli::parse().command, &mut out).and_then(|right| {
        out.flush()?;
        Ok(right)
    });
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            output::complain(&format!("{error:#}"));
            let is_wrong_form = error.downcast_ref::<Faults>().is_some();
            ExitCode::from(if is_wrong_form { 1 } else { 2 })
        }
    }
}

/// Whether all was right.
fn run(command: Command, out: &mut impl Write) -> Result<bool> {
    match command {
        Command::Check { file, json } => check(&Workbook::open(&file)?, json, out),
        Command::Show { file, language } => {
            let form = input::form(&file)?;
            show::show(&form, input::language(&form, language.as_deref())?, out)?;
            Ok(true)
        }
        Command::Fill(fill) => fill.run(out),
        Command::Codebook { file, csv } => {
            let book = input::form(&file)?.codebook();
            if csv {
                book.write_csv(out)?;
            } else {
                serde_json::to_writer_pretty(&mut *out, &book)?;
                writeln!(out)?;
            }
            Ok(true)
        }
        Command::Convert { file, into } => {
            let xform = ketuk_form::xform(&Workbook::open(&file)?)?;
            match into {
                Some(path) => {
                    std::fs::write(&path, xform).with_context(|| format!("{}", path.display()))?
                }
                None => out.write_all(xform.as_bytes())?,
            }
            Ok(true)
        }
        Command::Tables(export) => export.run(out),
    }
}

fn check(workbook: &Workbook, json: bool, out: &mut impl Write) -> Result<bool> {
    let compiled = Form::compile(workbook);
    let faults: &[Fault] = match &compiled {
        Ok(form) => form.warnings(),
        Err(Faults(faults)) => faults,
    };
    if json {
        serde_json::to_writer_pretty(&mut *out, faults)?;
        writeln!(out)?;
        return Ok(compiled.is_ok());
    }
    for fault in faults {
        writeln!(out, "{fault}")?;
    }
    let count = |severity| {
        let of_it = faults.iter().filter(|fault| fault.severity == severity);
        of_it.count()
    };
    let errors = amount(count(Severity::Error), "error");
    let warnings = amount(count(Severity::Warning), "warning");
    writeln!(out, "{errors}, {warnings}")?;
    Ok(compiled.is_ok())
}

fn amount(number: usize, word: &str) -> String {
    match number {
        0 => format!("no {word}s"),
        1 => format!("1 {word}"),
        _ => format!("{number} {word}s"),
    }
}
