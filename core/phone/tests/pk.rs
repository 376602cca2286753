//! A cadre's visits with the real questionnaire, interrupted at every turn.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests fail by panicking"
)]

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::Offset;
use ketuk_phone::form::{Answer, Item};
use ketuk_phone::{Clock, Error, Finish, HouseholdState, Moment, Phone, Setup, Step, Visit};
use ketuk_sample::{Campaign, Hands, Household, Typed, play};
use ketuk_wire::{
    Change, EnrolResponse, FormRef, Outcome, PullPage, Sha256, SigningKey, SyncRequest,
};
use serde_json::Value;
use tempfile::TempDir;
use uuid::Uuid;

struct Noon;

impl Clock for Noon {
    fn now(&self) -> Moment {
        Moment {
            wall: "2023-07-20T04:00:00Z".parse().unwrap(),
            steady: Duration::ZERO,
        }
    }

    fn offset(&self) -> Offset {
        Offset::from_hours(8).unwrap()
    }
}

fn questionnaire() -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../forms/pk");
    let sheets: serde_json::Map<String, Value> = ["survey.csv", "choices.csv", "settings.csv"]
        .into_iter()
        .map(|name| {
            let sheet = std::fs::read_to_string(folder.join(name)).unwrap();
            (name.to_owned(), Value::from(sheet))
        })
        .collect();
    serde_json::to_vec(&sheets).unwrap()
}

fn open(folder: &Path) -> Phone {
    let setup = Setup {
        clock: Arc::new(Noon),
        ..Setup::new("test", 480)
    };
    Phone::open(folder, [9; 32], setup).unwrap()
}

/// A phone of the sample's first cadre, with these families listed.
fn enrolled(folder: &TempDir, campaign: &Campaign, households: &[Household]) -> Phone {
    let phone = open(folder.path());
    let enrolment = EnrolResponse {
        token: "t".into(),
        cadre: campaign.cadres()[0].who.clone(),
        campaign: campaign.about().clone(),
        server_key: SigningKey::from_seed(&[1; 32]).public(),
        recipient: "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p".into(),
    };
    phone.enrolled("https://server.test", &enrolment).unwrap();
    let form = questionnaire();
    let mut changes: Vec<Change> = households
        .iter()
        .map(|household| Change::Household(household.listed()))
        .collect();
    changes.push(Change::Form {
        form: FormRef {
            id: "pk".into(),
            version: "1".into(),
        },
        sha256: Sha256::of(&form),
    });
    let page = PullPage {
        changes,
        cursor: "all".into(),
        more: false,
    };
    phone.take_page(&page).unwrap();
    fetch_form(&phone, form);
    phone
}

/// Answers the phone until it has its questionnaire.
fn fetch_form(phone: &Phone, form: Vec<u8>) {
    let mut engine = phone.engine(1);
    loop {
        match engine.poll(Noon.now()).unwrap() {
            Step::Send(request) if request.method == "GET" => {
                let response = ketuk_phone::Response {
                    status: 200,
                    headers: vec![("ketuk-protocol".into(), "1".into())],
                    body: form.clone(),
                };
                engine.received(Noon.now(), &response).unwrap();
                return;
            }
            Step::Send(_) => engine.received(Noon.now(), &no_news()).unwrap(),
            step => panic!("{step:?}"),
        }
    }
}

fn no_news() -> ketuk_phone::Response {
    let answer = serde_json::json!({
        "server_time": Noon.now().wall,
        "received": [],
        "high_seq": 0,
        "limits": {"max_ops": 500, "max_bytes": 262_144},
    });
    ketuk_phone::Response {
        status: 200,
        headers: vec![("ketuk-protocol".into(), "1".into())],
        body: ketuk_wire::encode(&answer).unwrap(),
    }
}

/// Fingers on a phone that is killed after every few answers.
struct Cadre<'a> {
    folder: &'a Path,
    visit: Visit,
    answers: usize,
}

impl Cadre<'_> {
    fn killed_now_and_then(&mut self) {
        self.answers += 1;
        if self.answers.is_multiple_of(25) {
            let (left, household) = (self.visit.screen(), self.visit.household());
            self.visit = open(self.folder).households().visit(household).unwrap();
            assert_eq!(self.visit.screen(), left, "after {} answers", self.answers);
        }
    }
}

impl Hands for Cadre<'_> {
    type Error = Error;

    fn row(&mut self, repeat: &str, nth: usize) -> Result<String, Error> {
        let screen = self.visit.go_to(repeat)?;
        let rows = screen.items.iter().find_map(|item| match item {
            Item::Roster(roster) => Some(roster.cards.iter().map(|card| card.path.clone())),
            _ => None,
        });
        if let Some(row) = rows.unwrap().nth(nth) {
            return Ok(row);
        }
        let inside = self.visit.add(repeat)?.page.0;
        let end = inside.find(']').unwrap();
        Ok(inside[..=end].to_owned())
    }

    fn answer(&mut self, path: &str, value: &Typed) -> Result<(), Error> {
        let answer = match value {
            Typed::Text(text) => Answer::Text(text.clone()),
            Typed::Choice(code) => Answer::Choice(code.clone()),
            Typed::Choices(codes) => Answer::Choices(codes.clone()),
        };
        self.visit.answer(path, answer)?;
        self.killed_now_and_then();
        Ok(())
    }

    fn note(&mut self, path: &str, text: &str) -> Result<(), Error> {
        self.visit.note(path, text).map(drop)
    }
}

/// What waits on the phone, as it would go out.
fn outgoing(phone: &Phone) -> Vec<(Uuid, Value)> {
    match phone.engine(1).poll(Noon.now()).unwrap() {
        Step::Send(request) => {
            let message: SyncRequest = ketuk_wire::decode(&request.body).unwrap();
            let entries = message.ops.into_iter();
            entries
                .map(|op| {
                    (
                        op.household,
                        serde_json::from_str(op.document.get()).unwrap(),
                    )
                })
                .collect()
        }
        step => panic!("{step:?}"),
    }
}

/// Ids of new rows are the form's own.
fn without_row_ids(document: &Value) -> String {
    let mut text = document.to_string();
    for (at, row) in document["anggota"]
        .as_array()
        .into_iter()
        .flatten()
        .enumerate()
    {
        text = text.replace(row["_id"].as_str().unwrap(), &format!("row-{at}"));
    }
    text
}

fn visited(phone: &Phone, folder: &TempDir, household: &Household, outcome: Outcome) -> Uuid {
    let households = phone.households();
    let visit = match outcome {
        Outcome::New => households.new_family(&household.area).unwrap(),
        _ => households.visit(household.id).unwrap(),
    };
    let mut cadre = Cadre {
        folder: folder.path(),
        visit,
        answers: 0,
    };
    let day = "2023-07-20".parse().unwrap();
    play(&household.steps(outcome, day), &mut cadre).unwrap();
    match cadre.visit.finish().unwrap() {
        Finish::Saved(row) => {
            assert_eq!(row.state, HouseholdState::Waiting);
            assert_eq!((row.outcome, &row.head), (Some(outcome), &household.head));
        }
        Finish::Unfinished(problems) => panic!("{problems:#?}"),
    }
    cadre.visit.household()
}

#[test]
fn a_familys_document_is_what_the_cadre_typed_however_often_the_phone_was_killed() {
    let campaign = Campaign::gorontalo(1);
    let cadre = &campaign.cadres()[0];
    let listed: Vec<Household> = campaign.households_of(cadre).take(8).collect();
    let day = "2023-07-20".parse().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let phone = enrolled(&folder, &campaign, &listed);
    let outcomes = [Outcome::Met, Outcome::NotFound, Outcome::New];
    let mut expected = Vec::new();
    for (household, outcome) in listed.iter().zip(outcomes.iter().cycle().copied()) {
        let id = visited(&phone, &folder, household, outcome);
        expected.push((id, without_row_ids(&household.document(outcome, day))));
    }
    let sent = outgoing(&phone);
    let sent: Vec<(Uuid, String)> = sent
        .iter()
        .map(|(id, document)| (*id, without_row_ids(document)))
        .collect();
    assert_eq!(sent, expected);
}
