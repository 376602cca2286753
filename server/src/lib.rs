//! The server: takes what phones send, keeps it, counts it and shows it.
//!
//! ```text
//! phones ── /v1/sync ──▶ http ─▶ ingest ─▶ db ◀─ figures ◀─ office ◀── browsers
//!                                  │        ▲       ▲
//!                                  └─ wakes ┴───────┘
//! ```
//!
//! [`Server::open`] takes a port and a database, [`Setup`] puts a campaign into it, [`Server::run`]
//! answers. The program `ketuk-server` is this with a command line; tests and benchmarks start it in
//! their own process. [`Local`] is the same without a port.

mod beside;
mod clock;
mod db;
mod enrol;
mod epoch;
mod error;
mod figures;
mod forms;
mod handover;
mod http;
mod hub;
mod ingest;
mod local;
mod log;
mod merge;
mod moves;
mod office;
mod photos;
mod public_url;
mod pull;
mod receipts;
pub mod sample;
mod secrets;
mod server;
mod setup;
mod verify;

pub use beside::{Beside, TakenIn, backup};
pub use clock::Clock;
pub use db::Store;
pub use error::Error;
pub use local::Local;
pub use log::log_filter;
pub use public_url::{PublicUrl, enrol_link};
pub use receipts::{ReceiptCheck, Receipted};
pub use server::{Options, Running, Server};
pub use setup::Setup;
pub use verify::Verification;
