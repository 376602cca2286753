//! A document in words, through the form that it was filled with.

use ketuk_form::Form;
use serde_json::Value;

/// An answer as people read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerInWords {
    /// The question, by its path in the document.
    pub path: String,
    /// What it is about: the labels of the groups around it, a row of a repeat by its number.
    pub within: String,
    /// What was asked.
    pub label: String,
    /// The answer; several choices are parted by commas.
    pub answer: String,
}

/// The answers of a document that people can read: those whose question has a label. What the
/// document has beyond the form is left out.
pub(crate) fn in_words(form: &Form, document: &str, language: &str) -> Vec<AnswerInWords> {
    let mut answers = Vec::new();
    if let Ok(Value::Object(document)) = serde_json::from_str(document) {
        let mut reader = Reader {
            form,
            language,
            answers: &mut answers,
        };
        reader.group(&Place::default(), &document);
    }
    answers
}

/// What is asked at a path of a document.
pub(crate) fn label(form: &Form, path: &str, language: &str) -> Option<String> {
    let without_ids: Vec<&str> = path
        .split('/')
        .map(|part| part.split_once('[').map_or(part, |(name, _)| name))
        .collect();
    form.label(&without_ids.join("/"), language)
}

#[derive(Default, Clone)]
struct Place {
    /// In the document, with the ids of rows.
    path: String,
    /// In the form, without.
    question: String,
    within: String,
}

impl Place {
    fn into(&self, name: &str) -> Place {
        let join = |path: &str| match path {
            "" => name.to_owned(),
            path => format!("{path}/{name}"),
        };
        Place {
            path: join(&self.path),
            question: join(&self.question),
            within: self.within.clone(),
        }
    }

    fn called(mut self, label: Option<String>, position: Option<usize>) -> Place {
        let parts = [label, position.map(|position| position.to_string())];
        let name: Vec<String> = parts.into_iter().flatten().collect();
        if !name.is_empty() {
            if !self.within.is_empty() {
                self.within.push_str(" · ");
            }
            self.within.push_str(&name.join(" "));
        }
        self
    }
}

struct Reader<'a> {
    form: &'a Form,
    language: &'a str,
    answers: &'a mut Vec<AnswerInWords>,
}

impl Reader<'_> {
    fn group(&mut self, place: &Place, group: &serde_json::Map<String, Value>) {
        for (name, value) in group {
            if name.starts_with('_') {
                continue;
            }
            let place = place.into(name);
            let label = self.form.label(&place.question, self.language);
            match value {
                Value::Object(inner) => self.group(&place.called(label, None), inner),
                Value::Array(rows) if rows.iter().any(Value::is_object) => {
                    for (row, position) in rows.iter().zip(1..) {
                        let (Value::Object(row), Some(id)) = (row, row["_id"].as_str()) else {
                            continue;
                        };
                        let mut place = place.clone().called(label.clone(), Some(position));
                        place.path = format!("{}[{id}]", place.path);
                        self.group(&place, row);
                    }
                }
                value => {
                    if let Some(label) = label.filter(|label| !label.is_empty()) {
                        self.answers.push(AnswerInWords {
                            answer: self.answer(&place.question, value),
                            path: place.path,
                            within: place.within,
                            label,
                        });
                    }
                }
            }
        }
    }

    fn answer(&self, question: &str, value: &Value) -> String {
        let choice = |code: &str| {
            let label = self.form.choice_label(question, code, self.language);
            label.unwrap_or_else(|| code.to_owned())
        };
        match value {
            Value::String(text) => choice(text),
            Value::Array(codes) => {
                let labels: Vec<String> =
                    codes.iter().filter_map(Value::as_str).map(choice).collect();
                labels.join(", ")
            }
            Value::Null => String::new(),
            other => other.to_string(),
        }
    }
}
