//! Programs on the JVM.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

/// A Java program, not yet run: its class path, then its main class or its one source file.
pub(crate) fn program(class_path: &[PathBuf]) -> Command {
    let mut java = Command::new("java");
    // One core is often all there is: what the JVM would do to be fast in the long run is not worth it here.
    java.args([
        "-Xmx2g",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-cp",
    ]);
    java.arg(joined(class_path));
    java
}

/// Paths as a class path.
pub(crate) fn joined(paths: &[PathBuf]) -> OsString {
    let mut all = OsString::new();
    for path in paths {
        if !all.is_empty() {
            all.push(":");
        }
        all.push(path);
    }
    all
}

/// All files under a folder with one of these endings, in the order of their names: what a compiler is
/// given must not hang on how a disk lists a folder.
pub(crate) fn files(folder: &Path, endings: &[&str]) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|ending| endings.iter().any(|wanted| ending == *wanted))
            {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Where the JDK stands whose `java` is on the path.
pub(crate) fn home() -> Result<PathBuf> {
    if let Some(home) = std::env::var_os("JAVA_HOME") {
        return Ok(home.into());
    }
    let mut java = Command::new("java");
    java.args(["-XshowSettings:properties", "-version"]);
    let out = java.output().context("java")?;
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    let home = said
        .lines()
        .find_map(|line| line.trim().strip_prefix("java.home = "))
        .context("java doesn't say where it stands")?;
    Ok(home.into())
}
