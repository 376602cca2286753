//! The forms that the engines are raced over, and the answers that they are filled with.

use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow, ensure};
use jiff::Timestamp;
use jiff::tz::Offset;
use ketuk_form::{Context, Form, Session, Workbook};
use ketuk_oracle::case::{Sheet, Step};
use ketuk_wire::Outcome;

use super::{instance, plain};

/// A form, and what is done to it.
pub(crate) struct Course {
    pub(crate) name: &'static str,
    pub(crate) form: Arc<Form>,
    pub(crate) context: Context,
    /// The workbook as the peers get it.
    pub(crate) sheets: Vec<Sheet>,
    pub(crate) repeats: &'static [&'static str],
    pub(crate) steps: Vec<Step>,
}

/// Facts that a phone knows and nobody types, in `forms/pk`.
const FACTS: [&str; 7] = ["prov", "kab", "kec", "desa", "rw", "rt", "ctx_baru"];

/// The questionnaire, filled with a family of five that is on no list.
pub(crate) fn questionnaire() -> Result<Course> {
    let today = Offset::UTC.to_datetime(Timestamp::now()).date();
    let mut households = ketuk_sample::households(500, 3);
    let household = households.find(|household| {
        let document = household.document(Outcome::New, today);
        let members = document["anggota"].as_array().map_or(0, Vec::len);
        members == 5 && document.get("_notes").is_none()
    });
    let household = household.context("no family of five")?;
    let document = household.document(Outcome::New, today);
    let mut context = Context::on(today);
    for fact in FACTS {
        let value = document[fact]
            .as_str()
            .with_context(|| format!("no {fact}"))?;
        context.values.insert(fact.to_owned(), value.to_owned());
    }
    let form = crate::stocked::form()?;
    let mut session = Session::new(Arc::clone(&form), context.clone());
    ketuk_sample::play(&household.steps(Outcome::New, today), &mut session)?;
    ensure!(
        session.finish().is_ok(),
        "the sample's family isn't finished"
    );

    let mut sheets = Vec::new();
    for (name, text) in ketuk_sample::questionnaire()
        .as_object()
        .into_iter()
        .flatten()
    {
        let name = name.trim_end_matches(".csv");
        sheets.push(sheet(name, text.as_str().unwrap_or_default())?);
    }
    for survey in sheets.iter_mut().filter(|sheet| sheet.name == "survey") {
        set_defaults(survey, &context);
    }
    let worked_out = worked_out(&sheets);
    let repeats = &["anggota"];
    let steps = instance::steps(&instance::of_session(&session, repeats)?, &worked_out);
    Ok(Course {
        name: "PK, a family of 5",
        form,
        context,
        repeats,
        steps,
        sheets,
    })
}

/// Peers can't be told facts, so that in their form these are defaults.
fn set_defaults(survey: &mut Sheet, context: &Context) {
    for (at, row) in survey.rows.iter_mut().enumerate() {
        let fact = row.get(1).and_then(|name| context.values.get(name));
        let cell = match at {
            0 => "default",
            _ => fact.map_or("", String::as_str),
        };
        row.push(cell.to_owned());
    }
}

/// Sixty questions of all common types, with skips and checks as such forms have them.
pub(crate) fn plain() -> Result<Course> {
    let sheets = vec![
        sheet("survey", &plain::survey())?,
        sheet("choices", plain::CHOICES)?,
    ];
    let texts: Vec<(String, String)> = sheets
        .iter()
        .map(|sheet| Ok((sheet.name.clone(), sheet.csv()?)))
        .collect::<Result<_>>()?;
    let texts: Vec<(&str, &str)> = texts
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    let workbook = Workbook::from_csv(&texts)?;
    let form = Form::compile(&workbook).map_err(|faults| anyhow!("{faults}"))?;
    let today = Offset::UTC.to_datetime(Timestamp::now()).date();
    Ok(Course {
        name: "a plain form of 60 questions",
        form: Arc::new(form),
        context: Context::on(today),
        repeats: &[],
        steps: instance::steps(&plain::answers(), &[]),
        sheets,
    })
}

/// Names of what nobody types.
fn worked_out(sheets: &[Sheet]) -> Vec<&str> {
    let survey = sheets.iter().find(|sheet| sheet.name == "survey");
    let Some((headers, rows)) = survey.and_then(|survey| survey.rows.split_first()) else {
        return Vec::new();
    };
    let calculation = headers.iter().position(|header| header == "calculation");
    let is_worked_out = |row: &&Vec<String>| {
        let calculated = calculation.and_then(|column| row.get(column));
        row[0] == "hidden" || calculated.is_some_and(|cell| !cell.is_empty())
    };
    let names = rows.iter().filter(is_worked_out);
    names.map(|row| row[1].as_str()).collect()
}

fn sheet(name: &str, text: &str) -> Result<Sheet> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text.as_bytes());
    let mut rows = Vec::new();
    for record in reader.records() {
        rows.push(record?.iter().map(str::to_owned).collect());
    }
    Ok(Sheet {
        name: name.to_owned(),
        rows,
    })
}
