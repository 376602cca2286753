//! A list of choices: rows of texts in named columns, from the choices sheet or from a file.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use super::schema::{Medium, NodeId};
use super::texts::Text;

/// Choices, and which of their columns is stored and which is read. Questions that take other columns of the
/// same file have lists of their own over the same rows.
#[derive(Clone, Debug)]
pub(crate) struct List {
    pub(crate) name: Box<str>,
    /// The file that it is.
    pub(crate) file: Option<Box<str>>,
    /// Whether the choices are answers to another question, and none known beforehand.
    pub(crate) is_of_answers: bool,
    pub(crate) rows: Arc<Rows>,
    /// The column that is stored.
    code: u32,
    pub(crate) labels: Labels,
    /// By place: the files that go with a choice. Empty where no choice has any.
    pub(crate) media: Arc<[ChoiceMedia]>,
    /// The questions whose answers are woven into what is read.
    pub(crate) woven: Vec<NodeId>,
}

/// The names of the files that go with one choice.
pub(crate) type ChoiceMedia = Box<[(Medium, Text)]>;

/// What is read of choices.
#[derive(Clone, Debug)]
pub(crate) enum Labels {
    /// By place: texts in the form's languages, beside the rows. The column holds their place.
    InLanguages(u32, Arc<[Text]>),
    /// A column of the rows: a file has no languages.
    AsTheyAre(u32),
}

impl List {
    /// A list of the choices sheet: its first two columns are `name` and `label`.
    pub(crate) fn of_sheet(name: &str, rows: Rows) -> List {
        List {
            name: name.into(),
            file: None,
            is_of_answers: false,
            rows: Arc::new(rows),
            code: 0,
            labels: Labels::InLanguages(1, [].into()),
            media: [].into(),
            woven: Vec::new(),
        }
    }

    /// Whether the choices stand on a sheet of the workbook.
    pub(crate) fn is_of_sheet(&self) -> bool {
        self.file.is_none() && !self.is_of_answers
    }

    /// The answers to a question, which is named `${name}`.
    pub(crate) fn of_answers(reference: &str) -> List {
        List {
            is_of_answers: true,
            ..List::of_sheet(reference, Rows::default())
        }
    }

    /// The list that a file is, which expressions call by its name without the ending.
    pub(crate) fn of_file(file: &str, rows: Arc<Rows>, code: u32, label: u32) -> List {
        let name = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
        List {
            name: name.into(),
            file: Some(file.into()),
            is_of_answers: false,
            rows,
            code,
            labels: Labels::AsTheyAre(label),
            media: [].into(),
            woven: Vec::new(),
        }
    }

    pub(crate) fn len(&self) -> u32 {
        self.rows.len()
    }

    pub(crate) fn code(&self, place: u32) -> &str {
        self.rows.cell(place, self.code)
    }

    /// The places of a code: several where the form allows a code to come twice.
    pub(crate) fn places(&self, code: &str) -> &[u32] {
        self.rows.places(self.code, code)
    }

    /// The place of a code; of one that comes twice, the first.
    pub(crate) fn find(&self, code: &str) -> Option<u32> {
        self.places(code).first().copied()
    }

    /// What is read of a choice in a language; of answers woven in, a `…`.
    pub(crate) fn label(
        &self,
        place: u32,
        language: usize,
        default: usize,
    ) -> Option<Cow<'_, str>> {
        match &self.labels {
            Labels::InLanguages(_, texts) => {
                let text = texts.get(place as usize)?;
                text.plain(language, default).map(Cow::Owned)
            }
            Labels::AsTheyAre(column) => {
                let label = self.rows.cell(place, *column);
                (!label.is_empty()).then_some(Cow::Borrowed(label))
            }
        }
    }

    /// The column that is stored.
    pub(crate) fn code_column(&self) -> &str {
        self.rows
            .columns
            .get(self.code as usize)
            .map_or("", AsRef::as_ref)
    }

    /// The column that is read.
    pub(crate) fn label_column(&self) -> &str {
        let (Labels::InLanguages(column, _) | Labels::AsTheyAre(column)) = self.labels;
        self.rows
            .columns
            .get(column as usize)
            .map_or("", AsRef::as_ref)
    }

    /// Whether a column is read in languages.
    pub(crate) fn is_in_languages(&self, column: u32) -> bool {
        matches!(self.labels, Labels::InLanguages(label, _) if label == column)
    }

    /// Whether it is the same file, by the same columns.
    pub(crate) fn shows_as(&self, other: &List) -> bool {
        let columns = |list: &List| match list.labels {
            Labels::InLanguages(..) => None,
            Labels::AsTheyAre(label) => Some((list.code, label)),
        };
        self.file == other.file && columns(self) == columns(other)
    }

    /// Adds a choice of which only the code is known.
    pub(crate) fn add(&mut self, code: &str) {
        let own = self.code as usize;
        let columns = self.rows.columns.len();
        let cells = (0..columns).map(|column| if column == own { code } else { "" });
        Arc::make_mut(&mut self.rows).push(cells);
    }
}

/// A table of texts that finds rows by a cell without looking through all.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rows {
    pub(crate) columns: Vec<Box<str>>,
    /// All cells one after the other, row by row.
    text: String,
    /// Where each of them ends.
    ends: Vec<u32>,
    /// By column: the rows in the order of its cells, made when somebody first looks for one.
    sorted: Vec<OnceLock<Box<[u32]>>>,
}

impl Rows {
    pub(crate) fn new(columns: Vec<Box<str>>) -> Rows {
        Rows {
            sorted: columns.iter().map(|_| OnceLock::new()).collect(),
            columns,
            ..Rows::default()
        }
    }

    /// Adds a row: as many cells as there are columns.
    pub(crate) fn push<'a>(&mut self, cells: impl Iterator<Item = &'a str>) {
        for cell in cells.take(self.columns.len()) {
            self.text.push_str(cell);
            self.ends.push(self.text.len() as u32);
        }
        for column in &mut self.sorted {
            column.take();
        }
    }

    pub(crate) fn len(&self) -> u32 {
        self.ends.len().checked_div(self.columns.len()).unwrap_or(0) as u32
    }

    pub(crate) fn column(&self, name: &str) -> Option<u32> {
        let found = self.columns.iter().position(|column| **column == *name);
        found.map(|column| column as u32)
    }

    /// A cell; empty where there is none.
    pub(crate) fn cell(&self, row: u32, column: u32) -> &str {
        let at = row as usize * self.columns.len() + column as usize;
        let Some(end) = self.ends.get(at) else {
            return "";
        };
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[start as usize..*end as usize]
    }

    /// The rows with this text in a column, in their order.
    pub(crate) fn places(&self, column: u32, text: &str) -> &[u32] {
        let Some(sorted) = self.sorted.get(column as usize) else {
            return &[];
        };
        let sorted = sorted.get_or_init(|| {
            let mut places: Box<[u32]> = (0..self.len()).collect();
            places.sort_by(|a, b| self.cell(*a, column).cmp(self.cell(*b, column)));
            places
        });
        let first = sorted.partition_point(|place| self.cell(*place, column) < text);
        let same = sorted[first..].partition_point(|place| self.cell(*place, column) == text);
        &sorted[first..first + same]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn towns() -> Rows {
        let mut rows = Rows::new(vec!["name".into(), "regency".into()]);
        for (name, regency) in [("Pohe", "75.71"), ("Isimu", "75.01"), ("Tenda", "75.71")] {
            rows.push([name, regency].into_iter());
        }
        rows
    }

    #[test]
    fn rows_are_found_by_a_cell_in_their_order() {
        let mut rows = towns();
        assert_eq!(rows.places(1, "75.71"), [0, 2]);
        assert_eq!(rows.places(1, "75"), [0; 0]);
        rows.push(["Lekobalo", "75.71"].into_iter());
        assert_eq!(rows.places(1, "75.71"), [0, 2, 3]);
        assert_eq!(rows.cell(3, 0), "Lekobalo");
    }

    #[test]
    fn what_is_not_there_is_empty() {
        let rows = towns();
        assert_eq!(rows.cell(7, 0), "");
        assert_eq!(rows.places(9, "Pohe"), [0; 0]);
        assert_eq!(Rows::default().len(), 0);
    }
}
