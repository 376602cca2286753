//! When the ground moves: an RT goes to another cadre, a family to another RT, a village is split.
//!
//! Everything of a family that moves goes along, in one transaction, and what is counted stays
//! counted. Who had it before is told that it went and why; what still comes from there finds it
//! where it is now.

use std::collections::BTreeSet;

use jiff::Timestamp;
use ketuk_wire::{Area, AreaCode, Level};
use uuid::Uuid;

use crate::Error;
use crate::db::{Each, Kind, Row, Tx};
use crate::figures::rt_name;
use crate::hub::Hub;
use crate::ingest::{self, Count, Counts, add_to_rollup, count_in, village_of};

/// Locks villages, always in the order of their codes: two that move between the same villages, or
/// move and send, wait for each other and never both. Also says that their figures change.
///
/// # Errors
/// [`Error::Setup`] for a village that is not in the campaign.
pub(crate) fn lock(tx: &mut Tx<'_>, villages: &BTreeSet<String>) -> Result<(), Error> {
    for village in villages {
        let locked = tx.execute(
            "UPDATE village SET version = version + 1 WHERE village = $1",
            &[village.as_str().into()],
        )?;
        if locked == 0 {
            return Err(Error::Setup(format!("{village} is not in the area table")));
        }
    }
    Ok(())
}

/// Takes the village's next change numbers, which locks it until the transaction ends, and says that
/// its figures change. The first of the numbers; `None` for a village that is not in the campaign.
pub(crate) fn reserve(
    tx: &mut Tx<'_>,
    village: &str,
    changes: usize,
) -> Result<Option<i64>, Error> {
    let row = tx.query_first(
        "UPDATE village SET change = change + $2, version = version + 1
         WHERE village = $1 RETURNING change",
        &[village.into(), (changes as u64).into()],
    )?;
    row.map(|row| Ok(row.int(0)? - changes as i64 + 1))
        .transpose()
}

/// Counts again how many families each of the village's RTs has on its list.
pub(crate) fn count_listed(tx: &mut Tx<'_>, village: &str) -> Result<(), Error> {
    tx.execute(
        "UPDATE plan SET listed = (SELECT count(*) FROM household h
             WHERE h.village = plan.village AND h.rt = plan.rt AND h.listed = 1)
         WHERE village = $1",
        &[village.into()],
    )?;
    Ok(())
}

/// Gives an RT to a cadre, or to nobody for now.
pub(crate) fn allot(hub: &Hub, rt: &AreaCode, cadre: Option<Uuid>) -> Result<(), Error> {
    let village = village_of_rt(rt)?;
    hub.db.write(|tx| {
        lock(tx, &BTreeSet::from([village.clone()]))?;
        if let Some(cadre) = cadre
            && tx
                .query_first("SELECT id FROM cadre WHERE id = $1", &[cadre.into()])?
                .is_none()
        {
            return Err(Error::Setup(
                "there is no such cadre in the campaign".into(),
            ));
        }
        hand_on(tx, rt, cadre, hub.clock.now())
    })?;
    hub.wake(&village);
    Ok(())
}

/// Hands an RT of the plan on, and its families with it; its village is locked.
pub(crate) fn hand_on(
    tx: &mut Tx<'_>,
    rt: &AreaCode,
    cadre: Option<Uuid>,
    now: Timestamp,
) -> Result<(), Error> {
    let village = village_of_rt(rt)?;
    let before = owner(tx, rt)?;
    if before == cadre {
        return Ok(());
    }
    tx.execute(
        "UPDATE plan SET cadre = $3 WHERE village = $1 AND rt = $2",
        &[village.as_str().into(), rt.as_str().into(), cadre.into()],
    )?;
    let name = rt_name(rt);
    let reason = match cadre {
        Some(_) => format!("{name} sekarang didata kader lain."),
        None => format!("{name} tidak lagi didata kader ini."),
    };
    let step = Step {
        from: rt,
        to: rt,
        tell: before,
        reason: &reason,
        now,
    };
    step.go(tx, None)
}

/// Moves a family to another RT of the plan, in its village or in another.
pub(crate) fn move_household(
    hub: &Hub,
    household: Uuid,
    to: &AreaCode,
    reason: &str,
) -> Result<(), Error> {
    let target = village_of_rt(to)?;
    let villages = hub.db.write(|tx| {
        let row = tx.query_first(
            "SELECT village FROM household WHERE id = $1",
            &[household.into()],
        )?;
        let unknown = || Error::Setup("there is no such family in the campaign".into());
        let village = row.ok_or_else(unknown)?.text(0)?.to_owned();
        let villages = BTreeSet::from([village.clone(), target.clone()]);
        lock(tx, &villages)?;
        // Another may have moved it before this one had the lock.
        let row = tx.query_first(
            "SELECT rt FROM household WHERE village = $1 AND id = $2",
            &[village.as_str().into(), household.into()],
        )?;
        let moving = || Error::Unavailable("the family is being moved".into());
        let from: AreaCode = row.ok_or_else(moving)?.parsed(0)?;
        if from == *to {
            return Ok(villages);
        }
        // Found in both before anybody knew that it is one family: which is to stay, people say.
        let there = "SELECT 1 FROM household WHERE village = $1 AND id = $2 AND village <> $3";
        let keys = [target.as_str().into(), household.into(), village.into()];
        if tx.query_first(there, &keys)?.is_some() {
            return Err(Error::Setup(format!("the family is in {target} already")));
        }
        let (before, after) = (owner_if_any(tx, &from)?, owner(tx, to)?);
        let step = Step {
            from: &from,
            to,
            tell: before.filter(|cadre| after != Some(*cadre)),
            reason,
            now: hub.clock.now(),
        };
        step.go(tx, Some(household))?;
        Ok(villages)
    })?;
    villages.iter().for_each(|village| hub.wake(village));
    Ok(())
}

/// Splits a village: these of its RTs are RTs of another from now on, each with a new code. Cadres
/// keep their RTs.
pub(crate) fn split_village(
    hub: &Hub,
    old: &AreaCode,
    new: &Area,
    rts: &[(AreaCode, AreaCode)],
) -> Result<(), Error> {
    for (from, to) in rts {
        if village_of_rt(from)? != old.as_str() || village_of_rt(to)? != new.code.as_str() {
            return Err(Error::Setup(format!(
                "{from} is not an RT of {old}, or {to} none of {}",
                new.code
            )));
        }
    }
    let targets: BTreeSet<&AreaCode> = rts.iter().map(|(_, to)| to).collect();
    if targets.len() < rts.len() || *old == new.code {
        return Err(Error::Setup("two RTs would become one".into()));
    }
    let villages = BTreeSet::from([old.to_string(), new.code.to_string()]);
    hub.db.write(|tx| {
        tx.execute(
            "INSERT INTO village (village, change, version) VALUES ($1, 0, 1)
             ON CONFLICT (village) DO NOTHING",
            &[new.code.as_str().into()],
        )?;
        lock(tx, &villages)?;
        tx.execute(
            "INSERT INTO area (code, name) VALUES ($1, $2)
             ON CONFLICT (code) DO UPDATE SET name = excluded.name",
            &[new.code.as_str().into(), new.name.as_str().into()],
        )?;
        for (from, to) in rts {
            recode(tx, from, to, hub.clock.now())?;
        }
        rehome_cadres(tx, old.as_str(), new.code.as_str())
    })?;
    hub.reload()?;
    villages.iter().for_each(|village| hub.wake(village));
    // A server that was put back from before the split may have been sent the new codes.
    ingest::judge_again(hub)
}

/// Gives an RT a code in another village; both are locked.
fn recode(tx: &mut Tx<'_>, from: &AreaCode, to: &AreaCode, now: Timestamp) -> Result<(), Error> {
    let (old, new) = (village_of_rt(from)?, village_of_rt(to)?);
    let known = tx.query_first(
        "SELECT to_rt FROM rt_moved WHERE village = $1 AND rt = $2",
        &[old.as_str().into(), from.as_str().into()],
    )?;
    if known.is_some_and(|row| row.text(0).is_ok_and(|rt| rt == to.as_str())) {
        return Ok(());
    }
    if plan_row(tx, to)?.is_some() {
        return Err(Error::Setup(format!("{to} is in the plan already")));
    }
    owner(tx, from)?;
    let keys = [
        old.as_str().into(),
        from.as_str().into(),
        new.as_str().into(),
        to.as_str().into(),
    ];
    tx.execute(
        "UPDATE plan SET village = $3, rt = $4 WHERE village = $1 AND rt = $2",
        &keys,
    )?;
    tx.execute(
        "INSERT INTO rt_moved (village, rt, to_rt) VALUES ($1, $2, $3)
         ON CONFLICT (village, rt) DO UPDATE SET to_rt = excluded.to_rt",
        &[keys[0].clone(), keys[1].clone(), keys[3].clone()],
    )?;
    tx.execute(
        "DELETE FROM rt_moved WHERE village = $1 AND rt = $2",
        &keys[2..],
    )?;
    let reason = format!("{} sekarang masuk desa atau kelurahan lain.", rt_name(from));
    let step = Step {
        from,
        to,
        tell: None,
        reason: &reason,
        now,
    };
    step.go(tx, None)?;
    // Entries of families that are in no list, as those in quarantine: they are looked for by RT.
    let unlisted = "village = $1 AND rt = $2 AND NOT EXISTS (
        SELECT 1 FROM household h WHERE h.village = $1 AND h.id = entry.household)";
    tx.execute(
        &format!(
            "UPDATE attachment SET village = $3
             WHERE village = $1 AND op IN (SELECT op FROM entry WHERE {unlisted})"
        ),
        &keys[..3],
    )?;
    tx.execute(
        &format!("UPDATE entry SET village = $3, rt = $4 WHERE {unlisted}"),
        &keys,
    )?;
    Ok(())
}

/// An entry of no area that is to go along with its phone to the village `$2`; one that came there
/// again, once its area was known, stands there already.
pub(crate) const OF_NO_AREA: &str = "trouble = 'unknown_area' AND NOT EXISTS (
    SELECT 1 FROM entry twin
    WHERE twin.village = $2 AND twin.op = entry.op AND twin.digest = entry.digest)";

/// Cadres who have no RT left in their village are at home where their RTs are.
fn rehome_cadres(tx: &mut Tx<'_>, old: &str, new: &str) -> Result<(), Error> {
    let leaving = tx.query(
        "SELECT c.id FROM cadre c WHERE c.village = $1
         AND NOT EXISTS (SELECT 1 FROM plan p WHERE p.village = $1 AND p.cadre = c.id)
         AND EXISTS (SELECT 1 FROM plan p WHERE p.village = $2 AND p.cadre = c.id)",
        &[old.into(), new.into()],
    )?;
    // What names no area of the campaign is kept with its phone, and goes along.
    for row in leaving {
        let cadre = row.uuid(0)?;
        let keys = [old.into(), new.into(), cadre.into()];
        for sql in [
            "UPDATE token SET village = $2 WHERE village = $1
             AND device IN (SELECT id FROM device WHERE village = $1 AND cadre = $3)",
            &format!(
                "UPDATE attachment SET village = $2 WHERE village = $1 AND op IN (
                     SELECT op FROM entry WHERE village = $1 AND {OF_NO_AREA})
                 AND device IN (SELECT id FROM device WHERE village = $1 AND cadre = $3)"
            ),
            &format!(
                "UPDATE entry SET village = $2 WHERE village = $1 AND {OF_NO_AREA}
                 AND device IN (SELECT id FROM device WHERE village = $1 AND cadre = $3)"
            ),
            "UPDATE device SET village = $2 WHERE village = $1 AND cadre = $3",
            "UPDATE invitation SET village = $2 WHERE village = $1 AND cadre = $3",
            "UPDATE cadre SET village = $2 WHERE village = $1 AND id = $3",
        ] {
            tx.execute(sql, &keys)?;
        }
    }
    Ok(())
}

/// A family that leaves a cadre's list.
pub(crate) struct Departure<'a> {
    pub(crate) household: Uuid,
    /// The village's number of this change.
    pub(crate) change: i64,
    /// Where it was its cadre's; `None` if it was found where she has no RT.
    pub(crate) rt: Option<&'a str>,
    /// Whom to tell, if anybody.
    pub(crate) cadre: Option<Uuid>,
    /// Where it is now.
    pub(crate) to_rt: &'a str,
    /// Why, in Indonesian.
    pub(crate) reason: &'a str,
    pub(crate) at: Timestamp,
}

/// Notes departures from a village that is locked.
pub(crate) fn note_departures(
    tx: &mut Tx<'_>,
    village: &str,
    departures: &[Departure<'_>],
) -> Result<(), Error> {
    static LEFT: Each<8> = Each::new(
        [
            ("village", Kind::Text),
            ("household", Kind::Blob),
            ("change", Kind::Int),
            ("rt", Kind::Text),
            ("cadre", Kind::Blob),
            ("to_rt", Kind::Text),
            ("reason", Kind::Text),
            ("left_at", Kind::Int),
        ],
        "INSERT INTO departure (village, household, change, rt, cadre, to_rt, reason, left_at)
         SELECT r.village, r.household, r.change, r.rt, r.cadre, r.to_rt, r.reason, r.left_at
         FROM {rows}",
    );
    let rows: Vec<_> = departures
        .iter()
        .map(|left| {
            [
                village.into(),
                (&left.household).into(),
                left.change.into(),
                left.rt.into(),
                left.cadre.into(),
                left.to_rt.into(),
                left.reason.into(),
                left.at.into(),
            ]
        })
        .collect();
    tx.each(&LEFT, &rows).map(drop)
}

/// Families on their way from one RT to another, or, where these are the same, from cadre to cadre.
struct Step<'a> {
    from: &'a AreaCode,
    to: &'a AreaCode,
    /// Whose they were and are no longer.
    tell: Option<Uuid>,
    /// Why, in Indonesian.
    reason: &'a str,
    now: Timestamp,
}

impl Step<'_> {
    /// Takes one family of the RT along, or all of them. The villages are locked.
    fn go(&self, tx: &mut Tx<'_>, only: Option<Uuid>) -> Result<(), Error> {
        let (old, new) = (village_of_rt(self.from)?, village_of_rt(self.to)?);
        let rows = tx.query(
            "SELECT id, counted_as, counted_day, counted_cadre FROM household
             WHERE village = $1 AND rt = $2 ORDER BY change",
            &[old.as_str().into(), self.from.as_str().into()],
        )?;
        let mut families = Vec::new();
        for row in &rows {
            let id = row.uuid(0)?;
            if only.is_none_or(|only| only == id) {
                families.push((id, Count::read(row, 1)?));
            }
        }
        if families.is_empty() {
            return Ok(());
        }
        let mut changes = |village: &str| {
            let first = reserve(tx, village, families.len())?;
            first.ok_or_else(|| Error::Internal("a village without its row".into()))
        };
        let left = changes(&old)?;
        let come = if old == new { left } else { changes(&new)? };
        let ids: Vec<Uuid> = families.iter().map(|(id, _)| *id).collect();
        if self.tell.is_some() || self.from != self.to {
            let departures: Vec<_> = (ids.iter().zip(left..))
                .map(|(household, change)| Departure {
                    household: *household,
                    change,
                    rt: Some(self.from.as_str()),
                    cadre: self.tell,
                    to_rt: self.to.as_str(),
                    reason: self.reason,
                    at: self.now,
                })
                .collect();
            note_departures(tx, &old, &departures)?;
        }
        self.rekey(tx, [&old, &new], &ids, come)?;
        if self.from == self.to {
            return Ok(());
        }
        let (mut out, mut back) = (Counts::new(), Counts::new());
        for (_, count) in families {
            count_in(&mut out, self.from.as_str(), count, -1);
            count_in(&mut back, self.to.as_str(), count, 1);
        }
        add_to_rollup(tx, &old, &out)?;
        add_to_rollup(tx, &new, &back)?;
        count_listed(tx, &old)?;
        count_listed(tx, &new)
    }

    /// Brings all that is kept of the families to their new place. An entry that was taken stays
    /// taken: sent again, it is looked for there. One of no area of the campaign stays with its phone,
    /// where that is looked for.
    fn rekey(
        &self,
        tx: &mut Tx<'_>,
        [old, new]: [&str; 2],
        families: &[Uuid],
        first: i64,
    ) -> Result<(), Error> {
        static HOUSEHOLD: Each<5> = Each::new(
            [
                ("source", Kind::Text),
                ("target", Kind::Text),
                ("id", Kind::Blob),
                ("rt", Kind::Text),
                ("change", Kind::Int),
            ],
            "UPDATE household SET village = r.target, rt = r.rt, change = r.change,
                 news = r.change
             FROM {rows} WHERE household.village = r.source AND household.id = r.id",
        );
        static ENTRY: Each<4> = Each::new(
            [
                ("source", Kind::Text),
                ("target", Kind::Text),
                ("id", Kind::Blob),
                ("rt", Kind::Text),
            ],
            "UPDATE entry SET village = r.target, rt = r.rt
             FROM {rows} WHERE entry.village = r.source AND entry.household = r.id
               AND (entry.trouble IS NULL OR entry.trouble <> 'unknown_area')",
        );
        static LAST_YEAR: Each<3> = Each::new(
            [
                ("source", Kind::Text),
                ("target", Kind::Text),
                ("id", Kind::Blob),
            ],
            "UPDATE last_year SET village = r.target
             FROM {rows} WHERE last_year.village = r.source AND last_year.household = r.id",
        );
        static CORRECTION: Each<3> = Each::new(
            [
                ("source", Kind::Text),
                ("target", Kind::Text),
                ("id", Kind::Blob),
            ],
            "UPDATE correction SET village = r.target
             FROM {rows} WHERE correction.village = r.source AND correction.household = r.id",
        );
        static ATTACHMENT: Each<3> = Each::new(
            [
                ("source", Kind::Text),
                ("target", Kind::Text),
                ("id", Kind::Blob),
            ],
            "UPDATE attachment SET village = r.target
             FROM {rows} WHERE attachment.village = r.source AND attachment.op IN (
                 SELECT e.op FROM entry e WHERE e.village = r.source AND e.household = r.id
                   AND (e.trouble IS NULL OR e.trouble <> 'unknown_area'))",
        );
        let others: Vec<_> = families
            .iter()
            .map(|id| [old.into(), new.into(), id.into()])
            .collect();
        let rt = self.to.as_str();
        let households: Vec<_> = families
            .iter()
            .zip(first..)
            .map(|(id, change)| [old.into(), new.into(), id.into(), rt.into(), change.into()])
            .collect();
        tx.each(&HOUSEHOLD, &households)?;
        let entries: Vec<_> = families
            .iter()
            .map(|id| [old.into(), new.into(), id.into(), rt.into()])
            .collect();
        if old != new {
            // By the entries, so before them.
            tx.each(&ATTACHMENT, &others)?;
        }
        tx.each(&ENTRY, &entries)?;
        if old == new {
            return Ok(());
        }
        tx.each(&LAST_YEAR, &others)?;
        tx.each(&CORRECTION, &others).map(drop)
    }
}

/// Whose an RT of the plan is.
fn owner(tx: &mut Tx<'_>, rt: &AreaCode) -> Result<Option<Uuid>, Error> {
    let row = plan_row(tx, rt)?;
    let row = row.ok_or_else(|| Error::Setup(format!("{rt} is not in the plan")))?;
    row.opt(0, Row::uuid)
}

/// Whose an RT is; of one that is in no plan, nobody's.
fn owner_if_any(tx: &mut Tx<'_>, rt: &AreaCode) -> Result<Option<Uuid>, Error> {
    let row = plan_row(tx, rt)?;
    row.map_or(Ok(None), |row| row.opt(0, Row::uuid))
}

fn plan_row(tx: &mut Tx<'_>, rt: &AreaCode) -> Result<Option<Row>, Error> {
    tx.query_first(
        "SELECT cadre FROM plan WHERE village = $1 AND rt = $2",
        &[village_of_rt(rt)?.into(), rt.as_str().into()],
    )
}

fn village_of_rt(rt: &AreaCode) -> Result<String, Error> {
    let village = (rt.level() == Level::Rt).then(|| village_of(rt)).flatten();
    village.ok_or_else(|| Error::Setup(format!("{rt} is no RT")))
}
