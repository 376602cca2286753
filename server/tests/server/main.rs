//! The server as phones, browsers and operators meet it: over sockets, on both databases.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod conflicts;
mod enrolment;
mod figures;
mod hostile;
mod logs;
mod office;
mod promises;
mod pulling;
mod sample;
mod start;
mod world;
