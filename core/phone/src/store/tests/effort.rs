//! What one tap costs, in steps of SQLite's machine: the same on each run and each phone.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::photos::attach;
use super::*;

/// What she does, to the first family of which nothing waits.
type Tap = fn(&Store, Uuid);

/// A phone that counts its steps.
struct Phone {
    store: Arc<Store>,
    fresh: Uuid,
    steps: Arc<AtomicU64>,
    _folder: tempfile::TempDir,
}

impl Phone {
    /// So many families wait on it to be sent, each with a photo.
    fn with(waiting: u128) -> Phone {
        let folder = folder();
        let families: Vec<Uuid> = (1..=waiting + 100).map(id).collect();
        let store = enrolled(folder.path(), &Server::new(), &families);
        for number in 1..=waiting {
            attach(&store, id(number), &number.to_le_bytes());
            finish(&store, id(number), "menunggu");
        }
        let steps = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&steps);
        let each = move || {
            count.fetch_add(1, Ordering::Relaxed);
            false
        };
        store.lock().progress_handler(1, Some(each)).unwrap();
        Phone {
            store,
            fresh: id(waiting + 1),
            steps,
            _folder: folder,
        }
    }

    fn steps(&self, tap: Tap) -> u64 {
        let before = self.steps.load(Ordering::Relaxed);
        tap(&self.store, self.fresh);
        self.steps.load(Ordering::Relaxed) - before
    }
}

#[test]
fn no_tap_costs_more_because_more_waits() {
    let taps: [(&str, Tap); 8] = [
        ("opening a family", |store, family| {
            store.household(family).unwrap();
            store.draft(family).unwrap();
            store.last_entry(family).unwrap();
        }),
        ("saving an answer", |store, family| {
            save(store, family, "{}")
        }),
        ("taking a photo", |store, family| {
            attach(store, family, b"a new one");
        }),
        ("throwing a draft away", |store, family| {
            store.discard_draft(family).unwrap();
        }),
        ("finishing", |store, family| {
            finish(store, family, "selesai");
        }),
        ("finishing again", |store, family| {
            finish(store, family, "selesai lagi");
        }),
        ("hearing that an entry is refused", |store, family| {
            let entry = store.last_entry(family).unwrap().unwrap();
            store.hold(entry.op, "rejected", "Tidak terbaca").unwrap();
        }),
        ("a page of the list", |store, _| {
            store.page(&Filter::default(), None, 10).unwrap();
        }),
    ];
    let (short, long) = (Phone::with(20), Phone::with(400));
    for (what, tap) in taps {
        let (few, many) = (short.steps(tap), long.steps(tap));
        assert!(
            many <= few + few / 4 + 20,
            "{what} takes {few} steps while 20 families wait, and {many} while 400 do"
        );
    }
}
