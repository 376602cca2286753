//! What a form and a session take of memory, looked at in a process that does nothing else.

use std::process::Command;

use anyhow::{Result, ensure};
use serde::{Deserialize, Serialize};

use super::courses;
use super::race::Ours;
use crate::figure::{Figure, Report};

/// Bytes each.
#[derive(Serialize, Deserialize)]
pub(crate) struct Footprint {
    form: u64,
    session: u64,
}

/// Looks at both in another process.
pub(crate) fn measure(report: &Report) -> Result<()> {
    report.measuring("memory of the questionnaire");
    let run = Command::new(std::env::current_exe()?)
        .arg("--footprint")
        .output()?;
    ensure!(
        run.status.success(),
        "{}",
        String::from_utf8_lossy(&run.stderr)
    );
    let Footprint { form, session } = serde_json::from_slice(&run.stdout)?;
    let kib = |bytes: u64| bytes as f64 / 1_024.0;
    let name = "memory of the compiled PK form";
    report.figure(Figure::new("forms", name, kib(form), "KiB").at_most(2_048.0))?;
    let name = "memory of a PK session with a family of 5";
    report.figure(Figure::new("forms", name, kib(session), "KiB").at_most(256.0))
}

/// Makes many of each and sees what one more takes.
pub(crate) fn look() -> Result<Footprint> {
    let form = one_of_many(64, crate::stocked::form)?;
    let course = courses::questionnaire()?;
    let ours = Ours::new(&course)?;
    let session = one_of_many(512, || ours.filled())?;
    Ok(Footprint { form, session })
}

/// As many more are made as there are already, so that what making them leaves behind is there by then.
fn one_of_many<T>(many: usize, make: impl Fn() -> Result<T>) -> Result<u64> {
    let mut all = Vec::with_capacity(2 * many);
    for _ in 0..many {
        all.push(make()?);
    }
    let before = crate::memory::now()?;
    for _ in 0..many {
        all.push(make()?);
    }
    let after = crate::memory::now()?;
    // What is freed would make room for what is looked at next.
    std::mem::forget(all);
    Ok(after.saturating_sub(before) / many as u64)
}
