//! What the commands need from the system, and how it gets there.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Result, bail};

use crate::step;

/// A program that must be there, and the Debian package that brings it.
#[derive(Clone, Copy)]
struct Need {
    program: &'static str,
    package: &'static str,
    what_for: &'static str,
}

impl Need {
    fn is_met(&self) -> bool {
        // Debian brings the half of python3 that makes environments in a package of its own.
        find(self.program).is_some() && (self.package != VENV || has_venv())
    }
}

const VENV: &str = "python3-venv";

fn has_venv() -> bool {
    let mut python = Command::new("python3");
    let tried = python
        .args(["-c", "import ensurepip"])
        .stderr(Stdio::null());
    tried.status().is_ok_and(|status| status.success())
}

const BUILD: &[Need] = &[
    Need {
        program: "cc",
        package: "gcc",
        what_for: "links Rust and compiles SQLCipher",
    },
    Need {
        program: "make",
        package: "make",
        what_for: "builds SQLCipher's OpenSSL",
    },
    Need {
        program: "perl",
        package: "perl",
        what_for: "configures SQLCipher's OpenSSL",
    },
];

const POSTGRES: &[Need] = &[Need {
    program: "initdb",
    package: "postgresql",
    what_for: "the server is tested on it",
}];

const BROWSER: &[Need] = &[
    Need {
        program: "chromium",
        package: "chromium",
        what_for: "shows the office's pages",
    },
    Need {
        program: "chromedriver",
        package: "chromium-driver",
        what_for: "drives Chromium",
    },
];

const JVM: &[Need] = &[
    Need {
        program: "javac",
        package: "openjdk-17-jdk-headless",
        what_for: "compiles what runs on a JVM",
    },
    Need {
        program: "mvn",
        package: "maven",
        what_for: "builds what runs on a JVM",
    },
];

const APP: &[Need] = &[Need {
    program: "aapt2",
    package: "aapt",
    what_for: "compiles the app's resources",
}];

const APK: &[Need] = &[
    Need {
        program: "zipalign",
        package: "zipalign",
        what_for: "verifies the APK's alignment",
    },
    Need {
        program: "apksigner",
        package: "apksigner",
        what_for: "signs the APK",
    },
    Need {
        program: "python3",
        package: VENV,
        what_for: "installs Zig, which compiles C for Android",
    },
];

const ORACLES: &[Need] = &[
    Need {
        program: "python3",
        package: VENV,
        what_for: "runs pyxform",
    },
    Need {
        program: "node",
        package: "nodejs",
        what_for: "runs ODK's form engine of the web",
    },
    Need {
        program: "npm",
        package: "npm",
        what_for: "installs that engine",
    },
];

const FUZZING: &[Need] = &[Need {
    program: "c++",
    package: "g++",
    what_for: "compiles libFuzzer",
}];

/// For anything in Rust.
pub(crate) fn rust_build() -> Result<()> {
    satisfy(BUILD)
}

/// For fuzzing; gives cargo-fuzz, which is built once into the project's own folder.
pub(crate) fn fuzzing() -> Result<PathBuf> {
    satisfy(FUZZING)?;
    let nightly = Command::new("cargo")
        .args(["+nightly", "--version"])
        .output();
    if !nightly.is_ok_and(|out| out.status.success()) {
        bail!("fuzzing needs a nightly compiler: rustup toolchain install nightly");
    }
    let tools = crate::build::target().join("tools");
    let program = tools.join("bin").join("cargo-fuzz");
    if !program.is_file() {
        step::say("Building cargo-fuzz");
        let root = tools.display().to_string();
        let install = ["install", "--quiet", "--locked", "--version", "0.13.1"];
        let mut cargo = crate::build::cargo_command(&install);
        let status = cargo.args(["--root", &root, "cargo-fuzz"]).status()?;
        if !status.success() {
            bail!("cargo-fuzz could not be built");
        }
    }
    Ok(program)
}

/// For the tests of the server.
pub(crate) fn postgres() -> Result<()> {
    satisfy(POSTGRES)
}

/// For the tests of the office's pages.
pub(crate) fn browser() -> Result<()> {
    satisfy(BROWSER)
}

/// For holding the form engine against its peers.
pub(crate) fn oracles() -> Result<()> {
    satisfy(ORACLES)
}

/// For measuring the form engine beside ODK Collect's.
pub(crate) fn javarosa() -> Result<()> {
    satisfy(JVM)
}

/// For the tests of the app.
pub(crate) fn android() -> Result<()> {
    satisfy(&[JVM, APP].concat())
}

/// For the APK.
pub(crate) fn apk() -> Result<()> {
    satisfy(&[JVM, APP, APK].concat())
}

/// Installs what is missing where this can be done without asking, else says what to install.
fn satisfy(needs: &[Need]) -> Result<()> {
    let missing: Vec<&Need> = needs.iter().filter(|need| !need.is_met()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let packages: Vec<&str> = missing.iter().map(|need| need.package).collect();
    if find("apt-get").is_some() && is_root() {
        install(&packages)?;
    }
    let still: Vec<String> = missing
        .iter()
        .filter(|need| !need.is_met())
        .map(|n| {
            format!(
                "  {} ({}; Debian's package {})",
                n.program, n.what_for, n.package
            )
        })
        .collect();
    if still.is_empty() {
        return Ok(());
    }
    bail!(
        "Please install what is missing, then run this again:\n{}",
        still.join("\n")
    );
}

fn install(packages: &[&str]) -> Result<()> {
    let apt = |arguments: &[&str]| {
        let mut apt = Command::new("apt-get");
        apt.args(["-qq", "-o", "Dpkg::Use-Pty=0"]).args(arguments);
        apt.env("DEBIAN_FRONTEND", "noninteractive")
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        apt
    };
    step::run("Reading the system's package lists", &mut apt(&["update"]))?;
    let arguments = [&["install", "--yes", "--no-install-recommends"], packages].concat();
    step::run(
        &format!("Installing {}", packages.join(", ")),
        &mut apt(&arguments),
    )
}

fn is_root() -> bool {
    Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|id| id.stdout.starts_with(b"0"))
}

/// Where a program stands. Debian keeps PostgreSQL's servers off the path, by version.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .collect();
    versions.sort();
    folders.extend(versions.into_iter().rev());
    folders
        .into_iter()
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}
