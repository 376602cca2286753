//! The messages of protocol 1, as they are frozen, and what another version may do to them.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use jiff::Timestamp;
use jiff::civil::date;
use ketuk_wire::{
    Ack, Area, AreaCode, Blob, Cadre, Campaign, Change, Comment, Correction, DeviceClock,
    EnrolRequest, EnrolResponse, FormRef, HandoverAnswer, Household, Limits, MAX_BLOB, Op,
    Outgoing, Parcel, Pull, PullPage, Refusal, RefusalCode, Sha256, SigningKey, SyncRequest,
    SyncResponse, Target, Trouble, TroubleCode, Verdict,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use serde_json::value::RawValue;
use uuid::Uuid;

fn time() -> Timestamp {
    Timestamp::from_millisecond(1_689_850_800_123).unwrap()
}

fn raw(text: &str) -> Box<RawValue> {
    RawValue::from_string(text.to_owned()).unwrap()
}

fn request() -> SyncRequest {
    let document = raw(r#"{"hasil":"1","anggota":[{"_id":"k3f9a0xz","nama":"Contoh"}]}"#);
    SyncRequest {
        app: "0.1.0".into(),
        clock: DeviceClock { now: time() },
        outgoing: Outgoing {
            high_seq: 40,
            lived_to: 0,
            waiting: 28,
            held: 1,
        },
        ops: vec![Op {
            op: Uuid::from_u128(3),
            seq: 13,
            household: Uuid::from_u128(4),
            area: "75.71.01.1002.001.003".parse().unwrap(),
            base: 0,
            form: FormRef {
                id: "pk".into(),
                version: "2026.1".into(),
            },
            started_at: time(),
            finished_at: time(),
            sha256: Sha256::of(document.get().as_bytes()),
            follows: Some(Uuid::from_u128(9)),
            corrects: Some(Uuid::from_u128(10)),
            blobs: vec![Blob {
                sha256: Sha256::of(b"a photo"),
                bytes: 7,
                media_type: "image/jpeg".into(),
            }],
            document,
        }],
        pull: Some(Pull {
            cursor: Some("v1:75.71.01.1002=17".into()),
            max_bytes: 65_536,
        }),
    }
}

fn response() -> SyncResponse {
    let area: AreaCode = "75.71.01.1002.001.003".parse().unwrap();
    let key = SigningKey::from_seed(&[7; 32]);
    let holding = ketuk_wire::Holding {
        household: Uuid::from_u128(4),
        revision: 1,
        sha256: Sha256::of(b"{}"),
        received_at: time(),
    };
    SyncResponse {
        server_time: time(),
        received: (1..=15).chain([17]).collect(),
        high_seq: 40,
        put_back: false,
        acks: vec![Ack {
            seq: 13,
            revision: 1,
            received_at: time(),
        }],
        signature: ketuk_wire::sign(&key, &[holding]),
        troubles: vec![Trouble {
            seq: 17,
            verdict: Verdict::Quarantined,
            code: TroubleCode::InvalidDocument,
            message: "Isian ini belum lolos pemeriksaan.".into(),
        }],
        wanted: vec![Sha256::of(b"a photo")],
        pull: Some(PullPage {
            changes: vec![
                Change::Household(Household {
                    id: Uuid::from_u128(5),
                    area: area.clone(),
                    number: "014".into(),
                    head: "Contoh".into(),
                    address: "Jl. Contoh 1".into(),
                    revision: 0,
                    outcome: None,
                    document: Some(raw(r#"{"hasil":"1"}"#)),
                }),
                Change::Gone {
                    household: Uuid::from_u128(6),
                    reason: "Pindah RT".into(),
                },
                Change::Correction(Correction {
                    household: Uuid::from_u128(7),
                    request: Uuid::from_u128(10),
                    revision: 2,
                    comments: vec![Comment {
                        path: "anggota[k3f9a0xz]/nik".into(),
                        text: "Periksa NIK".into(),
                    }],
                }),
                Change::Form {
                    form: FormRef {
                        id: "pk".into(),
                        version: "2026.1".into(),
                    },
                    sha256: Sha256::of(b""),
                },
                Change::Target(Target {
                    area: area.clone(),
                    families: 57,
                }),
                Change::Area(Area {
                    code: area,
                    name: "RT 003".into(),
                }),
                Change::Allotment {
                    areas: vec!["75.71.01.1002.001.003".parse().unwrap()],
                },
            ],
            cursor: "v1:75.71.01.1002=29".into(),
            more: true,
        }),
        limits: Limits {
            max_ops: 500,
            max_bytes: 262_144,
            max_blob: MAX_BLOB,
        },
    }
}

/// The message as it is written; what is frozen must also be read.
fn frozen<T: Serialize + DeserializeOwned>(message: &T) -> String {
    let text = serde_json::to_string_pretty(message).unwrap();
    let read: T = serde_json::from_str(&text).unwrap();
    assert_eq!(serde_json::to_string_pretty(&read).unwrap(), text);
    text
}

#[test]
fn the_request_of_protocol_1() {
    insta::assert_snapshot!(frozen(&request()));
}

#[test]
fn the_response_of_protocol_1() {
    insta::assert_snapshot!(frozen(&response()));
}

#[test]
fn the_word_to_a_phone_that_was_put_back_of_protocol_1() {
    let mut request = request();
    request.outgoing.lived_to = 12;
    insta::assert_snapshot!(
        "outgoing_of_a_phone_that_was_put_back",
        frozen(&request.outgoing)
    );
    let answer = SyncResponse {
        put_back: true,
        acks: Vec::new(),
        signature: None,
        troubles: Vec::new(),
        wanted: Vec::new(),
        pull: None,
        ..response()
    };
    insta::assert_snapshot!("answer_to_a_phone_that_was_put_back", frozen(&answer));
}

#[test]
fn an_enrolment_of_protocol_1() {
    let request = EnrolRequest {
        code: "K701-2XTA".parse().unwrap(),
        device: Uuid::from_u128(1),
        cadre: Some(Uuid::from_u128(2)),
        model: "Contoh 1".into(),
        app: "0.1.0".into(),
    };
    insta::assert_snapshot!("enrolment_request", frozen(&request));
    let response = EnrolResponse {
        token: "a-bearers-token".into(),
        cadre: Cadre {
            id: Uuid::from_u128(2),
            name: "Contoh".into(),
            areas: vec!["75.71.01.1002.001.003".parse().unwrap()],
        },
        campaign: Campaign {
            id: Uuid::from_u128(3),
            title: "Contoh".into(),
            first_day: date(2023, 7, 1),
            last_day: date(2023, 7, 31),
            synthetic: true,
            lock: ketuk_wire::PhoneLock::default(),
        },
        server_key: SigningKey::from_seed(&[7; 32]).public(),
        recipient: "age1contoh".into(),
    };
    insta::assert_snapshot!("enrolment_response", frozen(&response));
}

#[test]
fn a_parcel_of_protocol_1_and_what_is_said_of_it() {
    let parcel = Parcel {
        device: Uuid::from_u128(1),
        token: "a-bearers-token".into(),
        request: SyncRequest {
            ops: Vec::new(),
            pull: None,
            ..request()
        },
    };
    insta::assert_snapshot!("parcel", frozen(&parcel));
    let answer = HandoverAnswer {
        received: 3,
        already: 2,
        troubles: 1,
    };
    insta::assert_snapshot!("handover_answer", frozen(&answer));
}

#[test]
fn a_refusal_of_protocol_1() {
    let refusal = Refusal {
        code: RefusalCode::Revoked,
        message: "HP ini tidak boleh mengirim lagi.".into(),
    };
    insta::assert_snapshot!("refusal", frozen(&refusal));
}

#[test]
fn a_parcel_shows_nothing_of_what_is_in_it() {
    let parcel = Parcel {
        device: Uuid::from_u128(1),
        token: "a-bearers-token".into(),
        request: request(),
    };
    let shown = format!("{parcel:?}");
    assert!(
        !shown.contains("token") && !shown.contains("Contoh"),
        "{shown}"
    );
}

#[test]
fn a_message_survives_the_wire_and_the_document_survives_byte_for_byte() {
    let document = r#"{ "b" :1.50,"a":"\u00e9","b2":[ ] }"#;
    let mut sent = request();
    sent.ops[0].document = raw(document);
    let got: SyncRequest = ketuk_wire::decode(&ketuk_wire::encode(&sent).unwrap()).unwrap();
    assert_eq!(got.ops[0].document.get(), document);
    assert_eq!(
        serde_json::to_value(&got).unwrap(),
        serde_json::to_value(&sent).unwrap()
    );
}

#[test]
fn words_and_fields_of_a_newer_server_do_no_harm() {
    let mut message = serde_json::to_value(response()).unwrap();
    message["weather"] = json!("fine");
    message["troubles"][0]["verdict"] = json!("translated");
    message["troubles"][0]["code"] = json!("moon_phase");
    message["pull"]["changes"][0] = json!({"kind": "poem", "lines": ["a", "b"]});
    let got: SyncResponse = serde_json::from_value(message).unwrap();
    assert_eq!(got.troubles[0].verdict, Verdict::Unknown);
    assert_eq!(got.troubles[0].code, TroubleCode::Unknown);
    assert!(matches!(got.pull.unwrap().changes[0], Change::Unknown));
}

#[test]
fn an_answer_survives_the_wire_with_the_documents_in_it() {
    let got: SyncResponse = ketuk_wire::decode(&ketuk_wire::encode(&response()).unwrap()).unwrap();
    assert_eq!(
        serde_json::to_string(&got).unwrap(),
        serde_json::to_string(&response()).unwrap()
    );
}

#[test]
fn a_broken_change_does_not_hide_the_others() {
    let mut message = serde_json::to_value(response()).unwrap();
    message["pull"]["changes"][0]["area"] = json!("nowhere");
    message["pull"]["changes"][1] = json!("not even an object");
    let got: SyncResponse = serde_json::from_value(message).unwrap();
    let changes = got.pull.unwrap().changes;
    assert!(matches!(changes[0], Change::Unknown));
    assert!(matches!(changes[1], Change::Unknown));
    assert!(matches!(changes[2], Change::Correction(_)));
}

#[test]
fn an_answer_may_leave_out_what_it_has_nothing_of() {
    let mut message = serde_json::to_value(response()).unwrap();
    let fields = message.as_object_mut().unwrap();
    for absent in ["acks", "signature", "troubles", "wanted", "pull"] {
        fields.remove(absent);
    }
    assert!(serde_json::from_value::<SyncResponse>(message).is_ok());
}

#[test]
fn a_recovery_of_protocol_1_and_receipts_that_go_back_by_file() {
    let request = ketuk_wire::RecoverRequest {
        code: "K701-2XTA".parse().unwrap(),
        sealed: "YWdl".into(),
        model: "Contoh 1".into(),
        app: "0.1.0".into(),
    };
    insta::assert_snapshot!("recover_request", frozen(&request));
    let sealed = ketuk_wire::SealedKey {
        device: Uuid::from_u128(1),
        cadre: Uuid::from_u128(2),
        key: ketuk_wire::PhoneKey([7; 32]),
    };
    insta::assert_snapshot!("sealed_key", frozen(&sealed));
    let receipts = ketuk_wire::HandoverReceipts {
        device: Uuid::from_u128(1),
        batches: vec![ketuk_wire::Signed {
            acks: response().acks,
            signature: response().signature.unwrap(),
        }],
    };
    insta::assert_snapshot!("handover_receipts", frozen(&receipts));
}
