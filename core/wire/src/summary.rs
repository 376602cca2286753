//! What the rest of Ketuk needs to know of a document, whatever the questionnaire.

use crate::Outcome;

/// A meaning that a questionnaire gives to one of its questions, in its column `ketuk::role`. With
/// them a form says where the visit's outcome or the head's name stands, and no program does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// The visit's outcome, by its code.
    Outcome,
    /// The name of the head of the family.
    HeadName,
    /// Where they live.
    Address,
    /// The family's number in its RT.
    FamilyNumber,
}

impl Role {
    /// As the workbook spells it.
    pub fn name(self) -> &'static str {
        match self {
            Role::Outcome => "outcome",
            Role::HeadName => "head_name",
            Role::Address => "address",
            Role::FamilyNumber => "family_number",
        }
    }
}

/// A document in one line of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// What came of the visit.
    pub outcome: Outcome,
    /// The head's name; empty if the document has none.
    pub head: String,
    /// The address; empty likewise.
    pub address: String,
    /// The family's number in its RT; empty likewise.
    pub number: String,
}

impl Summary {
    /// Reads a document through `answer`, which knows where the form keeps a role. `None` if it has
    /// no outcome: such a document is not a finished visit.
    pub fn read(answer: impl Fn(Role) -> Option<String>) -> Option<Summary> {
        let text = |role| answer(role).unwrap_or_default();
        Some(Summary {
            outcome: Outcome::from_code(answer(Role::Outcome)?.parse().ok()?)?,
            head: text(Role::HeadName),
            address: text(Role::Address),
            number: text(Role::FamilyNumber),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_without_an_outcome_is_no_finished_visit() {
        assert_eq!(Summary::read(|_| None), None);
        assert_eq!(
            Summary::read(|role| (role == Role::Outcome).then(|| "10".into())),
            None
        );
    }

    #[test]
    fn what_a_document_lacks_is_empty() {
        let summary = Summary::read(|role| (role == Role::Outcome).then(|| "6".into())).unwrap();
        assert_eq!(
            (summary.outcome, summary.head.as_str()),
            (Outcome::Refused, "")
        );
    }
}
