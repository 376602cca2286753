//! Files that phones hand over, and who brings them, when, and how often.

use std::time::Duration;

use anyhow::{Result, ensure};
use ketuk_phone::{Request, Response};
use ketuk_wire::{HandoverAnswer, PROTOCOL, PROTOCOL_HEADER};
use rand::RngExt as _;

use super::World;
use super::link::Letter;
use crate::books::PhoneBooks;

/// A file that a phone handed over.
#[derive(Clone)]
pub(super) struct Parcel {
    from: usize,
    bytes: Vec<u8>,
    marks: Vec<String>,
}

impl World {
    /// A phone writes what waits into a file; somebody takes it along.
    pub(super) fn hand_over(&mut self, phone: usize) -> Result<()> {
        let Some(app) = self.phones[phone].app()? else {
            return Ok(());
        };
        // No two files of a phone are written at the same time.
        self.pass(Duration::from_secs(60));
        let at = self.phones[phone].now().wall;
        let made = app.hand_over();
        let name = self.phones[phone].name.clone();
        let Some(made) = self.phones[phone].outcome(made)? else {
            self.say(format!("{name} goes dark while it hands over"));
            return Ok(());
        };
        let Some(made) = made else {
            return Ok(());
        };
        let Some(marks) = self.phones[phone].look_up(|books| books.handed_over(at))? else {
            return Ok(());
        };
        for mark in &marks {
            self.journal.sent(mark)?;
        }
        self.say(format!("{name} hands over [{}]", marks.join(" ")));
        self.parcels.push(Parcel {
            from: phone,
            bytes: made.bytes,
            marks,
        });
        Ok(())
    }

    /// One of the files comes to the office with a phone; it may come once more.
    pub(super) fn bring(&mut self, carrier: usize) -> Result<()> {
        if self.parcels.is_empty() {
            return Ok(());
        }
        let at = self.chance.random_range(0..self.parcels.len());
        let parcel = self.parcels[at].clone();
        let Some(token) = self.phones[carrier].look_up(PhoneBooks::token)? else {
            return Ok(());
        };
        let letter = Letter {
            phone: carrier,
            request: Request {
                method: "POST",
                path: "/v1/handover".into(),
                headers: vec![
                    ("authorization", format!("Bearer {token}")),
                    ("content-type", "application/octet-stream".into()),
                    (PROTOCOL_HEADER, PROTOCOL.into()),
                ],
                body: parcel.bytes,
            },
            marks: parcel.marks,
        };
        let line = format!(
            "{} brings [{}] of {}",
            self.phones[carrier].name,
            letter.marks.join(" "),
            self.phones[parcel.from].name
        );
        if self.chance.random_ratio(1, 6) {
            self.say(format!("{line}, somewhen"));
            self.late.push_back(letter);
            return Ok(());
        }
        let said = self.deliver(&letter)?.map_or(0, |answer| answer.status);
        self.say(format!("{line} → {said}"));
        if said == 200 && self.chance.random_ratio(1, 2) {
            self.parcels.swap_remove(at);
        }
        Ok(())
    }

    /// The server says that it has what is in a parcel.
    pub(super) fn is_brought(&mut self, marks: &[String], answer: &Response) -> Result<()> {
        let said: HandoverAnswer = ketuk_wire::decode(&answer.body)?;
        ensure!(
            said.received == marks.len() as u64,
            "of {} entries in a parcel, {} were taken",
            marks.len(),
            said.received
        );
        self.brought.extend(marks.iter().cloned());
        Ok(())
    }

    /// What still lies about comes to light, or never.
    pub(super) fn parcels_come_to_light(&mut self) -> Result<()> {
        for _ in 0..self.parcels.len() {
            let carrier = self.chance.random_range(0..self.phones.len());
            self.bring(carrier)?;
        }
        Ok(())
    }
}
