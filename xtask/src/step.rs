//! Running other programs, with a line before each that says why and a time after.

use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};

/// A line for whoever waits. On stderr: stdout belongs to what the command was asked for.
pub(crate) fn say(what: &str) {
    eprintln!("\n\x1b[1m▸ {what}\x1b[0m");
}

/// Runs a program to its end, its output on ours.
pub(crate) fn run(what: &str, command: &mut Command) -> Result<()> {
    say(what);
    let begun = Instant::now();
    let status = command.status().with_context(|| missing(command))?;
    if !status.success() {
        bail!(
            "{what}: failed ({status}) after {:.0?}\n  {}",
            begun.elapsed(),
            line(command)
        );
    }
    eprintln!("  {what}: {:.1?}", begun.elapsed());
    Ok(())
}

/// Runs a program to its end and gives what it printed.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let out = command
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| missing(command))?;
    if !out.status.success() {
        bail!("failed ({})\n  {}", out.status, line(command));
    }
    Ok(String::from_utf8_lossy(&out.stdout).trim().to_owned())
}

/// Runs a program in our place: its output is ours, and so is its exit code.
pub(crate) fn hand_over(command: &mut Command) -> Result<ExitCode> {
    let status = command.status().with_context(|| missing(command))?;
    Ok(ExitCode::from(
        u8::try_from(status.code().unwrap_or(1)).unwrap_or(1),
    ))
}

fn missing(command: &Command) -> String {
    format!(
        "could not start {}",
        command.get_program().to_string_lossy()
    )
}

fn line(command: &Command) -> String {
    std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}
