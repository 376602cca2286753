//! Many seeds, on every core.

use std::io::{BufRead as _, BufReader, IsTerminal as _, Write as _};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow};
use tempfile::TempDir;

use crate::cores::{self, Failure};
use crate::promises;
use crate::world::{Template, World};

/// A folder in memory where there is one: what is proved is not the machine's disk.
pub(crate) fn folder() -> Result<TempDir> {
    let memory = Path::new("/dev/shm");
    Ok(if memory.is_dir() {
        tempfile::tempdir_in(memory)?
    } else {
        tempfile::tempdir()?
    })
}

/// Runs the seeds one after another; ends at the first that fails.
pub(crate) fn work(from: u64, seeds: u64, aloud: bool) -> Result<ExitCode> {
    let folder = folder()?;
    let template_folder = folder.path().join("template");
    let place = folder.path().to_owned();
    for seed in from..from.saturating_add(seeds) {
        let (template_folder, place) = (template_folder.clone(), place.clone());
        // Each on a thread of its own, so that nothing of one is left for the next.
        let ran = thread::spawn(move || world(seed, &template_folder, &place, aloud));
        let ran = ran.join().unwrap_or_else(|_| Err(anyhow!("a panic")));
        let mut out = std::io::stdout().lock();
        match ran {
            Ok(digest) => writeln!(out, "{seed} {digest}")?,
            Err(fault) => {
                writeln!(out, "{seed} failed")?;
                eprintln!("seed {seed}: {fault:#}");
                eprintln!(
                    "again, with all that happens:\n  cargo xtask soak --seeds 1 --from {seed} --trace"
                );
                return Ok(ExitCode::FAILURE);
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// One world; the digest of its story.
fn world(seed: u64, template: &Path, place: &Path, aloud: bool) -> Result<String> {
    let template = Template::made(template)?;
    let folder = place.join(format!("seed-{seed}"));
    std::fs::create_dir_all(&folder)?;
    let mut world = World::begin(seed, &template, &folder)?;
    if aloud {
        world.tell();
    }
    let ran = world.live().and_then(|()| promises::check(&mut world));
    let story = world.story();
    let digest = world.digest();
    drop(world);
    std::fs::remove_dir_all(&folder)?;
    ran.map_err(|fault| fault.context(format!("it ended with\n{story}")))?;
    Ok(digest.to_string())
}

/// Seeds given to a process at a time.
const PORTION: u64 = 500;

/// How far a run is; what its processes share.
struct Course {
    next: AtomicU64,
    end: u64,
    until: Option<Instant>,
    passed: AtomicU64,
    failure: Failure,
}

/// Runs the seeds in as many processes as there are cores, for so many seconds at most.
pub(crate) fn run(from: u64, seeds: u64, seconds: Option<u64>) -> Result<ExitCode> {
    let began = Instant::now();
    let course = Course {
        next: AtomicU64::new(from),
        end: from.saturating_add(seeds),
        until: seconds.map(|seconds| began + Duration::from_secs(seconds)),
        passed: AtomicU64::new(0),
        failure: Failure::default(),
    };
    cores::on_each(|| course.follow())?;
    let passed = course.passed.into_inner();
    eprintln!("\r{passed} seeds passed, in {:.0?}", began.elapsed());
    Ok(cores::verdict(&course.failure))
}

impl Course {
    fn is_over(&self) -> bool {
        self.until.is_some_and(|until| Instant::now() >= until) || self.failure.is_there()
    }

    /// Runs portion after portion until there is none, or one fails.
    fn follow(&self) -> Result<()> {
        loop {
            let from = self.next.fetch_add(PORTION, Ordering::Relaxed);
            if from >= self.end || self.is_over() {
                return Ok(());
            }
            self.portion(from, PORTION.min(self.end - from))?;
        }
    }

    fn portion(&self, from: u64, seeds: u64) -> Result<()> {
        let mut worker = Command::new(std::env::current_exe()?)
            .args([
                "--worker",
                "--from",
                &from.to_string(),
                "--seeds",
                &seeds.to_string(),
            ])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let said = worker.stdout.take().context("a worker without a voice")?;
        for line in BufReader::new(said).lines() {
            if !line?.ends_with("failed") {
                let passed = self.passed.fetch_add(1, Ordering::Relaxed) + 1;
                if passed.is_multiple_of(100) && std::io::stderr().is_terminal() {
                    eprint!("\r{passed} seeds passed");
                }
            }
            if self.is_over() {
                worker.kill()?;
            }
        }
        let ended = worker.wait_with_output()?;
        if !ended.status.success() && !self.is_over() {
            self.failure
                .note(String::from_utf8_lossy(&ended.stderr).into_owned());
        }
        Ok(())
    }
}
