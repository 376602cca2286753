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
    differing: u64,
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
        let faults = one(&case, &mut pyxform, &mut engine, &mut tally)?;
        if known.contains(&case.name) {
            tally.known += 1;
            if faults.is_empty() {
                tally.differing += 1;
                println!(
                    "{}: the engines agree now; take it off the known differences",
                    case.name
                );
            }
        } else if !faults.is_empty() {
            tally.differing += 1;
            println!("{}", case.name);
            for fault in faults.iter().take(6) {
                println!("    {fault}");
            }
        }
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
        differing,
    } = tally;
    println!(
        "{forms} forms, {steps} steps, {comparisons} comparisons: \
         {known} forms differ as is known, {differing} otherwise"
    );
    Ok(match differing {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    })
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
        let faults = one(&case, pyxform, engine, tally).map_err(failed)?;
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

/// Where the engines differ on a case.
fn one(
    case: &Case,
    pyxform: &mut Pyxform,
    engine: &mut XformsEngine,
    tally: &mut Tally,
) -> Result<Vec<String>> {
    tally.forms += 1;
    let ours = ours::compile(case)?;
    let theirs = pyxform.convert(&case.sheets)?;
    let (form, xform) = match (ours, theirs) {
        (Ok(form), Ok(xform)) => (form, xform),
        (Err(_), Err(_)) => return Ok(Vec::new()),
        (Ok(_), Err(refusal)) => return Ok(vec![format!("pyxform refuses it: {}", refusal.0)]),
        (Err(faults), Ok(_)) => return Ok(vec![format!("pyxform takes it: {faults}")]),
    };
    let theirs = match engine.fill(&xform.xml, case)? {
        Ok(states) => states,
        Err(refusal) => return Ok(vec![format!("the peer can't: {}", refusal.0)]),
    };
    let ours = match ours::fill(&form, &case.steps) {
        Ok(states) => states,
        Err(fault) => return Ok(vec![format!("ours can't: {fault:#}")]),
    };
    let mut found = Vec::new();
    for (at, (ours, theirs)) in ours.iter().zip(&theirs).enumerate() {
        tally.steps += 1;
        let mut differences = Vec::new();
        tally.comparisons += state::compare(ours, theirs, &mut differences);
        found.extend(differences.iter().map(|d| format!("after step {at}: {d}")));
    }
    Ok(found)
}
