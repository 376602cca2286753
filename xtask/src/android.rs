//! The bindings on a plain JVM, and the app under the Android framework.

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::Result;

use crate::{build, needs, step};

/// Those that the README and the guides show.
const PICTURES: [&str; 16] = [
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
];

/// Runs both Maven builds, on the library, the server and the generator that the workspace's build
/// left.
pub(crate) fn test() -> Result<()> {
    needs::android()?;
    generate_kotlin()?;
    step::run(
        "The bindings on a plain JVM, and the app under the Android framework",
        &mut maven("verify"),
    )
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
