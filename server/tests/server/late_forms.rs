//! Entries that come before their questionnaire.

use ketuk_wire::{Op, SyncResponse, TroubleCode, Verdict};
use serde_json::json;

use super::world::{Phone, World, families, on_each_database, sheets, sheets_of};

/// A visit filled with a questionnaire that the server doesn't have yet.
fn ahead(mut op: Op) -> Op {
    op.form.version = "99".into();
    op
}

fn unsound(phone: &mut Phone<'_>, n: u64) -> Op {
    let family = phone.visit(n, 1).household;
    let document = json!({"outcome": "1", "nik": "too short"}).to_string();
    ahead(phone.op(family, 0, &document))
}

/// What a phone does that has sent these: it sends again what the server doesn't name.
fn synced_again(phone: &Phone<'_>, sent: &[Op]) -> SyncResponse {
    let received = phone.send(&[]).received;
    let unnamed = sent.iter().filter(|op| !received.contains(op.seq));
    phone.send(&unnamed.cloned().collect::<Vec<_>>())
}

fn the_form_comes(world: &World) {
    let given = world.server().setup(|setup| setup.form(sheets("99")));
    assert_eq!(given.unwrap().version, "99");
}

#[test]
fn what_came_before_its_questionnaire_is_judged_when_that_comes() {
    on_each_database(|world| {
        let mut ana = world.phone(0);
        let good = ahead(ana.visit(1, 1));
        let bad = unsound(&mut ana, 2);
        let ops = [good.clone(), bad];
        let before = ana.send(&ops);
        let codes: Vec<_> = before.troubles.iter().map(|t| t.code).collect();
        assert_eq!(codes, [TroubleCode::UnknownForm; 2]);
        let (_, cursor) = ana.pull_all(None, 1 << 20);

        the_form_comes(world);
        let after = synced_again(&ana, &ops);
        let revisions: Vec<u64> = after.acks.iter().map(|ack| ack.revision).collect();
        assert_eq!(revisions, [1, 0]);
        let came = |answer: &ketuk_wire::SyncResponse| answer.acks[0].received_at;
        assert_eq!(came(&after), came(&before), "the time at which it came");
        assert_eq!(after.troubles.len(), 1);
        assert_eq!(after.troubles[0].code, TroubleCode::InvalidDocument);
        assert_eq!(after.received, before.received);

        let (changes, _) = ana.pull_all(Some(cursor), 1 << 20);
        let heard = families(&changes);
        let family = heard.get(&good.household).unwrap();
        assert_eq!(family.revision, 1, "its own phone hears of it, too");
        let document = family.document.as_ref().unwrap();
        assert_eq!(document.get(), good.document.get());
        assert_eq!(ana.receipts(&ops, &after).len(), 2);
        the_form_comes(world);
        assert_eq!(ana.send(&[]).received, before.received, "asked for once");
        assert_eq!(ana.send(&ops).acks, after.acks, "once");
        world.assert_figures_agree();
    });
}

#[test]
fn what_stands_by_then_is_not_overwritten() {
    on_each_database(|world| {
        let (mut one, mut other) = (world.phone(0), world.phone(0));
        let late = ahead(one.visit(1, 6));
        let own = ahead(one.visit(2, 6));
        let ops = [late, own.clone()];
        assert_eq!(one.send(&ops).troubles.len(), 2);
        let mut follow = one.visit(2, 7);
        follow.household = own.household;
        assert_eq!(one.send(&[follow]).acks[0].revision, 1);
        let visit = other.visit(1, 1);
        assert_eq!(other.send(&[visit]).acks[0].revision, 1);

        the_form_comes(world);
        let answer = synced_again(&one, &ops);
        for trouble in &answer.troubles {
            assert_eq!(trouble.verdict, Verdict::Conflict);
            assert_eq!(trouble.code, TroubleCode::NewerRevision);
        }
        assert_eq!(answer.troubles.len(), 2);
        world.assert_figures_agree();
    });
}

#[test]
fn what_an_end_kept_from_being_judged_is_judged_at_the_next_start() {
    on_each_database(|world| {
        the_form_comes(world);
        let mut ana = world.phone(0);
        let bad = unsound(&mut ana, 1);
        ana.send(std::slice::from_ref(&bad));
        let token = ana.token.clone();
        world.stop();
        let back = "UPDATE entry SET trouble = 'unknown_form'";
        world.sql(back, back);
        world.start();
        let answer = world.try_send(&token, &[bad]).unwrap();
        assert_eq!(answer.troubles[0].code, TroubleCode::InvalidDocument);
        world.assert_figures_agree();
    });
}

#[test]
fn other_bytes_that_came_later_do_not_take_the_place_of_the_first() {
    on_each_database(|world| {
        let mut ana = world.phone(0);
        let first = ahead(ana.visit(1, 1));
        let mut other = first.clone();
        other.finished_at += jiff::SignedDuration::from_secs(1);
        ana.send(std::slice::from_ref(&first));
        let answer = ana.send(std::slice::from_ref(&other));
        assert_eq!(answer.troubles[0].code, TroubleCode::OpReused);
        the_form_comes(world);
        let answer = synced_again(&ana, &[first]);
        assert_eq!(answer.acks[0].revision, 1);
        assert_eq!(ana.send(&[other]).troubles[0].code, TroubleCode::OpReused);
        world.assert_figures_agree();
    });
}

/// The questionnaire was given beside this server, and can't be read by it.
#[test]
fn what_stays_as_it_is_does_not_hold_up_what_is_behind_it() {
    on_each_database(|world| {
        let mut ana = world.phone(0);
        let mut strange: Vec<_> = (0..500)
            .map(|_| ana.visit_of(uuid::Uuid::new_v4(), 0, 9))
            .collect();
        strange
            .iter_mut()
            .for_each(|op| op.form.version = "98".into());
        ana.send(&strange);
        let behind = ahead(ana.visit(1, 1));
        ana.send(std::slice::from_ref(&behind));
        let beside = "INSERT INTO form (sha256, id, version, bytes, added_at)
            SELECT sha256, id, '98', bytes, added_at FROM form";
        let beside = format!("{beside} WHERE version = '1'");
        let unlike = |zeros: &str| beside.replace("SELECT sha256", &format!("SELECT {zeros}"));
        world.sql(
            &unlike("zeroblob(32)"),
            &unlike("decode(repeat('00', 32), 'hex')"),
        );
        the_form_comes(world);
        assert_eq!(synced_again(&ana, &[behind]).acks[0].revision, 1);
        let still = ana.send(&strange[..1]);
        assert_eq!(still.troubles[0].code, TroubleCode::UnknownForm);
        world.assert_figures_agree();
    });
}

#[test]
fn what_phones_can_t_show_is_refused_by_name_before_anybody_is_asked() {
    on_each_database(|world| {
        let survey = "type,name,label,ketuk::role,media::image,media::audio\n\
            select_one hasil,outcome,Hasil,outcome,,\n\
            image,foto,Foto rumah,,pintu.png,\n\
            geopoint,letak,Letak rumah,,,letak.mp3\n";
        let given = world
            .server()
            .setup(|setup| setup.form(sheets_of(survey, "2")));
        let told = given.unwrap_err().to_string();
        for place in [
            "survey E3 (media::image): the app can't show `media::image` yet.",
            "survey F4 (media::audio): the app can't show `media::audio` yet.",
        ] {
            assert!(told.contains(place), "{told}");
        }
    });
}

#[test]
fn a_questionnaire_without_an_outcome_is_refused_before_anybody_is_asked() {
    on_each_database(|world| {
        let survey = "type,name,label\nselect_one hasil,outcome,Hasil\n";
        let given = world
            .server()
            .setup(|setup| setup.form(sheets_of(survey, "2")));
        let told = given.unwrap_err().to_string();
        assert!(
            told.contains("no question has `outcome` in the column ketuk::role"),
            "{told}"
        );
    });
}
