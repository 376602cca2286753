//! The sample campaign.

use ketuk_sample::{Campaign, SEED};
use ketuk_server::sample::Progress;
use ketuk_server::{Options, Server, sample};
use ketuk_wire::FormRef;

use super::office::text_of;
use super::world::{PASSWORD, Place, World};

#[test]
fn it_loads_once_with_the_figures_that_it_promises_and_every_visit_passes_the_checks() {
    let place = Place::Folder(tempfile::tempdir().unwrap());
    let open = || {
        Server::open(Options {
            clock: sample::clock(),
            admin_password: Some(PASSWORD.into()),
            ..Options::local(place.store())
        })
        .unwrap()
    };
    let server = open();
    let mut steps = Vec::new();
    let first = server.load_sample(|step| steps.push(step)).unwrap();
    assert_eq!(first.live.len(), ketuk_sample::LIVE_CADRES);
    let Some(Progress::Received { cadres, of }) = steps.last() else {
        panic!("the last step was not told: {steps:?}");
    };
    assert_eq!(cadres, of);
    drop(server);

    let server = open();
    let again = server
        .load_sample(|step| panic!("loaded again: {step:?}"))
        .unwrap();
    assert_eq!(again.campaign, first.campaign);
    assert_ne!(
        again.live[0].code, first.live[0].code,
        "codes are told once"
    );

    let form = FormRef {
        id: "pk".into(),
        version: String::new(),
    };
    let world = World::around(server, place, form);
    let found = world.server().verify().unwrap();
    assert_eq!(found.differences, Vec::<String>::new());
    let tally = Campaign::gorontalo(SEED).tally(false);
    assert_eq!(found.entries, tally.visited() + tally.new);
    let page = super::office::Browser::signed_in(&world).page("/area/75.71");
    let text = text_of(&page).replace('.', "");
    for said in [
        format!(
            "{} dari {} keluarga sasaran",
            tally.achieved(),
            tally.target
        ),
        format!(
            "{} terdaftar = {} ditemui + {} pindah",
            tally.listed, tally.met, tally.moved
        ),
        format!("+ {} belum didata", tally.to_visit().unwrap()),
        format!("{} keluarga baru", tally.new),
    ] {
        assert!(text.contains(&said), "no {said:?} in {text}");
    }
}
