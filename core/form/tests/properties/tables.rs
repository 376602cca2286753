//! A document as tables.

use ketuk_form::{ColumnKind, Several};
use proptest::prelude::*;
use serde_json::Value;

use crate::cases;
use crate::forms::any_form;
use crate::steps::{after, step};

/// Everything that a document says, as texts.
fn texts(value: &Value, told: &mut Vec<String>) {
    match value {
        Value::Object(members) => members.values().for_each(|member| texts(member, told)),
        Value::Array(codes) if codes.iter().all(Value::is_string) => {
            let codes: Vec<&str> = codes.iter().filter_map(Value::as_str).collect();
            told.push(codes.join(" "));
        }
        Value::Array(instances) => instances.iter().for_each(|instance| texts(instance, told)),
        Value::String(text) => told.push(text.clone()),
        other => told.push(other.to_string()),
    }
}

proptest! {
    #![proptest_config(cases())]

    /// Nothing is lost on the way to tables, and nothing comes twice.
    #[test]
    fn every_answer_and_note_of_a_document_is_one_cell_of_its_tables(
        (survey, form) in any_form(),
        steps in proptest::collection::vec(step(), 1..30),
    ) {
        let s = after(&form, &steps);
        let document = serde_json::from_str(s.preview().as_str()).unwrap();
        let mut told = Vec::new();
        texts(&document, &mut told);
        let mut written = Vec::new();
        let dropped = form.tables(Several::Joined).rows("e", &document, |row| {
            let cells = row.table.columns.iter().zip(row.cells);
            // Without the keys, except for an instance's own id.
            let cells = cells.filter(|(column, _)| !column.path.is_empty() || column.kind == ColumnKind::Id);
            written.extend(cells.map(|(_, cell)| cell.text().into_owned()));
            Ok::<(), ()>(())
        });
        prop_assert_eq!(dropped, Ok(Vec::new()), "{}", survey);
        written.retain(|text| !text.is_empty());
        told.sort_unstable();
        written.sort_unstable();
        prop_assert_eq!(written, told, "{}\n{}", survey, document);
    }
}
