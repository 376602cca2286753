//! Instances in XML, as each engine writes them, and what of them can be compared.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use ketuk_form::Session;
use ketuk_oracle::case::Step;
use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::Event;

/// An answer by its path, `/data/anggota[2]/nama`, in the order of the form.
pub(crate) type Answers = Vec<(String, String)>;

/// The answers of an instance. An element of a name in `repeats` is numbered. What the engines make up
/// themselves, under `meta`, is left out.
pub(crate) fn answers(xml: &str, repeats: &[&str]) -> Result<Answers> {
    let mut reader = Reader::from_str(xml);
    let mut answers = Answers::new();
    let mut path = String::new();
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    let mut text = String::new();
    loop {
        match reader.read_event()? {
            Event::Start(start) => {
                let name = start.local_name();
                let name: &str = name.as_ref();
                path = format!("{path}/{name}");
                if repeats.contains(&name) {
                    let number = numbers.entry(path.clone()).or_default();
                    *number += 1;
                    path = format!("{path}[{number}]");
                }
                text.clear();
            }
            Event::Text(part) => text.push_str(&part.xml10_content()),
            Event::GeneralRef(name) => {
                text.push_str(resolve_predefined_entity(&name).unwrap_or_default())
            }
            Event::End(_) => {
                if !text.trim().is_empty() && !path.starts_with("/data/meta/") {
                    answers.push((path.clone(), text.trim().to_owned()));
                }
                text.clear();
                path.truncate(path.rfind('/').unwrap_or_default());
            }
            Event::Eof => return Ok(answers),
            _ => {}
        }
    }
}

/// What somebody does who fills the form with these answers: one instance of a repeat after the other, and in
/// each one answer after the other, save what the form of `worked_out` works out by itself.
pub(crate) fn steps(answers: &Answers, worked_out: &[&str]) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut begun: Vec<String> = Vec::new();
    for (path, value) in answers {
        for (end, _) in path.match_indices(']') {
            let instance = &path[..=end];
            let (repeat, number) = instance.rsplit_once('[').unwrap_or((instance, ""));
            // The first instance is there already.
            if number != "1]" && !begun.iter().any(|known| known == instance) {
                begun.push(instance.to_owned());
                let path = repeat.to_owned();
                steps.push(Step::Add { path });
            }
        }
        let name = path.rsplit('/').next().unwrap_or_default();
        if !worked_out.contains(&name) {
            let (path, value) = (path.clone(), value.clone());
            steps.push(Step::Answer { path, value });
        }
    }
    steps
}

/// Fails where two engines' instances say different things.
pub(crate) fn assert_same(ours: &Answers, theirs: &Answers, whose: &str) -> Result<()> {
    let [ours, theirs] = [ours, theirs].map(|all| all.iter().cloned().collect::<BTreeMap<_, _>>());
    for path in ours.keys().chain(theirs.keys()) {
        let (a, b) = (ours.get(path), theirs.get(path));
        ensure!(
            a.map(|text| plain(text)) == b.map(|text| plain(text)),
            "{path} is {a:?} with Ketuk, {b:?} with {whose}"
        );
    }
    Ok(())
}

/// What an answer says, whoever writes it: `2.0` is 2, and JavaRosa's `today()` is a moment at midnight.
fn plain(text: &str) -> String {
    match text.parse::<f64>() {
        Ok(number) if text.contains('.') => number.to_string(),
        _ => text.trim_end_matches("T00:00:00.000Z").to_owned(),
    }
}

/// What a session would send.
pub(crate) fn of_session(session: &Session, repeats: &[&str]) -> Result<Answers> {
    answers(
        &session.instance_xml("uuid:00000000-0000-4000-8000-000000000000"),
        repeats,
    )
}
