//! What a form's answers mean, for who works with them later: a line for each question, group and repeat.

mod sheet;
mod words;

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use crate::expr::code::Code;
use crate::form::list::{Labels, List};
use crate::form::schema::{Kind, ListId, NodeId, Question};
use crate::form::texts::Text;
use crate::form::{Form, Language, Switch};
use crate::tables::{ColumnKind, Several, Tables};

/// The codebook of a form. As JSON by serde, or as a sheet by [`Codebook::write_csv`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Codebook {
    /// The form's id.
    pub form: String,
    /// The form's version.
    pub version: String,
    /// The form's title.
    pub title: String,
    /// The languages of its texts.
    pub languages: Vec<Language>,
    /// Everything in the form, in the survey's order.
    pub entries: Vec<CodebookEntry>,
}

/// A text in those languages of the form that have it, by the language's name.
pub type Texts = BTreeMap<String, String>;

/// A question, group or repeat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CodebookEntry {
    /// Its name.
    pub name: String,
    /// Its path without instance ids.
    pub path: String,
    /// Its type in XLSForm's words: `integer`, `select_one ya_tidak`; `group` and `repeat` for what these begin.
    #[serde(rename = "type")]
    pub kind: String,
    /// The table of [`Form::tables`] that holds its answers; of a repeat, its instances.
    pub table: String,
    /// Its columns there: none for what has no answers, several for a geopoint.
    pub columns: Vec<String>,
    /// The page that it, or the first question in it, stands on: counted in the form's order from 1, the pages of a
    /// repeat's instances once. None for what is never shown.
    pub page: Option<usize>,
    /// As printed on the paper form.
    pub number: Option<String>,
    /// What is asked. An answer woven into it is a `…`.
    pub label: Texts,
    /// What helps to answer.
    pub hint: Texts,
    /// Its choices, with one that `or_other` adds. None for choices from a file, which the type names, and for
    /// those that are answers.
    pub choices: Vec<CodebookChoice>,
    /// When it applies, in words; empty if always. What is around it must apply as well.
    pub relevant: Texts,
    /// Whether it must be answered, where it applies.
    pub required: bool,
    /// When it must be answered, in words; empty if always or never.
    pub required_when: Texts,
    /// What it calculates, in words; empty if it is not calculated.
    pub calculation: Texts,
    /// What is said of an answer that is not allowed: for each constraint in turn.
    pub constraint_messages: Vec<Texts>,
}

/// A choice of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CodebookChoice {
    /// What is stored.
    pub code: String,
    /// What is read.
    pub label: Texts,
}

impl Form {
    /// What its answers mean.
    pub fn codebook(&self) -> Codebook {
        let tables = self.tables(Several::Joined);
        let mut author = Author {
            form: self,
            columns: columns(&tables),
            tables: &tables,
            pages: HashMap::new(),
        };
        Codebook {
            form: self.id.clone(),
            version: self.version.clone(),
            title: self.title.clone(),
            languages: self.languages.clone(),
            entries: self
                .schema
                .ids()
                .skip(1)
                .map(|node| author.entry(node))
                .collect(),
        }
    }
}

/// The names of the columns that hold a question's answer, by the question's path.
fn columns<'t>(tables: &'t Tables<'_>) -> HashMap<&'t str, Vec<&'t str>> {
    let mut columns: HashMap<&str, Vec<&str>> = HashMap::new();
    for column in tables.all().iter().flat_map(|table| &table.columns) {
        if !column.path.is_empty() && column.kind != ColumnKind::Note {
            columns.entry(&column.path).or_default().push(&column.name);
        }
    }
    columns
}

struct Author<'f> {
    form: &'f Form,
    tables: &'f Tables<'f>,
    columns: HashMap<&'f str, Vec<&'f str>>,
    /// The number of each page that was met.
    pages: HashMap<usize, usize>,
}

/// Says an expression of a node in a language.
type Words = fn(&Form, NodeId, usize, &Code) -> String;

impl Author<'_> {
    fn entry(&mut self, node: NodeId) -> CodebookEntry {
        let form = self.form;
        let (own, face) = (form.schema.node(node), form.face(node));
        let table = &self.tables.all()[form.schema.row_scope(node).index()];
        let columns = self.columns.get(&*own.path).into_iter().flatten();
        let list = form.schema.question(node).and_then(Question::list);
        let when = |code: Option<&Code>| self.in_words(node, code, words::condition);
        let (required, required_when) = match &face.required {
            Switch::Never => (false, None),
            Switch::Always => (true, None),
            Switch::When(code) => (true, Some(code)),
        };
        let messages = face
            .constraints
            .iter()
            .map(|check| self.texts(&check.message));
        CodebookEntry {
            name: own.name.to_string(),
            path: own.path.to_string(),
            kind: self.kind(node),
            table: table.name.clone(),
            columns: columns.map(|name| (*name).to_owned()).collect(),
            number: face.number.as_deref().map(str::to_owned),
            label: self.texts(&face.label),
            hint: self.texts(&face.hint),
            choices: list.map(|list| self.choices(list)).unwrap_or_default(),
            relevant: when(face.relevant.as_ref()),
            required,
            required_when: when(required_when),
            calculation: self.in_words(node, face.calculation.as_ref(), words::calculation),
            constraint_messages: messages.collect(),
            page: self.page(node),
        }
    }

    fn in_words(&self, node: NodeId, code: Option<&Code>, words: Words) -> Texts {
        let Some(code) = code else {
            return Texts::new();
        };
        let languages = self.form.languages.iter().enumerate();
        let said = languages.map(|(index, language)| {
            let words = words(self.form, node, index, code);
            (language.name.clone(), words)
        });
        said.collect()
    }

    fn texts(&self, text: &Text) -> Texts {
        let languages = self.form.languages.iter().enumerate();
        let said = languages.filter_map(|(index, language)| {
            // Only what is written in the language itself.
            text.variants.get(index)?.as_ref()?;
            Some((language.name.clone(), text.plain(index, index)?))
        });
        said.collect()
    }

    fn choices(&self, list: ListId) -> Vec<CodebookChoice> {
        let list: &List = self.form.schema.list(list);
        let Labels::InLanguages(_, labels) = &list.labels else {
            return Vec::new();
        };
        let places = (0..list.len()).zip(labels.iter());
        let choices = places.map(|(place, label)| CodebookChoice {
            code: list.code(place).to_owned(),
            label: self.texts(label),
        });
        choices.collect()
    }

    /// The number of the page on which the first of a node's questions stands.
    fn page(&mut self, node: NodeId) -> Option<usize> {
        let mut below = self.form.schema.subtree(node);
        let page = below.find_map(|node| self.form.plan.page_of[node.index()])?;
        let next = self.pages.len() + 1;
        Some(*self.pages.entry(page).or_insert(next))
    }

    fn kind(&self, node: NodeId) -> String {
        let schema = &self.form.schema;
        let question = match &schema.node(node).kind {
            Kind::Group => return "group".to_owned(),
            Kind::Repeat(_) => return "repeat".to_owned(),
            Kind::Question(question) => question,
        };
        let select = |word: &str, list: ListId| {
            let list = schema.list(list);
            match &list.file {
                Some(file) => format!("{word}_from_file {file}"),
                None => format!("{word} {}", list.name),
            }
        };
        match question.list() {
            Some(list) => select(question.word(), list),
            None => question.word().to_owned(),
        }
    }
}
