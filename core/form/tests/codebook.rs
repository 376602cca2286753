//! The codebook: what a form's answers mean.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test says what fails by failing"
)]

mod common;

use std::path::Path;

use common::form;
use ketuk_form::{Codebook, CodebookEntry, Form, Several, Workbook};

const ID: &str = "Bahasa Indonesia (id)";
const EN: &str = "English (en)";

const FORM: &str = "
    type                  | name    | label::Bahasa Indonesia (id) | label::English (en) | relevant
    begin group           | ibu     | Ibu                          | Mother              |
    text                  | nama    | Nama ibu                     | Mother's name       |
    integer               | umur    | Umur ibu                     | Mother's age        |
    select_one yt         | hamil   | Sedang hamil?                | Pregnant now?       |
    select_multiple warna | cat     | Warna cat                    | Colours of paint    |
    date                  | lahir   | Tanggal lahir                | Date of birth       |
    note                  | catatan | Terima kasih, ${nama}        | Thank you, ${nama}  |
    end group             |         |                              |                     |
    calculate             | hitung  |                              |                     |
    begin repeat          | anggota | Anggota                      | Member              |
    text                  | nama_a  | Nama                         | Name                |
    integer               | umur_a  | Umur                         | Age                 |
    select_one yt         | sakit   | Sakit?                       | Ill?                | WITHIN
    end repeat            |         |                              |                     |
    geopoint              | tempat  | Tempat                       | Place               | OUTSIDE";

/// The form, with expressions in the cells that wait for one.
fn with(within: &str, outside: &str) -> Codebook {
    let survey = FORM.replace("WITHIN", within).replace("OUTSIDE", outside);
    form(&survey.replace(
        "calculate             | hitung  |",
        "hidden                | hitung  |",
    ))
    .codebook()
}

fn entry<'c>(book: &'c Codebook, path: &str) -> &'c CodebookEntry {
    let found = book.entries.iter().find(|entry| entry.path == path);
    found.unwrap_or_else(|| panic!("nothing at {path}"))
}

#[test]
fn everything_stands_in_it_in_the_order_of_the_form() {
    let book = with("", "");
    let lines: Vec<String> = book
        .entries
        .iter()
        .map(|entry| {
            let columns = entry.columns.join(" ");
            let page = entry.page.map_or("-".to_owned(), |page| page.to_string());
            format!(
                "{} | {} | {} | {columns} | {page}",
                entry.path, entry.kind, entry.table
            )
        })
        .collect();
    assert_eq!(
        lines,
        [
            "ibu | group | uji |  | 1",
            "ibu/nama | text | uji | nama | 1",
            "ibu/umur | integer | uji | umur | 1",
            "ibu/hamil | select_one yt | uji | hamil | 1",
            "ibu/cat | select_multiple warna | uji | cat | 1",
            "ibu/lahir | date | uji | lahir | 1",
            "ibu/catatan | note | uji |  | 1",
            "hitung | hidden | uji | hitung | -",
            "anggota | repeat | uji-anggota |  | 2",
            "anggota/nama_a | text | uji-anggota | nama_a | 3",
            "anggota/umur_a | integer | uji-anggota | umur_a | 3",
            "anggota/sakit | select_one yt | uji-anggota | sakit | 3",
            "tempat | geopoint | uji | tempat-Latitude tempat-Longitude tempat-Altitude tempat-Accuracy | 4",
        ]
    );
}

#[test]
fn texts_and_choices_are_in_the_languages_that_have_them() {
    let book = with("", "");
    let hamil = entry(&book, "ibu/hamil");
    assert_eq!(
        (&*hamil.label[ID], &*hamil.label[EN]),
        ("Sedang hamil?", "Pregnant now?")
    );
    let choices: Vec<(&str, &str, &str)> = hamil
        .choices
        .iter()
        .map(|choice| (&*choice.code, &*choice.label[ID], &*choice.label[EN]))
        .collect();
    assert_eq!(choices, [("1", "Ya", "Yes"), ("2", "Tidak", "No")]);
    assert_eq!(entry(&book, "ibu/catatan").label[EN], "Thank you, …");
    assert!(hamil.hint.is_empty());

    let one = form(
        "
        type | name | label::English (en)
        text | a    | A",
    )
    .codebook();
    assert_eq!(entry(&one, "a").label.keys().collect::<Vec<_>>(), [EN]);
}

/// Of the question in the repeat.
#[track_caller]
fn within(expression: &str, indonesian: &str, english: &str) {
    let book = with(expression, "");
    let said = &entry(&book, "anggota/sakit").relevant;
    assert_eq!(
        (&*said[ID], &*said[EN]),
        (indonesian, english),
        "{expression}"
    );
}

/// Of the question after the repeat.
#[track_caller]
fn outside(expression: &str, indonesian: &str, english: &str) {
    let book = with("", expression);
    let said = &entry(&book, "tempat").relevant;
    assert_eq!(
        (&*said[ID], &*said[EN]),
        (indonesian, english),
        "{expression}"
    );
}

#[test]
fn relevance_is_said_with_labels_for_names_and_codes() {
    outside(
        "${hamil} = 1 and ${umur} < 50",
        "Sedang hamil? = Ya dan Umur ibu < 50",
        "Pregnant now? = Yes and Mother's age < 50",
    );
    outside(
        "'2' = /data/ibu/hamil or ../ibu/umur >= 10 + 2 * 3",
        "Tidak = Sedang hamil? atau Umur ibu ≥ 10 + 2 × 3",
        "No = Pregnant now? or Mother's age ≥ 10 + 2 × 3",
    );
    // A code that is none of the choices stays what it is.
    outside(
        "${hamil} != '7'",
        "Sedang hamil? ≠ “7”",
        "Pregnant now? ≠ “7”",
    );
    // What has no label is called by its name.
    outside("${hitung} > 0", "hitung > 0", "hitung > 0");
}

#[test]
fn what_is_looser_than_what_it_stands_in_gets_brackets() {
    outside(
        "(${umur} < 5 or ${umur} > 60) and ${hamil} = 2",
        "(Umur ibu < 5 atau Umur ibu > 60) dan Sedang hamil? = Tidak",
        "(Mother's age < 5 or Mother's age > 60) and Pregnant now? = No",
    );
    outside(
        "${umur} - (${hitung} - 1) > 2 * (3 + 4)",
        "Umur ibu - (hitung - 1) > 2 × (3 + 4)",
        "Mother's age - (hitung - 1) > 2 × (3 + 4)",
    );
    outside(
        "(${umur} > 3) = (${hitung} > 3)",
        "(Umur ibu > 3) = (hitung > 3)",
        "(Mother's age > 3) = (hitung > 3)",
    );
}

#[test]
fn answers_that_are_there_or_not_are_said_so() {
    outside(
        "${nama} != ''",
        "Nama ibu terisi",
        "Mother's name is filled in",
    );
    outside("'' = ${nama}", "Nama ibu kosong", "Mother's name is empty");
    outside("${nama}", "Nama ibu terisi", "Mother's name is filled in");
    outside("not(${nama})", "Nama ibu kosong", "Mother's name is empty");
    outside(
        "true() or ${nama} = 'a'",
        "selalu atau Nama ibu = “a”",
        "always or Mother's name = “a”",
    );
    outside(
        "(${umur} > 3) = false()",
        "tidak benar bahwa (Umur ibu > 3)",
        "it is not true that (Mother's age > 3)",
    );
}

#[test]
fn choices_are_said_to_be_among_several_or_the_one() {
    outside(
        "selected(${cat}, 'm')",
        "Warna cat memuat Merah",
        "Colours of paint includes Red",
    );
    outside(
        "not(selected(${cat}, 'm'))",
        "Warna cat tidak memuat Merah",
        "Colours of paint does not include Red",
    );
    outside(
        "selected(${hamil}, '1')",
        "Sedang hamil? = Ya",
        "Pregnant now? = Yes",
    );
    outside(
        "not(selected(${hamil}, '1'))",
        "Sedang hamil? ≠ Ya",
        "Pregnant now? ≠ Yes",
    );
    outside(
        "selected-at(${cat}, 0) = 'h'",
        "selected-at(Warna cat, 0) = Hijau",
        "selected-at(Colours of paint, 0) = Green",
    );
    outside(
        "count-selected(${cat}) > 1",
        "banyaknya pilihan Warna cat > 1",
        "number of choices in Colours of paint > 1",
    );
}

#[test]
fn a_denial_is_turned_round_only_where_that_means_the_same() {
    outside(
        "not(${hamil} = '1')",
        "Sedang hamil? ≠ Ya",
        "Pregnant now? ≠ Yes",
    );
    // Without an answer neither `<` nor `≥` holds.
    outside(
        "not(${umur} < 5)",
        "tidak benar bahwa (Umur ibu < 5)",
        "it is not true that (Mother's age < 5)",
    );
    // Some may be so and others not.
    outside(
        "not(${umur_a} = 5)",
        "tidak benar bahwa (salah satu Umur = 5)",
        "it is not true that (any Age = 5)",
    );
    outside("not(not(${umur} < 5))", "Umur ibu < 5", "Mother's age < 5");
}

#[test]
fn instances_are_said_to_be_many_or_the_own() {
    within("${umur_a} < 5", "Umur < 5", "Age < 5");
    within("../umur_a < 5", "Umur < 5", "Age < 5");
    outside("${umur_a} < 5", "salah satu Umur < 5", "any Age < 5");
    outside(
        "count(${anggota}) > 3",
        "banyaknya Anggota > 3",
        "number of Member > 3",
    );
    outside("sum(${umur_a}) > 90", "jumlah Umur > 90", "sum of Age > 90");
    outside(
        "sum(${umur_a}[. != '']) > 90",
        "jumlah (Umur dengan Umur terisi) > 90",
        "sum of (Age with Age is filled in) > 90",
    );
    outside(
        "count(${anggota}[${sakit} = '1' and ${umur_a} < 5]) > 0",
        "banyaknya (Anggota dengan Sakit? = Ya dan Umur < 5) > 0",
        "number of (Member with Ill? = Yes and Age < 5) > 0",
    );
    outside(
        "${anggota}[1]/sakit = '1'",
        "salah satu Sakit? pada Anggota nomor 1 = Ya",
        "any Ill? of Member number 1 = Yes",
    );
    outside(
        "indexed-repeat(${sakit}, ${anggota}, 2) = '2'",
        "Sakit? pada Anggota nomor 2 = Tidak",
        "Ill? of Member number 2 = No",
    );
    within(
        "position(..) > 1",
        "nomor urut Anggota > 1",
        "number of Member > 1",
    );
}

#[test]
fn functions_with_plain_words_are_said_in_them_and_others_as_they_are_spelt() {
    outside(
        "${lahir} <= today()",
        "Tanggal lahir ≤ hari ini",
        "Date of birth ≤ today",
    );
    outside(
        "${lahir} < date('2000-01-01')",
        "Tanggal lahir < 2000-01-01",
        "Date of birth < 2000-01-01",
    );
    outside(
        "regex(${nama}, '^[A-Z]+$')",
        "Nama ibu cocok dengan pola `^[A-Z]+$`",
        "Mother's name matches the pattern `^[A-Z]+$`",
    );
    outside(
        "string-length(${nama}) > 3",
        "banyaknya huruf Nama ibu > 3",
        "number of characters in Mother's name > 3",
    );
    outside(
        "if(${umur} > 3, 1, 2) = coalesce(${umur}, 2)",
        "(1 jika Umur ibu > 3, selain itu 2) = (Umur ibu, atau bila kosong 2)",
        "(1 if Mother's age > 3, otherwise 2) = (Mother's age, or if empty 2)",
    );
    outside(
        "round(${umur}, 1) = int(2.5)",
        "round(Umur ibu, 1) = int(2.5)",
        "round(Mother's age, 1) = int(2.5)",
    );
    outside(
        "${last-saved#hamil} = '1'",
        "Sedang hamil? (isian terakhir) = Ya",
        "Pregnant now? (last saved) = Yes",
    );
    outside(
        "jr:choice-name(${hamil}, '${hamil}') = 'Ya'",
        "Sedang hamil? = “Ya”",
        "Pregnant now? = “Ya”",
    );
    outside(
        "instance('yt')/root/item[name = ${hamil}]/label = 'Ya'",
        "instance(yt)/root/item[name = Sedang hamil?]/label = “Ya”",
        "instance(yt)/root/item[name = Pregnant now?]/label = “Ya”",
    );
    within(
        "count(../preceding-sibling::anggota[umur_a > 3]) > 0",
        "banyaknya ../preceding-sibling::anggota[Umur > 3] > 0",
        "number of ../preceding-sibling::anggota[Age > 3] > 0",
    );
}

#[test]
fn a_question_says_when_it_must_be_answered_and_what_else_is_not_allowed() {
    let book = form("
        type    | name | label::English (en) | required  | constraint | constraint_message::English (en) | ketuk::constraint_2 | ketuk::constraint_message_2::English (en) | hint::English (en) | ketuk::number
        integer | a    | Age                 | yes       | . > 0      | Above 0.                         | . < 9               | Below 9.                                  | In years           | I.1
        text    | b    | Name                | ${a} > 3  |            |                                  |                     |                                           |                    |
        text    | c    | Other               |           |            |                                  |                     |                                           |                    |").codebook();
    let a = entry(&book, "a");
    assert!(a.required && a.required_when.is_empty());
    let messages: Vec<&str> = a
        .constraint_messages
        .iter()
        .map(|texts| &*texts[EN])
        .collect();
    assert_eq!(messages, ["Above 0.", "Below 9."]);
    assert_eq!(
        (&*a.hint[EN], a.number.as_deref()),
        ("In years", Some("I.1"))
    );
    let b = entry(&book, "b");
    assert!(b.required);
    assert_eq!(b.required_when[EN], "Age > 3");
    assert!(!entry(&book, "c").required);
}

#[test]
fn what_is_calculated_is_said_in_words() {
    let book = form(
        "
        type      | name | label::English (en) | calculation
        integer   | a    | Age                 |
        calculate | b    |                     | if(${a} > 3, ${a}, 'none')",
    )
    .codebook();
    assert_eq!(
        entry(&book, "b").calculation[EN],
        "Age if Age > 3, otherwise “none”"
    );
    assert!(entry(&book, "a").calculation.is_empty());
}

#[test]
fn an_other_choice_and_its_question_stand_in_it() {
    let book = form("type | name | label\nselect_one yt or_other | a | A").codebook();
    let codes: Vec<&str> = entry(&book, "a")
        .choices
        .iter()
        .map(|choice| &*choice.code)
        .collect();
    assert_eq!(codes, ["1", "2", "other"]);
    let other = entry(&book, "a_other");
    assert_eq!(other.kind, "text");
    assert_eq!(other.relevant[ID], "A = Lainnya");
}

#[test]
fn as_a_sheet_each_text_is_a_column_for_each_language() {
    let book = with("", "${hamil} = 1");
    let mut csv = Vec::new();
    book.write_csv(&mut csv).unwrap();
    let mut reader = csv::Reader::from_reader(csv.as_slice());
    let header: Vec<String> = reader
        .headers()
        .unwrap()
        .iter()
        .map(str::to_owned)
        .collect();
    assert_eq!(
        header[..6],
        ["table", "columns", "path", "type", "number", "required"]
    );
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), book.entries.len());
    let cell = |path: &str, column: &str| {
        let row = rows.iter().find(|row| &row[2] == path).unwrap();
        row[header.iter().position(|name| name == column).unwrap()].to_owned()
    };
    assert_eq!(
        cell("ibu/hamil", &format!("choices::{EN}")),
        "1 = Yes; 2 = No"
    );
    assert_eq!(
        cell("tempat", &format!("relevant::{ID}")),
        "Sedang hamil? = Ya"
    );
    assert_eq!(cell("ibu/umur", &format!("label::{EN}")), "Mother's age");
}

#[test]
fn the_family_questionnaire_is_told_in_full() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../forms/pk");
    let form = Form::compile(&Workbook::from_folder(&folder).unwrap()).unwrap();
    let book = form.codebook();
    assert_eq!(book.entries.len(), form.questions().count());
    let columns: usize = book.entries.iter().map(|entry| entry.columns.len()).sum();
    let tables = form.tables(Several::Joined);
    let of_questions = tables.all().iter().flat_map(|table| &table.columns);
    let of_questions =
        of_questions.filter(|column| !column.path.is_empty() && !column.name.ends_with("/note"));
    assert_eq!(columns, of_questions.count());
    for entry in &book.entries {
        for said in entry.relevant.values() {
            assert!(!said.contains("${"), "{}: {said}", entry.path);
        }
    }
}
