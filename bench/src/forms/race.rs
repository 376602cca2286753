//! Ketuk's engine beside JavaRosa, which ODK Collect runs on, and @getodk/xforms-engine, ODK's of the web.
//!
//! A fill is: open the form, give each answer, check all of it, finish it and write it out. Parsing is left
//! out for all three. Each engine is warmed up first and then takes its turn in each round, so that what else
//! the machine does meets all of them; medians over the rounds are held against each other. All must
//! end with the same answers.
//!
//! What isn't the same favours the peers. Ketuk writes its document and the XML, and checks what stands in its
//! own columns (`ketuk::constraint_2` and on, warnings, fixed answers), which pyxform leaves out of the XForm.
//! The few answers that Ketuk fixes by itself are typed with the peers, which know of no such thing.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, Result, anyhow};
use ketuk_form::{Answer, Error, Session};
use ketuk_oracle::case::Step;
use ketuk_oracle::paths;
use ketuk_oracle::peer::Peer;
use ketuk_oracle::pyxform::Pyxform;
use serde::{Deserialize, Serialize};

use super::courses::{self, Course};
use super::instance;
use crate::figure::{Figure, Report, percentile};

/// How long each is warmed up, and how long each fills in a round, in seconds.
const WARM: f64 = 8.0;
const TURN: f64 = 1.0;
const ROUNDS: usize = 7;

/// Races the engines over each course.
pub(crate) fn measure(report: &Report, peers: &Path) -> Result<()> {
    let mut pyxform = Pyxform::start(peers)?;
    for course in [courses::questionnaire()?, courses::plain()?] {
        report.measuring(&format!(
            "{}, beside JavaRosa and xforms-engine",
            course.name
        ));
        let converted = pyxform.convert(&course.sheets)?;
        let xform = converted.map_err(|refusal| anyhow!("pyxform refuses it: {}", refusal.0))?;
        race(report, peers, &course, &xform.xml)
            .with_context(|| format!("the race over {}", course.name))?;
    }
    Ok(())
}

fn race(report: &Report, peers: &Path, course: &Course, xform: &str) -> Result<()> {
    let mut engines: [Box<dyn Engine>; 3] = [
        Box::new(Ours::new(course)?),
        Box::new(Rival::javarosa(peers, course, xform)?),
        Box::new(Rival::xforms_engine(peers, course, xform)?),
    ];
    let mut outcomes = Vec::new();
    for engine in &mut engines {
        let filled = engine.fill_for(WARM)?;
        outcomes.push(instance::answers(&filled.xml, course.repeats)?);
    }
    for (engine, theirs) in engines.iter().zip(&outcomes).skip(1) {
        instance::assert_same(&outcomes[0], theirs, engine.name())?;
    }
    let mut rates = [const { Vec::new() }; 3];
    for _ in 0..ROUNDS {
        for (engine, rates) in engines.iter_mut().zip(&mut rates) {
            let Filled { fills, seconds, .. } = engine.fill_for(TURN)?;
            rates.push(f64::from(fills) / seconds);
        }
    }
    let [ours, theirs @ ..] = rates.map(|mut rates| {
        rates.sort_by(f64::total_cmp);
        percentile(&rates, 0.5)
    });
    for (engine, (theirs, times)) in engines
        .iter()
        .skip(1)
        .zip(theirs.into_iter().zip([10.0, 50.0]))
    {
        let name = format!("fills of {}, finished", course.name);
        let figure = Figure::new("forms", name, ours, "/s").at_least((times * theirs).round());
        report.figure(figure.ahead_of(format!("{}, {theirs:.1}/s", engine.name()), theirs))?;
    }
    Ok(())
}

/// What an engine did for a while.
#[derive(Deserialize)]
struct Filled {
    fills: u32,
    seconds: f64,
    /// The last instance.
    xml: String,
}

trait Engine {
    fn name(&self) -> &'static str;

    /// Fills the form over and over for so many seconds, once at least.
    fn fill_for(&mut self, seconds: f64) -> Result<Filled>;
}

/// A peer in a process of its own, which keeps the time itself.
struct Rival {
    name: &'static str,
    peer: Peer,
}

impl Rival {
    fn javarosa(peers: &Path, course: &Course, xform: &str) -> Result<Rival> {
        let home = peers.join("javarosa");
        let classes = format!("{0}/classes:{0}/lib/*", home.display());
        let mut java = Command::new("java");
        java.args(["-cp", &classes, "id.ketuk.peers.Fill"]);
        Rival::ready("JavaRosa 6.0.0", Peer::start(&mut java)?, course, xform)
    }

    fn xforms_engine(peers: &Path, course: &Course, xform: &str) -> Result<Rival> {
        let driver = include_str!("../../peers/xforms-engine.mjs");
        Rival::ready(
            "xforms-engine 0.22.0",
            Peer::of_engine(peers, driver)?,
            course,
            xform,
        )
    }

    fn ready(name: &'static str, mut peer: Peer, course: &Course, xform: &str) -> Result<Rival> {
        #[derive(Serialize)]
        struct Asked<'a> {
            xml: &'a str,
            steps: &'a [Step],
        }
        #[derive(Deserialize)]
        struct Ready {}
        let steps = &course.steps;
        let said = peer.ask::<Ready>(&Asked { xml: xform, steps })?;
        said.map_err(|refusal| anyhow!("{name}: {}", refusal.0))?;
        Ok(Rival { name, peer })
    }
}

impl Engine for Rival {
    fn name(&self) -> &'static str {
        self.name
    }

    fn fill_for(&mut self, seconds: f64) -> Result<Filled> {
        #[derive(Serialize)]
        struct Asked {
            seconds: f64,
        }
        let said = self.peer.ask(&Asked { seconds })?;
        said.map_err(|refusal| anyhow!("{}: {}", self.name, refusal.0))
    }
}

/// What a hand does in a session. Instances have the same ids each time, as all follows from the seed.
enum Deed {
    Add(String),
    Answer(String, Answer),
}

/// Ketuk's engine, in this process.
pub(crate) struct Ours<'a> {
    course: &'a Course,
    deeds: Vec<Deed>,
}

impl Ours<'_> {
    /// Finds the course's answers in a session.
    pub(crate) fn new(course: &Course) -> Result<Ours<'_>> {
        let mut session = Session::new(Arc::clone(&course.form), course.context.clone());
        let mut deeds = Vec::new();
        for step in &course.steps {
            match step {
                Step::Add { path } => {
                    let path = paths::ours(&session, path)?;
                    session.add(&path)?;
                    deeds.push(Deed::Add(path));
                }
                Step::Answer { path, value } => {
                    let path = paths::ours(&session, path)?;
                    let answer = Answer::Text(value.clone());
                    match session.answer(&path, answer.clone()) {
                        Ok(_) => deeds.push(Deed::Answer(path, answer)),
                        // The form answers it by itself.
                        Err(Error::ReadOnly { .. }) => {}
                        Err(fault) => return Err(fault.into()),
                    }
                }
                _ => {}
            }
        }
        Ok(Ours { course, deeds })
    }

    fn fill(&self) -> Result<String> {
        let session = self.filled()?;
        let document = session.finish();
        let document = document.map_err(|problems| anyhow!("{} problems", problems.len()))?;
        std::hint::black_box(document);
        Ok(session.instance_xml("uuid:00000000-0000-4000-8000-000000000000"))
    }

    /// A session with all answers.
    pub(crate) fn filled(&self) -> Result<Session> {
        let mut session = Session::new(Arc::clone(&self.course.form), self.course.context.clone());
        for deed in &self.deeds {
            match deed {
                Deed::Add(path) => drop(session.add(path)?),
                Deed::Answer(path, answer) => drop(session.answer(path, answer.clone())?),
            }
        }
        Ok(session)
    }
}

impl Engine for Ours<'_> {
    fn name(&self) -> &'static str {
        "Ketuk"
    }

    fn fill_for(&mut self, seconds: f64) -> Result<Filled> {
        let begun = Instant::now();
        let mut fills = 0;
        loop {
            let xml = self.fill()?;
            fills += 1;
            let taken = begun.elapsed().as_secs_f64();
            if taken >= seconds {
                return Ok(Filled {
                    fills,
                    seconds: taken,
                    xml,
                });
            }
        }
    }
}
