//! pyxform, which says what is a legal form and makes the XForm of it.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use anyhow::Result;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::case::Sheet;
use crate::peer::{Peer, Refusal};

/// Converts forms.
pub struct Pyxform(Peer);

/// An XForm.
#[derive(Deserialize)]
pub struct Converted {
    /// Its text.
    pub xml: String,
}

impl Pyxform {
    /// `home` has what `cargo xtask` installed for the oracles.
    ///
    /// # Errors
    /// If it can't be started.
    pub fn start(home: &Path) -> Result<Pyxform> {
        let mut python = Command::new(home.join("python/bin/python"));
        Peer::start(python.args(["-c", include_str!("../drivers/convert.py")])).map(Pyxform)
    }

    /// The XForm of a workbook.
    ///
    /// # Errors
    /// If pyxform has gone.
    pub fn convert(&mut self, sheets: &[Sheet]) -> Result<Result<Converted, Refusal>> {
        #[derive(Serialize)]
        struct Asked {
            sheets: BTreeMap<String, Vec<Map<String, Value>>>,
        }
        let mut asked = BTreeMap::new();
        for sheet in sheets {
            asked.insert(sheet.name.clone(), rows(sheet));
            asked.insert(format!("{}_header", sheet.name), vec![headers(sheet)]);
        }
        self.0.ask(&Asked { sheets: asked })
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
