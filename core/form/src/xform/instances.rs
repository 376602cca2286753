//! The instances: what is filled, and the lists that choices come from.

use super::Converter;
use super::attributes::Place;
use super::expressions::LAST_SAVED;
use super::texts::choice_id;
use super::xml::Element;
use crate::expr::is_name;
use crate::form::Default as Preset;
use crate::form::faces::IMAGES;
use crate::form::list::List;
use crate::form::schema::{Kind, Media, NodeId, Question};
use crate::form::table::Column;

/// What stands for a repeat.
#[derive(Clone, Copy)]
enum Repeats {
    /// A template of later instances, and the first one.
    Both,
    Templates,
    Instances,
}

impl Converter<'_> {
    /// The primary instance.
    pub(super) fn instance(&self) -> Element {
        let version = Some(self.form.version()).filter(|version| !version.is_empty());
        let mut root = Element::new(&*self.form.schema.node(NodeId::ROOT).name);
        self.own_attributes_of_root(&mut root);
        let audit = self.audit.map(|_| Element::new("audit"));
        let name = self.setting(Column::InstanceName);
        let meta = Element::new("meta")
            .children(audit)
            .child(Element::new("instanceID"))
            .children(name.map(|_| Element::new("instanceName")));
        root.with("id", self.form.id())
            .with_some("version", version)
            .children(self.members(NodeId::ROOT, Repeats::Both))
            .child(meta)
    }

    fn members(&self, parent: NodeId, repeats: Repeats) -> Vec<Element> {
        let mut members = Vec::new();
        for child in &self.form.schema.node(parent).children {
            if let Some(made_up) = self.made_up(*child) {
                members.push(Element::new(made_up.name));
            }
            match self.form.schema.node(*child).kind {
                Kind::Question(_) => {
                    let preset = self.preset(*child);
                    members.push(self.member(*child).text(&preset));
                }
                Kind::Group => {
                    let below = self.members(*child, repeats);
                    members.push(self.member(*child).children(below));
                }
                Kind::Repeat(_) => {
                    if let Repeats::Both | Repeats::Templates = repeats {
                        let below = self.members(*child, Repeats::Templates);
                        let template = self.member(*child).with("jr:template", "");
                        members.push(template.children(below));
                    }
                    if let Repeats::Both | Repeats::Instances = repeats {
                        let below = self.members(*child, Repeats::Instances);
                        members.push(self.member(*child).children(below));
                    }
                }
            }
        }
        members
    }

    fn member(&self, node: NodeId) -> Element {
        let mut member = Element::new(&*self.form.schema.node(node).name);
        self.own_attributes(&mut member, node, Place::Instance);
        member
    }

    /// A default that is no expression.
    fn preset(&self, node: NodeId) -> String {
        match &self.form.face(node).default {
            Some(Preset::Text(text)) => match self.form.schema.question(node) {
                Some(Question::File(Media::Image)) => format!("{IMAGES}{text}"),
                _ => text.to_string(),
            },
            _ => String::new(),
        }
    }

    /// The lists of the choices sheet, and the files that are used.
    pub(super) fn secondary_instances(&self) -> Vec<Element> {
        let reads = self.reads.borrow();
        let mut instances = Vec::new();
        if reads.last_saved {
            instances.push(outside(LAST_SAVED, "jr://instance/last-saved"));
        }
        // Several lists may be one file, by other columns.
        let mut files = Vec::new();
        for (list, id) in self.form.schema.lists.iter().zip(0..) {
            let id = crate::form::schema::ListId(id);
            match &list.file {
                Some(file) if reads.lists.contains(&id) && !files.contains(&file) => {
                    files.push(file);
                    let folder = if file.ends_with(".csv") {
                        "file-csv"
                    } else {
                        "file"
                    };
                    instances.push(outside(&list.name, &format!("jr://{folder}/{file}")));
                }
                None if !list.is_of_answers => instances.push(self.choices(list)),
                _ => {}
            }
        }
        instances
    }

    fn choices(&self, list: &List) -> Element {
        let columns = (0..).zip(&list.rows.columns).skip(2);
        // Columns are those of the whole sheet: a list has some of them.
        let is_used =
            |column: u32| (0..list.len()).any(|place| !list.rows.cell(place, column).is_empty());
        let columns = columns.filter(|(column, name)| is_name(name) && is_used(*column));
        let columns: Vec<(u32, &str)> = columns.map(|(column, name)| (column, &**name)).collect();
        let items = (0..list.len()).map(|place| {
            let name = Element::new("name").text(list.code(place));
            let item = match self.looks_up_choices(list) {
                true => {
                    let id = Element::new("itextId").text(&choice_id(list, place));
                    Element::new("item").child(id).child(name)
                }
                false => {
                    let label = self.choice_label(list, place);
                    Element::new("item").child(name).child(label)
                }
            };
            item.children(
                columns
                    .iter()
                    .map(|(column, name)| Element::new(*name).text(list.rows.cell(place, *column))),
            )
        });
        let root = Element::new("root").children(items);
        Element::new("instance").with("id", &*list.name).child(root)
    }
}

fn outside(id: &str, source: &str) -> Element {
    Element::new("instance").with("id", id).with("src", source)
}
