//! Copies of a phone, and the way back into them.

use ketuk_wire::{HandoverReceipts, Holding, RecoverRequest, RecoverResponse, SealedKey, Signed};

use super::*;
use crate::testing::http::Listening;
use crate::{PhoneCopy, copy_unopened, move_aside, recover, recoverable};

const KEY: [u8; 32] = [7; 32];

fn setup(field: &Field) -> Setup {
    Setup {
        clock: Arc::clone(&field.clock) as _,
        ..Setup::new("test", 480)
    }
}

/// One finished, one begun.
fn at_work(field: &Field) {
    let mut visit = field.visit(id(1));
    met(&mut visit);
    visit.answer("rumah/kepala", text("Rusli Datau")).unwrap();
    saved(visit.finish().unwrap());
    let mut visit = field.visit(id(2));
    visit.answer("rumah/kepala", text("Nani")).unwrap();
    visit.attach("image/jpeg", b"a photo of a house").unwrap();
}

/// Opens what was sealed to the field's server, as the real one does.
fn opener(field: &Field) -> Listening {
    let (identity, welcome) = (field.server.identity.clone(), field.server.enrolment());
    serve(move |request| {
        assert_eq!(request.path, "/v1/recover");
        let asked: RecoverRequest = ketuk_wire::decode(&request.body).unwrap();
        assert_eq!(asked.code.as_str(), "K7QM2XTA");
        let sealed =
            base64::Engine::decode(&base64::engine::general_purpose::STANDARD, asked.sealed);
        let opened = age::decrypt(&identity, &sealed.unwrap()).unwrap();
        let sealed: SealedKey = ketuk_wire::decode(&opened).unwrap();
        let mut welcome = welcome.clone();
        welcome.token = "a-fresh-token".into();
        let recovered = RecoverResponse {
            key: sealed.key,
            welcome,
        };
        Reply::Answer(answer(200, ketuk_wire::encode(&recovered).unwrap()))
    })
}

#[test]
fn a_copy_has_everything_and_shows_nothing() {
    let field = Field::new();
    at_work(&field);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cadangan.ketuk");
    let bytes = field.phone.back_up(&file).unwrap();
    let copy = std::fs::read(&file).unwrap();
    assert_eq!(copy.len() as u64, bytes);
    for word in [
        "Rusli",
        "Nani",
        "kunjungan",
        "a photo of a house",
        "secret-token",
    ] {
        let shown = copy.windows(word.len()).any(|part| part == word.as_bytes());
        assert!(!shown, "{word} can be read in the copy");
    }

    let there = folder.path().join("another phone");
    let found = PhoneCopy::open(&file).unwrap();
    assert_eq!(found.server(), "https://server.test");
    found.unpack(&there).unwrap();
    let server = opener(&field);
    let key = recover(&there, &server.address, "K7QM-2XTA", "HP", &setup(&field)).unwrap();
    assert_eq!(key, KEY);
    let phone = Phone::open(&there, key, setup(&field)).unwrap();
    assert_eq!(phone.waiting(None, 10).unwrap().rows.len(), 1);
    let here = phone.only_here().unwrap();
    assert_eq!((here.entries, here.drafts, here.photos), (1, 1, 1));
    let mut visit = phone.households().visit(id(2)).unwrap();
    let screen = visit.go_to("rumah").unwrap();
    assert!(questions(&screen).contains(&("rumah/kepala", &text("Nani"))));
    assert_eq!(phone.core.link().unwrap().token, "a-fresh-token");
}

/// Nothing of it is lost, nothing is there twice, whatever the first life had done since.
#[test]
fn a_copy_that_is_put_back_goes_on_where_the_server_is() {
    let mut field = Field::new();
    at_work(&field);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("copy");
    field.phone.back_up(&file).unwrap();
    // The first life goes on, and sends.
    let mut visit = field.visit(id(2));
    met(&mut visit);
    saved(visit.finish().unwrap());
    assert_eq!(field.sync().received, 2);
    assert_eq!(field.server.kept.len(), 2);

    let there = folder.path().join("again");
    PhoneCopy::open(&file).unwrap().unpack(&there).unwrap();
    field.phone = Phone::open(&there, KEY, setup(&field)).unwrap();
    assert!(field.sync().put_back);
    assert_eq!(field.phone.waiting(None, 10).unwrap().rows, []);
    assert_eq!(field.server.kept.len(), 2);
    assert_eq!(
        field.state(id(2)),
        HouseholdState::Draft,
        "she may look at it"
    );
}

#[test]
fn what_cant_be_opened_can_be_copied_as_it_lies() {
    let field = Field::new();
    at_work(&field);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("copy");
    assert_eq!(
        recoverable(field.folder.path()).as_deref(),
        Some("https://server.test")
    );
    // The app was killed: what it committed last lies in the log.
    let lying = folder.path().join("lying");
    std::fs::create_dir(&lying).unwrap();
    for part in std::fs::read_dir(field.folder.path()).unwrap() {
        let part = part.unwrap();
        std::fs::copy(part.path(), lying.join(part.file_name())).unwrap();
    }
    copy_unopened(&lying, &file).unwrap();
    let there = folder.path().join("there");
    PhoneCopy::open(&file).unwrap().unpack(&there).unwrap();
    let phone = Phone::open(&there, KEY, setup(&field)).unwrap();
    let here = phone.only_here().unwrap();
    assert_eq!((here.entries, here.drafts), (1, 1));
}

#[test]
fn a_phone_that_lost_its_key_gets_it_back_and_goes_on_where_it_was() {
    let mut field = Field::new();
    at_work(&field);
    let server = opener(&field);
    let folder = field.folder.path();
    assert_eq!(
        recover(folder, &server.address, "K7QM-2XTA", "HP", &setup(&field)).unwrap(),
        KEY
    );
    field.killed();
    assert_eq!(field.phone.core.link().unwrap().token, "a-fresh-token");
    assert_eq!(field.phone.waiting(None, 10).unwrap().rows.len(), 1);
}

#[test]
fn without_a_server_that_knows_it_nothing_is_changed() {
    let field = Field::new();
    at_work(&field);
    let folder = field.folder.path();
    let refused = crate::testing::refuse(410, ketuk_wire::RefusalCode::CodeSpent);
    let server = serve(move |_| Reply::Answer(refused.clone()));
    let fault = recover(folder, &server.address, "K7QM-2XTA", "HP", &setup(&field)).unwrap_err();
    assert!(
        matches!(fault, Error::Refused { status: 410, .. }),
        "{fault:?}"
    );
    assert_eq!(field.phone.core.link().unwrap().token, "secret-token");

    let nobodys = tempfile::tempdir().unwrap();
    let phone = open(nobodys.path(), &field.clock);
    assert_eq!(recoverable(nobodys.path()), None);
    let to = nobodys.path().join("copy");
    assert!(matches!(phone.back_up(&to), Err(Error::NotEnrolled)));
    assert!(matches!(
        copy_unopened(nobodys.path(), &to),
        Err(Error::NoRecipient)
    ));
}

#[test]
fn what_is_no_copy_is_refused_and_a_database_is_never_written_over() {
    let field = Field::new();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("copy");
    field.phone.back_up(&file).unwrap();
    let whole = std::fs::read(&file).unwrap();
    let mut strange = whole.clone();
    let name = strange
        .windows(8)
        .position(|part| part == b"ketuk.db")
        .unwrap();
    strange[name..name + 8].copy_from_slice(b"../../db");
    let cut = (0..whole.len())
        .step_by(997)
        .map(|cut| whole[..cut].to_vec());
    for broken in cut.chain([strange, b"a letter".to_vec(), Vec::new()]) {
        std::fs::write(&file, broken).unwrap();
        assert!(matches!(PhoneCopy::open(&file), Err(Error::Input(_))));
    }
    std::fs::write(&file, whole).unwrap();
    let fault = PhoneCopy::open(&file).unwrap().unpack(field.folder.path());
    assert!(matches!(fault, Err(Error::Enrolled)));
}

#[test]
fn a_folder_is_moved_aside_and_not_one_byte_of_it_lost() {
    let folder = tempfile::tempdir().unwrap();
    let (data, field) = (folder.path().join("data"), Field::new());
    for _ in 0..2 {
        std::fs::create_dir(&data).unwrap();
        std::fs::write(data.join("ketuk.db"), b"sealed").unwrap();
        let aside = move_aside(&data, &setup(&field)).unwrap();
        assert!(!data.exists());
        assert_eq!(std::fs::read(aside.join("ketuk.db")).unwrap(), b"sealed");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
}

#[test]
fn she_is_reminded_of_what_has_been_only_here_for_a_week() {
    let mut field = Field::new();
    let due = |field: &Field| field.phone.only_here().unwrap().due;
    at_work(&field);
    assert!(!due(&field), "just begun");
    field.clock.set("2026-07-20T04:00:00Z");
    assert!(due(&field));
    let folder = tempfile::tempdir().unwrap();
    field.phone.back_up(&folder.path().join("copy")).unwrap();
    assert!(due(&field), "it may not have come to where she keeps it");
    field.phone.backed_up().unwrap();
    field.killed();
    assert!(!due(&field));
    field.clock.set("2026-07-30T04:00:00Z");
    assert!(due(&field), "a week later again");
}

/// Signs as the server does, for what a parcel of the field's phone holds.
fn receipts(field: &Field, parcel: &[u8], revision: u64) -> HandoverReceipts {
    let plain = age::decrypt(&field.server.identity, parcel).unwrap();
    let parcel: ketuk_wire::Parcel = ketuk_wire::decode(&plain).unwrap();
    let ops = &parcel.request.ops;
    let holdings: Vec<Holding> = ops
        .iter()
        .map(|op| Holding {
            household: op.household,
            revision,
            sha256: op.sha256,
            received_at: noon(),
        })
        .collect();
    let acks = ops.iter().map(|op| ketuk_wire::Ack {
        seq: op.seq,
        revision,
        received_at: noon(),
    });
    HandoverReceipts {
        device: parcel.device,
        batches: vec![Signed {
            acks: acks.collect(),
            signature: ketuk_wire::sign(&field.server.key, &holdings).unwrap(),
        }],
    }
}

#[test]
fn receipts_that_are_brought_back_in_a_file_are_as_good_as_sent_ones() {
    let mut field = Field::new();
    at_work(&field);
    let parcel = field.phone.hand_over().unwrap().unwrap();
    field.server.unpack(&parcel.bytes);
    let file = ketuk_wire::encode(&receipts(&field, &parcel.bytes, 1)).unwrap();
    assert_eq!(field.phone.take_receipts(&file).unwrap(), 1);
    assert_eq!(field.phone.take_receipts(&file).unwrap(), 0, "once");
    assert_eq!(field.phone.waiting(None, 10).unwrap().rows, []);
    assert_eq!(field.state(id(1)), HouseholdState::Received);
    let detail = field.phone.households().detail(id(1), "id").unwrap();
    let receipt = detail.receipt.unwrap();
    assert!(receipt.verify(&field.server.key.public()).is_ok());
    // And it is nothing that the server would be sent again.
    assert_eq!(field.sync().received, 0);
    assert_eq!(field.server.kept.len(), 1);
}

#[test]
fn receipts_that_the_server_did_not_sign_for_just_this_change_nothing() {
    let field = Field::new();
    at_work(&field);
    let parcel = field.phone.hand_over().unwrap().unwrap().bytes;
    let right = receipts(&field, &parcel, 1);
    let mut anothers = right.clone();
    anothers.device = Uuid::from_u128(9);
    let mut other_revision = right.clone();
    other_revision.batches[0].acks[0].revision = 2;
    let mut unknown = right.clone();
    unknown.batches[0].acks[0].seq = 17;
    let mut half = right.clone();
    half.batches.push(other_revision.batches[0].clone());
    for wrong in [anothers, other_revision, unknown, half] {
        let file = ketuk_wire::encode(&wrong).unwrap();
        assert!(matches!(
            field.phone.take_receipts(&file),
            Err(Error::Input(_))
        ));
    }
    assert!(matches!(
        field.phone.take_receipts(b"a letter"),
        Err(Error::Input(_))
    ));
    assert_eq!(field.phone.waiting(None, 10).unwrap().rows.len(), 1);
    assert_eq!(field.state(id(1)), HouseholdState::Waiting);
}
