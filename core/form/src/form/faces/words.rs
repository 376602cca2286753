//! Texts in the form's languages, and the answers that are woven into them.

use std::collections::BTreeMap;

use super::Compiler;
use crate::expr::code::Dependency;
use crate::expr::resolve::Stand;
use crate::form::RuleKind;
use crate::form::schema::{Medium, NodeId};
use crate::form::table::{Cell, Column, Line};
use crate::form::texts::{Part, Piece, Template, Text, cut};
use crate::messages::Tongue;

impl<'a> Compiler<'a> {
    /// A text that stands on a page: what is woven into it is bound, so that it is drawn again.
    pub(super) fn shown_text(&mut self, node: NodeId, line: Line<'a>, column: Column) -> Text {
        let (text, reads) = self.text(node, Stand::Itself, line.texts(column));
        if text.moves() {
            self.bind(node, RuleKind::Words, reads);
        }
        text
    }

    /// The files that go with a question's label.
    pub(super) fn media(&mut self, node: NodeId, line: Line<'a>) -> Vec<(Medium, Text)> {
        let mut media = Vec::new();
        for medium in Medium::ALL {
            let text = self.shown_text(node, line, Column::Media(medium));
            if !text.is_empty() {
                media.push((medium, text));
            }
        }
        let has = |medium| media.iter().any(|(known, _)| *known == medium);
        if has(Medium::BigImage)
            && !has(Medium::Image)
            && let Some((_, cell)) = line.texts(Column::Media(Medium::BigImage)).next()
        {
            let cure = "Write the picture that it is big of into `image`.";
            self.report
                .error(cell, "there is no picture to make bigger.", cure);
        }
        media
    }

    /// A text about one instance of a repeat.
    pub(super) fn instance_text(&mut self, node: NodeId, line: Line<'a>, column: Column) -> Text {
        self.text(node, Stand::Instance, line.texts(column)).0
    }

    pub(super) fn text(
        &mut self,
        node: NodeId,
        stand: Stand,
        cells: impl Iterator<Item = (&'a str, Cell<'a>)>,
    ) -> (Text, Vec<Dependency>) {
        let mut variants: BTreeMap<usize, Template> = BTreeMap::new();
        let mut reads = Vec::new();
        for (language, cell) in cells {
            let name = if language.is_empty() {
                "default"
            } else {
                language
            };
            let Some(index) = self.languages.iter().position(|known| known.name == name) else {
                continue;
            };
            let mut parts = Vec::new();
            for piece in cut(cell.text) {
                match piece {
                    Piece::Words(words) => {
                        if words.contains("${") {
                            let cure = "Close it as `${name}`.";
                            self.report.error(cell, "a `${` is not closed.", cure);
                        }
                        parts.push(Part::Words(words.into()));
                    }
                    Piece::Answer(source) => {
                        if let Some((code, more)) = self.parsed(node, stand, cell, source) {
                            reads.extend(more);
                            parts.push(Part::Answer(code, source.into()));
                        }
                    }
                }
            }
            variants.insert(index, Template { parts });
        }
        let last = variants.keys().next_back().map_or(0, |last| last + 1);
        let variants = (0..last).map(|index| variants.remove(&index)).collect();
        (Text { variants }, reads)
    }

    /// One of the engine's own texts in all the form's languages.
    pub(super) fn own_words(&self, words: impl Fn(Tongue) -> &'static str) -> Text {
        let variants = self.languages.iter().map(|language| {
            let words = words(Tongue::of(language.code.as_deref()));
            Some(Template {
                parts: vec![Part::Words(words.into())],
            })
        });
        Text {
            variants: variants.collect(),
        }
    }
}
