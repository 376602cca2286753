//! `cargo xtask test`: everything that CI runs, the quick parts first.

use std::process::ExitCode;
use std::time::Instant;

use anyhow::Result;
use clap::ValueEnum;

use crate::postgres::Cluster;
use crate::{android, apk, build, needs, oracles, step};

/// How many forms are grown beside those that somebody wrote.
const GROWN_FORMS: u32 = 1_200;

/// A part of the tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// Formatting and lints
    Style,
    /// Each crate's tests, and the system's: real core, real server, bad links, both databases
    Rust,
    /// The form engine beside its peers, on forms that somebody wrote and on grown ones
    Oracle,
    /// The bindings on a plain JVM, the app under the Android framework, and the phone to try in a browser
    Android,
    /// The APK: built and checked, its dex run on a JVM and its library on an emulated phone's libc
    Apk,
}

/// Runs the parts; all of them if none is named.
pub(crate) fn run(parts: &[Part]) -> Result<ExitCode> {
    let begun = Instant::now();
    needs::rust_build()?;
    for part in if parts.is_empty() {
        Part::value_variants()
    } else {
        parts
    } {
        match part {
            Part::Style => style()?,
            Part::Rust => rust()?,
            Part::Oracle => oracle()?,
            Part::Android => android()?,
            Part::Apk => packaged()?,
        }
    }
    step::say(&format!("All passed, in {:.0?}", begun.elapsed()));
    Ok(ExitCode::SUCCESS)
}

fn style() -> Result<()> {
    step::run(
        "Formatting",
        &mut build::cargo_command(&["fmt", "--all", "--check"]),
    )?;
    let lints = [
        "clippy",
        "--quiet",
        "--workspace",
        "--all-targets",
        "--",
        "--deny=warnings",
    ];
    step::run("Lints", &mut build::cargo_command(&lints))
}

fn rust() -> Result<()> {
    needs::browser()?;
    let postgres = Cluster::start()?;
    build_all()?;
    step::run(
        "Tests in Rust, on SQLite and PostgreSQL",
        build::cargo_command(&["test", "--workspace"]).env("KETUK_TEST_POSTGRES", postgres.url()),
    )?;
    soak()
}

/// As much of `cargo xtask soak` as fits into two minutes and a half.
fn soak() -> Result<()> {
    step::run(
        "Campaigns in which everything goes wrong",
        build::binary("ketuk-soak").args(["--for", "120"]),
    )?;
    step::run(
        "Processes killed at every write",
        build::binary("ketuk-soak").args(["--crashes", "600"]),
    )
}

fn oracle() -> Result<()> {
    let peers = oracles::install()?;
    build_all()?;
    step::run(
        "Forms filled as the form engine's peers fill them",
        build::binary("ketuk-oracle")
            .arg("--peers")
            .arg(peers)
            .args(["--grow", &GROWN_FORMS.to_string()])
            .arg(build::root().join("tests/oracle/forms")),
    )
}

fn android() -> Result<()> {
    build_all()?;
    android::test()
}

fn packaged() -> Result<()> {
    build_all()?;
    apk::test()
}

/// Everything in one build: cargo chooses features by what is built together, so that building crate
/// by crate would compile much of it again.
fn build_all() -> Result<()> {
    let all = ["build", "--quiet", "--workspace", "--all-targets"];
    step::run("Building everything", &mut build::cargo_command(&all))
}
