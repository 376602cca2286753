//! Phones are taken out of the campaign, and taken up again.

use anyhow::{Context as _, Result, ensure};
use ketuk_phone::Request;
use ketuk_wire::{EnrolRequest, EnrolResponse, PROTOCOL, PROTOCOL_HEADER};
use uuid::Uuid;

use super::office::Office;
use super::{World, campaign};
use crate::books::PhoneBooks;

impl World {
    pub(super) fn revoke(&mut self, phone: usize) -> Result<()> {
        let Some(device) = self.phones[phone].look_up(PhoneBooks::device)? else {
            return Ok(());
        };
        self.phones[phone].uprooted = true;
        self.office.set_up(|setup| setup.revoke(device))?;
        Ok(())
    }

    /// The cadre gets a new code; whether her phone is signed in with it.
    pub(super) fn new_code(&mut self, phone: usize) -> Result<bool> {
        let Some(app) = self.phones[phone].app()? else {
            return Ok(false);
        };
        let Some(device) = self.phones[phone].look_up(PhoneBooks::device)? else {
            return Ok(false);
        };
        self.phones[phone].uprooted = true;
        let cadre = self.phones[phone].whose.0;
        let Some(welcome) = welcome(&mut self.office, device, cadre)? else {
            return Ok(false);
        };
        let enrolled = app.enrolled("https://server.test", &welcome);
        let enrolled = self.phones[phone].outcome(enrolled)?;
        Ok(enrolled.is_some())
    }

    /// Whoever may have lost her place gets a new code.
    pub(super) fn everybody_has_a_code(&mut self) -> Result<()> {
        for phone in 0..self.phones.len() {
            if self.phones[phone].uprooted {
                let name = self.phones[phone].name.clone();
                self.say(format!("{name} gets a new code"));
                ensure!(self.new_code(phone)?, "{name} is not taken up again");
            }
        }
        Ok(())
    }
}

/// What a phone gets for a new code of a cadre; `None` if the office's machine dies or is full.
pub(super) fn welcome(
    office: &mut Office,
    device: Uuid,
    cadre: usize,
) -> Result<Option<EnrolResponse>> {
    let whose = campaign::cadre_id(cadre);
    let Some(village) = office.look_up(|books| books.home_of(whose))? else {
        return Ok(None);
    };
    let mut code = None;
    let made = office.set_up(|setup| {
        let village = campaign::code(&village)?;
        code = Some(setup.invite(&village, whose, jiff::Timestamp::MAX)?);
        Ok(())
    })?;
    if !made {
        return Ok(None);
    }
    let body = ketuk_wire::encode(&EnrolRequest {
        code: code.context("no code")?,
        device,
        model: "Uji".into(),
        app: "0.1.0".into(),
        cadre: None,
    })?;
    let request = Request {
        method: "POST",
        path: "/v1/enrol".into(),
        headers: vec![
            ("content-encoding", "zstd".into()),
            (PROTOCOL_HEADER, PROTOCOL.into()),
        ],
        body,
    };
    let Some(answer) = office.answer(&request)? else {
        return Ok(None);
    };
    if answer.status >= 500 {
        return Ok(None);
    }
    ensure!(answer.status == 200, "not enrolled: {}", answer.status);
    Ok(Some(ketuk_wire::decode(&answer.body)?))
}
