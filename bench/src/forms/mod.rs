//! The form engine's figures, without a disk.

mod courses;
pub(crate) mod footprint;
mod instance;
mod large;
mod plain;
mod race;
mod workbook;

use std::path::Path;
use std::sync::Arc;

use anyhow::{Result, bail};
use jiff::civil::date;
use ketuk_form::{Answer, Context, Form, Session};
use ketuk_wire::Outcome;

use crate::figure::{Figure, Report, milliseconds, percentile};
use crate::stocked;

/// Measures all of it; beside the peers where they are installed, in the folder `peers`.
pub(crate) fn measure(report: &Report, peers: Option<&Path>) -> Result<()> {
    questionnaire(report)?;
    large::measure(report)?;
    workbook::measure(report)?;
    footprint::measure(report)?;
    match peers {
        Some(peers) => race::measure(report, peers),
        None => {
            report.measuring("no peers: `cargo xtask bench forms` installs them");
            Ok(())
        }
    }
}

/// Compiling, answering, filling and checking the questionnaire.
fn questionnaire(report: &Report) -> Result<()> {
    report.measuring("the questionnaire, in memory");
    let compiled = milliseconds(50, |_| stocked::form().map(drop))?;
    report.figure(Figure::new(
        "forms",
        "read and compile PK: median",
        percentile(&compiled, 0.5),
        "ms",
    ))?;

    let form = stocked::form()?;
    let families: Vec<_> = ketuk_sample::households(500, 3).collect();
    let today = date(2023, 7, 20);
    let filled = milliseconds(families.len(), |turn| {
        let family = &families[turn];
        let mut session = Session::update_of(Arc::clone(&form), &family.last_year(), context());
        ketuk_sample::play(&family.steps(Outcome::Met, today), &mut session)?;
        match session.finish() {
            Ok(_) => Ok(()),
            Err(problems) => bail!("{} problems are in the way", problems.len()),
        }
    })?;
    let name = "fill one PK family from last year's answers: median";
    report.figure(Figure::new("forms", name, percentile(&filled, 0.5), "ms"))?;

    answering(report, &form, &families[0].last_year())?;

    let documents: Vec<_> = families
        .iter()
        .map(|f| f.document(Outcome::Met, today))
        .collect();
    let checked = milliseconds(documents.len(), |turn| {
        let problems = form.check(&documents[turn], &context());
        if problems.is_empty() {
            Ok(())
        } else {
            bail!("the sample's document doesn't pass")
        }
    })?;
    let name = "check one PK document, as the server does: median";
    report.figure(Figure::new(
        "forms",
        name,
        percentile(&checked, 0.5) * 1_000.0,
        "µs",
    ))
}

fn answering(report: &Report, form: &Arc<Form>, last_year: &serde_json::Value) -> Result<()> {
    let mut session = Session::update_of(Arc::clone(form), last_year, context());
    let answered = milliseconds(2_000, |turn| {
        let code = if turn % 2 == 0 { "5" } else { "1" };
        session.answer("kunjungan/hasil", Answer::Choice(code.to_owned()))?;
        Ok(())
    })?;
    let name = "one answer that shows or hides the whole form, p99";
    report.figure(Figure::new(
        "forms",
        name,
        percentile(&answered, 0.99) * 1_000.0,
        "µs",
    ))
}

fn context() -> Context {
    Context::on(date(2023, 7, 20))
}
