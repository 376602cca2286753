//! What an answer changes on the screen, and where she is when her page vanishes.

use serde::Serialize;

use super::Session;
use super::pages::Place;
use super::screen::{Item, Progress};
use crate::form::schema::{NodeId, RowId};

/// What an answer changed: enough to bring the screen up to date without drawing it anew.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Change {
    /// Items of the present page that look different now. Empty with `layout`.
    pub items: Vec<Item>,
    /// Other items stand on the page now (or it is another page): draw [`Session::screen`] anew.
    pub layout: bool,
    /// Pages came or went.
    pub pages: bool,
    /// How far the form is now.
    pub progress: Progress,
}

impl Session {
    /// Settles on a page: the wanted one if anything is on it, else the nearest before it.
    pub(super) fn arrive(&mut self, wanted: Option<Place>) {
        let pages = self.live.pages(&self.form);
        self.at = match wanted {
            Some(place) if pages.contains(&place) => Some(place),
            Some(place) => self.nearest(&pages, place),
            None => pages.first().copied(),
        };
        self.shown = self
            .at
            .map(|at| self.live.shown(&self.form, at))
            .unwrap_or_default();
        self.log_page();
    }

    /// The shown page before one that vanished: of the same row, else of the rows around it.
    fn nearest(&self, pages: &[Place], vanished: Place) -> Option<Place> {
        let mut place = vanished;
        loop {
            let row = self.live.answers.row(place.row);
            let order = &self.form.plan.by_scope[row.scope.index()];
            let until = order
                .iter()
                .position(|page| *page == place.page)
                .map_or(0, |at| at + 1);
            let before = order[..until].iter().rev().map(|page| Place {
                row: place.row,
                page: *page,
            });
            if let Some(found) = before.into_iter().find(|place| pages.contains(place)) {
                return Some(found);
            }
            if place.row == RowId::FORM {
                return pages.first().copied();
            }
            let repeat = self.form.schema.scope(row.scope).node;
            let roster = self.form.plan.page_of[repeat.index()]?;
            place = Place {
                row: row.parent,
                page: roster,
            };
        }
    }

    pub(super) fn clear_changes(&mut self) {
        self.live.touched.clear();
        self.live.pages_changed = false;
    }

    /// What looks different since the last change.
    pub(super) fn change(&mut self) -> Change {
        let mut touched = std::mem::take(&mut self.live.touched);
        let pages = std::mem::take(&mut self.live.pages_changed);
        let mut change = Change {
            items: Vec::new(),
            layout: false,
            pages,
            progress: self.progress(),
        };
        let before = self.at;
        if pages || before.is_none() {
            self.leave_vanished();
        }
        let Some(at) = self.at.filter(|at| before == Some(*at)) else {
            change.layout = self.at != before;
            return change;
        };
        if let Some(scope) = self.form.plan.roster(at.page) {
            let repeat = self.form.schema.scope(scope).node;
            let inside = |(row, node): &(RowId, NodeId)| {
                *node == repeat || self.live.answers.climb(*row, scope).is_some()
            };
            if touched.iter().any(inside) {
                change.items = self.live.items(&self.form, at, true);
            }
            return change;
        }
        touched.retain(|(row, node)| {
            *row == at.row && self.form.plan.page_of[node.index()] == Some(at.page)
        });
        if touched.is_empty() {
            return change;
        }
        let shown = self.live.shown(&self.form, at);
        if shown != self.shown {
            self.shown = shown;
            change.layout = true;
            return change;
        }
        touched.sort_unstable();
        touched.dedup();
        let seen = self.seen.contains(&at);
        change.items = touched
            .into_iter()
            .filter(|(_, node)| self.shown.contains(node))
            .map(|(row, node)| self.live.item(&self.form, row, node, seen))
            .collect();
        change
    }

    pub(super) fn leave_vanished(&mut self) {
        let gone = self.at.is_none_or(|at| {
            !self.live.is_shown(&self.form, at)
                || !self.live.answers.row_is_relevant(&self.form.schema, at.row)
        });
        if gone {
            self.arrive(self.at);
        }
    }
}
