//! The peers of the form engine, installed into the project's own folder: pyxform, ODK's engine of the web,
//! and JavaRosa, which ODK Collect runs on.
//!
//! What is installed is pinned in the drivers' folders, by digest where the tool knows such. Where it comes
//! from is for pip, npm and Maven to know.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};

use crate::{build, needs, step};

/// The files in which pyxform and ODK's engine of the web are pinned.
const PINS: [&str; 3] = ["requirements.txt", "package.json", "package-lock.json"];

/// The file in an installed folder that has what it was made from.
const MADE_FROM: &str = "made-from";

/// pyxform and ODK's engine of the web; gives the folder, which is made anew when the pins change.
pub(crate) fn install() -> Result<PathBuf> {
    needs::oracles()?;
    let home = build::target().join("oracles");
    let drivers = build::root().join("tests/oracle/drivers");
    let pins = texts(PINS.map(|pin| drivers.join(pin)))?;
    if is_made_from(&home, &pins) {
        return Ok(home);
    }
    if home.exists() {
        std::fs::remove_dir_all(&home)?;
    }
    std::fs::create_dir_all(&home)?;
    for pin in PINS {
        std::fs::copy(drivers.join(pin), home.join(pin))?;
    }
    let environment = home.join("python");
    step::run(
        "Making an environment for pyxform",
        Command::new("python3")
            .args(["-m", "venv"])
            .arg(&environment),
    )?;
    step::run(
        "Installing pyxform",
        Command::new(environment.join("bin/python"))
            .args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
            ])
            .args(["--require-hashes", "--only-binary=:all:", "--requirement"])
            .arg(home.join("requirements.txt")),
    )?;
    step::run(
        "Installing ODK's engine of the web",
        Command::new("npm")
            .current_dir(&home)
            .args([
                "ci",
                "--ignore-scripts",
                "--no-audit",
                "--no-fund",
                "--loglevel=error",
            ])
            .stdout(Stdio::null()),
    )?;
    std::fs::write(home.join(MADE_FROM), pins)?;
    Ok(home)
}

/// JavaRosa and its compiled driver, beside the others; gives the folder of all.
pub(crate) fn install_with_javarosa() -> Result<PathBuf> {
    let home = install()?;
    needs::javarosa()?;
    let javarosa = home.join("javarosa");
    let project = build::root().join("bench/peers/javarosa");
    let sources = ["pom.xml", "src/main/java/id/ketuk/peers/Fill.java"];
    let sources = texts(sources.map(|source| project.join(source)))?;
    if is_made_from(&javarosa, &sources) {
        return Ok(home);
    }
    step::run(
        "Fetching JavaRosa",
        Command::new("mvn")
            .current_dir(project)
            .args(["--batch-mode", "--no-transfer-progress", "--quiet"])
            .arg(format!("-Dketuk.home={}", javarosa.display()))
            .arg("process-classes"),
    )?;
    std::fs::write(javarosa.join(MADE_FROM), sources)?;
    Ok(home)
}

/// What the files say, one after the other.
fn texts<const N: usize>(files: [PathBuf; N]) -> Result<String> {
    let mut all = String::new();
    for file in files {
        all += &std::fs::read_to_string(&file).with_context(|| file.display().to_string())?;
    }
    Ok(all)
}

fn is_made_from(home: &Path, texts: &str) -> bool {
    std::fs::read_to_string(home.join(MADE_FROM)).is_ok_and(|before| before == texts)
}
