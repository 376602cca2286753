//! Entries that came before the server had their questionnaire, judged once it is here.

use jiff::Timestamp;
use ketuk_wire::{FormRef, Op, Sha256, TroubleCode};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::check::{Entry, Judgement, judge};
use super::rows::stand_aside_late;
use super::store::Batch;
use super::{Done, Fate, Phone, Seen, code_text};
use crate::Error;
use crate::db::{Row, Tx, Value};
use crate::enrol::allotment;
use crate::hub::Hub;
use crate::moves;

/// Entries judged in one transaction: as many as come with one request.
const AT_ONCE: u64 = 500;

/// An entry as it is kept, and who sent it.
struct Kept {
    op: Op,
    digest: Sha256,
    day: i64,
    received_at: Timestamp,
    phone: Phone,
}

/// Judges what was put in quarantine because its questionnaire was not known, as far as it is now.
/// Each becomes what it would have become had the questionnaire been here when it came, and keeps the
/// time at which it did; its phone hears of it with the news. Done again, it changes nothing.
///
/// # Errors
/// If the database is not available. What was judged until then is.
pub(crate) fn judge_again(hub: &Hub) -> Result<(), Error> {
    let villages = hub.db.read(|tx| {
        tx.query(
            "SELECT DISTINCT e.village FROM entry e
             JOIN form f ON f.id = e.form AND f.version = e.form_version
             WHERE e.trouble = $1",
            &[code_text(TroubleCode::UnknownForm).into()],
        )
    })?;
    for village in villages {
        let village = village.text(0)?;
        while hub.db.write(|tx| judge_some(hub, tx, village))? > 0 {}
        hub.wake(village);
    }
    Ok(())
}

/// How many were judged.
fn judge_some(hub: &Hub, tx: &mut Tx<'_>, village: &str) -> Result<usize, Error> {
    moves::lock(tx, &[village.to_owned()].into())?;
    let mut judged = 0;
    for kept in &waiting(tx, village)? {
        let batch = Batch {
            hub,
            phone: &kept.phone,
            village,
            now: kept.received_at,
        };
        let entry = Entry {
            op: &kept.op,
            id: kept.op.op,
            digest: kept.digest,
            village: village.to_owned(),
            rt: Some(kept.op.area.clone()),
            followed: false,
            day: kept.day,
            judgement: judge(hub, &kept.op),
        };
        match &entry.judgement {
            // Somebody else gave the questionnaire: this server takes it up at its next start.
            Judgement::Unsound(TroubleCode::UnknownForm) => continue,
            Judgement::Sound(summary) if is_outdated(tx, village, &entry, &kept.phone)? => {
                stand_aside_late(tx, &entry, summary.outcome)?;
            }
            _ => match tx.savepoint(|tx| batch.take_anew(tx, &entry)) {
                // It stays where it is.
                Err(Error::Refused(reason)) => {
                    tracing::warn!(village, %reason, "an entry could not be judged again");
                    continue;
                }
                done => done?,
            },
        }
        judged += 1;
    }
    Ok(judged)
}

/// Whether the phone itself sent a later visit to the family meanwhile, which stands.
fn is_outdated(
    tx: &mut Tx<'_>,
    village: &str,
    entry: &Entry<'_>,
    phone: &Phone,
) -> Result<bool, Error> {
    let later = tx.query_first(
        "SELECT 1 FROM entry WHERE village = $1 AND household = $2 AND device = $3 AND seq > $4
             AND revision IS NOT NULL",
        &[
            village.into(),
            (&entry.op.household).into(),
            (&phone.device).into(),
            entry.op.seq.into(),
        ],
    )?;
    Ok(later.is_some())
}

/// Those of the village, in the order in which they came.
fn waiting(tx: &mut Tx<'_>, village: &str) -> Result<Vec<Kept>, Error> {
    let rows = tx.query(
        "SELECT e.op, e.digest, e.household, e.rt, e.device, e.cadre, e.seq, e.base, e.form,
                e.form_version, e.started_at, e.finished_at, e.received_at, e.sha256, e.document,
                e.day, (SELECT max(d.put_back) FROM device d WHERE d.id = e.device)
         FROM entry e JOIN form f ON f.id = e.form AND f.version = e.form_version
         WHERE e.village = $1 AND e.trouble = $2
         ORDER BY e.received_at, e.device, e.seq LIMIT $3",
        &[
            village.into(),
            code_text(TroubleCode::UnknownForm).into(),
            AT_ONCE.into(),
        ],
    )?;
    rows.iter().map(|row| read(tx, village, row)).collect()
}

fn read(tx: &mut Tx<'_>, village: &str, row: &Row) -> Result<Kept, Error> {
    let cadre: Uuid = row.uuid(5)?;
    Ok(Kept {
        op: Op {
            op: row.uuid(0)?,
            seq: row.count(6)?,
            household: row.uuid(2)?,
            area: row.parsed(3)?,
            base: row.count(7)?,
            form: FormRef {
                id: row.text(8)?.to_owned(),
                version: row.text(9)?.to_owned(),
            },
            started_at: row.time(10)?,
            finished_at: row.time(11)?,
            sha256: row.bytes32(13)?.into(),
            // They are kept already.
            corrects: None,
            blobs: Vec::new(),
            document: RawValue::from_string(row.text(14)?.to_owned()).map_err(Error::internal)?,
        },
        digest: row.bytes32(1)?.into(),
        day: row.int(15)?,
        received_at: row.time(12)?,
        phone: Phone {
            village: village.to_owned(),
            device: row.uuid(4)?,
            cadre,
            rts: allotment(tx, cadre)?,
            seen: Seen::default(),
            high_seq: 0,
            put_back: row.opt(16, Row::count)?.unwrap_or(0),
            has_photos: false,
        },
    })
}

impl Batch<'_> {
    /// Takes an entry that is here as if it came only now. Unlike one that does, it is news to its
    /// own phone, too.
    fn take_anew(&self, tx: &mut Tx<'_>, entry: &Entry<'_>) -> Result<(), Error> {
        let key: [Value<'_>; 3] = [
            self.village.into(),
            (&entry.op.op).into(),
            entry.digest.as_bytes().into(),
        ];
        tx.execute(
            "DELETE FROM entry WHERE village = $1 AND op = $2 AND digest = $3",
            &key,
        )?;
        let stored = self.take_one(tx, entry)?;
        if !matches!(
            stored.done[..],
            [Done {
                fate: Fate::Here(..),
                ..
            }]
        ) {
            return Err(Error::Refused("it has no place here".into()));
        }
        tx.execute(
            "UPDATE household SET news = change
             WHERE village = $1 AND op = $2 AND digest = $3",
            &key,
        )?;
        Ok(())
    }
}
