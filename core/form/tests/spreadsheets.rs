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

#[test]
fn one_csv_file_holds_all_sheets_or_the_survey_alone() {
    let whole = "survey,,\n,type,name,label\n,select_one yt,a,A\n,select_one yy,b,B\nchoices,list_name,name,label\n,yt,1,Ya\n";
    let faults = Form::compile(&Workbook::from_one_csv(whole).unwrap()).unwrap_err();
    // Cells keep their places in the file.
    let told: Vec<String> = faults
        .0
        .iter()
        .map(|fault| format!("{} {}", fault.sheet, fault.cell))
        .collect();
    assert_eq!(told, ["survey B4"], "{faults}");
    let right = whole.replace("yy", "yt");
    let form = Form::compile(&Workbook::from_one_csv(&right).unwrap()).unwrap();
    assert_eq!(
        form.choice_label("b", "1", "default").as_deref(),
        Some("Ya")
    );

    let alone = "type,name,label\ntext,survey,S\n";
    let form = Form::compile(&Workbook::from_one_csv(alone).unwrap()).unwrap();
    assert_eq!(form.questions().count(), 1);
}

#[test]
fn of_the_files_beside_a_form_those_are_read_that_it_mentions() {
    let folder = tempfile::TempDir::new().unwrap();
    let put = |name: &str, text: &[u8]| std::fs::write(folder.path().join(name), text).unwrap();
    put(
        "form.csv",
        b"type,name,label,calculation\nselect_one_from_file towns.csv,kota,K,\n\
          calculate,kode,,\"pulldata('codes', 'b', 'a', ${kota})\"\ncsv-external,more,,\n",
    );
    put("towns.csv", b"name,label\np,Pohe\n");
    put("codes.csv", b"a,b\np,7\n");
    put("more.csv", b"a,b\n");
    // Somebody else's, and no table at all.
    put("other.csv", b"\xff\xfe");
    let form = Form::compile(&Workbook::open(&folder.path().join("form.csv")).unwrap()).unwrap();
    assert_eq!(
        form.choice_label("kota", "p", "default").as_deref(),
        Some("Pohe")
    );
    assert!(Workbook::open(&folder.path().join("nothing.xlsx")).is_err());
}
