//! An entry that started from an older revision than the newest, put together with it.

use ketuk_form::Form;
use ketuk_wire::{Op, Summary};
use serde_json::{Map, Value};

use super::check;
use super::rows::REVISION;
use super::store::Batch;
use crate::Error;
use crate::db::{Row, Tx};
use crate::merge::{is_anything_lost, merge};

/// A document of two phones' answers that passes the form's checks.
pub(super) struct Merged {
    pub(super) document: String,
    pub(super) summary: Summary,
}

impl Batch<'_> {
    /// Puts an entry together with its household's newest revision; `None` if a supervisor must
    /// choose between them.
    pub(super) fn put_together(
        &self,
        tx: &mut Tx<'_>,
        op: &Op,
        newest_revision: u64,
    ) -> Result<Option<Merged>, Error> {
        let Some(questionnaire) = self.hub.forms.by_name(&op.form) else {
            return Ok(None);
        };
        // A visit opened again builds on its own entry, even where that was put together with another's
        // in the meantime; else on the newest that is known of what it started from.
        let row = tx.query_first(
            &format!(
                "SELECT (SELECT {REVISION} FROM entry e
                         WHERE e.village = $1 AND e.household = $2 AND e.revision = $3),
                        (SELECT e.document FROM entry e
                         WHERE e.village = $1 AND e.household = $2 AND e.op = $5
                           AND e.revision IS NOT NULL LIMIT 1),
                        (SELECT {REVISION} FROM entry e
                         WHERE e.village = $1 AND e.household = $2 AND e.revision <= $4
                         ORDER BY e.revision DESC LIMIT 1),
                        (SELECT l.document FROM last_year l
                         WHERE l.village = $1 AND l.household = $2)"
            ),
            &[
                self.village.into(),
                (&op.household).into(),
                newest_revision.into(),
                op.base.into(),
                op.follows.into(),
            ],
        )?;
        let Some(row) = row else { return Ok(None) };
        let [newest, own, older, last_year] = [0, 1, 2, 3].map(|at| row.opt(at, Row::text));
        let (form, own) = (&questionnaire.form, own?);
        // What it started from instead of the newest, nobody here knows.
        if own.is_none() && op.base > newest_revision {
            return Ok(None);
        }
        let base = match own.or(older?) {
            Some(base) => read(base),
            None => last_year?.and_then(read).map(|last| form.carried(&last)),
        };
        let base = base.unwrap_or_else(|| Value::Object(Map::new()));
        Ok(newest?.and_then(|newest| put_together(form, op, &base, &read(newest)?)))
    }
}

fn read(document: &str) -> Option<Value> {
    serde_json::from_str(document).ok()
}

fn put_together(form: &Form, op: &Op, base: &Value, newest: &Value) -> Option<Merged> {
    let sent = read(op.document.get())?;
    let is_own = |path: &str| form.answers_itself(path);
    let merged = merge(base, newest, &sent, &is_own).ok()?;
    let (document, dropped) = form.settle(&merged, &check::context(op));
    let settled = read(document.as_str())?;
    // Where an answer of the one made what the other changed not apply, nothing must go in silence.
    if !dropped.is_empty() || is_anything_lost(base, &merged, &settled, &is_own) {
        return None;
    }
    let summary = check::read(form, &settled, op)?;
    Some(Merged {
        document: document.into_string(),
        summary,
    })
}
