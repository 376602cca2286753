//! The real server, as a process of its own.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::ledger::Place;

/// A running server. Dropping it kills it, as a power cut would.
pub struct Office {
    process: Child,
    place: Place,
    told: Told,
}

/// What the server says of itself when it is ready, as `serve --json` prints it.
#[derive(Debug, Clone, Deserialize)]
pub struct Told {
    /// Where it is reached.
    pub address: String,
    /// The first account's name, where it was just made.
    pub name: Option<String>,
    /// Its password.
    pub password: Option<String>,
    /// The campaign's title.
    pub campaign: Option<String>,
    /// Cadres of the sample with visits to come.
    #[serde(default)]
    pub cadres: Vec<Invited>,
    /// A cadre of the sample for whoever wants to try with a phone of their own.
    pub visitor: Option<Invited>,
}

/// A cadre with her enrolment code.
#[derive(Debug, Clone, Deserialize)]
pub struct Invited {
    /// Her name.
    pub name: String,
    /// Her village's code.
    pub village: String,
    /// Enrols her phone.
    pub code: String,
}

impl Office {
    /// Starts it with the sample campaign, on a free port, and waits until it answers. Its own
    /// progress goes to our stderr.
    ///
    /// # Errors
    /// If it doesn't start.
    pub fn with_sample(place: Place) -> Result<Office> {
        Office::serve(place, &["--sample", "--listen", "127.0.0.1:0"])
    }

    /// Starts it on what is there, and waits until it answers at `listen`; port 0 takes a free one.
    ///
    /// # Errors
    /// If it doesn't start.
    pub fn start(place: Place, listen: SocketAddr) -> Result<Office> {
        Office::serve(place, &["--listen", &listen.to_string()])
    }

    fn serve(place: Place, arguments: &[&str]) -> Result<Office> {
        let mut command = server("serve", &place)?;
        command.arg("--json").args(arguments);
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut process = command.spawn().context("the server could not be started")?;
        let stdout = process.stdout.take().context("the server has no stdout")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        if line.is_empty() {
            bail!("the server ended before it was ready: {}", process.wait()?);
        }
        let told = serde_json::from_str(&line).context("the server's first line is no JSON")?;
        Ok(Office {
            process,
            place,
            told,
        })
    }

    /// What it said when it was ready.
    pub fn told(&self) -> &Told {
        &self.told
    }

    /// Where it listens.
    ///
    /// # Errors
    /// If it said something else than an address.
    pub fn address(&self) -> Result<SocketAddr> {
        let host = self.told.address.trim_start_matches("http://");
        host.parse().context("the server's address is none")
    }

    /// Where it keeps what it got.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// The most memory that its process has taken so far, in bytes, as Linux tells it.
    ///
    /// # Errors
    /// Elsewhere.
    pub fn peak_memory(&self) -> Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.trim().strip_suffix(" kB"));
        let kib: u64 = kib
            .context("no peak memory in its status")?
            .trim()
            .parse()?;
        Ok(kib * 1024)
    }

    /// Has it back up its embedded database into `file`, while it runs.
    ///
    /// # Errors
    /// With what it said.
    pub fn back_up(&self, file: &Path) -> Result<()> {
        let out = server("backup", &self.place)?.arg(file).output()?;
        if !out.status.success() {
            bail!("no backup: {}", String::from_utf8_lossy(&out.stderr));
        }
        Ok(())
    }

    /// Gives it a file that a phone handed over, as its operator does, beside the running server.
    /// What it said of the file, as JSON.
    ///
    /// # Errors
    /// If it refuses the file.
    pub fn import(&self, file: &Path) -> Result<String> {
        let mut import = server("import-batch", &self.place)?;
        let out = import.arg("--json").arg(file).output()?;
        if !out.status.success() {
            bail!("not imported: {}", String::from_utf8_lossy(&out.stdout));
        }
        Ok(String::from_utf8(out.stdout)?)
    }

    /// Asks it to recompute every figure from the entries, and fails where one differs.
    ///
    /// # Errors
    /// With what differs.
    pub fn verify(&self) -> Result<()> {
        let out = server("verify", &self.place)?.output()?;
        if !out.status.success() {
            let said = [out.stdout, out.stderr].concat();
            bail!(
                "the figures don't agree:\n{}",
                String::from_utf8_lossy(&said)
            );
        }
        Ok(())
    }
}

impl Drop for Office {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The server with this command on what it keeps there, saying nothing but errors.
fn server(command: &str, place: &Place) -> Result<Command> {
    let mut server = Command::new(program()?);
    server.arg(command).env("KETUK_LOG", "error");
    match place {
        Place::Sqlite(folder) => server.arg("--data").arg(folder),
        Place::Postgres(url) => server.env("KETUK_DATABASE_URL", url),
    };
    Ok(server)
}

/// The server stands beside whatever runs this: cargo puts programs one folder above its tests.
fn program() -> Result<PathBuf> {
    let own = std::env::current_exe()?;
    let beside = |folder: &Path| folder.join("ketuk-server");
    own.ancestors()
        .skip(1)
        .take(2)
        .map(beside)
        .find(|file| file.is_file())
        .context("build the server first: cargo build --package ketuk-server")
}
