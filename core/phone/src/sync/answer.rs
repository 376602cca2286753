//! What an answer means: the table of retry classes.

use std::time::Duration;

use jiff::Timestamp;
use ketuk_wire::{PROTOCOL_HEADER, Refusal, RefusalCode};

use crate::error::{Error, LinkFault};

/// What came back.
#[derive(Clone)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// Its headers, with names in lower case.
    pub headers: Vec<(String, String)>,
    /// Its body as it came, still compressed.
    pub body: Vec<u8>,
}

impl Response {
    /// Whether it is the server's, not of somebody on the way.
    pub(super) fn is_ours(&self) -> bool {
        self.header(PROTOCOL_HEADER).is_some()
    }

    /// The value of a header; `name` in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// Why nothing came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// No connection, no name, reset, silence, or cut short.
    Link,
    /// A certificate that the phone doesn't trust.
    Trust,
}

/// The longest that a server may send the phone away for.
pub(super) const LONGEST_PEACE: Duration = Duration::from_secs(3600);

/// What to do about an answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// It worked; read the body.
    Success,
    /// As good as none: whoever sent it is not the server, or it is not whole.
    Link,
    /// The server can't now. `faltered`: it failed, which may be because of what it was sent.
    Busy {
        after: Option<Duration>,
        faltered: bool,
    },
    SignIn,
    Revoked,
    /// The pull side starts over.
    Cursor,
    /// There was too much in the request.
    Size,
    /// Something in the request is bad.
    Request,
    /// The app is too old to be sent news.
    Version,
    /// The server doesn't have what was asked for, or says something else that won't change.
    Refused,
}

impl Class {
    /// Statuses of load and size may come from a proxy on the way, any other without our header
    /// comes from somebody who is not the server.
    pub(super) fn of(response: &Response) -> Class {
        let ours = response.is_ours();
        match response.status {
            413 => Class::Size,
            408 | 425 | 429 | 502..=504 => Class::Busy {
                after: retry_after(response),
                faltered: false,
            },
            // A stranger's fault says nothing of our entries.
            500..=599 => Class::Busy {
                after: retry_after(response),
                faltered: ours,
            },
            _ if !ours => Class::Link,
            200..=299 => Class::Success,
            401 => Class::SignIn,
            403 => Class::Revoked,
            409 | 410 => Class::Cursor,
            400 | 415 | 422 => Class::Request,
            426 => Class::Version,
            404 | 405 => Class::Refused,
            _ => Class::Link,
        }
    }
}

/// What a single request outside a run is told, if it didn't work.
pub(crate) fn refusal(response: &Response) -> Option<Error> {
    let fault = match Class::of(response) {
        Class::Success => return None,
        Class::Link => LinkFault::Stranger,
        Class::Busy { .. } => LinkFault::Busy,
        Class::Cursor if code(response) == Some(RefusalCode::OtherCadre) => {
            return Some(Error::Enrolled);
        }
        _ => {
            return Some(Error::Refused {
                status: response.status,
                message: reason(response).unwrap_or_default(),
            });
        }
    };
    Some(Error::Link(fault))
}

/// What the server said why, in its own words.
pub(super) fn reason(response: &Response) -> Option<String> {
    Some(said(response)?.message.chars().take(300).collect())
}

/// The same as a code.
pub(super) fn code(response: &Response) -> Option<RefusalCode> {
    Some(said(response)?.code)
}

fn said(response: &Response) -> Option<Refusal> {
    serde_json::from_slice(&response.body)
        .ok()
        .or_else(|| ketuk_wire::decode(&response.body).ok())
}

/// `Retry-After` in seconds or as a date. A date is taken against the server's own clock, since
/// the phone's may be years off.
fn retry_after(response: &Response) -> Option<Duration> {
    let value = response.header("retry-after")?.trim();
    let wait = match value.parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            let until = http_date(value)?;
            let now = http_date(response.header("date")?)?;
            Duration::try_from(until.duration_since(now)).unwrap_or_default()
        }
    };
    Some(wait.min(LONGEST_PEACE))
}

fn http_date(text: &str) -> Option<Timestamp> {
    let parsed = jiff::fmt::rfc2822::parse(text).ok()?;
    Some(parsed.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(status: u16, headers: &[(&str, &str)]) -> Response {
        Response {
            status,
            headers: headers
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            body: Vec::new(),
        }
    }

    const OURS: (&str, &str) = ("ketuk-protocol", "1");

    #[test]
    fn every_status_of_our_server_has_its_class() {
        let busy = |faltered| Class::Busy {
            after: None,
            faltered,
        };
        for (status, class) in [
            (200, Class::Success),
            (206, Class::Success),
            (302, Class::Link),
            (400, Class::Request),
            (401, Class::SignIn),
            (403, Class::Revoked),
            (404, Class::Refused),
            (408, busy(false)),
            (409, Class::Cursor),
            (410, Class::Cursor),
            (413, Class::Size),
            (415, Class::Request),
            (422, Class::Request),
            (425, busy(false)),
            (426, Class::Version),
            (429, busy(false)),
            (500, busy(true)),
            (502, busy(false)),
            (503, busy(false)),
            (504, busy(false)),
        ] {
            assert_eq!(Class::of(&response(status, &[OURS])), class, "{status}");
        }
    }

    #[test]
    fn what_a_stranger_answers_is_no_answer() {
        let portal = Class::of(&response(511, &[]));
        assert!(
            matches!(
                portal,
                Class::Busy {
                    faltered: false,
                    ..
                }
            ),
            "{portal:?}"
        );
        for status in [200, 204, 302, 400, 401, 403, 404, 410, 511 - 100] {
            assert_eq!(Class::of(&response(status, &[])), Class::Link, "{status}");
        }
    }

    #[test]
    fn the_server_may_ask_for_peace_in_seconds_or_until_a_date_but_not_beyond_an_hour() {
        let after = |headers: &[(&str, &str)]| match Class::of(&response(503, headers)) {
            Class::Busy { after, .. } => after.map(|after| after.as_secs()),
            _ => None,
        };
        assert_eq!(after(&[("retry-after", "120")]), Some(120));
        assert_eq!(after(&[("retry-after", "86400")]), Some(3600));
        assert_eq!(after(&[("retry-after", "soon")]), None);
        let date = ("date", "Wed, 12 Jul 2023 12:00:00 GMT");
        let until = ("retry-after", "Wed, 12 Jul 2023 12:05:00 GMT");
        let past = ("retry-after", "Wed, 12 Jul 2023 11:05:00 GMT");
        assert_eq!(after(&[date, until]), Some(300));
        assert_eq!(after(&[date, past]), Some(0));
    }
}
