//! That apksigner takes its own signature back.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use crate::tool;

/// Verified as Android 7.0 and up do it: scheme 2 and scheme 3, and no other.
pub(super) fn check(apk: &Path) -> Result<String> {
    let mut signer = Command::new("apksigner");
    signer.args(["verify", "--verbose", "--print-certs"]);
    signer.args(["--min-sdk-version", "24"]).arg(apk);
    let said = tool::run("Verifying the signature", &mut signer)?;
    for wanted in [
        "Verified using v2 scheme (APK Signature Scheme v2): true",
        "Verified using v3 scheme (APK Signature Scheme v3): true",
        "Number of signers: 1",
    ] {
        if !said.lines().any(|line| line.trim() == wanted) {
            bail!("apksigner doesn't say \"{wanted}\" but:\n{said}");
        }
    }
    let digest = said
        .lines()
        .find_map(|line| line.split_once("certificate SHA-256 digest: "));
    Ok(format!(
        "schemes 2 and 3, certificate {}",
        digest.map_or("unknown", |(_, digest)| digest)
    ))
}
