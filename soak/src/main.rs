//! The proof that nothing is lost.
//!
//! A seed makes a world ([`world`]): a server, some phones and everything that can go wrong between
//! them. When it has run its course, everything is put right and the nine promises of
//! docs/protocol.md are checked ([`promises`]) against a [`journal`] that neither side can reach.
#![allow(clippy::print_stdout, reason = "a command line talks on stdout")]

mod books;
mod chance;
mod cores;
mod crashes;
mod disk;
mod journal;
mod promises;
mod seeds;
mod world;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use ketuk_soak::fleet::Size;
use ketuk_tests::ledger::Place;

#[derive(Parser)]
#[command(
    name = "cargo xtask soak",
    about = "Proves that nothing is lost",
    disable_version_flag = true
)]
struct Cli {
    /// How many worlds to run, each from its seed [default: 1000, or as many as fit]
    #[arg(long)]
    seeds: Option<u64>,
    /// The first seed
    #[arg(long, default_value_t = 1)]
    from: u64,
    /// Stop after so many seconds, however far it is
    #[arg(long = "for", value_name = "SECONDS")]
    seconds: Option<u64>,
    /// Instead of worlds: kill so many processes, at each of their writes and at random moments
    #[arg(long, value_name = "N")]
    crashes: Option<u64>,
    /// With --crashes 1: kill it there, and tell what happens
    #[arg(long, requires = "crashes", value_name = "PLACE")]
    at: Option<String>,
    /// Instead of worlds: so many phones at once over sockets, against a server that is killed and
    /// restored, on SQLite and, where there is one, on PostgreSQL
    #[arg(long, value_name = "PHONES")]
    fleet: Option<u32>,
    /// With --fleet: families that each phone records
    #[arg(long, default_value_t = 10, requires = "fleet")]
    families: u32,
    /// With --fleet: a line of JSON for each database
    #[arg(long, requires = "fleet")]
    json: bool,
    /// Tell what happens, line by line
    #[arg(long)]
    trace: bool,
    /// Run the seeds in this process, for the one that started it
    #[arg(long, hide = true)]
    worker: bool,
    /// Work until death there, for the process that started this one
    #[arg(long, hide = true, requires_all = ["folder", "template"])]
    child: Option<String>,
    #[arg(long, hide = true)]
    folder: Option<PathBuf>,
    #[arg(long, hide = true)]
    template: Option<PathBuf>,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    if let Some(phones) = cli.fleet {
        return told(fleet(phones, &cli));
    }
    disk::install();
    let seeds = match (cli.seeds, cli.seconds) {
        (Some(seeds), _) => seeds,
        (None, Some(_)) => u64::MAX,
        (None, None) => 1000,
    };
    let run = match (&cli.child, &cli.folder, &cli.template, cli.crashes, &cli.at) {
        (Some(at), Some(folder), Some(template), ..) => {
            crashes::child(cli.from, at, folder, template)
        }
        (.., Some(_), Some(at)) => crashes::once(cli.from, at),
        (.., Some(crashes), None) => crashes::run(crashes, cli.from),
        _ if cli.worker || cli.trace => seeds::work(cli.from, seeds, cli.trace),
        _ => seeds::run(cli.from, seeds, cli.seconds),
    };
    told(run)
}

/// On every database that there is.
fn fleet(phones: u32, cli: &Cli) -> anyhow::Result<ExitCode> {
    let size = Size {
        phones,
        families: cli.families,
        seed: cli.from,
    };
    let folder = tempfile::tempdir()?;
    let sqlite = Place::Sqlite(folder.path().join("office"));
    let places = [
        ("SQLite", Some(sqlite)),
        ("PostgreSQL", Place::fresh_postgres()?),
    ];
    for (name, place) in places {
        let Some(place) = place else {
            eprintln!("{name}: none here; cargo xtask soak starts one");
            continue;
        };
        let tell = |what: &str| eprintln!("{name}: {what}");
        let reckoning = ketuk_soak::fleet::run(size, place, tell)?;
        if cli.json {
            println!("{}", serde_json::to_string(&reckoning)?);
        } else {
            println!("{name}: {reckoning}");
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn told(run: anyhow::Result<ExitCode>) -> ExitCode {
    match run {
        Ok(code) => code,
        Err(fault) => {
            eprintln!("\n{fault:#}");
            ExitCode::FAILURE
        }
    }
}
