//! The schema, step by step. A released step never changes; a new one is added at the end.

/// Each step's SQL, which both databases understand: `BYTEA` and `BIGINT` are types to PostgreSQL
/// and, to SQLite, words that leave bytes bytes and integers integers.
pub(super) const MIGRATIONS: &[&str] = &[
    include_str!("../../migrations/0001_first_village.sql"),
    include_str!("../../migrations/0002_nothing_is_lost.sql"),
    include_str!("../../migrations/0003_doors.sql"),
    include_str!("../../migrations/0004_in_turn.sql"),
];

/// The version of the schema that this program writes.
pub(super) const NEWEST: i64 = MIGRATIONS.len() as i64;
