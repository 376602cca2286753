//! A phone that can't be opened any more, and what of it comes to the server.

use std::process::Command;
use std::sync::Arc;

use anyhow::{Context, Result};
use ketuk_phone::copy_unopened;
use ketuk_sample::{Campaign, SEED};
use ketuk_tests::cadre::{Cadre, SampleDay, Taps};
use ketuk_tests::ledger::{Place, Verdict};
use ketuk_tests::office::Office;
use ketuk_wire::Outcome;
use uuid::Uuid;

/// Runs the program on the copy, beside the server.
fn rescue(office_data: &std::path::Path, copy: &std::path::Path) -> Result<(bool, String)> {
    let run = Command::new(env!("CARGO_BIN_EXE_ketuk-rescue"))
        .arg(copy)
        .arg("--data")
        .arg(office_data)
        .output()?;
    let said = [run.stdout, run.stderr].concat();
    Ok((run.status.success(), String::from_utf8(said)?))
}

/// What became of the entries that the server has of a family.
fn of_family(office: &Office, family: Uuid) -> Result<Vec<Verdict>> {
    let entries = office.place().entries()?.into_iter();
    let hers = entries.filter(|entry| entry.household == family);
    Ok(hers.map(|entry| entry.verdict).collect())
}

#[test]
fn what_waits_on_a_phone_whose_key_is_lost_comes_to_the_server_once() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    let office = Office::with_sample(Place::Sqlite(data.clone()))?;
    let invited = office.told().cadres.first().context("nobody")?.clone();
    let campaign = Campaign::gorontalo(SEED);
    let day = Arc::new(SampleDay::begin(&campaign)?);
    let cadre = Cadre::with_new_phone(day, folder.path())?;
    cadre.enrol(&format!("http://{}", office.address()?), &invited.code)?;
    let who = campaign
        .live_cadres()
        .find(|c| c.who.name == invited.name && c.village.as_str() == invited.village)
        .context("not in the sample")?;
    let mut families = campaign.visits(who).filter(|visit| visit.live);
    let (first, second) = (
        families.next().context("no family")?.household,
        families.next().context("no other")?.household,
    );
    let mut visit = cadre.phone().households().visit(first.id)?;
    let steps = first.steps(Outcome::NotFound, campaign.today());
    ketuk_sample::play(&steps, &mut Taps(&mut visit))?;
    visit.finish()?;
    let mut begun = cadre.phone().households().visit(second.id)?;
    let steps = second.steps(Outcome::NotFound, campaign.today());
    ketuk_sample::play(&steps, &mut Taps(&mut begun))?;
    drop((visit, begun));

    // The Keystore is broken: what the app can still do is copy what lies there.
    let copy = folder.path().join("copy.ketuk");
    copy_unopened(cadre.folder(), &copy)?;
    let (done, said) = rescue(&data, &copy)?;
    assert!(done, "{said}");
    assert!(
        said.contains("1 entries are on the server, 0 of them were before"),
        "{said}"
    );
    assert!(said.contains("1 unfinished visits"), "{said}");
    assert_eq!(of_family(&office, first.id)?, [Verdict::Revision]);

    let (done, said) = rescue(&data, &copy)?;
    assert!(done && said.contains("1 of them were before"), "{said}");
    assert_eq!(of_family(&office, first.id)?, [Verdict::Revision]);

    std::fs::write(&copy, b"a letter")?;
    let (done, said) = rescue(&data, &copy)?;
    assert!(
        !done && said.contains("no copy of a phone's data"),
        "{said}"
    );
    office.verify()
}
