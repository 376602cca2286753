//! A visit: a form being filled for one household, saved at each answer.

use std::collections::BTreeMap;
use std::sync::Arc;

use ketuk_form::{
    Answer, Choices, ContentsRow, Context, Draft, Go, PageRef, Problem, Screen, Session,
};
use ketuk_wire::{AreaCode, Level, Role, Sha256, Summary};
use serde_json::Value;
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::phone::{Core, chance, new_id};
use crate::store::{
    Asked, DraftToSave, Finished, HouseholdRow, Known, LOG, Names, NewHousehold, Photo, Started,
};

/// A visit being made. Every answer is on the phone's disk before its screen comes back; a kill at
/// any moment loses at most the answer that was being typed.
pub struct Visit {
    core: Arc<Core>,
    household: NewHousehold,
    sha256: Sha256,
    session: Session,
    started: Started,
    /// The correction that was asked for when she opened it. One that comes later she can't have
    /// seen, so it is not answered by this visit.
    asked: Option<Asked>,
    /// Whether there is a draft on the disk. One that was only looked at leaves none.
    saved: bool,
    /// Whether turning a page confirms answers that came from before.
    confirms: bool,
    /// Rows taken out, the last one last.
    removed: Vec<String>,
    /// What a new family was last listed under; `None` for one of the list, whose names stay until
    /// the visit is finished.
    names: Option<Names>,
}

/// What came of finishing.
#[derive(Debug, Clone, PartialEq)]
pub enum Finish {
    /// It is saved on this phone and waits to be sent.
    Saved(HouseholdRow),
    /// These are in the way.
    Unfinished(Vec<Problem>),
}

impl Visit {
    /// To a household of the list.
    pub(crate) fn open(core: Arc<Core>, known: Known) -> Result<Visit> {
        let household = NewHousehold {
            id: known.row.id,
            area: known.row.area.clone(),
        };
        let context = context(&core, &household.area, !known.row.listed)?;
        let names = (!known.row.listed).then(Names::default);
        if let Some(draft) = core.store.draft(household.id)? {
            let form = core.forms.get(draft.form)?;
            let mut session = Session::resume(form, &read_draft(&draft.body)?, context)?;
            comment(&mut session, known.asked.as_ref())?;
            return Ok(Visit {
                core,
                household,
                sha256: draft.form,
                session,
                started: draft.started,
                asked: known.asked,
                saved: true,
                confirms: true,
                removed: Vec::new(),
                names,
            });
        }
        let (sha256, form) = core.forms.current()?;
        let entry = core.store.last_entry(household.id)?;
        let own = entry.filter(|entry| entry.speaks(known.revision));
        let (mut session, base, entry) = match (own, &known.document) {
            (Some(entry), _) => {
                let draft = read_draft(&entry.draft)?;
                let session = Session::resume(form, &draft, context)?;
                (session, entry.base, Some(entry.op))
            }
            // Made on another phone: somebody else's, or her own before this one.
            (None, Some(document)) if known.revision > 0 => {
                let document = read_document(document)?;
                let session = Session::reopen(form, &document, context);
                (session, known.revision, None)
            }
            (None, Some(document)) => {
                let document = read_document(document)?;
                let session = Session::update_of(form, &document, context);
                (session, 0, None)
            }
            (None, None) => {
                let session = Session::new(form, context);
                (session, known.revision, None)
            }
        };
        comment(&mut session, known.asked.as_ref())?;
        let at = core.setup.clock.now().wall;
        Ok(Visit {
            core,
            household,
            sha256,
            session,
            confirms: entry.is_some() || known.document.is_some(),
            started: Started { at, base, entry },
            asked: known.asked,
            saved: false,
            removed: Vec::new(),
            names,
        })
    }

    /// To a family found on the way.
    pub(crate) fn begin(core: Arc<Core>, household: NewHousehold) -> Result<Visit> {
        let (sha256, form) = core.forms.current()?;
        let context = context(&core, &household.area, true)?;
        let at = core.setup.clock.now().wall;
        Ok(Visit {
            session: Session::new(form, context),
            core,
            household,
            sha256,
            started: Started {
                at,
                base: 0,
                entry: None,
            },
            asked: None,
            saved: false,
            confirms: false,
            removed: Vec::new(),
            names: Some(Names::default()),
        })
    }

    /// The family.
    pub fn household(&self) -> Uuid {
        self.household.id
    }

    /// The page that is open.
    pub fn screen(&self) -> Screen {
        self.session.screen()
    }

    /// Answers a question. The answer stays as typed, and is saved, also if it is wrong: the screen
    /// then says why.
    ///
    /// # Errors
    /// [`Error::Form`] if there is no such question or it takes no such answer;
    /// [`Error::Storage`] if it could not be saved: it is kept on the screen, and saved with the
    /// next.
    pub fn answer(&mut self, path: &str, answer: Answer) -> Result<Screen> {
        let before = self.session.value(path);
        self.now().answer(path, answer)?;
        // A file that was taken back must not be sent.
        if let Some(file) = self.dropped(before.as_ref()) {
            let store = Arc::clone(&self.core.store);
            self.save_with(|draft| Ok(store.detach(draft, file)?))?;
            return Ok(self.session.screen());
        }
        self.saved_screen()
    }

    /// Says why a doubtful answer is so; an empty text takes the note back.
    ///
    /// # Errors
    /// As [`Visit::answer`].
    pub fn note(&mut self, path: &str, text: &str) -> Result<Screen> {
        self.now().note(path, text)?;
        self.saved_screen()
    }

    /// Adds a row to a repeat and opens its first page.
    ///
    /// # Errors
    /// As [`Visit::answer`].
    pub fn add(&mut self, repeat: &str) -> Result<Screen> {
        let instance = self.now().add(repeat)?;
        let inside = |row: &ContentsRow| row.page.0.starts_with(&instance);
        if let Some(row) = self.session.contents().into_iter().find(inside) {
            self.session.go(Go::Page(row.page));
        }
        self.saved_screen()
    }

    /// Takes a row out of a repeat. [`Visit::undo_remove`] brings it back.
    ///
    /// # Errors
    /// As [`Visit::answer`].
    pub fn remove(&mut self, instance: &str) -> Result<Screen> {
        self.now().remove(instance)?;
        self.removed.push(instance.to_owned());
        self.saved_screen()
    }

    /// Brings the row back that was taken out last since the visit was opened; without one,
    /// changes nothing.
    ///
    /// # Errors
    /// As [`Visit::answer`].
    pub fn undo_remove(&mut self) -> Result<Screen> {
        if let Some(instance) = self.removed.pop() {
            self.now().undo_remove(&instance)?;
            self.save()?;
        }
        Ok(self.session.screen())
    }

    /// Answers a question with a file: a photo, a drawing, a recording. The file is on the disk when
    /// this returns, the answer with it: a photo can't be taken again. The answer is the file's name,
    /// its digest with an ending; what the question was answered with before goes.
    ///
    /// # Errors
    /// As [`Visit::attach`] and [`Visit::answer`]. Nothing of it was kept then.
    pub fn answer_with_file(
        &mut self,
        path: &str,
        media_type: &str,
        bytes: &[u8],
    ) -> Result<Screen> {
        // The log of the filling is told from other files by its type.
        let media_type = if media_type == LOG {
            "text/plain"
        } else {
            media_type
        };
        self.take(media_type, bytes)?;
        let before = self.session.value(path);
        let name = file_name(Sha256::of(bytes), media_type);
        self.now().answer(path, Answer::Text(name))?;
        let gone = self.dropped(before.as_ref());
        let store = Arc::clone(&self.core.store);
        let kept = self.save_with(|draft| Ok(store.attach_answer(draft, media_type, bytes, gone)?));
        if let Err(fault) = kept {
            // An answer that names what isn't kept would be worse than none.
            self.now().answer(path, before.unwrap_or(Answer::Empty))?;
            return Err(fault);
        }
        Ok(self.session.screen())
    }

    /// The bytes of the file that an answer names; `None` for one that is not on this phone, such as
    /// last year's.
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub fn file(&self, name: &str) -> Result<Option<Vec<u8>>> {
        match named_file(name) {
            Some(sha256) => Ok(self.core.store.photo(sha256)?),
            None => Ok(None),
        }
    }

    /// Keeps a photo with the visit as a whole. It is on the disk when this returns, the visit with
    /// it. The same photo twice is one.
    ///
    /// # Errors
    /// [`Error::TooLarge`] for more bytes than the server takes, [`Error::Input`] for none, for a
    /// media type that isn't one or for more photos than a visit may have, [`Error::Storage`].
    /// Nothing of it was kept then.
    pub fn attach(&mut self, media_type: &str, bytes: &[u8]) -> Result<Sha256> {
        self.take(media_type, bytes)?;
        let store = Arc::clone(&self.core.store);
        self.save_with(|draft| Ok(store.attach(draft, media_type, bytes)?))
    }

    /// Whether the visit can take this file.
    fn take(&self, media_type: &str, bytes: &[u8]) -> Result<()> {
        let most = self.core.store.largest_photo()?;
        if bytes.len() as u64 > most {
            return Err(Error::TooLarge { most });
        }
        if bytes.is_empty() || !is_media_type(media_type) {
            return Err(Error::Input("a photo has bytes and a type like image/jpeg"));
        }
        if self.photos()?.len() >= MOST_PHOTOS {
            return Err(Error::Input("a visit has at most 49 photos"));
        }
        Ok(())
    }

    /// The file that `answer` named, if no answer names it any more.
    fn dropped(&self, answer: Option<&Answer>) -> Option<Sha256> {
        let Some(Answer::Text(name)) = answer else {
            return None;
        };
        let sha256 = named_file(name)?;
        let named = write_draft(&self.session).is_ok_and(|draft| draft.contains(name.as_str()));
        (!named).then_some(sha256)
    }

    /// Takes a photo off the visit; one that it doesn't have changes nothing. The phone forgets it,
    /// unless another visit or an entry shows it.
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub fn detach(&mut self, photo: Sha256) -> Result<()> {
        if !self.photos()?.iter().any(|shown| shown.sha256 == photo) {
            return Ok(());
        }
        let store = Arc::clone(&self.core.store);
        self.save_with(|draft| Ok(store.detach(draft, photo)?))
    }

    /// The visit's photos, in the order in which they were taken.
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub fn photos(&self) -> Result<Vec<Photo>> {
        Ok(self.core.store.photos(self.household.id)?)
    }

    /// Turns to the next page; stays on the last. The answers from before that stand on the page
    /// which is left count as confirmed.
    ///
    /// # Errors
    /// [`Error::Storage`] if the place could not be saved.
    #[expect(clippy::should_implement_trait, reason = "pages are turned both ways")]
    pub fn next(&mut self) -> Result<Screen> {
        self.go(Go::Next)
    }

    /// Turns to the page before; stays on the first.
    ///
    /// # Errors
    /// [`Error::Storage`] if the place could not be saved.
    pub fn back(&mut self) -> Result<Screen> {
        self.go(Go::Back)
    }

    /// Turns to a page by its name, as [`Visit::contents`], a problem or a card has it. One that is
    /// not there now changes nothing.
    ///
    /// # Errors
    /// [`Error::Storage`] if the place could not be saved.
    pub fn go_to(&mut self, page: &str) -> Result<Screen> {
        self.go(Go::Page(PageRef(page.to_owned())))
    }

    fn go(&mut self, to: Go) -> Result<Screen> {
        let confirms = self.confirms && to == Go::Next;
        let screen = self.now().go(to);
        // Where she is is worth saving only with something that she answered or confirmed.
        if self.saved || confirms {
            self.save()?;
        }
        Ok(screen)
    }

    /// A page of a question's choices: those in whose label all words of `search` stand, `most` of them after the
    /// first `from`. A screen shows the first of very many.
    ///
    /// # Errors
    /// [`Error::Form`] if there is no such question, or it has no choices.
    pub fn choices(&self, path: &str, search: &str, from: usize, most: usize) -> Result<Choices> {
        Ok(self.session.choices(path, search, from, most)?)
    }

    /// All pages, with what is missing on each.
    pub fn contents(&self) -> Vec<ContentsRow> {
        self.session.contents()
    }

    /// Everything that is in the way of finishing.
    pub fn problems(&self) -> Vec<Problem> {
        self.session.problems()
    }

    /// Shows the form in another of its languages.
    /// One that it doesn't have changes nothing.
    pub fn set_language(&mut self, language: &str) -> Screen {
        self.session.set_language(language);
        self.session.screen()
    }

    /// Finishes the visit, if nothing is in the way: it is then on the disk, whatever happens to
    /// the phone, and waits to be sent. A second tap changes nothing.
    ///
    /// # Errors
    /// [`Error::Form`] if the questionnaire has no outcome, [`Error::Storage`]: the draft is then
    /// still there.
    pub fn finish(&mut self) -> Result<Finish> {
        let document = match self.now().finish() {
            Ok(document) => document.into_string(),
            Err(problems) => return Ok(Finish::Unfinished(problems)),
        };
        let summary = Summary::read(|role: Role| self.role_answer(role)).ok_or_else(|| {
            ketuk_form::Error::Workbook("no question has the role outcome".to_owned())
        })?;
        let log = self.session.audit_log();
        let clock = &self.core.setup.clock;
        let (entry, row) = self.core.store.finish(&Finished {
            household: &self.household,
            started: self.started,
            asked: self.asked.as_ref(),
            finished_at: clock.now().wall,
            form: self.sha256,
            document: &document,
            draft: &write_draft(&self.session)?,
            log: log.as_deref(),
            summary: &summary,
            op: new_id(&**clock)?,
        })?;
        self.saved = false;
        self.started.entry = Some(entry.op);
        Ok(Finish::Saved(row))
    }

    /// Throws the draft away; the visit is then over. A finished entry of this household stays as it
    /// was.
    ///
    /// # Errors
    /// [`Error::Storage`]: the draft is then still there.
    pub fn discard(&self) -> Result<()> {
        Ok(self.core.store.discard_draft(self.household.id)?)
    }

    /// The session, told what time it is: for the log of forms that keep one.
    fn now(&mut self) -> &mut Session {
        let now = self.core.setup.clock.now().wall;
        self.session.tell_time(now.as_millisecond());
        &mut self.session
    }

    fn saved_screen(&mut self) -> Result<Screen> {
        self.save()?;
        Ok(self.session.screen())
    }

    fn save(&mut self) -> Result<()> {
        let store = Arc::clone(&self.core.store);
        self.save_with(|draft| Ok(store.save_draft(draft)?))
    }

    fn save_with<T>(&mut self, write: impl FnOnce(&DraftToSave<'_>) -> Result<T>) -> Result<T> {
        let names = match &self.names {
            Some(listed) => Some(self.names()).filter(|names| names != listed),
            None => None,
        };
        let written = write(&DraftToSave {
            household: &self.household,
            form: self.sha256,
            started: self.started,
            body: &write_draft(&self.session)?,
            names: names.as_ref(),
            now: self.core.setup.clock.now().wall,
        })?;
        self.saved = true;
        if names.is_some() {
            self.names = names;
        }
        Ok(written)
    }

    /// What the family would be listed under by the answers so far.
    fn names(&self) -> Names {
        let answer = |role| self.role_answer(role).unwrap_or_default();
        Names {
            head: answer(Role::HeadName),
            number: answer(Role::FamilyNumber),
            address: answer(Role::Address),
        }
    }

    fn role_answer(&self, role: Role) -> Option<String> {
        self.session.role_answer(role.name()).map(str::to_owned)
    }
}

/// Shows the supervisor's comments at their questions. One about more than a question, or about one that
/// this questionnaire doesn't have, is read with the household.
fn comment(session: &mut Session, asked: Option<&Asked>) -> Result<()> {
    let comments = asked.map_or_else(|| Ok(Vec::new()), Asked::comments)?;
    for comment in comments {
        session.comment(&comment.path, &comment.text);
    }
    Ok(())
}

/// What a form may know of the visit. A `hidden` question of one of these names gets its value:
/// `prov`, `kab`, `kec`, `desa` (codes of the areas around the RT), `rw`, `rt` (three digits), and
/// `ctx_baru` (`1` for a family that is on no list).
fn context(core: &Core, area: &AreaCode, new: bool) -> Result<Context> {
    let clock = &core.setup.clock;
    let offset = clock.offset();
    let now = offset.to_datetime(clock.now().wall);
    let mut values = BTreeMap::new();
    for (name, level) in [
        ("prov", Level::Province),
        ("kab", Level::Regency),
        ("kec", Level::District),
        ("desa", Level::Village),
    ] {
        if let Some(around) = area.at(level) {
            values.insert(name.to_owned(), around.to_string());
        }
    }
    for (name, level) in [("rw", Level::Rw), ("rt", Level::Rt)] {
        if let Some(around) = area.at(level) {
            values.insert(name.to_owned(), format!("{:03}", around.ordinal()));
        }
    }
    if new {
        values.insert("ctx_baru".to_owned(), "1".to_owned());
    }
    let device = core.store.device()?;
    Ok(Context {
        today: now.date(),
        now,
        offset,
        language: None,
        device_id: device.id.to_string(),
        username: device.link.map_or_else(String::new, |link| link.cadre.name),
        seed: chance()?,
        // A family's last answers come in by its own document, not by the one of the door before.
        last_saved: None,
        values,
    })
}

/// What an answer calls a file: its digest, and the ending that programs know such files by.
pub(crate) fn file_name(file: Sha256, media_type: &str) -> String {
    const ENDINGS: [(&str, &str); 8] = [
        ("image/jpeg", "jpg"),
        ("image/png", "png"),
        ("audio/aac", "aac"),
        ("audio/mp4", "m4a"),
        ("video/mp4", "mp4"),
        ("video/3gpp", "3gp"),
        ("application/pdf", "pdf"),
        ("text/plain", "txt"),
    ];
    let known = ENDINGS.iter().find(|(kind, _)| *kind == media_type);
    format!("{file}.{}", known.map_or("bin", |(_, ending)| ending))
}

/// The file of a [`file_name`].
fn named_file(name: &str) -> Option<Sha256> {
    name.split_once('.')?.0.parse().ok()
}

/// One place among a visit's files is for the log of the filling.
const MOST_PHOTOS: usize = ketuk_wire::MOST_BLOBS - 1;

/// `type/subtype`, in the characters that a header may have (RFC 6838, section 4.2).
fn is_media_type(text: &str) -> bool {
    let name = |part: &str| {
        let sign = |c: char| c.is_ascii_alphanumeric() || "!#$&-^_.+".contains(c);
        (1..=127).contains(&part.len()) && part.chars().all(sign)
    };
    text.split_once('/')
        .is_some_and(|(kind, subtype)| name(kind) && name(subtype))
}

fn read_draft(text: &str) -> Result<Draft<'static>> {
    serde_json::from_str(text).map_err(|_| broken("draft"))
}

fn write_draft(session: &Session) -> Result<String> {
    serde_json::to_string(&session.draft()).map_err(|_| broken("draft"))
}

fn read_document(text: &str) -> Result<Value> {
    serde_json::from_str(text).map_err(|_| broken("known"))
}

fn broken(table: &'static str) -> Error {
    Error::Storage(crate::store::StorageFault::row(table))
}
