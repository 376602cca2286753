//! `cargo xtask test`: everything that CI runs, the quick parts first.

use std::process::ExitCode;
use std::time::Instant;

use anyhow::Result;
use clap::ValueEnum;

use crate::postgres::Cluster;
use crate::{android, build, needs, step};

/// A part of the tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// Formatting and lints
    Style,
    /// Each crate's own tests
    Units,
    /// The system's tests: real core, real server, bad links, both databases
    System,
    /// The bindings on a plain JVM, and the app under the Android framework
    Android,
}

/// Runs the parts; all of them if none is named.
pub(crate) fn run(parts: &[Part]) -> Result<ExitCode> {
    let begun = Instant::now();
    needs::rust_build()?;
    let parts = if parts.is_empty() { Part::value_variants() } else { parts };
    let mut postgres = None;
    for part in parts {
        match part {
            Part::Style => style()?,
            Part::Units => units(cluster(&mut postgres)?)?,
            Part::System => system(cluster(&mut postgres)?)?,
            Part::Android => android::test()?,
        }
    }
    step::say(&format!("All passed, in {:.0?}", begun.elapsed()));
    Ok(ExitCode::SUCCESS)
}

fn cluster(started: &mut Option<Cluster>) -> Result<&Cluster> {
    if started.is_none() {
        *started = Some(Cluster::start()?);
    }
    started.as_ref().ok_or_else(|| anyhow::anyhow!("PostgreSQL did not start"))
}

fn style() -> Result<()> {
    step::run("Formatting", &mut build::cargo_command(&["fmt", "--all", "--check"]))?;
    let lints = ["clippy", "--quiet", "--workspace", "--all-targets", "--", "--deny=warnings"];
    step::run("Lints", &mut build::cargo_command(&lints))
}

fn units(postgres: &Cluster) -> Result<()> {
    let tests = ["test", "--workspace", "--exclude", "ketuk-tests", "--exclude", "ketuk-bench"];
    step::run(
        "Each crate's own tests",
        build::cargo_command(&tests).env("KETUK_TEST_POSTGRES", postgres.url()),
    )
}

fn system(postgres: &Cluster) -> Result<()> {
    needs::browser()?;
    build::cargo(&["build", "--package", "ketuk-server", "--package", "ketuk-tests", "--bins"])?;
    step::run(
        "The system's tests, on SQLite and PostgreSQL",
        build::cargo_command(&["test", "--package", "ketuk-tests"])
            .env("KETUK_TEST_POSTGRES", postgres.url()),
    )
}
