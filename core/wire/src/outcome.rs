//! What came of a visit.

use serde::{Deserialize, Serialize};

/// The result of a visit, by the code that the cadre marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// 1 ditemui: a listed family was met.
    Met,
    /// 2 pindah: it moved, within or out of the village.
    Moved,
    /// 3 seluruh anggota meninggal.
    Died,
    /// 4 bergabung atau pecah: it joined another family or split.
    Merged,
    /// 5 tidak ditemui, after so many visits.
    NotFound,
    /// 6 menolak.
    Refused,
    /// 7 ganda: the list has it twice.
    Duplicate,
    /// 8 tidak dikenal: nobody knows it.
    Unknown,
    /// 9 keluarga baru: it was not on the list.
    New,
}

impl Outcome {
    /// All of them, in the order of their codes.
    pub const ALL: [Outcome; 9] = [
        Outcome::Met,
        Outcome::Moved,
        Outcome::Died,
        Outcome::Merged,
        Outcome::NotFound,
        Outcome::Refused,
        Outcome::Duplicate,
        Outcome::Unknown,
        Outcome::New,
    ];

    /// 1 to 9, as on the form.
    pub fn code(self) -> u8 {
        self as u8 + 1
    }

    /// The outcome with this code.
    pub fn from_code(code: u8) -> Option<Outcome> {
        Outcome::ALL.get(usize::from(code).checked_sub(1)?).copied()
    }

    /// Whether the family's questionnaire was filled; such a family counts towards the target.
    pub fn counts(self) -> bool {
        matches!(self, Outcome::Met | Outcome::New)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_form() {
        for (outcome, code) in Outcome::ALL.into_iter().zip(1..) {
            assert_eq!(outcome.code(), code);
            assert_eq!(Outcome::from_code(code), Some(outcome));
        }
        assert_eq!(Outcome::from_code(0), None);
        assert_eq!(Outcome::from_code(10), None);
    }

    #[test]
    fn only_met_and_new_families_count_towards_the_target() {
        let counted: Vec<_> = Outcome::ALL.into_iter().filter(|o| o.counts()).collect();
        assert_eq!(counted, [Outcome::Met, Outcome::New]);
    }
}
