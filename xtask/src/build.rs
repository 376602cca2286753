//! Where the project stands, and how its own programs are built.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

/// The project's root.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// Where cargo puts what it builds.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| root().join("target"), |folder| root().join(folder))
}

/// Runs cargo in the root, its progress on our stderr.
pub(crate) fn cargo(arguments: &[&str]) -> Result<()> {
    let status = cargo_command(arguments).status()?;
    if !status.success() {
        bail!("cargo {} failed", arguments.join(" "));
    }
    Ok(())
}

/// cargo in the root, not yet run.
pub(crate) fn cargo_command(arguments: &[&str]) -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root()).args(arguments);
    cargo
}

/// One of the project's programs, as the demo and the tests build it.
pub(crate) fn binary(name: &str) -> Command {
    Command::new(target().join("debug").join(name))
}

/// One of the project's programs, as it is measured.
pub(crate) fn release_binary(name: &str) -> Command {
    Command::new(target().join("release").join(name))
}
