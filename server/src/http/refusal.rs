//! Errors to answers, for phones, in one place.

use std::time::Duration;

use axum::Json;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use ketuk_wire::{Refusal, RefusalCode, UPLOAD_OFFSET};

use crate::Error;

/// Why a phone's request as a whole is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refuse {
    BadRequest,
    SignIn,
    Revoked,
    NotFound,
    /// The body came too slowly.
    Slow,
    Cursor,
    OtherCadre,
    /// The part of a photo doesn't begin here, where the photo ends.
    Offset(u64),
    CodeSpent,
    TooLarge,
    /// A photo beyond the limit.
    PhotoTooLarge,
    /// A photo that came whole, and is another than its name says.
    WrongPhoto,
    /// A file that is no parcel for this server.
    Parcel,
    TooMany(Duration),
    /// More than the server takes on at the moment.
    Busy,
    /// A fault of the server.
    Fault,
}

/// When to come back to a server that is busy; a phone adds chance of its own.
const COME_BACK: Duration = Duration::from_secs(5);

impl Refuse {
    fn status(self) -> StatusCode {
        match self {
            Refuse::BadRequest => StatusCode::BAD_REQUEST,
            Refuse::SignIn => StatusCode::UNAUTHORIZED,
            Refuse::Revoked => StatusCode::FORBIDDEN,
            Refuse::NotFound => StatusCode::NOT_FOUND,
            Refuse::Slow => StatusCode::REQUEST_TIMEOUT,
            Refuse::Cursor | Refuse::OtherCadre | Refuse::Offset(_) => StatusCode::CONFLICT,
            Refuse::CodeSpent => StatusCode::GONE,
            Refuse::TooLarge | Refuse::PhotoTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Refuse::WrongPhoto | Refuse::Parcel => StatusCode::UNPROCESSABLE_ENTITY,
            Refuse::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Refuse::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Refuse::Fault => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn body(self) -> Refusal {
        let (code, message) = match self {
            Refuse::BadRequest => (
                RefusalCode::BadRequest,
                "Kiriman ini tidak dapat dibaca server.",
            ),
            Refuse::SignIn => (
                RefusalCode::SignIn,
                "HP ini belum terdaftar. Masukkan kode pendaftaran dari supervisor.",
            ),
            Refuse::Revoked => (
                RefusalCode::Revoked,
                "HP ini tidak lagi ikut pendataan. Isian tetap tersimpan di HP; hubungi supervisor.",
            ),
            Refuse::NotFound => (RefusalCode::NotFound, "Tidak ditemukan di server ini."),
            Refuse::Slow => (
                RefusalCode::Busy,
                "Kiriman terputus di jalan. HP akan mencoba lagi.",
            ),
            Refuse::Cursor => (
                RefusalCode::Cursor,
                "Daftar keluarga akan diunduh ulang dari awal.",
            ),
            Refuse::OtherCadre => (
                RefusalCode::OtherCadre,
                "Kode ini milik kader lain. HP ini sudah terdaftar untuk kadernya sendiri.",
            ),
            Refuse::CodeSpent => (
                RefusalCode::CodeSpent,
                "Kode ini sudah dipakai HP lain atau sudah berakhir. Minta kode baru dari supervisor.",
            ),
            Refuse::Offset(_) => (
                RefusalCode::Offset,
                "Foto dilanjutkan dari bagian yang sudah ada di server.",
            ),
            Refuse::TooLarge => (RefusalCode::TooLarge, "Kiriman ini terlalu besar."),
            Refuse::PhotoTooLarge => (
                RefusalCode::TooLarge,
                "Foto ini lebih besar dari 5 MB. Ambil lagi dengan ukuran lebih kecil.",
            ),
            Refuse::WrongPhoto => (
                RefusalCode::Digest,
                "Foto ini rusak di jalan dan tidak disimpan di server. HP akan mengirimnya lagi.",
            ),
            Refuse::Parcel => (
                RefusalCode::Parcel,
                "Berkas ini bukan titipan untuk server ini, atau tidak utuh. Salin lagi dari HP \
                 asalnya, lalu coba lagi.",
            ),
            Refuse::TooMany(_) => (
                RefusalCode::TooMany,
                "Terlalu banyak percobaan. Tunggu sebentar, lalu coba lagi.",
            ),
            Refuse::Busy => (
                RefusalCode::Busy,
                "Server sedang sibuk. HP akan mencoba lagi.",
            ),
            Refuse::Fault => (
                RefusalCode::Busy,
                "Server sedang terganggu. Isian aman di HP; HP akan mencoba lagi.",
            ),
        };
        Refusal {
            code,
            message: message.to_owned(),
        }
    }
}

impl IntoResponse for Refuse {
    fn into_response(self) -> Response {
        let mut response = (self.status(), Json(self.body())).into_response();
        if let Refuse::Offset(offset) = self {
            let header = HeaderName::from_static(UPLOAD_OFFSET);
            response.headers_mut().insert(header, offset.into());
        }
        let wait = match self {
            Refuse::TooMany(wait) => Some(wait),
            Refuse::Busy => Some(COME_BACK),
            _ => None,
        };
        if let Some(wait) = wait {
            response
                .headers_mut()
                .insert(RETRY_AFTER, wait.as_secs().max(1).into());
        }
        response
    }
}

/// A failure while a request was served: the log says which, the phone that it may come again.
impl From<Error> for Refuse {
    fn from(error: Error) -> Refuse {
        match error {
            Error::Busy => Refuse::Busy,
            Error::Parcel | Error::Stranger => Refuse::Parcel,
            Error::Unavailable(_) | Error::Full => {
                tracing::error!(%error, "a request could not be served");
                Refuse::Busy
            }
            _ => {
                tracing::error!(%error, "a request failed");
                Refuse::Fault
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_has_the_status_that_its_code_promises() {
        let all = [
            Refuse::BadRequest,
            Refuse::SignIn,
            Refuse::Revoked,
            Refuse::NotFound,
            Refuse::Slow,
            Refuse::Cursor,
            Refuse::OtherCadre,
            Refuse::Offset(7),
            Refuse::CodeSpent,
            Refuse::TooLarge,
            Refuse::PhotoTooLarge,
            Refuse::WrongPhoto,
            Refuse::Parcel,
            Refuse::TooMany(Duration::from_secs(7)),
            Refuse::Busy,
            Refuse::Fault,
        ];
        let said: Vec<String> = all
            .into_iter()
            .map(|refuse| format!("{} {:?}", refuse.status().as_u16(), refuse.body().code))
            .collect();
        insta::assert_snapshot!(said.join("\n"), @r"
        400 BadRequest
        401 SignIn
        403 Revoked
        404 NotFound
        408 Busy
        409 Cursor
        409 OtherCadre
        409 Offset
        410 CodeSpent
        413 TooLarge
        413 TooLarge
        422 Digest
        422 Parcel
        429 TooMany
        503 Busy
        500 Busy
        ");
    }

    #[test]
    fn who_is_to_wait_is_told_how_long() {
        let answer = Refuse::TooMany(Duration::from_secs(7)).into_response();
        assert_eq!(answer.headers()[RETRY_AFTER], "7");
        assert!(
            Refuse::Busy
                .into_response()
                .headers()
                .contains_key(RETRY_AFTER)
        );
        assert!(
            !Refuse::SignIn
                .into_response()
                .headers()
                .contains_key(RETRY_AFTER)
        );
    }
}
