//! The codebook as a sheet: a row for each entry, and each text once for each language.

use std::io;

use super::{Codebook, CodebookEntry, Texts};

/// What stands in a column that comes once for each language.
type Text = fn(&CodebookEntry, &str) -> String;

const TEXTS: [(&str, Text); 7] = [
    ("label", |entry, language| one(&entry.label, language)),
    ("hint", |entry, language| one(&entry.hint, language)),
    ("choices", choices),
    ("relevant", |entry, language| one(&entry.relevant, language)),
    ("required_when", |entry, language| {
        one(&entry.required_when, language)
    }),
    ("calculation", |entry, language| {
        one(&entry.calculation, language)
    }),
    ("constraint_message", |entry, language| {
        let messages = entry.constraint_messages.iter();
        let messages = messages.filter_map(|texts| texts.get(language));
        messages.cloned().collect::<Vec<_>>().join("; ")
    }),
];

impl Codebook {
    /// Writes it as CSV: `table`, `columns`, `path`, `type`, `number`, `required`, and for each language
    /// `label::…`, `hint::…`, `choices::…` as `1 = Ya; 2 = Tidak`, `relevant::…`, `required_when::…`,
    /// `calculation::…` and `constraint_message::…`.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write_csv(&self, out: impl io::Write) -> io::Result<()> {
        let mut csv = csv::Writer::from_writer(out);
        let mut header: Vec<String> = ["table", "columns", "path", "type", "number", "required"]
            .map(str::to_owned)
            .into();
        for (name, _) in TEXTS {
            let names = self.languages.iter();
            header.extend(names.map(|language| format!("{name}::{}", language.name)));
        }
        csv.write_record(&header)?;
        for entry in &self.entries {
            csv.write_record(self.row(entry))?;
        }
        csv.flush()
    }

    fn row(&self, entry: &CodebookEntry) -> Vec<String> {
        let mut cells = vec![
            entry.table.clone(),
            entry.columns.join("; "),
            entry.path.clone(),
            entry.kind.clone(),
            entry.number.clone().unwrap_or_default(),
            if entry.required { "yes" } else { "" }.to_owned(),
        ];
        for (_, text) in TEXTS {
            let names = self.languages.iter();
            cells.extend(names.map(|language| text(entry, &language.name)));
        }
        cells
    }
}

fn one(texts: &Texts, language: &str) -> String {
    texts.get(language).cloned().unwrap_or_default()
}

fn choices(entry: &CodebookEntry, language: &str) -> String {
    let choices = entry.choices.iter().map(|choice| {
        let label = choice.label.get(language).map_or("", String::as_str);
        format!("{} = {label}", choice.code)
    });
    choices.collect::<Vec<_>>().join("; ")
}
