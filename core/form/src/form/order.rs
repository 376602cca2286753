//! In which order rules are evaluated, and whether any reads itself.

use std::collections::HashMap;

use super::schema::{Kind, NodeId, Schema, ScopeId};
use super::{Rule, RuleKind};
use crate::expr::code::{Dependency, Source};

/// A rule together with what it reads.
pub(crate) struct Bound {
    pub(crate) rule: Rule,
    pub(crate) reads: Vec<Dependency>,
}

/// What rules settle: whether a node is relevant, its answer, a repeat's number of instances.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Aspect {
    Relevance,
    Answer,
    Count,
}

const ASPECTS: usize = 3;

fn vertex(node: NodeId, aspect: Aspect) -> usize {
    node.index() * ASPECTS + aspect as usize
}

/// Rules that read themselves through each other, each cycle once.
pub(crate) struct Cycle {
    /// The nodes on the way round.
    pub(crate) nodes: Vec<NodeId>,
}

/// Sorts rules so that each comes after those that settle what it reads.
pub(crate) fn sort(schema: &Schema, rules: &mut [Bound]) -> Result<(), Vec<Cycle>> {
    let graph = graph(schema, rules);
    let ranks = topological(&graph)?;
    rules.sort_by_key(|bound| {
        let Rule { node, kind } = bound.rule;
        match aspect(kind) {
            Some(aspect) => (0, ranks[vertex(node, aspect)], kind),
            None => (1, node.index(), kind),
        }
    });
    Ok(())
}

fn aspect(kind: RuleKind) -> Option<Aspect> {
    match kind {
        RuleKind::Relevant => Some(Aspect::Relevance),
        RuleKind::Calculate | RuleKind::Fixed => Some(Aspect::Answer),
        RuleKind::Count => Some(Aspect::Count),
        _ => None,
    }
}

/// For each vertex the vertices that must be settled before it.
fn graph(schema: &Schema, rules: &[Bound]) -> Vec<Vec<usize>> {
    let mut before: Vec<Vec<usize>> = vec![Vec::new(); schema.nodes.len() * ASPECTS];
    for id in schema.ids().skip(1) {
        let node = schema.node(id);
        let own = vertex(id, Aspect::Relevance);
        before[own].push(vertex(node.parent, Aspect::Relevance));
        if let Kind::Repeat(_) = schema.node(node.parent).kind {
            before[own].push(vertex(node.parent, Aspect::Count));
        }
        if let Kind::Repeat(_) = node.kind {
            before[vertex(id, Aspect::Count)].push(own);
        }
    }
    for bound in rules {
        let Some(aspect) = aspect(bound.rule.kind) else {
            continue;
        };
        let own = vertex(bound.rule.node, aspect);
        for read in &bound.reads {
            if reads_another_instance(schema, bound.rule.node, read) {
                continue;
            }
            match read.source {
                Source::Value(node) => {
                    before[own].push(vertex(node, Aspect::Answer));
                    before[own].push(vertex(node, Aspect::Relevance));
                }
                Source::Instances(scope) => {
                    let repeat = schema.scope(scope).node;
                    before[own].push(vertex(repeat, Aspect::Relevance));
                    before[own].push(vertex(repeat, Aspect::Count));
                }
                Source::Language => {}
            }
        }
    }
    before
}

/// Instances of one repeat may read each other through an index or a condition (a running total
/// does): what stands beside is no cycle, and is settled instance by instance.
fn reads_another_instance(schema: &Schema, reader: NodeId, read: &Dependency) -> bool {
    let Source::Value(node) = read.source else {
        return false;
    };
    let home = schema.node(reader).scope;
    let shared: ScopeId = schema.common(home, schema.node(node).scope);
    read.across && schema.scope(shared).depth > schema.scope(read.apex).depth
}

/// The place of each vertex in an order where all before it come first. Depth first, with a stack
/// of its own: chains of calculations can be long.
fn topological(before: &[Vec<usize>]) -> Result<Vec<usize>, Vec<Cycle>> {
    #[derive(Clone, Copy, PartialEq)]
    enum State {
        New,
        Open,
        Done,
    }
    let mut state = vec![State::New; before.len()];
    let mut ranks = vec![0; before.len()];
    let mut cycles = Vec::new();
    let mut next_rank = 0;
    for start in 0..before.len() {
        if state[start] != State::New {
            continue;
        }
        let mut stack = vec![(start, 0)];
        state[start] = State::Open;
        while let Some((at, tried)) = stack.last_mut() {
            let Some(next) = before[*at].get(*tried).copied() else {
                state[*at] = State::Done;
                ranks[*at] = next_rank;
                next_rank += 1;
                stack.pop();
                continue;
            };
            *tried += 1;
            match state[next] {
                State::New => {
                    state[next] = State::Open;
                    stack.push((next, 0));
                }
                State::Open => cycles.push(cycle(&stack, next)),
                State::Done => {}
            }
        }
    }
    if cycles.is_empty() {
        Ok(ranks)
    } else {
        Err(unique(cycles))
    }
}

/// The nodes on the stack from the vertex that was met again.
fn cycle(stack: &[(usize, usize)], met: usize) -> Cycle {
    let from = stack
        .iter()
        .position(|(vertex, _)| *vertex == met)
        .unwrap_or_default();
    let mut nodes: Vec<NodeId> = Vec::new();
    for (vertex, _) in &stack[from..] {
        let node = NodeId((vertex / ASPECTS) as u32);
        if nodes.last() != Some(&node) {
            nodes.push(node);
        }
    }
    Cycle { nodes }
}

fn unique(cycles: Vec<Cycle>) -> Vec<Cycle> {
    let mut seen: HashMap<Vec<NodeId>, ()> = HashMap::new();
    cycles
        .into_iter()
        .filter(|cycle| {
            let mut nodes = cycle.nodes.clone();
            nodes.sort_unstable();
            nodes.dedup();
            seen.insert(nodes, ()).is_none()
        })
        .collect()
}
