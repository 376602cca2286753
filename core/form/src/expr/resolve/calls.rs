//! Function calls: which, with how many arguments, and those that are more than their arguments.

use regex::Regex;

use super::{Around, Named, Part, Place, Reach, Resolver};
use crate::expr::ast::{Expr, Kind, Span, Test};
use crate::expr::code::{Code, Origin, PullData, Source, Target};
use crate::expr::functions::{self, FUNCTIONS, Function, Signature};
use crate::fault::did_you_mean;
use crate::form::schema::{self, ListId, ScopeId};

impl Resolver<'_> {
    pub(super) fn call(
        &mut self,
        name: &str,
        arguments: &[Expr],
        span: Span,
        around: &Around,
    ) -> Part {
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
                let reach = Reach {
                    places,
                    apex: self.home,
                };
                self.reads_places(&reach, false);
                Part {
                    code: Code::Current,
                    nodes: Some(reach),
                }
            }
            Function::Id => {
                let part = self.plain_call(signature, arguments, around);
                let places = Vec::new();
                let apex = self.home;
                Part {
                    nodes: Some(Reach { places, apex }),
                    ..part
                }
            }
            Function::Randomize => self.randomize(signature, arguments, around),
            Function::Instance => self.instance(&arguments[0]),
            Function::ChoiceName => self.choice_name(arguments, around),
            Function::Itext => self.itext(&arguments[0], around),
            Function::IndexedRepeat => self.indexed_repeat(arguments, span, around),
            Function::PullData => self.pull_data(arguments, around),
            Function::Regex => self.regex(arguments, around),
            Function::Position => self.position(arguments, span, around),
            _ => self.plain_call(signature, arguments, around),
        }
    }

    fn unknown_function(&mut self, name: &str, span: Span) -> Part {
        let known = FUNCTIONS.iter().map(|signature| signature.name);
        let elsewhere = match name {
            "search" => "Write `select_one_from_file` and a `choice_filter`.",
            "choice-label" => "Write `jr:choice-name(value, '${question}')`.",
            "index" => "That is SurveyCTO's. Write `position(..)`.",
            "de-duplicate" | "duration" => "That is SurveyCTO's. Compute it from other functions.",
            "add-date"
            | "difference-in-weeks"
            | "difference-in-days"
            | "z-score"
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

    /// The nodes that it is given, in another order.
    fn randomize(&mut self, signature: &Signature, arguments: &[Expr], around: &Around) -> Part {
        let nodes = self.expr(&arguments[0], around).nodes;
        let part = self.plain_call(signature, arguments, around);
        match part.is_wrong() {
            true => part,
            false => Part { nodes, ..part },
        }
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
                self.mentions(argument.span, Named::List(list));
                let reach = Reach {
                    places: vec![Place::List(list)],
                    apex: self.home,
                };
                Part {
                    code: Code::List(list),
                    nodes: Some(reach),
                }
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
        let [value, question] = arguments else {
            return Part::wrong();
        };
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
        let Some(node) = node else {
            return Part::wrong();
        };
        match &question.kind {
            Kind::Text(text) if !text.contains("${") => {}
            _ => self.mentions(question.span, Named::Quoted(node)),
        }
        let schema = self.schema;
        let Some(list) = schema.question(node).and_then(|question| question.list()) else {
            let name = &self.schema.node(node).name;
            return self.error(
                question.span,
                format!("`{name}` has no choices."),
                "Name a select_one or select_multiple question.",
            );
        };
        for woven in &schema.list(list).woven {
            let target = self.target(*woven, around);
            self.reads_node(*woven, target.apex, false);
        }
        self.reads(Source::Language, ScopeId::FORM, false);
        Part::plain(Code::ChoiceName(Box::new(code), node))
    }

    /// `jr:itext(instance('towns')/root/item[…]/itextId)`: the label of a choice, by the id that an XForm gives to
    /// the text. Here the label stands with the choice.
    fn itext(&mut self, text: &Expr, around: &Around) -> Part {
        let mut label = text.clone();
        let last = match &mut label.kind {
            Kind::Path(path) => path.steps.last_mut().map(|step| &mut step.test),
            _ => None,
        };
        let Some(test) = last.filter(|test| **test == Test::Name("itextId".to_owned())) else {
            return self.error(
                text.span,
                "`jr:itext()` takes the `itextId` of a choice.",
                "Write `jr:choice-name(${question}, '${question}')`.",
            );
        };
        *test = Test::Name("label".to_owned());
        let part = self.expr(&label, around);
        match part.is_wrong() {
            true => part,
            false => Part::plain(Code::Call(Function::String, [part.code].into())),
        }
    }

    /// `indexed-repeat(question, repeat, index, …)`: up to three repeats, from the outermost in.
    fn indexed_repeat(&mut self, arguments: &[Expr], span: Span, around: &Around) -> Part {
        let usage = "Write `indexed-repeat(${question}, ${repeat}, index)`.";
        let (Kind::Reference(name), true) = (&arguments[0].kind, arguments.len() % 2 == 1) else {
            return self.error(span, "`indexed-repeat()` is not complete.", usage);
        };
        let Some(node) = self.named(name, arguments[0].span) else {
            return Part::wrong();
        };
        self.mentions(arguments[0].span, Named::Whole(node));
        let mut indices = Vec::new();
        for pair in arguments[1..].chunks_exact(2) {
            let scope = match &pair[0].kind {
                Kind::Reference(repeat) => match self.named(repeat, pair[0].span) {
                    None => return Part::wrong(),
                    Some(repeat) => {
                        self.mentions(pair[0].span, Named::Whole(repeat));
                        match self.schema.node(repeat).kind {
                            schema::Kind::Repeat(scope) => Some(scope),
                            _ => None,
                        }
                    }
                },
                _ => None,
            };
            let inside = scope
                .filter(|scope| self.schema.common(*scope, self.schema.node(node).scope) == *scope);
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
        let outermost = indices
            .first()
            .and_then(|(scope, _)| self.schema.scope(*scope).parent);
        let apex = self
            .schema
            .common(self.home, outermost.unwrap_or(ScopeId::FORM));
        self.reads_node(node, apex, true);
        let target = Target {
            node,
            apex,
            origin: Origin::Current,
        };
        let nodes = Some(Reach {
            places: vec![Place::Node(node)],
            apex,
        });
        Part {
            code: Code::IndexedRepeat(target, indices.into()),
            nodes,
        }
    }

    /// `pulldata('file', 'column', 'key column', key)`: of the first row with the key.
    fn pull_data(&mut self, arguments: &[Expr], around: &Around) -> Part {
        let [file, column, key_column, key] = arguments else {
            return Part::wrong();
        };
        let mut words = [""; 3];
        for (word, argument) in words.iter_mut().zip([file, column, key_column]) {
            let Kind::Text(text) = &argument.kind else {
                return self.error(
                    argument.span,
                    "`pulldata()` takes the names of a file and of its columns between quotes.",
                    "Write `pulldata('file', 'column', 'key column', key)`.",
                );
            };
            *word = text.as_str();
        }
        let name = words[0].strip_suffix(".csv").unwrap_or(words[0]);
        let files = || self.schema.lists.iter().filter(|list| list.file.is_some());
        let Some(list) = self
            .schema
            .lists
            .iter()
            .position(|list| *list.name == *name && list.file.is_some())
        else {
            let cure = did_you_mean(
                name,
                files().map(|list| list.name.as_ref()),
                "Put it beside the workbook.",
            );
            return self.error(
                file.span,
                format!("the file `{name}.csv` is missing."),
                cure,
            );
        };
        let rows = &self.schema.lists[list].rows;
        let mut columns = [0; 2];
        for (at, (word, argument)) in words[1..].iter().zip([column, key_column]).enumerate() {
            let Some(found) = rows.column(word) else {
                let known = rows.columns.iter().map(AsRef::as_ref);
                let cure = did_you_mean(word, known, "Use a column of the file.");
                let message = format!("the file `{name}.csv` has no column `{word}`.");
                return self.error(argument.span, message, cure);
            };
            columns[at] = found;
        }
        self.mentions(file.span, Named::List(ListId(list as u32)));
        let key = self.expr(key, around).code;
        Part::plain(Code::PullData(Box::new(PullData {
            list: ListId(list as u32),
            column: columns[0],
            key_column: columns[1],
            key,
        })))
    }

    fn regex(&mut self, arguments: &[Expr], around: &Around) -> Part {
        let [value, pattern] = arguments else {
            return Part::wrong();
        };
        let value = self.expr(value, around).code;
        let Kind::Text(source) = &pattern.kind else {
            let pattern = self.expr(pattern, around).code;
            return Part::plain(Code::Call(Function::Regex, Box::new([value, pattern])));
        };
        match Regex::new(source) {
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
