//! Whether the figures are what the entries say.

use std::collections::BTreeMap;

use ketuk_wire::{AreaCode, Outcome, Tally};
use uuid::Uuid;

use crate::Error;
use crate::db::{Db, Row, Tx};
use crate::figures::{TALLY, tally_at};
use crate::hub::Hub;
use crate::ingest::{Count, next_revision};

/// What [`crate::verify`] found.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Verification {
    /// Villages looked at.
    pub villages: u64,
    /// Entries that are revisions, from which everything was computed again.
    pub entries: u64,
    /// Each difference in a sentence, without anybody's answers.
    pub differences: Vec<String>,
}

/// Families by RT, cadre, day and outcome.
type Rollup = BTreeMap<(String, Uuid, i64, i64), i64>;

pub(crate) fn verify(hub: &Hub) -> Result<Verification, Error> {
    let mut found = Verification {
        villages: 0,
        entries: 0,
        differences: Vec::new(),
    };
    for village in villages(&hub.db)? {
        hub.db.read(|tx| {
            let told = retell(tx, &village, &mut found)?;
            compare(tx, &village, &told, &mut found)
        })?;
        found.villages += 1;
    }
    hub.db.read(|tx| compare_sums(tx, &mut found))?;
    Ok(found)
}

fn villages(db: &Db) -> Result<Vec<String>, Error> {
    db.read(|tx| tx.query("SELECT village FROM village ORDER BY village", &[]))?
        .iter()
        .map(|row| row.text(0).map(str::to_owned))
        .collect()
}

/// Counts a village's families again, from the first revision to the last.
fn retell(tx: &mut Tx<'_>, village: &str, found: &mut Verification) -> Result<Rollup, Error> {
    let rows = tx.query(
        "SELECT e.household, h.rt, h.listed, e.revision, e.outcome, e.day, e.cadre, h.revision,
                e.base
         FROM entry e JOIN household h ON h.village = e.village AND h.id = e.household
         WHERE e.village = $1 AND e.revision IS NOT NULL ORDER BY e.household, e.revision",
        &[village.into()],
    )?;
    let floors = tx.query("SELECT floor FROM incarnation", &[])?;
    let floors = floors.iter().map(|row| row.count(0));
    let floors = floors.collect::<Result<Vec<u64>, Error>>()?;
    let mut rollup = Rollup::new();
    for family in rows.chunk_by(|a, b| a.0.first() == b.0.first()) {
        let (mut count, mut newest) = (None, 0);
        for row in family {
            found.entries += 1;
            let (revision, base) = (row.count(3)?, row.count(8)?);
            let follows = |floor: &u64| revision == next_revision(newest, base, *floor);
            if !floors.iter().any(follows) {
                found.differences.push(format!(
                    "{village}: before revision {revision} of household {} an entry is missing",
                    row.uuid(0)?
                ));
            }
            newest = revision;
            let code = u8::try_from(row.int(4)?).map_err(Error::internal)?;
            let outcome = Outcome::from_code(code)
                .ok_or_else(|| Error::Internal("an outcome that is none".into()))?;
            count = Count::after(count, row.bool(2)?, outcome, row.int(5)?, row.uuid(6)?);
        }
        let Some(last) = family.last() else { continue };
        if last.int(7)? != last.int(3)? {
            found.differences.push(format!(
                "{village}: household {} stands at revision {}, its newest entry is {}",
                last.uuid(0)?,
                last.int(7)?,
                last.int(3)?
            ));
        }
        if let Some(count) = count {
            let rt = last.text(1)?.to_owned();
            let key = (rt, count.cadre, count.day, count.outcome.code().into());
            *rollup.entry(key).or_default() += 1;
        }
    }
    Ok(rollup)
}

fn compare(
    tx: &mut Tx<'_>,
    village: &str,
    told: &Rollup,
    found: &mut Verification,
) -> Result<(), Error> {
    let mut kept = Rollup::new();
    for row in tx.query(
        "SELECT rt, cadre, day, outcome, families FROM rollup
         WHERE village = $1 AND families <> 0",
        &[village.into()],
    )? {
        let key = (
            row.text(0)?.to_owned(),
            row.uuid(1)?,
            row.int(2)?,
            row.int(3)?,
        );
        kept.insert(key, row.int(4)?);
    }
    for key in told
        .keys()
        .chain(kept.keys().filter(|key| !told.contains_key(*key)))
    {
        let [said, is] = [&kept, told].map(|r| r.get(key).copied().unwrap_or_default());
        if said != is {
            let (rt, cadre, day, outcome) = key;
            found.differences.push(format!(
                "{rt}: cadre {cadre}, day {}, outcome {outcome}: the roll-up says {said}, the \
                 entries say {is}",
                crate::clock::day(*day)
            ));
        }
    }
    let listed = tx.query_first(
        "SELECT (SELECT count(*) FROM household WHERE village = $1 AND listed = 1),
                (SELECT CAST(coalesce(sum(listed), 0) AS BIGINT) FROM plan WHERE village = $1)",
        &[village.into()],
    )?;
    if let Some(row) = listed {
        let (is, said) = (row.int(0)?, row.int(1)?);
        if is != said {
            found.differences.push(format!(
                "{village}: {is} families are listed, its RTs have {said}"
            ));
        }
    }
    Ok(())
}

/// Every area's standing against the villages in it.
fn compare_sums(tx: &mut Tx<'_>, found: &mut Verification) -> Result<(), Error> {
    let mut kept: BTreeMap<String, Tally> = BTreeMap::new();
    for row in tx.query(&format!("SELECT area, {TALLY} FROM standing"), &[])? {
        kept.insert(row.text(0)?.to_owned(), tally_at(&row, 1)?);
    }
    let mut told: BTreeMap<AreaCode, Tally> = BTreeMap::new();
    let sums = tx.query(
        "SELECT v.village,
                (SELECT CAST(coalesce(sum(target), 0) AS BIGINT) FROM plan p
                 WHERE p.village = v.village),
                (SELECT CAST(coalesce(sum(listed), 0) AS BIGINT) FROM plan p
                 WHERE p.village = v.village),
                (SELECT CAST(coalesce(sum(waiting), 0) AS BIGINT) FROM device d
                 WHERE d.village = v.village AND d.revoked_at IS NULL)
         FROM village v",
        &[],
    )?;
    let mut add = |village: &Row, tally: Tally| -> Result<(), Error> {
        let village: AreaCode = village.parsed(0)?;
        for area in std::iter::successors(Some(village), AreaCode::parent) {
            *told.entry(area).or_default() += tally;
        }
        Ok(())
    };
    for row in sums {
        let tally = Tally {
            target: row.count(1)?,
            listed: row.count(2)?,
            on_phones: row.count(3)?,
            ..Tally::default()
        };
        add(&row, tally)?;
    }
    for row in tx.query(
        "SELECT village, outcome, CAST(sum(families) AS BIGINT) FROM rollup
         GROUP BY village, outcome",
        &[],
    )? {
        let code = u8::try_from(row.int(1)?).map_err(Error::internal)?;
        let mut tally = Tally::default();
        if let Some(outcome) = Outcome::from_code(code) {
            *tally.of_mut(outcome) = row.count(2)?;
        }
        add(&row, tally)?;
    }
    for (area, tally) in told {
        if kept.get(area.as_str()) != Some(&tally) {
            found.differences.push(format!(
                "{area}: its standing differs from the sum of its villages"
            ));
        }
    }
    Ok(())
}
