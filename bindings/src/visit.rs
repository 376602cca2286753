//! A visit, a screen at a time.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

use crate::{Answer, Choices, ContentsRow, KetukError, Problem, Screen};

/// A form being filled. Each answer is saved before its screen comes back.
#[derive(uniffi::Object)]
pub struct Visit(Mutex<Option<ketuk_phone::Visit>>);

/// What came of finishing.
#[derive(uniffi::Enum)]
pub enum Finish {
    /// Saved on this phone, waiting to be sent.
    Saved,
    /// These are in the way.
    Unfinished {
        /// In the order of the form.
        problems: Vec<Problem>,
    },
}

impl Visit {
    pub(crate) fn new(visit: ketuk_phone::Visit) -> Arc<Visit> {
        Arc::new(Visit(Mutex::new(Some(visit))))
    }

    fn held(&self) -> MutexGuard<'_, Option<ketuk_phone::Visit>> {
        // A panic elsewhere leaves a visit that is as good as what was last saved of it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with<T>(
        &self,
        act: impl FnOnce(&mut ketuk_phone::Visit) -> Result<T, ketuk_phone::Error>,
    ) -> Result<T, KetukError> {
        let mut held = self.held();
        let visit = held.as_mut().ok_or(ketuk_phone::Error::NotFound("visit"))?;
        Ok(act(visit)?)
    }
}

#[uniffi::export]
impl Visit {
    /// The family.
    pub fn household(&self) -> Result<Uuid, KetukError> {
        self.with(|visit| Ok(visit.household()))
    }

    /// The open page.
    pub fn screen(&self) -> Result<Screen, KetukError> {
        self.with(|visit| Ok(visit.screen()))
    }

    /// Answers a question.
    pub fn answer(&self, path: String, answer: Answer) -> Result<Screen, KetukError> {
        self.with(|visit| visit.answer(&path, answer))
    }

    /// Says why a doubtful answer is so; empty takes it back.
    pub fn note(&self, path: String, text: String) -> Result<Screen, KetukError> {
        self.with(|visit| visit.note(&path, &text))
    }

    /// Adds a row to a roster and opens its first page.
    pub fn add(&self, roster: String) -> Result<Screen, KetukError> {
        self.with(|visit| visit.add(&roster))
    }

    /// Takes a row out.
    pub fn remove(&self, row: String) -> Result<Screen, KetukError> {
        self.with(|visit| visit.remove(&row))
    }

    /// Brings the row back that was taken out last.
    pub fn undo_remove(&self) -> Result<Screen, KetukError> {
        self.with(ketuk_phone::Visit::undo_remove)
    }

    /// Answers a question with a file: a photo, a drawing, a recording.
    pub fn answer_with_file(
        &self,
        path: String,
        media_type: String,
        bytes: Vec<u8>,
    ) -> Result<Screen, KetukError> {
        self.with(|visit| visit.answer_with_file(&path, &media_type, &bytes))
    }

    /// The bytes of the file that an answer names, if it is on this phone.
    pub fn file(&self, name: String) -> Result<Option<Vec<u8>>, KetukError> {
        self.with(|visit| visit.file(&name))
    }

    /// Turns to the next page.
    pub fn next(&self) -> Result<Screen, KetukError> {
        self.with(ketuk_phone::Visit::next)
    }

    /// Turns to the page before.
    pub fn back(&self) -> Result<Screen, KetukError> {
        self.with(ketuk_phone::Visit::back)
    }

    /// Turns to a page by its name.
    pub fn go_to(&self, page: String) -> Result<Screen, KetukError> {
        self.with(|visit| visit.go_to(&page))
    }

    /// Choices of a question in whose label all words of `search` stand: `most` of them after the first `from`.
    pub fn choices(
        &self,
        path: String,
        search: String,
        from: u32,
        most: u32,
    ) -> Result<Choices, KetukError> {
        self.with(|visit| visit.choices(&path, &search, from as usize, most as usize))
    }

    /// All pages.
    pub fn contents(&self) -> Result<Vec<ContentsRow>, KetukError> {
        self.with(|visit| Ok(visit.contents()))
    }

    /// Everything in the way of finishing.
    pub fn problems(&self) -> Result<Vec<Problem>, KetukError> {
        self.with(|visit| Ok(visit.problems()))
    }

    /// Shows it in another of the form's languages, by its code.
    pub fn set_language(&self, language: String) -> Result<Screen, KetukError> {
        self.with(|visit| Ok(visit.set_language(&language)))
    }

    /// Finishes it, if nothing is in the way.
    pub fn finish(&self) -> Result<Finish, KetukError> {
        self.with(|visit| {
            Ok(match visit.finish()? {
                ketuk_phone::Finish::Saved { .. } => Finish::Saved,
                ketuk_phone::Finish::Unfinished(problems) => Finish::Unfinished { problems },
            })
        })
    }

    /// Throws the draft away.
    pub fn discard(&self) -> Result<(), KetukError> {
        let mut held = self.held();
        if let Some(visit) = held.as_ref() {
            visit.discard()?;
        }
        *held = None;
        Ok(())
    }
}
