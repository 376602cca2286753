//! What happened to a family, and what the last run came to, told again later.

use super::*;
use crate::{CommentInWords, What};

fn history(field: &Field, household: Uuid) -> Vec<What> {
    let detail = field.phone.households().detail(household, "id").unwrap();
    detail.history.into_iter().map(|past| past.what).collect()
}

fn sent_back(request: u128, text: &str) -> Change {
    Change::Correction(Correction {
        household: id(1),
        request: id(request),
        revision: 1,
        comments: vec![Comment {
            path: "rumah/alamat".into(),
            text: text.into(),
        }],
    })
}

fn asked(text: &str) -> What {
    What::SentBack {
        comments: vec![CommentInWords {
            path: "rumah/alamat".into(),
            label: "Alamat".into(),
            text: text.into(),
        }],
    }
}

fn received(seq: u64, revision: u64) -> What {
    What::Received {
        seq,
        revision,
        trouble: None,
    }
}

const FINISHED: What = What::Finished { corrects: false };

#[test]
fn a_familys_history_tells_what_followed_from_what_and_outlives_a_kill() {
    let mut field = Field::new();
    assert_eq!(history(&field, id(1)), []);
    let mut visit = field.visit(id(1));
    met(&mut visit);
    assert_eq!(history(&field, id(1)), [What::Begun]);
    saved(visit.finish().unwrap());
    assert_eq!(history(&field, id(1)), [FINISHED, What::Begun]);
    field.sync();
    field.take(vec![sent_back(70, "Jalan apa?")]);
    field.killed();
    let once = [asked("Jalan apa?"), received(1, 1), FINISHED, What::Begun];
    assert_eq!(history(&field, id(1)), once);

    let mut visit = field.visit(id(1));
    visit.answer("rumah/alamat", text("Jl. Baru 8")).unwrap();
    saved(visit.finish().unwrap());
    field.sync();
    assert_eq!(field.state(id(1)), HouseholdState::Received);
    let corrected = What::Finished { corrects: true };
    let again = [received(2, 2), corrected, What::Begun];
    assert_eq!(history(&field, id(1)), [&again[..], &once[..]].concat());

    let mut theirs = household(id(1), 1, "Contoh Satu");
    theirs.revision = 3;
    let reason = "Pindah ke RT 006".to_owned();
    let gone = Change::Gone {
        household: id(1),
        reason: reason.clone(),
    };
    field.take(vec![Change::Household(theirs), gone]);
    let told = history(&field, id(1));
    assert_eq!(
        told[..2],
        [What::Left { reason }, What::Changed { revision: 3 }]
    );
}

#[test]
fn what_was_handed_over_or_sent_without_an_answer_is_told() {
    let mut field = Field::new();
    let mut visit = field.visit(id(1));
    met(&mut visit);
    saved(visit.finish().unwrap());
    let mut engine = field.phone.engine(1);
    assert!(matches!(engine.poll(field.clock.now()), Ok(Step::Send(_))));
    assert_eq!(history(&field, id(1)), [What::Sent, FINISHED, What::Begun]);
    field
        .phone
        .core
        .store
        .hand_over(9, 1 << 20, noon())
        .unwrap();
    let handed = [What::HandedOver, FINISHED, What::Begun];
    assert_eq!(history(&field, id(1)), handed);
    field.sync();
    assert_eq!(history(&field, id(1))[0], received(1, 1));
}

#[test]
fn a_request_that_is_taken_back_never_was() {
    let mut field = Field::new();
    let mut visit = field.visit(id(1));
    met(&mut visit);
    saved(visit.finish().unwrap());
    field.sync();
    field.take(vec![sent_back(70, "Jalan apa?")]);
    let Change::Correction(mut back) = sent_back(70, "") else {
        panic!("no correction");
    };
    back.comments.clear();
    field.take(vec![Change::Correction(back)]);
    assert_eq!(history(&field, id(1))[0], received(1, 1));
}

#[test]
fn a_comment_stands_at_its_question_while_she_visits_until_another_entry_answered_it() {
    let mut field = Field::new();
    let mut visit = field.visit(id(1));
    met(&mut visit);
    saved(visit.finish().unwrap());
    field.sync();
    field.take(vec![sent_back(70, "Jalan apa?")]);
    let comments = |screen: Screen| -> Vec<Option<String>> {
        let questions = screen.items.into_iter().filter_map(|item| match item {
            Item::Question(question) => Some(question.comment),
            _ => None,
        });
        questions.collect()
    };
    let here = [None, None, Some("Jalan apa?".to_owned())];
    let mut visit = field.visit(id(1));
    assert_eq!(comments(visit.go_to("rumah").unwrap()), here);
    visit.answer("rumah/alamat", text("Jl. Baru 8")).unwrap();
    // The app is killed: the draft that is opened again shows it, too.
    drop(visit);
    field.killed();
    let mut visit = field.visit(id(1));
    assert_eq!(comments(visit.go_to("rumah").unwrap()), here);
    saved(visit.finish().unwrap());
    field.sync();
    let mut visit = field.visit(id(1));
    assert_eq!(comments(visit.go_to("rumah").unwrap()), [None, None, None]);
}

#[test]
fn what_the_last_run_came_to_is_known_after_a_restart() {
    let mut field = Field::new();
    assert_eq!(field.phone.last_run().unwrap(), None, "no socket, no run");
    let mut visit = field.visit(id(1));
    met(&mut visit);
    saved(visit.finish().unwrap());
    let cancel = SyncCancel::new();
    cancel.cancel();
    let report = field.phone.sync(&cancel, |_| {}).unwrap();
    assert_eq!((report.end, report.still_waiting), (SyncEnd::Cancelled, 1));
    field.killed();
    let last = field.phone.last_run().unwrap().unwrap();
    assert_eq!((last.ended_at, last.report), (noon(), report));
}

/// Another version of the app may have kept it, with facts that this one doesn't know and without others.
#[test]
fn a_run_kept_by_another_app_is_read_as_far_as_it_can_be() {
    let field = Field::new();
    let keep = |report: &str| {
        let keep = "INSERT OR REPLACE INTO last_run (only, ended_at, report) VALUES (1, 5, ?1)";
        let store = &field.phone.core.store;
        store
            .commit(|tx| Ok(tx.execute(keep, [report]).map(drop)?))
            .unwrap();
        field.phone.last_run().unwrap().map(|last| last.report)
    };
    let read = keep(r#"{"received":3,"colour":"blue"}"#).unwrap();
    assert_eq!((read.received, read.end), (3, SyncEnd::Done));
    assert_eq!(keep(r#"{"end":"Rained"}"#), None);
}
