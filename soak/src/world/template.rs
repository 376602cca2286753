//! What every world begins with, made once: a server set up, and six phones enrolled that have their
//! lists. Making it by hand would cost each seed a hundred times what copying does.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use ketuk_phone::{Failure, Response, Step, SyncEnd};
use ketuk_wire::{Change, FormRef, PROTOCOL, PROTOCOL_HEADER, PullPage, Sha256};

use super::campaign::{self, CADRES};
use super::codes::welcome;
use super::handset::Handset;
use super::office::{Office, replace};
use super::time::Time;
use crate::books::PhoneBooks;

pub(crate) struct Template {
    folder: PathBuf,
}

impl Template {
    /// That of `folder`, made if it is not there yet.
    pub(crate) fn made(folder: &Path) -> Result<Template> {
        let template = Template {
            folder: folder.to_owned(),
        };
        if !folder.exists() {
            template.make()?;
        }
        Ok(template)
    }

    fn make(&self) -> Result<()> {
        // No world's seed, so that no world makes an id again that is in here.
        crate::chance::seed(u64::MAX);
        let time = Time::beginning(campaign::begin()?);
        let mut office = Office::on(&self.folder.join("office"), &time)?;
        ensure!(
            office.set_up(campaign::set_up)?,
            "the campaign was not set up"
        );
        for cadre in 0..CADRES.len() {
            for nth in 0..2 {
                self.enrol(&mut office, &time, (cadre, nth))?;
            }
        }
        office.stop()
    }

    /// Puts the server's data into `folder`.
    pub(crate) fn office(&self, folder: &Path) -> Result<()> {
        replace(folder, &self.folder.join("office"))?;
        copy_lock(folder, &self.folder.join("office"))
    }

    /// Puts the data of a cadre's first or second phone into `folder`. The second holds the loose
    /// questionnaire.
    pub(crate) fn phone(&self, whose: (usize, usize), folder: &Path) -> Result<()> {
        replace(folder, &self.place(whose))
    }

    fn place(&self, (cadre, nth): (usize, usize)) -> PathBuf {
        self.folder.join(format!("phone-{cadre}-{nth}"))
    }

    fn enrol(&self, office: &mut Office, time: &Time, whose: (usize, usize)) -> Result<()> {
        let folder = self.place(whose);
        let (cadre, nth) = whose;
        let mut handset = Handset::on(&folder, String::new(), whose, time)?;
        let phone = handset.app()?.context("no phone")?;
        let device = PhoneBooks::open(&folder)?.device()?;
        let welcome = welcome(office, device, cadre)?.context("not enrolled")?;
        phone.enrolled("https://server.test", &welcome)?;
        let mut loose = None;
        if nth == 1 {
            let bytes = campaign::sheets(1, true);
            let sha256 = Sha256::of(&bytes);
            loose = Some((sha256, bytes));
        }
        fetch(&handset, office, None)?;
        if let Some((sha256, bytes)) = loose {
            let form = FormRef {
                id: "uji".into(),
                version: "1".into(),
            };
            // The cursor that it has stays right: a page without changes of families.
            let cursor = PhoneBooks::open(&folder)?.cursor()?;
            phone.take_page(&PullPage {
                changes: vec![Change::Form { form, sha256 }],
                cursor,
                more: false,
            })?;
            fetch(&handset, office, Some(&bytes))?;
        }
        drop(phone);
        handset.close()
    }
}

/// A run in fair weather, in which somebody serves another questionnaire.
fn fetch(handset: &Handset, office: &mut Office, form: Option<&[u8]>) -> Result<()> {
    let phone = handset.running().context("no phone")?;
    let mut engine = phone.engine(1);
    loop {
        match engine.poll(handset.now())? {
            Step::Send(request) => {
                let answer = match form {
                    Some(bytes) if request.path.starts_with("/v1/forms/") => Some(Response {
                        status: 200,
                        headers: vec![(PROTOCOL_HEADER.into(), PROTOCOL.into())],
                        body: bytes.to_vec(),
                    }),
                    _ => office.answer(&request)?,
                };
                match answer {
                    Some(answer) => engine.received(handset.now(), &answer)?,
                    None => engine.failed(handset.now(), Failure::Link),
                }
            }
            Step::Wait(_) => anyhow::bail!("nothing to wait for in fair weather"),
            Step::Done(report) => {
                ensure!(report.end == SyncEnd::Done, "{report:?}");
                return Ok(());
            }
        }
    }
}

/// What the server keeps beside its database to know it again.
fn copy_lock(folder: &Path, from: &Path) -> Result<()> {
    let name = "ketuk.lock";
    if from.join(name).exists() {
        fs::copy(from.join(name), folder.join(name))?;
    }
    Ok(())
}
