//! A run against a server in memory, over links that do what links do.

mod answers;
mod faults;
mod link;
mod news;
mod refusals;

use std::sync::Arc;
use std::time::Duration;

use ketuk_wire::{Change, RefusalCode, Sha256, SigningKey, SyncRequest, Target};
use uuid::Uuid;

use super::{Failure, Response, SyncEnd, SyncEvent};
use crate::store::{Filter, HouseholdState, Store};
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
