//! What an APK must be, looked up in the APK itself: a step that went wrong unseen is seen here.

pub(crate) mod api;
mod archive;
mod libraries;
mod manifest;
mod signature;

use std::path::Path;

use anyhow::{Result, bail};

use crate::{Work, tool};

/// All checks; what fails is told together.
pub(crate) fn all(work: &Work, apk: &Path, release: bool) -> Result<()> {
    let checks = [
        ("manifest", manifest::check(work, apk, release)),
        ("archive", archive::check(apk)),
        ("libraries", libraries::check(apk)),
        ("signature", signature::check(apk)),
    ];
    let mut faults = Vec::new();
    for (what, outcome) in checks {
        match outcome {
            Ok(found) => tool::say(&format!("Checked the {what}: {found}")),
            Err(fault) => faults.push(format!("{what}: {fault:#}")),
        }
    }
    if faults.is_empty() {
        return Ok(());
    }
    bail!(
        "{} is not as it should be:\n{}",
        apk.display(),
        faults.join("\n")
    );
}
