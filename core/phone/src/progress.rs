//! The cadre's own figures.

use jiff::ToSpan as _;
use jiff::civil::Date;
use ketuk_wire::{Pace, Percent};

use crate::error::Result;
use crate::phone::Core;
use crate::store::{AreaProgress, Counts};

/// How far the cadre has come. Counted from her own list: what is saved on the phone counts, sent
/// or not.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// All her RTs together.
    pub total: Counts,
    /// Each of them, by code.
    pub areas: Vec<AreaProgress>,
    /// (met + new) / target, as the office counts it; `None` without a target.
    pub achievement: Option<Percent>,
    /// Families finished today.
    pub today: u64,
    /// How fast she goes and how fast she must.
    pub pace: Pace,
}

pub(crate) fn progress(core: &Core) -> Result<Progress> {
    let campaign = core.link()?.campaign;
    let areas = core.store.tally()?;
    let mut total = Counts::default();
    areas.iter().for_each(|area| total += area.counts);

    let offset = core.setup.clock.offset();
    let now = core.setup.clock.now().wall;
    let today = offset.to_datetime(now).date();
    let midnight = |day: Date| offset.to_timestamp(day.at(0, 0, 0, 0)).unwrap_or(now);
    let tomorrow = today.saturating_add(1.day());
    let done = total.met + total.new;
    Ok(Progress {
        achievement: Percent::of(done, total.target),
        today: core
            .store
            .finished_between(midnight(today), midnight(tomorrow))?,
        pace: Pace::at(
            done,
            total.target,
            campaign.first_day,
            campaign.last_day,
            today,
        ),
        total,
        areas,
    })
}
