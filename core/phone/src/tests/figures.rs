use super::*;

#[test]
fn her_figures_count_what_is_saved_sent_or_not_and_add_up() {
    let field = Field::new();
    let mut visit = field.visit(id(1));
    met(&mut visit);
    saved(visit.finish().unwrap());
    let progress = field.phone.progress().unwrap();
    let total = progress.total;
    assert_eq!(
        (total.target, total.listed, total.met, total.to_visit),
        (4, 2, 1, 1)
    );
    assert_eq!(
        total.listed,
        total.met + total.other_outcomes + total.to_visit
    );
    assert_eq!(total.waiting, 1);
    assert_eq!(progress.achievement.unwrap().to_string(), "25.00");
    assert_eq!(progress.areas[0].name, "RT 005");
    // The 12th of 31 days, by the phone's own time of day.
    assert_eq!(progress.pace.expected, 4 * 12 / 31);
}

#[test]
fn a_day_begins_at_the_phones_midnight() {
    let field = Field::new();
    field.clock.set("2026-07-12T15:59:00Z");
    let mut visit = field.visit(id(1));
    met(&mut visit);
    saved(visit.finish().unwrap());
    assert_eq!(field.phone.progress().unwrap().today, 1);
    field.clock.set("2026-07-12T16:00:00Z");
    assert_eq!(field.phone.progress().unwrap().today, 0);
}
