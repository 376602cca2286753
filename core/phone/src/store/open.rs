//! The one place that opens the database.
//!
//! | Setting | Why |
//! |---|---|
//! | `key` as raw bytes | The key is 256 random bits out of the phone's keystore: deriving another from it would cost a tenth of a second at each start and add nothing. |
//! | `cipher_hmac_algorithm = HMAC_SHA256` | The seal of each page. SHA-512, the default, is no safer here, and slow where it matters: cheap phones have instructions for SHA-256 only, and many run 32-bit code. |
//! | `cipher_page_size = 2048` | A finished visit changes a few rows in a dozen pages: of half the size they are sealed and written in less time, and lists are read no slower. |
//! | `cipher_log_level = NONE` | What is wrong is in the error; a library doesn't write to the app's log. |
//! | its salt from the key | The salt stands in clear in the first 16 bytes of the file, so a file whose salt is the key's was made with this key. That tells a damaged database from one with another key. |
//! | `journal_mode = WAL` | A commit is one append; a reader never waits for it; a kill at any moment loses nothing that was committed. |
//! | `synchronous` | Switched for each transaction: `FULL` for what the phone calls saved (an fsync: it survives a power cut), `NORMAL` for the answers of a draft (no fsync: it survives a kill). |
//! | `wal_autocheckpoint = 8000` | Checkpoints, which cost several fsyncs, are made between visits and after a page of the list, once the log has 4 MB ([`Store::tidy`](super::Store::tidy)), not in the middle of an answer. 16 MB is the valve. |
//! | `foreign_keys = ON` | An entry can't lose its household. |
//! | `temp_store = MEMORY` | Android has no folder for temporary files that SQLite would find, and what spills there would not be encrypted. |
//! | `cache_size = -6000` | 6 MB: the inner pages of the indexes of 100,000 households stay decrypted, and a phone with 1 GB doesn't notice. |
//! | `ENABLE_QPSG` | A statement keeps its plan, whatever is bound to it. Else one that sets a bound value beside a literal is prepared anew at each use. |
//! | `busy_timeout = 5000` | Two processes of the app may overlap for a moment. |
//! | `application_id` | A database that isn't ours is refused, not overwritten. |
//! | `user_version` | The schema's number. A newer one is refused untouched. |
//! | `secure_delete = FAST` | No traces of a draft in the free part of a page that is written anyway; without it they would stay, though encrypted. |

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use ketuk_wire::Sha256;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use zeroize::Zeroizing;

use super::fault::{StorageFault, Trouble};
use super::{migrations, packed};

/// "ketk"
const APPLICATION_ID: i32 = 0x6b65_746b;
pub(crate) const DATABASE: &str = "ketuk.db";
/// What was committed and not moved into the database yet.
pub(crate) const WAL: &str = "ketuk.db-wal";
const SALT: usize = 16;

/// Up to this size a database is checked whole when it is opened, which takes a tenth of a second;
/// a larger one only in the tables whose content is nowhere else.
const CHECK_WHOLE: u64 = 16 << 20;
const PRECIOUS: [&str; 3] = ["device", "draft", "outbox"];

/// The database's key, from the phone's keystore.
pub(crate) struct Key(Zeroizing<[u8; 32]>);

impl Key {
    pub(crate) fn new(bytes: [u8; 32]) -> Key {
        Key(Zeroizing::new(bytes))
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    fn salt(&self) -> [u8; SALT] {
        let mut preimage = Zeroizing::new(b"ketuk database salt".to_vec());
        preimage.extend_from_slice(&self.0[..]);
        let mut salt = [0; SALT];
        salt.copy_from_slice(&Sha256::of(&preimage).as_bytes()[..SALT]);
        salt
    }

    /// What a connection says first, to read a database of this key.
    pub(super) fn pragma(&self) -> Zeroizing<String> {
        use std::fmt::Write as _;
        // Room for all of it, so that no shorter copy of the key is left behind in memory.
        let mut text = Zeroizing::new(String::with_capacity(256));
        text.push_str("PRAGMA key = \"x'");
        for byte in self.0.iter().chain(&self.salt()) {
            let _ = write!(text, "{byte:02x}");
        }
        text.push_str("'\"; PRAGMA cipher_hmac_algorithm = HMAC_SHA256");
        text.push_str("; PRAGMA cipher_page_size = 2048");
        text
    }
}

pub(crate) struct Opened {
    pub(crate) connection: Connection,
    /// Where a damaged database was moved.
    pub(crate) moved_aside: Option<PathBuf>,
}

/// Opens the database in `folder`, making it if there is none. One that is damaged is moved aside,
/// kept, and a new one begun.
pub(crate) fn open(folder: &Path, key: &Key, now: Timestamp) -> Result<Opened, StorageFault> {
    fs::create_dir_all(folder)?;
    let path = folder.join(DATABASE);
    match connect(&path, key) {
        Ok(connection) => Ok(Opened {
            connection,
            moved_aside: None,
        }),
        Err(fault) if fault.trouble == Trouble::Damaged => {
            let aside = move_aside(&path, now)?;
            Ok(Opened {
                connection: connect(&path, key)?,
                moved_aside: Some(aside),
            })
        }
        Err(fault) => Err(fault),
    }
}

fn connect(path: &Path, key: &Key) -> Result<Connection, StorageFault> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    // Nothing is written, not even a checkpoint on closing, before the database is known as ours.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    connection.execute_batch("PRAGMA cipher_log_level = NONE")?;
    connection.execute_batch(&key.pragma())?;
    recognise(&connection, path, key)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;

    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.set_prepared_statement_cache_capacity(128);
    connection.execute_batch(
        "PRAGMA busy_timeout = 5000;
         PRAGMA temp_store = MEMORY;
         PRAGMA cache_size = -6000;
         PRAGMA secure_delete = FAST;
         PRAGMA journal_mode = WAL;
         PRAGMA wal_autocheckpoint = 8000;
         PRAGMA synchronous = FULL;
         PRAGMA foreign_keys = ON;",
    )?;
    check(&connection, path)?;
    packed::register(&connection)?;
    migrations::run(&mut connection, APPLICATION_ID)?;
    Ok(connection)
}

fn recognise(connection: &Connection, path: &Path, key: &Key) -> Result<(), StorageFault> {
    let tables = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| {
        row.get::<_, i64>(0)
    });
    let tables = match tables {
        Ok(tables) => tables,
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::NotADatabase) => {
            return Err(unreadable(path, key, error)?);
        }
        Err(error) => return Err(error.into()),
    };
    let id: i32 = connection.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    let version: u32 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if id != APPLICATION_ID && (tables > 0 || id != 0) {
        return Err(StorageFault::of(Trouble::NotOurs));
    }
    if version > migrations::LATEST {
        return Err(StorageFault::of(Trouble::Newer));
    }
    Ok(())
}

/// What a file is whose first page can't be read with the key.
fn unreadable(
    path: &Path,
    key: &Key,
    error: rusqlite::Error,
) -> Result<StorageFault, StorageFault> {
    let mut head = Vec::with_capacity(SALT);
    fs::File::open(path)?
        .take(SALT as u64)
        .read_to_end(&mut head)?;
    Ok(StorageFault {
        trouble: if head == key.salt() {
            Trouble::Damaged
        } else if head == b"SQLite format 3\0" {
            Trouble::NotOurs
        } else {
            Trouble::WrongKey
        },
        detail: error.into(),
    })
}

fn check(connection: &Connection, path: &Path) -> Result<(), StorageFault> {
    let whole = fs::metadata(path)?.len() <= CHECK_WHOLE;
    let damaged = |pragma: &str| -> Result<bool, StorageFault> {
        let verdict = connection.query_row(pragma, [], |row| row.get::<_, String>(0));
        match verdict {
            Ok(verdict) => Ok(verdict != "ok"),
            // A page whose authentication code is wrong can't be read at all.
            Err(error) => match StorageFault::from(error) {
                fault if fault.trouble == Trouble::Damaged => Ok(true),
                fault => Err(fault),
            },
        }
    };
    let found = if whole {
        damaged("PRAGMA quick_check(1)")?
    } else {
        let mut found = false;
        for table in PRECIOUS {
            found |= damaged(&format!("PRAGMA quick_check('{table}')"))?;
        }
        found
    };
    if found {
        return Err(StorageFault::of(Trouble::Damaged));
    }
    Ok(())
}

/// The log first: were the database moved first and the phone killed then, the log would be taken
/// for the new database's.
fn move_aside(path: &Path, now: Timestamp) -> Result<PathBuf, StorageFault> {
    let stamp = now.strftime("%Y%m%dT%H%M%SZ");
    let named = |path: &Path, suffix: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    };
    let mut aside = named(path, &format!(".damaged-{stamp}"));
    let mut again = 1;
    while aside.exists() {
        again += 1;
        aside = named(path, &format!(".damaged-{stamp}-{again}"));
    }
    for suffix in ["-wal", "-shm", ""] {
        match fs::rename(named(path, suffix), named(&aside, suffix)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    Ok(aside)
}
