//! The questionnaire's tree as it is known before anybody answers.
//!
//! Nodes stand in the order of the survey sheet, so a subtree is a range of ids. Each node has a
//! slot in a *scope*: the form itself, or one repeat. A session holds one row of slots for the form
//! and one for each instance of a repeat.

use std::collections::HashMap;

use serde::Serialize;

use super::list::List;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(crate) struct $name(pub(crate) u32);

        impl $name {
            pub(crate) fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}

id!(
    /// A question, group or repeat of the form.
    NodeId
);
id!(
    /// The form itself (0) or what one instance of a repeat holds.
    ScopeId
);
id!(
    /// A list of choices.
    ListId
);
id!(
    /// In a session: the answers of the form (0) or of one instance of a repeat.
    RowId
);

impl NodeId {
    pub(crate) const ROOT: NodeId = NodeId(0);
}

impl ScopeId {
    pub(crate) const FORM: ScopeId = ScopeId(0);
}

impl RowId {
    pub(crate) const FORM: RowId = RowId(0);
}

#[derive(Debug, Default)]
pub(crate) struct Schema {
    pub(crate) nodes: Vec<Node>,
    pub(crate) scopes: Vec<Scope>,
    pub(crate) lists: Vec<List>,
    pub(crate) by_name: HashMap<Box<str>, Vec<NodeId>>,
    /// Names by which an absolute path may call the root: `data` and the form's id.
    pub(crate) root_names: Vec<String>,
}

#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) name: Box<str>,
    /// Names from the root down, joined by `/`: `keluarga/anggota/nik`.
    pub(crate) path: Box<str>,
    pub(crate) parent: NodeId,
    pub(crate) children: Vec<NodeId>,
    /// One past the last node below this one.
    pub(crate) end: NodeId,
    /// Where the slot of this node is: of a repeat, where its instances hang.
    pub(crate) scope: ScopeId,
    pub(crate) slot: u32,
    pub(crate) kind: Kind,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind {
    Group,
    /// Its instances are rows of this scope.
    Repeat(ScopeId),
    Question(Question),
}

/// What a question takes for an answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Question {
    Text,
    Integer,
    Decimal,
    Range {
        start: f64,
        end: f64,
        step: f64,
        whole: bool,
    },
    Date,
    Time,
    DateTime,
    Barcode,
    Geo(Geo),
    File(Media),
    One(ListId),
    Many(ListId),
    Rank(ListId),
    Note,
    Acknowledge,
    Calculate,
    /// What is calculated as the answer to a question of this type, which nobody is asked: it has neither label nor
    /// hint.
    Calculated(Box<Question>),
    Hidden,
    Meta(Meta),
}

/// What of the earth a question asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Geo {
    /// A place.
    Point,
    /// A line through at least two places.
    Trace,
    /// A line through at least three places that ends where it began.
    Shape,
}

/// What a file is that a question asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Media {
    /// A photo.
    Image,
    /// A signature: an image with the appearance `signature`.
    Signature,
    /// A drawing: an image with the appearance `draw`.
    Drawing,
    /// A photo that was drawn on: an image with the appearance `annotate`.
    Annotation,
    /// A recording of sound.
    Audio,
    /// A film.
    Video,
    /// Any other file.
    Other,
}

/// How a file goes with a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Medium {
    /// A picture, shown beside the text.
    Image,
    /// The same picture for who taps on it, larger.
    BigImage,
    /// A recording, played when asked for.
    Audio,
    /// A film, played when asked for.
    Video,
}

impl Medium {
    pub(crate) const ALL: [Medium; 4] = [
        Medium::Image,
        Medium::BigImage,
        Medium::Audio,
        Medium::Video,
    ];

    /// The column that names it, as authors write it.
    pub(crate) fn column(self) -> &'static str {
        match self {
            Medium::Image => "media::image",
            Medium::BigImage => "media::big-image",
            Medium::Audio => "media::audio",
            Medium::Video => "media::video",
        }
    }
}

/// What the form notes down by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meta {
    Start,
    End,
    Today,
    DeviceId,
    Username,
    /// What no Android tells an app any more, or what nobody here is asked to tell: it stays empty.
    /// With its type's word.
    Untold(&'static str),
}

impl Question {
    /// Whether the question stands on a screen.
    pub(crate) fn is_visible(&self) -> bool {
        !matches!(
            self,
            Question::Calculate | Question::Calculated(_) | Question::Hidden | Question::Meta(_)
        )
    }

    /// The type that its answer has: of what is only calculated, that of the question that nobody is asked.
    pub(crate) fn answers_as(&self) -> &Question {
        match self {
            Question::Calculated(of) => of,
            other => other,
        }
    }

    /// The list of choices, for the kinds that have one.
    pub(crate) fn list(&self) -> Option<ListId> {
        match self.answers_as() {
            Question::One(list) | Question::Many(list) | Question::Rank(list) => Some(*list),
            _ => None,
        }
    }
}

#[derive(Debug)]
pub(crate) struct Scope {
    /// The repeat, or the root.
    pub(crate) node: NodeId,
    pub(crate) parent: Option<ScopeId>,
    pub(crate) depth: u32,
    /// Nodes by slot.
    pub(crate) slots: Vec<NodeId>,
    /// The repeats whose instances hang directly in a row of this scope.
    pub(crate) repeats: Vec<ScopeId>,
    /// This scope's place among its parent's `repeats`.
    pub(crate) index: usize,
}

impl Schema {
    pub(crate) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.index()]
    }

    pub(crate) fn scope(&self, id: ScopeId) -> &Scope {
        &self.scopes[id.index()]
    }

    pub(crate) fn list(&self, id: ListId) -> &List {
        &self.lists[id.index()]
    }

    pub(crate) fn question(&self, id: NodeId) -> Option<&Question> {
        match &self.node(id).kind {
            Kind::Question(question) => Some(question),
            _ => None,
        }
    }

    /// The path of a node from one above it down: without that one's own name.
    pub(crate) fn path_below(&self, top: NodeId, node: NodeId) -> &str {
        let (above, path) = (&self.node(top).path, &self.node(node).path);
        let below = path.strip_prefix(&**above).unwrap_or(path);
        below.strip_prefix('/').unwrap_or(below)
    }

    pub(crate) fn ids(&self) -> impl Iterator<Item = NodeId> + use<> {
        (0..self.nodes.len() as u32).map(NodeId)
    }

    /// The node and all below it, in the survey's order.
    pub(crate) fn subtree(&self, id: NodeId) -> impl Iterator<Item = NodeId> + use<> {
        (id.0..self.node(id).end.0).map(NodeId)
    }

    pub(crate) fn child(&self, parent: NodeId, name: &str) -> Option<NodeId> {
        let named = self.by_name.get(name)?;
        named
            .iter()
            .copied()
            .find(|id| *id != NodeId::ROOT && self.node(*id).parent == parent)
    }

    /// The scope whose rows an instance of the node stands in: of a repeat, its own.
    pub(crate) fn row_scope(&self, id: NodeId) -> ScopeId {
        match self.node(id).kind {
            Kind::Repeat(scope) => scope,
            _ => self.node(id).scope,
        }
    }

    /// The deepest scope that holds both.
    pub(crate) fn common(&self, mut a: ScopeId, mut b: ScopeId) -> ScopeId {
        while a != b {
            let (scope_a, scope_b) = (self.scope(a), self.scope(b));
            if scope_a.depth >= scope_b.depth {
                a = scope_a.parent.unwrap_or(ScopeId::FORM);
            } else {
                b = scope_b.parent.unwrap_or(ScopeId::FORM);
            }
        }
        a
    }

    /// The one of two scopes that is nearer to the form itself.
    pub(crate) fn shallower(&self, a: ScopeId, b: ScopeId) -> ScopeId {
        if self.scope(a).depth <= self.scope(b).depth {
            a
        } else {
            b
        }
    }

    /// On the way from a scope down to one inside it: the next scope. None when they are the same
    /// or `inner` is not inside.
    pub(crate) fn next_down(&self, outer: ScopeId, mut inner: ScopeId) -> Option<ScopeId> {
        if inner == outer {
            return None;
        }
        loop {
            let parent = self.scope(inner).parent?;
            if parent == outer {
                return Some(inner);
            }
            inner = parent;
        }
    }

    /// The question of this path, or of this name where the name is unique. Instance ids in
    /// brackets are passed over.
    pub(crate) fn find(&self, path: &str) -> Option<NodeId> {
        let mut at = NodeId::ROOT;
        for part in path.split('/') {
            let name = part.split('[').next().unwrap_or(part);
            match self.child(at, name) {
                Some(child) => at = child,
                None => return self.unique(path),
            }
        }
        Some(at)
    }

    pub(crate) fn unique(&self, name: &str) -> Option<NodeId> {
        match self.by_name.get(name).map(Vec::as_slice) {
            Some([id]) => Some(*id),
            _ => None,
        }
    }
}
