//! Watching and stopping a run of synchronisation.

use std::sync::Arc;

use crate::SyncEvent;

/// Told of everything that happens in a run, on the thread that runs it.
#[uniffi::export(with_foreign)]
pub trait SyncObserver: Send + Sync {
    /// Something happened.
    fn happened(&self, event: SyncEvent);
}

/// Stops a run from another thread.
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
}
