//! What a thin shell draws: one page at a time, and the table of contents.

use serde::Serialize;

use super::Answer;
use super::live::Totals;
use super::pages::PageRef;
use super::problems::Problem;
use crate::form::Parameter;
use crate::form::schema::{Geo, Media, Medium};

/// One page.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Screen {
    /// Names the page.
    pub page: PageRef,
    /// The label of its group; empty for a question that stands alone.
    pub title: String,
    /// Within an instance of a repeat: the title of its card.
    pub subject: Option<String>,
    /// The page's place among all, from 1.
    pub position: usize,
    /// How many pages there are now.
    pub of: usize,
    /// How far the whole form is.
    pub progress: Progress,
    /// What stands on it, in order.
    pub items: Vec<Item>,
}

/// How far a form is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Progress {
    /// Required questions that have an answer.
    pub answered: usize,
    /// Required questions that apply.
    pub required: usize,
    /// Problems that must be solved, required questions without an answer among them.
    pub hard: usize,
    /// Warnings without a note.
    pub soft: usize,
}

impl From<Totals> for Progress {
    fn from(totals: Totals) -> Self {
        let Totals {
            required,
            answered,
            hard,
            soft,
        } = totals;
        Progress {
            answered,
            required,
            hard,
            soft,
        }
    }
}

/// Something on a page.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "item", rename_all = "snake_case")]
pub enum Item {
    /// The label of a group inside the page.
    Heading {
        /// The group.
        path: String,
        /// Its label.
        label: String,
    },
    /// Something to read; a note can have problems and warnings of its own.
    Note(Question),
    /// Something to answer.
    Question(Question),
    /// The instances of a repeat.
    Roster(Roster),
}

impl Item {
    /// The path of what is shown.
    pub fn path(&self) -> &str {
        match self {
            Item::Heading { path, .. } => path,
            Item::Note(question) | Item::Question(question) => &question.path,
            Item::Roster(roster) => &roster.path,
        }
    }
}

/// A question as it is now.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Question {
    /// Where to send the answer.
    pub path: String,
    /// What is asked.
    pub label: String,
    /// What helps to answer.
    pub hint: Option<String>,
    /// Longer help, shown when asked for.
    pub guidance: Option<String>,
    /// Files that go with the label.
    pub media: Vec<MediaFile>,
    /// As printed on the paper form: `III.13`.
    pub number: Option<String>,
    /// How it is answered.
    pub control: Control,
    /// The author's appearance words, as hints.
    pub appearance: Vec<String>,
    /// The author's parameters, as hints.
    pub parameters: Vec<Parameter>,
    /// The answer as typed, right or wrong.
    pub value: Answer,
    /// Whether it must be answered.
    pub required: bool,
    /// Whether it can't be answered now.
    pub read_only: bool,
    /// When the form sets the answer by itself: what it is, in words.
    pub not_applicable: Option<String>,
    /// The answer is the last visit's and not confirmed yet.
    pub from_last_year: bool,
    /// What must be solved. A missing answer is no problem until the page was left once.
    pub problem: Option<Problem>,
    /// What is unusual, whether noted or not.
    pub warning: Option<Problem>,
    /// The note that answers the warning.
    pub note: Option<String>,
    /// What somebody who looked at the answer says of it; see [`Session::comment`](super::Session::comment).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// A file that is shown or played with a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MediaFile {
    /// What it is to the text.
    pub medium: Medium,
    /// Its name, as the workbook has it.
    pub file: String,
}

/// How a question is answered.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "control", rename_all = "snake_case")]
pub enum Control {
    /// Free text.
    Text {
        /// Several lines.
        multiline: bool,
        /// Which keys are wanted.
        keyboard: Keyboard,
        /// Not to be shown to bystanders (appearance `masked`).
        masked: bool,
    },
    /// A whole number.
    Integer,
    /// A number.
    Decimal,
    /// A number on a scale.
    Range {
        /// The least.
        start: f64,
        /// The greatest.
        end: f64,
        /// From one to the next.
        step: f64,
    },
    /// A date, as exact as asked for.
    Date {
        /// Day, month or year.
        precision: Precision,
    },
    /// A time of day.
    Time,
    /// A date with a time of day.
    DateTime,
    /// A text that is read from a barcode.
    Barcode,
    /// A place, a line or an outline.
    Geo {
        /// Which of them.
        geo: Geo,
    },
    /// A file of its own beside the document.
    File {
        /// What it is.
        media: Media,
    },
    /// One of several.
    Choice(Choices),
    /// Any of several.
    Choices(Choices),
    /// All of several, in an order.
    Rank(Choices),
    /// Something to read.
    Note,
    /// Something to confirm.
    Acknowledge,
}

/// Which keys a text question wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Keyboard {
    /// Letters.
    Plain,
    /// Digits (appearance `numbers`).
    Digits,
}

/// How exact a date is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// A day.
    Day,
    /// A month (appearance `month-year`); its first day is stored.
    Month,
    /// A year (appearance `year`); its first day is stored.
    Year,
}

/// Choices that are offered now, and chosen ones that are not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Choices {
    /// Of very many the first, and those that are chosen: [`Session::choices`](super::Session::choices) has the
    /// others.
    pub choices: Vec<Choice>,
    /// How many there are in all.
    pub of: usize,
}

/// One choice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Choice {
    /// What is stored.
    pub code: String,
    /// What is read.
    pub label: String,
    /// Files that go with the label.
    pub media: Vec<MediaFile>,
    /// Whether it is chosen.
    pub chosen: bool,
}

/// The instances of a repeat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Roster {
    /// The repeat: where to add.
    pub path: String,
    /// The repeat's label.
    pub label: String,
    /// The repeat's hint.
    pub hint: Option<String>,
    /// As printed on the paper form.
    pub number: Option<String>,
    /// One for each instance, in order.
    pub cards: Vec<Card>,
    /// Whether one can be added.
    pub can_add: bool,
    /// Whether they can be removed.
    pub can_remove: bool,
    /// The words of the button that adds one.
    pub add_label: String,
}

/// One instance of a repeat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Card {
    /// The instance: where to remove.
    pub path: String,
    /// Its first page; none when nothing in it applies.
    pub first_page: Option<PageRef>,
    /// `ketuk::card`, or else its first text answer; may be empty in a new instance.
    pub title: String,
    /// `ketuk::card_detail`, or else its number among the instances.
    pub subtitle: String,
    /// Its number among the instances, from 1.
    pub position: usize,
    /// Required questions in it without an answer.
    pub missing: usize,
    /// Its other problems that must be solved.
    pub hard: usize,
    /// Its warnings without a note.
    pub soft: usize,
    /// Whether any answer in it is the last visit's and not confirmed yet.
    pub from_last_year: bool,
}

/// A line of the table of contents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ContentsRow {
    /// Where it leads.
    pub page: PageRef,
    /// The page's title, or its question.
    pub title: String,
    /// Within an instance of a repeat: the title of its card.
    pub subject: Option<String>,
    /// How many repeats deep it lies.
    pub depth: usize,
    /// Required questions on it.
    pub required: usize,
    /// Those of them that have an answer.
    pub answered: usize,
    /// Problems on it that must be solved, besides missing answers.
    pub hard: usize,
    /// Warnings on it without a note.
    pub soft: usize,
    /// Answers of the last visit on it that are not confirmed yet.
    pub unconfirmed: usize,
    /// Questions on it that somebody has commented on.
    pub comments: usize,
    /// Whether it was left once.
    pub seen: bool,
    /// Whether she is on it.
    pub current: bool,
}
