//! What happens next.

use std::time::Duration;

use anyhow::{Context as _, Result};
use rand::RngExt as _;

use super::World;
use super::visits::Ends;
use crate::disk::End;
use crate::world::handset::Copy;
use crate::world::office::replace;

/// The things that happen, each as often as its weight says.
#[derive(Debug, Clone, Copy)]
pub(super) enum Event {
    Visit,
    Draft,
    Discard,
    NewFamily,
    Exchange,
    Run,
    TimePasses,
    LateLetter,
    PhoneDiesSoon,
    PhonePowerCut,
    PhoneRestart,
    PhoneClock,
    PhoneFull,
    PhoneCopied,
    PhonePutBack,
    ServerDiesSoon,
    ServerPowerCut,
    ServerRestart,
    ServerClock,
    ServerFull,
    Backup,
    Restore,
    Reallot,
    Move,
    SendBack,
    Split,
    NewForm,
    Revoke,
    NewCode,
    HandOver,
    Bring,
}

const EVENTS: [(Event, u32); 31] = [
    (Event::Visit, 40),
    (Event::Draft, 8),
    (Event::Discard, 2),
    (Event::NewFamily, 6),
    (Event::Exchange, 14),
    (Event::Run, 24),
    (Event::TimePasses, 8),
    (Event::LateLetter, 6),
    (Event::PhoneDiesSoon, 10),
    (Event::PhonePowerCut, 4),
    (Event::PhoneRestart, 4),
    (Event::PhoneClock, 4),
    (Event::PhoneFull, 3),
    (Event::PhoneCopied, 4),
    (Event::PhonePutBack, 2),
    (Event::ServerDiesSoon, 6),
    (Event::ServerPowerCut, 3),
    (Event::ServerRestart, 3),
    (Event::ServerClock, 2),
    (Event::ServerFull, 3),
    (Event::Backup, 5),
    (Event::Restore, 3),
    (Event::Reallot, 2),
    (Event::Move, 4),
    (Event::SendBack, 4),
    (Event::Split, 2),
    (Event::NewForm, 3),
    (Event::Revoke, 2),
    (Event::NewCode, 3),
    (Event::HandOver, 6),
    (Event::Bring, 8),
];

/// What a phone does all day, beside its server.
const WORK: [(Event, u32); 8] = [
    (Event::Visit, 40),
    (Event::Draft, 10),
    (Event::Discard, 3),
    (Event::NewFamily, 6),
    (Event::Exchange, 10),
    (Event::Run, 20),
    (Event::PhoneRestart, 4),
    (Event::ServerRestart, 4),
];

const DAY: i64 = 86_400_000;

impl World {
    /// Lets the campaign go on for a while.
    pub(crate) fn live(&mut self) -> Result<()> {
        for _ in 0..self.chance.random_range(10..45) {
            let event = self.draw(&EVENTS);
            self.happen(event)?;
        }
        Ok(())
    }

    /// Lets work go on for a while in which nothing goes wrong but the link, a little.
    pub(crate) fn work(&mut self) -> Result<()> {
        for _ in 0..self.chance.random_range(6..16) {
            let event = self.draw(&WORK);
            self.happen(event)?;
        }
        Ok(())
    }

    fn draw(&mut self, events: &[(Event, u32)]) -> Event {
        let all: u32 = events.iter().map(|(_, weight)| weight).sum();
        let mut at = self.chance.random_range(0..all);
        for (event, weight) in events {
            if at < *weight {
                return *event;
            }
            at -= weight;
        }
        Event::Visit
    }

    fn happen(&mut self, event: Event) -> Result<()> {
        // What ended the server at its last write may have gone unnoticed.
        if self.office.disk().is_dead() {
            self.office.fall(End::Kill)?;
        }
        let phone = self.chance.random_range(0..self.phones.len());
        match event {
            Event::Visit => self.visit_any(phone, Ends::Finished),
            Event::Draft => self.visit_any(phone, Ends::Draft),
            Event::Discard => self.visit_any(phone, Ends::Discarded),
            Event::NewFamily => self.new_family(phone),
            Event::Exchange => self.run(phone, 50, 1).map(drop),
            Event::Run => {
                let bad = self.chance.random_range(0..60);
                self.run(phone, bad, usize::MAX).map(drop)
            }
            Event::TimePasses => {
                let minutes = 1 << self.chance.random_range(0..12);
                self.pass(Duration::from_secs(minutes * 60));
                Ok(())
            }
            Event::LateLetter => self.deliver_late(),
            Event::HandOver => self.hand_over(phone),
            Event::Bring => self.bring(phone),
            Event::PhoneDiesSoon
            | Event::PhonePowerCut
            | Event::PhoneRestart
            | Event::PhoneClock
            | Event::PhoneFull
            | Event::PhoneCopied
            | Event::PhonePutBack
            | Event::Revoke
            | Event::NewCode => self.happen_to_phone(event, phone),
            _ => self.happen_at_office(event),
        }
    }

    fn happen_to_phone(&mut self, event: Event, phone: usize) -> Result<()> {
        let name = self.phones[phone].name.clone();
        self.say(format!("{name}: {event:?}"));
        match event {
            Event::PhoneDiesSoon => {
                let writes = self.chance.random_range(0..60);
                self.phones[phone].disk().die_after(writes);
            }
            Event::PhonePowerCut => self.phones[phone].fall(End::PowerCut(&mut self.chance))?,
            Event::PhoneRestart => self.phones[phone].close()?,
            Event::PhoneClock => {
                let ahead = self.wrong_clock();
                self.phones[phone].clock().set(ahead);
            }
            Event::PhoneFull => {
                let full = self.chance.random_ratio(1, 2);
                self.phones[phone].disk().fill(full);
            }
            Event::PhoneCopied => {
                let folder = self.new_copy();
                self.phones[phone].disk().copy_to(&folder)?;
                let finished = self.journal.len();
                self.phones[phone].copy = Some(Copy { folder, finished });
            }
            Event::Revoke => self.revoke(phone)?,
            Event::NewCode => drop(self.new_code(phone)?),
            _ => self.put_back(phone)?,
        }
        Ok(())
    }

    /// Somebody puts a phone's data back to what they were.
    fn put_back(&mut self, phone: usize) -> Result<()> {
        let Some(copy) = &self.phones[phone].copy else {
            return Ok(());
        };
        let (folder, finished) = (copy.folder.clone(), copy.finished);
        self.phones[phone].fall(End::Kill)?;
        replace(self.phones[phone].folder(), &folder)?;
        let at_office = self.server_books()?.marks()?;
        self.journal.put_back(phone, finished, &at_office);
        Ok(())
    }

    /// Minutes to years, either way; or right again.
    pub(super) fn wrong_clock(&mut self) -> i64 {
        let span = [DAY / 1440, DAY / 24, DAY, 30 * DAY, 365 * DAY, 3650 * DAY];
        let n = self.chance.random_range(0..=span.len());
        let ahead = span
            .get(n)
            .map_or(0, |span| self.chance.random_range(-span..=*span));
        self.say(format!("a clock is {} minutes ahead", ahead / 60_000));
        ahead
    }

    /// Everything works again: disks, clocks, links. What was under way arrives or never will.
    pub(crate) fn heal(&mut self) -> Result<()> {
        self.say("everything works again".into());
        self.careful = true;
        self.office.disk().fill(false);
        self.office.disk().die_after(u64::MAX / 2);
        self.office.set_clock(0);
        for phone in 0..self.phones.len() {
            self.phones[phone].disk().fill(false);
            self.phones[phone].disk().die_after(u64::MAX / 2);
            // Nobody sets a phone's clock right for it.
            if self.chance.random_ratio(1, 2) {
                self.phones[phone].clock().set(0);
            }
        }
        // One whose machine has died is found so first.
        if self.office.server()?.is_none() {
            self.office.server()?.context("the server doesn't start")?;
        }
        self.give_forms(self.forms)?;
        self.give_areas()?;
        self.everybody_has_a_code()?;
        self.parcels_come_to_light()?;
        while !self.late.is_empty() {
            self.deliver_late()?;
        }
        Ok(())
    }

    /// Every phone syncs once, on a clear link; cadres then look after what was refused. How many
    /// entries still wait.
    pub(crate) fn all_sync(&mut self) -> Result<u64> {
        // Longer than any server asks for peace.
        self.pass(Duration::from_secs(2 * 3600));
        let mut waiting = 0;
        for phone in 0..self.phones.len() {
            let report = self.run(phone, 0, usize::MAX)?;
            let report = report.context("a run in clear weather broke off")?;
            waiting += report.still_waiting;
            self.correct_all(phone)?;
        }
        Ok(waiting)
    }
}
