//! Running other programs, so that a failing step says which one said what.

use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result, bail};

/// How much of what a failing program said is repeated: the last of it says why.
const LAST_LINES: usize = 40;

/// A line for whoever waits.
pub(crate) fn say(what: &str) {
    eprintln!("  {what}");
}

/// Runs a program to its end, quietly, and gives what it printed. One that fails is quoted.
pub(crate) fn run(step: &str, program: &mut Command) -> Result<String> {
    let begun = Instant::now();
    let name = program.get_program().to_string_lossy().into_owned();
    let out = program
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("{step}: {name} could not be started"))?;
    let printed = String::from_utf8_lossy(&out.stdout).into_owned();
    if !out.status.success() {
        let said = format!("{printed}\n{}", String::from_utf8_lossy(&out.stderr));
        let said: Vec<&str> = said
            .lines()
            .filter(|line| !line.trim().is_empty())
            .collect();
        let last = &said[said.len().saturating_sub(LAST_LINES)..];
        bail!(
            "{step}: {name} failed ({}) and said:\n{}",
            out.status,
            last.join("\n")
        );
    }
    say(&format!("{step}: {:.1?}", begun.elapsed()));
    Ok(printed)
}

/// Runs a program to its end, its output on ours: for those that take minutes.
pub(crate) fn run_openly(step: &str, program: &mut Command) -> Result<()> {
    let begun = Instant::now();
    let name = program.get_program().to_string_lossy().into_owned();
    let status = program
        .stdin(Stdio::null())
        .status()
        .with_context(|| format!("{step}: {name} could not be started"))?;
    if !status.success() {
        bail!("{step}: {name} failed ({status}); what it said stands above");
    }
    say(&format!("{step}: {:.1?}", begun.elapsed()));
    Ok(())
}
