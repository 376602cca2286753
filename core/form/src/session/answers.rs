//! The answers of a form being filled: rows of slots in an arena.
//!
//! A row is never taken out of the arena, so its id keeps its meaning; a removed instance is only
//! marked, and can come back.

use super::entry::{Entry, Mistake};
use crate::form::schema::{Kind, NodeId, RowId, Schema, ScopeId};

#[derive(Clone, Debug)]
pub(crate) struct Answers {
    pub(crate) rows: Vec<Row>,
    /// Rows by scope, in the order they were made.
    pub(crate) by_scope: Vec<Vec<RowId>>,
}

/// The answers of the form itself (the first row) or of one instance of a repeat.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) scope: ScopeId,
    /// The row that the instance hangs in; the first row is its own parent.
    pub(crate) parent: RowId,
    /// The instance's stable id; empty for the form itself.
    pub(crate) id: Box<str>,
    pub(crate) slots: Box<[Slot]>,
    /// Instances by repeat, as in [`crate::form::schema::Scope::repeats`].
    pub(crate) instances: Box<[Vec<RowId>]>,
    pub(crate) removed: bool,
    /// Beyond what `repeat_count` now says: kept, but as if not there.
    pub(crate) surplus: bool,
    /// How many visible questions of each of the scope's pages are relevant.
    pub(crate) on_pages: Box<[u32]>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Slot {
    /// What was typed, calculated or taken over.
    pub(crate) entry: Entry,
    /// What the form itself says the answer is, over whatever was typed.
    pub(crate) fixed: Option<Box<str>>,
    /// Wanted by the node's own expression.
    pub(crate) wanted: bool,
    /// Wanted, and so is all it stands in.
    pub(crate) relevant: bool,
    pub(crate) required: bool,
    /// Its own expression says that it can't be answered, or nothing in it.
    pub(crate) closes: bool,
    /// How many nodes close it: itself, and those it stands in.
    pub(crate) closed: u8,
    /// A choice is filtered out.
    pub(crate) unlisted: bool,
    /// The number of the first constraint that fails, from 1; 0 when none does.
    pub(crate) broken: u8,
    /// The answer is unusual.
    pub(crate) warned: bool,
    /// A warning about it was answered with a note.
    pub(crate) noted: bool,
    /// Taken over from the last visit and not confirmed yet.
    pub(crate) prior: bool,
    /// Typed over a calculation; stands until what the calculation reads changes.
    pub(crate) by_hand: bool,
}

impl Slot {
    /// The answer as expressions see it.
    pub(crate) fn value(&self) -> &str {
        self.fixed.as_deref().unwrap_or(&self.entry.value)
    }

    pub(crate) fn is_blank(&self) -> bool {
        self.fixed.is_none() && self.entry.is_blank()
    }

    pub(crate) fn mistake(&self) -> Option<Mistake> {
        self.entry.mistake.filter(|_| self.fixed.is_none())
    }

    pub(crate) fn is_set_by_itself(&self) -> bool {
        self.fixed.is_some() || self.closed > 0
    }
}

impl Answers {
    pub(crate) fn row(&self, id: RowId) -> &Row {
        &self.rows[id.index()]
    }

    pub(crate) fn row_mut(&mut self, id: RowId) -> &mut Row {
        &mut self.rows[id.index()]
    }

    pub(crate) fn slot(&self, schema: &Schema, row: RowId, node: NodeId) -> &Slot {
        &self.rows[row.index()].slots[schema.node(node).slot as usize]
    }

    pub(crate) fn slot_mut(&mut self, schema: &Schema, row: RowId, node: NodeId) -> &mut Slot {
        &mut self.rows[row.index()].slots[schema.node(node).slot as usize]
    }

    /// The row of a scope that a row stands in. `None` when the row is outside of it.
    pub(crate) fn climb(&self, mut row: RowId, scope: ScopeId) -> Option<RowId> {
        loop {
            let at = self.row(row);
            if at.scope == scope {
                return Some(row);
            }
            if row == RowId::FORM {
                return None;
            }
            row = at.parent;
        }
    }

    /// The instances of a repeat in a row that are there: neither removed nor surplus.
    pub(crate) fn present(
        &self,
        schema: &Schema,
        row: RowId,
        scope: ScopeId,
    ) -> impl Iterator<Item = RowId> {
        let instances = &self.row(row).instances[schema.scope(scope).index];
        instances.iter().copied().filter(|id| {
            let row = self.row(*id);
            !row.removed && !row.surplus
        })
    }

    /// Visits every row of a scope below (or at) a row, in order, present or not.
    pub(crate) fn each_below(
        &self,
        schema: &Schema,
        row: RowId,
        scope: ScopeId,
        visit: &mut impl FnMut(RowId),
    ) {
        let Some(next) = schema.next_down(self.row(row).scope, scope) else {
            if self.row(row).scope == scope {
                visit(row);
            }
            return;
        };
        for instance in &self.row(row).instances[schema.scope(next).index] {
            self.each_below(schema, *instance, scope, visit);
        }
    }

    /// Whether what stands in the row is there at all: the row and all it hangs in are present and
    /// their repeats relevant.
    pub(crate) fn row_is_relevant(&self, schema: &Schema, row: RowId) -> bool {
        let at = self.row(row);
        if row == RowId::FORM {
            return true;
        }
        let repeat = schema.scope(at.scope).node;
        !at.removed && !at.surplus && self.slot(schema, at.parent, repeat).relevant
    }

    /// Whether an instance of a node is relevant.
    pub(crate) fn is_relevant(&self, schema: &Schema, row: RowId, node: NodeId) -> bool {
        match schema.node(node).kind {
            Kind::Repeat(scope) if self.row(row).scope == scope => {
                self.row_is_relevant(schema, row)
            }
            _ => self.slot(schema, row, node).relevant,
        }
    }

    /// The number of an instance among those present, from 1.
    pub(crate) fn position(&self, schema: &Schema, row: RowId) -> usize {
        let at = self.row(row);
        self.present(schema, at.parent, at.scope)
            .take_while(|id| *id != row)
            .count()
            + 1
    }
}
