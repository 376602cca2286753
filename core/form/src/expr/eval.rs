//! Code to a value, over the answers as they stand.

use std::borrow::Cow;

use jiff::tz::Offset;

use super::ast::Op;
use super::code::{Code, Origin, Target};
use super::functions::Function;
use super::value::{Node, Nodes, Value, number_text, text_number};
use crate::context::Facts;
use crate::form::find;
use crate::form::list::{Labels, List};
use crate::form::schema::{ListId, NodeId, RowId, Schema, ScopeId};
use crate::form::texts::{Part, Text};
use crate::session::answers::Answers;

/// All that an expression can see.
#[derive(Clone, Copy)]
pub(crate) struct World<'a> {
    pub(crate) schema: &'a Schema,
    pub(crate) answers: &'a Answers,
    pub(crate) facts: &'a Facts,
}

/// Where an expression is evaluated.
#[derive(Clone, Copy)]
pub(crate) struct At {
    /// The question that the expression belongs to.
    pub(crate) current: (RowId, NodeId),
    pub(crate) node: Node,
    /// Among the nodes that a predicate is tried on, from 1.
    pub(crate) position: usize,
    pub(crate) size: usize,
}

impl At {
    pub(crate) fn question(row: RowId, node: NodeId) -> At {
        At {
            current: (row, node),
            node: Node::Answer(row, node),
            position: 1,
            size: 1,
        }
    }
}

impl<'a> World<'a> {
    pub(crate) fn value(&self, code: &'a Code, at: At) -> Value<'a> {
        match code {
            Code::Number(number) => Value::Number(*number),
            Code::Text(text) => Value::Text(Cow::Borrowed(text)),
            Code::Negate(inner) => Value::Number(-self.number(inner, at)),
            Code::Binary(op, sides) => self.binary(*op, &sides.0, &sides.1, at),
            Code::Call(function, arguments) => self.call(*function, arguments, at),
            Code::Matches(value, regex) => Value::Bool(regex.is_match(&self.text(value, at))),
            Code::ChoiceName(value, question) => Value::Text(Cow::Owned(self.choice_name(
                &self.text(value, at),
                *question,
                at,
            ))),
            Code::LastSaved(question) => {
                let path = &self.schema.node(*question).path;
                let document = self.facts.last_saved.as_ref();
                Value::from(
                    document
                        .and_then(|document| find(document, path))
                        .unwrap_or_default(),
                )
            }
            Code::PullData(pull) => {
                let rows = &self.schema.list(pull.list).rows;
                let found = rows
                    .places(pull.key_column, &self.text(&pull.key, at))
                    .first();
                Value::from(found.map_or("", |row| rows.cell(*row, pull.column)))
            }
            // One question that doesn't apply is as one without an answer: `${name} = ''` holds.
            Code::Answer(target) if self.single(target, at) == Some(None) => Value::from(""),
            Code::Here
            | Code::Current
            | Code::Answer(_)
            | Code::IndexedRepeat(..)
            | Code::Path(_)
            | Code::List(_) => Value::Nodes(self.nodes(code, at)),
        }
    }

    pub(crate) fn text(&self, code: &'a Code, at: At) -> Cow<'a, str> {
        match code {
            Code::Here => self.node_text(at.node),
            Code::Answer(target) => match self.single(target, at) {
                Some(found) => found.map_or(Cow::Borrowed(""), |node| self.node_text(node)),
                None => self.value_text(self.value(code, at)),
            },
            _ => self.value_text(self.value(code, at)),
        }
    }

    pub(crate) fn number(&self, code: &'a Code, at: At) -> f64 {
        match code {
            Code::Number(number) => *number,
            Code::Here | Code::Answer(_) => self.text_number(&self.text(code, at)),
            _ => self.value_number(self.value(code, at)),
        }
    }

    pub(crate) fn truth(&self, code: &'a Code, at: At) -> bool {
        match self.value(code, at) {
            Value::Bool(truth) => truth,
            Value::Number(number) => number != 0.0 && !number.is_nan(),
            Value::Text(text) => !text.is_empty(),
            Value::Nodes(nodes) => !nodes.is_empty(),
        }
    }

    pub(crate) fn value_text(&self, value: Value<'a>) -> Cow<'a, str> {
        match value {
            Value::Text(text) => text,
            Value::Number(number) => Cow::Owned(number_text(number)),
            Value::Bool(truth) => Cow::Borrowed(if truth { "true" } else { "false" }),
            Value::Nodes(nodes) => nodes
                .first()
                .map_or(Cow::Borrowed(""), |node| self.node_text(*node)),
        }
    }

    pub(crate) fn value_number(&self, value: Value<'a>) -> f64 {
        match value {
            Value::Number(number) => number,
            Value::Bool(truth) => f64::from(u8::from(truth)),
            other => self.text_number(&self.value_text(other)),
        }
    }

    pub(crate) fn text_number(&self, text: &str) -> f64 {
        text_number(text, self.offset())
    }

    pub(crate) fn offset(&self) -> Offset {
        self.facts.offset
    }

    fn binary(&self, op: Op, left: &'a Code, right: &'a Code, at: At) -> Value<'a> {
        let arithmetic = |apply: fn(f64, f64) -> f64| {
            Value::Number(apply(self.number(left, at), self.number(right, at)))
        };
        match op {
            Op::Or => Value::Bool(self.truth(left, at) || self.truth(right, at)),
            Op::And => Value::Bool(self.truth(left, at) && self.truth(right, at)),
            Op::Add => arithmetic(|a, b| a + b),
            Op::Subtract => arithmetic(|a, b| a - b),
            Op::Multiply => arithmetic(|a, b| a * b),
            Op::Divide => arithmetic(|a, b| a / b),
            Op::Modulo => arithmetic(|a, b| a % b),
            Op::Union => {
                let mut nodes = self.nodes(left, at);
                for node in self.nodes(right, at) {
                    if !nodes.contains(&node) {
                        nodes.push(node);
                    }
                }
                nodes.sort_by_key(|node| self.order(*node));
                Value::Nodes(nodes)
            }
            Op::Equal
            | Op::NotEqual
            | Op::Less
            | Op::LessOrEqual
            | Op::Greater
            | Op::GreaterOrEqual => {
                Value::Bool(self.compare(op, self.value(left, at), self.value(right, at)))
            }
        }
    }

    /// XPath 1.0, section 3.4: nodes compare as true when any of them does. Whether a truth is less or more than they
    /// are is reckoned with what they say, as JavaRosa does, not with their being there.
    fn compare(&self, op: Op, left: Value<'a>, right: Value<'a>) -> bool {
        let equates = matches!(op, Op::Equal | Op::NotEqual);
        match (left, right) {
            (Value::Nodes(nodes), Value::Bool(truth))
            | (Value::Bool(truth), Value::Nodes(nodes))
                if equates =>
            {
                self.compare_plain(op, Value::Bool(!nodes.is_empty()), Value::Bool(truth))
            }
            (Value::Nodes(nodes), right) => nodes
                .iter()
                .any(|node| self.compare(op, Value::Text(self.node_text(*node)), right.clone())),
            (left, Value::Nodes(nodes)) => nodes.iter().any(|node| {
                self.compare_plain(op, left.clone(), Value::Text(self.node_text(*node)))
            }),
            (left, right) => self.compare_plain(op, left, right),
        }
    }

    fn compare_plain(&self, op: Op, left: Value<'a>, right: Value<'a>) -> bool {
        if matches!(op, Op::Equal | Op::NotEqual) {
            let equal = match (&left, &right) {
                (Value::Bool(_), _) | (_, Value::Bool(_)) => {
                    self.plain_truth(&left) == self.plain_truth(&right)
                }
                (Value::Number(_), _) | (_, Value::Number(_)) => {
                    self.value_number(left) == self.value_number(right)
                }
                _ => self.value_text(left) == self.value_text(right),
            };
            return equal == (op == Op::Equal);
        }
        let (left, right) = (self.value_number(left), self.value_number(right));
        match op {
            Op::Less => left < right,
            Op::LessOrEqual => left <= right,
            Op::Greater => left > right,
            _ => left >= right,
        }
    }

    fn plain_truth(&self, value: &Value<'a>) -> bool {
        match value {
            Value::Bool(truth) => *truth,
            Value::Number(number) => *number != 0.0 && !number.is_nan(),
            Value::Text(text) => !text.is_empty(),
            Value::Nodes(nodes) => !nodes.is_empty(),
        }
    }

    /// The nodes that a part yields; none for parts that yield other values.
    pub(crate) fn nodes(&self, code: &'a Code, at: At) -> Nodes {
        let mut nodes = Nodes::new();
        match code {
            Code::Here if self.exists(at.node) => nodes.push(at.node),
            Code::Current => {
                let node = Node::Answer(at.current.0, at.current.1);
                if self.exists(node) {
                    nodes.push(node);
                }
            }
            Code::Answer(target) => self.reach(target, at, &mut nodes),
            Code::IndexedRepeat(target, indices) => {
                self.indexed(target, indices, at, &mut nodes);
            }
            Code::List(list) => nodes.push(Node::List(*list)),
            Code::Path(path) => nodes = self.path(path, at),
            Code::Binary(Op::Union, _) | Code::Call(Function::Randomize, _) => {
                if let Value::Nodes(joined) = self.value(code, at) {
                    nodes = joined;
                }
            }
            _ => {}
        }
        nodes
    }

    fn origin_row(&self, target: &Target, at: At) -> RowId {
        match (target.origin, at.node) {
            (Origin::Context, Node::Answer(row, _)) => row,
            _ => at.current.0,
        }
    }

    /// The one node a target can mean, if it can mean no more than one: `Some(None)` when that
    /// node is not there.
    fn single(&self, target: &Target, at: At) -> Option<Option<Node>> {
        if self.schema.row_scope(target.node) != target.apex {
            return None;
        }
        let row = self.answers.climb(self.origin_row(target, at), target.apex);
        Some(
            row.map(|row| Node::Answer(row, target.node))
                .filter(|node| self.exists(*node)),
        )
    }

    fn reach(&self, target: &Target, at: At, nodes: &mut Nodes) {
        let Some(top) = self.answers.climb(self.origin_row(target, at), target.apex) else {
            return;
        };
        self.answers.each_below(
            self.schema,
            top,
            self.schema.row_scope(target.node),
            &mut |row| {
                let node = Node::Answer(row, target.node);
                if self.exists(node) {
                    nodes.push(node);
                }
            },
        );
    }

    fn indexed(&self, target: &Target, indices: &'a [(ScopeId, Code)], at: At, nodes: &mut Nodes) {
        let Some(top) = self.answers.climb(at.current.0, target.apex) else {
            return;
        };
        let mut rows: Nodes = Nodes::new();
        rows.push(Node::Answer(top, target.node));
        let goal = self.schema.row_scope(target.node);
        let mut scope = target.apex;
        while let Some(next) = self.schema.next_down(scope, goal) {
            let index = indices.iter().find(|(indexed, _)| *indexed == next);
            let index = index.map(|(_, code)| self.number(code, at));
            let own = self.answers.climb(at.current.0, next);
            let mut below = Nodes::new();
            for node in &rows {
                let Node::Answer(row, _) = *node else {
                    continue;
                };
                let mut present = self.answers.present(self.schema, row, next);
                let mut take = |row| below.push(Node::Answer(row, target.node));
                match index {
                    Some(index) if index >= 1.0 => {
                        present.nth(index as usize - 1).into_iter().for_each(take);
                    }
                    Some(_) => {}
                    None => match own.filter(|own| self.answers.row(*own).parent == row) {
                        Some(own) => take(own),
                        None => present.for_each(take),
                    },
                }
            }
            rows = below;
            scope = next;
        }
        nodes.extend(rows.into_iter().filter(|node| self.exists(*node)));
    }

    pub(super) fn exists(&self, node: Node) -> bool {
        match node {
            Node::Answer(row, node) => self.answers.is_relevant(self.schema, row, node),
            _ => true,
        }
    }

    pub(crate) fn node_text(&self, node: Node) -> Cow<'a, str> {
        let (answers, schema) = (self.answers, self.schema);
        match node {
            Node::Answer(row, id) => {
                if schema.question(id).is_some() {
                    return Cow::Borrowed(answers.slot(schema, row, id).value());
                }
                self.all_text(node)
            }
            Node::Field(list, item, column) => self.field_text(list, item, column),
            _ => self.all_text(node),
        }
    }

    /// The string-value of an element: all texts below it.
    fn all_text(&self, node: Node) -> Cow<'a, str> {
        let mut text = String::new();
        let mut open = vec![node];
        while let Some(node) = open.pop() {
            match node {
                Node::Answer(row, id) if self.schema.question(id).is_some() => {
                    text.push_str(self.answers.slot(self.schema, row, id).value());
                }
                Node::Field(list, item, column) => {
                    text.push_str(&self.field_text(list, item, column));
                }
                _ => open.extend(self.children(node).into_iter().rev()),
            }
        }
        Cow::Owned(text)
    }

    fn field_text(&self, list: ListId, item: u32, column: u32) -> Cow<'a, str> {
        let list = self.schema.list(list);
        if list.is_in_languages(column) {
            return self.label(list, item);
        }
        Cow::Borrowed(list.rows.cell(item, column))
    }

    fn label(&self, list: &'a List, place: u32) -> Cow<'a, str> {
        list.label(place, self.facts.language, self.facts.default_language)
            .unwrap_or_default()
    }

    /// A text in the form's language, with the answers woven into it as a node sees them.
    pub(crate) fn words(&self, text: &'a Text, at: At) -> Option<String> {
        let template = text.template(self.facts.language, self.facts.default_language)?;
        let parts = template.parts.iter().map(|part| match part {
            Part::Words(words) => Cow::Borrowed(words.as_ref()),
            Part::Answer(code, _) => self.text(code, at),
        });
        Some(parts.collect())
    }

    /// Labels of the chosen codes, joined by commas.
    fn choice_name(&self, value: &str, question: NodeId, at: At) -> String {
        let Some(Some(list)) = self
            .schema
            .question(question)
            .map(|question| question.list())
        else {
            return String::new();
        };
        let list = self.schema.list(list);
        if list.is_of_answers {
            return value.to_owned();
        }
        let label = |code: &str| {
            let place = list.find(code)?;
            match &list.labels {
                Labels::InLanguages(_, texts) => self.words(texts.get(place as usize)?, at),
                Labels::AsTheyAre(_) => Some(self.label(list, place).into_owned()),
            }
        };
        if let Some(label) = label(value.trim()) {
            return label;
        }
        let labels: Vec<String> = value.split_whitespace().filter_map(label).collect();
        labels.join(", ")
    }
}
