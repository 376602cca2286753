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
    /// What is evaluated, and what it was written as.
    Answer(Code, Box<str>),
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
            Part::Answer(..) => "…",
        });
        Some(parts.collect())
    }

    /// Whether an answer is woven in, in whatever language.
    pub(crate) fn moves(&self) -> bool {
        self.variants.iter().flatten().any(|template| {
            template
                .parts
                .iter()
                .any(|part| matches!(part, Part::Answer(..)))
        })
    }
}

/// Cuts a source text at what is woven into it: `${name}`, and `instance('towns')/root/item[…]/label`.
pub(crate) fn cut(source: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut words, mut at) = (0, 0);
    while let Some(step) = source[at..].find(['$', 'i']) {
        at += step;
        let Some(length) = reference(&source[at..]).or_else(|| lookup(source, at)) else {
            at += 1;
            continue;
        };
        if words < at {
            pieces.push(Piece::Words(&source[words..at]));
        }
        pieces.push(Piece::Answer(&source[at..at + length]));
        at += length;
        words = at;
    }
    if words < source.len() {
        pieces.push(Piece::Words(&source[words..]));
    }
    pieces
}

/// The names of the questions that a source text refers to, wherever in it.
pub(crate) fn references(source: &str) -> impl Iterator<Item = &str> {
    source.split("${").skip(1).filter_map(|rest| {
        let (name, _) = rest.split_once('}')?;
        Some(name.trim())
    })
}

/// The length of the `${name}` that a text begins with.
fn reference(text: &str) -> Option<usize> {
    /// Far more than any name has, so that what is never closed isn't looked through again and again.
    const LONGEST: usize = 1_000;
    let name = text.strip_prefix("${")?;
    let mut signs = name.char_indices().take(LONGEST);
    signs.find(|(_, sign)| *sign == '}').map(|(end, _)| end + 3)
}

/// The length of the path into a list or a file that begins at a place of a text. As pyxform reads it: a blank outside
/// of predicates ends it.
fn lookup(source: &str, at: usize) -> Option<usize> {
    /// As with names, but of a path with its conditions.
    const LONGEST: usize = 4_000;
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':');
    if source[..at].ends_with(is_word) {
        return None;
    }
    let text = source[at..].strip_prefix("instance(")?;
    let (mut quote, mut depth, mut has_path) = (None, 1, false);
    let mut end = source[at..].len();
    for (place, c) in text.char_indices().take(LONGEST) {
        match (quote, c) {
            (Some(open), _) => quote = quote.filter(|_| c != open),
            (None, '\'' | '"') if depth > 0 => quote = Some(c),
            (None, '(' | '[') => depth += 1,
            (None, ')' | ']') if depth > 0 => depth -= 1,
            (None, '/') if depth == 0 => has_path = true,
            (None, _) if depth == 0 && !is_word(c) && !matches!(c, '@' | '*') => {
                end = "instance(".len() + place;
                break;
            }
            _ => {}
        }
    }
    // A full stop after it ends the sentence.
    let path = source[at..at + end].trim_end_matches(['.', ':']);
    (has_path && quote.is_none() && depth == 0).then_some(path.len())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    Words(&'a str),
    /// An expression, such as `${name}`.
    Answer(&'a str),
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
                Piece::Answer("${nama}"),
                Piece::Words(" ("),
                Piece::Answer("${umur}"),
                Piece::Words(")"),
            ]
        );
        assert_eq!(cut("${"), [Piece::Words("${")]);
        let looked_up = "instance('kota')/root/item[name = ${k} and x = ' ]']/label";
        assert_eq!(
            cut(&format!("Kota {looked_up}. Isi instance(s)")),
            [
                Piece::Words("Kota "),
                Piece::Answer(looked_up),
                Piece::Words(". Isi instance(s)"),
            ]
        );
        for (before, after) in [("(", ")"), ("\"", "\""), ("‘", "’"), ("", ", ya?")] {
            assert_eq!(
                cut(&format!("{before}{looked_up}{after}"))
                    .into_iter()
                    .filter(|piece| *piece == Piece::Answer(looked_up))
                    .count(),
                1,
                "{before}…{after}"
            );
        }
        assert_eq!(cut(""), []);
    }
}
