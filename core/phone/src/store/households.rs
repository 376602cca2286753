//! The list of households.

use ketuk_wire::{AreaCode, Comment, Outcome, Summary};
use rusqlite::{Connection, OptionalExtension as _, Row, ToSql, params};
use uuid::Uuid;

use super::{Result, StorageFault, Store, search};

/// How far a household has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HouseholdState {
    /// Nothing was answered yet.
    NotStarted,
    /// Begun, not finished.
    Draft,
    /// Saved on this phone, waiting to be sent.
    Waiting,
    /// The server has it.
    Received,
    /// A supervisor or the server's checks ask for a correction.
    NeedsCorrection,
    /// The server refused it: the cadre must look at it.
    Held,
    /// It is no longer this phone's, and nothing of it waits here. Lists leave it out unless they are
    /// asked for it or searched; [`HouseholdRow::gone`] says why.
    Gone,
}

impl HouseholdState {
    const ALL: [HouseholdState; 7] = [
        HouseholdState::NotStarted,
        HouseholdState::Draft,
        HouseholdState::Waiting,
        HouseholdState::Received,
        HouseholdState::NeedsCorrection,
        HouseholdState::Held,
        HouseholdState::Gone,
    ];

    pub(super) fn from_number(number: i64) -> Option<HouseholdState> {
        HouseholdState::ALL
            .get(usize::try_from(number).ok()?)
            .copied()
    }
}

/// A line of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HouseholdRow {
    /// The family.
    pub id: Uuid,
    /// Its RT.
    pub area: AreaCode,
    /// Its number in the RT; empty while a new family has none.
    pub number: String,
    /// The head's name; empty while a new family has none.
    pub head: String,
    /// Where they live.
    pub address: String,
    /// How far it has come.
    pub state: HouseholdState,
    /// What came of the visit, of the phone's last entry or else as the server has it.
    pub outcome: Option<Outcome>,
    /// Whether it is on the campaign's list, not found on the way.
    pub listed: bool,
    /// Why it is no longer this phone's. It leaves the list once nothing of it waits here.
    pub gone: Option<String>,
}

/// Which households to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only of this RT.
    pub area: Option<AreaCode>,
    /// Only those that have come so far; `None` for all that are this phone's, in a search also for
    /// those that went away.
    pub state: Option<HouseholdState>,
    /// Only those with words that begin like these, in the head's name, number or address.
    pub search: Option<String>,
}

/// A part of the list, by area and number; of a search, in the order in which they came to the
/// phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HouseholdPage {
    /// At most as many as were asked for.
    pub rows: Vec<HouseholdRow>,
    /// Where the next part begins; `None` at the end.
    pub next: Option<String>,
}

/// What the phone knows of one household.
pub(crate) struct Known {
    pub(crate) row: HouseholdRow,
    pub(crate) revision: u64,
    pub(crate) document: Option<String>,
    pub(crate) asked: Option<Asked>,
}

/// A correction that is asked for, as the phone has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(super) request: Uuid,
    /// As they are stored.
    pub(super) comments: String,
}

impl Asked {
    pub(crate) fn comments(&self) -> Result<Vec<Comment>> {
        serde_json::from_str(&self.comments).map_err(|_| StorageFault::row("correction"))
    }
}

/// How a household stands.
pub(crate) struct Stand {
    pub(crate) id: Uuid,
    pub(crate) state: HouseholdState,
    /// Why it is no longer this phone's.
    pub(crate) gone: Option<String>,
}

/// A family found on the way, before anything of it was saved.
#[derive(Debug, Clone)]
pub(crate) struct NewHousehold {
    pub(crate) id: Uuid,
    pub(crate) area: AreaCode,
}

/// What a household is listed under.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Names {
    pub(crate) head: String,
    pub(crate) number: String,
    pub(crate) address: String,
}

pub(super) const ROW: &str =
    "h.id, h.area, h.number, h.head, h.address, h.state, h.outcome, h.listed, h.gone";

pub(super) fn read_row(row: &Row<'_>) -> rusqlite::Result<HouseholdRow> {
    let broken = |column| {
        rusqlite::Error::InvalidColumnType(column, String::new(), rusqlite::types::Type::Null)
    };
    let area: String = row.get(1)?;
    let outcome: Option<u8> = row.get(6)?;
    Ok(HouseholdRow {
        id: row.get(0)?,
        area: area.parse().map_err(|_| broken(1))?,
        number: row.get(2)?,
        head: row.get(3)?,
        address: row.get(4)?,
        state: HouseholdState::from_number(row.get(5)?).ok_or_else(|| broken(5))?,
        outcome: outcome.and_then(Outcome::from_code),
        listed: row.get(7)?,
        gone: row.get(8)?,
    })
}

/// Where a part of the list ended.
enum After {
    Listed {
        area: String,
        place: String,
        id: Uuid,
    },
    Found(i64),
}

impl After {
    /// `None` for what no earlier page gave.
    fn read(text: &str, searching: bool) -> Option<After> {
        if searching {
            return text.parse().ok().map(After::Found);
        }
        let mut parts = text.splitn(3, ' ');
        let (id, area) = (parts.next()?.parse().ok()?, parts.next()?);
        Some(After::Listed {
            area: area.to_owned(),
            place: parts.next()?.to_owned(),
            id,
        })
    }
}

impl Store {
    /// A part of the list. `None` if `after` is not what an earlier page of this filter gave.
    pub(crate) fn page(
        &self,
        filter: &Filter,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Option<HouseholdPage>> {
        let typed = filter.search.as_deref().unwrap_or_default();
        let query = search::query(typed, filter.area.as_ref());
        let after = match after.map(|text| After::read(text, query.is_some())) {
            Some(None) => return Ok(None),
            after => after.flatten(),
        };
        let limit = limit.clamp(1, 500) as usize;
        self.read(|connection| {
            let page = match query {
                Some(query) => found(connection, &query, filter, after, limit),
                None => listed(connection, filter, after, limit),
            };
            page.map(Some)
        })
    }

    /// One household, with all that the phone knows of it.
    pub(crate) fn household(&self, id: Uuid) -> Result<Option<Known>> {
        self.read(|connection| known(connection, id))
    }
}

fn listed(
    connection: &Connection,
    filter: &Filter,
    after: Option<After>,
    limit: usize,
) -> Result<HouseholdPage> {
    let mut wanted: Vec<&str> = Vec::new();
    let mut values: Vec<Box<dyn ToSql>> = Vec::new();
    let state = filter.state.unwrap_or(HouseholdState::Gone);
    wanted.push(match filter.state {
        Some(_) => "h.state = ?",
        None => "h.state <> ?",
    });
    values.push(Box::new(state as u8));
    if let Some(area) = &filter.area {
        wanted.push("h.area = ?");
        values.push(Box::new(area.as_str().to_owned()));
    }
    if let Some(After::Listed { area, place, id }) = after {
        wanted.push("(h.area, h.place, h.id) > (?, ?, ?)");
        values.push(Box::new(area));
        values.push(Box::new(place));
        values.push(Box::new(id));
    }
    let condition = wanted.join(" AND ");
    values.push(Box::new(limit as i64 + 1));
    let sql = format!(
        "SELECT {ROW} FROM household h WHERE {condition}
         ORDER BY h.area, h.place, h.id LIMIT ?"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map(rusqlite::params_from_iter(values), read_row)?;
    let mut rows = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows
        .last()
        .filter(|_| more)
        .map(|last| format!("{} {} {}", last.id, last.area, place(&last.number)));
    Ok(HouseholdPage { rows, next })
}

/// By the key, which is the order in which the index has them: so a beginning that half the list
/// shares costs no more than a rare one. Sorting all that match by number would.
fn found(
    connection: &Connection,
    query: &str,
    filter: &Filter,
    after: Option<After>,
    limit: usize,
) -> Result<HouseholdPage> {
    let after = match after {
        Some(After::Found(key)) => key,
        _ => i64::MIN,
    };
    let sql = format!(
        "SELECT {ROW}, h.key FROM household_words w CROSS JOIN household h ON h.key = w.rowid
         WHERE household_words MATCH ?1 AND w.rowid > ?2 AND (?3 IS NULL OR h.state = ?3)
         ORDER BY w.rowid LIMIT ?4"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let state = filter.state.map(|state| state as u8);
    let rows = statement.query_map(params![query, after, state, limit as i64 + 1], |row| {
        Ok((read_row(row)?, row.get::<_, i64>(9)?))
    })?;
    let mut rows = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|(_, key)| key.to_string());
    Ok(HouseholdPage {
        rows: rows.into_iter().map(|(row, _)| row).collect(),
        next,
    })
}

/// One household, as it is listed.
pub(super) fn row(connection: &Connection, key: i64) -> Result<HouseholdRow> {
    Ok(connection
        .prepare_cached(&format!("SELECT {ROW} FROM household h WHERE h.key = ?1"))?
        .query_row([key], read_row)?)
}

fn known(connection: &Connection, id: Uuid) -> Result<Option<Known>> {
    let sql = format!(
        "SELECT {ROW}, h.revision, k.document, c.request, c.comments
         FROM household h
         LEFT JOIN known k ON k.household = h.key
         LEFT JOIN correction c ON c.household = h.key
         WHERE h.id = ?1"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let found = statement
        .query_row([id], |row| {
            Ok((
                read_row(row)?,
                row.get(9)?,
                row.get(10)?,
                row.get::<_, Option<Uuid>>(11)?,
                row.get::<_, Option<String>>(12)?,
            ))
        })
        .optional()?;
    Ok(
        found.map(|(row, revision, document, request, comments)| Known {
            row,
            revision,
            document,
            asked: request
                .zip(comments)
                .map(|(request, comments)| Asked { request, comments }),
        }),
    )
}

/// Where a number stands in the order of its RT: as people count, 2 before 10 and 10 before 10A;
/// families without one last.
pub(super) fn place(number: &str) -> String {
    const LAST: &str = "~";
    const WIDTH: usize = 8;
    let mut place = String::new();
    let mut rest = number.trim();
    if rest.is_empty() {
        return LAST.to_owned();
    }
    while let Some(sign) = rest.chars().next() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        if digits > 0 {
            let value = rest[..digits].trim_start_matches('0');
            place.push_str(&format!("{value:0>WIDTH$}"));
            rest = &rest[digits..];
        } else {
            place.extend(sign.to_lowercase());
            rest = &rest[sign.len_utf8()..];
        }
    }
    place
}

/// The household's key, making its row if it is a new family.
pub(super) fn ensure(connection: &Connection, household: &NewHousehold) -> Result<i64> {
    let key = connection
        .prepare_cached("SELECT key FROM household WHERE id = ?1")?
        .query_row([household.id], |row| row.get(0))
        .optional()?;
    if let Some(key) = key {
        return Ok(key);
    }
    let key = connection
        .prepare_cached(
            "INSERT INTO household
                 (id, area, number, place, head, address, listed, revision, generation)
             VALUES (?1, ?2, '', ?3, '', '', 0, 0, 0) RETURNING key",
        )?
        .query_row(
            params![household.id, household.area.as_str(), place("")],
            |row| row.get(0),
        )?;
    search::index(connection, key, "", "", "", &household.area)?;
    Ok(key)
}

/// Shows what an entry says of its household.
pub(super) fn summarise(connection: &Connection, key: i64, summary: &Summary) -> Result<()> {
    connection
        .prepare_cached("UPDATE household SET outcome = ?2 WHERE key = ?1")?
        .execute(params![key, summary.outcome.code()])?;
    name(
        connection,
        key,
        &Names {
            head: summary.head.clone(),
            number: summary.number.clone(),
            address: summary.address.clone(),
        },
    )
}

/// Shows a household under these names. What they leave empty stays as it was: a family that moved
/// away still has the name it is listed under.
pub(super) fn name(connection: &Connection, key: i64, names: &Names) -> Result<()> {
    let renamed = connection
        .prepare_cached(
            "UPDATE household SET
                 head = iif(?2 = '', head, ?2),
                 number = iif(?3 = '', number, ?3),
                 place = iif(?3 = '', place, ?5),
                 address = iif(?4 = '', address, ?4)
             WHERE key = ?1
             AND (?2 NOT IN ('', head) OR ?3 NOT IN ('', number) OR ?4 NOT IN ('', address))",
        )?
        .execute(params![
            key,
            names.head,
            names.number,
            names.address,
            place(&names.number)
        ])?;
    if renamed > 0 {
        index_again(connection, key)?;
    }
    Ok(())
}

/// Has a household found by what it is listed under now.
pub(super) fn index_again(connection: &Connection, key: i64) -> Result<()> {
    let (head, number, address, area): (String, String, String, String) = connection
        .prepare_cached("SELECT head, number, address, area FROM household WHERE key = ?1")?
        .query_row([key], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })?;
    let area: AreaCode = area.parse().map_err(|_| StorageFault::row("household"))?;
    search::index(connection, key, &head, &number, &address, &area)
}

/// The one place that says how far a household has come. Run in every transaction that changes
/// anything it follows from, so that the list never says what isn't so.
pub(super) fn settle(connection: &Connection, key: i64) -> Result<()> {
    // `0 IN (…)`: asked whether there EXISTS one with that state, SQLite would look at all that wait.
    connection
        .prepare_cached(
            "WITH last AS (
                 SELECT o.state, o.verdict, o.stands_on AS base FROM outbox o
                 WHERE o.household = ?1 ORDER BY o.seq DESC LIMIT 1
             )
             UPDATE household AS h SET state = CASE
                 WHEN EXISTS (SELECT 1 FROM draft WHERE household = ?1) THEN 1
                 WHEN 0 IN (SELECT state FROM outbox WHERE household = ?1) THEN 2
                 WHEN (SELECT state = 2 FROM last) THEN 5
                 WHEN h.gone IS NOT NULL THEN 6
                 -- Once another revision followed, somebody has seen to it.
                 WHEN (SELECT verdict = 'quarantined' AND h.revision <= base FROM last) THEN 4
                 WHEN EXISTS (SELECT 1 FROM correction
                              WHERE household = ?1 AND answered IS NULL) THEN 4
                 WHEN h.revision > 0 OR EXISTS (SELECT 1 FROM last) THEN 3
                 ELSE 0
             END
             WHERE h.key = ?1",
        )?
        .execute([key])?;
    Ok(())
}

/// Which household it is, and how it stands.
pub(super) fn stand(connection: &Connection, key: i64) -> Result<Stand> {
    let (id, state, gone) = connection
        .prepare_cached("SELECT id, state, gone FROM household WHERE key = ?1")?
        .query_row([key], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let state = HouseholdState::from_number(state);
    Ok(Stand {
        id,
        state: state.ok_or_else(|| StorageFault::row("household"))?,
        gone,
    })
}

/// Somebody else's answers are not this phone's to keep once the family is not, unless a visit of its
/// own stands on them.
pub(super) fn forget_others(connection: &Connection, key: i64) -> Result<()> {
    connection
        .prepare_cached(
            "DELETE FROM known WHERE household = ?1
             AND (SELECT gone IS NOT NULL FROM household WHERE key = ?1)
             AND NOT EXISTS (SELECT 1 FROM draft WHERE household = ?1)
             AND NOT EXISTS (SELECT 1 FROM outbox WHERE household = ?1)",
        )?
        .execute([key])?;
    Ok(())
}

/// Drops a household for which the phone holds nothing of its own. Says whether it did.
pub(super) fn drop_if_idle(connection: &Connection, key: i64) -> Result<bool> {
    let dropped = connection
        .prepare_cached(
            "DELETE FROM household WHERE key = ?1
             AND NOT EXISTS (SELECT 1 FROM draft WHERE household = ?1)
             AND NOT EXISTS (SELECT 1 FROM outbox WHERE household = ?1)",
        )?
        .execute([key])?;
    if dropped > 0 {
        search::forget(connection, key)?;
    }
    Ok(dropped > 0)
}

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn numbers_stand_in_the_order_in_which_people_count() {
        let counted = ["1", "002", "9", "10", "10 A", "10 b", "11", "B2", "B10", ""];
        for pair in counted.windows(2) {
            assert!(place(pair[0]) < place(pair[1]), "{pair:?}");
        }
        assert_eq!(place("7"), place(" 007"));
    }
}
