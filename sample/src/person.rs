//! A member of a family.

use jiff::Span;
use jiff::civil::Date;

use crate::dice::Dice;

/// Item I.10.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tie {
    Head = 1,
    Wife = 2,
    Child = 3,
    Other = 4,
}

/// Item I.7.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Marital {
    Never = 1,
    Married = 2,
    Divorced = 3,
    Widowed = 4,
}

/// What happened to a member since last year.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    None = 0,
    Born = 1,
    Died = 2,
    Left = 3,
    Came = 4,
    Married = 5,
}

impl Change {
    pub(crate) fn is_here(self) -> bool {
        !matches!(self, Change::Died | Change::Left)
    }
}

#[derive(Clone)]
pub(crate) struct Person {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) woman: bool,
    pub(crate) born: Date,
    pub(crate) nik: Nik,
    pub(crate) tie: Tie,
    pub(crate) marital: Marital,
    /// Years, at the first marriage; 0 if there was none.
    pub(crate) married_at: i64,
    /// Where the mother stands in the roster, from 0.
    pub(crate) mother: Option<usize>,
    pub(crate) certificate: bool,
    pub(crate) religion: u8,
    /// What an adult has come to; the young are where their age puts them.
    pub(crate) schooling: u8,
    pub(crate) job: u8,
    pub(crate) insurance: u8,
    pub(crate) whereabouts: u8,
    pub(crate) change: Change,
}

/// The number, and whether its date of birth is that of the member.
#[derive(Clone)]
pub(crate) struct Nik {
    pub(crate) digits: String,
    pub(crate) date_differs: bool,
}

/// Who is to be drawn.
pub(crate) struct Sketch<'a> {
    pub(crate) name: String,
    pub(crate) woman: bool,
    pub(crate) born: Date,
    pub(crate) tie: Tie,
    pub(crate) religion: u8,
    /// Six digits of the area where a NIK of this family is usually made out.
    pub(crate) district: &'a str,
    /// Sets members' NIKs and identifiers apart.
    pub(crate) serial: u64,
}

impl Person {
    pub(crate) fn new(dice: &mut Dice, sketch: Sketch<'_>) -> Person {
        let nik = Nik::new(dice, &sketch);
        Person {
            id: instance_id(sketch.serial),
            name: sketch.name,
            woman: sketch.woman,
            born: sketch.born,
            nik,
            tie: sketch.tie,
            marital: Marital::Never,
            married_at: 0,
            mother: None,
            certificate: dice.percent(88),
            religion: sketch.religion,
            schooling: dice.weighted(&[(2, 10), (4, 22), (6, 20), (8, 33), (10, 15)]),
            job: dice.weighted(JOBS),
            insurance: dice.weighted(&[(1, 56), (2, 31), (3, 3), (4, 10)]),
            whereabouts: 1,
            change: Change::None,
        }
    }

    /// Calendar age in whole years.
    pub(crate) fn age(&self, on: Date) -> i64 {
        age(self.born, on)
    }

    /// Item I.14 on that day.
    pub(crate) fn schooling(&self, on: Date) -> u8 {
        match self.age(on) {
            ..=5 => 1,
            6..=12 => 3,
            13..=15 => 5,
            16..=18 => 7,
            19..=21 if self.schooling >= 8 => 9,
            _ => self.schooling,
        }
    }

    /// Item I.13 on that day.
    pub(crate) fn job(&self, on: Date) -> u8 {
        match (self.age(on), self.schooling(on)) {
            (..=18, _) | (_, 9) => 1,
            (61.., _) if self.job == 6 => 9,
            _ => self.job,
        }
    }
}

const JOBS: &[(u8, u32)] = &[
    (1, 34),
    (2, 6),
    (3, 7),
    (4, 12),
    (5, 1),
    (6, 9),
    (7, 11),
    (8, 10),
    (9, 1),
    (10, 9),
];

impl Nik {
    fn new(dice: &mut Dice, person: &Sketch<'_>) -> Nik {
        if dice.percent(2) {
            return Nik {
                digits: ketuk_wire::Nik::NONE.to_owned(),
                date_differs: false,
            };
        }
        let elsewhere = [
            "750101", "750105", "750203", "750302", "750401", "750506", "717101",
        ];
        let area = if dice.percent(78) {
            person.district
        } else {
            dice.pick(&elsewhere)
        };
        // One number in a hundred was made out with another date than the family tells.
        let date_differs = dice.percent(1);
        let told = i64::from(person.born.day());
        let day = if date_differs { told % 28 + 1 } else { told };
        let day = if person.woman { day + 40 } else { day };
        let (month, year) = (person.born.month(), person.born.year().rem_euclid(100));
        Nik {
            digits: format!(
                "{area}{day:02}{month:02}{year:02}{:04}",
                person.serial % 9999 + 1
            ),
            date_differs,
        }
    }
}

/// Eight letters and digits, as a form gives them to a member's row.
fn instance_id(serial: u64) -> String {
    const SIGNS: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    let mut left = crate::dice::mix(serial, 0);
    (0..8)
        .map(|_| {
            let sign = SIGNS[(left % 36) as usize];
            left /= 36;
            char::from(sign)
        })
        .collect()
}

pub(crate) fn age(born: Date, on: Date) -> i64 {
    let had_birthday = (on.month(), on.day()) >= (born.month(), born.day());
    i64::from(on.year()) - i64::from(born.year()) - i64::from(!had_birthday)
}

/// A date of birth that makes this age, in the months before `on`.
pub(crate) fn born(dice: &mut Dice, age: i64, on: Date) -> Date {
    days_before(on, age * 1461 / 4 + dice.between(1, 364))
}

pub(crate) fn days_before(on: Date, days: i64) -> Date {
    on.saturating_sub(Span::new().days(days))
}
