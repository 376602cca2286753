//! Block III: how a family lives.

use serde_json::{Map, Value};

use super::{Answers, yes_no};
use crate::dice::Dice;

/// What the roster says, on which a question of block III may depend.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Needs {
    Nothing,
    Couple,
    WifeOrChild,
    ChildTo5,
    ChildTo6,
    Young,
    Old,
}

/// Pages of questions answered by yes or no: each with what it needs, and how many in a hundred say yes.
type Page = (&'static str, &'static [(&'static str, Needs, u32)]);

const PAGES: [Page; 3] = [
    (
        "ketenteraman",
        &[
            ("ibadah", Needs::Nothing, 93),
            ("buku_nikah", Needs::Couple, 88),
            ("tegur_sapa", Needs::Nothing, 4),
            ("pisah_ranjang", Needs::Couple, 3),
            ("minggat", Needs::Nothing, 2),
            ("kdrt", Needs::Nothing, 1),
        ],
    ),
    (
        "kemandirian",
        &[
            ("penghasilan", Needs::Nothing, 91),
            ("makan_beragam", Needs::Nothing, 82),
            ("tabungan", Needs::Nothing, 34),
            ("sakit", Needs::Nothing, 12),
            ("media_online", Needs::Nothing, 74),
            ("interaksi", Needs::Nothing, 94),
            ("asuh_bersama", Needs::WifeOrChild, 84),
            ("rekreasi", Needs::Nothing, 58),
            ("gotong_royong", Needs::Nothing, 77),
        ],
    ),
    (
        "kegiatan",
        &[
            ("posyandu", Needs::ChildTo5, 81),
            ("bkb", Needs::ChildTo6, 33),
            ("bkr", Needs::Young, 18),
            ("pik_r", Needs::Young, 12),
            ("bkl", Needs::Old, 24),
            ("uppka", Needs::Nothing, 4),
            ("mekaar", Needs::Nothing, 9),
            ("pkh", Needs::Nothing, 21),
            ("program_lain", Needs::Nothing, 14),
        ],
    ),
];

/// Questions answered by one code, with how often each is given.
type Choice = (&'static str, &'static [(u8, u32)]);

const HOUSE: [Choice; 6] = [
    (
        "atap",
        &[(1, 3), (2, 6), (3, 86), (4, 1), (5, 1), (6, 2), (7, 1)],
    ),
    ("dinding", &[(1, 84), (2, 9), (3, 2), (4, 4), (5, 1)]),
    (
        "lantai",
        &[(1, 48), (2, 43), (3, 4), (4, 1), (5, 3), (6, 1)],
    ),
    ("penerangan", &[(1, 61), (2, 33), (3, 1), (4, 4), (5, 1)]),
    (
        "air_minum",
        &[
            (1, 47),
            (2, 24),
            (3, 12),
            (4, 12),
            (5, 2),
            (6, 1),
            (7, 1),
            (8, 1),
        ],
    ),
    ("jamban", &[(1, 79), (2, 8), (3, 11), (4, 2)]),
];

const LIVING: [Choice; 2] = [
    ("bahan_bakar", &[(1, 84), (2, 5), (3, 10), (4, 1)]),
    (
        "status_rumah",
        &[(1, 68), (2, 9), (3, 5), (4, 15), (5, 2), (6, 1)],
    ),
];

#[derive(Clone)]
pub(crate) struct Home {
    yes: Vec<bool>,
    house: [u8; HOUSE.len()],
    living: [u8; LIVING.len()],
    square_metres: i64,
    lodgers: i64,
    /// Codes of items 30 and 32; none says no to 29 and 31.
    media: Vec<u8>,
    people: Vec<u8>,
}

impl Home {
    pub(crate) fn new(dice: &mut Dice) -> Home {
        let items = PAGES.iter().flat_map(|(_, items)| *items);
        Home {
            yes: items
                .map(|(_, _, percent)| dice.percent(*percent))
                .collect(),
            house: HOUSE.map(|(_, weights)| dice.weighted(weights)),
            living: LIVING.map(|(_, weights)| dice.weighted(weights)),
            square_metres: dice.between(4, 30) * 6,
            lodgers: dice.weighted(&[(0, 88), (1, 7), (2, 5)]),
            media: several(dice, 62, 6),
            people: several(dice, 68, 10),
        }
    }

    /// A year later some things are otherwise.
    pub(crate) fn change(&mut self, dice: &mut Dice) {
        for yes in &mut self.yes {
            *yes ^= dice.percent(5);
        }
        for (code, (_, weights)) in self.house.iter_mut().zip(HOUSE) {
            if dice.percent(4) {
                *code = dice.weighted(weights);
            }
        }
        if dice.percent(15) {
            self.media = several(dice, 66, 6);
            self.people = several(dice, 72, 10);
        }
    }

    /// The pages of block III, in the order of the form.
    pub(super) fn answers(
        &self,
        members_here: i64,
        has: impl Fn(Needs) -> bool,
    ) -> Map<String, Value> {
        let mut block = Map::new();
        let mut yes = self.yes.iter();
        for (name, items) in PAGES {
            let mut page = Map::new();
            for ((item, needs, _), yes) in items.iter().zip(&mut yes) {
                page.put(item, if has(*needs) { yes_no(*yes) } else { "3" });
            }
            block.put_group(name, page);
        }
        let mut page = Map::new();
        for ((name, _), code) in HOUSE.iter().zip(self.house) {
            page.put_code(name, code);
        }
        block.put_group("rumah", page);
        let mut page = Map::new();
        page.put("luas_rumah", self.square_metres);
        page.put("orang_menetap", members_here.max(1) + self.lodgers);
        for ((name, _), code) in LIVING.iter().zip(self.living) {
            page.put_code(name, code);
        }
        block.put_group("hunian", page);
        let mut page = Map::new();
        page.put("info_kb", yes_no(!self.media.is_empty()));
        page.put_codes("media_kb", &self.media);
        page.put("info_petugas", yes_no(!self.people.is_empty()));
        page.put_codes("petugas_kb", &self.people);
        block.put_group("informasi", page);
        block
    }
}

/// Up to three of the codes 1 to `codes`, ascending; none in the rest of the cases.
fn several(dice: &mut Dice, percent: u32, codes: i64) -> Vec<u8> {
    if !dice.percent(percent) {
        return Vec::new();
    }
    let mut chosen: Vec<u8> = (0..3).map(|_| dice.between(1, codes) as u8).collect();
    chosen.sort_unstable();
    chosen.dedup();
    chosen
}
