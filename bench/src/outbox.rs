//! A phone that has not been near a signal for a long time: packing what waits.

use std::time::Instant;

use anyhow::{Context, Result, bail};
use ketuk_phone::{Clock as _, Step, SystemClock};
use serde::{Deserialize, Serialize};

use crate::figure::{Figure, Report, percentile};
use crate::{memory, phone, stocked};

/// Entries that wait: sixty times a cadre's.
const WAITING: u32 = 10_000;

/// What packing all of them took.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Packing {
    /// Milliseconds a request, at the 99th percentile.
    p99: f64,
    /// Bytes of memory, at most, beyond what the phone held before.
    memory: u64,
}

/// Measures it in a process of its own, so that nothing else is in its memory.
pub(crate) fn measure(report: &Report) -> Result<()> {
    report.measuring("10,000 entries that wait (recording them takes a minute)");
    let child = std::process::Command::new(std::env::current_exe()?)
        .arg("--outbox")
        .output()?;
    let packing: Packing = serde_json::from_slice(&child.stdout).context("no figure came")?;
    let name = "10,000 waiting: packing a request, p99";
    report.figure(Figure::new("phone", name, packing.p99, "ms").at_most(20.0))?;
    let name = "10,000 waiting: memory for sending them";
    let mib = packing.memory as f64 / f64::from(1 << 20);
    report.figure(Figure::new("phone", name, mib, "MiB").at_most(16.0))
}

/// Records them, then sends them to an office that takes everything at once.
pub(crate) fn drain() -> Result<Packing> {
    let folder = tempfile::tempdir()?;
    let phone = stocked::stock(folder.path(), WAITING)?;
    for household in ketuk_sample::households(WAITING, 1) {
        phone::fill(&phone, &household)?;
    }
    drop(phone);
    let phone = stocked::open(folder.path())?;
    let clock = SystemClock::at_offset(stocked::ZONE.seconds() / 60);
    let mut office = stocked::Supply::taking();
    let mut engine = phone.engine(1);
    let (mut packed, mut sent) = (Vec::new(), 0);
    let before = memory::now()?;
    memory::forget_peak()?;
    loop {
        let begun = Instant::now();
        let step = engine.poll(clock.now())?;
        match step {
            Step::Done(report) if report.still_waiting == 0 => break,
            Step::Done(report) => bail!("they did not go: {report:?}"),
            Step::Wait(_) => bail!("the phone waits for nothing"),
            Step::Send(request) => {
                packed.push(begun.elapsed().as_secs_f64() * 1_000.0);
                sent += request.body.len();
                let response = office.answer(&request.path, &request.body)?;
                engine.received(clock.now(), &response)?;
            }
        }
    }
    let peak = memory::peak()?;
    packed.sort_by(f64::total_cmp);
    eprintln!("  {} requests, {sent} bytes", packed.len());
    Ok(Packing {
        p99: percentile(&packed, 0.99),
        memory: peak.saturating_sub(before),
    })
}
