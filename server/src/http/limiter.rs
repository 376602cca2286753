//! How often somebody may try a code or a password.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Names watched at once; beyond it, the ones whose time is over are forgotten, and if none is, all.
const MOST: usize = 10_000;

/// Counts tries by a key, in fixed windows of time.
pub(crate) struct Limiter {
    tries: u32,
    window: Duration,
    watched: Mutex<HashMap<String, (Instant, u32)>>,
}

impl Limiter {
    pub(crate) fn new(tries: u32, window: Duration) -> Limiter {
        Limiter {
            tries,
            window,
            watched: Mutex::default(),
        }
    }

    /// Counts a try before it is made, so that a thousand made at once are not all free.
    ///
    /// # Errors
    /// How long to wait, if there were too many.
    pub(crate) fn count(&self, key: &str, now: Instant) -> Result<(), Duration> {
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        if watched.len() >= MOST {
            watched.retain(|_, (since, _)| now.duration_since(*since) < self.window);
            if watched.len() >= MOST {
                watched.clear();
            }
        }
        let (since, tries) = watched.entry(key.to_owned()).or_insert((now, 0));
        if now.duration_since(*since) >= self.window {
            (*since, *tries) = (now, 0);
        }
        if *tries >= self.tries {
            return Err(self.window.saturating_sub(now.duration_since(*since)));
        }
        *tries += 1;
        Ok(())
    }

    /// Takes a try back: it was a right one.
    pub(crate) fn forgive(&self, key: &str) {
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, tries)) = watched.get_mut(key) {
            *tries = tries.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_so_many_wrong_tries_one_waits_and_the_others_do_not() {
        let limiter = Limiter::new(2, Duration::from_secs(60));
        let start = Instant::now();
        let later = |seconds| start + Duration::from_secs(seconds);
        assert_eq!(limiter.count("a", start), Ok(()));
        assert_eq!(limiter.count("a", later(1)), Ok(()));
        assert_eq!(limiter.count("a", later(20)), Err(Duration::from_secs(40)));
        assert_eq!(limiter.count("b", later(20)), Ok(()));
        assert_eq!(limiter.count("a", later(60)), Ok(()));
    }

    #[test]
    fn right_tries_are_free() {
        let limiter = Limiter::new(2, Duration::from_secs(60));
        let now = Instant::now();
        for _ in 0..10 {
            assert_eq!(limiter.count("a", now), Ok(()));
            limiter.forgive("a");
        }
    }

    #[test]
    fn no_number_of_names_fills_the_memory() {
        let limiter = Limiter::new(2, Duration::from_secs(60));
        let now = Instant::now();
        for n in 0..(MOST * 2) {
            let _ = limiter.count(&n.to_string(), now);
        }
        assert!(limiter.watched.lock().unwrap().len() <= MOST);
    }
}
