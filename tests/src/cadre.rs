//! A cadre at work: a phone's real core in a folder of its own, and hands that answer its questions.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use jiff::civil::Date;
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};
use ketuk_phone::form::{Answer, Item};
use ketuk_phone::{
    Clock, Finish, HouseholdState, Moment, Phone, Setup, SyncCancel, SyncEvent, SyncReport, Visit,
};
use ketuk_sample::{Hands, Household, Typed};
use ketuk_wire::Outcome;
use tempfile::TempDir;
use uuid::Uuid;

/// The sample's day, from nine in the morning in Gorontalo, going on as time does.
#[derive(Debug, Clone)]
pub struct SampleDay {
    morning: Timestamp,
    started: Instant,
}

/// WITA.
const GORONTALO: i8 = 8;

impl SampleDay {
    /// It is nine in the morning of that day now.
    ///
    /// # Errors
    /// Never for a day of this era.
    pub fn begin(campaign: &ketuk_sample::Campaign) -> Result<SampleDay> {
        let morning = Offset::constant(GORONTALO).to_timestamp(campaign.today().at(9, 0, 0, 0))?;
        Ok(SampleDay {
            morning,
            started: Instant::now(),
        })
    }
}

impl Clock for SampleDay {
    fn now(&self) -> Moment {
        let steady = self.started.elapsed();
        let passed = SignedDuration::try_from(steady).unwrap_or(SignedDuration::ZERO);
        Moment {
            wall: self.morning.checked_add(passed).unwrap_or(self.morning),
            steady,
        }
    }

    fn offset(&self) -> Offset {
        Offset::constant(GORONTALO)
    }
}

/// A phone that is switched off: its folder, its key, and the time.
pub struct Pocket {
    folder: TempDir,
    key: [u8; 32],
    clock: Arc<dyn Clock>,
}

impl Pocket {
    /// A new phone, which keeps its files below `folder`. Its database is encrypted with a key of its
    /// own.
    ///
    /// # Errors
    /// If the folder can't be made.
    pub fn new(clock: Arc<dyn Clock>, folder: &Path) -> Result<Pocket> {
        let folder = tempfile::tempdir_in(folder)?;
        let mut key = [0; 32];
        key[..16].copy_from_slice(Uuid::new_v4().as_bytes());
        key[16..].copy_from_slice(Uuid::new_v4().as_bytes());
        Ok(Pocket { folder, key, clock })
    }

    /// Takes it out and opens the app.
    ///
    /// # Errors
    /// If its database can't be opened.
    pub fn open(self) -> Result<Cadre> {
        let setup = Setup {
            clock: Arc::clone(&self.clock),
            ..Setup::new("0.1.0", i32::from(GORONTALO) * 60)
        };
        Ok(Cadre {
            phone: Phone::open(self.folder.path(), self.key, setup)?,
            pocket: self,
        })
    }
}

/// A cadre with her phone.
pub struct Cadre {
    phone: Phone,
    pocket: Pocket,
}

impl Cadre {
    /// Takes a new phone, which keeps its files below `folder`.
    ///
    /// # Errors
    /// If its database can't be made.
    pub fn with_new_phone(clock: Arc<dyn Clock>, folder: &Path) -> Result<Cadre> {
        Pocket::new(clock, folder)?.open()
    }

    /// The app is closed, or killed: whatever she held of the phone must be let go of before, since
    /// memory doesn't survive.
    pub fn close(self) -> Pocket {
        self.pocket
    }

    /// The app is killed, and she opens it again.
    ///
    /// # Errors
    /// If its database can't be opened any more.
    pub fn restart(self) -> Result<Cadre> {
        self.close().open()
    }

    /// Where her phone keeps its files.
    pub fn folder(&self) -> &Path {
        self.pocket.folder.path()
    }

    /// Her phone.
    pub fn phone(&self) -> &Phone {
        &self.phone
    }

    /// Enrols it and fetches her lists and the questionnaire.
    ///
    /// # Errors
    /// If the office isn't reached or says no.
    pub fn enrol(&self, server: &str, code: &str) -> Result<()> {
        self.phone.enrol(server, code, "a phone of the demo")?;
        let report = self.sync(|_| ())?;
        if self.phone.progress()?.total.listed == 0 {
            bail!("the list did not come: {report:?}");
        }
        Ok(())
    }

    /// Makes a visit from the first tap to *saved on this phone*, and says to which family.
    ///
    /// # Errors
    /// If the form or the phone doesn't take what the sample says.
    pub fn make(&self, visit: &ketuk_sample::Visit) -> Result<Uuid> {
        let households = self.phone.households();
        let mut open = match visit.outcome {
            Outcome::New => households.new_family(&visit.household.area)?,
            _ => households.visit(visit.household.id)?,
        };
        ketuk_sample::play(&visit.steps(), &mut Taps(&mut open))?;
        finished(open)
    }

    /// Records a family that is on no list, on that day.
    ///
    /// # Errors
    /// As [`Cadre::make`].
    pub fn record_new(&self, family: &Household, day: Date) -> Result<Uuid> {
        let mut open = self.phone.households().new_family(&family.area)?;
        ketuk_sample::play(&family.steps(Outcome::New, day), &mut Taps(&mut open))?;
        finished(open)
    }

    /// Taps *Kirim sekarang*.
    ///
    /// # Errors
    /// If the phone itself can't.
    pub fn sync(&self, observe: impl FnMut(SyncEvent)) -> Result<SyncReport> {
        Ok(self.phone.sync(&SyncCancel::new(), observe)?)
    }

    /// How one of her families stands.
    ///
    /// # Errors
    /// If the phone doesn't know it.
    pub fn state(&self, household: Uuid) -> Result<HouseholdState> {
        Ok(self.phone.households().detail(household, "id")?.row.state)
    }
}

fn finished(mut visit: Visit) -> Result<Uuid> {
    match visit.finish()? {
        Finish::Saved(row) => Ok(row.id),
        Finish::Unfinished(problems) => {
            let in_the_way: Vec<_> = problems.iter().map(|p| (&p.path, p.kind)).collect();
            bail!("the visit can't be finished: {in_the_way:?}")
        }
    }
}

/// Fingers on a visit.
pub struct Taps<'a>(pub &'a mut Visit);

impl Hands for Taps<'_> {
    type Error = anyhow::Error;

    fn row(&mut self, repeat: &str, nth: usize) -> Result<String> {
        if let Some(row) = self.rows(repeat)?.into_iter().nth(nth) {
            return Ok(row);
        }
        self.0.add(repeat)?;
        self.rows(repeat)?
            .into_iter()
            .nth(nth)
            .context("the new row is not on the roster")
    }

    fn answer(&mut self, path: &str, value: &Typed) -> Result<()> {
        let answer = match value.clone() {
            Typed::Text(text) => Answer::Text(text),
            Typed::Choice(code) => Answer::Choice(code),
            Typed::Choices(codes) => Answer::Choices(codes),
        };
        self.0
            .answer(path, answer)
            .map(drop)
            .with_context(|| format!("answering {path}"))
    }

    fn note(&mut self, path: &str, text: &str) -> Result<()> {
        self.0
            .note(path, text)
            .map(drop)
            .with_context(|| format!("noting at {path}"))
    }
}

impl Taps<'_> {
    /// The rows on the card page of a repeat, as somebody sees who turns to it.
    fn rows(&mut self, repeat: &str) -> Result<Vec<String>> {
        let screen = self.0.go_to(repeat)?;
        let roster = screen.items.into_iter().find_map(|item| match item {
            Item::Roster(roster) if roster.path == repeat => Some(roster),
            _ => None,
        });
        let roster = roster.with_context(|| format!("{repeat} is not on its page"))?;
        Ok(roster.cards.into_iter().map(|card| card.path).collect())
    }
}
