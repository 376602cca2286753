//! Texts: where a form has several languages, or a text has more than words, they stand in `itext` and are looked
//! up by an id; elsewhere they stand where they are shown.

use super::Converter;
use super::xml::Element;
use crate::expr::code::Code;
use crate::expr::resolve::Stand;
use crate::form::faces::IMAGES;
use crate::form::list::{Labels, List};
use crate::form::schema::{Medium, NodeId};
use crate::form::texts::{Part, Text};

/// A text of `itext`.
struct Entry<'a> {
    id: String,
    owner: NodeId,
    values: Vec<Value<'a>>,
}

/// One of the shapes that a text has.
struct Value<'a> {
    form: Option<&'static str>,
    /// One after the other.
    texts: Vec<&'a Text>,
    /// What stands before them: of a file, where clients keep it.
    before: &'static str,
    /// What is said where no language has a text.
    otherwise: &'a str,
}

impl<'a> Value<'a> {
    fn of(form: Option<&'static str>, texts: Vec<&'a Text>) -> Value<'a> {
        Value {
            form,
            texts,
            before: "",
            otherwise: "",
        }
    }

    /// The files that go with a text.
    fn of_media(media: &'a [(Medium, Text)]) -> impl Iterator<Item = Value<'a>> {
        media.iter().map(|(medium, file)| {
            let (form, before) = match medium {
                Medium::Image => ("image", IMAGES),
                Medium::BigImage => ("big-image", IMAGES),
                Medium::Audio => ("audio", "jr://audio/"),
                Medium::Video => ("video", "jr://video/"),
            };
            Value {
                before,
                ..Value::of(Some(form), vec![file])
            }
        })
    }
}

impl<'a> Converter<'a> {
    /// All texts that are looked up, in all languages.
    pub(super) fn itext(&self) -> Option<Element> {
        let mut entries = Vec::new();
        for list in &self.form.schema.lists {
            self.choice_entries(list, &mut entries);
        }
        for node in self.form.schema.ids() {
            self.entries(node, &mut entries);
        }
        if entries.is_empty() {
            return None;
        }
        let languages = self.form.languages.iter().enumerate();
        let translations = languages.map(|(index, language)| {
            let is_default = index == self.form.default_language;
            let texts = entries.iter().map(|entry| {
                let values = entry.values.iter().map(|value| {
                    let element = Element::new("value").with_some("form", value.form);
                    self.words(element, entry.owner, value, index)
                });
                Element::new("text").with("id", &entry.id).children(values)
            });
            Element::new("translation")
                .with("lang", &language.name)
                .with_some("default", is_default.then_some("true()"))
                .children(texts)
        });
        Some(Element::new("itext").children(translations))
    }

    fn entries(&self, node: NodeId, entries: &mut Vec<Entry<'a>>) {
        let face = self.form.face(node);
        let mut add = |kind: &str, values: Vec<Value<'a>>| {
            entries.push(Entry {
                id: self.text_id(node, kind),
                owner: node,
                values,
            });
        };
        if self.looks_up_label(node) {
            let words = (!face.label.is_empty()).then(|| Value::of(None, vec![&face.label]));
            add(
                "label",
                words
                    .into_iter()
                    .chain(Value::of_media(&face.media))
                    .collect(),
            );
        }
        if self.looks_up_hint(node) {
            let shapes = [(None, &face.hint), (Some("guidance"), &face.guidance)];
            let shapes = shapes.into_iter().filter(|(_, text)| !text.is_empty());
            let values = shapes.map(|(form, text)| Value::of(form, vec![text]));
            add("hint", values.collect());
        }
        for message in [Message::Constraint, Message::Required] {
            let texts = self.messages(node, message);
            if self.looks_up(&texts) {
                add(message.attribute(), vec![Value::of(None, texts)]);
            }
        }
    }

    fn choice_entries(&self, list: &'a List, entries: &mut Vec<Entry<'a>>) {
        let Labels::InLanguages(_, texts) = &list.labels else {
            return;
        };
        if !self.looks_up_choices(list) {
            return;
        }
        for (place, text) in (0..).zip(texts.iter()) {
            let media = list.media.get(place as usize);
            let media = media.map(|media| &**media).unwrap_or_default();
            let words = Value {
                otherwise: list.code(place),
                ..Value::of(None, vec![text])
            };
            // A picture needs no words, and a code beside it would be none.
            let words = (!text.is_empty() || media.is_empty()).then_some(words);
            entries.push(Entry {
                id: choice_id(list, place),
                owner: NodeId::ROOT,
                values: words.into_iter().chain(Value::of_media(media)).collect(),
            });
        }
    }

    pub(super) fn label(&self, node: NodeId) -> Option<Element> {
        let text = &self.form.face(node).label;
        let label = Element::new("label");
        if self.looks_up_label(node) {
            return Some(label.with("ref", self.look_up(node, "label")));
        }
        (!text.is_empty()).then(|| self.words(label, node, &Value::of(None, vec![text]), 0))
    }

    pub(super) fn hint(&self, node: NodeId) -> Option<Element> {
        let text = &self.form.face(node).hint;
        let hint = Element::new("hint");
        if self.looks_up_hint(node) {
            return Some(hint.with("ref", self.look_up(node, "hint")));
        }
        (!text.is_empty()).then(|| self.words(hint, node, &Value::of(None, vec![text]), 0))
    }

    /// What is said of an answer, as an attribute.
    pub(super) fn message(&self, node: NodeId, message: Message) -> Option<String> {
        let texts = self.messages(node, message);
        if self.looks_up(&texts) {
            return Some(self.look_up(node, message.attribute()));
        }
        let words = texts.iter().filter_map(|text| text.plain(0, 0));
        let words: Vec<String> = words.collect();
        (!words.is_empty()).then(|| words.join(" "))
    }

    /// The sentences of a message. Of several constraints any may have failed, so that all have their say.
    fn messages(&self, node: NodeId, message: Message) -> Vec<&'a Text> {
        let face = self.form.face(node);
        let texts: Vec<&Text> = match message {
            Message::Constraint => face
                .constraints
                .iter()
                .map(|check| &check.message)
                .collect(),
            Message::Required => vec![&face.required_message],
        };
        texts.into_iter().filter(|text| !text.is_empty()).collect()
    }

    /// The words of a choice of a list whose labels aren't looked up.
    pub(super) fn choice_label(&self, list: &List, place: u32) -> Element {
        let words = list.label(place, 0, 0);
        let words = words.as_deref().unwrap_or_else(|| list.code(place));
        Element::new("label").text(words)
    }

    fn look_up(&self, node: NodeId, kind: &str) -> String {
        format!("jr:itext('{}')", self.text_id(node, kind))
    }

    fn text_id(&self, node: NodeId, kind: &str) -> String {
        format!("{}:{kind}", self.path(node))
    }

    /// Whether the form has languages: texts without one are in `default`.
    fn is_in_languages(&self) -> bool {
        !matches!(self.form.languages.as_slice(), [only] if only.name == "default")
    }

    /// Whether what an attribute would say is looked up: nothing can be woven into one.
    fn looks_up(&self, texts: &[&Text]) -> bool {
        !texts.is_empty() && (self.is_in_languages() || texts.iter().any(|text| text.moves()))
    }

    fn looks_up_label(&self, node: NodeId) -> bool {
        let face = self.form.face(node);
        !face.media.is_empty() || (!face.label.is_empty() && self.is_in_languages())
    }

    fn looks_up_hint(&self, node: NodeId) -> bool {
        let face = self.form.face(node);
        !face.guidance.is_empty() || (!face.hint.is_empty() && self.is_in_languages())
    }

    pub(super) fn looks_up_choices(&self, list: &List) -> bool {
        match &list.labels {
            Labels::InLanguages(_, texts) => {
                self.is_in_languages() || !list.media.is_empty() || texts.iter().any(Text::moves)
            }
            Labels::AsTheyAre(_) => false,
        }
    }

    /// Puts words into an element, with the answers woven into them.
    fn words(
        &self,
        element: Element,
        owner: NodeId,
        value: &Value<'_>,
        language: usize,
    ) -> Element {
        let mut element = element.text(value.before);
        let default = self.form.default_language;
        let templates = value
            .texts
            .iter()
            .filter_map(|text| text.template(language, default));
        for (index, template) in templates.enumerate() {
            element = element.text(if index > 0 { " " } else { "" });
            for part in &template.parts {
                element = match part {
                    Part::Words(words) => element.text(words),
                    Part::Answer(code, source) => element.child(self.output(owner, code, source)),
                };
            }
        }
        if value.texts.iter().all(|text| text.is_empty()) {
            element = element.text(value.otherwise);
        }
        element
    }

    fn output(&self, owner: NodeId, code: &Code, source: &str) -> Element {
        let value = match code {
            Code::Answer(target) => self.seen_from(owner, target.node),
            _ => self.expression(owner, Stand::Itself, source),
        };
        Element::new("output").with("value", value)
    }
}

/// What is said of an answer that doesn't do.
#[derive(Clone, Copy)]
pub(super) enum Message {
    Constraint,
    Required,
}

impl Message {
    pub(super) fn attribute(self) -> &'static str {
        match self {
            Message::Constraint => "jr:constraintMsg",
            Message::Required => "jr:requiredMsg",
        }
    }
}

pub(super) fn choice_id(list: &List, place: u32) -> String {
    format!("{}-{place}", list.name)
}
