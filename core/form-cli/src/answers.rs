//! Answers from JSON, given to a session one after the other.

use std::collections::{BTreeMap, HashMap, HashSet};

use ketuk_form::{Answer, Error, Form, Session};
use serde_json::{Map, Value};

/// The types of a form's questions, groups and repeats, by their paths without instance ids.
pub(crate) type Kinds = HashMap<String, String>;

pub(crate) fn kinds(form: &Form) -> Kinds {
    let entries = form.codebook().entries.into_iter();
    entries.map(|entry| (entry.path, entry.kind)).collect()
}

/// The answers to `hidden` questions, which a session takes from its context.
pub(crate) fn facts(kinds: &Kinds, answers: &Value) -> BTreeMap<String, String> {
    let mut facts = BTreeMap::new();
    gather(kinds, "", answers, &mut facts);
    facts
}

fn gather(kinds: &Kinds, above: &str, answers: &Value, facts: &mut BTreeMap<String, String>) {
    match answers {
        Value::Object(members) => {
            for (name, value) in members {
                gather(kinds, &join(above, name), value, facts);
            }
        }
        Value::Array(instances) => {
            for instance in instances {
                gather(kinds, above, instance, facts);
            }
        }
        fact if kind(kinds, above) == "hidden" => {
            if let Answer::Text(text) = answer(fact) {
                let name = above.rsplit('/').next().unwrap_or(above);
                facts.insert(name.to_owned(), text);
            }
        }
        _ => {}
    }
}

pub(crate) struct Answers<'s> {
    session: &'s mut Session,
    kinds: &'s Kinds,
    /// What could not be taken, in sentences.
    pub(crate) wrong: Vec<String>,
    /// The paths of what was answered.
    pub(crate) given: Vec<String>,
}

impl<'s> Answers<'s> {
    pub(crate) fn new(session: &'s mut Session, kinds: &'s Kinds) -> Answers<'s> {
        Answers {
            session,
            kinds,
            wrong: Vec::new(),
            given: Vec::new(),
        }
    }

    pub(crate) fn take(&mut self, answers: &Value) {
        let Value::Object(members) = answers else {
            let sentence = "the answers are no JSON object";
            return self.wrong.push(sentence.to_owned());
        };
        self.members("", members);
        // Notes come after all answers: a note goes when its answer changes.
        if let Some(Value::Object(notes)) = members.get(NOTES) {
            for (path, note) in notes {
                self.note(path, note);
            }
        }
    }

    fn members(&mut self, above: &str, members: &Map<String, Value>) {
        for (name, value) in members {
            if name == ID || (above.is_empty() && name == NOTES) {
                continue;
            }
            match self.find(above, name) {
                Ok(path) => self.value(&path, value),
                Err(sentence) => self.wrong.push(sentence),
            }
        }
    }

    fn value(&mut self, path: &str, value: &Value) {
        match value {
            Value::Object(members) => self.members(path, members),
            Value::Array(instances) if kind(self.kinds, path) == "repeat" => {
                self.instances(path, instances);
            }
            _ => self.answer(path, value),
        }
    }

    /// As many instances as there are in the answers: those of the same ids, then any others, then new ones.
    fn instances(&mut self, repeat: &str, answers: &[Value]) {
        let mut open = self.session.instances(repeat);
        let known: HashSet<String> = open.iter().cloned().collect();
        let id_of = |answers: &Value| {
            let id = answers.get(ID).and_then(Value::as_str);
            id.map(|id| format!("{repeat}[{id}]"))
        };
        let by_id: Vec<Option<String>> = answers
            .iter()
            .map(|one| id_of(one).filter(|path| known.contains(path)))
            .collect();
        open.retain(|path| !by_id.iter().flatten().any(|taken| taken == path));
        let mut open = open.into_iter();
        for (answers, by_id) in answers.iter().zip(by_id) {
            let path = by_id.or_else(|| open.next());
            match path.map_or_else(|| self.session.add(repeat), Ok) {
                Ok(path) => match answers {
                    Value::Object(members) => self.members(&path, members),
                    _ => self
                        .wrong
                        .push(format!("{path}: its answers are no JSON object")),
                },
                Err(error) => return self.wrong.push(error.to_string()),
            }
        }
        for path in open {
            if let Err(error) = self.session.remove(&path) {
                self.wrong.push(error.to_string());
            }
        }
    }

    fn answer(&mut self, path: &str, value: &Value) {
        match self.session.answer(path, answer(value)) {
            Ok(_) => self.given.push(path.to_owned()),
            // As in a document of this form: what it sets itself need not be told.
            Err(Error::ReadOnly { .. }) => {}
            Err(error) => self.wrong.push(error.to_string()),
        }
    }

    fn note(&mut self, path: &str, note: &Value) {
        let Some(note) = note.as_str() else {
            return self.wrong.push(format!("{path}: its note is no text"));
        };
        let noted = self.find("", path).and_then(|path| {
            let noted = self.session.note(&path, note);
            noted.map_err(|error| error.to_string())
        });
        if let Err(sentence) = noted {
            self.wrong.push(sentence);
        }
    }

    /// The path of what a name means, where instances may be given by their numbers.
    fn find(&mut self, above: &str, name: &str) -> Result<String, String> {
        let mut path = above.to_owned();
        for part in name.split('/') {
            path = match part.split_once('[') {
                None => join(&path, part),
                Some((repeat, instance)) => {
                    let instance = instance.trim_end_matches(']');
                    self.instance(&join(&path, repeat), instance)?
                }
            };
        }
        Ok(path)
    }

    fn instance(&mut self, repeat: &str, wanted: &str) -> Result<String, String> {
        let path = format!("{repeat}[{wanted}]");
        let mut instances = self.session.instances(repeat);
        match wanted.parse::<usize>() {
            _ if instances.contains(&path) => Ok(path),
            Ok(number) if (1..=instances.len()).contains(&number) => {
                Ok(instances.swap_remove(number - 1))
            }
            Ok(number) if number == instances.len() + 1 => {
                self.session.add(repeat).map_err(|error| error.to_string())
            }
            _ => Err(format!("{path}: there is no such instance")),
        }
    }
}

/// As documents name the id of an instance, and the notes to warnings.
const ID: &str = "_id";
const NOTES: &str = "_notes";

fn join(above: &str, name: &str) -> String {
    match above {
        "" => name.to_owned(),
        above => format!("{above}/{name}"),
    }
}

fn kind<'k>(kinds: &'k Kinds, path: &str) -> &'k str {
    let parts = path
        .split('/')
        .map(|part| part.split('[').next().unwrap_or(part));
    let path: Vec<&str> = parts.collect();
    kinds.get(&path.join("/")).map_or("", String::as_str)
}

fn answer(value: &Value) -> Answer {
    match value {
        Value::Null => Answer::Empty,
        Value::String(text) => Answer::Text(text.clone()),
        Value::Array(codes) => Answer::Choices(codes.iter().map(plain).collect()),
        other => Answer::Text(other.to_string()),
    }
}

fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}
