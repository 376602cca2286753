//! The differences that are known, each with its reason.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use serde::Deserialize;

#[derive(Deserialize)]
struct List {
    difference: Vec<Difference>,
}

#[derive(Deserialize)]
struct Difference {
    cases: Vec<String>,
}

/// The cases in which the engines are known to differ.
pub(crate) fn cases() -> Result<BTreeSet<String>> {
    let list: List =
        toml::from_str(include_str!("../differences.toml")).context("differences.toml")?;
    Ok(list
        .difference
        .into_iter()
        .flat_map(|difference| difference.cases)
        .collect())
}
