//! Processes that are really killed.
//!
//! A child works as a phone beside its server and dictates its journal. At one of the writes to the
//! phone's disk or the server's, each in turn, or at any microsecond, it is killed; what it had not
//! synced is lost with it, as in a power cut, but for what the system had written back by then. Then
//! both are opened again, and the promises are checked against what was dictated.

use std::io::{BufRead as _, BufReader, IsTerminal as _, Write as _};
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, ensure};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use crate::cores::{self, Failure};
use crate::disk::Disk;
use crate::journal::Journal;
use crate::promises;
use crate::seeds::folder;
use crate::world::{Template, World};

/// What the child says when it begins, when it has died and when its work is done.
const BEGUN: &str = "begun";
const DEAD: &str = "dead";
const DONE: &str = "done";

/// The signal that ends a child.
const KILLED: i32 = 9;

/// A child's work takes about so many microseconds.
const WORK: u64 = 20_000;

/// Where a child dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    /// After so many writes to the phone's disk.
    Phone(u64),
    /// After so many writes to the server's disk.
    Office(u64),
    /// After so many microseconds.
    Moment(u64),
}

impl std::fmt::Display for At {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            At::Phone(n) => write!(f, "phone:{n}"),
            At::Office(n) => write!(f, "office:{n}"),
            At::Moment(n) => write!(f, "moment:{n}"),
        }
    }
}

impl std::str::FromStr for At {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<At> {
        let (kind, n) = text.split_once(':').context("as in phone:17")?;
        let n = n.parse()?;
        match kind {
            "phone" => Ok(At::Phone(n)),
            "office" => Ok(At::Office(n)),
            "moment" => Ok(At::Moment(n)),
            _ => Err(anyhow!("phone, office or moment")),
        }
    }
}

/// Works until it dies: the child's whole life.
pub(crate) fn child(seed: u64, at: &str, folder: &Path, template: &Path) -> Result<ExitCode> {
    let template = Template::made(template)?;
    let mut world = World::small(seed, &template, folder)?;
    world.journal = Journal::dictated();
    let chance = ChaCha8Rng::seed_from_u64(seed ^ u64::MAX);
    let disks = [world.phones[0].disk(), world.office.disk()];
    for disk in disks {
        disk.write_early(4, chance.clone());
        disk.park_when_dead(|| drop(say(DEAD)));
    }
    match at.parse()? {
        At::Phone(writes) => disks[0].die_after(writes),
        At::Office(writes) => disks[1].die_after(writes),
        At::Moment(_) => {}
    }
    say(BEGUN)?;
    world.work()?;
    say(DONE)?;
    // Nothing more is written, not even by closing.
    loop {
        thread::park();
    }
}

fn say(word: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{word}")?;
    out.flush()
}

/// What all watchers share.
struct Course {
    next: AtomicU64,
    left: AtomicU64,
    done: AtomicU64,
    failure: Failure,
}

/// Crashes so many processes, in works from the seed `from` on.
pub(crate) fn run(crashes: u64, from: u64) -> Result<ExitCode> {
    let began = Instant::now();
    let place = folder()?;
    let template = place.path().join("template");
    Template::made(&template)?;
    let course = Course {
        next: AtomicU64::new(from),
        left: AtomicU64::new(crashes),
        done: AtomicU64::new(0),
        failure: Failure::default(),
    };
    cores::on_each(|| course.watch(place.path(), &template))?;
    let done = course.done.into_inner();
    eprintln!("\r{done} crashes, in {:.0?}", began.elapsed());
    Ok(cores::verdict(&course.failure))
}

/// One crash, told.
pub(crate) fn once(seed: u64, at: &str) -> Result<ExitCode> {
    let place = folder()?;
    let template = place.path().join("template");
    Template::made(&template)?;
    let survived = crash(seed, at.parse()?, place.path(), &template, true)?;
    eprintln!(
        "{}",
        if survived {
            "died and survived"
        } else {
            "was done before that"
        }
    );
    Ok(ExitCode::SUCCESS)
}

impl Course {
    /// Takes one work after another, and crashes it at each of its writes.
    fn watch(&self, place: &Path, template: &Path) -> Result<()> {
        loop {
            let seed = self.next.fetch_add(1, Ordering::Relaxed);
            let mut moments = ChaCha8Rng::seed_from_u64(seed);
            for of in [At::Phone, At::Office] {
                for writes in 0.. {
                    let moment = At::Moment(moments.random_range(0..WORK));
                    let both = [of(writes), moment];
                    let some = if writes % 4 == 0 {
                        &both[..]
                    } else {
                        &both[..1]
                    };
                    let mut died = false;
                    for at in some {
                        if !self.another() {
                            return Ok(());
                        }
                        died |= self.crash(seed, *at, place, template)? && *at != moment;
                    }
                    if !died {
                        break;
                    }
                }
            }
        }
    }

    fn another(&self) -> bool {
        let take = |left: u64| left.checked_sub(1);
        !self.failure.is_there()
            && self
                .left
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, take)
                .is_ok()
    }

    fn crash(&self, seed: u64, at: At, place: &Path, template: &Path) -> Result<bool> {
        let crashed = crash(seed, at, place, template, false);
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        if done.is_multiple_of(20) && std::io::stderr().is_terminal() {
            eprint!("\r{done} crashes");
        }
        crashed.or_else(|fault| {
            let said = format!(
                "work {seed} killed at {at}: {fault:#}\nagain, with all that happens:\n  cargo xtask soak \
                 --crashes 1 --from {seed} --at {at}"
            );
            self.failure.note(said);
            Ok(false)
        })
    }
}

/// Lets a child die and checks what it left; whether it died before its work was done.
fn crash(seed: u64, at: At, place: &Path, template: &Path, aloud: bool) -> Result<bool> {
    let folder = place.join(format!("{seed}-{at}"));
    std::fs::create_dir_all(&folder)?;
    let (lines, died) = live_and_die(seed, at, &folder, template)?;
    let mut world = World::left_behind(seed, &folder)?;
    if aloud {
        lines.iter().for_each(|line| eprintln!("  {line}"));
        world.tell();
    }
    world.journal = Journal::heard(&lines);
    let checked = promises::check(&mut world);
    let story = world.story();
    drop(world);
    Disk::forget(&folder);
    std::fs::remove_dir_all(&folder)?;
    let journal = lines.join("\n  ");
    checked.map_err(|fault| fault.context(format!("it left\n  {journal}\nand then\n{story}")))?;
    Ok(died)
}

/// What a child said until it was killed, and whether that was before its work was done.
fn live_and_die(seed: u64, at: At, folder: &Path, template: &Path) -> Result<(Vec<String>, bool)> {
    let mut child = Command::new(std::env::current_exe()?)
        .args(["--child", &at.to_string(), "--from", &seed.to_string()])
        .arg("--folder")
        .arg(folder)
        .arg("--template")
        .arg(template)
        .stdout(Stdio::piped())
        .spawn()?;
    let said = listen(&mut child, at);
    child.kill()?;
    let ended = child.wait()?;
    let mut lines = said?;
    let last = lines.last().map_or("", String::as_str);
    ensure!(
        [DEAD, DONE].contains(&last) || ended.signal() == Some(KILLED),
        "its work failed by itself ({ended}): {}",
        lines.join("\n  ")
    );
    let died = last != DONE;
    lines.retain(|line| ![BEGUN, DEAD, DONE].contains(&line.as_str()));
    Ok((lines, died))
}

fn listen(child: &mut Child, at: At) -> Result<Vec<String>> {
    let voice = child.stdout.take().context("a child without a voice")?;
    let mut voice = BufReader::new(voice);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if voice.read_line(&mut line)? == 0 {
            return Ok(lines);
        }
        lines.push(line.trim_end().to_owned());
        match (line.trim_end(), at) {
            (DEAD | DONE, _) => return Ok(lines),
            (BEGUN, At::Moment(micros)) => {
                thread::sleep(Duration::from_micros(micros));
                child.kill()?;
            }
            _ => {}
        }
    }
}
