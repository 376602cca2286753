//! A peer: a process that is asked and answers in lines of JSON.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context as _, Result};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// A process that is asked and answers in lines of JSON. It ends when this is dropped.
pub struct Peer {
    child: Child,
    asks: ChildStdin,
    answers: BufReader<ChildStdout>,
}

/// What a peer said to a form that it doesn't take, in its words.
pub struct Refusal(pub String);

#[derive(Deserialize)]
#[serde(untagged)]
enum Said<T> {
    Error { error: String },
    Fine(T),
}

impl Peer {
    /// Starts the process, with a clock that shows UTC.
    ///
    /// # Errors
    /// If it can't be started.
    pub fn start(command: &mut Command) -> Result<Peer> {
        let mut child = command
            .env("TZ", "UTC")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("{command:?}"))?;
        let asks = child.stdin.take().context("no way to ask")?;
        let answers = BufReader::new(child.stdout.take().context("no way to hear")?);
        Ok(Peer {
            child,
            asks,
            answers,
        })
    }

    /// Starts a driver of @getodk/xforms-engine, given as its text. `home` has what `cargo xtask` installed
    /// for the oracles.
    ///
    /// # Errors
    /// As [`Peer::start`].
    pub fn of_engine(home: &Path, driver: &str) -> Result<Peer> {
        let driver = [include_str!("../drivers/engine.mjs"), driver].concat();
        let mut node = Command::new("node");
        // A module that is given as a text finds what it imports from where the process stands.
        node.current_dir(home)
            .args(["--input-type=module", "--eval", &driver]);
        Peer::start(&mut node)
    }

    /// Asks one question; an answer of `{"error": why}` is a refusal.
    ///
    /// # Errors
    /// If the process has gone or answers something else than was asked for.
    pub fn ask<T: DeserializeOwned>(
        &mut self,
        question: &impl Serialize,
    ) -> Result<Result<T, Refusal>> {
        serde_json::to_writer(&mut self.asks, question)?;
        self.asks.write_all(b"\n")?;
        self.asks.flush()?;
        let mut answer = String::new();
        self.answers.read_line(&mut answer)?;
        let said = serde_json::from_str(&answer).context("the peer did not answer")?;
        Ok(match said {
            Said::Fine(said) => Ok(said),
            Said::Error { error } => Err(Refusal(error)),
        })
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // It ends with its input, but nobody waits for a peer that hangs.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
