//! Fetching a questionnaire: after all records, and in parts, so that a cut costs one part.

use ketuk_wire::Sha256;

use super::{Cargo, Engine, Flight, Request, Response, SyncEnd, headers};
use crate::clock::Moment;
use crate::error::Result;
use crate::store::Link;

/// Larger than any questionnaire.
const LARGEST_FORM: usize = ketuk_wire::MAX_DECOMPRESSED;

impl Engine {
    pub(super) fn form_request(&mut self, now: Moment, link: &Link) -> Result<Option<Request>> {
        let Some(wanted) = self.store.wanted_form(&self.forms_tried)? else {
            return Ok(None);
        };
        let from = wanted.have.len();
        let to = from + self.window.bytes(None) * 4 - 1;
        self.flight = Some(Flight {
            sent_at: now.steady,
            token: link.token.clone(),
            cargo: Cargo::Form {
                sha256: wanted.sha256,
                have: wanted.have,
            },
        });
        let mut headers = headers(link);
        headers.push(("range", format!("bytes={from}-{to}")));
        Ok(Some(Request {
            method: "GET",
            path: format!("/v1/forms/{}", wanted.sha256),
            headers,
            body: Vec::new(),
        }))
    }

    pub(super) fn form_part(
        &mut self,
        now: Moment,
        response: &Response,
        sha256: Sha256,
        mut have: Vec<u8>,
    ) -> Result<()> {
        let whole = match response.status {
            206 => match content_range(response) {
                Some((from, total)) if from == have.len() && !response.body.is_empty() => {
                    have.extend_from_slice(&response.body);
                    have.len() >= total
                }
                _ => {
                    self.again(now, SyncEnd::NoSignal, None);
                    return Ok(());
                }
            },
            _ => {
                have.clone_from(&response.body);
                true
            }
        };
        self.vain = 0;
        if !whole && have.len() <= LARGEST_FORM {
            self.store.keep_form_part(sha256, &have)?;
        } else if Sha256::of(&have) != sha256 {
            self.store.keep_form_part(sha256, &[])?;
            self.forms_tried.push(sha256);
        } else if (self.usable)(&have) {
            self.store.keep_form(sha256, &have)?;
        } else {
            self.store.refuse_form(sha256)?;
        }
        Ok(())
    }
}

/// `bytes 0-8191/90210`: where it starts and how much there is in all.
fn content_range(response: &Response) -> Option<(usize, usize)> {
    let range = response.header("content-range")?.strip_prefix("bytes ")?;
    let (range, total) = range.split_once('/')?;
    let (from, _) = range.split_once('-')?;
    Some((from.trim().parse().ok()?, total.trim().parse().ok()?))
}
