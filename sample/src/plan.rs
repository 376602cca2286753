//! How the city is laid out: how many families each village has, who walks where, and how the
//! city's figures fall to the cadres.

use ketuk_wire::{Area, AreaCode, Level, Outcome, Target};
use uuid::Uuid;

use crate::areas::{self, CITY};
use crate::campaign::{Cadre, LIVE_CADRES};
use crate::dice::{Dice, For, mix};
use crate::names;

/// Families to be met, as published for 20 July 2023; all of them are listed.
const TARGET: u32 = 28_587;

/// The city on that day. Met and new make the published 27,696; new are as large a part of it as in
/// the whole province (3,884 of 72,705). How the rest fell out was not published: plausible
/// figures. What they leave is still to be visited.
const OUTCOMES: [(Outcome, u32); 8] = [
    (Outcome::Moved, 772),
    (Outcome::Died, 118),
    (Outcome::Merged, 246),
    (Outcome::NotFound, 334),
    (Outcome::Refused, 87),
    (Outcome::Duplicate, 52),
    (Outcome::Unknown, 71),
    (Outcome::New, 1_480),
];
const TO_VISIT: u32 = 691;

/// About so many families a cadre, as the campaign plans it.
const FAMILIES_A_CADRE: u32 = 155;

/// All areas down to the RTs, and all cadres.
pub(crate) fn city(dice: &mut Dice, seed: u64) -> (Vec<Area>, Vec<Cadre>) {
    let mut areas = areas::table();
    let villages: Vec<AreaCode> = areas
        .iter()
        .map(|area| area.code.clone())
        .filter(|code| code.level() == Level::Village && code.as_str().starts_with(CITY))
        .collect();
    let weights: Vec<u64> = villages
        .iter()
        .map(|_| dice.between(45, 170) as u64)
        .collect();
    let mut cadres: Vec<Cadre> = Vec::new();
    for (village, listed) in villages.into_iter().zip(apportion(TARGET, &weights)) {
        allot(&mut cadres, &mut areas, dice, seed, &village, listed);
    }
    visit_all(&mut cadres, dice);
    choose_live(&mut cadres, seed);
    (areas, cadres)
}

/// Gives a village its cadres, each with one to three RTs of her own.
fn allot(
    cadres: &mut Vec<Cadre>,
    areas: &mut Vec<Area>,
    dice: &mut Dice,
    seed: u64,
    village: &AreaCode,
    listed: u32,
) {
    const RTS_A_RW: u32 = 4;
    let count = ((listed + FAMILIES_A_CADRE / 2) / FAMILIES_A_CADRE).max(1);
    let mut rt_at = 0;
    for share in apportion(listed, &vec![1; count as usize]) {
        let parts: Vec<u64> = (0..dice.weighted(&[(1, 12), (2, 45), (3, 43)]))
            .map(|_| dice.between(80, 120) as u64)
            .collect();
        let rts: Vec<Target> = apportion(share, &parts)
            .into_iter()
            .map(|families| {
                let rw = child(village, rt_at / RTS_A_RW + 1);
                let rt = child(&rw, rt_at % RTS_A_RW + 1);
                if rt.ordinal() == 1 {
                    areas.push(Area {
                        name: format!("RW {:03}", rw.ordinal()),
                        code: rw,
                    });
                }
                areas.push(Area {
                    name: format!("RT {:03}", rt.ordinal()),
                    code: rt.clone(),
                });
                rt_at += 1;
                Target {
                    area: rt,
                    families: u64::from(families),
                }
            })
            .collect();
        let index = cadres.len() as u64;
        let (id, name) = cadre_identity(seed, index);
        cadres.push(Cadre {
            who: ketuk_wire::Cadre {
                id,
                name,
                areas: rts.iter().map(|rt| rt.area.clone()).collect(),
            },
            village: village.clone(),
            listed: share,
            live: false,
            index,
            rts,
            outcomes: Vec::new(),
        });
    }
}

fn cadre_identity(seed: u64, index: u64) -> (Uuid, String) {
    let dice = &mut Dice::of(mix(seed, index), For::Cadre);
    let surname = names::family(dice);
    (dice.uuid(), names::full(dice, true, surname))
}

/// Spreads the city's outcomes over its cadres. Villages differ in how far they are, which is what
/// a ranking is for.
fn visit_all(cadres: &mut [Cadre], dice: &mut Dice) {
    let mut slow = Vec::with_capacity(cadres.len());
    let mut village: Option<(AreaCode, i64)> = None;
    for cadre in cadres.iter() {
        let pace = match &village {
            Some((code, pace)) if *code == cadre.village => *pace,
            _ => dice.between(1, 10).pow(2),
        };
        village = Some((cadre.village.clone(), pace));
        slow.push(u64::from(cadre.listed) * (pace * dice.between(6, 14)) as u64);
    }
    let to_visit = apportion(TO_VISIT, &slow);
    let mut met: Vec<u32> = cadres
        .iter()
        .zip(to_visit)
        .map(|(c, left)| c.listed - left.min(c.listed))
        .collect();
    for (outcome, total) in OUTCOMES {
        let weights: Vec<u64> = cadres
            .iter()
            .map(|c| u64::from(c.listed) * dice.between(4, 16) as u64)
            .collect();
        for ((cadre, count), met) in cadres
            .iter_mut()
            .zip(apportion(total, &weights))
            .zip(&mut met)
        {
            if outcome != Outcome::New {
                *met -= count.min(*met);
            }
            cadre.outcomes.push((outcome, count));
        }
    }
    for (cadre, met) in cadres.iter_mut().zip(met) {
        cadre.outcomes.push((Outcome::Met, met));
    }
}

/// The live ones are spread over the city by chance.
fn choose_live(cadres: &mut [Cadre], seed: u64) {
    let mut order: Vec<usize> = (0..cadres.len()).collect();
    order.sort_by_key(|at| mix(seed, *at as u64));
    for at in order.into_iter().take(LIVE_CADRES) {
        cadres[at].live = true;
    }
}

/// Splits a whole by weights so that the parts add up to it: each boundary between parts is
/// rounded, not each part.
fn apportion(whole: u32, weights: &[u64]) -> Vec<u32> {
    let total: u64 = weights.iter().sum::<u64>().max(1);
    let mut before = 0;
    let mut weight_so_far = 0;
    weights
        .iter()
        .map(|weight| {
            weight_so_far += weight;
            let up_to = (u64::from(whole) * weight_so_far + total / 2) / total;
            let part = up_to - before;
            before = up_to;
            part as u32
        })
        .collect()
}

#[expect(
    clippy::expect_used,
    reason = "three digits hold every RW and RT that a plan numbers"
)]
fn child(area: &AreaCode, part: u32) -> AreaCode {
    area.child(part).expect("an RW or RT under 1,000")
}
