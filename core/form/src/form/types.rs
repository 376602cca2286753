//! What the `type` cell of a row says, and how authors write yes and no.

use super::schema::{Geo, Media, Meta, Question};
use crate::fault::did_you_mean;

/// What the `type` cell of a row says.
#[derive(Debug, PartialEq)]
pub(crate) enum Type {
    Begin(Block),
    End(Block),
    /// What follows is asked for each choice of this list.
    Loop(String),
    EndLoop,
    Question(Question),
    /// `select_one list`, its list not looked up yet.
    Select {
        how: Select,
        /// Its name, or the `${question}` whose answers are the choices.
        list: String,
        or_other: bool,
        /// Whether the list is a file of that name.
        from_file: bool,
    },
    /// A file that expressions read by the name of the row.
    External,
    /// That a log of the filling is asked for.
    Audit,
    /// Known, and of no use here; what it is.
    Ignored(&'static str),
    /// Known, and not supported.
    Unsupported(&'static str),
    Unknown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Block {
    Group,
    Repeat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Select {
    One,
    Many,
    Rank,
}

impl Block {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Block::Group => "group",
            Block::Repeat => "repeat",
        }
    }
}

impl Question {
    /// Its type, as authors write it.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Question::One(_) => "select_one",
            Question::Many(_) => "select_multiple",
            Question::Rank(_) => "rank",
            Question::Text => "text",
            Question::Integer => "integer",
            Question::Decimal => "decimal",
            Question::Range { .. } => "range",
            Question::Date => "date",
            Question::Time => "time",
            Question::DateTime => "dateTime",
            Question::Barcode => "barcode",
            Question::Geo(Geo::Point) => "geopoint",
            Question::Geo(Geo::Trace) => "geotrace",
            Question::Geo(Geo::Shape) => "geoshape",
            Question::File(
                Media::Image | Media::Signature | Media::Drawing | Media::Annotation,
            ) => "image",
            Question::File(Media::Audio) => "audio",
            Question::File(Media::Video) => "video",
            Question::File(Media::Other) => "file",
            Question::Note => "note",
            Question::Acknowledge => "acknowledge",
            Question::Calculate => "calculate",
            Question::Calculated(of) => of.word(),
            Question::Hidden => "hidden",
            Question::Meta(Meta::Start) => "start",
            Question::Meta(Meta::End) => "end",
            Question::Meta(Meta::Today) => "today",
            Question::Meta(Meta::DeviceId) => "deviceid",
            Question::Meta(Meta::Username) => "username",
            Question::Meta(Meta::Untold(word)) => word,
        }
    }
}

const TYPES: &[(&str, Question)] = &[
    ("text", Question::Text),
    ("string", Question::Text),
    ("barcode", Question::Barcode),
    ("geopoint", Question::Geo(Geo::Point)),
    ("gps", Question::Geo(Geo::Point)),
    ("geotrace", Question::Geo(Geo::Trace)),
    ("geoshape", Question::Geo(Geo::Shape)),
    ("image", Question::File(Media::Image)),
    ("photo", Question::File(Media::Image)),
    ("audio", Question::File(Media::Audio)),
    ("video", Question::File(Media::Video)),
    ("file", Question::File(Media::Other)),
    ("integer", Question::Integer),
    ("int", Question::Integer),
    ("decimal", Question::Decimal),
    ("date", Question::Date),
    ("time", Question::Time),
    ("dateTime", Question::DateTime),
    ("datetime", Question::DateTime),
    ("note", Question::Note),
    ("acknowledge", Question::Acknowledge),
    ("trigger", Question::Acknowledge),
    ("calculate", Question::Calculate),
    ("hidden", Question::Hidden),
    ("start", Question::Meta(Meta::Start)),
    ("end", Question::Meta(Meta::End)),
    ("today", Question::Meta(Meta::Today)),
    ("deviceid", Question::Meta(Meta::DeviceId)),
    ("imei", Question::Meta(Meta::DeviceId)),
    ("username", Question::Meta(Meta::Username)),
    ("email", Question::Meta(Meta::Untold("email"))),
    ("phonenumber", Question::Meta(Meta::Untold("phonenumber"))),
    ("simserial", Question::Meta(Meta::Untold("simserial"))),
    ("subscriberid", Question::Meta(Meta::Untold("subscriberid"))),
    // As the oldest forms have them.
    ("add acknowledge prompt", Question::Acknowledge),
    ("add audio prompt", Question::File(Media::Audio)),
    ("add barcode prompt", Question::Barcode),
    ("add calculate prompt", Question::Calculate),
    ("add date prompt", Question::Date),
    ("add date time prompt", Question::DateTime),
    ("add dateTime prompt", Question::DateTime),
    ("add decimal prompt", Question::Decimal),
    ("add file prompt", Question::File(Media::Other)),
    ("add image prompt", Question::File(Media::Image)),
    ("add integer prompt", Question::Integer),
    ("add location prompt", Question::Geo(Geo::Point)),
    ("add note prompt", Question::Note),
    ("add text prompt", Question::Text),
    ("add video prompt", Question::File(Media::Video)),
    ("date time", Question::DateTime),
    ("device id", Question::Meta(Meta::DeviceId)),
    ("end time", Question::Meta(Meta::End)),
    ("get device id", Question::Meta(Meta::DeviceId)),
    ("get end time", Question::Meta(Meta::End)),
    (
        "get phone number",
        Question::Meta(Meta::Untold("phonenumber")),
    ),
    ("get sim id", Question::Meta(Meta::Untold("simserial"))),
    ("get start time", Question::Meta(Meta::Start)),
    (
        "get subscriber id",
        Question::Meta(Meta::Untold("subscriberid")),
    ),
    ("get today", Question::Meta(Meta::Today)),
    ("location", Question::Geo(Geo::Point)),
    ("number of days in last month", Question::Integer),
    ("number of days in last six months", Question::Integer),
    ("number of days in last year", Question::Integer),
    ("percentage", Question::Integer),
    ("phone number", Question::Text),
    ("q acknowledge", Question::Acknowledge),
    ("q audio", Question::File(Media::Audio)),
    ("q barcode", Question::Barcode),
    ("q calculate", Question::Calculate),
    ("q date", Question::Date),
    ("q date time", Question::DateTime),
    ("q dateTime", Question::DateTime),
    ("q decimal", Question::Decimal),
    ("q geopoint", Question::Geo(Geo::Point)),
    ("q geoshape", Question::Geo(Geo::Shape)),
    ("q geotrace", Question::Geo(Geo::Trace)),
    ("q image", Question::File(Media::Image)),
    ("q int", Question::Integer),
    ("q location", Question::Geo(Geo::Point)),
    ("q note", Question::Note),
    ("q picture", Question::File(Media::Image)),
    ("q string", Question::Text),
    ("q video", Question::File(Media::Video)),
    ("sim id", Question::Meta(Meta::Untold("simserial"))),
    ("start time", Question::Meta(Meta::Start)),
    (
        "subscriber id",
        Question::Meta(Meta::Untold("subscriberid")),
    ),
    ("uri:deviceid", Question::Meta(Meta::DeviceId)),
    ("uri:email", Question::Meta(Meta::Untold("email"))),
    (
        "uri:phonenumber",
        Question::Meta(Meta::Untold("phonenumber")),
    ),
    ("uri:simserial", Question::Meta(Meta::Untold("simserial"))),
    (
        "uri:subscriberid",
        Question::Meta(Meta::Untold("subscriberid")),
    ),
    ("uri:username", Question::Meta(Meta::Username)),
];

/// What some of the oldest types bring with them, where the row says nothing else: a constraint and a hint.
const BRINGING: &[(&str, &str, &str)] = &[
    (
        "number of days in last month",
        "0 <= . and . <= 31",
        "Enter a number 0-31.",
    ),
    (
        "number of days in last six months",
        "0 <= . and . <= 183",
        "Enter a number 0-183.",
    ),
    (
        "number of days in last year",
        "0 <= . and . <= 365",
        "Enter a number 0-365.",
    ),
    ("percentage", "0 <= . and . <= 100", ""),
    ("phone number", r"regex(., '^\d*$')", "Enter numbers only."),
];

/// The constraint and the hint that a type brings with it.
pub(crate) fn brought(text: &str) -> Option<(&'static str, &'static str)> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let (_, constraint, hint) = BRINGING.iter().find(|(name, ..)| *name == text)?;
    Some((constraint, hint))
}

const UNSUPPORTED: &[&str] = &["xml-external", "osm", "entity"];

const IGNORED: &[&str] = &[
    "form_title",
    "set_form_title",
    "form_id",
    "set_form_id",
    "start-geopoint",
    "background-audio",
    "background-geopoint",
];

const SELECTS: &[(&str, Select)] = &[
    ("select_one_from_file", Select::One),
    ("select_multiple_from_file", Select::Many),
    ("select_one_external", Select::One),
    ("select_one", Select::One),
    ("select one from file", Select::One),
    ("select multiple from file", Select::Many),
    ("add select one prompt using", Select::One),
    ("add select multiple prompt using", Select::Many),
    ("select one from", Select::One),
    ("select one", Select::One),
    ("select1", Select::One),
    ("select_multiple", Select::Many),
    ("select all that apply from", Select::Many),
    ("select all that apply", Select::Many),
    ("rank", Select::Rank),
];

/// With whether they begin it.
const BLOCKS: &[(&str, bool, Block)] = &[
    ("begin group", true, Block::Group),
    ("begin repeat", true, Block::Repeat),
    ("begin looped group", true, Block::Repeat),
    ("begin lgroup", true, Block::Repeat),
    ("end group", false, Block::Group),
    ("end repeat", false, Block::Repeat),
    ("end looped group", false, Block::Repeat),
    ("end lgroup", false, Block::Repeat),
];

/// What may follow a block's beginning, and means something only in a loop: a list.
fn is_passed_over(rest: &str) -> bool {
    let list = rest
        .strip_prefix(" over")
        .filter(|list| list.starts_with(' '))
        .unwrap_or(rest);
    list.is_empty()
        || list
            .strip_prefix(' ')
            .is_some_and(|list| !list.contains(' '))
}

pub(crate) fn parse_type(text: &str) -> Type {
    let words: Vec<&str> = text.split_whitespace().collect();
    let text = words.join(" ");
    let spaced = ["begin_", "end_"]
        .iter()
        .find_map(|word| Some((word.trim_end_matches('_'), text.strip_prefix(word)?)))
        .map_or(text.clone(), |(word, rest)| format!("{word} {rest}"));
    for (name, begins, block) in BLOCKS {
        match spaced.strip_prefix(name) {
            Some(rest) if *begins && is_passed_over(rest) => return Type::Begin(*block),
            Some("") => return Type::End(*block),
            _ => {}
        }
    }
    if let Some(list) = spaced.strip_prefix("begin loop ") {
        return Type::Loop(list.strip_prefix("over ").unwrap_or(list).to_owned());
    }
    if spaced == "end loop" {
        return Type::EndLoop;
    }
    if let Some((_, question)) = TYPES.iter().find(|(name, _)| *name == text) {
        return Type::Question(question.clone());
    }
    if text == "range" {
        return Type::Question(Question::Range {
            start: 0.0,
            end: 10.0,
            step: 1.0,
            whole: true,
        });
    }
    if text == "csv-external" {
        return Type::External;
    }
    if text == "audit" {
        return Type::Audit;
    }
    let first = words.first().copied().unwrap_or_default();
    if let Some(name) = UNSUPPORTED.iter().find(|name| **name == first) {
        return Type::Unsupported(name);
    }
    if let Some(name) = IGNORED.iter().find(|name| **name == first) {
        return Type::Ignored(name);
    }
    for (name, how) in SELECTS {
        if let Some(rest) = text
            .strip_prefix(name)
            .and_then(|rest| rest.strip_prefix(' '))
        {
            let without = OR_OTHER.iter().find_map(|words| rest.strip_suffix(words));
            let (list, or_other) = (without.unwrap_or(rest), without.is_some());
            return Type::Select {
                how: *how,
                list: list.trim().to_owned(),
                or_other,
                from_file: name.ends_with("file"),
            };
        }
    }
    Type::Unknown
}

/// How a list is said to have something else beside it. A list may be called `color_other`.
const OR_OTHER: [&str; 3] = [" or_other", " or other", " or specify other"];

/// What to write instead of a type that there is not.
pub(crate) fn unknown_cure(text: &str) -> String {
    if SELECTS.iter().any(|(name, _)| *name == text) {
        return "Write the name of its list after it.".to_owned();
    }
    let known = TYPES
        .iter()
        .map(|(name, _)| *name)
        .chain(["range", "rank", "select_one", "select_multiple"])
        .chain(BLOCKS.iter().map(|(name, ..)| *name));
    if let Some((name, ..)) = BLOCKS.iter().find(|(name, ..)| text.starts_with(*name)) {
        return format!("Write `{name}` alone; a remark may stand in another column.");
    }
    // Of a misspelt `select_one list` only the first word can be near.
    let first = text.split_whitespace().next().unwrap_or_default();
    let word = if first.len() > 5 { first } else { text };
    did_you_mean(word, known, "Use a type of the XLSForm reference.")
}

/// Words that authors write for yes.
pub(crate) fn is_yes(text: &str) -> bool {
    matches!(
        text.trim().to_lowercase().as_str(),
        "yes" | "true" | "true()" | "1" | "x" | "y" | "ya"
    )
}

/// Words that authors write for no.
pub(crate) fn is_no(text: &str) -> bool {
    matches!(
        text.trim().to_lowercase().as_str(),
        "" | "no" | "false" | "false()" | "0" | "n" | "tidak"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_known_in_their_usual_spellings() {
        assert_eq!(parse_type("begin_group"), Type::Begin(Block::Group));
        assert_eq!(parse_type("begin  repeat"), Type::Begin(Block::Repeat));
        assert_eq!(parse_type("end group  anggota"), Type::Unknown);
        assert_eq!(parse_type("end_repeat"), Type::End(Block::Repeat));
        let select = |how, or_other| Type::Select {
            how,
            list: "ya_tidak".into(),
            or_other,
            from_file: false,
        };
        assert_eq!(
            parse_type("select_one   ya_tidak"),
            select(Select::One, false)
        );
        assert_eq!(
            parse_type("select_one ya_tidak or specify other"),
            select(Select::One, true)
        );
        assert_eq!(parse_type("begin lgroup"), Type::Begin(Block::Repeat));
        for begin in ["begin_loop", "begin loop"] {
            let text = format!("{begin} over ya_tidak");
            assert_eq!(parse_type(&text), Type::Loop("ya_tidak".into()));
        }
        for passed_over in ["over ya_tidak", "ya_tidak", "over", "overview"] {
            let text = format!("begin group {passed_over}");
            assert_eq!(parse_type(&text), Type::Begin(Block::Group), "{text}");
        }
        assert!(matches!(
            parse_type("select multiple from file towns.csv"),
            Type::Select { list, how: Select::Many, from_file: true, .. } if list == "towns.csv"
        ));
        assert!(matches!(
            parse_type("select_one color_other"),
            Type::Select { list, or_other: false, .. } if list == "color_other"
        ));
        assert_eq!(
            parse_type("select one from ya_tidak"),
            select(Select::One, false)
        );
        assert_eq!(
            parse_type("select_one ya_tidak or_other"),
            select(Select::One, true)
        );
        assert_eq!(
            parse_type("select all that apply from ya_tidak"),
            select(Select::Many, false)
        );
        assert_eq!(
            parse_type("select_multiple_from_file towns.csv"),
            Type::Select {
                how: Select::Many,
                list: "towns.csv".into(),
                or_other: false,
                from_file: true,
            }
        );
        assert_eq!(parse_type("dateTime"), Type::Question(Question::DateTime));
        assert_eq!(parse_type("gps"), Type::Question(Question::Geo(Geo::Point)));
        assert_eq!(parse_type("Text"), Type::Unknown);
    }
}
