//! An area's page: how far it is, day by day, and who under it needs help first.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::Uri;
use axum::response::{IntoResponse, Redirect, Response};
use jiff::civil::Date;
use ketuk_wire::{AreaCode, Campaign, Level, Outcome, Tally};
use maud::{Markup, html};

use super::chart;
use super::fault::{Fault, FaultPage};
use super::lang::Lang;
use super::page::Page;
use super::session::Signed;
use super::table::{Column, Days, Line, Order, place, ranking};
use super::village;
use crate::Error;
use crate::clock;
use crate::db::Tx;
use crate::figures::{self, Arrival, Standing};
use crate::http::App;
use crate::hub::Hub;

/// The page of the person's own area.
pub(super) async fn home(signed: Signed) -> Redirect {
    Redirect::to(&format!("/area/{}", signed.area))
}

/// Everything that an area's page shows, of one moment.
pub(super) struct View {
    pub(super) campaign: Arc<Campaign>,
    pub(super) area: AreaCode,
    /// From the person's area down to this one.
    pub(super) way: Vec<(AreaCode, String)>,
    pub(super) standing: Standing,
    rank: Option<Rank>,
    arrivals: Vec<Arrival>,
    under: Vec<Standing>,
    pub(super) village: Option<village::Inside>,
    pub(super) now: jiff::Timestamp,
    today: Date,
}

/// An area's place among those right beside it, by achievement.
struct Rank {
    place: usize,
    of: usize,
    /// The name of the area in which they all lie.
    within: String,
}

impl Rank {
    /// `None` for an area that lies beside no other.
    fn read(tx: &mut Tx<'_>, area: &AreaCode, tally: &Tally) -> Result<Option<Rank>, Error> {
        let Some(parent) = area.parent() else {
            return Ok(None);
        };
        let mut beside = figures::under(tx, &parent)?;
        beside.retain(|other| other.area != *area);
        if beside.is_empty() {
            return Ok(None);
        }
        Ok(Some(Rank {
            place: place(tally, beside.iter().map(|other| &other.tally)),
            of: beside.len() + 1,
            within: figures::area_name(tx, &parent)?,
        }))
    }
}

/// An area's page.
pub(super) async fn show(
    State(app): State<Arc<App>>,
    signed: Signed,
    Path(code): Path<String>,
    uri: Uri,
    order: Result<Query<Order>, axum::extract::rejection::QueryRejection>,
) -> Result<Response, FaultPage> {
    let lang = signed.lang;
    let fault = |fault| FaultPage::from((lang, fault));
    let area: AreaCode = code.parse().map_err(|_| fault(Fault::NotFound))?;
    if !signed.area.contains(&area) {
        return Err(fault(Fault::Forbidden));
    }
    // An RT stands on its village's page.
    if area.level() > Level::Village {
        let village = area.at(Level::Village).unwrap_or(area);
        return Ok(Redirect::to(&format!("/area/{village}")).into_response());
    }
    let Query(order) = order.map_err(|_| fault(Fault::NotFound))?;
    let (hub, person) = (app.hub.clone(), signed.clone());
    let view = app
        .gate
        .run(move || look(&hub, &person, area))
        .await
        .map_err(|error| fault(error.into()))?;
    let path = uri.path_and_query().map_or("/", |p| p.as_str());
    match view {
        None if signed.area.as_str() == code => Ok(empty(&signed, path).into_response()),
        None => Err(fault(Fault::NotFound)),
        Some(view) => Ok(render(&signed, &view, order, path).into_response()),
    }
}

fn look(hub: &Hub, signed: &Signed, area: AreaCode) -> Result<Option<View>, Error> {
    let Some(campaign) = hub.campaign() else {
        return Ok(None);
    };
    let now = hub.clock.now();
    hub.db.read(|tx| {
        let Some(mut standing) = figures::standing(tx, &area)? else {
            return Ok(None);
        };
        let mut way: Vec<AreaCode> = std::iter::successors(Some(area.clone()), AreaCode::parent)
            .take_while(|above| signed.area.contains(above))
            .collect();
        way.reverse();
        let way: Result<Vec<_>, Error> = way
            .into_iter()
            .map(|code| {
                let name = figures::area_name(tx, &code)?;
                Ok((code, name))
            })
            .collect();
        let way = way?;
        if let Some((_, name)) = way.last() {
            standing.name.clone_from(name);
        }
        let is_village = area.level() == Level::Village;
        Ok(Some(View {
            rank: Rank::read(tx, &area, &standing.tally)?,
            arrivals: figures::arrivals(tx, &area)?,
            under: if is_village {
                Vec::new()
            } else {
                figures::under(tx, &area)?
            },
            village: if is_village {
                Some(village::Inside::read(tx, &area)?)
            } else {
                None
            },
            today: clock::date_in(&area, now),
            campaign,
            way,
            standing,
            area,
            now,
        }))
    })
}

/// Nothing is set up yet: what to do first.
fn empty(signed: &Signed, path: &str) -> Markup {
    let lang = signed.lang;
    let title = lang.say("Belum ada pendataan", "No campaign yet");
    Page::live(signed, title, None, path).with(html! {
        h1 { (title) }
        p {
            (lang.say(
                "Server ini masih kosong. Muat data contoh untuk mencoba:",
                "This server is still empty. Load the sample campaign to try it:",
            ))
        }
        p { code { "ketuk-server serve --sample" } }
    })
}

fn render(signed: &Signed, view: &View, order: Order, path: &str) -> Markup {
    let lang = signed.lang;
    let name = &view.standing.name;
    let title = lang.say(
        format!("Sejauh mana {name}?"),
        format!("How far is {name}?"),
    );
    let days = Days::of(&view.campaign, view.today);
    let own = format!("/area/{}", view.area);
    Page::live(signed, &title, Some(&view.campaign), path).with(html! {
        (breadcrumb(lang, &view.way))
        div data-live=(view.area) {
            h1 { (title) }
            (headline(lang, view, &days))
            section {
                h2 { (lang.say("Hari demi hari", "Day by day")) }
                (chart::curve(lang, &view.campaign, &view.standing.tally, &view.arrivals, view.today))
            }
            @match &view.village {
                Some(inside) => (village::sections(lang, view, inside, order, &days, &own)),
                None => (parts(lang, view, order, &days, &own)),
            }
            section {
                h2 {
                    (lang.say("Ke mana keluarga terdaftar?", "What became of the listed families?"))
                }
                (sum(lang, &view.standing.tally))
            }
        }
    })
}

fn breadcrumb(lang: Lang, way: &[(AreaCode, String)]) -> Markup {
    let above = way.len().saturating_sub(1);
    html! {
        nav.way aria-label=(lang.say("Wilayah", "Areas")) {
            ol {
                @for (at, (code, name)) in way.iter().enumerate() {
                    li {
                        @if at < above { a href={ "/area/" (code) } { (name) } }
                        @else { span aria-current="page" { (name) } }
                    }
                }
            }
        }
    }
}

fn headline(lang: Lang, view: &View, days: &Days) -> Markup {
    let tally = &view.standing.tally;
    let pace = days.pace(tally);
    let ahead = tally.achieved() >= pace.expected;
    html! {
        div.headline {
            p.figure { (lang.percent(tally.achievement())) }
            p.of {
                strong.achieved { (lang.number(tally.achieved())) }
                (lang.say(" dari ", " of ")) (lang.number(tally.target))
                (lang.say(" keluarga sasaran", " target families"))
            }
            (chart::bar(tally, Some(&pace)))
            ul.facts {
                @if let Some(Rank { place, of, within }) = &view.rank {
                    li {
                        (lang.say("Peringkat ", "Rank "))
                        (lang.number(*place as u64)) (lang.say(" dari ", " of "))
                        (lang.number(*of as u64)) (lang.say(" di ", " in ")) (within)
                    }
                }
                @if tally.target > 0 {
                    li.good[ahead].bad[!ahead] {
                        @if ahead {
                            span aria-hidden="true" { "✓ " }
                            (lang.say("Di depan laju rata", "Ahead of the even pace"))
                        } @else {
                            span aria-hidden="true" { "▲ " }
                            (lang.say("Di belakang laju rata: ", "Behind the even pace: "))
                            (lang.number(pace.expected - tally.achieved()))
                            (lang.say(" keluarga kurang", " families short"))
                        }
                    }
                }
                @if let Some(needed) = pace.needed.filter(|needed| *needed > 0.0) {
                    li {
                        (lang.number(pace.days_left.into())) (lang.say(" hari lagi, perlu ", " days left, "))
                        (lang.rate(needed))
                        (lang.say(" keluarga sehari", " families a day needed"))
                        " (" (lang.say("selama ini ", "so far ")) (lang.rate(pace.made)) ")"
                    }
                }
                li.waits[tally.on_phones > 0] {
                    @if tally.on_phones > 0 { span aria-hidden="true" { "◔ " } }
                    (lang.number(tally.on_phones))
                    (lang.say(" masih di HP, belum diterima", " still on phones, not yet received"))
                }
                @if view.standing.troubles > 0 {
                    li.bad {
                        span aria-hidden="true" { "! " }
                        (lang.number(view.standing.troubles))
                        (lang.say(" isian perlu dilihat", " entries need a look"))
                    }
                }
            }
        }
    }
}

fn parts(lang: Lang, view: &View, order: Order, days: &Days, path: &str) -> Markup {
    let what = match view.area.level() {
        Level::Nation => lang.say("Provinsi", "Province"),
        Level::Province => lang.say("Kabupaten/kota", "Regency"),
        Level::Regency => lang.say("Kecamatan", "District"),
        _ => lang.say("Desa/kelurahan", "Village"),
    };
    let lines = view
        .under
        .iter()
        .map(|part| Line {
            name: part.name.clone(),
            href: Some(format!("/area/{}", part.area)),
            note: None,
            tally: part.tally,
        })
        .collect();
    html! {
        section {
            h2 { (lang.say("Siapa perlu dibantu dulu?", "Who needs help first?")) }
            (ranking(lang, what, lines, &Column::ALL, order, days, path))
        }
    }
}

/// The listed families as a sum that adds up, or the word that it doesn't.
fn sum(lang: Lang, tally: &Tally) -> Markup {
    let terms: Vec<(u64, &str)> = Outcome::ALL
        .into_iter()
        .filter(|outcome| *outcome != Outcome::New)
        .map(|outcome| (tally.of(outcome), lang.outcome(outcome)))
        .filter(|(families, _)| *families > 0)
        .collect();
    html! {
        @match tally.to_visit() {
            Some(left) => {
                p.sum {
                    span.term { strong { (lang.number(tally.listed)) } " " (lang.say("terdaftar", "listed")) }
                    " = "
                    @for (families, word) in &terms {
                        span.term { strong { (lang.number(*families)) } " " (word) } " + "
                    }
                    span.term { strong { (lang.number(left)) } " " (lang.say("belum didata", "to visit")) }
                }
            }
            None => {
                p.trouble role="alert" {
                    (lang.say(
                        "Angka tidak cocok: hasil kunjungan lebih banyak daripada keluarga terdaftar. \
                         Jalankan ketuk-server verify.",
                        "The figures don't add up: more outcomes than listed families. Run \
                         ketuk-server verify.",
                    ))
                }
            }
        }
        p.apart {
            (lang.say("Dihitung tersendiri: ", "Counted apart: "))
            strong { (lang.number(tally.new)) } " " (lang.outcome(Outcome::New)) ", "
            strong { (lang.number(tally.on_phones)) } " "
            (lang.say("masih di HP", "still on phones")) "."
        }
    }
}
