//! The functions an expression may call: names, arities and where an argument must be nodes.

/// What a function does; [`super::eval`] holds how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Function {
    Abs,
    Acos,
    Area,
    Asin,
    Atan,
    Atan2,
    Base64Decode,
    Boolean,
    BooleanFromString,
    Ceiling,
    Checklist,
    ChoiceName,
    Coalesce,
    Concat,
    Contains,
    Cos,
    Count,
    CountNonEmpty,
    CountSelected,
    Current,
    Date,
    DateTime,
    DecimalDateTime,
    DecimalTime,
    DifferenceInMonths,
    Digest,
    Distance,
    EndsWith,
    Exp,
    Exp10,
    False,
    Floor,
    FormatDate,
    Geofence,
    Id,
    If,
    IndexedRepeat,
    PullData,
    Instance,
    Int,
    Itext,
    Join,
    Lang,
    Last,
    Log,
    Log10,
    Max,
    Min,
    Name,
    NamespaceUri,
    NormalizeSpace,
    Not,
    Now,
    Number,
    Once,
    Pi,
    Position,
    Pow,
    Random,
    Randomize,
    Regex,
    Round,
    Selected,
    SelectedAt,
    Sin,
    Sqrt,
    StartsWith,
    String,
    StringLength,
    Substr,
    Substring,
    SubstringAfter,
    SubstringBefore,
    Sum,
    Tan,
    Today,
    Translate,
    True,
    Uuid,
    WeightedChecklist,
}

/// How a function is called.
pub(crate) struct Signature {
    pub(crate) name: &'static str,
    pub(crate) function: Function,
    pub(crate) least: usize,
    pub(crate) most: usize,
    /// The first argument must be nodes: a question, a repeat or a path.
    pub(crate) of_nodes: bool,
}

const ANY: usize = usize::MAX;

const fn of(name: &'static str, function: Function, least: usize, most: usize) -> Signature {
    Signature {
        name,
        function,
        least,
        most,
        of_nodes: false,
    }
}

const fn of_nodes(name: &'static str, function: Function, least: usize, most: usize) -> Signature {
    Signature {
        name,
        function,
        least,
        most,
        of_nodes: true,
    }
}

/// Sources: XPath 1.0 section 4; the ODK XForms specification, "XPath functions";
/// `difference-in-months` from the Community Health Toolkit.
pub(crate) static FUNCTIONS: &[Signature] = &[
    of("abs", Function::Abs, 1, 1),
    of("acos", Function::Acos, 1, 1),
    of("area", Function::Area, 1, 1),
    of("asin", Function::Asin, 1, 1),
    of("atan", Function::Atan, 1, 1),
    of("atan2", Function::Atan2, 2, 2),
    of("base64-decode", Function::Base64Decode, 1, 1),
    of("boolean", Function::Boolean, 1, 1),
    of("boolean-from-string", Function::BooleanFromString, 1, 1),
    of("ceiling", Function::Ceiling, 1, 1),
    of("checklist", Function::Checklist, 3, ANY),
    of("coalesce", Function::Coalesce, 1, ANY),
    of("concat", Function::Concat, 1, ANY),
    of("contains", Function::Contains, 2, 2),
    of("cos", Function::Cos, 1, 1),
    of_nodes("count", Function::Count, 1, 1),
    of_nodes("count-non-empty", Function::CountNonEmpty, 1, 1),
    of("count-selected", Function::CountSelected, 1, 1),
    of("current", Function::Current, 0, 0),
    of("date", Function::Date, 1, 1),
    of("date-time", Function::DateTime, 1, 1),
    of("decimal-date-time", Function::DecimalDateTime, 1, 1),
    of("decimal-time", Function::DecimalTime, 1, 1),
    of("difference-in-months", Function::DifferenceInMonths, 2, 2),
    of("digest", Function::Digest, 2, 3),
    of("distance", Function::Distance, 1, ANY),
    of("ends-with", Function::EndsWith, 2, 2),
    of("exp", Function::Exp, 1, 1),
    of("exp10", Function::Exp10, 1, 1),
    of("false", Function::False, 0, 0),
    of("floor", Function::Floor, 1, 1),
    of("format-date", Function::FormatDate, 2, 2),
    of("format-date-time", Function::FormatDate, 2, 2),
    of("geofence", Function::Geofence, 2, 2),
    of("id", Function::Id, 1, 1),
    of("if", Function::If, 3, 3),
    of_nodes("indexed-repeat", Function::IndexedRepeat, 3, 7),
    of("instance", Function::Instance, 1, 1),
    of("int", Function::Int, 1, 1),
    of("join", Function::Join, 1, ANY),
    of("jr:choice-name", Function::ChoiceName, 2, 2),
    of("jr:itext", Function::Itext, 1, 1),
    of("pulldata", Function::PullData, 4, 4),
    of("lang", Function::Lang, 1, 1),
    of("last", Function::Last, 0, 0),
    of("local-name", Function::Name, 0, 1),
    of("log", Function::Log, 1, 1),
    of("log10", Function::Log10, 1, 1),
    of("max", Function::Max, 1, ANY),
    of("min", Function::Min, 1, ANY),
    of("name", Function::Name, 0, 1),
    of("namespace-uri", Function::NamespaceUri, 0, 1),
    of("normalize-space", Function::NormalizeSpace, 0, 1),
    of("not", Function::Not, 1, 1),
    of("now", Function::Now, 0, 0),
    of("number", Function::Number, 0, 1),
    of("once", Function::Once, 1, 1),
    of("pi", Function::Pi, 0, 0),
    of("position", Function::Position, 0, 1),
    of("pow", Function::Pow, 2, 2),
    of("random", Function::Random, 0, 0),
    of_nodes("randomize", Function::Randomize, 1, 2),
    of("regex", Function::Regex, 2, 2),
    of("round", Function::Round, 1, 2),
    of("selected", Function::Selected, 2, 2),
    of("selected-at", Function::SelectedAt, 2, 2),
    of("sin", Function::Sin, 1, 1),
    of("sqrt", Function::Sqrt, 1, 1),
    of("starts-with", Function::StartsWith, 2, 2),
    of("string", Function::String, 0, 1),
    of("string-length", Function::StringLength, 0, 1),
    of("substr", Function::Substr, 2, 3),
    of("substring", Function::Substring, 2, 3),
    of("substring-after", Function::SubstringAfter, 2, 2),
    of("substring-before", Function::SubstringBefore, 2, 2),
    of_nodes("sum", Function::Sum, 1, 1),
    of("tan", Function::Tan, 1, 1),
    of("today", Function::Today, 0, 0),
    of("translate", Function::Translate, 3, 3),
    of("true", Function::True, 0, 0),
    of("uuid", Function::Uuid, 0, 1),
    of("weighted-checklist", Function::WeightedChecklist, 4, ANY),
];

pub(crate) fn find(name: &str) -> Option<&'static Signature> {
    FUNCTIONS.iter().find(|signature| signature.name == name)
}

impl Signature {
    /// How many arguments it takes, in words.
    pub(crate) fn arity(&self) -> String {
        let plural = |n: usize| {
            if n == 1 {
                "1 argument".to_owned()
            } else {
                format!("{n} arguments")
            }
        };
        match (self.least, self.most) {
            (least, most) if least == most => plural(least),
            (least, ANY) => format!("at least {}", plural(least)),
            (least, most) => format!("{least} to {}", plural(most)),
        }
    }
}
