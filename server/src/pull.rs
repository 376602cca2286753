//! What a phone doesn't have yet, page by page.
//!
//! The first page of a phone carries the little that is the same for all of a cadre's work: her RTs,
//! names of areas, targets, the questionnaire; it comes again when something in it is another. Then
//! come the families of her RTs, and those that are hers no longer, by the change numbers of their
//! village. The cursor says up to which number.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use ketuk_wire::{
    Area, AreaCode, Change, Correction, Household, Outcome, Pull, PullPage, Sha256, Target,
};
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::Error;
use crate::db::{Row, Tx};
use crate::figures;
use crate::hub::Hub;
use crate::ingest::{Phone, REVISION, village_of};

/// Families read from the database at a time, whatever the phone would take.
const ROWS: u64 = 200;

/// The largest page, whatever a phone asks for.
const MAX_BYTES: u64 = 1 << 20;

/// What a change costs on a page beside its document.
const OVERHEAD: u64 = 320;

/// The cursor is not one of this server, or of another phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BadCursor;

/// The next page after `pull`'s cursor.
pub(crate) fn page(
    hub: &Hub,
    phone: &Phone,
    pull: &Pull,
) -> Result<Result<PullPage, BadCursor>, Error> {
    let scope = scope(hub, phone);
    let cursor = match &pull.cursor {
        None => None,
        Some(text) => match Cursor::parse(text) {
            Some(cursor) if cursor.scope == scope => Some(cursor),
            _ => return Ok(Err(BadCursor)),
        },
    };
    hub.db.read(|tx| {
        // What is hers by now: the allotment may be another one than when she was asked who she is.
        let phone = &phone.as_allotted(tx)?;
        let reference = reference(hub, tx, phone)?;
        let known = digest_of(&reference)?;
        let mut changes = Vec::new();
        if cursor.as_ref().is_none_or(|c| c.reference != known) {
            changes = reference;
        }
        // Until a phone that starts over has caught up, it is sent all: it may have lost its own.
        let starts_over = cursor.as_ref().is_none_or(|c| c.starts_over);
        let mut left = pull.max_bytes.min(MAX_BYTES);
        left = left.saturating_sub(changes.len() as u64 * OVERHEAD);
        let mut more = false;
        let mut places = cursor.map(|c| c.places).unwrap_or_default();
        for village in villages(tx, phone, &places)? {
            let known = places.get(&village).copied();
            let mut place = known.unwrap_or_default();
            if starts_over || known.is_none() {
                place.whole_to = newest(tx, &village)?;
            }
            let read = part(tx, phone, &village, place, &mut left, changes.is_empty())?;
            let Some(read) = read else {
                return Ok(Err(BadCursor));
            };
            changes.extend(read.changes);
            more |= read.more;
            places.insert(
                village,
                Place {
                    at: read.at,
                    ..place
                },
            );
        }
        let cursor = Cursor {
            scope,
            reference: known,
            starts_over: starts_over && more,
            places,
        };
        Ok(Ok(PullPage {
            changes,
            cursor: cursor.to_string(),
            more,
        }))
    })
}

/// Where the cadre has RTs, where she had some, and where families went from her, maybe before her
/// phone ever heard of the village.
fn villages(
    tx: &mut Tx<'_>,
    phone: &Phone,
    places: &BTreeMap<String, Place>,
) -> Result<BTreeSet<String>, Error> {
    let hers = phone.rts.iter().filter_map(village_of);
    let mut villages: BTreeSet<_> = hers.chain(places.keys().cloned()).collect();
    let left = tx.query(
        "SELECT DISTINCT village FROM departure WHERE cadre = $1",
        &[phone.cadre.into()],
    )?;
    for row in left {
        villages.insert(row.text(0)?.to_owned());
    }
    Ok(villages)
}

fn newest(tx: &mut Tx<'_>, village: &str) -> Result<i64, Error> {
    let row = tx.query_first(
        "SELECT change FROM village WHERE village = $1",
        &[village.into()],
    )?;
    row.map_or(Ok(0), |row| row.int(0))
}

/// Part of what happened in a village.
struct Part {
    changes: Vec<Change>,
    /// All changes up to this one were read.
    at: i64,
    more: bool,
}

/// What happened to one family, by its change number.
struct News {
    change: i64,
    /// What it costs on the page.
    size: u64,
    changes: Vec<Change>,
}

/// `None` if the place is beyond all that happened: the database was set back to a copy of itself
/// without anybody's noticing.
fn part(
    tx: &mut Tx<'_>,
    phone: &Phone,
    village: &str,
    place: Place,
    left: &mut u64,
    mut first: bool,
) -> Result<Option<Part>, Error> {
    let newest = newest(tx, village)?;
    if place.at > newest {
        return Ok(None);
    }
    let mut part = Part {
        changes: Vec::new(),
        at: place.at,
        more: place.at < newest,
    };
    if !part.more || (*left == 0 && !first) {
        return Ok(Some(part));
    }
    let came = families(tx, phone, village, place)?;
    // Beyond the last family that was read, there may be more of them.
    let full = came.len() as u64 == ROWS;
    let upto = came.last().filter(|_| full).map_or(newest, |n| n.change);
    let went = departures(tx, phone, village, place.at, upto)?;
    let mut news: Vec<News> = came.into_iter().chain(went).collect();
    news.sort_by_key(|news| news.change);
    for news in news {
        if *left == 0 && !first {
            return Ok(Some(part));
        }
        first = false;
        part.at = news.change;
        *left = left.saturating_sub(news.size);
        part.changes.extend(news.changes);
    }
    part.at = upto;
    part.more = upto < newest;
    Ok(Some(part))
}

fn families(
    tx: &mut Tx<'_>,
    phone: &Phone,
    village: &str,
    place: Place,
) -> Result<Vec<News>, Error> {
    // A phone is not sent back what it just sent, but for what happened meanwhile: of that it has
    // not heard.
    let rows = tx.query(
        &format!(
            "SELECT h.change, h.id, h.rt, h.number, h.head, h.address, h.revision, h.outcome,
                    CASE WHEN h.revision > 0 THEN {REVISION} ELSE l.document END,
                    c.revision, c.comments, c.request
             FROM household h
             JOIN plan p ON p.village = h.village AND p.rt = h.rt
             LEFT JOIN entry e ON e.village = h.village AND e.op = h.op AND e.digest = h.digest
             LEFT JOIN last_year l ON l.village = h.village AND l.household = h.id
             LEFT JOIN correction c ON c.village = h.village AND c.household = h.id
             WHERE h.village = $1 AND h.change > $2 AND p.cadre = $3
               AND (h.author IS NULL OR h.author <> $4 OR h.news > $2 OR h.change <= $5
                    OR c.revision IS NOT NULL)
             ORDER BY h.change LIMIT $6"
        ),
        &[
            village.into(),
            place.at.into(),
            phone.cadre.into(),
            (&phone.device).into(),
            place.whole_to.into(),
            ROWS.into(),
        ],
    )?;
    let news = |row: &Row| -> Result<News, Error> {
        let (id, document) = (row.uuid(1)?, row.opt(8, Row::text)?);
        let mut changes = vec![Change::Household(household(row, id, document)?)];
        if let Some(revision) = row.opt(9, Row::count)? {
            changes.push(Change::Correction(Correction {
                household: id,
                request: row.uuid(11)?,
                revision,
                comments: serde_json::from_str(row.text(10)?).map_err(Error::internal)?,
            }));
        }
        Ok(News {
            change: row.int(0)?,
            size: OVERHEAD + document.map_or(0, |d| d.len() as u64),
            changes,
        })
    };
    rows.iter().map(news).collect()
}

/// Families that are the cadre's no longer; what came back to her since is none of them.
fn departures(
    tx: &mut Tx<'_>,
    phone: &Phone,
    village: &str,
    after: i64,
    upto: i64,
) -> Result<Vec<News>, Error> {
    let rows = tx.query(
        "SELECT d.change, d.household, d.reason FROM departure d
         WHERE d.village = $1 AND d.cadre = $2 AND d.change > $3 AND d.change <= $4
           AND NOT EXISTS (
               SELECT 1 FROM household h JOIN plan p ON p.village = h.village AND p.rt = h.rt
               WHERE h.id = d.household AND p.cadre = d.cadre)
         ORDER BY d.change",
        &[
            village.into(),
            phone.cadre.into(),
            after.into(),
            upto.into(),
        ],
    )?;
    let news = |row: &Row| -> Result<News, Error> {
        let reason = row.text(2)?.to_owned();
        Ok(News {
            change: row.int(0)?,
            size: OVERHEAD,
            changes: vec![Change::Gone {
                household: row.uuid(1)?,
                reason,
            }],
        })
    };
    rows.iter().map(news).collect()
}

fn household(row: &Row, id: Uuid, document: Option<&str>) -> Result<Household, Error> {
    let outcome = row.opt(7, Row::int)?;
    Ok(Household {
        id,
        area: row.parsed(2)?,
        number: row.text(3)?.to_owned(),
        head: row.text(4)?.to_owned(),
        address: row.text(5)?.to_owned(),
        revision: row.count(6)?,
        outcome: outcome.and_then(|code| Outcome::from_code(u8::try_from(code).ok()?)),
        document: document
            .map(|text| RawValue::from_string(text.to_owned()).map_err(Error::internal))
            .transpose()?,
    })
}

/// The questionnaire, the cadre's areas, the names of these and of those above, her targets.
fn reference(hub: &Hub, tx: &mut Tx<'_>, phone: &Phone) -> Result<Vec<Change>, Error> {
    let mut changes = Vec::new();
    if let Some(questionnaire) = hub.forms.current() {
        changes.push(Change::Form {
            form: questionnaire.name.clone(),
            sha256: questionnaire.sha256,
        });
    }
    changes.push(Change::Allotment {
        areas: phone.rts.clone(),
    });
    let above: BTreeSet<AreaCode> = phone
        .rts
        .iter()
        .flat_map(|rt| std::iter::successors(Some(rt.clone()), AreaCode::parent))
        .collect();
    for code in above {
        let name = figures::area_name(tx, &code)?;
        changes.push(Change::Area(Area { code, name }));
    }
    for rt in &phone.rts {
        let village = village_of(rt).unwrap_or_default();
        let row = tx.query_first(
            "SELECT target FROM plan WHERE village = $1 AND rt = $2",
            &[village.into(), rt.as_str().into()],
        )?;
        if let Some(row) = row {
            changes.push(Change::Target(Target {
                area: rt.clone(),
                families: row.count(0)?,
            }));
        }
    }
    Ok(changes)
}

fn digest_of(changes: &[Change]) -> Result<String, Error> {
    let bytes = serde_json::to_vec(changes).map_err(Error::internal)?;
    Ok(short(Sha256::of(&bytes)))
}

/// What a cursor is for: this incarnation of the server, this phone in this cadre's hands.
fn scope(hub: &Hub, phone: &Phone) -> String {
    let text = format!("{} {} {}", hub.secrets.epoch, phone.device, phone.cadre);
    short(Sha256::of(text.as_bytes()))
}

fn short(digest: Sha256) -> String {
    digest.to_string().chars().take(16).collect()
}

/// Where a phone is: for each village, up to which change.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Cursor {
    scope: String,
    reference: String,
    /// Whether the phone has not yet caught up since it started over.
    starts_over: bool,
    places: BTreeMap<String, Place>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Place {
    at: i64,
    /// The newest change when the phone had caught up after it started over.
    whole_to: i64,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let over = if self.starts_over { "over" } else { "" };
        write!(f, "1:{}:{}:{over}:", self.scope, self.reference)?;
        for (n, (village, place)) in self.places.iter().enumerate() {
            let comma = if n == 0 { "" } else { "," };
            write!(f, "{comma}{village}={}/{}", place.at, place.whole_to)?;
        }
        Ok(())
    }
}

impl Cursor {
    fn parse(text: &str) -> Option<Cursor> {
        let mut parts = text.strip_prefix("1:")?.splitn(4, ':');
        let (scope, reference) = (parts.next()?, parts.next()?);
        let starts_over = match parts.next()? {
            "over" => true,
            "" => false,
            _ => return None,
        };
        let places = parts.next()?;
        let place = |text: &str| {
            let (village, place) = text.split_once('=')?;
            let (at, whole_to) = place.split_once('/')?;
            Some((
                village.to_owned(),
                Place {
                    at: at.parse().ok()?,
                    whole_to: whole_to.parse().ok()?,
                },
            ))
        };
        Some(Cursor {
            scope: scope.to_owned(),
            reference: reference.to_owned(),
            starts_over,
            places: places
                .split(',')
                .filter(|part| !part.is_empty())
                .map(place)
                .collect::<Option<_>>()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_cursor_reads_back(starts_over: bool, places in proptest::collection::btree_map("[0-9.]{1,13}", (any::<i64>(), any::<i64>()), 0..4)) {
            let cursor = Cursor {
                scope: "0123456789abcdef".into(),
                reference: "fedcba9876543210".into(),
                starts_over,
                places: places
                    .into_iter()
                    .map(|(village, (at, whole_to))| (village, Place { at, whole_to }))
                    .collect(),
            };
            prop_assert_eq!(Cursor::parse(&cursor.to_string()), Some(cursor));
        }

        #[test]
        fn no_text_makes_it_panic(text in ".{0,60}") {
            let _ = Cursor::parse(&text);
            let _ = Cursor::parse(&format!("1:{text}"));
        }
    }
}
