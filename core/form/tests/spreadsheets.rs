//! Workbooks as spreadsheet programs write them. The two files were made with openpyxl: a survey
//! with numbers, dates, truths, a blank row and a non-breaking space; choices that begin at C3.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test says what fails by failing"
)]

mod common;

use common::{Fill, context};
use ketuk_form::{Error, Form, Session, Workbook};
use std::sync::Arc;

#[test]
fn cells_of_all_kinds_are_read_as_their_author_meant_them() {
    let book = Workbook::from_xlsx(include_bytes!("data/small.xlsx")).unwrap();
    let form = Form::compile(&book).unwrap();
    assert_eq!((form.id(), form.version()), ("rumah", "20230701"));
    assert_eq!(form.label("luas", "id").as_deref(), Some("Luas rumah"));
    assert_eq!(form.choice_label("a", "2", "id").as_deref(), Some("Tidak"));
    assert_eq!(
        form.choice_label("a", "2023-04-15", "id").as_deref(),
        Some("Tanggal")
    );
    let s = Session::new(Arc::new(form), context());
    assert_eq!(s.document(), r#"{"rumah":{"luas":36,"tgl":"2023-07-01"}}"#);
}

#[test]
fn faults_name_the_cell_of_the_spreadsheet() {
    let book = Workbook::from_xlsx(include_bytes!("data/broken.xlsx")).unwrap();
    let faults = Form::compile(&book).unwrap_err().to_string();
    assert_eq!(
        faults,
        "survey F5 (relevance): at character 1, there is no question `lua`. Did you mean `${luas}`?\n\
         Choices D5 (value): the list `ya_tidak` has the code `1` twice. \
         Give each choice of a list a code of its own."
    );
}

#[test]
fn a_folder_of_sheets_is_a_workbook() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/folder");
    let form = Form::compile(&Workbook::from_folder(&folder).unwrap()).unwrap();
    assert_eq!(form.id(), "lipat");
    let nowhere = folder.join("nowhere");
    assert!(matches!(
        Workbook::from_folder(&nowhere),
        Err(Error::Workbook(_))
    ));
}

#[test]
fn a_damaged_spreadsheet_is_refused_and_never_panics() {
    let whole = include_bytes!("data/small.xlsx");
    for cut in (0..whole.len()).step_by(97) {
        assert!(
            matches!(Workbook::from_xlsx(&whole[..cut]), Err(Error::Workbook(_))),
            "{cut}"
        );
        let mut damaged = whole.to_vec();
        damaged[cut] ^= 0xff;
        if let Ok(book) = Workbook::from_xlsx(&damaged) {
            let _ = Form::compile(&book);
        }
    }
}
