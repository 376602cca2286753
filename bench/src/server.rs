//! The server's figures: how many households a second it takes.

use std::time::Instant;

use anyhow::{Context, Result, ensure};
use jiff::Timestamp;
use ketuk_sample::{Campaign, Household, SEED};
use ketuk_tests::ledger::Place;
use ketuk_tests::office::Office;
use ketuk_wire::{
    AreaCode, DeviceClock, EnrolCode, EnrolRequest, EnrolResponse, FormRef, Op, Outcome, Outgoing,
    PROTOCOL, PROTOCOL_HEADER, Sha256, SyncRequest, SyncResponse,
};
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::figure::{Figure, Report};
use crate::stocked;

const PHONES: usize = 8;
const BATCHES: usize = 40;
const BATCH: usize = 50;

/// Measures a real server process on SQLite.
pub(crate) fn measure(report: &Report) -> Result<()> {
    report.measuring("8 phones, batches of 50, against a server process on SQLite");
    let folder = tempfile::tempdir()?;
    let office = Office::with_sample(Place::Sqlite(folder.path().to_owned()))?;
    let runtime = tokio::runtime::Runtime::new()?;
    let (households, seconds) = runtime.block_on(load(&office))?;
    office.verify()?;
    let name = "8 phones, batches of 50, SQLite, checked, signed and fsync'd";
    report.figure(
        Figure::new("server", name, households as f64 / seconds, "households/s").at_least(1_000.0),
    )
}

async fn load(office: &Office) -> Result<(usize, f64)> {
    let mut phones = Vec::new();
    for (at, invited) in office.told().cadres.iter().take(PHONES).enumerate() {
        phones.push(Sender::enrol(office, &invited.code, at).await?);
    }
    let begun = Instant::now();
    let sending: Vec<_> = phones
        .into_iter()
        .map(|phone| tokio::spawn(phone.send_all()))
        .collect();
    let mut taken = 0;
    for phone in sending {
        taken += phone.await??;
    }
    Ok((taken, begun.elapsed().as_secs_f64()))
}

/// A phone that has its batches ready: what is measured is the server, not the phone.
struct Sender {
    http: reqwest::Client,
    url: String,
    token: String,
    batches: Vec<Vec<u8>>,
}

impl Sender {
    async fn enrol(office: &Office, code: &str, at: usize) -> Result<Sender> {
        let http = reqwest::Client::builder().build()?;
        let address = &office.told().address;
        let code: EnrolCode = code.parse()?;
        let request = EnrolRequest {
            code,
            device: Uuid::new_v4(),
            cadre: None,
            model: "bench".into(),
            app: "bench".into(),
        };
        let answer = http
            .post(format!("{address}/v1/enrol"))
            .header("content-encoding", "zstd")
            .header(PROTOCOL_HEADER, PROTOCOL)
            .body(ketuk_wire::encode(&request)?)
            .send()
            .await?;
        let answer: EnrolResponse = ketuk_wire::decode(&answer.bytes().await?)?;
        let area = answer.cadre.areas.first().context("she has no RT")?;
        let batches = batches(area, at)?;
        Ok(Sender {
            http,
            url: format!("{address}/v1/sync"),
            token: answer.token,
            batches,
        })
    }

    /// Sends them one after the other, as a phone does, and counts what the server took.
    async fn send_all(self) -> Result<usize> {
        let mut taken = 0;
        for body in self.batches {
            let answer = self
                .http
                .post(&self.url)
                .bearer_auth(&self.token)
                .header("content-encoding", "zstd")
                .header(PROTOCOL_HEADER, PROTOCOL)
                .body(body)
                .send()
                .await?;
            ensure!(answer.status().is_success(), "answered {}", answer.status());
            let answer: SyncResponse = ketuk_wire::decode(&answer.bytes().await?)?;
            ensure!(answer.troubles.is_empty(), "{:?}", answer.troubles);
            taken += answer.acks.len();
        }
        Ok(taken)
    }
}

fn batches(area: &AreaCode, at: usize) -> Result<Vec<Vec<u8>>> {
    let form = stocked::form()?;
    let form = FormRef {
        id: form.id().to_owned(),
        version: form.version().to_owned(),
    };
    let day = Campaign::gorontalo(SEED).today();
    let families: Vec<Household> =
        ketuk_sample::households((BATCHES * BATCH) as u32, 100 + at as u64).collect();
    let mut seq = 0;
    families
        .chunks(BATCH)
        .map(|families| {
            let ops: Result<Vec<Op>> = families
                .iter()
                .map(|family| {
                    seq += 1;
                    let mut family = family.clone();
                    family.area = area.clone();
                    let document = family.document(Outcome::New, day).to_string();
                    Ok(Op {
                        op: Uuid::now_v7(),
                        seq,
                        household: Uuid::new_v4(),
                        area: area.clone(),
                        base: 0,
                        form: form.clone(),
                        started_at: Timestamp::now(),
                        finished_at: Timestamp::now(),
                        sha256: Sha256::of(document.as_bytes()),
                        follows: None,
                        corrects: None,
                        blobs: Vec::new(),
                        document: RawValue::from_string(document)?,
                    })
                })
                .collect();
            Ok(ketuk_wire::encode(&SyncRequest {
                app: "bench".into(),
                clock: DeviceClock {
                    now: Timestamp::now(),
                },
                outgoing: Outgoing {
                    high_seq: seq,
                    ..Outgoing::default()
                },
                ops: ops?,
                pull: None,
            })?)
        })
        .collect()
}
