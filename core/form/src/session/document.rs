//! The document of a finished form, and answers taken from one.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::live::{By, Live};
use crate::context::Context;
use crate::expr::code::Code;
use crate::expr::eval::{At, World};
use crate::expr::value::number_text;
use crate::form::schema::{Kind, NodeId, Question, RowId, ScopeId};
use crate::form::{Carry, Form, Switch};

/// The name under which an instance of a repeat carries its stable id.
pub(crate) const ID: &str = "_id";
/// The name under which a document carries the notes to its warnings.
pub(crate) const NOTES: &str = "_notes";

/// A finished form as canonical JSON: groups are objects, repeats arrays of objects with `_id`,
/// names stand in the form's order, without blanks between. Empty and irrelevant answers are left
/// out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Document(String);

impl Document {
    /// The JSON text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The JSON text.
    pub fn into_string(self) -> String {
        self.0
    }
}

/// Writes the answers that are relevant.
pub(crate) fn write(form: &Form, live: &Live) -> Document {
    let mut writer = Writer {
        form,
        live,
        out: Vec::with_capacity(4096),
    };
    writer.out.push(b'{');
    writer.members(RowId::FORM, NodeId::ROOT);
    writer.notes();
    writer.out.push(b'}');
    // Only whole texts were written.
    Document(String::from_utf8(writer.out).unwrap_or_default())
}

struct Writer<'a> {
    form: &'a Form,
    live: &'a Live,
    out: Vec<u8>,
}

impl Writer<'_> {
    fn members(&mut self, row: RowId, node: NodeId) {
        for child in &self.form.schema.node(node).children {
            self.member(row, *child);
        }
    }

    fn member(&mut self, row: RowId, node: NodeId) {
        let schema = &self.form.schema;
        let slot = self.live.slot(schema, row, node);
        if !slot.relevant {
            return;
        }
        let name = &schema.node(node).name;
        match &schema.node(node).kind {
            Kind::Question(question) => {
                let value = slot.value();
                if !value.is_empty() {
                    self.name(name);
                    self.value(question, value);
                }
            }
            Kind::Group => {
                let before = self.out.len();
                self.name(name);
                self.out.push(b'{');
                let inside = self.out.len();
                self.members(row, node);
                if self.out.len() == inside {
                    self.out.truncate(before);
                } else {
                    self.out.push(b'}');
                }
            }
            Kind::Repeat(scope) => {
                let instances: Vec<RowId> =
                    self.live.answers.present(schema, row, *scope).collect();
                if instances.is_empty() {
                    return;
                }
                self.name(name);
                self.out.push(b'[');
                for (index, instance) in instances.into_iter().enumerate() {
                    if index > 0 {
                        self.out.push(b',');
                    }
                    self.out.push(b'{');
                    self.name(ID);
                    self.text(&self.live.answers.row(instance).id);
                    self.members(instance, node);
                    self.out.push(b'}');
                }
                self.out.push(b']');
            }
        }
    }

    fn value(&mut self, question: &Question, value: &str) {
        match question.answers_as() {
            // Written so by `Entry`, and legal JSON.
            Question::Integer | Question::Decimal | Question::Range { .. } => {
                self.out.extend_from_slice(value.as_bytes());
            }
            Question::Many(_) | Question::Rank(_) => {
                for (index, code) in value.split(' ').enumerate() {
                    self.out.push(if index == 0 { b'[' } else { b',' });
                    self.text(code);
                }
                self.out.push(b']');
            }
            _ => self.text(value),
        }
    }

    fn notes(&mut self) {
        let (form, live) = (self.form, self.live);
        let mut notes: Vec<(String, &str)> = live
            .notes
            .iter()
            .filter(|((row, node), _)| {
                let slot = live.slot(&form.schema, *row, *node);
                slot.relevant && slot.warned && live.answers.row_is_relevant(&form.schema, *row)
            })
            .map(|((row, node), text)| (live.path(form, *row, *node), text.as_str()))
            .collect();
        if notes.is_empty() {
            return;
        }
        notes.sort_unstable();
        self.name(NOTES);
        for (index, (path, text)) in notes.into_iter().enumerate() {
            self.out.push(if index == 0 { b'{' } else { b',' });
            self.text(&path);
            self.out.push(b':');
            self.text(text);
        }
        self.out.push(b'}');
    }

    fn name(&mut self, name: &str) {
        if !matches!(self.out.last(), Some(b'{')) {
            self.out.push(b',');
        }
        self.text(name);
        self.out.push(b':');
    }

    fn text(&mut self, text: &str) {
        // Writing a text to memory can't fail.
        let _ = serde_json::to_writer(&mut self.out, text);
    }
}

/// Why something in a document could not be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Misfit {
    /// The form has no such question.
    Unknown,
    /// The answer does not fit the question's type or choices.
    Answer,
    /// An instance's id is missing or used twice.
    Identity,
}

/// Something in a document that could not be taken, by its path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Dropped {
    /// Where it stood.
    pub path: String,
    /// Why it was dropped.
    pub why: Misfit,
}

/// What taking a document left: what could not be taken, and what was.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    pub(crate) misfits: Vec<Dropped>,
    pub(crate) answers: Vec<(RowId, NodeId)>,
}

/// Takes all that a document says, as it says it.
pub(crate) fn read(form: &Form, live: &mut Live, document: &Value) -> Taken {
    let mut reader = Taker {
        form,
        live,
        last_visit: None,
        ids: HashSet::new(),
        taken: Taken::default(),
    };
    reader.document(document);
    reader.taken
}

/// Takes what the form carries over from the document of the last visit.
pub(crate) fn carry_over(
    form: &Form,
    live: &mut Live,
    document: &Value,
    context: &Context,
) -> Taken {
    let mut past = Live::blank(form, context);
    read(form, &mut past, document);
    past.join(form, RowId::FORM);
    let mut reader = Taker {
        form,
        live,
        last_visit: Some(&past),
        ids: HashSet::new(),
        taken: Taken::default(),
    };
    reader.document(document);
    reader.taken
}

struct Taker<'a> {
    form: &'a Form,
    live: &'a mut Live,
    /// All the answers of the last visit, when they are carried over to a new one.
    last_visit: Option<&'a Live>,
    ids: HashSet<String>,
    taken: Taken,
}

impl Taker<'_> {
    fn document(&mut self, document: &Value) {
        let Value::Object(members) = document else {
            self.misfit(String::new(), Misfit::Answer);
            return;
        };
        self.members(RowId::FORM, NodeId::ROOT, members);
        if self.last_visit.is_none() {
            self.notes(members.get(NOTES));
        }
    }

    fn misfit(&mut self, path: String, why: Misfit) {
        self.taken.misfits.push(Dropped { path, why });
    }

    fn members(&mut self, row: RowId, node: NodeId, members: &Map<String, Value>) {
        for (name, value) in members {
            let own = match node {
                NodeId::ROOT => name == NOTES,
                _ => self.form.is_repeat(node) && name == ID,
            };
            if own {
                continue;
            }
            match self.form.schema.child(node, name) {
                Some(child) => self.member(row, child, value),
                None => {
                    let above = self.live.path(self.form, row, node);
                    let path = if above.is_empty() {
                        name.clone()
                    } else {
                        format!("{above}/{name}")
                    };
                    self.misfit(path, Misfit::Unknown);
                }
            }
        }
    }

    fn member(&mut self, row: RowId, node: NodeId, value: &Value) {
        let form = self.form;
        if self.last_visit.is_some() && matches!(form.face(node).carry, Carry::No) {
            return;
        }
        match (&form.schema.node(node).kind, value) {
            (Kind::Group, Value::Object(members)) => self.members(row, node, members),
            (Kind::Repeat(scope), Value::Array(instances)) => {
                for instance in instances {
                    self.instance(row, node, *scope, instance);
                }
            }
            (Kind::Question(question), value) => self.answer(row, node, question, value),
            _ => self.misfit(self.live.path(form, row, node), Misfit::Answer),
        }
    }

    fn instance(&mut self, row: RowId, node: NodeId, scope: ScopeId, instance: &Value) {
        let form = self.form;
        let path = self.live.path(form, row, node);
        let Value::Object(members) = instance else {
            self.misfit(path, Misfit::Answer);
            return;
        };
        let id = members.get(ID).and_then(Value::as_str).unwrap_or_default();
        let plain = !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        if !plain || !self.ids.insert(id.to_owned()) {
            self.misfit(path, Misfit::Identity);
            return;
        }
        if self
            .last_visit
            .is_some_and(|past| !is_carried(form, past, node, scope, id))
        {
            return;
        }
        let instance = self.live.restore_row(form, scope, row, id);
        if self.last_visit.is_some() {
            self.live.note_facts(form, instance);
        }
        self.members(instance, node, members);
    }

    fn answer(&mut self, row: RowId, node: NodeId, question: &Question, value: &Value) {
        let form = self.form;
        let last_visit = self.last_visit.is_some();
        if last_visit
            && matches!(
                question,
                Question::Calculate | Question::Calculated(_) | Question::Meta(_)
            )
        {
            return;
        }
        let text = if last_visit {
            loose_text(value)
        } else {
            exact_text(question, value)
        };
        let Some(text) = text else {
            self.misfit(self.live.path(form, row, node), Misfit::Answer);
            return;
        };
        let by = if last_visit {
            By::LastVisit
        } else {
            self.giver(node, question)
        };
        self.live.set(form, row, node, &text, by);
        if last_visit && self.live.slot(&form.schema, row, node).mistake().is_some() {
            self.live.set(form, row, node, "", By::Form);
            self.misfit(self.live.path(form, row, node), Misfit::Answer);
            return;
        }
        self.taken.answers.push((row, node));
    }

    /// Who gave an answer that a document holds: a calculation may have been typed over, and what
    /// differs each time can't be calculated again.
    fn giver(&self, node: NodeId, question: &Question) -> By {
        let face = self.form.face(node);
        let typed = question.is_visible() && !matches!(face.read_only, Switch::Always);
        let volatile = face.calculation.as_ref().is_some_and(Code::is_volatile);
        if typed || volatile {
            By::Hand
        } else {
            By::Form
        }
    }

    fn notes(&mut self, notes: Option<&Value>) {
        let notes = match notes {
            None => return,
            Some(Value::Object(notes)) => notes,
            Some(_) => return self.misfit(NOTES.to_owned(), Misfit::Answer),
        };
        for (path, text) in notes {
            let found = self.live.find(self.form, path);
            match (found, text.as_str()) {
                (Some((row, node)), Some(text)) => self.live.set_note(self.form, row, node, text),
                (None, _) => self.misfit(format!("{NOTES}/{path}"), Misfit::Unknown),
                (_, None) => self.misfit(format!("{NOTES}/{path}"), Misfit::Answer),
            }
        }
    }
}

/// Whether an instance of the last visit meets the repeat's condition for being carried over.
fn is_carried(form: &Form, past: &Live, node: NodeId, scope: ScopeId, id: &str) -> bool {
    let Carry::When(code) = &form.face(node).carry else {
        return true;
    };
    let rows = &past.answers.by_scope[scope.index()];
    let row = rows
        .iter()
        .copied()
        .find(|row| *past.answers.row(*row).id == *id);
    let world: World<'_> = past.world(form);
    row.is_some_and(|row| world.truth(code, At::question(row, node)))
}

/// The answer as text, if the document gives it in the shape that the question's type has.
fn exact_text(question: &Question, value: &Value) -> Option<String> {
    match (question.answers_as(), value) {
        (Question::Integer | Question::Decimal | Question::Range { .. }, Value::Number(_)) => {
            loose_text(value)
        }
        (Question::Integer | Question::Decimal | Question::Range { .. }, _) => None,
        (Question::Many(_) | Question::Rank(_), Value::Array(_)) => loose_text(value),
        (Question::Many(_) | Question::Rank(_), _) => None,
        (_, Value::String(text)) => Some(text.clone()),
        _ => None,
    }
}

fn loose_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => Some(whole.to_string()),
            None => number.as_f64().map(number_text),
        },
        Value::Array(codes) => {
            let codes: Option<Vec<&str>> = codes.iter().map(Value::as_str).collect();
            codes.map(|codes| codes.join(" "))
        }
        _ => None,
    }
}
