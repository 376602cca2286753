//! A document that several people wrote parts of, brought through the form.

use serde_json::{Map, Value};

use super::document::{self, Document, Dropped, ID};
use super::live::Live;
use super::rules::Loaded;
use crate::Context;
use crate::form::schema::{Kind, NodeId, Question, RowId};
use crate::form::{Carry, Form, Switch};

impl Form {
    /// Brings a document that was put together from several through the form, as if one person had
    /// filled it: calculated answers are calculated again, what doesn't apply is left out, names
    /// stand in the form's order. What the form can't take is left out too, and named. Whether the
    /// whole is right is for [`Form::check`] to say.
    pub fn settle(&self, document: &Value, context: &Context) -> (Document, Vec<Dropped>) {
        let mut live = Live::blank(self, context);
        let taken = document::read(self, &mut live, document);
        live.take_context(self, context, true);
        live.join(self, RowId::FORM);
        live.sweep(self, Loaded::Anew);
        (document::write(self, &live), taken.misfits)
    }

    /// What a visit can begin with of the last one's document: all that is not asked anew each time,
    /// whether or not it will apply.
    pub fn carried(&self, last: &Value) -> Value {
        match last {
            Value::Object(members) => Value::Object(self.carried_members(NodeId::ROOT, members)),
            _ => Value::Object(Map::new()),
        }
    }

    fn carried_members(&self, node: NodeId, members: &Map<String, Value>) -> Map<String, Value> {
        let carried = |(name, value): (&String, &Value)| {
            if name == ID {
                return Some((name.clone(), value.clone()));
            }
            let child = self.schema.child(node, name)?;
            if matches!(self.face(child).carry, Carry::No) {
                return None;
            }
            let value = match (&self.schema.node(child).kind, value) {
                (Kind::Group, Value::Object(inner)) => {
                    Value::Object(self.carried_members(child, inner))
                }
                (Kind::Repeat(_), Value::Array(instances)) => {
                    let instance = |instance: &Value| {
                        let inner = instance.as_object()?;
                        Some(Value::Object(self.carried_members(child, inner)))
                    };
                    Value::Array(instances.iter().filter_map(instance).collect())
                }
                _ => value.clone(),
            };
            Some((name.clone(), value))
        };
        members.iter().filter_map(carried).collect()
    }

    /// Whether the answer of a question, by its path without instance ids, is given by the form and
    /// by nobody: it is calculated and can't be typed over, or noted down unseen.
    pub fn answers_itself(&self, path: &str) -> bool {
        let Some(node) = self.schema.find(path) else {
            return false;
        };
        let Some(question) = self.schema.question(node) else {
            return false;
        };
        let face = self.face(node);
        let calculated = face.calculation.is_some() && matches!(face.read_only, Switch::Always);
        !Question::is_visible(question) || face.fixed.is_some() || calculated
    }
}
