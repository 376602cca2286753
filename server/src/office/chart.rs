//! The two drawings: an area's bar with a tick for the pace, and the curve of the campaign's days.
//!
//! Plain SVG with sizes as attributes: the pages allow no inline style.

use jiff::civil::Date;
use ketuk_wire::{Campaign, Pace, Percent, Tally};
use maud::{Markup, html};

use super::lang::Lang;
use crate::figures::Arrival;

/// Achievement as a bar, the pace as a tick on it. Beyond the target it is full.
pub(super) fn bar(tally: &Tally, pace: Option<&Pace>) -> Markup {
    let made = share(tally.achieved(), tally.target);
    let tick = pace.map(|pace| share(pace.expected, tally.target));
    let behind = tick.is_some_and(|tick| made < tick);
    html! {
        svg.bar.behind[behind] viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true" {
            rect.track width="100" height="10" {}
            rect.made width=(made) height="10" {}
            @if let Some(tick) = tick {
                line.tick x1=(tick) x2=(tick) y1="0" y2="10" {}
            }
        }
    }
}

fn share(part: u64, whole: u64) -> f64 {
    Percent::of(part, whole).map_or(0.0, |p| p.value().min(100.0))
}

/// Families that count, day by day, against an even pace to the target.
pub(super) fn curve(
    lang: Lang,
    campaign: &Campaign,
    tally: &Tally,
    arrivals: &[Arrival],
    today: Date,
) -> Markup {
    let (first, last) = (campaign.first_day, campaign.last_day);
    let days = f64::from((last - first).get_days().max(0) + 1);
    // A day's families stand at its end: x runs from the morning of the first day.
    let x = |day: Date| f64::from((day - first).get_days() + 1) / days * 100.0;
    let until = today.min(last);
    let mut line = String::from("0,100");
    let mut sum: i64 = 0;
    let mut steps: Vec<(Date, u64)> = Vec::new();
    let mut day = first;
    while day <= until {
        sum += arrivals
            .iter()
            .filter(|a| a.day == day || (day == first && a.day < first))
            .map(|a| a.families)
            .sum::<i64>();
        let count = u64::try_from(sum).unwrap_or_default();
        line.push_str(&format!(
            " {:.2},{:.2}",
            x(day),
            100.0 - share(count, tally.target)
        ));
        steps.push((day, count));
        match day.tomorrow() {
            Ok(tomorrow) => day = tomorrow,
            Err(_) => break,
        }
    }
    let area = steps
        .last()
        .map(|(day, _)| format!("{line} {:.2},100", x(*day)))
        .unwrap_or_default();
    let said = format!(
        "{}: {}",
        lang.say(
            "Capaian kumulatif per hari",
            "Cumulative achievement by day"
        ),
        steps
            .last()
            .map(|(day, n)| format!("{} {}", lang.day(*day), lang.number(*n)))
            .unwrap_or_default()
    );
    html! {
        figure.curve {
            div.plot {
                div.ys aria-hidden="true" { span { (lang.say("100 %", "100%")) } span { (lang.say("50 %", "50%")) } span { "0" } }
                svg viewBox="0 0 100 100" preserveAspectRatio="none" role="img" aria-label=(said) {
                    line.grid x1="0" x2="100" y1="0" y2="0" {}
                    line.grid x1="0" x2="100" y1="50" y2="50" {}
                    line.grid x1="0" x2="100" y1="100" y2="100" {}
                    polygon.fill points=(area) {}
                    line.pace x1="0" y1="100" x2="100" y2="0" {}
                    polyline.made points=(line) {}
                }
                div.xs aria-hidden="true" {
                    span { (lang.day(first)) }
                    span { (lang.day(middle(first, last))) }
                    span { (lang.day(last)) }
                }
            }
            figcaption {
                span.key.made { (lang.say("Ditemui dan baru", "Met and new")) }
                span.key.pace {
                    (lang.say("Laju rata ke sasaran", "Even pace to the target"))
                }
            }
            details #days {
                summary { (lang.say("Sebagai tabel", "As a table")) }
                table.days {
                    thead { tr {
                        th { (lang.say("Hari", "Day")) }
                        th.n { (lang.say("Keluarga", "Families")) }
                        th.n { (lang.say("Capaian", "Achievement")) }
                    } }
                    tbody {
                        @for (day, count) in &steps {
                            tr {
                                td { (lang.day(*day)) }
                                td.n { (lang.number(*count)) }
                                td.n { (lang.percent(Percent::of(*count, tally.target))) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn middle(first: Date, last: Date) -> Date {
    let half = (last - first).get_days() / 2;
    first
        .checked_add(jiff::Span::new().days(half))
        .unwrap_or(first)
}
