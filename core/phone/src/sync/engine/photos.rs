//! Sending photos: after all else, smallest first, in parts, so that a cut costs one part.
//!
//! A photo in trouble holds up no other and no entry: it is left for the next run, or refused and
//! shown. Its failures are counted apart from those of the entries.

use std::collections::HashSet;
use std::time::Duration;

use ketuk_wire::{RefusalCode, Sha256, UPLOAD_LENGTH, UPLOAD_OFFSET};

use super::super::answer::{Class, Response, code, reason};
use super::{Cargo, Engine, Flight, Request, SyncEnd, SyncEvent, VAIN, headers};
use crate::clock::Moment;
use crate::error::Result;
use crate::store::{Link, PhotoToSend, Trouble};

/// A photo is left for the next run once the server has contradicted itself so many times about
/// what it has of it.
const CONTRADICTIONS: u32 = 3;

/// The part of a photo that is under way; `None` asks how far it has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    from: u64,
    bytes: u64,
}

/// The photo that is being sent.
#[derive(Debug)]
struct Upload {
    photo: PhotoToSend,
    /// How much of it the server has; `None` if only the server knows.
    at: Option<u64>,
    /// The most that it had.
    furthest: u64,
    contradictions: u32,
    /// Whether it came whole but wrong once.
    spoilt: bool,
}

/// How a run gets on with photos.
#[derive(Debug, Default)]
pub(super) struct Photos {
    upload: Option<Upload>,
    /// Not again in this run.
    skipped: Vec<Sha256>,
    /// Came whole in this run.
    came: HashSet<Sha256>,
    /// Whether the server's last answer named photos that it has lost. It names a few at a time.
    lost: bool,
    /// Whether one has come since that had not come before in this run.
    brought: bool,
    /// Requests in a row that brought nothing.
    vain: u32,
    /// They stay on the phone for now.
    pub(super) held: bool,
    /// How the run ends if no more can be done for those that wait.
    pub(super) end: Option<SyncEnd>,
}

impl Photos {
    /// An answer named photos that the server has lost, or none.
    pub(super) fn more_may_be_lost(&mut self, lost: bool) {
        self.lost = lost;
        self.brought = false;
    }

    /// Whether to ask the server once more, now that all that it named is through. One that goes on
    /// to ask for what it was brought is asked no more.
    pub(super) fn ask_again(&mut self) -> bool {
        let brought = std::mem::take(&mut self.brought);
        self.lost && brought && self.end.is_none()
    }
}

impl Engine {
    pub(super) fn photo_request(&mut self, now: Moment, link: &Link) -> Result<Option<Request>> {
        while self.photos.vain < VAIN {
            let Some(photo) = self.store.next_photo(&self.photos.skipped)? else {
                break;
            };
            let upload = match self.photos.upload.take() {
                Some(upload) if upload.photo.key == photo.key => upload,
                _ => Upload {
                    at: (!photo.begun).then_some(0),
                    photo,
                    furthest: 0,
                    contradictions: 0,
                    spoilt: false,
                },
            };
            let limit = self.limits.map(|limits| limits.max_bytes);
            let request = match self.part_of(&upload, self.window.bytes(limit), link) {
                Ok(request) => request,
                // The entries are whole; only this photo is not.
                Err(crate::Error::Storage(fault)) if fault.trouble == Trouble::Damaged => {
                    self.refuse_photo(&upload.photo, "Foto ini rusak di HP ini.")?;
                    continue;
                }
                Err(fault) => return Err(fault),
            };
            let part = upload.at.map(|from| Part {
                from,
                bytes: request.body.len() as u64,
            });
            self.photos.upload = Some(upload);
            self.flight = Some(Flight {
                sent_at: now.steady,
                token: link.token.clone(),
                cargo: Cargo::Photo(part),
            });
            return Ok(Some(request));
        }
        Ok(None)
    }

    fn part_of(&self, upload: &Upload, most: usize, link: &Link) -> Result<Request> {
        let photo = &upload.photo;
        let mut headers = headers(link);
        let path = format!("/v1/blobs/{}", photo.sha256);
        let Some(from) = upload.at else {
            return Ok(Request {
                method: "HEAD",
                path,
                headers,
                body: Vec::new(),
            });
        };
        headers.push((UPLOAD_OFFSET, from.to_string()));
        headers.push((UPLOAD_LENGTH, photo.bytes.to_string()));
        let body = self.store.photo_part(photo, from, most)?;
        if !photo.begun {
            self.store.photo_begun(photo.key)?;
        }
        Ok(Request {
            method: "PATCH",
            path,
            headers,
            body,
        })
    }

    /// Takes what came back for a photo, unless it concerns the phone as a whole.
    pub(super) fn photo_answered(
        &mut self,
        now: Moment,
        response: &Response,
        class: &Class,
        part: Option<Part>,
    ) -> Result<()> {
        let Some(mut upload) = self.photos.upload.take() else {
            return Ok(());
        };
        let offset = response
            .header(UPLOAD_OFFSET)
            .and_then(|at| at.parse().ok());
        let offset = offset.filter(|at| *at <= upload.photo.bytes);
        match (class, offset) {
            (Class::Success, Some(at)) => {
                let sent = part.map_or(0, |part| part.bytes);
                let foreseen = part.is_none_or(|part| part.from + sent == at);
                upload.contradictions += u32::from(!foreseen);
                self.report.photo_bytes += sent;
                self.photo_at(upload, at)
            }
            // Where the server's part ends, as it says instead of taking ours.
            (Class::Cursor, Some(at)) => {
                upload.contradictions += 1;
                self.photo_at(upload, at)
            }
            (Class::Success, None) => {
                self.photos.upload = Some(upload);
                self.photo_in_vain(now, SyncEnd::NoSignal, None);
                Ok(())
            }
            (Class::Request, _) if code(response) == Some(RefusalCode::Digest) => {
                if upload.spoilt {
                    let message = reason(response).unwrap_or_default();
                    return self.refuse_photo(&upload.photo, &message);
                }
                upload.spoilt = true;
                upload.at = Some(0);
                upload.furthest = 0;
                self.photos.upload = Some(upload);
                Ok(())
            }
            (Class::Size, _) if code(response) == Some(RefusalCode::TooLarge) => {
                let message = reason(response).unwrap_or_default();
                self.refuse_photo(&upload.photo, &message)
            }
            // No word on the photo: somebody on the way bears no part of this size.
            (Class::Size, _) => {
                self.photos.upload = Some(upload);
                self.photo_in_vain(now, SyncEnd::Busy, None);
                Ok(())
            }
            _ => {
                self.photos.skipped.push(upload.photo.sha256);
                Ok(())
            }
        }
    }

    fn photo_at(&mut self, mut upload: Upload, at: u64) -> Result<()> {
        if at > upload.furthest {
            upload.furthest = at;
            self.photos.vain = 0;
        }
        if at == upload.photo.bytes {
            self.store.photo_received(upload.photo.key)?;
            if self.photos.came.insert(upload.photo.sha256) {
                self.photos.brought = true;
                self.report.photos_received += 1;
            }
        } else if upload.contradictions >= CONTRADICTIONS {
            self.photos.skipped.push(upload.photo.sha256);
        } else {
            upload.at = Some(at);
            self.photos.upload = Some(upload);
        }
        self.tell_photos()
    }

    fn refuse_photo(&mut self, photo: &PhotoToSend, message: &str) -> Result<()> {
        self.store.photo_refused(photo.key, message)?;
        self.tell_photos()
    }

    fn tell_photos(&mut self) -> Result<()> {
        let left = self.store.photos_left()?;
        let came = self.photos.upload.as_ref().and_then(|upload| upload.at);
        self.events.push(SyncEvent::Photos {
            received: self.report.photos_received,
            waiting: left.waiting,
            bytes: left.bytes.saturating_sub(came.unwrap_or(0)),
        });
        Ok(())
    }

    /// A request for a photo brought nothing: how far it has come only the server knows now.
    pub(super) fn photo_in_vain(&mut self, now: Moment, end: SyncEnd, named: Option<Duration>) {
        if let Some(upload) = &mut self.photos.upload {
            upload.at = None;
            upload.photo.begun = true;
        }
        self.photos.vain += 1;
        if self.photos.vain >= VAIN {
            self.photos.end = Some(end);
        }
        self.back_off(now, self.photos.vain, named);
    }
}
