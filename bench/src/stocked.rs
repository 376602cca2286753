//! A phone with a list of any length, stocked through the engine as a server would, without one.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use jiff::Timestamp;
use jiff::civil::date;
use jiff::tz::Offset;
use ketuk_phone::{Clock as _, Phone, Response, Setup, Step, SystemClock};
use ketuk_sample::Household;
use ketuk_wire::{
    Ack, AreaCode, Cadre, Campaign, Change, EnrolResponse, FormRef, Holding, Level, Limits,
    PROTOCOL, PROTOCOL_HEADER, PullPage, Sha256, SigningKey, SyncRequest, SyncResponse, Target,
};
use uuid::Uuid;

/// The key of the measured databases.
const KEY: [u8; 32] = [7; 32];

/// The phone's zone, WITA.
pub(crate) const ZONE: Offset = Offset::constant(8);

/// Families in a page of the pull.
const PAGE: usize = 500;

/// The phone in this folder.
pub(crate) fn open(folder: &Path) -> Result<Phone> {
    open_with(folder, &KEY)
}

/// The same under another key.
pub(crate) fn open_with(folder: &Path, key: &[u8; 32]) -> Result<Phone> {
    let setup = Setup::new("bench", ZONE.seconds() / 60);
    Ok(Phone::open(folder, *key, setup)?)
}

/// A phone in this folder with `families` families and the questionnaire.
pub(crate) fn stock(folder: &Path, families: u32) -> Result<Phone> {
    stock_with(folder, &KEY, families)
}

/// The same under another key.
pub(crate) fn stock_with(folder: &Path, key: &[u8; 32], families: u32) -> Result<Phone> {
    let phone = open_with(folder, key)?;
    let mut areas: Vec<AreaCode> = ketuk_sample::households(families, 1)
        .map(|household| household.area)
        .collect();
    areas.dedup();
    phone.enrolled("http://127.0.0.1:1", &enrolment(areas.clone()))?;
    let mut supply = Supply::new(families, areas)?;
    let clock = SystemClock::at_offset(ZONE.seconds() / 60);
    let mut engine = phone.engine(1);
    loop {
        match engine.poll(clock.now())? {
            Step::Done(report) if report.pulled >= u64::from(families) => return Ok(phone),
            Step::Done(report) => bail!("the list did not come: {report:?}"),
            Step::Wait(_) => bail!("the phone waits for nothing"),
            Step::Send(request) => {
                let response = supply.answer(&request.path, &request.body)?;
                engine.received(clock.now(), &response)?;
            }
        }
    }
}

fn enrolment(areas: Vec<AreaCode>) -> EnrolResponse {
    EnrolResponse {
        token: "token".to_owned(),
        cadre: Cadre {
            id: Uuid::from_u128(1),
            name: "Contoh".to_owned(),
            areas,
        },
        campaign: Campaign {
            id: Uuid::from_u128(2),
            title: "Contoh".to_owned(),
            first_day: date(2023, 7, 1),
            last_day: date(2023, 7, 31),
            synthetic: true,
            lock: ketuk_wire::PhoneLock::default(),
        },
        server_key: key().public(),
        // Anybody's: nothing is handed over here.
        recipient: "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p".into(),
    }
}

/// The key of this office's receipts.
fn key() -> SigningKey {
    SigningKey::from_seed(&[7; 32])
}

/// What the office would send.
pub(crate) struct Supply {
    form: Vec<u8>,
    changes: Box<dyn Iterator<Item = Change>>,
}

impl Supply {
    /// An office that has nothing to send and takes whatever comes.
    pub(crate) fn taking() -> Supply {
        Supply {
            form: Vec::new(),
            changes: Box::new(std::iter::empty()),
        }
    }

    fn new(families: u32, areas: Vec<AreaCode>) -> Result<Supply> {
        let form = serde_json::to_vec(&ketuk_sample::questionnaire())?;
        let known = Change::Form {
            form: FormRef {
                id: "pk".to_owned(),
                version: "1".to_owned(),
            },
            sha256: Sha256::of(&form),
        };
        let targets = areas.into_iter().filter(|area| area.level() == Level::Rt);
        let targets = targets.map(|area| Change::Target(Target { area, families: 60 }));
        let listed =
            ketuk_sample::households(families, 1).map(|household: Household| household.listed());
        let changes = std::iter::once(known)
            .chain(targets)
            .chain(listed.map(Change::Household));
        Ok(Supply {
            form,
            changes: Box::new(changes),
        })
    }

    /// Answers a phone's request.
    pub(crate) fn answer(&mut self, path: &str, body: &[u8]) -> Result<Response> {
        let body = match path {
            "/v1/sync" => self.page(&ketuk_wire::decode(body)?)?,
            _ => self.form.clone(),
        };
        let headers = [
            (PROTOCOL_HEADER, PROTOCOL),
            ("content-type", "application/json"),
        ];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Ok(Response {
            status: 200,
            headers: headers.into(),
            body,
        })
    }

    fn page(&mut self, request: &SyncRequest) -> Result<Vec<u8>> {
        let pull = request.pull.as_ref().map(|asked| {
            let changes: Vec<Change> = self.changes.by_ref().take(PAGE).collect();
            let at = asked.cursor.as_ref().and_then(|at| at.parse::<u64>().ok());
            PullPage {
                more: changes.len() == PAGE,
                changes,
                cursor: (at.unwrap_or_default() + 1).to_string(),
            }
        });
        let now = Timestamp::now();
        let received: Vec<(Ack, Holding)> = request
            .ops
            .iter()
            .map(|op| {
                let ack = Ack {
                    seq: op.seq,
                    revision: 1,
                    received_at: now,
                };
                let holding = Holding {
                    household: op.household,
                    revision: 1,
                    sha256: op.sha256,
                    received_at: now,
                };
                (ack, holding)
            })
            .collect();
        let (acks, holdings): (Vec<_>, Vec<_>) = received.into_iter().unzip();
        let newest = request.ops.iter().map(|op| op.seq).max();
        let said = request.outgoing;
        let all = newest.unwrap_or(said.high_seq.saturating_sub(said.waiting));
        Ok(ketuk_wire::encode(&SyncResponse {
            server_time: now,
            received: (1..=all).collect(),
            high_seq: request.outgoing.high_seq,
            put_back: false,
            signature: ketuk_wire::sign(&key(), &holdings),
            acks,
            troubles: Vec::new(),
            wanted: Vec::new(),
            pull,
            limits: Limits {
                max_ops: 500,
                max_bytes: 262_144,
                max_blob: ketuk_wire::MAX_BLOB,
            },
        })?)
    }
}

/// Shared by the areas that fill families in.
pub(crate) fn form() -> Result<Arc<ketuk_form::Form>> {
    let sheets = ketuk_sample::questionnaire();
    let sheets = sheets.as_object().context("no sheets")?;
    let sheets: Vec<(&str, &str)> = sheets
        .iter()
        .filter_map(|(name, text)| Some((name.trim_end_matches(".csv"), text.as_str()?)))
        .collect();
    let workbook =
        ketuk_form::Workbook::from_csv(&sheets).map_err(|fault| anyhow::anyhow!("{fault}"))?;
    let form =
        ketuk_form::Form::compile(&workbook).map_err(|faults| anyhow::anyhow!("{faults}"))?;
    Ok(Arc::new(form))
}
