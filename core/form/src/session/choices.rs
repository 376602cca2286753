//! What a question offers to choose from, all of it or a page.

use std::borrow::Cow;

use super::live::Live;
use super::screen::{Choice, Choices, MediaFile};
use crate::expr::eval::At;
use crate::expr::shuffle::Seed;
use crate::form::list::{Labels, List};
use crate::form::schema::{ListId, NodeId, Question, RowId};
use crate::form::{Form, Shuffle};

/// Which of the choices are asked for.
#[derive(Clone, Copy)]
pub(crate) struct Wanted<'a> {
    /// Words that all stand in the label, or the code; empty for all choices.
    pub(crate) search: &'a str,
    /// How many are passed over.
    pub(crate) from: usize,
    /// How many come at most.
    pub(crate) most: usize,
}

/// The choices of one question, in the order in which it shows them.
struct Offer<'a> {
    live: &'a Live,
    form: &'a Form,
    row: RowId,
    node: NodeId,
    chosen: Vec<&'a str>,
    from: From<'a>,
}

/// Where choices come from.
enum From<'a> {
    /// Places of a list.
    List(&'a List, Vec<u32>),
    /// Answers to another question.
    Answers(Vec<Cow<'a, str>>),
}

impl Live {
    pub(crate) fn choices(
        &self,
        form: &Form,
        row: RowId,
        node: NodeId,
        list: ListId,
        wanted: Wanted<'_>,
    ) -> Choices {
        let offer = self.offer(form, row, node, list);
        let mut shown: Vec<usize> = (0..offer.len()).collect();
        if !wanted.search.trim().is_empty() {
            let words: Vec<String> = wanted
                .search
                .split_whitespace()
                .map(str::to_lowercase)
                .collect();
            shown.retain(|at| offer.has(*at, &words));
        }
        let of = shown.len();
        let end = wanted.from.saturating_add(wanted.most).min(of);
        let mut page: Vec<usize> = shown.get(wanted.from..end).unwrap_or_default().to_vec();
        // What is chosen is shown on the first page, however far down it stands.
        if wanted.from == 0 {
            page.extend(
                shown[end..]
                    .iter()
                    .copied()
                    .filter(|at| offer.is_chosen(*at)),
            );
        }
        Choices {
            choices: page.into_iter().map(|at| offer.choice(at)).collect(),
            of,
        }
    }

    fn offer<'a>(&'a self, form: &'a Form, row: RowId, node: NodeId, list: ListId) -> Offer<'a> {
        let value = self.slot(&form.schema, row, node).value();
        let chosen: Vec<&str> = match form.schema.question(node) {
            Some(Question::One(_)) => vec![value],
            _ => value.split(' ').collect(),
        };
        let from = match &form.face(node).answers {
            Some(answers) => {
                let mut given = self.given(form, row, node, answers);
                for code in chosen.iter().filter(|code| !code.is_empty()) {
                    if given.iter().all(|text| text != code) {
                        given.push(Cow::Borrowed(code));
                    }
                }
                From::Answers(self.in_order(form, row, node, given))
            }
            None => {
                let mut shown = self.offered(form, row, node, list);
                let list = form.schema.list(list);
                // A chosen one that is not offered any more is shown as well, in its place.
                for code in &chosen {
                    if let Some(place) = list.find(code)
                        && let Err(at) = shown.binary_search(&place)
                        && !list
                            .places(code)
                            .iter()
                            .any(|twin| shown.binary_search(twin).is_ok())
                    {
                        shown.insert(at, place);
                    }
                }
                From::List(list, self.in_order(form, row, node, shown))
            }
        };
        Offer {
            live: self,
            form,
            row,
            node,
            chosen,
            from,
        }
    }

    /// Choices in the order in which this question shows them.
    fn in_order<T: Clone>(&self, form: &Form, row: RowId, node: NodeId, choices: Vec<T>) -> Vec<T> {
        let (world, at) = (self.world(form), At::question(row, node));
        let seed = match &form.face(node).shuffle {
            None => return choices,
            Some(Shuffle::Any) => world.any_seed(at),
            Some(Shuffle::By(code)) => Seed::of(world.number(code, at), &world.text(code, at)),
        };
        seed.shuffle(&choices)
    }

    /// The label of a list's choice, seen from a question; the code of one without.
    pub(crate) fn choice_label<'a>(
        &self,
        form: &Form,
        list: &'a List,
        place: u32,
        row: RowId,
        node: NodeId,
    ) -> Cow<'a, str> {
        let label = match &list.labels {
            Labels::InLanguages(_, texts) => texts
                .get(place as usize)
                .and_then(|text| self.words(form, text, row, node))
                .map(Cow::Owned),
            Labels::AsTheyAre(column) => Some(Cow::Borrowed(list.rows.cell(place, *column))),
        };
        label
            .filter(|label| !label.is_empty())
            .unwrap_or_else(|| Cow::Borrowed(list.code(place)))
    }
}

impl Offer<'_> {
    fn len(&self) -> usize {
        match &self.from {
            From::List(_, places) => places.len(),
            From::Answers(given) => given.len(),
        }
    }

    fn code(&self, at: usize) -> &str {
        match &self.from {
            From::List(list, places) => list.code(places[at]),
            From::Answers(given) => &given[at],
        }
    }

    fn label(&self, at: usize) -> Cow<'_, str> {
        match &self.from {
            From::List(list, places) => self
                .live
                .choice_label(self.form, list, places[at], self.row, self.node),
            From::Answers(given) => Cow::Borrowed(&given[at]),
        }
    }

    fn media(&self, at: usize) -> Vec<MediaFile> {
        match &self.from {
            From::List(list, places) => {
                let media = list.media.get(places[at] as usize);
                let media = media.map(AsRef::as_ref).unwrap_or_default();
                self.live.media(self.form, media, self.row, self.node)
            }
            From::Answers(_) => Vec::new(),
        }
    }

    fn is_chosen(&self, at: usize) -> bool {
        self.chosen.contains(&self.code(at))
    }

    fn has(&self, at: usize, words: &[String]) -> bool {
        let (label, code) = (self.label(at).to_lowercase(), self.code(at).to_lowercase());
        words
            .iter()
            .all(|word| label.contains(word) || code == *word)
    }

    fn choice(&self, at: usize) -> Choice {
        Choice {
            code: self.code(at).to_owned(),
            label: self.label(at).into_owned(),
            media: self.media(at),
            chosen: self.is_chosen(at),
        }
    }
}
