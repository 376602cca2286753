//! How much goes into a request.

use std::time::Duration;

const START: usize = 16 << 10;
const LEAST: usize = 2 << 10;

/// Some 180 entries, more than most cadres ever have: beyond it round trips hardly count, while packing
/// would be felt on a cheap phone. Pages of news follow it.
const MOST: usize = 48 << 10;

/// A request should take about so long: long enough that round trips don't matter, short enough
/// that a cut costs little.
const TARGET: Duration = Duration::from_secs(4);

/// Follows the link: how many compressed bytes to put into a request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window {
    bytes: usize,
    /// What documents shrink to. Learnt from each request; a careful guess before the first.
    ratio: f64,
}

impl Window {
    pub(super) fn new() -> Window {
        Window {
            bytes: START,
            ratio: 0.25,
        }
    }

    /// Compressed bytes for a request that the server takes up to `limit`.
    pub(super) fn bytes(&self, limit: Option<u32>) -> usize {
        let limit = limit.map_or(MOST, |limit| limit as usize);
        self.bytes.min(limit.max(LEAST))
    }

    /// Bytes of documents that will fit.
    pub(super) fn documents(&self, limit: Option<u32>) -> usize {
        (self.bytes(limit) as f64 / self.ratio) as usize
    }

    /// Bytes of JSON to ask for in return.
    pub(super) fn answer(&self) -> u64 {
        (self.bytes as f64 / 0.25) as u64
    }

    pub(super) fn learn(&mut self, documents: usize, compressed: usize) {
        if documents > 0 {
            self.ratio = (compressed as f64 / documents as f64).clamp(0.05, 1.2);
        }
    }

    pub(super) fn succeeded(&mut self, took: Duration) {
        if took <= TARGET {
            self.bytes = (self.bytes * 2).min(MOST);
        } else if took > TARGET * 2 {
            self.failed();
        }
    }

    pub(super) fn failed(&mut self) {
        self.bytes = (self.bytes / 2).max(LEAST);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_starts_small_doubles_on_success_and_halves_on_failure_within_its_bounds() {
        let mut window = Window::new();
        assert_eq!(window.bytes(None), 16 << 10);
        for kib in [32, 48, 48] {
            window.succeeded(Duration::from_secs(1));
            assert_eq!(window.bytes(None), kib << 10);
        }
        for kib in [24, 12, 6, 3, 2, 2] {
            window.failed();
            assert_eq!(window.bytes(None), kib << 10);
        }
    }

    #[test]
    fn a_request_that_took_too_long_is_not_followed_by_a_larger_one() {
        let mut window = Window::new();
        window.succeeded(Duration::from_secs(5));
        assert_eq!(window.bytes(None), 16 << 10);
        window.succeeded(Duration::from_secs(9));
        assert_eq!(window.bytes(None), 8 << 10);
    }

    #[test]
    fn the_servers_limit_holds() {
        let mut window = Window::new();
        window.succeeded(Duration::from_secs(1));
        assert_eq!(window.bytes(Some(10_000)), 10_000);
        assert_eq!(window.bytes(Some(0)), 2 << 10);
    }

    #[test]
    fn it_learns_what_documents_shrink_to() {
        let mut window = Window::new();
        assert_eq!(window.documents(None), 64 << 10);
        window.learn(10_000, 5_000);
        assert_eq!(window.documents(None), 32 << 10);
    }
}
