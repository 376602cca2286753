//! The phone's figures: its store, its memory, its start.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use ketuk_phone::form::Answer;
use ketuk_phone::{Filter, Finish, HouseholdState, Phone, Visit};
use ketuk_sample::Household;
use ketuk_tests::cadre::Taps;
use ketuk_wire::Outcome;

use crate::figure::{Figure, Report, milliseconds, percentile};
use crate::stocked;

/// Families on the measured phone: six hundred times a cadre's.
const FAMILIES: u32 = 100_000;

/// Families on the phone on which finishing is measured, where a cadre has some 155: the work of the disk
/// is what is asked for, not that of finding a family among those of six hundred cadres.
const A_CADRES: u32 = 1_000;

/// Rows of a page, as the app asks for them.
const PAGE: u32 = 50;

/// Measures the store.
pub(crate) fn measure(report: &Report) -> Result<()> {
    report.measuring("a phone with 100,000 households (stocking it takes a minute)");
    let folder = tempfile::tempdir()?;
    let phone = stocked::stock(folder.path(), FAMILIES)?;
    lists(report, &phone)?;
    visits(report, &phone)?;
    drop(phone);
    finishing(report)?;
    report.measuring("peak memory, in a process of its own");
    let child = std::process::Command::new(std::env::current_exe()?)
        .arg("--peak-memory")
        .output()?;
    let bytes: f64 = String::from_utf8(child.stdout)?
        .trim()
        .parse()
        .context("no figure came")?;
    report.figure(
        Figure::new(
            "phone",
            "peak memory of the core, 100,000 households",
            bytes / 1_048_576.0,
            "MiB",
        )
        .at_most(64.0),
    )
}

/// Measures what the app waits for at its start.
pub(crate) fn measure_start(report: &Report) -> Result<()> {
    report.measuring("a start with 100,000 households on the phone");
    let folder = tempfile::tempdir()?;
    drop(stocked::stock(folder.path(), FAMILIES)?);
    let taken = milliseconds(20, |_| {
        let phone = stocked::open(folder.path())?;
        phone.progress()?;
        phone.households().page(&Filter::default(), None, PAGE)?;
        Ok(())
    })?;
    let name = "open, own progress and first page, 100,000 households: median";
    report.figure(Figure::new("app", name, percentile(&taken, 0.5), "ms"))
}

/// Does with 100,000 households what a cadre does, and gives this process's peak memory in bytes.
pub(crate) fn peak_memory() -> Result<u64> {
    let folder = tempfile::tempdir()?;
    let phone = stocked::stock(folder.path(), FAMILIES)?;
    let mut after = None;
    for _ in 0..200 {
        let page = phone
            .households()
            .page(&Filter::default(), after.as_deref(), PAGE)?;
        after = page.next;
    }
    search(&phone, "si")?;
    for household in ketuk_sample::households(50, 1) {
        fill(&phone, &household)?;
    }
    phone.progress()?;
    crate::memory::peak()
}

fn lists(report: &Report, phone: &Phone) -> Result<()> {
    let households = phone.households();
    let first = milliseconds(500, |_| {
        households.page(&Filter::default(), None, PAGE)?;
        Ok(())
    })?;
    let mut after = None;
    let next = milliseconds(1_000, |_| {
        after = households
            .page(&Filter::default(), after.as_deref(), PAGE)?
            .next;
        Ok(())
    })?;
    let beginnings: Vec<String> = ketuk_sample::households(500, 9)
        .enumerate()
        .map(|(at, household)| {
            household
                .head
                .to_lowercase()
                .chars()
                .take(2 + at % 4)
                .collect()
        })
        .collect();
    let found = milliseconds(beginnings.len(), |turn| search(phone, &beginnings[turn]))?;
    for (name, taken) in [
        ("100,000 households: first page, p99", first),
        ("100,000 households: next page, p99", next),
        (
            "100,000 households: search by a name's beginning, p99",
            found,
        ),
    ] {
        report.figure(Figure::new("phone", name, percentile(&taken, 0.99), "ms").at_most(5.0))?;
    }
    Ok(())
}

fn search(phone: &Phone, beginning: &str) -> Result<()> {
    let filter = Filter {
        search: Some(beginning.to_owned()),
        ..Filter::default()
    };
    phone.households().page(&filter, None, PAGE)?;
    Ok(())
}

fn visits(report: &Report, phone: &Phone) -> Result<()> {
    report.measuring("visits, disk included");
    let mut families = ketuk_sample::households(FAMILIES, 1).skip(1_000);
    let mut next = || families.next().context("no family left");

    let household = next()?;
    let mut visit = phone.households().visit(household.id)?;
    let saved = milliseconds(2_000, |turn| {
        visit.answer("keluarga/no_rumah", Answer::Text(turn.to_string()))?;
        Ok(())
    })?;
    let name = "save one answer of a draft, p99";
    report.figure(Figure::new("phone", name, percentile(&saved, 0.99), "ms").at_most(5.0))?;

    let whole = milliseconds(200, |_| fill(phone, &next()?))?;
    let name = "fill and finish one PK family, disk included: median";
    report.figure(Figure::new("phone", name, percentile(&whole, 0.5), "ms").at_most(20.0))
}

/// Finishing is held against what the disk itself asks for: a write of the document's size and an
/// fsync. Both in turn, and each after a visit was filled: a disk that has just been written answers faster.
fn finishing(report: &Report) -> Result<()> {
    report.measuring("finishing, on a phone with 1,000 households");
    let folder = tempfile::tempdir()?;
    let phone = stocked::stock(folder.path(), A_CADRES)?;
    let mut bare = OpenOptions::new()
        .create(true)
        .append(true)
        .open(folder.path().join("bare-writes"))?;
    let (mut finished, mut written) = (Vec::new(), Vec::new());
    for (turn, household) in ketuk_sample::households(A_CADRES, 1).enumerate() {
        let document = vec![b'x'; household.listed().document.map_or(0, |d| d.get().len())];
        let mut visit = opened_and_filled(&phone, &household)?;
        let begun = Instant::now();
        if turn % 2 == 0 {
            done(&mut visit)?;
            finished.push(begun.elapsed().as_secs_f64() * 1_000.0);
        } else {
            bare.write_all(&document)?;
            bare.sync_all()?;
            written.push(begun.elapsed().as_secs_f64() * 1_000.0);
            done(&mut visit)?;
        }
    }
    finished.sort_by(f64::total_cmp);
    written.sort_by(f64::total_cmp);
    let (ours, floor) = (percentile(&finished, 0.5), percentile(&written, 0.5));
    report.figure(
        Figure::new("phone", "finishing, durable: median", ours, "ms")
            .beside("a bare fsync'd write of the same size", floor),
    )?;
    let name = "finishing, durable, over a bare fsync'd write";
    report.figure(Figure::new("phone", name, ours / floor, "times").at_most(1.5))
}

pub(crate) fn fill(phone: &Phone, household: &Household) -> Result<()> {
    done(&mut opened_and_filled(phone, household)?)
}

fn opened_and_filled(phone: &Phone, household: &Household) -> Result<Visit> {
    let mut visit = phone.households().visit(household.id)?;
    let today = stocked::ZONE.to_datetime(jiff::Timestamp::now()).date();
    ketuk_sample::play(&household.steps(Outcome::Met, today), &mut Taps(&mut visit))?;
    Ok(visit)
}

fn done(visit: &mut Visit) -> Result<()> {
    match visit.finish()? {
        Finish::Saved(row) if row.state == HouseholdState::Waiting => Ok(()),
        other => bail!("the visit was not finished: {other:?}"),
    }
}
