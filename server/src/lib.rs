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

mod clock;
mod db;
mod enrol;
mod error;
mod figures;
mod forms;
mod http;
mod hub;
mod ingest;
mod local;
mod log;
mod office;
mod public_url;
mod pull;
pub mod sample;
mod secrets;
mod server;
mod setup;
mod verify;

pub use clock::Clock;
pub use db::Store;
pub use error::Error;
pub use local::Local;
pub use log::log_filter;
pub use public_url::{PublicUrl, enrol_link};
pub use server::{Options, Running, Server, verify};
pub use setup::Setup;
pub use verify::Verification;
