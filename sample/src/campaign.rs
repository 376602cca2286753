//! The campaign: whom it lists, who walks where, and what came of each visit.

use jiff::Timestamp;
use jiff::civil::{Date, date};
use jiff::tz::offset;
use ketuk_wire::{Area, AreaCode, Outcome, Tally, Target};
use serde_json::Value;

use crate::dice::{Dice, For, mix};
use crate::household::Household;
use crate::plan;
use crate::steps::Step;

/// Cadres whose last visits are still to come in when the demo starts.
pub const LIVE_CADRES: usize = 40;
/// How many of a live cadre's visits these are.
pub const LIVE_VISITS: usize = 30;

/// The seed of the campaign that the server loads and the demo's cadres work in.
pub const SEED: u64 = 20_230_720;

/// A campaign, all of it following from its seed.
#[derive(Debug, Clone)]
pub struct Campaign {
    seed: u64,
    about: ketuk_wire::Campaign,
    areas: Vec<Area>,
    cadres: Vec<Cadre>,
}

/// A cadre with her RTs.
#[derive(Debug, Clone)]
pub struct Cadre {
    /// As her phone knows her.
    pub who: ketuk_wire::Cadre,
    /// Her village.
    pub village: AreaCode,
    /// Families listed in her RTs.
    pub listed: u32,
    /// Whether her last visits are still to come in when the demo starts.
    pub live: bool,
    pub(crate) index: u64,
    pub(crate) rts: Vec<Target>,
    /// Visits by outcome; of listed families these leave some unvisited.
    pub(crate) outcomes: Vec<(Outcome, u32)>,
}

/// A visit of this campaign.
#[derive(Debug, Clone)]
pub struct Visit {
    /// To whom.
    pub household: Household,
    /// What came of it.
    pub outcome: Outcome,
    /// When.
    pub day: Date,
    /// When it was finished, by the phone's clock.
    pub finished_at: Timestamp,
    /// Whether it is still on the phone, or not yet made, when the demo starts.
    pub live: bool,
}

impl Visit {
    /// The finished document.
    pub fn document(&self) -> Value {
        self.household.document(self.outcome, self.day)
    }

    /// What the cadre types for it.
    pub fn steps(&self) -> Vec<Step> {
        self.household.steps(self.outcome, self.day)
    }
}

impl Campaign {
    /// Kota Gorontalo in July 2023: the city's published totals, everything beneath them drawn from
    /// the seed.
    pub fn gorontalo(seed: u64) -> Campaign {
        let dice = &mut Dice::of(seed, For::Plan);
        let (areas, cadres) = plan::city(dice, seed);
        Campaign {
            seed,
            about: ketuk_wire::Campaign {
                id: dice.uuid(),
                title: "Pemutakhiran Pendataan Keluarga 2023, Kota Gorontalo (data sintetis)"
                    .to_owned(),
                first_day: date(2023, 7, 1),
                last_day: date(2023, 7, 31),
                synthetic: true,
                lock: ketuk_wire::PhoneLock::default(),
            },
            areas,
            cadres,
        }
    }

    /// Title, first and last day, and that it is synthetic.
    pub fn about(&self) -> &ketuk_wire::Campaign {
        &self.about
    }

    /// The day on which the demo plays, whose figures were published.
    pub fn today(&self) -> Date {
        date(2023, 7, 20)
    }

    /// From the province down to the RTs, each area after those it lies in.
    pub fn areas(&self) -> &[Area] {
        &self.areas
    }

    /// Targets by RT; they sum to the city's.
    pub fn targets(&self) -> impl Iterator<Item = &Target> {
        self.cadres.iter().flat_map(|cadre| &cadre.rts)
    }

    /// All cadres, by village.
    pub fn cadres(&self) -> &[Cadre] {
        &self.cadres
    }

    /// Those with visits to come in the demo.
    pub fn live_cadres(&self) -> impl Iterator<Item = &Cadre> {
        self.cadres.iter().filter(|cadre| cadre.live)
    }

    /// All listed households, by RT and number.
    pub fn households(&self) -> impl Iterator<Item = Household> + '_ {
        self.cadres
            .iter()
            .flat_map(|cadre| self.households_of(cadre))
    }

    /// A cadre's listed households, by RT and number.
    pub fn households_of<'a>(&'a self, cadre: &'a Cadre) -> impl Iterator<Item = Household> + 'a {
        let places = cadre
            .rts
            .iter()
            .flat_map(|rt| (1..=rt.families as u32).map(move |number| (rt, number)));
        (0..).zip(places).map(|(at, (rt, number))| {
            Household::new(self.family_seed(cadre, at), rt.area.clone(), number)
        })
    }

    /// A cadre's visits in the order in which she makes them. The last of a live cadre's are of today.
    pub fn visits<'a>(&'a self, cadre: &'a Cadre) -> impl Iterator<Item = Visit> + 'a {
        let dice = &mut Dice::of(mix(self.seed, cadre.index), For::Visits);
        let outcomes = cadre.in_walking_order(dice);
        let made = outcomes.iter().flatten().count();
        let live_from = if cadre.live {
            made - LIVE_VISITS.min(made)
        } else {
            made
        };
        let minutes: Vec<i64> = (0..made).map(|_| dice.between(0, 59)).collect();
        let mut listed = self.households_of(cadre);
        let mut new = (1..).map(|n| self.new_family(cadre, n));
        outcomes
            .into_iter()
            .filter_map(move |outcome| match outcome {
                Some(Outcome::New) => Some((new.next()?, Outcome::New)),
                Some(outcome) => Some((listed.next()?, outcome)),
                None => {
                    listed.next();
                    None
                }
            })
            .zip(minutes)
            .enumerate()
            .map(move |(at, ((household, outcome), minute))| {
                let live = at >= live_from;
                let day = if live {
                    self.today()
                } else {
                    self.day_of(at, live_from)
                };
                Visit {
                    household,
                    outcome,
                    day,
                    finished_at: at_clock(day, 8 + (at % 11) as i8, minute as i8),
                    live,
                }
            })
    }

    /// The city's figures: with the live visits the published ones, without them those at the
    /// demo's start.
    pub fn tally(&self, with_live: bool) -> Tally {
        let mut tally = Tally::default();
        for cadre in &self.cadres {
            tally.target += u64::from(cadre.listed);
            tally.listed += u64::from(cadre.listed);
            let dice = &mut Dice::of(mix(self.seed, cadre.index), For::Visits);
            let made: Vec<Outcome> = cadre.in_walking_order(dice).into_iter().flatten().collect();
            let live = if cadre.live && !with_live {
                LIVE_VISITS.min(made.len())
            } else {
                0
            };
            for outcome in &made[..made.len() - live] {
                *tally.of_mut(*outcome) += 1;
            }
        }
        tally
    }

    fn family_seed(&self, cadre: &Cadre, at: u64) -> u64 {
        mix(mix(self.seed, cadre.index), at)
    }

    /// A family that was on no list; it gets the next number of one of the cadre's RTs.
    fn new_family(&self, cadre: &Cadre, nth: u32) -> Household {
        let rt = &cadre.rts[nth as usize % cadre.rts.len()];
        let number = rt.families as u32 + 1 + nth / cadre.rts.len() as u32;
        Household::new(
            self.family_seed(cadre, 1 << 32 | u64::from(nth)),
            rt.area.clone(),
            number,
        )
    }

    /// The day of a visit that came in before today, so that the city's curve is the nation's: of
    /// what was in on day 20, 11 % by day 3, 53 % by day 12 and 88 % by day 18.
    fn day_of(&self, at: usize, of: usize) -> Date {
        const CURVE: [(f64, f64); 4] = [(0.11, 3.0), (0.53, 12.0), (0.88, 18.0), (1.0, 19.0)];
        let part = (at as f64 + 0.5) / of.max(1) as f64;
        let mut from = (0.0, 0.0);
        for to in CURVE {
            if part <= to.0 {
                let day = from.1 + (part - from.0) / (to.0 - from.0) * (to.1 - from.1);
                return date(2023, 7, 1 + day.floor().min(18.0) as i8);
            }
            from = to;
        }
        date(2023, 7, 19)
    }
}

impl Cadre {
    /// What comes of each household on her way, new families between them; `None` is passed by.
    fn in_walking_order(&self, dice: &mut Dice) -> Vec<Option<Outcome>> {
        let mut way: Vec<Option<Outcome>> = Vec::with_capacity(self.listed as usize + 16);
        let mut left = self.listed;
        for (outcome, count) in &self.outcomes {
            way.extend((0..*count).map(|_| Some(*outcome)));
            if *outcome != Outcome::New {
                left -= (*count).min(left);
            }
        }
        way.extend((0..left).map(|_| None));
        dice.shuffle(&mut way);
        way
    }
}

/// Gorontalo keeps Central Indonesian Time, eight hours ahead.
fn at_clock(day: Date, hour: i8, minute: i8) -> Timestamp {
    let local = day.at(hour, minute, 0, 0);
    offset(8)
        .to_timestamp(local)
        .unwrap_or(Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use uuid::Uuid;

    use super::*;

    #[test]
    fn the_citys_figures_are_those_published_for_20_july_2023() {
        for seed in [1, 2, 77] {
            let campaign = Campaign::gorontalo(seed);
            let end = campaign.tally(true);
            assert_eq!((end.target, end.achieved()), (28_587, 27_696));
            assert_eq!(end.achievement().map(|p| p.hundredths), Some(9_688));
            assert_eq!(end.to_visit(), Some(691));
            assert_eq!(campaign.targets().map(|t| t.families).sum::<u64>(), 28_587);
        }
    }

    #[test]
    fn the_live_cadres_visits_are_what_the_start_lacks_of_the_published_figures() {
        let campaign = Campaign::gorontalo(1);
        assert_eq!(campaign.live_cadres().count(), LIVE_CADRES);
        let mut sum = campaign.tally(false);
        assert!(sum.achieved() < campaign.tally(true).achieved());
        for visit in campaign
            .live_cadres()
            .flat_map(|c| campaign.visits(c))
            .filter(|v| v.live)
        {
            assert_eq!(visit.day, campaign.today());
            *sum.of_mut(visit.outcome) += 1;
        }
        assert_eq!(sum, campaign.tally(true));
        let all = campaign.cadres().iter().flat_map(|c| campaign.visits(c));
        assert_eq!(all.filter(|v| v.live).count(), LIVE_CADRES * LIVE_VISITS);
    }

    #[test]
    fn each_listed_household_is_visited_at_most_once_and_by_its_own_cadre() {
        let campaign = Campaign::gorontalo(3);
        let listed: HashSet<Uuid> = campaign.households().map(|h| h.id).collect();
        assert_eq!(listed.len(), 28_587);
        let mut seen = HashSet::new();
        for cadre in campaign.cadres() {
            for visit in campaign.visits(cadre) {
                assert!(
                    seen.insert(visit.household.id),
                    "{} twice",
                    visit.household.id
                );
                assert_eq!(
                    listed.contains(&visit.household.id),
                    visit.outcome != Outcome::New
                );
                assert!(cadre.who.areas.contains(&visit.household.area));
                assert!((campaign.about().first_day..=campaign.today()).contains(&visit.day));
            }
        }
    }

    #[test]
    fn a_cadre_has_one_to_three_rts_and_about_155_families() {
        let campaign = Campaign::gorontalo(1);
        for cadre in campaign.cadres() {
            assert!((1..=3).contains(&cadre.who.areas.len()));
            assert!(
                (75..=240).contains(&cadre.listed),
                "{} families",
                cadre.listed
            );
        }
        let mean = 28_587 / campaign.cadres().len();
        assert!((145..=165).contains(&mean), "{mean} families a cadre");
    }

    #[test]
    fn numbers_in_an_rt_are_given_once_new_families_included() {
        let campaign = Campaign::gorontalo(1);
        let mut taken = HashSet::new();
        for cadre in campaign.cadres() {
            let new = campaign
                .visits(cadre)
                .filter(|v| v.outcome == Outcome::New)
                .map(|v| v.household);
            for household in campaign.households_of(cadre).chain(new) {
                assert!(taken.insert((household.area, household.number)));
            }
        }
    }

    #[test]
    fn villages_differ_in_their_achievement() {
        let campaign = Campaign::gorontalo(1);
        let mut by_village = std::collections::BTreeMap::<AreaCode, Tally>::new();
        for cadre in campaign.cadres() {
            let tally = by_village.entry(cadre.village.clone()).or_default();
            tally.target += u64::from(cadre.listed);
            for visit in campaign.visits(cadre) {
                *tally.of_mut(visit.outcome) += 1;
            }
        }
        assert_eq!(by_village.len(), 50);
        let mut percent: Vec<f64> = by_village
            .values()
            .filter_map(|t| t.achievement())
            .map(|p| p.value())
            .collect();
        percent.sort_by(f64::total_cmp);
        assert!(percent[0] < 93.0 && percent[49] > 98.0, "{percent:?}");
    }

    #[test]
    fn the_same_seed_gives_the_same_campaign_and_another_seed_another() {
        let first = |seed| {
            let campaign = Campaign::gorontalo(seed);
            let visit = campaign.visits(&campaign.cadres()[7]).nth(20).unwrap();
            (visit.household.id, visit.document().to_string())
        };
        assert_eq!(first(5), first(5));
        assert_ne!(first(5), first(6));
    }

    #[test]
    fn areas_come_after_those_they_lie_in() {
        let campaign = Campaign::gorontalo(1);
        let mut seen = HashSet::from([AreaCode::nation()]);
        for area in campaign.areas() {
            assert!(
                area.code.parent().is_some_and(|p| seen.contains(&p)),
                "{}",
                area.code
            );
            assert!(seen.insert(area.code.clone()), "{} twice", area.code);
        }
    }
}
