//! The peers, each a process that is asked and answers in lines of JSON.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context as _, Result};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::case::{Case, Sheet, Step};
use crate::state::{Shown, Stand, State, Violation};

/// Converts forms: what is a legal form.
pub(crate) struct Pyxform(Peer);

/// Fills forms: what a session does.
pub(crate) struct XformsEngine(Peer);

/// What a peer said to a form that it doesn't take, in its words.
pub(crate) struct Refusal(pub(crate) String);

#[derive(Deserialize)]
#[serde(untagged)]
enum Said<T> {
    Error { error: String },
    Fine(T),
}

impl<T> Said<T> {
    fn heard(self) -> Result<T, Refusal> {
        match self {
            Said::Fine(said) => Ok(said),
            Said::Error { error } => Err(Refusal(error)),
        }
    }
}

/// An XForm.
#[derive(Deserialize)]
pub(crate) struct Converted {
    pub(crate) xml: String,
}

impl Pyxform {
    /// `home` has what `cargo xtask` installed for the oracles.
    pub(crate) fn start(home: &Path) -> Result<Pyxform> {
        let mut python = Command::new(home.join("python/bin/python"));
        Peer::start(python.arg(home.join("convert.py"))).map(Pyxform)
    }

    pub(crate) fn convert(&mut self, case: &Case) -> Result<Result<Converted, Refusal>> {
        #[derive(Serialize)]
        struct Asked {
            sheets: BTreeMap<String, Vec<Map<String, Value>>>,
        }
        let mut sheets = BTreeMap::new();
        for sheet in &case.sheets {
            sheets.insert(sheet.name.clone(), rows(sheet));
            sheets.insert(format!("{}_header", sheet.name), vec![headers(sheet)]);
        }
        let said: Said<Converted> = self.0.ask(&Asked { sheets })?;
        Ok(said.heard())
    }
}

/// The headers alone, as pyxform wants them beside the rows.
fn headers(sheet: &Sheet) -> Map<String, Value> {
    let headers = sheet.rows.iter().take(1).flatten();
    headers
        .map(|header| (header.clone(), Value::Null))
        .collect()
}

/// Each row by its headers, in their order, without the cells that are empty.
fn rows(sheet: &Sheet) -> Vec<Map<String, Value>> {
    let Some((headers, rows)) = sheet.rows.split_first() else {
        return Vec::new();
    };
    rows.iter()
        .map(|row| {
            headers
                .iter()
                .zip(row)
                .filter(|(header, cell)| !header.is_empty() && !cell.is_empty())
                .map(|(header, cell)| (header.clone(), Value::from(cell.as_str())))
                .collect()
        })
        .collect()
}

#[derive(Deserialize)]
struct Filled {
    states: Vec<Moment>,
}

#[derive(Deserialize)]
struct Moment {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    path: String,
    kind: String,
    relevant: bool,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    readonly: bool,
    label: Option<String>,
    value: Option<String>,
    violation: Option<Violation>,
    #[serde(default)]
    choices: Vec<(String, String)>,
}

impl XformsEngine {
    /// As [`Pyxform::start`].
    pub(crate) fn start(home: &Path) -> Result<XformsEngine> {
        Peer::start(Command::new("node").arg(home.join("fill.mjs"))).map(XformsEngine)
    }

    pub(crate) fn fill(&mut self, xml: &str, case: &Case) -> Result<Result<Vec<State>, Refusal>> {
        #[derive(Serialize)]
        struct Asked<'a> {
            xml: &'a str,
            files: &'a BTreeMap<String, String>,
            steps: &'a [Step],
        }
        let Case { files, steps, .. } = case;
        let said: Said<Filled> = self.0.ask(&Asked { xml, files, steps })?;
        Ok(said
            .heard()
            .map(|filled| filled.states.into_iter().map(Moment::state).collect()))
    }
}

impl Moment {
    fn state(self) -> State {
        let asked = |node: &Node| {
            node.relevant && node.value.is_some() && !node.path.starts_with("/data/meta/")
        };
        let nodes = self.nodes.into_iter().filter(asked);
        nodes
            .map(|node| {
                let shown = (node.kind != "model-value").then(|| Shown {
                    label: node.label.unwrap_or_default().trim().to_owned(),
                    required: node.required,
                    read_only: node.readonly,
                    violation: node.violation,
                    choices: node.choices,
                });
                let value = node.value.unwrap_or_default();
                (node.path, Stand { value, shown })
            })
            .collect()
    }
}

struct Peer {
    child: Child,
    asks: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Peer {
    fn start(command: &mut Command) -> Result<Peer> {
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

    fn ask<T: DeserializeOwned>(&mut self, question: &impl Serialize) -> Result<T> {
        serde_json::to_writer(&mut self.asks, question)?;
        self.asks.write_all(b"\n")?;
        self.asks.flush()?;
        let mut answer = String::new();
        self.answers.read_line(&mut answer)?;
        serde_json::from_str(&answer).context("the peer did not answer")
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // It ends with its input, but nobody waits for a peer that hangs.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
