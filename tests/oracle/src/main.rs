//! Holds Ketuk's form engine against its peers.
#![allow(clippy::print_stdout, reason = "a command line talks on stdout")]

mod engine;
mod grow;
mod known;
mod ours;
mod state;

use std::cell::RefCell;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::Parser;
use ketuk_oracle::case::Case;
use ketuk_oracle::pyxform::Pyxform;
use proptest::prelude::{ProptestConfig, TestCaseError};
use proptest::test_runner::{RngSeed, TestError, TestRunner};

use crate::engine::XformsEngine;
use crate::state::State;

#[derive(Parser)]
struct Options {
    /// Where the peers are installed
    #[arg(long, env = "KETUK_ORACLES")]
    peers: PathBuf,
    /// Folders of cases, or single ones
    cases: Vec<PathBuf>,
    /// Grow so many forms beside them
    #[arg(long, alias = "oracle", default_value_t = 0)]
    grow: u32,
    /// The seed that they are grown from
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[derive(Default)]
struct Tally {
    forms: u64,
    steps: u64,
    comparisons: u64,
    known: u64,
    converted: u64,
    converted_otherwise: u64,
    differing: u64,
}

/// What differs on a case.
#[derive(Default)]
struct Found {
    /// Between the engines.
    filling: Vec<String>,
    /// Between the XForms, as the peer fills them.
    conversion: Vec<String>,
}

impl Found {
    fn filling(fault: String) -> Found {
        Found {
            filling: vec![fault],
            ..Found::default()
        }
    }
}

fn main() -> Result<ExitCode> {
    let options = Options::parse();
    let mut pyxform = Pyxform::start(&options.peers)?;
    let mut engine = XformsEngine::start(&options.peers)?;
    let mut files = Vec::new();
    for path in &options.cases {
        gather(path.clone(), &mut files)?;
    }
    files.sort();
    let known = known::cases()?;
    let mut tally = Tally::default();
    for file in files {
        let case = Case::read(&file)?;
        let found = one(&case, &mut pyxform, &mut engine, &mut tally)?;
        let is_known = known.filling.contains(&case.name);
        let fine = as_known(&case, "the engines", &found.filling, is_known);
        let is_converted_otherwise = known.conversion.contains(&case.name);
        let alike = as_known(
            &case,
            "the XForms",
            &found.conversion,
            is_converted_otherwise,
        );
        tally.known += u64::from(is_known);
        tally.converted_otherwise += u64::from(is_converted_otherwise);
        tally.differing += u64::from(!(fine && alike));
    }
    if let Some(shrunk) = grown(&options, &mut pyxform, &mut engine, &mut tally)? {
        tally.differing += 1;
        println!("{shrunk}");
    }
    let Tally {
        forms,
        steps,
        comparisons,
        known,
        converted,
        converted_otherwise,
        differing,
    } = tally;
    println!(
        "{forms} forms, {steps} steps, {comparisons} comparisons: \
         {known} forms differ as is known, {differing} otherwise"
    );
    println!("{converted} converted: {converted_otherwise} fill otherwise as is known");
    Ok(match differing {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    })
}

/// Says where a case differs, or no longer does; gives whether that is as it is known.
fn as_known(case: &Case, who: &str, faults: &[String], is_known: bool) -> bool {
    if is_known && faults.is_empty() {
        println!(
            "{}: {who} agree now; take it off the known differences",
            case.name
        );
    } else if !is_known && !faults.is_empty() {
        println!("{}: {who} differ", case.name);
        for fault in faults.iter().take(6) {
            println!("    {fault}");
        }
    }
    is_known != faults.is_empty()
}

/// Forms that nobody wrote; gives the smallest on which the engines differ, if they do.
fn grown(
    options: &Options,
    pyxform: &mut Pyxform,
    engine: &mut XformsEngine,
    tally: &mut Tally,
) -> Result<Option<String>> {
    let config = ProptestConfig {
        cases: options.grow,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(options.seed),
        max_shrink_iters: 2_000,
        ..ProptestConfig::default()
    };
    let peers = RefCell::new((pyxform, engine, tally));
    let run = TestRunner::new(config).run(&grow::seedling(), |seedling| {
        let (pyxform, engine, tally) = &mut *peers.borrow_mut();
        let mut case = seedling.form();
        // What makes a circle is no form.
        let Ok(form) = ours::compile(&case).map_err(failed)? else {
            return Err(TestCaseError::reject("no form"));
        };
        case.steps = seedling.steps(&case, &form).map_err(failed)?;
        let Found {
            filling: mut faults,
            conversion,
        } = one(&case, pyxform, engine, tally).map_err(failed)?;
        faults.extend(
            conversion
                .into_iter()
                .map(|fault| format!("converted: {fault}")),
        );
        match faults.is_empty() {
            true => Ok(()),
            false => Err(TestCaseError::fail(format!("{case}{}", faults.join("\n")))),
        }
    });
    match run {
        Ok(()) => Ok(None),
        Err(TestError::Fail(why, _)) => Ok(Some(why.message().to_owned())),
        Err(TestError::Abort(why)) => bail!("{}", why.message()),
    }
}

fn failed(fault: anyhow::Error) -> TestCaseError {
    TestCaseError::fail(format!("{fault:#}"))
}

fn gather(path: PathBuf, files: &mut Vec<PathBuf>) -> Result<()> {
    if path.is_dir() {
        for entry in std::fs::read_dir(path)? {
            gather(entry?.path(), files)?;
        }
    } else if path.extension().is_some_and(|extension| extension == "md") {
        files.push(path);
    }
    Ok(())
}

/// What differs on a case.
fn one(
    case: &Case,
    pyxform: &mut Pyxform,
    engine: &mut XformsEngine,
    tally: &mut Tally,
) -> Result<Found> {
    tally.forms += 1;
    let ours = ours::compile(case)?;
    let theirs = pyxform.convert(&case.sheets)?;
    let (form, xform) = match (ours, theirs) {
        (Ok(form), Ok(xform)) => (form, xform),
        (Err(_), Err(_)) => return Ok(Found::default()),
        (Ok(_), Err(refusal)) => {
            return Ok(Found::filling(format!("pyxform refuses it: {}", refusal.0)));
        }
        (Err(faults), Ok(_)) => return Ok(Found::filling(format!("pyxform takes it: {faults}"))),
    };
    let theirs = match engine.fill(&xform.xml, case)? {
        Ok(states) => states,
        Err(refusal) => return Ok(Found::filling(format!("the peer can't: {}", refusal.0))),
    };
    tally.converted += 1;
    let conversion = match engine.fill(&ours::convert(case)?, case)? {
        Ok(states) => differences(&states, &theirs, tally),
        Err(refusal) => vec![format!("the peer can't: {}", refusal.0)],
    };
    let filling = match ours::fill(&form, &case.steps) {
        Ok(states) => {
            tally.steps += states.len() as u64;
            differences(&states, &theirs, tally)
        }
        Err(fault) => vec![format!("ours can't: {fault:#}")],
    };
    Ok(Found {
        filling,
        conversion,
    })
}

fn differences(ours: &[State], theirs: &[State], tally: &mut Tally) -> Vec<String> {
    let mut found = Vec::new();
    for (at, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
        let mut differences = Vec::new();
        tally.comparisons += state::compare(ours, theirs, &mut differences);
        found.extend(differences.iter().map(|d| format!("after step {at}: {d}")));
    }
    found
}
