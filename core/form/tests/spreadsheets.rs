//! Workbooks as spreadsheet programs write them, and as real forms have them. small.xlsx and broken.xlsx were made
//! with openpyxl: a survey with numbers, dates, truths, a blank row and a non-breaking space; choices that begin at
//! C3. old.xls was made by make_xls.py beside it.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test says what fails by failing"
)]

mod common;

use common::{Fill, context};
use ketuk_form::{Error, Form, Session, Workbook};
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook as Writer, Worksheet};
use std::io::Write as _;
use std::sync::Arc;

/// Writes cells as typed texts: lines of cells separated by `|`.
fn fill(sheet: &mut Worksheet, table: &str) {
    let lines = table.lines().map(str::trim).filter(|line| !line.is_empty());
    for (row, line) in lines.enumerate() {
        for (column, cell) in line
            .split('|')
            .map(|cell| cell.trim_matches(' '))
            .enumerate()
        {
            sheet.write_string(row as u32, column as u16, cell).unwrap();
        }
    }
}

/// An .xlsx file of these sheets, each perhaps touched up.
fn xlsx(sheets: &[(&str, &str)], touch: impl Fn(&str, &mut Worksheet)) -> Vec<u8> {
    let mut book = Writer::new();
    for (name, table) in sheets {
        let sheet = book.add_worksheet();
        sheet.set_name(*name).unwrap();
        fill(sheet, table);
        touch(name, sheet);
    }
    book.save_to_buffer().unwrap()
}

fn as_typed(_: &str, _: &mut Worksheet) {}

fn compile(bytes: &[u8]) -> Form {
    let book = Workbook::from_bytes(bytes).unwrap();
    Form::compile(&book).unwrap_or_else(|faults| panic!("{faults}"))
}

fn faults(bytes: &[u8]) -> String {
    let book = Workbook::from_bytes(bytes).unwrap();
    Form::compile(&book).unwrap_err().to_string()
}

fn warnings(form: &Form) -> Vec<String> {
    form.warnings().iter().map(ToString::to_string).collect()
}

fn session(form: Form) -> Session {
    Session::new(Arc::new(form), context())
}

/// Codes that the question offers.
fn codes(form: Form, path: &str) -> Vec<String> {
    let offered = session(form).choices(path, "", 0, 100).unwrap();
    offered
        .choices
        .into_iter()
        .map(|choice| choice.code)
        .collect()
}

const SURVEY: &str = "
    type           | name | label
    select_one yt  | a    | A";

#[test]
fn cells_of_all_kinds_are_read_as_their_author_meant_them() {
    let book = Workbook::from_bytes(include_bytes!("data/small.xlsx")).unwrap();
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
fn an_older_xls_file_is_read_as_well() {
    let form = compile(include_bytes!("data/old.xls"));
    assert_eq!((form.id(), form.version()), ("rumah", "20230701"));
    assert_eq!(form.label("rumah", "id").as_deref(), Some("Rumah ≥ 1"));
    let last = form.choice_label("rumah/milik", "599", "id");
    assert_eq!(last.as_deref(), Some("Jawaban nomor 0599"));
    assert_eq!(
        warnings(&form),
        [
            "warning: choices B4 (name): the spreadsheet made a date of this cell: `2023-04-15`. \
          Format the cell as text, and write it again."
        ]
    );
    let mut s = session(form);
    s.put("rumah/milik", "2");
    assert_eq!(
        s.document(),
        r#"{"rumah":{"milik":"2","luas":36,"tgl":"2023-07-01","harga":75.71,"nama":"Siti"}}"#
    );
}

#[test]
fn numbers_stored_as_texts_and_texts_stored_as_numbers_are_codes_alike() {
    let choices = "list_name | name | label\nyt | 1 | Satu";
    let book = xlsx(
        &[("survey", SURVEY), ("choices", choices)],
        |name, sheet| {
            if name == "choices" {
                for (row, number) in [(2, 2.0), (3, 7_571_011_503_780_001.0), (4, 36.02)] {
                    sheet.write_string(row, 0, "yt").unwrap();
                    sheet.write_number(row, 1, number).unwrap();
                    sheet.write_number(row, 2, number).unwrap();
                }
                sheet.write_string(5, 0, "yt").unwrap();
                sheet.write_boolean(5, 1, true).unwrap();
                sheet.write_boolean(5, 2, true).unwrap();
            }
        },
    );
    assert_eq!(
        codes(compile(&book), "a"),
        ["1", "2", "7571011503780001", "36.02", "TRUE"]
    );
}

#[test]
fn a_code_that_the_spreadsheet_made_a_date_of_is_named_with_its_cell() {
    let choices = "list_name | name | label\nyt | | 4-15";
    let book = xlsx(
        &[("survey", SURVEY), ("choices", choices)],
        |name, sheet| {
            if name == "choices" {
                let date = ExcelDateTime::from_ymd(2023, 4, 15).unwrap();
                let shown = Format::new().set_num_format("d-mmm");
                sheet
                    .write_datetime_with_format(1, 1, &date, &shown)
                    .unwrap();
            }
        },
    );
    let form = compile(&book);
    assert_eq!(
        warnings(&form),
        [
            "warning: choices B2 (name): the spreadsheet made a date of this cell: `2023-04-15`. \
          Format the cell as text, and write it again."
        ]
    );
    assert_eq!(codes(form, "a"), ["2023-04-15"]);
}

#[test]
fn blanks_around_and_inside_do_no_harm() {
    let survey = "
        type\u{a0}           | name | label\u{a0}\u{a0} | relevant
        select_one\u{a0}\u{a0} yt\u{a0} | a\u{a0}  | A  |
        text     | b    | B     | ${a}\u{a0}=\u{a0}'1'";
    let choices = "list_name\u{a0} | name | label\n\u{a0}yt | \u{a0}1 | Ya\u{a0}";
    let mut s = session(compile(&xlsx(
        &[("survey", survey), ("choices", choices)],
        as_typed,
    )));
    assert!(!s.is_relevant("b"));
    s.put("a", "1");
    assert!(s.is_relevant("b"));
    assert_eq!(
        s.form().choice_label("a", "1", "default").as_deref(),
        Some("Ya")
    );
}

#[test]
fn smart_quotes_are_quotes_in_expressions_and_themselves_in_labels() {
    let survey = "
        type | name | label        | relevant
        text | a    | “Nama” ibu’s |
        text | b    | B            | ${a} = ‘ya’ or ${a} = “ok”";
    let form = compile(&xlsx(&[("survey", survey)], as_typed));
    assert_eq!(form.label("a", "default").as_deref(), Some("“Nama” ibu’s"));
    let mut s = session(form);
    s.put("a", "ya");
    assert!(s.is_relevant("b"));
}

#[test]
fn merged_cells_count_in_the_first_of_them() {
    let book = xlsx(
        &[(
            "survey",
            "type | name | label | hint\ntext | a | | \ntext | b | B |",
        )],
        |_, sheet| {
            sheet.merge_range(1, 2, 1, 3, "A", &Format::new()).unwrap();
        },
    );
    let s = session(compile(&book));
    let a = s.shown("a").unwrap();
    assert_eq!((a.label.as_str(), a.hint), ("A", None));
}

#[test]
fn a_formula_counts_by_the_value_it_last_had() {
    let survey = "type | name | label | default\ntext | a | A |\ntext | b | B |";
    let book = xlsx(&[("survey", survey)], |_, sheet| {
        for (row, result) in [(1, "Siti"), (2, "12")] {
            let formula = Formula::new("=A1&B1").set_result(result);
            sheet.write_formula(row, 3, formula).unwrap();
        }
    });
    let s = session(compile(&book));
    assert_eq!((s.get("a"), s.get("b")), ("Siti".into(), "12".into()));
}

#[test]
fn a_formula_that_was_never_computed_is_blank() {
    let text = |cell: &str, text: &str| {
        format!(r#"<c r="{cell}" t="inlineStr"><is><t>{text}</t></is></c>"#)
    };
    let row = |number: u32, texts: [&str; 3]| {
        let cells = ["A", "B", "C"].iter().zip(texts);
        cells
            .map(|(letter, of)| text(&format!("{letter}{number}"), of))
            .collect::<String>()
    };
    let sheet = format!(
        "<worksheet><sheetData><row>{}{}</row><row>{}<c r=\"D2\"><f>A1</f></c></row>\
         <row>{}<c r=\"D3\" t=\"str\"><f>A1</f><v></v></c></row></sheetData></worksheet>",
        row(1, ["type", "name", "label"]),
        text("D1", "default"),
        row(2, ["text", "a", "A"]),
        row(3, ["text", "b", "B"]),
    );
    let s = session(compile(&with_part("xl/s.xml", sheet.as_bytes())));
    assert_eq!((s.get("a"), s.get("b")), (String::new(), String::new()));
}

#[test]
fn a_formula_that_fails_is_named_in_columns_that_matter_and_in_no_others() {
    let survey = "type | name | label | remark\ntext | a | A | #REF!\ntext | b | #N/A |";
    let form = compile(&xlsx(&[("survey", survey)], as_typed));
    assert_eq!(
        warnings(&form),
        [
            "warning: survey C3 (label): the formula of this cell fails with `#N/A`. \
          Mend it, or write what it should yield."
        ]
    );
    let survey = "type | name | label | relevant\ntext | a | A | #REF!";
    assert!(faults(&xlsx(&[("survey", survey)], as_typed)).contains("survey D2 (relevant)"));
}

#[test]
fn rows_below_many_blank_ones_are_read_and_warned_of() {
    let with_row_at = |row| {
        let survey = "type | name | label\ntext | a | A";
        compile(&xlsx(&[("survey", survey)], |_, sheet| {
            for (column, cell) in ["text", "far", "Far"].into_iter().enumerate() {
                sheet.write_string(row, column as u16, cell).unwrap();
            }
        }))
    };
    // Row 3 to row 62 are 60 rows.
    let near = with_row_at(62);
    assert!(near.label("far", "default").is_some());
    assert!(warnings(&near).is_empty());
    let far = with_row_at(63);
    assert!(far.label("far", "default").is_some());
    assert_eq!(
        warnings(&far),
        [
            "warning: survey row 64: many blank rows stand above it, and other programs read no \
          further. Take them out."
        ]
    );
}

#[test]
fn columns_behind_many_without_a_header_are_read_and_warned_of() {
    let with_column_at = |column| {
        let survey = "type | name | label\ntext | a | A";
        compile(&xlsx(&[("survey", survey)], |_, sheet| {
            sheet.write_string(0, column, "hint").unwrap();
            sheet.write_string(1, column, "Far").unwrap();
        }))
    };
    let near = with_column_at(23);
    assert!(warnings(&near).is_empty());
    assert_eq!(
        session(near).shown("a").unwrap().hint.as_deref(),
        Some("Far")
    );
    let far = with_column_at(24);
    assert_eq!(
        warnings(&far),
        [
            "warning: survey Y1 (hint): many columns without a header stand before it, and other \
          programs read no further. Take them out."
        ]
    );
    assert_eq!(
        session(far).shown("a").unwrap().hint.as_deref(),
        Some("Far")
    );
}

#[test]
fn what_is_hidden_in_the_spreadsheet_is_read() {
    let choices = "list_name | name | label\nyt | 1 | Ya";
    let book = xlsx(
        &[("survey", SURVEY), ("choices", choices)],
        |name, sheet| {
            sheet.set_row_hidden(1).unwrap();
            sheet.set_column_hidden(1).unwrap();
            if name == "choices" {
                sheet.set_hidden(true);
            }
        },
    );
    assert_eq!(codes(compile(&book), "a"), ["1"]);
}

#[test]
fn headers_and_sheets_are_known_in_any_case_and_spelling() {
    let survey = "
        Name | TYPE          | Label :: English (en) | LABEL::Bahasa Indonesia (id) | Read_Only | Constraint Message | relevance | Remark
        a    | select_one yt | Is it?                | Apakah?                      |           |                    |           | x
        b    | text          | Other                 | Lain                         | yes       |                    | ${a} = 1  |";
    let choices = "LIST NAME | Value | label:English (en)\nyt | 1 | Yes";
    let settings = "Form Title | ID_string | Default Language\nUji | uji | Bahasa Indonesia (id)";
    let form = compile(&xlsx(
        &[
            ("Survey", survey),
            ("CHOICES", choices),
            ("Settings ", settings),
        ],
        as_typed,
    ));
    assert_eq!((form.id(), form.title()), ("uji", "Uji"));
    assert_eq!(form.label("a", "en").as_deref(), Some("Is it?"));
    assert_eq!(form.choice_label("a", "1", "en").as_deref(), Some("Yes"));
    let mut s = session(form);
    assert_eq!(s.shown("a").unwrap().label, "Apakah?");
    s.put("a", "1");
    assert!(s.is_relevant("b"));
    assert!(s.answer("b", ketuk_form::Answer::Text("x".into())).is_err());
}

#[test]
fn two_spellings_of_one_column_are_an_error() {
    let survey = "type | name | label | relevant | bind::relevant\ntext | a | A | |";
    assert_eq!(
        faults(&xlsx(&[("survey", survey)], as_typed)),
        "survey E1 (bind::relevant): this column says the same as `relevant`. Keep one of the two."
    );
}

#[test]
fn what_stands_beside_the_end_of_a_group_is_a_remark() {
    let survey = "
        type        | name  | label         | relevant
        begin group | g     | G             |
        text        | a     | A             |
        end group   | g end | of the family | nonsense (";
    assert!(
        compile(&xlsx(&[("survey", survey)], as_typed))
            .label("g/a", "default")
            .is_some()
    );
}

#[test]
fn other_sheets_are_passed_over_and_a_misspelt_one_is_named() {
    let sheets = [
        ("survey", SURVEY),
        ("choice", "list_name | name\nyt | 1"),
        ("Notes", "x"),
    ];
    let faults = faults(&xlsx(&sheets, as_typed));
    assert_eq!(
        faults,
        "warning: choice: there is no sheet of this name in a form. Call it `choices`.\n\
         survey A2 (type): there is no list `yt` on the choices sheet. Add the list to the choices sheet."
    );
    let survey = "type | name | label\ntext | a | A";
    let form = compile(&xlsx(&[("survey", survey), ("Notes", "x")], as_typed));
    assert!(warnings(&form).is_empty());
}

#[test]
fn the_only_sheet_is_the_survey_whatever_it_is_called() {
    let form = compile(&xlsx(
        &[("Sheet1", "type | name | label\ntext | a | A")],
        as_typed,
    ));
    assert!(form.label("a", "default").is_some());
}

/// A workbook in which each sheet has mistakes of its own.
#[test]
fn a_workbook_full_of_mistakes_names_each_with_its_cell_and_what_to_write() {
    let survey = "
        type                | name      | label       | relevent | relevant         | calculation             | constraint | required | parameters     | trigger | choice_filter  | default | relevance
        txt                 | a         | A           |          |                  |                         |            |          |                |         |                |         |
        select_one provinsi | prov      | Provinsi    |          |                  |                         |            |          |                |         |                |         |
        select_one prov     | prov2     | Provinsi    |          |                  |                         |            |          |                |         | parnt = ${prv} |         |
        select_one          | x         | X           |          |                  |                         |            |          |                |         |                |         |
        select_one_from_file desa.csv | desa | Desa   |          |                  |                         |            |          |                |         |                |         |
        integer             | umur anak | Umur        |          |                  |                         |            |          |                |         |                |         |
        integer             | umur      | Umur        |          |                  |                         | . > 0 &    | ${umr}   |                |         |                |         |
        range               | skala     | Skala       |          |                  |                         |            |          | start=a stop=3 |         |                |         |
        text                | nama      | Nama ${nma} |          | selectd(${umur}) |                         |            |          |                |         |                |         |
        calculate           | h1        |             |          |                  | ${h2}                   |            |          |                |         |                |         |
        calculate           | h2        |             |          |                  | ${h1} + 1               |            |          |                |         |                |         |
        calculate           | h3        |             |          |                  | round()                 |            |          |                |         |                |         |
        calculate           | h4        |             |          |                  | pulldata('desa', 'a')   |            |          |                | umur    |                |         |
        calculate           | h5        |             |          |                  | date('2023-02-30') + #  |            |          |                |         |                |         |
        osm                 | peta      | Peta        |          |                  |                         |            |          |                |         |                |         |
        begin group         | g         | G           |          |                  |                         |            |          |                |         |                |         |
        text                | umur      | Umur        |          |                  |                         |            |          |                |         |                |         |
        end repeat          |           |             |          |                  |                         |            |          |                |         |                |         |
        begin repeat        | r         | R           |          |                  |                         |            |          |                |         |                |         |";
    let choices = "
        list_name | nama | label
        prov      | 36   | Banten";
    let settings = "form_titel | form_id | default_language\nUji | uji | Inggris";
    let sheets = [
        ("survey", survey),
        ("choices", choices),
        ("settings", settings),
    ];
    insta::assert_snapshot!(faults(&xlsx(&sheets, as_typed)));
}

#[test]
fn faults_name_the_cell_of_the_spreadsheet() {
    let book = Workbook::from_bytes(include_bytes!("data/broken.xlsx")).unwrap();
    let faults = Form::compile(&book).unwrap_err().to_string();
    assert_eq!(
        faults,
        "survey F5 (relevance): at character 1, there is no question `lua`. Did you mean `${luas}`?\n\
         Choices D5 (value): the list `ya_tidak` has the code `1` twice. \
         Give each choice of a list a code of its own.\n\
         warning: Choices D6 (value): the spreadsheet made a date of this cell: `2023-04-15`. \
         Format the cell as text, and write it again."
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
fn one_csv_file_has_all_sheets_or_the_survey_alone() {
    let all = "\
survey,,,
,type,name,label
,select_one yt,a,A
,text,,B
choices,list_name,name,label
,yt,1,Ya
SETTINGS,,,
,form_id,,
,uji,,
";
    assert_eq!(
        faults(all.as_bytes()),
        "survey row 4: the `text` has no name. Write one into `name`."
    );
    let form = compile(all.replace(",text,,B", ",text,b,B").as_bytes());
    assert_eq!(form.id(), "uji");
    assert_eq!(codes(form, "a"), ["1"]);
    assert!(
        compile(b"type,name,label\ntext,a,A\n")
            .label("a", "default")
            .is_some()
    );
}

#[test]
fn csv_is_read_as_spreadsheet_programs_of_all_countries_write_it() {
    let texts = [
        "type,name,label\ntext,é,Nama\n",
        "type;name;label\r\ntext;é;Nama\r\n",
        "type\tname\tlabel\ntext\té\tNama",
    ];
    for text in texts {
        let utf16 = |bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
            format!("\u{feff}{text}")
                .encode_utf16()
                .flat_map(bytes)
                .collect()
        };
        let files = [
            text.as_bytes().to_vec(),
            format!("\u{feff}{text}").into_bytes(),
            utf16(u16::to_le_bytes),
            utf16(u16::to_be_bytes),
        ];
        for file in files {
            assert_eq!(
                compile(&file).label("é", "default").as_deref(),
                Some("Nama"),
                "{text}"
            );
        }
    }
    let refused = Workbook::from_bytes(b"type,name\ntext,\xE9").unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the workbook can't be read: it is not written in UTF-8: save it as \"CSV UTF-8\""
    );
}

#[test]
fn a_file_is_read_by_what_it_holds_and_not_by_its_name() {
    let neither: [&[u8]; 3] = [b"\x89PNG\r\n\x1a\n\0\0", b"%PDF-1.7\n\0", b"\x7fELF\x02\0"];
    for bytes in neither {
        assert!(matches!(
            Workbook::from_bytes(bytes),
            Err(Error::Workbook(_))
        ));
    }
    assert!(Workbook::from_bytes(include_bytes!("data/old.xls")).is_ok());
    assert!(Workbook::from_bytes(include_bytes!("data/small.xlsx")).is_ok());
}

/// A workbook with one part of another content.
fn with_part(path: &str, content: &[u8]) -> Vec<u8> {
    const PARTS: [(&str, &str); 4] = [
        (
            "xl/workbook.xml",
            r#"<workbook><sheets><sheet name="survey" r:id="a"/></sheets></workbook>"#,
        ),
        (
            "xl/_rels/workbook.xml.rels",
            r#"<Relationships><Relationship Id="a" Type="x/worksheet" Target="s.xml"/><Relationship Id="b" Type="x/sharedStrings" Target="t.xml"/></Relationships>"#,
        ),
        ("xl/s.xml", r#"<worksheet><sheetData/></worksheet>"#),
        ("xl/t.xml", r#"<sst><si><t>type</t></si></sst>"#),
    ];
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, usual) in PARTS {
        let options = zip::write::SimpleFileOptions::default();
        archive.start_file(name, options).unwrap();
        let content = if name == path {
            content
        } else {
            usual.as_bytes()
        };
        archive.write_all(content).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

#[test]
fn a_small_file_that_says_it_is_huge_takes_no_memory() {
    let cells = |cells: &str| {
        let sheet = format!("<worksheet><sheetData>{cells}</sheetData></worksheet>");
        Workbook::from_bytes(&with_part("xl/s.xml", sheet.as_bytes()))
    };
    let far = r#"<row><c r="A1"><v>1</v></c></row><row><c r="XFD1048576"><v>1</v></c></row>"#;
    assert!(cells(far).is_ok());
    let outside = r#"<row r="99999999999"><c r="A99999999999"><v>1</v></c></row>"#;
    assert!(cells(outside).is_err());
    let wide: String = (1..400)
        .map(|row| format!(r#"<row><c r="XFD{row}"><v>1</v></c></row>"#))
        .collect();
    let refused = cells(&wide).unwrap_err().to_string();
    assert!(refused.contains("more than 4000000 cells"), "{refused}");
    let counted = br#"<sst uniqueCount="99999999999999"><si><t>type</t></si></sst>"#;
    assert!(Workbook::from_bytes(&with_part("xl/t.xml", counted)).is_ok());
}

#[test]
fn few_bytes_that_stand_for_many_cells_are_refused_before_they_are_read() {
    let with = |path: &str, content: &str| {
        let refused = Workbook::from_bytes(&with_part(path, content.as_bytes()));
        refused.unwrap_err().to_string()
    };
    let sheet = |cells: &str| format!("<worksheet><sheetData>{cells}</sheetData></worksheet>");
    let many_cells = sheet(&r#"<c r="A1"><v>1</v></c>"#.repeat(4_000_001));
    let long_numbers = sheet(&r#"<row><c r="A1"><v>5e-324</v></c></row>"#.repeat(300_000));
    let below = (2..400).map(|row| format!(r#"<row><c r="A{row}"><v>1</v></c></row>"#));
    let wide = r#"<row><c r="XFD1"><v>1</v></c></row>"#.to_owned() + &below.collect::<String>();
    let one_part = r#"<sheet name="survey" r:id="a"/>"#.repeat(2);
    for (path, content, told) in [
        ("xl/s.xml", many_cells.as_str(), "cells"),
        ("xl/s.xml", long_numbers.as_str(), "bytes"),
        ("xl/s.xml", sheet(&wide).as_str(), "cells"),
        ("xl/t.xml", &"<si/>".repeat(4_000_001), "cells"),
        ("xl/workbook.xml", &one_part, "two sheets `survey`"),
    ] {
        let refused = with(path, content);
        assert!(refused.contains(told), "{refused}");
    }
    let commas = ",".repeat(4_000_001);
    let text = Workbook::from_bytes(commas.as_bytes()).unwrap_err();
    assert!(text.to_string().contains("cells"), "{text}");

    let mut book = Workbook::from_csv(&[("survey", "type")]).unwrap();
    let wide = format!("a{}\n{}", ",".repeat(10_000), "a\n".repeat(1_000));
    let refused = book.attach("wide.csv", wide.as_bytes()).unwrap_err();
    assert!(refused.to_string().contains("cells"), "{refused}");
    let features = (0..3_000).map(|n| format!(r#"{{"properties": {{"p{n}": 1}}}}"#));
    let features = features.collect::<Vec<_>>().join(",");
    let each_other = format!(r#"{{"type": "FeatureCollection", "features": [{features}]}}"#);
    let refused = book
        .attach("far.geojson", each_other.as_bytes())
        .unwrap_err();
    assert!(refused.to_string().contains("cells"), "{refused}");
}

#[test]
fn a_form_in_more_languages_than_anybody_reads_is_refused() {
    let labels: String = (0..200).map(|n| format!(",label::L{n}")).collect();
    let told = faults(format!("type,name{labels}\ntext,a,A\n").as_bytes());
    assert!(told.contains("more than 100 languages"), "{told}");
}

#[test]
fn a_file_that_unpacks_to_more_than_any_form_is_refused() {
    let long = vec![b' '; 257 * 1024 * 1024];
    let bomb = with_part("xl/t.xml", &long);
    assert!(bomb.len() < 1024 * 1024);
    let refused = Workbook::from_bytes(&bomb).unwrap_err().to_string();
    assert!(refused.contains("unpacks to more than"), "{refused}");
}

#[test]
fn a_damaged_spreadsheet_is_refused_and_never_panics() {
    let files: [&[u8]; 2] = [
        include_bytes!("data/small.xlsx"),
        include_bytes!("data/old.xls"),
    ];
    for whole in files {
        for cut in (0..whole.len()).step_by(97) {
            let _ = Workbook::from_bytes(&whole[..cut]).map(|book| Form::compile(&book));
            let mut damaged = whole.to_vec();
            damaged[cut] ^= 0xff;
            let _ = Workbook::from_bytes(&damaged).map(|book| Form::compile(&book));
        }
    }
}

#[test]
fn one_csv_file_holds_all_sheets_or_the_survey_alone() {
    let whole = "survey,,\n,type,name,label\n,select_one yt,a,A\n,select_one yy,b,B\nchoices,list_name,name,label\n,yt,1,Ya\n";
    let faults = Form::compile(&Workbook::from_bytes(whole.as_bytes()).unwrap()).unwrap_err();
    // Cells keep their places in the file.
    let told: Vec<String> = faults
        .0
        .iter()
        .map(|fault| format!("{} {}", fault.sheet, fault.cell))
        .collect();
    assert_eq!(told, ["survey B4"], "{faults}");
    let right = whole.replace("yy", "yt");
    let form = Form::compile(&Workbook::from_bytes(right.as_bytes()).unwrap()).unwrap();
    assert_eq!(
        form.choice_label("b", "1", "default").as_deref(),
        Some("Ya")
    );

    let alone = "type,name,label\ntext,survey,S\n";
    let form = Form::compile(&Workbook::from_bytes(alone.as_bytes()).unwrap()).unwrap();
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

#[test]
fn a_protected_workbook_is_refused_as_such() {
    // Excel keeps a protected .xlsx as a compound file.
    let mut file = cfb::CompoundFile::create(std::io::Cursor::new(Vec::new())).unwrap();
    file.create_stream("/EncryptedPackage").unwrap();
    let bytes = file.into_inner().into_inner();
    let refused = Workbook::from_bytes(&bytes).unwrap_err().to_string();
    assert_eq!(
        refused,
        "the workbook can't be read: it is protected by a password: take that off and save it again"
    );
}
