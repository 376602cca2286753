//! A compiled form: immutable, shared by all sessions and checks.

pub(crate) mod compile;
pub(crate) mod faces;
pub(crate) mod list;
mod lists;
pub(crate) mod loops;
mod order;
pub(crate) mod pages;
pub(crate) mod parameters;
mod range;
pub(crate) mod schema;
mod shell;
pub(crate) mod survey;
pub(crate) mod table;
pub(crate) mod texts;
pub(crate) mod types;

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use serde::Serialize;

use crate::expr::code::Code;
use crate::fault::{Fault, Faults};
use crate::messages::Tongue;
use crate::workbook::Workbook;
use pages::Plan;
pub use schema::{Geo, Media, Medium};
use schema::{Kind, NodeId, Schema, ScopeId};
pub use shell::Shell;
use texts::Text;

/// A questionnaire ready to be filled and checked. Share it as `Arc<Form>`.
pub struct Form {
    pub(crate) id: String,
    pub(crate) version: String,
    pub(crate) title: String,
    pub(crate) languages: Vec<Language>,
    pub(crate) default_language: usize,
    pub(crate) schema: Schema,
    /// By node.
    pub(crate) faces: Vec<Face>,
    /// In the order of their evaluation: what a rule reads is settled by rules before it.
    pub(crate) rules: Vec<Rule>,
    /// Rules by the scope in whose rows they are evaluated, in order.
    pub(crate) rules_in: Vec<Vec<u32>>,
    /// Rules that read a node's answer, by node.
    pub(crate) value_readers: Vec<Vec<Reader>>,
    /// Rules that read which instances there are, by the repeat's scope.
    pub(crate) instance_readers: Vec<Vec<Reader>>,
    /// Rules that read the language.
    pub(crate) language_readers: Vec<u32>,
    pub(crate) plan: Plan,
    /// Whether a log of the filling is asked for.
    pub(crate) audit: Option<Audit>,
    pub(crate) roles: HashMap<Box<str>, NodeId>,
    pub(crate) warnings: Vec<Fault>,
}

/// A language of a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Language {
    /// As the workbook writes it: `Bahasa Indonesia (id)`.
    pub name: String,
    /// The code in its brackets: `id`.
    pub code: Option<String>,
}

/// A word of a question's `parameters` with its value: a hint to whoever draws it, as `max-pixels=1024`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Parameter {
    /// In small letters: `max-pixels`.
    pub name: String,
    /// Of the kind that the parameter wants: a number that is one, a word that is known.
    pub value: String,
}

/// A question, group or repeat of a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct QuestionRef {
    /// Its path without instance ids: `keluarga/anggota/nik`.
    pub path: String,
    /// Its own name: `nik`.
    pub name: String,
}

/// What a node looks like and how it behaves.
#[derive(Debug, Default)]
pub(crate) struct Face {
    pub(crate) label: Text,
    pub(crate) hint: Text,
    pub(crate) guidance: Text,
    /// Names of the files that go with the label.
    pub(crate) media: Vec<(Medium, Text)>,
    /// Hints to whoever draws the question.
    pub(crate) parameters: Box<[Parameter]>,
    pub(crate) number: Option<Box<str>>,
    pub(crate) appearance: Box<[String]>,
    pub(crate) relevant: Option<Code>,
    pub(crate) calculation: Option<Code>,
    /// Calculated only when what its `trigger` names changes.
    pub(crate) triggered: bool,
    /// Calculated from its own answer so far, as `once()` is and `. + 1`.
    pub(crate) cumulative: bool,
    pub(crate) fixed: Option<Code>,
    pub(crate) count: Option<Code>,
    pub(crate) required: Switch,
    pub(crate) required_message: Text,
    pub(crate) read_only: Switch,
    pub(crate) constraints: Vec<Check>,
    pub(crate) warning: Option<Check>,
    pub(crate) filter: Option<Code>,
    /// The nodes whose texts are the choices.
    pub(crate) answers: Option<Code>,
    pub(crate) shuffle: Option<Shuffle>,
    pub(crate) default: Option<Default>,
    pub(crate) carry: Carry,
    pub(crate) card: Text,
    pub(crate) card_detail: Text,
}

/// What the client audit log tells beside what was seen when.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Audit {
    /// Answers before and after.
    pub(crate) changes: bool,
    /// Who filled it.
    pub(crate) user: bool,
}

/// A condition that an answer must meet, and what is said when it does not.
#[derive(Debug)]
pub(crate) struct Check {
    pub(crate) code: Code,
    pub(crate) message: Text,
}

/// That choices are shown in an order by chance, and from which seed.
#[derive(Debug)]
pub(crate) enum Shuffle {
    Any,
    By(Code),
}

#[derive(Debug, Default)]
pub(crate) enum Switch {
    #[default]
    Never,
    Always,
    When(Code),
}

#[derive(Debug)]
pub(crate) enum Default {
    Text(Box<str>),
    Code(Code),
}

/// Whether answers of the last visit are taken over.
#[derive(Debug, Default)]
pub(crate) enum Carry {
    #[default]
    Yes,
    No,
    /// Of a repeat: the instances of the last visit for which this holds.
    When(Code),
}

/// An expression of a node that is kept up to date.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rule {
    pub(crate) node: NodeId,
    pub(crate) kind: RuleKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum RuleKind {
    Relevant,
    Count,
    Calculate,
    Fixed,
    ReadOnly,
    Required,
    Choices,
    Constraint,
    Warning,
    /// A text with answers woven in: nothing to compute, but to draw again.
    Words,
}

/// A rule that reads something: of the row of scope `apex` around what changed, all rows below are
/// evaluated again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reader {
    pub(crate) rule: u32,
    pub(crate) apex: ScopeId,
}

impl fmt::Debug for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A questionnaire in full would bury whatever else is shown.
        f.debug_struct("Form")
            .field("id", &self.id)
            .field("version", &self.version)
            .field("nodes", &self.schema.nodes.len())
            .finish_non_exhaustive()
    }
}

impl Form {
    /// Compiles a workbook.
    ///
    /// # Errors
    /// All that is wrong in it, at once, warnings beside the errors.
    pub fn compile(workbook: &Workbook) -> Result<Form, Faults> {
        Form::compile_for(workbook, Shell::default())
    }

    /// Compiles a workbook for a shell that can't show all there is.
    ///
    /// # Errors
    /// As [`Form::compile`], what the shell lacks among it.
    pub fn compile_for(workbook: &Workbook, shell: Shell<'_>) -> Result<Form, Faults> {
        compile::compile(workbook, shell)
    }

    /// `form_id` of the settings sheet.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// `version` of the settings sheet; empty if it has none.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// `form_title` of the settings sheet; the id if it has none.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// At least one: `default` for a form whose texts name no language.
    pub fn languages(&self) -> &[Language] {
        &self.languages
    }

    /// What the author should look at though the form runs.
    pub fn warnings(&self) -> &[Fault] {
        &self.warnings
    }

    /// The question that `ketuk::role` marks with a role.
    pub fn role(&self, role: &str) -> Option<QuestionRef> {
        self.roles.get(role).map(|node| self.reference(*node))
    }

    /// All questions, groups and repeats in the survey's order.
    pub fn questions(&self) -> impl Iterator<Item = QuestionRef> {
        self.schema.ids().skip(1).map(|node| self.reference(node))
    }

    fn reference(&self, node: NodeId) -> QuestionRef {
        let node = self.schema.node(node);
        QuestionRef {
            path: node.path.to_string(),
            name: node.name.to_string(),
        }
    }

    /// The answer that a document gives to the question of a role: its text, codes of several
    /// choices joined by a space. Of a question in a repeat, the first instance's that has one.
    pub fn role_answer(&self, document: &serde_json::Value, role: &str) -> Option<String> {
        let node = *self.roles.get(role)?;
        find(document, &self.schema.node(node).path)
    }

    /// A question's, group's or repeat's label by its path (or its name, where that is unique) in
    /// a language given by name or code. Answers woven into it are shown as `…`.
    pub fn label(&self, path: &str, language: &str) -> Option<String> {
        let node = self.schema.find(path)?;
        self.faces[node.index()]
            .label
            .plain(self.language_or_default(language), self.default_language)
    }

    /// The label of one of a question's choices.
    pub fn choice_label(&self, path: &str, code: &str, language: &str) -> Option<String> {
        let question = self.schema.question(self.schema.find(path)?)?;
        let list = self.schema.list(question.list()?);
        let place = list.find(code)?;
        let language = self.language_or_default(language);
        list.label(place, language, self.default_language)
            .map(Cow::into_owned)
    }

    pub(crate) fn language_index(&self, wanted: &str) -> Option<usize> {
        self.languages
            .iter()
            .position(|language| language.name == wanted)
            .or_else(|| {
                self.languages
                    .iter()
                    .position(|language| language.code.as_deref() == Some(wanted))
            })
    }

    fn language_or_default(&self, wanted: &str) -> usize {
        self.language_index(wanted).unwrap_or(self.default_language)
    }

    pub(crate) fn tongue(&self, language: usize) -> Tongue {
        Tongue::of(
            self.languages
                .get(language)
                .and_then(|language| language.code.as_deref()),
        )
    }

    pub(crate) fn face(&self, node: NodeId) -> &Face {
        &self.faces[node.index()]
    }

    /// Whether the number of instances is set by the form.
    pub(crate) fn is_counted(&self, repeat: NodeId) -> bool {
        self.face(repeat).count.is_some()
    }

    /// The scope whose rows an expression of the node is evaluated in.
    pub(crate) fn home(&self, node: NodeId) -> ScopeId {
        self.schema.node(node).scope
    }

    pub(crate) fn is_repeat(&self, node: NodeId) -> bool {
        matches!(self.schema.node(node).kind, Kind::Repeat(_))
    }
}

/// Follows names into a document, through the first instance that leads on.
pub(crate) fn find(value: &serde_json::Value, path: &str) -> Option<String> {
    use serde_json::Value;
    let (name, rest) = match path.split_once('/') {
        Some((name, rest)) => (name, Some(rest)),
        None => (path, None),
    };
    let inner = value.get(name)?;
    match (inner, rest) {
        (Value::Array(instances), Some(rest)) => {
            instances.iter().find_map(|instance| find(instance, rest))
        }
        (_, Some(rest)) => find(inner, rest),
        (Value::String(text), None) => Some(text.clone()),
        (Value::Number(number), None) => Some(number.to_string()),
        (Value::Array(codes), None) => {
            let codes: Option<Vec<&str>> = codes.iter().map(Value::as_str).collect();
            codes.map(|codes| codes.join(" "))
        }
        _ => None,
    }
}
