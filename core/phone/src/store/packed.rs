//! Drafts lie packed in the database: `pack(text)` and `unpack(bytes)` of its SQL.
//!
//! A draft repeats the names of its questions. Packed to a quarter it fits into the page of its row: an answer
//! writes one page where it would write six, and finishing a dozen where it would write sixteen.

use std::cell::RefCell;

use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, Error, Result};
use zstd::bulk::Compressor;

/// Higher levels save another tenth of the bytes, and no page.
const LEVEL: i32 = 1;

/// Teaches a connection to pack and unpack.
pub(super) fn register(connection: &Connection) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8
        | FunctionFlags::SQLITE_DETERMINISTIC
        | FunctionFlags::SQLITE_DIRECTONLY;
    let failed = |fault: std::io::Error| Error::UserFunctionError(Box::new(fault));
    // One for all calls: making its tables anew takes as long as packing.
    let compressor = RefCell::new(Compressor::new(LEVEL).map_err(failed)?);
    connection.create_scalar_function("pack", 1, flags, move |call| {
        let text = call.get_raw(0).as_str()?;
        let packed = compressor.borrow_mut().compress(text.as_bytes());
        packed.map_err(failed)
    })?;
    connection.create_scalar_function("unpack", 1, flags, move |call| {
        let bytes = zstd::decode_all(call.get_raw(0).as_blob()?).map_err(failed)?;
        String::from_utf8(bytes).map_err(|fault| Error::UserFunctionError(Box::new(fault)))
    })
}
