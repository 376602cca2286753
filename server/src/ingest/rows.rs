//! A batch's rows: what is read before entries are decided on, and what is written after. Each is one
//! statement whatever the batch's length.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use ketuk_wire::{AreaCode, Outcome, Sha256, TroubleCode, Verdict};
use uuid::Uuid;

use super::check::{Entry, village_of};
use super::household::{Count, Household, Newest};
use super::store::{Batch, Changes};
use super::{Fate, Phone, Standing, aside, code_of, code_text};
use crate::Error;
use crate::db::{Each, Kind, Row, Tx, Value};
use crate::moves::{Departure, note_departures};

/// Entries that are here already, and what became of them.
#[derive(Default)]
pub(super) struct Known {
    pub(super) ops: HashSet<Uuid>,
    fates: HashMap<(Uuid, [u8; 32]), Fate>,
}

impl Known {
    /// Of an entry that came before; from the phone itself or, if it is a doubtful one, as such.
    pub(super) fn fate(&self, entry: &Entry<'_>) -> Option<Fate> {
        let from_phone = self.kept(entry.op.op, entry);
        from_phone.or_else(|| self.kept(entry.id, entry))
    }

    /// Whether it came before only from a sender who was in doubt.
    pub(super) fn is_cleared_by(&self, entry: &Entry<'_>) -> bool {
        self.kept(aside(entry.op.op), entry).is_some()
    }

    fn kept(&self, id: Uuid, entry: &Entry<'_>) -> Option<Fate> {
        self.fates.get(&(id, *entry.digest.as_bytes())).copied()
    }

    pub(super) fn learn(&mut self, entry: &Entry<'_>, fate: Fate) {
        self.ops.insert(entry.id);
        self.fates
            .insert((entry.id, *entry.digest.as_bytes()), fate);
    }
}

/// Where a batch's families are.
#[derive(Default)]
pub(super) struct Places {
    /// Those that the village has.
    pub(super) households: BTreeMap<Uuid, Household>,
    /// Those that were the sender's once.
    former: HashSet<Uuid>,
    /// Where to look for the others, by household and RT.
    gone: HashMap<(Uuid, String), AreaCode>,
}

impl Places {
    /// The entries of this village, by their present RTs, and those that are of another one now.
    pub(super) fn sort<'a>(
        &self,
        village: &str,
        entries: &[Entry<'a>],
    ) -> (Vec<Entry<'a>>, Vec<Entry<'a>>) {
        let at = |entry: &Entry<'a>| {
            let mut entry = entry.clone();
            let key = (entry.op.household, rt_text(&entry));
            if let Some(rt) = self.gone.get(&key).filter(|_| entry.rt.is_some())
                && let Some(now_in) = village_of(rt)
            {
                entry.followed |= now_in != village;
                (entry.rt, entry.village) = (Some(rt.clone()), now_in);
            }
            entry
        };
        entries
            .iter()
            .map(at)
            .partition(|entry| entry.village == village)
    }

    /// The RT in which the entry's family is now; of an area that is none of the campaign's, that.
    fn rt(&self, entry: &Entry<'_>) -> String {
        let household = self.households.get(&entry.op.household);
        match household.filter(|_| entry.rt.is_some()) {
            Some(household) => household.rt.clone(),
            None => rt_text(entry),
        }
    }

    /// What a supervisor should know of an entry that stands.
    pub(super) fn flag(&self, entry: &Entry<'_>, phone: &Phone) -> Option<TroubleCode> {
        let rt = self.rt(entry);
        if phone.rts.iter().any(|hers| hers.as_str() == rt) {
            None
        } else if entry.followed || self.former.contains(&entry.op.household) {
            Some(TroubleCode::HouseholdMoved)
        } else {
            Some(TroubleCode::AreaNotAllotted)
        }
    }
}

/// An entry's RT as its row keeps it.
pub(super) fn rt_text(entry: &Entry<'_>) -> String {
    entry.rt.as_ref().unwrap_or(&entry.op.area).to_string()
}

/// What was decided on an entry that is new here.
pub(super) struct Decided {
    pub(super) standing: Standing,
    /// What a supervisor should know of one that stands.
    pub(super) flag: Option<TroubleCode>,
    pub(super) outcome: Option<Outcome>,
    /// The revision's document, if it is not the entry's.
    pub(super) merged: Option<String>,
}

impl Decided {
    /// It is kept beside the revisions.
    pub(super) fn aside(verdict: Verdict, code: TroubleCode, outcome: Option<Outcome>) -> Decided {
        Decided {
            standing: Standing::Aside(verdict, code),
            flag: None,
            outcome,
            merged: None,
        }
    }
}

/// Families by RT, cadre, day and outcome: how many more there are than before.
pub(crate) type Counts = BTreeMap<(String, Uuid, i64, Outcome), i64>;

/// Why a family leaves the list of who found it.
const ASTRAY: &str = "Keluarga ini di RT yang tidak didata kader ini.";

/// What a batch will write.
#[derive(Default)]
pub(super) struct Writing<'e, 'a> {
    pub(super) entries: Vec<(&'e Entry<'a>, Decided)>,
    /// Households with a new revision, and the entry that it is.
    pub(super) changed: BTreeMap<Uuid, (Uuid, Sha256)>,
    /// Households with which a supervisor may be content now.
    pub(super) corrected: BTreeSet<Uuid>,
    /// Households of which the sender brought an entry, in an RT that is not hers.
    pub(super) astray: BTreeSet<Uuid>,
    /// Households of the sender's of which her phone doesn't know what it sent: of an entry that it lost,
    /// or in another RT than she found them in, since that has another code now.
    pub(super) news: BTreeSet<Uuid>,
    /// Entries that had come from a doubtful sender, and now from the phone itself.
    pub(super) cleared: Vec<(Uuid, Sha256)>,
    pub(super) rollup: Counts,
}

/// Counts so many families more where one is counted.
pub(crate) fn count_in(counts: &mut Counts, rt: &str, count: Option<Count>, families: i64) {
    if let Some(c) = count {
        let key = (rt.to_owned(), c.cadre, c.day, c.outcome);
        *counts.entry(key).or_default() += families;
    }
}

impl Batch<'_> {
    pub(super) fn known_entries(
        &self,
        tx: &mut Tx<'_>,
        entries: &[Entry<'_>],
    ) -> Result<Known, Error> {
        static KNOWN: Each<2> = Each::new(
            [("village", Kind::Text), ("op", Kind::Blob)],
            "SELECT e.op, e.digest, e.verdict, e.trouble, e.revision, e.received_at
             FROM {rows} JOIN entry e ON e.village = r.village AND e.op = r.op",
        );
        let ids: HashSet<Uuid> = entries
            .iter()
            .flat_map(|entry| [entry.op.op, aside(entry.op.op)])
            .collect();
        let keys: Vec<_> = ids
            .iter()
            .map(|id| [self.village.into(), id.into()])
            .collect();
        let mut known = Known::default();
        for row in tx.each(&KNOWN, &keys)? {
            let op = row.uuid(0)?;
            known.ops.insert(op);
            known
                .fates
                .insert((op, row.bytes32(1)?), stored_fate(&row)?);
        }
        Ok(known)
    }

    /// Where the entries' families are: in this village, or where they or their RTs went, or where
    /// they are still: a phone may have heard of a move that a restored server lost.
    pub(super) fn places(&self, tx: &mut Tx<'_>, entries: &[Entry<'_>]) -> Result<Places, Error> {
        static PLACES: Each<4> = Each::new(
            [
                ("village", Kind::Text),
                ("id", Kind::Blob),
                ("rt", Kind::Text),
                ("cadre", Kind::Blob),
            ],
            "SELECT r.id, h.rt, h.listed, h.number, h.head, h.address, h.revision, h.author,
                    h.op, h.outcome, h.counted_as, h.counted_day, h.counted_cadre,
                    c.request, r.rt,
                    CASE WHEN EXISTS (
                        SELECT 1 FROM departure d
                        WHERE d.village = r.village AND d.cadre = r.cadre
                          AND (d.household = r.id AND d.rt IS NOT NULL OR d.rt = r.rt)
                    ) THEN 1 ELSE 0 END,
                    coalesce(
                        (SELECT d.to_rt FROM departure d
                         WHERE d.village = r.village AND d.household = r.id
                         ORDER BY d.change DESC LIMIT 1),
                        (SELECT m.to_rt FROM rt_moved m
                         WHERE m.village = r.village AND m.rt = r.rt),
                        (SELECT o.rt FROM household o
                         WHERE o.id = r.id AND o.village <> r.village LIMIT 1))
             FROM {rows} LEFT JOIN household h ON h.village = r.village AND h.id = r.id
             LEFT JOIN correction c ON c.village = h.village AND c.household = h.id",
        );
        let asked: BTreeSet<(&Uuid, String)> = entries
            .iter()
            .map(|entry| (&entry.op.household, rt_text(entry)))
            .collect();
        let keys: Vec<_> = asked
            .iter()
            .map(|(id, rt)| {
                let cadre = &self.phone.cadre;
                [
                    self.village.into(),
                    (*id).into(),
                    rt.as_str().into(),
                    cadre.into(),
                ]
            })
            .collect();
        let mut places = Places::default();
        for row in tx.each(&PLACES, &keys)? {
            let id = row.uuid(0)?;
            if row.bool(15)? {
                places.former.insert(id);
            }
            if !row.is_null(1) {
                places.households.insert(id, read_household(&row)?);
            } else if let Some(rt) = row.opt(16, Row::parsed)? {
                places.gone.insert((id, row.text(14)?.to_owned()), rt);
            }
        }
        Ok(places)
    }

    pub(super) fn insert_entries(
        &self,
        tx: &mut Tx<'_>,
        places: &Places,
        entries: &[(&Entry<'_>, Decided)],
    ) -> Result<(), Error> {
        static INSERT: Each<24> = Each::new(
            [
                ("village", Kind::Text),
                ("op", Kind::Blob),
                ("digest", Kind::Blob),
                ("household", Kind::Blob),
                ("rt", Kind::Text),
                ("device", Kind::Blob),
                ("cadre", Kind::Blob),
                ("seq", Kind::Int),
                ("base", Kind::Int),
                ("form", Kind::Text),
                ("form_version", Kind::Text),
                ("started_at", Kind::Int),
                ("finished_at", Kind::Int),
                ("received_at", Kind::Int),
                ("sha256", Kind::Blob),
                ("document", Kind::Text),
                ("verdict", Kind::Int),
                ("trouble", Kind::Text),
                ("revision", Kind::Int),
                ("outcome", Kind::Int),
                ("day", Kind::Int),
                ("merged", Kind::Text),
                ("follows", Kind::Blob),
                ("corrects", Kind::Blob),
            ],
            "INSERT INTO entry (village, op, digest, household, rt, device, cadre, seq, base, form,
                 form_version, started_at, finished_at, received_at, sha256, document, verdict,
                 trouble, revision, outcome, day, merged, follows, corrects)
             SELECT r.village, r.op, r.digest, r.household, r.rt, r.device, r.cadre, r.seq, r.base,
                 r.form, r.form_version, r.started_at, r.finished_at, r.received_at, r.sha256,
                 r.document, r.verdict, r.trouble, r.revision, r.outcome, r.day, r.merged, r.follows,
                 r.corrects
             FROM {rows}",
        );
        let rows: Vec<[Value<'_>; 24]> = entries
            .iter()
            .map(|(entry, decided)| {
                let (op, kept) = (entry.op, Kept::of(decided));
                [
                    self.village.into(),
                    (&entry.id).into(),
                    entry.digest.as_bytes().into(),
                    (&op.household).into(),
                    places.rt(entry).into(),
                    (&self.phone.device).into(),
                    (&self.phone.cadre).into(),
                    op.seq.into(),
                    op.base.into(),
                    op.form.id.as_str().into(),
                    op.form.version.as_str().into(),
                    op.started_at.into(),
                    op.finished_at.into(),
                    self.now.into(),
                    op.sha256.as_bytes().into(),
                    op.document.get().into(),
                    kept.verdict.into(),
                    kept.trouble.map(code_text).into(),
                    kept.revision.into(),
                    decided.outcome.map(|o| i64::from(o.code())).into(),
                    entry.day.into(),
                    decided.merged.as_deref().into(),
                    op.follows.into(),
                    op.corrects.into(),
                ]
            })
            .collect();
        tx.each(&INSERT, &rows).map(drop)
    }

    /// What stood aside because its sender was in doubt needs no look once the phone itself sent it.
    pub(super) fn clear_doubts(
        &self,
        tx: &mut Tx<'_>,
        cleared: &[(Uuid, Sha256)],
    ) -> Result<(), Error> {
        static CLEAR: Each<3> = Each::new(
            [
                ("village", Kind::Text),
                ("op", Kind::Blob),
                ("digest", Kind::Blob),
            ],
            "UPDATE entry SET trouble = NULL FROM {rows}
             WHERE entry.village = r.village AND entry.op = r.op AND entry.digest = r.digest",
        );
        let rows: Vec<_> = cleared
            .iter()
            .map(|(op, digest)| {
                [
                    self.village.into(),
                    aside(*op).into(),
                    digest.as_bytes().into(),
                ]
            })
            .collect();
        tx.each(&CLEAR, &rows).map(drop)
    }

    pub(super) fn upsert_households(
        &self,
        tx: &mut Tx<'_>,
        households: &BTreeMap<Uuid, Household>,
        written: &Writing<'_, '_>,
        changes: &mut Changes,
    ) -> Result<(), Error> {
        static UPSERT: Each<16> = Each::new(
            [
                ("village", Kind::Text),
                ("id", Kind::Blob),
                ("rt", Kind::Text),
                ("listed", Kind::Int),
                ("number", Kind::Text),
                ("head", Kind::Text),
                ("address", Kind::Text),
                ("revision", Kind::Int),
                ("op", Kind::Blob),
                ("digest", Kind::Blob),
                ("author", Kind::Blob),
                ("outcome", Kind::Int),
                ("counted_as", Kind::Int),
                ("counted_day", Kind::Int),
                ("counted_cadre", Kind::Blob),
                ("change", Kind::Int),
            ],
            "INSERT INTO household (village, id, rt, listed, number, head, address, revision, op,
                 digest, author, outcome, counted_as, counted_day, counted_cadre, change)
             SELECT r.village, r.id, r.rt, r.listed, r.number, r.head, r.address, r.revision, r.op,
                 r.digest, r.author, r.outcome, r.counted_as, r.counted_day,
                 r.counted_cadre, r.change
             FROM {rows} WHERE true
             ON CONFLICT (village, id) DO UPDATE SET
                 number = excluded.number, head = excluded.head, address = excluded.address,
                 revision = excluded.revision, op = excluded.op, digest = excluded.digest,
                 author = excluded.author,
                 outcome = excluded.outcome, counted_as = excluded.counted_as,
                 counted_day = excluded.counted_day, counted_cadre = excluded.counted_cadre,
                 change = excluded.change",
        );
        static NEWS: Each<2> = Each::new(
            [("village", Kind::Text), ("id", Kind::Blob)],
            "UPDATE household SET news = change FROM {rows}
             WHERE household.village = r.village AND household.id = r.id",
        );
        static CORRECTED: Each<2> = Each::new(
            [("village", Kind::Text), ("id", Kind::Blob)],
            "DELETE FROM correction WHERE village IN (SELECT r.village FROM {rows})
             AND household IN (SELECT r.id FROM {rows})",
        );
        // Who wrote this revision had not heard of it: it holds of this one, too.
        static STILL_ASKED: Each<3> = Each::new(
            [
                ("village", Kind::Text),
                ("id", Kind::Blob),
                ("revision", Kind::Int),
            ],
            "UPDATE correction SET revision = r.revision FROM {rows}
             WHERE correction.village = r.village AND correction.household = r.id",
        );
        let mut rows = Vec::with_capacity(written.changed.len());
        let (mut corrected, mut still_asked) = (Vec::new(), Vec::new());
        let (mut news, mut departures) = (Vec::new(), Vec::new());
        for (id, household) in households {
            let Some((op, digest)) = written.changed.get(id) else {
                continue;
            };
            let count = household.count;
            rows.push([
                self.village.into(),
                id.into(),
                household.rt.as_str().into(),
                household.listed.into(),
                household.number.as_str().into(),
                household.head.as_str().into(),
                household.address.as_str().into(),
                household.revision.into(),
                op.into(),
                digest.as_bytes().into(),
                household.newest.map(|newest| newest.author).into(),
                household.outcome.map(|o| i64::from(o.code())).into(),
                count.map(|c| i64::from(c.outcome.code())).into(),
                count.map(|c| c.day).into(),
                count.map(|c| c.cadre).into(),
                changes.next.into(),
            ]);
            if written.news.contains(id) {
                news.push([self.village.into(), id.into()]);
            }
            if written.astray.contains(id) {
                departures.push(Departure {
                    household: *id,
                    change: changes.next,
                    rt: None,
                    cadre: Some(self.phone.cadre),
                    to_rt: &household.rt,
                    reason: ASTRAY,
                    at: self.now,
                });
            }
            changes.next += 1;
            if household.sent_back.is_some() {
                still_asked.push([self.village.into(), id.into(), household.revision.into()]);
            } else if written.corrected.contains(id) {
                corrected.push([self.village.into(), id.into()]);
            }
        }
        tx.each(&UPSERT, &rows)?;
        tx.each(&NEWS, &news)?;
        note_departures(tx, self.village, &departures)?;
        tx.each(&STILL_ASKED, &still_asked)?;
        tx.each(&CORRECTED, &corrected).map(drop)
    }
}

/// Adds to a village's roll-up.
pub(crate) fn add_to_rollup(tx: &mut Tx<'_>, village: &str, counts: &Counts) -> Result<(), Error> {
    static ADD: Each<6> = Each::new(
        [
            ("village", Kind::Text),
            ("rt", Kind::Text),
            ("cadre", Kind::Blob),
            ("day", Kind::Int),
            ("outcome", Kind::Int),
            ("families", Kind::Int),
        ],
        "INSERT INTO rollup (village, rt, cadre, day, outcome, families)
             SELECT r.village, r.rt, r.cadre, r.day, r.outcome, r.families
             FROM {rows} WHERE true
             ON CONFLICT (village, rt, cadre, day, outcome)
             DO UPDATE SET families = rollup.families + excluded.families",
    );
    let rows: Vec<_> = counts
        .iter()
        .filter(|(_, families)| **families != 0)
        .map(|((rt, cadre, day, outcome), families)| {
            [
                village.into(),
                rt.as_str().into(),
                cadre.into(),
                (*day).into(),
                i64::from(outcome.code()).into(),
                (*families).into(),
            ]
        })
        .collect();
    tx.each(&ADD, &rows).map(drop)
}

/// A standing as the entry's row keeps it.
struct Kept {
    verdict: i64,
    trouble: Option<TroubleCode>,
    revision: Option<u64>,
}

const ACCEPTED: i64 = 0;
const CONFLICT: i64 = 1;
const QUARANTINED: i64 = 2;
const MERGED: i64 = 3;

/// Whether the entry of this verdict stands in a revision.
pub(crate) fn is_revision(verdict: i64) -> bool {
    matches!(verdict, ACCEPTED | MERGED)
}

/// The document of the revision of an entry `e`: what was sent, or what it was put together to.
pub(crate) const REVISION: &str = "coalesce(e.merged, e.document)";

impl Kept {
    fn of(decided: &Decided) -> Kept {
        let (verdict, trouble) = match decided.standing {
            Standing::Revision(_) => (ACCEPTED, decided.flag),
            Standing::Merged(_) => (MERGED, Some(TroubleCode::NewerRevision)),
            Standing::Aside(Verdict::Conflict, code) => (CONFLICT, Some(code)),
            Standing::Aside(_, code) => (QUARANTINED, Some(code)),
        };
        let revision = decided.standing.revision();
        Kept {
            verdict,
            trouble,
            revision: (revision > 0).then_some(revision),
        }
    }
}

fn stored_fate(row: &Row) -> Result<Fate, Error> {
    let code = row.opt(3, Row::text)?.map_or(TroubleCode::Unknown, code_of);
    let standing = match row.int(2)? {
        ACCEPTED => Standing::Revision(row.count(4)?),
        MERGED => Standing::Merged(row.count(4)?),
        CONFLICT => Standing::Aside(Verdict::Conflict, code),
        _ => Standing::Aside(Verdict::Quarantined, code),
    };
    Ok(Fate::Here(standing, row.time(5)?))
}

fn newest(row: &Row) -> Result<Option<Newest>, Error> {
    let (author, op) = (row.opt(7, Row::uuid)?, row.opt(8, Row::uuid)?);
    Ok(author.zip(op).map(|(author, op)| Newest { op, author }))
}

/// From the columns that [`Batch::places`] reads.
fn read_household(row: &Row) -> Result<Household, Error> {
    let outcome = row.opt(9, Row::int)?;
    Ok(Household {
        rt: row.text(1)?.to_owned(),
        listed: row.bool(2)?,
        number: row.text(3)?.to_owned(),
        head: row.text(4)?.to_owned(),
        address: row.text(5)?.to_owned(),
        revision: row.count(6)?,
        newest: newest(row)?,
        outcome: outcome.and_then(|code| Outcome::from_code(u8::try_from(code).ok()?)),
        count: Count::read(row, 10)?,
        sent_back: row.opt(13, Row::uuid)?,
    })
}
