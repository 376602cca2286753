//! What two phones made of one family's answers, put together answer by answer.
//!
//! A document is a tree: groups nest, the rows of a repeat are known by their `_id`, and everything
//! else is one answer, several choices too: a set put together of two could be what neither meant.
//! What one side changed stands; what both changed otherwise is a clash, and nobody's guess.

use serde_json::{Map, Value};

/// The name under which a row of a repeat carries its stable id.
const ID: &str = "_id";

/// The name under which a document carries the notes to its warnings.
const NOTES: &str = "_notes";

/// Both sides changed the same answer, each otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Clash;

/// Whether an answer, by its path without ids of rows, is the form's own. Such answers don't clash:
/// they follow from the others.
pub(crate) type IsOwn<'a> = &'a dyn Fn(&str) -> bool;

/// Puts together what two sides made of the same `base`. Rows stand as in `ours`, new ones of
/// `theirs` after them.
///
/// # Errors
/// If they clash.
pub(crate) fn merge(
    base: &Value,
    ours: &Value,
    theirs: &Value,
    is_own: IsOwn<'_>,
) -> Result<Value, Clash> {
    let merged = Merge { is_own }.value("", Some(base), Some(ours), Some(theirs))?;
    Ok(merged.unwrap_or_else(|| Value::Object(Map::new())))
}

/// Whether an answer that somebody changed since `base` is in the merged document but not in the one
/// that the form made of it.
pub(crate) fn is_anything_lost(
    base: &Value,
    merged: &Value,
    settled: &Value,
    is_own: IsOwn<'_>,
) -> bool {
    Merge { is_own }.is_lost("", Some(base), merged, Some(settled))
}

struct Merge<'a> {
    is_own: IsOwn<'a>,
}

/// A row and its id.
type Row<'v> = (&'v str, &'v Map<String, Value>);

impl Merge<'_> {
    /// What stands at a path; `None` is no answer.
    fn value(
        &self,
        path: &str,
        base: Option<&Value>,
        ours: Option<&Value>,
        theirs: Option<&Value>,
    ) -> Result<Option<Value>, Clash> {
        if ours == theirs || base == theirs {
            return Ok(ours.cloned());
        }
        if base == ours {
            return Ok(theirs.cloned());
        }
        if (self.is_own)(path) {
            return Ok(theirs.or(ours).cloned());
        }
        let sides = [base, ours, theirs];
        if let [Some(base), Some(ours), Some(theirs)] = sides.map(group) {
            let members = self.members(path, &base, &ours, &theirs)?;
            let none = members.is_empty() && (sides[1].is_none() || sides[2].is_none());
            return Ok((!none).then_some(Value::Object(members)));
        }
        if let [Some(base), Some(ours), Some(theirs)] = sides.map(rows) {
            let rows = self.rows(path, &base, &ours, &theirs)?;
            return Ok((!rows.is_empty()).then_some(Value::Array(rows)));
        }
        Err(Clash)
    }

    fn members(
        &self,
        path: &str,
        base: &Map<String, Value>,
        ours: &Map<String, Value>,
        theirs: &Map<String, Value>,
    ) -> Result<Map<String, Value>, Clash> {
        let new = theirs.keys().filter(|name| !ours.contains_key(*name));
        let mut members = Map::new();
        for name in ours.keys().chain(new) {
            let sides = [base, ours, theirs].map(|side| side.get(name));
            let [base, ours, theirs] = sides;
            if let Some(value) = self.value(&below(path, name), base, ours, theirs)? {
                members.insert(name.clone(), value);
            }
        }
        Ok(members)
    }

    fn rows(
        &self,
        path: &str,
        base: &[Row<'_>],
        ours: &[Row<'_>],
        theirs: &[Row<'_>],
    ) -> Result<Vec<Value>, Clash> {
        let new = theirs.iter().filter(|(id, _)| find(ours, id).is_none());
        let mut rows = Vec::new();
        for (id, _) in ours.iter().chain(new) {
            let row = match (find(base, id), find(ours, id), find(theirs, id)) {
                (base, Some(ours), Some(theirs)) => {
                    let nothing = Map::new();
                    Some(self.members(path, base.unwrap_or(&nothing), ours, theirs)?)
                }
                // Removed on one side: gone, unless the other side wrote in it.
                (Some(base), Some(left), None) | (Some(base), None, Some(left)) => {
                    if !self.are_alike(path, base, left) {
                        return Err(Clash);
                    }
                    None
                }
                (None, ours, theirs) => ours.or(theirs).cloned(),
                (Some(_), None, None) => None,
            };
            rows.extend(row.map(Value::Object));
        }
        Ok(rows)
    }

    /// Whether two objects say the same but for the form's own answers.
    fn are_alike(&self, path: &str, one: &Map<String, Value>, other: &Map<String, Value>) -> bool {
        one.keys().chain(other.keys()).all(|name| {
            let path = below(path, name);
            let (one, other) = (one.get(name), other.get(name));
            if one == other || (self.is_own)(&path) {
                return true;
            }
            if let (Some(one), Some(other)) = (group(one), group(other)) {
                return self.are_alike(&path, &one, &other);
            }
            match (rows(one), rows(other)) {
                (Some(one), Some(other)) => {
                    one.len() == other.len()
                        && one.iter().all(|(id, row)| {
                            find(&other, id).is_some_and(|twin| self.are_alike(&path, row, twin))
                        })
                }
                _ => false,
            }
        })
    }

    fn is_lost(
        &self,
        path: &str,
        base: Option<&Value>,
        merged: &Value,
        settled: Option<&Value>,
    ) -> bool {
        // A note goes with its warning.
        if Some(merged) == settled || Some(merged) == base || path == NOTES || (self.is_own)(path) {
            return false;
        }
        let lost_members = |base: Option<&Map<String, Value>>,
                            merged: &Map<String, Value>,
                            settled: Option<&Map<String, Value>>| {
            merged.iter().any(|(name, value)| {
                let [base, settled] = [base, settled].map(|side| side.and_then(|m| m.get(name)));
                self.is_lost(&below(path, name), base, value, settled)
            })
        };
        if let Value::Object(merged) = merged {
            let [base, settled] = [base, settled].map(|side| side.and_then(Value::as_object));
            return lost_members(base, merged, settled);
        }
        let Some(merged) = rows(Some(merged)) else {
            return true;
        };
        let [base, settled] = [base, settled].map(|side| rows(side).unwrap_or_default());
        merged
            .iter()
            .any(|(id, row)| lost_members(find(&base, id), row, find(&settled, id)))
    }
}

fn below(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}/{name}")
    }
}

/// A group; one that nothing was answered in is not in a document.
fn group(value: Option<&Value>) -> Option<std::borrow::Cow<'_, Map<String, Value>>> {
    match value {
        None => Some(std::borrow::Cow::Owned(Map::new())),
        Some(Value::Object(members)) => Some(std::borrow::Cow::Borrowed(members)),
        Some(_) => None,
    }
}

/// The rows of a repeat, if it is one: objects, each with an id of its own.
fn rows(value: Option<&Value>) -> Option<Vec<Row<'_>>> {
    let items: &[Value] = match value {
        None => &[],
        Some(Value::Array(items)) => items,
        Some(_) => return None,
    };
    let mut rows: Vec<Row<'_>> = Vec::with_capacity(items.len());
    for item in items {
        let row = item.as_object()?;
        let id = row.get(ID)?.as_str()?;
        if find(&rows, id).is_some() {
            return None;
        }
        rows.push((id, row));
    }
    Some(rows)
}

fn find<'v>(rows: &[Row<'v>], id: &str) -> Option<&'v Map<String, Value>> {
    let row = rows.iter().find(|(other, _)| *other == id);
    row.map(|(_, row)| *row)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn typed(_: &str) -> bool {
        false
    }

    /// A document by its leaves: `a`, `g/a`, `k[r1]/a`. What the tests are told by, and not how the
    /// merge goes about it.
    type Leaves = BTreeMap<String, Value>;

    fn leaves(document: &Value) -> Leaves {
        fn walk(path: &str, value: &Value, out: &mut Leaves) {
            match value {
                Value::Object(members) => {
                    for (name, value) in members {
                        walk(&below(path, name), value, out);
                    }
                }
                Value::Array(items) if items.iter().all(Value::is_object) => {
                    for item in items {
                        let id = item[ID].as_str().unwrap();
                        walk(&format!("{path}[{id}]"), item, out);
                    }
                }
                leaf => {
                    out.insert(path.to_owned(), leaf.clone());
                }
            }
        }
        let mut out = Leaves::new();
        walk("", document, &mut out);
        out
    }

    /// As a form writes one: groups and repeats without anything in them are left out.
    fn document() -> impl Strategy<Value = Value> {
        let answer = prop_oneof![
            (0..3i32).prop_map(|n| json!(n)),
            prop_oneof![Just("x"), Just("y")].prop_map(|t| json!(t)),
            Just(json!(["a", "b"])),
            Just(json!(["b"])),
        ];
        let members = |answer: BoxedStrategy<Value>| {
            proptest::collection::btree_map("[abc]", answer, 0..3)
                .prop_map(|m| m.into_iter().collect::<Map<String, Value>>())
        };
        let answer = answer.boxed();
        let row = members(answer.clone());
        let rows = proptest::collection::btree_map("r[1-4]", row, 0..4).prop_shuffle_rows();
        (
            members(answer.clone()),
            members(answer.clone()),
            rows,
            members(answer),
        )
            .prop_map(|(top, group, rows, inner)| {
                let mut document = top;
                let mut outer = Map::new();
                if !inner.is_empty() {
                    outer.insert("h".into(), Value::Object(inner));
                }
                outer.extend(group);
                if !outer.is_empty() {
                    document.insert("g".into(), Value::Object(outer));
                }
                if !rows.is_empty() {
                    document.insert("k".into(), Value::Array(rows));
                }
                Value::Object(document)
            })
    }

    trait Rows {
        fn prop_shuffle_rows(self) -> BoxedStrategy<Vec<Value>>;
    }

    impl<S: Strategy<Value = BTreeMap<String, Map<String, Value>>> + 'static> Rows for S {
        fn prop_shuffle_rows(self) -> BoxedStrategy<Vec<Value>> {
            self.prop_map(|rows| {
                rows.into_iter()
                    .map(|(id, members)| {
                        let mut row = Map::from_iter([(ID.to_owned(), json!(id))]);
                        row.extend(members);
                        Value::Object(row)
                    })
                    .collect::<Vec<_>>()
            })
            .prop_shuffle()
            .boxed()
        }
    }

    /// What stands at a leaf by the rule, or that it clashes.
    fn by_rule(base: &Leaves, ours: &Leaves, theirs: &Leaves) -> Result<Leaves, Clash> {
        let mut out = Leaves::new();
        let row_of = |leaf: &str| leaf.split_once(']').map(|(row, _)| format!("{row}]"));
        let has = |side: &Leaves, row: &str| side.keys().any(|leaf| leaf.starts_with(row));
        let changed = |side: &Leaves, row: &str| {
            let of = |side: &Leaves| -> Leaves {
                let mut of = side.clone();
                of.retain(|leaf, _| leaf.starts_with(row));
                of
            };
            of(side) != of(base)
        };
        for leaf in base.keys().chain(ours.keys()).chain(theirs.keys()) {
            if let Some(row) = row_of(leaf)
                && has(base, &row)
            {
                match (has(ours, &row), has(theirs, &row)) {
                    (true, false) if changed(ours, &row) => return Err(Clash),
                    (false, true) if changed(theirs, &row) => return Err(Clash),
                    (true, true) => {}
                    _ => continue,
                }
            }
            let (b, o, t) = (base.get(leaf), ours.get(leaf), theirs.get(leaf));
            let stands = match () {
                () if o == t || b == t => o,
                () if b == o => t,
                () => return Err(Clash),
            };
            if let Some(value) = stands {
                out.insert(leaf.clone(), value.clone());
            }
        }
        Ok(out)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn what_one_side_changed_stands_and_it_clashes_only_where_both_changed_otherwise(
            base in document(), ours in document(), theirs in document(),
        ) {
            let merged = merge(&base, &ours, &theirs, &typed);
            let expected = by_rule(&leaves(&base), &leaves(&ours), &leaves(&theirs));
            prop_assert_eq!(merged.map(|m| leaves(&m)), expected);
        }

        #[test]
        fn it_is_the_same_each_time_and_but_for_the_order_from_either_side(
            base in document(), ours in document(), theirs in document(),
        ) {
            let merged = merge(&base, &ours, &theirs, &typed);
            prop_assert_eq!(&merged, &merge(&base, &ours, &theirs, &typed));
            let other = merge(&base, &theirs, &ours, &typed);
            prop_assert_eq!(merged.map(|m| leaves(&m)), other.map(|m| leaves(&m)));
        }

        #[test]
        fn where_only_one_side_changed_anything_its_document_stands(
            base in document(), edited in document(),
        ) {
            prop_assert_eq!(merge(&base, &base, &edited, &typed), Ok(edited.clone()));
            prop_assert_eq!(merge(&base, &edited, &base, &typed), Ok(edited.clone()));
            prop_assert_eq!(merge(&base, &edited, &edited, &typed), Ok(edited));
        }

        #[test]
        fn rows_of_both_keep_the_order_of_ours_and_new_ones_come_after(
            base in document(), ours in document(), theirs in document(),
        ) {
            let ids = |document: &Value| -> Vec<String> {
                let rows = document.get("k").and_then(Value::as_array).cloned();
                let id = |row: &Value| row[ID].as_str().unwrap().to_owned();
                rows.unwrap_or_default().iter().map(id).collect()
            };
            // Else theirs stand as they are.
            prop_assume!(ours.get("k") != base.get("k"));
            if let Ok(merged) = merge(&base, &ours, &theirs, &typed) {
                let (ours, theirs) = (ids(&ours), ids(&theirs));
                let both = ours.iter().chain(theirs.iter().filter(|id| !ours.contains(id)));
                let merged = ids(&merged);
                let expected: Vec<_> = both.filter(|id| merged.contains(id)).cloned().collect();
                prop_assert_eq!(merged, expected);
            }
        }

        #[test]
        fn with_the_forms_own_answers_aside_it_clashes_no_more_than_without(
            base in document(), ours in document(), theirs in document(),
        ) {
            let own = |path: &str| path.ends_with('c');
            if merge(&base, &ours, &theirs, &typed).is_ok() {
                prop_assert!(merge(&base, &ours, &theirs, &own).is_ok());
            }
        }

        #[test]
        fn nothing_is_lost_of_what_stands_whole(
            base in document(), ours in document(), theirs in document(),
        ) {
            if let Ok(merged) = merge(&base, &ours, &theirs, &typed) {
                prop_assert!(!is_anything_lost(&base, &merged, &merged, &typed));
                let changed = leaves(&merged) != leaves(&base)
                    && leaves(&merged).iter().any(|(at, v)| leaves(&base).get(at) != Some(v));
                let nothing = json!({});
                prop_assert_eq!(is_anything_lost(&base, &merged, &nothing, &typed), changed);
            }
        }
    }

    #[test]
    fn the_forms_own_answers_never_clash_and_a_row_is_removed_though_they_changed_in_it() {
        let own = |path: &str| path == "k/age" || path == "sum";
        let base = json!({"sum": 1, "k": [{"_id": "r1", "name": "A", "age": 3}]});
        let ours = json!({"sum": 2});
        let theirs = json!({"sum": 3, "k": [{"_id": "r1", "name": "A", "age": 4}]});
        assert_eq!(
            merge(&base, &ours, &theirs, &own),
            Ok(json!({"sum": 3})),
            "the row is gone"
        );
        assert_eq!(merge(&base, &ours, &theirs, &typed), Err(Clash));
    }

    #[test]
    fn what_the_form_let_go_is_missed_if_somebody_had_changed_it_and_notes_are_not() {
        let base = json!({"a": 1, "b": 1});
        let merged = json!({"a": 1, "b": 2, "_notes": {"b": "yes"}});
        let lost = |settled| is_anything_lost(&base, &merged, &settled, &typed);
        assert!(!lost(json!({"b": 2})), "nobody touched a");
        assert!(lost(json!({"a": 1})));
        assert!(lost(json!({"a": 1, "b": 1})));
    }
}
