//! The phone to try in a browser (`android/tryout`), as a process beside a running office.

use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::office::{Invited, Told};

/// A running one. Dropping it ends it, and everything on the phone is gone.
pub struct TryOut {
    process: Child,
    address: String,
}

impl TryOut {
    /// Where Maven left how it is started, as `cargo xtask` tells it; `None` if it wasn't built.
    pub fn built() -> Option<OsString> {
        std::env::var_os("KETUK_TRYOUT")
    }

    /// Starts it beside the office that told this, as this cadre's, and waits until its page can be opened.
    ///
    /// # Errors
    /// If it doesn't start.
    pub fn start(arguments: &OsString, office: &Told, cadre: &Invited) -> Result<TryOut> {
        let mut file = OsString::from("@");
        file.push(arguments);
        let mut process = Command::new("java")
            .arg(file)
            .env("KETUK_TRYOUT_SERVER", &office.address)
            .env("KETUK_TRYOUT_CODE", &cadre.code)
            .env("KETUK_TRYOUT_VILLAGE", &cadre.village)
            .env(
                "KETUK_TRYOUT_NAME",
                office.name.as_deref().unwrap_or_default(),
            )
            .env(
                "KETUK_TRYOUT_PASSWORD",
                office.password.as_deref().unwrap_or_default(),
            )
            // It ends when this does, however that ends.
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("java (JDK 17) could not be started")?;
        let stdout = process.stdout.take().context("the phone has no stdout")?;
        let mut address = String::new();
        BufReader::new(stdout).read_line(&mut address)?;
        if address.is_empty() {
            bail!("the phone ended before it was ready: {}", process.wait()?);
        }
        Ok(TryOut {
            process,
            address: address.trim().to_owned(),
        })
    }

    /// Its page.
    pub fn address(&self) -> &str {
        &self.address
    }
}

impl Drop for TryOut {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
