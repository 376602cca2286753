//! What an expression becomes once its names are known: what a session evaluates.

use regex::Regex;

use super::ast::{Axis, Op};
use super::functions::Function;
use crate::form::schema::{ListId, NodeId, ScopeId};

#[derive(Debug)]
pub(crate) enum Code {
    Number(f64),
    Text(Box<str>),
    /// `.`
    Here,
    /// `current()`
    Current,
    /// A question, group or repeat that is known beforehand.
    Answer(Target),
    Negate(Box<Code>),
    Binary(Op, Box<(Code, Code)>),
    Call(Function, Box<[Code]>),
    /// `regex(value, 'a pattern known beforehand')`
    Matches(Box<Code>, Box<Regex>),
    /// `jr:choice-name(value, '${question}')`
    ChoiceName(Box<Code>, NodeId),
    /// `${last-saved#name}`
    LastSaved(NodeId),
    IndexedRepeat(Target, Box<[(ScopeId, Code)]>),
    PullData(Box<PullData>),
    Path(Box<Path>),
    /// `instance('list')`
    List(ListId),
}

impl Code {
    /// Whether it gives another value each time or on each device.
    pub(crate) fn is_volatile(&self) -> bool {
        match self {
            Code::Call(Function::Now | Function::Random | Function::Uuid, _) => true,
            // What stands is kept.
            Code::Call(Function::Once, _) => false,
            Code::Call(_, arguments) => arguments.iter().any(Code::is_volatile),
            Code::Negate(inner) | Code::Matches(inner, _) | Code::ChoiceName(inner, _) => {
                inner.is_volatile()
            }
            Code::Binary(_, sides) => sides.0.is_volatile() || sides.1.is_volatile(),
            Code::PullData(pull) => pull.key.is_volatile(),
            Code::IndexedRepeat(_, indices) => indices.iter().any(|(_, index)| index.is_volatile()),
            Code::Number(_)
            | Code::Text(_)
            | Code::Here
            | Code::Current
            | Code::Answer(_)
            | Code::LastSaved(_)
            | Code::Path(_)
            | Code::List(_) => false,
        }
    }
}

/// `pulldata('file', 'column', 'key column', key)`
#[derive(Debug)]
pub(crate) struct PullData {
    pub(crate) list: ListId,
    pub(crate) column: u32,
    pub(crate) key_column: u32,
    pub(crate) key: Code,
}

/// Instances of a node under one row: climb from the origin's row to the row of scope `apex`, then
/// take all instances of `node` below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) node: NodeId,
    pub(crate) apex: ScopeId,
    pub(crate) origin: Origin,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The question that the expression belongs to.
    Current,
    /// The node a predicate is tried on.
    Context,
}

#[derive(Debug)]
pub(crate) struct Path {
    pub(crate) start: Start,
    pub(crate) steps: Box<[Step]>,
}

#[derive(Debug)]
pub(crate) enum Start {
    Root,
    Here,
    From(Code, Box<[Code]>),
}

#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) axis: Axis,
    pub(crate) test: super::ast::Test,
    pub(crate) predicates: Box<[Code]>,
}

/// Something a compiled expression reads, and how far away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Dependency {
    pub(crate) source: Source,
    /// The reader and what it reads stand under the same row of this scope.
    pub(crate) apex: ScopeId,
    /// It is read through a predicate or an index, so that it may be another instance's, even when
    /// the question is the reader itself.
    pub(crate) across: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// An answer, and whether it is relevant; of a group, only that.
    Value(NodeId),
    /// How many instances there are, and in what order.
    Instances(ScopeId),
    /// The language that the form is filled in.
    Language,
}
