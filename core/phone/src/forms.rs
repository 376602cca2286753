//! Questionnaires: from the bytes that the server sends to forms that can be filled.

use std::sync::{Arc, Mutex, PoisonError};

use ketuk_form::{Form, Shell, Workbook};
use ketuk_wire::Sha256;

use crate::error::{Error, Result};
use crate::store::Store;

/// The compiled questionnaires. Two are kept: that of the campaign, and an older one that a draft
/// may still be written in.
pub(crate) struct Forms {
    store: Arc<Store>,
    compiled: Mutex<Vec<(Sha256, Arc<Form>)>>,
}

const KEPT: usize = 2;

impl Forms {
    pub(crate) fn new(store: Arc<Store>) -> Forms {
        Forms {
            store,
            compiled: Mutex::new(Vec::new()),
        }
    }

    /// The questionnaire in use.
    pub(crate) fn current(&self) -> Result<(Sha256, Arc<Form>)> {
        let sha256 = self.store.current_form()?.ok_or(Error::NoForm)?;
        Ok((sha256, self.get(sha256)?))
    }

    /// The questionnaire with this digest.
    pub(crate) fn get(&self, sha256: Sha256) -> Result<Arc<Form>> {
        let mut compiled = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, form)) = compiled.iter().find(|(known, _)| *known == sha256) {
            return Ok(Arc::clone(form));
        }
        let bytes = self.store.form_bytes(sha256)?.ok_or(Error::NoForm)?;
        let form = Arc::new(compile(&bytes)?);
        if compiled.len() >= KEPT {
            compiled.remove(0);
        }
        compiled.push((sha256, Arc::clone(&form)));
        Ok(form)
    }
}

/// What the app can't show yet. The server refuses a questionnaire that asks for it; one that came all the same, from
/// a server newer than this app, is not used here.
const APP: Shell<'_> = Shell {
    name: "the app",
    lacks: ketuk_wire::NOT_ON_PHONES,
};

pub(crate) fn compile(bytes: &[u8]) -> std::result::Result<Form, ketuk_form::Error> {
    let workbook = Workbook::from_bytes(bytes)?;
    Ok(Form::compile_for(&workbook, APP)?)
}

/// Whether this app can fill the questionnaire.
pub(crate) fn usable(bytes: &[u8]) -> bool {
    compile(bytes).is_ok()
}
