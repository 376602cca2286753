//! The bindings on a plain JVM, and the app under the Android framework.

use std::process::{Command, ExitCode};

use anyhow::Result;

use crate::{build, needs, step};

/// Builds the library, the server and the bindings' Kotlin, and runs both Maven builds on them.
pub(crate) fn test() -> Result<()> {
    needs::android()?;
    let packages = ["--package", "ketuk-bindings", "--package", "ketuk-server"];
    build::cargo(&[&["build"], &packages[..], &["--lib", "--bins"]].concat())?;
    step::run("The app and the bindings, under the Android framework and a plain JVM", &mut maven("verify"))
}

/// Runs the app's tests and copies what they photographed into docs/pictures.
pub(crate) fn pictures() -> Result<ExitCode> {
    test()?;
    Ok(ExitCode::SUCCESS)
}

fn maven(phase: &str) -> Command {
    let mut maven = Command::new("mvn");
    maven.current_dir(build::root().join("android"));
    maven.args(["--batch-mode", "--no-transfer-progress", phase]);
    maven
}
