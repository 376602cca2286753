//! The check of a whole document: the same rules as while it was filled, and some that only a
//! document can break.

use serde_json::Value;

use super::document::{self, Dropped, Misfit};
use super::live::Live;
use super::problems::{Gravity, Problem, ProblemKind};
use super::rules::Loaded;
use crate::Context;
use crate::form::Form;
use crate::form::schema::{NodeId, Question, RowId};

impl Form {
    /// Checks a finished document: unknown questions, answers of the wrong type, answers to
    /// questions that don't apply, calculated values that the form calculates otherwise, failed
    /// constraints, missing answers, warnings without a note. An empty list means it is right.
    ///
    /// Facts that the document itself carries (`hidden` questions, `once(…)`) are taken from it;
    /// give as `today` the day the document was finished.
    pub fn check(&self, document: &Value, context: &Context) -> Vec<Problem> {
        let mut live = Live::blank(self, context);
        let taken = document::read(self, &mut live, document);
        live.take_context(self, context, true);
        let said: Vec<(RowId, NodeId, String)> = taken
            .answers
            .iter()
            .filter(|(_, node)| self.sets(*node))
            .map(|(row, node)| {
                (
                    *row,
                    *node,
                    live.slot(&self.schema, *row, *node).value().to_owned(),
                )
            })
            .collect();
        live.join(self, RowId::FORM);
        live.sweep(self, Loaded::Document);

        let mut problems: Vec<Problem> = taken
            .misfits
            .into_iter()
            .map(|misfit| misfit_problem(&live, misfit))
            .collect();
        for (row, node) in taken.answers {
            if !live.slot(&self.schema, row, node).relevant {
                let message = live.facts.tongue.not_asked();
                problems.push(hard(self, &live, row, node, ProblemKind::NotAsked, message));
            }
        }
        for (row, node, value) in said {
            let slot = live.slot(&self.schema, row, node);
            let by_itself = slot.is_set_by_itself()
                || !self.schema.question(node).is_some_and(Question::is_visible);
            if by_itself && slot.relevant && slot.value() != value {
                let message = live.facts.tongue.calculated_otherwise();
                problems.push(hard(
                    self,
                    &live,
                    row,
                    node,
                    ProblemKind::Calculated,
                    message,
                ));
            }
        }
        problems.extend(live.problems(self));
        problems
    }

    /// Whether the form may set the answer of a question itself.
    fn sets(&self, node: NodeId) -> bool {
        let face = self.face(node);
        face.fixed.is_some() || (face.calculation.is_some() && !face.triggered)
    }
}

fn hard(
    form: &Form,
    live: &Live,
    row: RowId,
    node: NodeId,
    kind: ProblemKind,
    message: &str,
) -> Problem {
    live.about(form, row, node, Gravity::Hard, kind, message.to_owned())
}

fn misfit_problem(live: &Live, misfit: Dropped) -> Problem {
    let tongue = live.facts.tongue;
    let (kind, message) = match misfit.why {
        Misfit::Unknown => (ProblemKind::Unknown, tongue.unknown_question()),
        Misfit::Answer => (ProblemKind::Shape, tongue.wrong_shape()),
        Misfit::Identity => (ProblemKind::Identity, tongue.bad_instance_id()),
    };
    Problem {
        path: misfit.path,
        page: None,
        severity: Gravity::Hard,
        kind,
        message: message.to_owned(),
    }
}
