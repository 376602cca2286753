//! A run against a server in memory, over links that do what links do.

mod answers;
mod faults;
mod link;
mod lost;
mod moves;
mod news;
mod photos;
mod proofs;
mod refusals;

use std::sync::Arc;
use std::time::Duration;

use ketuk_wire::{
    Change, Comment, Correction, RefusalCode, Sha256, SigningKey, SyncRequest, Target,
};
use uuid::Uuid;

use super::{Failure, Response, SyncEnd, SyncEvent, SyncReport};
use crate::store::{DraftToSave, Filter, HouseholdState, NewHousehold, Started, Store};
use crate::testing::*;

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn ids(count: u128) -> Vec<Uuid> {
    (1..=count).map(id).collect()
}

fn state(store: &Store, household: Uuid) -> HouseholdState {
    store.household(household).unwrap().unwrap().row.state
}

fn states(store: &Store, households: &[Uuid]) -> Vec<HouseholdState> {
    households.iter().map(|id| state(store, *id)).collect()
}

/// A phone with so many finished entries, one a household.
fn finished(folder: &tempfile::TempDir, server: &Server, count: u128) -> (Arc<Store>, Vec<Uuid>) {
    let households = ids(count);
    let store = enrolled(folder.path(), server, &households);
    for household in &households {
        finish(&store, *household, &format!("entry of {household}"));
    }
    (store, households)
}

/// A phone with so many finished entries of more than a kilobyte each, however well they are packed.
fn large(folder: &tempfile::TempDir, server: &Server, count: u128) -> Arc<Store> {
    let store = enrolled(folder.path(), server, &[]);
    for household in ids(count) {
        let line = |line| Sha256::of(format!("{household} {line}").as_bytes()).to_string();
        finish(&store, household, &(0..40).map(line).collect::<String>());
    }
    store
}

/// Begins a visit and leaves it.
fn begin(store: &Store, household: Uuid) {
    let household = NewHousehold {
        id: household,
        area: area(),
    };
    store.save_draft(&draft(&household)).unwrap();
}

/// A visit in which nothing was answered yet.
fn draft(household: &NewHousehold) -> DraftToSave<'_> {
    DraftToSave {
        household,
        form: Sha256::of(FORM),
        started: Started {
            at: noon(),
            base: 0,
            entry: None,
        },
        body: "{}",
        names: None,
        now: noon(),
    }
}

fn sent_back(household: Uuid, revision: u64) -> Change {
    Change::Correction(Correction {
        household,
        request: Uuid::from_u128(70),
        revision,
        comments: vec![Comment {
            path: "nik".into(),
            text: "Periksa NIK".into(),
        }],
    })
}

#[test]
fn entries_go_once_each_and_their_receipts_come_back() {
    let (folder, mut server) = (folder(), Server::new());
    let (store, households) = finished(&folder, &server, 40);
    assert_eq!(state(&store, id(1)), HouseholdState::Waiting);

    let report = sync(&store, &mut server);

    assert_eq!(report.end, SyncEnd::Done);
    assert_eq!((report.received, report.still_waiting), (40, 0));
    assert_eq!(server.kept.len(), 40);
    for household in households {
        assert_eq!(state(&store, household), HouseholdState::Received);
        let receipt = store
            .last_entry(household)
            .unwrap()
            .unwrap()
            .receipt
            .unwrap();
        assert_eq!(receipt.holding.revision, 1);
        receipt.verify(&server.key.public()).unwrap();
    }
}

#[test]
fn what_happens_is_told_as_it_happens() {
    let (folder, mut server) = (folder(), Server::new());
    server.changes = vec![listed(id(1)), listed(id(9))];
    let (store, _) = finished(&folder, &server, 1);
    store.reset_pull().unwrap();
    let mut run = Run::new(&store);
    run.drive(|request| Ok(server.handle(request)));
    assert_eq!(
        run.events,
        [
            SyncEvent::Started { waiting: 1 },
            SyncEvent::Sent {
                households: vec![id(1)]
            },
            SyncEvent::Received {
                household: id(1),
                state: HouseholdState::Received
            },
            SyncEvent::Progress { received: 1, of: 1 },
            SyncEvent::Pulled { changes: 2 },
        ]
    );
}

#[test]
fn a_request_shows_neither_the_token_nor_an_answer() {
    let (folder, server) = (folder(), Server::new());
    let (store, _) = finished(&folder, &server, 1);
    let mut shown = String::new();
    Run::new(&store).drive(|request| {
        shown = format!("{request:?}");
        Err(Failure::Trust)
    });
    assert!(shown.starts_with("POST /v1/sync ("), "{shown}");
    assert!(!shown.contains("secret"));
}
