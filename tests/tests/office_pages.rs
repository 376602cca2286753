//! The office's pages about single entries, in a real browser on the real server: what needs a look,
//! receipts, and files handed over.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use jiff::Timestamp;
use ketuk_sample::{Campaign, SEED};
use ketuk_tests::browser::Browser;
use ketuk_tests::ledger::Place;
use ketuk_tests::office::Office;
use ketuk_wire::{
    AreaCode, DeviceClock, EnrolCode, EnrolRequest, EnrolResponse, FormRef, Holding, Op, Outgoing,
    Receipt, Sha256, SyncRequest, SyncResponse,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use uuid::Uuid;

#[test]
fn a_supervisor_sees_what_needs_a_look_and_anybody_has_a_receipt_checked() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let office = Office::with_sample(Place::Sqlite(folder.path().join("data")))?;
    let invited = office.told().cadres.first().context("nobody is invited")?;
    let village = invited.village.clone();
    let receipt = a_phone_sends_what_needs_a_look(&office, &invited.code, &village)?;
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let browser = Browser::open(1_280, 1_000).await?;
        sign_in(&browser, &office, &format!("/area/{village}")).await?;
        the_village_leads_to_its_entries(&browser).await?;
        photograph(&browser, "office-look").await?;
        let address = &office.told().address;
        browser.go(&format!("{address}/receipt")).await?;
        browser.fill("receipt", &receipt).await?;
        browser.click("main button").await?;
        browser
            .see("[role=status]", "Sah, dan isiannya ada")
            .await?;
        photograph(&browser, "office-receipt").await?;
        let letter = folder.path().join("letter");
        std::fs::write(&letter, "a letter")?;
        browser.click("footer a[href='/receipt']").await?;
        browser.go(&format!("{address}/handover")).await?;
        let letter = letter.to_str().context("a folder of no name")?;
        browser.fill("parcel", letter).await?;
        browser.click("main button").await?;
        browser
            .see("[role=alert]", "bukan titipan untuk server ini")
            .await?;
        photograph(&browser, "office-handover").await
    })
}

async fn sign_in(browser: &Browser, office: &Office, to: &str) -> Result<()> {
    let told = office.told();
    browser.go(&format!("{}{to}", told.address)).await?;
    browser
        .fill("name", told.name.as_deref().context("no account")?)
        .await?;
    let password = told.password.as_deref().context("no password")?;
    browser.fill("password", password).await?;
    browser.click("main button").await?;
    browser.see("h1", "Sejauh mana").await
}

async fn the_village_leads_to_its_entries(browser: &Browser) -> Result<()> {
    browser.click("a[href$='/look']").await?;
    browser.see("h1", "Perlu dilihat di").await?;
    let shown = browser.text("main").await?;
    for story in [
        "tidak lolos pemeriksaan kuesioner",
        "kuesioner yang tidak ada di server ini",
    ] {
        ensure!(shown.contains(story), "{story:?} is not in {shown}");
    }
    Ok(())
}

/// At a desk and on a phone, in what `cargo xtask pictures` looks through.
async fn photograph(browser: &Browser, name: &str) -> Result<()> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("../pictures");
    for (suffix, width, height) in [("-phone", 500, 1_000), ("", 1_280, 1_000)] {
        browser.window().set_window_size(width, height).await?;
        let file = folder.join(format!("{name}{suffix}.png"));
        browser.photograph(&file).await?;
    }
    Ok(())
}

/// Entries that no phone of ours sends, by hand; the receipt of one of them.
fn a_phone_sends_what_needs_a_look(office: &Office, code: &str, village: &str) -> Result<String> {
    let campaign = Campaign::gorontalo(SEED);
    let (device, now) = (Uuid::new_v4(), Timestamp::now());
    let code: EnrolCode = code.parse()?;
    let request = EnrolRequest {
        code,
        device,
        cadre: None,
        model: "Uji A1".into(),
        app: "0.1.0".into(),
    };
    let welcome: EnrolResponse = ask(office, "/v1/enrol", None, &request)?;
    let cadre = campaign
        .live_cadres()
        .find(|cadre| cadre.who.id == welcome.cadre.id && cadre.village.as_str() == village)
        .context("she is not in the sample")?;
    let families: Vec<(Uuid, AreaCode)> = campaign
        .visits(cadre)
        .map(|visit| (visit.household.id, visit.household.area.clone()))
        .take(3)
        .collect();
    let forms = ["2023070100", "1999", "2023070100"];
    let ops: Vec<Op> = (1..)
        .zip(families.into_iter().zip(forms))
        .map(|(seq, ((household, area), version))| {
            let document = r#"{"nothing":"of the questionnaire"}"#;
            Ok(Op {
                op: Uuid::now_v7(),
                seq,
                household,
                area,
                base: 0,
                form: FormRef {
                    id: "pk".into(),
                    version: version.into(),
                },
                started_at: now,
                finished_at: now,
                sha256: Sha256::of(document.as_bytes()),
                follows: None,
                corrects: None,
                blobs: Vec::new(),
                document: RawValue::from_string(document.into())?,
            })
        })
        .collect::<Result<_>>()?;
    let request = SyncRequest {
        app: "0.1.0".into(),
        clock: DeviceClock { now },
        outgoing: Outgoing {
            high_seq: 3,
            lived_to: 0,
            waiting: 3,
            held: 0,
        },
        ops: ops.clone(),
        pull: None,
    };
    let answer: SyncResponse = ask(office, "/v1/sync", Some(&welcome.token), &request)?;
    let batch: Vec<Holding> = ops
        .iter()
        .zip(&answer.acks)
        .map(|(op, ack)| Holding {
            household: op.household,
            revision: ack.revision,
            sha256: op.sha256,
            received_at: ack.received_at,
        })
        .collect();
    let signature = answer.signature.context("nothing was signed")?;
    let receipts = ketuk_wire::receipts(&batch, signature, &welcome.server_key)?;
    let first: Option<&Receipt> = receipts.first();
    Ok(first.context("no receipt")?.to_string())
}

/// One request on a connection of its own.
fn ask<T: DeserializeOwned>(
    office: &Office,
    path: &str,
    token: Option<&str>,
    message: &impl Serialize,
) -> Result<T> {
    let body = ketuk_wire::encode(message)?;
    let mut stream = TcpStream::connect(office.address()?)?;
    let token = token.map_or(String::new(), |t| format!("authorization: Bearer {t}\r\n"));
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nhost: ketuk\r\n{token}content-encoding: zstd\r\n\
         connection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    )?;
    stream.write_all(&body)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n");
    let (head, body) = answer.split_at(end.context("no answer")? + 4);
    ensure!(
        head.starts_with(b"HTTP/1.1 200"),
        "{}",
        String::from_utf8_lossy(head)
    );
    Ok(ketuk_wire::decode(body)?)
}
