//! Texts in several languages, with answers woven in.

use crate::expr::code::Code;

/// One text in each of the form's languages; a language may lack it.
#[derive(Debug, Default)]
pub(crate) struct Text {
    /// By the index of the language.
    pub(crate) variants: Vec<Option<Template>>,
}

/// Words with the places where an answer is put in.
#[derive(Debug)]
pub(crate) struct Template {
    pub(crate) parts: Vec<Part>,
}

#[derive(Debug)]
pub(crate) enum Part {
    Words(Box<str>),
    Answer(Code),
}

impl Text {
    pub(crate) fn is_empty(&self) -> bool {
        self.variants.iter().all(Option::is_none)
    }

    /// The text in a language, else in the default one, else in any.
    pub(crate) fn template(&self, language: usize, default: usize) -> Option<&Template> {
        let of = |index: usize| self.variants.get(index).and_then(Option::as_ref);
        of(language)
            .or_else(|| of(default))
            .or_else(|| self.variants.iter().flatten().next())
    }

    /// The words alone, with `…` where an answer would stand.
    pub(crate) fn plain(&self, language: usize, default: usize) -> Option<String> {
        let template = self.template(language, default)?;
        let parts = template.parts.iter().map(|part| match part {
            Part::Words(words) => words.as_ref(),
            Part::Answer(_) => "…",
        });
        Some(parts.collect())
    }

    /// Whether an answer is woven in, in whatever language.
    pub(crate) fn moves(&self) -> bool {
        self.variants.iter().flatten().any(|template| {
            template
                .parts
                .iter()
                .any(|part| matches!(part, Part::Answer(_)))
        })
    }
}

/// Cuts a source text at its `${name}`s: words and names in turn.
pub(crate) fn cut(source: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = source;
    while let Some(start) = rest.find("${") {
        let Some(length) = rest[start..].find('}') else {
            break;
        };
        if start > 0 {
            pieces.push(Piece::Words(&rest[..start]));
        }
        pieces.push(Piece::Reference(&rest[start..=start + length]));
        rest = &rest[start + length + 1..];
    }
    if !rest.is_empty() {
        pieces.push(Piece::Words(rest));
    }
    pieces
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    Words(&'a str),
    /// With its `${` and `}`.
    Reference(&'a str),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_cut_at_its_answers() {
        assert_eq!(
            cut("Umur ${nama} (${umur})"),
            [
                Piece::Words("Umur "),
                Piece::Reference("${nama}"),
                Piece::Words(" ("),
                Piece::Reference("${umur}"),
                Piece::Words(")"),
            ]
        );
        assert_eq!(cut("${"), [Piece::Words("${")]);
        assert_eq!(cut(""), []);
    }
}
