//! A copy of an embedded database while it is in use.

use std::path::Path;
use std::time::Duration;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};

use super::sqlite::{check, fault, file, opening};
use crate::Error;

/// Copies the folder's database into the file `to`, which is there whole or not at all: one of that
/// name stays until the new one is complete.
///
/// The copy doesn't say which incarnation of the server it is of, so that the one that opens it makes
/// up its own.
pub(super) fn backup(folder: &Path, to: &Path) -> Result<(), Error> {
    let cannot = |reason| Error::Folder {
        path: to.to_owned(),
        reason,
    };
    let source = file(folder);
    check(&source)?;
    let from = Connection::open_with_flags(&source, OpenFlags::SQLITE_OPEN_READ_ONLY)
        .map_err(|e| opening(&source, e))?;
    from.busy_timeout(Duration::from_secs(5)).map_err(fault)?;
    let beside = match to.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    // Only its owner can read it, and it is gone if this fails.
    let part = tempfile::Builder::new()
        .prefix(".ketuk-backup-")
        .suffix(".part")
        .tempfile_in(beside)
        .map_err(cannot)?;
    let mut copy = Connection::open(part.path()).map_err(fault)?;
    copy_pages(&from, &mut copy)?;
    make_a_backup_of(&copy)?;
    copy.close().map_err(|(_, e)| fault(e))?;
    part.as_file().sync_all().map_err(cannot)?;
    part.persist(to).map_err(|e| cannot(e.error))?;
    #[cfg(unix)]
    std::fs::File::open(beside)
        .and_then(|folder| folder.sync_all())
        .map_err(cannot)?;
    Ok(())
}

/// All pages in one step, of one unmoving state: neither waits for a server that writes meanwhile nor
/// makes it wait.
fn copy_pages(from: &Connection, copy: &mut Connection) -> Result<(), Error> {
    let pages = Backup::new(from, copy).map_err(fault)?;
    match pages.step(-1).map_err(fault)? {
        StepResult::Done => Ok(()),
        _ => Err(Error::Unavailable("the database is locked".into())),
    }
}

fn make_a_backup_of(copy: &Connection) -> Result<(), Error> {
    // One file, with no log beside it that could be forgotten.
    copy.query_row("PRAGMA journal_mode = delete", [], |_| Ok(()))
        .map_err(fault)?;
    copy.execute("DELETE FROM meta WHERE name IN ('epoch', 'mark')", [])
        .map_err(fault)?;
    let found: String = copy
        .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
        .map_err(fault)?;
    if found == "ok" {
        Ok(())
    } else {
        Err(Error::Internal(
            "the database is damaged, so that no copy of it was kept".into(),
        ))
    }
}
