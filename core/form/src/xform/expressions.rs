//! Expressions as other clients read them: `${name}` is a path there, and quotes are plain.

use super::Converter;
use crate::expr::ast::Op;
use crate::expr::lexer::{Token, tokens};
use crate::expr::resolve::{Mention, Named, Stand, resolve, resolve_answers};
use crate::expr::{is_name_char, parse};
use crate::form::schema::{NodeId, ScopeId};
use crate::form::texts::{Piece, cut};

/// The secondary instance that the form filled before is.
pub(super) const LAST_SAVED: &str = "__last-saved";

impl Converter<'_> {
    /// An expression of a node.
    pub(super) fn expression(&self, owner: NodeId, stand: Stand, source: &str) -> String {
        self.expression_from(owner, owner, stand, source)
    }

    /// An expression of a node that is evaluated at another one.
    pub(super) fn expression_from(
        &self,
        owner: NodeId,
        from: NodeId,
        stand: Stand,
        source: &str,
    ) -> String {
        self.rewritten(source, &self.mentions(owner, stand, source), from)
    }

    /// The condition on instances whose answers to a question are choices.
    pub(super) fn condition_on_answers(
        &self,
        owner: NodeId,
        question: NodeId,
        source: &str,
    ) -> String {
        let resolve = |expr| resolve_answers(&self.form.schema, owner, question, &expr).mentions;
        let mentions = parse(source).map(resolve).unwrap_or_default();
        self.rewritten(source, &mentions, owner)
    }

    /// What stands in a cell as it is, but for its `${name}`s.
    pub(super) fn woven(&self, owner: NodeId, source: &str) -> String {
        let pieces = cut(source).into_iter().map(|piece| match piece {
            Piece::Words(words) => words.to_owned(),
            Piece::Answer(reference) => self.expression(owner, Stand::Itself, reference),
        });
        pieces.collect()
    }

    /// The node that a `${name}` means.
    pub(super) fn meant(&self, owner: NodeId, reference: &str) -> Option<NodeId> {
        let mentions = self.mentions(owner, Stand::Itself, reference);
        mentions.iter().find_map(|mention| match mention.named {
            Named::FromOwner { node, .. } => Some(node),
            _ => None,
        })
    }

    fn mentions(&self, owner: NodeId, stand: Stand, source: &str) -> Vec<Mention> {
        parse(source)
            .map(|expr| resolve(&self.form.schema, owner, stand, &expr).mentions)
            .unwrap_or_default()
    }

    fn rewritten(&self, source: &str, mentions: &[Mention], from: NodeId) -> String {
        let mut out = String::with_capacity(source.len());
        let mut at = 0;
        for (token, span) in tokens(source).unwrap_or_default() {
            let blank = source.get(at..span.start).unwrap_or_default();
            let as_written = source.get(span.start..span.end).unwrap_or_default();
            at = span.end;
            let mention = mentions
                .iter()
                .find(|mention| mention.span.start == span.start);
            let written = match (&token, mention) {
                (Token::Reference(_) | Token::Text(_) | Token::Name(_), Some(mention)) => {
                    self.named(mention.named, from, &token)
                }
                _ => None,
            };
            let written = written.unwrap_or_else(|| plain(&token, as_written));
            // A path mustn't run into the word before or behind it: `${a}-1`.
            let runs_in = out.ends_with(is_name_char) && written.starts_with(is_name_char);
            out.push_str(if blank.is_empty() && runs_in {
                " "
            } else {
                blank
            });
            out.push_str(&written);
        }
        out
    }

    /// What is written for a mention, unless the words that are there will do.
    fn named(&self, named: Named, from: NodeId, token: &Token) -> Option<String> {
        let schema = &self.form.schema;
        Some(match named {
            Named::FromOwner { node, nested } => {
                let path = self.seen_from(from, node);
                let elsewhere = nested && path.starts_with('.');
                if elsewhere {
                    format!("current()/{path}")
                } else {
                    path
                }
            }
            Named::FromContext { node, context } => self.climb(context, 0, node),
            Named::Whole(node) => self.path(node),
            Named::Quoted(node) => quoted(&self.seen_from(from, node)),
            Named::LastSaved(node) => self.last_saved(node),
            // A form may call its root by its id, which other clients don't know.
            Named::Root => match token {
                Token::Name(name) if schema.root_names.contains(name) => {
                    schema.node(NodeId::ROOT).name.to_string()
                }
                _ => return None,
            },
            Named::List(list) => {
                self.reads.borrow_mut().lists.insert(list);
                return None;
            }
        })
    }

    /// The answer to a question in the form filled before.
    pub(super) fn last_saved(&self, node: NodeId) -> String {
        self.reads.borrow_mut().last_saved = true;
        format!("instance('{LAST_SAVED}'){}", self.path(node))
    }

    /// The path from the root down.
    pub(super) fn path(&self, node: NodeId) -> String {
        let schema = &self.form.schema;
        let root = &schema.node(NodeId::ROOT).name;
        match &*schema.node(node).path {
            "" => format!("/{root}"),
            below => format!("/{root}/{below}"),
        }
    }

    /// The path to a node as another one sees it: inside a repeat that both stand in, relative, so that it means
    /// the own instance.
    pub(super) fn seen_from(&self, owner: NodeId, node: NodeId) -> String {
        let schema = &self.form.schema;
        let shared = schema.common(schema.node(owner).scope, schema.node(node).scope);
        match shared {
            ScopeId::FORM => self.path(node),
            _ => self.climb(schema.node(owner).parent, 1, node),
        }
    }

    /// The path from a node, or from so many levels below it, up to what holds the other one as well and down again.
    pub(super) fn climb(&self, from: NodeId, below: usize, node: NodeId) -> String {
        let schema = &self.form.schema;
        let holds = |above: NodeId| above < node && node < schema.node(above).end;
        let (mut at, mut levels) = (from, below);
        while at != NodeId::ROOT && !holds(at) {
            at = schema.node(at).parent;
            levels += 1;
        }
        let up = match levels {
            0 => ".".to_owned(),
            levels => vec![".."; levels].join("/"),
        };
        let path = &schema.node(node).path;
        let down = match &*schema.node(at).path {
            "" => path,
            above => path.get(above.len() + 1..).unwrap_or_default(),
        };
        format!("{up}/{down}")
    }
}

/// A token with the signs that XPath knows, in place of those that office programs make of them.
fn plain(token: &Token, as_written: &str) -> String {
    match token {
        Token::Text(text) => match as_written.starts_with(['"', '“', '”']) {
            true => format!("\"{text}\""),
            false => format!("'{text}'"),
        },
        Token::Operator(Op::Subtract) => "-".to_owned(),
        _ => as_written.to_owned(),
    }
}

/// A text as an expression says it.
pub(super) fn quoted(text: &str) -> String {
    match text.contains('\'') {
        true => format!("\"{text}\""),
        false => format!("'{text}'"),
    }
}
