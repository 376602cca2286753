//! The frame of every page.

use ketuk_wire::Campaign;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::assets::ASSETS;
use super::fault::url_encoded;
use super::lang::Lang;
use super::session::Signed;
use super::{handover, receipt};

/// What stands around a page's content.
pub(super) struct Page<'a> {
    lang: Lang,
    title: &'a str,
    signed: Option<&'a Signed>,
    campaign: Option<&'a Campaign>,
    /// Where it is, to come back to after choosing a language.
    path: &'a str,
    /// Whether figures on it move.
    live: bool,
}

/// A door and the arcs of a knock, in the colour of the text around.
const MARK: &str = r#"<svg class="mark" viewBox="0 0 32 32" aria-hidden="true"><path d="M5 28V5.5A1.5 1.5 0 0 1 6.5 4h10A1.5 1.5 0 0 1 18 5.5V28M2.5 28h18M13.5 16.5v.5M22.5 12a6 6 0 0 1 0 8M26.5 8.5a11 11 0 0 1 0 15"/></svg>"#;

impl<'a> Page<'a> {
    /// A page for somebody who need not be signed in.
    pub(super) fn plain(lang: Lang, title: &'a str) -> Page<'a> {
        Page {
            lang,
            title,
            signed: None,
            campaign: None,
            path: "/",
            live: false,
        }
    }

    /// Where a page for anybody is; else, choosing a language leads to the first page.
    pub(super) fn at(self, path: &'a str) -> Page<'a> {
        Page { path, ..self }
    }

    /// A page for somebody who is signed in, at `path`.
    pub(super) fn still(signed: &'a Signed, title: &'a str, path: &'a str) -> Page<'a> {
        Page {
            signed: Some(signed),
            ..Page::plain(signed.lang, title).at(path)
        }
    }

    /// A page whose figures move, at `path`.
    pub(super) fn live(
        signed: &'a Signed,
        title: &'a str,
        campaign: Option<&'a Campaign>,
        path: &'a str,
    ) -> Page<'a> {
        Page {
            campaign,
            live: true,
            ..Page::still(signed, title, path)
        }
    }

    pub(super) fn with(self, body: Markup) -> Markup {
        let lang = self.lang;
        html! {
            (DOCTYPE)
            html lang=(lang.code()) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    title { (self.title) " · Ketuk" }
                    link rel="icon" type="image/svg+xml" href=(ASSETS.icon);
                    link rel="stylesheet" href=(ASSETS.style);
                    @if self.live {
                        script type="module" src=(ASSETS.script) {}
                    }
                }
                body {
                    a.skip href="#content" { (lang.say("Langsung ke isi", "Skip to content")) }
                    header.top { (self.top()) }
                    main #content { (body) }
                    footer {
                        @if let Some(campaign) = self.campaign { (about(lang, campaign)) }
                        nav aria-label=(lang.say("Lainnya", "More")) {
                            @if self.signed.is_some() {
                                a href=(handover::PATH) {
                                    (lang.say("Terima titipan", "Take in a parcel"))
                                }
                            }
                            a href=(receipt::PATH) {
                                (lang.say("Periksa tanda terima", "Check a receipt"))
                            }
                        }
                    }
                }
            }
        }
    }

    fn top(&self) -> Markup {
        let lang = self.lang;
        let other = lang.say(("en", "English"), ("id", "Bahasa Indonesia"));
        let switch = format!("/language/{}?back={}", other.0, url_encoded(self.path));
        html! {
            a.home href="/" { (PreEscaped(MARK)) strong { "Ketuk" } }
            nav.own aria-label=(lang.say("Akun dan bahasa", "Account and language")) {
                a href=(switch) lang=(other.0) hreflang=(other.0) { (other.1) }
                @if let Some(signed) = self.signed {
                    form method="post" action="/sign-out" {
                        input type="hidden" name="csrf" value=(signed.csrf);
                        button.quiet type="submit" {
                            (lang.say("Keluar", "Sign out")) span.name { " " (signed.name) }
                        }
                    }
                }
            }
        }
    }
}

fn about(lang: Lang, campaign: &Campaign) -> Markup {
    let days = format!(
        "{} – {}",
        lang.date(campaign.first_day),
        lang.date(campaign.last_day)
    );
    html! {
        p { (campaign.title) ", " (days) "." }
        @if campaign.synthetic {
            p {
                (lang.say(
                    "Semua orang dan jawaban di sini rekaan; hanya jumlahnya yang nyata.",
                    "All people and answers here are made up; only the totals are real.",
                ))
            }
        }
    }
}
