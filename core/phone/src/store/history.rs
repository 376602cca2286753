//! What happened to a family, as far as this phone has seen it.

use jiff::Timestamp;
use ketuk_wire::{Comment, Correction};
use rusqlite::{Connection, OptionalExtension as _, Transaction, params};
use uuid::Uuid;

use super::device::time;
use super::entries::{ACKNOWLEDGED, BECAME, HELD};
use super::{Result, StorageFault, Store};
use crate::households::CommentInWords;

/// Entries of one family that are told of, the newest. Nobody visits a door more often.
const MOST_ENTRIES: u32 = 30;

/// Something that happened to a family, here or at the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happened {
    /// When, if that is known. What the server did is by its clock, all else by the phone's.
    pub at: Option<Timestamp>,
    /// What.
    pub what: What,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A visit was begun.
    Begun,
    /// It was finished, and is on this phone's disk.
    Finished {
        /// Whether it answers a supervisor's request.
        corrects: bool,
    },
    /// It left the phone in a parcel.
    HandedOver,
    /// It was sent, and no answer has come yet.
    Sent,
    /// The server has it.
    Received {
        /// The entry's number on this phone, for its receipt.
        seq: u64,
        /// The revision that it became or went into; 0 while it is kept beside the revisions.
        revision: u64,
        /// Why somebody must look at it, in the server's words.
        trouble: Option<String>,
    },
    /// The server refused it.
    Refused {
        /// Why, in the server's words.
        message: Option<String>,
    },
    /// A supervisor asked for a correction.
    SentBack {
        /// What about.
        comments: Vec<CommentInWords>,
    },
    /// The server has a later revision, that is not this phone's.
    Changed {
        /// Its number.
        revision: u64,
    },
    /// It is no longer this phone's.
    Left {
        /// Why.
        reason: String,
    },
}

/// A request for a correction that came at any time.
struct SentBack {
    request: Uuid,
    revision: u64,
    happened: Happened,
}

impl Store {
    /// What happened to a family, the newest first: in the order in which one thing followed from
    /// another, since neither of two clocks can be trusted to tell it.
    pub(crate) fn history(&self, household: Uuid) -> Result<Vec<Happened>> {
        self.read(|connection| {
            let mut happened = history(connection, household)?;
            happened.reverse();
            Ok(happened)
        })
    }
}

/// Notes that a request came, or was taken back.
pub(super) fn sent_back(
    tx: &Transaction<'_>,
    household: i64,
    correction: &Correction,
    comments: &str,
) -> Result<()> {
    if correction.comments.is_empty() {
        tx.prepare_cached("DELETE FROM sent_back WHERE household = ?1 AND request = ?2")?
            .execute(params![household, correction.request])?;
    } else {
        // Without WHERE, SQLite takes ON for a join's.
        tx.prepare_cached(
            "INSERT INTO sent_back (household, request, revision, comments, came_at)
             SELECT ?1, ?2, ?3, ?4, server_time FROM device WHERE true
             ON CONFLICT (household, request) DO UPDATE SET comments = excluded.comments",
        )?
        .execute(params![
            household,
            correction.request,
            correction.revision,
            comments
        ])?;
    }
    Ok(())
}

fn history(connection: &Connection, household: Uuid) -> Result<Vec<Happened>> {
    let found = connection
        .prepare_cached(
            "SELECT h.key, h.revision, h.gone, d.started_at FROM household h
             LEFT JOIN draft d ON d.household = h.key WHERE h.id = ?1",
        )?
        .query_row([household], |row| {
            Ok((
                row.get::<_, i64>(0)?,
                row.get::<_, u64>(1)?,
                row.get::<_, Option<String>>(2)?,
                time(row, "started_at")?,
            ))
        })
        .optional()?;
    let Some((key, revision, gone, draft)) = found else {
        return Ok(Vec::new());
    };
    let mut requests = requests(connection, key)?.into_iter().peekable();
    let mut happened = Vec::new();
    let mut known = 0;
    for entry in entries(connection, key)? {
        // A request comes after the revision that it is about, and before what answers it.
        while let Some(request) = requests.next_if(|request| {
            entry.corrects == Some(request.request)
                || entry.became.is_some_and(|became| request.revision < became)
        }) {
            happened.push(request.happened);
        }
        known = known.max(entry.became.unwrap_or(entry.stands_on));
        happened.extend(entry.happened);
    }
    if revision > known {
        happened.push(Happened {
            at: None,
            what: What::Changed { revision },
        });
    }
    happened.extend(requests.map(|request| request.happened));
    if draft.is_some() {
        happened.push(Happened {
            at: draft,
            what: What::Begun,
        });
    }
    if let Some(reason) = gone {
        happened.push(Happened {
            at: None,
            what: What::Left { reason },
        });
    }
    Ok(happened)
}

fn requests(connection: &Connection, key: i64) -> Result<Vec<SentBack>> {
    let mut statement = connection.prepare_cached(
        "SELECT request, revision, comments, came_at FROM sent_back WHERE household = ?1
         ORDER BY revision, came_at",
    )?;
    let mut rows = statement.query([key])?;
    let mut requests = Vec::new();
    while let Some(row) = rows.next()? {
        let comments: String = row.get(2)?;
        let comments: Vec<Comment> =
            serde_json::from_str(&comments).map_err(|_| StorageFault::row("sent_back"))?;
        requests.push(SentBack {
            request: row.get(0)?,
            revision: row.get(1)?,
            happened: Happened {
                at: time(row, "came_at")?,
                what: What::SentBack {
                    comments: comments
                        .into_iter()
                        .map(CommentInWords::unlabelled)
                        .collect(),
                },
            },
        });
    }
    Ok(requests)
}

/// An entry, and what happened to it.
struct Entry {
    corrects: Option<Uuid>,
    became: Option<u64>,
    stands_on: u64,
    happened: Vec<Happened>,
}

/// The newest entries, the oldest of them first.
fn entries(connection: &Connection, key: i64) -> Result<Vec<Entry>> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT o.seq, o.state, o.attempted, o.revision, o.message, o.corrects, o.stands_on,
                o.started_at, o.finished_at, o.handed_over, o.received_at, {BECAME} AS became
         FROM outbox o WHERE o.household = ?1 ORDER BY o.seq DESC LIMIT {MOST_ENTRIES}"
    ))?;
    let entries = statement.query_map([key], |row| {
        let state: i64 = row.get("state")?;
        let corrects: Option<Uuid> = row.get("corrects")?;
        let handed_over = time(row, "handed_over")?;
        let message: Option<String> = row.get("message")?;
        let mut happened = Vec::new();
        let mut then = |at, what| happened.push(Happened { at, what });
        then(time(row, "started_at")?, What::Begun);
        let finished = What::Finished {
            corrects: corrects.is_some(),
        };
        then(time(row, "finished_at")?, finished);
        if handed_over.is_some() {
            then(handed_over, What::HandedOver);
        }
        match state {
            ACKNOWLEDGED => {
                let received = What::Received {
                    seq: row.get("seq")?,
                    revision: row.get::<_, Option<u64>>("revision")?.unwrap_or(0),
                    trouble: message,
                };
                then(time(row, "received_at")?, received);
            }
            HELD => then(None, What::Refused { message }),
            _ if row.get("attempted")? && handed_over.is_none() => then(None, What::Sent),
            _ => {}
        }
        let became: Option<u64> = row.get("became")?;
        Ok(Entry {
            corrects,
            // Of one that goes again, since the server lost it, the old revision says nothing.
            became: became.filter(|_| state == ACKNOWLEDGED),
            stands_on: row.get("stands_on")?,
            happened,
        })
    })?;
    let mut entries = entries.collect::<rusqlite::Result<Vec<_>>>()?;
    entries.reverse();
    Ok(entries)
}
