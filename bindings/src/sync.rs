//! Watching and stopping a run of synchronisation.

use std::sync::Arc;

use crate::SyncEvent;

/// Told of everything that happens in a run, on the thread that runs it.
#[uniffi::export(with_foreign)]
pub trait SyncObserver: Send + Sync {
    /// Something happened.
    fn happened(&self, event: SyncEvent);
}

/// Stops a run from another thread, or holds its photos back.
#[derive(uniffi::Object)]
pub struct SyncCancel(pub(crate) ketuk_phone::SyncCancel);

#[uniffi::export]
impl SyncCancel {
    /// For one run.
    #[uniffi::constructor]
    pub fn new() -> Arc<SyncCancel> {
        Arc::new(SyncCancel(ketuk_phone::SyncCancel::new()))
    }

    /// Ends the run soon. What was received stays received, the rest waits.
    pub fn cancel(&self) {
        self.0.cancel();
    }

    /// Whether photos stay on the phone for now. Entries and news go all the same.
    pub fn hold_photos(&self, held: bool) {
        self.0.hold_photos(held);
    }
}
