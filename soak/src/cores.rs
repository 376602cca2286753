//! The same work on every core.

use std::process::ExitCode;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use anyhow::{Result, anyhow};

/// Runs `work` once for each core, all at the same time.
pub(crate) fn on_each(work: impl Fn() -> Result<()> + Sync) -> Result<()> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(&work)).collect();
        let mut ends = workers.into_iter().map(|worker| worker.join());
        ends.try_for_each(|ended| ended.unwrap_or_else(|_| Err(anyhow!("a panic"))))
    })
}

/// What the first failure said; the others then stop.
#[derive(Default)]
pub(crate) struct Failure(Mutex<Option<String>>);

impl Failure {
    fn lock(&self) -> MutexGuard<'_, Option<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn is_there(&self) -> bool {
        self.lock().is_some()
    }

    pub(crate) fn note(&self, said: String) {
        self.lock().get_or_insert(said);
    }
}

/// How a run ends: with what failed, if anything did.
pub(crate) fn verdict(failure: &Failure) -> ExitCode {
    match &*failure.lock() {
        Some(said) => {
            eprintln!("\n{said}");
            ExitCode::FAILURE
        }
        None => ExitCode::SUCCESS,
    }
}
