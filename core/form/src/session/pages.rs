//! The pages of a form as it is now filled: those with anything on them, in order.

use serde::{Deserialize, Serialize};

use super::live::Live;
use crate::form::Form;
use crate::form::pages::{Content, Plan};
use crate::form::schema::{NodeId, RowId, ScopeId};

/// Names a page: the path of the group, repeat or question it shows, with instance ids, and `#2`
/// and so on for the further parts of a group that is cut by other pages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PageRef(pub String);

/// A page of one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) row: RowId,
    /// Among the plan's pages.
    pub(crate) page: usize,
}

impl Plan {
    /// What stands on a page; nothing for a page that lists instances.
    pub(crate) fn questions(&self, page: usize) -> &[NodeId] {
        match &self.pages[page].content {
            Content::Questions(nodes) => nodes,
            Content::Roster(_) => &[],
        }
    }

    /// The repeat whose instances a page lists.
    pub(crate) fn roster(&self, page: usize) -> Option<ScopeId> {
        match self.pages[page].content {
            Content::Roster(scope) => Some(scope),
            Content::Questions(_) => None,
        }
    }
}

impl Live {
    /// All pages with something on them, in order.
    pub(crate) fn pages(&self, form: &Form) -> Vec<Place> {
        let mut places = Vec::new();
        self.pages_of(form, RowId::FORM, &mut places);
        places
    }

    /// The pages of a row and of the instances in it.
    pub(crate) fn pages_of(&self, form: &Form, row: RowId, places: &mut Vec<Place>) {
        for page in &form.plan.by_scope[self.answers.row(row).scope.index()] {
            let place = Place { row, page: *page };
            if !self.is_shown(form, place) {
                continue;
            }
            places.push(place);
            if let Some(scope) = form.plan.roster(*page) {
                for instance in self.answers.present(&form.schema, row, scope) {
                    self.pages_of(form, instance, places);
                }
            }
        }
    }

    /// Whether anything stands on a page.
    pub(crate) fn is_shown(&self, form: &Form, place: Place) -> bool {
        let page = &form.plan.pages[place.page];
        match page.content {
            Content::Questions(_) => self.answers.row(place.row).on_pages[page.local] > 0,
            Content::Roster(scope) => {
                let repeat = form.schema.scope(scope).node;
                self.slot(&form.schema, place.row, repeat).relevant
            }
        }
    }

    pub(crate) fn page_ref(&self, form: &Form, place: Place) -> PageRef {
        let page = &form.plan.pages[place.page];
        let mut name = self.path(form, place.row, page.title);
        if let Some((_, part)) = page.key.split_once('#') {
            name.push('#');
            name.push_str(part);
        }
        PageRef(name)
    }

    /// The page on which an answer stands.
    pub(crate) fn page_of(&self, form: &Form, row: RowId, node: NodeId) -> Option<PageRef> {
        let page = form.plan.page_of[node.index()]?;
        Some(self.page_ref(form, Place { row, page }))
    }

    /// The page of that name, shown or not; also of a removed instance, which may come back.
    pub(crate) fn find_page(&self, form: &Form, name: &PageRef) -> Option<Place> {
        let (path, part) = match name.0.split_once('#') {
            Some((path, part)) => (path, Some(part)),
            None => (name.0.as_str(), None),
        };
        let (row, node) = self.find_removed(form, path)?;
        let plain = &form.schema.node(node).path;
        let key = part.map_or_else(|| plain.to_string(), |part| format!("{plain}#{part}"));
        let page = form.plan.pages.iter().position(|page| *page.key == *key)?;
        (form.plan.pages[page].scope == self.answers.row(row).scope).then_some(Place { row, page })
    }
}
