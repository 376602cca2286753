//! @getodk/xforms-engine, which says what a session does.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use ketuk_oracle::case::{Case, Step};
use ketuk_oracle::peer::{Peer, Refusal};
use serde::{Deserialize, Serialize};

use crate::state::{Shown, Stand, State, Violation};

/// Fills forms.
pub(crate) struct XformsEngine(Peer);

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
    /// `home` has what `cargo xtask` installed for the oracles.
    pub(crate) fn start(home: &Path) -> Result<XformsEngine> {
        Peer::of_engine(home, include_str!("../drivers/fill.mjs")).map(XformsEngine)
    }

    pub(crate) fn fill(&mut self, xml: &str, case: &Case) -> Result<Result<Vec<State>, Refusal>> {
        #[derive(Serialize)]
        struct Asked<'a> {
            xml: &'a str,
            files: &'a BTreeMap<String, String>,
            steps: &'a [Step],
        }
        let Case { files, steps, .. } = case;
        let heard: Result<Filled, Refusal> = self.0.ask(&Asked { xml, files, steps })?;
        Ok(heard.map(|filled| filled.states.into_iter().map(Moment::state).collect()))
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
