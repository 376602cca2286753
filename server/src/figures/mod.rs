//! The figures that the office's pages show.
//!
//! Those of a village come from its roll-up; those of every area from `standing` and `arrival`,
//! which are sums of villages brought up to date right after a village changed. So a page costs the
//! same at a thousand families and at seventy million.

mod read;
mod sum;
mod troubled;

pub(crate) use read::{
    Arrival, CadreLine, PhoneLine, Standing, TroubleCount, area_name, arrivals, cadres, rt_name,
    rts, standing, troubles, under,
};
pub(crate) use sum::{keep_summed_up, sum_up_stale};
pub(crate) use troubled::{Troubled, troubled};

use ketuk_wire::{Outcome, Tally};

use crate::Error;
use crate::db::Row;

/// The columns of `standing` that make a tally, in the order in which [`tally_at`] reads them.
pub(crate) const TALLY: &str = "target, listed, on_phones, met, moved, died, merged, not_found, \
                                refused, duplicate, unknown, new";

/// Reads [`TALLY`]'s columns from `first` on.
pub(crate) fn tally_at(row: &Row, first: usize) -> Result<Tally, Error> {
    let mut tally = Tally {
        target: row.count(first)?,
        listed: row.count(first + 1)?,
        on_phones: row.count(first + 2)?,
        ..Tally::default()
    };
    for (outcome, column) in Outcome::ALL.into_iter().zip(first + 3..) {
        *tally.of_mut(outcome) = row.count(column)?;
    }
    Ok(tally)
}
