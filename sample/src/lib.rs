//! A made-up campaign in Kota Gorontalo, for the demo, the tests and the figures.
//!
//! The places are real (`data/README.md`), and so are the city's totals: what was published for
//! 20 July 2023 is a target of 28,587 families and 27,696 met or new, 96.88 %. **Every person,
//! household and cadre is synthetic**: names, numbers and answers are drawn from a seed, and the
//! campaign says so in its title.
//!
//! Everything follows from the seed and is made on demand: the same seed gives the same campaign on
//! every machine, a household costs microseconds, and nothing but the list of cadres is held in
//! memory.
//!
//! ```
//! let campaign = ketuk_sample::Campaign::gorontalo(1);
//! let cadre = &campaign.cadres()[0];
//! let visit = campaign.visits(cadre).next().unwrap();
//! let last_year = visit.household.last_year();      // what the phone starts from
//! let this_year = visit.document();                 // what it ends with
//! let steps = visit.steps();                        // what the cadre types in between
//! # assert_eq!(this_year["kunjungan"]["hasil"], visit.outcome.code().to_string());
//! # assert!(!steps.is_empty() && last_year["anggota"].is_array());
//! ```
//!
//! Documents are those of `forms/pk`; `tests/documents.rs` checks them against it.

mod areas;
mod campaign;
mod dice;
mod document;
mod family;
mod household;
mod kb;
mod names;
mod person;
mod plan;
mod questionnaire;
mod steps;

pub use campaign::{Cadre, Campaign, LIVE_CADRES, LIVE_VISITS, SEED, Visit};
pub use household::{Household, households};
pub use questionnaire::questionnaire;
pub use steps::{Hands, Step, Typed, play};
