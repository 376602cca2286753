//! The app's and the bindings' Kotlin, and what aapt2 wrote in Java, as classes.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::tools::Tools;
use crate::{Work, java, tool, zips};

/// Compiles both; gives all class paths' worth of what goes into the APK, ours first.
pub(crate) fn compile(
    work: &Work,
    tools: &Tools,
    bindings: &Path,
    resources: &Path,
) -> Result<Vec<PathBuf>> {
    let folder = work.emptied("kotlin")?;
    let classes = folder.join("classes");
    // The classes of an AAR are a jar in it.
    let jna = folder.join("jna.jar");
    std::fs::write(&jna, zips::entry(&tools.jna, "classes.jar")?)?;
    let known = java::joined(&[
        tools.framework.clone(),
        tools.kotlin_library.clone(),
        jna.clone(),
    ]);

    let app = work.source("android/app/src/main/kotlin");
    let mut sources = java::files(&app, &["kt"])?;
    sources.extend(java::files(bindings, &["kt"]).context("the bindings' Kotlin")?);
    let ids = java::files(resources, &["java"])?;
    if sources.is_empty() || ids.is_empty() {
        bail!("there is nothing to compile in {}", app.display());
    }

    let mut kotlin = java::program(&tools.kotlin);
    kotlin.arg("org.jetbrains.kotlin.cli.jvm.K2JVMCompiler");
    kotlin.args(["-no-stdlib", "-no-reflect", "-jvm-target", "17", "-nowarn"]);
    // As the app's pom.xml names it.
    kotlin.args(["-module-name", "ketuk-app"]);
    kotlin.arg("-classpath").arg(&known);
    kotlin.arg("-d").arg(&classes).args(&sources).args(&ids);
    tool::run("Compiling the Kotlin", &mut kotlin)?;

    let mut javac = Command::new("javac");
    javac
        .args(["--release", "17", "-g:none", "-d"])
        .arg(&classes);
    tool::run("Compiling R.java", javac.args(&ids))?;
    Ok(vec![classes, tools.kotlin_library.clone(), jna])
}
