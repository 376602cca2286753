//! The schema's history. A migration that was released is never edited: the next one corrects it.

use rusqlite::{Connection, TransactionBehavior};

use super::fault::StorageFault;

const MIGRATIONS: [&str; 4] = [
    include_str!("schema/001.sql"),
    include_str!("schema/002.sql"),
    include_str!("schema/003.sql"),
    include_str!("schema/004.sql"),
];

/// The schema that this app writes.
pub(crate) const LATEST: u32 = MIGRATIONS.len() as u32;

/// Brings a database of any earlier schema to [`LATEST`], each step whole or not at all.
pub(crate) fn run(connection: &mut Connection, application_id: i32) -> Result<(), StorageFault> {
    let version = |connection: &Connection| {
        connection.query_row("PRAGMA user_version", [], |row| row.get::<_, u32>(0))
    };
    if version(connection)? == LATEST {
        return Ok(());
    }
    for (number, step) in (1..).zip(MIGRATIONS) {
        let step_of = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if version(&step_of)? < number {
            step_of.execute_batch(step)?;
            step_of.pragma_update(None, "user_version", number)?;
            step_of.pragma_update(None, "application_id", application_id)?;
            step_of.commit()?;
        }
    }
    Ok(())
}
