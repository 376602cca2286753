//! What is on the server in the end, read behind its back, against what the phones called saved.

use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use anyhow::{Result, bail};
use ketuk_phone::SyncEnd;
use ketuk_tests::ledger::Verdict;
use serde::Serialize;
use uuid::Uuid;

use super::phones::{Member, Run};
use super::server::Keeper;

/// The run in figures.
#[derive(Debug, Clone, Serialize)]
pub struct Reckoning {
    /// Phones.
    pub phones: usize,
    /// Households that phones called saved.
    pub saved: usize,
    /// Of these, on the server as a revision.
    pub received: usize,
    /// Of these, nowhere on the server.
    pub lost: usize,
    /// Households that are there more than once.
    pub twice: usize,
    /// Times that the server was killed.
    pub server_kills: u32,
    /// Times that it was restored from the backup.
    pub server_restores: u32,
    /// In bytes, the most that any of the server's processes took.
    pub server_memory: u64,
    /// Runs of synchronisation.
    pub runs: usize,
    /// Of these, those that reached their end.
    pub runs_done: usize,
    /// Seconds of the runs that did, at the 50th, 95th and 99th percentile.
    pub seconds: [f64; 3],
    /// Acknowledgements that phones took; more than saved where the server was restored.
    pub acknowledged: u64,
    /// Seconds that all of it took.
    pub took: f64,
}

pub(super) fn reckon(keeper: &Keeper, phones: Vec<Member>, took: Duration) -> Result<Reckoning> {
    keeper.verify()?;
    let mut held: HashMap<Uuid, usize> = HashMap::new();
    for entry in keeper.place().entries()? {
        if entry.verdict != Verdict::Revision {
            bail!(
                "a sound entry was not taken as a revision: {:?}",
                entry.verdict
            );
        }
        *held.entry(entry.household).or_default() += 1;
    }
    let saved: Vec<Uuid> = phones
        .iter()
        .flat_map(|phone| phone.saved.clone())
        .collect();
    let lost = saved.iter().filter(|id| !held.contains_key(id)).count();
    let twice = held.values().filter(|times| **times > 1).count();
    let runs: Vec<Run> = phones.iter().flat_map(|phone| phone.runs.clone()).collect();
    let mut done: Vec<f64> = runs
        .iter()
        .filter(|run| run.end == SyncEnd::Done)
        .map(|run| run.took.as_secs_f64())
        .collect();
    done.sort_by(f64::total_cmp);
    let at = |percent: usize| {
        let nth = (done.len() * percent / 100).min(done.len().saturating_sub(1));
        done.get(nth).copied().unwrap_or_default()
    };
    let fortunes = keeper.fortunes();
    if fortunes.kills == 0 || fortunes.restores != 1 {
        bail!("nothing was to be survived: {fortunes:?}");
    }
    let reckoning = Reckoning {
        phones: phones.len(),
        saved: saved.len(),
        received: saved.len() - lost,
        lost,
        twice,
        server_kills: fortunes.kills,
        server_restores: fortunes.restores,
        server_memory: fortunes.peak_memory,
        runs: runs.len(),
        runs_done: done.len(),
        seconds: [at(50), at(95), at(99)],
        acknowledged: runs.iter().map(|run| run.received).sum(),
        took: took.as_secs_f64(),
    };
    if lost > 0 || twice > 0 || held.len() != saved.len() {
        bail!(
            "the books don't balance: {reckoning:?}, {} on the server",
            held.len()
        );
    }
    Ok(reckoning)
}

impl fmt::Display for Reckoning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [p50, p95, p99] = self.seconds;
        writeln!(
            f,
            "{} phones saved {} households; {} are on the server, {} lost, {} twice",
            self.phones, self.saved, self.received, self.lost, self.twice
        )?;
        writeln!(
            f,
            "server killed {} times, restored from a backup {} times, at most {:.0} MiB",
            self.server_kills,
            self.server_restores,
            self.server_memory as f64 / f64::from(1 << 20)
        )?;
        write!(
            f,
            "{} runs, {} to their end in {p50:.1} / {p95:.1} / {p99:.1} s (p50 / p95 / p99); {:.0} s in all",
            self.runs, self.runs_done, self.took
        )
    }
}
