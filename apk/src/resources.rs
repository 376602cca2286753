//! The manifest and the resources, compiled and linked by aapt2.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::tools::Tools;
use crate::{Work, tool};

/// What linking leaves.
pub(crate) struct Resources {
    /// An APK with the manifest and the resources alone.
    pub(crate) apk: PathBuf,
    /// The folder of `R.java`.
    pub(crate) java: PathBuf,
}

/// Compiles and links. `debuggable`: whether somebody with a cable may look into the running app.
pub(crate) fn link(work: &Work, tools: &Tools, debuggable: bool) -> Result<Resources> {
    let folder = work.emptied("resources")?;
    let compiled = folder.join("compiled.zip");
    let mut compile = Command::new("aapt2");
    compile.args(["compile", "--dir"]);
    compile.arg(work.source("android/app/src/main/res"));
    compile.arg("-o").arg(&compiled);
    tool::run("Compiling the resources", &mut compile)?;

    let manifest = folder.join("AndroidManifest.xml");
    let written = std::fs::read_to_string(work.source("android/app/src/main/AndroidManifest.xml"))
        .context("the app's manifest")?;
    std::fs::write(&manifest, libraries_stay_inside(&written)?)?;

    let resources = Resources {
        apk: folder.join("resources.apk"),
        java: folder.join("java"),
    };
    let mut link = Command::new("aapt2");
    link.arg("link").arg("-I").arg(&tools.framework);
    link.arg("--manifest").arg(&manifest);
    link.arg("-A")
        .arg(work.source("android/app/src/main/assets"));
    // As the app's pom.xml has it.
    link.args(["--min-sdk-version", "24", "--target-sdk-version", "35"]);
    link.arg("--auto-add-overlay");
    if debuggable {
        link.arg("--debug-mode");
    }
    link.arg("--java").arg(&resources.java);
    link.arg("-o").arg(&resources.apk).arg(&compiled);
    tool::run("Linking the resources", &mut link)?;
    Ok(resources)
}

/// The manifest with the one line that a build by Gradle puts in, too: the phone uses the libraries where
/// they are, uncompressed in the APK, instead of keeping a second copy of them.
fn libraries_stay_inside(manifest: &str) -> Result<String> {
    let Some((before, after)) = manifest.split_once("<application") else {
        bail!("the app's manifest has no application");
    };
    Ok(format!(
        "{before}<application android:extractNativeLibs=\"false\"{after}"
    ))
}
