//! Indonesian and English, and how each writes numbers and days.

use axum::extract::{FromRequestParts, Path, Query};
use axum::http::request::Parts;
use axum::response::Redirect;
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use ketuk_wire::{Outcome, Percent};
use std::convert::Infallible;

/// A page's language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lang {
    Id,
    En,
}

const COOKIE: &str = "ketuk_language";

/// As the cookie says; Indonesian without one.
impl<S: Send + Sync> FromRequestParts<S> for Lang {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Lang, Infallible> {
        let jar = CookieJar::from_headers(&parts.headers);
        Ok(match jar.get(COOKIE).map(Cookie::value) {
            Some("en") => Lang::En,
            _ => Lang::Id,
        })
    }
}

#[derive(serde::Deserialize)]
pub(super) struct Back {
    #[serde(default)]
    back: String,
}

/// Keeps the choice of a language, and goes back to the page on which it was made.
pub(super) async fn choose(
    jar: CookieJar,
    Path(code): Path<String>,
    Query(Back { back }): Query<Back>,
) -> (CookieJar, Redirect) {
    let code = if code == "en" { "en" } else { "id" };
    let cookie = Cookie::build((COOKIE, code))
        .path("/")
        .same_site(SameSite::Lax)
        .permanent();
    (jar.add(cookie), Redirect::to(own_page(&back)))
}

/// A path on this server; the first page instead of anything that leads elsewhere.
pub(super) fn own_page(path: &str) -> &str {
    let inside = path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains('\\')
        && path.bytes().all(|b| b.is_ascii_graphic());
    if inside { path } else { "/" }
}

impl Lang {
    /// For HTML's `lang`, and to choose by.
    pub(super) fn code(self) -> &'static str {
        self.say("id", "en")
    }

    /// One of two wordings.
    pub(super) fn say<T>(self, indonesian: T, english: T) -> T {
        match self {
            Lang::Id => indonesian,
            Lang::En => english,
        }
    }

    fn comma(self) -> char {
        self.say(',', '.')
    }

    /// 28.587 or 28,587.
    pub(super) fn number(self, n: u64) -> String {
        let digits = n.to_string();
        let mut text = String::with_capacity(digits.len() + digits.len() / 3);
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                text.push(self.say('.', ','));
            }
            text.push(digit);
        }
        text
    }

    /// 96,88 % or 96.88%; a dash of nothing.
    pub(super) fn percent(self, percent: Option<Percent>) -> String {
        let Some(percent) = percent else {
            return "–".to_owned();
        };
        let (whole, part) = (percent.hundredths / 100, percent.hundredths % 100);
        let text = format!("{}{}{part:02}", self.number(whole), self.comma());
        self.say(format!("{text} %"), format!("{text}%"))
    }

    /// A rate with one decimal: 12,5.
    pub(super) fn rate(self, rate: f64) -> String {
        let tenths = (rate.max(0.0) * 10.0).round() as u64;
        format!(
            "{}{}{}",
            self.number(tenths / 10),
            self.comma(),
            tenths % 10
        )
    }

    /// 20 Juli 2023 or 20 July 2023.
    pub(super) fn date(self, date: Date) -> String {
        format!("{} {}", self.day(date), date.year())
    }

    /// 20 Juli or 20 July.
    pub(super) fn day(self, date: Date) -> String {
        const MONTHS: [(&str, &str); 12] = [
            ("Januari", "January"),
            ("Februari", "February"),
            ("Maret", "March"),
            ("April", "April"),
            ("Mei", "May"),
            ("Juni", "June"),
            ("Juli", "July"),
            ("Agustus", "August"),
            ("September", "September"),
            ("Oktober", "October"),
            ("November", "November"),
            ("Desember", "December"),
        ];
        let month = usize::try_from(date.month() - 1).unwrap_or_default();
        let (indonesian, english) = MONTHS.get(month).copied().unwrap_or_default();
        format!("{} {}", date.day(), self.say(indonesian, english))
    }

    /// How long ago something was: "5 menit lalu".
    pub(super) fn ago(self, then: Timestamp, now: Timestamp) -> String {
        let minutes = now.duration_since(then).max(SignedDuration::ZERO).as_mins();
        match minutes {
            0 => self.say("baru saja", "just now").to_owned(),
            1..60 => self.say(
                format!("{minutes} menit lalu"),
                format!("{minutes} min ago"),
            ),
            60..1440 => {
                let hours = minutes / 60;
                self.say(format!("{hours} jam lalu"), format!("{hours} h ago"))
            }
            _ => {
                let days = minutes / 1440;
                self.say(format!("{days} hari lalu"), format!("{days} d ago"))
            }
        }
    }

    /// What became of families, as a word after their number.
    pub(super) fn outcome(self, outcome: Outcome) -> &'static str {
        match outcome {
            Outcome::Met => self.say("ditemui", "met"),
            Outcome::Moved => self.say("pindah", "moved"),
            Outcome::Died => self.say("meninggal semua", "all died"),
            Outcome::Merged => self.say("bergabung/pecah", "joined/split"),
            Outcome::NotFound => self.say("tidak ditemui", "not found"),
            Outcome::Refused => self.say("menolak", "refused"),
            Outcome::Duplicate => self.say("ganda", "duplicate"),
            Outcome::Unknown => self.say("tidak dikenal", "unknown"),
            Outcome::New => self.say("keluarga baru", "new families"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_days_are_written_as_each_language_does() {
        let percent = Percent::of(27_696, 28_587);
        let day = jiff::civil::date(2023, 7, 20);
        let write = |l: Lang| {
            [
                l.number(0),
                l.number(999),
                l.number(15_703_133),
                l.percent(percent),
                l.percent(None),
                l.rate(1234.56),
                l.date(day),
            ]
            .join(" | ")
        };
        insta::assert_snapshot!(write(Lang::Id), @"0 | 999 | 15.703.133 | 96,88 % | – | 1.234,6 | 20 Juli 2023");
        insta::assert_snapshot!(write(Lang::En), @"0 | 999 | 15,703,133 | 96.88% | – | 1,234.6 | 20 July 2023");
    }

    #[test]
    fn a_way_back_never_leads_to_another_site() {
        assert_eq!(own_page("/area/75.71?sort=met"), "/area/75.71?sort=met");
        for elsewhere in [
            "",
            "https://evil.example",
            "//evil.example",
            "/\\evil",
            "/a\nb",
        ] {
            assert_eq!(own_page(elsewhere), "/", "{elsewhere:?}");
        }
    }
}
