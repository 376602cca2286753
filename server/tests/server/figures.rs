//! Roll-ups, and the sums above them.

use ketuk_wire::Outcome;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use uuid::Uuid;

use super::world::{ANAS, LISTED, NEXT_VILLAGE, VILLAGE, listed, on_each_database};

/// A visit in a random campaign: by which phone, to which family, what came of it, from the newest
/// revision that the phone could know or from an old one.
#[derive(Debug, Clone)]
struct Visit {
    phone: usize,
    family: u64,
    outcome: u8,
    up_to_date: bool,
}

fn visit() -> impl Strategy<Value = Visit> {
    (0usize..3, 0u64..6, 1u8..=9, any::<bool>()).prop_map(|(phone, family, outcome, up_to_date)| {
        Visit {
            phone,
            family,
            outcome,
            up_to_date,
        }
    })
}

#[test]
fn whatever_comes_in_whatever_order_the_roll_up_is_what_the_entries_say() {
    on_each_database(|world| {
        // Two phones of Ana's, one of Budi's; families 0 to 2 are listed in Ana's RT, the others new.
        let mut runner = TestRunner::new(Config {
            cases: 12,
            failure_persistence: None,
            ..Config::default()
        });
        runner
            .run(&proptest::collection::vec(visit(), 1..30), |visits| {
                let mut phones = [world.phone(0), world.phone(0), world.phone(1)];
                let new: Vec<Uuid> = (0..3).map(|_| Uuid::new_v4()).collect();
                for batch in visits.chunks(4) {
                    for (at, phone) in phones.iter_mut().enumerate() {
                        let ops: Vec<_> = batch
                            .iter()
                            .filter(|visit| visit.phone == at)
                            .map(|visit| {
                                let family = match visit.family {
                                    n @ 0..3 => listed(ANAS, n + 1).id,
                                    n => new[n as usize - 3],
                                };
                                let base = if visit.up_to_date { u64::MAX >> 2 } else { 0 };
                                phone.visit_of(family, base, visit.outcome)
                            })
                            .collect();
                        let answer = phone.send(&ops);
                        prop_assert_eq!(answer.acks.len(), ops.len());
                    }
                }
                let found = world.server().verify().unwrap();
                prop_assert_eq!(found.differences, Vec::<String>::new());
                Ok(())
            })
            .unwrap();
    });
}

#[test]
fn a_revised_outcome_is_counted_where_it_is_now_and_no_longer_where_it_was() {
    on_each_database(|world| {
        let mut ana = world.phone(0);
        let visits: Vec<_> = (1..=4).map(|n| ana.visit(n, 5)).collect();
        ana.send(&visits);
        let met = ana.visit_of(visits[0].household, 1, 1);
        let new = ana.visit_of(Uuid::new_v4(), 0, 9);
        ana.send(&[met, new]);
        world.assert_figures_agree();
        let page = super::office::Browser::signed_in(world).page(&format!("/area/{VILLAGE}"));
        let text = super::office::text_of(&page);
        let outcomes = [(1, Outcome::Met), (3, Outcome::NotFound)];
        assert!(
            text.contains(&format!(
                "24 terdaftar = 1 ditemui + 3 tidak ditemui + {} belum didata",
                20
            )),
            "{outcomes:?}: {text}"
        );
        assert!(text.contains("1 keluarga baru"), "{text}");
        assert!(text.contains("10,00 %"), "2 of a target of 20: {text}");
    });
}

#[test]
fn verify_says_where_a_figure_is_wrong() {
    on_each_database(|world| {
        let mut ana = world.phone(0);
        let op = ana.visit(1, 1);
        ana.send(&[op]);
        world.assert_figures_agree();
        let wrong = "UPDATE rollup SET families = families + 1";
        world.sql(wrong, wrong);
        let found = world.server().verify().unwrap();
        assert_eq!(found.differences.len(), 5 + 1, "{:?}", found.differences);
        let first = &found.differences[0];
        assert!(
            first.contains("the roll-up says 2, the entries say 1"),
            "{first}"
        );
        assert!(first.starts_with(ANAS), "{first}");
    });
}

#[test]
fn a_phone_whose_clock_is_years_off_has_its_visits_counted_on_the_day_they_came() {
    on_each_database(|world| {
        let mut ana = world.phone(0);
        let days = [
            "1970-01-01T00:00:00Z",
            "2023-07-12T03:00:00Z",
            "2099-12-31T00:00:00Z",
        ];
        let ops: Vec<_> = (1..)
            .zip(days)
            .map(|(n, time)| {
                let mut op = ana.visit(n, 1);
                op.finished_at = time.parse().unwrap();
                op
            })
            .collect();
        assert_eq!(ana.send(&ops).acks.len(), 3);
        let page = super::office::Browser::signed_in(world).page(&format!("/area/{VILLAGE}"));
        let text = super::office::text_of(&page);
        assert!(text.contains("11 Juli 0 "), "{text}");
        assert!(text.contains("12 Juli 1 "), "{text}");
        assert!(text.contains("20 Juli 3 "), "{text}");
    });
}

#[test]
fn sums_of_villages_are_there_after_a_start_that_follows_a_crash() {
    on_each_database(|world| {
        for (who, village) in [(0, VILLAGE), (2, NEXT_VILLAGE)] {
            let mut phone = world.phone(who);
            let ops: Vec<_> = (1..=3).map(|n| phone.visit(n, 1)).collect();
            phone.send(&ops);
            // As if the process had died before it summed the village up.
            let sql = format!("DELETE FROM standing WHERE area = '{village}'");
            world.sql(&sql, &sql);
        }
        world.restart();
        let page = super::office::Browser::signed_in(world).page("/area/75.71");
        let text = super::office::text_of(&page);
        assert!(text.contains("6 dari 30 keluarga"), "{text}");
        assert!(
            text.contains(&format!("{} terdaftar", LISTED * 3)),
            "{text}"
        );
    });
}
