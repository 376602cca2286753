//! Instances of repeats coming and going, and relevance brought into them.

use std::borrow::Cow;

use super::answers::{Row, Slot};
use super::entry::cut;
use super::live::{By, Live};
use crate::context::{mix, mix_text};
use crate::form::schema::{Kind, NodeId, Question, RowId, ScopeId};
use crate::form::{Default as Preset, Form, Switch};

/// The most instances that `repeat_count` may make of one repeat, and of all together.
const MAX_INSTANCES: f64 = 1000.0;
const MAX_ROWS: usize = 20_000;

impl Live {
    pub(super) fn push_row(
        &mut self,
        form: &Form,
        scope: ScopeId,
        parent: RowId,
        id: Box<str>,
    ) -> RowId {
        let schema = &form.schema;
        let row = RowId(self.answers.rows.len() as u32);
        let new_slot = |node: &NodeId| Slot {
            wanted: true,
            required: matches!(form.face(*node).required, Switch::Always),
            closes: matches!(form.face(*node).read_only, Switch::Always),
            closed: self.closed_by(form, scope, parent, *node),
            ..Slot::default()
        };
        let of = schema.scope(scope);
        self.answers.rows.push(Row {
            scope,
            parent,
            id,
            slots: of.slots.iter().map(new_slot).collect(),
            instances: vec![Vec::new(); of.repeats.len()].into(),
            removed: false,
            surplus: false,
            on_pages: vec![0; form.plan.by_scope[scope.index()].len()].into(),
        });
        self.answers.by_scope[scope.index()].push(row);
        if row != RowId::FORM {
            let index = of.index;
            self.answers.row_mut(parent).instances[index].push(row);
        }
        row
    }

    /// How many nodes close a node in a new row of a scope, before the row's own expressions were tried.
    fn closed_by(&self, form: &Form, scope: ScopeId, parent: RowId, node: NodeId) -> u8 {
        let schema = &form.schema;
        let mut closed = 0;
        let mut at = node;
        loop {
            let home = schema.node(at).scope;
            let closes = match form.face(at).read_only {
                Switch::Never => false,
                Switch::Always => true,
                Switch::When(_) if home == scope => false,
                Switch::When(_) => {
                    let row = self.answers.climb(parent, home);
                    row.is_some_and(|row| self.slot(schema, row, at).closes)
                }
            };
            closed += u8::from(closes);
            if at == NodeId::ROOT {
                return closed;
            }
            at = schema.node(at).parent;
        }
    }

    /// Closes a node, or opens it again, with all that stands in it.
    pub(super) fn close(&mut self, form: &Form, row: RowId, node: NodeId, closes: bool) {
        for below in form.schema.subtree(node) {
            let home = form.schema.node(below).scope;
            let mut rows = Vec::new();
            self.answers
                .each_below(&form.schema, row, home, &mut |row| rows.push(row));
            for row in rows {
                self.edit(form, row, below, |slot| {
                    slot.closed = match closes {
                        true => slot.closed + 1,
                        false => slot.closed - 1,
                    };
                });
            }
        }
    }

    /// Makes an instance with the id it had before, and nothing in it.
    pub(crate) fn restore_row(
        &mut self,
        form: &Form,
        scope: ScopeId,
        parent: RowId,
        id: &str,
    ) -> RowId {
        self.push_row(form, scope, parent, id.into())
    }

    /// Makes a new instance with its defaults, ready to be settled.
    pub(crate) fn new_row(&mut self, form: &Form, scope: ScopeId, parent: RowId) -> RowId {
        let index = form.schema.scope(scope).index;
        let place = self.answers.row(parent).instances[index].len();
        let id = self.new_id(scope, parent, place);
        let row = self.push_row(form, scope, parent, id.into());
        self.fill_row(form, row);
        row
    }

    /// Sets what stands in a new row from the start.
    fn fill_row(&mut self, form: &Form, row: RowId) {
        let scope = self.answers.row(row).scope;
        self.plain_defaults(form, row);
        self.note_facts(form, row);
        self.fresh.push(row);
        self.join(form, row);
        self.first_instances(form, row);
        for rule in &form.rules_in[scope.index()] {
            self.schedule(*rule, row);
        }
        self.instances_changed(form, row);
    }

    /// A repeat whose instances are not counted by the form begins with one.
    pub(crate) fn first_instances(&mut self, form: &Form, row: RowId) {
        let scope = self.answers.row(row).scope;
        for inner in &form.schema.scope(scope).repeats {
            if !form.is_counted(form.schema.scope(*inner).node) {
                self.new_row(form, *inner, row);
            }
        }
    }

    /// Notes down in a new instance what a form notes by itself.
    pub(super) fn note_facts(&mut self, form: &Form, row: RowId) {
        let scope = self.answers.row(row).scope;
        for node in &form.schema.scope(scope).slots {
            if let Some(Question::Meta(meta)) = form.schema.question(*node) {
                let text = self.facts.noted(*meta).to_owned();
                self.set(form, row, *node, &text, By::Form);
            }
        }
    }

    pub(crate) fn plain_defaults(&mut self, form: &Form, row: RowId) {
        let scope = self.answers.row(row).scope;
        for node in &form.schema.scope(scope).slots {
            if let Some(Preset::Text(text)) = &form.face(*node).default {
                let text = cut(form.schema.question(*node), Cow::Borrowed(text));
                self.set(form, row, *node, &text, By::Form);
            }
        }
    }

    /// Marks a row for its computed defaults, set once all rules have run.
    pub(crate) fn await_defaults(&mut self, row: RowId) {
        self.fresh.push(row);
    }

    pub(super) fn computed_defaults(&mut self, form: &Form, row: RowId) {
        let scope = self.answers.row(row).scope;
        for node in &form.schema.scope(scope).slots {
            let Some(Preset::Code(code)) = &form.face(*node).default else {
                continue;
            };
            if self.slot(&form.schema, row, *node).is_blank() {
                let text = self.computed(form, row, *node, code).into_owned();
                self.set(form, row, *node, &text, By::Form);
                self.drain(form);
            }
        }
    }

    /// An id of 8 letters and digits that no instance of the repeat has. It follows from the seed,
    /// the repeat and the instance's place, so that it does not matter what was made before.
    fn new_id(&self, scope: ScopeId, parent: RowId, place: usize) -> String {
        const LETTERS: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
        let seed = mix(self.facts.seed, u64::from(scope.0));
        let mut number = mix(mix_text(seed, &self.answers.row(parent).id), place as u64);
        loop {
            let mut rest = number;
            let id: String = (0..8)
                .map(|_| {
                    let letter = LETTERS[(rest % 36) as usize];
                    rest /= 36;
                    char::from(letter)
                })
                .collect();
            let mut others = self.answers.by_scope[scope.index()].iter();
            if !others.any(|row| *self.answers.row(*row).id == *id) {
                return id;
            }
            number = mix(number, 1);
        }
    }

    pub(crate) fn set_removed(&mut self, form: &Form, row: RowId, removed: bool) {
        self.answers.row_mut(row).removed = removed;
        self.join(form, row);
        self.instances_changed(form, row);
    }

    /// Brings relevance into a row whose presence changed.
    pub(crate) fn join(&mut self, form: &Form, row: RowId) {
        let relevant = self.answers.row_is_relevant(&form.schema, row);
        let top = form.schema.scope(self.answers.row(row).scope).node;
        for child in &form.schema.node(top).children {
            self.spread(form, row, *child, relevant);
        }
        self.pages_changed = true;
    }

    fn instances_changed(&mut self, form: &Form, row: RowId) {
        let at = self.answers.row(row);
        let (scope, parent) = (at.scope, at.parent);
        self.touched.push((parent, form.schema.scope(scope).node));
        self.presence_changed(form, &form.instance_readers[scope.index()], parent);
    }

    /// Makes the repeat have so many instances: makes what lacks, and leaves aside what is too
    /// many, with its answers.
    pub(super) fn count(&mut self, form: &Form, row: RowId, node: NodeId, number: f64) {
        let Kind::Repeat(scope) = form.schema.node(node).kind else {
            return;
        };
        let index = form.schema.scope(scope).index;
        let wanted = if number.is_nan() {
            0
        } else {
            number.clamp(0.0, MAX_INSTANCES) as usize
        };
        let instances = self.answers.row(row).instances[index].clone();
        for (place, instance) in instances.iter().enumerate() {
            let surplus = place >= wanted;
            if self.answers.row(*instance).surplus != surplus {
                self.answers.row_mut(*instance).surplus = surplus;
                self.join(form, *instance);
                self.instances_changed(form, *instance);
            }
        }
        for _ in instances.len()..wanted {
            if self.answers.rows.len() < MAX_ROWS {
                self.new_row(form, scope, row);
            }
        }
    }

    /// Brings relevance down from a node whose own expression, or surroundings, changed.
    pub(super) fn spread(&mut self, form: &Form, row: RowId, node: NodeId, above: bool) {
        let schema = &form.schema;
        let slot = self.slot(schema, row, node);
        let relevant = above && slot.wanted;
        if slot.relevant == relevant {
            return;
        }
        self.edit(form, row, node, |slot| slot.relevant = relevant);
        match &schema.node(node).kind {
            Kind::Question(question) => {
                if question.is_visible() {
                    self.count_on_page(form, row, node, relevant);
                }
                self.presence_changed(form, &form.value_readers[node.index()], row);
            }
            Kind::Group => {
                for child in &schema.node(node).children {
                    self.spread(form, row, *child, relevant);
                }
                self.presence_changed(form, &form.value_readers[node.index()], row);
            }
            Kind::Repeat(scope) => {
                self.pages_changed = true;
                let index = schema.scope(*scope).index;
                for instance in self.answers.row(row).instances[index].clone() {
                    self.join(form, instance);
                }
                self.presence_changed(form, &form.instance_readers[scope.index()], row);
            }
        }
    }

    fn count_on_page(&mut self, form: &Form, row: RowId, node: NodeId, comes: bool) {
        let Some(page) = form.plan.page_of[node.index()] else {
            return;
        };
        let on_pages = &mut self.answers.row_mut(row).on_pages;
        let count = &mut on_pages[form.plan.pages[page].local];
        *count = if comes {
            count.saturating_add(1)
        } else {
            count.saturating_sub(1)
        };
        if *count == u32::from(comes) {
            self.pages_changed = true;
        }
    }
}
