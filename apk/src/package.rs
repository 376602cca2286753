//! The APK, not yet signed: what the steps left, each at the place where Android wants it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::native::Library;
use crate::{Work, zips};

/// Where a library must begin to be used out of the APK, by phones with pages of 16 KB.
pub(crate) const PAGE: u16 = 16_384;

/// Where anything that isn't packed must begin.
const WORD: u16 = 4;

/// Puts all of it together, in an order of its own.
pub(crate) fn write(
    work: &Work,
    resources: &Path,
    dex: &[PathBuf],
    libraries: &[Library],
) -> Result<PathBuf> {
    let mut apk = zips::Writer::default();
    for name in zips::names(resources)? {
        let content = zips::entry(resources, &name)?;
        // The table of resources is read where it lies: Android 11 refuses it packed.
        if name == "resources.arsc" {
            apk.stored(&name, &content, WORD)?;
        } else {
            apk.deflated(&name, &content)?;
        }
    }
    for file in dex {
        let name = file.file_name().context("a dex file without a name")?;
        apk.deflated(&name.to_string_lossy(), &fs::read(file)?)?;
    }
    for library in libraries {
        let name = format!("lib/{}/{}", library.abi.name(), library.name);
        apk.stored(&name, &fs::read(&library.file)?, PAGE)?;
    }
    let file = work.emptied("package")?.join("unsigned.apk");
    fs::write(&file, apk.finish()?)?;
    Ok(file)
}
