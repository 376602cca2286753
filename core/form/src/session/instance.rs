//! The form's instance as XForms clients write it.

use quick_xml::Writer;
use quick_xml::events::{BytesEnd, BytesStart, BytesText, Event};

use super::live::Live;
use crate::form::Form;
use crate::form::schema::{Kind, NodeId, RowId};

/// Writes what is relevant: each question an element, empty where it has no answer; each instance of a
/// repeat an element of its own.
///
/// Source: the ODK XForms specification, "Instance" and "Metadata".
pub(crate) fn write(form: &Form, live: &Live, id: &str) -> String {
    let mut instance = Instance {
        form,
        live,
        out: Writer::new(Vec::with_capacity(4096)),
    };
    let name = &*form.schema.node(NodeId::ROOT).name;
    let mut root = BytesStart::new(name);
    root.push_attribute(("id", form.id()));
    if !form.version().is_empty() {
        root.push_attribute(("version", form.version()));
    }
    instance.put(Event::Start(root));
    instance.members(RowId::FORM, NodeId::ROOT);
    // A form that has a group of this name writes it itself.
    if form.schema.child(NodeId::ROOT, "meta").is_none() {
        instance.open("meta");
        if form.audit.is_some() {
            instance.leaf("audit", "audit.csv");
        }
        instance.leaf("instanceID", id);
        instance.close("meta");
    }
    instance.close(name);
    // Only whole texts were written.
    String::from_utf8(instance.out.into_inner()).unwrap_or_default()
}

struct Instance<'a> {
    form: &'a Form,
    live: &'a Live,
    out: Writer<Vec<u8>>,
}

impl Instance<'_> {
    fn members(&mut self, row: RowId, node: NodeId) {
        let schema = &self.form.schema;
        for child in &schema.node(node).children {
            let slot = self.live.slot(schema, row, *child);
            if !slot.relevant {
                continue;
            }
            let name = &schema.node(*child).name;
            match &schema.node(*child).kind {
                Kind::Question(_) => self.leaf(name, slot.value()),
                Kind::Group => self.inside(name, row, *child),
                Kind::Repeat(scope) => {
                    for instance in self.live.answers.present(schema, row, *scope) {
                        self.inside(name, instance, *child);
                    }
                }
            }
        }
    }

    fn inside(&mut self, name: &str, row: RowId, node: NodeId) {
        self.open(name);
        self.members(row, node);
        self.close(name);
    }

    fn open(&mut self, name: &str) {
        self.put(Event::Start(BytesStart::new(name)));
    }

    fn close(&mut self, name: &str) {
        self.put(Event::End(BytesEnd::new(name)));
    }

    fn leaf(&mut self, name: &str, text: &str) {
        if text.is_empty() {
            return self.put(Event::Empty(BytesStart::new(name)));
        }
        self.open(name);
        self.put(Event::Text(BytesText::new(&legal(text))));
        self.close(name);
    }

    fn put(&mut self, event: Event<'_>) {
        // Writing to memory can't fail.
        let _ = self.out.write_event(event);
    }
}

/// Without the signs that no XML may have, escaped or not (XML 1.0, section 2.2).
pub(crate) fn legal(text: &str) -> String {
    let is_legal = |c: &char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    text.chars().filter(is_legal).collect()
}
