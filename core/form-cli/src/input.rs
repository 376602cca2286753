//! What is read.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use ketuk_form::{Form, Workbook};
use serde_json::Value;

/// A form that can run.
pub(crate) fn form(file: &Path) -> Result<Form> {
    Ok(Form::compile(&Workbook::open(file)?)?)
}

/// The name of the language that is wanted, or of the form's first.
pub(crate) fn language<'f>(form: &'f Form, wanted: Option<&str>) -> Result<&'f str> {
    let languages = form.languages();
    let found = languages.iter().find(|language| match wanted {
        Some(wanted) => language.name == wanted || language.code.as_deref() == Some(wanted),
        None => true,
    });
    match found {
        Some(language) => Ok(&language.name),
        None => {
            let known: Vec<&str> = languages.iter().map(|language| &*language.name).collect();
            bail!("the form is in {}", known.join(", "));
        }
    }
}

/// A JSON file.
pub(crate) fn json(file: &Path) -> Result<Value> {
    let bytes = std::fs::read(file).with_context(|| format!("{}", file.display()))?;
    // Where it ends to be JSON is told, and not what stands there.
    serde_json::from_slice(&bytes).with_context(|| format!("{} is no JSON", file.display()))
}
