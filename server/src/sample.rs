//! The sample campaign: Kota Gorontalo on 20 July 2023, with made-up families and the published
//! totals.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};

use jiff::{SignedDuration, Timestamp, ToSpan};
use ketuk_sample::{Campaign, SEED, Visit};
use ketuk_wire::{AreaCode, Cadre, EnrolCode, FormRef, Op, Outgoing, Sha256, Target};
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::Error;
use crate::clock::{self, Clock};
use crate::enrol;
use crate::figures;
use crate::hub::Hub;
use crate::ingest::{self, Phone, Word};
use crate::setup::Setup;

/// Entries in one request of the sample's phones.
const BATCH: usize = 500;

/// How far loading is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// So many of the cadres' families are listed.
    Listed {
        /// Done.
        cadres: usize,
        /// In all.
        of: usize,
    },
    /// So many of the cadres' visits are in.
    Received {
        /// Done.
        cadres: usize,
        /// In all.
        of: usize,
    },
}

/// What was loaded.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The campaign.
    pub campaign: ketuk_wire::Campaign,
    /// Cadres whose last visits are still to come.
    pub live: Vec<Invited>,
    /// A cadre for whoever wants to try with a phone of their own.
    pub visitor: Option<Invited>,
}

/// A cadre with a fresh enrolment code.
#[derive(Debug, Clone)]
pub struct Invited {
    /// She.
    pub cadre: Cadre,
    /// Her village.
    pub village: AreaCode,
    /// Enrols her phone.
    pub code: EnrolCode,
}

/// A clock on which it is the campaign's day, nine in the morning.
pub fn clock() -> Clock {
    let campaign = Campaign::gorontalo(SEED);
    let zone = campaign
        .areas()
        .first()
        .map_or(jiff::tz::TimeZone::UTC, |area| clock::zone(&area.code));
    let morning = campaign.today().at(9, 0, 0, 0).to_zoned_datetime(zone);
    Clock::starting_at(morning.map_or(Timestamp::UNIX_EPOCH, |zoned| zoned.timestamp()))
}

/// Loads the campaign with everything that is in before its live cadres begin. What is there
/// already stays; broken off, it goes on where it was.
pub(crate) fn load(hub: &Hub, progress: impl FnMut(Progress) + Send) -> Result<Loaded, Error> {
    let campaign = Campaign::gorontalo(SEED);
    let setup = Setup { hub };
    setup.campaign(campaign.about())?;
    let form = setup.form(ketuk_sample::questionnaire().to_string().into_bytes())?;
    if !is_loaded(hub)? {
        let progress = Mutex::new(progress);
        let tell = |step| {
            let mut progress = progress.lock().unwrap_or_else(PoisonError::into_inner);
            (*progress)(step);
        };
        setup.areas(campaign.areas())?;
        list(&setup, &campaign, &tell)?;
        receive(hub, &campaign, &form, &tell)?;
        figures::sum_up_stale(hub)?;
        mark_loaded(hub)?;
    }
    let expires = hub.clock.now() + SignedDuration::from_hours(14 * 24);
    let invite = |cadre: &ketuk_sample::Cadre| -> Result<Invited, Error> {
        Ok(Invited {
            cadre: cadre.who.clone(),
            village: cadre.village.clone(),
            code: setup.invite(&cadre.village, cadre.who.id, expires)?,
        })
    };
    let visitor = campaign.cadres().iter().find(|cadre| !cadre.live);
    Ok(Loaded {
        campaign: campaign.about().clone(),
        live: campaign
            .live_cadres()
            .map(invite)
            .collect::<Result<_, _>>()?,
        visitor: visitor.map(invite).transpose()?,
    })
}

fn is_loaded(hub: &Hub) -> Result<bool, Error> {
    let row = hub
        .db
        .read(|tx| tx.query_first("SELECT value FROM meta WHERE name = 'sample_loaded'", &[]))?;
    Ok(row.is_some())
}

fn mark_loaded(hub: &Hub) -> Result<(), Error> {
    hub.db.write(|tx| {
        tx.execute(
            "INSERT INTO meta (name, value) VALUES ('sample_loaded', $1) ON CONFLICT DO NOTHING",
            &[Vec::new().into()],
        )
    })?;
    Ok(())
}

fn list(setup: &Setup<'_>, campaign: &Campaign, tell: &impl Fn(Progress)) -> Result<(), Error> {
    let targets: HashMap<&AreaCode, &Target> = campaign
        .targets()
        .map(|target| (&target.area, target))
        .collect();
    let of = campaign.cadres().len();
    for (done, cadre) in (1..).zip(campaign.cadres()) {
        let hers: Vec<Target> = cadre
            .who
            .areas
            .iter()
            .filter_map(|rt| targets.get(rt).map(|target| (*target).clone()))
            .collect();
        setup.cadre(&cadre.village, &cadre.who, &hers)?;
        let households = campaign.households_of(cadre).map(|h| h.listed());
        setup.households(&cadre.village, households)?;
        tell(Progress::Listed { cadres: done, of });
    }
    Ok(())
}

/// Each cadre's earlier visits, the way that a phone's come: judged, numbered and counted.
fn receive(
    hub: &Hub,
    campaign: &Campaign,
    form: &FormRef,
    tell: &(impl Fn(Progress) + Sync),
) -> Result<(), Error> {
    let cadres = campaign.cadres();
    let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let work = || -> Result<(), Error> {
        while let Some(cadre) = cadres.get(next.fetch_add(1, Ordering::Relaxed)) {
            visit(hub, campaign, cadre, form)?;
            tell(Progress::Received {
                cadres: done.fetch_add(1, Ordering::Relaxed) + 1,
                of: cadres.len(),
            });
        }
        Ok(())
    };
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        workers
            .into_iter()
            .try_for_each(|worker| match worker.join() {
                Ok(done) => done,
                Err(panic) => std::panic::resume_unwind(panic),
            })
    })
}

fn visit(
    hub: &Hub,
    campaign: &Campaign,
    cadre: &ketuk_sample::Cadre,
    form: &FormRef,
) -> Result<(), Error> {
    let phone = Phone::new(
        cadre.village.as_str(),
        derived(cadre.who.id, 0),
        cadre.who.id,
        cadre.who.areas.clone(),
    );
    let begun = campaign.about().first_day.at(7, 0, 0, 0);
    let begun = begun
        .to_zoned_datetime(clock::zone(&cadre.village))
        .map_err(Error::internal)?
        .timestamp();
    enrol::keep_phone(hub, &phone, "Contoh", env!("CARGO_PKG_VERSION"), begun)?;
    let ops: Result<Vec<Op>, Error> = campaign
        .visits(cadre)
        .filter(|visit| !visit.live)
        .zip(1..)
        .map(|(visit, seq)| op(cadre, &visit, seq, form))
        .collect();
    for batch in ops?.chunks(BATCH) {
        let Some(last) = batch.last() else { continue };
        let sent_at = last.finished_at + 20.minutes();
        let word = Word {
            app: env!("CARGO_PKG_VERSION").to_owned(),
            clock: sent_at,
            outgoing: Outgoing {
                high_seq: last.seq,
                lived_to: 0,
                waiting: batch.len() as u64,
                held: 0,
            },
        };
        let taken = ingest::take(hub, &phone, &word, batch, sent_at)?;
        if let Some(trouble) = taken.troubles.first() {
            return Err(Error::Internal(format!(
                "a visit of the sample was not accepted: {:?}",
                trouble.code
            )));
        }
    }
    Ok(())
}

fn op(cadre: &ketuk_sample::Cadre, visit: &Visit, seq: u64, form: &FormRef) -> Result<Op, Error> {
    let document = RawValue::from_string(visit.document().to_string()).map_err(Error::internal)?;
    Ok(Op {
        op: derived(cadre.who.id, seq),
        seq,
        household: visit.household.id,
        area: visit.household.area.clone(),
        base: 0,
        form: form.clone(),
        started_at: visit.finished_at - 12.minutes(),
        finished_at: visit.finished_at,
        sha256: Sha256::of(document.get().as_bytes()),
        follows: None,
        corrects: None,
        blobs: Vec::new(),
        document,
    })
}

/// The same identifier each time, so that loading twice is loading once.
fn derived(cadre: Uuid, n: u64) -> Uuid {
    let digest = Sha256::of(format!("ketuk sample {cadre} {n}").as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest.as_bytes()[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}
