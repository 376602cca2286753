//! A PostgreSQL of the tests' own: a fresh cluster in a temporary folder, on a free loopback port,
//! gone when the tests are.

use std::net::TcpListener;
use std::os::unix::fs::chown;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use crate::{needs, step};

/// A running cluster; dropping it stops it and removes its folder.
pub(crate) struct Cluster {
    folder: TempDir,
    port: u16,
    /// PostgreSQL refuses to run as root; then its own user, which the package makes, owns it.
    run_as: Option<&'static str>,
}

impl Cluster {
    /// Makes and starts one.
    pub(crate) fn start() -> Result<Cluster> {
        needs::postgres()?;
        step::say("Starting a PostgreSQL for the tests");
        let folder = tempfile::Builder::new()
            .prefix("ketuk-postgres-")
            .tempdir()?;
        let mut cluster = Cluster {
            folder,
            port: free_port()?,
            run_as: None,
        };
        cluster.give_to_its_user()?;
        let data = cluster.data();
        cluster.program(
            "initdb",
            &[
                "--pgdata",
                &data,
                "--auth=trust",
                "--username=postgres",
                "--encoding=UTF8",
            ],
        )?;
        let settings = format!(
            "-c port={} -c listen_addresses=127.0.0.1 -c unix_socket_directories={} \
             -c fsync=off -c max_connections=200",
            cluster.port,
            cluster.folder.path().display()
        );
        let log = cluster.folder.path().join("log").display().to_string();
        cluster.program(
            "pg_ctl",
            &[
                "--pgdata", &data, "--log", &log, "-w", "-o", &settings, "start",
            ],
        )?;
        Ok(cluster)
    }

    /// Where it is reached; each test makes a database of its own in it.
    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    fn data(&self) -> String {
        self.folder.path().join("data").display().to_string()
    }

    fn give_to_its_user(&mut self) -> Result<()> {
        if step::output(Command::new("id").arg("-u"))? != "0" {
            return Ok(());
        }
        let id = |flag| -> Result<u32> {
            Ok(step::output(Command::new("id").args([flag, "postgres"]))?.parse()?)
        };
        chown(self.folder.path(), Some(id("-u")?), Some(id("-g")?))?;
        self.run_as = Some("postgres");
        Ok(())
    }

    fn program(&self, name: &str, arguments: &[&str]) -> Result<()> {
        let file = needs::find(name).with_context(|| format!("{name} is not installed"))?;
        let mut command = match self.run_as {
            Some(user) => {
                let mut command = Command::new("runuser");
                command.args(["-u", user, "--"]).arg(file);
                command
            }
            None => Command::new(file),
        };
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .stdout(Stdio::null());
        let status = command.stdin(Stdio::null()).status()?;
        if !status.success() {
            let log = std::fs::read_to_string(Path::new(self.folder.path()).join("log"));
            bail!("{name} failed ({status})\n{}", log.unwrap_or_default());
        }
        Ok(())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Err(fault) = self.program(
            "pg_ctl",
            &["--pgdata", &self.data(), "-m", "immediate", "stop"],
        ) {
            eprintln!("PostgreSQL was not stopped: {fault:#}");
        }
    }
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
