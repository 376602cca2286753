//! Small forms written as tables, and short ways to fill them.
#![allow(dead_code, reason = "each test file uses some of these")]

use std::sync::Arc;

use ketuk_form::{Answer, Context, Faults, Form, Item, Question, Session, Workbook};

/// A sheet written as lines of cells separated by `|`.
fn csv(table: &str) -> String {
    let mut writer = csv::WriterBuilder::new()
        .flexible(true)
        .from_writer(Vec::new());
    for line in table.lines().map(str::trim).filter(|line| !line.is_empty()) {
        writer.write_record(line.split('|').map(str::trim)).unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

pub(crate) fn workbook(survey: &str, choices: &str, settings: &str) -> Workbook {
    let sheets = [
        ("survey", csv(survey)),
        ("choices", csv(choices)),
        ("settings", csv(settings)),
    ];
    let sheets: Vec<(&str, &str)> = sheets
        .iter()
        .map(|(name, text)| (*name, text.as_str()))
        .collect();
    Workbook::from_csv(&sheets).unwrap()
}

/// Lists that the small forms share.
pub(crate) const CHOICES: &str = "
    list_name | name  | label::Bahasa Indonesia (id) | label::English (en) | prov
    yt        | 1     | Ya                           | Yes                 |
    yt        | 2     | Tidak                        | No                  |
    tb        | 1     | Ya                           | Yes                 |
    tb        | 2     | Tidak                        | No                  |
    tb        | 3     | Tidak berlaku                | Not applicable      |
    warna     | m     | Merah                        | Red                 |
    warna     | h     | Hijau                        | Green               |
    warna     | b     | Biru                         | Blue                |
    prov      | 36    | Banten                       | Banten              |
    prov      | 75    | Gorontalo                    | Gorontalo           |
    kab       | 36.02 | Lebak                        | Lebak               | 36
    kab       | 75.71 | Kota Gorontalo               | Gorontalo City      | 75
    kab       | 75.01 | Kab. Gorontalo               | Gorontalo Regency   | 75";

pub(crate) const SETTINGS: &str = "
    form_title | form_id | version | default_language
    Uji        | uji     | 1       | Bahasa Indonesia (id)";

pub(crate) fn compiled(survey: &str) -> Result<Form, Faults> {
    Form::compile(&workbook(survey, CHOICES, SETTINGS))
}

pub(crate) fn form(survey: &str) -> Arc<Form> {
    match compiled(survey) {
        Ok(form) => Arc::new(form),
        Err(faults) => panic!("{faults}"),
    }
}

pub(crate) fn context() -> Context {
    let mut context = Context::on(jiff::civil::date(2023, 7, 20));
    context.seed = 7;
    context
}

pub(crate) fn session(survey: &str) -> Session {
    Session::new(form(survey), context())
}

/// Answers and short looks.
pub(crate) trait Fill {
    fn put(&mut self, path: &str, typed: &str) -> &mut Self;
    /// The answer as one text.
    fn get(&self, path: &str) -> String;
    /// The question as it stands on the present page.
    fn shown(&self, path: &str) -> Option<Question>;
    /// Paths on the present page.
    fn on_page(&self) -> Vec<String>;
    /// Path and kind of each open problem.
    fn open(&self) -> Vec<String>;
    fn document(&self) -> String;
}

impl Fill for Session {
    fn put(&mut self, path: &str, typed: &str) -> &mut Self {
        self.answer(path, Answer::Text(typed.to_owned())).unwrap();
        self
    }

    fn get(&self, path: &str) -> String {
        match self
            .value(path)
            .unwrap_or_else(|| panic!("no question at {path}"))
        {
            Answer::Empty => String::new(),
            Answer::Text(text) | Answer::Choice(text) => text,
            Answer::Choices(codes) => codes.join(" "),
        }
    }

    fn shown(&self, path: &str) -> Option<Question> {
        self.screen().items.into_iter().find_map(|item| match item {
            Item::Question(question) | Item::Note(question) if question.path == path => {
                Some(question)
            }
            _ => None,
        })
    }

    fn on_page(&self) -> Vec<String> {
        self.screen()
            .items
            .iter()
            .map(|item| item.path().to_owned())
            .collect()
    }

    fn open(&self) -> Vec<String> {
        self.problems()
            .into_iter()
            .map(|problem| format!("{} {:?}", problem.path, problem.kind))
            .collect()
    }

    fn document(&self) -> String {
        self.finish()
            .unwrap_or_else(|problems| panic!("{problems:#?}"))
            .into_string()
    }
}
