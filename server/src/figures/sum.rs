//! Summing up: from a village's own tables to its standing, and from standings to those above.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;
use std::time::Duration;

use ketuk_wire::{AreaCode, Level, Outcome, Tally};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

use super::{TALLY, tally_at};
use crate::Error;
use crate::db::{Tx, Value};
use crate::hub::Hub;

/// Changes that come within this time are summed up together: the pages' delay behind an entry.
const GATHER: Duration = Duration::from_millis(300);

/// Sums up villages as they change, until the hub is gone, and tells the pages.
pub(crate) async fn keep_summed_up(hub: Arc<Hub>, mut dirty: mpsc::UnboundedReceiver<String>) {
    while let Some(first) = dirty.recv().await {
        let mut villages = BTreeSet::from([first]);
        let until = Instant::now() + GATHER;
        while let Ok(Some(village)) = timeout_at(until, dirty.recv()).await {
            villages.insert(village);
        }
        let work = hub.clone();
        let done = tokio::task::spawn_blocking(move || sum_up(&work, &villages)).await;
        match done {
            Ok(Ok(areas)) => hub.announce(areas),
            // The villages are found again by their version at the next start; until then by the
            // next entry.
            Ok(Err(error)) => tracing::error!(%error, "villages could not be summed up"),
            Err(_) => tracing::error!("summing up broke off"),
        }
    }
}

/// Sums up the villages whose figures changed when nobody was there to do it.
pub(crate) fn sum_up_stale(hub: &Hub) -> Result<(), Error> {
    let stale: Result<BTreeSet<String>, Error> = hub
        .db
        .read(|tx| {
            tx.query(
                "SELECT v.village FROM village v LEFT JOIN standing s ON s.area = v.village
                 WHERE s.version IS NULL OR s.version <> v.version",
                &[],
            )
        })?
        .iter()
        .map(|row| row.text(0).map(str::to_owned))
        .collect();
    sum_up(hub, &stale?).map(drop)
}

/// Sums up these villages and all areas above them; which areas that were.
fn sum_up(hub: &Hub, villages: &BTreeSet<String>) -> Result<HashSet<String>, Error> {
    let codes: Vec<AreaCode> = villages.iter().filter_map(|v| v.parse().ok()).collect();
    let mut done: HashSet<String> = HashSet::new();
    hub.db.write(|tx| {
        // One sum at a time, also of another process on the same database: an older one must not
        // come after a newer.
        tx.execute(
            "INSERT INTO meta (name, value) VALUES ('summing', $1)
             ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            &[Vec::new().into()],
        )?;
        for village in &codes {
            sum_up_village(tx, village)?;
            done.insert(village.to_string());
        }
        for level in [
            Level::District,
            Level::Regency,
            Level::Province,
            Level::Nation,
        ] {
            let above: BTreeSet<AreaCode> = codes.iter().filter_map(|v| v.at(level)).collect();
            for area in above {
                sum_up_above(tx, &area)?;
                done.insert(area.into());
            }
        }
        Ok(())
    })?;
    Ok(done)
}

fn sum_up_village(tx: &mut Tx<'_>, village: &AreaCode) -> Result<(), Error> {
    let Some(sum) = village_sum(tx, village)? else {
        return Ok(());
    };
    keep(tx, village, &sum)?;
    let key: [Value<'_>; 1] = [village.as_str().into()];
    tx.execute("DELETE FROM arrival WHERE area = $1", &key)?;
    tx.execute(
        &format!("INSERT INTO arrival (area, day, families) {VILLAGE_ARRIVALS}"),
        &key,
    )?;
    Ok(())
}

/// A village's families that came to count, by day.
pub(super) const VILLAGE_ARRIVALS: &str = "SELECT village, day, CAST(sum(families) AS BIGINT)
     FROM rollup WHERE village = $1 AND outcome IN (1, 9) GROUP BY village, day";

/// An area's figures.
pub(super) struct Sum {
    version: i64,
    pub(super) tally: Tally,
    /// Entries that need a look.
    pub(super) troubles: u64,
}

/// A village's figures from its own tables, as of now.
pub(super) fn village_sum(tx: &mut Tx<'_>, village: &AreaCode) -> Result<Option<Sum>, Error> {
    let key: [Value<'_>; 1] = [village.as_str().into()];
    let row = tx.query_first(
        "SELECT (SELECT version FROM village WHERE village = $1),
                CAST(coalesce(sum(target), 0) AS BIGINT), CAST(coalesce(sum(listed), 0) AS BIGINT),
                (SELECT CAST(coalesce(sum(waiting), 0) AS BIGINT) FROM device
                 WHERE village = $1 AND revoked_at IS NULL),
                (SELECT count(*) FROM entry WHERE village = $1 AND trouble IS NOT NULL)
         FROM plan WHERE village = $1",
        &key,
    )?;
    let Some(row) = row.filter(|row| !row.is_null(0)) else {
        return Ok(None);
    };
    let mut tally = Tally {
        target: row.count(1)?,
        listed: row.count(2)?,
        on_phones: row.count(3)?,
        ..Tally::default()
    };
    let outcomes = tx.query(
        "SELECT outcome, CAST(sum(families) AS BIGINT) FROM rollup WHERE village = $1
         GROUP BY outcome",
        &key,
    )?;
    for line in outcomes {
        let code = u8::try_from(line.int(0)?).map_err(Error::internal)?;
        if let Some(outcome) = Outcome::from_code(code) {
            *tally.of_mut(outcome) = line.count(1)?;
        }
    }
    Ok(Some(Sum {
        version: row.int(0)?,
        tally,
        troubles: row.count(4)?,
    }))
}

fn sum_up_above(tx: &mut Tx<'_>, area: &AreaCode) -> Result<(), Error> {
    let key: [Value<'_>; 1] = [area.as_str().into()];
    let sums: Vec<String> = TALLY
        .split(", ")
        .chain(["troubles", "version"])
        .map(|column| format!("CAST(coalesce(sum({column}), 0) AS BIGINT)"))
        .collect();
    let sums = sums.join(", ");
    let row = tx.query_first(
        &format!("SELECT {sums} FROM standing WHERE parent = $1"),
        &key,
    )?;
    let row = row.ok_or_else(|| Error::Internal("a sum without a row".into()))?;
    let sum = Sum {
        tally: tally_at(&row, 0)?,
        troubles: row.count(12)?,
        version: row.int(13)?,
    };
    keep(tx, area, &sum)?;
    tx.execute("DELETE FROM arrival WHERE area = $1", &key)?;
    tx.execute(
        "INSERT INTO arrival (area, day, families)
         SELECT s.parent, a.day, CAST(sum(a.families) AS BIGINT)
         FROM standing s JOIN arrival a ON a.area = s.area
         WHERE s.parent = $1 GROUP BY s.parent, a.day",
        &key,
    )?;
    Ok(())
}

fn keep(tx: &mut Tx<'_>, area: &AreaCode, sum: &Sum) -> Result<(), Error> {
    let parent = area.parent().map(String::from).unwrap_or_default();
    let mut values: Vec<Value<'_>> = vec![
        area.as_str().into(),
        parent.into(),
        sum.version.into(),
        sum.troubles.into(),
        sum.tally.target.into(),
        sum.tally.listed.into(),
        sum.tally.on_phones.into(),
    ];
    values.extend(Outcome::ALL.map(|outcome| sum.tally.of(outcome).into()));
    tx.execute("DELETE FROM standing WHERE area = $1", &values[..1])?;
    tx.execute(
        &format!(
            "INSERT INTO standing (area, parent, version, troubles, {TALLY})
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)"
        ),
        &values,
    )?;
    Ok(())
}
