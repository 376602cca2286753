//! What happens in the office: to its machine, and to the campaign.

use anyhow::Result;
use ketuk_wire::{Area, Comment};
use rand::RngExt as _;
use rand::seq::IndexedRandom as _;

use super::steps::Event;
use super::{World, campaign};
use crate::books::ServerBooks;
use crate::disk::End;

/// The villages that there are, and those that come of them.
const VILLAGES: [&str; 4] = [
    "75.71.01.1001",
    "75.71.01.1002",
    "75.71.01.1003",
    "75.71.01.1004",
];

impl World {
    pub(super) fn happen_at_office(&mut self, event: Event) -> Result<()> {
        self.say(format!("office: {event:?}"));
        match event {
            Event::ServerDiesSoon => {
                let writes = self.chance.random_range(0..60);
                self.office.disk().die_after(writes);
            }
            Event::ServerPowerCut => self.office.fall(End::PowerCut(&mut self.chance))?,
            Event::ServerRestart => self.office.stop()?,
            Event::ServerClock => {
                let ahead = self.wrong_clock();
                self.office.set_clock(ahead);
            }
            Event::ServerFull => {
                let full = self.chance.random_ratio(1, 2);
                self.office.disk().fill(full);
            }
            Event::Backup => {
                let folder = self.new_copy();
                self.office.back_up(folder)?;
            }
            Event::Restore => self.restore()?,
            Event::Reallot => self.reallot()?,
            Event::Move => self.move_household()?,
            Event::SendBack => self.send_back()?,
            Event::Split => self.split()?,
            _ => self.give_forms(self.forms + 1)?,
        }
        Ok(())
    }

    /// The server's data are put back; what came since is lost with what it said of it.
    fn restore(&mut self) -> Result<()> {
        if self.office.restore()? {
            let at_office = self.server_books()?.marks()?;
            self.journal.restored(&at_office);
            self.fates.clear();
            self.brought.clear();
        }
        Ok(())
    }

    /// The questionnaires up to this version: those that came after the backup that a restored server
    /// goes by are given again.
    pub(super) fn give_forms(&mut self, newest: u32) -> Result<()> {
        for version in 1..=newest {
            let sheets = campaign::sheets(version, false);
            if self.office.set_up(|setup| setup.form(sheets).map(drop))? {
                self.forms = self.forms.max(version);
            }
        }
        Ok(())
    }

    /// The area table: a restored server may lack villages that came of a split since.
    pub(super) fn give_areas(&mut self) -> Result<()> {
        self.office.set_up(|setup| {
            let villages = VILLAGES.into_iter().map(new_village);
            setup.areas(&villages.collect::<Result<Vec<_>, _>>()?)
        })?;
        Ok(())
    }

    /// An RT goes to another cadre, or to nobody.
    fn reallot(&mut self) -> Result<()> {
        let Some(rt) = self.any_rt()? else {
            return Ok(());
        };
        let cadre = self.chance.random_range(0..=campaign::CADRES.len());
        let cadre = (cadre < campaign::CADRES.len()).then(|| campaign::cadre_id(cadre));
        self.office
            .set_up(|setup| setup.allot(&campaign::code(&rt)?, cadre))?;
        Ok(())
    }

    /// A family moves to another RT, of this village or another.
    fn move_household(&mut self) -> Result<()> {
        let families = self.office.look_up(ServerBooks::households)?;
        let Some(family) = families
            .unwrap_or_default()
            .choose(&mut self.chance)
            .copied()
        else {
            return Ok(());
        };
        let Some(rt) = self.any_rt()? else {
            return Ok(());
        };
        self.office
            .set_up(|setup| setup.move_household(family, &campaign::code(&rt)?, "Pindah rumah"))?;
        Ok(())
    }

    /// An RT, or all of its village, becomes another village's; that may be one that was there before.
    fn split(&mut self) -> Result<()> {
        let Some(rt) = self.any_rt()? else {
            return Ok(());
        };
        let (old, _) = rt.split_at(VILLAGES[0].len());
        let new = VILLAGES.choose(&mut self.chance).copied().unwrap_or(old);
        let all = self.chance.random_ratio(1, 3);
        let going = self.office.look_up(ServerBooks::rts)?;
        let mut going = going.unwrap_or_default();
        going.retain(|other| *other == rt || (all && other.starts_with(old)));
        self.office.set_up(|setup| {
            let rts = going.iter().map(|rt| {
                let renamed = rt.replacen(old, new, 1);
                Ok((campaign::code(rt)?, campaign::code(&renamed)?))
            });
            let rts = rts.collect::<Result<Vec<_>, ketuk_server::Error>>()?;
            setup.split_village(&campaign::code(old)?, &new_village(new)?, &rts)
        })?;
        Ok(())
    }

    /// A supervisor sends a family back.
    fn send_back(&mut self) -> Result<()> {
        let entries = self
            .office
            .look_up(ServerBooks::entries)?
            .unwrap_or_default();
        let Some(entry) = entries.choose(&mut self.chance) else {
            return Ok(());
        };
        let village = |books: &ServerBooks| books.village_of(entry.household);
        let Some(village) = self.office.look_up(village)? else {
            return Ok(());
        };
        let comment = Comment {
            path: "nama".into(),
            text: "Periksa lagi".into(),
        };
        self.office.set_up(|setup| {
            setup.send_back(&campaign::code(&village)?, entry.household, &[comment])
        })?;
        Ok(())
    }

    /// `None` if the office's machine dies at looking it up.
    fn any_rt(&mut self) -> Result<Option<String>> {
        let rts = self.office.look_up(ServerBooks::rts)?.unwrap_or_default();
        Ok(rts.choose(&mut self.chance).cloned())
    }
}

fn new_village(code: &str) -> Result<Area, ketuk_server::Error> {
    Ok(Area {
        code: campaign::code(code)?,
        name: "Desa baru".into(),
    })
}
