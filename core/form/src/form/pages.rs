//! How questions are laid out on pages, as far as it is known before anybody answers.
//!
//! A group at the top (of the form, or of a repeat's instance) is a page, and so is a group with
//! the appearance `field-list` wherever it stands; a group that holds such groups or repeats is cut
//! at them. A question alone at the top of the form is a page; lone questions of a repeat's
//! instance gather on one. A repeat is a page that lists its instances, followed by the pages of
//! each.

use std::collections::HashMap;

use super::Face;
use super::schema::{Kind, NodeId, Schema, ScopeId};

#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub(crate) pages: Vec<Page>,
    /// By scope: its pages in order, as indices into `pages`.
    pub(crate) by_scope: Vec<Vec<usize>>,
    /// By node: the page that it stands on.
    pub(crate) page_of: Vec<Option<usize>>,
}

#[derive(Debug)]
pub(crate) struct Page {
    /// Names it apart from all others: the path of its first node or group, with `#2` and so on
    /// where a group was cut.
    pub(crate) key: Box<str>,
    pub(crate) scope: ScopeId,
    /// Its place among the pages of its scope.
    pub(crate) local: usize,
    /// The group or repeat that gives its title, or the question that stands alone on it.
    pub(crate) title: NodeId,
    pub(crate) content: Content,
}

#[derive(Debug)]
pub(crate) enum Content {
    /// Questions, and groups inside the page for their headings, in order.
    Questions(Vec<NodeId>),
    /// The instances of a repeat.
    Roster(ScopeId),
}

pub(crate) fn plan(schema: &Schema, faces: &[Face]) -> Plan {
    let mut planner = Planner {
        schema,
        faces,
        plan: Plan {
            pages: Vec::new(),
            by_scope: vec![Vec::new(); schema.scopes.len()],
            page_of: vec![None; schema.nodes.len()],
        },
        open: None,
        parts: HashMap::new(),
    };
    for index in 0..schema.scopes.len() {
        planner.scope(ScopeId(index as u32));
    }
    planner.plan
}

struct Planner<'a> {
    schema: &'a Schema,
    faces: &'a [Face],
    plan: Plan,
    /// The page that the next question goes on, and the group it was opened for.
    open: Option<(usize, NodeId)>,
    /// How many pages each group, repeat or question has so far.
    parts: HashMap<NodeId, usize>,
}

impl Planner<'_> {
    fn scope(&mut self, scope: ScopeId) {
        let top = self.schema.scope(scope).node;
        self.open = None;
        for child in &self.schema.node(top).children {
            match &self.schema.node(*child).kind {
                Kind::Group => {
                    self.open = None;
                    self.group(*child, scope);
                    self.open = None;
                }
                Kind::Repeat(instances) => self.roster(*child, *instances, scope),
                Kind::Question(question) if question.is_visible() => {
                    if scope == ScopeId::FORM {
                        self.open = None;
                        let page = self.page(*child, scope);
                        self.put(*child, page);
                    } else {
                        let page = self.page_for(top, scope);
                        self.put(*child, page);
                    }
                }
                Kind::Question(_) => {}
            }
        }
    }

    fn group(&mut self, group: NodeId, scope: ScopeId) {
        for child in &self.schema.node(group).children {
            match &self.schema.node(*child).kind {
                Kind::Group if self.is_page(*child) || self.is_cut(*child) => {
                    self.open = None;
                    self.group(*child, scope);
                    self.open = None;
                }
                Kind::Group => self.inner(*child, group, scope),
                Kind::Repeat(instances) => self.roster(*child, *instances, scope),
                Kind::Question(question) if question.is_visible() => {
                    let page = self.page_for(group, scope);
                    self.put(*child, page);
                }
                Kind::Question(_) => {}
            }
        }
    }

    /// A group inside a page: a heading and its questions.
    fn inner(&mut self, group: NodeId, page_group: NodeId, scope: ScopeId) {
        let visible = |node: &NodeId| {
            self.schema
                .question(*node)
                .is_some_and(|question| question.is_visible())
        };
        let shown: Vec<NodeId> = self
            .schema
            .subtree(group)
            .filter(|node| {
                let heading = self.schema.question(*node).is_none()
                    && !self.faces[node.index()].label.is_empty();
                heading || visible(node)
            })
            .collect();
        if !shown.iter().any(visible) {
            return;
        }
        let page = self.page_for(page_group, scope);
        for node in shown {
            self.put(node, page);
        }
    }

    fn is_page(&self, group: NodeId) -> bool {
        self.faces[group.index()]
            .appearance
            .iter()
            .any(|word| word == "field-list")
    }

    /// Whether a group holds pages or repeats of its own.
    fn is_cut(&self, group: NodeId) -> bool {
        self.schema
            .subtree(group)
            .skip(1)
            .any(|node| match self.schema.node(node).kind {
                Kind::Group => self.is_page(node),
                Kind::Repeat(_) => true,
                Kind::Question(_) => false,
            })
    }

    fn roster(&mut self, repeat: NodeId, instances: ScopeId, scope: ScopeId) {
        self.open = None;
        let page = self.add(repeat, scope, Content::Roster(instances));
        self.plan.page_of[repeat.index()] = Some(page);
    }

    /// The open page, if it was opened for the same group; else a new one.
    fn page_for(&mut self, group: NodeId, scope: ScopeId) -> usize {
        match self.open {
            Some((page, of)) if of == group => page,
            _ => {
                let page = self.page(group, scope);
                self.open = Some((page, group));
                page
            }
        }
    }

    fn page(&mut self, of: NodeId, scope: ScopeId) -> usize {
        self.add(of, scope, Content::Questions(Vec::new()))
    }

    fn add(&mut self, title: NodeId, scope: ScopeId, content: Content) -> usize {
        let index = self.plan.pages.len();
        let path = &self.schema.node(title).path;
        let parts = self.parts.entry(title).or_default();
        *parts += 1;
        let name = if *parts == 1 {
            path.to_string()
        } else {
            format!("{path}#{parts}")
        };
        let local = self.plan.by_scope[scope.index()].len();
        self.plan.pages.push(Page {
            key: name.into(),
            scope,
            local,
            title,
            content,
        });
        self.plan.by_scope[scope.index()].push(index);
        index
    }

    fn put(&mut self, node: NodeId, page: usize) {
        if let Content::Questions(items) = &mut self.plan.pages[page].content {
            items.push(node);
        }
        self.plan.page_of[node.index()] = Some(page);
    }
}

#[cfg(test)]
mod tests {
    use crate::{Form, Workbook};

    fn keys(rows: &str) -> Vec<String> {
        let survey = format!("type,name,label,appearance\n{rows}");
        let form = Form::compile(&Workbook::from_csv(&[("survey", &survey)]).unwrap()).unwrap();
        form.plan
            .pages
            .iter()
            .map(|page| page.key.to_string())
            .collect()
    }

    #[test]
    fn a_group_at_the_top_is_a_page_and_so_is_a_question_alone() {
        let rows = "text,a,A,\nbegin group,g,G,\ntext,b,B,\nbegin group,h,H,\ntext,c,C,\n\
                    end group,,,\nend group,,,\ntext,d,D,\n";
        assert_eq!(keys(rows), ["a", "g", "d"]);
    }

    #[test]
    fn a_group_is_cut_where_a_field_list_or_a_repeat_stands_in_it() {
        let rows = "begin group,g,G,\ntext,b,B,\nbegin group,h,H,field-list\ntext,c,C,\n\
                    end group,,,\ntext,d,D,\nbegin repeat,r,R,\ntext,e,E,\ntext,f,F,\n\
                    begin group,k,K,\ntext,l,L,\nend group,,,\nend repeat,,,\nend group,,,\n";
        assert_eq!(keys(rows), ["g", "g/h", "g#2", "g/r", "g/r#2", "g/r/k"]);
    }
}
