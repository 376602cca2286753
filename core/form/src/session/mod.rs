//! A form being filled.

pub(crate) mod answers;
mod audit;
mod change;
mod check;
mod choices;
mod document;
mod draft;
mod draw;
mod entry;
pub(crate) mod instance;
mod live;
mod pages;
mod paths;
mod problems;
mod rows;
mod rules;
mod screen;
mod settle;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use change::Change;
pub use document::{Document, Dropped, Misfit};
pub(crate) use document::{ID, NOTES};
pub use draft::Draft;
pub use pages::PageRef;
pub use problems::{Gravity, Problem, ProblemKind};
pub use screen::{
    Card, Choice, Choices, ContentsRow, Control, Item, Keyboard, MediaFile, Precision, Progress,
    Question, Roster, Screen,
};

use crate::form::schema::{Kind, NodeId, Question as Takes, RowId, ScopeId};
use crate::form::{Form, Language};
use crate::{Context, Error};
use audit::Log;
use choices::Wanted;
use live::{By, Live};
use pages::Place;
use rules::Loaded;

/// An answer as it is given. Numbers and dates come as typed text, and stay as typed if they are
/// none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// No answer, or the answer taken back.
    #[default]
    Empty,
    /// What was typed. For choices: codes, several joined by spaces.
    Text(String),
    /// One code.
    Choice(String),
    /// Several codes; ranked ones in their order.
    Choices(Vec<String>),
}

/// Where to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Go {
    /// To the page after this one; stays on the last.
    Next,
    /// To the page before this one; stays on the first.
    Back,
    /// To a page, as [`Problem`], [`Card`] or [`ContentsRow`] name it.
    Page(PageRef),
}

/// A form being filled. Owns what is answered so far; the form itself is shared.
///
/// Every answer is kept as it was typed, also when it is wrong or does not apply any more, and
/// counts again once it is right and applies.
#[derive(Clone)]
pub struct Session {
    form: Arc<Form>,
    live: Live,
    /// The present page; none while nothing in the form applies.
    at: Option<Place>,
    /// What stands on it.
    shown: Vec<NodeId>,
    /// Pages that were left once.
    seen: BTreeSet<Place>,
    dropped: Vec<Dropped>,
    /// For forms that ask for it.
    log: Option<Log>,
}

impl fmt::Debug for Session {
    /// Tells where it is, and no answer: sessions turn up in logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("form", &self.form)
            .field("progress", &self.progress())
            .finish_non_exhaustive()
    }
}

impl Session {
    /// A form with nothing answered but its defaults.
    pub fn new(form: Arc<Form>, context: Context) -> Session {
        let mut live = Live::blank(&form, &context);
        live.plain_defaults(&form, RowId::FORM);
        live.await_defaults(RowId::FORM);
        live.first_instances(&form, RowId::FORM);
        Session::begin(form, live, &context, Vec::new(), Loaded::Anew)
    }

    /// A form that begins with the answers of the last visit, each marked so until it is confirmed.
    /// What the form now can't take is left out and named by [`Session::dropped`].
    pub fn update_of(form: Arc<Form>, last: &serde_json::Value, context: Context) -> Session {
        let mut live = Live::blank(&form, &context);
        live.plain_defaults(&form, RowId::FORM);
        live.await_defaults(RowId::FORM);
        let taken = document::carry_over(&form, &mut live, last, &context);
        for repeat in &form.schema.scope(ScopeId::FORM).repeats {
            let none = live.answers.by_scope[repeat.index()].is_empty();
            if none && !form.is_counted(form.schema.scope(*repeat).node) {
                live.new_row(&form, *repeat, RowId::FORM);
            }
        }
        Session::begin(form, live, &context, taken.misfits, Loaded::Anew)
    }

    /// A finished form taken up again, to be corrected where its draft is not at hand: all that its
    /// document says, as it says it. What the form now can't take is left out and named by
    /// [`Session::dropped`].
    pub fn reopen(form: Arc<Form>, document: &serde_json::Value, context: Context) -> Session {
        let mut live = Live::blank(&form, &context);
        let taken = document::read(&form, &mut live, document);
        Session::begin(form, live, &context, taken.misfits, Loaded::Document)
    }

    fn begin(
        form: Arc<Form>,
        mut live: Live,
        context: &Context,
        dropped: Vec<Dropped>,
        from: Loaded,
    ) -> Session {
        live.take_context(&form, context, false);
        live.join(&form, RowId::FORM);
        live.sweep(&form, from);
        let log = form
            .audit
            .map(|_| Log::begin(context, Vec::new(), "form start"));
        let mut session = Session {
            form,
            live,
            at: None,
            shown: Vec::new(),
            seen: BTreeSet::new(),
            dropped,
            log,
        };
        session.arrive(None);
        session.clear_changes();
        session
    }

    /// Takes a draft up again, at the page where it was left. A draft of another version of the
    /// form is taken as far as it fits; the rest is named by [`Session::dropped`].
    ///
    /// # Errors
    /// [`Error::OtherForm`] when the draft belongs to a form of another id.
    pub fn resume(form: Arc<Form>, draft: &Draft<'_>, context: Context) -> Result<Session, Error> {
        if draft.form != form.id {
            return Err(Error::OtherForm {
                draft: draft.form.to_string(),
                form: form.id.clone(),
            });
        }
        let mut context = context;
        context.seed = draft.seed;
        if form.language_index(&draft.language).is_some() {
            context.language = Some(draft.language.to_string());
        }
        let mut live = Live::blank(&form, &context);
        let dropped = draft::restore(&form, &mut live, &draft.rows);
        live.take_context(&form, &context, false);
        live.join(&form, RowId::FORM);
        // What a newer form calculates may never have been calculated.
        let from = match draft.version == form.version {
            true => Loaded::Draft,
            false => Loaded::Anew,
        };
        live.sweep(&form, from);
        let seen = draft
            .seen
            .iter()
            .filter_map(|page| live.find_page(&form, page))
            .collect();
        let at = live.find_page(&form, &draft.page);
        let log = form
            .audit
            .map(|_| Log::begin(&context, audit::owned(&draft.audit), "form resume"));
        let mut session = Session {
            form,
            live,
            at: None,
            shown: Vec::new(),
            seen,
            dropped,
            log,
        };
        session.arrive(at);
        session.clear_changes();
        Ok(session)
    }

    /// Everything to take the form up again later.
    pub fn draft(&self) -> Draft<'_> {
        let page = |place: &Place| self.live.page_ref(&self.form, *place);
        Draft {
            form: self.form.id().into(),
            version: self.form.version().into(),
            language: self.language().name.as_str().into(),
            page: self.at.as_ref().map(page).unwrap_or_default(),
            seen: self.seen.iter().map(page).collect(),
            seed: self.live.facts.seed,
            rows: draft::rows(&self.form, &self.live),
            audit: self.audit_events(),
        }
    }

    /// The form that is filled.
    pub fn form(&self) -> &Arc<Form> {
        &self.form
    }

    /// What of the last visit, or of a draft of an older form, could not be taken over.
    pub fn dropped(&self) -> &[Dropped] {
        &self.dropped
    }

    /// Gives an answer. It is kept as typed, right or wrong.
    ///
    /// # Errors
    /// [`Error::UnknownPath`]; [`Error::ReadOnly`] for what the form sets itself;
    /// [`Error::WrongAnswer`] when a single answer is asked and several choices are given.
    pub fn answer(&mut self, path: &str, answer: Answer) -> Result<Change, Error> {
        let (row, node) = self.question(path)?;
        let takes = self.form.schema.question(node).unwrap_or(&Takes::Note);
        if !takes.is_visible()
            || *takes == Takes::Note
            || self
                .live
                .slot(&self.form.schema, row, node)
                .is_set_by_itself()
        {
            return Err(Error::ReadOnly {
                path: path.to_owned(),
            });
        }
        let typed = match answer {
            Answer::Empty => String::new(),
            Answer::Text(text) | Answer::Choice(text) => text,
            Answer::Choices(codes) => {
                let many = matches!(takes, Takes::Many(_) | Takes::Rank(_));
                if !many && codes.len() > 1 {
                    return Err(Error::WrongAnswer {
                        path: path.to_owned(),
                    });
                }
                codes.join(" ")
            }
        };
        self.live.set(&self.form, row, node, &typed, By::Hand);
        self.live.settle(&self.form);
        Ok(self.change())
    }

    /// Answers a warning with a note that says why the answer is right; blank takes it back. The
    /// note goes when the answer is changed.
    ///
    /// # Errors
    /// [`Error::UnknownPath`].
    pub fn note(&mut self, path: &str, text: &str) -> Result<Change, Error> {
        let (row, node) = self.question(path)?;
        self.live.set_note(&self.form, row, node, text);
        Ok(self.change())
    }

    /// Shows a comment beside a question, below those that are there: of somebody who looked at the
    /// answers and asks for a correction. It goes into no draft and no document. False where the path
    /// leads to no question: the comment is then about more than one.
    pub fn comment(&mut self, path: &str, text: &str) -> bool {
        let Ok(place) = self.question(path) else {
            return false;
        };
        let comment = self.live.comments.entry(place).or_default();
        if !comment.is_empty() {
            comment.push('\n');
        }
        comment.push_str(text);
        true
    }

    /// Adds an instance to a repeat and gives its path.
    ///
    /// # Errors
    /// [`Error::UnknownPath`]; [`Error::FixedRepeat`] when the form counts the instances itself.
    pub fn add(&mut self, repeat_path: &str) -> Result<String, Error> {
        let unknown = || Error::UnknownPath {
            path: repeat_path.to_owned(),
        };
        let (row, node) = self
            .live
            .find(&self.form, repeat_path)
            .ok_or_else(unknown)?;
        let Kind::Repeat(scope) = self.form.schema.node(node).kind else {
            return Err(unknown());
        };
        if self.live.answers.row(row).scope == scope {
            return Err(unknown());
        }
        if self.form.is_counted(node) {
            return Err(Error::FixedRepeat {
                path: repeat_path.to_owned(),
            });
        }
        let instance = self.live.new_row(&self.form, scope, row);
        self.log_event("add repeat", Some((instance, node)));
        self.live.settle(&self.form);
        self.leave_vanished();
        Ok(self.live.path(&self.form, instance, node))
    }

    /// Removes an instance of a repeat. Its answers are kept until the form is finished, so that
    /// [`Session::undo_remove`] brings it back as it was.
    ///
    /// # Errors
    /// [`Error::UnknownPath`]; [`Error::FixedRepeat`] when the form counts the instances itself.
    pub fn remove(&mut self, instance_path: &str) -> Result<Change, Error> {
        let found = self.live.find(&self.form, instance_path);
        self.set_removed(instance_path, found, true)
    }

    /// Brings a removed instance back to its place.
    ///
    /// # Errors
    /// As [`Session::remove`].
    pub fn undo_remove(&mut self, instance_path: &str) -> Result<Change, Error> {
        let found = self.live.find_removed(&self.form, instance_path);
        self.set_removed(instance_path, found, false)
    }

    fn set_removed(
        &mut self,
        path: &str,
        found: Option<(RowId, NodeId)>,
        removed: bool,
    ) -> Result<Change, Error> {
        let unknown = || Error::UnknownPath {
            path: path.to_owned(),
        };
        let (row, node) = found.ok_or_else(unknown)?;
        if !matches!(self.form.schema.node(node).kind,
            Kind::Repeat(scope) if self.live.answers.row(row).scope == scope)
        {
            return Err(unknown());
        }
        if self.form.is_counted(node) {
            return Err(Error::FixedRepeat {
                path: path.to_owned(),
            });
        }
        if self.live.answers.row(row).removed != removed {
            let event = if removed {
                "delete repeat"
            } else {
                "add repeat"
            };
            self.log_event(event, Some((row, node)));
            self.live.set_removed(&self.form, row, removed);
            self.live.settle(&self.form);
        }
        Ok(self.change())
    }

    fn question(&self, path: &str) -> Result<(RowId, NodeId), Error> {
        self.live
            .find(&self.form, path)
            .filter(|(_, node)| self.form.schema.question(*node).is_some())
            .ok_or_else(|| Error::UnknownPath {
                path: path.to_owned(),
            })
    }

    /// The answer of a question as typed; none for a path that leads to no question.
    pub fn value(&self, path: &str) -> Option<Answer> {
        let (row, node) = self.question(path).ok()?;
        let slot = self.live.slot(&self.form.schema, row, node);
        let takes = self.form.schema.question(node)?;
        Some(draw::answer(
            takes,
            slot.fixed.as_deref().unwrap_or(slot.entry.typed()),
        ))
    }

    /// Whether a question, group, repeat or instance applies now; false for an unknown path.
    pub fn is_relevant(&self, path: &str) -> bool {
        let found = self.live.find(&self.form, path);
        found.is_some_and(|(row, node)| self.live.answers.is_relevant(&self.form.schema, row, node))
    }

    /// Paths of the instances of a repeat, in order.
    pub fn instances(&self, repeat_path: &str) -> Vec<String> {
        let Some((row, node)) = self.live.find(&self.form, repeat_path) else {
            return Vec::new();
        };
        match self.form.schema.node(node).kind {
            Kind::Repeat(scope) if self.live.answers.row(row).scope != scope => self
                .live
                .answers
                .present(&self.form.schema, row, scope)
                .map(|instance| self.live.path(&self.form, instance, node))
                .collect(),
            _ => Vec::new(),
        }
    }

    /// A page of a question's choices: those in whose label all words of `search` stand, or whose code it is;
    /// `most` of them after the first `from`.
    ///
    /// # Errors
    /// [`Error::UnknownPath`]; [`Error::WrongAnswer`] for a question without choices.
    pub fn choices(
        &self,
        path: &str,
        search: &str,
        from: usize,
        most: usize,
    ) -> Result<Choices, Error> {
        let (row, node) = self.question(path)?;
        let list = self
            .form
            .schema
            .question(node)
            .and_then(|question| question.list());
        let list = list.ok_or_else(|| Error::WrongAnswer {
            path: path.to_owned(),
        })?;
        let wanted = Wanted { search, from, most };
        Ok(self.live.choices(&self.form, row, node, list, wanted))
    }

    /// The present page.
    pub fn screen(&self) -> Screen {
        let Some(at) = self.at else {
            return Screen {
                progress: self.progress(),
                ..Screen::default()
            };
        };
        let pages = self.live.pages(&self.form);
        let position = pages
            .iter()
            .position(|page| *page == at)
            .map_or(0, |index| index + 1);
        Screen {
            page: self.live.page_ref(&self.form, at),
            title: self.live.title(&self.form, at),
            subject: self.live.subject(&self.form, at.row),
            position,
            of: pages.len(),
            progress: self.progress(),
            items: self.live.items(&self.form, at, self.seen.contains(&at)),
        }
    }

    /// How far the form is.
    pub fn progress(&self) -> Progress {
        self.live.totals.into()
    }

    /// Turns to another page and gives it. The page that is left is seen from then on: what is
    /// missing on it shows, and the last visit's answers on it count as confirmed when she goes on
    /// to the next. An unknown or vanished page changes nothing.
    pub fn go(&mut self, to: Go) -> Screen {
        let pages = self.live.pages(&self.form);
        let here = self
            .at
            .and_then(|at| pages.iter().position(|page| *page == at));
        let there = match (&to, here) {
            (Go::Next, Some(here)) => pages.get(here + 1).or(pages.get(here)).copied(),
            (Go::Back, Some(here)) => pages.get(here.saturating_sub(1)).copied(),
            (Go::Next | Go::Back, None) => pages.first().copied(),
            (Go::Page(name), _) => self
                .live
                .find_page(&self.form, name)
                .filter(|place| self.live.is_shown(&self.form, *place))
                .or(self.at),
        };
        if let Some(at) = self.at {
            self.seen.insert(at);
            if to == Go::Next {
                for node in self.shown.clone() {
                    self.live.confirm(&self.form, at.row, node);
                }
            }
        }
        if matches!(to, Go::Page(_)) {
            self.log_event("jump", None);
        }
        self.arrive(there);
        self.clear_changes();
        self.screen()
    }

    /// The jump list: all pages with what is missing on each.
    pub fn contents(&self) -> Vec<ContentsRow> {
        let pages = self.live.pages(&self.form).into_iter();
        pages
            .map(|place| {
                let row = self
                    .live
                    .contents_row(&self.form, place, self.seen.contains(&place));
                ContentsRow {
                    current: self.at == Some(place),
                    ..row
                }
            })
            .collect()
    }

    /// Every open problem, page by page: what must be solved, and warnings without a note.
    pub fn problems(&self) -> Vec<Problem> {
        self.live.problems(&self.form)
    }

    /// The document of the finished form.
    ///
    /// # Errors
    /// Every open problem, when there is any.
    pub fn finish(&self) -> Result<Document, Vec<Problem>> {
        let problems = self.problems();
        if problems.is_empty() {
            Ok(document::write(&self.form, &self.live))
        } else {
            Err(problems)
        }
    }

    /// The document as it would be now, finished or not: for a summary, never to be sent.
    pub fn preview(&self) -> Document {
        document::write(&self.form, &self.live)
    }

    /// The instance as XForms clients write it, as it would be now: for servers and tools that read XForms.
    /// `id` goes into `meta/instanceID`: a `uuid:` URN.
    pub fn instance_xml(&self, id: &str) -> String {
        instance::write(&self.form, &self.live, id)
    }

    /// The answer to the question of a role, as [`Form::role_answer`] finds it in the document.
    pub fn role_answer(&self, role: &str) -> Option<&str> {
        let node = *self.form.roles.get(role)?;
        let (schema, answers) = (&self.form.schema, &self.live.answers);
        let mut found = None;
        answers.each_below(schema, RowId::FORM, schema.row_scope(node), &mut |row| {
            let value = answers.slot(schema, row, node).value();
            let counts = answers.is_relevant(schema, row, node) && !value.is_empty();
            if found.is_none() && counts && schema.question(node).is_some() {
                found = Some(value);
            }
        });
        found
    }

    /// The language that the form is filled in.
    pub fn language(&self) -> &Language {
        &self.form.languages[self.live.facts.language]
    }

    /// Goes on in another language, given by name or code; false when the form does not have it.
    pub fn set_language(&mut self, language: &str) -> bool {
        let Some(index) = self.form.language_index(language) else {
            return false;
        };
        self.live.language_changed(&self.form, index);
        self.arrive(self.at);
        self.clear_changes();
        true
    }
}
