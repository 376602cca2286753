//! The differences that are known, each with its reason.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use serde::Deserialize;

#[derive(Deserialize)]
struct List {
    difference: Vec<Difference>,
    conversion: Vec<Difference>,
}

#[derive(Deserialize)]
struct Difference {
    cases: Vec<String>,
}

/// The cases that are known to differ.
pub(crate) struct Known {
    /// In what the engines do.
    pub(crate) filling: BTreeSet<String>,
    /// In what the peer does with the XForms that Ketuk and pyxform make.
    pub(crate) conversion: BTreeSet<String>,
}

pub(crate) fn cases() -> Result<Known> {
    let list: List =
        toml::from_str(include_str!("../differences.toml")).context("differences.toml")?;
    let cases = |differences: Vec<Difference>| {
        let cases = differences
            .into_iter()
            .flat_map(|difference| difference.cases);
        cases.collect()
    };
    Ok(Known {
        filling: cases(list.difference),
        conversion: cases(list.conversion),
    })
}
