//! A row of the survey to what its node looks like and how it behaves.

mod choices;
mod words;

use std::collections::HashMap;

use super::order::{self, Bound};
use super::parameters;
use super::schema::{Kind, NodeId, Question};
use super::survey::{Origin, Survey};
use super::table::{Cell, Column, Line, Report};
use super::types::{Type, brought, is_no, is_yes, parse_type};
use super::{Carry, Check, Default as Preset, Face, Language, Rule, RuleKind, Switch};
use crate::expr::ast::Op;
use crate::expr::code::{Code, Dependency, Source};
use crate::expr::is_name;
use crate::expr::lexer::{SyntaxError, Token, tokens};
use crate::expr::parse;
use crate::expr::resolve::{Stand, resolve};

/// Where other clients look for the pictures that came with a form.
pub(crate) const IMAGES: &str = "jr://images/";

/// How many hard checks one question may have.
pub(crate) const CHECKS: u8 = 5;

/// Compiles row after row, and gathers the rules, roles and faults on the way.
pub(crate) struct Compiler<'a> {
    survey: &'a Survey<'a>,
    languages: &'a [Language],
    pub(crate) report: Report,
    pub(crate) bound: Vec<Bound>,
    /// Where the expressions stand that settle something, for the cells of cycles.
    cells: HashMap<(NodeId, RuleKind), Cell<'a>>,
    pub(crate) roles: HashMap<Box<str>, NodeId>,
}

impl<'a> Compiler<'a> {
    pub(crate) fn new(
        survey: &'a Survey<'a>,
        languages: &'a [Language],
        report: Report,
    ) -> Compiler<'a> {
        let (cells, roles) = (HashMap::new(), HashMap::new());
        Compiler {
            survey,
            languages,
            report,
            bound: Vec::new(),
            cells,
            roles,
        }
    }

    pub(crate) fn face(&mut self, node: NodeId) -> Face {
        match self.survey.origins[node.index()] {
            Origin::Root => Face::default(),
            Origin::Row(line) => self.row(node, line),
            Origin::OtherOf(select, _) => self.other(node, select),
        }
    }

    fn row(&mut self, node: NodeId, line: Line<'a>) -> Face {
        let mut face = Face {
            label: self.shown_text(node, line, Column::Label),
            hint: self.shown_text(node, line, Column::Hint),
            guidance: self.shown_text(node, line, Column::Guidance),
            media: self.media(node, line),
            number: line.get(Column::Number).map(|cell| cell.text.into()),
            appearance: self.appearance(line),
            relevant: self.rule(node, line, Column::Relevant, RuleKind::Relevant),
            read_only: self.switch(node, line, Column::ReadOnly, RuleKind::ReadOnly),
            ..Face::default()
        };
        self.role(node, line);
        face.carry = self.carry(node, line);
        let kind = self.survey.schema.node(node).kind.clone();
        if !matches!(kind, Kind::Question(_)) {
            self.unused(line);
            self.table(node, &face);
        }
        match kind {
            Kind::Group => {}
            Kind::Repeat(_) => {
                face.count = self.rule(node, line, Column::RepeatCount, RuleKind::Count);
                face.card = self.instance_text(node, line, Column::Card);
                face.card_detail = self.instance_text(node, line, Column::CardDetail);
            }
            Kind::Question(question) => self.question(node, line, &question, &mut face),
        }
        face
    }

    /// The words of the appearance. One of them can be a function of old, which would offer other choices than the
    /// list has: it isn't passed over as a hint.
    fn appearance(&mut self, line: Line<'a>) -> Box<[String]> {
        let Some(cell) = line.get(Column::Appearance) else {
            return [].into();
        };
        if cell.text.replace(' ', "").contains("search(") {
            let message = "choices aren't searched for by an appearance.";
            let cure =
                "Write `select_one_from_file` with the name of the file, and a `choice_filter`.";
            self.report.error(cell, message, cure);
        }
        cell.text.split_whitespace().map(str::to_owned).collect()
    }

    fn question(&mut self, node: NodeId, line: Line<'a>, question: &Question, face: &mut Face) {
        if face.hint.is_empty()
            && let Some((_, hint)) = line.get(Column::Type).and_then(|cell| brought(cell.text))
            && !hint.is_empty()
        {
            face.hint = self.own_words(|_| hint);
        }
        self.says_enough(node, line, question, face);
        face.parameters = parameters::hints(line, question, &self.survey.schema, &mut self.report);
        self.calculation(node, line, face);
        face.fixed = self.rule(node, line, Column::Fixed, RuleKind::Fixed);
        face.required = self.switch(node, line, Column::Required, RuleKind::Required);
        face.required_message = self.shown_text(node, line, Column::RequiredMessage);
        face.default = self.default(node, line);
        self.checks(node, line, face);
        if let Some(list) = question.list() {
            if self.survey.schema.list(list).is_of_answers {
                face.answers = self.answers(node, line, list);
            } else {
                self.filter(node, line, list, face);
            }
            face.shuffle = self.shuffle(node, line, list);
            self.choice_words(node, list);
        } else if let Some(cell) = line.get(Column::ChoiceFilter)
            && !is_select(line)
        {
            self.report.warning(
                cell,
                "only questions with choices can filter them.",
                "Take the filter out.",
            );
        }
    }

    /// Names a question that asks nothing, and a `calculate` that calculates nothing.
    fn says_enough(&mut self, node: NodeId, line: Line<'a>, question: &Question, face: &Face) {
        let name = &self.survey.schema.node(node).name;
        let says_nothing = face.label.is_empty() && face.hint.is_empty() && face.media.is_empty();
        if question.is_visible() && says_nothing {
            let message = format!("`{name}` has no label.");
            let cure = "Write into `label` what is asked.";
            self.report.error(line.whole(), message, cure);
        }
        // In a type's older spellings pyxform doesn't ask for it.
        let kind = line.get(Column::Type).map_or("", |cell| cell.text.trim());
        let default = line.get(Column::Default);
        let calculates = line.get(Column::Calculation).is_some()
            || default.is_some_and(|cell| is_computed(cell.text, false));
        if kind == Question::Calculate.word() && !calculates {
            let message = format!("the calculate `{name}` calculates nothing.");
            let cure = "Write its expression into `calculation`.";
            self.report.error(line.whole(), message, cure);
        }
    }

    /// Names what stands on a group or repeat and only a question could have.
    fn unused(&mut self, line: Line<'a>) {
        const OF_QUESTIONS: [Column; 6] = [
            Column::Calculation,
            Column::ChoiceFilter,
            Column::Constraint(0),
            Column::Fixed,
            Column::Required,
            Column::Warning,
        ];
        for cell in OF_QUESTIONS
            .into_iter()
            .filter_map(|column| line.get(column))
        {
            if !is_no(cell.text) {
                let cure = "Put it on a question or a note.";
                self.report
                    .warning(cell, "this has no effect on a group or repeat.", cure);
            }
        }
    }

    fn calculation(&mut self, node: NodeId, line: Line<'a>, face: &mut Face) {
        let compiled = line.get(Column::Calculation).and_then(|cell| {
            self.cells.insert((node, RuleKind::Calculate), cell);
            self.expression(node, Stand::Itself, cell)
        });
        let trigger = line.get(Column::Trigger);
        if compiled.is_none() && trigger.is_none() {
            return;
        }
        let (code, mut reads) = compiled.unwrap_or((Code::Text("".into()), Vec::new()));
        if let Some(cell) = trigger {
            reads = self.triggers(node, cell);
            face.triggered = true;
        }
        let own = |read: &Dependency| !read.across && read.source == Source::Value(node);
        face.cumulative = reads.iter().any(own);
        self.bind(node, RuleKind::Calculate, reads);
        face.calculation = Some(code);
    }

    /// What is named in a `trigger` cell, as if it were read.
    fn triggers(&mut self, node: NodeId, cell: Cell<'a>) -> Vec<Dependency> {
        let mut reads = Vec::new();
        let names = cell.text.split(',').map(str::trim);
        for name in names.filter(|name| !name.is_empty()) {
            let Some((code, more)) = self.parsed(node, Stand::Itself, cell, name) else {
                continue;
            };
            let schema = &self.survey.schema;
            let asked = match &code {
                Code::Answer(target) => schema.question(target.node),
                _ => None,
            };
            if asked.is_some_and(Question::is_visible) {
                reads.extend(more);
            } else {
                self.report.error(
                    cell,
                    format!("`{name}` is no question that somebody answers."),
                    "Name one whose answer sets this off, as `${name}`.",
                );
            }
        }
        reads
    }

    fn default(&mut self, node: NodeId, line: Line<'a>) -> Option<Preset> {
        let cell = line.get(Column::Default)?;
        let dashes = matches!(
            self.survey.schema.question(node),
            Some(Question::Date | Question::DateTime | Question::Geo(_))
        );
        if !cell.text.contains("${") && !is_computed(cell.text, dashes) {
            let text = match self.survey.schema.question(node) {
                // A picture that came with the form: its answer is the name of a file.
                Some(Question::File(_)) => cell.text.strip_prefix(IMAGES).unwrap_or(cell.text),
                _ => cell.text,
            };
            return Some(Preset::Text(text.into()));
        }
        // What only looks as if it reckoned, such as `Blok A - B`, is a text.
        if !cell.text.contains(['(', '{']) {
            let expr = parse(cell.text).ok();
            let resolved =
                expr.map(|expr| resolve(&self.survey.schema, node, Stand::Itself, &expr));
            return Some(
                match resolved.filter(|resolved| resolved.errors.is_empty()) {
                    Some(resolved) => Preset::Code(resolved.code),
                    None => Preset::Text(cell.text.into()),
                },
            );
        }
        // Evaluated once, so what it reads makes no rule.
        self.expression(node, Stand::Itself, cell)
            .map(|(code, _)| Preset::Code(code))
    }

    fn checks(&mut self, node: NodeId, line: Line<'a>, face: &mut Face) {
        let mut reads = Vec::new();
        for number in 0..CHECKS {
            let message = self.shown_text(node, line, Column::ConstraintMessage(number));
            let Some(cell) = said(line, Column::Constraint(number)) else {
                continue;
            };
            if let Some((code, more)) = self.expression(node, Stand::Itself, cell) {
                reads.extend(more);
                face.constraints.push(Check { code, message });
            }
        }
        if !face.constraints.is_empty() {
            reads.push(own_value(self.survey, node));
            self.bind(node, RuleKind::Constraint, reads);
        }
        let message = self.shown_text(node, line, Column::WarningMessage);
        if let Some(cell) = line.get(Column::Warning)
            && let Some((code, mut reads)) = self.expression(node, Stand::Itself, cell)
        {
            reads.push(own_value(self.survey, node));
            self.bind(node, RuleKind::Warning, reads);
            face.warning = Some(Check { code, message });
        }
    }

    fn role(&mut self, node: NodeId, line: Line<'a>) {
        let Some(cell) = line.get(Column::Role) else {
            return;
        };
        if let Some(other) = self.roles.insert(cell.text.into(), node) {
            let other = &self.survey.schema.node(other).name;
            self.report.error(
                cell,
                format!("`{other}` has the role `{}` already.", cell.text),
                "Give the role to one question.",
            );
        }
    }

    fn carry(&mut self, node: NodeId, line: Line<'a>) -> Carry {
        let Some(cell) = line.get(Column::Carry) else {
            return Carry::Yes;
        };
        if is_no(cell.text) {
            return Carry::No;
        }
        if is_yes(cell.text) {
            return Carry::Yes;
        }
        if !matches!(self.survey.schema.node(node).kind, Kind::Repeat(_)) {
            self.report.error(
                cell,
                "only a repeat can carry over under a condition.",
                "Write `yes` or `no`.",
            );
            return Carry::Yes;
        }
        self.expression(node, Stand::Instance, cell)
            .map_or(Carry::Yes, |(code, _)| Carry::When(code))
    }

    fn switch(&mut self, node: NodeId, line: Line<'a>, column: Column, kind: RuleKind) -> Switch {
        match line.get(column) {
            None => Switch::Never,
            Some(cell) if is_no(cell.text) => Switch::Never,
            Some(cell) if is_yes(cell.text) => Switch::Always,
            Some(_) => self
                .rule(node, line, column, kind)
                .map_or(Switch::Never, Switch::When),
        }
    }

    /// Compiles a cell and binds it as a rule.
    fn rule(
        &mut self,
        node: NodeId,
        line: Line<'a>,
        column: Column,
        kind: RuleKind,
    ) -> Option<Code> {
        let cell = said(line, column)?;
        if kind == RuleKind::Relevant && is_yes(cell.text) && cell.text.parse::<f64>().is_err() {
            return None;
        }
        self.cells.insert((node, kind), cell);
        let (code, reads) = self.expression(node, Stand::Itself, cell)?;
        self.bind(node, kind, reads);
        Some(code)
    }

    fn bind(&mut self, node: NodeId, kind: RuleKind, mut reads: Vec<Dependency>) {
        if kind == RuleKind::Calculate {
            // `.` and `once()` in a calculation are the answer so far.
            reads.retain(|read| read.across || read.source != Source::Value(node));
        }
        self.bound.push(Bound {
            rule: Rule { node, kind },
            reads,
        });
    }

    fn expression(
        &mut self,
        node: NodeId,
        stand: Stand,
        cell: Cell<'a>,
    ) -> Option<(Code, Vec<Dependency>)> {
        self.parsed(node, stand, cell, cell.text)
    }

    fn parsed(
        &mut self,
        node: NodeId,
        stand: Stand,
        cell: Cell<'a>,
        source: &str,
    ) -> Option<(Code, Vec<Dependency>)> {
        let errors = match parse(source) {
            Ok(expr) => {
                let resolved = resolve(&self.survey.schema, node, stand, &expr);
                if resolved.errors.is_empty() {
                    return Some((resolved.code, resolved.dependencies));
                }
                resolved.errors
            }
            Err(error) => vec![error],
        };
        self.wrong(cell, source, errors);
        None
    }

    /// Says what is wrong in an expression, and where.
    fn wrong(
        &mut self,
        cell: Cell<'a>,
        source: &str,
        errors: impl IntoIterator<Item = SyntaxError>,
    ) {
        for error in errors {
            let place = source
                .get(..error.span.start)
                .map_or(0, |before| before.chars().count());
            let message = format!("at character {}, {}", place + 1, error.message);
            self.report.error(cell, message, error.cure);
        }
    }

    /// The name of a filled form is for other clients; what is wrong in it is named all the same. A word alone is a
    /// path to nothing, and what authors write who mean the word.
    pub(crate) fn instance_name(&mut self, cell: Cell<'a>) {
        if !is_name(cell.text) {
            self.expression(NodeId::ROOT, Stand::Itself, cell);
        } else {
            let cure = "Put quotes around it, or name questions as `${name}`.";
            self.report.warning(
                cell,
                "the name is computed, and this names no question.",
                cure,
            );
        }
    }

    pub(crate) fn order(&mut self) {
        let schema = &self.survey.schema;
        let Err(cycles) = order::sort(schema, &mut self.bound) else {
            return;
        };
        for cycle in cycles {
            let cell = cycle.nodes.iter().find_map(|node| {
                [
                    RuleKind::Relevant,
                    RuleKind::Calculate,
                    RuleKind::Fixed,
                    RuleKind::Count,
                ]
                .into_iter()
                .find_map(|kind| self.cells.get(&(*node, kind)))
            });
            let Some(cell) = cell else { continue };
            let mut names: Vec<&str> = cycle
                .nodes
                .iter()
                .map(|node| schema.node(*node).name.as_ref())
                .collect();
            names.dedup();
            names.push(names[0]);
            let message = match names.as_slice() {
                [name, _] => format!("`{name}` depends on itself."),
                _ => format!(
                    "answers depend on each other in a circle: {}.",
                    names.join(" ← ")
                ),
            };
            self.report
                .error(*cell, message, "Take one of the references out.");
        }
    }
}

/// Whether the row asks for choices, though its list may be missing.
fn is_select(line: Line<'_>) -> bool {
    let kind = line.get(Column::Type).map(|cell| parse_type(cell.text));
    matches!(kind, Some(Type::Select { .. }))
}

/// A rule as an expression: no is said in words, and some types bring a constraint of their own.
pub(crate) fn said<'a>(line: Line<'a>, column: Column) -> Option<Cell<'a>> {
    let cell = line.get(column);
    match (column, cell) {
        (Column::Relevant, Some(cell)) if is_no(cell.text) => Some(cell.saying("false()")),
        (Column::Constraint(0), None) => {
            let cell = line.get(Column::Type)?;
            brought(cell.text).map(|(constraint, _)| cell.saying(constraint))
        }
        _ => cell,
    }
}

fn own_value(survey: &Survey<'_>, node: NodeId) -> Dependency {
    let apex = survey.schema.node(node).scope;
    Dependency {
        source: Source::Value(node),
        apex,
        across: false,
    }
}

/// Whether a default is an expression, by the signs that pyxform goes by: an operator that reckons, a call, a
/// reference, a predicate. `dashes`: answers of the question's type may have a `-` in them.
fn is_computed(text: &str, dashes: bool) -> bool {
    let tokens = tokens(text).unwrap_or_default();
    for pair in tokens.windows(2) {
        let [(token, span), (next, after)] = pair else {
            continue;
        };
        let is_next_to = span.end == after.start;
        let reckons = match token {
            // The sign of a number, or within a date.
            Token::Operator(Op::Subtract) if is_next_to && matches!(next, Token::Number(_)) => {
                false
            }
            Token::Operator(Op::Subtract) if dashes => return false,
            Token::Operator(
                Op::Add | Op::Subtract | Op::Multiply | Op::Divide | Op::Modulo | Op::Union,
            )
            | Token::Any
            | Token::Reference(_) => true,
            Token::Name(_) => is_next_to && matches!(next, Token::Open | Token::OpenBracket),
            _ => false,
        };
        if reckons {
            return true;
        }
    }
    false
}
