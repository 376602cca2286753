use std::path::Path;

use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use rusqlite::{Connection, ErrorCode};
use tempfile::TempDir;

use super::{Disk, End, install};

fn folder() -> TempDir {
    install();
    tempfile::tempdir().unwrap()
}

fn open(folder: &Path) -> Connection {
    let db = Connection::open(folder.join("a.db")).unwrap();
    db.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         CREATE TABLE IF NOT EXISTS t (n INTEGER PRIMARY KEY, pad BLOB);",
    )
    .unwrap();
    db
}

fn put(db: &Connection, n: i64) -> rusqlite::Result<usize> {
    db.execute("INSERT INTO t VALUES (?1, zeroblob(3000))", [n])
}

fn rows(folder: &Path) -> i64 {
    let db = open(folder);
    let sound: String = db
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(sound, "ok");
    db.query_row("SELECT count(*) FROM t", [], |row| row.get(0))
        .unwrap()
}

#[test]
fn what_sqlite_wrote_it_reads_again_and_so_does_another_program() {
    let folder = folder();
    let db = open(folder.path());
    put(&db, 1).unwrap();
    let second = open(folder.path());
    put(&second, 2).unwrap();
    drop((db, second));
    assert_eq!(rows(folder.path()), 2);
    let path = folder.path().join("a.db");
    let flags = rusqlite::OpenFlags::default();
    let unix = Connection::open_with_flags_and_vfs(path, flags, c"unix").unwrap();
    let count: i64 = unix
        .query_row("SELECT count(*) FROM t", [], |row| row.get(0))
        .unwrap();
    assert_eq!(count, 2);
}

#[test]
fn a_committed_row_survives_every_power_cut_after_every_write() {
    let mut chance = ChaCha8Rng::seed_from_u64(7);
    let mut torn = 0;
    for last in 0..120 {
        let folder = folder();
        let db = open(folder.path());
        let disk = Disk::of(folder.path());
        disk.die_after(last);
        let mut committed = 0;
        for n in 0.. {
            if n % 3 == 2 {
                let _ = db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
            }
            match put(&db, n) {
                Ok(_) => committed += 1,
                Err(_) => break,
            }
        }
        assert!(disk.is_dead());
        disk.crash(End::PowerCut(&mut chance)).unwrap();
        drop(db);
        let found = rows(folder.path());
        assert!(
            found == committed || found == committed + 1,
            "after {last} writes"
        );
        torn += i64::from(found == committed + 1);
    }
    assert!(torn > 0, "the commit under way was never on the disk");
}

#[test]
fn without_syncs_a_power_cut_costs_rows() {
    let mut chance = ChaCha8Rng::seed_from_u64(7);
    let lost = (0..20).any(|_| {
        let folder = folder();
        let db = open(folder.path());
        db.execute_batch("PRAGMA synchronous = OFF").unwrap();
        (0..5).for_each(|n| assert_eq!(put(&db, n), Ok(1)));
        let disk = Disk::of(folder.path());
        disk.crash(End::PowerCut(&mut chance)).unwrap();
        drop(db);
        rows(folder.path()) < 5
    });
    assert!(lost, "a disk that forgets nothing proves nothing");
}

#[test]
fn a_kill_costs_nothing_that_was_written() {
    let folder = folder();
    let db = open(folder.path());
    db.execute_batch("PRAGMA synchronous = OFF").unwrap();
    (0..5).for_each(|n| assert_eq!(put(&db, n), Ok(1)));
    Disk::of(folder.path()).crash(End::Kill).unwrap();
    assert_eq!(
        put(&db, 5).unwrap_err().sqlite_error_code(),
        Some(ErrorCode::SystemIoFailure),
        "the dead write nothing"
    );
    drop(db);
    assert_eq!(rows(folder.path()), 5);
}

#[test]
fn a_full_disk_refuses_what_grows_and_costs_nothing() {
    let folder = folder();
    let db = open(folder.path());
    put(&db, 1).unwrap();
    let disk = Disk::of(folder.path());
    disk.fill(true);
    let full = put(&db, 2).unwrap_err().sqlite_error_code();
    assert_eq!(full, Some(ErrorCode::DiskFull));
    disk.fill(false);
    put(&db, 3).unwrap();
    drop(db);
    assert_eq!(rows(folder.path()), 2);
}

#[test]
fn a_copy_is_what_the_process_sees() {
    let folder = folder();
    let db = open(folder.path());
    db.execute_batch("PRAGMA synchronous = OFF").unwrap();
    put(&db, 1).unwrap();
    let copy = folder.path().join("copy");
    Disk::of(folder.path()).copy_to(&copy).unwrap();
    assert_eq!(rows(&copy), 1);
}
