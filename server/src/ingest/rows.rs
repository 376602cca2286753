//! A batch's rows: what is read before entries are decided on, and what is written after. Each is one
//! statement whatever the batch's length.

use std::collections::{BTreeMap, HashMap, HashSet};

use ketuk_wire::{Outcome, Sha256, TroubleCode, Verdict};
use uuid::Uuid;

use super::check::{Entry, Judgement};
use super::household::{Count, Household};
use super::store::{Batch, Changes};
use super::{Fate, Standing, code_of, code_text};
use crate::Error;
use crate::db::{Each, Kind, Row, Tx, Value};

/// Entries that are here already, and what became of them.
#[derive(Default)]
pub(super) struct Known {
    pub(super) ops: HashSet<Uuid>,
    fates: HashMap<(Uuid, [u8; 32]), Fate>,
}

impl Known {
    pub(super) fn fate(&self, entry: &Entry<'_>) -> Option<Fate> {
        let key = (entry.op.op, *entry.digest.as_bytes());
        self.fates.get(&key).copied()
    }

    pub(super) fn learn(&mut self, entry: &Entry<'_>, fate: Fate) {
        self.ops.insert(entry.op.op);
        let key = (entry.op.op, *entry.digest.as_bytes());
        self.fates.insert(key, fate);
    }
}

/// Families by RT, cadre, day and outcome: how many more there are than before.
pub(super) type Moved = BTreeMap<(String, Uuid, i64, Outcome), i64>;

/// What a batch will write.
#[derive(Default)]
pub(super) struct Writing<'e, 'a> {
    pub(super) entries: Vec<(&'e Entry<'a>, Fate)>,
    /// Households with a new revision, and the entry that it is.
    pub(super) changed: BTreeMap<Uuid, (Uuid, Sha256)>,
    pub(super) rollup: Moved,
}

impl Writing<'_, '_> {
    pub(super) fn move_count(&mut self, rt: &str, from: Option<Count>, to: Option<Count>) {
        let mut add = |count: Option<Count>, families: i64| {
            if let Some(c) = count {
                let key = (rt.to_owned(), c.cadre, c.day, c.outcome);
                *self.rollup.entry(key).or_default() += families;
            }
        };
        add(from, -1);
        add(to, 1);
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
        let ops: HashSet<&Uuid> = entries.iter().map(|entry| &entry.op.op).collect();
        let keys: Vec<_> = ops
            .into_iter()
            .map(|op| [self.village.into(), op.into()])
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

    pub(super) fn households(
        &self,
        tx: &mut Tx<'_>,
        entries: &[Entry<'_>],
    ) -> Result<BTreeMap<Uuid, Household>, Error> {
        static HOUSEHOLDS: Each<2> = Each::new(
            [("village", Kind::Text), ("id", Kind::Blob)],
            "SELECT h.id, h.rt, h.listed, h.number, h.head, h.address, h.revision, h.author,
                    h.own_since, h.outcome, h.counted_as, h.counted_day, h.counted_cadre,
                    CASE WHEN c.revision IS NULL THEN 0 ELSE 1 END
             FROM {rows} JOIN household h ON h.village = r.village AND h.id = r.id
             LEFT JOIN correction c ON c.village = h.village AND c.household = h.id",
        );
        let ids: HashSet<&Uuid> = entries
            .iter()
            .filter(|entry| matches!(entry.judgement, Judgement::Sound(..)))
            .map(|entry| &entry.op.household)
            .collect();
        let keys: Vec<_> = ids
            .into_iter()
            .map(|id| [self.village.into(), id.into()])
            .collect();
        let rows = tx.each(&HOUSEHOLDS, &keys)?;
        rows.iter().map(read_household).collect()
    }

    pub(super) fn insert_entries(
        &self,
        tx: &mut Tx<'_>,
        entries: &[(&Entry<'_>, Fate)],
    ) -> Result<(), Error> {
        static INSERT: Each<21> = Each::new(
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
            ],
            "INSERT INTO entry (village, op, digest, household, rt, device, cadre, seq, base, form,
                 form_version, started_at, finished_at, received_at, sha256, document, verdict,
                 trouble, revision, outcome, day)
             SELECT r.village, r.op, r.digest, r.household, r.rt, r.device, r.cadre, r.seq, r.base,
                 r.form, r.form_version, r.started_at, r.finished_at, r.received_at, r.sha256,
                 r.document, r.verdict, r.trouble, r.revision, r.outcome, r.day
             FROM {rows}",
        );
        let areas: Vec<String> = entries.iter().map(|(e, _)| e.op.area.to_string()).collect();
        let rows: Vec<[Value<'_>; 21]> = entries
            .iter()
            .zip(&areas)
            .map(|((entry, fate), rt)| {
                let (op, kept) = (entry.op, Kept::of(entry, *fate));
                [
                    self.village.into(),
                    (&op.op).into(),
                    entry.digest.as_bytes().into(),
                    (&op.household).into(),
                    rt.as_str().into(),
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
                    kept.outcome.map(|o| i64::from(o.code())).into(),
                    entry.day.into(),
                ]
            })
            .collect();
        tx.each(&INSERT, &rows).map(drop)
    }

    pub(super) fn upsert_households(
        &self,
        tx: &mut Tx<'_>,
        households: &BTreeMap<Uuid, Household>,
        written: &Writing<'_, '_>,
        changes: &mut Changes,
    ) -> Result<(), Error> {
        static UPSERT: Each<17> = Each::new(
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
                ("own_since", Kind::Int),
                ("outcome", Kind::Int),
                ("counted_as", Kind::Int),
                ("counted_day", Kind::Int),
                ("counted_cadre", Kind::Blob),
                ("change", Kind::Int),
            ],
            "INSERT INTO household (village, id, rt, listed, number, head, address, revision, op,
                 digest, author, own_since, outcome, counted_as, counted_day, counted_cadre, change)
             SELECT r.village, r.id, r.rt, r.listed, r.number, r.head, r.address, r.revision, r.op,
                 r.digest, r.author, r.own_since, r.outcome, r.counted_as, r.counted_day,
                 r.counted_cadre, r.change
             FROM {rows} WHERE true
             ON CONFLICT (village, id) DO UPDATE SET
                 number = excluded.number, head = excluded.head, address = excluded.address,
                 revision = excluded.revision, op = excluded.op, digest = excluded.digest,
                 author = excluded.author, own_since = excluded.own_since,
                 outcome = excluded.outcome, counted_as = excluded.counted_as,
                 counted_day = excluded.counted_day, counted_cadre = excluded.counted_cadre,
                 change = excluded.change",
        );
        static ANSWERED: Each<2> = Each::new(
            [("village", Kind::Text), ("id", Kind::Blob)],
            "DELETE FROM correction WHERE village IN (SELECT r.village FROM {rows})
             AND household IN (SELECT r.id FROM {rows})",
        );
        let mut rows = Vec::with_capacity(written.changed.len());
        let mut answered = Vec::new();
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
                household.author.into(),
                household.own_since.into(),
                household.outcome.map(|o| i64::from(o.code())).into(),
                count.map(|c| i64::from(c.outcome.code())).into(),
                count.map(|c| c.day).into(),
                count.map(|c| c.cadre).into(),
                changes.next.into(),
            ]);
            changes.next += 1;
            if household.sent_back {
                answered.push([self.village.into(), id.into()]);
            }
        }
        tx.each(&UPSERT, &rows)?;
        tx.each(&ANSWERED, &answered).map(drop)
    }

    pub(super) fn add_to_rollup(&self, tx: &mut Tx<'_>, moved: &Moved) -> Result<(), Error> {
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
        let rows: Vec<_> = moved
            .iter()
            .filter(|(_, families)| **families != 0)
            .map(|((rt, cadre, day, outcome), families)| {
                [
                    self.village.into(),
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
}

/// A fate as the entry's row keeps it.
struct Kept {
    verdict: i64,
    trouble: Option<TroubleCode>,
    revision: Option<u64>,
    outcome: Option<Outcome>,
}

const ACCEPTED: i64 = 0;
const CONFLICT: i64 = 1;
const QUARANTINED: i64 = 2;

impl Kept {
    fn of(entry: &Entry<'_>, fate: Fate) -> Kept {
        let (outcome, flag) = match &entry.judgement {
            Judgement::Sound(summary, flag) => (Some(summary.outcome), *flag),
            Judgement::Unsound(_) => (None, None),
        };
        let (verdict, trouble, revision) = match fate {
            Fate::Here(Standing::Revision(revision), _) => (ACCEPTED, flag, Some(revision)),
            Fate::Here(Standing::Aside(Verdict::Conflict, code), _) => (CONFLICT, Some(code), None),
            Fate::Here(Standing::Aside(_, code), _) | Fate::Rejected(code) => {
                (QUARANTINED, Some(code), None)
            }
        };
        Kept {
            verdict,
            trouble,
            revision,
            outcome,
        }
    }
}

fn stored_fate(row: &Row) -> Result<Fate, Error> {
    let code = row.opt(3, Row::text)?.map_or(TroubleCode::Unknown, code_of);
    let standing = match row.int(2)? {
        ACCEPTED => Standing::Revision(row.count(4)?),
        CONFLICT => Standing::Aside(Verdict::Conflict, code),
        _ => Standing::Aside(Verdict::Quarantined, code),
    };
    Ok(Fate::Here(standing, row.time(5)?))
}

fn read_household(row: &Row) -> Result<(Uuid, Household), Error> {
    let outcome = |column| -> Result<Option<Outcome>, Error> {
        let code = row.opt(column, Row::int)?;
        Ok(code.and_then(|c| Outcome::from_code(u8::try_from(c).ok()?)))
    };
    let count = match outcome(10)? {
        None => None,
        Some(counted) => Some(Count {
            outcome: counted,
            day: row.int(11)?,
            cadre: row.uuid(12)?,
        }),
    };
    let household = Household {
        rt: row.text(1)?.to_owned(),
        listed: row.bool(2)?,
        number: row.text(3)?.to_owned(),
        head: row.text(4)?.to_owned(),
        address: row.text(5)?.to_owned(),
        revision: row.count(6)?,
        author: row.opt(7, Row::uuid)?,
        own_since: row.count(8)?,
        outcome: outcome(9)?,
        count,
        sent_back: row.bool(13)?,
    };
    Ok((row.uuid(0)?, household))
}
