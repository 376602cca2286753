//! Photos on their way: the real core, a link that is cut, the real server as a process.

use std::sync::Arc;

use anyhow::{Context, Result};
use ketuk_phone::wire::{MAX_BLOB, Outcome};
use ketuk_phone::{Error, Finish, PhotoState, SyncEnd, SyncEvent, Visit};
use ketuk_sample::{Campaign, SEED};
use ketuk_tests::cadre::{Cadre, SampleDay, Taps};
use ketuk_tests::ledger::Place;
use ketuk_tests::link::{Link, Quality};
use ketuk_tests::office::Office;

const PHOTO: usize = 600_000;

/// What of it may pass before the link is cut: the entry and some parts of the photo.
const CUT: u32 = 250_000;

/// What goes besides: the entry, the requests around the parts, and what was in some buffer at the cut.
const AROUND: u64 = 100_000;

#[test]
fn a_photo_arrives_after_its_entry_over_a_link_that_is_cut_and_a_phone_that_is_killed() -> Result<()>
{
    let folder = tempfile::tempdir()?;
    let office = Office::with_sample(Place::Sqlite(folder.path().join("data")))?;
    let runtime = tokio::runtime::Runtime::new()?;
    let link = runtime.block_on(Link::open(office.address()?, Quality::GOOD))?;
    let campaign = Campaign::gorontalo(SEED);
    let invited = office.told().cadres.first().context("nobody is invited")?;
    let cadre = Cadre::with_new_phone(Arc::new(SampleDay::begin(&campaign)?), folder.path())?;
    cadre.enrol(&link.url(), &invited.code)?;
    let who = campaign
        .live_cadres()
        .find(|c| c.who.name == invited.name && c.village.as_str() == invited.village)
        .context("the invited cadre is not in the sample")?;
    let plan = campaign
        .visits(who)
        .find(|visit| visit.live && visit.outcome == Outcome::Met)
        .context("nobody is left to visit")?;

    let mut visit = cadre.phone().households().visit(plan.household.id)?;
    ketuk_sample::play(&plan.steps(), &mut Taps(&mut visit))?;
    too_large_is_said_and_costs_nothing(&mut visit)?;
    let bytes: Vec<u8> = (0..PHOTO).map(|at| (at * at / 7) as u8).collect();
    let photo = visit.attach("image/jpeg", &bytes)?;
    assert!(matches!(visit.finish()?, Finish::Saved(_)));
    drop(visit);

    let before = link.bytes_up();
    link.cut_after(CUT);
    let report = cadre.sync(|event| {
        if let SyncEvent::Retrying { .. } = event {
            link.set_present(false);
        }
    })?;
    assert_eq!((report.received, report.still_waiting), (1, 0));
    assert_eq!((report.end, report.photos_waiting), (SyncEnd::NoSignal, 1));

    let cadre = cadre.restart()?;
    link.heal(Quality::GOOD);
    let report = cadre.sync(|_| ())?;
    assert_eq!((report.end, report.photos_received), (SyncEnd::Done, 1));
    assert!(
        link.bytes_up() - before <= PHOTO as u64 + AROUND,
        "parts of it went twice: {} bytes",
        link.bytes_up() - before
    );
    assert_eq!(office.place().photo(photo.as_bytes())?, bytes);
    let detail = cadre.phone().households().detail(plan.household.id, "id")?;
    assert_eq!(
        detail.photos.first().map(|photo| &photo.state),
        Some(&PhotoState::Received)
    );
    Ok(())
}

fn too_large_is_said_and_costs_nothing(visit: &mut Visit) -> Result<()> {
    let refused = visit.attach("image/jpeg", &vec![7; MAX_BLOB as usize + 1]);
    assert!(
        matches!(refused, Err(Error::TooLarge { most }) if most == u64::from(MAX_BLOB)),
        "{refused:?}"
    );
    assert_eq!(visit.photos()?, []);
    Ok(())
}
