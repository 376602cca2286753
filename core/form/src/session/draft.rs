//! A form half filled, to be saved at every answer and taken up again where it was left.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::audit::Event;
use super::document::{Dropped, Misfit};
use super::live::{By, Live};
use super::pages::PageRef;
use crate::form::Form;
use crate::form::schema::{Kind, NodeId, RowId, ScopeId};

/// Everything that was typed, also what is irrelevant or wrong; where she was; what she confirmed.
/// Serialise it as you like: JSON of it is about as long as the document. It borrows from its session, and
/// owns all once it was read back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft<'a> {
    /// The form's id.
    pub form: Cow<'a, str>,
    /// The form's version when it was saved.
    pub version: Cow<'a, str>,
    /// The language it was filled in.
    pub language: Cow<'a, str>,
    /// The page she was on.
    pub page: PageRef,
    /// Pages that were left once.
    pub seen: Vec<PageRef>,
    pub(crate) seed: u64,
    pub(crate) rows: Vec<DraftRow<'a>>,
    /// The client audit log so far, for forms that ask for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) audit: Vec<Event<'a>>,
}

/// The answers of the form itself (the first) or of one instance of a repeat.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DraftRow<'a> {
    /// The repeat's path without ids, and the instance's own id; empty for the form itself.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    repeat: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "str::is_empty")]
    id: Cow<'a, str>,
    /// The place among the rows of the one it hangs in.
    #[serde(default, skip_serializing_if = "is_zero")]
    parent: usize,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    removed: bool,
    /// By path within the row: what was typed.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    answers: BTreeMap<Cow<'a, str>, Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    notes: BTreeMap<Cow<'a, str>, Cow<'a, str>>,
    /// Paths of answers of the last visit that are not confirmed yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    prior: Vec<Cow<'a, str>>,
    /// Paths of answers typed over a calculation, or taken back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    by_hand: Vec<Cow<'a, str>>,
}

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "the shape that serde calls"
)]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

pub(crate) fn rows<'a>(form: &'a Form, live: &'a Live) -> Vec<DraftRow<'a>> {
    let ids = (0..live.answers.rows.len() as u32).map(RowId);
    ids.map(|id| row(form, live, id)).collect()
}

fn row<'a>(form: &'a Form, live: &'a Live, id: RowId) -> DraftRow<'a> {
    let row = live.answers.row(id);
    let repeat = form.schema.scope(row.scope).node;
    let mut draft = DraftRow {
        repeat: (&*form.schema.node(repeat).path).into(),
        id: (&*row.id).into(),
        parent: row.parent.index(),
        removed: row.removed,
        ..DraftRow::default()
    };
    for node in &form.schema.scope(row.scope).slots {
        let slot = live.slot(&form.schema, id, *node);
        let note = live.notes.get(&(id, *node));
        // A calculated answer that was taken back is blank by hand.
        if slot.entry.is_blank() && note.is_none() && !slot.by_hand {
            continue;
        }
        let path = within(form, repeat, *node);
        if slot.prior {
            draft.prior.push(path.into());
        }
        if slot.by_hand {
            draft.by_hand.push(path.into());
        }
        if let Some(note) = note {
            draft.notes.insert(path.into(), note.into());
        }
        if !slot.entry.is_blank() {
            let typed = slot.entry.typed();
            draft.answers.insert(path.into(), typed.into());
        }
    }
    draft
}

/// The path of a node below its repeat.
fn within(form: &Form, repeat: NodeId, node: NodeId) -> &str {
    let path = &form.schema.node(node).path;
    let above = form.schema.node(repeat).path.len();
    path.get(if above == 0 { 0 } else { above + 1 }..)
        .unwrap_or_default()
}

/// Puts the rows of a draft into blank answers. What the form no longer has is named.
pub(crate) fn restore(form: &Form, live: &mut Live, rows: &[DraftRow<'_>]) -> Vec<Dropped> {
    let mut dropped = Vec::new();
    // The rows made so far, by their place in the draft; none where the form lost the repeat.
    let mut made: Vec<Option<RowId>> = Vec::with_capacity(rows.len());
    for (index, row) in rows.iter().enumerate() {
        let id = if index == 0 {
            Some(RowId::FORM)
        } else {
            instance(form, live, &made, row)
        };
        made.push(id);
        match id {
            Some(id) => fill(form, live, id, row, &mut dropped),
            None => dropped.push(Dropped {
                path: format!("{}[{}]", row.repeat, row.id),
                why: Misfit::Unknown,
            }),
        }
    }
    dropped
}

fn instance(
    form: &Form,
    live: &mut Live,
    made: &[Option<RowId>],
    row: &DraftRow<'_>,
) -> Option<RowId> {
    let scope: ScopeId = match form.schema.node(form.schema.find(&row.repeat)?).kind {
        Kind::Repeat(scope) => scope,
        _ => return None,
    };
    let parent = (*made.get(row.parent)?)?;
    if form.schema.scope(scope).parent != Some(live.answers.row(parent).scope) {
        return None;
    }
    let id = live.restore_row(form, scope, parent, &row.id);
    live.answers.row_mut(id).removed = row.removed;
    Some(id)
}

fn fill(form: &Form, live: &mut Live, id: RowId, row: &DraftRow<'_>, dropped: &mut Vec<Dropped>) {
    let repeat = form.schema.scope(live.answers.row(id).scope).node;
    let above = &form.schema.node(repeat).path;
    let node_at = |path: &str| {
        let whole = if above.is_empty() {
            path.to_owned()
        } else {
            format!("{above}/{path}")
        };
        let node = form.schema.find(&whole)?;
        (*form.schema.node(node).path == *whole).then_some(node)
    };
    for (path, typed) in &row.answers {
        let Some(node) = node_at(path).filter(|node| form.schema.question(*node).is_some()) else {
            dropped.push(Dropped {
                path: path.to_string(),
                why: Misfit::Unknown,
            });
            continue;
        };
        let by = if row.prior.contains(path) {
            By::LastVisit
        } else if row.by_hand.contains(path) {
            By::Hand
        } else {
            By::Form
        };
        live.set(form, id, node, typed, by);
    }
    for path in &row.by_hand {
        if let Some(node) = node_at(path).filter(|_| !row.answers.contains_key(path)) {
            live.set(form, id, node, "", By::Hand);
        }
    }
    for (path, text) in &row.notes {
        if let Some(node) = node_at(path) {
            live.set_note(form, id, node, text);
        }
    }
}
