//! Every figure that the README states, and the peers it is measured against. Exits with 0 whether a
//! target is met or not: it measures, it is no test.
#![allow(clippy::print_stdout, reason = "a command line talks on stdout")]

mod app;
mod figure;
mod forms;
mod link;
mod memory;
mod office;
mod one_stream;
mod outbox;
mod phone;
mod server;
mod stocked;
mod submissions;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Parser, ValueEnum};

use crate::figure::Report;

#[derive(Parser)]
struct Options {
    /// Only this area.
    #[arg(value_enum)]
    area: Option<Area>,
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
    /// Run what the memory figure looks at, and print this process's peak memory in bytes.
    #[arg(long, hide = true)]
    peak_memory: bool,
    /// Print what a form and a session take of memory.
    #[arg(long, hide = true)]
    footprint: bool,
    /// Where the form engine's peers are installed.
    #[arg(long, env = "KETUK_ORACLES")]
    peers: Option<PathBuf>,
    /// Drain a long outbox, and print what packing it took.
    #[arg(long, hide = true)]
    outbox: bool,
    #[command(flatten)]
    app: app::Program,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Area {
    Forms,
    Phone,
    Link,
    Server,
    App,
    Office,
}

fn main() -> Result<()> {
    let options = Options::parse();
    if options.peak_memory {
        println!("{}", phone::peak_memory()?);
        return Ok(());
    }
    if options.footprint {
        println!("{}", serde_json::to_string(&forms::footprint::look()?)?);
        return Ok(());
    }
    if options.outbox {
        println!("{}", serde_json::to_string(&outbox::drain()?)?);
        return Ok(());
    }
    if let Some(said) = options.app.serve()? {
        println!("{said}");
        return Ok(());
    }
    // reqwest asks for one even where everything is plain http on loopback; a second call changes nothing.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let report = Report::new(options.json);
    let areas = match &options.area {
        Some(area) => std::slice::from_ref(area),
        None => Area::value_variants(),
    };
    for area in areas {
        match area {
            Area::Forms => forms::measure(&report, options.peers.as_deref())?,
            Area::Phone => {
                phone::measure(&report)?;
                outbox::measure(&report)?;
            }
            Area::Link => link::measure(&report)?,
            Area::Server => server::measure(&report)?,
            Area::App => app::measure(&report, &options.app)?,
            Area::Office => office::measure(&report)?,
        }
    }
    Ok(())
}
