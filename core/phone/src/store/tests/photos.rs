use ketuk_wire::{Blob, Sha256};

use super::*;
use crate::store::{Photo, PhotoState};

/// Larger than a page of the database, and than what is cached of it at once.
fn picture(seed: u8) -> Vec<u8> {
    (0..300_000u32).map(|at| (at / 7) as u8 ^ seed).collect()
}

pub(super) fn attach(store: &Store, household: Uuid, bytes: &[u8]) -> Sha256 {
    with_draft(household, |draft| store.attach(draft, "image/jpeg", bytes)).unwrap()
}

fn detach(store: &Store, household: Uuid, sha256: Sha256) {
    with_draft(household, |draft| store.detach(draft, sha256)).unwrap();
}

fn with_draft<T>(household: Uuid, act: impl FnOnce(&DraftToSave<'_>) -> T) -> T {
    let household = NewHousehold {
        id: household,
        area: area(),
    };
    act(&DraftToSave {
        household: &household,
        form: Sha256::of(FORM),
        started: Started {
            at: noon(),
            base: 0,
            entry: None,
        },
        body: "a draft",
        names: None,
        now: noon(),
    })
}

fn shown(store: &Store, household: Uuid) -> Vec<Sha256> {
    let photos = store.photos(household).unwrap();
    photos.into_iter().map(|photo| photo.sha256).collect()
}

fn sent(store: &Store) -> Vec<(u64, Vec<Blob>)> {
    let ops = store.lot(usize::MAX, usize::MAX, true).unwrap().ops;
    ops.into_iter().map(|op| (op.seq, op.blobs)).collect()
}

fn named(photo: &[u8]) -> Blob {
    Blob {
        sha256: Sha256::of(photo),
        bytes: photo.len() as u64,
        media_type: "image/jpeg".into(),
    }
}

/// The entries arrive, and no photo.
fn sync_entries(store: &std::sync::Arc<Store>) {
    let mut server = Server::new();
    Run::new(store).drive(|request| match request.method {
        "POST" => Ok(server.handle(request)),
        _ => Ok(refuse(404, ketuk_wire::RefusalCode::NotFound)),
    });
}

fn rows(store: &Store) -> u64 {
    let sql = "SELECT count(*) FROM photo";
    store
        .read(|connection| Ok(connection.query_row(sql, [], |row| row.get(0))?))
        .unwrap()
}

#[test]
fn a_photo_is_on_the_phone_with_its_visit_when_attaching_returns() {
    let folder = folder();
    let store = enrolled(folder.path(), &Server::new(), &[id(1)]);
    let photo = attach(&store, id(1), &picture(1));
    drop(store);
    let store = open(folder.path());
    assert_eq!(state(&store, id(1)), HouseholdState::Draft);
    assert_eq!(
        store.photos(id(1)).unwrap(),
        [Photo {
            sha256: photo,
            media_type: "image/jpeg".into(),
            bytes: 300_000,
            state: PhotoState::Waiting,
        }]
    );
    assert_eq!(store.photo(photo).unwrap(), Some(picture(1)));
    assert_eq!(store.photo(Sha256::of(b"another")).unwrap(), None);
}

#[test]
fn a_photo_is_encrypted_like_all_else() {
    let folder = folder();
    let store = enrolled(folder.path(), &Server::new(), &[id(1)]);
    attach(&store, id(1), &[b'k'; 100_000]);
    move_log(&store);
    drop(store);
    for name in names(folder.path()) {
        let bytes = fs::read(folder.path().join(name)).unwrap();
        assert!(!bytes.windows(16).any(|window| window == [b'k'; 16]));
    }
}

#[test]
fn the_same_photo_in_two_visits_is_kept_once_and_as_long_as_one_shows_it() {
    let folder = folder();
    let store = enrolled(folder.path(), &Server::new(), &[id(1), id(2)]);
    let photo = attach(&store, id(1), &picture(1));
    assert_eq!(attach(&store, id(1), &picture(1)), photo);
    assert_eq!(attach(&store, id(2), &picture(1)), photo);
    assert_eq!(rows(&store), 1);
    detach(&store, id(1), photo);
    assert_eq!(
        (shown(&store, id(1)), shown(&store, id(2))),
        (vec![], vec![photo])
    );
    store.discard_draft(id(2)).unwrap();
    assert_eq!(rows(&store), 0, "nobody shows it any more");
}

#[test]
fn an_entry_names_its_photos_and_keeps_them_when_the_visit_is_opened_again() {
    let folder = folder();
    let store = enrolled(folder.path(), &Server::new(), &[id(1)]);
    let first = attach(&store, id(1), &picture(1));
    finish(&store, id(1), "one");
    assert_eq!(sent(&store), [(1, vec![named(&picture(1))])]);

    let second = attach(&store, id(1), &picture(2));
    assert_eq!(shown(&store, id(1)), [first, second]);
    finish(&store, id(1), "one");
    let both = vec![named(&picture(1)), named(&picture(2))];
    assert_eq!(sent(&store), [(1, both)], "nobody had seen the entry");

    detach(&store, id(1), first);
    finish(&store, id(1), "one");
    assert_eq!(sent(&store), [(1, vec![named(&picture(2))])]);
    assert_eq!(rows(&store), 1);
}

#[test]
fn an_entry_that_was_sent_keeps_its_photos_whatever_becomes_of_the_visit() {
    let folder = folder();
    let mut server = Server::new();
    let store = enrolled(folder.path(), &server, &[id(1)]);
    let photo = attach(&store, id(1), &picture(1));
    let seq = finish(&store, id(1), "one");
    attempt(&store);
    detach(&store, id(1), photo);
    assert_eq!(
        finish(&store, id(1), "one"),
        seq + 1,
        "the photos are part of the entry"
    );
    assert_eq!(sent(&store), [(seq, vec![named(&picture(1))])]);
    assert_eq!(sync(&store, &mut server).received, 2);
    assert_eq!(store.photo(photo).unwrap(), Some(picture(1)));
}

#[test]
fn a_photo_is_read_a_part_at_a_time() {
    let folder = folder();
    let store = enrolled(folder.path(), &Server::new(), &[id(1)]);
    attach(&store, id(1), &picture(1));
    finish(&store, id(1), "one");
    sync_entries(&store);
    let photo = store.next_photo(&[]).unwrap().unwrap();
    let part = |from, most| store.photo_part(&photo, from, most).unwrap();
    let mut whole = Vec::new();
    while whole.len() < 300_000 {
        whole.extend(part(whole.len() as u64, 70_000));
    }
    assert_eq!(whole, picture(1));
    assert!(part(300_000, 10).is_empty());
}
