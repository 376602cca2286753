//! What waits leaves the phone as a file and reaches the server with somebody else: the real core, the
//! real server as a process, and its command line.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use ketuk_phone::wire::HandoverAnswer;
use ketuk_phone::{Error, HouseholdState, SyncEnd};
use ketuk_sample::{Campaign, SEED};
use ketuk_tests::cadre::{Cadre, SampleDay};
use ketuk_tests::ledger::{Place, Verdict};
use ketuk_tests::link::{Link, Quality};
use ketuk_tests::office::{Invited, Office};
use uuid::Uuid;

#[test]
fn what_was_handed_over_is_on_the_server_once_whoever_brings_it_and_how_often() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let office = Office::with_sample(Place::Sqlite(folder.path().join("data")))?;
    let runtime = tokio::runtime::Runtime::new()?;
    let link = runtime.block_on(Link::open(office.address()?, Quality::GOOD))?;
    let mut invited = office.told().cadres.iter();
    let (who, other) = (
        invited.next().context("nobody")?,
        invited.next().context("nobody else")?,
    );
    let cadre = enrolled(&link.url(), who, folder.path())?;
    let neighbour = enrolled(
        &format!("http://{}", office.address()?),
        other,
        folder.path(),
    )?;

    link.set_present(false);
    let families = she_records(&cadre, who, 3)?;
    let parcel = cadre
        .phone()
        .hand_over()?
        .context("nothing was handed over")?;
    assert_eq!((parcel.entries, parcel.left_over), (3, 0));

    assert_eq!(neighbour.phone().carry(&parcel.bytes)?, answer(3, 0));
    assert_eq!(neighbour.phone().carry(&parcel.bytes)?, answer(3, 3));
    let file = folder.path().join("serahan.age");
    std::fs::write(&file, &parcel.bytes)?;
    let said = office.import(&file)?;
    assert!(said.contains(r#""already":3"#), "{said}");
    let no_parcel = neighbour.phone().carry(b"a song");
    assert!(
        matches!(no_parcel, Err(Error::Refused { status: 422, .. })),
        "{no_parcel:?}"
    );

    let waiting = cadre.phone().waiting(None, 10)?.rows;
    assert_eq!(waiting.len(), 3, "it waits for the server's own word");
    assert!(waiting.iter().all(|entry| entry.handed_over.is_some()));

    link.set_present(true);
    let report = cadre.sync(|_| ())?;
    assert_eq!((report.end, report.still_waiting), (SyncEnd::Done, 0));
    assert_eq!(report.received, 3);
    for family in &families {
        assert_eq!(cadre.state(*family)?, HouseholdState::Received);
    }
    assert_eq!(cadre.phone().proofs("", None, 10)?.rows.len(), 3);
    each_is_there_once(&office, &families)?;
    office.verify()
}

#[test]
fn a_parcel_that_arrives_after_the_phone_itself_changes_nothing() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let office = Office::with_sample(Place::Sqlite(folder.path().join("data")))?;
    let who = office.told().cadres.first().context("nobody")?;
    let cadre = enrolled(&format!("http://{}", office.address()?), who, folder.path())?;
    let families = she_records(&cadre, who, 2)?;
    let parcel = cadre
        .phone()
        .hand_over()?
        .context("nothing was handed over")?;
    assert_eq!(cadre.sync(|_| ())?.received, 2);
    assert_eq!(cadre.phone().carry(&parcel.bytes)?, answer(2, 2));
    each_is_there_once(&office, &families)?;
    office.verify()
}

fn answer(received: u64, already: u64) -> HandoverAnswer {
    HandoverAnswer {
        received,
        already,
        troubles: 0,
    }
}

fn enrolled(server: &str, invited: &Invited, folder: &Path) -> Result<Cadre> {
    let campaign = Campaign::gorontalo(SEED);
    let cadre = Cadre::with_new_phone(Arc::new(SampleDay::begin(&campaign)?), folder)?;
    cadre.enrol(server, &invited.code)?;
    Ok(cadre)
}

/// So many of her visits of today.
fn she_records(cadre: &Cadre, invited: &Invited, visits: usize) -> Result<Vec<Uuid>> {
    let campaign = Campaign::gorontalo(SEED);
    let who = campaign
        .live_cadres()
        .find(|c| c.who.name == invited.name && c.village.as_str() == invited.village)
        .context("the invited cadre is not in the sample")?;
    let today = campaign.visits(who).filter(|visit| visit.live);
    today.take(visits).map(|visit| cadre.make(&visit)).collect()
}

fn each_is_there_once(office: &Office, families: &[Uuid]) -> Result<()> {
    let entries = office.place().entries()?;
    for family in families {
        let mut held = entries.iter().filter(|entry| entry.household == *family);
        let first = held.next().context("it is not on the server")?;
        assert_eq!(first.verdict, Verdict::Revision);
        assert_eq!(held.next(), None, "it is there more than once");
    }
    Ok(())
}
