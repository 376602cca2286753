//! A household on the list of an RT.

use jiff::civil::Date;
use ketuk_wire::{AreaCode, Outcome};
use serde_json::Value;
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::dice::{Dice, For, mix};
use crate::document::{self, Facts, district_digits};
use crate::family::{Beginning, Family};
use crate::names;
use crate::steps::{self, Step};

/// A made-up household. Its people and their answers follow from its seed and are made when asked
/// for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Household {
    /// The same in every run.
    pub id: Uuid,
    /// Its RT.
    pub area: AreaCode,
    /// Its number in the RT, from 1.
    pub number: u32,
    /// The head's name, as listed.
    pub head: String,
    /// Where they live.
    pub address: String,
    seed: u64,
}

impl Household {
    pub(crate) fn new(seed: u64, area: AreaCode, number: u32) -> Household {
        let dice = &mut Dice::of(seed, For::Household);
        Household {
            id: dice.uuid(),
            area,
            number,
            head: Beginning::of(seed).head,
            address: names::street(dice),
            seed,
        }
    }

    /// Last year's document: the family was met in July 2022.
    pub fn last_year(&self) -> Value {
        let day = self.last_visit();
        self.write(Outcome::Met, day, || self.family(day))
    }

    /// The document of a visit on `day`, of this year. With [`Outcome::New`] the family was on no
    /// list and is written down from nothing.
    pub fn document(&self, outcome: Outcome, day: Date) -> Value {
        self.write(outcome, day, || match outcome {
            Outcome::New => self.family(day),
            _ => {
                let last = self.last_visit();
                let mut family = self.family(last);
                family.live_until(last, day);
                family
            }
        })
    }

    /// What the cadre types for [`Household::document`]: from an empty form for a new family, else
    /// from last year's answers, of which she confirms most by leaving them.
    pub fn steps(&self, outcome: Outcome, day: Date) -> Vec<Step> {
        let before = if outcome == Outcome::New {
            Value::Null
        } else {
            self.last_year()
        };
        steps::between(&before, &self.document(outcome, day))
    }

    /// The household as the server lists it before this year's visit, with last year's document.
    pub fn listed(&self) -> ketuk_wire::Household {
        ketuk_wire::Household {
            id: self.id,
            area: self.area.clone(),
            number: self.number.to_string(),
            head: self.head.clone(),
            address: self.address.clone(),
            revision: 0,
            outcome: None,
            document: RawValue::from_string(self.last_year().to_string()).ok(),
        }
    }

    fn family(&self, day: Date) -> Family {
        Family::on(self.seed, &district_digits(&self.area), day)
    }

    fn last_visit(&self) -> Date {
        jiff::civil::date(2022, 7, 1 + (self.seed % 31) as i8)
    }

    fn write(&self, outcome: Outcome, day: Date, family: impl FnOnce() -> Family) -> Value {
        let facts = Facts {
            seed: self.seed,
            area: &self.area,
            number: self.number,
            address: &self.address,
            day,
            outcome,
        };
        document::document(&facts, family)
    }
}

/// `n` households for lists of any length: RTs of sixty in one village after the other.
pub fn households(n: u32, seed: u64) -> impl Iterator<Item = Household> {
    let villages: Vec<AreaCode> = crate::areas::table()
        .into_iter()
        .map(|area| area.code)
        .filter(|code| code.level() == ketuk_wire::Level::Village)
        .collect();
    (0..n).filter_map(move |at| {
        let (rt, number) = (at / 60, at % 60 + 1);
        let village = villages.get(rt as usize % villages.len().max(1))?;
        let rt = rt / villages.len() as u32;
        let area = village
            .child(rt / 8 % 999 + 1)
            .ok()?
            .child(rt % 8 + 1)
            .ok()?;
        Some(Household::new(mix(seed, u64::from(at)), area, number))
    })
}
