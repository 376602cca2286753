//! Whether a receipt that somebody shows is this server's: for everybody, without signing in.

use std::sync::Arc;
use std::time::Instant;

use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Extension, State};
use jiff::Timestamp;
use ketuk_wire::AreaCode;
use maud::{Markup, html};

use super::fault::{Fault, FaultPage};
use super::lang::Lang;
use super::page::Page;
use crate::clock;
use crate::http::{App, Peer};
use crate::receipts::{self, ReceiptCheck, Receipted};

/// Where it is.
pub(super) const PATH: &str = "/receipt";

/// The form.
pub(super) async fn form(State(app): State<Arc<App>>, lang: Lang) -> Markup {
    page(&app, lang, None)
}

#[derive(serde::Deserialize)]
pub(super) struct Shown {
    /// The receipt's text, as a QR code holds it.
    receipt: String,
}

/// Says what can be said of a receipt. It comes in the body: an address is kept by browsers and
/// proxies.
pub(super) async fn check(
    State(app): State<Arc<App>>,
    Extension(Peer(peer)): Extension<Peer>,
    lang: Lang,
    form: Result<Form<Shown>, FormRejection>,
) -> Result<Markup, FaultPage> {
    let fault = |fault: Fault| FaultPage::from((lang, fault));
    let counted = app.receipts.count(&peer.ip().to_string(), Instant::now());
    counted.map_err(|wait| fault(Fault::TooMany(wait)))?;
    // What is no form is no receipt either.
    let text = form.map_or(String::new(), |Form(shown)| shown.receipt);
    let hub = app.hub.clone();
    let found = app
        .gate
        .run(move || receipts::check(&hub, &text))
        .await
        .map_err(|error| fault(error.into()))?;
    Ok(page(&app, lang, Some(found)))
}

fn page(app: &App, lang: Lang, found: Option<ReceiptCheck>) -> Markup {
    let title = lang.say("Periksa tanda terima", "Check a receipt");
    Page::plain(lang, title).at(PATH).with(html! {
        form.card.narrow method="post" action=(PATH) {
            h1 { (title) }
            @match found {
                Some(found) => (result(lang, found)),
                None => p {
                    (lang.say(
                        "Tempel teks tanda terima dari HP kader, atau hasil pindai kode QR-nya.",
                        "Paste a receipt's text from a cadre's phone, or what its QR code says.",
                    ))
                },
            }
            label {
                span { (lang.say("Tanda terima", "Receipt")) }
                textarea name="receipt" rows="6" required autocomplete="off" spellcheck="false"
                    placeholder="KETUK1.…" {}
            }
            button type="submit" { (lang.say("Periksa", "Check")) }
            p.quiet.key-of-server {
                (lang.say("Kunci server ini: ", "This server's key: "))
                code { (app.hub.secrets.signing.public()) }
            }
        }
    })
}

fn result(lang: Lang, found: ReceiptCheck) -> Markup {
    html! {
        div role="status" {
            @match found {
                ReceiptCheck::Held(then) => {
                    p.good { strong {
                        (lang.say("✓ Sah, dan isiannya ada di server ini.",
                            "✓ Valid, and the entry is on this server."))
                    } }
                    (about(lang, then))
                }
                ReceiptCheck::HeldAs { then, revision } => {
                    p.good { strong {
                        (lang.say("✓ Sah, dan isiannya ada di server ini.",
                            "✓ Valid, and the entry is on this server."))
                    } }
                    (about(lang, then))
                    p {
                        (lang.say(
                            "Sejak itu isian ini diperiksa lagi atau server dipulihkan dari salinan; sekarang isian itu ",
                            "Since then the entry was judged again, or this server restored from a copy; now it is ",
                        ))
                        (revision_of(lang, revision)) "."
                    }
                }
                ReceiptCheck::Lost(then) => {
                    p.bad { strong {
                        (lang.say("! Sah, tetapi isiannya belum ada di server ini.",
                            "! Valid, but the entry is not on this server now."))
                    } }
                    (about(lang, then))
                    p {
                        (lang.say(
                            "Server dipulihkan dari salinan yang lebih lama. HP kader mengirimnya \
                             lagi begitu tersambung.",
                            "The server was restored from an older copy. The cadre's phone sends \
                             it again as soon as it is connected.",
                        ))
                    }
                }
                ReceiptCheck::Not(_) => {
                    p.bad { strong {
                        (lang.say("✗ Bukan tanda terima dari server ini, atau sudah diubah.",
                            "✗ Not a receipt of this server, or changed since."))
                    } }
                }
            }
        }
    }
}

fn about(lang: Lang, then: Receipted) -> Markup {
    html! {
        p {
            (lang.say("Diterima ", "Received ")) (moment(lang, then.at))
            (lang.say(", sebagai ", ", as ")) (revision_of(lang, then.revision)) "."
            br;
            (lang.say("Nomor bukti ", "Receipt number ")) strong { (then.number) }
        }
    }
}

fn revision_of(lang: Lang, revision: u64) -> String {
    match revision {
        0 => lang
            .say(
                "isian yang perlu dilihat supervisor",
                "an entry that a supervisor must look at",
            )
            .to_owned(),
        n => lang.say(
            format!("revisi {}", lang.number(n)),
            format!("revision {}", lang.number(n)),
        ),
    }
}

/// A time in Jakarta: where the family lives is nobody's business here.
fn moment(lang: Lang, at: Timestamp) -> String {
    let there = clock::zone(&AreaCode::nation()).to_datetime(at);
    format!(
        "{}, {:02}{}{:02} WIB",
        lang.date(there.date()),
        there.hour(),
        lang.say('.', ':'),
        there.minute()
    )
}
