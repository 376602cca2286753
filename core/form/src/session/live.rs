//! Answers kept up to date: a change evaluates again only what reads it.
//!
//! Rules are numbered so that each comes after those that settle what it reads. What must be
//! evaluated again waits in order of that number, so every rule runs once for a change, save where
//! instances of one repeat read each other.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use super::answers::{Answers, Row, Slot};
use super::entry::Entry;
use crate::context::{Context, Facts, mix};
use crate::expr::eval::{At, World};
use crate::expr::value::{Node, Value};
use crate::form::schema::{Kind, Meta, NodeId, Question, RowId, Schema, ScopeId};
use crate::form::{Default as Preset, Form, Reader, RuleKind, Switch};

/// The most instances that `repeat_count` may make.
const MAX_INSTANCES: f64 = 1000.0;

/// How many times more often than once for each rule and row rules may run for one change, before
/// instances that keep changing each other are left as they are.
const PATIENCE: usize = 8;

#[derive(Clone, Debug)]
pub(crate) struct Live {
    pub(crate) answers: Answers,
    pub(crate) facts: Facts,
    pub(crate) notes: HashMap<(RowId, NodeId), String>,
    pub(crate) totals: Totals,
    /// Instances made so far, for the ids of further ones.
    pub(crate) made: u64,
    /// What looks different since it was last asked for.
    pub(crate) touched: Vec<(RowId, NodeId)>,
    /// Whether pages came or went since it was last asked.
    pub(crate) pages_changed: bool,
    dirty: BTreeSet<(u32, u32)>,
    phase: Phase,
    /// New rows whose computed defaults are still to be set.
    fresh: Vec<RowId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
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
            totals: Totals::default(),
            made: 0,
            touched: Vec::new(),
            pages_changed: false,
            dirty: BTreeSet::new(),
            phase: Phase::Loading,
            fresh: Vec::new(),
        };
        live.push_row(form, ScopeId::FORM, RowId::FORM, "".into());
        live.slot_mut(&form.schema, RowId::FORM, NodeId::ROOT).relevant = true;
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
                Some(Question::Hidden) => {
                    context.values.get(&*schema_node.name).map(|text| (text.as_str(), false))
                }
                Some(Question::Meta(meta)) => Some(match meta {
                    Meta::Start => (self.facts.now.as_str(), true),
                    Meta::End => (self.facts.now.as_str(), false),
                    Meta::Today => (self.facts.today.as_str(), true),
                    Meta::DeviceId => (context.device_id.as_str(), false),
                    Meta::Username => (context.username.as_str(), false),
                }),
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
        World { schema: &form.schema, answers: &self.answers, facts: &self.facts }
    }

    pub(crate) fn slot(&self, schema: &Schema, row: RowId, node: NodeId) -> &Slot {
        self.answers.slot(schema, row, node)
    }

    fn slot_mut(&mut self, schema: &Schema, row: RowId, node: NodeId) -> &mut Slot {
        self.answers.slot_mut(schema, row, node)
    }

    // Rows.

    fn push_row(&mut self, form: &Form, scope: ScopeId, parent: RowId, id: Box<str>) -> RowId {
        let schema = &form.schema;
        let row = RowId(self.answers.rows.len() as u32);
        let new_slot = |node: &NodeId| Slot {
            wanted: true,
            required: matches!(form.face(*node).required, Switch::Always),
            read_only: matches!(form.face(*node).read_only, Switch::Always),
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

    /// Makes an instance with the id it had before, and nothing in it.
    pub(crate) fn restore_row(
        &mut self,
        form: &Form,
        scope: ScopeId,
        parent: RowId,
        id: &str,
    ) -> RowId {
        self.made += 1;
        self.push_row(form, scope, parent, id.into())
    }

    /// Makes a new instance with its defaults, ready to be settled.
    pub(crate) fn new_row(&mut self, form: &Form, scope: ScopeId, parent: RowId) -> RowId {
        let id = self.new_id(form, scope, parent);
        let row = self.push_row(form, scope, parent, id.into());
        self.fill_row(form, row);
        row
    }

    /// Sets what stands in a new row from the start.
    fn fill_row(&mut self, form: &Form, row: RowId) {
        let scope = self.answers.row(row).scope;
        self.plain_defaults(form, row);
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

    pub(crate) fn plain_defaults(&mut self, form: &Form, row: RowId) {
        let scope = self.answers.row(row).scope;
        for node in &form.schema.scope(scope).slots {
            if let Some(Preset::Text(text)) = &form.face(*node).default {
                self.set(form, row, *node, text, By::Form);
            }
        }
    }

    /// Marks a row for its computed defaults, set once all rules have run.
    pub(crate) fn await_defaults(&mut self, row: RowId) {
        self.fresh.push(row);
    }

    fn computed_defaults(&mut self, form: &Form, row: RowId) {
        let scope = self.answers.row(row).scope;
        for node in &form.schema.scope(scope).slots {
            let Some(Preset::Code(code)) = &form.face(*node).default else { continue };
            if self.slot(&form.schema, row, *node).is_blank() {
                let text = self.computed(form, row, *node, code).into_owned();
                self.set(form, row, *node, &text, By::Form);
                self.drain(form);
            }
        }
    }

    /// An id of 8 letters and digits that no instance of the form has.
    fn new_id(&mut self, form: &Form, scope: ScopeId, parent: RowId) -> String {
        const LETTERS: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
        let salt = (u64::from(scope.0) << 32) | u64::from(parent.0);
        loop {
            self.made += 1;
            let mut number = mix(self.facts.seed ^ mix(salt, form.rules.len() as u64), self.made);
            let id: String = (0..8)
                .map(|_| {
                    let letter = LETTERS[(number % 36) as usize];
                    number /= 36;
                    char::from(letter)
                })
                .collect();
            if !self.answers.rows.iter().any(|row| *row.id == *id) {
                return id;
            }
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
        self.notify(form, &form.instance_readers[scope.index()], parent);
    }

    // Answers.

    /// Gives a question an answer as typed. What reads it waits for [`Live::settle`].
    pub(crate) fn set(&mut self, form: &Form, row: RowId, node: NodeId, typed: &str, by: By) {
        let Some(question) = form.schema.question(node) else { return };
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
    fn edit(&mut self, form: &Form, row: RowId, node: NodeId, change: impl FnOnce(&mut Slot)) {
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
        let Some(question) = form.schema.question(node).filter(|question| question.is_visible())
        else {
            return Status::default();
        };
        let slot = self.slot(&form.schema, row, node);
        if !slot.relevant {
            return Status::default();
        }
        let blank = slot.is_blank();
        let required = slot.required && !slot.read_only;
        let hard = slot.mistake().is_some()
            || slot.broken > 0
            || slot.unlisted
            || (required && blank);
        Status {
            required: required && *question != Question::Note,
            answered: required && !blank,
            hard,
            soft: slot.warned && !slot.noted && !hard,
        }
    }

    fn value_changed(&mut self, form: &Form, row: RowId, node: NodeId) {
        self.notify(form, &form.value_readers[node.index()], row);
    }

    fn notify(&mut self, form: &Form, readers: &[Reader], row: RowId) {
        for reader in readers {
            let rule = reader.rule;
            let home = form.home(form.rules[rule as usize].node);
            if home == self.answers.row(row).scope && home == reader.apex {
                self.schedule(rule, row);
                continue;
            }
            let Some(top) = self.answers.climb(row, reader.apex) else { continue };
            let mut rows = Vec::new();
            self.answers.each_below(&form.schema, top, home, &mut |row| rows.push(row));
            for row in rows {
                self.schedule(rule, row);
            }
        }
    }

    fn schedule(&mut self, rule: u32, row: RowId) {
        let waits = match self.phase {
            Phase::Loading => false,
            Phase::Sweeping(at) => rule <= at,
            Phase::Settled => true,
        };
        if waits {
            self.dirty.insert((rule, row.0));
        }
    }

    // Evaluation.

    /// Runs all rules once in order, as for answers that were just loaded.
    pub(crate) fn sweep(&mut self, form: &Form) {
        for index in 0..form.rules.len() {
            let rule = form.rules[index];
            self.phase = Phase::Sweeping(index as u32);
            let triggered =
                rule.kind == RuleKind::Calculate && form.face(rule.node).triggered;
            if triggered || rule.kind == RuleKind::Words {
                continue;
            }
            let home = form.home(rule.node);
            let mut at = 0;
            while let Some(row) = self.answers.by_scope[home.index()].get(at).copied() {
                let by_hand = rule.kind == RuleKind::Calculate
                    && self.slot(&form.schema, row, rule.node).by_hand;
                if !by_hand {
                    self.run(form, rule.kind, row, rule.node);
                }
                at += 1;
            }
        }
        self.phase = Phase::Settled;
        self.settle(form);
    }

    /// Evaluates again what waits for it.
    pub(crate) fn settle(&mut self, form: &Form) {
        self.drain(form);
        while !self.fresh.is_empty() {
            let row = self.fresh.remove(0);
            self.computed_defaults(form, row);
        }
    }

    fn drain(&mut self, form: &Form) {
        let mut left = PATIENCE * (form.rules.len() + 1) * self.answers.rows.len();
        while let Some((rule, row)) = self.dirty.pop_first() {
            let rule = form.rules[rule as usize];
            self.run(form, rule.kind, RowId(row), rule.node);
            left -= 1;
            if left == 0 {
                self.dirty.clear();
            }
        }
    }

    pub(crate) fn language_changed(&mut self, form: &Form, language: usize) {
        self.facts.language = language;
        self.facts.tongue = form.tongue(language);
        for rule in &form.language_readers {
            let home = form.home(form.rules[*rule as usize].node);
            for row in self.answers.by_scope[home.index()].clone() {
                self.schedule(*rule, row);
            }
        }
        self.settle(form);
    }

    fn run(&mut self, form: &Form, kind: RuleKind, row: RowId, node: NodeId) {
        let face = form.face(node);
        let at = At::question(row, node);
        match kind {
            RuleKind::Relevant => {
                let Some(code) = &face.relevant else { return };
                let wanted = self.world(form).truth(code, at);
                if self.slot(&form.schema, row, node).wanted != wanted {
                    self.slot_mut(&form.schema, row, node).wanted = wanted;
                    let parent = form.schema.node(node).parent;
                    let above = self.answers.is_relevant(&form.schema, row, parent);
                    self.spread(form, row, node, above);
                }
            }
            RuleKind::Count => {
                let Some(code) = &face.count else { return };
                let number = self.world(form).number(code, at);
                self.count(form, row, node, number);
            }
            RuleKind::Calculate => {
                let Some(code) = &face.calculation else { return };
                let text = self.computed(form, row, node, code);
                if *self.slot(&form.schema, row, node).entry.typed() != *text {
                    let text = text.into_owned();
                    self.set(form, row, node, &text, By::Form);
                }
            }
            RuleKind::Fixed => {
                let Some(code) = &face.fixed else { return };
                let Some(question) = form.schema.question(node) else { return };
                let text = self.computed(form, row, node, code);
                // What is no answer of the question's type fixes nothing.
                let entry = Entry::read(&form.schema, question, &text);
                let fixed = Some(entry.value).filter(|value| !value.is_empty());
                let slot = self.slot(&form.schema, row, node);
                if slot.fixed != fixed {
                    let read_differs =
                        slot.value() != fixed.as_deref().unwrap_or(&slot.entry.value);
                    self.edit(form, row, node, |slot| slot.fixed = fixed);
                    if read_differs {
                        self.value_changed(form, row, node);
                    }
                }
            }
            RuleKind::ReadOnly => {
                let Switch::When(code) = &face.read_only else { return };
                let read_only = self.world(form).truth(code, at);
                if self.slot(&form.schema, row, node).read_only != read_only {
                    self.edit(form, row, node, |slot| slot.read_only = read_only);
                }
            }
            RuleKind::Required => {
                let Switch::When(code) = &face.required else { return };
                let required = self.world(form).truth(code, at);
                if self.slot(&form.schema, row, node).required != required {
                    self.edit(form, row, node, |slot| slot.required = required);
                }
            }
            RuleKind::Choices => {
                let unlisted = self.unlisted(form, row, node);
                if self.slot(&form.schema, row, node).unlisted != unlisted {
                    self.edit(form, row, node, |slot| slot.unlisted = unlisted);
                } else {
                    self.touched.push((row, node));
                }
            }
            RuleKind::Constraint => {
                let broken = self.broken(form, row, node);
                if self.slot(&form.schema, row, node).broken != broken {
                    self.edit(form, row, node, |slot| slot.broken = broken);
                }
            }
            RuleKind::Warning => {
                let Some(check) = &face.warning else { return };
                let warned = self.is_checked(form, row, node)
                    && !self.world(form).truth(&check.code, at);
                if self.slot(&form.schema, row, node).warned != warned {
                    self.edit(form, row, node, |slot| slot.warned = warned);
                }
            }
            RuleKind::Words => self.touched.push((row, node)),
        }
    }

    /// A computed text; what is no number is no answer.
    fn computed<'a>(
        &'a self,
        form: &'a Form,
        row: RowId,
        node: NodeId,
        code: &'a crate::expr::code::Code,
    ) -> Cow<'a, str> {
        let world = self.world(form);
        match world.value(code, At::question(row, node)) {
            Value::Number(number) if number.is_nan() => Cow::Borrowed(""),
            value => world.value_text(value),
        }
    }

    /// Conditions are tried on answers only; on a note, which has none, always.
    fn is_checked(&self, form: &Form, row: RowId, node: NodeId) -> bool {
        let slot = self.slot(&form.schema, row, node);
        slot.relevant
            && (!slot.value().is_empty() || form.schema.question(node) == Some(&Question::Note))
    }

    fn broken(&self, form: &Form, row: RowId, node: NodeId) -> u8 {
        if !self.is_checked(form, row, node) {
            return 0;
        }
        let world = self.world(form);
        let at = At::question(row, node);
        let checks = &form.face(node).constraints;
        let first = checks.iter().position(|check| !world.truth(&check.code, at));
        first.map_or(0, |index| index as u8 + 1)
    }

    /// Whether any chosen code is filtered out of the choices.
    fn unlisted(&self, form: &Form, row: RowId, node: NodeId) -> bool {
        let slot = self.slot(&form.schema, row, node);
        let Some(question) = form.schema.question(node) else { return false };
        let Some(list) = question.list().filter(|_| !slot.value().is_empty()) else {
            return false;
        };
        let offered = |code: &str| {
            let place = form.schema.list(list).by_code.get(code);
            place.is_some_and(|place| self.is_offered(form, row, node, *place))
        };
        match question {
            Question::One(_) => !offered(slot.value()),
            _ => !slot.value().split(' ').all(offered),
        }
    }

    /// Whether a choice passes the question's filter.
    pub(crate) fn is_offered(&self, form: &Form, row: RowId, node: NodeId, choice: u32) -> bool {
        let Some(list) = form.schema.question(node).and_then(|question| question.list()) else {
            return false;
        };
        let Some(filter) = &form.face(node).filter else { return true };
        let item = Node::Item(list, choice);
        let at = At { current: (row, node), node: item, position: choice as usize + 1, size: 1 };
        self.world(form).truth(filter, at)
    }

    /// Makes the repeat have so many instances: makes what lacks, and leaves aside what is too
    /// many, with its answers.
    fn count(&mut self, form: &Form, row: RowId, node: NodeId, number: f64) {
        let Kind::Repeat(scope) = form.schema.node(node).kind else { return };
        let index = form.schema.scope(scope).index;
        let wanted = if number.is_nan() { 0 } else { number.clamp(0.0, MAX_INSTANCES) as usize };
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
            self.new_row(form, scope, row);
        }
    }

    /// Brings relevance down from a node whose own expression, or surroundings, changed.
    fn spread(&mut self, form: &Form, row: RowId, node: NodeId, above: bool) {
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
                self.value_changed(form, row, node);
            }
            Kind::Group => {
                for child in &schema.node(node).children {
                    self.spread(form, row, *child, relevant);
                }
                self.value_changed(form, row, node);
            }
            Kind::Repeat(scope) => {
                self.pages_changed = true;
                let index = schema.scope(*scope).index;
                for instance in self.answers.row(row).instances[index].clone() {
                    self.join(form, instance);
                }
                self.notify(form, &form.instance_readers[scope.index()], row);
            }
        }
    }

    fn count_on_page(&mut self, form: &Form, row: RowId, node: NodeId, comes: bool) {
        let Some(page) = form.plan.page_of[node.index()] else { return };
        let on_pages = &mut self.answers.row_mut(row).on_pages;
        let count = &mut on_pages[form.plan.pages[page].local];
        *count = if comes { *count + 1 } else { count.saturating_sub(1) };
        if *count == u16::from(comes) {
            self.pages_changed = true;
        }
    }
}
