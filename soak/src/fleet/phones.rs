//! The phones, and hands that take one after the other.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use ketuk_phone::{Clock, SyncCancel, SyncEnd};
use ketuk_sample::{Household, SEED};
use ketuk_tests::cadre::{Cadre, Pocket, SampleDay};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use uuid::Uuid;

use super::Size;
use super::weather::Weather;
use crate::campaign::Invited;

/// Phones in somebody's hands at the same time. Most of them wait for their link.
const HANDS: usize = 96;

/// Enrolments at the same time: fewer than the server takes from one address in a minute.
const ENROLLING: usize = 16;

/// Runs within which a healed link empties a queue.
const RUNS_TO_HEAL: u32 = 4;

pub(super) struct Fleet {
    /// Those that nobody holds at the moment and that still have work.
    resting: Mutex<VecDeque<Member>>,
    /// Those whose work is done.
    done: Mutex<Vec<Member>>,
    left_to_record: AtomicU64,
    to_record: u64,
    working: AtomicBool,
}

/// A phone, the families that it still has to record, and what it called saved.
pub(super) struct Member {
    number: usize,
    /// None while it is in somebody's hands.
    pocket: Option<Pocket>,
    to_record: VecDeque<Household>,
    pub(super) saved: Vec<Uuid>,
    pub(super) runs: Vec<Run>,
    dice: StdRng,
}

impl Member {
    fn take_out(&mut self) -> Result<Cadre> {
        let pocket = self.pocket.take();
        pocket.context("the phone is in other hands")?.open()
    }
}

/// A run of synchronisation.
#[derive(Debug, Clone, Copy)]
pub(super) struct Run {
    pub(super) took: Duration,
    pub(super) received: u64,
    pub(super) end: SyncEnd,
}

impl Fleet {
    /// Gives each cadre a phone and enrols it over its link.
    pub(super) fn enrol(
        cadres: &[Invited],
        weather: &Weather,
        folder: &Path,
        size: Size,
    ) -> Result<Fleet> {
        let campaign = ketuk_sample::Campaign::gorontalo(SEED);
        let clock: Arc<dyn Clock> = Arc::new(SampleDay::begin(&campaign)?);
        let queue = Mutex::new(cadres.iter().enumerate());
        let next = || lock(&queue).next();
        let resting = Mutex::new(VecDeque::new());
        in_hands(ENROLLING, || {
            while let Some((number, cadre)) = next() {
                let member = enrol(number, cadre, weather, folder, size, &clock)?;
                lock(&resting).push_back(member);
            }
            Ok(())
        })?;
        let to_record = u64::from(size.phones) * u64::from(size.families);
        Ok(Fleet {
            resting,
            done: Mutex::default(),
            left_to_record: AtomicU64::new(to_record),
            to_record,
            working: AtomicBool::new(true),
        })
    }

    /// Records and sends, phone after phone, until everything is recorded. Links cut, runs are broken
    /// off, apps are killed between any two of them: what is left then waits.
    pub(super) fn work(&self) -> Result<()> {
        in_hands(HANDS, || {
            loop {
                let taken = lock(&self.resting).pop_front();
                let Some(member) = taken else {
                    return Ok(());
                };
                let member = self.turn(member)?;
                if member.to_record.is_empty() {
                    lock(&self.done).push(member);
                } else {
                    lock(&self.resting).push_back(member);
                }
            }
        })
    }

    fn turn(&self, mut member: Member) -> Result<Member> {
        let campaign = ketuk_sample::Campaign::gorontalo(SEED);
        let cadre = member.take_out()?;
        for _ in 0..member.dice.random_range(1..=4) {
            let Some(family) = member.to_record.pop_front() else {
                break;
            };
            member
                .saved
                .push(cadre.record_new(&family, campaign.today())?);
            self.left_to_record.fetch_sub(1, Ordering::Relaxed);
        }
        // Some don't look for signal today; of the others some put the phone away too early.
        let patience = match member.dice.random_range(0..10) {
            0..=1 => None,
            2..=3 => Some(Duration::from_millis(member.dice.random_range(1..3_000))),
            _ => Some(Duration::from_secs(20)),
        };
        if let Some(patience) = patience {
            member.runs.push(run(&cadre, patience)?);
        }
        member.pocket = Some(cadre.close());
        Ok(member)
    }

    pub(super) fn is_working(&self) -> bool {
        self.working.load(Ordering::Relaxed)
    }

    /// How many of so many equal parts of the work are recorded.
    pub(super) fn recorded_of(&self, parts: u64) -> u64 {
        let left = self.left_to_record.load(Ordering::Relaxed);
        (self.to_record - left) * parts / self.to_record.max(1)
    }

    pub(super) fn done_working(&self) {
        self.working.store(false, Ordering::Relaxed);
    }

    /// Every phone sends what it still has, also those that believed to have nothing: the server may
    /// have lost it.
    pub(super) fn heal(self) -> Result<Vec<Member>> {
        let queue = Mutex::new(VecDeque::from(
            self.done
                .into_inner()
                .unwrap_or_else(PoisonError::into_inner),
        ));
        let healed = Mutex::new(Vec::new());
        in_hands(HANDS, || {
            loop {
                let taken = lock(&queue).pop_front();
                let Some(member) = taken else {
                    return Ok(());
                };
                lock(&healed).push(heal(member)?);
            }
        })?;
        Ok(healed.into_inner().unwrap_or_else(PoisonError::into_inner))
    }
}

fn enrol(
    number: usize,
    cadre: &Invited,
    weather: &Weather,
    folder: &Path,
    size: Size,
    clock: &Arc<dyn Clock>,
) -> Result<Member> {
    let pocket = Pocket::new(Arc::clone(clock), folder)?;
    let phone = pocket.open()?;
    phone
        .phone()
        .enrol(&weather.link(number).url(), cadre.code.as_str(), "fleet")
        .with_context(|| format!("enrolling phone {number}"))?;
    let first = run(&phone, Duration::from_secs(120))?;
    if first.end != SyncEnd::Done {
        bail!("phone {number} did not get its questionnaire: {first:?}");
    }
    let seed = size.seed.wrapping_add(number as u64);
    let families = ketuk_sample::households(size.families, seed).map(|mut family| {
        family.area = cadre.rt.clone();
        family
    });
    Ok(Member {
        number,
        pocket: Some(phone.close()),
        to_record: families.collect(),
        saved: Vec::new(),
        runs: Vec::new(),
        dice: StdRng::seed_from_u64(seed),
    })
}

fn heal(mut member: Member) -> Result<Member> {
    let cadre = member.take_out()?;
    for _ in 0..RUNS_TO_HEAL {
        let run = run(&cadre, Duration::from_secs(120))?;
        member.runs.push(run);
        let left = cadre.phone().waiting(None, 1)?.rows.len();
        if run.end == SyncEnd::Done && left == 0 {
            member.pocket = Some(cadre.close());
            return Ok(member);
        }
        // The server was just killed with this phone among many: it asked for peace.
        std::thread::sleep(Duration::from_millis(500));
    }
    bail!(
        "phone {}'s queue is not empty after {RUNS_TO_HEAL} runs on a healed link: {:?}",
        member.number,
        member.runs.last()
    )
}

/// A run that she breaks off when her patience is at its end.
fn run(cadre: &Cadre, patience: Duration) -> Result<Run> {
    let begun = Instant::now();
    let cancel = SyncCancel::new();
    let (finished, waiting) = std::sync::mpsc::channel::<()>();
    let report = std::thread::scope(|scope| {
        let stop = cancel.clone();
        scope.spawn(move || {
            if waiting.recv_timeout(patience).is_err() {
                stop.cancel();
            }
        });
        let report = cadre.phone().sync(&cancel, |_| ());
        // The other end is gone if her patience was: nobody to tell.
        let _ = finished.send(());
        report
    })?;
    Ok(Run {
        took: begun.elapsed(),
        received: report.received,
        end: report.end,
    })
}

fn in_hands(hands: usize, work: impl Fn() -> Result<()> + Sync) -> Result<()> {
    std::thread::scope(|scope| {
        let working: Vec<_> = (0..hands).map(|_| scope.spawn(&work)).collect();
        working.into_iter().try_for_each(|hand| match hand.join() {
            Ok(done) => done,
            Err(panic) => std::panic::resume_unwind(panic),
        })
    })
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
