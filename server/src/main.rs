//! `ketuk-server`: the server with a command line.

use std::io::{IsTerminal as _, Read as _, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use jiff::SignedDuration;
use ketuk_server::sample::{Invited, Loaded, Progress};
use ketuk_server::{
    Beside, Clock, Error, Options, PublicUrl, ReceiptCheck, Receipted, Server, Store, TakenIn,
    enrol_link, sample,
};
use ketuk_wire::{Comment, PhoneLock, PublicKey, Receipt};
use serde_json::json;
use uuid::Uuid;

/// Receives families' data from phones, counts it and shows it to the office.
#[derive(Parser)]
#[command(version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Answers phones and browsers until told to stop (Ctrl-C).
    Serve(Serve),
    /// Computes every figure again from the entries; exits with 1 if one differs.
    Verify {
        #[command(flatten)]
        place: Place,
        /// Prints the result as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Copies the embedded database into a file, also while a server answers on it. To restore, put
    /// the copy in place as ketuk.db: the server that finds it there knows that it is a copy.
    Backup {
        /// The file; one of this name stays until the new copy is whole.
        to: PathBuf,
        #[command(flatten)]
        place: Place,
    },
    /// Takes in files that phones handed over because they had no way to the server; also beside a
    /// running server, and more than once. Exits with 1 if one of them is refused.
    ImportBatch {
        /// The files.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        #[command(flatten)]
        place: Place,
        /// Writes receipts for the phones into this folder, a file for each: opened on the phone, it
        /// knows what is here without having had a way to the server.
        #[arg(long, value_name = "FOLDER")]
        answers: Option<PathBuf>,
        /// Prints a line of JSON for each file.
        #[arg(long)]
        json: bool,
    },
    /// Says how the campaign's phones are locked: those that enrol from now on, and the others when they
    /// enrol anew. Also beside a running server.
    LockPhones {
        /// Whether a cadre must choose a PIN.
        #[arg(long, action = clap::ArgAction::Set, value_name = "true|false")]
        pin: bool,
        /// After so many minutes without a touch the app asks for it again.
        #[arg(long, default_value_t = 5, value_name = "MINUTES")]
        after: u16,
        #[command(flatten)]
        place: Place,
    },
    /// Prints a new code for a cadre: for another phone, or to open hers after she forgot her PIN or the
    /// phone lost its key. Also beside a running server.
    Invite {
        /// The cadre's number.
        cadre: Uuid,
        /// How long it is good for.
        #[arg(long, default_value_t = 14, value_name = "DAYS")]
        days: u16,
        #[command(flatten)]
        place: Place,
    },
    /// Takes a cadre's phones out of the campaign, as when one is lost. They keep what is on them. Also
    /// beside a running server.
    Revoke {
        /// The cadre's number.
        cadre: Uuid,
        #[command(flatten)]
        place: Place,
    },
    /// Sends a family back to whoever visits its RT, with what to look at again. Also beside a running
    /// server.
    SendBack {
        /// The family's number in the server's data, as in an export.
        family: Uuid,
        /// What to look at; it stands at the question. Without one an earlier request is taken back.
        comment: Option<String>,
        /// The question, by its path in the document; the visit as a whole without one.
        #[arg(long, default_value = "", value_name = "PATH")]
        question: String,
        #[command(flatten)]
        place: Place,
    },
    /// Checks what this server signed for.
    #[command(subcommand)]
    Receipt(ReceiptCommand),
}

#[derive(Subcommand)]
enum ReceiptCommand {
    /// Says whether this server gave a receipt and still holds the entry. Exits with 0 if it does,
    /// with 3 if the receipt is not valid, with 4 if it is and the entry is not here.
    Verify {
        /// The receipt's text (KETUK1.…), or - to read it from the standard input.
        text: String,
        /// Checks the signature by this key alone, without the server's data.
        // One key in 64 begins with a hyphen.
        #[arg(long, value_name = "KEY", allow_hyphen_values = true)]
        key: Option<String>,
        #[command(flatten)]
        place: Place,
    },
    /// Prints the key by which anybody can verify this server's receipts.
    Key {
        #[command(flatten)]
        place: Place,
    },
}

/// Exit code for a receipt that is none of the server's.
const NOT_VALID: u8 = 3;

/// Exit code for a valid receipt whose entry is not on the server.
const NOT_HERE: u8 = 4;

#[derive(Args)]
struct Place {
    /// Folder of the embedded database.
    #[arg(long, default_value = "ketuk-data", value_name = "FOLDER")]
    data: PathBuf,
    /// PostgreSQL instead of the embedded database. It holds a password, and other users of the
    /// machine see a command line: rather set it in the environment.
    #[arg(
        long,
        env = "KETUK_DATABASE_URL",
        hide_env_values = true,
        value_name = "URL"
    )]
    database_url: Option<String>,
}

#[derive(Args)]
struct Serve {
    #[command(flatten)]
    place: Place,
    /// Where to listen; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:8030", value_name = "ADDRESS")]
    listen: SocketAddr,
    /// How browsers and phones come to the server, if not straight to where it listens, like
    /// https://ketuk.example.id: it stands in enrolment links, and with https the office's cookies
    /// are for TLS only.
    #[arg(long, value_name = "URL")]
    public_url: Option<PublicUrl>,
    /// Loads the sample campaign, all of it made up, and sets the clock to its day.
    #[arg(long)]
    sample: bool,
    /// A questionnaire that phones are given from now on: an XLSForm as .xlsx, .xls or CSV. One that
    /// the server has already changes nothing.
    #[arg(long, value_name = "FILE")]
    questionnaire: Option<PathBuf>,
    /// File with the password of the first account, `admin`, instead of one made up.
    #[arg(long, value_name = "FILE")]
    admin_password_file: Option<PathBuf>,
    /// The data was put back from a snapshot of a disk or a machine: phones are to pull their lists
    /// again. That it was restored in another way is noticed without this.
    #[arg(long)]
    restored: bool,
    /// Prints where it listens, and the rest, as one line of JSON.
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(ketuk_server::log_filter(
            std::env::var("KETUK_LOG").ok().as_deref(),
        ))
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    let done = match cli.command {
        Command::Serve(serve) => self::serve(serve),
        Command::Verify { place, json } => verify(place, json),
        Command::Backup { to, place } => {
            ketuk_server::backup(&place.store(), &to).map(|()| ExitCode::SUCCESS)
        }
        Command::ImportBatch {
            files,
            place,
            answers,
            json,
        } => import_batch(&files, place, answers.as_deref(), json),
        Command::LockPhones { pin, after, place } => {
            let after_minutes = after.max(1);
            Beside::open(&place.store())
                .and_then(|beside| beside.lock_phones(PhoneLock { pin, after_minutes }))
                .map(|()| ExitCode::SUCCESS)
        }
        Command::Invite { cadre, days, place } => invite(cadre, days, place),
        Command::Revoke { cadre, place } => Beside::open(&place.store())
            .and_then(|beside| beside.revoke(cadre))
            .and_then(|phones| say(&format!("{phones} phones were taken out")))
            .map(|()| ExitCode::SUCCESS),
        Command::SendBack {
            family,
            comment,
            question,
            place,
        } => {
            let comment = comment.map(|text| Comment {
                path: question,
                text,
            });
            Beside::open(&place.store())
                .and_then(|beside| beside.send_back(family, comment.as_slice()))
                .map(|()| ExitCode::SUCCESS)
        }
        Command::Receipt(ReceiptCommand::Verify { text, key, place }) => {
            verify_receipt(text, key, place)
        }
        Command::Receipt(ReceiptCommand::Key { place }) => Beside::open(&place.store())
            .and_then(|beside| say(&beside.key().to_string()))
            .map(|()| ExitCode::SUCCESS),
    };
    done.unwrap_or_else(|error| {
        let _ = writeln!(std::io::stderr(), "ketuk-server: {error}");
        ExitCode::FAILURE
    })
}

impl Place {
    fn store(self) -> Store {
        match self.database_url {
            Some(url) => Store::Postgres(url),
            None => Store::Sqlite(self.data),
        }
    }
}

fn serve(serve: Serve) -> Result<ExitCode, Error> {
    let questionnaire = serve.questionnaire.map(read).transpose()?;
    let admin_password = serve
        .admin_password_file
        .map(|path| {
            let password = String::from_utf8_lossy(&read(path)?).into_owned();
            match password.trim() {
                "" => Err(Error::Setup("the password file is empty".into())),
                password => Ok(password.to_owned()),
            }
        })
        .transpose()?;
    let server = Server::open(Options {
        store: serve.place.store(),
        listen: serve.listen,
        clock: if serve.sample {
            sample::clock()
        } else {
            Clock::system()
        },
        admin_password,
        public_url: serve.public_url.clone(),
        restored: serve.restored,
    })?;
    let loaded = serve
        .sample
        .then(|| server.load_sample(show_progress))
        .transpose()?;
    if let Some(sheets) = questionnaire {
        server.setup(|setup| setup.form(sheets))?;
    }
    let running = server.run()?;
    let here = format!("http://{}", running.address());
    let from_outside = serve.public_url.map(|url| url.to_string());
    let outside = from_outside.as_deref().unwrap_or(&here);
    let text = if serve.json {
        as_json(&here, outside, running.new_password(), loaded.as_ref())
    } else {
        as_text(outside, running.new_password(), loaded.as_ref())
    };
    running.until_signalled(|| say(&text))?;
    Ok(ExitCode::SUCCESS)
}

fn read(path: PathBuf) -> Result<Vec<u8>, Error> {
    std::fs::read(&path).map_err(|reason| Error::Folder { path, reason })
}

fn verify(place: Place, json: bool) -> Result<ExitCode, Error> {
    let found = Beside::open(&place.store())?.verify()?;
    if json {
        let text = serde_json::to_string(&found).map_err(|e| Error::Internal(e.to_string()))?;
        say(&text)?;
    } else {
        let mut text = format!(
            "{} entries in {} villages: {} differences",
            found.entries,
            found.villages,
            found.differences.len()
        );
        for difference in &found.differences {
            text.push('\n');
            text.push_str(difference);
        }
        say(&text)?;
    }
    Ok(if found.differences.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn invite(cadre: Uuid, days: u16, place: Place) -> Result<ExitCode, Error> {
    let beside = Beside::open(&place.store())?;
    let expires_at = beside.now() + SignedDuration::from_hours(24 * i64::from(days));
    say(&beside.invite(cadre, expires_at)?.to_string())?;
    Ok(ExitCode::SUCCESS)
}

fn import_batch(
    files: &[PathBuf],
    place: Place,
    answers: Option<&Path>,
    json: bool,
) -> Result<ExitCode, Error> {
    let beside = Beside::open(&place.store())?;
    let mut refused = false;
    for path in files {
        let name = path.display();
        match beside.take_in(path) {
            Ok(TakenIn { answer, receipts }) => {
                if let (Some(folder), Some(receipts)) = (answers, receipts) {
                    answer_back(folder, path, &receipts)?;
                }
                say(&if json {
                    let file = name.to_string();
                    json!({
                        "file": file,
                        "received": answer.received,
                        "already": answer.already,
                        "troubles": answer.troubles,
                    })
                    .to_string()
                } else {
                    format!(
                        "{name}: {} entries are on the server, {} of them were before, {} need a look",
                        answer.received, answer.already, answer.troubles
                    )
                })?;
            }
            Err(error @ (Error::Parcel | Error::Stranger | Error::Folder { .. })) => {
                refused = true;
                if json {
                    let said = json!({"file": name.to_string(), "error": error.to_string()});
                    say(&said.to_string())?;
                } else {
                    let what = match error {
                        // It names the file itself.
                        Error::Folder { .. } => error.to_string(),
                        _ => format!("{name}: {error}"),
                    };
                    let _ = writeln!(std::io::stderr(), "ketuk-server: {what}");
                }
            }
            Err(error) => return Err(error),
        }
    }
    beside.sum_up()?;
    Ok(if refused {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// Beside the others, under the parcel's name.
fn answer_back(folder: &Path, parcel: &Path, receipts: &[u8]) -> Result<(), Error> {
    let name = parcel.file_stem().unwrap_or(parcel.as_os_str());
    let path = folder.join(name).with_extension("jawaban.ketuk");
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(&path, receipts))
        .map_err(|reason| Error::Folder { path, reason })
}

fn verify_receipt(text: String, key: Option<String>, place: Place) -> Result<ExitCode, Error> {
    let text = if text == "-" {
        let mut typed = Vec::new();
        std::io::stdin()
            .take(LONGEST_INPUT)
            .read_to_end(&mut typed)
            .map_err(|e| Error::Internal(format!("can't read the standard input: {e}")))?;
        String::from_utf8_lossy(&typed).into_owned()
    } else {
        text
    };
    let (sentence, code) = match key {
        Some(key) => {
            let key: PublicKey = key.parse().map_err(|_| {
                Error::Setup("--key takes a key as `ketuk-server receipt key` prints it".into())
            })?;
            match text.parse::<Receipt>().and_then(|r| r.verify(&key)) {
                Ok(()) => ("Valid: signed with this key.".to_owned(), 0),
                Err(fault) => (format!("Not valid: {fault}."), NOT_VALID),
            }
        }
        None => match Beside::open(&place.store())?.receipt(&text)? {
            ReceiptCheck::Held(then) => {
                (format!("Valid, and held: received {}.", said_of(then)), 0)
            }
            ReceiptCheck::HeldAs { then, revision } => (
                format!(
                    "Valid, and held: received {}, and now, judged again or come anew after a restore, {}.",
                    said_of(then),
                    said_of_revision(revision)
                ),
                0,
            ),
            ReceiptCheck::Lost(then) => (
                format!(
                    "Valid, but the entry is not here: it was received {}, and the server was \
                     restored from an older copy. Its phone sends it again.",
                    said_of(then)
                ),
                NOT_HERE,
            ),
            ReceiptCheck::Not(fault) => (format!("Not valid: {fault}."), NOT_VALID),
        },
    };
    say(&sentence)?;
    Ok(ExitCode::from(code))
}

/// More than any receipt, however it was typed.
const LONGEST_INPUT: u64 = 64 << 10;

fn said_of(then: Receipted) -> String {
    let Receipted {
        number,
        at,
        revision,
    } = then;
    format!("{at} as {}, receipt {number}", said_of_revision(revision))
}

fn said_of_revision(revision: u64) -> String {
    match revision {
        0 => "an entry beside the revisions".to_owned(),
        n => format!("revision {n}"),
    }
}

fn say(text: &str) -> Result<(), Error> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}")
        .and_then(|()| out.flush())
        .map_err(|e| Error::Internal(format!("can't write to the standard output: {e}")))
}

fn as_json(here: &str, outside: &str, password: Option<&str>, loaded: Option<&Loaded>) -> String {
    let invited = |cadre: &Invited| {
        json!({
            "id": cadre.cadre.id,
            "name": cadre.cadre.name,
            "village": cadre.village,
            "code": cadre.code.to_string(),
            "link": enrol_link(outside, &cadre.code),
        })
    };
    let live: Vec<_> = loaded
        .into_iter()
        .flat_map(|loaded| &loaded.live)
        .map(invited)
        .collect();
    let visitor = loaded
        .and_then(|loaded| loaded.visitor.as_ref())
        .map(invited);
    json!({
        "address": here,
        "name": password.map(|_| "admin"),
        "password": password,
        "campaign": loaded.map(|loaded| &loaded.campaign.title),
        "cadres": live,
        "visitor": visitor,
    })
    .to_string()
}

fn as_text(address: &str, password: Option<&str>, loaded: Option<&Loaded>) -> String {
    let mut lines = vec![format!("Office          {address}")];
    match password {
        Some(password) => lines.push(format!(
            "Sign in as      admin, password {password} (shown this once)"
        )),
        None => {
            lines.push("Sign in as      admin, with the password shown at the first start".into())
        }
    }
    if let Some(loaded) = loaded {
        lines.push(format!("Campaign        {}", loaded.campaign.title));
        if let Some(visitor) = &loaded.visitor {
            lines.push(format!(
                "Enrolment code  {} for {}",
                visitor.code, visitor.cadre.name
            ));
            lines.push(format!(
                "                {}",
                enrol_link(address, &visitor.code)
            ));
        }
    }
    lines.join("\n")
}

/// One line that changes on a terminal, a line each tenth elsewhere.
fn show_progress(progress: Progress) {
    let (what, done, of) = match progress {
        Progress::Listed { cadres, of } => ("listing families", cadres, of),
        Progress::Received { cadres, of } => ("receiving visits", cadres, of),
    };
    let mut err = std::io::stderr().lock();
    // Progress that can't be shown is no reason to stop.
    let _ = if err.is_terminal() {
        let end = if done == of { "\n" } else { "" };
        write!(err, "\rSample campaign: {what}, {done} of {of} cadres{end}")
    } else if done == of || done % of.div_ceil(10).max(1) == 0 {
        writeln!(err, "Sample campaign: {what}, {done} of {of} cadres")
    } else {
        Ok(())
    };
}
