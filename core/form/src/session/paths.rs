//! Paths of answers: names joined by `/`, an instance of a repeat as `name[id]`.

use super::live::Live;
use crate::form::Form;
use crate::form::schema::{Kind, NodeId, RowId};

impl Live {
    /// The path of a node in a row; of a repeat, in its own row that of the instance, in the row
    /// around it that of the repeat as a whole. Empty for the root.
    pub(crate) fn path(&self, form: &Form, row: RowId, node: NodeId) -> String {
        let mut parts: Vec<(&str, &str)> = Vec::new();
        let (mut row, mut node) = (row, node);
        while node != NodeId::ROOT {
            let at = form.schema.node(node);
            let mut id = "";
            if let Kind::Repeat(scope) = at.kind
                && self.answers.row(row).scope == scope
            {
                id = &self.answers.row(row).id;
                row = self.answers.row(row).parent;
            }
            parts.push((&at.name, id));
            node = at.parent;
        }
        let mut path = String::with_capacity(parts.len() * 16);
        for (name, id) in parts.into_iter().rev() {
            if !path.is_empty() {
                path.push('/');
            }
            path.push_str(name);
            if !id.is_empty() {
                path.push('[');
                path.push_str(id);
                path.push(']');
            }
        }
        path
    }

    /// What stands at a path: for a repeat with an id its instance, without one the repeat as a
    /// whole. Removed instances are not found.
    pub(crate) fn find(&self, form: &Form, path: &str) -> Option<(RowId, NodeId)> {
        self.find_also(form, path, false)
    }

    /// The same, with instances that were removed.
    pub(crate) fn find_removed(&self, form: &Form, path: &str) -> Option<(RowId, NodeId)> {
        self.find_also(form, path, true)
    }

    fn find_also(&self, form: &Form, path: &str, removed: bool) -> Option<(RowId, NodeId)> {
        let schema = &form.schema;
        let (mut row, mut node) = (RowId::FORM, NodeId::ROOT);
        let mut whole_repeat = false;
        for part in path.split('/') {
            if whole_repeat {
                return None;
            }
            let (name, id) = match part.split_once('[') {
                Some((name, rest)) => (name, Some(rest.strip_suffix(']')?)),
                None => (part, None),
            };
            node = schema.child(node, name)?;
            match (&schema.node(node).kind, id) {
                (Kind::Repeat(scope), Some(id)) => {
                    let instances = &self.answers.row(row).instances[schema.scope(*scope).index];
                    row = instances.iter().copied().find(|instance| {
                        let instance = self.answers.row(*instance);
                        *instance.id == *id && (removed || !instance.removed)
                    })?;
                }
                (Kind::Repeat(_), None) => whole_repeat = true,
                (_, Some(_)) => return None,
                (_, None) => {}
            }
        }
        Some((row, node))
    }
}
