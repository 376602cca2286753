//! D8: classes as Android runs them.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::tools::Tools;
use crate::{Work, java, tool};

/// Translates a jar; gives the dex files, `classes.dex` first.
pub(crate) fn translate(work: &Work, tools: &Tools, jar: &Path) -> Result<Vec<PathBuf>> {
    let folder = work.emptied("dex")?;
    let mut d8 = java::program(&tools.d8);
    d8.args(["com.android.tools.r8.D8", "--release", "--min-api", "24"]);
    d8.arg("--lib").arg(&tools.framework);
    // The framework comes without Java's own classes.
    d8.arg("--lib").arg(java::home()?);
    tool::run(
        "Translating for Android",
        d8.arg("--output").arg(&folder).arg(jar),
    )?;
    let dex = java::files(&folder, &["dex"])?;
    if dex.is_empty() {
        bail!("D8 left no dex file");
    }
    Ok(dex)
}
