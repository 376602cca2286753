//! What a village's page shows beyond other areas': its RTs, its cadres with their phones, and the
//! entries that need a look.

use jiff::Timestamp;
use ketuk_wire::{AreaCode, TroubleCode};
use maud::{Markup, html};

use super::area::View;
use super::lang::Lang;
use super::table::{Column, Days, Line, Order, ranking};
use crate::Error;
use crate::db::Tx;
use crate::figures::{self, CadreLine, PhoneLine, Standing, TroubleCount};

/// A clock is worth a word when it is off by more than this, in seconds: five minutes.
const CLOCK_OFF: u64 = 300;

/// What is read of a village.
pub(super) struct Inside {
    rts: Vec<Standing>,
    cadres: Vec<CadreLine>,
    troubles: Vec<TroubleCount>,
}

impl Inside {
    pub(super) fn read(tx: &mut Tx<'_>, village: &AreaCode) -> Result<Inside, Error> {
        Ok(Inside {
            rts: figures::rts(tx, village)?,
            cadres: figures::cadres(tx, village)?,
            troubles: figures::troubles(tx, village)?,
        })
    }
}

pub(super) fn sections(
    lang: Lang,
    view: &View,
    inside: &Inside,
    order: Order,
    days: &Days,
    path: &str,
) -> Markup {
    let rts = inside
        .rts
        .iter()
        .map(|rt| Line {
            name: rt.name.clone(),
            href: None,
            note: walkers(inside, &rt.area),
            tally: rt.tally,
        })
        .collect();
    html! {
        section {
            h2 { (lang.say("RT mana perlu dibantu dulu?", "Which RT needs help first?")) }
            (ranking(lang, "RT", rts, &Column::OF_RTS, order, days, path))
        }
        section {
            h2 { (lang.say("Kader dan HP-nya", "Cadres and their phones")) }
            (phones(lang, &inside.cadres, view.now))
        }
        @if !inside.troubles.is_empty() {
            section {
                h2 { (lang.say("Isian yang perlu dilihat", "Entries that need a look")) }
                (troubles(lang, &inside.troubles))
                p.after-a-table {
                    a href={ "/area/" (view.area) "/look" } {
                        (lang.say("Lihat satu per satu", "Look at them one by one"))
                    }
                }
            }
        }
    }
}

fn walkers(inside: &Inside, rt: &AreaCode) -> Option<String> {
    let names: Vec<&str> = inside
        .cadres
        .iter()
        .filter(|cadre| cadre.rts.contains(rt))
        .map(|cadre| cadre.name.as_str())
        .collect();
    (!names.is_empty()).then(|| names.join(", "))
}

fn phones(lang: Lang, cadres: &[CadreLine], now: Timestamp) -> Markup {
    html! {
        div.scroll {
            table.phones {
                thead { tr {
                    th { (lang.say("Kader", "Cadre")) }
                    th.n.wide { (lang.say("Selesai", "Done")) }
                    th.wide { (lang.say("Terakhir kirim", "Last sync")) }
                    th.n.wide { (lang.say("Menunggu", "Waiting")) }
                } }
                tbody {
                    @for cadre in cadres { (cadre_row(lang, cadre, now)) }
                }
            }
        }
    }
}

/// A cadre and her phone; under her name, on a narrow screen, what the other columns say.
fn cadre_row(lang: Lang, cadre: &CadreLine, now: Timestamp) -> Markup {
    let tally = &cadre.tally;
    let (done, target) = (lang.number(tally.achieved()), lang.number(tally.target));
    html! {
        tr {
            th scope="row" {
                (cadre.name)
                span.note { (short_rts(lang, &cadre.rts)) }
                span.fold { (lang.say("Selesai ", "Done ")) (done) (lang.say(" dari ", " of ")) (target) }
                @match &cadre.phone {
                    None => span.fold { (not_enrolled(lang)) },
                    Some(phone) => {
                        span.fold {
                            (lang.say("Terakhir kirim ", "Last sync ")) (last_sync(lang, phone, now))
                        }
                        span.fold {
                            (lang.say("Menunggu ", "Waiting ")) (waiting(lang, phone, tally.on_phones))
                        }
                    }
                }
            }
            td.n.wide { (done) span.note { (lang.say("dari ", "of ")) (target) } }
            @match &cadre.phone {
                None => {
                    td.wide { span.quiet { (not_enrolled(lang)) } }
                    td.n.wide { "–" }
                }
                Some(phone) => {
                    td.wide {
                        (last_sync(lang, phone, now))
                        span.note { (phone.model) " · " (phone.app) }
                    }
                    td.n.wide { (waiting(lang, phone, tally.on_phones)) }
                }
            }
        }
    }
}

fn not_enrolled(lang: Lang) -> &'static str {
    lang.say("belum mendaftar", "not enrolled yet")
}

fn short_rts(lang: Lang, rts: &[AreaCode]) -> String {
    if rts.is_empty() {
        return lang.say("tanpa RT", "no RT").to_owned();
    }
    let rw_of = |rt: &AreaCode| rt.parent().map_or(0, |rw| rw.ordinal());
    let groups: Vec<String> = rts
        .chunk_by(|a, b| rw_of(a) == rw_of(b))
        .map(|group| {
            let numbers: Vec<String> = group
                .iter()
                .map(|rt| format!("{:03}", rt.ordinal()))
                .collect();
            let rw = group.first().map_or(0, rw_of);
            format!("RT {} / RW {rw:03}", numbers.join(", "))
        })
        .collect();
    groups.join(" · ")
}

fn last_sync(lang: Lang, phone: &PhoneLine, now: Timestamp) -> Markup {
    html! {
        @match phone.last_seen {
            Some(then) => (lang.ago(then, now)),
            None => span.quiet { (lang.say("belum pernah", "never")) },
        }
        @if phone.clock_ahead.unsigned_abs() > CLOCK_OFF {
            span.note.bad { "! " (lang.say("jam HP salah", "its clock is wrong")) }
        }
    }
}

fn waiting(lang: Lang, phone: &PhoneLine, waiting: u64) -> Markup {
    html! {
        @if waiting > 0 { span.waits { "◔ " (lang.number(waiting)) } } @else { "0" }
        @if phone.held > 0 {
            span.note.bad { "! " (lang.number(phone.held)) (lang.say(" ditolak", " refused")) }
        }
        @if phone.put_back {
            span.note {
                "! "
                (lang.say("HP ini dikembalikan dari salinan lama", "put back from an older copy"))
            }
        }
        @if phone.missing > waiting {
            span.note.bad {
                "! " (lang.number(phone.missing - waiting))
                (lang.say(" nomor hilang", " numbers missing"))
            }
        }
    }
}

fn troubles(lang: Lang, troubles: &[TroubleCount]) -> Markup {
    html! {
        table.troubles {
            thead { tr {
                th { (lang.say("Apa", "What")) }
                th.n { (lang.say("Isian", "Entries")) }
            } }
            tbody {
                @for trouble in troubles {
                    tr {
                        th scope="row" {
                            (what(lang, trouble.code))
                            span.note {
                                @if trouble.accepted {
                                    (lang.say("diterima dan dihitung", "accepted and counted"))
                                } @else {
                                    (lang.say("disimpan, belum dihitung", "kept, not counted"))
                                }
                            }
                        }
                        td.n { (lang.number(trouble.entries)) }
                    }
                }
            }
        }
    }
}

fn what(lang: Lang, code: TroubleCode) -> &'static str {
    match code {
        TroubleCode::InvalidDocument => lang.say(
            "Isian tidak lolos pemeriksaan",
            "Answers that fail the checks",
        ),
        TroubleCode::UnknownForm => lang.say(
            "Kuesioner tidak dikenal",
            "A questionnaire that the server doesn't have",
        ),
        TroubleCode::OpReused => lang.say(
            "Nomor kiriman dipakai dua kali",
            "One operation for two entries",
        ),
        TroubleCode::AreaNotAllotted => lang.say("Di luar RT kader", "Outside the cadre's RTs"),
        TroubleCode::UnknownArea => lang.say(
            "Wilayah tidak ada dalam pendataan",
            "An area that the campaign doesn't have",
        ),
        TroubleCode::NewerRevision => lang.say(
            "Dua HP mengubah keluarga yang sama",
            "Two phones changed the same family",
        ),
        TroubleCode::HouseholdMoved => lang.say(
            "Keluarga sudah dipindahkan ke kader lain",
            "The family had gone to another cadre",
        ),
        TroubleCode::DoubtfulSender => lang.say(
            "HP pengirim perlu dipastikan",
            "Sent for a phone that must be made sure of",
        ),
        TroubleCode::DigestMismatch | TroubleCode::Unknown => lang.say("Lainnya", "Others"),
    }
}
