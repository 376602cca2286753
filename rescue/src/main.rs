//! `ketuk-rescue`: for a phone that can't be helped by itself.
//!
//! A copy of a phone is its database, which only its key opens, and that key, sealed to the server. The
//! server knows its half and nothing of a phone's database; the phone's core knows that and nothing of the
//! server. This program has both, on the operator's machine: it opens the copy in a folder that is gone
//! afterwards, lets the phone's own code put what waits into parcels, and hands these to the server as
//! anybody's.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use ketuk_phone::{OnlyHere, Phone, PhoneCopy, Setup};
use ketuk_server::{Beside, Store};

/// Takes to the server what waits in copies of phones: of one whose key is lost, that drowned, or whose
/// cadre is gone. Also beside a running server, and more than once. Exits with 1 if one can't be opened.
#[derive(Parser)]
#[command(version, about)]
struct Cli {
    /// The copies, as a phone wrote them.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Folder of the server's embedded database.
    #[arg(long, default_value = "ketuk-data", value_name = "FOLDER")]
    data: PathBuf,
    /// PostgreSQL instead of the embedded database; rather set it in the environment.
    #[arg(
        long,
        env = "KETUK_DATABASE_URL",
        hide_env_values = true,
        value_name = "URL"
    )]
    database_url: Option<String>,
}

#[derive(Debug, thiserror::Error)]
enum Error {
    #[error(transparent)]
    Phone(#[from] ketuk_phone::Error),
    #[error(transparent)]
    Server(#[from] ketuk_server::Error),
    #[error("can't use {path}: {reason}")]
    Folder {
        path: PathBuf,
        reason: std::io::Error,
    },
    #[error("the copy's database was made with another key, or is damaged")]
    Unreadable,
    #[error("can't write to the standard output: {0}")]
    Output(std::io::Error),
}

/// What came of a copy.
struct Rescued {
    received: u64,
    already: u64,
    troubles: u64,
    /// What is in it that no parcel carries.
    left: OnlyHere,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    run(cli).unwrap_or_else(|error| {
        let _ = writeln!(std::io::stderr(), "ketuk-rescue: {error}");
        ExitCode::FAILURE
    })
}

fn run(cli: Cli) -> Result<ExitCode, Error> {
    let store = match cli.database_url {
        Some(url) => Store::Postgres(url),
        None => Store::Sqlite(cli.data),
    };
    let server = Beside::open(&store)?;
    let mut code = ExitCode::SUCCESS;
    for file in &cli.files {
        let name = file.display();
        match rescue(&server, file) {
            Ok(rescued) => say(&name.to_string(), &rescued)?,
            Err(error) => {
                code = ExitCode::FAILURE;
                let _ = writeln!(std::io::stderr(), "ketuk-rescue: {name}: {error}");
            }
        }
    }
    server.sum_up()?;
    Ok(code)
}

fn rescue(server: &Beside, file: &Path) -> Result<Rescued, Error> {
    let copy = PhoneCopy::open(file)?;
    let key = server.open_key(&copy.sealed_key()?)?;
    // Opened anew each time, so that the copy itself is never written to.
    let folder = tempfile::tempdir().map_err(|reason| Error::Folder {
        path: std::env::temp_dir(),
        reason,
    })?;
    copy.unpack(folder.path())?;
    let phone = Phone::open(folder.path(), key.0, Setup::new("ketuk-rescue", 0))?;
    if phone.moved_aside().is_some() {
        return Err(Error::Unreadable);
    }
    let (mut received, mut already, mut troubles) = (0, 0, 0);
    while let Some(parcel) = phone.hand_over()? {
        let taken = server.take(&parcel.bytes)?.answer;
        received += taken.received;
        already += taken.already;
        troubles += taken.troubles;
        if parcel.left_over == 0 || parcel.entries == 0 {
            break;
        }
    }
    Ok(Rescued {
        received,
        already,
        troubles,
        left: phone.only_here()?,
    })
}

fn say(name: &str, rescued: &Rescued) -> Result<(), Error> {
    let Rescued {
        received,
        already,
        troubles,
        left,
    } = rescued;
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "{name}: {received} entries are on the server, {already} of them were before, {troubles} need a \
         look; in the file stay {} unfinished visits and {} photos: put it back on a phone to go on",
        left.drafts, left.photos
    )
    .and_then(|()| out.flush())
    .map_err(Error::Output)
}
