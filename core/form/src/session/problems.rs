//! What is still wrong with answers, in sentences.

use serde::Serialize;

use super::entry::Mistake;
use super::live::Live;
use super::pages::PageRef;
use crate::expr::eval::At;
use crate::form::schema::{NodeId, Question, RowId};
use crate::form::texts::Text;
use crate::form::{Check, Form};

/// Whether a problem must be solved, or may be answered with a note.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Gravity {
    /// The form can't be finished with it.
    Hard,
    /// It passes with a note that says why it is right all the same.
    Soft,
}

/// What kind of problem it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ProblemKind {
    /// A required question has no answer.
    Required,
    /// What was typed is no answer of the question's type.
    Type,
    /// A number is outside of its range.
    Range,
    /// The answer is not among the choices (any more).
    Choice,
    /// A `constraint` fails.
    Constraint,
    /// A `ketuk::warning` fails and has no note.
    Warning,
    /// Only of a document: the form has no such question.
    Unknown,
    /// Only of a document: the answer has not the JSON shape of the question's type.
    Shape,
    /// Only of a document: the question does not apply, yet is answered.
    NotAsked,
    /// Only of a document: the form calculates another value.
    Calculated,
    /// Only of a document: an instance's id is missing or used twice.
    Identity,
}

/// One thing that is wrong with the answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The question.
    pub path: String,
    /// The page it stands on; none for what stands on no page.
    pub page: Option<PageRef>,
    /// Whether it must be solved.
    pub severity: Gravity,
    /// What kind of problem.
    pub kind: ProblemKind,
    /// What is wrong and what to do, in the session's language. Holds no answer, except where the
    /// form's author wove one in.
    pub message: String,
}

impl Live {
    /// A text of a node in the session's language, with answers woven in.
    pub(crate) fn words(
        &self,
        form: &Form,
        text: &Text,
        row: RowId,
        node: NodeId,
    ) -> Option<String> {
        self.world(form).words(text, At::question(row, node))
    }

    /// What is wrong with an answer and must be solved; the gravest first.
    pub(crate) fn problem(&self, form: &Form, row: RowId, node: NodeId) -> Option<Problem> {
        if !self.status(form, row, node).hard {
            return None;
        }
        let slot = self.slot(&form.schema, row, node);
        let face = form.face(node);
        let tongue = self.facts.tongue;
        let (kind, message) = if let Some(mistake) = slot.mistake() {
            self.mistake(form, node, mistake)
        } else if slot.is_blank() && slot.broken == 0 {
            let own = self.words(form, &face.required_message, row, node);
            (
                ProblemKind::Required,
                own.unwrap_or_else(|| tongue.required().to_owned()),
            )
        } else if slot.broken > 0 {
            let check = face.constraints.get(usize::from(slot.broken) - 1);
            let own = check.and_then(|check| self.words(form, &check.message, row, node));
            (
                ProblemKind::Constraint,
                own.unwrap_or_else(|| tongue.constraint().to_owned()),
            )
        } else {
            (ProblemKind::Choice, tongue.not_a_choice().to_owned())
        };
        Some(self.about(form, row, node, Gravity::Hard, kind, message))
    }

    fn mistake(&self, form: &Form, node: NodeId, mistake: Mistake) -> (ProblemKind, String) {
        let tongue = self.facts.tongue;
        match mistake {
            Mistake::Range => (ProblemKind::Range, tongue.out_of_range().to_owned()),
            Mistake::Choice => (ProblemKind::Choice, tongue.not_a_choice().to_owned()),
            Mistake::Type => {
                let message = match form.schema.question(node) {
                    Some(Question::Integer | Question::Range { whole: true, .. }) => {
                        tongue.not_an_integer()
                    }
                    Some(Question::Date) => tongue.not_a_date(),
                    Some(Question::Time) => tongue.not_a_time(),
                    Some(Question::DateTime) => tongue.not_a_date_time(),
                    Some(Question::Geo(_)) => tongue.not_a_place(),
                    Some(Question::File(_)) => tongue.not_a_file(),
                    _ => tongue.not_a_number(),
                };
                (ProblemKind::Type, message.to_owned())
            }
        }
    }

    /// What is unusual about an answer, noted or not.
    pub(crate) fn warning(&self, form: &Form, row: RowId, node: NodeId) -> Option<Problem> {
        let slot = self.slot(&form.schema, row, node);
        if !slot.relevant || !slot.warned {
            return None;
        }
        let own = form.face(node).warning.as_ref();
        let own = own.and_then(|Check { message, .. }| self.words(form, message, row, node));
        let message = own.unwrap_or_else(|| self.facts.tongue.warning().to_owned());
        Some(self.about(
            form,
            row,
            node,
            Gravity::Soft,
            ProblemKind::Warning,
            message,
        ))
    }

    pub(crate) fn about(
        &self,
        form: &Form,
        row: RowId,
        node: NodeId,
        severity: Gravity,
        kind: ProblemKind,
        message: String,
    ) -> Problem {
        Problem {
            path: self.path(form, row, node),
            page: self.page_of(form, row, node),
            severity,
            kind,
            message,
        }
    }

    /// All open problems, page by page: what must be solved, and warnings without a note.
    pub(crate) fn problems(&self, form: &Form) -> Vec<Problem> {
        let mut problems = Vec::new();
        if self.totals.hard == 0 && self.totals.soft == 0 {
            return problems;
        }
        for place in self.pages(form) {
            for node in form.plan.questions(place.page) {
                let status = self.status(form, place.row, *node);
                if status.hard {
                    problems.extend(self.problem(form, place.row, *node));
                } else if status.soft {
                    problems.extend(self.warning(form, place.row, *node));
                }
            }
        }
        problems
    }
}
