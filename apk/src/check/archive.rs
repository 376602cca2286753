//! The archive: what must lie where, and how large it may be.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};
use zip::CompressionMethod;

use crate::abi::Abi;
use crate::package::PAGE;
use crate::{tool, zips};

/// What an APK for the two kinds of phones may weigh: it's carried over a village's link.
const LARGEST: u64 = 12 * 1024 * 1024;

pub(super) fn check(apk: &Path) -> Result<String> {
    let size = std::fs::metadata(apk)?.len();
    let mut archive = zips::open(apk)?;
    let mut names = BTreeSet::new();
    let mut abis = BTreeSet::new();
    for at in 0..archive.len() {
        let entry = archive.by_index(at)?;
        let name = entry.name()?.into_owned();
        let stored = entry.compression() == CompressionMethod::Stored;
        let begins = entry.data_start().unwrap_or_default();
        if let Some((abi, _)) = name
            .strip_prefix("lib/")
            .and_then(|rest| rest.split_once('/'))
        {
            abis.insert(abi.to_owned());
            if !stored || begins % u64::from(PAGE) != 0 {
                bail!(
                    "{name} begins at {begins}, {}; it must be stored at a multiple of 16 KB",
                    if stored { "stored" } else { "packed" }
                );
            }
        } else if name == "resources.arsc" && (!stored || begins % 4 != 0) {
            bail!("{name} must be stored at a multiple of 4 bytes");
        }
        if !names.insert(name.clone()) {
            bail!("{name} is in it twice");
        }
    }
    for wanted in ["AndroidManifest.xml", "resources.arsc", "classes.dex"] {
        if !names.contains(wanted) {
            bail!("{wanted} is missing");
        }
    }
    // The limit is for phones; whoever adds a Chromebook's library knows.
    let phones = abis.iter().all(|abi| abi != Abi::X86.name());
    if phones && size > LARGEST {
        bail!("{size} bytes are more than the {LARGEST} that it may weigh");
    }
    let mut zipalign = Command::new("zipalign");
    tool::run(
        "Verifying the alignment",
        zipalign.args(["-c", "-p", "4"]).arg(apk),
    )?;
    Ok(format!(
        "{:.2} MiB, {} entries, {}",
        size as f64 / 1_048_576.0,
        names.len(),
        abis.into_iter().collect::<Vec<_>>().join(" and ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zips::Writer;

    fn told(fill: impl FnOnce(&mut Writer)) -> String {
        let folder = tempfile::tempdir().unwrap();
        let apk = folder.path().join("x.apk");
        let mut writer = Writer::default();
        writer.deflated("AndroidManifest.xml", b"a").unwrap();
        fill(&mut writer);
        std::fs::write(&apk, writer.finish().unwrap()).unwrap();
        check(&apk).unwrap_err().to_string()
    }

    #[test]
    fn a_library_that_a_phone_with_large_pages_can_not_map_is_told() {
        let library = "lib/arm64-v8a/libketuk.so";
        for told in [
            told(|apk| apk.stored(library, b"elf", 4_096).unwrap()),
            told(|apk| apk.deflated(library, b"elf").unwrap()),
        ] {
            assert!(told.contains("stored at a multiple of 16 KB"), "{told}");
        }
    }

    #[test]
    fn what_is_missing_or_packed_is_told() {
        let told_of = told(|apk| apk.stored("resources.arsc", b"t", 4).unwrap());
        assert_eq!(told_of, "classes.dex is missing");
        let told_of = told(|apk| apk.deflated("resources.arsc", b"t").unwrap());
        assert_eq!(
            told_of,
            "resources.arsc must be stored at a multiple of 4 bytes"
        );
    }
}
