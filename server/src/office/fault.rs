//! Errors to pages, in one place.

use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::response::{IntoResponse, Redirect, Response};
use maud::html;
use std::time::Duration;

use super::lang::Lang;
use super::page::Page;
use crate::Error;

/// Why there is no page.
#[derive(Debug)]
pub(super) enum Fault {
    /// Sign in first; then go on to this page.
    SignIn(String),
    /// The form was not made by this server's page, or is too old.
    StaleForm,
    /// It lies outside the person's area.
    Forbidden,
    NotFound,
    /// A file that didn't come whole, or is too large.
    Upload,
    TooMany(Duration),
    Server(Error),
}

impl From<Error> for Fault {
    fn from(error: Error) -> Fault {
        Fault::Server(error)
    }
}

/// A fault as a page in a language.
pub(super) type InLang = (Lang, Fault);

impl Fault {
    pub(super) fn page(self, lang: Lang) -> Response {
        let (status, title, sentence) = match &self {
            Fault::SignIn(to) => {
                let to: String = url_encoded(to);
                return Redirect::to(&format!("/sign-in?to={to}")).into_response();
            }
            Fault::StaleForm => (
                StatusCode::FORBIDDEN,
                lang.say("Halaman sudah lama", "The page was too old"),
                lang.say(
                    "Kembali ke halaman sebelumnya, muat ulang, lalu coba lagi.",
                    "Go back, reload the page and try again.",
                ),
            ),
            Fault::Forbidden => (
                StatusCode::FORBIDDEN,
                lang.say("Di luar wilayah Anda", "Outside your area"),
                lang.say(
                    "Akun Anda tidak mencakup wilayah ini.",
                    "Your account does not reach this area.",
                ),
            ),
            Fault::NotFound => (
                StatusCode::NOT_FOUND,
                lang.say("Tidak ditemukan", "Not found"),
                lang.say(
                    "Halaman atau wilayah ini tidak ada dalam pendataan.",
                    "There is no such page or area in this campaign.",
                ),
            ),
            Fault::Upload => (
                StatusCode::BAD_REQUEST,
                lang.say("Berkas tidak diterima", "The file was not taken"),
                lang.say(
                    "Berkas tidak sampai utuh, atau terlalu besar. Kembali, lalu coba lagi.",
                    "The file did not come whole, or is too large. Go back and try again.",
                ),
            ),
            Fault::TooMany(_) => (
                StatusCode::TOO_MANY_REQUESTS,
                lang.say("Terlalu banyak percobaan", "Too many tries"),
                lang.say(
                    "Tunggu satu menit, lalu coba lagi.",
                    "Wait a minute, then try again.",
                ),
            ),
            Fault::Server(Error::Busy | Error::Unavailable(_)) => (
                StatusCode::SERVICE_UNAVAILABLE,
                lang.say("Server sedang sibuk", "The server is busy"),
                lang.say(
                    "Muat ulang halaman ini sebentar lagi.",
                    "Reload this page in a moment.",
                ),
            ),
            Fault::Server(error) => {
                tracing::error!(%error, "a page failed");
                (
                    StatusCode::INTERNAL_SERVER_ERROR,
                    lang.say("Server terganggu", "The server has a fault"),
                    lang.say(
                        "Data yang sudah diterima aman. Beri tahu pengelola server.",
                        "What was received is safe. Tell whoever runs the server.",
                    ),
                )
            }
        };
        let body = html! {
            h1 { (title) }
            p { (sentence) }
            p { a.button href="/" { (lang.say("Ke halaman awal", "To the first page")) } }
        };
        let mut response = (status, Page::plain(lang, title).with(body)).into_response();
        if let Fault::TooMany(wait) = self {
            response
                .headers_mut()
                .insert(RETRY_AFTER, wait.as_secs().max(1).into());
        }
        response
    }
}

/// A `Result` with this error is a page either way.
pub(super) struct FaultPage(Lang, Fault);

impl From<InLang> for FaultPage {
    fn from((lang, fault): InLang) -> FaultPage {
        FaultPage(lang, fault)
    }
}

impl IntoResponse for FaultPage {
    fn into_response(self) -> Response {
        self.1.page(self.0)
    }
}

pub(super) async fn not_found(lang: Lang) -> Response {
    Fault::NotFound.page(lang)
}

/// A text as a value in a query.
pub(crate) fn url_encoded(text: &str) -> String {
    use std::fmt::Write as _;
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}
