//! A campaign in a world where everything goes wrong, all of it following from one seed.

pub(crate) mod campaign;
mod codes;
mod desk;
pub(crate) mod handset;
mod link;
mod office;
mod parcels;
mod photos;
mod steps;
mod sync;
mod template;
pub(crate) mod time;
mod visits;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;
use ketuk_wire::Sha256;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use self::handset::Handset;
use self::link::Fate;
pub(crate) use self::link::Letter;
use self::office::Office;
use self::parcels::Parcel;
use self::time::Time;
use crate::books::ServerBooks;
use crate::disk::Disk;
use crate::journal::Journal;

pub(crate) use self::template::Template;

/// Lines of the story kept for whoever must understand a failure.
const REMEMBERED: usize = 30;

pub(crate) struct World {
    folder: PathBuf,
    pub(crate) chance: ChaCha8Rng,
    time: Time,
    pub(crate) office: Office,
    pub(crate) phones: Vec<Handset>,
    pub(crate) journal: Journal,
    /// Requests under way that nobody waits for.
    late: VecDeque<Letter>,
    /// Every request that the server ever took.
    pub(crate) arrived: Vec<Letter>,
    /// What the server said of entries, since it was last restored.
    fates: BTreeMap<String, Fate>,
    /// Files that phones handed over, wherever they lie about.
    parcels: Vec<Parcel>,
    /// Entries of parcels that the server says it has, since it was last restored.
    pub(crate) brought: BTreeSet<String>,
    /// Visits for which a request gets nothing but a refusal, whoever else is in it.
    refused: BTreeSet<String>,
    /// How many questionnaires there have been.
    forms: u32,
    /// Whether cadres take care that no answer is wrong.
    careful: bool,
    copies: u32,
    story: Story,
}

/// What happened, a line each.
struct Story {
    aloud: bool,
    last: VecDeque<String>,
    digest: Sha256,
}

impl World {
    /// The world of a seed, in `folder`, which is empty.
    pub(crate) fn begin(seed: u64, template: &Template, folder: &Path) -> Result<World> {
        let mut world = World::without_phones(seed, folder)?;
        template.office(world.office.folder())?;
        for cadre in 0..world.chance.random_range(1..=campaign::CADRES.len()) {
            for nth in 0..world.chance.random_range(1..=2) {
                world.give_phone(cadre, nth)?;
                world.fill_phone(template)?;
            }
        }
        Ok(world)
    }

    /// One phone and its server, new.
    pub(crate) fn small(seed: u64, template: &Template, folder: &Path) -> Result<World> {
        let mut world = World::without_phones(seed, folder)?;
        world.give_phone(0, nth(seed))?;
        template.office(world.office.folder())?;
        world.fill_phone(template)?;
        Ok(world)
    }

    /// What a process in that world left in `folder`. Its chance is not drawn again: what is made
    /// from here on must not have the ids of what was made there.
    pub(crate) fn left_behind(seed: u64, folder: &Path) -> Result<World> {
        let mut world = World::over(seed, folder)?;
        world.give_phone(0, nth(seed))?;
        Ok(world)
    }

    fn without_phones(seed: u64, folder: &Path) -> Result<World> {
        crate::chance::seed(seed);
        World::over(seed, folder)
    }

    fn over(seed: u64, folder: &Path) -> Result<World> {
        let time = Time::beginning(campaign::begin()?);
        Ok(World {
            folder: folder.to_owned(),
            chance: ChaCha8Rng::seed_from_u64(seed),
            office: Office::on(&folder.join("office"), &time)?,
            time,
            phones: Vec::new(),
            journal: Journal::default(),
            late: VecDeque::new(),
            arrived: Vec::new(),
            fates: BTreeMap::new(),
            parcels: Vec::new(),
            brought: BTreeSet::new(),
            refused: BTreeSet::new(),
            forms: 1,
            careful: false,
            copies: 0,
            story: Story {
                aloud: false,
                last: VecDeque::new(),
                digest: Sha256::of(&seed.to_le_bytes()),
            },
        })
    }

    /// A cadre's first or second phone.
    fn give_phone(&mut self, cadre: usize, nth: usize) -> Result<()> {
        let name = format!("{}-{}", campaign::CADRES[cadre], nth + 1);
        let folder = self.folder.join(&name);
        let phone = Handset::on(&folder, name, (cadre, nth), &self.time)?;
        self.phones.push(phone);
        Ok(())
    }

    /// The last phone is enrolled and has its list.
    fn fill_phone(&mut self, template: &Template) -> Result<()> {
        match self.phones.last() {
            Some(phone) => template.phone(phone.whose, phone.folder()),
            None => Ok(()),
        }
    }

    /// From now on says aloud what happens.
    pub(crate) fn tell(&mut self) {
        self.story.aloud = true;
    }

    /// Notes what happened.
    fn say(&mut self, line: String) {
        if self.story.aloud {
            eprintln!("  {line}");
        }
        let mut so_far = self.story.digest.as_bytes().to_vec();
        so_far.extend_from_slice(line.as_bytes());
        self.story.digest = Sha256::of(&so_far);
        self.story.last.push_back(line);
        if self.story.last.len() > REMEMBERED {
            self.story.last.pop_front();
        }
    }

    /// The end of the story.
    pub(crate) fn story(&self) -> String {
        self.story
            .last
            .iter()
            .fold(String::new(), |all, line| all + "  " + line + "\n")
    }

    /// A digest of the whole story: the same for the same seed.
    pub(crate) fn digest(&self) -> Sha256 {
        self.story.digest
    }

    fn pass(&mut self, span: Duration) {
        self.time.pass(span);
    }

    /// A folder for another copy of something.
    fn new_copy(&mut self) -> PathBuf {
        self.copies += 1;
        self.folder.join(format!("copy-{}", self.copies))
    }

    /// The server's database as it is now.
    pub(crate) fn server_books(&mut self) -> Result<ServerBooks> {
        self.office.find_dead()?;
        ServerBooks::open(self.office.folder())
    }
}

impl Drop for World {
    fn drop(&mut self) {
        // The world ends: what its disks say to that is of no interest.
        let _ = self.office.stop();
        self.phones.clear();
        Disk::forget(&self.folder);
    }
}

/// Which of her two phones the one cadre of a small world has.
fn nth(seed: u64) -> usize {
    usize::from(seed % 2 == 1)
}
