//! What may be logged.

use tracing_subscriber::EnvFilter;

/// What is logged if nobody says otherwise.
const USUAL: &str = "warn,ketuk_server=info";

/// Crates whose finer messages repeat what passes through them: answers, tokens. No wish to see more
/// reaches them.
const DISCREET: [&str; 4] = ["tokio_postgres", "postgres", "hyper", "hyper_util"];

/// What is logged, by `wish` in the notation of `tracing` (`ketuk_server=debug`), as far as no
/// message holds anything of a family or a secret.
pub fn log_filter(wish: Option<&str>) -> EnvFilter {
    let filter = wish
        .and_then(|wish| EnvFilter::try_new(wish).ok())
        .unwrap_or_else(|| EnvFilter::new(USUAL));
    DISCREET.iter().fold(filter, |filter, name| {
        match format!("{name}=warn").parse() {
            Ok(directive) => filter.add_directive(directive),
            Err(_) => filter,
        }
    })
}
