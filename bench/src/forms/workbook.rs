//! Reading and compiling a workbook of a size that campaigns have.

use anyhow::{Result, anyhow};
use ketuk_form::{Form, Workbook};
use rust_xlsxwriter::Workbook as Spreadsheet;

use crate::figure::{Figure, Report, milliseconds, percentile};

/// Rows of the survey.
const ROWS: usize = 2_000;

/// Measures it.
pub(crate) fn measure(report: &Report) -> Result<()> {
    report.measuring("a workbook of 2,000 rows");
    let bytes = spreadsheet()?;
    let taken = milliseconds(30, |_| {
        let workbook = Workbook::from_bytes(&bytes)?;
        Form::compile(&workbook).map_err(|faults| anyhow!("{faults}"))?;
        Ok(())
    })?;
    let name = "read and compile an .xlsx of 2,000 rows: median";
    report.figure(Figure::new("forms", name, percentile(&taken, 0.5), "ms").at_most(50.0))
}

/// Pages of ten rows in two languages, with skips, checks and calculations.
fn spreadsheet() -> Result<Vec<u8>> {
    let mut spreadsheet = Spreadsheet::new();
    let survey = spreadsheet.add_worksheet().set_name("survey")?;
    let headers = [
        "type",
        "name",
        "label::Bahasa Indonesia (id)",
        "label::English (en)",
        "hint::Bahasa Indonesia (id)",
        "hint::English (en)",
        "relevant",
        "constraint",
        "constraint_message::Bahasa Indonesia (id)",
        "constraint_message::English (en)",
        "calculation",
        "required",
        "appearance",
    ];
    survey.write_row(0, 0, headers)?;
    for at in 0..ROWS {
        survey.write_row(at as u32 + 1, 0, row(at))?;
    }
    let choices = spreadsheet.add_worksheet().set_name("choices")?;
    choices.write_row(
        0,
        0,
        [
            "list_name",
            "name",
            "label::Bahasa Indonesia (id)",
            "label::English (en)",
        ],
    )?;
    for at in 0..200_u32 {
        let list = format!("list{}", at / 10);
        let cells = [
            list,
            (at % 10).to_string(),
            format!("Pilihan {at}"),
            format!("Choice {at}"),
        ];
        choices.write_row(at + 1, 0, cells)?;
    }
    Ok(spreadsheet.save_to_buffer()?)
}

fn row(at: usize) -> [String; 13] {
    let (page, place) = (at / 10, at % 10);
    let first = format!("${{q{}}}", page * 10 + 1);
    let mut cells: [String; 13] = Default::default();
    let mut put = |column: usize, text: String| cells[column] = text;
    let kind = match place {
        0 => "begin group".to_owned(),
        1 => "integer".to_owned(),
        2 => "calculate".to_owned(),
        3..=5 => format!("select_one list{}", page % 20),
        6 => format!("select_multiple list{}", page % 20),
        9 => "end group".to_owned(),
        _ => "text".to_owned(),
    };
    put(0, kind);
    if place == 9 {
        return cells;
    }
    put(1, format!("q{at}"));
    match place {
        0 => put(12, "field-list".to_owned()),
        1 => put(7, ". >= 0 and . <= 150".to_owned()),
        2 => {
            put(10, format!("if({first} > 17, 'adult', 'child')"));
            return cells;
        }
        7 => put(7, "regex(., '^[A-Za-z ]+$')".to_owned()),
        _ => put(6, format!("{first} > {place} and {first} != ''")),
    }
    put(2, format!("Pertanyaan nomor {at}"));
    put(3, format!("Question number {at}"));
    put(4, "Tanyakan kepada yang menjawab.".to_owned());
    put(5, "Ask the one who answers.".to_owned());
    if place == 1 || place == 7 {
        put(8, "Jawaban ini belum benar. Periksa lagi.".to_owned());
        put(9, "This answer is not right yet. Look again.".to_owned());
        put(11, "yes".to_owned());
    }
    cells
}
