//! What a supervisor must look at in a village, entry by entry: what happened, and what to do.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::Uri;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use ketuk_wire::{AreaCode, Level, TroubleCode};
use maud::{Markup, html};

use super::fault::{Fault, FaultPage};
use super::lang::Lang;
use super::page::Page;
use super::session::Signed;
use crate::clock;
use crate::figures::{self, Troubled};
use crate::http::App;

/// Entries on a page.
const ON_A_PAGE: u64 = 50;

#[derive(serde::Deserialize)]
pub(super) struct From {
    after: Option<String>,
}

/// A village's page of entries that need a look.
pub(super) async fn show(
    State(app): State<Arc<App>>,
    signed: Signed,
    Path(code): Path<String>,
    uri: Uri,
    from: Result<Query<From>, QueryRejection>,
) -> Result<Response, FaultPage> {
    let fault = |fault| FaultPage::from((signed.lang, fault));
    let village: AreaCode = code.parse().map_err(|_| fault(Fault::NotFound))?;
    if !signed.area.contains(&village) {
        return Err(fault(Fault::Forbidden));
    }
    if village.level() != Level::Village || !app.hub.has_village(&village) {
        return Err(fault(Fault::NotFound));
    }
    let Query(From { after }) = from.map_err(|_| fault(Fault::NotFound))?;
    let after = after.map(|text| text.parse()).transpose();
    let after = after.map_err(|_| fault(Fault::NotFound))?;
    let (hub, area) = (app.hub.clone(), village.clone());
    let read = app.gate.run(move || {
        hub.db.read(|tx| {
            let entries = figures::troubled(tx, &area, after, ON_A_PAGE + 1)?;
            Ok((figures::area_name(tx, &area)?, entries))
        })
    });
    let (name, entries) = read.await.map_err(|error| fault(error.into()))?;
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    Ok(page(&signed, &village, &name, entries, path).into_response())
}

fn page(
    signed: &Signed,
    village: &AreaCode,
    name: &str,
    mut entries: Vec<Troubled>,
    path: &str,
) -> Markup {
    let lang = signed.lang;
    let title = lang.say(
        format!("Perlu dilihat di {name}"),
        format!("To look at in {name}"),
    );
    let more = entries.len() as u64 > ON_A_PAGE;
    entries.truncate(ON_A_PAGE as usize);
    let next = entries.last().filter(|_| more).map(|last| last.place);
    let own = format!("/area/{village}");
    Page::still(signed, &title, path).with(html! {
        nav.way aria-label=(lang.say("Wilayah", "Areas")) {
            ol {
                li { a href=(own) { (name) } }
                li { span aria-current="page" { (lang.say("Perlu dilihat", "To look at")) } }
            }
        }
        h1 { (title) }
        @if entries.is_empty() {
            p { (lang.say("Tidak ada lagi yang perlu dilihat.", "There is nothing more to look at.")) }
        } @else {
            ol.look { @for entry in &entries { li { (item(lang, village, entry)) } } }
        }
        @if let Some(next) = next {
            p {
                a.button href={ (own) "/look?after=" (next) } {
                    (lang.say("Yang lebih lama", "Older ones"))
                }
            }
        }
    })
}

fn item(lang: Lang, village: &AreaCode, entry: &Troubled) -> Markup {
    html! {
        h2 { (family(lang, entry)) }
        p { (story(lang, entry)) }
        p.quiet {
            @if let Some(rt) = &entry.rt { (rt_of(rt)) " · " }
            (entry.cadre.as_deref().unwrap_or(lang.say("kader desa lain", "a cadre of another village")))
            " · " (moment(lang, village, entry.at)) " · "
            @if entry.accepted {
                (lang.say("diterima dan dihitung", "accepted and counted"))
            } @else {
                span.bad { (lang.say("disimpan, belum dihitung", "kept, not counted")) }
            }
        }
    }
}

fn family(lang: Lang, entry: &Troubled) -> String {
    match (entry.head.as_str(), entry.number.as_str()) {
        ("", "") => lang
            .say("Keluarga belum dikenal", "A family not known yet")
            .to_owned(),
        ("", number) => format!("{} {number}", lang.say("Keluarga nomor", "Family number")),
        (head, "") => head.to_owned(),
        (head, number) => format!("{head} ({} {number})", lang.say("nomor", "number")),
    }
}

fn rt_of(rt: &AreaCode) -> String {
    match rt.parent() {
        Some(rw) if rt.level() == Level::Rt => {
            format!("RT {:03} / RW {:03}", rt.ordinal(), rw.ordinal())
        }
        _ => rt.to_string(),
    }
}

fn moment(lang: Lang, village: &AreaCode, at: Timestamp) -> String {
    let there = clock::zone(village).to_datetime(at);
    format!(
        "{}, {:02}{}{:02}",
        lang.day(there.date()),
        there.hour(),
        lang.say('.', ':'),
        there.minute()
    )
}

/// What happened, and what to do.
fn story(lang: Lang, entry: &Troubled) -> &'static str {
    match entry.code {
        TroubleCode::InvalidDocument => lang.say(
            "Isiannya tidak lolos pemeriksaan kuesioner. Minta kader membukanya lagi di HP, \
             memperbaiki, lalu mengirim.",
            "Its answers fail the questionnaire's checks. Ask the cadre to open it on the phone, \
             correct it and send it again.",
        ),
        TroubleCode::UnknownForm => lang.say(
            "Diisi dengan kuesioner yang tidak ada di server ini. Periksa versi aplikasi di HP kader.",
            "It was filled with a questionnaire that this server doesn't have. Check the app's \
             version on the cadre's phone.",
        ),
        TroubleCode::OpReused => lang.say(
            "Nomor kirimannya sudah dipakai isian lain; keduanya disimpan. Tanyakan apakah data HP \
             ini pernah disalin ke HP lain.",
            "Its operation was used for another entry; both are kept. Ask whether the phone's data \
             was copied to another phone.",
        ),
        TroubleCode::AreaNotAllotted => lang.say(
            "Keluarganya di luar RT kader ini. Pastikan RT-nya benar dan tidak didata dua kali.",
            "The family is outside this cadre's RTs. Make sure that the RT is right and that it is \
             not recorded twice.",
        ),
        TroubleCode::UnknownArea => lang.say(
            "RT-nya tidak ada dalam pendataan. Periksa kode wilayahnya.",
            "Its RT is not in the campaign. Check the area's code.",
        ),
        TroubleCode::NewerRevision if entry.accepted => lang.say(
            "Keluarga ini juga diisi dari HP lain. Kedua isian digabung, karena tidak ada jawaban \
             yang bertentangan.",
            "Another phone recorded this family too. The two entries were put together, since no \
             answers clash.",
        ),
        TroubleCode::NewerRevision => lang.say(
            "Keluarga ini juga diisi dari HP lain. Kedua isian disimpan; bandingkan dan tanyakan \
             kepada kadernya.",
            "Another phone recorded this family too. Both entries are kept; compare them and ask \
             the cadres.",
        ),
        TroubleCode::HouseholdMoved => lang.say(
            "Keluarga ini sudah dipindahkan ke kader lain ketika isiannya datang. Pastikan isian \
             mana yang terakhir.",
            "The family had gone to another cadre when this came. Make sure which entry is the \
             last.",
        ),
        TroubleCode::DoubtfulSender => lang.say(
            "Datang dalam titipan dari HP yang sudah dicabut atau didaftarkan ulang. Tanyakan kader \
             apakah isian ini miliknya.",
            "It came in a parcel of a phone that was revoked or has enrolled anew. Ask the cadre \
             whether it is hers.",
        ),
        TroubleCode::DigestMismatch | TroubleCode::Unknown => {
            lang.say("Perlu dilihat supervisor.", "A supervisor must look at it.")
        }
    }
}
