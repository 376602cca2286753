//! What can be said of an entry without the database.

use jiff::Timestamp;
use jiff::civil::Date;
use ketuk_form::{Context, Form, Gravity};
use ketuk_wire::{AreaCode, Level, Op, Role, Sha256, Summary, TroubleCode};
use serde_json::Value;
use uuid::Uuid;

use super::Phone;
use crate::clock;
use crate::hub::Hub;

/// An entry that will be kept.
#[derive(Clone)]
pub(crate) struct Entry<'a> {
    pub(crate) op: &'a Op,
    /// What it is kept under: its operation, or one of its own if its sender is doubtful.
    pub(crate) id: Uuid,
    /// Over what was recorded of the visit: not its number, nor what it says of other entries.
    pub(crate) digest: Sha256,
    /// Where it is kept: its own village, or the phone's if it names none of the campaign's.
    pub(crate) village: String,
    /// Its RT, by the code that it has now; `None` if it is none of the campaign's.
    pub(crate) rt: Option<AreaCode>,
    /// Whether it was sent for another village, from which its family or RT went away.
    pub(crate) followed: bool,
    /// Whether the phone may know nothing of it: it was put back to before it handed it over.
    pub(crate) is_forgotten: bool,
    /// Whether it was kept aside when it came, and is judged only now.
    pub(crate) is_late: bool,
    /// The day of the visit.
    pub(crate) day: i64,
    pub(crate) judgement: Judgement,
}

/// Whether an entry may stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Judgement {
    /// It may.
    Sound(Summary),
    /// It is kept aside.
    Unsound(TroubleCode),
}

/// Judges an entry.
///
/// # Errors
/// The reason for which it is not even kept: its bytes are not those that the phone has.
pub(super) fn check<'a>(
    hub: &Hub,
    phone: &Phone,
    op: &'a Op,
    now: Timestamp,
) -> Result<Entry<'a>, TroubleCode> {
    if Sha256::of(op.document.get().as_bytes()) != op.sha256 {
        return Err(TroubleCode::DigestMismatch);
    }
    let own = (op.area.level() == Level::Rt)
        .then(|| op.area.at(Level::Village))
        .flatten()
        .filter(|village| hub.has_village(village));
    let is_ours = own.is_some();
    let (village, judgement) = match own {
        None => (
            phone.village.clone(),
            Judgement::Unsound(TroubleCode::UnknownArea),
        ),
        Some(village) => (String::from(village), judge(hub, op)),
    };
    Ok(Entry {
        op,
        id: op.op,
        digest: digest(op),
        rt: is_ours.then(|| op.area.clone()),
        followed: false,
        is_forgotten: false,
        is_late: false,
        village,
        day: visit_day(hub, op, now),
        judgement,
    })
}

/// By the form's own checks.
pub(super) fn judge(hub: &Hub, op: &Op) -> Judgement {
    let Some(questionnaire) = hub.forms.by_name(&op.form) else {
        return Judgement::Unsound(TroubleCode::UnknownForm);
    };
    let document = serde_json::from_str(op.document.get()).ok();
    let summary = document.and_then(|document| read(&questionnaire.form, &document, op));
    summary.map_or(
        Judgement::Unsound(TroubleCode::InvalidDocument),
        Judgement::Sound,
    )
}

/// A document of a visit in one line, if the form's checks find nothing that must be put right.
/// Warnings are between the cadre and her supervisor.
pub(super) fn read(form: &Form, document: &Value, op: &Op) -> Option<Summary> {
    let sound = form
        .check(document, &context(op))
        .iter()
        .all(|problem| problem.severity != Gravity::Hard);
    sound
        .then(|| Summary::read(|role: Role| form.role_answer(document, role.name())))
        .flatten()
}

/// As on the phone when the visit was finished: the same answers pass or fail on both sides.
pub(super) fn context(op: &Op) -> Context {
    let then = op.finished_at.to_zoned_datetime(clock::zone(&op.area));
    Context {
        now: then.datetime(),
        offset: then.offset(),
        ..Context::on(then.date())
    }
}

/// What was found, and when. Without the number, and without what the visit stood on: a phone that was
/// put back from an older copy of itself sends the same visit under another number, and may have heard
/// since, once more, what became of the one before.
fn digest(op: &Op) -> Sha256 {
    let mut text = format!(
        "{}\n{}\n{}\n{}\n{}\n{}\n{}\n",
        op.household,
        op.area,
        op.form.id,
        op.form.version,
        op.started_at,
        op.finished_at,
        op.sha256,
    );
    for blob in &op.blobs {
        text += &format!("{} {} {}\n", blob.sha256, blob.bytes, blob.media_type);
    }
    Sha256::of(text.as_bytes())
}

/// The day of a visit by the phone's clock, as long as that can be: not after today, nor before the
/// campaign. A phone whose clock is years off has its entries counted on the day they came.
fn visit_day(hub: &Hub, op: &Op, now: Timestamp) -> i64 {
    let said = clock::date_in(&op.area, op.finished_at);
    let today = clock::date_in(&op.area, now);
    let first = hub.campaign().map_or(Date::MIN, |c| c.first_day);
    let day = if (first..=today).contains(&said) {
        said
    } else {
        today
    };
    clock::day_number(day)
}

/// The village's code as a text; a key of many tables.
pub(crate) fn village_of(area: &AreaCode) -> Option<String> {
    area.at(Level::Village).map(String::from)
}
