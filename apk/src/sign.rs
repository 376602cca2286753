//! Signed by apksigner, schemes 2 and 3: the older one is for Android before 7.0, on which the app doesn't run.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use clap::Args;

use crate::{Work, tool};

/// The operator's key; without it one is made that stays on this machine.
#[derive(Args)]
pub(crate) struct Key {
    /// The operator's keystore
    #[arg(long, env = "KETUK_KEYSTORE", requires = "keystore_password")]
    keystore: Option<PathBuf>,
    /// Where its password stands: `env:NAME` or `file:PATH`, as apksigner takes it
    #[arg(long, env = "KETUK_KEYSTORE_PASSWORD")]
    keystore_password: Option<String>,
    /// The key in it, if it has several
    #[arg(long, env = "KETUK_KEY_ALIAS")]
    key_alias: Option<String>,
}

/// The name and the password of the debug key. It proves nothing to anybody, so neither is a secret.
const DEBUG_ALIAS: &str = "debug";
const DEBUG_PASSWORD: &str = "ketuk-debug";

impl Key {
    /// Whether it's the one of this machine.
    pub(crate) fn is_ours(&self) -> bool {
        self.keystore.is_none()
    }
}

/// Signs a copy.
pub(crate) fn sign(work: &Work, key: &Key, unsigned: &Path, signed: &Path) -> Result<()> {
    if let Some(folder) = signed.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut signer = Command::new("apksigner");
    signer.args(["sign", "--v1-signing-enabled", "false"]);
    signer.args([
        "--v2-signing-enabled",
        "true",
        "--v3-signing-enabled",
        "true",
    ]);
    signer.args(["--v4-signing-enabled", "false", "--min-sdk-version", "24"]);
    match &key.keystore {
        Some(keystore) => {
            signer.arg("--ks").arg(keystore);
            let password = key.keystore_password.as_deref();
            let password = password.context("the keystore's password is missing")?;
            signer.args(["--ks-pass", password]);
            if let Some(alias) = &key.key_alias {
                signer.args(["--ks-key-alias", alias]);
            }
        }
        None => {
            signer.arg("--ks").arg(debug_keystore(work)?);
            signer.args(["--ks-key-alias", DEBUG_ALIAS]);
            signer.args(["--ks-pass", &format!("pass:{DEBUG_PASSWORD}")]);
        }
    }
    signer.arg("--out").arg(signed).arg(unsigned);
    tool::run("Signing", &mut signer).map(drop)
}

/// The debug key, made at the first build. RSA: its signature over the same bytes is the same, so that two builds
/// give the same APK.
fn debug_keystore(work: &Work) -> Result<PathBuf> {
    let file = work.kept("key")?.join("debug.p12");
    if file.is_file() {
        return Ok(file);
    }
    let mut keytool = Command::new("keytool");
    keytool.args(["-genkeypair", "-storetype", "PKCS12", "-keyalg", "RSA"]);
    keytool.args([
        "-keysize",
        "2048",
        "-validity",
        "10950",
        "-alias",
        DEBUG_ALIAS,
    ]);
    keytool.args(["-dname", "CN=Ketuk debug", "-storepass", DEBUG_PASSWORD]);
    tool::run("Making a debug key", keytool.arg("-keystore").arg(&file))?;
    Ok(file)
}
