//! Answers kept up to date: a change evaluates again only what reads it.
//!
//! Rules are numbered so that each comes after those that settle what it reads. What must be
//! evaluated again waits in order of that number, so every rule runs once for a change, save where
//! instances of one repeat read each other.

use std::collections::{BTreeSet, HashMap};

use super::answers::{Answers, Slot};
use super::entry::Entry;
use super::rules::Loaded;
use crate::context::{Context, Facts};
use crate::expr::eval::World;
use crate::form::schema::{Meta, NodeId, Question, RowId, Schema, ScopeId};
use crate::form::{Form, Reader, Rule, RuleKind};

/// The answers, what follows from them, and what is still to be evaluated.
#[derive(Clone, Debug)]
pub(crate) struct Live {
    pub(crate) answers: Answers,
    pub(crate) facts: Facts,
    pub(crate) notes: HashMap<(RowId, NodeId), String>,
    /// What somebody who looked at the answers says of them. No part of the form's answers.
    pub(crate) comments: HashMap<(RowId, NodeId), String>,
    pub(crate) totals: Totals,
    /// What looks different since it was last asked for.
    pub(crate) touched: Vec<(RowId, NodeId)>,
    /// Whether pages came or went since it was last asked.
    pub(crate) pages_changed: bool,
    /// Rules that wait to be run, with the row to run them in.
    pub(super) dirty: BTreeSet<(u32, u32)>,
    pub(super) phase: Phase,
    /// While all rules are run: what the answers come from.
    pub(super) loaded: Option<Loaded>,
    /// New rows whose computed defaults are still to be set.
    pub(super) fresh: Vec<RowId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Answers are being put in; all rules will be run after that.
    Loading,
    /// All rules are run in order, this one now: those after it come by themselves.
    Sweeping(u32),
    /// What changes is evaluated again.
    Settled,
}

/// Sums over all visible, relevant questions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    pub(crate) required: usize,
    pub(crate) answered: usize,
    pub(crate) hard: usize,
    pub(crate) soft: usize,
}

/// What one question adds to the totals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Status {
    pub(crate) required: bool,
    pub(crate) answered: bool,
    pub(crate) hard: bool,
    pub(crate) soft: bool,
}

/// Who gives an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    Hand,
    Form,
    LastVisit,
}

impl Live {
    /// Blank answers: one row for the form, no instances, nothing evaluated yet.
    pub(crate) fn blank(form: &Form, context: &Context) -> Live {
        let mut live = Live {
            answers: Answers {
                rows: Vec::new(),
                by_scope: vec![Vec::new(); form.schema.scopes.len()],
            },
            facts: Facts::new(form, context),
            notes: HashMap::new(),
            comments: HashMap::new(),
            totals: Totals::default(),
            touched: Vec::new(),
            pages_changed: false,
            dirty: BTreeSet::new(),
            phase: Phase::Loading,
            loaded: None,
            fresh: Vec::new(),
        };
        live.push_row(form, ScopeId::FORM, RowId::FORM, "".into());
        live.slot_mut(&form.schema, RowId::FORM, NodeId::ROOT)
            .relevant = true;
        live
    }

    /// What the context gives: hidden questions by name, and what a form notes down by itself. The
    /// answers already there are kept with `only_missing`.
    pub(crate) fn take_context(&mut self, form: &Form, context: &Context, only_missing: bool) {
        for node in form.schema.ids() {
            let schema_node = form.schema.node(node);
            if schema_node.scope != ScopeId::FORM {
                continue;
            }
            let given = match form.schema.question(node) {
                Some(Question::Hidden) => context
                    .values
                    .get(&*schema_node.name)
                    .map(|text| (text.as_str(), false)),
                Some(Question::Meta(meta)) => {
                    let once = matches!(meta, Meta::Start | Meta::Today | Meta::Untold(_));
                    Some((self.facts.noted(*meta), once))
                }
                _ => None,
            };
            let Some((text, once)) = given else { continue };
            let blank = self.slot(&form.schema, RowId::FORM, node).is_blank();
            if blank || !(once || only_missing) {
                let text = text.to_owned();
                self.set(form, RowId::FORM, node, &text, By::Form);
            }
        }
    }

    pub(crate) fn world<'a>(&'a self, form: &'a Form) -> World<'a> {
        World {
            schema: &form.schema,
            answers: &self.answers,
            facts: &self.facts,
        }
    }

    pub(crate) fn slot(&self, schema: &Schema, row: RowId, node: NodeId) -> &Slot {
        self.answers.slot(schema, row, node)
    }

    pub(super) fn slot_mut(&mut self, schema: &Schema, row: RowId, node: NodeId) -> &mut Slot {
        self.answers.slot_mut(schema, row, node)
    }

    /// Gives a question an answer as typed. What reads it waits for [`Live::settle`].
    pub(crate) fn set(&mut self, form: &Form, row: RowId, node: NodeId, typed: &str, by: By) {
        let Some(question) = form.schema.question(node) else {
            return;
        };
        let entry = Entry::read(&form.schema, question, typed);
        let slot = self.slot(&form.schema, row, node);
        let hand = by == By::Hand && form.face(node).calculation.is_some();
        let prior = by == By::LastVisit && !entry.is_blank();
        if slot.entry == entry && slot.by_hand == hand && slot.prior == prior {
            return;
        }
        let read_differs = slot.fixed.is_none() && slot.entry.value != entry.value;
        if slot.entry != entry {
            self.notes.remove(&(row, node));
        }
        let noted = self.notes.contains_key(&(row, node));
        self.edit(form, row, node, |slot| {
            slot.entry = entry;
            slot.by_hand = hand;
            slot.prior = prior;
            slot.noted = noted;
        });
        if read_differs {
            self.value_changed(form, row, node);
        }
    }

    pub(crate) fn set_note(&mut self, form: &Form, row: RowId, node: NodeId, text: &str) {
        let noted = !text.trim().is_empty();
        if noted {
            self.notes.insert((row, node), text.trim().to_owned());
        } else {
            self.notes.remove(&(row, node));
        }
        self.edit(form, row, node, |slot| slot.noted = noted);
    }

    pub(crate) fn confirm(&mut self, form: &Form, row: RowId, node: NodeId) {
        self.edit(form, row, node, |slot| slot.prior = false);
    }

    /// Changes a slot and keeps the totals.
    pub(super) fn edit(
        &mut self,
        form: &Form,
        row: RowId,
        node: NodeId,
        change: impl FnOnce(&mut Slot),
    ) {
        let before = self.status(form, row, node);
        change(self.slot_mut(&form.schema, row, node));
        let after = self.status(form, row, node);
        if before != after {
            let shift = |total: &mut usize, before: bool, after: bool| {
                *total = *total + usize::from(after) - usize::from(before);
            };
            shift(&mut self.totals.required, before.required, after.required);
            shift(&mut self.totals.answered, before.answered, after.answered);
            shift(&mut self.totals.hard, before.hard, after.hard);
            shift(&mut self.totals.soft, before.soft, after.soft);
        }
        self.touched.push((row, node));
    }

    pub(crate) fn status(&self, form: &Form, row: RowId, node: NodeId) -> Status {
        let Some(question) = form
            .schema
            .question(node)
            .filter(|question| question.is_visible())
        else {
            return Status::default();
        };
        let slot = self.slot(&form.schema, row, node);
        if !slot.relevant {
            return Status::default();
        }
        let blank = slot.is_blank();
        let required = slot.required && slot.closed == 0;
        let hard =
            slot.mistake().is_some() || slot.broken > 0 || slot.unlisted || (required && blank);
        Status {
            required: required && *question != Question::Note,
            answered: required && !blank,
            hard,
            soft: slot.warned && !slot.noted && !hard,
        }
    }

    /// Another answer: what reads it is evaluated again, and what it triggers.
    pub(super) fn value_changed(&mut self, form: &Form, row: RowId, node: NodeId) {
        self.notify(form, &form.value_readers[node.index()], row, true);
    }

    /// Something came or went, with the answer that it has: that triggers nothing.
    pub(super) fn presence_changed(&mut self, form: &Form, readers: &[Reader], row: RowId) {
        self.notify(form, readers, row, false);
    }

    fn notify(&mut self, form: &Form, readers: &[Reader], row: RowId, triggers: bool) {
        for reader in readers {
            let rule = reader.rule;
            let Rule { node, kind } = form.rules[rule as usize];
            if !triggers && kind == RuleKind::Calculate && form.face(node).triggered {
                continue;
            }
            let home = form.home(node);
            if home == self.answers.row(row).scope && home == reader.apex {
                self.schedule(rule, row);
                continue;
            }
            let Some(top) = self.answers.climb(row, reader.apex) else {
                continue;
            };
            let mut rows = Vec::new();
            self.answers
                .each_below(&form.schema, top, home, &mut |row| rows.push(row));
            for row in rows {
                self.schedule(rule, row);
            }
        }
    }

    pub(super) fn schedule(&mut self, rule: u32, row: RowId) {
        let waits = match self.phase {
            Phase::Loading => false,
            Phase::Sweeping(at) => rule <= at,
            Phase::Settled => true,
        };
        if waits {
            self.dirty.insert((rule, row.0));
        }
    }
}
