//! Answers to screens.

use super::Answer;
use super::choices::Wanted;
use super::live::Live;
use super::pages::Place;
use super::problems::ProblemKind;
use super::screen::{
    Card, Choices, ContentsRow, Control, Item, Keyboard, MediaFile, Precision, Question, Roster,
};
use crate::form::schema::{ListId, Media, Medium, NodeId, Question as Takes, RowId, ScopeId};
use crate::form::texts::Text;
use crate::form::{Face, Form};

/// More choices than anybody looks through are searched, or come page by page.
const MOST_CHOICES: usize = 200;

impl Live {
    /// The nodes on a page that apply now, headings among them only above something that applies.
    pub(crate) fn shown(&self, form: &Form, place: Place) -> Vec<NodeId> {
        let shown = form.plan.questions(place.page).iter().copied();
        shown
            .filter(|node| self.slot(&form.schema, place.row, *node).relevant)
            .collect()
    }

    pub(crate) fn items(&self, form: &Form, place: Place, seen: bool) -> Vec<Item> {
        match form.plan.roster(place.page) {
            Some(scope) => vec![Item::Roster(self.roster(form, place.row, scope))],
            None => self
                .shown(form, place)
                .into_iter()
                .map(|node| self.item(form, place.row, node, seen))
                .collect(),
        }
    }

    pub(crate) fn item(&self, form: &Form, row: RowId, node: NodeId, seen: bool) -> Item {
        match form.schema.question(node) {
            Some(Takes::Note) => Item::Note(self.question(form, row, node, seen)),
            Some(_) => Item::Question(self.question(form, row, node, seen)),
            None => Item::Heading {
                path: self.path(form, row, node),
                label: self
                    .words(form, &form.face(node).label, row, node)
                    .unwrap_or_default(),
            },
        }
    }

    fn question(&self, form: &Form, row: RowId, node: NodeId, seen: bool) -> Question {
        let face = form.face(node);
        let slot = self.slot(&form.schema, row, node);
        let takes = form.schema.question(node).unwrap_or(&Takes::Note);
        let words = |text| self.words(form, text, row, node);
        let problem = self
            .problem(form, row, node)
            .filter(|problem| problem.kind != ProblemKind::Required || seen);
        Question {
            path: self.path(form, row, node),
            label: words(&face.label).unwrap_or_default(),
            hint: words(&face.hint),
            guidance: words(&face.guidance),
            media: self.media(form, &face.media, row, node),
            number: face.number.as_deref().map(str::to_owned),
            control: self.control(form, row, node, takes),
            appearance: face.appearance.to_vec(),
            parameters: face.parameters.to_vec(),
            value: answer(takes, slot.fixed.as_deref().unwrap_or(slot.entry.typed())),
            required: slot.required && *takes != Takes::Note,
            read_only: slot.is_set_by_itself(),
            not_applicable: slot
                .fixed
                .as_deref()
                .map(|value| self.in_words(form, takes, value)),
            from_last_year: slot.prior,
            problem,
            warning: self.warning(form, row, node),
            note: self.notes.get(&(row, node)).cloned(),
            comment: self.comments.get(&(row, node)).cloned(),
        }
    }

    /// The files that go with a text, in the language that the form is filled in.
    pub(crate) fn media(
        &self,
        form: &Form,
        media: &[(Medium, Text)],
        row: RowId,
        node: NodeId,
    ) -> Vec<MediaFile> {
        let named = media.iter().filter_map(|(medium, text)| {
            Some(MediaFile {
                medium: *medium,
                file: self.words(form, text, row, node)?,
            })
        });
        named.collect()
    }

    /// An answer as it is read: labels for codes.
    fn in_words(&self, form: &Form, takes: &Takes, value: &str) -> String {
        let Some(list) = takes.list() else {
            return value.to_owned();
        };
        let codes: Vec<&str> = match takes {
            Takes::One(_) => vec![value],
            _ => value.split_whitespace().collect(),
        };
        if form.schema.list(list).is_of_answers {
            return codes.join(", ");
        }
        let label = |code: &&str| {
            let list = form.schema.list(list);
            Some(self.choice_label(form, list, list.find(code)?, RowId::FORM, NodeId::ROOT))
        };
        codes
            .iter()
            .filter_map(label)
            .collect::<Vec<_>>()
            .join(", ")
    }

    fn control(&self, form: &Form, row: RowId, node: NodeId, takes: &Takes) -> Control {
        let face = form.face(node);
        match takes {
            Takes::Integer => Control::Integer,
            Takes::Decimal => Control::Decimal,
            Takes::Range {
                start, end, step, ..
            } => Control::Range {
                start: *start,
                end: *end,
                step: *step,
            },
            Takes::Date => Control::Date {
                precision: precision(face),
            },
            Takes::Time => Control::Time,
            Takes::DateTime => Control::DateTime,
            Takes::Barcode => Control::Barcode,
            Takes::Geo(geo) => Control::Geo { geo: *geo },
            Takes::File(media) => Control::File {
                media: drawn(face)
                    .filter(|_| *media == Media::Image)
                    .unwrap_or(*media),
            },
            Takes::One(list) => Control::Choice(self.first_choices(form, row, node, *list)),
            Takes::Many(list) => Control::Choices(self.first_choices(form, row, node, *list)),
            Takes::Rank(list) => Control::Rank(self.first_choices(form, row, node, *list)),
            Takes::Note => Control::Note,
            Takes::Acknowledge => Control::Acknowledge,
            Takes::Text
            | Takes::Calculate
            | Takes::Calculated(_)
            | Takes::Hidden
            | Takes::Meta(_) => Control::Text {
                multiline: looks(face, "multiline"),
                keyboard: if looks(face, "numbers") {
                    Keyboard::Digits
                } else {
                    Keyboard::Plain
                },
                masked: looks(face, "masked"),
            },
        }
    }

    fn first_choices(&self, form: &Form, row: RowId, node: NodeId, list: ListId) -> Choices {
        let wanted = Wanted {
            search: "",
            from: 0,
            most: MOST_CHOICES,
        };
        self.choices(form, row, node, list, wanted)
    }

    pub(crate) fn roster(&self, form: &Form, row: RowId, scope: ScopeId) -> Roster {
        let repeat = form.schema.scope(scope).node;
        let face = form.face(repeat);
        let label = self
            .words(form, &face.label, row, repeat)
            .unwrap_or_default();
        let fixed = form.is_counted(repeat);
        let add = self.facts.tongue.add();
        let instances = self.answers.present(&form.schema, row, scope);
        Roster {
            path: self.path(form, row, repeat),
            hint: self.words(form, &face.hint, row, repeat),
            number: face.number.as_deref().map(str::to_owned),
            cards: instances
                .enumerate()
                .map(|(index, instance)| self.card(form, instance, index + 1, &label))
                .collect(),
            can_add: !fixed,
            can_remove: !fixed,
            add_label: format!("{add} {}", label.to_lowercase())
                .trim_end()
                .to_owned(),
            label,
        }
    }

    fn card(&self, form: &Form, row: RowId, position: usize, label: &str) -> Card {
        let repeat = form.schema.scope(self.answers.row(row).scope).node;
        let mut card = Card {
            path: self.path(form, row, repeat),
            first_page: None,
            title: self.card_title(form, row),
            subtitle: self
                .words(form, &form.face(repeat).card_detail, row, repeat)
                .unwrap_or_else(|| format!("{label} {position}").trim_start().to_owned()),
            position,
            missing: 0,
            hard: 0,
            soft: 0,
            from_last_year: false,
        };
        let mut places = Vec::new();
        self.pages_of(form, row, &mut places);
        card.first_page = places.first().map(|place| self.page_ref(form, *place));
        for place in places {
            for node in form.plan.questions(place.page) {
                let status = self.status(form, place.row, *node);
                let slot = self.slot(&form.schema, place.row, *node);
                let missing = status.hard && slot.is_blank() && slot.broken == 0;
                card.missing += usize::from(missing);
                card.hard += usize::from(status.hard && !missing);
                card.soft += usize::from(status.soft);
                card.from_last_year |= slot.prior && slot.relevant;
            }
        }
        card
    }

    /// What the instance is called: as its author says, or its first text answer.
    pub(crate) fn card_title(&self, form: &Form, row: RowId) -> String {
        let repeat = form.schema.scope(self.answers.row(row).scope).node;
        if let Some(title) = self.words(form, &form.face(repeat).card, row, repeat) {
            return title;
        }
        let schema = &form.schema;
        let scope = schema.scope(self.answers.row(row).scope);
        let first = scope.slots.iter().find(|node| {
            schema.question(**node) == Some(&Takes::Text)
                && !self.slot(schema, row, **node).is_blank()
        });
        first.map_or_else(String::new, |node| {
            self.slot(schema, row, *node).value().to_owned()
        })
    }

    /// Within an instance: what it is called, or else its number.
    pub(crate) fn subject(&self, form: &Form, row: RowId) -> Option<String> {
        if row == RowId::FORM {
            return None;
        }
        let title = self.card_title(form, row);
        if !title.is_empty() {
            return Some(title);
        }
        let repeat = form.schema.scope(self.answers.row(row).scope).node;
        let parent = self.answers.row(row).parent;
        let label = self
            .words(form, &form.face(repeat).label, parent, repeat)
            .unwrap_or_default();
        let position = self.answers.position(&form.schema, row);
        Some(format!("{label} {position}").trim_start().to_owned())
    }

    /// The label of a page's group; of a question that stands alone, nothing.
    pub(crate) fn title(&self, form: &Form, place: Place) -> String {
        let node = form.plan.pages[place.page].title;
        if form.schema.question(node).is_some() {
            return String::new();
        }
        self.words(form, &form.face(node).label, place.row, node)
            .unwrap_or_default()
    }

    pub(crate) fn contents_row(&self, form: &Form, place: Place, seen: bool) -> ContentsRow {
        let node = form.plan.pages[place.page].title;
        let mut line = ContentsRow {
            page: self.page_ref(form, place),
            title: self
                .words(form, &form.face(node).label, place.row, node)
                .unwrap_or_default(),
            subject: self.subject(form, place.row),
            depth: form.schema.scope(self.answers.row(place.row).scope).depth as usize,
            required: 0,
            answered: 0,
            hard: 0,
            soft: 0,
            unconfirmed: 0,
            comments: 0,
            seen,
            current: false,
        };
        for node in form.plan.questions(place.page) {
            let status = self.status(form, place.row, *node);
            let slot = self.slot(&form.schema, place.row, *node);
            let missing = status.hard && slot.is_blank() && slot.broken == 0;
            line.required += usize::from(status.required);
            line.answered += usize::from(status.answered);
            line.hard += usize::from(status.hard && !missing);
            line.soft += usize::from(status.soft);
            line.unconfirmed += usize::from(slot.prior && slot.relevant);
            let commented = self.comments.contains_key(&(place.row, *node));
            line.comments += usize::from(commented && slot.relevant);
        }
        line
    }
}

fn looks(face: &Face, word: &str) -> bool {
    face.appearance.iter().any(|known| known == word)
}

/// What an image is that is drawn with the finger.
fn drawn(face: &Face) -> Option<Media> {
    const WAYS: [(&str, Media); 3] = [
        ("signature", Media::Signature),
        ("draw", Media::Drawing),
        ("annotate", Media::Annotation),
    ];
    let way = WAYS.iter().find(|(word, _)| looks(face, word));
    way.map(|(_, media)| *media)
}

fn precision(face: &Face) -> Precision {
    if looks(face, "year") {
        Precision::Year
    } else if looks(face, "month-year") {
        Precision::Month
    } else {
        Precision::Day
    }
}

/// An answer in the shape that its question takes.
pub(crate) fn answer(takes: &Takes, typed: &str) -> Answer {
    if typed.is_empty() {
        return Answer::Empty;
    }
    match takes.answers_as() {
        Takes::One(_) => Answer::Choice(typed.to_owned()),
        Takes::Many(_) | Takes::Rank(_) => {
            Answer::Choices(typed.split_whitespace().map(str::to_owned).collect())
        }
        _ => Answer::Text(typed.to_owned()),
    }
}
