//! The questionnaires that the server knows.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use bytes::Bytes;
use jiff::Timestamp;
use ketuk_form::{Form, Shell, Workbook};
use ketuk_wire::{FormRef, Role, Sha256};

use crate::Error;
use crate::db::Db;

/// Who is to fill a questionnaire.
const PHONES: Shell<'_> = Shell {
    name: "the app",
    lacks: ketuk_wire::NOT_ON_PHONES,
};

/// A questionnaire, compiled, and the bytes that phones compile it from: a spreadsheet, or a JSON object of its
/// sheets and of the files beside them, `{"survey.csv": "type,name,…", "choices.csv": …, "towns.csv": …}`.
pub(crate) struct Questionnaire {
    pub(crate) name: FormRef,
    pub(crate) form: Form,
    pub(crate) sha256: Sha256,
    pub(crate) bytes: Bytes,
}

/// All that were ever given out: a phone may still send what it filled with an older one.
#[derive(Default)]
pub(crate) struct Forms {
    known: RwLock<Known>,
}

#[derive(Default)]
struct Known {
    by_name: HashMap<FormRef, Arc<Questionnaire>>,
    current: Option<Arc<Questionnaire>>,
}

impl Forms {
    pub(crate) fn load(db: &Db) -> Result<Forms, Error> {
        let rows =
            db.read(|tx| tx.query("SELECT bytes FROM form ORDER BY added_at, version", &[]))?;
        let forms = Forms::default();
        for row in rows {
            forms.know(compile(row.blob(0)?.to_vec())?);
        }
        Ok(forms)
    }

    /// Takes up what another process on the same database was given.
    pub(crate) fn catch_up(&self, db: &Db) -> Result<(), Error> {
        let names = db.read(|tx| {
            tx.query(
                "SELECT id, version, sha256 FROM form ORDER BY added_at, version",
                &[],
            )
        })?;
        for row in names {
            let name = FormRef {
                id: row.text(0)?.to_owned(),
                version: row.text(1)?.to_owned(),
            };
            if self.by_name(&name).is_some() {
                continue;
            }
            let sql = "SELECT bytes FROM form WHERE sha256 = $1";
            let form = db.read(|tx| tx.query_first(sql, &[row.blob(2)?.into()]))?;
            let Some(form) = form else { continue };
            match compile(form.blob(0)?.to_vec()) {
                Ok(questionnaire) => self.know(questionnaire),
                // Of a newer program than this one; it stays unknown here.
                Err(fault) => tracing::warn!(%fault, "a questionnaire could not be taken up"),
            }
        }
        Ok(())
    }

    /// Takes up a questionnaire; from now on phones are given this one.
    ///
    /// # Errors
    /// [`Error::Setup`] with every fault of the workbook, if no visit could be counted by it, or if this
    /// version was given out with other content.
    pub(crate) fn add(&self, db: &Db, bytes: Vec<u8>, now: Timestamp) -> Result<FormRef, Error> {
        let questionnaire = compile(bytes)?;
        // Each visit would be filled to its end, and could then not be finished.
        if questionnaire.form.role(Role::Outcome.name()).is_none() {
            return Err(Error::Setup(
                "the questionnaire: no question has `outcome` in the column ketuk::role, by which a \
                 visit is counted"
                    .into(),
            ));
        }
        if let Some(known) = self.by_name(&questionnaire.name) {
            if known.sha256 == questionnaire.sha256 {
                return Ok(known.name.clone());
            }
            return Err(Error::Setup(format!(
                "the questionnaire {} has a version {} already, with other content: give this one \
                 a new version in the sheet \"settings\"",
                known.name.id, known.name.version
            )));
        }
        db.write(|tx| {
            tx.execute(
                "INSERT INTO form (sha256, id, version, bytes, added_at)
                 VALUES ($1, $2, $3, $4, $5)",
                &[
                    questionnaire.sha256.as_bytes().into(),
                    questionnaire.name.id.as_str().into(),
                    questionnaire.name.version.as_str().into(),
                    questionnaire.bytes.as_ref().into(),
                    now.into(),
                ],
            )
        })?;
        let name = questionnaire.name.clone();
        self.know(questionnaire);
        Ok(name)
    }

    fn know(&self, questionnaire: Questionnaire) {
        let questionnaire = Arc::new(questionnaire);
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known
            .by_name
            .insert(questionnaire.name.clone(), questionnaire.clone());
        known.current = Some(questionnaire);
    }

    pub(crate) fn by_name(&self, name: &FormRef) -> Option<Arc<Questionnaire>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.by_name.get(name).cloned()
    }

    pub(crate) fn by_digest(&self, sha256: Sha256) -> Option<Arc<Questionnaire>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known
            .by_name
            .values()
            .find(|questionnaire| questionnaire.sha256 == sha256)
            .cloned()
    }

    /// The one that phones are to have.
    pub(crate) fn current(&self) -> Option<Arc<Questionnaire>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.current.clone()
    }
}

fn compile(bytes: Vec<u8>) -> Result<Questionnaire, Error> {
    let faulty = |e: &dyn std::fmt::Display| Error::Setup(format!("the questionnaire: {e}"));
    let workbook = Workbook::from_bytes(&bytes).map_err(|e| faulty(&e))?;
    let form = Form::compile_for(&workbook, PHONES).map_err(|e| faulty(&e))?;
    Ok(Questionnaire {
        name: FormRef {
            id: form.id().to_owned(),
            version: form.version().to_owned(),
        },
        form,
        sha256: Sha256::of(&bytes),
        bytes: bytes.into(),
    })
}
