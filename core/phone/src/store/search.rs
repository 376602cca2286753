//! Finding households by the beginnings of words.

use std::sync::LazyLock;

use ketuk_wire::AreaCode;
use regex::Regex;
use rusqlite::{Connection, params};

use super::Result;

/// What `unicode61`, the index's tokenizer, takes for a word.
static WORD: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"[\p{L}\p{N}\p{Co}]+").ok());

/// Puts a household's words into the index, in place of what stood there.
pub(super) fn index(
    connection: &Connection,
    key: i64,
    head: &str,
    number: &str,
    address: &str,
    area: &AreaCode,
) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO household_words (rowid, head, number, address, area)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![key, head, number, address, area_word(area)])?;
    Ok(())
}

pub(super) fn forget(connection: &Connection, key: i64) -> Result<()> {
    connection
        .prepare_cached("DELETE FROM household_words WHERE rowid = ?1")?
        .execute([key])?;
    Ok(())
}

/// What people typed, as a query of FTS5: every word must begin a word of the head's name, the
/// number or the address. `None` if there is no word in it.
///
/// Words are split here and not by FTS5, so that nothing typed can be taken for its syntax; but at
/// the same signs as FTS5 does it, which refuses a word that it would split again.
pub(super) fn query(typed: &str, area: Option<&AreaCode>) -> Option<String> {
    let words: Vec<String> = WORD
        .as_ref()?
        .find_iter(typed)
        .take(8)
        .map(|word| format!("\"{}\"*", word.as_str()))
        .collect();
    if words.is_empty() {
        return None;
    }
    let mut query = format!("{{head number address}} : ({})", words.join(" AND "));
    if let Some(area) = area {
        query.push_str(&format!(" AND area : \"{}\"", area_word(area)));
    }
    Some(query)
}

/// A code is split at its dots unless they are taken out.
fn area_word(area: &AreaCode) -> String {
    area.as_str().replace('.', "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_typed_must_begin_a_word() {
        assert_eq!(
            query("budi  Sant", None).unwrap(),
            r#"{head number address} : ("budi"* AND "Sant"*)"#
        );
    }

    #[test]
    fn nothing_typed_is_taken_for_syntax() {
        assert_eq!(
            query(r#"O'"Neil* -jl.3"#, None).unwrap(),
            r#"{head number address} : ("O"* AND "Neil"* AND "jl"* AND "3"*)"#
        );
        assert_eq!(query(" \"*-", None), None);
    }
}
