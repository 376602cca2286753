//! Which incarnation of the server this is: another one as soon as the database may be an older copy
//! of itself. What a phone has pulled is only known in the incarnation in which it did.
//!
//! Nobody has to say so. An embedded database and the file by which its folder is claimed both carry
//! a number made up at each start, and the file says also how far the database had come and when its
//! file was made: a copy put back lacks the one, is behind the other or is younger. PostgreSQL says by itself which cluster, which timeline
//! and which database it is, and another one is what a dump is loaded into, what a recovery to a
//! point in time begins and what a standby goes on with. And a copy that `ketuk-server backup` made
//! has no incarnation at all.
//!
//! One that is made without need only costs: phones pull their lists again.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;
use uuid::Uuid;

use crate::Error;
use crate::db::{Claim, Note, Row, Tx};
use crate::hub::Hub;

/// How often the folder's file is brought up to date with the database.
const NOTED_EVERY: Duration = Duration::from_secs(10);

/// What a database that was served is known by, and how far it had come.
struct Trace {
    mark: Vec<u8>,
    reached: u64,
    born: u128,
}

/// Finds out whether the database is the one that was served last from here, and if not makes up a new
/// incarnation; also if it is told that the database was `restored`. To be called by whoever will answer
/// phones, and by nobody beside.
pub(crate) fn settle(hub: &mut Hub, claim: Option<&Claim>, restored: bool) -> Result<Run, Error> {
    let (last, mark, note) = match claim {
        Some(claim) => {
            let (note, mark) = (claim.note()?, Uuid::new_v4());
            let last = Trace::parse(&note.read()?).filter(|last| last.born == note.born());
            (last, mark.as_bytes().to_vec(), Some((mark, note)))
        }
        None => {
            let mark = hub.db.lineage()?.into_bytes();
            let last = Trace {
                mark: mark.clone(),
                reached: 0,
                born: 0,
            };
            (Some(last), mark, None)
        }
    };
    let now = hub.clock.now();
    let (epoch, floors, reached) = hub.db.write(|tx| {
        let known = tx.query_first("SELECT value FROM meta WHERE name = 'mark'", &[])?;
        let known = known
            .map(|row| row.blob(0).map(<[u8]>::to_vec))
            .transpose()?;
        let reached = reached(tx)?;
        let same =
            last.is_some_and(|last| known.as_ref() == Some(&last.mark) && reached >= last.reached);
        let epoch = if same && !restored {
            hub.secrets.epoch
        } else {
            begin(tx, now)?;
            Uuid::new_v4()
        };
        for (name, value) in [("epoch", epoch.as_bytes().to_vec()), ("mark", mark)] {
            tx.execute(
                "INSERT INTO meta (name, value) VALUES ($1, $2)
                 ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                &[name.into(), value.into()],
            )?;
        }
        Ok((epoch, Floors::read(tx)?, reached))
    })?;
    hub.secrets.floors = floors;
    if epoch != hub.secrets.epoch {
        tracing::info!("a new incarnation: phones pull their lists again");
        hub.secrets.epoch = epoch;
    }
    let mut run = Run(note.map(|(mark, note)| Noted {
        mark,
        note,
        reached: None,
    }));
    run.note_reached(reached)?;
    Ok(run)
}

/// Above which numbers revisions are, in this incarnation and in the one before it; 0 in the first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Floors {
    pub(crate) now: u64,
    pub(crate) before: u64,
}

impl Floors {
    pub(crate) fn read(tx: &mut Tx<'_>) -> Result<Floors, Error> {
        let rows = tx.query(
            "SELECT floor FROM incarnation ORDER BY floor DESC LIMIT 2",
            &[],
        )?;
        let floor = |nth: usize| rows.get(nth).map_or(Ok(0), |row| row.count(0));
        Ok(Floors {
            now: floor(0)?,
            before: floor(1)?,
        })
    }
}

/// Begins an incarnation. What was numbered since the copy was made that this database may be, nobody
/// here knows: phones do, and it must not be numbered again. So every incarnation but the first numbers
/// from the millisecond in which it began.
fn begin(tx: &mut Tx<'_>, now: Timestamp) -> Result<(), Error> {
    let last = tx.query_first("SELECT max(floor) FROM incarnation", &[])?;
    let last = last.map_or(Ok(None), |row| row.opt(0, Row::count))?;
    let floor = last.map_or(0, |last| {
        let now = u64::try_from(now.as_millisecond()).unwrap_or(0);
        now.max(last.saturating_add(1))
    });
    tx.execute(
        "INSERT INTO incarnation (floor) VALUES ($1)",
        &[floor.into()],
    )?;
    Ok(())
}

/// Grows with everything that a phone may have pulled.
fn reached(tx: &mut Tx<'_>) -> Result<u64, Error> {
    let row = tx.query_first(
        "SELECT CAST(COALESCE(SUM(change + version), 0) AS BIGINT) FROM village",
        &[],
    )?;
    row.map_or(Ok(0), |row| row.count(0))
}

impl Trace {
    fn parse(text: &str) -> Option<Trace> {
        let mut parts = text.lines().next()?.splitn(3, ' ');
        let mark: Uuid = parts.next()?.parse().ok()?;
        Some(Trace {
            mark: mark.as_bytes().to_vec(),
            reached: parts.next()?.parse().ok()?,
            born: parts.next()?.parse().ok()?,
        })
    }
}

/// A server's run on a database, which leaves word of how far it came.
pub(crate) struct Run(Option<Noted>);

struct Noted {
    mark: Uuid,
    note: Note,
    reached: Option<u64>,
}

impl Run {
    /// Brings the folder's file up to date. What it says was durable before. That it can't be
    /// written is no reason to stop: a restored copy is less surely known for one, that is all.
    pub(crate) fn note(&mut self, hub: &Hub) {
        if self.0.is_none() {
            return;
        }
        let noted = hub.db.read(reached).and_then(|to| self.note_reached(to));
        if let Err(error) = noted {
            tracing::warn!(%error, "how far the database has come could not be noted");
        }
    }

    fn note_reached(&mut self, reached: u64) -> Result<(), Error> {
        let Some(noted) = &mut self.0 else {
            return Ok(());
        };
        if noted.reached != Some(reached) {
            // Of one length, so that it is overwritten in place.
            let born = noted.note.born();
            let text = format!("{} {reached:020} {born:039}\n", noted.mark);
            noted.note.write(&text)?;
            noted.reached = Some(reached);
        }
        Ok(())
    }
}

/// Keeps the folder's file up to date until the server stops; then the rest is its.
pub(crate) async fn keep_noted(
    hub: Arc<Hub>,
    mut run: Run,
    mut stopping: watch::Receiver<bool>,
) -> Run {
    while run.0.is_some() {
        tokio::select! {
            () = tokio::time::sleep(NOTED_EVERY) => {}
            _ = stopping.wait_for(|stop| *stop) => break,
        }
        let hub = hub.clone();
        let noted = tokio::task::spawn_blocking(move || {
            run.note(&hub);
            run
        });
        // It has no reason to panic; if it did, the next start makes a new incarnation at worst.
        run = noted.await.unwrap_or(Run(None));
    }
    run
}
