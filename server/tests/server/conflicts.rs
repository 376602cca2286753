//! Two phones and one family.

use ketuk_wire::{TroubleCode, Verdict};

use super::world::{families, listed, on_each_database};

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
        let visits: Vec<_> = (0..3).map(|n| one_visit(&mut ana, 0, n + 5)).collect();
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
