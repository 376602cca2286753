//! A parsed expression to code: names become nodes, arities and arguments are checked, and what
//! the expression reads is noted down as dependencies.
//!
//! The places a path can reach are followed over the form's tree beforehand (an abstract
//! evaluation), so that an unknown name is found when the form is compiled.

mod calls;
mod paths;

use super::ast::{Axis, Expr, Kind, Op, Span, Test};
use super::code::{Code, Dependency, Origin, Path, Source, Start, Step, Target};
use super::lexer::SyntaxError;
use crate::fault::nearest;
use crate::form::schema::{self, ListId, NodeId, Schema, ScopeId};

/// What the code and its dependencies are, and all that is wrong in the expression.
#[derive(Debug)]
pub(crate) struct Resolved {
    pub(crate) code: Code,
    pub(crate) dependencies: Vec<Dependency>,
    pub(crate) mentions: Vec<Mention>,
    pub(crate) errors: Vec<SyntaxError>,
}

/// Where an expression names a question or a list, for whoever must write it otherwise. Of a part that is
/// looked at twice, both looks are noted down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mention {
    pub(crate) span: Span,
    pub(crate) named: Named,
}

/// What is named, and from where it is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Named {
    /// `${name}` from the question that asks. In a predicate that isn't where the expression stands.
    FromOwner {
        node: NodeId,
        nested: bool,
    },
    /// `${name}` in a predicate, from the node that it is tried on.
    FromContext {
        node: NodeId,
        context: NodeId,
    },
    /// `${name}` of all instances, as `indexed-repeat()` takes it.
    Whole(NodeId),
    /// `'${name}'`, as `jr:choice-name()` takes it.
    Quoted(NodeId),
    /// `${last-saved#name}`
    LastSaved(NodeId),
    /// The form itself, at the beginning of an absolute path.
    Root,
    List(ListId),
}

/// What an expression that belongs to a node is tried on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stand {
    /// The node itself: of a repeat, all its instances together.
    Itself,
    /// Each instance of the repeat.
    Instance,
    /// Each choice of a list, as a `choice_filter` is.
    Choices(ListId),
}

/// Resolves an expression that belongs to a node.
pub(crate) fn resolve(schema: &Schema, owner: NodeId, stand: Stand, expr: &Expr) -> Resolved {
    let home = match stand {
        Stand::Instance => schema.row_scope(owner),
        _ => schema.node(owner).scope,
    };
    let mut resolver = Resolver {
        schema,
        owner,
        home,
        presence_only: false,
        dependencies: Vec::new(),
        mentions: Vec::new(),
        errors: Vec::new(),
    };
    let (place, nested) = match stand {
        Stand::Choices(list) => (Place::Item(list), true),
        _ => (Place::Node(owner), false),
    };
    let around = Around {
        places: vec![place],
        apex: home,
        nested,
    };
    let part = resolver.expr(expr, &around);
    Resolved {
        code: part.code,
        dependencies: resolver.dependencies,
        mentions: resolver.mentions,
        errors: resolver.errors,
    }
}

/// Resolves choices that are the answers to a question, of the instances that meet a condition: their nodes.
/// Inside the repeat of that question, or beside it, the instances under the same row are meant.
pub(crate) fn resolve_answers(
    schema: &Schema,
    owner: NodeId,
    question: NodeId,
    condition: &Expr,
) -> Resolved {
    let home = schema.node(owner).scope;
    let mut resolver = Resolver {
        schema,
        owner,
        home,
        presence_only: false,
        dependencies: Vec::new(),
        mentions: Vec::new(),
        errors: Vec::new(),
    };
    let around = schema.node(question).parent;
    let repeat = schema.scope(schema.node(question).scope);
    let apex = schema.common(home, repeat.parent.unwrap_or(ScopeId::FORM));
    let target = Target {
        node: around,
        apex,
        origin: Origin::Current,
    };
    let reach = Reach {
        places: vec![Place::Node(around)],
        apex,
    };
    let predicates = resolver.predicates(std::slice::from_ref(condition), &reach);
    resolver.reads_node(question, apex, true);
    let path = Path {
        start: Start::From(Code::Answer(target), predicates),
        steps: Box::new([Step {
            axis: Axis::Child,
            test: Test::Name(schema.node(question).name.to_string()),
            predicates: Box::default(),
        }]),
    };
    Resolved {
        code: Code::Path(Box::new(path)),
        dependencies: resolver.dependencies,
        mentions: resolver.mentions,
        errors: resolver.errors,
    }
}

/// Where a node can stand in the trees that expressions see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Node(NodeId),
    List(ListId),
    ListRoot(ListId),
    Item(ListId),
    Field(ListId, u32),
}

/// What an expression is tried on.
struct Around {
    places: Vec<Place>,
    /// The context node and the owner stand under the same row of this scope.
    apex: ScopeId,
    /// Inside a predicate: the context is another node than the owner.
    nested: bool,
}

/// A resolved part; with the places it can reach when it yields nodes.
struct Part {
    code: Code,
    nodes: Option<Reach>,
}

struct Reach {
    places: Vec<Place>,
    apex: ScopeId,
}

impl Part {
    fn plain(code: Code) -> Part {
        Part { code, nodes: None }
    }

    /// Stands where something is wrong; the expression is never evaluated.
    fn wrong() -> Part {
        Part::plain(Code::Number(f64::NAN))
    }

    /// Whether it stands for something wrong that was named already: no number is written so.
    fn is_wrong(&self) -> bool {
        matches!(self.code, Code::Number(number) if number.is_nan())
    }
}

struct Resolver<'a> {
    schema: &'a Schema,
    owner: NodeId,
    home: ScopeId,
    /// Inside what only counts nodes, so that the text of a group is not read.
    presence_only: bool,
    dependencies: Vec<Dependency>,
    mentions: Vec<Mention>,
    errors: Vec<SyntaxError>,
}

impl Resolver<'_> {
    fn error(&mut self, span: Span, message: impl Into<String>, cure: impl Into<String>) -> Part {
        self.errors.push(SyntaxError::new(span, message, cure));
        Part::wrong()
    }

    fn mentions(&mut self, span: Span, named: Named) {
        self.mentions.push(Mention { span, named });
    }

    fn reads(&mut self, source: Source, apex: ScopeId, across: bool) {
        let dependency = Dependency {
            source,
            apex,
            across,
        };
        if !self.dependencies.contains(&dependency) {
            self.dependencies.push(dependency);
        }
    }

    /// Notes down that nodes are read: their answers, and the instances passed on the way to them.
    fn reads_places(&mut self, reach: &Reach, across: bool) {
        for place in &reach.places {
            match *place {
                Place::Node(node) => self.reads_node(node, reach.apex, across),
                Place::Field(list, column) if self.schema.list(list).is_in_languages(column) => {
                    self.reads(Source::Language, ScopeId::FORM, false);
                }
                _ => {}
            }
        }
    }

    fn reads_node(&mut self, node: NodeId, apex: ScopeId, across: bool) {
        let schema = self.schema;
        let mut scope = schema.row_scope(node);
        while scope != apex {
            let Some(parent) = schema.scope(scope).parent else {
                break;
            };
            self.reads(Source::Instances(scope), apex, across);
            scope = parent;
        }
        match schema.node(node).kind {
            schema::Kind::Question(_) => self.reads(Source::Value(node), apex, across),
            schema::Kind::Group if self.presence_only => {
                self.reads(Source::Value(node), apex, across);
            }
            schema::Kind::Repeat(_) if self.presence_only => {}
            // The text of what holds questions is all the answers below.
            schema::Kind::Group | schema::Kind::Repeat(_) => {
                for below in schema.subtree(node) {
                    if schema.question(below).is_some() {
                        self.reads(Source::Value(below), apex, across);
                    }
                }
            }
        }
    }

    fn expr(&mut self, expr: &Expr, around: &Around) -> Part {
        match &expr.kind {
            Kind::Number(number) => Part::plain(Code::Number(*number)),
            Kind::Text(text) => Part::plain(Code::Text(text.as_str().into())),
            Kind::Variable(name) => self.error(
                expr.span,
                format!("`${name}` is no variable: a form has none."),
                format!("Write `${{{name}}}` to mean a question's answer."),
            ),
            Kind::Reference(name) => self.reference(name, expr.span, around),
            Kind::Negate(inner) => {
                Part::plain(Code::Negate(Box::new(self.expr(inner, around).code)))
            }
            Kind::Binary(op, left, right) => {
                let (a, b) = (self.expr(left, around), self.expr(right, around));
                let nodes = match (op, a.nodes, b.nodes) {
                    (Op::Union, Some(a), Some(b)) => Some(Reach {
                        places: merged(a.places, b.places),
                        apex: self.schema.shallower(a.apex, b.apex),
                    }),
                    (Op::Union, _, _) => {
                        return self.error(
                            expr.span,
                            "`|` joins questions and paths only.",
                            "Write `or` for one truth or the other, or `concat(…)` for texts.",
                        );
                    }
                    _ => None,
                };
                Part {
                    code: Code::Binary(*op, Box::new((a.code, b.code))),
                    nodes,
                }
            }
            Kind::Call(name, arguments) => self.call(name, arguments, expr.span, around),
            Kind::Path(path) => self.path(path, expr.span, around),
        }
    }

    fn reference(&mut self, name: &str, span: Span, around: &Around) -> Part {
        if let Some(name) = name.strip_prefix("last-saved#") {
            return match self.named(name, span) {
                Some(node) => {
                    self.mentions(span, Named::LastSaved(node));
                    Part::plain(Code::LastSaved(node))
                }
                None => Part::wrong(),
            };
        }
        let Some(node) = self.named(name, span) else {
            return Part::wrong();
        };
        let target = self.target(node, around);
        let nested = around.nested;
        let named = match (target.origin, self.walked(around)) {
            (Origin::Context, Some(context)) => Named::FromContext { node, context },
            _ => Named::FromOwner { node, nested },
        };
        self.mentions(span, named);
        let apex = match target.origin {
            Origin::Current => target.apex,
            Origin::Context => self.schema.shallower(target.apex, around.apex),
        };
        self.reads_node(
            node,
            apex,
            around.nested && target.origin == Origin::Context,
        );
        Part {
            code: Code::Answer(target),
            nodes: Some(Reach {
                places: vec![Place::Node(node)],
                apex,
            }),
        }
    }

    /// What `${name}` means from here. It is looked for from the question that asks; only a repeat
    /// that is being walked through in a predicate, and does not hold that question, stands for
    /// its instance at hand. `${repeat}` is always all its instances.
    fn target(&self, node: NodeId, around: &Around) -> Target {
        let schema = self.schema;
        let near = schema.node(node).scope;
        let from_owner = schema.common(self.home, near);
        if let Some(context) = self.walked(around) {
            let context = schema.row_scope(context);
            let from_context = schema.common(context, near);
            if schema.scope(from_context).depth > schema.scope(from_owner).depth {
                return Target {
                    node,
                    apex: from_context,
                    origin: Origin::Context,
                };
            }
        }
        Target {
            node,
            apex: from_owner,
            origin: Origin::Current,
        }
    }

    /// The node of the form that a predicate is tried on.
    fn walked(&self, around: &Around) -> Option<NodeId> {
        around.places.iter().find_map(|place| match place {
            Place::Node(node) if around.nested => Some(*node),
            _ => None,
        })
    }

    fn named(&mut self, name: &str, span: Span) -> Option<NodeId> {
        let schema = self.schema;
        match schema.by_name.get(name).map(Vec::as_slice) {
            Some([node]) => Some(*node),
            Some(nodes @ [_, _, ..]) => {
                // Of several the one in the owner's own group is meant, if there is one.
                let parent = schema.node(self.owner).parent;
                let beside = nodes
                    .iter()
                    .find(|node| schema.node(**node).parent == parent);
                if beside.is_none() {
                    let paths: Vec<&str> = nodes
                        .iter()
                        .map(|node| schema.node(*node).path.as_ref())
                        .collect();
                    self.error(
                        span,
                        format!("`${{{name}}}` could be any of {}.", paths.join(", ")),
                        "Give each question that is referred to a name of its own.",
                    );
                }
                beside.copied()
            }
            _ => {
                let known = schema.by_name.keys().map(AsRef::as_ref);
                let cure = match nearest(name, known) {
                    Some(meant) => format!("Did you mean `${{{meant}}}`?"),
                    None => "Use the name of a question in this form.".to_owned(),
                };
                self.error(span, format!("there is no question `{name}`."), cure);
                None
            }
        }
    }
}

fn merged(mut a: Vec<Place>, b: Vec<Place>) -> Vec<Place> {
    for place in b {
        if !a.contains(&place) {
            a.push(place);
        }
    }
    a
}
