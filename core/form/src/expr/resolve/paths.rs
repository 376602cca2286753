//! Location paths: followed over the form's tree beforehand.

use super::{Around, Named, Part, Place, Reach, Resolver};
use crate::expr::ast::{self, Axis, Expr, Span, Start, Step, Test};
use crate::expr::code::{self, Code, Origin, Target};
use crate::fault::did_you_mean;
use crate::form::schema::{NodeId, ScopeId};

impl Resolver<'_> {
    pub(super) fn path(&mut self, path: &ast::Path, span: Span, around: &Around) -> Part {
        let schema = self.schema;
        let mut steps = path.steps.as_slice();
        let (start, mut reach) = match &path.start {
            Start::Root => {
                // The first name of an absolute path is the root's own.
                if let [
                    Step {
                        axis: Axis::Child,
                        test,
                        span: first,
                        ..
                    },
                    rest @ ..,
                ] = steps
                {
                    if let Test::Name(name) = test
                        && !schema.root_names.contains(name)
                    {
                        return self.error(
                            span,
                            format!("`/{name}` is no path in this form."),
                            format!(
                                "Begin with `/{}/…`, or write `${{name}}`.",
                                schema.root_names[0]
                            ),
                        );
                    }
                    if matches!(test, Test::Name(_)) {
                        self.mentions(*first, Named::Root);
                    }
                    steps = rest;
                }
                let places = vec![Place::Node(NodeId::ROOT)];
                (
                    code::Start::Root,
                    Reach {
                        places,
                        apex: ScopeId::FORM,
                    },
                )
            }
            Start::Here => {
                if let [only] = steps
                    && only.axis == Axis::ItSelf
                    && only.test == Test::Node
                    && only.predicates.is_empty()
                {
                    let reach = Reach {
                        places: around.places.clone(),
                        apex: around.apex,
                    };
                    self.reads_places(&reach, around.nested);
                    return Part {
                        code: Code::Here,
                        nodes: Some(reach),
                    };
                }
                let reach = Reach {
                    places: around.places.clone(),
                    apex: around.apex,
                };
                (code::Start::Here, reach)
            }
            Start::From(primary, predicates) => {
                let outer = self.presence_only;
                self.presence_only |= !steps.is_empty();
                let part = self.expr(primary, around);
                self.presence_only = outer;
                let Some(reach) = part.nodes else {
                    if !part.is_wrong() {
                        self.error(
                            primary.span,
                            "`[…]` and `/` can follow questions and paths only.",
                            "Put `${name}` or a path before them.",
                        );
                    }
                    return Part::wrong();
                };
                let predicates = self.predicates(predicates, &reach);
                (code::Start::From(part.code, predicates), reach)
            }
        };
        if let Some(part) = self.straight(&start, &reach, steps, around) {
            return part;
        }
        let mut across = around.nested
            || matches!(&path.start, Start::From(_, predicates) if !predicates.is_empty());
        let mut compiled = Vec::with_capacity(steps.len());
        for step in steps {
            let places = self.step(&reach.places, step);
            let named = matches!(step.axis, Axis::Child | Axis::Parent);
            if places.is_empty() && named && !is_null(path) {
                self.lost(&reach.places, step);
                return Part::wrong();
            }
            for place in places.iter().chain(&self.passed(&reach.places, step.axis)) {
                if let Place::Node(node) = place {
                    reach.apex = schema.shallower(reach.apex, schema.row_scope(*node));
                }
            }
            reach.places = places;
            across |= !step.predicates.is_empty()
                || !matches!(step.axis, Axis::Child | Axis::Parent | Axis::ItSelf);
            let predicates = self.predicates(&step.predicates, &reach);
            compiled.push(code::Step {
                axis: step.axis,
                test: step.test.clone(),
                predicates,
            });
        }
        self.reads_places(&reach, across);
        let path = code::Path {
            start,
            steps: compiled.into(),
        };
        Part {
            code: Code::Path(Box::new(path)),
            nodes: Some(reach),
        }
    }

    pub(super) fn predicates(&mut self, predicates: &[Expr], reach: &Reach) -> Box<[Code]> {
        let around = Around {
            places: reach.places.clone(),
            apex: reach.apex,
            nested: true,
        };
        let outer = std::mem::take(&mut self.presence_only);
        let codes = predicates
            .iter()
            .map(|predicate| self.expr(predicate, &around).code)
            .collect();
        self.presence_only = outer;
        codes
    }

    /// A path of plain steps up and then down from one known node is no search at all.
    fn straight(
        &mut self,
        start: &code::Start,
        reach: &Reach,
        steps: &[Step],
        around: &Around,
    ) -> Option<Part> {
        let schema = self.schema;
        let origin = match start {
            code::Start::Root => Origin::Current,
            code::Start::Here if around.nested => Origin::Context,
            code::Start::Here | code::Start::From(Code::Current, _) => Origin::Current,
            code::Start::From(..) => return None,
        };
        let &[Place::Node(mut at)] = reach.places.as_slice() else {
            return None;
        };
        if steps.iter().any(|step| !step.predicates.is_empty()) {
            return None;
        }
        let mut top = at;
        let mut descending = false;
        for step in steps {
            match (step.axis, &step.test) {
                (Axis::ItSelf, Test::Node) => {}
                (Axis::Parent, Test::Node) if !descending && at != NodeId::ROOT => {
                    at = schema.node(at).parent;
                    top = at;
                }
                (Axis::Child, Test::Name(name)) => {
                    at = schema.child(at, name)?;
                    descending = true;
                }
                _ => return None,
            }
        }
        let target = match start {
            // By an old habit that ODK's specification keeps, an absolute path inside a repeat
            // means the own instance, as `${name}` does.
            code::Start::Root => self.target(at, around),
            // A repeat's own expressions are evaluated once for all its instances.
            _ if origin == Origin::Current && top == self.owner => Target {
                node: at,
                apex: self.home,
                origin,
            },
            _ => Target {
                node: at,
                apex: schema.row_scope(top),
                origin,
            },
        };
        let Target { apex, origin, .. } = target;
        let read_apex = match origin {
            Origin::Current => apex,
            Origin::Context => schema.shallower(apex, around.apex),
        };
        self.reads_node(at, read_apex, around.nested && origin == Origin::Context);
        let nodes = Some(Reach {
            places: vec![Place::Node(at)],
            apex: read_apex,
        });
        Some(Part {
            code: Code::Answer(target),
            nodes,
        })
    }

    /// Where a step leads from any of these places.
    fn step(&self, from: &[Place], step: &Step) -> Vec<Place> {
        let mut found = Vec::new();
        for place in from {
            // The text below a question is the question, as far as anything can tell.
            let axis = match (step.axis, &step.test) {
                (Axis::Child, Test::Text) if self.children(*place).is_empty() => Axis::ItSelf,
                (axis, _) => axis,
            };
            for reached in self.along(*place, axis) {
                if self.passes(reached, &step.test) && !found.contains(&reached) {
                    found.push(reached);
                }
            }
        }
        found
    }

    /// Places above others that are climbed to on an axis, without being on it.
    fn passed(&self, from: &[Place], axis: Axis) -> Vec<Place> {
        match axis {
            Axis::FollowingSibling | Axis::PrecedingSibling => from
                .iter()
                .filter_map(|place| self.parent(*place))
                .collect(),
            Axis::Following | Axis::Preceding => vec![Place::Node(NodeId::ROOT)],
            _ => Vec::new(),
        }
    }

    fn along(&self, place: Place, axis: Axis) -> Vec<Place> {
        match axis {
            Axis::ItSelf => vec![place],
            Axis::Child => self.children(place),
            Axis::Parent => self.parent(place).into_iter().collect(),
            Axis::Descendant => self.descendants(place),
            Axis::DescendantOrSelf => {
                let mut places = vec![place];
                places.extend(self.descendants(place));
                places
            }
            Axis::Ancestor | Axis::AncestorOrSelf => {
                let mut places = Vec::new();
                let mut at = Some(place).filter(|_| axis == Axis::AncestorOrSelf);
                at = at.or_else(|| self.parent(place));
                while let Some(ancestor) = at {
                    places.push(ancestor);
                    at = self.parent(ancestor);
                }
                places
            }
            Axis::FollowingSibling | Axis::PrecedingSibling => self
                .parent(place)
                .map(|parent| self.children(parent))
                .unwrap_or_default(),
            Axis::Following | Axis::Preceding => {
                let mut top = place;
                while let Some(parent) = self.parent(top) {
                    top = parent;
                }
                self.descendants(top)
            }
            Axis::Attribute | Axis::Namespace => Vec::new(),
        }
    }

    fn children(&self, place: Place) -> Vec<Place> {
        match place {
            Place::Node(node) => self
                .schema
                .node(node)
                .children
                .iter()
                .copied()
                .map(Place::Node)
                .collect(),
            Place::List(list) => vec![Place::ListRoot(list)],
            Place::ListRoot(list) => vec![Place::Item(list)],
            Place::Item(list) => {
                let columns = self.schema.list(list).rows.columns.len() as u32;
                (0..columns)
                    .map(|column| Place::Field(list, column))
                    .collect()
            }
            Place::Field(..) => Vec::new(),
        }
    }

    fn parent(&self, place: Place) -> Option<Place> {
        match place {
            Place::Node(NodeId::ROOT) | Place::List(_) => None,
            Place::Node(node) => Some(Place::Node(self.schema.node(node).parent)),
            Place::ListRoot(list) => Some(Place::List(list)),
            Place::Item(list) => Some(Place::ListRoot(list)),
            Place::Field(list, _) => Some(Place::Item(list)),
        }
    }

    fn descendants(&self, place: Place) -> Vec<Place> {
        if let Place::Node(node) = place {
            return self.schema.subtree(node).skip(1).map(Place::Node).collect();
        }
        let mut places = self.children(place);
        let mut at = 0;
        while let Some(next) = places.get(at).copied() {
            places.extend(self.children(next));
            at += 1;
        }
        places
    }

    fn name(&self, place: Place) -> &str {
        match place {
            Place::Node(node) => &self.schema.node(node).name,
            Place::List(_) => "",
            Place::ListRoot(_) => "root",
            Place::Item(_) => "item",
            Place::Field(list, column) => &self.schema.list(list).rows.columns[column as usize],
        }
    }

    fn passes(&self, place: Place, test: &Test) -> bool {
        match test {
            Test::Node => true,
            Test::Any => true,
            Test::Nothing => false,
            // The text of a node stands for the node: neither has attributes or comments beside it.
            Test::Text => self.children(place).is_empty(),
            Test::Name(name) => self.name(place) == name,
        }
    }

    /// Says that a step leads nowhere.
    fn lost(&mut self, from: &[Place], step: &Step) {
        let Test::Name(name) = &step.test else {
            self.error(
                step.span,
                "this step of the path leads nowhere.",
                "Write `${name}` to mean a question's answer.",
            );
            return;
        };
        let mut known: Vec<&str> = Vec::new();
        for place in from {
            known.extend(
                self.along(*place, step.axis)
                    .into_iter()
                    .map(|place| self.name(place)),
            );
        }
        let cure = did_you_mean(name, known, "Write `${name}` to mean a question's answer.");
        let parent = match from {
            [one] if !self.name(*one).is_empty() => format!(" under `{}`", self.name(*one)),
            _ => String::new(),
        };
        self.error(step.span, format!("there is no `{name}`{parent}."), cure);
    }
}

/// `null`, by which authors mean that there is no answer. It is a path to a question that no form has, and yields none.
fn is_null(path: &ast::Path) -> bool {
    let [only] = path.steps.as_slice() else {
        return false;
    };
    path.start == Start::Here
        && only.axis == Axis::Child
        && only.predicates.is_empty()
        && matches!(&only.test, Test::Name(name) if name == "null")
}
