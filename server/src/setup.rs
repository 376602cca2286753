//! Setting up a campaign. Everything here can be done again and changes nothing the second time.

use std::collections::BTreeSet;

use jiff::Timestamp;
use ketuk_wire::{Area, AreaCode, Cadre, Campaign, EnrolCode, FormRef, Household, Level, Target};
use uuid::Uuid;

use crate::Error;
use crate::db::{Each, Kind};
use crate::hub::Hub;
use crate::{enrol, ingest, moves};

/// Families written in one transaction.
const BATCH: usize = 500;

/// Sets up the campaign of a server.
pub struct Setup<'a> {
    pub(crate) hub: &'a Hub,
}

impl Setup<'_> {
    /// Sets what is being done.
    ///
    /// # Errors
    /// If another campaign is set up in this database.
    pub fn campaign(&self, campaign: &Campaign) -> Result<(), Error> {
        if let Some(other) = self.hub.campaign().filter(|c| c.id != campaign.id) {
            return Err(Error::Setup(format!(
                "this database holds another campaign, \"{}\"; choose an empty one",
                other.title
            )));
        }
        let value = serde_json::to_vec(campaign).map_err(Error::internal)?;
        self.hub.db.write(|tx| {
            tx.execute(
                "INSERT INTO meta (name, value) VALUES ('campaign', $1)
                 ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                &[value.as_slice().into()],
            )
        })?;
        self.hub.reload()
    }

    /// Gives phones this questionnaire from now on: a JSON object of CSV sheets,
    /// `{"survey.csv": …, "choices.csv": …, "settings.csv": …}`. What was filled with it and came
    /// before it is judged now.
    ///
    /// # Errors
    /// [`Error::Setup`] with the workbook's faults, or if its version was given out with other
    /// content.
    pub fn form(&self, sheets: Vec<u8>) -> Result<FormRef, Error> {
        let now = self.hub.clock.now();
        let form = self.hub.forms.add(&self.hub.db, sheets, now)?;
        ingest::judge_again(self.hub)?;
        Ok(form)
    }

    /// Takes up areas, from the nation down to the villages. What came for them before is judged now.
    ///
    /// # Errors
    /// If the database can't take them.
    pub fn areas(&self, areas: &[Area]) -> Result<(), Error> {
        static AREA: Each<2> = Each::new(
            [("code", Kind::Text), ("name", Kind::Text)],
            "INSERT INTO area (code, name) SELECT r.code, r.name FROM {rows} WHERE true
             ON CONFLICT (code) DO UPDATE SET name = excluded.name",
        );
        static VILLAGE: Each<1> = Each::new(
            [("village", Kind::Text)],
            "INSERT INTO village (village, change, version) SELECT r.village, 0, 1
             FROM {rows} WHERE true ON CONFLICT (village) DO NOTHING",
        );
        self.hub.db.write(|tx| {
            let names: Vec<_> = areas
                .iter()
                .map(|area| [area.code.as_str().into(), area.name.as_str().into()])
                .collect();
            tx.each(&AREA, &names)?;
            let villages: Vec<_> = areas
                .iter()
                .filter(|area| area.code.level() == Level::Village)
                .map(|area| [area.code.as_str().into()])
                .collect();
            tx.each(&VILLAGE, &villages)
        })?;
        self.hub.reload()?;
        ingest::judge_again(self.hub)?;
        self.touch(areas.iter().map(|area| area.code.as_str()))
    }

    /// Takes up a cadre of a village and allots RTs of it to her, with their targets, whoever had them
    /// before. Other RTs that are hers stay so.
    ///
    /// # Errors
    /// [`Error::Setup`] for an RT of another village, or one that has another code now; else if the
    /// database can't take her.
    pub fn cadre(
        &self,
        village: &AreaCode,
        cadre: &Cadre,
        targets: &[Target],
    ) -> Result<(), Error> {
        static PLAN: Each<3> = Each::new(
            [
                ("village", Kind::Text),
                ("rt", Kind::Text),
                ("target", Kind::Int),
            ],
            "INSERT INTO plan (village, rt, target, listed)
             SELECT r.village, r.rt, r.target, 0 FROM {rows}
             WHERE NOT EXISTS (
                 SELECT 1 FROM rt_moved m WHERE m.village = r.village AND m.rt = r.rt)
             ON CONFLICT (village, rt) DO UPDATE SET target = excluded.target",
        );
        let now = self.hub.clock.now();
        let village = village.as_str();
        self.hub.db.write(|tx| {
            moves::lock(tx, &BTreeSet::from([village.to_owned()]))?;
            tx.execute(
                "INSERT INTO cadre (village, id, name) VALUES ($1, $2, $3)
                 ON CONFLICT (village, id) DO UPDATE SET name = excluded.name",
                &[
                    village.into(),
                    (&cadre.id).into(),
                    cadre.name.as_str().into(),
                ],
            )?;
            let plan: Vec<_> = targets
                .iter()
                .map(|target| {
                    [
                        village.into(),
                        target.area.as_str().into(),
                        target.families.into(),
                    ]
                })
                .collect();
            tx.each(&PLAN, &plan)?;
            for target in targets {
                if target
                    .area
                    .at(Level::Village)
                    .is_none_or(|of| of.as_str() != village)
                {
                    let area = &target.area;
                    return Err(Error::Setup(format!("{area} is no RT of {village}")));
                }
                moves::hand_on(tx, &target.area, Some(cadre.id), now)?;
            }
            moves::count_listed(tx, village)
        })?;
        self.hub.wake(village);
        Ok(())
    }

    /// Gives an RT of the plan to a cadre, or to nobody for now. Whose it was is told of each family
    /// that it is gone; what is still on her phone is taken all the same.
    ///
    /// # Errors
    /// [`Error::Setup`] if the RT is not in the plan, or there is no such cadre.
    pub fn allot(&self, rt: &AreaCode, cadre: Option<Uuid>) -> Result<(), Error> {
        moves::allot(self.hub, rt, cadre)
    }

    /// Moves a family to another RT of the plan, in its village or in another, with all that is kept
    /// of it. Whose it was is told that it is gone, for this reason, in Indonesian.
    ///
    /// # Errors
    /// [`Error::Setup`] if there is no such family, or the RT is not in the plan.
    pub fn move_household(
        &self,
        household: Uuid,
        to: &AreaCode,
        reason: &str,
    ) -> Result<(), Error> {
        moves::move_household(self.hub, household, to, reason)
    }

    /// Splits a village: these of its RTs are RTs of `new` from now on, each by the code beside it.
    /// All that is kept of them goes along. Cadres keep their RTs; what their phones send with the
    /// old codes finds its place.
    ///
    /// # Errors
    /// [`Error::Setup`] if the codes are not RTs of these villages, one of the old is not in the plan
    /// or one of the new already is.
    pub fn split_village(
        &self,
        old: &AreaCode,
        new: &Area,
        rts: &[(AreaCode, AreaCode)],
    ) -> Result<(), Error> {
        moves::split_village(self.hub, old, new, rts)
    }

    /// Puts a village's families on its list, with last year's answers. Those that are there already
    /// stay as they are; those that moved away stay away.
    ///
    /// # Errors
    /// [`Error::Setup`] for a village that was not taken up; else if the database can't take them.
    pub fn households(
        &self,
        village: &AreaCode,
        households: impl IntoIterator<Item = Household>,
    ) -> Result<(), Error> {
        let mut batch = Vec::with_capacity(BATCH);
        for household in households {
            batch.push(household);
            if batch.len() == BATCH {
                self.list(village, &batch)?;
                batch.clear();
            }
        }
        self.list(village, &batch)?;
        self.hub.db.write(|tx| {
            moves::lock(tx, &BTreeSet::from([village.to_string()]))?;
            moves::count_listed(tx, village.as_str())
        })?;
        self.hub.wake(village.as_str());
        Ok(())
    }

    fn list(&self, village: &AreaCode, households: &[Household]) -> Result<(), Error> {
        static LIST: Each<7> = Each::new(
            [
                ("village", Kind::Text),
                ("id", Kind::Blob),
                ("rt", Kind::Text),
                ("number", Kind::Text),
                ("head", Kind::Text),
                ("address", Kind::Text),
                ("change", Kind::Int),
            ],
            "INSERT INTO household (village, id, rt, listed, number, head, address, revision,
                 change)
             SELECT r.village, r.id, r.rt, 1, r.number, r.head, r.address, 0, r.change
             FROM {rows} WHERE NOT EXISTS (
                 SELECT 1 FROM departure d WHERE d.village = r.village AND d.household = r.id)
             ON CONFLICT (village, id) DO NOTHING",
        );
        static LAST_YEAR: Each<3> = Each::new(
            [
                ("village", Kind::Text),
                ("household", Kind::Blob),
                ("document", Kind::Text),
            ],
            "INSERT INTO last_year (village, household, document)
             SELECT r.village, r.household, r.document FROM {rows}
             WHERE NOT EXISTS (SELECT 1 FROM departure d
                 WHERE d.village = r.village AND d.household = r.household)
             ON CONFLICT (village, household) DO NOTHING",
        );
        let village = village.as_str();
        self.hub.db.write(|tx| {
            let first = moves::reserve(tx, village, households.len())?
                .ok_or_else(|| Error::Setup(format!("{village} is not in the area table")))?;
            let listed: Vec<_> = households
                .iter()
                .zip(first..)
                .map(|(household, change)| {
                    [
                        village.into(),
                        (&household.id).into(),
                        household.area.as_str().into(),
                        household.number.as_str().into(),
                        household.head.as_str().into(),
                        household.address.as_str().into(),
                        change.into(),
                    ]
                })
                .collect();
            tx.each(&LIST, &listed)?;
            let documents: Vec<_> = households
                .iter()
                .filter_map(|household| {
                    let document = household.document.as_ref()?;
                    Some([
                        village.into(),
                        (&household.id).into(),
                        document.get().into(),
                    ])
                })
                .collect();
            tx.each(&LAST_YEAR, &documents).map(drop)
        })
    }

    /// Makes an enrolment code for a cadre. It is told this once; only its hash is kept.
    ///
    /// # Errors
    /// If the database can't take it.
    pub fn invite(
        &self,
        village: &AreaCode,
        cadre: Uuid,
        expires_at: Timestamp,
    ) -> Result<EnrolCode, Error> {
        enrol::invite(self.hub, village, cadre, expires_at)
    }

    /// Takes a phone out of the campaign: it is told so at its next request, and keeps its data. A
    /// new code takes it up again.
    ///
    /// # Errors
    /// If the database is not available.
    pub fn revoke(&self, device: Uuid) -> Result<(), Error> {
        enrol::revoke(self.hub, device)
    }

    /// Sends a household back to whoever visits its RT, with a comment by question; none takes an
    /// earlier request back. It ends by itself with a visit of somebody who has heard of it.
    ///
    /// # Errors
    /// [`Error::Setup`] if the household has no revision to be looked at again.
    pub fn send_back(
        &self,
        village: &AreaCode,
        household: Uuid,
        comments: &[ketuk_wire::Comment],
    ) -> Result<(), Error> {
        let comments = serde_json::to_string(comments).map_err(Error::internal)?;
        let village = village.as_str();
        self.hub.db.write(|tx| {
            let key = [village.into(), (&household).into()];
            tx.execute(
                "UPDATE village SET change = change + 1 WHERE village = $1",
                &[village.into()],
            )?;
            let row = tx.query_first(
                "UPDATE household
                 SET change = (SELECT change FROM village v WHERE v.village = $1)
                 WHERE village = $1 AND id = $2 AND revision > 0 RETURNING revision",
                &key,
            )?;
            let row = row.ok_or_else(|| {
                Error::Setup("the family has not been visited yet, so nothing can go back".into())
            })?;
            tx.execute(
                "INSERT INTO correction (village, household, revision, comments, request)
                 VALUES ($1, $2, $3, $4, $5)
                 ON CONFLICT (village, household) DO UPDATE SET
                     revision = excluded.revision, comments = excluded.comments,
                     request = excluded.request",
                &[
                    village.into(),
                    (&household).into(),
                    row.count(0)?.into(),
                    comments.as_str().into(),
                    Uuid::new_v4().into(),
                ],
            )
        })?;
        Ok(())
    }

    fn touch<'v>(&self, areas: impl Iterator<Item = &'v str>) -> Result<(), Error> {
        for area in areas {
            let code: AreaCode = area.parse().map_err(Error::internal)?;
            if let Some(village) = ingest::village_of(&code) {
                self.hub.wake(&village);
            }
        }
        Ok(())
    }
}
