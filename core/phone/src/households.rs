//! The cadre's list, and what the phone knows of one family.

use std::sync::Arc;

use ketuk_form::Form;
use ketuk_wire::{AreaCode, Comment, Receipt, Sha256};
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::phone::{Core, new_id};
use crate::store::{
    Filter, Happened, HouseholdPage, HouseholdRow, Known, NewHousehold, Photo, What,
};
use crate::visit::Visit;
use crate::words::{AnswerInWords, in_words, label};

/// The list of households, a page at a time.
#[derive(Clone)]
pub struct Households {
    core: Arc<Core>,
}

/// What a supervisor said of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommentInWords {
    /// The question, by its path; empty for the visit as a whole.
    pub path: String,
    /// What is asked there; empty if the questionnaire has no such question.
    pub label: String,
    /// What to look at.
    pub text: String,
}

impl CommentInWords {
    /// As the server sent it: what is asked there stands in the questionnaire.
    pub(crate) fn unlabelled(comment: Comment) -> CommentInWords {
        CommentInWords {
            path: comment.path,
            label: String::new(),
            text: comment.text,
        }
    }

    fn labelled(self, form: &Form, language: &str) -> CommentInWords {
        CommentInWords {
            label: label(form, &self.path, language).unwrap_or_default(),
            ..self
        }
    }
}

/// A household with all that the phone knows of it.
#[derive(Debug, Clone, PartialEq)]
pub struct HouseholdDetail {
    /// Its line of the list.
    pub row: HouseholdRow,
    /// The answers known: this year's if there are any, else last year's.
    pub answers: Vec<AnswerInWords>,
    /// Whether these are last year's.
    pub last_year: bool,
    /// The server's word that it holds the phone's last entry.
    pub receipt: Option<Receipt>,
    /// What a supervisor asks to be looked at.
    pub comments: Vec<CommentInWords>,
    /// The photos of the draft, else of the last entry.
    pub photos: Vec<Photo>,
    /// What the server said of the last entry, if it needs a look.
    pub trouble: Option<String>,
    /// What happened to it, the newest first.
    pub history: Vec<Happened>,
}

impl Households {
    pub(crate) fn new(core: Arc<Core>) -> Households {
        Households { core }
    }

    /// A page of at most `limit` rows (500 at most), after the page that gave `after`.
    ///
    /// # Errors
    /// [`Error::NotFound`] if no page of this filter gave `after`, [`Error::Storage`].
    pub fn page(&self, filter: &Filter, after: Option<&str>, limit: u32) -> Result<HouseholdPage> {
        let page = self.core.store.page(filter, after, limit)?;
        page.ok_or(Error::NotFound("page"))
    }

    /// All that is known of one household, with answers in words of `language`.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::NoForm`], [`Error::Storage`].
    pub fn detail(&self, id: Uuid, language: &str) -> Result<HouseholdDetail> {
        let known = self.known(id)?;
        let entry = self.core.store.last_entry(id)?;
        let (_, form) = self.core.forms.current()?;
        let comments = known
            .asked
            .map_or_else(|| Ok(Vec::new()), |asked| asked.comments())?;
        let comments = comments
            .into_iter()
            .map(|comment| CommentInWords::unlabelled(comment).labelled(&form, language))
            .collect();
        let mut history = self.core.store.history(id)?;
        for happened in &mut history {
            if let What::SentBack { comments } = &mut happened.what {
                let labelled = |comment: CommentInWords| comment.labelled(&form, language);
                *comments = std::mem::take(comments).into_iter().map(labelled).collect();
            }
        }
        // Of a family that is no longer hers, what others recorded since is not hers to read.
        let gone = known.row.gone.is_some();
        let own = entry
            .as_ref()
            .filter(|entry| gone || entry.speaks(known.revision));
        let document = match own {
            Some(entry) => Some(&entry.document),
            None => known.document.as_ref(),
        };
        Ok(HouseholdDetail {
            row: known.row,
            answers: document.map_or_else(Vec::new, |text| in_words(&form, text, language)),
            last_year: own.is_none() && known.revision == 0,
            comments,
            photos: self.core.store.photos(id)?,
            receipt: entry.as_ref().and_then(|entry| entry.receipt.clone()),
            trouble: entry.and_then(|entry| entry.trouble),
            history,
        })
    }

    /// The bytes of a photo, whole, to be shown.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Storage`].
    pub fn photo(&self, photo: Sha256) -> Result<Vec<u8>> {
        let bytes = self.core.store.photo(photo)?;
        bytes.ok_or(Error::NotFound("photo"))
    }

    /// Opens a visit: the draft where she left it, else her own entry as she finished it, else this
    /// year's answers, else last year's to be confirmed, else an empty form.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::NoForm`], [`Error::Storage`].
    pub fn visit(&self, id: Uuid) -> Result<Visit> {
        let known = self.known(id)?;
        self.core.store.tidy();
        Visit::open(Arc::clone(&self.core), known)
    }

    /// Opens a visit to a family that is on no list. It enters the list with its first answer.
    ///
    /// # Errors
    /// [`Error::Input`] if `area` is none of the cadre's, [`Error::NoForm`], [`Error::Storage`].
    pub fn new_family(&self, area: &AreaCode) -> Result<Visit> {
        if !self.core.link()?.cadre.areas.contains(area) {
            return Err(Error::Input("the RT is none of this phone's"));
        }
        let household = NewHousehold {
            id: new_id(&*self.core.setup.clock)?,
            area: area.clone(),
        };
        self.core.store.tidy();
        Visit::begin(Arc::clone(&self.core), household)
    }

    fn known(&self, id: Uuid) -> Result<Known> {
        let known = self.core.store.household(id)?;
        known.ok_or(Error::NotFound("household"))
    }
}
