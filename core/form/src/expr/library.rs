//! How each function of [`super::functions`] is computed.

use std::borrow::Cow;

use data_encoding::{BASE64, HEXLOWER};
use jiff::civil::DateTime;
use regex::RegexBuilder;
use sha2::Digest as _;

use super::code::Code;
use super::dates::{
    self, date_of_days, date_text, date_time_of_days, date_time_text, days_of_date_time,
    parse_date, parse_date_time, parse_time,
};
use super::eval::{At, World};
use super::functions::Function;
use super::geo;
use super::shuffle::Seed;
use super::value::{Node, Nodes, Value, is_xpath_number};
use crate::context::{mix, mix_text};
use crate::form::schema::RowId;

/// A pattern that comes from an answer may not grow beyond this many bytes when compiled.
const PATTERN_LIMIT: usize = 1 << 16;

/// The most letters and digits of `uuid(length)`.
const LONGEST_ID: f64 = 1_000.0;

impl<'a> World<'a> {
    pub(crate) fn call(&self, function: Function, arguments: &'a [Code], at: At) -> Value<'a> {
        let text = |index: usize| self.text_at(arguments, index, at);
        let number = |index: usize| self.number_at(arguments, index, at);
        match function {
            Function::True => true.into(),
            Function::False => false.into(),
            Function::Not => (!self.truth_at(arguments, 0, at)).into(),
            Function::Boolean => self.truth_at(arguments, 0, at).into(),
            Function::BooleanFromString => matches!(text(0).trim(), "true" | "1").into(),
            Function::If => {
                let branch = if self.truth_at(arguments, 0, at) {
                    1
                } else {
                    2
                };
                arguments
                    .get(branch)
                    .map_or(Value::Number(f64::NAN), |code| self.value(code, at))
            }
            Function::Coalesce => self.coalesce(arguments, at),
            Function::Once => {
                let (row, node) = at.current;
                // A group or repeat has no answer to keep.
                let own = self.schema.question(node).map(|_| Node::Answer(row, node));
                let own = own.map(|node| self.node_text(node));
                Value::Text(own.filter(|own| !own.is_empty()).unwrap_or_else(|| text(0)))
            }
            Function::Checklist | Function::WeightedChecklist => {
                self.checklist(function, arguments, at).into()
            }

            Function::Number => self.optional_number(arguments, at).into(),
            Function::Int => number(0).trunc().into(),
            Function::Abs => number(0).abs().into(),
            Function::Ceiling => number(0).ceil().into(),
            Function::Floor => number(0).floor().into(),
            Function::Round => {
                let digits = if arguments.len() > 1 { number(1) } else { 0.0 };
                round(number(0), digits).into()
            }
            Function::Sqrt => number(0).sqrt().into(),
            Function::Exp => number(0).exp().into(),
            Function::Exp10 => 10f64.powf(number(0)).into(),
            Function::Log => number(0).ln().into(),
            Function::Log10 => number(0).log10().into(),
            Function::Sin => number(0).sin().into(),
            Function::Cos => number(0).cos().into(),
            Function::Tan => number(0).tan().into(),
            Function::Asin => number(0).asin().into(),
            Function::Acos => number(0).acos().into(),
            Function::Atan => number(0).atan().into(),
            Function::Atan2 => number(0).atan2(number(1)).into(),
            Function::Pow => match (number(0), number(1)) {
                // One to the power of no number is none, as in Java and JavaScript.
                (_, power) if power.is_nan() => f64::NAN.into(),
                (base, power) => base.powf(power).into(),
            },
            Function::Pi => std::f64::consts::PI.into(),
            Function::Random => {
                let chance = mix(self.facts.seed, self.salt(at));
                ((chance >> 11) as f64 / (1u64 << 53) as f64).into()
            }
            Function::Count => self.nodes_at(arguments, 0, at).len().into_number(),
            Function::CountNonEmpty => {
                let nodes = self.nodes_at(arguments, 0, at);
                nodes
                    .iter()
                    .filter(|node| !self.node_text(**node).is_empty())
                    .count()
                    .into_number()
            }
            Function::Sum => self.numbers(arguments, at).iter().sum::<f64>().into(),
            Function::Max => self.extreme(arguments, at, f64::max),
            Function::Min => self.extreme(arguments, at, f64::min),

            Function::String => Value::Text(self.optional_text(arguments, at)),
            Function::StringLength => self
                .optional_text(arguments, at)
                .chars()
                .count()
                .into_number(),
            Function::NormalizeSpace => {
                let text = self.optional_text(arguments, at);
                text.split_whitespace().collect::<Vec<_>>().join(" ").into()
            }
            Function::Concat => self.texts(arguments, at).concat().into(),
            Function::Join => {
                let rest = arguments.get(1..).unwrap_or_default();
                self.texts(rest, at).join(&text(0)).into()
            }
            Function::Contains => text(0).contains(&*text(1)).into(),
            Function::StartsWith => text(0).starts_with(&*text(1)).into(),
            Function::EndsWith => text(0).ends_with(&*text(1)).into(),
            Function::Substr => {
                let end = if arguments.len() > 2 {
                    number(2)
                } else {
                    f64::INFINITY
                };
                substr(&text(0), number(1), end).into()
            }
            Function::Substring => {
                let length = if arguments.len() > 2 {
                    number(2)
                } else {
                    f64::INFINITY
                };
                substring(&text(0), number(1), length).into()
            }
            Function::SubstringBefore => {
                let (whole, mark) = (text(0), text(1));
                whole
                    .split_once(&*mark)
                    .map_or("", |(before, _)| before)
                    .to_owned()
                    .into()
            }
            Function::SubstringAfter => {
                let (whole, mark) = (text(0), text(1));
                whole
                    .split_once(&*mark)
                    .map_or("", |(_, after)| after)
                    .to_owned()
                    .into()
            }
            Function::Translate => translate(&text(0), &text(1), &text(2)).into(),
            Function::Regex => RegexBuilder::new(&text(1))
                .size_limit(PATTERN_LIMIT)
                .build()
                .is_ok_and(|regex| regex.is_match(&text(0)))
                .into(),

            Function::Selected => {
                let (chosen, code) = (text(0), text(1));
                is_selected(&chosen, code.trim()).into()
            }
            Function::CountSelected => text(0).split_whitespace().count().into_number(),
            Function::SelectedAt => {
                let index = number(1);
                let chosen = text(0);
                let code = if index >= 0.0 {
                    chosen.split_whitespace().nth(index as usize)
                } else {
                    None
                };
                code.unwrap_or_default().to_owned().into()
            }

            Function::Today => self.facts.today.as_str().into(),
            Function::Now => self.facts.now.as_str().into(),
            Function::Date => self.date(arguments, at).into(),
            Function::DateTime => self.date_time(arguments, at).into(),
            Function::DecimalDateTime => match self.moment(&text(0)) {
                Some(moment) => days_of_date_time(moment, self.offset()).into(),
                None => f64::NAN.into(),
            },
            Function::DecimalTime => decimal_time(&text(0)).into(),
            Function::FormatDate => match self.moment(&text(0)) {
                Some(moment) => dates::format(moment, &text(1), self.facts.tongue).into(),
                None => String::new().into(),
            },
            Function::DifferenceInMonths => match (self.moment(&text(0)), self.moment(&text(1))) {
                (Some(from), Some(to)) => {
                    f64::from(dates::months_between(from.date(), to.date())).into()
                }
                _ => f64::NAN.into(),
            },

            Function::Position => self.position(arguments, at),
            Function::Last => at.size.into_number(),
            Function::Name => {
                let node = match arguments.first() {
                    Some(code) => self.nodes(code, at).first().copied(),
                    None => Some(at.node),
                };
                node.map_or("", |node| self.name(node)).into()
            }
            Function::Randomize => {
                let seed = match arguments.get(1) {
                    Some(_) => Seed::of(number(1), &text(1)),
                    None => self.any_seed(at),
                };
                let nodes = seed.shuffle(&self.nodes_at(arguments, 0, at));
                Value::Nodes(nodes.into())
            }

            // An instance has neither ids of its own, nor languages, nor namespaces.
            Function::Id => Value::Nodes(Nodes::new()),
            Function::Lang => false.into(),
            Function::NamespaceUri => "".into(),

            Function::Area => measured(&self.texts(arguments, at), geo::area),
            Function::Distance => measured(&self.texts(arguments, at), geo::distance),
            Function::Geofence => match (geo::point(&text(0)), geo::points(&text(1))) {
                (Some(point), Some(shape)) => geo::is_within(point, &shape).into(),
                _ => false.into(),
            },

            Function::Digest => {
                let encoding = if arguments.len() > 2 {
                    text(2)
                } else {
                    "base64".into()
                };
                digest(&text(0), &text(1), &encoding).into()
            }
            Function::Base64Decode => base64_decode(&text(0)).into(),

            Function::Uuid if arguments.is_empty() => self.uuid(at).into(),
            Function::Uuid => self.signs(at, number(0)).into(),
            // These have codes of their own.
            Function::Current
            | Function::Instance
            | Function::ChoiceName
            | Function::Itext
            | Function::IndexedRepeat
            | Function::PullData => Value::Number(f64::NAN),
        }
    }

    fn text_at(&self, arguments: &'a [Code], index: usize, at: At) -> Cow<'a, str> {
        arguments
            .get(index)
            .map_or(Cow::Borrowed(""), |code| self.text(code, at))
    }

    fn number_at(&self, arguments: &'a [Code], index: usize, at: At) -> f64 {
        arguments
            .get(index)
            .map_or(f64::NAN, |code| self.number(code, at))
    }

    fn truth_at(&self, arguments: &'a [Code], index: usize, at: At) -> bool {
        arguments
            .get(index)
            .is_some_and(|code| self.truth(code, at))
    }

    fn nodes_at(&self, arguments: &'a [Code], index: usize, at: At) -> Nodes {
        arguments
            .get(index)
            .map(|code| self.nodes(code, at))
            .unwrap_or_default()
    }

    /// The first argument, or what the expression is tried on.
    fn optional_text(&self, arguments: &'a [Code], at: At) -> Cow<'a, str> {
        match arguments.first() {
            Some(code) => self.text(code, at),
            None => self.node_text(at.node),
        }
    }

    fn optional_number(&self, arguments: &'a [Code], at: At) -> f64 {
        match arguments.first() {
            Some(code) => self.number(code, at),
            None => self.text_number(&self.node_text(at.node)),
        }
    }

    /// All texts of all arguments, where nodes give one text each.
    fn texts(&self, arguments: &'a [Code], at: At) -> Vec<Cow<'a, str>> {
        let mut texts = Vec::with_capacity(arguments.len());
        for code in arguments {
            match self.value(code, at) {
                Value::Nodes(nodes) => texts.extend(nodes.iter().map(|node| self.node_text(*node))),
                other => texts.push(self.value_text(other)),
            }
        }
        texts
    }

    /// All numbers of all arguments; a question without an answer is no number.
    fn numbers(&self, arguments: &'a [Code], at: At) -> Vec<f64> {
        let mut numbers = Vec::with_capacity(arguments.len());
        for code in arguments {
            match self.value(code, at) {
                Value::Nodes(nodes) => {
                    let texts = nodes.iter().map(|node| self.node_text(*node));
                    numbers.extend(texts.map(|text| self.text_number(&text)));
                }
                other => numbers.push(self.value_number(other)),
            }
        }
        numbers
    }

    /// As in XPath 3: of no number there is none, and with one that is none there is none.
    fn extreme(&self, arguments: &'a [Code], at: At, pick: fn(f64, f64) -> f64) -> Value<'a> {
        let either = |a: f64, b: f64| {
            if a.is_nan() || b.is_nan() {
                f64::NAN
            } else {
                pick(a, b)
            }
        };
        self.numbers(arguments, at)
            .into_iter()
            .reduce(either)
            .unwrap_or(f64::NAN)
            .into()
    }

    fn coalesce(&self, arguments: &'a [Code], at: At) -> Value<'a> {
        for code in arguments {
            let text = self.text(code, at);
            if !text.is_empty() {
                return Value::Text(text);
            }
        }
        "".into()
    }

    /// Whether the number of true answers (or the sum of their weights) lies within bounds; −1 is
    /// no bound. A nodes argument counts each of its nodes.
    fn checklist(&self, function: Function, arguments: &'a [Code], at: At) -> bool {
        let (least, most) = (
            self.number_at(arguments, 0, at),
            self.number_at(arguments, 1, at),
        );
        let rest = arguments.get(2..).unwrap_or_default();
        let total = if function == Function::Checklist {
            let mut count = 0.0;
            for code in rest {
                count += match self.value(code, at) {
                    Value::Nodes(nodes) => {
                        let truths = nodes.iter().filter(|node| is_true(&self.node_text(**node)));
                        truths.count() as f64
                    }
                    other => f64::from(u8::from(self.plain(&other))),
                };
            }
            count
        } else {
            rest.chunks_exact(2)
                .filter(|pair| self.plain(&self.value(&pair[0], at)))
                .map(|pair| self.number(&pair[1], at))
                .sum()
        };
        (least < 0.0 || total >= least) && (most < 0.0 || total <= most)
    }

    fn plain(&self, value: &Value<'a>) -> bool {
        match value {
            Value::Bool(truth) => *truth,
            Value::Number(number) => *number != 0.0 && !number.is_nan(),
            Value::Text(text) => is_true(text),
            Value::Nodes(nodes) => nodes
                .first()
                .is_some_and(|node| is_true(&self.node_text(*node))),
        }
    }

    /// A text as a date and time of day, in local time.
    fn moment(&self, text: &str) -> Option<DateTime> {
        if let Some(date) = parse_date(text) {
            return Some(date.at(0, 0, 0, 0));
        }
        if let Some((at, told)) = parse_date_time(text) {
            return match told {
                Some(offset) => date_time_of_days(days_of_date_time(at, offset), self.offset()),
                None => Some(at),
            };
        }
        if is_xpath_number(text) {
            return self.moment_of_days(text.parse().ok()?);
        }
        None
    }

    /// Whole days are days of the calendar; a fraction makes it a moment counted from UTC.
    fn moment_of_days(&self, days: f64) -> Option<DateTime> {
        if days.fract() == 0.0 {
            return date_of_days(days).map(|date| date.at(0, 0, 0, 0));
        }
        date_time_of_days(days, self.offset())
    }

    fn date(&self, arguments: &'a [Code], at: At) -> String {
        let moment = self.moment(&self.text_at(arguments, 0, at));
        moment
            .map(|moment| date_text(moment.date()))
            .unwrap_or_default()
    }

    fn date_time(&self, arguments: &'a [Code], at: At) -> String {
        let moment = self.moment(&self.text_at(arguments, 0, at));
        moment
            .map(|moment| date_time_text(moment, self.offset()))
            .unwrap_or_default()
    }

    /// In a predicate the place of the node it is tried on; with an argument, of the instance of a
    /// repeat that the argument is or stands in.
    fn position(&self, arguments: &'a [Code], at: At) -> Value<'a> {
        let Some(code) = arguments.first() else {
            return at.position.into_number();
        };
        match self.nodes(code, at).first() {
            Some(Node::Answer(row, _)) if *row != RowId::FORM => {
                self.answers.position(self.schema, *row).into_number()
            }
            _ => Value::Number(f64::NAN),
        }
    }

    /// A seed of this question's own, the same for as long as the form is filled.
    pub(crate) fn any_seed(&self, at: At) -> Seed {
        Seed::any(mix(self.facts.seed, self.salt(at)))
    }

    fn uuid(&self, at: At) -> String {
        let salt = self.salt(at);
        let (high, low) = (mix(self.facts.seed, salt), mix(self.facts.seed, !salt));
        let bits = (u128::from(high) << 64) | u128::from(low);
        uuid::Builder::from_random_bytes(bits.to_be_bytes())
            .into_uuid()
            .to_string()
    }

    /// So many letters and digits by chance.
    fn signs(&self, at: At, length: f64) -> String {
        const SIGNS: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
        let seed = mix(self.facts.seed, self.salt(at));
        let length = length.clamp(0.0, LONGEST_ID) as u64;
        (0..length)
            .map(|place| char::from(SIGNS[(mix(seed, place) % 36) as usize]))
            .collect()
    }

    /// Tells one question of one instance from all others, whatever else was added before.
    fn salt(&self, at: At) -> u64 {
        let (row, node) = at.current;
        mix_text(u64::from(node.0), &self.answers.row(row).id)
    }
}

/// What is measured on one geotrace or geoshape, or on several geopoints. Of no answer it is nothing.
fn measured<'a>(texts: &[Cow<'_, str>], measure: fn(&[geo::Point]) -> f64) -> Value<'a> {
    let given = texts.iter().filter(|text| !text.trim().is_empty());
    let points: Option<Vec<Vec<geo::Point>>> = given.map(|text| geo::points(text)).collect();
    points
        .map_or(f64::NAN, |points| measure(&points.concat()))
        .into()
}

/// The digest of a text by an algorithm of the ODK XForms specification, in one of its encodings; nothing
/// by any other.
fn digest(text: &str, algorithm: &str, encoding: &str) -> String {
    let bytes = match algorithm {
        "MD5" => md5::Md5::digest(text).to_vec(),
        "SHA-1" => sha1::Sha1::digest(text).to_vec(),
        "SHA-256" => sha2::Sha256::digest(text).to_vec(),
        "SHA-384" => sha2::Sha384::digest(text).to_vec(),
        "SHA-512" => sha2::Sha512::digest(text).to_vec(),
        _ => return String::new(),
    };
    match encoding {
        "base64" => BASE64.encode(&bytes),
        "hex" => HEXLOWER.encode(&bytes),
        _ => String::new(),
    }
}

/// The text that a base64 text says; nothing if it is none.
fn base64_decode(text: &str) -> String {
    let bytes = BASE64.decode(text.trim().as_bytes()).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

trait IntoNumber {
    fn into_number<'a>(self) -> Value<'a>;
}

impl IntoNumber for usize {
    fn into_number<'a>(self) -> Value<'a> {
        Value::Number(self as f64)
    }
}

/// What a stored answer is worth as a truth: texts of false and nought are false.
pub(crate) fn is_true(text: &str) -> bool {
    !matches!(text.trim(), "" | "0" | "false" | "NaN")
}

pub(crate) fn is_selected(chosen: &str, code: &str) -> bool {
    // A select_one's code may hold spaces itself.
    chosen == code || chosen.split(' ').any(|one| one == code)
}

/// To so many digits after the point (before it when negative), halves away from nought.
fn round(number: f64, digits: f64) -> f64 {
    if digits == 0.0 {
        // XPath 1.0 rounds halves up, also below nought.
        return (number + 0.5).floor();
    }
    let digits = digits.clamp(-300.0, 300.0) as i32;
    let scale = 10f64.powi(digits.abs());
    let rounded = if digits > 0 {
        (number * scale).round() / scale
    } else {
        (number / scale).round() * scale
    };
    if rounded.is_finite() || !number.is_finite() {
        rounded
    } else {
        number
    }
}

/// ODK's `substr`: from a place counted from 0 up to, not with, another; negative ones count from
/// the end.
fn substr(text: &str, start: f64, end: f64) -> String {
    let length = text.chars().count() as f64;
    let place = |at: f64| {
        // A place that is no number is 0, as in JavaRosa.
        let at = if at.is_nan() { 0.0 } else { at.trunc() };
        let from_start = if at < 0.0 { length + at } else { at };
        from_start.clamp(0.0, length)
    };
    let (start, end) = (place(start), place(end));
    if end <= start {
        return String::new();
    }
    text.chars()
        .skip(start as usize)
        .take((end - start) as usize)
        .collect()
}

/// XPath 1.0's `substring`: places count from 1 and are rounded.
fn substring(text: &str, start: f64, length: f64) -> String {
    let first = (start + 0.5).floor();
    let last = first + (length + 0.5).floor();
    text.chars()
        .enumerate()
        .filter(|(index, _)| {
            let place = (index + 1) as f64;
            place >= first && place < last
        })
        .map(|(_, c)| c)
        .collect()
}

fn translate(text: &str, from: &str, to: &str) -> String {
    text.chars()
        .filter_map(|c| match from.chars().position(|other| other == c) {
            Some(index) => to.chars().nth(index),
            None => Some(c),
        })
        .collect()
}

fn decimal_time(text: &str) -> f64 {
    let clock = text.split_once('T').map_or(text, |(_, clock)| clock);
    parse_time(clock).map_or(f64::NAN, |time| {
        let seconds = f64::from(time.hour()) * 3600.0
            + f64::from(time.minute()) * 60.0
            + f64::from(time.second());
        seconds / 86_400.0
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn substrings_count_as_their_specifications_say() {
        assert_eq!(substring("12345", 1.5, 2.6), "234");
        assert_eq!(substring("12345", 0.0, 3.0), "12");
        assert_eq!(substring("12345", f64::NAN, 3.0), "");
        assert_eq!(substring("12345", -42.0, f64::INFINITY), "12345");
        assert_eq!(substr("hari", 1.0, 3.0), "ar");
        assert_eq!(substr("hari", -2.0, f64::INFINITY), "ri");
        assert_eq!(substr("hari", 3.0, 1.0), "");
    }

    #[test]
    fn numbers_are_rounded_to_digits_on_either_side_of_the_point() {
        assert_eq!(round(2.5, 0.0), 3.0);
        assert_eq!(round(-2.5, 0.0), -2.0);
        assert_eq!(round(1.2345, 2.0), 1.23);
        assert_eq!(round(1234.0, -2.0), 1200.0);
        assert_eq!(round(f64::MAX, 400.0), f64::MAX);
    }

    #[test]
    fn translate_maps_letters_and_drops_those_without_a_partner() {
        assert_eq!(translate("a-b-c", "abc-", "ABC"), "ABC");
    }
}
