//! Writing a village's entries: one transaction, a constant number of statements.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::Timestamp;
use ketuk_wire::{Op, Outcome, Summary, TroubleCode, Verdict};
use uuid::Uuid;

use super::check::{Entry, Judgement};
use super::household::{Count, Household};
use super::ranges::Seen;
use super::{Fate, Phone, Word, code_of, code_text};
use crate::Error;
use crate::db::{Each, Kind, Row, Tx, Value};
use crate::hub::Hub;

/// What is written of the phone itself, in its own village.
#[derive(Clone, Copy)]
pub(super) struct Note<'a> {
    pub(super) word: &'a Word,
    /// Numbers of entries that just became durable in other villages.
    pub(super) durable_elsewhere: &'a [u64],
}

/// What a village's transaction did.
pub(super) struct Stored<'a> {
    pub(super) fates: Vec<(&'a Op, Fate)>,
    /// Whether a figure of the village may be another now.
    pub(super) changed: bool,
    /// See [`super::Taken::safe_seq`]; 0 without a note.
    pub(super) safe_seq: u64,
}

/// Writes a village's entries, durable once this returns. If the database refuses one of them, the
/// others don't suffer: all is undone and done again entry by entry, and the one is quarantined.
pub(super) fn store<'a>(
    hub: &Hub,
    phone: &Phone,
    village: &str,
    entries: &[Entry<'a>],
    note: Option<Note<'_>>,
    now: Timestamp,
) -> Result<Stored<'a>, Error> {
    let batch = Batch {
        phone,
        village,
        now,
    };
    let together = hub
        .db
        .write(|tx| batch.write(tx, entries, note, Way::Together));
    match together {
        Err(Error::Refused(reason)) => {
            tracing::warn!(village, %reason, "the database refused a batch; going entry by entry");
            hub.db
                .write(|tx| batch.write(tx, entries, note, Way::OneByOne))
        }
        done => done,
    }
}

struct Batch<'b> {
    phone: &'b Phone,
    village: &'b str,
    now: Timestamp,
}

/// How a batch's entries are written.
#[derive(Clone, Copy)]
enum Way {
    /// With the same few statements.
    Together,
    /// Each under a savepoint of its own.
    OneByOne,
}

/// Hands out the village's change numbers. All of a batch are reserved when the village is locked;
/// a number that goes unused leaves a gap, which harms no cursor.
struct Changes {
    next: i64,
}

impl Batch<'_> {
    fn write<'a>(
        &self,
        tx: &mut Tx<'_>,
        entries: &[Entry<'a>],
        note: Option<Note<'_>>,
        way: Way,
    ) -> Result<Stored<'a>, Error> {
        if entries.is_empty()
            && let Some(note) = note
            && let Some(safe_seq) = self.note_quietly(tx, note)?
        {
            return Ok(Stored {
                fates: Vec::new(),
                changed: false,
                safe_seq,
            });
        }
        let mut changes = self.lock(tx, entries.len())?;
        let fates = match way {
            Way::Together => self.apply(tx, entries, &mut changes)?,
            Way::OneByOne => self.apply_one_by_one(tx, entries, &mut changes)?,
        };
        let safe_seq = match note {
            Some(note) => self.note(tx, &fates, note)?,
            None => 0,
        };
        Ok(Stored {
            fates,
            changed: true,
            safe_seq,
        })
    }

    /// A phone that only asks what is new changes no figure of its village: its row is noted without
    /// the village's lock. `None` if it does change one.
    fn note_quietly(&self, tx: &mut Tx<'_>, note: Note<'_>) -> Result<Option<u64>, Error> {
        let (word, key) = (note.word, self.device_key());
        let row = tx
            .query_first(
                "SELECT seen, waiting FROM device WHERE village = $1 AND id = $2",
                &key,
            )?
            .ok_or_else(|| Error::Internal("a phone without its row".into()))?;
        if !note.durable_elsewhere.is_empty() || row.count(1)? != word.outgoing.waiting {
            return Ok(None);
        }
        tx.execute(
            "UPDATE device SET app = $3, last_seen = $4, clock_ahead = $5, held = $6,
                 high_seq = CASE WHEN high_seq > $7 THEN high_seq ELSE $7 END
             WHERE village = $1 AND id = $2",
            &[
                self.village.into(),
                (&self.phone.device).into(),
                word.app.as_str().into(),
                self.now.into(),
                self.clock_ahead(word).into(),
                word.outgoing.held.into(),
                word.outgoing.high_seq.into(),
            ],
        )?;
        Seen::parse(row.text(0)?).map(|seen| Some(seen.whole_to()))
    }

    fn device_key(&self) -> [Value<'_>; 2] {
        [self.village.into(), (&self.phone.device).into()]
    }

    /// How far the phone's clock is ahead of ours, in seconds.
    fn clock_ahead(&self, word: &Word) -> i64 {
        word.clock.as_second().saturating_sub(self.now.as_second())
    }

    /// The first statement of every transaction: whoever holds the village's row writes, one after
    /// the other, and numbers its changes without a gap that a cursor could fall into.
    fn lock(&self, tx: &mut Tx<'_>, entries: usize) -> Result<Changes, Error> {
        let row = tx.query_first(
            "UPDATE village SET change = change + $2, version = version + 1
             WHERE village = $1 RETURNING change",
            &[self.village.into(), (entries as u64).into()],
        )?;
        let row = row.ok_or_else(|| Error::Internal("a village without its row".into()))?;
        Ok(Changes {
            next: row.int(0)? - entries as i64 + 1,
        })
    }

    fn apply<'a>(
        &self,
        tx: &mut Tx<'_>,
        entries: &[Entry<'a>],
        changes: &mut Changes,
    ) -> Result<Vec<(&'a Op, Fate)>, Error> {
        let mut known = self.known_entries(tx, entries)?;
        let mut households = self.households(tx, entries)?;
        let mut written = Writing::default();
        let mut fates = Vec::with_capacity(entries.len());
        for entry in entries {
            let fate = match known.fate(entry) {
                Some(fate) => fate,
                None => {
                    let fate = if known.ops.contains(&entry.op.op) {
                        tracing::warn!(
                            village = self.village,
                            device = %self.phone.device,
                            "an operation came again with other bytes"
                        );
                        Fate::Kept(Verdict::Quarantined, TroubleCode::OpReused)
                    } else {
                        self.decide(entry, &mut households, &mut written)
                    };
                    known.learn(entry, fate);
                    written.entries.push((entry, fate));
                    fate
                }
            };
            fates.push((entry.op, fate));
        }
        self.insert_entries(tx, &written.entries)?;
        self.upsert_households(tx, &households, &written, changes)?;
        self.add_to_rollup(tx, &written.rollup)?;
        Ok(fates)
    }

    fn apply_one_by_one<'a>(
        &self,
        tx: &mut Tx<'_>,
        entries: &[Entry<'a>],
        changes: &mut Changes,
    ) -> Result<Vec<(&'a Op, Fate)>, Error> {
        let mut fates = Vec::with_capacity(entries.len());
        for entry in entries {
            let one = std::slice::from_ref(entry);
            let done = match tx.savepoint(|tx| self.apply(tx, one, changes)) {
                Err(Error::Refused(_)) => {
                    let aside = [Entry {
                        op: entry.op,
                        digest: entry.digest,
                        village: entry.village.clone(),
                        day: entry.day,
                        judgement: Judgement::Unsound(TroubleCode::InvalidDocument),
                    }];
                    tx.savepoint(|tx| self.apply(tx, &aside, changes))
                }
                done => done,
            };
            match done {
                Ok(done) => fates.extend(done),
                // Not even in quarantine: the phone keeps it and shows it.
                Err(Error::Refused(_)) => {
                    fates.push((entry.op, Fate::Rejected(TroubleCode::InvalidDocument)));
                }
                Err(failure) => return Err(failure),
            }
        }
        Ok(fates)
    }

    /// What becomes of an entry that is new here.
    fn decide(
        &self,
        entry: &Entry<'_>,
        households: &mut BTreeMap<Uuid, Household>,
        written: &mut Writing<'_, '_>,
    ) -> Fate {
        let op = entry.op;
        let summary = match &entry.judgement {
            Judgement::Unsound(code) => return Fate::Kept(Verdict::Quarantined, *code),
            Judgement::Sound(summary, _) => summary,
        };
        let household = households
            .entry(op.household)
            .or_insert_with(|| Household::found(op.area.to_string()));
        if household.clashes(op.base, self.phone.device) {
            return Fate::Kept(Verdict::Conflict, TroubleCode::NewerRevision);
        }
        household.revision += 1;
        if household.author != Some(self.phone.device) {
            household.author = Some(self.phone.device);
            household.own_since = household.revision;
        }
        self.describe(household, summary);
        let count = Count::after(
            household.count,
            household.listed,
            summary.outcome,
            entry.day,
            self.phone.cadre,
        );
        if count != household.count {
            written.move_count(&household.rt, household.count, count);
            household.count = count;
        }
        written.changed.insert(op.household, (op.op, entry.digest));
        Fate::Revision(household.revision, self.now)
    }

    /// A visit without answers (not found, refused) leaves what is known of the family.
    fn describe(&self, household: &mut Household, summary: &Summary) {
        let newer = |kept: &mut String, said: &str| {
            if !said.is_empty() {
                // PostgreSQL takes no NUL in a text.
                *kept = said.replace('\0', "");
            }
        };
        newer(&mut household.number, &summary.number);
        newer(&mut household.head, &summary.head);
        newer(&mut household.address, &summary.address);
        household.outcome = Some(summary.outcome);
    }

    fn known_entries(&self, tx: &mut Tx<'_>, entries: &[Entry<'_>]) -> Result<Known, Error> {
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

    fn households(
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

    fn insert_entries(&self, tx: &mut Tx<'_>, entries: &[(&Entry<'_>, Fate)]) -> Result<(), Error> {
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

    fn upsert_households(
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

    fn add_to_rollup(&self, tx: &mut Tx<'_>, moved: &Moved) -> Result<(), Error> {
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

    /// Notes what the phone said of itself and which of its numbers are here.
    fn note(&self, tx: &mut Tx<'_>, fates: &[(&Op, Fate)], note: Note<'_>) -> Result<u64, Error> {
        let row = tx
            .query_first(
                "SELECT seen FROM device WHERE village = $1 AND id = $2",
                &self.device_key(),
            )?
            .ok_or_else(|| Error::Internal("a phone without its row".into()))?;
        let mut seen = Seen::parse(row.text(0)?)?;
        let here = fates
            .iter()
            .filter(|(_, fate)| !matches!(fate, Fate::Rejected(_)))
            .map(|(op, _)| op.seq);
        let durable: Vec<u64> = here.chain(note.durable_elsewhere.iter().copied()).collect();
        durable.iter().for_each(|seq| seen.insert(*seq));
        let word = note.word;
        let highest = durable.iter().copied().max().unwrap_or(0);
        // The phone counted this request's entries among those that wait.
        let waiting = word.outgoing.waiting.saturating_sub(durable.len() as u64);
        tx.execute(
            "UPDATE device SET app = $3, last_seen = $4, clock_ahead = $5,
                 high_seq = CASE WHEN high_seq > $6 THEN high_seq ELSE $6 END,
                 waiting = $7, held = $8, seen = $9
             WHERE village = $1 AND id = $2",
            &[
                self.village.into(),
                (&self.phone.device).into(),
                word.app.as_str().into(),
                self.now.into(),
                self.clock_ahead(word).into(),
                word.outgoing.high_seq.max(highest).into(),
                waiting.into(),
                word.outgoing.held.into(),
                seen.text().into(),
            ],
        )?;
        Ok(seen.whole_to())
    }
}

/// Entries that are here already, and what became of them.
#[derive(Default)]
struct Known {
    ops: HashSet<Uuid>,
    fates: HashMap<(Uuid, [u8; 32]), Fate>,
}

impl Known {
    fn fate(&self, entry: &Entry<'_>) -> Option<Fate> {
        let key = (entry.op.op, *entry.digest.as_bytes());
        self.fates.get(&key).copied()
    }

    fn learn(&mut self, entry: &Entry<'_>, fate: Fate) {
        self.ops.insert(entry.op.op);
        let key = (entry.op.op, *entry.digest.as_bytes());
        self.fates.insert(key, fate);
    }
}

/// Families by RT, cadre, day and outcome: how many more there are than before.
type Moved = BTreeMap<(String, Uuid, i64, Outcome), i64>;

/// What a batch will write.
#[derive(Default)]
struct Writing<'e, 'a> {
    entries: Vec<(&'e Entry<'a>, Fate)>,
    /// Households with a new revision, and the entry that it is.
    changed: BTreeMap<Uuid, (Uuid, ketuk_wire::Sha256)>,
    rollup: Moved,
}

impl Writing<'_, '_> {
    fn move_count(&mut self, rt: &str, from: Option<Count>, to: Option<Count>) {
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
            Fate::Revision(revision, _) => (ACCEPTED, flag, Some(revision)),
            Fate::Kept(Verdict::Conflict, code) => (CONFLICT, Some(code), None),
            Fate::Kept(_, code) | Fate::Rejected(code) => (QUARANTINED, Some(code), None),
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
    Ok(match row.int(2)? {
        ACCEPTED => Fate::Revision(row.count(4)?, row.time(5)?),
        CONFLICT => Fate::Kept(Verdict::Conflict, code),
        _ => Fate::Kept(Verdict::Quarantined, code),
    })
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
