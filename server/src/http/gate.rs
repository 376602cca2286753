//! How much the server takes on: work that computes or waits for the database goes to threads of its
//! own, a few at once, with a short queue. What comes on top is told so at once: a phone that waits
//! for an answer holds its link, one that is told when to come back doesn't.

use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::Error;

/// Requests that may wait for their turn. At a thousand households a second and fifty a request,
/// about three seconds.
const QUEUE: usize = 64;

pub(crate) struct Gate {
    queue: Arc<Semaphore>,
    workers: Arc<Semaphore>,
}

impl Gate {
    pub(crate) fn new() -> Gate {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        // Twice the cores: half of the work waits for the disk.
        let workers = cores * 2;
        Gate {
            queue: Arc::new(Semaphore::new(QUEUE + workers)),
            workers: Arc::new(Semaphore::new(workers)),
        }
    }

    /// Runs `work` on a thread where it may compute and block.
    ///
    /// # Errors
    /// [`Error::Busy`] at once if the queue is full, else what `work` returns.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let place = self.queue.clone().try_acquire_owned();
        let place = place.map_err(|_| Error::Busy)?;
        let turn = self.workers.clone().acquire_owned().await;
        let turn = turn.map_err(Error::internal)?;
        let done = tokio::task::spawn_blocking(move || {
            // Held by the work, not by the request: one that is given up still runs.
            let _held = (place, turn);
            work()
        });
        done.await
            .unwrap_or_else(|_| Err(Error::Internal("the work broke off".into())))
    }

    #[cfg(test)]
    pub(crate) fn fill(&self) -> impl Drop + use<> {
        let all = u32::try_from(self.queue.available_permits()).unwrap();
        self.queue.clone().try_acquire_many_owned(all).unwrap()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn when_the_queue_is_full_one_more_is_told_so_at_once() {
        let gate = Gate::new();
        assert!(matches!(gate.run(|| Ok(7)).await, Ok(7)));
        let full = gate.fill();
        assert!(matches!(gate.run(|| Ok(7)).await, Err(Error::Busy)));
        drop(full);
        assert!(matches!(gate.run(|| Ok(7)).await, Ok(7)));
    }

    #[tokio::test]
    async fn work_that_panics_is_an_error_and_frees_its_place() {
        let gate = Gate::new();
        let places = gate.queue.available_permits();
        let broke = gate.run(|| -> Result<(), Error> { panic!("on purpose") });
        assert!(matches!(broke.await, Err(Error::Internal(_))));
        assert_eq!(gate.queue.available_permits(), places);
    }
}
