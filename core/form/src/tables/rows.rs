//! A document to rows, one at a time.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::layout::PARTS;
use super::{Cell, Column, Table, Tables};
use crate::form::Form;
use crate::form::schema::{Geo, Kind, NodeId, Question, ScopeId};
use crate::session::{Dropped, ID, Misfit, NOTES};

/// One row of a table.
#[derive(Clone, Copy, Debug)]
pub struct Row<'r, 'd> {
    /// The table.
    pub table: &'r Table,
    /// Its place among [`Tables::all`].
    pub index: usize,
    /// As many as the table has columns.
    pub cells: &'r [Cell<'d>],
}

impl Tables<'_> {
    /// Gives the rows of one document to a visitor: that of the form, then those of each repeat's instances, each
    /// followed by what is nested in it. So a row comes after the row it is a part of, and only one row is held at
    /// a time. `entry` is the key by which the document's rows belong together.
    ///
    /// The document is taken as it is and not checked (see [`Form::check`]). An answer of another kind than the
    /// column's, as a document of another version of the form may have it, is given as it stands. What has no place
    /// in these tables is left out and named.
    ///
    /// # Errors
    /// What the visitor returns as an error ends the visit.
    pub fn rows<'d, E>(
        &self,
        entry: &'d str,
        document: &'d Value,
        visit: impl FnMut(Row<'_, 'd>) -> Result<(), E>,
    ) -> Result<Vec<Dropped>, E> {
        let mut walk = Walk {
            tables: self,
            form: self.form,
            entry,
            notes: BTreeMap::new(),
            path: String::new(),
            dropped: Vec::new(),
            visit,
        };
        match document.get(NOTES) {
            None => {}
            Some(Value::Object(notes)) => walk.notes.extend(notes),
            Some(_) => walk.drop(NodeId::ROOT, NOTES, Misfit::Answer),
        }
        match document {
            Value::Object(members) => walk.row(ScopeId::FORM, members, &[])?,
            _ => walk.drop(NodeId::ROOT, "", Misfit::Answer),
        }
        let left = walk.notes.into_keys().map(|path| Dropped {
            path: format!("{NOTES}/{path}"),
            why: Misfit::Unknown,
        });
        walk.dropped.extend(left);
        Ok(walk.dropped)
    }
}

/// On the way through one document.
struct Walk<'w, 'd, V> {
    tables: &'w Tables<'w>,
    form: &'w Form,
    entry: &'d str,
    /// Those that were not put into a row yet.
    notes: BTreeMap<&'d String, &'d Value>,
    /// Of the instance at hand, with ids; empty for the form.
    path: String,
    dropped: Vec<Dropped>,
    visit: V,
}

/// The instances of a repeat that were met in a row: they come after it.
type Below<'d> = Vec<(NodeId, ScopeId, &'d [Value])>;

impl<'w, 'd, V, E> Walk<'w, 'd, V>
where
    V: FnMut(Row<'_, 'd>) -> Result<(), E>,
{
    /// `keys`: the cells after the entry's key.
    fn row(
        &mut self,
        scope: ScopeId,
        members: &'d Map<String, Value>,
        keys: &[Cell<'d>],
    ) -> Result<(), E> {
        let index = scope.index();
        let table = &self.tables.tables[index];
        let mut cells = Vec::with_capacity(table.columns.len());
        cells.push(Cell::Text(self.entry));
        cells.extend_from_slice(keys);
        cells.resize(table.columns.len(), Cell::Empty);
        let mut below = Vec::new();
        self.members(
            self.form.schema.scope(scope).node,
            members,
            &mut cells,
            &mut below,
        );
        self.put_notes(scope, &mut cells);
        (self.visit)(Row {
            table,
            index,
            cells: &cells,
        })?;
        let id = keys.get(1).copied().unwrap_or_default();
        for (node, scope, instances) in below {
            self.instances(node, scope, instances, id)?;
        }
        Ok(())
    }

    fn members(
        &mut self,
        node: NodeId,
        members: &'d Map<String, Value>,
        cells: &mut [Cell<'d>],
        below: &mut Below<'d>,
    ) {
        let form = self.form;
        let schema = &form.schema;
        for (name, value) in members {
            let is_own = match node {
                NodeId::ROOT => name == NOTES,
                _ => form.is_repeat(node) && name == ID,
            };
            if is_own {
                continue;
            }
            let Some(child) = schema.child(node, name) else {
                self.drop(node, name, Misfit::Unknown);
                continue;
            };
            match (&schema.node(child).kind, value) {
                (Kind::Group, Value::Object(members)) => {
                    self.members(child, members, cells, below);
                }
                (Kind::Repeat(scope), Value::Array(instances)) => {
                    below.push((child, *scope, instances));
                }
                (Kind::Question(question), value) => {
                    if !self.answer(child, question, value, cells) {
                        self.drop(child, "", Misfit::Answer);
                    }
                }
                _ => self.drop(child, "", Misfit::Answer),
            }
        }
    }

    fn instances(
        &mut self,
        node: NodeId,
        scope: ScopeId,
        instances: &'d [Value],
        parent: Cell<'d>,
    ) -> Result<(), E> {
        let above = self.path.len();
        for (place, instance) in (1_i64..).zip(instances) {
            let Value::Object(members) = instance else {
                self.drop(node, "", Misfit::Answer);
                continue;
            };
            let Some(id) = members.get(ID).and_then(Value::as_str) else {
                self.drop(node, "", Misfit::Identity);
                continue;
            };
            self.path = format!("{}[{id}]", self.path_of(node, ""));
            let keys = [parent, Cell::Text(id), Cell::Integer(place)];
            self.row(scope, members, &keys)?;
            self.path.truncate(above);
        }
        Ok(())
    }

    /// Whether the answer found its cells.
    fn answer(
        &self,
        node: NodeId,
        question: &Question,
        value: &'d Value,
        cells: &mut [Cell<'d>],
    ) -> bool {
        let Some(first) = self.tables.columns[node.index()] else {
            return false;
        };
        match (question.answers_as(), cell(value)) {
            (_, None) => false,
            (Question::Geo(Geo::Point), Some(cell)) => put_place(&mut cells[first..], cell),
            (_, Some(cell)) => {
                cells[first] = cell;
                if let Cell::Codes(codes) = cell {
                    let columns = &self.tables.tables[self.form.home(node).index()].columns;
                    put_chosen(&columns[first + 1..], &mut cells[first + 1..], codes);
                }
                true
            }
        }
    }

    fn put_notes(&mut self, scope: ScopeId, cells: &mut [Cell<'d>]) {
        if self.notes.is_empty() {
            return;
        }
        for (node, column) in &self.tables.notes[scope.index()] {
            let path = self.path_of(*node, "");
            if let Some(note) = self.notes.get(&path).and_then(|note| note.as_str()) {
                cells[*column] = Cell::Text(note);
                self.notes.remove(&path);
            }
        }
    }

    fn drop(&mut self, node: NodeId, name: &str, why: Misfit) {
        let path = self.path_of(node, name);
        self.dropped.push(Dropped { path, why });
    }

    /// The path, with ids, of a node of the instance at hand, or of `name` in it.
    fn path_of(&self, node: NodeId, name: &str) -> String {
        let schema = &self.form.schema;
        let top = match self.form.is_repeat(node) && !name.is_empty() {
            true => node,
            false => schema.scope(self.form.home(node)).node,
        };
        let parts = [self.path.as_str(), schema.path_below(top, node), name];
        let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        parts.join("/")
    }
}

fn cell(value: &Value) -> Option<Cell<'_>> {
    match value {
        Value::String(text) => Some(Cell::Text(text)),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => Some(Cell::Integer(whole)),
            None => number.as_f64().map(Cell::Decimal),
        },
        Value::Array(codes) if codes.iter().all(Value::is_string) => Some(Cell::Codes(codes)),
        _ => None,
    }
}

/// Cuts a geopoint into latitude, longitude, altitude and accuracy, as far as it has them.
fn put_place(cells: &mut [Cell<'_>], place: Cell<'_>) -> bool {
    let Cell::Text(text) = place else {
        return false;
    };
    let parts: Option<Vec<f64>> = text
        .split_whitespace()
        .map(|part| part.parse().ok().filter(|number: &f64| number.is_finite()))
        .collect();
    let Some(parts) = parts.filter(|parts| (2..=PARTS.len()).contains(&parts.len())) else {
        return false;
    };
    for (cell, part) in cells.iter_mut().zip(parts) {
        *cell = Cell::Decimal(part);
    }
    true
}

/// Fills the columns of choices that follow the one with the codes.
fn put_chosen(columns: &[Column], cells: &mut [Cell<'_>], codes: &[Value]) {
    for (column, cell) in columns.iter().zip(cells) {
        let Some(choice) = &column.choice else { return };
        let is_chosen = codes.iter().any(|code| code == choice);
        *cell = Cell::Integer(i64::from(is_chosen));
    }
}
