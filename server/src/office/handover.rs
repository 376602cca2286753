//! Files that somebody brings for phones without a way to the server.

use std::sync::Arc;

use axum::extract::Multipart;
use axum::extract::State;
use axum::extract::multipart::MultipartRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ketuk_wire::{HandoverAnswer, HandoverReceipts};
use maud::{Markup, html};

use super::fault::{Fault, FaultPage};
use super::lang::Lang;
use super::page::Page;
use super::session::{Signed, same};
use crate::Error;
use crate::handover::{self, Brought};
use crate::http::App;

/// Where it is.
pub(super) const PATH: &str = "/handover";

/// The form.
pub(super) async fn form(signed: Signed) -> Markup {
    page(&signed, None)
}

/// Takes a file in.
pub(super) async fn upload(
    State(app): State<Arc<App>>,
    signed: Signed,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Response, FaultPage> {
    let fault = |fault: Fault| FaultPage::from((signed.lang, fault));
    let mut form = form.map_err(|_| fault(Fault::StaleForm))?;
    let broken = |_| fault(Fault::Upload);
    // The form's fields come in its order.
    let csrf = match form.next_field().await.map_err(broken)? {
        Some(field) if field.name() == Some("csrf") => field.text().await.map_err(broken)?,
        _ => return Err(fault(Fault::StaleForm)),
    };
    if !same(&signed.csrf, &csrf) {
        return Err(fault(Fault::StaleForm));
    }
    let sealed = match form.next_field().await.map_err(broken)? {
        Some(field) => field.bytes().await.map_err(broken)?,
        None => return Err(fault(Fault::Upload)),
    };
    let hub = app.hub.clone();
    let taken = app.gate.run(move || handover::take(&hub, &sealed)).await;
    let status = match &taken {
        Ok(_) => StatusCode::OK,
        Err(Error::Parcel | Error::Stranger) => StatusCode::UNPROCESSABLE_ENTITY,
        Err(_) => return Err(fault(taken.err().map_or(Fault::NotFound, Fault::from))),
    };
    Ok((status, page(&signed, Some(&taken))).into_response())
}

fn page(signed: &Signed, taken: Option<&Result<Brought, Error>>) -> Markup {
    let lang = signed.lang;
    let title = lang.say("Terima titipan", "Take in a parcel");
    Page::still(signed, title, PATH).with(html! {
        form.card.narrow method="post" action=(PATH) enctype="multipart/form-data" {
            h1 { (title) }
            @match taken {
                None => p {
                    (lang.say(
                        "Titipan adalah berkas dari HP kader yang tidak mendapat sinyal. Isinya \
                         tersegel: hanya server ini yang dapat membukanya.",
                        "A parcel is a file from the phone of a cadre without a signal. It is \
                         sealed: only this server can open it.",
                    ))
                },
                Some(Ok(brought)) => {
                    (result(lang, &brought.answer))
                    @if let Some(receipts) = &brought.receipts { (back(lang, receipts)) }
                },
                Some(Err(error)) => p.trouble role="alert" { (refusal(lang, error)) },
            }
            input type="hidden" name="csrf" value=(signed.csrf);
            label {
                span { (lang.say("Berkas titipan", "The parcel's file")) }
                input type="file" name="parcel" required;
            }
            button type="submit" { (lang.say("Kirim ke server", "Send to the server")) }
        }
    })
}

fn result(lang: Lang, answer: &HandoverAnswer) -> Markup {
    html! {
        div role="status" {
            p.good {
                span aria-hidden="true" { "✓ " }
                strong { (lang.number(answer.received)) }
                (lang.say(" isian ada di server.", " entries are on the server."))
            }
            ul {
                li {
                    (lang.number(answer.received.saturating_sub(answer.already)))
                    (lang.say(" baru, ", " new, ")) (lang.number(answer.already))
                    (lang.say(" sudah ada sebelumnya", " here before"))
                }
                @if answer.troubles > 0 {
                    li.bad {
                        (lang.number(answer.troubles))
                        (lang.say(" perlu dilihat", " need a look"))
                    }
                }
            }
            p {
                (lang.say(
                    "HP kader mendapat tanda terimanya pada kiriman berikutnya.",
                    "The cadre's phone gets its receipts at its next sync.",
                ))
            }
        }
    }
}

/// The receipts as a file to be brought back to a phone that stays without a signal.
fn back(lang: Lang, receipts: &HandoverReceipts) -> Markup {
    let file = ketuk_wire::encode(receipts).unwrap_or_default();
    let file = format!(
        "data:application/octet-stream;base64,{}",
        BASE64.encode(file)
    );
    html! {
        p {
            a href=(file) download="jawaban.ketuk" {
                (lang.say("Unduh berkas jawaban", "Download the answer's file"))
            }
            (lang.say(
                " untuk HP kader yang tetap tanpa sinyal: dibuka di Ketuk, Serahkan lewat berkas.",
                " for a cadre's phone that stays without a signal: opened there in Ketuk.",
            ))
        }
    }
}

fn refusal(lang: Lang, error: &Error) -> &'static str {
    match error {
        Error::Stranger => lang.say(
            "Titipan ini dari HP yang tidak pernah terdaftar di server ini.",
            "This parcel is of a phone that was never enrolled on this server.",
        ),
        _ => lang.say(
            "Berkas ini bukan titipan untuk server ini, atau tidak utuh. Salin lagi dari HP, lalu \
             coba lagi.",
            "This file is not a parcel for this server, or it is not whole. Copy it from the phone \
             again and try again.",
        ),
    }
}
