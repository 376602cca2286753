//! The bindings on a plain JVM, the app under the Android framework, and the phone to try on it.

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::Result;

use crate::{build, needs, step};

/// Those that the README and the guides show.
const PICTURES: [&str; 17] = [
    "day-09-doubt.png",
    "office-handover-phone.png",
    "office-look.png",
    "office-phone.png",
    "office-receipt.png",
    "office-regency.png",
    "office-village.png",
    "story-01-enrol.png",
    "story-03-list.png",
    "story-05-outcome.png",
    "story-06-members.png",
    "story-07-wrong-nik.png",
    "story-08-finish.png",
    "story-11-waiting-home.png",
    "story-15-received.png",
    "story-16-receipt.png",
    "tryout.png",
];

/// What cargo builds for it, beside the server.
pub(crate) const PACKAGES: [&str; 5] = [
    "--lib",
    "--package",
    "ketuk-bindings",
    "--package",
    "ketuk-bindgen",
];

/// Says where the phone to try is built, to what starts it.
pub(crate) const TRYOUT: &str = "KETUK_TRYOUT";

/// Runs all Maven builds, on the library, the server and the generator that the workspace's build
/// left.
pub(crate) fn test() -> Result<()> {
    needs::android()?;
    needs::browser()?;
    generate_kotlin()?;
    step::run(
        "The bindings on a plain JVM, and the app under the Android framework",
        &mut maven("verify"),
    )?;
    step::run(
        "A cadre at the phone to try, in one browser, and the office in another",
        // Of the workspace: with the features that all was built with.
        build::cargo_command(&["test", "--workspace", "--test", "tryout"])
            .args(["--", "--nocapture"])
            .env(TRYOUT, tryout()),
    )
}

/// Builds the phone to try, on what cargo's build left; how it is started is in the file that this names.
pub(crate) fn build_tryout() -> Result<PathBuf> {
    generate_kotlin()?;
    step::run(
        "Building the phone to try",
        maven("package").args(["--quiet", "-Dmaven.test.skip=true"]),
    )?;
    Ok(tryout())
}

fn tryout() -> PathBuf {
    build::root().join("android/tryout/target/tryout.args")
}

/// Runs the app's tests and copies what they photographed, and the browser's pictures, into
/// docs/pictures.
pub(crate) fn pictures() -> Result<ExitCode> {
    let kept = build::root().join("docs/pictures");
    std::fs::create_dir_all(&kept)?;
    for folder in [
        build::root().join("android/app/target/screens"),
        build::target().join("pictures"),
    ] {
        for name in PICTURES {
            let taken = folder.join(name);
            if taken.is_file() {
                std::fs::copy(&taken, kept.join(name))?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The Kotlin half of the bindings, written anew: it is never kept, so it can't drift.
pub(crate) fn generate_kotlin() -> Result<()> {
    let mut generate = build::binary("ketuk-bindgen");
    generate
        .args([
            "generate",
            "--language",
            "kotlin",
            "--no-format",
            "--library",
        ])
        .arg(build::target().join("debug").join("libketuk.so"))
        .arg("--out-dir")
        .arg(build::target().join("kotlin"));
    // uniffi asks cargo for the crates' configuration.
    step::run(
        "Writing the bindings' Kotlin",
        generate.current_dir(build::root()),
    )
}

/// Maven in the app's folder, told where the workspace's build left what it needs.
pub(crate) fn maven(phase: &str) -> Command {
    let target = build::target();
    let property = |name: &str, path: PathBuf| format!("-Dketuk.{name}={}", path.display());
    let mut maven = Command::new("mvn");
    maven.current_dir(build::root().join("android"));
    maven.args(["--batch-mode", "--no-transfer-progress", phase]);
    maven.args([
        property("library.dir", target.join("debug")),
        property("kotlin.dir", target.join("kotlin")),
        property("server.bin", target.join("debug/ketuk-server")),
    ]);
    maven
}
