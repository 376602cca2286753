//! The entries of a village that somebody must look at, one by one.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use ketuk_wire::{AreaCode, Sha256, TroubleCode};
use uuid::Uuid;

use crate::Error;
use crate::db::Tx;
use crate::ingest::{code_of, is_revision};

/// An entry that needs a look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Troubled {
    pub(crate) code: TroubleCode,
    /// Whether it stands nevertheless.
    pub(crate) accepted: bool,
    /// The family's number in the RT and its head; empty if nothing is known of it.
    pub(crate) number: String,
    pub(crate) head: String,
    /// Where it was found, by the RT's present code: not always an area of the campaign.
    pub(crate) rt: Option<AreaCode>,
    /// Who sent it.
    pub(crate) cadre: Option<String>,
    pub(crate) at: Timestamp,
    pub(crate) place: Place,
}

/// Where an entry stands among those of a village, the newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    at: Timestamp,
    op: Uuid,
    digest: Sha256,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Place { at, op, digest } = self;
        write!(f, "{}.{}.{digest}", at.as_millisecond(), op.simple())
    }
}

/// The text is no such place.
#[derive(Debug)]
pub(crate) struct NoPlace;

impl FromStr for Place {
    type Err = NoPlace;

    fn from_str(text: &str) -> Result<Place, NoPlace> {
        let read = || {
            let mut parts = text.splitn(3, '.');
            Some(Place {
                at: Timestamp::from_millisecond(parts.next()?.parse().ok()?).ok()?,
                op: parts.next()?.parse().ok()?,
                digest: parts.next()?.parse().ok()?,
            })
        };
        read().ok_or(NoPlace)
    }
}

/// At most `limit` of a village's entries that need a look, the newest first, from after `after` on.
pub(crate) fn troubled(
    tx: &mut Tx<'_>,
    village: &AreaCode,
    after: Option<Place>,
    limit: u64,
) -> Result<Vec<Troubled>, Error> {
    let after = after.unwrap_or(Place {
        at: Timestamp::MAX,
        op: Uuid::max(),
        digest: Sha256::from([0xff; 32]),
    });
    let rows = tx.query(
        "SELECT e.trouble, e.verdict, coalesce(h.number, ''), coalesce(h.head, ''), e.rt,
                (SELECT min(c.name) FROM cadre c WHERE c.id = e.cadre), e.received_at, e.op, e.digest
         FROM entry e
         LEFT JOIN household h ON h.village = e.village AND h.id = e.household
         WHERE e.village = $1 AND e.trouble IS NOT NULL
           AND (e.received_at < $2 OR (e.received_at = $2
                AND (e.op < $3 OR (e.op = $3 AND e.digest < $4))))
         ORDER BY e.received_at DESC, e.op DESC, e.digest DESC LIMIT $5",
        &[
            village.as_str().into(),
            after.at.into(),
            after.op.into(),
            after.digest.as_bytes().into(),
            limit.into(),
        ],
    )?;
    rows.iter()
        .map(|row| {
            let at = row.time(6)?;
            Ok(Troubled {
                code: code_of(row.text(0)?),
                accepted: is_revision(row.int(1)?),
                number: row.text(2)?.to_owned(),
                head: row.text(3)?.to_owned(),
                rt: row.text(4)?.parse().ok(),
                cadre: row.opt(5, |row, column| row.text(column).map(str::to_owned))?,
                at,
                place: Place {
                    at,
                    op: row.uuid(7)?,
                    digest: Sha256::from(row.bytes32(8)?),
                },
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_place_reads_back(at in 0i64..4_000_000_000_000, op in any::<u128>(), digest in any::<[u8; 32]>()) {
            let place = Place {
                at: Timestamp::from_millisecond(at).unwrap(),
                op: Uuid::from_u128(op),
                digest: Sha256::from(digest),
            };
            prop_assert_eq!(place.to_string().parse::<Place>().unwrap(), place);
        }

        #[test]
        fn no_text_makes_it_panic(text in ".{0,80}") {
            let _ = text.parse::<Place>();
        }
    }
}
