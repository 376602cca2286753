//! Values and XPath 1.0's coercions between them (section 4 of the recommendation), with ODK's
//! one addition: a date is worth its days since 1970 where a number is wanted.

use std::borrow::Cow;

use jiff::tz::Offset;
use smallvec::SmallVec;

use super::dates::days_of_text;
use crate::form::schema::{ListId, NodeId, RowId};

/// A node of the trees an expression can see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Node {
    /// A question, group or repeat instance. A repeat instance stands in its own row, all others
    /// in the row that holds them.
    Answer(RowId, NodeId),
    /// `instance('list')`
    List(ListId),
    /// `instance('list')/root`
    ListRoot(ListId),
    /// `instance('list')/root/item`
    Item(ListId, u32),
    /// `instance('list')/root/item/column`
    Field(ListId, u32, u32),
}

pub(crate) type Nodes = SmallVec<[Node; 2]>;

#[derive(Clone, Debug)]
pub(crate) enum Value<'a> {
    Nodes(Nodes),
    Number(f64),
    Text(Cow<'a, str>),
    Bool(bool),
}

impl From<f64> for Value<'_> {
    fn from(number: f64) -> Self {
        Value::Number(number)
    }
}

impl From<bool> for Value<'_> {
    fn from(truth: bool) -> Self {
        Value::Bool(truth)
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Value::Text(Cow::Owned(text))
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Value::Text(Cow::Borrowed(text))
    }
}

/// A number as XPath writes it: no exponent, whole numbers without a point.
pub(crate) fn number_text(number: f64) -> String {
    if number.is_nan() {
        "NaN".to_owned()
    } else if number.is_infinite() {
        if number > 0.0 {
            "Infinity"
        } else {
            "-Infinity"
        }
        .to_owned()
    } else if number == 0.0 {
        "0".to_owned()
    } else {
        format!("{number}")
    }
}

/// What a text is worth as a number.
pub(crate) fn text_number(text: &str, offset: Offset) -> f64 {
    let text = text.trim();
    if is_xpath_number(text) {
        return text.parse().unwrap_or(f64::NAN);
    }
    days_of_text(text, offset).unwrap_or(f64::NAN)
}

/// `-? (digits ('.' digits?)? | '.' digits)`: Rust's own parser takes more, such as `1e3` and `inf`.
pub(crate) fn is_xpath_number(text: &str) -> bool {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let mut dots = 0;
    let mut digits = 0;
    for byte in unsigned.bytes() {
        match byte {
            b'0'..=b'9' => digits += 1,
            b'.' => dots += 1,
            _ => return false,
        }
    }
    digits > 0 && dots <= 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_xpath_does() {
        for (number, text) in [
            (1.0, "1"),
            (-0.0, "0"),
            (0.1 + 0.2, "0.30000000000000004"),
            (1e21, "1000000000000000000000"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-Infinity"),
        ] {
            assert_eq!(number_text(number), text);
        }
    }

    #[test]
    fn only_plain_decimals_and_dates_are_numbers() {
        for text in ["", "1e3", "inf", "+1", "1.2.3", "abc", "-", ".", "٣"] {
            assert!(text_number(text, Offset::UTC).is_nan(), "{text}");
        }
        assert_eq!(text_number(" -.5 ", Offset::UTC), -0.5);
        assert_eq!(text_number("1970-01-03", Offset::UTC), 2.0);
    }
}
