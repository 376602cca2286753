//! `cargo xtask demo`: the server with the sample campaign, and its live cadres on a link that comes
//! and goes.
#![allow(clippy::print_stdout, reason = "a command line talks on stdout")]

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use clap::Parser;
use ketuk_phone::HouseholdState;
use ketuk_sample::{Campaign, SEED};
use ketuk_tests::cadre::{Cadre, SampleDay};
use ketuk_tests::ledger::{Place, Verdict};
use ketuk_tests::link::{Link, Quality};
use ketuk_tests::office::{Invited, Office};
use ketuk_tests::tryout::TryOut;
use ketuk_wire::Tally;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::json;
use uuid::Uuid;

#[derive(Parser)]
struct Options {
    /// How many cadres are out.
    #[arg(long, default_value_t = 40)]
    cadres: usize,
    /// End with the cadres' work.
    #[arg(long)]
    headless: bool,
    /// End with one line of JSON.
    #[arg(long)]
    json: bool,
    /// Show a phone to try on a page.
    #[arg(long)]
    phone: bool,
}

/// Visits that a cadre makes in a blank spot before she looks for signal.
const BETWEEN_SIGNALS: usize = 6;

fn main() -> Result<()> {
    let options = Options::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let ended = runtime.block_on(async {
        tokio::select! {
            done = run(options) => done,
            stopped = tokio::signal::ctrl_c() => Ok(stopped?),
        }
    });
    // Whoever is on the way to a door is not waited for.
    runtime.shutdown_background();
    ended
}

async fn run(options: Options) -> Result<()> {
    let begun = Instant::now();
    let folder = tempfile::Builder::new().prefix("ketuk-demo-").tempdir()?;
    eprintln!("Loading the sample campaign: Kota Gorontalo, every person made up");
    let office = start(folder.path()).await?;
    let told = office.told().clone();
    if !options.json {
        println!("\nThe office    {}", told.address);
        println!(
            "Sign in as    {}, password {}",
            or(&told.name),
            or(&told.password)
        );
        if let Some(visitor) = &told.visitor {
            println!(
                "Your phone    {} enrols one, as {}",
                visitor.code, visitor.name
            );
        }
        println!();
    }
    let phone = match options.phone.then(|| told.cadres.last()).flatten() {
        Some(cadre) => Some(show_phone(&office, cadre).await?),
        None => None,
    };
    let journal = work(&office, &options, folder.path()).await?;
    let summary = sum_up(office.place(), &journal, begun.elapsed())?;
    eprintln!("\n{}", summary.sentence());
    if options.json {
        println!("{}", summary.json());
    }
    if !options.headless {
        println!(
            "The page stays at {}; Ctrl-C ends everything.",
            told.address
        );
        if let Some(phone) = &phone {
            println!("So does the phone, at {}", phone.address());
        }
        std::future::pending::<()>().await;
    }
    Ok(())
}

async fn start(folder: &Path) -> Result<Office> {
    let place = Place::Sqlite(folder.to_owned());
    tokio::task::spawn_blocking(move || Office::with_sample(place)).await?
}

/// Starts the phone to try, which is one cadre's who isn't sent out.
async fn show_phone(office: &Office, cadre: &Invited) -> Result<TryOut> {
    let arguments = TryOut::built().context("cargo xtask demo --phone builds the phone first")?;
    eprintln!("Starting the app on Android's framework");
    let (told, invited) = (office.told().clone(), cadre.clone());
    let start = move || TryOut::start(&arguments, &told, &invited);
    let phone = tokio::task::spawn_blocking(start).await??;
    println!("A phone to try   {}\n", phone.address());
    Ok(phone)
}

fn or(told: &Option<String>) -> &str {
    told.as_deref().unwrap_or("(as at the first start)")
}

/// What the live cadres recorded, by what their phones say of it.
struct Journal {
    recorded: Vec<(Uuid, HouseholdState)>,
}

/// Sends the cadres out and waits until the last is back.
async fn work(office: &Office, options: &Options, folder: &Path) -> Result<Journal> {
    let campaign = Arc::new(Campaign::gorontalo(SEED));
    let day = SampleDay::begin(&campaign)?;
    let done = Arc::new(AtomicUsize::new(0));
    let mut out = Vec::new();
    let invited = &office.told().cadres;
    // One is whoever tries the phone.
    let out_there = invited.len() - usize::from(options.phone).min(invited.len());
    let sent_out = invited.iter().take(options.cadres.min(out_there));
    for (at, invited) in sent_out.enumerate() {
        let outing = Outing {
            campaign: Arc::clone(&campaign),
            invited: invited.clone(),
            day: day.clone(),
            folder: folder.to_owned(),
            link: Link::open(office.address()?, Quality::GOOD).await?,
            chance: ChaCha8Rng::seed_from_u64(at as u64),
            hurried: options.headless,
            done: Arc::clone(&done),
        };
        out.push(tokio::task::spawn_blocking(move || outing.go()));
    }
    let telling = tokio::spawn(tell(Arc::clone(&done)));
    let mut recorded = Vec::new();
    for cadre in out {
        recorded.extend(cadre.await??);
    }
    telling.abort();
    Ok(Journal { recorded })
}

/// A line that moves while they work.
async fn tell(done: Arc<AtomicUsize>) {
    loop {
        tokio::time::sleep(Duration::from_secs(2)).await;
        eprintln!(
            "  {} families recorded and received",
            done.load(Ordering::Relaxed)
        );
    }
}

/// A cadre's last day of work in the demo.
struct Outing {
    campaign: Arc<Campaign>,
    invited: Invited,
    day: SampleDay,
    /// Where her phone keeps its files.
    folder: PathBuf,
    link: Link,
    chance: ChaCha8Rng,
    hurried: bool,
    done: Arc<AtomicUsize>,
}

impl Outing {
    fn go(mut self) -> Result<Vec<(Uuid, HouseholdState)>> {
        let campaign = Arc::clone(&self.campaign);
        let who = campaign
            .live_cadres()
            .find(|c| c.who.name == self.invited.name && c.village.as_str() == self.invited.village)
            .with_context(|| format!("{} is not in the sample", self.invited.name))?;
        let visits: Vec<_> = campaign.visits(who).filter(|visit| visit.live).collect();

        let cadre = Cadre::with_new_phone(Arc::new(self.day.clone()), &self.folder)?;
        cadre.enrol(&self.link.url(), &self.invited.code)?;
        self.link.set_quality(Quality::EDGE);
        let mut made = Vec::new();
        for round in visits.chunks(BETWEEN_SIGNALS) {
            self.link.set_present(false);
            for visit in round {
                made.push(cadre.make(visit)?);
                self.walk(Duration::from_millis(2_000));
            }
            self.link.set_present(true);
            if self.chance.random_bool(0.5) {
                // The signal goes in the middle of a batch, and comes back.
                self.link.cut_after(self.chance.random_range(200..4_000));
            }
            let report = cadre.sync(|_| ())?;
            self.done
                .fetch_add(report.received as usize, Ordering::Relaxed);
            self.walk(Duration::from_millis(6_000));
        }
        self.link.set_quality(Quality::GOOD);
        self.send_the_rest(&cadre)?;
        made.into_iter()
            .map(|family| Ok((family, cadre.state(family)?)))
            .collect()
    }

    /// Taps *send* until nothing waits, as somebody does who stands in coverage.
    fn send_the_rest(&self, cadre: &Cadre) -> Result<()> {
        for _ in 0..10 {
            let report = cadre.sync(|_| ())?;
            self.done
                .fetch_add(report.received as usize, Ordering::Relaxed);
            if report.still_waiting == 0 {
                return Ok(());
            }
        }
        Err(anyhow!(
            "{} can't get rid of her entries",
            self.invited.name
        ))
    }

    /// Time on the way to the next door; none when hurried.
    fn walk(&mut self, about: Duration) {
        if !self.hurried {
            std::thread::sleep(about.mul_f64(self.chance.random_range(0.5..1.5)));
        }
    }
}

/// What the demo ended with.
struct Summary {
    households: usize,
    received: usize,
    duplicates: usize,
    lost: usize,
    quarantined: usize,
    achievement_percent: f64,
    seconds: f64,
}

/// Holds what the phones say against what the server's database holds.
fn sum_up(place: &Place, journal: &Journal, taken: Duration) -> Result<Summary> {
    let mut live: HashMap<Uuid, Vec<Verdict>> = journal
        .recorded
        .iter()
        .map(|(family, _)| (*family, Vec::new()))
        .collect();
    let mut quarantined = 0;
    let mut counted = HashMap::new();
    let campaign = Campaign::gorontalo(SEED);
    for entry in place.entries()? {
        if let Some(verdicts) = live.get_mut(&entry.household) {
            verdicts.push(entry.verdict);
        }
        quarantined += usize::from(entry.verdict == Verdict::Quarantined);
        if entry.verdict == Verdict::Revision {
            counted.insert(entry.household, counts(&entry.document)?);
        }
    }
    let target = campaign.tally(true).target;
    let met = counted.values().filter(|counts| **counts).count() as u64;
    let tally = Tally {
        target,
        met,
        ..Tally::default()
    };
    let recorded: HashSet<Uuid> = journal.recorded.iter().map(|(family, _)| *family).collect();
    Ok(Summary {
        households: recorded.len(),
        received: journal
            .recorded
            .iter()
            .filter(|(_, s)| *s == HouseholdState::Received)
            .count(),
        duplicates: live
            .values()
            .map(|verdicts| verdicts.len().saturating_sub(1))
            .sum(),
        lost: live.values().filter(|verdicts| verdicts.is_empty()).count(),
        quarantined,
        achievement_percent: tally.achievement().map_or(0.0, |percent| percent.value()),
        seconds: taken.as_secs_f64(),
    })
}

/// Whether a document's family counts towards the target.
fn counts(document: &str) -> Result<bool> {
    let document: serde_json::Value = serde_json::from_str(document)?;
    Ok(matches!(
        document["kunjungan"]["hasil"].as_str(),
        Some("1" | "9")
    ))
}

impl Summary {
    fn sentence(&self) -> String {
        format!(
            "{} families recorded, {} received, {} twice, {} lost, {} quarantined; the city stands at \
             {:.2} % after {:.0} s",
            self.households,
            self.received,
            self.duplicates,
            self.lost,
            self.quarantined,
            self.achievement_percent,
            self.seconds
        )
    }

    fn json(&self) -> serde_json::Value {
        json!({
            "households": self.households,
            "received": self.received,
            "duplicates": self.duplicates,
            "lost": self.lost,
            "quarantined": self.quarantined,
            "achievement_percent": self.achievement_percent,
            "seconds": (self.seconds * 10.0).round() / 10.0,
        })
    }
}
