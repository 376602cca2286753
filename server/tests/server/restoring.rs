//! Copies of a server's data, and servers that were put back from one: noticed whatever the operator
//! did, or forgot.

use std::fs;
use std::path::Path;
use std::process::Output;

use ketuk_wire::{RefusalCode, Verdict};
use reqwest::StatusCode;
use uuid::Uuid;

use super::office::{Browser, text_of};
use super::photos::{named, photo};
use super::start::program;
use super::world::{
    ANAS, CITRAS, LISTED, NEXT_VILLAGE, Phone, VILLAGE, World, code, families, listed,
    on_each_database,
};

fn backup(data: &Path, to: &Path) -> Output {
    let mut command = program();
    command.arg("backup").arg(to).arg("--data").arg(data);
    command.output().unwrap()
}

/// Runs a test on an embedded database, in its folder.
fn embedded(test: impl Fn(&mut World, &Path)) {
    on_each_database(|world| {
        if let Some(file) = world.database_file() {
            let folder = file.parent().unwrap().to_owned();
            test(world, &folder);
        }
    });
}

/// A phone that outlives a server.
struct Kept {
    device: Uuid,
    token: String,
    seq: u64,
}

impl Kept {
    fn of(phone: Phone<'_>) -> Kept {
        Kept {
            device: phone.device,
            token: phone.token,
            seq: phone.seq,
        }
    }

    fn at<'w>(&self, world: &'w World) -> Phone<'w> {
        let mut phone = world.phone(0);
        (phone.device, phone.token, phone.seq) = (self.device, self.token.clone(), self.seq);
        phone
    }
}

#[test]
fn a_backup_is_made_beside_a_running_server_and_the_server_on_it_knows_that_it_is_one() {
    embedded(|world, folder| {
        let outside = tempfile::tempdir().unwrap();
        let copy = outside.path().join("copy.db");
        let content = photo(1, 3000);
        let (phone, before, after) = {
            let mut ana = world.phone(0);
            let mut before = ana.visit(1, 1);
            before.blobs = vec![named(&content)];
            ana.send(std::slice::from_ref(&before));
            assert!(backup(folder, &copy).status.success());
            let after = [ana.visit(2, 1), ana.visit(3, 1)];
            ana.send(&after);
            ana.part(&named(&content), 0, &content);
            assert_eq!(ana.send(&[]).wanted, []);
            (Kept::of(ana), before, after)
        };
        let old = world.epoch();
        let receipt = {
            let ana = phone.at(world);
            let answer = ana.send(&after);
            ana.receipts(&after, &answer)[0].to_string()
        };
        world.stop();
        fs::remove_file(folder.join("ketuk.db")).unwrap();
        fs::copy(&copy, folder.join("ketuk.db")).unwrap();
        let _ = fs::remove_file(folder.join("ketuk.db-wal"));
        world.start();
        assert_ne!(world.epoch(), old);
        let ana = phone.at(world);
        // What the receipt speaks of is not here now, and comes again.
        let mut command = program();
        command.args(["receipt", "verify", &receipt]);
        world.point(&mut command);
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(4));
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(said.contains("the entry is not here"), "{said}");
        let page = Browser::new(world).post("/receipt", &[("receipt", &receipt)]);
        assert!(page.text.contains("Sah, tetapi isiannya belum ada"));
        let said = ana.send(&[]);
        assert_eq!(said.received, [before.seq].into_iter().collect());
        assert_eq!(said.wanted, [named(&content).sha256], "photos too");
        let again = ana.send(&after);
        assert_eq!(again.acks.len(), 2);
        world.assert_figures_agree();
    });
}

#[test]
fn a_backup_is_whole_or_absent_and_for_nobody_elses_eyes() {
    embedded(|world, folder| {
        let outside = tempfile::tempdir().unwrap();
        let to = outside.path().join("copy.db");
        let mut ana = world.phone(0);
        let op = ana.visit(1, 1);
        ana.send(&[op]);
        fs::write(&to, "yesterday's").unwrap();
        assert!(
            backup(folder, &to).status.success(),
            "takes the place of the old one"
        );
        let names: Vec<String> = fs::read_dir(outside.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        assert_eq!(names, ["copy.db"], "one file and nothing beside it");
        let copy = rusqlite::Connection::open(&to).unwrap();
        let count = |sql: &str| copy.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
        assert_eq!(count("SELECT count(*) FROM entry"), 1);
        assert_eq!(
            count("SELECT count(*) FROM meta WHERE name IN ('epoch', 'mark')"),
            0
        );
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(
                fs::metadata(&to).unwrap().permissions().mode() & 0o777,
                0o600
            );
        }
        for (data, to) in [
            (outside.path(), outside.path().join("other")),
            (folder, outside.path().join("no/such/folder/copy.db")),
            (folder, outside.path().to_owned()),
        ] {
            let output = backup(data, &to);
            assert!(!output.status.success());
            let said = String::from_utf8(output.stderr).unwrap();
            assert_eq!(said.trim_end().lines().count(), 1, "{said}");
        }
        assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 1);
    });
}

/// The phone heard of a move that the restored server knows nothing of.
#[test]
fn a_family_whose_move_was_lost_is_still_one_family_and_can_be_moved_again() {
    on_each_database(|world| {
        let mut citra = world.phone(2);
        let family = listed(ANAS, 1).id;
        let visit = citra.visit_of(family, 1, 1);
        let answer = citra.send(std::slice::from_ref(&visit));
        assert_eq!(answer.acks[0].revision, 2);
        assert_eq!(answer.troubles, []);
        world.assert_figures_agree();
        let page = |area: &str| text_of(&Browser::signed_in(world).page(&format!("/area/{area}")));
        assert!(page(VILLAGE).contains("sudah dipindahkan"));
        assert!(!page(NEXT_VILLAGE).contains("1 keluarga baru"));
        let to = code(CITRAS);
        let again = |s: ketuk_server::Setup<'_>| s.move_household(family, &to, "Pindah.");
        world.server().setup(again).unwrap();
        world.assert_figures_agree();
        let (changes, _) = citra.pull_all(None, 1 << 20);
        let got = families(&changes);
        assert_eq!(got.len() as u64, LISTED + 1);
        assert_eq!(got[&family].revision, 2);
        assert_eq!(got[&family].area.as_str(), CITRAS);
        assert_eq!(citra.send(&[visit]).acks, answer.acks);
        assert_eq!(world.server().verify().unwrap().entries, 1);
    });
}

/// Numbers of the lost life are known to phones: none of them stands for another document now.
#[test]
fn a_restored_server_numbers_no_other_document_as_a_lost_one() {
    embedded(|world, folder| {
        let outside = tempfile::tempdir().unwrap();
        let copy = outside.path().join("copy.db");
        let (one, other, late, lost) = {
            let [mut one, mut other, mut late] = [world.phone(0), world.phone(0), world.phone(0)];
            let first = one.visit(1, 1);
            assert_eq!(one.send(&[first]).acks[0].revision, 1);
            assert!(backup(folder, &copy).status.success());
            let family = listed(ANAS, 1).id;
            let lost = one.visit_of(family, 1, 2);
            assert_eq!(one.send(std::slice::from_ref(&lost)).acks[0].revision, 2);
            let of_first = other.visit_of(family, 1, 3);
            let of_lost = late.visit_of(family, 2, 4);
            let kept = [(Kept::of(other), of_first), (Kept::of(late), of_lost)];
            let [other, late] = kept;
            (Kept::of(one), other, late, lost)
        };
        world.stop();
        fs::remove_file(folder.join("ketuk.db")).unwrap();
        fs::copy(&copy, folder.join("ketuk.db")).unwrap();
        let _ = fs::remove_file(folder.join("ketuk.db-wal"));
        world.start();
        let answer = other.0.at(world).send(&[other.1]);
        assert!(answer.troubles.is_empty());
        let stands = answer.acks[0].revision;
        assert!(stands > 2, "not a number that was given out before");
        // Neither knew of that one, whatever numbers they name.
        for (phone, op) in [late, (one, lost)] {
            let answer = phone.at(world).send(&[op]);
            assert_eq!(answer.troubles[0].verdict, Verdict::Conflict);
        }
        world.assert_figures_agree();
    });
}

#[test]
fn a_restart_is_no_restoring() {
    on_each_database(|world| {
        let old = world.epoch();
        let mut ana = world.phone(0);
        let op = ana.visit(1, 1);
        ana.send(&[op]);
        world.restart();
        assert_eq!(world.epoch(), old);
        world.restart();
        assert_eq!(world.epoch(), old);
    });
}

#[test]
fn nothing_beside_a_server_makes_it_another() {
    on_each_database(|world| {
        let old = world.epoch();
        for arguments in [["verify", "--json"], ["receipt", "key"]] {
            let mut command = program();
            command.args(arguments);
            world.point(&mut command);
            assert!(command.output().unwrap().status.success());
        }
        assert_eq!(world.epoch(), old);
        world.restart();
        assert_eq!(world.epoch(), old);
    });
}

/// What an operator may do who knows nothing of epochs.
#[test]
fn plain_files_that_were_copied_back_are_noticed() {
    type Copying = fn(&Path, &Path);
    let ways: [(&str, Copying); 3] = [
        ("the database alone", |from, to| {
            fs::copy(from.join("ketuk.db"), to.join("ketuk.db")).unwrap();
        }),
        ("over the old file", |from, to| {
            fs::write(
                to.join("ketuk.db"),
                fs::read(from.join("ketuk.db")).unwrap(),
            )
            .unwrap();
        }),
        ("the whole folder", |from, to| {
            fs::remove_dir_all(to).unwrap();
            fs::create_dir(to).unwrap();
            for entry in fs::read_dir(from).unwrap() {
                let entry = entry.unwrap();
                fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
            }
        }),
    ];
    for (way, put_back) in ways {
        embedded(|world, folder| {
            let outside = tempfile::tempdir().unwrap();
            let phone = {
                let mut ana = world.phone(0);
                let op = ana.visit(1, 1);
                ana.send(&[op]);
                Kept::of(ana)
            };
            world.stop();
            for entry in fs::read_dir(folder).unwrap() {
                let entry = entry.unwrap();
                fs::copy(entry.path(), outside.path().join(entry.file_name())).unwrap();
            }
            world.start();
            let old = world.epoch();
            let cursor = {
                let mut ana = phone.at(world);
                let op = ana.visit(2, 1);
                ana.send(&[op]);
                ana.pull_all(None, 1 << 20).1
            };
            world.stop();
            put_back(outside.path(), folder);
            world.start();
            assert_ne!(world.epoch(), old, "{way}");
            let (status, refusal) = phone.at(world).pull(Some(cursor), 1000).unwrap_err();
            assert_eq!(status, StatusCode::CONFLICT, "{way}");
            assert_eq!(refusal.code, RefusalCode::Cursor);
        });
    }
}

/// The copy is of the very run that goes on, as that of a disk's snapshot; the server was then killed.
#[test]
fn a_copy_of_the_same_run_is_noticed_too() {
    embedded(|world, folder| {
        let outside = tempfile::tempdir().unwrap();
        let old = world.epoch();
        let copy = outside.path().join("ketuk.db");
        let from = rusqlite::Connection::open(folder.join("ketuk.db")).unwrap();
        from.execute("VACUUM INTO ?1", [copy.to_str().unwrap()])
            .unwrap();
        drop(from);
        let mut ana = world.phone(0);
        let op = ana.visit(1, 1);
        ana.send(&[op]);
        // It notes how far it has come, last when it stops.
        world.stop();
        fs::write(folder.join("ketuk.db"), fs::read(&copy).unwrap()).unwrap();
        world.start();
        assert_ne!(world.epoch(), old);
    });
}

/// As of a machine's snapshot, of which the server can't know: phones know more than it does.
#[test]
fn a_cursor_of_changes_that_are_not_here_starts_over() {
    on_each_database(|world| {
        let ana = world.phone(0);
        let cursor = ana.pull_all(None, 1 << 20).1;
        assert!(ana.pull(Some(cursor.clone()), 1000).is_ok());
        let (front, place) = cursor.rsplit_once('=').unwrap();
        let (at, whole_to) = place.split_once('/').unwrap();
        let at: u64 = at.parse().unwrap();
        let beyond = format!("{front}={}/{whole_to}", at + 1);
        let (status, refusal) = ana.pull(Some(beyond), 1000).unwrap_err();
        assert_eq!(status, StatusCode::CONFLICT);
        assert_eq!(refusal.code, RefusalCode::Cursor);
    });
}

#[test]
fn a_claim_that_says_nothing_or_nonsense_is_another_incarnation_and_no_fault() {
    for text in ["", "nonsense", "a b c", &"9".repeat(5000)] {
        embedded(|world, folder| {
            let old = world.epoch();
            world.stop();
            fs::write(folder.join("ketuk.lock"), text).unwrap();
            world.start();
            assert_ne!(world.epoch(), old);
            let now = world.epoch();
            world.restart();
            assert_eq!(world.epoch(), now);
        });
    }
}

#[test]
fn a_postgresql_that_was_loaded_from_a_copy_is_noticed() {
    on_each_database(|world| {
        let Some(url) = world.postgres_url() else {
            return;
        };
        let old = world.epoch();
        world.stop();
        // As after a dump and its restoring: the same rows in another database of the same name.
        let (front, name) = url.trim_end_matches('?').rsplit_once('/').unwrap();
        let mut admin = postgres::Client::connect(&format!("{front}/postgres"), postgres::NoTls);
        let admin = admin.as_mut().unwrap();
        for sql in [
            format!("CREATE DATABASE {name}_copy TEMPLATE {name}"),
            format!("DROP DATABASE {name} WITH (FORCE)"),
            format!("ALTER DATABASE {name}_copy RENAME TO {name}"),
        ] {
            admin.batch_execute(&sql).unwrap();
        }
        world.start();
        assert_ne!(world.epoch(), old);
        let now = world.epoch();
        world.restart();
        assert_eq!(world.epoch(), now);
    });
}

#[test]
fn postgresql_is_copied_by_its_own_means_and_the_program_says_so() {
    on_each_database(|world| {
        if world.postgres_url().is_some() {
            let folder = tempfile::tempdir().unwrap();
            let mut command = program();
            command.arg("backup").arg(folder.path().join("copy"));
            world.point(&mut command);
            let output = command.output().unwrap();
            assert!(!output.status.success());
            let said = String::from_utf8(output.stderr).unwrap();
            assert!(said.contains("pg_dump"), "{said}");
        }
    });
}
