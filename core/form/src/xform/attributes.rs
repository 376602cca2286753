//! Attributes that only other clients know: from parameters, and from columns that are called by what they become.

use super::Converter;
use super::xml::Element;
use crate::expr::is_name;
use crate::form::parameters::Parameters;
use crate::form::schema::{Geo, Media, NodeId, Question};
use crate::form::table::{Column, Line, Report};

/// Where an attribute stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Bind,
    Body,
    Instance,
}

type Attribute = (&'static str, Place, &'static str);

const OF_TEXTS: &[Attribute] = &[("rows", Place::Body, "rows")];
const OF_IMAGES: &[Attribute] = &[
    ("max-pixels", Place::Bind, "orx:max-pixels"),
    ("app", Place::Body, "intent"),
];
const OF_SOUNDS: &[Attribute] = &[("quality", Place::Bind, "odk:quality")];
const OF_POINTS: &[Attribute] = &[
    ("capture-accuracy", Place::Body, "accuracyThreshold"),
    (
        "warning-accuracy",
        Place::Body,
        "unacceptableAccuracyThreshold",
    ),
    (
        "allow-mock-accuracy",
        Place::Bind,
        "odk:allow-mock-accuracy",
    ),
];
const OF_LINES: &[Attribute] = &[
    ("incremental", Place::Body, "incremental"),
    (
        "allow-mock-accuracy",
        Place::Bind,
        "odk:allow-mock-accuracy",
    ),
];
const OF_RANGES: &[Attribute] = &[
    ("tick_interval", Place::Body, "odk:tick-interval"),
    ("placeholder", Place::Body, "odk:placeholder"),
];

/// Headers of attributes that don't say where they stand.
const HEADERS: [(&str, Place, &str); 3] = [
    ("autoplay", Place::Body, "autoplay"),
    ("no_app_error_string", Place::Bind, "jr:noAppErrorString"),
    ("noapperrorstring", Place::Bind, "jr:noAppErrorString"),
];

/// Attributes that name what the element is about.
const OF_THE_FORM: [&str; 2] = ["nodeset", "ref"];

impl Converter<'_> {
    /// Adds to an element of a question what its parameters say.
    pub(super) fn parameters(
        &self,
        element: &mut Element,
        node: NodeId,
        question: &Question,
        place: Place,
    ) {
        let attributes = match question {
            Question::Text => OF_TEXTS,
            Question::File(Media::Image) => OF_IMAGES,
            Question::File(Media::Audio) => OF_SOUNDS,
            Question::Geo(Geo::Point) => OF_POINTS,
            Question::Geo(_) => OF_LINES,
            Question::Range { .. } => OF_RANGES,
            _ => &[],
        };
        for (key, _, attribute) in attributes.iter().filter(|(_, of, _)| *of == place) {
            if let Some(value) = self.parameter(node, key) {
                element.set(attribute, value);
            }
        }
    }

    /// The value of a parameter: what is a hint was read before.
    pub(super) fn parameter(&self, node: NodeId, key: &str) -> Option<&str> {
        let mut hints = self.form.face(node).parameters.iter();
        if let Some(hint) = hints.find(|hint| hint.name == key) {
            return Some(&hint.value);
        }
        let parameters = Parameters::read(self.line(node)?, &[key], &mut Report::default());
        parameters.get(key).map(|(_, value)| value)
    }

    /// Adds to an element of a node what stands in columns that begin with `bind::`, `body::` or `instance::`.
    pub(super) fn own_attributes(&self, element: &mut Element, node: NodeId, place: Place) {
        let Some(line) = self.line(node) else {
            return;
        };
        for (name, value) in self.own(line, place) {
            element.set(name, self.woven(node, value));
        }
    }

    fn own<'l>(&self, line: Line<'l>, place: Place) -> Vec<(&'l str, &'l str)> {
        let cells = line.others().filter_map(|cell| {
            let header = cell.header().trim();
            let without = HEADERS
                .iter()
                .find(|(known, ..)| header.eq_ignore_ascii_case(known));
            let (of, name) = match (without, header.split_once("::")) {
                (Some((_, of, name)), _) => (*of, *name),
                (None, Some((before, name))) => (place_of(before)?, name.trim()),
                (None, None) => return None,
            };
            (of == place && self.is_attribute(name)).then_some((name, cell.text))
        });
        cells.collect()
    }

    /// Adds to the root of the instance what the settings say in columns that begin with `attribute::`.
    pub(super) fn own_attributes_of_root(&self, root: &mut Element) {
        for cell in self.settings.others() {
            if let Some((before, name)) = cell.header().split_once("::")
                && before.trim().eq_ignore_ascii_case("attribute")
                && self.is_attribute(name.trim())
            {
                root.set(name.trim(), cell.text);
            }
        }
    }

    /// Whether an attribute of the author's can be written: a prefix must be known.
    fn is_attribute(&self, name: &str) -> bool {
        if OF_THE_FORM.contains(&name) {
            return false;
        }
        match name.split_once(':') {
            None => is_name(name) && name != "xmlns",
            Some((prefix, local)) => {
                let declared = format!("xmlns:{prefix}");
                let known = super::NAMESPACES
                    .iter()
                    .any(|(known, _)| *known == declared);
                is_name(local) && (known || self.own_namespaces().any(|(own, _)| own == prefix))
            }
        }
    }

    /// Prefixes and addresses of `prefix="address"`, as the settings have them.
    pub(super) fn own_namespaces(&self) -> impl Iterator<Item = (&str, &str)> {
        let all = self.setting(Column::Namespaces).unwrap_or_default();
        all.split_whitespace().filter_map(|one| {
            let (prefix, uri) = one.split_once('=')?;
            let uri = uri.trim_matches(['"', '\'', '“', '”', '‘', '’']);
            let taken = super::NAMESPACES
                .iter()
                .any(|(known, _)| known.strip_prefix("xmlns:") == Some(prefix));
            (is_name(prefix) && !prefix.starts_with("xml") && !uri.is_empty() && !taken)
                .then_some((prefix, uri))
        })
    }
}

fn place_of(before: &str) -> Option<Place> {
    match before.trim().to_lowercase().as_str() {
        "bind" => Some(Place::Bind),
        "body" | "control" => Some(Place::Body),
        "instance" => Some(Place::Instance),
        _ => None,
    }
}
