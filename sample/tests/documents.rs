//! Every made-up document is one that the questionnaire itself would have made.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests fail by panicking"
)]

mod common;

use common::{DAY, context, pk};
use jiff::civil::{Date, date};
use ketuk_form::Session;
use ketuk_sample::{Campaign, Household, play};
use ketuk_wire::Outcome;
use serde_json::Value;

const HOUSEHOLDS: usize = 1_000;

fn some() -> impl Iterator<Item = Household> {
    ketuk_sample::households(HOUSEHOLDS as u32, 11)
}

fn assert_passes(document: &Value, household: &Household) {
    let problems = pk().check(document, &context(&household.area, DAY, false));
    assert!(problems.is_empty(), "{problems:#?}\nin {document:#}");
}

/// Ids of new rows are the form's own, so the two documents may differ in them, and only in them.
fn without_row_ids(document: &Value) -> String {
    let mut document = document.clone();
    let mut ids = Vec::new();
    for (at, row) in document["anggota"]
        .as_array_mut()
        .into_iter()
        .flatten()
        .enumerate()
    {
        let named = Value::from(format!("row-{at}"));
        if let Value::String(id) = std::mem::replace(&mut row["_id"], named) {
            ids.push((at, id));
        }
    }
    let mut text = document.to_string();
    for (at, id) in ids {
        text = text.replace(&id, &format!("row-{at}"));
    }
    text
}

#[test]
fn last_years_documents_pass_every_check() {
    for household in some() {
        assert_passes(&household.last_year(), &household);
    }
}

#[test]
fn this_years_documents_pass_every_check_whatever_came_of_the_visit() {
    for household in some() {
        for outcome in Outcome::ALL {
            assert_passes(&household.document(outcome, DAY), &household);
        }
    }
}

/// In the campaign, and whenever somebody tries it out.
const DAYS: [Date; 2] = [DAY, date(2026, 11, 24)];

#[test]
fn what_the_cadre_types_makes_the_document_out_of_last_years() {
    for (household, day) in some().flat_map(|h| DAYS.map(|day| (h.clone(), day))) {
        for outcome in [Outcome::Met, Outcome::NotFound, Outcome::Moved] {
            let facts = context(&household.area, day, false);
            let session = Session::update_of(pk(), &household.last_year(), facts);
            assert_types(session, &household, outcome, day);
        }
    }
}

#[test]
fn what_the_cadre_types_for_a_new_family_makes_the_document_out_of_nothing() {
    for (household, day) in some().flat_map(|h| DAYS.map(|day| (h.clone(), day))) {
        let session = Session::new(pk(), context(&household.area, day, true));
        assert_types(session, &household, Outcome::New, day);
    }
}

fn assert_types(mut session: Session, household: &Household, outcome: Outcome, day: Date) {
    let expected = household.document(outcome, day);
    let steps = household.steps(outcome, day);
    play(&steps, &mut session).unwrap();
    let finished = session
        .finish()
        .unwrap_or_else(|problems| panic!("{problems:#?}\nfor {expected:#}"));
    let finished: Value = serde_json::from_str(finished.as_str()).unwrap();
    for role in ["outcome", "head_name", "address", "family_number"] {
        let read = session.form().role_answer(&finished, role);
        assert_eq!(session.role_answer(role), read.as_deref(), "{role}");
    }
    assert_eq!(without_row_ids(&finished), without_row_ids(&expected));
}

#[test]
fn the_rest_of_ketuk_finds_what_it_needs_in_the_documents() {
    let form = pk();
    for household in some() {
        let document = household.last_year();
        let answer = |role| form.role_answer(&document, role);
        assert_eq!(answer("outcome").as_deref(), Some("1"));
        assert_eq!(answer("head_name"), Some(household.head.clone()));
        assert_eq!(answer("address"), Some(household.address.clone()));
        assert_eq!(answer("family_number"), Some(household.number.to_string()));
    }
}

#[test]
fn the_campaigns_families_live_through_all_that_the_questionnaire_knows() {
    let campaign = Campaign::gorontalo(1);
    let all: String = campaign
        .cadres()
        .iter()
        .flat_map(|cadre| campaign.visits(cadre))
        .map(|visit| visit.document().to_string())
        .collect();
    for sign in [
        r#""perubahan":"1""#,
        r#""perubahan":"2""#,
        r#""perubahan":"3""#,
        r#""perubahan":"4""#,
        r#""perubahan":"5""#,
        r#""melahirkan":0"#,
        r#""hamil":"1""#,
        r#""pernah_kb":"1""#,
        r#""pernah_kb":"2""#,
        r#""jenis_kb":"9""#,
        r#""sumber_lain""#,
        r#""no_kepala_perempuan""#,
        r#""nik":"9999999999999999""#,
        r#""kode_ibu":0"#,
        r#""_notes""#,
        r#""kali_kunjungan":3"#,
        r#""pindah_ke":"1""#,
        r#""ubah_keluarga":"2""#,
    ] {
        assert!(all.contains(sign), "no {sign} in the whole city");
    }
}
