//! What holds of each node, and what is set when something happens.

use super::Converter;
use super::attributes::Place;
use super::body::MadeUpFor;
use super::expressions::quoted;
use super::texts::Message;
use super::xml::Element;
use crate::expr::resolve::Stand;
use crate::form::faces::{CHECKS, said};
use crate::form::parameters::{AUDIT, Parameters};
use crate::form::schema::{Geo, Kind, Meta, NodeId, Question, ScopeId};
use crate::form::survey::{OTHER, Origin};
use crate::form::table::{Column, Report};
use crate::form::{Default as Preset, Switch};

impl Converter<'_> {
    pub(super) fn binds(&self) -> Vec<Element> {
        let mut binds = Vec::new();
        for node in self.form.schema.ids().skip(1) {
            binds.extend(self.bind_of_made_up(node));
            match &self.form.schema.node(node).kind {
                Kind::Question(question) => binds.push(self.bind(node, Some(question))),
                Kind::Group | Kind::Repeat(_) => {
                    let bind = self.bind(node, None);
                    binds.extend((bind.attributes() > 1).then_some(bind));
                }
            }
        }
        binds.extend(self.binds_of_meta());
        binds
    }

    /// What a form notes down about itself.
    fn binds_of_meta(&self) -> Vec<Element> {
        let meta = format!("{}/meta", self.path(NodeId::ROOT));
        let mut binds = Vec::from_iter(self.audit.map(|line| {
            let audit = Element::new("bind")
                .with("nodeset", format!("{meta}/audit"))
                .with("type", "binary");
            let parameters = Parameters::read(line, &AUDIT, &mut Report::default());
            AUDIT.iter().fold(audit, |audit, key| {
                let value = parameters.get(key).map(|(_, value)| value);
                audit.with_some(&format!("odk:{key}"), value)
            })
        }));
        binds.push(
            Element::new("bind")
                .with("nodeset", format!("{meta}/instanceID"))
                .with("type", "string")
                .with("readonly", "true()")
                .with("jr:preload", "uid"),
        );
        if let Some(name) = self.setting(Column::InstanceName) {
            let name = self.expression(NodeId::ROOT, Stand::Itself, name);
            binds.push(
                Element::new("bind")
                    .with("nodeset", format!("{meta}/instanceName"))
                    .with("type", "string")
                    .with("calculate", name),
            );
        }
        binds
    }

    fn bind(&self, node: NodeId, question: Option<&Question>) -> Element {
        let face = self.form.face(node);
        let read_only = match question {
            Some(Question::Note) => Some("true()".to_owned()),
            _ => self.switch(node, &face.read_only, Column::ReadOnly),
        };
        let calculation = face.calculation.is_some() && !face.triggered;
        let calculation = calculation
            .then(|| self.said(node, Column::Calculation))
            .flatten();
        let mut bind = Element::new("bind")
            .with("nodeset", self.path(node))
            .with_some("type", question.map(type_of))
            .with_some("readonly", read_only)
            .with_some(
                "required",
                self.switch(node, &face.required, Column::Required),
            )
            .with_some("relevant", self.relevant(node))
            .with_some("constraint", self.constraint(node))
            .with_some("calculate", calculation);
        for message in [Message::Constraint, Message::Required] {
            bind = bind.with_some(message.attribute(), self.message(node, message));
        }
        if let Some(Question::Meta(meta)) = question {
            let (preload, parameter) = preload(*meta);
            bind = bind
                .with("jr:preload", preload)
                .with("jr:preloadParams", parameter);
        }
        if let Some(question) = question {
            self.parameters(&mut bind, node, question, Place::Bind);
        }
        self.own_attributes(&mut bind, node, Place::Bind);
        bind
    }

    fn bind_of_made_up(&self, node: NodeId) -> Option<Element> {
        let made_up = self.made_up(node)?;
        let bind = Element::new("bind")
            .with("nodeset", self.path_of_made_up(node, &made_up))
            .with("type", "string");
        Some(match made_up.purpose {
            MadeUpFor::Header => bind,
            MadeUpFor::Count => bind
                .with("readonly", "true()")
                .with_some("calculate", self.said(node, Column::RepeatCount)),
        })
    }

    /// What an expression's cell says.
    pub(super) fn said(&self, node: NodeId, column: Column) -> Option<String> {
        let source = said(self.line(node)?, column)?.text;
        Some(self.expression(node, Stand::Itself, source))
    }

    fn switch(&self, node: NodeId, switch: &Switch, column: Column) -> Option<String> {
        match switch {
            Switch::Never => None,
            Switch::Always => Some("true()".to_owned()),
            Switch::When(_) => self.said(node, column),
        }
    }

    fn relevant(&self, node: NodeId) -> Option<String> {
        match self.origins.get(node.index())? {
            Origin::OtherOf(select, _) => {
                let name = &self.form.schema.node(*select).name;
                Some(format!("selected(../{name}, {})", quoted(OTHER)))
            }
            _ => self
                .form
                .face(node)
                .relevant
                .as_ref()
                .and_then(|_| self.said(node, Column::Relevant)),
        }
    }

    /// All constraints of a question in one: XForms has no more.
    fn constraint(&self, node: NodeId) -> Option<String> {
        let all: Vec<String> = (0..CHECKS)
            .filter_map(|number| self.said(node, Column::Constraint(number)))
            .collect();
        match all.as_slice() {
            [] => None,
            [only] => Some(only.clone()),
            several => Some(format!("({})", several.join(") and ("))),
        }
    }

    /// Computed defaults, as the form is opened for the first time.
    pub(super) fn first_load(&self) -> Vec<Element> {
        let nodes = self.form.schema.ids();
        nodes
            .filter_map(|node| self.set_default(node, "odk-instance-first-load"))
            .collect()
    }

    /// Computed defaults of what stands in a repeat, as an instance is added to it.
    pub(super) fn new_repeat(&self, scope: ScopeId) -> Vec<Element> {
        let nodes = self.form.schema.scope(scope).slots.iter();
        nodes
            .filter_map(|node| self.set_default(*node, "odk-new-repeat"))
            .collect()
    }

    fn set_default(&self, node: NodeId, event: &str) -> Option<Element> {
        let Some(Preset::Code(_)) = &self.form.face(node).default else {
            return None;
        };
        let value = self.said(node, Column::Default);
        Some(self.set_value(node, event, value))
    }

    /// What is calculated when the answer to a question changes.
    pub(super) fn value_changed(&self, trigger: NodeId) -> Vec<Element> {
        let triggered = self
            .form
            .schema
            .ids()
            .filter(|node| self.is_triggered_by(*node, trigger));
        triggered
            .map(|node| {
                let source = self.cell(node, Column::Calculation);
                let value =
                    source.map(|source| self.expression_from(node, trigger, Stand::Itself, source));
                self.set_value(node, "xforms-value-changed", value)
            })
            .collect()
    }

    fn is_triggered_by(&self, node: NodeId, trigger: NodeId) -> bool {
        if !self.form.face(node).triggered {
            return false;
        }
        let triggers = self.cell(node, Column::Trigger).unwrap_or_default();
        triggers
            .split(',')
            .any(|reference| self.meant(node, reference.trim()) == Some(trigger))
    }

    fn set_value(&self, node: NodeId, event: &str, value: Option<String>) -> Element {
        Element::new("setvalue")
            .with("event", event)
            .with("ref", self.path(node))
            .with_some("value", value)
    }
}

fn type_of(question: &Question) -> &'static str {
    match question {
        Question::Integer | Question::Range { whole: true, .. } => "int",
        Question::Decimal | Question::Range { whole: false, .. } => "decimal",
        Question::Date | Question::Meta(Meta::Today) => "date",
        Question::Time => "time",
        Question::DateTime | Question::Meta(Meta::Start | Meta::End) => "dateTime",
        Question::Barcode => "barcode",
        Question::Geo(Geo::Point) => "geopoint",
        Question::Geo(Geo::Trace) => "geotrace",
        Question::Geo(Geo::Shape) => "geoshape",
        Question::File(_) => "binary",
        Question::Rank(_) => "odk:rank",
        Question::Calculated(of) => type_of(of),
        Question::Text
        | Question::One(_)
        | Question::Many(_)
        | Question::Note
        | Question::Acknowledge
        | Question::Calculate
        | Question::Hidden
        | Question::Meta(Meta::DeviceId | Meta::Username | Meta::Untold(_)) => "string",
    }
}

/// What a client is told to note down by itself.
fn preload(meta: Meta) -> (&'static str, &'static str) {
    match meta {
        Meta::Start => ("timestamp", "start"),
        Meta::End => ("timestamp", "end"),
        Meta::Today => ("date", "today"),
        Meta::DeviceId => ("property", "deviceid"),
        Meta::Username => ("property", "username"),
        Meta::Untold(property) => ("property", property),
    }
}
