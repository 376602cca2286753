//! What is handed over in a file: by another phone, by the office, by the operator; twice, late, or
//! by somebody who has no business with it.

use age::x25519::{Identity, Recipient};
use ketuk_server::Beside;
use ketuk_wire::{
    Area, HandoverAnswer, HandoverReceipts, Op, Parcel, Pull, RefusalCode, Signed, SyncResponse,
    TroubleCode, Verdict, encode,
};
use reqwest::StatusCode;
use uuid::Uuid;

use super::office::{Browser, text_of};
use super::start::program;
use super::world::{Phone, World, cadres, code, families, on_each_database, sheets};

fn sealed_to(recipient: &str, content: &[u8]) -> Vec<u8> {
    let recipient: Recipient = recipient.parse().unwrap();
    age::encrypt(&recipient, content).unwrap()
}

impl Phone<'_> {
    fn parcel(&self, ops: &[Op]) -> Parcel {
        Parcel {
            device: self.device,
            token: self.token.clone(),
            request: self.request(ops, None),
        }
    }

    /// What the phone writes into a file.
    pub(crate) fn hand_over(&self, ops: &[Op]) -> Vec<u8> {
        let parcel = encode(&self.parcel(ops)).unwrap();
        sealed_to(&self.welcome.recipient, &parcel)
    }

    /// Brings somebody's file.
    pub(crate) fn carry(&self, sealed: &[u8]) -> Result<HandoverAnswer, (StatusCode, RefusalCode)> {
        carry(self.world, Some(&self.token), sealed)
    }
}

fn carry(
    world: &World,
    token: Option<&str>,
    sealed: &[u8],
) -> Result<HandoverAnswer, (StatusCode, RefusalCode)> {
    world.runtime.block_on(async {
        let mut request = world
            .http
            .post(world.url("/v1/handover"))
            .body(sealed.to_vec());
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let answer = request
            .header("content-type", "application/octet-stream")
            .send()
            .await
            .unwrap();
        let status = answer.status();
        let body = answer.bytes().await.unwrap();
        if status.is_success() {
            Ok(ketuk_wire::decode(&body).unwrap())
        } else {
            let refusal: ketuk_wire::Refusal = serde_json::from_slice(&body).unwrap();
            Err((status, refusal.code))
        }
    })
}

fn entries(world: &World) -> u64 {
    world.server().verify().unwrap().entries
}

fn answer(received: u64, already: u64, troubles: u64) -> HandoverAnswer {
    HandoverAnswer {
        received,
        already,
        troubles,
    }
}

/// Everything of an answer that may not depend on how the entries came.
fn essence(answer: &SyncResponse) -> String {
    format!(
        "{:?} {:?} {:?} {:?}",
        answer.received, answer.high_seq, answer.acks, answer.troubles
    )
}

#[test]
fn brought_by_another_phone_it_is_as_if_the_phone_had_sent_it_and_again_changes_nothing() {
    on_each_database(|world| {
        let (mut ana, budi) = (world.phone(0), world.phone(1));
        let first = ana.visit(1, 1);
        ana.send(std::slice::from_ref(&first));
        let ops = [first, ana.visit(2, 1), ana.visit(3, 6)];
        let file = ana.hand_over(&ops);
        assert_eq!(budi.carry(&file), Ok(answer(3, 1, 0)));
        assert_eq!(budi.carry(&file), Ok(answer(3, 3, 0)));
        assert_eq!(entries(world), 3);
        // Herself, later: her receipts come, and nothing is there twice.
        let later = ana.send(&ops);
        assert_eq!(ana.receipts(&ops, &later).len(), 3);
        assert_eq!(later.received, (1..=3).collect());
        assert_eq!(later.troubles, []);
        assert_eq!(essence(&ana.send(&ops)), essence(&later));
        assert_eq!(budi.carry(&file), Ok(answer(3, 3, 0)));
        assert_eq!(entries(world), 3);
        world.assert_figures_agree();
    });
}

#[test]
fn what_was_handed_over_is_known_to_be_here_before_the_phone_says_a_word() {
    on_each_database(|world| {
        let (mut ana, budi) = (world.phone(0), world.phone(1));
        let ops = [ana.visit(1, 1), ana.visit(2, 1)];
        budi.carry(&ana.hand_over(&ops)).unwrap();
        let said = ana.send(&[]);
        assert_eq!((said.received.iter().count(), said.high_seq), (2, 2));
    });
}

#[test]
fn a_file_from_before_the_phones_last_send_is_no_phone_put_back() {
    on_each_database(|world| {
        let (mut ana, budi) = (world.phone(0), world.phone(1));
        let old = [ana.visit(1, 1)];
        let file = ana.hand_over(&old);
        let new = [ana.visit(2, 1), ana.visit(3, 1)];
        ana.send(&new);
        assert_eq!(budi.carry(&file), Ok(answer(1, 0, 0)));
        let said = ana.send(&[]);
        assert_eq!(said.received, (1..=3).collect());
        assert_eq!(said.high_seq, 3);
    });
}

/// What it knew of was lost with its database; the parcel was not.
#[test]
fn a_file_of_a_lost_life_tells_the_phone_that_it_was_put_back() {
    on_each_database(|world| {
        let (mut ana, budi) = (world.phone(0), world.phone(1));
        let first = ana.visit(1, 1);
        ana.send(&[first]);
        let (_, cursor) = ana.pull_all(None, 1 << 20);
        let lost = [ana.visit(2, 1), ana.visit(3, 1)];
        let file = ana.hand_over(&lost);
        ana.seq = 1;
        let others = [ana.visit(4, 1), ana.visit(5, 1), ana.visit(6, 1)];
        assert_eq!(ana.send(&others).high_seq, 4);
        // It has gone on by the time the file comes: its number alone would not tell.
        let mut later = ana.visit(7, 1);
        assert_eq!(budi.carry(&file), Ok(answer(2, 0, 0)));
        let again = budi.carry(&file);
        assert_eq!(again, Ok(answer(2, 2, 0)));
        let pull = Pull {
            cursor: Some(cursor),
            max_bytes: 1 << 20,
        };
        let said = ana.ask(&ana.request(std::slice::from_ref(&later), Some(pull)));
        let said = said.unwrap();
        assert!(said.put_back && said.acks.is_empty());
        assert!(said.pull.is_none(), "and starts over");
        ana.lived_to = said.high_seq.max(ana.seq);
        (later.seq, ana.seq) = (ana.lived_to + 1, ana.lived_to + 1);
        let (changes, _) = ana.pull_all(None, 1 << 20);
        let heard = families(&changes);
        assert!(lost.iter().all(|op| heard[&op.household].revision == 1));
        assert!(others.iter().all(|op| heard[&op.household].revision == 1));
        let said = ana.send(&[later]);
        assert!(!said.put_back, "once");
        assert_eq!(said.acks.len(), 1);
        assert_eq!(ana.send(&others).acks.len(), 3);
        world.assert_figures_agree();
    });
}

#[test]
fn what_comes_in_a_file_of_a_lost_life_is_news_to_the_phone_that_has_gone_on() {
    on_each_database(|world| {
        let (mut ana, budi) = (world.phone(0), world.phone(1));
        let lost = [ana.visit(1, 1), ana.visit(2, 1)];
        let file = ana.hand_over(&lost);
        let sent = ana.visit(3, 1);
        ana.send(&[sent]);
        ana.seq = 0;
        assert!(ana.send(&[]).put_back);
        (ana.lived_to, ana.seq) = (3, 3);
        let (_, cursor) = ana.pull_all(None, 1 << 20);
        assert_eq!(budi.carry(&file), Ok(answer(2, 0, 0)));
        let (changes, cursor) = ana.pull_all(Some(cursor), 1 << 20);
        let heard = families(&changes);
        assert!(lost.iter().all(|op| heard[&op.household].revision == 1));
        assert_eq!(heard.len(), 2);
        let later = [ana.visit(4, 1)];
        ana.send(&later);
        let (changes, _) = ana.pull_all(Some(cursor), 1 << 20);
        assert!(
            families(&changes).is_empty(),
            "what it sends itself is none"
        );
    });
}

#[test]
fn a_file_with_a_token_of_before_is_kept_aside_and_the_phones_own_word_still_counts() {
    on_each_database(|world| {
        let (mut ana, budi) = (world.phone(0), world.phone(1));
        let ops = [ana.visit(1, 1), ana.visit(2, 1)];
        let file = ana.hand_over(&ops);
        let (cadre, village) = &cadres()[0];
        let again = world.code_for(cadre, village);
        ana.token = world.enrol(&again, ana.device).unwrap().token;
        assert_eq!(budi.carry(&file), Ok(answer(2, 0, 2)));
        assert_eq!(budi.carry(&file), Ok(answer(2, 2, 2)));
        let page = || text_of(&Browser::signed_in(world).page("/area/75.71.01.1001"));
        assert!(page().contains("HP pengirim perlu dipastikan"));
        assert!(ana.send(&[]).received.is_empty(), "not taken for hers");
        let said = ana.send(&ops);
        assert_eq!(
            said.acks.iter().map(|ack| ack.revision).collect::<Vec<_>>(),
            [1, 1]
        );
        assert_eq!(said.troubles, []);
        assert_eq!(entries(world), 2, "the doubtful ones don't stand");
        assert!(!page().contains("HP pengirim perlu dipastikan"));
        // Nor does the file add anything to what came from the phone.
        assert_eq!(budi.carry(&file), Ok(answer(2, 2, 0)));
        world.assert_figures_agree();
    });
}

#[test]
fn a_doubtful_file_adds_nothing_to_what_the_phone_itself_sent_before() {
    on_each_database(|world| {
        let (mut ana, budi) = (world.phone(0), world.phone(1));
        let ops = [ana.visit(1, 1), ana.visit(2, 1)];
        let mut other = ops[1].clone();
        other.finished_at += jiff::SignedDuration::from_secs(1);
        let file = ana.hand_over(&ops);
        let forged = ana.hand_over(&[other]);
        ana.send(&ops);
        let (cadre, village) = &cadres()[0];
        let again = world.code_for(cadre, village);
        ana.token = world.enrol(&again, ana.device).unwrap().token;
        assert_eq!(budi.carry(&file), Ok(answer(2, 2, 0)));
        let page = || text_of(&Browser::signed_in(world).page("/area/75.71.01.1001"));
        assert!(!page().contains("HP pengirim perlu dipastikan"));
        // Other bytes under the same operation are not what the phone sent.
        assert_eq!(budi.carry(&forged), Ok(answer(1, 0, 1)));
        assert!(page().contains("HP pengirim perlu dipastikan"));
        world.assert_figures_agree();
    });
}

#[test]
fn a_revoked_phones_file_is_kept_aside_and_its_carrier_is_not_to_blame() {
    on_each_database(|world| {
        let (mut ana, budi) = (world.phone(0), world.phone(1));
        let ops = [ana.visit(1, 1)];
        let file = ana.hand_over(&ops);
        let device = ana.device;
        world.server().setup(|setup| setup.revoke(device)).unwrap();
        assert_eq!(budi.carry(&file), Ok(answer(1, 0, 1)));
        let page = Browser::signed_in(world).page("/area/75.71.01.1001");
        assert!(
            text_of(&page).contains("HP pengirim perlu dipastikan"),
            "{}",
            text_of(&page)
        );
        assert_eq!(
            ana.carry(&file),
            Err((StatusCode::FORBIDDEN, RefusalCode::Revoked))
        );
    });
}

#[test]
fn what_is_no_parcel_for_this_server_is_refused_in_a_sentence() {
    on_each_database(|world| {
        let (mut ana, budi) = (world.phone(0), world.phone(1));
        let ops = [ana.visit(1, 1)];
        let file = ana.hand_over(&ops);
        let parcel = encode(&ana.parcel(&ops)).unwrap();
        let elsewhere = Identity::generate().to_public().to_string();
        let recipient = &ana.welcome.recipient;
        let mut changed = file.clone();
        *changed.last_mut().unwrap() ^= 1;
        let mut stranger = ana.parcel(&ops);
        (stranger.device, stranger.token) = (Uuid::new_v4(), "somebody's".into());
        let mut files = vec![
            Vec::new(),
            b"a letter".to_vec(),
            parcel.clone(),
            changed,
            sealed_to(&elsewhere, &parcel),
            sealed_to(recipient, b"no message"),
            sealed_to(recipient, &encode(&"a message").unwrap()),
            // A bomb unpacks to no more than any message.
            sealed_to(recipient, &encode(&" ".repeat(1 << 28)).unwrap()),
            sealed_to(recipient, &encode(&stranger).unwrap()),
        ];
        files.extend((0..file.len()).step_by(61).map(|cut| file[..cut].to_vec()));
        for file in files {
            assert_eq!(
                budi.carry(&file),
                Err((StatusCode::UNPROCESSABLE_ENTITY, RefusalCode::Parcel)),
                "{} bytes",
                file.len()
            );
        }
        for token in [None, Some("x")] {
            let sign_in = Err((StatusCode::UNAUTHORIZED, RefusalCode::SignIn));
            assert_eq!(carry(world, token, &file), sign_in);
        }
        assert_eq!(entries(world), 0);
        assert_eq!(budi.carry(&file), Ok(answer(1, 0, 0)));
    });
}

#[test]
fn a_parcel_of_more_entries_than_a_request_takes_is_taken_whole() {
    on_each_database(|world| {
        let (mut ana, budi) = (world.phone(0), world.phone(1));
        let ops: Vec<Op> = (0..1203).map(|n| ana.visit(n % 12 + 1, 1)).collect();
        let taken = budi.carry(&ana.hand_over(&ops)).unwrap();
        assert_eq!((taken.received, taken.already), (1203, 0));
        assert_eq!(ana.send(&[]).received, (1..=1203).collect());
        world.assert_figures_agree();
    });
}

#[test]
fn entries_of_a_parcel_that_need_a_look_are_counted_and_shown_to_the_phone_later() {
    on_each_database(|world| {
        let (mut ana, budi) = (world.phone(0), world.phone(1));
        let family = super::world::listed(ana.rt.as_str(), 1).id;
        let ops = [ana.op(family, 0, r#"{"outcome":"99"}"#), ana.visit(2, 1)];
        assert_eq!(budi.carry(&ana.hand_over(&ops)), Ok(answer(2, 0, 1)));
        let said = ana.send(&ops);
        assert_eq!(said.troubles[0].verdict, Verdict::Quarantined);
        assert_eq!(said.troubles[0].code, TroubleCode::InvalidDocument);
    });
}

#[test]
fn the_office_takes_in_a_file_and_says_in_words_what_came_of_it() {
    on_each_database(|world| {
        let mut ana = world.phone(0);
        let ops = [ana.visit(1, 1), ana.visit(2, 1)];
        let file = ana.hand_over(&ops);
        let nobody = Browser::new(world);
        assert_eq!(nobody.get("/handover").location, "/sign-in?to=/handover");
        let office = Browser::signed_in(world);
        let csrf = super::office::hidden(&office.page("/handover"), "csrf");
        let stale = office.upload("/handover", "made up", &file);
        assert_eq!(stale.status, StatusCode::FORBIDDEN);
        assert_eq!(entries(world), 0);
        let page = office.upload("/handover", &csrf, &file);
        assert_eq!(page.status, StatusCode::OK);
        let said = text_of(&page.text);
        assert!(said.contains("✓ 2 isian ada di server."), "{said}");
        assert!(said.contains("Unduh berkas jawaban"), "{said}");
        let again = text_of(&office.upload("/handover", &csrf, &file).text);
        assert!(again.contains("0 baru, 2 sudah ada sebelumnya"), "{again}");
        let page = office.upload("/handover", &csrf, b"a letter");
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(text_of(&page.text).contains("bukan titipan untuk server ini"));
        let large = office.upload("/handover", &csrf, &vec![7; 9 << 20]);
        assert_eq!(large.status, StatusCode::BAD_REQUEST);
        assert_eq!(entries(world), 2);
    });
}

/// What was set up after a program had started is there for it, too.
#[test]
fn villages_and_questionnaires_that_another_process_took_up_are_known() {
    on_each_database(|world| {
        let beside = Beside::open(&world.store).unwrap();
        let village = Area {
            code: code("75.71.01.1003"),
            name: "Buladu".into(),
        };
        let form = world.server().setup(|setup| {
            setup.areas(std::slice::from_ref(&village))?;
            setup.form(sheets("2"))
        });
        let mut ana = world.phone(0);
        let mut ops = [ana.visit(1, 1), ana.visit_of(Uuid::new_v4(), 0, 9)];
        ops[0].form = form.unwrap();
        ops[1].area = code("75.71.01.1003.001.001");
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ana");
        std::fs::write(&file, ana.hand_over(&ops)).unwrap();
        assert_eq!(beside.take_in(&file).unwrap().answer, answer(2, 0, 0));
        let revisions = ana.send(&ops).acks.into_iter().map(|ack| ack.revision);
        assert_eq!(revisions.collect::<Vec<_>>(), [1, 1]);
    });
}

#[test]
fn the_operator_takes_in_files_beside_a_running_server() {
    on_each_database(|world| {
        let folder = tempfile::tempdir().unwrap();
        let (mut ana, mut budi) = (world.phone(0), world.phone(1));
        let (hers, his) = ([ana.visit(1, 1), ana.visit(2, 1)], [budi.visit(1, 1)]);
        let write = |name: &str, content: &[u8]| {
            let path = folder.path().join(name);
            std::fs::write(&path, content).unwrap();
            path
        };
        let files = [
            write("ana", &ana.hand_over(&hers)),
            write("letter", b"a letter"),
            write("budi", &budi.hand_over(&his)),
        ];
        let run = |json: bool| {
            let mut command = program();
            command.arg("import-batch").args(&files);
            command.arg(folder.path().join("absent"));
            if json {
                command.arg("--json");
            }
            world.point(&mut command);
            command.output().unwrap()
        };
        let output = run(false);
        assert_eq!(output.status.code(), Some(1), "one is refused");
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(
            said.contains("ana: 2 entries are on the server, 0 of them were before"),
            "{said}"
        );
        assert!(said.contains("budi: 1 entries"), "{said}");
        let complaints = String::from_utf8(output.stderr).unwrap();
        assert_eq!(complaints.lines().count(), 2, "{complaints}");
        assert!(complaints.contains("letter: this is not a parcel for this server"));
        let said = String::from_utf8(run(true).stdout).unwrap();
        let first: serde_json::Value = serde_json::from_str(said.lines().next().unwrap()).unwrap();
        assert_eq!(first["received"], 2);
        assert_eq!(first["already"], 2);
        // The figures followed without the server's doing.
        let page = text_of(&Browser::signed_in(world).page("/area/75.71"));
        assert!(page.contains("3 dari 30 keluarga sasaran"), "{page}");
        let later = ana.send(&hers);
        assert_eq!(ana.receipts(&hers, &later).len(), 2);
        world.assert_figures_agree();
    });
}

/// For a phone that stays without a signal: the file is brought back to it.
#[test]
fn what_was_plainly_accepted_is_signed_for_in_a_file_and_nothing_else() {
    on_each_database(|world| {
        let folder = tempfile::tempdir().unwrap();
        let mut ana = world.phone(0);
        let family = super::world::listed(ana.rt.as_str(), 1).id;
        let ops = [
            ana.op(family, 0, r#"{"outcome":"99"}"#),
            ana.visit(2, 1),
            ana.visit(3, 1),
        ];
        let parcel = folder.path().join("ana.ketuk");
        std::fs::write(&parcel, ana.hand_over(&ops)).unwrap();
        let mut command = program();
        command.arg("import-batch").arg(&parcel);
        command.arg("--answers").arg(folder.path().join("answers"));
        world.point(&mut command);
        assert!(command.output().unwrap().status.success());
        let file = std::fs::read(folder.path().join("answers/ana.jawaban.ketuk")).unwrap();
        let receipts: HandoverReceipts = ketuk_wire::decode(&file).unwrap();
        assert_eq!(receipts.device, ana.device);
        let [Signed { acks, signature }] = &receipts.batches[..] else {
            panic!("one batch");
        };
        let seqs: Vec<u64> = acks.iter().map(|ack| ack.seq).collect();
        assert_eq!(seqs, [2, 3], "of the quarantined one she must hear why");
        let holdings: Vec<_> = acks
            .iter()
            .zip(&ops[1..])
            .map(|(ack, op)| ketuk_wire::Holding {
                household: op.household,
                revision: ack.revision,
                sha256: op.sha256,
                received_at: ack.received_at,
            })
            .collect();
        let key = &ana.welcome.server_key;
        assert!(ketuk_wire::receipts(&holdings, *signature, key).is_ok());

        // Of a doubtful sender nothing is signed for.
        world.server().setup(|s| s.revoke(ana.device)).unwrap();
        let taken = Beside::open(&world.store).unwrap().take_in(&parcel);
        assert_eq!(taken.unwrap().receipts, None);
    });
}
