//! A fleet: many phones on the real core, each with a database of its own, over links that come, go and
//! cut, against a real server process that is killed, started again and once restored from a backup.
//! In the end every household that a phone called saved is on the server exactly once.
//!
//! Unlike the simulation it runs on real sockets and by real time, so a run can't be replayed; what it
//! shows is that the whole holds together under load, and what it costs.

mod phones;
mod reckoning;
mod server;
mod weather;

use std::time::Instant;

use anyhow::Result;
use ketuk_tests::ledger::Place;

pub use reckoning::Reckoning;

use phones::Fleet;
use server::Keeper;
use weather::Weather;

/// How large, and how long.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Phones, each of a cadre of its own.
    pub phones: u32,
    /// Families that each records.
    pub families: u32,
    /// Decides what is recorded, and when what breaks.
    pub seed: u64,
}

/// Runs a fleet against a server on this database.
///
/// # Errors
/// If something was lost or came twice, or a part of the whole could not be started.
pub fn run(size: Size, place: Place, tell: impl Fn(&str)) -> Result<Reckoning> {
    let begun = Instant::now();
    let runtime = tokio::runtime::Runtime::new()?;
    let folder = tempfile::tempdir()?;

    tell("setting up the campaign");
    let cadres = crate::campaign::set_up(&place, size.phones)?;
    let keeper = Keeper::start(place, folder.path())?;
    let weather = Weather::fair(&runtime, keeper.address(), size)?;

    tell("enrolling the phones");
    let fleet = Fleet::enrol(&cadres, &weather, folder.path(), size)?;

    tell("at work, on bad links, with a server that dies and is once restored");
    std::thread::scope(|scope| -> Result<()> {
        let storm = scope.spawn(|| weather.rage(&keeper, &fleet));
        let worked = fleet.work();
        fleet.done_working();
        storm
            .join()
            .map_err(|_| anyhow::anyhow!("the weather panicked"))??;
        worked
    })?;

    tell("the links heal");
    weather.clear_up();
    let phones = fleet.heal()?;

    tell("reckoning");
    reckoning::reckon(&keeper, phones, begun.elapsed())
}
