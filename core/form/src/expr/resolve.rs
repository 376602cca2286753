//! A parsed expression to code: names become nodes, arities and arguments are checked, and what
//! the expression reads is noted down as dependencies.
//!
//! The places a path can reach are followed over the form's tree beforehand (an abstract
//! evaluation), so that an unknown name is found when the form is compiled.

use regex::Regex;

use super::ast::{Axis, Expr, Kind, Op, Span, Start, Step, Test};
use super::code::{self, Code, Dependency, Origin, Source, Target};
use super::functions::{self, FUNCTIONS, Function, Signature};
use super::lexer::SyntaxError;
use crate::fault::{did_you_mean, nearest};
use crate::form::schema::{self, ListId, NodeId, Schema, ScopeId};

/// What the code and its dependencies are, and all that is wrong in the expression.
#[derive(Debug)]
pub(crate) struct Resolved {
    pub(crate) code: Code,
    pub(crate) dependencies: Vec<Dependency>,
    pub(crate) errors: Vec<SyntaxError>,
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
        errors: Vec::new(),
    };
    let (place, nested) = match stand {
        Stand::Choices(list) => (Place::Item(list), true),
        _ => (Place::Node(owner), false),
    };
    let around = Around { places: vec![place], apex: home, nested };
    let part = resolver.expr(expr, &around);
    Resolved {
        code: part.code,
        dependencies: resolver.dependencies,
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
    errors: Vec<SyntaxError>,
}

impl Resolver<'_> {
    fn error(&mut self, span: Span, message: impl Into<String>, cure: impl Into<String>) -> Part {
        self.errors.push(SyntaxError::new(span, message, cure));
        Part::wrong()
    }

    fn reads(&mut self, source: Source, apex: ScopeId, across: bool) {
        let dependency = Dependency { source, apex, across };
        if !self.dependencies.contains(&dependency) {
            self.dependencies.push(dependency);
        }
    }

    /// Notes down that nodes are read: their answers, and the instances passed on the way to them.
    fn reads_places(&mut self, reach: &Reach, across: bool) {
        for place in &reach.places {
            match *place {
                Place::Node(node) => self.reads_node(node, reach.apex, across),
                Place::Field(_, schema::LABEL_COLUMN) => {
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
            let Some(parent) = schema.scope(scope).parent else { break };
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
                Part { code: Code::Binary(*op, Box::new((a.code, b.code))), nodes }
            }
            Kind::Call(name, arguments) => self.call(name, arguments, expr.span, around),
            Kind::Path(path) => self.path(path, expr.span, around),
        }
    }

    fn reference(&mut self, name: &str, span: Span, around: &Around) -> Part {
        let Some(node) = self.named(name, span) else { return Part::wrong() };
        let target = self.target(node, around);
        let apex = match target.origin {
            Origin::Current => target.apex,
            Origin::Context => self.schema.shallower(target.apex, around.apex),
        };
        self.reads_node(node, apex, around.nested && target.origin == Origin::Context);
        Part {
            code: Code::Answer(target),
            nodes: Some(Reach { places: vec![Place::Node(node)], apex }),
        }
    }

    /// What `${name}` means from here. It is looked for from the question that asks; only a repeat
    /// that is being walked through in a predicate, and does not hold that question, stands for
    /// its instance at hand. `${repeat}` is always all its instances.
    fn target(&self, node: NodeId, around: &Around) -> Target {
        let schema = self.schema;
        let near = schema.node(node).scope;
        let from_owner = schema.common(self.home, near);
        let context = around.places.iter().find_map(|place| match place {
            Place::Node(node) if around.nested => Some(schema.row_scope(*node)),
            _ => None,
        });
        if let Some(context) = context {
            let from_context = schema.common(context, near);
            if schema.scope(from_context).depth > schema.scope(from_owner).depth {
                return Target { node, apex: from_context, origin: Origin::Context };
            }
        }
        Target { node, apex: from_owner, origin: Origin::Current }
    }

    fn named(&mut self, name: &str, span: Span) -> Option<NodeId> {
        let schema = self.schema;
        if let Some(local) = name.strip_prefix("last-saved#") {
            self.error(
                span,
                format!("`${{last-saved#{local}}}` is not supported."),
                "Use `ketuk::prefill`: answers of the last visit are there from the start.",
            );
            return None;
        }
        match schema.by_name.get(name).map(Vec::as_slice) {
            Some([node]) => Some(*node),
            Some(nodes @ [_, _, ..]) => {
                // Of several the one in the owner's own group is meant, if there is one.
                let parent = schema.node(self.owner).parent;
                let beside = nodes.iter().find(|node| schema.node(**node).parent == parent);
                if beside.is_none() {
                    let paths: Vec<&str> =
                        nodes.iter().map(|node| schema.node(*node).path.as_ref()).collect();
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

    fn path(&mut self, path: &super::ast::Path, span: Span, around: &Around) -> Part {
        let schema = self.schema;
        let mut steps = path.steps.as_slice();
        let (start, mut reach) = match &path.start {
            Start::Root => {
                // The first name of an absolute path is the root's own.
                if let [Step { axis: Axis::Child, test, .. }, rest @ ..] = steps {
                    if let Test::Name(name) = test
                        && !schema.root_names.contains(name)
                    {
                        return self.error(
                            span,
                            format!("`/{name}` is no path in this form."),
                            format!("Begin with `/{}/…`, or write `${{name}}`.", schema.root_names[0]),
                        );
                    }
                    steps = rest;
                }
                let places = vec![Place::Node(NodeId::ROOT)];
                (code::Start::Root, Reach { places, apex: ScopeId::FORM })
            }
            Start::Here => {
                if let [only] = steps
                    && only.axis == Axis::ItSelf
                    && only.test == Test::Node
                    && only.predicates.is_empty()
                {
                    let reach = Reach { places: around.places.clone(), apex: around.apex };
                    self.reads_places(&reach, around.nested);
                    return Part { code: Code::Here, nodes: Some(reach) };
                }
                let reach = Reach { places: around.places.clone(), apex: around.apex };
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
            if places.is_empty() {
                self.lost(&reach.places, step);
                return Part::wrong();
            }
            for place in &places {
                if let Place::Node(node) = place {
                    reach.apex = schema.shallower(reach.apex, schema.row_scope(*node));
                }
            }
            reach.places = places;
            across |= !step.predicates.is_empty()
                || !matches!(step.axis, Axis::Child | Axis::Parent | Axis::ItSelf);
            let predicates = self.predicates(&step.predicates, &reach);
            compiled.push(code::Step { axis: step.axis, test: step.test.clone(), predicates });
        }
        self.reads_places(&reach, across);
        let path = code::Path { start, steps: compiled.into() };
        Part { code: Code::Path(Box::new(path)), nodes: Some(reach) }
    }

    fn predicates(&mut self, predicates: &[Expr], reach: &Reach) -> Box<[Code]> {
        let around = Around { places: reach.places.clone(), apex: reach.apex, nested: true };
        let outer = std::mem::take(&mut self.presence_only);
        let codes = predicates.iter().map(|predicate| self.expr(predicate, &around).code).collect();
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
        let &[Place::Node(mut at)] = reach.places.as_slice() else { return None };
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
        let mut apex = schema.row_scope(top);
        if origin == Origin::Current && top == self.owner {
            // A repeat's own expressions are evaluated once for all its instances.
            apex = self.home;
        }
        let target = Target { node: at, apex, origin };
        let read_apex = match origin {
            Origin::Current => apex,
            Origin::Context => schema.shallower(apex, around.apex),
        };
        self.reads_node(at, read_apex, around.nested && origin == Origin::Context);
        let nodes = Some(Reach { places: vec![Place::Node(at)], apex: read_apex });
        Some(Part { code: Code::Answer(target), nodes })
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
            Axis::FollowingSibling | Axis::PrecedingSibling => {
                self.parent(place).map(|parent| self.children(parent)).unwrap_or_default()
            }
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
            Place::Node(node) => {
                self.schema.node(node).children.iter().copied().map(Place::Node).collect()
            }
            Place::List(list) => vec![Place::ListRoot(list)],
            Place::ListRoot(list) => vec![Place::Item(list)],
            Place::Item(list) => {
                let columns = self.schema.list(list).columns.len() as u32;
                (0..columns).map(|column| Place::Field(list, column)).collect()
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
            Place::Field(list, column) => &self.schema.list(list).columns[column as usize],
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
            known.extend(self.along(*place, step.axis).into_iter().map(|place| self.name(place)));
        }
        let cure = did_you_mean(name, known, "Write `${name}` to mean a question's answer.");
        let parent = match from {
            [one] if !self.name(*one).is_empty() => format!(" under `{}`", self.name(*one)),
            _ => String::new(),
        };
        self.error(step.span, format!("there is no `{name}`{parent}."), cure);
    }

    fn call(&mut self, name: &str, arguments: &[Expr], span: Span, around: &Around) -> Part {
        let Some(signature) = functions::find(name) else {
            return self.unknown_function(name, span);
        };
        if arguments.len() < signature.least || arguments.len() > signature.most {
            let given = match arguments.len() {
                0 => "none was".to_owned(),
                1 => "1 was".to_owned(),
                n => format!("{n} were"),
            };
            return self.error(
                span,
                format!("`{name}()` takes {}, {given} given.", signature.arity()),
                format!("Give {}.", signature.arity()),
            );
        }
        match signature.function {
            Function::Current => {
                let places = vec![Place::Node(self.owner)];
                let reach = Reach { places, apex: self.home };
                self.reads_places(&reach, false);
                Part { code: Code::Current, nodes: Some(reach) }
            }
            Function::Instance => self.instance(&arguments[0]),
            Function::ChoiceName => self.choice_name(arguments, around),
            Function::IndexedRepeat => self.indexed_repeat(arguments, span, around),
            Function::Regex => self.regex(arguments, around),
            Function::Position => self.position(arguments, span, around),
            _ => self.plain_call(signature, arguments, around),
        }
    }

    fn unknown_function(&mut self, name: &str, span: Span) -> Part {
        let known = FUNCTIONS.iter().map(|signature| signature.name);
        let elsewhere = match name {
            "pulldata" | "search" => {
                "Put the values into the choices sheet and use `instance('list')`."
            }
            "choice-label" => "Write `jr:choice-name(value, '${question}')`.",
            "index" => "That is SurveyCTO's. Write `position(..)`.",
            "de-duplicate" | "duration" => "That is SurveyCTO's. Compute it from other functions.",
            "add-date" | "difference-in-weeks" | "difference-in-days" | "z-score"
            | "to-bikram-sambat" => "That is the Community Health Toolkit's. Compute it otherwise.",
            _ => "See the list of functions in the README.",
        };
        let cure = did_you_mean(name, known, elsewhere);
        self.error(span, format!("there is no function `{name}`."), cure)
    }

    fn plain_call(&mut self, signature: &Signature, arguments: &[Expr], around: &Around) -> Part {
        let mut codes = Vec::with_capacity(arguments.len());
        for (index, argument) in arguments.iter().enumerate() {
            self.presence_only = matches!(signature.function, Function::Count | Function::Name);
            let part = self.expr(argument, around);
            self.presence_only = false;
            if signature.of_nodes && index == 0 && part.nodes.is_none() && !part.is_wrong() {
                let name = signature.name;
                return self.error(
                    argument.span,
                    format!("`{name}()` works on answers of several instances."),
                    format!("Write `{name}(${{name}})` or a path."),
                );
            }
            codes.push(part.code);
        }
        Part::plain(Code::Call(signature.function, codes.into()))
    }

    fn instance(&mut self, argument: &Expr) -> Part {
        let Kind::Text(name) = &argument.kind else {
            return self.error(
                argument.span,
                "`instance()` takes the name of a list between quotes.",
                "Write `instance('list')`.",
            );
        };
        let lists = &self.schema.lists;
        match lists.iter().position(|list| *list.name == **name) {
            Some(index) => {
                let list = ListId(index as u32);
                let reach = Reach { places: vec![Place::List(list)], apex: self.home };
                Part { code: Code::List(list), nodes: Some(reach) }
            }
            None => {
                let known = lists.iter().map(|list| list.name.as_ref());
                let cure = did_you_mean(name, known, "Use a list of the choices sheet.");
                self.error(argument.span, format!("there is no list `{name}`."), cure)
            }
        }
    }

    /// The second argument names the question, as a text: `'${question}'` or its path.
    fn choice_name(&mut self, arguments: &[Expr], around: &Around) -> Part {
        let [value, question] = arguments else { return Part::wrong() };
        let code = self.expr(value, around).code;
        let node = match &question.kind {
            Kind::Reference(name) => self.named(name, question.span),
            Kind::Text(text) => {
                let inner = text.trim();
                let name = inner
                    .strip_prefix("${")
                    .and_then(|rest| rest.strip_suffix('}'))
                    .unwrap_or_else(|| inner.rsplit('/').next().unwrap_or(inner));
                self.named(name.trim(), question.span)
            }
            _ => {
                self.error(
                    question.span,
                    "`jr:choice-name()` takes the question as its second argument.",
                    "Write `jr:choice-name(${question}, '${question}')`.",
                );
                None
            }
        };
        let Some(node) = node else { return Part::wrong() };
        if self.schema.question(node).and_then(|question| question.list()).is_none() {
            let name = &self.schema.node(node).name;
            return self.error(
                question.span,
                format!("`{name}` has no choices."),
                "Name a select_one or select_multiple question.",
            );
        }
        self.reads(Source::Language, ScopeId::FORM, false);
        Part::plain(Code::ChoiceName(Box::new(code), node))
    }

    /// `indexed-repeat(question, repeat, index, …)`: up to three repeats, from the outermost in.
    fn indexed_repeat(&mut self, arguments: &[Expr], span: Span, around: &Around) -> Part {
        let usage = "Write `indexed-repeat(${question}, ${repeat}, index)`.";
        let (Kind::Reference(name), true) = (&arguments[0].kind, arguments.len() % 2 == 1) else {
            return self.error(span, "`indexed-repeat()` is not complete.", usage);
        };
        let Some(node) = self.named(name, arguments[0].span) else { return Part::wrong() };
        let mut indices = Vec::new();
        for pair in arguments[1..].chunks_exact(2) {
            let scope = match &pair[0].kind {
                Kind::Reference(repeat) => match self.named(repeat, pair[0].span) {
                    None => return Part::wrong(),
                    Some(repeat) => match self.schema.node(repeat).kind {
                        schema::Kind::Repeat(scope) => Some(scope),
                        _ => None,
                    },
                },
                _ => None,
            };
            let inside =
                scope.filter(|scope| self.schema.common(*scope, self.schema.node(node).scope) == *scope);
            let Some(scope) = inside else {
                return self.error(
                    pair[0].span,
                    format!("this is no repeat that holds `{name}`."),
                    usage,
                );
            };
            let index = self.expr(&pair[1], around).code;
            indices.push((scope, index));
        }
        indices.sort_by_key(|(scope, _)| self.schema.scope(*scope).depth);
        // Repeats that are not indexed are the ones the question stands in.
        let outermost = indices.first().and_then(|(scope, _)| self.schema.scope(*scope).parent);
        let apex = self.schema.common(self.home, outermost.unwrap_or(ScopeId::FORM));
        self.reads_node(node, apex, true);
        let target = Target { node, apex, origin: Origin::Current };
        let nodes = Some(Reach { places: vec![Place::Node(node)], apex });
        Part { code: Code::IndexedRepeat(target, indices.into()), nodes }
    }

    fn regex(&mut self, arguments: &[Expr], around: &Around) -> Part {
        let [value, pattern] = arguments else { return Part::wrong() };
        let value = self.expr(value, around).code;
        let Kind::Text(source) = &pattern.kind else {
            let pattern = self.expr(pattern, around).code;
            return Part::plain(Code::Call(Function::Regex, Box::new([value, pattern])));
        };
        match Regex::new(&whole(source)) {
            Ok(regex) => Part::plain(Code::Matches(Box::new(value), Box::new(regex))),
            Err(_) => self.error(
                pattern.span,
                "the pattern can't be read.",
                "Check its brackets; look-around and back-references are not supported.",
            ),
        }
    }

    fn position(&mut self, arguments: &[Expr], span: Span, around: &Around) -> Part {
        let Some(argument) = arguments.first() else {
            if !around.nested {
                return self.error(
                    span,
                    "`position()` without an argument has a meaning in `[…]` only.",
                    "Write `position(..)` for the number of the repeat's instance.",
                );
            }
            return Part::plain(Code::Call(Function::Position, Box::new([])));
        };
        self.presence_only = true;
        let part = self.expr(argument, around);
        self.presence_only = false;
        let Some(reach) = part.nodes else {
            if part.is_wrong() {
                return part;
            }
            return self.error(
                argument.span,
                "`position()` takes an instance of a repeat.",
                "Write `position(..)`.",
            );
        };
        let mut in_repeat = false;
        for place in &reach.places {
            let Place::Node(node) = place else { continue };
            let scope = self.schema.row_scope(*node);
            if let Some(parent) = self.schema.scope(scope).parent {
                in_repeat = true;
                let apex = self.schema.shallower(parent, reach.apex);
                self.reads(Source::Instances(scope), apex, true);
            }
        }
        if !in_repeat {
            return self.error(
                argument.span,
                "there is no repeat around here whose instances could be numbered.",
                "Use `position(..)` inside a repeat.",
            );
        }
        Part::plain(Code::Call(Function::Position, Box::new([part.code])))
    }
}

/// ODK's `regex` matches the whole text.
pub(crate) fn whole(pattern: &str) -> String {
    format!("^(?:{pattern})$")
}

fn merged(mut a: Vec<Place>, b: Vec<Place>) -> Vec<Place> {
    for place in b {
        if !a.contains(&place) {
            a.push(place);
        }
    }
    a
}
