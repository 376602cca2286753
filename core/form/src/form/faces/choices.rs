//! What choices a question offers, and what they look like.

use super::{Compiler, own_value};
use crate::expr::code::Code;
use crate::expr::parse;
use crate::expr::resolve::{Stand, resolve, resolve_answers};
use crate::form::list::ChoiceMedia;
use crate::form::parameters::Parameters;
use crate::form::schema::{ListId, Medium, NodeId, Question};
use crate::form::survey::{OTHER, Origin};
use crate::form::table::{Column, Line};
use crate::form::texts::{Piece, Text, cut};
use crate::form::{Face, RuleKind, Shuffle};
use crate::messages::Tongue;

impl<'a> Compiler<'a> {
    pub(super) fn filter(&mut self, node: NodeId, line: Line<'a>, list: ListId, face: &mut Face) {
        let Some(cell) = line.get(Column::ChoiceFilter) else {
            return;
        };
        if let Some((code, mut reads)) = self.expression(node, Stand::Choices(list), cell) {
            reads.push(own_value(self.survey, node));
            self.bind(node, RuleKind::Choices, reads);
            face.filter = Some(code);
        }
    }

    /// The questions of a group that is drawn as one table have their choices in common.
    pub(super) fn table(&mut self, group: NodeId, face: &Face) {
        if !face.appearance.iter().any(|word| word == "table-list") {
            return;
        }
        let schema = &self.survey.schema;
        let mut of_table = None;
        for node in &schema.node(group).children {
            let (Some(list), Origin::Row(line)) = (
                schema.question(*node).and_then(Question::list),
                self.survey.origins[node.index()],
            ) else {
                continue;
            };
            let first = *of_table.get_or_insert(list);
            if first != list
                && let Some(cell) = line.get(Column::Type)
            {
                let message = format!(
                    "the choices of this table are those of `{}`.",
                    schema.list(first).name
                );
                let cure = "Ask for the same list, or leave `table-list` out.";
                self.report.error(cell, message, cure);
            }
            if let Some(cell) = line.get(Column::ChoiceFilter) {
                let cure = "Leave the filter out, or `table-list`.";
                self.report
                    .error(cell, "a table has the same choices in all its rows.", cure);
            }
        }
    }

    /// Choices that are the answers to a question, mostly of a repeat: without a filter, those that were given.
    pub(super) fn answers(&mut self, node: NodeId, line: Line<'a>, list: ListId) -> Option<Code> {
        let schema = &self.survey.schema;
        let cell = line.get(Column::Type)?;
        let (code, _) = self.parsed(node, Stand::Itself, cell, &schema.list(list).name)?;
        let question = match code {
            Code::Answer(target) => {
                Some(target.node).filter(|asked| schema.question(*asked).is_some())
            }
            _ => None,
        };
        let Some(question) = question else {
            self.report.error(
                cell,
                format!(
                    "`{}` is no question whose answers could be choices.",
                    schema.list(list).name
                ),
                "Name a question that is asked of each instance of a repeat.",
            );
            return None;
        };
        let given = format!("./{} != ''", schema.node(question).name);
        let (cell, source) = match line.get(Column::ChoiceFilter) {
            Some(cell) => (cell, cell.text),
            None => (cell, given.as_str()),
        };
        let resolved = match parse(source) {
            Ok(condition) => resolve_answers(schema, node, question, &condition),
            Err(error) => {
                self.wrong(cell, source, [error]);
                return None;
            }
        };
        if !resolved.errors.is_empty() {
            self.wrong(cell, source, resolved.errors);
            return None;
        }
        let mut reads = resolved.dependencies;
        reads.push(own_value(self.survey, node));
        self.bind(node, RuleKind::Choices, reads);
        Some(resolved.code)
    }

    /// Whether the choices come in another order each time, and from what it is drawn.
    pub(super) fn shuffle(
        &mut self,
        node: NodeId,
        line: Line<'a>,
        list: ListId,
    ) -> Option<Shuffle> {
        let of_file = self.survey.schema.list(list).file.is_some();
        let known: &[&str] = match of_file {
            true => &["value", "label", "randomize", "seed"],
            false => &["randomize", "seed"],
        };
        let parameters = Parameters::read(line, known, &mut self.report);
        let shuffled = parameters.truth("randomize", &mut self.report);
        let Some((cell, seed)) = parameters.get("seed") else {
            return shuffled.then_some(Shuffle::Any);
        };
        if parameters.get("randomize").is_none() {
            let cure = "Write `randomize=true` before it.";
            self.report
                .error(cell, "there is nothing that the seed is for.", cure);
        }
        if !shuffled {
            return None;
        }
        let source = match seed.parse::<f64>() {
            Ok(number) if number.is_finite() => number.to_string(),
            _ if seed.starts_with("${") => seed.to_owned(),
            _ => {
                let cure = "Write a number, or `${name}` of a question.";
                self.report
                    .error(cell, format!("`{seed}` is no seed."), cure);
                return None;
            }
        };
        let (code, reads) = self.parsed(node, Stand::Itself, cell, &source)?;
        self.bind(node, RuleKind::Words, reads);
        Some(Shuffle::By(code))
    }

    /// Binds what is woven into the labels of a question's choices, so that it is drawn again.
    pub(super) fn choice_words(&mut self, node: NodeId, list: ListId) {
        let survey = self.survey;
        let lines = survey.choice_lines[list.index()].iter().flatten();
        let mut reads = Vec::new();
        for (_, cell) in lines.flat_map(|line| line.texts(Column::Label)) {
            for piece in cut(cell.text) {
                if let Piece::Answer(source) = piece
                    && let Some((_, more)) = self.parsed(node, Stand::Itself, cell, source)
                {
                    reads.extend(more);
                }
            }
        }
        if !reads.is_empty() {
            self.bind(node, RuleKind::Words, reads);
        }
    }

    /// The question that `or_other` adds: asked when `other` is chosen.
    pub(super) fn other(&mut self, node: NodeId, select: NodeId) -> Face {
        let schema = &self.survey.schema;
        let source = format!("selected(../{}, '{OTHER}')", schema.node(select).name);
        // The names come from the form itself, so the expression is always right.
        let relevant = parse(&source)
            .ok()
            .map(|expr| resolve(schema, node, Stand::Itself, &expr));
        let relevant = relevant.map(|resolved| {
            self.bind(node, RuleKind::Relevant, resolved.dependencies);
            resolved.code
        });
        Face {
            label: self.own_words(Tongue::other_question),
            relevant,
            ..Face::default()
        }
    }

    /// By list and place: the files that go with a choice's label. Empty for a list without any.
    pub(crate) fn choice_media(&mut self) -> Vec<Vec<ChoiceMedia>> {
        let survey = self.survey;
        let of_line = |compiler: &mut Self, line: &Option<Line<'a>>| {
            let mut media = Vec::new();
            for medium in Medium::ALL {
                let cells = line
                    .iter()
                    .flat_map(|line| line.texts(Column::Media(medium)));
                let (text, _) = compiler.text(NodeId::ROOT, Stand::Itself, cells);
                if !text.is_empty() {
                    media.push((medium, text));
                }
            }
            media.into()
        };
        let mut lists = Vec::with_capacity(survey.choice_lines.len());
        for lines in &survey.choice_lines {
            let media: Vec<ChoiceMedia> = lines.iter().map(|line| of_line(self, line)).collect();
            let none = media.iter().all(|media| media.is_empty());
            lists.push(if none { Vec::new() } else { media });
        }
        lists
    }

    pub(crate) fn choice_labels(&mut self) -> Vec<Vec<Text>> {
        let survey = self.survey;
        let mut lists = Vec::with_capacity(survey.choice_lines.len());
        for lines in &survey.choice_lines {
            let mut labels = Vec::with_capacity(lines.len());
            for line in lines {
                labels.push(match line {
                    Some(line) => {
                        self.text(NodeId::ROOT, Stand::Itself, line.texts(Column::Label))
                            .0
                    }
                    None => self.own_words(Tongue::other_choice),
                });
            }
            lists.push(labels);
        }
        lists
    }
}
