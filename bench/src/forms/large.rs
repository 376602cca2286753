//! What an answer costs in forms larger than most.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Result, anyhow, ensure};
use ketuk_form::{Answer, Form, Session, Workbook};

use super::context;
use crate::figure::{Figure, Report, milliseconds, percentile};

/// Measures all of them.
pub(crate) fn measure(report: &Report) -> Result<()> {
    report.measuring("large forms");
    dependents(report)?;
    members(report)?;
    file(report)
}

/// A thousand questions; half of the first one's dependents are computed, half are shown or hidden.
fn dependents(report: &Report) -> Result<()> {
    let mut survey = String::from("type,name,label,calculation,relevant,required\n");
    for page in 0..50 {
        writeln!(survey, "begin_group,page{page},Page {page},,,")?;
        for at in page * 20..page * 20 + 20 {
            match at % 10 {
                4 => writeln!(survey, "calculate,q{at},,${{q0}} + {at},,")?,
                9 => writeln!(
                    survey,
                    "text,q{at},Question {at},,${{q0}} > {},yes",
                    at % 100
                )?,
                _ => writeln!(survey, "integer,q{at},Question {at},,,")?,
            }
        }
        writeln!(survey, "end_group,,,,,")?;
    }
    let form = form(&[("survey", &survey)], &[])?;
    let mut session = Session::new(form, context());
    let taken = milliseconds(5_000, |turn| {
        session.answer("page0/q0", Answer::Text((turn % 100).to_string()))?;
        Ok(())
    })?;
    let name = "one answer among 1,000 questions, 200 dependents: median";
    report.figure(Figure::new("forms", name, percentile(&taken, 0.5) * 1_000.0, "µs").at_most(50.0))
}

/// A hundred members of thirty questions each, as a household roster asks them: what an answer shows and
/// hides is the member's own, and a count over all members follows from it.
fn members(report: &Report) -> Result<()> {
    let mut survey = String::from(
        "type,name,label,calculation,relevant,constraint,required\nbegin_repeat,member,Members,,,,\n",
    );
    writeln!(survey, "integer,age,Age,,,. <= 120,yes")?;
    writeln!(survey, "calculate,is_child,,\"if(${{age}} < 5, 1, 0)\",,,")?;
    for at in 2..30 {
        let relevant = if at % 4 == 0 {
            format!("${{age}} >= {at}")
        } else {
            String::new()
        };
        writeln!(survey, "text,q{at},Question {at},,{relevant},,")?;
    }
    survey += "end_repeat,member,,,,,\ncalculate,children,,sum(${is_child}),,,\n";
    let form = form(&[("survey", &survey)], &[])?;
    let mut session = Session::new(form, context());
    while session.instances("member").len() < 100 {
        session.add("member")?;
    }
    let members = session.instances("member");
    for member in &members {
        session.answer(&format!("{member}/age"), Answer::Text("30".to_owned()))?;
    }
    let paths = [&members[0], &members[99]].map(|member| format!("{member}/age"));
    let mut taken = [const { Vec::new() }; 2];
    for turn in 0..4_000_u32 {
        // By turns, so that what else the machine does meets both.
        for (path, taken) in paths.iter().zip(&mut taken) {
            let answer = Answer::Text((turn % 2 * 30 + 1).to_string());
            let begun = Instant::now();
            session.answer(path, answer)?;
            taken.push(begun.elapsed().as_secs_f64() * 1e6);
        }
    }
    let [first, last] = taken.map(|mut taken| {
        taken.sort_by(f64::total_cmp);
        percentile(&taken, 0.5)
    });
    let name = "one answer in the last of 100 members × 30 questions: median";
    report.figure(
        Figure::new("forms", name, last, "µs")
            .at_most(first * 1.2)
            .beside("the same in the first", first),
    )
}

/// A file of a hundred thousand places, narrowed down by two answers.
fn file(report: &Report) -> Result<()> {
    const REGENCIES: u32 = 500;
    const KINDS: u32 = 10;
    let survey = "type,name,label,choice_filter\n\
        text,regency,Regency,\n\
        text,kind,Kind,\n\
        select_one_from_file places.csv,place,Place,regency = ${regency} and kind = ${kind}\n";
    let mut places = String::from("name,label,regency,kind\n");
    for at in 0..100_000_u32 {
        let (regency, kind) = (at % REGENCIES, at / REGENCIES % KINDS);
        writeln!(places, "p{at},Place {at},r{regency},k{kind}")?;
    }
    let form = form(&[("survey", survey)], &[("places.csv", places.as_bytes())])?;
    let mut session = Session::new(form, context());
    let mut narrow = |turn: usize| -> Result<()> {
        let kind = turn as u32 % KINDS;
        let regency = turn as u32 * 7 % REGENCIES;
        session.answer("regency", Answer::Text(format!("r{regency}")))?;
        session.answer("kind", Answer::Text(format!("k{kind}")))?;
        let choices = session.choices("place", "", 0, 50)?;
        ensure!(
            choices.choices.len() == 20,
            "{} choices",
            choices.choices.len()
        );
        Ok(())
    };
    let begun = Instant::now();
    narrow(0)?;
    let name = "100,000 rows of a file narrowed by two answers: first use";
    let first = begun.elapsed().as_secs_f64() * 1_000.0;
    report.figure(Figure::new("forms", name, first, "ms"))?;
    let taken = milliseconds(2_000, |turn| narrow(turn + 1))?;
    let name = "the same from then on, answers and choices: median";
    report.figure(Figure::new("forms", name, percentile(&taken, 0.5), "ms").at_most(1.0))
}

fn form(sheets: &[(&str, &str)], files: &[(&str, &[u8])]) -> Result<Arc<Form>> {
    let mut workbook = Workbook::from_csv(sheets)?;
    for (name, bytes) in files {
        workbook.attach(name, bytes)?;
    }
    let form = Form::compile(&workbook).map_err(|faults| anyhow!("{faults}"))?;
    Ok(Arc::new(form))
}
