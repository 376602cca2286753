//! The XForm that other clients load in place of the workbook.
//!
//! It is written from the same reading of the workbook as the compiled form, and what that settled isn't settled
//! again: kinds of questions, texts, which default is computed, what `${name}` means from where it stands. Sources:
//! the ODK XForms specification, and what pyxform makes of the same workbook.

mod attributes;
mod binds;
mod body;
mod expressions;
mod instances;
mod texts;
mod xml;

use std::cell::RefCell;
use std::collections::BTreeSet;

use crate::fault::Faults;
use crate::form::compile::{Reading, Settings, Sheets};
use crate::form::schema::{ListId, NodeId};
use crate::form::survey::Origin;
use crate::form::table::{Column, Line, Report};
use crate::form::types::is_yes;
use crate::form::{Form, loops};
use crate::workbook::Workbook;
use xml::Element;

/// Converts a workbook into an XForm, as ODK Collect, Enketo and other clients of the ODK XForms specification load
/// it.
///
/// Files beside the workbook are named (`jr://file-csv/…`, `jr://file/…`), not put in. Of Ketuk's own columns the
/// further constraints are joined to the first, and their messages likewise. What XForms has no words for is left
/// out: `ketuk::warning`, `fixed`, `carry`, `role`, `number`, `card` and `card_detail`, and so are rows that Ketuk
/// leaves unused (`start-geopoint`, `background-audio`, entities). Constraints on a note stand there, but clients try
/// them on answers alone. A text that one language lacks is written in the default one.
///
/// # Errors
/// As [`Form::compile`]: a workbook that is no form is no XForm.
///
/// ```
/// let survey = "type,name,label,constraint\ninteger,umur,Umur,. >= 10\ntext,nama,Nama yang ${umur} tahun,\n";
/// let workbook = ketuk_form::Workbook::from_csv(&[("survey", survey)])?;
/// let xform = ketuk_form::xform(&workbook)?;
/// assert!(xform.contains(r#"<bind nodeset="/data/umur" type="int" constraint=". &gt;= 10"/>"#));
/// assert!(xform.contains(r#"<label>Nama yang <output value="/data/umur"/> tahun</label>"#));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn xform(workbook: &Workbook) -> Result<String, Faults> {
    let workbook = &*loops::written_out(workbook);
    let form = Form::compile(workbook)?;
    // Whatever there is to report, compiling did.
    let mut report = Report::default();
    let sheets = Sheets::read(workbook, &mut report);
    let reading = Reading::read(&sheets, workbook, &mut report);
    let converter = Converter {
        form: &form,
        settings: &reading.settings,
        origins: &reading.survey.origins,
        audit: reading.survey.audit.map(|(_, line)| line),
        reads: RefCell::default(),
    };
    Ok(converter.document().document())
}

/// A form and the rows it comes from.
struct Converter<'a> {
    form: &'a Form,
    settings: &'a Settings<'a>,
    /// By node.
    origins: &'a [Origin<'a>],
    /// The row that asks for a log of the filling.
    audit: Option<Line<'a>>,
    reads: RefCell<Reads>,
}

/// What expressions and texts read beside the instance, as far as they were written.
#[derive(Default)]
struct Reads {
    lists: BTreeSet<ListId>,
    last_saved: bool,
}

const NAMESPACES: [(&str, &str); 7] = [
    ("xmlns", "http://www.w3.org/2002/xforms"),
    ("xmlns:h", "http://www.w3.org/1999/xhtml"),
    ("xmlns:ev", "http://www.w3.org/2001/xml-events"),
    ("xmlns:xsd", "http://www.w3.org/2001/XMLSchema"),
    ("xmlns:jr", "http://openrosa.org/javarosa"),
    ("xmlns:orx", "http://openrosa.org/xforms"),
    ("xmlns:odk", "http://www.opendatakit.org/xforms"),
];

impl<'a> Converter<'a> {
    fn document(&self) -> Element {
        let title = Element::new("h:title").text(self.form.title());
        let body = Element::new("h:body")
            .with_some("class", self.setting(Column::Style))
            .children(self.controls(NodeId::ROOT));
        let head = Element::new("h:head").child(title).child(self.model());
        let mut html = Element::new("h:html");
        for (name, uri) in NAMESPACES {
            html.set(name, uri);
        }
        for (prefix, uri) in self.own_namespaces() {
            html.set(&format!("xmlns:{prefix}"), uri);
        }
        html.child(head).child(body)
    }

    fn model(&self) -> Element {
        // What all of these read is known once they are written.
        let (binds, actions, itext) = (self.binds(), self.first_load(), self.itext());
        let primary = Element::new("instance").child(self.instance());
        Element::new("model")
            .with("odk:xforms-version", "1.0.0")
            .children(self.submission())
            .children(itext)
            .child(primary)
            .children(self.secondary_instances())
            .children(binds)
            .children(actions)
    }

    /// Where, when and how a filled form is sent.
    fn submission(&self) -> Option<Element> {
        let editable = self.setting(Column::ClientEditable);
        let url = self.setting(Column::SubmissionUrl);
        let submission = Element::new("submission")
            .with_some("method", url.map(|_| "post"))
            .with_some("action", url)
            .with_some("base64RsaPublicKey", self.setting(Column::PublicKey))
            .with_some("orx:auto-send", self.setting(Column::AutoSend))
            .with_some("orx:auto-delete", self.setting(Column::AutoDelete))
            .with_some(
                "odk:client-editable",
                editable.filter(|text| is_yes(text)).map(|_| "true"),
            );
        (submission.attributes() > 0).then_some(submission)
    }

    fn setting(&self, column: Column) -> Option<&'a str> {
        self.settings.cell(column).map(|cell| cell.text)
    }

    /// The row that a node comes from; none for what the engine adds.
    fn line(&self, node: NodeId) -> Option<Line<'a>> {
        match self.origins.get(node.index()) {
            Some(Origin::Row(line)) => Some(*line),
            _ => None,
        }
    }

    /// What a node's row says in a column.
    fn cell(&self, node: NodeId, column: Column) -> Option<&'a str> {
        Some(self.line(node)?.get(column)?.text)
    }
}
