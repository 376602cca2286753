//! What leaves the phone in a file.

use ketuk_wire::{HandoverAnswer, Parcel};

use super::*;
use crate::Handover;

fn opened(field: &Field, parcel: &Handover) -> Parcel {
    let plain = age::decrypt(&field.server.identity, &parcel.bytes).unwrap();
    ketuk_wire::decode(&plain).unwrap()
}

fn seqs(field: &Field, parcel: &Handover) -> Vec<u64> {
    opened(field, parcel)
        .request
        .ops
        .iter()
        .map(|op| op.seq)
        .collect()
}

/// Two visits, finished.
fn two_finished(field: &Field) {
    for household in [id(1), id(2)] {
        let mut visit = field.visit(household);
        visit
            .answer("kunjungan/hasil", Answer::Choice("6".into()))
            .unwrap();
        visit.answer("rumah/kepala", text("Contoh")).unwrap();
        saved(visit.finish().unwrap());
    }
}

#[test]
fn what_waits_leaves_in_a_file_that_only_the_server_can_open() {
    let field = Field::new();
    assert_eq!(field.phone.hand_over().unwrap(), None, "nothing waits");
    two_finished(&field);
    let parcel = field.phone.hand_over().unwrap().unwrap();
    assert_eq!((parcel.entries, parcel.left_over), (2, 0));
    assert_eq!(seqs(&field, &parcel), [1, 2]);
    assert_eq!(opened(&field, &parcel).token, "secret-token");
    assert_eq!(opened(&field, &parcel).request.outgoing.waiting, 2);

    let carrier = age::x25519::Identity::generate();
    assert!(age::decrypt(&carrier, &parcel.bytes).is_err());
    let document = &b"kunjungan"[..];
    assert!(
        !parcel
            .bytes
            .windows(document.len())
            .any(|bytes| bytes == document)
    );
    assert!(!format!("{parcel:?}").contains("bytes"));
}

#[test]
fn what_was_handed_over_waits_until_the_servers_own_word() {
    let mut field = Field::new();
    two_finished(&field);
    field.phone.hand_over().unwrap();
    let waiting = field.phone.waiting(None, 10).unwrap().rows;
    assert_eq!(waiting.len(), 2);
    assert_eq!(waiting[0].handed_over, Some(noon()));
    field.killed();
    assert_eq!(
        field.phone.waiting(None, 10).unwrap().rows[1].handed_over,
        Some(noon())
    );
    assert_eq!(field.sync().received, 2);
    assert_eq!(field.phone.waiting(None, 10).unwrap().rows, []);
}

#[test]
fn what_was_handed_over_never_changes_again() {
    let mut field = Field::new();
    two_finished(&field);
    let parcel = field.phone.hand_over().unwrap().unwrap();
    field.killed();
    let mut visit = field.visit(id(1));
    met(&mut visit);
    visit.answer("rumah/kepala", text("Contoh Tiga")).unwrap();
    saved(visit.finish().unwrap());
    let again = field.phone.hand_over().unwrap().unwrap();
    assert_eq!((again.entries, again.left_over), (3, 0));
    let documents = |parcel| -> Vec<String> {
        let ops = opened(&field, parcel).request.ops.into_iter();
        ops.map(|op| op.document.get().to_owned()).collect()
    };
    assert_eq!(documents(&parcel), documents(&again)[..2]);
}

#[test]
fn all_that_waits_leaves_and_no_entry_without_those_before_it() {
    let field = Field::new();
    two_finished(&field);
    field.phone.hand_over().unwrap();
    let mut visit = field.visit(id(2));
    visit.answer("rumah/kepala", text("Contoh Tiga")).unwrap();
    saved(visit.finish().unwrap());
    let store = &field.phone.core.store;
    let numbers = |max| -> (Vec<u64>, u64) {
        let contents = store.hand_over(max, usize::MAX, noon()).unwrap();
        let seqs = contents.ops.iter().map(|op| op.seq).collect();
        (seqs, contents.left_over)
    };
    assert_eq!(numbers(1), (vec![2], 2), "what it follows goes first");
    assert_eq!(numbers(2), (vec![2, 3], 1));
    assert_eq!(numbers(9), (vec![1, 2, 3], 0));
}

#[test]
fn by_file_and_by_itself_in_any_order_the_server_has_each_entry_once() {
    for file_first in [true, false] {
        let mut field = Field::new();
        two_finished(&field);
        let parcel = field.phone.hand_over().unwrap().unwrap();
        if file_first {
            assert_eq!(field.server.unpack(&parcel.bytes).received, 2);
            assert_eq!(field.sync().received, 2);
        } else {
            assert_eq!(field.sync().received, 2);
            let answer = field.server.unpack(&parcel.bytes);
            assert_eq!((answer.received, answer.already), (2, 2));
        }
        assert_eq!(field.server.kept.len(), 2);
        assert_eq!(field.state(id(1)), HouseholdState::Received);
        let detail = field.phone.households().detail(id(1), "id").unwrap();
        assert!(
            detail.receipt.is_some(),
            "the phone has the receipt either way"
        );
    }
}

#[test]
fn what_the_server_refused_stays() {
    let field = Field::new();
    two_finished(&field);
    let op = field
        .phone
        .core
        .store
        .lot(1, 1, true)
        .unwrap()
        .ops
        .remove(0);
    field
        .phone
        .core
        .store
        .hold(op.op, "unknown_form", "")
        .unwrap();
    let parcel = field.phone.hand_over().unwrap().unwrap();
    assert_eq!((seqs(&field, &parcel), parcel.left_over), (vec![2], 0));
}

#[test]
fn a_phone_brings_anothers_parcel_in_its_own_name() {
    let field = Field::new();
    two_finished(&field);
    let parcel = field.phone.hand_over().unwrap().unwrap().bytes;
    let sent = parcel.clone();
    let server = serve(move |request| {
        assert_eq!(
            (request.method, request.path.as_str()),
            ("POST", "/v1/handover")
        );
        assert_eq!(request.body, sent);
        let bearer = ("authorization", "Bearer secret-token".to_owned());
        assert!(request.headers.contains(&bearer));
        let received = HandoverAnswer {
            received: 2,
            already: 1,
            troubles: 0,
        };
        Reply::Answer(answer(200, ketuk_wire::encode(&received).unwrap()))
    });
    let folder = tempfile::tempdir().unwrap();
    let carrier = open(folder.path(), &Standing::at(noon()));
    assert!(matches!(
        carrier.carry(&parcel).err(),
        Some(Error::NotEnrolled)
    ));
    carrier
        .enrolled(&server.address, &field.server.enrolment())
        .unwrap();
    let answered = carrier.carry(&parcel).unwrap();
    assert_eq!((answered.received, answered.already), (2, 1));
}

#[test]
fn a_parcel_that_the_server_cant_open_is_refused_in_its_words() {
    let server =
        serve(|_| Reply::Answer(crate::testing::refuse(422, ketuk_wire::RefusalCode::Parcel)));
    let field = Field::new();
    field
        .phone
        .enrolled(&server.address, &field.server.enrolment())
        .unwrap();
    let fault = field.phone.carry(b"a song").unwrap_err();
    assert!(
        matches!(fault, Error::Refused { status: 422, .. }),
        "{fault:?}"
    );
}
