//! What is shown: groups, repeats and a control for each question.

use super::Converter;
use super::attributes::Place;
use super::expressions::quoted;
use super::xml::Element;
use crate::expr::lexer::{Token, tokens};
use crate::expr::resolve::Stand;
use crate::expr::value::number_text;
use crate::form::Shuffle;
use crate::form::schema::{Kind, ListId, Media, NodeId, Question, ScopeId};
use crate::form::table::Column;

/// A group whose questions share one list, which is written above them once.
const TABLE_LIST: &str = "table-list";

/// A node that no row asks for and other clients need. It stands before a node that one asks for.
pub(super) struct MadeUp {
    pub(super) name: String,
    pub(super) purpose: MadeUpFor,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum MadeUpFor {
    /// How many instances a repeat has: its count names a node, and can't be an expression.
    Count,
    /// The labels of choices above the questions of a table-list.
    Header,
}

impl Converter<'_> {
    pub(super) fn controls(&self, parent: NodeId) -> Vec<Element> {
        let mut controls = Vec::new();
        for child in &self.form.schema.node(parent).children {
            controls.extend(self.header(*child));
            match &self.form.schema.node(*child).kind {
                Kind::Group => controls.push(self.group(*child)),
                Kind::Repeat(scope) => controls.push(self.repeat(*child, *scope)),
                Kind::Question(question) => {
                    if question.is_visible() {
                        controls.push(self.control(*child, question));
                    }
                }
            }
        }
        controls
    }

    fn group(&self, node: NodeId) -> Element {
        let mut group = Element::new("group")
            .with("ref", self.path(node))
            .with_some("appearance", self.appearance(node));
        self.own_attributes(&mut group, node, Place::Body);
        group
            .children(self.label(node))
            .children(self.controls(node))
    }

    fn repeat(&self, node: NodeId, scope: ScopeId) -> Element {
        let mut repeat = Element::new("repeat")
            .with("nodeset", self.path(node))
            .with_some("appearance", self.appearance(node))
            .with_some("jr:count", self.count(node));
        self.own_attributes(&mut repeat, node, Place::Body);
        let repeat = repeat
            .children(self.controls(node))
            .children(self.new_repeat(scope));
        Element::new("group")
            .with("ref", self.path(node))
            .children(self.label(node))
            .child(repeat)
    }

    fn control(&self, node: NodeId, question: &Question) -> Element {
        let mut control = Element::new(tag(question))
            .with("ref", self.path(node))
            .with_some("appearance", self.appearance(node))
            .with_some("mediatype", mediatype(question));
        if let Question::Range {
            start, end, step, ..
        } = question
        {
            for (name, number) in [("start", start), ("end", end), ("step", step)] {
                control.set(name, number_text(*number));
            }
        }
        self.parameters(&mut control, node, question, Place::Body);
        self.own_attributes(&mut control, node, Place::Body);
        control
            .children(self.label(node))
            .children(self.hint(node))
            .children(self.itemset(node, question))
            .children(self.value_changed(node))
    }

    fn appearance(&self, node: NodeId) -> Option<String> {
        if self.is_in_table_list(node) && self.has_choices(node) {
            return Some("list-nolabel".to_owned());
        }
        let source = self.cell(node, Column::Appearance)?;
        let words = source.split_whitespace().map(|word| match word {
            // No client knows it.
            TABLE_LIST => "field-list",
            word => word,
        });
        Some(self.woven(node, &words.collect::<Vec<_>>().join(" ")))
    }

    fn itemset(&self, node: NodeId, question: &Question) -> Option<Element> {
        match question {
            Question::One(list) | Question::Many(list) | Question::Rank(list) => {
                match self.form.schema.list(*list).is_of_answers {
                    true => self.itemset_of_answers(node, *list),
                    false => Some(self.itemset_of_list(node, *list)),
                }
            }
            // What is written at the ticks of a scale, or drawn beside a place.
            Question::Range { .. } | Question::Geo(_) => {
                let keys = ["tick_labelset", "reference-geometry"];
                let name = keys.into_iter().find_map(|key| self.parameter(node, key))?;
                let lists = &self.form.schema.lists;
                let found = lists.iter().position(|list| *list.name == *name)?;
                Some(self.whole_list(ListId(found as u32)))
            }
            _ => None,
        }
    }

    fn itemset_of_list(&self, node: NodeId, list: ListId) -> Element {
        let filter = self.cell(node, Column::ChoiceFilter);
        let filter = filter.map(|source| self.expression(node, Stand::Choices(list), source));
        let nodeset = match filter {
            Some(filter) => format!("{}[{filter}]", self.items(list)),
            None => self.items(list),
        };
        self.itemset_from(list, self.shuffled(node, nodeset))
    }

    fn whole_list(&self, list: ListId) -> Element {
        self.itemset_from(list, self.items(list))
    }

    fn itemset_from(&self, list: ListId, nodeset: String) -> Element {
        let list = self.form.schema.list(list);
        let label = match self.looks_up_choices(list) {
            true => "jr:itext(itextId)",
            false => list.label_column(),
        };
        Element::new("itemset")
            .with("nodeset", nodeset)
            .child(Element::new("value").with("ref", list.code_column()))
            .child(Element::new("label").with("ref", label))
    }

    /// The choices of a list.
    fn items(&self, list: ListId) -> String {
        self.reads.borrow_mut().lists.insert(list);
        let name = &self.form.schema.list(list).name;
        format!("instance({})/root/item", quoted(name))
    }

    /// Choices that are the answers to a question, mostly of a repeat.
    fn itemset_of_answers(&self, node: NodeId, list: ListId) -> Option<Element> {
        let schema = &self.form.schema;
        let asked = self.meant(node, &schema.list(list).name)?;
        let name = &*schema.node(asked).name;
        let filter = match self.cell(node, Column::ChoiceFilter) {
            Some(source) => self.condition_on_answers(node, asked, source),
            None => format!("./{name} != ''"),
        };
        let nodeset = format!("{}[{filter}]", self.instances_around(node, asked));
        Some(
            Element::new("itemset")
                .with("nodeset", self.shuffled(node, nodeset))
                .child(Element::new("value").with("ref", name))
                .child(Element::new("label").with("ref", name)),
        )
    }

    /// The path to what holds a question, in all instances of its repeat: from inside it that must be said by going
    /// up beyond it.
    fn instances_around(&self, owner: NodeId, asked: NodeId) -> String {
        let schema = &self.form.schema;
        let around = schema.node(asked).parent;
        let scope = schema.node(asked).scope;
        if schema.common(schema.node(owner).scope, scope) == ScopeId::FORM {
            return self.path(around);
        }
        let repeat = schema.scope(scope).node;
        let to_repeat = self.climb(schema.node(owner).parent, 1, repeat);
        let below = schema
            .node(around)
            .path
            .strip_prefix(&*schema.node(repeat).path);
        format!("{to_repeat}{}", below.unwrap_or_default())
    }

    fn shuffled(&self, node: NodeId, nodeset: String) -> String {
        match &self.form.face(node).shuffle {
            None => nodeset,
            Some(Shuffle::Any) => format!("randomize({nodeset})"),
            Some(Shuffle::By(_)) => {
                let seed = self.parameter(node, "seed").unwrap_or_default();
                let seed = self.expression(node, Stand::Itself, seed);
                format!("randomize({nodeset}, {seed})")
            }
        }
    }

    /// The node that says how many instances a repeat has.
    fn count(&self, repeat: NodeId) -> Option<String> {
        let made_up = self.made_up(repeat);
        let Some(made_up) = made_up.filter(|made_up| made_up.purpose == MadeUpFor::Count) else {
            return self.said(repeat, Column::RepeatCount);
        };
        Some(match self.form.home(repeat) {
            ScopeId::FORM => self.path_of_made_up(repeat, &made_up),
            _ => format!("../{}", made_up.name),
        })
    }

    /// What is made up before a node.
    pub(super) fn made_up(&self, node: NodeId) -> Option<MadeUp> {
        let schema = &self.form.schema;
        let purpose = match &schema.node(node).kind {
            Kind::Repeat(_) => {
                let source = self.cell(node, Column::RepeatCount)?;
                let tokens = tokens(source).ok()?;
                if let [(Token::Reference(_), _), (Token::End, _)] = tokens.as_slice() {
                    return None;
                }
                MadeUpFor::Count
            }
            _ => {
                let siblings = &schema.node(schema.node(node).parent).children;
                let first = siblings.iter().find(|sibling| self.has_choices(**sibling));
                if first != Some(&node) || !self.is_in_table_list(node) {
                    return None;
                }
                MadeUpFor::Header
            }
        };
        // As pyxform calls them, so that what is filled with either form goes into the same columns.
        let mut name = match purpose {
            MadeUpFor::Count => format!("{}_count", schema.node(node).name),
            MadeUpFor::Header => {
                let row = self.line(node)?.number();
                format!("reserved_name_for_field_list_labels_{row}")
            }
        };
        while schema.child(schema.node(node).parent, &name).is_some() {
            name.push('_');
        }
        Some(MadeUp { name, purpose })
    }

    pub(super) fn path_of_made_up(&self, before: NodeId, made_up: &MadeUp) -> String {
        let parent = self.form.schema.node(before).parent;
        format!("{}/{}", self.path(parent), made_up.name)
    }

    fn has_choices(&self, node: NodeId) -> bool {
        let schema = &self.form.schema;
        let list = schema.question(node).and_then(Question::list);
        list.is_some_and(|list| !schema.list(list).is_of_answers)
    }

    fn is_in_table_list(&self, node: NodeId) -> bool {
        let group = self.form.schema.node(node).parent;
        let appearance = &self.form.face(group).appearance;
        appearance.iter().any(|word| word == TABLE_LIST)
    }

    /// The row of labels above the questions of a table-list.
    fn header(&self, node: NodeId) -> Option<Element> {
        let made_up = self.made_up(node)?;
        let question = self.form.schema.question(node)?;
        let header = Element::new(tag(question))
            .with("ref", self.path_of_made_up(node, &made_up))
            .with("appearance", "label")
            .child(Element::new("label"));
        Some(header.child(self.whole_list(question.list()?)))
    }
}

fn tag(question: &Question) -> &'static str {
    match question {
        Question::One(_) => "select1",
        Question::Many(_) => "select",
        Question::Rank(_) => "odk:rank",
        Question::Range { .. } => "range",
        Question::File(_) => "upload",
        Question::Acknowledge => "trigger",
        _ => "input",
    }
}

fn mediatype(question: &Question) -> Option<&'static str> {
    match question {
        Question::File(Media::Image | Media::Signature | Media::Drawing | Media::Annotation) => {
            Some("image/*")
        }
        Question::File(Media::Audio) => Some("audio/*"),
        Question::File(Media::Video) => Some("video/*"),
        Question::File(Media::Other) => Some("application/*"),
        _ => None,
    }
}
