//! Runs of synchronisation, in all weathers.

use std::time::Duration;

use anyhow::{Result, ensure};
use ketuk_phone::{Failure, Phone, Request, Response, Step, SyncReport};
use rand::RngExt as _;

use super::World;
use super::link::{self, Letter, Says, Weather, portal, short};
use crate::disk::End;

/// More requests than any run can need here.
const MOST: usize = 200;

/// What came back.
enum Back {
    Answer(Response),
    Nothing,
    /// The phone is not there any more.
    PhoneDied,
}

impl World {
    /// A run of a phone; `bad` of a hundred requests go wrong, and it is broken off after `most`.
    /// `None` if it didn't end by itself.
    pub(super) fn run(
        &mut self,
        phone: usize,
        bad: u32,
        most: usize,
    ) -> Result<Option<SyncReport>> {
        let Some(app) = self.phones[phone].app()? else {
            return Ok(None);
        };
        let report = self.go(phone, &app, bad, most.min(MOST))?;
        let name = &self.phones[phone].name;
        let line = match &report {
            None => format!("{name} broke off"),
            Some(report) => format!(
                "{name} ended {:?}: {} received, {} in trouble, {} wait, {} pulled{}",
                report.end,
                report.received,
                report.troubles,
                report.still_waiting,
                report.pulled,
                report
                    .last_error
                    .as_ref()
                    .map_or(String::new(), |error| format!(" ({error})")),
            ),
        };
        self.say(line);
        Ok(report)
    }

    fn go(
        &mut self,
        phone: usize,
        app: &Phone,
        bad: u32,
        most: usize,
    ) -> Result<Option<SyncReport>> {
        let mut engine = app.engine(self.chance.random());
        let mut sent = 0;
        loop {
            let now = self.phones[phone].now();
            let polled = engine.poll(now);
            let Some(step) = self.phones[phone].outcome(polled)? else {
                return Ok(None);
            };
            match step {
                Step::Done(report) => return Ok(Some(report)),
                Step::Wait(until) => self.pass(until.saturating_sub(now.steady)),
                Step::Send(_) if sent == most => return Ok(None),
                Step::Send(request) => {
                    sent += 1;
                    let weather = Weather::draw(&mut self.chance, bad);
                    let back = self.exchange(phone, &request, &weather)?;
                    let now = self.phones[phone].now();
                    match back {
                        Back::PhoneDied => return Ok(None),
                        Back::Nothing => engine.failed(now, Failure::Link),
                        Back::Answer(answer) => {
                            let taken = engine.received(now, &answer);
                            if self.phones[phone].outcome(taken)?.is_none() {
                                return Ok(None);
                            }
                        }
                    }
                }
            }
        }
    }

    fn exchange(&mut self, phone: usize, request: &Request, weather: &Weather) -> Result<Back> {
        let letter = Letter::of(phone, request);
        let marks = letter.marks.clone();
        for mark in &marks {
            self.journal.sent(mark)?;
        }
        self.pass(Duration::from_millis(800));
        let back = match weather {
            Weather::Clear => self.deliver(&letter)?,
            Weather::Lost => None,
            Weather::Swallowed => self.deliver(&letter)?.and(None),
            Weather::Short(part) => self.deliver(&letter)?.map(|answer| short(answer, *part)),
            Weather::Twice => {
                self.deliver(&letter)?;
                self.deliver(&letter)?
            }
            Weather::Kept => {
                self.late.push_back(letter);
                None
            }
            Weather::Portal => Some(portal()),
            Weather::Says(says) => Some(says.response()),
            Weather::PhoneDies { heard } => {
                if *heard {
                    self.deliver(&letter)?;
                }
                self.phones[phone].fall(End::PowerCut(&mut self.chance))?;
                self.say(format!(
                    "{} dies waiting [{}]",
                    self.phones[phone].name,
                    marks.join(" ")
                ));
                return Ok(Back::PhoneDied);
            }
        };
        let said = back.as_ref().map_or(0, |answer| answer.status);
        self.say(format!(
            "{} {} [{}] {weather:?} → {said}",
            self.phones[phone].name,
            request.path.get(..9).unwrap_or(&request.path),
            marks.join(" "),
        ));
        Ok(back.map_or(Back::Nothing, Back::Answer))
    }

    /// A request arrives at the office, if somebody is there.
    pub(crate) fn deliver(&mut self, letter: &Letter) -> Result<Option<Response>> {
        if letter.marks.iter().any(|mark| self.refused.contains(mark)) {
            let refusal = || Says::REFUSAL.response();
            // A file with such an entry in it is lost on its way.
            return Ok((letter.request.path == "/v1/sync").then(refusal));
        }
        let answer = self.office.answer(&letter.request)?;
        let taken = answer.as_ref().filter(|answer| answer.status == 200);
        if let Some(taken) = taken {
            match letter.request.path.as_str() {
                "/v1/sync" => self.compare_fates(&letter.request, taken)?,
                "/v1/handover" => self.is_brought(&letter.marks, taken)?,
                _ => return Ok(answer),
            }
            self.arrived.push(letter.clone());
        }
        Ok(answer)
    }

    /// Whatever the server said of an entry, it says of it again.
    fn compare_fates(&mut self, request: &Request, answer: &Response) -> Result<()> {
        for (mark, fate) in link::fates(request, answer) {
            self.say(format!("    {mark}: {fate}"));
            let before = self.fates.insert(mark.clone(), fate.clone());
            let before = before.filter(|before| !before.is_open());
            ensure!(
                before.as_ref().is_none_or(|before| *before == fate),
                "promise 5: {mark} was {before:?}, and is {fate:?} when it comes again"
            );
        }
        Ok(())
    }

    /// A request arrives that everybody has forgotten.
    pub(super) fn deliver_late(&mut self) -> Result<()> {
        if let Some(letter) = self.late.pop_front() {
            let said = self.deliver(&letter)?.map_or(0, |answer| answer.status);
            let name = &self.phones[letter.phone].name;
            self.say(format!("a late request of {name} → {said}"));
        }
        Ok(())
    }
}
