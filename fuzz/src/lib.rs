//! What anybody may send, thrown at whatever reads it.
//!
//! Each function takes arbitrary bytes and must come back: a panic in it is a fault, and so is an
//! answer that no input deserves. `cargo xtask fuzz` drives them with cargo-fuzz; what that found
//! worth keeping is the corpus, which `cargo test` runs through the same functions.
//!
//! Most messages are compressed or sealed, which no mutation survives. So the first byte says whether
//! the rest is taken as it is or is wrapped as a client would.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a target reports what it finds by panicking"
)]

mod office;
mod phone;
mod questionnaire;

use std::io::Write as _;

use bytes::Bytes;
use http::{Request, StatusCode};
use ketuk_wire::{HandoverAnswer, PROTOCOL_HEADER, Proof, Receipt};

use office::Office;
use phone::Phone;

/// Takes arbitrary bytes, and comes back.
pub type Target = fn(&[u8]);

/// The targets, by the name of their corpus.
pub const TARGETS: [(&str, Target); 6] = [
    ("request", request),
    ("answer", answer),
    ("parcel", parcel),
    ("receipt", receipt),
    ("workbook", workbook),
    ("expression", expression),
];

/// The server reads what a phone sends.
pub fn request(data: &[u8]) {
    let Some((&how, rest)) = data.split_first() else {
        return;
    };
    let plain = Request::post("/v1/sync");
    let packed = Request::post("/v1/sync").header("content-encoding", "zstd");
    let (request, body) = match how % 3 {
        0 => (packed, rest.to_vec()),
        1 => (plain, rest.to_vec()),
        _ => (packed, pack(rest)),
    };
    Office::with(|office| {
        let status = office.call(request, body).status();
        assert!(
            status != StatusCode::INTERNAL_SERVER_ERROR,
            "a request broke the server"
        );
    });
}

/// The phone reads what somebody answers who holds no key of the server: whatever it says, an entry
/// never counts as received.
pub fn answer(data: &[u8]) {
    let Some((&how, rest)) = data.split_first() else {
        return;
    };
    let body = match how % 2 {
        0 => rest.to_vec(),
        _ => pack(rest),
    };
    Phone::with(|phone| phone.hears(how / 2, body));
}

/// The server opens what somebody brings.
pub fn parcel(data: &[u8]) {
    let Some((&how, rest)) = data.split_first() else {
        return;
    };
    Office::with(|office| {
        let body = match how % 3 {
            0 => rest.to_vec(),
            1 => office.seal(rest),
            _ => office.seal(&pack(rest)),
        };
        let answer = office.call(Request::post("/v1/handover"), body);
        let status = answer.status();
        assert!(
            status != StatusCode::INTERNAL_SERVER_ERROR,
            "a parcel broke the server"
        );
        if status == StatusCode::OK {
            let _: HandoverAnswer =
                ketuk_wire::decode(answer.body()).expect("an answer that says what came");
        }
    });
}

/// Anybody reads a receipt.
pub fn receipt(data: &[u8]) {
    let _ = Proof::from_bytes(data);
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Ok(receipt) = text.parse::<Receipt>() {
        assert_eq!(receipt.to_string().parse(), Ok(receipt.clone()));
        Office::with(|office| {
            assert!(
                receipt.verify(office.key()).is_err(),
                "a receipt that this server never gave"
            );
        });
    }
}

/// The form engine reads a workbook that somebody uploads, and whoever fills it goes through all of it.
pub fn workbook(data: &[u8]) {
    if let Some((&how, rest)) = data.split_first() {
        questionnaire::workbook(how, rest);
    }
}

/// The form engine reads an expression that somebody wrote into a cell.
pub fn expression(data: &[u8]) {
    if let Some((&how, rest)) = data.split_first()
        && let Ok(text) = std::str::from_utf8(rest)
    {
        questionnaire::expression(how, text);
    }
}

/// A sound input of each target, by the name of its corpus and its own.
pub fn seeds() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let (request, answer) = phone::conversation();
    let parcel = format!(
        r#"{{"device":"{}","token":"-","request":{request}}}"#,
        uuid::Uuid::nil()
    );
    let led_by = |how: u8, text: &str| [&[how], text.as_bytes()].concat();
    let mut seeds = vec![
        ("request", "sound", led_by(2, &request)),
        ("request", "plain", led_by(1, &request)),
        ("request", "no-stream", led_by(0, "no zstd")),
        ("answer", "sound", led_by(1, &answer)),
        (
            "answer",
            "refused",
            led_by(9, r#"{"code":"bad_request","message":"Tidak terbaca."}"#),
        ),
        ("parcel", "sound", led_by(2, &parcel)),
        ("parcel", "foreign", led_by(0, "age-encryption.org/v1\n")),
        ("receipt", "text", b"KETUK1.AAAQ".to_vec()),
    ];
    seeds.extend(questionnaire::seeds());
    seeds
}

fn pack(bytes: &[u8]) -> Vec<u8> {
    let mut packed = zstd::Encoder::new(Vec::new(), 1).expect("zstd");
    packed.write_all(bytes).expect("memory");
    packed.finish().expect("memory")
}

/// An answer of ours carries this header.
fn is_ours(answer: &http::Response<Bytes>) -> bool {
    answer.headers().contains_key(PROTOCOL_HEADER)
}
