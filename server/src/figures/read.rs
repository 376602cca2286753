//! What a page asks for: one query a panel.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use ketuk_wire::{AreaCode, Level, Outcome, Tally, TroubleCode};
use uuid::Uuid;

use super::sum::{VILLAGE_ARRIVALS, village_sum};
use super::{TALLY, tally_at};
use crate::Error;
use crate::clock;
use crate::db::{Row, Tx};
use crate::ingest::{Seen, code_of, is_revision};

/// An area's name, as people write it; what is in no table goes by its number.
pub(crate) fn area_name(tx: &mut Tx<'_>, area: &AreaCode) -> Result<String, Error> {
    let row = tx.query_first(
        "SELECT name FROM area WHERE code = $1",
        &[area.as_str().into()],
    )?;
    Ok(match (row, area.level()) {
        (Some(row), _) => as_people_write(row.text(0)?),
        (None, Level::Nation) => "Indonesia".to_owned(),
        (None, Level::Rw) => format!("RW {:03}", area.ordinal()),
        (None, Level::Rt) => format!("RT {:03}", area.ordinal()),
        (None, _) => area.to_string(),
    })
}

/// A name in the case in which people write it: the national table has provinces and regencies in
/// capitals.
fn as_people_write(name: &str) -> String {
    if name.chars().any(char::is_lowercase) {
        return name.to_owned();
    }
    let word = |word: &str| match word {
        // Daerah Khusus Ibukota, Daerah Istimewa; rukun tetangga and warga have no longer names.
        "DKI" | "DI" | "RT" | "RW" => word.to_owned(),
        _ => {
            let mut letters = word.chars();
            let first: String = letters.next().into_iter().collect();
            first + &letters.as_str().to_lowercase()
        }
    };
    name.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

/// An area and how it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) area: AreaCode,
    pub(crate) name: String,
    pub(crate) tally: Tally,
    /// Entries that need somebody's look.
    pub(crate) troubles: u64,
}

/// How an area stands; `None` if there is nothing of the campaign in it. A village's own page has
/// its RTs and phones on it, so its figures are of the same moment.
pub(crate) fn standing(tx: &mut Tx<'_>, area: &AreaCode) -> Result<Option<Standing>, Error> {
    if area.level() != Level::Village {
        return standings(tx, "s.area = $1", area).map(|found| found.into_iter().next());
    }
    village_sum(tx, area)?
        .map(|sum| {
            Ok(Standing {
                area: area.clone(),
                name: area_name(tx, area)?,
                tally: sum.tally,
                troubles: sum.troubles,
            })
        })
        .transpose()
}

/// How the areas right under one stand, in the order of their codes.
pub(crate) fn under(tx: &mut Tx<'_>, area: &AreaCode) -> Result<Vec<Standing>, Error> {
    standings(tx, "s.parent = $1", area)
}

fn standings(tx: &mut Tx<'_>, which: &str, area: &AreaCode) -> Result<Vec<Standing>, Error> {
    tx.query(
        &format!(
            "SELECT s.area, coalesce(a.name, s.area), s.troubles, {TALLY}
             FROM standing s LEFT JOIN area a ON a.code = s.area
             WHERE {which} ORDER BY s.area"
        ),
        &[area.as_str().into()],
    )?
    .iter()
    .map(|row| {
        Ok(Standing {
            area: row.parsed(0)?,
            name: as_people_write(row.text(1)?),
            troubles: row.count(2)?,
            tally: tally_at(row, 3)?,
        })
    })
    .collect()
}

/// Families that came to count on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Arrival {
    pub(crate) day: Date,
    pub(crate) families: i64,
}

/// When an area's families came in, by day.
pub(crate) fn arrivals(tx: &mut Tx<'_>, area: &AreaCode) -> Result<Vec<Arrival>, Error> {
    let sql = match area.level() {
        Level::Village => VILLAGE_ARRIVALS,
        _ => "SELECT area, day, families FROM arrival WHERE area = $1",
    };
    tx.query(sql, &[area.as_str().into()])?
        .iter()
        .map(|row| {
            Ok(Arrival {
                day: clock::day(row.int(1)?),
                families: row.int(2)?,
            })
        })
        .collect()
}

/// How a village's RTs stand; also ones that are in nobody's plan, where families were found.
pub(crate) fn rts(tx: &mut Tx<'_>, village: &AreaCode) -> Result<Vec<Standing>, Error> {
    let key = [village.as_str().into()];
    let mut tallies: BTreeMap<AreaCode, Tally> = BTreeMap::new();
    for row in tx.query(
        "SELECT rt, target, listed FROM plan WHERE village = $1",
        &key,
    )? {
        let tally = tallies.entry(row.parsed(0)?).or_default();
        tally.target = row.count(1)?;
        tally.listed = row.count(2)?;
    }
    for row in tx.query(
        "SELECT rt, outcome, CAST(sum(families) AS BIGINT) FROM rollup WHERE village = $1
         GROUP BY rt, outcome",
        &key,
    )? {
        let code = u8::try_from(row.int(1)?).map_err(Error::internal)?;
        if let Some(outcome) = Outcome::from_code(code) {
            let tally = tallies.entry(row.parsed(0)?).or_default();
            *tally.of_mut(outcome) = row.count(2)?;
        }
    }
    Ok(tallies
        .into_iter()
        .map(|(area, tally)| Standing {
            name: rt_name(&area),
            area,
            tally,
            troubles: 0,
        })
        .collect())
}

/// "RT 005 / RW 002", as people say it.
pub(crate) fn rt_name(rt: &AreaCode) -> String {
    let rw = rt.at(Level::Rw).map_or(0, |rw| rw.ordinal());
    format!("RT {:03} / RW {rw:03}", rt.ordinal())
}

/// A cadre, with her phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CadreLine {
    pub(crate) name: String,
    pub(crate) rts: Vec<AreaCode>,
    /// Of her RTs; what came of the visits counts for who made them.
    pub(crate) tally: Tally,
    pub(crate) phone: Option<PhoneLine>,
}

/// What a phone last said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PhoneLine {
    pub(crate) model: String,
    pub(crate) app: String,
    pub(crate) last_seen: Option<Timestamp>,
    /// Seconds.
    pub(crate) clock_ahead: i64,
    /// Finished there, not here.
    pub(crate) waiting: u64,
    /// Of these, refused here.
    pub(crate) held: u64,
    /// Numbers that it gave out and that are not here.
    pub(crate) missing: u64,
    /// It was put back from an older copy of itself once.
    pub(crate) put_back: bool,
}

/// Who has work in a village: its own cadres, and those of others who have RTs in it.
const AT_WORK: &str = "SELECT id FROM cadre WHERE village = $1
    UNION SELECT cadre FROM plan WHERE village = $1 AND cadre IS NOT NULL";

/// The cadres who have work in a village, each with the phone that she last used.
pub(crate) fn cadres(tx: &mut Tx<'_>, village: &AreaCode) -> Result<Vec<CadreLine>, Error> {
    let key = [village.as_str().into()];
    let mut cadres: BTreeMap<Uuid, CadreLine> = BTreeMap::new();
    for row in tx.query(
        &format!("SELECT id, name FROM cadre WHERE id IN ({AT_WORK})"),
        &key,
    )? {
        let line = CadreLine {
            name: row.text(1)?.to_owned(),
            rts: Vec::new(),
            tally: Tally::default(),
            phone: None,
        };
        cadres.insert(row.uuid(0)?, line);
    }
    for row in tx.query(
        "SELECT cadre, rt, target, listed FROM plan
         WHERE village = $1 AND cadre IS NOT NULL ORDER BY rt",
        &key,
    )? {
        if let Some(line) = cadres.get_mut(&row.uuid(0)?) {
            line.rts.push(row.parsed(1)?);
            line.tally.target += row.count(2)?;
            line.tally.listed += row.count(3)?;
        }
    }
    for row in tx.query(
        "SELECT cadre, outcome, CAST(sum(families) AS BIGINT) FROM rollup WHERE village = $1
         GROUP BY cadre, outcome",
        &key,
    )? {
        let code = u8::try_from(row.int(1)?).map_err(Error::internal)?;
        let line = cadres.get_mut(&row.uuid(0)?);
        if let (Some(line), Some(outcome)) = (line, Outcome::from_code(code)) {
            *line.tally.of_mut(outcome) = row.count(2)?;
        }
    }
    for row in tx.query(
        &format!(
            "SELECT cadre, model, app, last_seen, clock_ahead, waiting, held, high_seq, seen, put_back
             FROM device WHERE cadre IN ({AT_WORK}) AND revoked_at IS NULL ORDER BY enrolled_at"
        ),
        &key,
    )? {
        if let Some(line) = cadres.get_mut(&row.uuid(0)?) {
            let waiting = row.count(5)?;
            line.tally.on_phones += waiting;
            line.phone = Some(PhoneLine {
                model: row.text(1)?.to_owned(),
                app: row.text(2)?.to_owned(),
                last_seen: row.opt(3, Row::time)?,
                clock_ahead: row.int(4)?,
                waiting,
                held: row.count(6)?,
                missing: Seen::parse(row.text(8)?)?.missing_to(row.count(7)?),
                put_back: !row.is_null(9),
            });
        }
    }
    let mut cadres: Vec<CadreLine> = cadres.into_values().collect();
    cadres.sort_by(|a, b| a.rts.cmp(&b.rts).then_with(|| a.name.cmp(&b.name)));
    Ok(cadres)
}

/// How many entries of a village, or of all villages in an area, have this trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TroubleCount {
    pub(crate) code: TroubleCode,
    /// Whether they stand nevertheless.
    pub(crate) accepted: bool,
    pub(crate) entries: u64,
}

/// A village's troubles by code.
pub(crate) fn troubles(tx: &mut Tx<'_>, village: &AreaCode) -> Result<Vec<TroubleCount>, Error> {
    tx.query(
        "SELECT verdict, trouble, count(*) FROM entry
         WHERE village = $1 AND trouble IS NOT NULL
         GROUP BY verdict, trouble ORDER BY verdict DESC, trouble",
        &[village.as_str().into()],
    )?
    .iter()
    .map(|row| {
        Ok(TroubleCount {
            accepted: is_revision(row.int(0)?),
            code: code_of(row.text(1)?),
            entries: row.count(2)?,
        })
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_capitals_are_shown_as_people_write_them() {
        for (table, shown) in [
            ("KOTA GORONTALO", "Kota Gorontalo"),
            ("DKI JAKARTA", "DKI Jakarta"),
            ("Dembe I", "Dembe I"),
            ("RT 003", "RT 003"),
        ] {
            assert_eq!(as_people_write(table), shown);
        }
    }
}
