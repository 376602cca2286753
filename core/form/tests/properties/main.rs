//! What holds for any form, any answers and any input.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test says what fails by failing"
)]

#[path = "../common/mod.rs"]
mod common;

mod filling;
mod forms;
mod input;
mod instances;
mod resuming;
mod steps;
mod tables;

use proptest::prelude::ProptestConfig;

/// Some hundred cases each; `PROPTEST_CASES` asks for more. Failures are shrunk and shown; nothing is written beside
/// the sources.
pub(crate) fn cases() -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}
