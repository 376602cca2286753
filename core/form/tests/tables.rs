//! Finished documents as flat tables.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test says what fails by failing"
)]

mod common;

use common::form;
use ketuk_form::{Column, ColumnKind, Dropped, Form, Misfit, Several, Tables, Workbook};
use serde_json::{Value, json};

const FORM: &str = "
    type                  | name    | label | ketuk::warning | calculation
    begin group           | rumah   | R     |                |
    text                  | nama    | N     |                |
    integer               | luas    | L     | . < 1000       |
    decimal               | suhu    | S     |                |
    geopoint              | tempat  | T     |                |
    select_one yt         | milik   | M     |                |
    select_multiple warna | cat     | C     |                |
    note                  | baca    | B     |                |
    note                  | rekap   | B     |                | 1 + 1
    end group             |         |       |                |
    begin repeat          | orang   | O     |                |
    text                  | nama    | N     |                |
    integer               | umur    | U     | . < 100        |
    begin repeat          | tamu    | G     |                |
    text                  | nama    | N     |                |
    end repeat            |         |       |                |
    end repeat            |         |       |                |
    begin group           | kepala  | K     |                |
    text                  | nama    | N     |                |
    end group             |         |       |                |";

/// The rows of a document, each as `table: cell|cell|…`.
fn rows(tables: &Tables<'_>, document: &Value) -> (Vec<String>, Vec<Dropped>) {
    let mut rows = Vec::new();
    let dropped = tables.rows("e1", document, |row| -> Result<(), ()> {
        assert_eq!(tables.all()[row.index], *row.table);
        assert_eq!(row.cells.len(), row.table.columns.len());
        let cells: Vec<_> = row.cells.iter().map(|cell| cell.text()).collect();
        rows.push(format!("{}: {}", row.table.name, cells.join("|")));
        Ok(())
    });
    (rows, dropped.unwrap())
}

fn names(columns: &[Column]) -> Vec<&str> {
    columns.iter().map(|column| column.name.as_str()).collect()
}

#[test]
fn a_form_has_a_table_and_so_has_each_repeat_with_its_keys_first() {
    let form = form(FORM);
    let tables = form.tables(Several::Joined);
    let shapes: Vec<(&str, &str, Option<usize>, Vec<&str>)> = tables
        .all()
        .iter()
        .map(|table| {
            let columns = names(&table.columns);
            (
                table.name.as_str(),
                table.path.as_str(),
                table.parent,
                columns,
            )
        })
        .collect();
    let form_columns = vec![
        "_entry",
        "rumah-nama",
        "luas",
        "luas/note",
        "suhu",
        "tempat-Latitude",
        "tempat-Longitude",
        "tempat-Altitude",
        "tempat-Accuracy",
        "milik",
        "cat",
        "rekap",
        "kepala-nama",
    ];
    let keys = ["_entry", "_parent", "_id", "_position"];
    let with_keys = |own: &[&'static str]| [&keys[..], own].concat();
    assert_eq!(
        shapes,
        [
            ("uji", "", None, form_columns),
            (
                "uji-orang",
                "orang",
                Some(0),
                with_keys(&["nama", "umur", "umur/note"])
            ),
            ("uji-tamu", "orang/tamu", Some(1), with_keys(&["nama"])),
        ]
    );
}

#[test]
fn columns_say_their_question_and_what_they_hold() {
    let form = form(FORM);
    let tables = form.tables(Several::Joined);
    let about = |table: usize, name: &str| {
        let columns = &tables.all()[table].columns;
        let found = columns.iter().find(|column| column.name == name).unwrap();
        (found.path.clone(), found.kind)
    };
    assert_eq!(about(0, "_entry"), (String::new(), ColumnKind::Entry));
    assert_eq!(about(0, "luas"), ("rumah/luas".into(), ColumnKind::Integer));
    assert_eq!(
        about(0, "luas/note"),
        ("rumah/luas".into(), ColumnKind::Note)
    );
    assert_eq!(
        about(0, "tempat-Altitude"),
        ("rumah/tempat".into(), ColumnKind::Decimal)
    );
    assert_eq!(about(0, "milik"), ("rumah/milik".into(), ColumnKind::Code));
    assert_eq!(
        about(2, "nama"),
        ("orang/tamu/nama".into(), ColumnKind::Text)
    );
    assert_eq!(about(2, "_position"), (String::new(), ColumnKind::Position));
}

fn document() -> Value {
    json!({
        "rumah": {"nama": "Mawar", "luas": 2000, "suhu": 27.5, "tempat": "0.55 123.05 12.5",
                  "milik": "1", "cat": ["m", "b"], "rekap": "2"},
        "orang": [
            {"_id": "a", "nama": "Ani", "umur": 101, "tamu": [{"_id": "t", "nama": "Tuti"}, {"_id": "u"}]},
            {"_id": "b", "nama": "Budi"}
        ],
        "kepala": {"nama": "Ani"},
        "_notes": {"rumah/luas": "istana", "orang[a]/umur": "benar", "orang[b]/umur": "lupa"}
    })
}

#[test]
fn every_instance_is_a_row_after_the_row_it_is_a_part_of() {
    let form = form(FORM);
    let (rows, dropped) = rows(&form.tables(Several::Joined), &document());
    assert_eq!(
        rows,
        [
            "uji: e1|Mawar|2000|istana|27.5|0.55|123.05|12.5||1|m b|2|Ani",
            "uji-orang: e1||a|1|Ani|101|benar",
            "uji-tamu: e1|a|t|1|Tuti",
            "uji-tamu: e1|a|u|2|",
            "uji-orang: e1||b|2|Budi||lupa",
        ]
    );
    assert_eq!(dropped, []);
}

#[test]
fn several_choices_can_be_a_column_each_and_no_answer_is_not_a_no() {
    let form = form(FORM);
    let tables = form.tables(Several::Split);
    let columns = &tables.all()[0].columns;
    let chosen: Vec<(&str, Option<&str>)> = columns
        .iter()
        .filter(|column| column.kind == ColumnKind::Chosen)
        .map(|column| (column.name.as_str(), column.choice.as_deref()))
        .collect();
    assert_eq!(
        chosen,
        [
            ("cat/m", Some("m")),
            ("cat/h", Some("h")),
            ("cat/b", Some("b"))
        ]
    );
    let of = |document| rows(&tables, &document).0.remove(0);
    assert_eq!(
        of(json!({"rumah": {"cat": ["m", "b"]}})),
        "uji: e1||||||||||m b|1|0|1||"
    );
    assert_eq!(of(json!({})), "uji: e1|||||||||||||||");
}

#[test]
fn no_two_columns_have_the_same_name_whatever_questions_are_called() {
    let form = form(
        "
        type                  | name   | label
        text                  | _entry | E
        select_multiple warna | cat    | C
        begin group           | a-b    | G
        text                  | c      | C
        text                  | x      | X
        end group             |        |
        begin group           | a      | G
        text                  | b-c    | C
        begin group           | b      | B
        text                  | c      | C
        end group             |        |
        text                  | x      | X
        end group             |        |",
    );
    let tables = form.tables(Several::Split);
    assert_eq!(
        names(&tables.all()[0].columns),
        [
            "_entry", "_entry_2", "cat", "cat/m", "cat/h", "cat/b", "a-b-c", "a-b-x", "b-c",
            "a-b-c_2", "a-x"
        ]
    );
    let document = json!({"_entry": "mine", "a-b": {"c": "1"}, "a": {"b-c": "2", "b": {"c": "3"}}});
    assert_eq!(rows(&tables, &document).0, ["uji: e1|mine|||||1||2|3|"]);
}

#[test]
fn what_has_no_place_is_named_and_the_rest_is_written() {
    let form = form(FORM);
    let document = json!({
        "lain": 1,
        "rumah": {"luas": {"x": 1}, "suhu": "panas", "tempat": "di sana", "baca": "x", "baru": {"y": 2}},
        "orang": [{"nama": "tanpa id"}, 3, {"_id": "a", "nama": "Ani", "tinggi": 170, "tamu": [{}]}],
        "kepala": "Ani"
    });
    let (rows, dropped) = rows(&form.tables(Several::Joined), &document);
    // Of another kind than the column's, yet an answer.
    assert_eq!(
        rows,
        ["uji: e1||||panas||||||||", "uji-orang: e1||a|3|Ani||"]
    );
    let named: Vec<(&str, Misfit)> = dropped
        .iter()
        .map(|one| (one.path.as_str(), one.why))
        .collect();
    assert_eq!(
        named,
        [
            ("lain", Misfit::Unknown),
            ("rumah/luas", Misfit::Answer),
            ("rumah/tempat", Misfit::Answer),
            ("rumah/baca", Misfit::Answer),
            ("rumah/baru", Misfit::Unknown),
            ("kepala", Misfit::Answer),
            ("orang", Misfit::Identity),
            ("orang", Misfit::Answer),
            ("orang[a]/tinggi", Misfit::Unknown),
            ("orang[a]/tamu", Misfit::Identity),
        ]
    );
    let (rows, dropped) = self::rows(&form.tables(Several::Joined), &json!([]));
    assert_eq!((rows.len(), dropped.len()), (0, 1));
}

#[test]
fn a_visitor_ends_the_visit_by_an_error() {
    let form = form(FORM);
    let mut seen = 0;
    let document = document();
    let ended = form.tables(Several::Joined).rows("e1", &document, |_| {
        seen += 1;
        if seen == 2 {
            Err("the disk is full")
        } else {
            Ok(())
        }
    });
    assert_eq!((ended, seen), (Err("the disk is full"), 2));
}

#[test]
fn numbers_are_written_without_an_exponent_and_whole_ones_without_a_point() {
    let form = form("type | name | label\ndecimal | d | D\ninteger | i | I");
    let tables = form.tables(Several::Joined);
    let document = json!({"d": 0.000001, "i": -7});
    assert_eq!(rows(&tables, &document).0, ["uji: e1|0.000001|-7"]);
}

#[test]
fn codes_of_a_file_are_no_columns() {
    let survey = "type,name,label\nselect_multiple_from_file towns.csv,kota,K\n";
    let sheets = [("survey", survey), ("settings", "form_id\nuji\n")];
    let mut book = Workbook::from_csv(&sheets).unwrap();
    book.attach("towns.csv", b"name,label\np,Pohe\n").unwrap();
    let form = Form::compile(&book).unwrap();
    let tables = form.tables(Several::Split);
    assert_eq!(names(&tables.all()[0].columns), ["_entry", "kota"]);
}
