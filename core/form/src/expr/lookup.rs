//! Rows of a list that a condition leaves, without trying it on all of them.
//!
//! Choices of a file may be a hundred thousand, and what is asked of them is nearly always that columns equal
//! answers: `regency = ${regency} and district = ${district}`. Of such a condition the part that leaves the
//! fewest rows says on which it is tried.

use super::ast::{Axis, Op, Test};
use super::code::{Code, Origin, Start};
use super::eval::{At, World};
use super::value::Value;
use crate::form::list::Rows;
use crate::form::schema::ListId;

impl<'a> World<'a> {
    /// The rows on which a condition is worth trying; none of the others meets it. Nothing if it may be met by
    /// any.
    pub(crate) fn candidates(
        &self,
        list: ListId,
        condition: &'a Code,
        at: At,
    ) -> Option<&'a [u32]> {
        let rows: &'a Rows = &self.schema.list(list).rows;
        match condition {
            Code::Binary(Op::And, sides) => {
                let left = self.candidates(list, &sides.0, at);
                let right = self.candidates(list, &sides.1, at);
                match (left, right) {
                    (Some(left), Some(right)) if right.len() < left.len() => Some(right),
                    (left, right) => left.or(right),
                }
            }
            Code::Binary(Op::Equal, sides) => {
                let (a, b) = (&sides.0, &sides.1);
                let (column, wanted) = match (column(rows, a), column(rows, b)) {
                    (Some(column), None) => (column, b),
                    (None, Some(column)) => (column, a),
                    _ => return None,
                };
                if self.schema.list(list).is_in_languages(column) || !is_the_same_for_all(wanted) {
                    return None;
                }
                match self.value(wanted, at) {
                    Value::Text(text) => Some(rows.places(column, &text)),
                    // Of several nodes any may be equal.
                    Value::Nodes(nodes) => match nodes.as_slice() {
                        [] => Some(&[]),
                        [node] => Some(rows.places(column, &self.node_text(*node))),
                        _ => None,
                    },
                    // A number equals many texts.
                    Value::Number(_) | Value::Bool(_) => None,
                }
            }
            _ => None,
        }
    }
}

/// The column that a path names, alone, from the row.
fn column(rows: &Rows, code: &Code) -> Option<u32> {
    let Code::Path(path) = code else { return None };
    match (&path.start, path.steps.as_ref()) {
        (Start::Here, [step]) if step.axis == Axis::Child && step.predicates.is_empty() => {
            match &step.test {
                Test::Name(name) => rows.column(name),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Whether a part of a condition has the same value on whatever row it is tried.
fn is_the_same_for_all(code: &Code) -> bool {
    match code {
        Code::Text(_) | Code::Number(_) | Code::Current => true,
        Code::Answer(target) => target.origin == Origin::Current,
        Code::Path(path) => {
            let starts_elsewhere = match &path.start {
                Start::From(start, predicates) => {
                    predicates.is_empty() && is_the_same_for_all(start)
                }
                Start::Root => true,
                Start::Here => false,
            };
            starts_elsewhere && path.steps.iter().all(|step| step.predicates.is_empty())
        }
        _ => false,
    }
}
