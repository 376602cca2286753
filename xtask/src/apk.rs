//! The app as an APK, by the program `ketuk-apk`; and what is inside it, run.

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::Result;

use crate::{android, build, needs, step};

/// Builds, signs and checks `target/ketuk.apk`. `abi`: for which kinds of processor, if not for phones.
pub(crate) fn build(abi: Option<&str>, release: bool, twice: bool) -> Result<ExitCode> {
    needs::rust_build()?;
    needs::apk()?;
    step::say("Building what writes the bindings (the first time this takes some minutes)");
    build::cargo(&[
        "build",
        "--package",
        "ketuk-bindings",
        "--package",
        "ketuk-bindgen",
        "--package",
        "ketuk-apk",
    ])?;
    android::generate_kotlin()?;
    step::say("The APK (the first time this fetches its tools and takes some minutes)");
    let mut apk = apk(abi, release);
    if twice {
        apk.arg("--twice");
    }
    step::hand_over(&mut apk)
}

/// Builds a release, and runs what is in it: on what the workspace's build left.
pub(crate) fn test() -> Result<()> {
    needs::apk()?;
    android::generate_kotlin()?;
    step::run("The APK, built and checked", &mut apk(None, true))?;
    step::run(
        "Its dex on a JVM, its library on a phone's libc",
        android::maven("verify")
            .args(["--file", "../apk/smoke/pom.xml"])
            .arg(format!("-Dketuk.apk={}", file().display())),
    )
}

fn file() -> PathBuf {
    build::target().join("ketuk.apk")
}

fn apk(abi: Option<&str>, release: bool) -> Command {
    let mut apk = build::binary("ketuk-apk");
    apk.arg("build");
    apk.arg("--root").arg(build::root());
    apk.arg("--target").arg(build::target());
    apk.arg("--bindings").arg(build::target().join("kotlin"));
    apk.arg("--out").arg(file());
    if let Some(abi) = abi {
        apk.args(["--abi", abi]);
    }
    if release {
        apk.arg("--release");
    }
    apk
}
