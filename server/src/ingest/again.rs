//! Entries that came before the server had their questionnaire or their area, judged once it is here.

use std::collections::BTreeSet;

use jiff::Timestamp;
use ketuk_wire::{AreaCode, FormRef, Level, Op, Sha256, TroubleCode};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::check::{Entry, Judgement, judge, village_of};
use super::store::Batch;
use super::{Done, Fate, Phone, code_text, note};
use crate::Error;
use crate::db::{Row, Tx};
use crate::enrol::allotment;
use crate::hub::Hub;
use crate::moves;

/// Entries judged in one transaction: as many as come with one request.
const AT_ONCE: usize = 500;

/// Entries that wait for the same, where they are kept.
struct Group {
    village: String,
    rt: AreaCode,
    trouble: String,
}

/// An entry as it is kept, and who sent it.
struct Kept {
    op: Op,
    digest: Sha256,
    day: i64,
    received_at: Timestamp,
    phone: Phone,
}

/// What came of some of a group.
#[derive(Default)]
struct Round {
    judged: usize,
    /// They stay as they are.
    stayed: usize,
    /// Villages of others, which are not locked yet.
    beyond: BTreeSet<String>,
}

/// Judges what was put in quarantine because its questionnaire or its area was not known, as far as it
/// is now. Each becomes what it would have become had that been here when it came, where its family is
/// now, and keeps the time at which it came; its phone is asked for it again, and so hears of it. Done
/// again, it changes nothing.
///
/// # Errors
/// If the database is not available. What was judged until then is.
pub(crate) fn judge_again(hub: &Hub) -> Result<(), Error> {
    for group in groups(hub)? {
        let mut villages = BTreeSet::from([group.village.clone()]);
        let mut stayed = 0;
        loop {
            let round = hub
                .db
                .write(|tx| group.judge_some(hub, tx, &villages, stayed))?;
            if round.beyond.is_empty() {
                stayed += round.stayed;
                if round.judged + round.stayed == 0 {
                    break;
                }
            }
            villages.extend(round.beyond);
        }
        villages.iter().for_each(|village| hub.wake(village));
    }
    Ok(())
}

/// Those whose questionnaire or area is known now.
fn groups(hub: &Hub) -> Result<Vec<Group>, Error> {
    let no_area = code_text(TroubleCode::UnknownArea);
    let rows = hub.db.read(|tx| {
        tx.query(
            "SELECT DISTINCT e.village, e.rt, e.trouble FROM entry e
             LEFT JOIN form f ON f.id = e.form AND f.version = e.form_version
             WHERE e.trouble = $1 OR (e.trouble = $2 AND f.id IS NOT NULL)",
            &[no_area.into(), code_text(TroubleCode::UnknownForm).into()],
        )
    })?;
    let mut groups = Vec::new();
    for row in &rows {
        let group = Group {
            village: row.text(0)?.to_owned(),
            rt: row.parsed(1)?,
            trouble: row.text(2)?.to_owned(),
        };
        let is_ours = group.rt.level() == Level::Rt
            && (group.rt.at(Level::Village)).is_some_and(|village| hub.has_village(&village));
        if is_ours || group.trouble != no_area {
            groups.push(group);
        }
    }
    Ok(groups)
}

impl Group {
    /// Judges those of the next few for which no village beyond these need be locked; so many before
    /// them stay as they are.
    fn judge_some(
        &self,
        hub: &Hub,
        tx: &mut Tx<'_>,
        villages: &BTreeSet<String>,
        stayed: usize,
    ) -> Result<Round, Error> {
        moves::lock(tx, villages)?;
        let mut round = Round::default();
        for kept in &self.next(tx, stayed)? {
            let entry = self.entry(hub, kept);
            if self.trouble == code_text(TroubleCode::UnknownForm)
                && entry.judgement == Judgement::Unsound(TroubleCode::UnknownForm)
            {
                // Somebody else gave the questionnaire: this server takes it up at its next start.
                round.stayed += 1;
                continue;
            }
            if !villages.contains(&kept.phone.village) {
                round.beyond.insert(kept.phone.village.clone());
                continue;
            }
            let entry = match found(hub, tx, kept, entry, villages)? {
                Ok(entry) => entry,
                Err(beyond) => {
                    round.beyond.insert(beyond);
                    continue;
                }
            };
            match tx.savepoint(|tx| self.take_anew(hub, tx, kept, &entry)) {
                Err(Error::Refused(reason)) => {
                    let village = &self.village;
                    tracing::warn!(village, %reason, "an entry could not be judged again");
                    round.stayed += 1;
                }
                done => {
                    done?;
                    round.judged += 1;
                }
            }
        }
        Ok(round)
    }

    /// In the order in which they came.
    fn next(&self, tx: &mut Tx<'_>, stayed: usize) -> Result<Vec<Kept>, Error> {
        let rows = tx.query(
            "SELECT e.op, e.digest, e.household, e.rt, e.device, e.cadre, e.seq, e.base, e.form,
                    e.form_version, e.started_at, e.finished_at, e.received_at, e.sha256,
                    e.document, e.day, (SELECT d.village FROM device d WHERE d.id = e.device LIMIT 1),
                    e.follows, e.corrects
             FROM entry e LEFT JOIN form f ON f.id = e.form AND f.version = e.form_version
             WHERE e.village = $1 AND e.rt = $2 AND e.trouble = $3
               AND (f.id IS NOT NULL OR e.trouble <> $4)
             ORDER BY e.received_at, e.device, e.seq, e.op, e.digest LIMIT $5 OFFSET $6",
            &[
                self.village.as_str().into(),
                self.rt.as_str().into(),
                self.trouble.as_str().into(),
                code_text(TroubleCode::UnknownForm).into(),
                (AT_ONCE as u64).into(),
                (stayed as u64).into(),
            ],
        )?;
        rows.iter().map(|row| self.read(tx, row)).collect()
    }

    fn read(&self, tx: &mut Tx<'_>, row: &Row) -> Result<Kept, Error> {
        let cadre: Uuid = row.uuid(5)?;
        let home = row.opt(16, Row::text)?.unwrap_or(&self.village);
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
                follows: row.opt(17, Row::uuid)?,
                corrects: row.opt(18, Row::uuid)?,
                // They are kept already.
                blobs: Vec::new(),
                document: RawValue::from_string(row.text(14)?.to_owned())
                    .map_err(Error::internal)?,
            },
            digest: row.bytes32(1)?.into(),
            day: row.int(15)?,
            received_at: row.time(12)?,
            phone: Phone::new(home, row.uuid(4)?, cadre, allotment(tx, cadre)?),
        })
    }

    fn entry<'a>(&self, hub: &Hub, kept: &'a Kept) -> Entry<'a> {
        Entry {
            op: &kept.op,
            id: kept.op.op,
            digest: kept.digest,
            village: village_of(&kept.op.area).unwrap_or_else(|| self.village.clone()),
            rt: Some(kept.op.area.clone()),
            followed: false,
            is_forgotten: false,
            is_late: true,
            day: kept.day,
            judgement: judge(hub, &kept.op),
        }
    }

    /// Takes an entry that is here as if it came only now, and has its phone send it again. Where it
    /// came again already, that one stands.
    fn take_anew(
        &self,
        hub: &Hub,
        tx: &mut Tx<'_>,
        kept: &Kept,
        entry: &Entry<'_>,
    ) -> Result<(), Error> {
        let [old, new] = [self.village.as_str().into(), entry.village.as_str().into()];
        let (op, digest) = ((&kept.op.op).into(), kept.digest.as_bytes().into());
        let key = [old, op, digest, new];
        tx.execute(
            "DELETE FROM entry WHERE village = $1 AND op = $2 AND digest = $3",
            &key[..3],
        )?;
        let stored = batch(hub, kept, &entry.village).take_one(tx, entry)?;
        let [
            Done {
                fate: Fate::Here(..),
                again,
                ..
            },
        ] = stored.done[..]
        else {
            return Err(Error::Refused("it has no place here".into()));
        };
        if self.village != entry.village {
            let photos = "attachment WHERE village = $1 AND op = $2 AND digest = $3";
            if again {
                tx.execute(&format!("DELETE FROM {photos}"), &key[..3])?;
            } else {
                tx.execute(
                    "UPDATE attachment SET village = $4
                     WHERE village = $1 AND op = $2 AND digest = $3",
                    &key,
                )?;
            }
        }
        // A phone that was put back may have it under another number, for which it isn't asked.
        tx.execute(
            "UPDATE household SET news = change
             WHERE village = $1 AND id = $2 AND op = $3 AND digest = $4",
            &[
                key[3].clone(),
                (&kept.op.household).into(),
                key[1].clone(),
                key[2].clone(),
            ],
        )?;
        note::ask_again(tx, &kept.phone, kept.op.seq)
    }
}

fn batch<'b>(hub: &'b Hub, kept: &'b Kept, village: &'b str) -> Batch<'b> {
    Batch {
        hub,
        phone: &kept.phone,
        village,
        now: kept.received_at,
    }
}

/// The entry where its family is now, or the village that must be locked to know.
fn found<'a>(
    hub: &Hub,
    tx: &mut Tx<'_>,
    kept: &Kept,
    mut entry: Entry<'a>,
    villages: &BTreeSet<String>,
) -> Result<Result<Entry<'a>, String>, Error> {
    for _ in 0..=villages.len() {
        if !villages.contains(&entry.village) {
            return Ok(Err(entry.village));
        }
        let batch = batch(hub, kept, &entry.village);
        let places = batch.places(tx, std::slice::from_ref(&entry))?;
        let (_, elsewhere) = places.sort(&entry.village, std::slice::from_ref(&entry));
        match elsewhere.into_iter().next() {
            None => return Ok(Ok(entry)),
            Some(there) => entry = there,
        }
    }
    Err(Error::Internal("a family moves in circles".into()))
}
