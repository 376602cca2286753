//! The app's figures: what its screens cost on the JVM, on the real Android framework and the real library.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use ketuk_phone::Filter;
use serde::Deserialize;

use crate::figure::{Figure, Report};
use crate::{memory, phone, stocked};

/// Families on the measured phone, as in the core's figures.
const FAMILIES: u32 = 100_000;

/// How the measuring program on the JVM is started, and what it asks of this one.
#[derive(Args)]
pub(crate) struct Program {
    /// The command that runs it, a word a line; without it only the core's start is measured.
    #[arg(long, env = "KETUK_APP_BENCH", hide = true)]
    app: Option<String>,
    /// Make a phone with 100,000 families in this folder.
    #[arg(long, requires = "key", hide = true)]
    stock: Option<PathBuf>,
    /// Print this process's memory in bytes with a visit open on that phone.
    #[arg(long, requires = "key", hide = true)]
    visit_memory: Option<PathBuf>,
    /// The database's key, in hexadecimal.
    #[arg(long, hide = true, value_parser = key)]
    key: Option<Key>,
}

type Key = [u8; 32];

fn key(text: &str) -> Result<Key> {
    ensure!(text.len() == 64, "a key has 64 digits");
    let mut key = [0; 32];
    for (byte, digits) in key.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(digits)?, 16)?;
    }
    Ok(key)
}

/// What the program on the JVM measured, a line each.
#[derive(Deserialize)]
struct Row {
    name: String,
    value: f64,
    unit: String,
    at_most: f64,
}

impl Program {
    /// Does what the program on the JVM asks for; `None` if it asks for nothing.
    pub(crate) fn serve(&self) -> Result<Option<String>> {
        let key = self.key.as_ref();
        if let (Some(folder), Some(key)) = (&self.stock, key) {
            drop(stocked::stock_with(folder, key, FAMILIES)?);
            return Ok(Some(String::new()));
        }
        if let (Some(folder), Some(key)) = (&self.visit_memory, key) {
            return Ok(Some(visit_memory(folder, key)?.to_string()));
        }
        Ok(None)
    }
}

fn visit_memory(folder: &Path, key: &Key) -> Result<u64> {
    let phone = stocked::open_with(folder, key)?;
    phone.progress()?;
    let page = phone.households().page(&Filter::default(), None, 50)?;
    let family = page.rows.first().context("no family")?.id;
    let visit = phone.households().visit(family)?;
    ensure!(visit.screen().of > 0, "nothing to answer");
    memory::now()
}

/// Measures it.
pub(crate) fn measure(report: &Report, program: &Program) -> Result<()> {
    phone::measure_start(report)?;
    let Some(command) = &program.app else {
        report.measuring("no screen: `cargo xtask bench app` starts what measures them");
        return Ok(());
    };
    report.measuring("screens with 100,000 households, under the Android framework (some minutes)");
    let out = tempfile::NamedTempFile::new()?;
    let mut words = command.lines();
    let status = Command::new(words.next().context("no command")?)
        .args(words)
        .arg(format!("-Dketuk.bench.out={}", out.path().display()))
        .arg(format!(
            "-Dketuk.bench.bin={}",
            std::env::current_exe()?.display()
        ))
        // Its own output is Maven's; stdout belongs to the figures.
        .stdout(Stdio::null())
        .status()?;
    if !status.success() {
        bail!("the app's measuring program failed: {status}");
    }
    for line in std::fs::read_to_string(out.path())?.lines() {
        let row: Row = serde_json::from_str(line)?;
        let unit = match row.unit.as_str() {
            "ms" => "ms",
            "MiB" => "MiB",
            _ => "",
        };
        report.figure(Figure::new("app", row.name, row.value, unit).at_most(row.at_most))?;
    }
    Ok(())
}
