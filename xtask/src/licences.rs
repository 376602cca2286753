//! Whose work is in the app, and on which terms: a list kept for the app's page, made from what is built in.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use crate::{build, step};

/// What the crates build from C.
const IN_C: [(&str, &str); 4] = [
    ("OpenSSL", "Apache-2.0"),
    ("SQLCipher", "BSD-3-Clause"),
    ("SQLite", "Public domain"),
    ("Zstandard", "BSD-3-Clause"),
];

/// The Java libraries of the app with what they bring along: the version's name in the pom, and the licence.
const IN_JAVA: [(&str, Option<&str>, &str); 3] = [
    ("jna", Some("jna.version"), "Apache-2.0"),
    ("kotlin-stdlib", Some("kotlin.version"), "Apache-2.0"),
    ("org.jetbrains.annotations", None, "Apache-2.0"),
];

/// `cargo xtask licences`: writes the list anew.
pub(crate) fn write() -> Result<ExitCode> {
    std::fs::write(kept(), list()?)?;
    Ok(ExitCode::SUCCESS)
}

fn kept() -> PathBuf {
    build::root().join("android/app/src/main/res/raw/licences.txt")
}

/// A line each: what it is, a tab, its licence.
fn list() -> Result<String> {
    let mut lines: BTreeSet<String> = crates()?;
    lines.extend(java()?);
    lines.extend(IN_C.map(|(name, licence)| format!("{name}\t{licence}")));
    Ok(lines.into_iter().map(|line| line + "\n").collect())
}

/// The crates in the library of a phone. Not what only builds: it isn't in there.
fn crates() -> Result<BTreeSet<String>> {
    let tree = step::output(&mut build::cargo_command(&[
        "tree",
        "--package=ketuk-bindings",
        "--edges=normal,no-proc-macro",
        "--target=aarch64-linux-android",
        "--prefix=none",
        "--no-dedupe",
        "--format={p}\t{l}",
    ]))?;
    let ours = |line: &&str| !line.contains(" (/");
    tree.lines()
        .filter(ours)
        .map(|line| {
            let (part, licence) = line.split_once('\t').context("cargo tree says otherwise")?;
            let part = part.replacen(" v", " ", 1);
            Ok(format!("{part}\t{licence}"))
        })
        .collect()
}

/// What the app's poms name for running, each known by its licence.
fn java() -> Result<Vec<String>> {
    let read = |path: &str| std::fs::read_to_string(build::root().join(path));
    let versions = read("android/pom.xml")?;
    for pom in ["android/app/pom.xml", "bindings/jvm/pom.xml"] {
        for artifact in artifacts(&read(pom)?) {
            if !IN_JAVA.iter().any(|(name, ..)| *name == artifact) {
                bail!("say the licence of {artifact} in xtask/src/licences.rs");
            }
        }
    }
    let line = |(name, version, licence): (&str, Option<&str>, &str)| {
        let Some(property) = version else {
            return Ok(format!("{name}\t{licence}"));
        };
        let version = between(
            &versions,
            &format!("<{property}>"),
            &format!("</{property}>"),
        );
        let version = version.with_context(|| format!("no {property} in android/pom.xml"))?;
        Ok(format!("{name} {version}\t{licence}"))
    };
    IN_JAVA.into_iter().map(line).collect()
}

/// The dependencies of a pom that are there when the app runs; without our own.
fn artifacts(pom: &str) -> Vec<&str> {
    pom.split("<dependency>")
        .skip(1)
        .filter_map(|rest| rest.split_once("</dependency>"))
        .map(|(dependency, _)| dependency)
        .filter(|dependency| !dependency.contains("<scope>"))
        .filter_map(|dependency| between(dependency, "<artifactId>", "</artifactId>"))
        .filter(|artifact| !artifact.starts_with("ketuk-"))
        .collect()
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    Some(text.split_once(before)?.1.split_once(after)?.0)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test says what fails by failing")]

    #[test]
    fn the_list_in_the_app_is_of_what_is_built_into_it() {
        let kept = std::fs::read_to_string(super::kept()).unwrap();
        assert_eq!(
            kept,
            super::list().unwrap(),
            "`cargo xtask licences` writes it anew"
        );
    }
}
