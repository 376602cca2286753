//! Built by the NDK. Its compiler knows Android's headers and libraries, so nothing is made up here.

use std::path::Path;

use anyhow::{Context as _, Result, bail};

use super::{LINK, Toolchain};
use crate::abi::Abi;

/// The NDK's compiler, which links as well.
pub(super) fn toolchain(home: &Path, abi: Abi) -> Result<Toolchain> {
    // One folder, named by the machine that it runs on.
    let prebuilt = home.join("toolchains/llvm/prebuilt");
    let programs = std::fs::read_dir(&prebuilt)
        .with_context(|| format!("ANDROID_NDK_HOME: {}", prebuilt.display()))?
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .find(|folder| folder.is_dir())
        .with_context(|| format!("{} has no programs", prebuilt.display()))?;
    let clang = programs.join(format!("{}-clang", abi.ndk()));
    let archiver = programs.join("llvm-ar");
    for program in [&clang, &archiver] {
        if !program.is_file() {
            bail!("ANDROID_NDK_HOME has no {}", program.display());
        }
    }
    Ok(Toolchain {
        c: clang.clone(),
        archiver,
        linker: clang,
        flags: LINK
            .iter()
            .map(|argument| format!("-Clink-arg=-Wl,{argument}"))
            .collect(),
        environment: Vec::new(),
    })
}
