//! The questionnaire, and a session of it that carries out steps.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use jiff::civil::{Date, date};
use ketuk_form::{Context, Form, Workbook};
use ketuk_wire::{AreaCode, Level};

/// The day of the visits.
pub(crate) const DAY: Date = date(2023, 7, 20);

/// `forms/pk`, compiled once.
pub(crate) fn pk() -> Arc<Form> {
    static FORM: OnceLock<Arc<Form>> = OnceLock::new();
    let compiled = FORM.get_or_init(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../forms/pk");
        let workbook = Workbook::from_folder(&folder).unwrap();
        Arc::new(Form::compile(&workbook).unwrap_or_else(|faults| panic!("{faults}")))
    });
    Arc::clone(compiled)
}

/// What the phone supplies for a family in this RT.
pub(crate) fn context(area: &AreaCode, day: Date, new: bool) -> Context {
    let mut context = Context::on(day);
    let mut known = |name: &str, value: String| {
        context.values.insert(name.to_owned(), value);
    };
    let part = |level| area.at(level).map(|a| a.to_string()).unwrap_or_default();
    let number = |level| {
        area.at(level)
            .map(|a| format!("{:03}", a.ordinal()))
            .unwrap_or_default()
    };
    known("prov", part(Level::Province));
    known("kab", part(Level::Regency));
    known("kec", part(Level::District));
    known("desa", part(Level::Village));
    known("rw", number(Level::Rw));
    known("rt", number(Level::Rt));
    if new {
        known("ctx_baru", "1".to_owned());
    }
    context
}
