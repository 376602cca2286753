//! The ranking: areas side by side, the lowest first, each with its bar.

use jiff::civil::Date;
use ketuk_wire::{Campaign, Pace, Tally};
use maud::{Markup, PreEscaped, html};

use super::chart;
use super::lang::Lang;

/// A row of a ranking.
pub(super) struct Line {
    pub(super) name: String,
    /// Where the row leads, if anywhere.
    pub(super) href: Option<String>,
    /// A second line under the name.
    pub(super) note: Option<String>,
    pub(super) tally: Tally,
}

/// What a ranking is ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Column {
    Name,
    Achievement,
    Met,
    New,
    ToVisit,
    Needed,
    OnPhones,
}

/// A ranking's order, as it stands in the page's address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
pub(super) struct Order {
    #[serde(default = "Order::first_look")]
    sort: Column,
    #[serde(default)]
    down: bool,
}

impl Order {
    /// The lowest achievement first: who needs help.
    fn first_look() -> Column {
        Column::Achievement
    }
}

/// A campaign's days, by which paces are reckoned.
#[derive(Clone, Copy)]
pub(super) struct Days {
    pub(super) first: Date,
    pub(super) last: Date,
    pub(super) today: Date,
}

impl Days {
    pub(super) fn of(campaign: &Campaign, today: Date) -> Days {
        Days {
            first: campaign.first_day,
            last: campaign.last_day,
            today,
        }
    }

    pub(super) fn pace(&self, tally: &Tally) -> Pace {
        Pace::at(
            tally.achieved(),
            tally.target,
            self.first,
            self.last,
            self.today,
        )
    }
}

impl Column {
    pub(super) const ALL: [Column; 7] = [
        Column::Name,
        Column::Achievement,
        Column::Met,
        Column::New,
        Column::ToVisit,
        Column::Needed,
        Column::OnPhones,
    ];

    /// What waits on a phone is known by cadre, not by RT.
    pub(super) const OF_RTS: [Column; 6] = [
        Column::Name,
        Column::Achievement,
        Column::Met,
        Column::New,
        Column::ToVisit,
        Column::Needed,
    ];

    fn key(self) -> &'static str {
        match self {
            Column::Name => "name",
            Column::Achievement => "achievement",
            Column::Met => "met",
            Column::New => "new",
            Column::ToVisit => "to_visit",
            Column::Needed => "needed",
            Column::OnPhones => "on_phones",
        }
    }

    fn heading(self, lang: Lang, what: &'static str) -> &'static str {
        match self {
            Column::Name => what,
            Column::Achievement => lang.say("Capaian", "Achievement"),
            Column::Met => lang.say("Ditemui", "Met"),
            Column::New => lang.say("Baru", "New"),
            Column::ToVisit => lang.say("Belum", "To visit"),
            Column::Needed => lang.say("Perlu/hari", "Needed/day"),
            Column::OnPhones => lang.say("Di HP", "On phones"),
        }
    }
}

/// Orders lines; equal ones stay in the order of their codes.
fn arrange(lines: &mut [(usize, Line)], order: Order, days: &Days) {
    let number = |tally: &Tally| -> f64 {
        match order.sort {
            Column::Name => 0.0,
            // Without a target there is nothing to help with: last.
            Column::Achievement => tally.achievement().map_or(f64::MAX, |p| p.value()),
            Column::Met => tally.met as f64,
            Column::New => tally.new as f64,
            Column::ToVisit => tally.to_visit().unwrap_or_default() as f64,
            Column::Needed => days.pace(tally).needed.unwrap_or_default(),
            Column::OnPhones => tally.on_phones as f64,
        }
    };
    lines.sort_by(|(_, a), (_, b)| match order.sort {
        Column::Name => a.name.cmp(&b.name),
        _ => number(&a.tally).total_cmp(&number(&b.tally)),
    });
    if order.down {
        lines.reverse();
    }
}

/// The place of one by achievement among others, the highest first; equal ones share a place.
pub(super) fn place<'a>(one: &Tally, among: impl IntoIterator<Item = &'a Tally>) -> usize {
    let better = |other: &&Tally| other.achievement() > one.achievement();
    among.into_iter().filter(better).count() + 1
}

fn with_places(lines: Vec<Line>) -> Vec<(usize, Line)> {
    let all: Vec<Tally> = lines.iter().map(|line| line.tally).collect();
    lines
        .into_iter()
        .map(|line| (place(&line.tally, &all), line))
        .collect()
}

/// The table, its headings leading to other orders of it at `path`.
pub(super) fn ranking(
    lang: Lang,
    what: &'static str,
    lines: Vec<Line>,
    columns: &[Column],
    order: Order,
    days: &Days,
    path: &str,
) -> Markup {
    let mut lines = with_places(lines);
    arrange(&mut lines, order, days);
    html! {
        div.scroll {
            table.ranking {
                thead { tr {
                    th.place { abbr title=(lang.say("Peringkat", "Rank")) { "#" } }
                    @for column in columns {
                        (heading(lang, what, *column, order, path))
                    }
                } }
                tbody {
                    @for (place, line) in &lines { (row(lang, *place, line, columns, days)) }
                }
            }
        }
    }
}

fn heading(lang: Lang, what: &'static str, column: Column, order: Order, path: &str) -> Markup {
    let chosen = order.sort == column;
    let down = chosen && !order.down;
    let href = format!("{path}?sort={}&down={down}", column.key());
    let sorted = match (chosen, order.down) {
        (false, _) => None,
        (true, false) => Some("ascending"),
        (true, true) => Some("descending"),
    };
    let figure = column != Column::Name;
    html! {
        th.n[figure].wide[column != Column::Name && column != Column::Achievement]
            aria-sort=[sorted] {
            a href=(href) {
                (column.heading(lang, what))
                @match sorted {
                    Some("ascending") => (PreEscaped(" <span aria-hidden=\"true\">↑</span>")),
                    Some(_) => (PreEscaped(" <span aria-hidden=\"true\">↓</span>")),
                    None => {}
                }
            }
        }
    }
}

fn row(lang: Lang, place: usize, line: &Line, columns: &[Column], days: &Days) -> Markup {
    html! {
        tr.to[line.href.is_some()] {
            td.place { (place) }
            @for column in columns { (cell(lang, line, *column, days)) }
        }
    }
}

fn cell(lang: Lang, line: &Line, column: Column, days: &Days) -> Markup {
    let tally = &line.tally;
    let figure = |text: String| html! { td.n.wide { (text) } };
    match column {
        Column::Name => name(lang, line),
        Column::Achievement => html! {
            td.n.achievement {
                span { (lang.percent(tally.achievement())) }
                (chart::bar(tally, Some(&days.pace(tally))))
            }
        },
        Column::Met => figure(lang.number(tally.met)),
        Column::New => figure(lang.number(tally.new)),
        Column::ToVisit => figure(tally.to_visit().map_or("–".into(), |n| lang.number(n))),
        Column::Needed => figure(days.pace(tally).needed.map_or("–".into(), |n| lang.rate(n))),
        Column::OnPhones if tally.on_phones == 0 => figure("0".into()),
        Column::OnPhones => html! {
            td.n.wide { span.waits { "◔ " (lang.number(tally.on_phones)) } }
        },
    }
}

/// The area's name, and under it, on a narrow screen, what its other columns say.
fn name(lang: Lang, line: &Line) -> Markup {
    let tally = &line.tally;
    html! {
        th scope="row" {
            @match &line.href {
                Some(href) => a href=(href) { (line.name) },
                None => (line.name),
            }
            @if let Some(note) = &line.note { span.note { (note) } }
            span.fold {
                span { (lang.number(tally.met)) " " (lang.say("ditemui", "met")) } " · "
                span { (lang.number(tally.new)) " " (lang.say("baru", "new")) }
                @if tally.on_phones > 0 {
                    " · "
                    span.waits {
                        (lang.number(tally.on_phones)) " " (lang.say("di HP", "on phones"))
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn line(name: &str, met: u64, target: u64) -> Line {
        Line {
            name: name.into(),
            href: None,
            note: None,
            tally: Tally {
                met,
                target,
                listed: target,
                ..Tally::default()
            },
        }
    }

    fn days() -> Days {
        Days {
            first: date(2023, 7, 1),
            last: date(2023, 7, 31),
            today: date(2023, 7, 20),
        }
    }

    fn names(lines: &[(usize, Line)]) -> Vec<(usize, &str)> {
        lines
            .iter()
            .map(|(place, l)| (*place, l.name.as_str()))
            .collect()
    }

    #[test]
    fn the_lowest_stands_first_and_its_rank_is_the_last() {
        let lines = vec![
            line("Dungingi", 90, 100),
            line("Kota Barat", 70, 100),
            line("Hulonthalangi", 90, 100),
            line("Tanpa sasaran", 0, 0),
        ];
        let mut lines = with_places(lines);
        let order: Order = serde_json::from_str("{}").unwrap();
        arrange(&mut lines, order, &days());
        assert_eq!(
            names(&lines),
            [
                (3, "Kota Barat"),
                (1, "Dungingi"),
                (1, "Hulonthalangi"),
                (4, "Tanpa sasaran")
            ]
        );
    }

    #[test]
    fn any_heading_orders_either_way() {
        for column in Column::ALL {
            for down in [false, true] {
                let text = format!(r#"{{"sort":"{}","down":{down}}}"#, column.key());
                let order: Order = serde_json::from_str(&text).unwrap();
                assert_eq!((order.sort, order.down), (column, down));
                let mut lines = vec![(1, line("B", 3, 100)), (2, line("A", 2, 100))];
                arrange(&mut lines, order, &days());
            }
        }
    }
}
