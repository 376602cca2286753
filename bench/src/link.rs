//! The link's figures: a hundred households over the edge of a blank spot, beside one by one.

use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use ketuk_phone::SyncEnd;
use ketuk_sample::{Campaign, SEED};
use ketuk_tests::cadre::{Cadre, SampleDay};
use ketuk_tests::ledger::Place;
use ketuk_tests::link::{Link, Quality};
use ketuk_tests::office::Office;
use ketuk_wire::Outcome;
use serde_json::Value;

use crate::figure::{Figure, Report};
use crate::submissions;

const HOUSEHOLDS: u32 = 100;

/// Measures both protocols over the same link.
pub(crate) fn measure(report: &Report) -> Result<()> {
    report.measuring("100 households over 60 kbit/s and 0.8 s, then the same one by one");
    let runtime = tokio::runtime::Runtime::new()?;
    let folder = tempfile::tempdir()?;
    let office = Office::with_sample(Place::Sqlite(folder.path().join("server")))?;
    let link = runtime.block_on(Link::open(office.address()?, Quality::GOOD))?;
    let (cadre, documents) = waiting(&office, &link, folder.path())?;

    link.set_quality(Quality::EDGE);
    let (up, down) = (link.bytes_up(), link.bytes_down());
    let begun = Instant::now();
    let sync = cadre.sync(|_| ())?;
    let ours = begun.elapsed().as_secs_f64();
    if sync.end != SyncEnd::Done || sync.received != u64::from(HOUSEHOLDS) {
        bail!("not everything arrived: {sync:?}");
    }
    let (up, down) = (link.bytes_up() - up, link.bytes_down() - down);

    let one_by_one = runtime
        .block_on(submissions::send(&documents, Quality::EDGE))?
        .as_secs_f64();
    report.figure(
        Figure::new(
            "link",
            "100 households, 60 kbit/s, 0.8 s round trip",
            ours,
            "s",
        )
        .at_most(15.0)
        .beside("HEAD + POST, one by one", one_by_one),
    )?;
    let floor = up as f64 / Quality::EDGE.bytes_per_second + Quality::EDGE.round_trip.as_secs_f64();
    report.figure(Figure::new(
        "link",
        "the same, over the time its bytes need in one stream",
        ours / floor,
        "times",
    ))?;
    let bytes = up as f64 / f64::from(HOUSEHOLDS);
    report.figure(Figure::new(
        "link",
        "bytes a household, up, all included",
        bytes,
        "bytes",
    ))?;
    let bytes = down as f64 / f64::from(HOUSEHOLDS);
    report.figure(Figure::new(
        "link",
        "bytes a household, down, receipts included",
        bytes,
        "bytes",
    ))
}

/// A cadre with a hundred finished families that wait, and their documents.
fn waiting(office: &Office, link: &Link, folder: &std::path::Path) -> Result<(Cadre, Vec<Value>)> {
    let campaign = Campaign::gorontalo(SEED);
    let invited = office.told().cadres.first().context("nobody is invited")?;
    let cadre = Cadre::with_new_phone(Arc::new(SampleDay::begin(&campaign)?), folder)?;
    cadre.enrol(&link.url(), &invited.code)?;
    let enrolment = cadre.phone().enrolment()?.context("not enrolled")?;
    let area = enrolment
        .areas
        .first()
        .context("she has no RT")?
        .code
        .clone();
    let mut documents = Vec::new();
    for mut household in ketuk_sample::households(HOUSEHOLDS, 11) {
        household.area = area.clone();
        let day = campaign.today();
        cadre.record_new(&household, day)?;
        documents.push(household.document(Outcome::New, day));
    }
    Ok((cadre, documents))
}
