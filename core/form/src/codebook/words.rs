//! Expressions in words, as a codebook says when a question is asked: `Sedang hamil? = Ya dan Umur ibu < 50`.
//!
//! The words are made of the compiled code, where every name has become the question it means. What has no plain
//! words keeps the spelling of XPath, with labels for names all the same.

use crate::expr::ast::{Axis, Op, Test};
use crate::expr::code::{Code, Path, Start, Step, Target};
use crate::expr::functions::{FUNCTIONS, Function};
use crate::expr::value::number_text;
use crate::form::Form;
use crate::form::list::List;
use crate::form::schema::{NodeId, Question, ScopeId};
use crate::messages::Tongue;

/// A condition that belongs to a node, in words of a language.
pub(super) fn condition(form: &Form, owner: NodeId, language: usize, code: &Code) -> String {
    Speaker::new(form, owner, language).truth(code).text
}

/// What a node calculates, in words of a language.
pub(super) fn calculation(form: &Form, owner: NodeId, language: usize, code: &Code) -> String {
    Speaker::new(form, owner, language).say(code).text
}

/// A question's label on one line, or its name if it has none.
fn label(form: &Form, node: NodeId, language: usize) -> String {
    let label = form.face(node).label.plain(language, form.default_language);
    let label = label.map(|label| in_short(&label)).unwrap_or_default();
    match label.is_empty() {
        true => form.schema.node(node).name.to_string(),
        false => label,
    }
}

/// A label within a sentence: on one line, and no longer than is read there.
fn in_short(text: &str) -> String {
    const LONGEST: usize = 200;
    let line = one_line(text);
    match line.char_indices().nth(LONGEST) {
        None => line,
        Some((end, _)) => format!("{}…", &line[..end]),
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

struct Speaker<'f> {
    form: &'f Form,
    language: usize,
    tongue: Tongue,
    /// The question that the expression belongs to.
    owner: NodeId,
    /// What `.` means; none where that is no question.
    here: Option<NodeId>,
}

/// How tightly the parts of a phrase hold together: what is looser than the phrase it stands in gets brackets.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Hold {
    Loose,
    Or,
    And,
    Clause,
    Sum,
    Product,
    Word,
}

struct Phrase {
    text: String,
    hold: Hold,
}

impl Phrase {
    fn new(text: impl Into<String>, hold: Hold) -> Phrase {
        let text = text.into();
        Phrase { text, hold }
    }

    fn word(text: impl Into<String>) -> Phrase {
        Phrase::new(text, Hold::Word)
    }

    fn held(self, least: Hold) -> String {
        match self.hold < least {
            true => format!("({})", self.text),
            false => self.text,
        }
    }
}

impl<'f> Speaker<'f> {
    fn new(form: &'f Form, owner: NodeId, language: usize) -> Speaker<'f> {
        Speaker {
            form,
            language,
            tongue: form.tongue(language),
            owner,
            here: Some(owner),
        }
    }

    fn say(&self, code: &Code) -> Phrase {
        match code {
            Code::Number(number) => Phrase::word(number_text(*number)),
            Code::Text(text) => Phrase::word(format!("“{text}”")),
            Code::Here => match self.here {
                Some(node) => self.named(node),
                None => Phrase::word("."),
            },
            Code::Current => self.named(self.owner),
            Code::Answer(target) => self.named(target.node),
            Code::ChoiceName(value, _) => self.say(value),
            Code::Negate(inner) => {
                let inner = self.say(inner).held(Hold::Product);
                Phrase::new(format!("-{inner}"), Hold::Product)
            }
            Code::Binary(op, sides) => self.binary(*op, &sides.0, &sides.1),
            Code::Call(function, arguments) => self.call(*function, arguments),
            Code::Matches(value, pattern) => self.matches(value, format!("`{}`", pattern.as_str())),
            Code::LastSaved(node) => {
                let about = self.tongue.pick("isian terakhir", "last saved");
                Phrase::word(format!("{} ({about})", self.named(*node).text))
            }
            Code::IndexedRepeat(target, indices) => self.indexed(*target, indices),
            Code::PullData(pull) => {
                let list = self.form.schema.list(pull.list);
                let key = self.say(&pull.key).text;
                let column = |index: u32| {
                    list.rows
                        .columns
                        .get(index as usize)
                        .map_or("", AsRef::as_ref)
                };
                let (column, key_column) = (column(pull.column), column(pull.key_column));
                Phrase::word(format!(
                    "pulldata({}, {column}, {key_column}, {key})",
                    list.name
                ))
            }
            Code::Path(path) => self.path(path),
            Code::List(list) => {
                Phrase::word(format!("instance({})", self.form.schema.list(*list).name))
            }
        }
    }

    fn named(&self, node: NodeId) -> Phrase {
        Phrase::word(label(self.form, node, self.language))
    }

    fn held(&self, code: &Code, least: Hold) -> String {
        self.say(code).held(least)
    }

    /// What is wanted as a truth: an answer is true when there is one.
    fn truth(&self, code: &Code) -> Phrase {
        match code {
            Code::Here | Code::Current | Code::Answer(_) | Code::Path(_) => {
                self.filled(code, false)
            }
            _ => self.say(code),
        }
    }

    fn filled(&self, code: &Code, is_empty: bool) -> Phrase {
        let words = match is_empty {
            true => self.tongue.pick("kosong", "is empty"),
            false => self.tongue.pick("terisi", "is filled in"),
        };
        Phrase::new(format!("{} {words}", self.side(code, code)), Hold::Clause)
    }

    fn binary(&self, op: Op, a: &Code, b: &Code) -> Phrase {
        let tongue = self.tongue;
        let truths = |word: &str, hold: Hold| {
            let (a, b) = (self.truth(a).held(hold), self.truth(b).held(hold));
            Phrase::new(format!("{a} {word} {b}"), hold)
        };
        // The right side of `-`, `÷` and `mod` is bracketed where it is of the same kind.
        let reckoned = |sign: &str, hold: Hold, right: Hold| {
            let (a, b) = (self.held(a, hold), self.held(b, right));
            Phrase::new(format!("{a} {sign} {b}"), hold)
        };
        match op {
            Op::Or => truths(tongue.pick("atau", "or"), Hold::Or),
            Op::And => truths(tongue.pick("dan", "and"), Hold::And),
            Op::Equal => self.equal(a, b, true),
            Op::NotEqual => self.equal(a, b, false),
            Op::Less => self.compared(a, "<", b),
            Op::LessOrEqual => self.compared(a, "≤", b),
            Op::Greater => self.compared(a, ">", b),
            Op::GreaterOrEqual => self.compared(a, "≥", b),
            Op::Add => reckoned("+", Hold::Sum, Hold::Sum),
            Op::Subtract => reckoned("-", Hold::Sum, Hold::Product),
            Op::Multiply => reckoned("×", Hold::Product, Hold::Product),
            Op::Divide => reckoned("÷", Hold::Product, Hold::Word),
            Op::Modulo => reckoned("mod", Hold::Product, Hold::Word),
            Op::Union => reckoned("|", Hold::Product, Hold::Word),
        }
    }

    fn compared(&self, a: &Code, sign: &str, b: &Code) -> Phrase {
        let (left, right) = (self.side(a, b), self.side(b, a));
        Phrase::new(format!("{left} {sign} {right}"), Hold::Clause)
    }

    fn equal(&self, a: &Code, b: &Code, is_equal: bool) -> Phrase {
        for (of, with) in [(a, b), (b, a)] {
            match with {
                Code::Text(text) if text.is_empty() => return self.filled(of, is_equal),
                Code::Call(Function::True, _) if is_equal => return self.truth(of),
                Code::Call(Function::False, _) if !is_equal => return self.truth(of),
                Code::Call(Function::True | Function::False, _) => return self.not(of),
                _ => {}
            }
        }
        self.compared(a, if is_equal { "=" } else { "≠" }, b)
    }

    /// One side of a comparison: of a code that stands beside a question with choices, the choice's label.
    fn side(&self, code: &Code, beside: &Code) -> String {
        let choice = self
            .choices(beside)
            .and_then(|list| self.choice(list, code));
        if let Some(choice) = choice {
            return choice;
        }
        let words = self.held(code, Hold::Sum);
        match self.is_several(code) {
            true => format!("{} {words}", self.tongue.pick("salah satu", "any")),
            false => words,
        }
    }

    /// The choices of which the value is one.
    fn choices(&self, value: &Code) -> Option<&'f List> {
        let node = match value {
            Code::Answer(target) | Code::IndexedRepeat(target, _) => target.node,
            Code::LastSaved(node) => *node,
            Code::Here => self.here?,
            Code::Current => self.owner,
            Code::Path(path) => self.leaf(path)?.1,
            Code::Call(Function::SelectedAt | Function::String | Function::Once, arguments) => {
                return self.choices(arguments.first()?);
            }
            _ => return None,
        };
        let schema = &self.form.schema;
        Some(schema.list(schema.question(node)?.list()?))
    }

    fn choice(&self, list: &List, code: &Code) -> Option<String> {
        let code = match code {
            Code::Text(text) => text.to_string(),
            Code::Number(number) => number_text(*number),
            _ => return None,
        };
        let label = list.label(list.find(&code)?, self.language, self.form.default_language)?;
        Some(one_line(&label)).filter(|label| !label.is_empty())
    }

    /// Whether it is the answers of several instances, of which one is enough for a comparison to be true.
    fn is_several(&self, code: &Code) -> bool {
        match code {
            Code::Answer(target) => self.form.home(target.node) != target.apex,
            Code::Path(path) => self.leaf(path).is_some(),
            _ => false,
        }
    }

    fn not(&self, code: &Code) -> Phrase {
        match code {
            Code::Binary(op @ (Op::Equal | Op::NotEqual), sides)
                if !self.is_several(&sides.0) && !self.is_several(&sides.1) =>
            {
                self.equal(&sides.0, &sides.1, *op == Op::NotEqual)
            }
            Code::Call(Function::Selected, arguments) => match arguments.as_ref() {
                [of, choice] => self.selected(of, choice, false),
                _ => self.denied(code),
            },
            Code::Call(Function::Not, arguments) => match arguments.as_ref() {
                [inner] => self.truth(inner),
                _ => self.denied(code),
            },
            Code::Here | Code::Current | Code::Answer(_) if !self.is_several(code) => {
                self.filled(code, true)
            }
            _ => self.denied(code),
        }
    }

    fn denied(&self, code: &Code) -> Phrase {
        let words = self.tongue.pick("tidak benar bahwa", "it is not true that");
        Phrase::new(format!("{words} ({})", self.truth(code).text), Hold::Clause)
    }

    fn selected(&self, of: &Code, choice: &Code, is_chosen: bool) -> Phrase {
        let one = match of {
            Code::Answer(target) => matches!(
                self.form.schema.question(target.node),
                Some(Question::One(_))
            ),
            _ => false,
        };
        let sign = match (one, is_chosen) {
            (true, true) => "=",
            (true, false) => "≠",
            (false, true) => self.tongue.pick("memuat", "includes"),
            (false, false) => self.tongue.pick("tidak memuat", "does not include"),
        };
        self.compared(of, sign, choice)
    }

    fn matches(&self, value: &Code, pattern: String) -> Phrase {
        let words = self.tongue.pick("cocok dengan pola", "matches the pattern");
        let value = self.held(value, Hold::Sum);
        Phrase::new(format!("{value} {words} {pattern}"), Hold::Clause)
    }

    fn call(&self, function: Function, arguments: &[Code]) -> Phrase {
        let tongue = self.tongue;
        let of = |words: &str, inner: &Code| {
            Phrase::word(format!("{words} {}", self.held(inner, Hold::Word)))
        };
        match (function, arguments) {
            (Function::True, _) => Phrase::word(tongue.pick("selalu", "always")),
            (Function::False, _) => Phrase::word(tongue.pick("tidak pernah", "never")),
            (Function::Today, _) => Phrase::word(tongue.pick("hari ini", "today")),
            (Function::Now, _) => Phrase::word(tongue.pick("sekarang", "now")),
            (Function::Not, [inner]) => self.not(inner),
            (Function::Boolean, [inner]) => self.truth(inner),
            (Function::Date | Function::DateTime, [Code::Text(text)]) => Phrase::word(&**text),
            (
                Function::Date
                | Function::DateTime
                | Function::Number
                | Function::Once
                | Function::String,
                [inner],
            ) => self.say(inner),
            (Function::Selected, [of, choice]) => self.selected(of, choice, true),
            (Function::Contains, [a, b]) => self.compared(a, tongue.pick("memuat", "contains"), b),
            (Function::StartsWith, [a, b]) => {
                self.compared(a, tongue.pick("diawali", "starts with"), b)
            }
            (Function::EndsWith, [a, b]) => {
                self.compared(a, tongue.pick("diakhiri", "ends with"), b)
            }
            (Function::Regex, [value, pattern]) => self.matches(value, self.say(pattern).text),
            (Function::Count, [nodes]) => of(tongue.pick("banyaknya", "number of"), nodes),
            (Function::CountSelected, [chosen]) => of(
                tongue.pick("banyaknya pilihan", "number of choices in"),
                chosen,
            ),
            (Function::StringLength, [text]) => of(
                tongue.pick("banyaknya huruf", "number of characters in"),
                text,
            ),
            (Function::Sum, [nodes]) => of(tongue.pick("jumlah", "sum of"), nodes),
            (Function::Min, [nodes]) => of(tongue.pick("terkecil dari", "least of"), nodes),
            (Function::Max, [nodes]) => of(tongue.pick("terbesar dari", "greatest of"), nodes),
            (Function::Position, []) => Phrase::word(tongue.pick("nomor urut", "number")),
            (Function::Position, [Code::Answer(target)]) => {
                let scope = self.form.schema.row_scope(target.node);
                let repeat = self.named(self.form.schema.scope(scope).node).text;
                Phrase::word(format!(
                    "{} {repeat}",
                    tongue.pick("nomor urut", "number of")
                ))
            }
            (Function::If, [condition, then, otherwise]) => {
                let condition = self.truth(condition).text;
                let (then, otherwise) = (self.held(then, Hold::Or), self.held(otherwise, Hold::Or));
                let (when, else_word) = tongue.pick(("jika", "selain itu"), ("if", "otherwise"));
                Phrase::new(
                    format!("{then} {when} {condition}, {else_word} {otherwise}"),
                    Hold::Loose,
                )
            }
            (Function::Coalesce, [first, second]) => {
                let words = tongue.pick("atau bila kosong", "or if empty");
                let (first, second) = (self.held(first, Hold::Sum), self.held(second, Hold::Sum));
                Phrase::new(format!("{first}, {words} {second}"), Hold::Loose)
            }
            _ => self.spelt(function, arguments),
        }
    }

    /// A call that has no plain words.
    fn spelt(&self, function: Function, arguments: &[Code]) -> Phrase {
        let known = FUNCTIONS
            .iter()
            .find(|signature| signature.function == function);
        let name = known.map_or("", |signature| signature.name);
        let arguments: Vec<String> = arguments
            .iter()
            .map(|argument| self.say(argument).text)
            .collect();
        Phrase::word(format!("{name}({})", arguments.join(", ")))
    }

    fn indexed(&self, target: Target, indices: &[(ScopeId, Code)]) -> Phrase {
        let mut text = self.named(target.node).text;
        for (scope, index) in indices.iter().rev() {
            let repeat = self.named(self.form.schema.scope(*scope).node).text;
            let index = self.held(index, Hold::Sum);
            let (of, number) = self.tongue.pick(("pada", "nomor"), ("of", "number"));
            text = format!("{text} {of} {repeat} {number} {index}");
        }
        Phrase::new(text, Hold::Sum)
    }

    /// Of a path that leads from instances that meet conditions plainly down to what they hold: whose instances,
    /// and what is held.
    fn leaf(&self, path: &Path) -> Option<(NodeId, NodeId)> {
        let Start::From(Code::Answer(target), _) = &path.start else {
            return None;
        };
        let mut at = target.node;
        for step in &path.steps {
            match (step.axis, &step.test) {
                (Axis::Child, Test::Name(name)) if step.predicates.is_empty() => {
                    at = self.form.schema.child(at, name)?;
                }
                _ => return None,
            }
        }
        Some((target.node, at))
    }

    fn path(&self, path: &Path) -> Phrase {
        let (Some((from, to)), Start::From(_, predicates)) = (self.leaf(path), &path.start) else {
            return Phrase::word(self.spelt_path(path));
        };
        let inside = Speaker {
            here: Some(from),
            ..*self
        };
        let mut text = self.named(to).text;
        if to != from {
            let of = self.tongue.pick("pada", "of");
            text = format!("{text} {of} {}", self.named(from).text);
        }
        let mut conditions = Vec::new();
        for predicate in predicates {
            match predicate {
                Code::Number(number) => {
                    let word = self.tongue.pick("nomor", "number");
                    text = format!("{text} {word} {}", number_text(*number));
                }
                _ => conditions.push(inside.truth(predicate).held(Hold::And)),
            }
        }
        if conditions.is_empty() {
            return Phrase::new(text, Hold::Sum);
        }
        let (with, and) = self.tongue.pick(("dengan", "dan"), ("with", "and"));
        let conditions = conditions.join(&format!(" {and} "));
        Phrase::new(format!("{text} {with} {conditions}"), Hold::Clause)
    }

    /// A path as XPath writes it.
    fn spelt_path(&self, path: &Path) -> String {
        let inside = Speaker {
            here: None,
            ..*self
        };
        let mut text = match &path.start {
            Start::Root => "/".to_owned(),
            Start::Here => String::new(),
            Start::From(code, predicates) => {
                let start = self.held(code, Hold::Word);
                let slash = if path.steps.is_empty() { "" } else { "/" };
                format!("{start}{}{slash}", inside.brackets(predicates))
            }
        };
        for (index, step) in path.steps.iter().enumerate() {
            if index > 0 {
                text.push('/');
            }
            text.push_str(&step_text(step));
            text.push_str(&inside.brackets(&step.predicates));
        }
        text
    }

    fn brackets(&self, predicates: &[Code]) -> String {
        let one = |predicate| format!("[{}]", self.say(predicate).text);
        predicates.iter().map(one).collect()
    }
}

fn step_text(step: &Step) -> String {
    let test = match &step.test {
        Test::Node => "node()",
        Test::Text => "text()",
        Test::Nothing => "comment()",
        Test::Any => "*",
        Test::Name(name) => name,
    };
    match (step.axis, &step.test) {
        (Axis::Child, _) => test.to_owned(),
        (Axis::ItSelf, Test::Node) => ".".to_owned(),
        (Axis::Parent, Test::Node) => "..".to_owned(),
        (axis, _) => {
            let name = Axis::ALL.iter().find(|(_, known)| *known == axis);
            format!("{}::{test}", name.map_or("", |(name, _)| name))
        }
    }
}
