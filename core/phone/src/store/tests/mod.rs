//! The database: what it keeps, through kills, full disks, wrong keys and damage.

mod effort;
mod finishing;
mod listing;
mod migrations;
mod opening;
mod photos;
mod pulling;

use std::fs;
use std::path::{Path, PathBuf};

use ketuk_wire::{Change, Comment, Correction, Outcome, PullPage};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use rusqlite::Connection;
use uuid::Uuid;

use super::drafts::{DraftToSave, Started};
use super::{
    Acknowledgement, Answer, Fate, Filter, HouseholdState, Key, NewHousehold, Store, Trouble,
};
use crate::testing::*;

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn fault(folder: &Path, key: [u8; 32]) -> Trouble {
    match Store::open(folder, &Key::new(key), noon()) {
        Ok(_) => panic!("the database was opened"),
        Err(fault) => fault.trouble,
    }
}

fn bytes(folder: &Path) -> Vec<u8> {
    fs::read(folder.join("ketuk.db")).unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// A text that is hardly shorter when packed.
fn unpackable(length: usize) -> String {
    let mut chance = StdRng::seed_from_u64(1);
    let letters = (0..length).map(|_| chance.random_range(' '..='~'));
    letters.collect()
}

/// Moves the log into the database, however short it is.
fn move_log(store: &Store) {
    let checkpoint = "PRAGMA wal_checkpoint(PASSIVE)";
    store
        .read(|connection| Ok(connection.query_row(checkpoint, [], |_| Ok(()))?))
        .unwrap();
}

fn state(store: &Store, household: Uuid) -> HouseholdState {
    store.household(household).unwrap().unwrap().row.state
}

fn save(store: &Store, household: Uuid, body: &str) {
    let started = Started {
        at: noon(),
        base: 0,
        entry: None,
    };
    try_save(store, household, started, body).unwrap();
}

fn try_save(store: &Store, household: Uuid, started: Started, body: &str) -> super::Result<()> {
    let household = NewHousehold {
        id: household,
        area: area(),
    };
    store.save_draft(&DraftToSave {
        household: &household,
        form: ketuk_wire::Sha256::of(FORM),
        started,
        body,
        names: None,
        now: noon(),
    })
}

fn correction(household: Uuid, revision: u64, text: &str) -> Change {
    let comments = match text {
        "" => vec![],
        text => vec![Comment {
            path: "nik".into(),
            text: text.into(),
        }],
    };
    Change::Correction(Correction {
        household,
        request: Uuid::from_u128(70 + text.len() as u128),
        revision,
        comments,
    })
}

/// A connection of the test's own, to do what no app does.
fn with_connection(folder: &Path, act: impl FnOnce(&Connection)) {
    let connection = Connection::open(folder.join("ketuk.db")).unwrap();
    connection.execute_batch(&Key::new(KEY).pragma()).unwrap();
    act(&connection);
}
