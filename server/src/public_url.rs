//! The address under which the office and phones reach the server from outside.

use std::fmt;
use std::str::FromStr;

use axum::http::Uri;
use ketuk_wire::EnrolCode;

use crate::Error;
use crate::office::url_encoded;

/// A scheme and a host, like `https://ketuk.example.id`: what stands in enrolment links. An `https`
/// one says that browsers come over TLS, by a proxy in front, so that cookies never go without.
/// The operator says so once: a header that says the same could be anybody's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(String);

impl FromStr for PublicUrl {
    type Err = Error;

    /// # Errors
    /// [`Error::Setup`] if it has another scheme, or more to it than a host and a port.
    fn from_str(text: &str) -> Result<PublicUrl, Error> {
        let wrong = || {
            Error::Setup(
                "a public URL is http:// or https:// and a host, like https://ketuk.example.id"
                    .into(),
            )
        };
        let uri: Uri = text.parse().map_err(|_| wrong())?;
        let (Some(scheme), Some(host)) = (uri.scheme_str(), uri.authority()) else {
            return Err(wrong());
        };
        let bare = uri.path() == "/" && uri.query().is_none() && !host.as_str().contains('@');
        if !bare || host.host().is_empty() || !matches!(scheme, "http" | "https") {
            return Err(wrong());
        }
        Ok(PublicUrl(format!("{scheme}://{host}")))
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl PublicUrl {
    /// Whether who comes this way comes over TLS.
    pub(crate) fn is_secure(&self) -> bool {
        self.0.starts_with("https:")
    }
}

/// What a phone opens to enrol: a link that the app takes; `address` is where the phone finds the
/// server.
pub fn enrol_link(address: &str, code: &EnrolCode) -> String {
    format!("ketuk://enrol?server={}&code={code}", url_encoded(address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_url_is_a_scheme_and_a_host_and_nothing_else() {
        let read = |text: &str| text.parse::<PublicUrl>().map(|url| url.to_string());
        for (text, kept) in [
            ("https://ketuk.example.id", "https://ketuk.example.id"),
            ("https://ketuk.example.id/", "https://ketuk.example.id"),
            ("http://192.168.1.5:8030", "http://192.168.1.5:8030"),
            (
                "HTTPS://ketuk.example.id:8443",
                "https://ketuk.example.id:8443",
            ),
        ] {
            assert_eq!(read(text).unwrap(), kept);
        }
        for text in [
            "",
            "ketuk.example.id",
            "//ketuk.example.id",
            "ftp://ketuk.example.id",
            "https://",
            "https://ketuk.example.id/office",
            "https://ketuk.example.id/?a=b",
            "https://admin:rahasia@ketuk.example.id",
            "javascript:alert(1)",
        ] {
            let fault = read(text).unwrap_err().to_string();
            assert!(!fault.contains("rahasia"), "{fault}");
        }
    }

    #[test]
    fn a_link_carries_the_whole_address_and_the_code() {
        let code: EnrolCode = "K7QM-2XTA".parse().unwrap();
        assert_eq!(
            enrol_link("https://ketuk.example.id:8443", &code),
            "ketuk://enrol?server=https%3A//ketuk.example.id%3A8443&code=K7QM-2XTA"
        );
    }
}
