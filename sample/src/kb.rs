//! Block II: what a married woman answers on births and family planning.

use jiff::civil::Date;
use serde_json::{Map, Value};

use crate::dice::Dice;
use crate::document::{Answers, yes_no};
use crate::person::days_before;

#[derive(Clone)]
pub(crate) struct Kb {
    /// Sons and daughters born alive, and those living.
    pub(crate) born: [i64; 2],
    pub(crate) living: [i64; 2],
    /// Births of which no child lived.
    stillbirths: i64,
    ideal: i64,
    state: State,
    /// Item II.7 and the month since when, of the method in use or the last one.
    method: u8,
    since: Date,
    source: u8,
    told: [bool; 3],
}

/// What she does now, and what she says of it.
#[derive(Clone, Copy)]
enum State {
    Pregnant {
        weeks: i64,
        wanted: u8,
        used_before: Option<Date>,
        reason: u8,
    },
    Uses {
        wants: u8,
    },
    UsesNothing {
        wants: u8,
        used_before: Option<Date>,
        reason: u8,
    },
}

const TRADITIONAL: u8 = 9;
const OTHER_SOURCE: u8 = 10;

impl Kb {
    /// Of a woman of this age with these living children, on the day of the visit.
    pub(crate) fn new(dice: &mut Dice, living: [i64; 2], age: i64, on: Date) -> Kb {
        let mut kb = Kb {
            born: living,
            living,
            stillbirths: i64::from(dice.percent(2)),
            ideal: dice.weighted(&[(1, 3), (2, 46), (3, 34), (4, 14), (5, 3)]),
            state: State::Uses { wants: 3 },
            method: dice.weighted(&[
                (1, 3),
                (2, 1),
                (3, 8),
                (4, 14),
                (5, 46),
                (6, 19),
                (7, 4),
                (8, 1),
                (TRADITIONAL, 4),
            ]),
            since: first_of_month(days_before(on, dice.between(400, 2600))),
            source: dice.weighted(&[
                (1, 8),
                (2, 3),
                (3, 34),
                (4, 4),
                (5, 5),
                (6, 18),
                (7, 21),
                (8, 1),
                (9, 5),
                (OTHER_SOURCE, 1),
            ]),
            told: [dice.percent(80), dice.percent(62), dice.percent(58)],
        };
        if dice.percent(4) {
            kb.born[dice.below(2)] += 1;
        }
        kb.live_on(dice, age, on);
        kb
    }

    /// A child was born alive since the last visit.
    pub(crate) fn gives_birth(&mut self, girl: bool) {
        let sex = usize::from(girl);
        self.born[sex] += 1;
        self.living[sex] += 1;
    }

    /// What she says on that day.
    pub(crate) fn live_on(&mut self, dice: &mut Dice, age: i64, on: Date) {
        let children: i64 = self.living.iter().sum();
        let wants = if children >= self.ideal || age > 40 {
            3
        } else {
            dice.weighted(&[(1, 40), (2, 45), (3, 15)])
        };
        let stopped = first_of_month(days_before(on, dice.between(40, 300)));
        let reason = dice.weighted(&[
            (1, 24),
            (2, 3),
            (3, 14),
            (4, 17),
            (5, 2),
            (6, 1),
            (7, 2),
            (8, 8),
            (9, 6),
            (10, 4),
            (11, 8),
            (12, 1),
            (13, 10),
        ]);
        let used_before = dice.percent(30).then_some(stopped);
        self.state = match dice.between(0, 99) {
            ..5 if age < 44 => State::Pregnant {
                weeks: dice.between(5, 39),
                wanted: dice.weighted(&[(1, 78), (2, 16), (3, 6)]),
                used_before,
                reason: 1,
            },
            ..62 => State::Uses { wants },
            _ => State::UsesNothing {
                wants,
                used_before,
                reason,
            },
        };
    }

    /// Her answers, in the order of the form.
    pub(crate) fn answers(&self) -> Map<String, Value> {
        let mut kb = Map::new();
        kb.put_group("kelahiran", self.births());
        kb.put_group("kehamilan", self.pregnancy());
        kb.put_group("pemakaian", self.usage());
        let asked = self.asks_method() && self.method != TRADITIONAL;
        kb.put_group("layanan", if asked { self.service() } else { Map::new() });
        kb
    }

    fn births(&self) -> Map<String, Value> {
        let mut page = Map::new();
        let births = self.born.iter().sum::<i64>() + self.stillbirths;
        page.put("melahirkan", births);
        page.put("lahir_l", self.born[0]);
        page.put("lahir_p", self.born[1]);
        page.put("hidup_l", self.living[0]);
        page.put("hidup_p", self.living[1]);
        page.put("anak_ideal", self.ideal);
        page
    }

    fn pregnancy(&self) -> Map<String, Value> {
        let mut page = Map::new();
        match self.state {
            State::Pregnant { weeks, wanted, .. } => {
                page.put("hamil", "1");
                page.put("minggu_hamil", weeks);
                page.put_code("ingin_hamil", wanted);
            }
            State::Uses { wants } | State::UsesNothing { wants, .. } => {
                page.put("hamil", "2");
                page.put_code("ingin_anak", wants);
            }
        }
        page
    }

    fn asks_method(&self) -> bool {
        match self.state {
            State::Uses { .. } => true,
            State::Pregnant { used_before, .. } | State::UsesNothing { used_before, .. } => {
                used_before.is_some()
            }
        }
    }

    fn usage(&self) -> Map<String, Value> {
        let mut page = Map::new();
        match self.state {
            State::Uses { .. } => {
                page.put("pakai_kb", "1");
                page.put("pakai_sejak", self.since.to_string());
            }
            State::Pregnant {
                used_before,
                reason,
                ..
            } => self.former(&mut page, used_before, reason),
            State::UsesNothing {
                used_before,
                reason,
                ..
            } => {
                page.put("pakai_kb", "2");
                self.former(&mut page, used_before, reason);
            }
        }
        if self.asks_method() {
            page.put_code("jenis_kb", self.method);
        }
        page
    }

    fn former(&self, page: &mut Map<String, Value>, stopped: Option<Date>, reason: u8) {
        page.put("pernah_kb", yes_no(stopped.is_some()));
        if let Some(stopped) = stopped {
            page.put("pernah_mulai", self.since.min(stopped).to_string());
            page.put("pernah_berhenti", stopped.to_string());
        }
        page.put_code("alasan_kb", reason);
    }

    fn service(&self) -> Map<String, Value> {
        let mut page = Map::new();
        page.put_code("sumber_kb", self.source);
        if self.source == OTHER_SOURCE {
            page.put("sumber_lain", "Pelayanan KB di kantor kelurahan");
        }
        for (name, told) in ["jelas_jenis", "jelas_efek", "jelas_tindakan"]
            .into_iter()
            .zip(self.told)
        {
            page.put(name, yes_no(told));
        }
        page
    }
}

fn first_of_month(day: Date) -> Date {
    day.first_of_month()
}
