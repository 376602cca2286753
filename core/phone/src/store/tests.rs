//! The database: what it keeps, through kills, full disks, wrong keys and damage.

use std::fs;
use std::path::{Path, PathBuf};

use ketuk_wire::{Change, Comment, Correction, Outcome, PullPage};
use rusqlite::Connection;
use uuid::Uuid;

use super::drafts::Started;
use super::{Filter, HouseholdState, Key, NewHousehold, Store, Trouble};
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
    let form = ketuk_wire::Sha256::of(FORM);
    store.save_draft(&household, form, started, body, noon())
}

mod opening {
    use super::*;

    #[test]
    fn nothing_stands_in_clear_in_the_files() {
        let folder = folder();
        let store = enrolled(folder.path(), &Server::new(), &[id(1)]);
        save(&store, id(1), "a most secret answer");
        for name in names(folder.path()) {
            let bytes = fs::read(folder.path().join(&name)).unwrap();
            for secret in ["a most secret answer", "Kepala", "SQLite", "secret-token"] {
                let found = bytes
                    .windows(secret.len())
                    .any(|part| part == secret.as_bytes());
                assert!(!found, "{secret:?} stands in {name}");
            }
        }
    }

    #[test]
    fn another_key_is_told_apart_from_damage_and_the_file_is_not_touched() {
        let folder = folder();
        drop(open(folder.path()));
        let before = bytes(folder.path());
        assert_eq!(fault(folder.path(), [8; 32]), Trouble::WrongKey);
        assert_eq!(bytes(folder.path()), before);
        open(folder.path());
    }

    #[test]
    fn a_damaged_database_is_moved_aside_whole_and_a_new_one_begun() {
        for (from, until) in [(20, 100), (4096 * 3, 4096 * 8)] {
            let folder = folder();
            let store = enrolled(folder.path(), &Server::new(), &[id(1)]);
            finish(&store, id(1), "kept");
            drop(store);
            let mut damaged = bytes(folder.path());
            damaged[from..until].fill(0x55);
            fs::write(folder.path().join("ketuk.db"), &damaged).unwrap();

            let (store, moved) = Store::open(folder.path(), &Key::new(KEY), noon()).unwrap();

            let moved = moved.unwrap();
            assert_eq!(
                moved.file_name().unwrap().to_str().unwrap(),
                "ketuk.db.damaged-20260712T120000Z"
            );
            assert_eq!(
                fs::read(moved).unwrap(),
                damaged,
                "not a byte of it was changed"
            );
            assert!(store.device().unwrap().link.is_none());
        }
    }

    #[test]
    fn the_log_of_a_damaged_database_goes_with_it() {
        let folder = folder();
        let store = enrolled(folder.path(), &Server::new(), &[id(1)]);
        finish(&store, id(1), "in the log");
        let wal = fs::read(folder.path().join("ketuk.db-wal")).unwrap();
        let mut damaged = bytes(folder.path());
        drop(store);
        // As a kill leaves it: the log not yet in the database. The log's own pages are sound, so
        // the damage is where the log has none.
        let last = damaged.len() - 4096;
        damaged[last..].fill(0x55);
        damaged[20..100].fill(0x55);
        fs::write(folder.path().join("ketuk.db"), &damaged).unwrap();
        fs::write(folder.path().join("ketuk.db-wal"), &wal).unwrap();

        let (_store, moved) = Store::open(folder.path(), &Key::new(KEY), noon()).unwrap();
        if let Some(moved) = moved {
            let mut log = moved.into_os_string();
            log.push("-wal");
            assert!(PathBuf::from(log).exists());
        }
    }

    #[test]
    fn a_newer_schema_is_refused_untouched() {
        let folder = folder();
        drop(open(folder.path()));
        with_connection(folder.path(), |connection| {
            connection.pragma_update(None, "user_version", 999).unwrap();
        });
        let before = bytes(folder.path());
        assert_eq!(fault(folder.path(), KEY), Trouble::Newer);
        assert_eq!(bytes(folder.path()), before);
    }

    #[test]
    fn somebody_elses_database_is_refused_untouched() {
        let plain = folder();
        let connection = Connection::open(plain.path().join("ketuk.db")).unwrap();
        connection.execute_batch("CREATE TABLE theirs (a)").unwrap();
        drop(connection);
        let before = bytes(plain.path());
        assert_eq!(fault(plain.path(), KEY), Trouble::NotOurs);
        assert_eq!(bytes(plain.path()), before);

        let encrypted = folder();
        drop(open(encrypted.path()));
        with_connection(encrypted.path(), |connection| {
            connection
                .pragma_update(None, "application_id", 42)
                .unwrap();
        });
        assert_eq!(fault(encrypted.path(), KEY), Trouble::NotOurs);
    }

    #[test]
    fn a_file_that_is_no_database_is_not_touched() {
        let folder = folder();
        fs::write(
            folder.path().join("ketuk.db"),
            "a letter, not a database at all",
        )
        .unwrap();
        assert_eq!(fault(folder.path(), KEY), Trouble::WrongKey);
        assert_eq!(names(folder.path()), ["ketuk.db"]);
    }

    #[test]
    fn the_phone_is_the_same_after_it_was_opened_again() {
        let folder = folder();
        let first = open(folder.path()).device().unwrap().id;
        assert_eq!(open(folder.path()).device().unwrap().id, first);
    }

    /// A connection of the test's own, to do what no app does.
    fn with_connection(folder: &Path, act: impl FnOnce(&Connection)) {
        let connection = Connection::open(folder.join("ketuk.db")).unwrap();
        connection.execute_batch(&Key::new(KEY).pragma()).unwrap();
        act(&connection);
    }
}

mod migrations {
    use super::*;

    /// `fixtures/001.db`: a database of schema 1 with one household of each kind, frozen when that
    /// schema was released. See `freeze`.
    #[test]
    fn a_database_of_schema_1_keeps_every_entry_and_draft() {
        let folder = folder();
        let frozen = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store/fixtures/001.db");
        fs::copy(frozen, folder.path().join("ketuk.db")).unwrap();
        let store = open(folder.path());
        assert_eq!(
            [1, 2, 3, 4].map(|number| state(&store, id(number))),
            [
                HouseholdState::NotStarted,
                HouseholdState::Draft,
                HouseholdState::Waiting,
                HouseholdState::NeedsCorrection,
            ]
        );
        assert_eq!(
            store.draft(id(2)).unwrap().unwrap().body,
            "a draft of schema 1"
        );
        let entry = store.last_entry(id(3)).unwrap().unwrap();
        assert_eq!(
            entry.document,
            r#"{"hasil":"1","catatan":"an entry of schema 1"}"#
        );
        assert_eq!(store.outgoing().unwrap().high_seq, 1);
        let mut server = Server::new();
        assert_eq!(sync(&store, &mut server).still_waiting, 0);
    }

    /// Writes the fixture of the schema as it is now: run it once when a schema is released, with
    /// the path in `KETUK_FREEZE`.
    #[test]
    #[ignore = "writes a fixture"]
    fn freeze() {
        let folder = folder();
        let store = enrolled(folder.path(), &Server::new(), &[id(1), id(2), id(3), id(4)]);
        save(&store, id(2), "a draft of schema 1");
        finish(&store, id(3), "an entry of schema 1");
        apply_page(
            &store,
            Server::new().epoch,
            vec![correction(id(4), 0, "Periksa NIK")],
        );
        store.tidy().unwrap();
        drop(store);
        fs::copy(
            folder.path().join("ketuk.db"),
            std::env::var("KETUK_FREEZE").unwrap(),
        )
        .unwrap();
    }
}

mod finishing {
    use super::*;

    #[test]
    fn a_finished_visit_is_an_entry_its_household_waits_and_the_draft_is_gone() {
        let folder = folder();
        let store = enrolled(folder.path(), &Server::new(), &[id(1)]);
        save(&store, id(1), "draft");
        assert_eq!(state(&store, id(1)), HouseholdState::Draft);
        assert_eq!(finish(&store, id(1), "done"), 1);
        assert_eq!(state(&store, id(1)), HouseholdState::Waiting);
        assert!(store.draft(id(1)).unwrap().is_none());
        let row = store.household(id(1)).unwrap().unwrap().row;
        assert_eq!(row.outcome, Some(Outcome::Met));
        assert_eq!(
            row.head, "Kepala 1",
            "what the visit leaves empty stays as listed"
        );
    }

    #[test]
    fn a_second_tap_changes_nothing() {
        let folder = folder();
        let store = enrolled(folder.path(), &Server::new(), &[id(1)]);
        finish(&store, id(1), "done");
        let first = store.lot(9, 9, true).unwrap().ops;
        assert_eq!(finish(&store, id(1), "done"), 1);
        let second = store.lot(9, 9, true).unwrap().ops;
        assert_eq!(second.len(), 1);
        assert_eq!(first[0].op, second[0].op);
    }

    #[test]
    fn an_entry_never_sent_is_replaced_and_keeps_its_number() {
        let folder = folder();
        let store = enrolled(folder.path(), &Server::new(), &[id(1), id(2)]);
        finish(&store, id(1), "first");
        let first = store.lot(9, 9, true).unwrap().ops[0].op;
        finish(&store, id(2), "another");
        assert_eq!(finish(&store, id(1), "second"), 1);
        let ops = store.lot(9, 9999, true).unwrap().ops;
        assert_eq!(ops.len(), 2);
        assert_ne!(ops[0].op, first, "other bytes are another operation");
        assert!(ops[0].document.get().contains("second"));
    }

    #[test]
    fn an_entry_once_sent_never_changes_and_a_later_one_waits_behind_it() {
        let folder = folder();
        let store = enrolled(folder.path(), &Server::new(), &[id(1)]);
        finish(&store, id(1), "first");
        store.attempt(&[1]).unwrap();
        assert_eq!(finish(&store, id(1), "second"), 2);
        let ops = store.lot(9, 9999, true).unwrap().ops;
        assert_eq!(ops.len(), 1);
        assert!(ops[0].document.get().contains("first"));
    }

    #[test]
    fn what_is_committed_is_there_after_a_kill_at_any_step() {
        let folder = folder();
        let server = Server::new();
        drop(enrolled(folder.path(), &server, &[id(1)]));
        let copy = |name: &str| {
            // What a kill leaves: the files as they are, without a farewell.
            let killed = super::folder();
            for file in names(folder.path()) {
                fs::copy(folder.path().join(&file), killed.path().join(&file)).unwrap();
            }
            (name.to_owned(), killed)
        };
        let store = open(folder.path());
        let mut kills = vec![copy("before")];
        save(&store, id(1), "draft");
        kills.push(copy("draft"));
        finish(&store, id(1), "done");
        kills.push(copy("finished"));
        store.attempt(&[1]).unwrap();
        kills.push(copy("sent"));
        for (name, killed) in kills {
            let store = open(killed.path());
            let expected = match name.as_str() {
                "before" => HouseholdState::NotStarted,
                "draft" => HouseholdState::Draft,
                _ => HouseholdState::Waiting,
            };
            assert_eq!(state(&store, id(1)), expected, "{name}");
            if name == "draft" {
                assert_eq!(store.draft(id(1)).unwrap().unwrap().body, "draft");
            }
            if name == "sent" {
                assert_eq!(finish(&store, id(1), "later"), 2, "it may be on the server");
            }
        }
    }

    #[test]
    fn a_full_disk_is_said_and_loses_nothing() {
        let folder = folder();
        let store = enrolled(folder.path(), &Server::new(), &[id(1), id(2)]);
        save(&store, id(1), "draft");
        finish(&store, id(2), "done");
        let limit = |pages: &str| {
            store
                .read(|connection| {
                    let sql = format!("PRAGMA max_page_count = {pages}");
                    Ok(connection.query_row(&sql, [], |row| row.get::<_, i64>(0))?)
                })
                .unwrap()
        };
        limit("1");
        let long = "x".repeat(100_000);
        let started = Started {
            at: noon(),
            base: 0,
            entry: None,
        };
        let saving = try_save(&store, id(1), started, &long).unwrap_err();
        assert_eq!(saving.trouble, Trouble::Full);
        let finishing = try_finish(&store, id(1), &long).unwrap_err();
        assert_eq!(finishing.trouble, Trouble::Full);
        assert_eq!(store.draft(id(1)).unwrap().unwrap().body, "draft");
        assert_eq!(store.outgoing().unwrap().waiting, 1);

        limit("1000000");
        finish(&store, id(1), &long);
        assert_eq!(store.outgoing().unwrap().waiting, 2);
    }

    #[test]
    fn a_draft_thrown_away_leaves_the_entry_and_takes_a_new_family_with_it() {
        let folder = folder();
        let store = enrolled(folder.path(), &Server::new(), &[id(1)]);
        finish(&store, id(1), "done");
        save(&store, id(1), "again");
        assert_eq!(state(&store, id(1)), HouseholdState::Draft);
        store.discard_draft(id(1)).unwrap();
        assert_eq!(state(&store, id(1)), HouseholdState::Waiting);

        save(&store, id(50), "a new family");
        assert_eq!(state(&store, id(50)), HouseholdState::Draft);
        store.discard_draft(id(50)).unwrap();
        assert!(store.household(id(50)).unwrap().is_none());
    }
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
        revision,
        comments,
    })
}

mod pulling {
    use super::*;

    fn received(folder: &Path, server: &mut Server) -> std::sync::Arc<Store> {
        let store = enrolled(folder, server, &[id(1)]);
        finish(&store, id(1), "sent");
        sync(&store, server);
        assert_eq!(state(&store, id(1)), HouseholdState::Received);
        store
    }

    #[test]
    fn what_the_server_says_of_a_household_never_overwrites_what_she_typed() {
        let folder = folder();
        let server = Server::new();
        let store = enrolled(folder.path(), &server, &[id(1), id(2)]);
        save(&store, id(1), "her draft");
        finish(&store, id(2), "her entry");
        let theirs = [1, 2].map(|number| {
            let mut theirs = household(id(number), 9, "Nama lain");
            theirs.revision = 4;
            theirs.outcome = Some(Outcome::Moved);
            Change::Household(theirs)
        });
        apply_page(&store, server.epoch, theirs.into());
        assert_eq!(store.draft(id(1)).unwrap().unwrap().body, "her draft");
        assert_eq!(store.draft(id(1)).unwrap().unwrap().started.base, 0);
        let row = store.household(id(2)).unwrap().unwrap().row;
        assert_eq!(
            (row.head.as_str(), row.outcome),
            ("Kepala 2", Some(Outcome::Met))
        );
        assert_eq!(row.state, HouseholdState::Waiting);
        assert_eq!(store.lot(9, 9999, true).unwrap().ops[0].base, 0);
    }

    #[test]
    fn a_household_sent_back_needs_correction_until_she_finished_it_anew() {
        let (folder, mut server) = (folder(), Server::new());
        let store = received(folder.path(), &mut server);
        apply_page(
            &store,
            server.epoch,
            vec![correction(id(1), 1, "Periksa NIK")],
        );
        assert_eq!(state(&store, id(1)), HouseholdState::NeedsCorrection);
        let comments = store.household(id(1)).unwrap().unwrap().comments;
        assert_eq!(comments[0].text, "Periksa NIK");

        assert_eq!(finish(&store, id(1), "sent"), 2, "she says that it is so");
        assert_eq!(state(&store, id(1)), HouseholdState::Waiting);
        sync(&store, &mut server);
        assert_eq!(state(&store, id(1)), HouseholdState::Received);
        assert!(store.household(id(1)).unwrap().unwrap().comments.is_empty());
    }

    #[test]
    fn a_request_that_she_has_not_seen_outlives_the_entry_on_its_way() {
        let (folder, mut server) = (folder(), Server::new());
        let store = received(folder.path(), &mut server);
        finish(&store, id(1), "on its way");
        apply_page(
            &store,
            server.epoch,
            vec![correction(id(1), 1, "Periksa NIK")],
        );
        assert_eq!(state(&store, id(1)), HouseholdState::Waiting);
        sync(&store, &mut server);
        assert_eq!(state(&store, id(1)), HouseholdState::NeedsCorrection);
    }

    #[test]
    fn a_request_taken_back_or_overtaken_is_none() {
        let (folder, mut server) = (folder(), Server::new());
        let store = received(folder.path(), &mut server);
        apply_page(
            &store,
            server.epoch,
            vec![correction(id(1), 1, "Periksa NIK")],
        );
        apply_page(&store, server.epoch, vec![correction(id(1), 1, "")]);
        assert_eq!(state(&store, id(1)), HouseholdState::Received);
        apply_page(
            &store,
            server.epoch,
            vec![correction(id(1), 0, "Of an earlier one")],
        );
        assert_eq!(state(&store, id(1)), HouseholdState::Received);
    }

    #[test]
    fn a_family_that_is_no_longer_hers_leaves_the_list_unless_the_phone_holds_something_of_it() {
        let folder = folder();
        let server = Server::new();
        let store = enrolled(folder.path(), &server, &[id(1), id(2)]);
        finish(&store, id(2), "done");
        let gone = |number| Change::Gone {
            household: id(number),
            reason: "Pindah RT".into(),
        };
        apply_page(&store, server.epoch, vec![gone(1), gone(2), gone(3)]);
        assert!(store.household(id(1)).unwrap().is_none());
        let kept = store.household(id(2)).unwrap().unwrap().row;
        assert_eq!(
            (kept.gone.as_deref(), kept.state),
            (Some("Pindah RT"), HouseholdState::Waiting)
        );
        let counts = store.tally().unwrap()[0].counts;
        assert_eq!((counts.listed, counts.waiting), (0, 1));
    }

    #[test]
    fn a_family_found_on_the_way_comes_back_from_the_server_as_the_same() {
        let (folder, mut server) = (folder(), Server::new());
        let store = enrolled(folder.path(), &server, &[]);
        finish(&store, id(50), "new");
        sync(&store, &mut server);
        let mut theirs = household(id(50), 7, "Keluarga Baru");
        theirs.revision = 1;
        theirs.outcome = Some(Outcome::New);
        apply_page(&store, server.epoch, vec![Change::Household(theirs)]);
        let row = store.household(id(50)).unwrap().unwrap().row;
        assert_eq!((row.listed, row.number.as_str()), (false, "007"));
        let counts = store.tally().unwrap()[0].counts;
        assert_eq!((counts.listed, counts.new, counts.received), (0, 1, 1));
    }

    #[test]
    fn a_page_and_its_cursor_are_stored_together_or_not_at_all() {
        let folder = folder();
        let server = Server::new();
        let store = enrolled(folder.path(), &server, &[]);
        store
            .read(|connection| {
                connection.query_row("PRAGMA max_page_count = 1", [], |_| Ok(()))?;
                Ok(())
            })
            .unwrap();
        let many: Vec<Change> = (1..500).map(|number| listed(id(number))).collect();
        let fault = store
            .apply(&super::super::Answer {
                epoch: server.epoch,
                server_time: noon(),
                safe_seq: 0,
                entries: &[],
                page: Some(&PullPage {
                    changes: many,
                    cursor: "499".into(),
                    more: false,
                }),
            })
            .unwrap_err();
        assert_eq!(fault.trouble, Trouble::Full);
        let cursor = store.device().unwrap().link.unwrap().cursor;
        assert_eq!(cursor.as_deref(), Some("0"));
        assert!(store.household(id(1)).unwrap().is_none());
    }
}

mod listing {
    use super::*;

    fn page(store: &Store, filter: &Filter, after: Option<&str>) -> (Vec<u128>, Option<String>) {
        let page = store.page(filter, after, 3).unwrap().unwrap();
        let ids = page.rows.iter().map(|row| row.id.as_u128()).collect();
        (ids, page.next)
    }

    #[test]
    fn the_list_comes_in_pages_by_area_and_number() {
        let folder = folder();
        let households: Vec<Uuid> = [4, 2, 7, 1, 5, 6, 3].map(id).into();
        let store = enrolled(folder.path(), &Server::new(), &households);
        let all = Filter::default();
        let (first, next) = page(&store, &all, None);
        let (second, after) = page(&store, &all, next.as_deref());
        let (third, end) = page(&store, &all, after.as_deref());
        assert_eq!(
            (first, second, third),
            (vec![1, 2, 3], vec![4, 5, 6], vec![7])
        );
        assert_eq!(end, None);
    }

    #[test]
    fn the_list_shows_one_area_or_one_state_only() {
        let folder = folder();
        let households: Vec<Uuid> = (1..8).map(id).collect();
        let server = Server::new();
        let store = enrolled(folder.path(), &server, &households);
        let mut elsewhere = household(id(90), 1, "Siti");
        elsewhere.area = "75.71.01.1001.002.006".parse().unwrap();
        let there = elsewhere.area.clone();
        apply_page(&store, server.epoch, vec![Change::Household(elsewhere)]);
        finish(&store, id(5), "done");
        let waiting = Filter {
            state: Some(HouseholdState::Waiting),
            ..Filter::default()
        };
        assert_eq!(page(&store, &waiting, None), (vec![5], None));
        let there = Filter {
            area: Some(there),
            ..Filter::default()
        };
        assert_eq!(page(&store, &there, None), (vec![90], None));
        let both = Filter {
            search: Some("kep".into()),
            ..waiting
        };
        assert_eq!(page(&store, &both, None), (vec![5], None));
    }

    #[test]
    fn a_search_finds_the_beginnings_of_words_in_name_number_and_address_of_an_area() {
        let folder = folder();
        let server = Server::new();
        let store = enrolled(folder.path(), &server, &[]);
        let named = [
            (1, "Abdul Rahman"),
            (2, "Rahmatia"),
            (3, "Budi Abdullah"),
            (4, "Élodie"),
        ];
        let changes = named
            .map(|(number, head)| Change::Household(household(id(number), number as usize, head)));
        apply_page(&store, server.epoch, changes.into());
        let find = |typed: &str| {
            let filter = Filter {
                area: Some(area()),
                search: Some(typed.into()),
                ..Filter::default()
            };
            page(&store, &filter, None).0
        };
        assert_eq!(find("rah"), [1, 2]);
        assert_eq!(find("ABD rahm"), [1]);
        assert_eq!(find("elo"), [4]);
        assert_eq!(find("003"), [3]);
        assert_eq!(find("contoh bud"), [3]);
        assert_eq!(find("ahman"), [0u128; 0]);
        assert_eq!(find("\" OR *"), [0u128; 0], "what is typed is no syntax");
        assert_eq!(find("  "), [1, 2, 3], "nothing typed lists all");
    }

    #[test]
    fn a_search_comes_in_pages() {
        let folder = folder();
        let households: Vec<Uuid> = (1..8).map(id).collect();
        let store = enrolled(folder.path(), &Server::new(), &households);
        let filter = Filter {
            search: Some("kepala".into()),
            ..Filter::default()
        };
        let (first, next) = page(&store, &filter, None);
        let (second, after) = page(&store, &filter, next.as_deref());
        assert_eq!((first, second), (vec![1, 2, 3], vec![4, 5, 6]));
        assert_eq!(page(&store, &filter, after.as_deref()), (vec![7], None));
        assert_eq!(store.page(&filter, Some("nonsense"), 3).unwrap(), None);
        assert_eq!(
            store.page(&Filter::default(), Some("nonsense"), 3).unwrap(),
            None
        );
    }
}
