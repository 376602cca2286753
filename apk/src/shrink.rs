//! ProGuard: what is never called stays out. Names stay as they are, so that a trace can be read.

use std::path::PathBuf;

use anyhow::Result;

use crate::tools::Tools;
use crate::{Work, java, tool};

/// Leaves one jar of what the app reaches; apk/shrink.pro says from where it starts.
pub(crate) fn shrink(work: &Work, tools: &Tools, classes: &[PathBuf]) -> Result<PathBuf> {
    let shrunk = work.emptied("shrink")?.join("app.jar");
    let mut proguard = java::program(&tools.proguard);
    proguard.arg("proguard.ProGuard");
    proguard.arg(format!("@{}", work.source("apk/shrink.pro").display()));
    for (at, jar) in classes.iter().enumerate() {
        // The first is ours; of the others' files besides classes nothing is needed.
        let filter = if at == 0 {
            ""
        } else {
            "(**.class,!META-INF/**)"
        };
        proguard
            .arg("-injars")
            .arg(format!("{}{filter}", jar.display()));
    }
    proguard.arg("-libraryjars").arg(&tools.framework);
    // The framework comes without Java's own classes.
    for module in ["java.base", "java.logging"] {
        let module = java::home()?.join(format!("jmods/{module}.jmod"));
        proguard.arg("-libraryjars");
        proguard.arg(format!("{}(!**.jar;!module-info.class)", module.display()));
    }
    proguard.arg("-outjars").arg(&shrunk);
    tool::run("Leaving out what is never called", &mut proguard)?;
    Ok(shrunk)
}
