//! Which tables and columns a form has.

use std::collections::{HashMap, HashSet};

use super::{Column, ColumnKind, Several, Table, Tables};
use crate::form::Form;
use crate::form::schema::{Geo, Meta, NodeId, Question, ScopeId};

/// What a geopoint's parts are called in ODK Central's tables.
pub(super) const PARTS: [&str; 4] = ["-Latitude", "-Longitude", "-Altitude", "-Accuracy"];

/// What the name of a note's column ends with.
const NOTE: &str = "/note";

pub(super) fn lay_out(form: &Form, several: Several) -> Tables<'_> {
    let schema = &form.schema;
    let scopes = || (0..schema.scopes.len()).map(|index| ScopeId(index as u32));
    let mut tables = Tables {
        form,
        tables: scopes().map(|scope| table(form, scope)).collect(),
        columns: vec![None; schema.nodes.len()],
        notes: vec![Vec::new(); schema.scopes.len()],
    };
    for scope in scopes() {
        let mut layout = Layout::new(form, scope, several);
        for node in &schema.scope(scope).slots {
            if let Some(question) = schema.question(*node) {
                layout.question(*node, question);
            }
        }
        for (node, column) in layout.first {
            tables.columns[node.index()] = Some(column);
        }
        tables.notes[scope.index()] = layout.notes;
        tables.tables[scope.index()].columns = layout.columns;
    }
    tables
}

fn table(form: &Form, scope: ScopeId) -> Table {
    let scope = form.schema.scope(scope);
    let node = form.schema.node(scope.node);
    // Repeats have names of their own, and the form's id is never followed by nothing.
    let name = match scope.parent {
        Some(_) => format!("{}-{}", form.id(), node.name),
        None => form.id().to_owned(),
    };
    Table {
        name,
        path: node.path.to_string(),
        parent: scope.parent.map(ScopeId::index),
        columns: Vec::new(),
    }
}

/// The columns of one table as far as they are laid out.
struct Layout<'f> {
    form: &'f Form,
    /// The form's root, or the repeat.
    top: NodeId,
    several: Several,
    columns: Vec<Column>,
    first: Vec<(NodeId, usize)>,
    notes: Vec<(NodeId, usize)>,
    taken: HashSet<String>,
    /// How many questions of the table have each name.
    named: HashMap<&'f str, usize>,
}

impl<'f> Layout<'f> {
    fn new(form: &'f Form, scope: ScopeId, several: Several) -> Layout<'f> {
        let slots = &form.schema.scope(scope).slots;
        let mut named = HashMap::new();
        for node in slots {
            if form.schema.question(*node).is_some() {
                *named.entry(&*form.schema.node(*node).name).or_default() += 1;
            }
        }
        let mut layout = Layout {
            form,
            top: form.schema.scope(scope).node,
            several,
            columns: Vec::new(),
            first: Vec::new(),
            notes: Vec::new(),
            taken: HashSet::new(),
            named,
        };
        layout.key("_entry", ColumnKind::Entry);
        if scope != ScopeId::FORM {
            layout.key("_parent", ColumnKind::Parent);
            layout.key("_id", ColumnKind::Id);
            layout.key("_position", ColumnKind::Position);
        }
        layout
    }

    fn key(&mut self, name: &str, kind: ColumnKind) {
        self.add(None, name.to_owned(), kind, None);
    }

    fn question(&mut self, node: NodeId, question: &Question) {
        let name = self.name(node);
        if self.has_answers(node, question) {
            self.first.push((node, self.columns.len()));
            self.answer(node, question, &name);
        }
        if self.form.face(node).warning.is_some() {
            self.notes.push((node, self.columns.len()));
            self.add(Some(node), format!("{name}{NOTE}"), ColumnKind::Note, None);
        }
    }

    /// Whether a document can say anything about it: a note only when it calculates.
    fn has_answers(&self, node: NodeId, question: &Question) -> bool {
        let face = self.form.face(node);
        let is_set = face.calculation.is_some() || face.fixed.is_some() || face.default.is_some();
        *question != Question::Note || is_set
    }

    fn answer(&mut self, node: NodeId, question: &Question, name: &str) {
        let question = question.answers_as();
        if *question == Question::Geo(Geo::Point) {
            for part in PARTS {
                let name = format!("{name}{part}");
                self.add(Some(node), name, ColumnKind::Decimal, None);
            }
            return;
        }
        self.add(Some(node), name.to_owned(), kind(question), None);
        if let (Question::Many(list), Several::Split) = (question, self.several) {
            let list = self.form.schema.list(*list);
            if list.file.is_some() {
                return;
            }
            let mut seen = HashSet::new();
            for code in (0..list.len()).map(|place| list.code(place)) {
                // A form may allow a code to come twice.
                if seen.insert(code) {
                    let name = format!("{name}/{code}");
                    self.add(Some(node), name, ColumnKind::Chosen, Some(code.to_owned()));
                }
            }
        }
    }

    /// The question's name, or its path where others have the name as well.
    fn name(&self, node: NodeId) -> String {
        let schema = &self.form.schema;
        let own = schema.node(node);
        if self.named.get(&*own.name) == Some(&1) {
            return own.name.to_string();
        }
        schema.path_below(self.top, node).replace('/', "-")
    }

    /// A name that is taken all the same, as that of a key, gets a number.
    fn add(
        &mut self,
        node: Option<NodeId>,
        name: String,
        kind: ColumnKind,
        choice: Option<String>,
    ) {
        let mut unique = name.clone();
        let mut number = 2;
        while !self.taken.insert(unique.clone()) {
            unique = format!("{name}_{number}");
            number += 1;
        }
        let path = node.map(|node| self.form.schema.node(node).path.to_string());
        self.columns.push(Column {
            name: unique,
            path: path.unwrap_or_default(),
            kind,
            choice,
        });
    }
}

fn kind(question: &Question) -> ColumnKind {
    match question {
        Question::Integer | Question::Range { whole: true, .. } => ColumnKind::Integer,
        Question::Decimal | Question::Range { .. } => ColumnKind::Decimal,
        Question::Date | Question::Meta(Meta::Today) => ColumnKind::Date,
        Question::Time => ColumnKind::Time,
        Question::DateTime | Question::Meta(Meta::Start | Meta::End) => ColumnKind::DateTime,
        Question::Calculated(of) => kind(of),
        Question::One(_) => ColumnKind::Code,
        Question::Many(_) | Question::Rank(_) => ColumnKind::Codes,
        Question::Text
        | Question::Barcode
        | Question::Geo(_)
        | Question::File(_)
        | Question::Note
        | Question::Acknowledge
        | Question::Calculate
        | Question::Hidden
        | Question::Meta(Meta::DeviceId | Meta::Username | Meta::Untold(_)) => ColumnKind::Text,
    }
}
