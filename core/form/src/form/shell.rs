//! What a shell can't show, named where a form asks for it.

use super::schema::{Kind, Medium};
use super::survey::{Origin, Survey};
use super::table::{Cell, Column, Line, Report};

/// A program that shows forms, and what it can't.
#[derive(Clone, Copy, Debug, Default)]
pub struct Shell<'a> {
    /// Its name, to begin a sentence: `the phone`.
    pub name: &'a str,
    /// Types as authors write them (`geopoint`, `image`), and columns of files that go with labels
    /// (`media::image`).
    pub lacks: &'a [&'a str],
}

impl Shell<'_> {
    /// Names each row that asks for something that the shell lacks.
    pub(crate) fn refuse(self, survey: &Survey<'_>, report: &mut Report) {
        for (node, origin) in survey.schema.nodes.iter().zip(&survey.origins) {
            let Origin::Row(line) = origin else { continue };
            if let (Kind::Question(question), Some(cell)) = (&node.kind, line.get(Column::Type)) {
                self.refuse_word(question.word(), cell, report);
            }
            self.refuse_media(*line, report);
        }
        for line in survey.choice_lines.iter().flatten().flatten() {
            self.refuse_media(*line, report);
        }
    }

    fn refuse_media(self, line: Line<'_>, report: &mut Report) {
        for medium in Medium::ALL {
            for (_, cell) in line.texts(Column::Media(medium)) {
                self.refuse_word(medium.column(), cell, report);
            }
        }
    }

    fn refuse_word(self, word: &str, cell: Cell<'_>, report: &mut Report) {
        if self.lacks.contains(&word) {
            let message = format!("{} can't show `{word}` yet.", self.name);
            report.error(cell, message, "Ask without it.");
        }
    }
}
