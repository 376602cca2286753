//! Rules at work: all of them in order, or those that wait.

use std::borrow::Cow;

use super::entry::{Entry, cut};
use super::live::{By, Live, Phase};
use crate::expr::code::Code;
use crate::expr::eval::At;
use crate::expr::value::{Node, Value};
use crate::form::schema::{ListId, NodeId, Question, RowId};
use crate::form::{Form, RuleKind, Switch};

/// How many times more often than once for each rule and row rules may run for one change, before
/// instances that keep changing each other are left as they are.
const PATIENCE: usize = 8;

/// What answers were loaded from, before all rules are run: it says which calculated ones are right as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Loaded {
    /// Nothing, another visit or several documents: all is calculated.
    Anew,
    /// A draft of this form, which says what was typed over a calculation.
    Draft,
    /// A finished document, which doesn't: what can be typed over is taken as typed.
    Document,
}

impl Live {
    /// Runs all rules once in order, as for answers that were just loaded.
    pub(crate) fn sweep(&mut self, form: &Form, from: Loaded) {
        self.loaded = Some(from);
        for index in 0..form.rules.len() {
            let rule = form.rules[index];
            self.phase = Phase::Sweeping(index as u32);
            let triggered = rule.kind == RuleKind::Calculate && form.face(rule.node).triggered;
            if triggered || rule.kind == RuleKind::Words {
                continue;
            }
            let home = form.home(rule.node);
            let mut at = 0;
            while let Some(row) = self.answers.by_scope[home.index()].get(at).copied() {
                self.run(form, rule.kind, row, rule.node);
                at += 1;
            }
        }
        self.phase = Phase::Settled;
        self.settle(form);
        self.loaded = None;
    }

    /// Whether a calculated answer is being loaded, and not to be calculated anew.
    fn is_settled(&self, form: &Form, row: RowId, node: NodeId) -> bool {
        let Some(from) = self.loaded else {
            return false;
        };
        let (slot, face) = (self.slot(&form.schema, row, node), form.face(node));
        let can_be_typed = || {
            let question = form.schema.question(node);
            question.is_some_and(Question::is_visible) && !matches!(face.read_only, Switch::Always)
        };
        // What a cumulative one was made of is in it already.
        let is_made = face.cumulative && (from != Loaded::Anew || !slot.entry.is_blank());
        slot.by_hand || is_made || (from == Loaded::Document && can_be_typed())
    }

    /// Evaluates again what waits for it.
    pub(crate) fn settle(&mut self, form: &Form) {
        self.drain(form);
        while !self.fresh.is_empty() {
            for row in std::mem::take(&mut self.fresh) {
                self.computed_defaults(form, row);
            }
        }
    }

    pub(super) fn drain(&mut self, form: &Form) {
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
                let Some(code) = &face.calculation else {
                    return;
                };
                if self.is_settled(form, row, node) {
                    return;
                }
                let text = self.computed(form, row, node, code);
                let slot = self.slot(&form.schema, row, node);
                if slot.by_hand || *slot.entry.typed() != *text {
                    let text = text.into_owned();
                    self.set(form, row, node, &text, By::Form);
                }
            }
            RuleKind::Fixed => {
                let Some(code) = &face.fixed else { return };
                let Some(question) = form.schema.question(node) else {
                    return;
                };
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
                let Switch::When(code) = &face.read_only else {
                    return;
                };
                let closes = self.world(form).truth(code, at);
                if self.slot(&form.schema, row, node).closes != closes {
                    self.slot_mut(&form.schema, row, node).closes = closes;
                    self.close(form, row, node, closes);
                }
            }
            RuleKind::Required => {
                let Switch::When(code) = &face.required else {
                    return;
                };
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
                let warned =
                    self.is_checked(form, row, node) && !self.world(form).truth(&check.code, at);
                if self.slot(&form.schema, row, node).warned != warned {
                    self.edit(form, row, node, |slot| slot.warned = warned);
                }
            }
            RuleKind::Words => self.touched.push((row, node)),
        }
    }

    /// A computed text; what is no number is no answer.
    pub(super) fn computed<'a>(
        &'a self,
        form: &'a Form,
        row: RowId,
        node: NodeId,
        code: &'a Code,
    ) -> Cow<'a, str> {
        let world = self.world(form);
        match world.value(code, At::question(row, node)) {
            Value::Number(number) if number.is_nan() => Cow::Borrowed(""),
            value => cut(form.schema.question(node), world.value_text(value)),
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
        let first = checks
            .iter()
            .position(|check| !world.truth(&check.code, at));
        first.map_or(0, |index| index as u8 + 1)
    }

    /// Whether any chosen code is filtered out of the choices.
    fn unlisted(&self, form: &Form, row: RowId, node: NodeId) -> bool {
        let slot = self.slot(&form.schema, row, node);
        let Some(question) = form.schema.question(node) else {
            return false;
        };
        let Some(list) = question.list().filter(|_| !slot.value().is_empty()) else {
            return false;
        };
        if let Some(answers) = &form.face(node).answers {
            let given = self.given(form, row, node, answers);
            let is_given = |code: &str| given.iter().any(|text| text == code);
            return match question {
                Question::One(_) => !is_given(slot.value()),
                _ => !slot.value().split(' ').all(is_given),
            };
        }
        let offered = |code: &str| {
            let mut places = form.schema.list(list).places(code).iter();
            places.any(|place| self.is_offered(form, row, node, list, *place))
        };
        match question {
            Question::One(_) => !offered(slot.value()),
            _ => !slot.value().split(' ').all(offered),
        }
    }

    /// The texts of the answers that are a question's choices.
    pub(crate) fn given<'a>(
        &'a self,
        form: &'a Form,
        row: RowId,
        node: NodeId,
        answers: &'a Code,
    ) -> Vec<Cow<'a, str>> {
        let world = self.world(form);
        let nodes = world.nodes(answers, At::question(row, node));
        nodes.iter().map(|node| world.node_text(*node)).collect()
    }

    /// Whether a choice passes the question's filter.
    fn is_offered(&self, form: &Form, row: RowId, node: NodeId, list: ListId, place: u32) -> bool {
        let Some(filter) = &form.face(node).filter else {
            return true;
        };
        let at = At {
            current: (row, node),
            node: Node::Item(list, place),
            position: place as usize + 1,
            size: 1,
        };
        self.world(form).truth(filter, at)
    }

    /// The places of the choices that pass the question's filter, in the order of the list.
    pub(crate) fn offered(&self, form: &Form, row: RowId, node: NodeId, list: ListId) -> Vec<u32> {
        let all = 0..form.schema.list(list).len();
        let Some(filter) = &form.face(node).filter else {
            return all.collect();
        };
        let at = At::question(row, node);
        let passes = |place: &u32| self.is_offered(form, row, node, list, *place);
        match self.world(form).candidates(list, filter, at) {
            Some(candidates) => candidates.iter().copied().filter(passes).collect(),
            None => all.filter(passes).collect(),
        }
    }
}
