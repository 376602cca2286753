//! The server as phones, browsers and operators meet it: over sockets, on both databases.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod conflicts;
mod doors;
mod enrolment;
mod figures;
mod handover;
mod hostile;
mod late_forms;
mod logs;
mod moving;
mod office;
mod photos;
mod promises;
mod pulling;
mod receipts;
mod recovering;
mod restoring;
mod sample;
mod start;
mod world;
