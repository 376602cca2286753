//! The proof that nothing is lost.
//!
//! A seed makes a world ([`world`]): a server, some phones and everything that can go wrong between
//! them. When it has run its course, everything is put right and the nine promises of
//! docs/protocol.md are checked ([`promises`]) against a [`journal`] that neither side can reach.

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
    disk::install();
    let cli = Cli::parse();
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
    match run {
        Ok(code) => code,
        Err(fault) => {
            eprintln!("\n{fault:#}");
            ExitCode::FAILURE
        }
    }
}
