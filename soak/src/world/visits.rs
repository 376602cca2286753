//! Cadres at work.

use anyhow::Result;
use ketuk_phone::form::{Answer, Item};
use ketuk_phone::{Error, Filter, Finish, Phone, Visit};
use rand::RngExt as _;
use rand::seq::IndexedRandom as _;
use uuid::Uuid;

use super::World;
use super::campaign::{MARK, VISITS};
use crate::journal::Saved;

/// How a visit ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ends {
    /// She is called away.
    Draft,
    Finished,
    Discarded,
}

/// More families than a phone here ever has.
const ALL: u32 = 200;

impl World {
    /// A visit to one of the families on a phone's list.
    pub(super) fn visit_any(&mut self, phone: usize, ends: Ends) -> Result<()> {
        let Some(app) = self.phones[phone].app()? else {
            return Ok(());
        };
        let page = app.households().page(&Filter::default(), None, ALL);
        let Some(page) = self.phones[phone].outcome(page)? else {
            return Ok(());
        };
        match page.rows.choose(&mut self.chance) {
            Some(row) => self.visit(phone, &app, row.id, ends),
            None => Ok(()),
        }
    }

    pub(super) fn visit(
        &mut self,
        phone: usize,
        app: &Phone,
        household: Uuid,
        ends: Ends,
    ) -> Result<()> {
        let opened = app.households().visit(household);
        match self.phones[phone].outcome(opened)? {
            Some(visit) => self.fill(phone, visit, ends, "1"),
            None => Ok(()),
        }
    }

    /// A family that is on no list.
    pub(super) fn new_family(&mut self, phone: usize) -> Result<()> {
        let Some(app) = self.phones[phone].app()? else {
            return Ok(());
        };
        let enrolment = app.enrolment();
        let Some(Some(enrolment)) = self.phones[phone].outcome(enrolment)? else {
            return Ok(());
        };
        let Some(area) = enrolment.areas.choose(&mut self.chance) else {
            return Ok(());
        };
        let begun = app.households().new_family(&area.code);
        match self.phones[phone].outcome(begun)? {
            Some(visit) => self.fill(phone, visit, Ends::Finished, "9"),
            None => Ok(()),
        }
    }

    fn fill(&mut self, phone: usize, mut visit: Visit, ends: Ends, outcome: &str) -> Result<()> {
        let mark = self.journal.next_mark();
        let household = visit.household();
        // On other phones the form itself doesn't let it pass.
        let bad = !self.careful && self.chance.random_ratio(1, 8);
        let typed = self
            .type_answers(&mut visit, &mark, outcome, bad)
            .and_then(|()| self.take_photos(&mut visit))
            .and_then(|()| visit.photos());
        let name = self.phones[phone].name.clone();
        let short = short(household);
        let Some(photos) = self.phones[phone].outcome(typed)? else {
            self.say(format!("{name} goes dark in a visit to {short}"));
            return Ok(());
        };
        match ends {
            Ends::Draft => {
                self.say(format!("{name} leaves a draft of {short}"));
                return Ok(());
            }
            Ends::Discarded => {
                let discarded = visit.discard();
                self.phones[phone].outcome(discarded)?;
                self.say(format!("{name} discards a draft of {short}"));
                return Ok(());
            }
            Ends::Finished => {}
        }
        self.journal.begin(Saved {
            mark: mark.clone(),
            phone,
            household,
            photos: photos.iter().map(|photo| photo.sha256).collect(),
            bad,
            ..Saved::default()
        })?;
        let finished = visit.finish();
        match self.phones[phone].outcome(finished)? {
            Some(Finish::Unfinished(_)) => {
                self.say(format!("{name} can't finish {short}"));
                return Ok(());
            }
            Some(Finish::Saved(_)) => self.journal.is_saved()?,
            None => {
                self.say(format!(
                    "{name} goes dark while she finishes {short} as {mark}"
                ));
                return Ok(());
            }
        }
        if self.chance.random_ratio(1, 60) {
            self.say(format!("no server takes {mark}"));
            self.refused.insert(mark.clone());
        }
        let badly = if bad { ", badly" } else { "" };
        self.say(format!("{name} finishes {short} as {mark}{badly}"));
        if self.chance.random_ratio(1, 6) {
            let again = visit.finish();
            self.phones[phone].outcome(again)?;
        }
        Ok(())
    }

    fn type_answers(
        &mut self,
        visit: &mut Visit,
        mark: &str,
        outcome: &str,
        bad: bool,
    ) -> Result<(), Error> {
        let text = |text: &str| Answer::Text(text.to_owned());
        let n = self.chance.random_range(0..1000);
        visit.answer("outcome", Answer::Choice(outcome.to_owned()))?;
        // Some answers stay what they were, so that two phones don't always clash.
        if outcome == "9" || self.chance.random_ratio(1, 2) {
            visit.answer("nama", text(&format!("Kepala {n}")))?;
        }
        if self.chance.random_ratio(1, 2) {
            visit.answer("alamat", text(&format!("Jalan {n}")))?;
        }
        // Everybody's is the same, so that it never clashes; a sound one also mends a bad one.
        visit.answer("umur", text(if bad { "999" } else { "40" }))?;
        visit.add(VISITS)?;
        if let Some(row) = rows(visit, VISITS)?.last() {
            visit.answer(&format!("{row}/{MARK}"), text(mark))?;
        }
        let rows = rows(visit, "anggota")?;
        if rows.is_empty() || (rows.len() < 4 && self.chance.random_ratio(1, 4)) {
            visit.add("anggota")?;
        } else if rows.len() > 1 && self.chance.random_ratio(1, 6) {
            visit.remove(&rows[0])?;
        }
        let rows = self::rows(visit, "anggota")?;
        for (nth, row) in rows.iter().enumerate() {
            // The last one may be new, and has no name yet.
            if nth + 1 < rows.len() && !self.chance.random_ratio(1, 6) {
                continue;
            }
            visit.answer(&format!("{row}/siapa"), text(&format!("Anggota {n}")))?;
            if self.chance.random_ratio(1, 3) {
                visit.answer(&format!("{row}/usia"), text("12"))?;
            }
        }
        Ok(())
    }

    /// What a phone shows as refused: she looks, and finishes it again.
    pub(super) fn correct_all(&mut self, phone: usize) -> Result<()> {
        let Some(app) = self.phones[phone].app()? else {
            return Ok(());
        };
        let waiting = app.waiting(None, ALL)?.rows.into_iter();
        for entry in waiting.filter(|entry| entry.held) {
            self.visit(phone, &app, entry.household.id, Ends::Finished)?;
        }
        Ok(())
    }
}

/// The rows of a repeat, as on its page.
fn rows(visit: &mut Visit, repeat: &str) -> Result<Vec<String>, Error> {
    let screen = visit.go_to(repeat)?;
    let roster = screen.items.into_iter().find_map(|item| match item {
        Item::Roster(roster) => Some(roster),
        _ => None,
    });
    let cards = roster.map(|roster| roster.cards).unwrap_or_default();
    Ok(cards.into_iter().map(|card| card.path).collect())
}

fn short(id: Uuid) -> String {
    id.simple().to_string()[26..].to_owned()
}
