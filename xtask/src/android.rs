//! The bindings on a plain JVM, the app under the Android framework, and the phone to try on it.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

use crate::{build, needs, step};

/// Those that the README and the guides show.
const PICTURES: [&str; 17] = [
    "09-doubt-id-day-100.png",
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

/// The command that measures the app's screens, a word a line, on the optimised library. The bindings
/// that it runs on count the calls that go through them.
pub(crate) fn bench() -> Result<String> {
    needs::android()?;
    build::cargo(&["build", "--release", "--package", "ketuk-bindings"])?;
    // The Kotlin is the same, whichever library it is read off.
    build::cargo(&[
        "build",
        "--package",
        "ketuk-bindings",
        "--package",
        "ketuk-bindgen",
    ])?;
    generate_kotlin()?;
    let counted = build::target().join("kotlin-counted");
    count_calls(&build::target().join("kotlin"), &counted)?;
    let mut measure = maven("test");
    let property = |name: &str, path: PathBuf| format!("-Dketuk.{name}={}", path.display());
    // The last of two properties of a name counts.
    let pom = build::root().join("android/pom.xml");
    measure.args([
        format!("--file={}", pom.display()),
        property("library.dir", build::target().join("release")),
        property("kotlin.dir", counted),
        "-Dtest=AppBench".to_owned(),
        "-Dsurefire.failIfNoSpecifiedTests=false".to_owned(),
    ]);
    let mut words = vec![measure.get_program()];
    words.extend(measure.get_args());
    let words: Vec<_> = words.iter().map(|word| word.to_string_lossy()).collect();
    Ok(words.join("\n"))
}

/// Copies the bindings' Kotlin with a counter in the one function that every call goes through.
fn count_calls(from: &Path, to: &Path) -> Result<()> {
    const CALL: &str =
        "    var status = UniffiRustCallStatus()\n    val return_value = callback(status)\n";
    const COUNTED: &str = "    if (errorHandler === KetukException) Calls.made.incrementAndGet()\n";
    let package = "id/ketuk/core";
    let text = std::fs::read_to_string(from.join(package).join("ketuk.kt"))?;
    let at = text
        .find(CALL)
        .context("the bindings call otherwise than they did: see count_calls()")?;
    let counter = "\n/** Calls of the façade. */\nobject Calls { @JvmField val made = java.util.concurrent.atomic.AtomicInteger() }\n";
    let (before, after) = text.split_at(at);
    std::fs::create_dir_all(to.join(package))?;
    std::fs::write(
        to.join(package).join("ketuk.kt"),
        [before, COUNTED, after, counter].concat(),
    )?;
    Ok(())
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
