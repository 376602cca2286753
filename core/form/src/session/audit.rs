//! The client audit log: what she saw when, for forms that ask for it.
//!
//! Source: "Form Audit Log" of ODK's documentation. Its events are named as there; a page's rows have the time
//! from which it was open until it was left.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::Session;
use super::live::Live;
use super::pages::Place;
use crate::Context;
use crate::form::schema::{Kind, NodeId, RowId};
use crate::form::{Audit, Form};

/// The log of one session, its time told from outside.
#[derive(Clone, Debug)]
pub(crate) struct Log {
    events: Vec<Event<'static>>,
    /// Milliseconds since 1970.
    now: i64,
    user: String,
    open: Open,
}

/// The page that is open, and what stood on it when it came.
#[derive(Clone, Debug, Default)]
struct Open {
    at: Option<Place>,
    since: i64,
    before: Vec<(NodeId, String)>,
}

/// A line of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Event<'a> {
    event: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "str::is_empty")]
    node: Cow<'a, str>,
    start: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    end: Option<i64>,
    /// The answer before and after, where it changed and the form asks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    change: Option<(Cow<'a, str>, Cow<'a, str>)>,
}

impl Log {
    /// A log that begins with this event, or goes on after those of a draft.
    pub(crate) fn begin(
        context: &Context,
        earlier: Vec<Event<'static>>,
        event: &'static str,
    ) -> Log {
        let now = context.offset.to_timestamp(context.now);
        let mut log = Log {
            events: earlier,
            now: now.map_or(0, |now| now.as_millisecond()),
            user: context.username.clone(),
            open: Open::default(),
        };
        log.note(event, String::new());
        log
    }

    fn note(&mut self, event: &'static str, node: String) {
        self.events.push(Event {
            event: event.into(),
            node: node.into(),
            start: self.now,
            end: None,
            change: None,
        });
    }

    /// The rows of the open page, as if it were left now.
    fn page(&self, form: &Form, live: &Live, audit: Audit) -> Vec<Event<'static>> {
        let Some(at) = self.open.at else {
            return Vec::new();
        };
        let rows = self.open.before.iter().map(|(node, before)| {
            let after = live.slot(&form.schema, at.row, *node).entry.typed();
            let changed = audit.changes && before != after;
            Event {
                event: "question".into(),
                node: node_path(form, live, at.row, *node).into(),
                start: self.open.since,
                end: Some(self.now),
                change: changed.then(|| (before.clone().into(), after.to_owned().into())),
            }
        });
        rows.collect()
    }
}

impl Session {
    /// Tells what time it is by the device's clock, in milliseconds since 1970: before whatever she does, for the
    /// audit log. A form that asks for none has no use for it.
    pub fn tell_time(&mut self, milliseconds: i64) {
        if let Some(log) = &mut self.log {
            log.now = milliseconds;
        }
    }

    /// The client audit log so far as CSV, as ODK's clients write `audit.csv`: the open page as if it were left
    /// now, and `form finalize` once nothing is in the way. None when the form asks for none.
    pub fn audit_log(&self) -> Option<String> {
        let (log, audit) = (self.log.as_ref()?, self.form.audit?);
        let mut events = self.audit_events();
        if self.problems().is_empty() {
            events.push(Event {
                event: "form finalize".into(),
                node: "".into(),
                start: log.now,
                end: None,
                change: None,
            });
        }
        let mut out = csv::Writer::from_writer(Vec::new());
        let columns = |values: [&str; 4], change: Option<(&str, &str)>, user: &str| {
            let mut row: Vec<String> = values.map(str::to_owned).into();
            if audit.changes {
                let (old, new) = change.unwrap_or_default();
                row.extend([old.to_owned(), new.to_owned()]);
            }
            if audit.user {
                row.push(user.to_owned());
            }
            row
        };
        let header = columns(
            ["event", "node", "start", "end"],
            Some(("old-value", "new-value")),
            "user",
        );
        // Writing to memory can't fail.
        let _ = out.write_record(header);
        for event in &events {
            let (start, end) = (
                event.start.to_string(),
                event.end.map(|end| end.to_string()),
            );
            let change = event.change.as_ref().map(|(old, new)| (&**old, &**new));
            let values = [
                &*event.event,
                &*event.node,
                &start,
                end.as_deref().unwrap_or_default(),
            ];
            let _ = out.write_record(columns(values, change, &log.user));
        }
        String::from_utf8(out.into_inner().unwrap_or_default()).ok()
    }

    /// All events, those of the open page among them.
    pub(super) fn audit_events(&self) -> Vec<Event<'static>> {
        let (Some(log), Some(audit)) = (&self.log, self.form.audit) else {
            return Vec::new();
        };
        let mut events = log.events.clone();
        events.extend(log.page(&self.form, &self.live, audit));
        events
    }

    /// Notes something that happens to a row, or to the form.
    pub(super) fn log_event(&mut self, event: &'static str, at: Option<(RowId, NodeId)>) {
        if let Some(log) = &mut self.log {
            let node = at.map(|(row, node)| node_path(&self.form, &self.live, row, node));
            log.note(event, node.unwrap_or_default());
        }
    }

    /// Notes that another page is open now, if it is.
    pub(super) fn log_page(&mut self) {
        let (Some(log), Some(audit)) = (&mut self.log, self.form.audit) else {
            return;
        };
        if log.open.at == self.at {
            return;
        }
        let left = log.page(&self.form, &self.live, audit);
        log.events.extend(left);
        let typed = |node: &NodeId| {
            let row = self.at.map_or(RowId::FORM, |at| at.row);
            let slot = self.live.slot(&self.form.schema, row, *node);
            (*node, slot.entry.typed().to_owned())
        };
        let questions = self.shown.iter();
        let questions = questions.filter(|node| self.form.schema.question(**node).is_some());
        log.open = Open {
            at: self.at,
            since: log.now,
            before: questions.map(typed).collect(),
        };
    }
}

/// The events of a draft that may be borrowed.
pub(super) fn owned(events: &[Event<'_>]) -> Vec<Event<'static>> {
    let own = |text: &Cow<'_, str>| Cow::Owned(text.clone().into_owned());
    let events = events.iter().map(|event| Event {
        event: own(&event.event),
        node: own(&event.node),
        start: event.start,
        end: event.end,
        change: event.change.as_ref().map(|(old, new)| (own(old), own(new))),
    });
    events.collect()
}

/// As an XForm calls it: `/data/keluarga/anggota[2]/nik`.
fn node_path(form: &Form, live: &Live, row: RowId, node: NodeId) -> String {
    let (mut row, mut node) = (row, node);
    let mut parts = Vec::new();
    loop {
        let at = form.schema.node(node);
        parts.push(match at.kind {
            Kind::Repeat(scope) if live.answers.row(row).scope == scope => {
                let position = live.answers.position(&form.schema, row);
                row = live.answers.row(row).parent;
                format!("/{}[{position}]", at.name)
            }
            _ => format!("/{}", at.name),
        });
        if node == NodeId::ROOT {
            break;
        }
        node = at.parent;
    }
    parts.into_iter().rev().collect()
}
