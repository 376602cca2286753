//! Two phones and one family.

use ketuk_wire::{Op, TroubleCode, Verdict};
use serde_json::json;

use super::world::{ANAS, Phone, families, listed, on_each_database, sheets_of};

#[test]
fn when_two_phones_change_a_family_both_are_kept_and_the_first_stands() {
    on_each_database(|world| {
        let (mut one, mut other) = (world.phone(0), world.phone(0));
        let op = one_visit(&mut one, 0, 1);
        let first = one.send(&[op]);
        assert_eq!(first.acks[0].revision, 1);
        let clash = one_visit(&mut other, 0, 6);
        let answer = other.send(std::slice::from_ref(&clash));
        assert_eq!(answer.acks[0].revision, 0);
        assert_eq!(answer.troubles[0].verdict, Verdict::Conflict);
        assert_eq!(answer.troubles[0].code, TroubleCode::NewerRevision);
        // It is told so again, and after it saw the first it may follow it.
        assert_eq!(other.send(&[clash]).troubles, answer.troubles);
        let follow = one_visit(&mut other, 1, 6);
        assert_eq!(other.send(&[follow]).acks[0].revision, 2);
        world.assert_figures_agree();
    });
}

fn one_visit(phone: &mut super::world::Phone<'_>, base: u64, outcome: u8) -> ketuk_wire::Op {
    let family = listed(phone.rt.as_str(), 1).id;
    phone.visit_of(family, base, outcome)
}

#[test]
fn a_cadre_who_corrects_her_own_visit_before_its_receipt_came_is_in_nobodys_way() {
    on_each_database(|world| {
        let mut ana = world.phone(0);
        let mut visits: Vec<_> = (0..3).map(|n| one_visit(&mut ana, 0, n + 5)).collect();
        each_follows_the_one_before(&mut visits);
        let answer = ana.send(&visits);
        let revisions: Vec<u64> = answer.acks.iter().map(|ack| ack.revision).collect();
        assert_eq!(revisions, [1, 2, 3]);
        assert!(answer.troubles.is_empty());
        let (changes, _) = world.phone(0).pull_all(None, 1 << 20);
        let family = families(&changes)[&listed(ana.rt.as_str(), 1).id];
        assert_eq!(family.outcome.map(ketuk_wire::Outcome::code), Some(7));
        world.assert_figures_agree();
    });
}

/// The same visit, opened again each time.
fn each_follows_the_one_before(visits: &mut [Op]) {
    for at in 1..visits.len() {
        visits[at].follows = Some(visits[at - 1].op);
    }
}

#[test]
fn a_visit_of_a_phone_that_did_not_know_its_own_newer_one_stands_beside_it() {
    on_each_database(|world| {
        let mut ana = world.phone(0);
        let newer = one_visit(&mut ana, 0, 5);
        assert_eq!(ana.send(&[newer]).acks[0].revision, 1);
        // Put back from an older copy of itself, it still has the older one.
        let older = one_visit(&mut ana, 0, 6);
        let answer = ana.send(&[older]);
        assert_eq!(answer.acks[0].revision, 0);
        assert_eq!(answer.troubles[0].verdict, Verdict::Conflict);
        world.assert_figures_agree();
    });
}

#[test]
fn phones_that_send_to_one_village_at_once_wait_for_each_other_and_nothing_is_lost() {
    on_each_database(|world| {
        let phones: Vec<_> = (0..4).map(|n| world.phone(n % 2)).collect();
        std::thread::scope(|scope| {
            for mut phone in phones {
                scope.spawn(move || {
                    for _ in 0..5 {
                        let ops: Vec<_> = (0..4)
                            .map(|_| phone.visit_of(uuid::Uuid::new_v4(), 0, 9))
                            .collect();
                        assert_eq!(phone.send(&ops).acks.len(), 4);
                    }
                });
            }
        });
        assert_eq!(world.server().verify().unwrap().entries, 80);
        world.assert_figures_agree();
    });
}

/// A visit of the first family, with these answers beside the outcome.
fn visit_with(phone: &mut Phone<'_>, base: u64, answers: serde_json::Value) -> Op {
    let mut document = json!({"outcome": "1", "head_name": "Kepala 1"});
    let members = answers.as_object().unwrap().clone();
    document.as_object_mut().unwrap().extend(members);
    phone.op(listed(ANAS, 1).id, base, &document.to_string())
}

#[test]
fn when_two_phones_change_different_answers_both_stand_and_both_phones_hear_of_it() {
    on_each_database(|world| {
        let (mut one, mut other) = (world.phone(0), world.phone(0));
        let (_, ones) = one.pull_all(None, 1 << 20);
        let (_, others) = other.pull_all(None, 1 << 20);
        let op = visit_with(&mut one, 0, json!({"address": "Jalan Baru"}));
        one.send(&[op]);
        let op = visit_with(&mut other, 0, json!({"head_name": "Kepala Baru"}));
        let answer = other.send(std::slice::from_ref(&op));
        assert_eq!(answer.acks[0].revision, 2);
        assert_eq!(answer.troubles[0].verdict, Verdict::Merged);
        assert_eq!(answer.troubles[0].code, TroubleCode::NewerRevision);
        other.receipts(std::slice::from_ref(&op), &answer);
        let again = other.send(&[op]);
        assert_eq!(
            (&again.acks, &again.troubles),
            (&answer.acks, &answer.troubles)
        );
        for (phone, cursor) in [(&one, ones), (&other, others)] {
            let (changes, _) = phone.pull_all(Some(cursor), 1 << 20);
            let family = families(&changes)[&listed(ANAS, 1).id];
            assert_eq!((family.revision, family.head.as_str()), (2, "Kepala Baru"));
            assert_eq!(
                family.document.as_ref().unwrap().get(),
                r#"{"outcome":"1","head_name":"Kepala Baru","address":"Jalan Baru"}"#
            );
        }
        world.assert_figures_agree();
    });
}

#[test]
fn a_visit_that_builds_on_ones_own_merged_one_is_no_clash_with_it() {
    on_each_database(|world| {
        let (mut one, mut other) = (world.phone(0), world.phone(0));
        let op = visit_with(&mut one, 0, json!({"address": "Jalan Baru"}));
        one.send(&[op]);
        let mut visits = [
            visit_with(&mut other, 0, json!({"head_name": "Kepala B"})),
            visit_with(&mut other, 0, json!({"head_name": "Kepala C"})),
        ];
        each_follows_the_one_before(&mut visits);
        let answer = other.send(&visits);
        let revisions: Vec<u64> = answer.acks.iter().map(|ack| ack.revision).collect();
        assert_eq!(revisions, [2, 3]);
        let (changes, _) = one.pull_all(None, 1 << 20);
        let family = families(&changes)[&listed(ANAS, 1).id];
        assert_eq!(
            (&*family.head, &*family.address),
            ("Kepala C", "Jalan Baru")
        );
        world.assert_figures_agree();
    });
}

#[test]
fn what_two_phones_sent_is_no_revision_if_together_it_fails_the_checks() {
    on_each_database(|world| {
        let (mut one, mut other) = (world.phone(0), world.phone(0));
        let op = visit_with(&mut one, 0, json!({"address": "Kepala Baru"}));
        one.send(&[op]);
        let op = visit_with(&mut other, 0, json!({"head_name": "Kepala Baru"}));
        let answer = other.send(&[op]);
        assert_eq!(answer.acks[0].revision, 0);
        assert_eq!(answer.troubles[0].verdict, Verdict::Conflict);
        let (changes, _) = one.pull_all(None, 1 << 20);
        assert_eq!(families(&changes)[&listed(ANAS, 1).id].revision, 1);
        world.assert_figures_agree();
    });
}

#[test]
fn nothing_goes_in_silence_where_one_phones_answer_makes_the_others_not_apply() {
    on_each_database(|world| {
        let survey = "\
type,name,label,relevant,ketuk::role,ketuk::carry
select_one hasil,outcome,Hasil kunjungan,,outcome,no
text,head_name,Kepala keluarga,,head_name,
text,owns,Punya usaha,,,
text,trade,Usaha apa,${owns} = 'ya',,
";
        let setup = |s: ketuk_server::Setup<'_>| s.form(sheets_of(survey, "9"));
        let form = world.server().setup(setup).unwrap();
        let (mut one, mut other) = (world.phone(0), world.phone(0));
        let first = visit_with(&mut one, 0, json!({"owns": "ya", "trade": "kios"}));
        let changed = visit_with(&mut one, 1, json!({"owns": "ya", "trade": "bengkel"}));
        let stopped = visit_with(&mut other, 1, json!({"owns": "tidak"}));
        let [first, changed, stopped] = [first, changed, stopped].map(|mut op| {
            op.form = form.clone();
            op
        });
        one.send(&[first, changed]);
        let answer = other.send(&[stopped]);
        assert_eq!(answer.troubles[0].verdict, Verdict::Conflict);
    });
}
