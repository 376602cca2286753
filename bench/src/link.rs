//! The link's figures: what waits on a phone over the edge of a blank spot, beside what the link itself
//! needs for the same bytes, and beside one submission after the other.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use ketuk_phone::{SyncEnd, SyncEvent};
use ketuk_sample::{Campaign, SEED};
use ketuk_tests::cadre::{Cadre, SampleDay};
use ketuk_tests::ledger::Place;
use ketuk_tests::link::{Link, Quality};
use ketuk_tests::office::{Invited, Office};
use ketuk_wire::Outcome;
use serde_json::Value;
use tokio::runtime::Runtime;
use uuid::Uuid;

use crate::figure::{Figure, Report};
use crate::{one_stream, submissions};

/// A link is cut this often where it is.
const BETWEEN_CUTS: Duration = Duration::from_secs(20);

/// Households whose sending, uncut, takes longer than that.
const FOR_A_WHILE: u32 = 1_500;

/// Measures the protocol and its peers over the same link.
pub(crate) fn measure(report: &Report) -> Result<()> {
    let runtime = Runtime::new()?;
    let folder = tempfile::tempdir()?;
    let office = Office::with_sample(Place::Sqlite(folder.path().join("server")))?;
    let mut cadres = office.told().cadres.iter();
    let mut next = || -> Result<At> {
        let invited = cadres.next().context("no cadre is left")?;
        At::the_edge(&runtime, &office, invited, folder.path())
    };
    report.measuring("100 households over 60 kbit/s and 0.8 s, then the same one by one");
    a_hundred(report, &runtime, next()?)?;
    report.measuring("50 households, then no news");
    fifty_and_none(report, next()?)?;
    report.measuring("1,500 households, uncut and then cut every 20 s (some three minutes)");
    cut(report, next()?, next()?)
}

/// A cadre with an enrolled phone at the edge of a blank spot.
struct At {
    cadre: Cadre,
    link: Link,
}

impl At {
    fn the_edge(
        runtime: &Runtime,
        office: &Office,
        invited: &Invited,
        folder: &Path,
    ) -> Result<At> {
        let link = runtime.block_on(Link::open(office.address()?, Quality::GOOD))?;
        let day = SampleDay::begin(&Campaign::gorontalo(SEED))?;
        let cadre = Cadre::with_new_phone(Arc::new(day), folder)?;
        cadre.enrol(&link.url(), &invited.code)?;
        link.set_quality(Quality::EDGE);
        Ok(At { cadre, link })
    }

    /// Families that she found and that wait now; their documents.
    fn record(&self, families: u32) -> Result<Vec<Value>> {
        let enrolment = self.cadre.phone().enrolment()?.context("not enrolled")?;
        let area = &enrolment.areas.first().context("she has no RT")?.code;
        let day = Campaign::gorontalo(SEED).today();
        ketuk_sample::households(families, 11)
            .map(|mut household| {
                household.area = area.clone();
                self.cadre.record_new(&household, day)?;
                Ok(household.document(Outcome::New, day))
            })
            .collect()
    }

    /// Sends all that waits, in as many runs as it takes.
    fn send(&self, mut observe: impl FnMut(SyncEvent)) -> Result<Sent> {
        let (up, down) = (self.link.bytes_up(), self.link.bytes_down());
        let round_trips = self.link.round_trips();
        let begun = Instant::now();
        while self.cadre.sync(&mut observe)?.end != SyncEnd::Done {
            ensure!(begun.elapsed() < Duration::from_secs(600), "it never ends");
        }
        Ok(Sent {
            seconds: begun.elapsed().as_secs_f64(),
            up: (self.link.bytes_up() - up) as f64,
            down: (self.link.bytes_down() - down) as f64,
            round_trips: (self.link.round_trips() - round_trips) as f64,
        })
    }
}

/// What sending took.
struct Sent {
    seconds: f64,
    /// Bytes, all included.
    up: f64,
    down: f64,
    round_trips: f64,
}

fn a_hundred(report: &Report, runtime: &Runtime, at: At) -> Result<()> {
    let documents = at.record(100)?;
    let ours = at.send(|_| ())?;
    let one_by_one = runtime.block_on(submissions::send(&documents, Quality::EDGE))?;
    let packed = runtime.block_on(one_stream::send(ours.up as usize, Quality::EDGE))?;
    report.figure(
        Figure::new(
            "link",
            "100 households, 60 kbit/s, 0.8 s round trip",
            ours.seconds,
            "s",
        )
        .at_most(15.0)
        .beside("HEAD + POST, one by one", one_by_one.as_secs_f64()),
    )?;
    report.figure(
        Figure::new(
            "link",
            "the same, over the time of its bytes in one stream",
            ours.seconds / packed.as_secs_f64(),
            "times",
        )
        .at_most(1.5),
    )
}

fn fifty_and_none(report: &Report, at: At) -> Result<()> {
    at.record(50)?;
    let sent = at.send(|_| ())?;
    let name = "bytes a household, up, 50 of them, all included";
    report.figure(Figure::new("link", name, sent.up / 50.0, "bytes").at_most(350.0))?;
    let name = "bytes a household, down, receipts included";
    report.figure(Figure::new("link", name, sent.down / 50.0, "bytes"))?;
    let none = at.send(|_| ())?;
    for (name, value, unit, most) in [
        ("no news: round trips", none.round_trips, "", 1.0),
        ("no news: up, headers included", none.up, "bytes", 400.0),
        ("no news: down, headers included", none.down, "bytes", 400.0),
    ] {
        report.figure(Figure::new("link", name, value, unit).at_most(most))?;
    }
    Ok(())
}

fn cut(report: &Report, uncut: At, cut: At) -> Result<()> {
    uncut.record(FOR_A_WHILE)?;
    let whole = uncut.send(|_| ())?;
    cut.record(FOR_A_WHILE)?;
    let mut times: HashMap<Uuid, u32> = HashMap::new();
    let over = AtomicBool::new(false);
    let pieces = std::thread::scope(|scope| {
        scope.spawn(|| cut_now_and_then(&cut.link, &over));
        let sent = cut.send(|event| {
            if let SyncEvent::Sent { households } = event {
                for household in households {
                    *times.entry(household).or_default() += 1;
                }
            }
        });
        over.store(true, Ordering::Relaxed);
        sent
    })?;
    let name = "1,500 households, cut every 20 s: connections that were cut";
    report.figure(Figure::new("link", name, cut.link.cuts() as f64, ""))?;
    ensure!(cut.link.cuts() > 0, "no cut met a connection");
    let name = "1,500 households, cut every 20 s, over the uncut time";
    let ratio = pieces.seconds / whole.seconds;
    report.figure(Figure::new("link", name, ratio, "times").at_most(2.0))?;
    let most = times.values().copied().max().unwrap_or_default();
    let name = "1,500 households, cut: the most times that one was sent";
    report.figure(Figure::new("link", name, most.into(), "times").at_most(2.0))
}

/// What is under way is cut, again and again.
fn cut_now_and_then(link: &Link, over: &AtomicBool) {
    let mut last = Instant::now();
    while !over.load(Ordering::Relaxed) {
        std::thread::sleep(Duration::from_millis(50));
        if last.elapsed() >= BETWEEN_CUTS {
            link.cut();
            last = Instant::now();
        }
    }
}
