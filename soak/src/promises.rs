//! The nine promises of docs/protocol.md, each checked against the journal once everything works
//! again.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, bail, ensure};
use uuid::Uuid;

use crate::books::{Entry, PhoneBooks, State, Verdict};
use crate::journal::Saved;
use crate::world::{Letter, World, campaign};

/// So many runs of each phone empty every queue: one that gets everything through, one for what a
/// cadre finished again since it had been refused, one for a server that was restored or a phone put
/// back meanwhile, and one to hear of it.
const RUNS: usize = 4;

type Promise = fn(&mut World) -> Result<()>;

const PROMISES: [(&str, Promise); 13] = [
    (
        "4: a healed link empties the queue in bounded time",
        the_queue_empties,
    ),
    ("1: every entry is on the server exactly once", exactly_once),
    ("1: its photos are there with it", photos_are_there),
    (
        "1: what somebody brought is kept, whosever it is",
        what_was_brought_is_kept,
    ),
    ("2: nothing is overwritten in silence", nothing_overwritten),
    (
        "2: each phone lists its families as the server has them",
        lists_agree,
    ),
    (
        "3: a bad entry is quarantined whole and shown",
        bad_ones_quarantined,
    ),
    (
        "6: the phone keeps every entry, with its receipt",
        phone_keeps_all,
    ),
    ("7: the server can prove completeness", numbers_complete),
    (
        "8: a restored server gets again what it lost",
        server_has_what_phones_have,
    ),
    (
        "9: an older app or form still gets its data in",
        older_ones_get_in,
    ),
    ("7: the figures are what the entries say", figures_agree),
    // Last: a request of a life that both sides lost tells the server of numbers that the phone has
    // yet to hear of.
    ("5: sending anything again changes nothing", sending_again),
];

/// Heals the world and checks every promise.
pub(crate) fn check(world: &mut World) -> Result<()> {
    world.heal()?;
    for (name, promise) in PROMISES {
        promise(world).with_context(|| format!("promise {name}"))?;
    }
    Ok(())
}

fn the_queue_empties(world: &mut World) -> Result<()> {
    for _ in 0..RUNS {
        world.all_sync()?;
    }
    for phone in 0..world.phones.len() {
        let app = world.phones[phone].app()?.context("no app")?;
        let waiting = app.waiting(None, 100)?.rows;
        let name = &world.phones[phone].name;
        ensure!(
            waiting.is_empty(),
            "{name}: {} wait after {RUNS} runs",
            waiting.len()
        );
    }
    Ok(())
}

fn entries_by_mark(world: &mut World) -> Result<BTreeMap<String, Vec<Entry>>> {
    let mut by_mark: BTreeMap<String, Vec<Entry>> = BTreeMap::new();
    for entry in world.server_books()?.entries()? {
        by_mark.entry(entry.mark.clone()).or_default().push(entry);
    }
    Ok(by_mark)
}

/// The entries that phones show as refused.
fn held(world: &World) -> Result<BTreeSet<String>> {
    let mut held = BTreeSet::new();
    for phone in &world.phones {
        let own = PhoneBooks::open(phone.folder())?.entries()?;
        let refused = own.into_iter().filter(|own| own.state == State::Held);
        held.extend(refused.map(|own| own.mark));
    }
    Ok(held)
}

/// By content: one entry for each that left its phone and was not refused; and of what a cadre
/// finished several times before it left, or again since it was refused, the last at least.
fn exactly_once(world: &mut World) -> Result<()> {
    let found = entries_by_mark(world)?;
    let count = |saved: &Saved| found.get(&saved.mark).map_or(0, Vec::len);
    let held = held(world)?;
    for (mark, entries) in &found {
        ensure!(
            entries.len() == 1,
            "{mark} is there {} times",
            entries.len()
        );
        let reused = entries
            .iter()
            .any(|e| e.trouble.as_deref() == Some("op_reused"));
        ensure!(
            !reused,
            "{mark}: an operation came twice with different bytes"
        );
    }
    for saved in world.journal.all() {
        if saved.sent && !saved.gone && !held.contains(&saved.mark) {
            ensure!(
                count(saved) == 1,
                "{} left its phone and is not there",
                saved.mark
            );
        }
    }
    for finished in world.journal.by_household().values() {
        for (n, saved) in finished.iter().enumerate() {
            let arrived = finished[n..].iter().any(|later| count(later) == 1);
            let expected = saved.certain && !saved.gone;
            ensure!(
                arrived || !expected,
                "{} was saved, and neither it nor what followed is there",
                saved.mark
            );
        }
    }
    Ok(())
}

/// Of each entry that is there, as far as its phone was not put back to before it; nor to before it left,
/// if she then finished that visit otherwise: what was not sent, for all the phone knew, was replaced, and
/// what she had taken off it is gone.
fn photos_are_there(world: &mut World) -> Result<()> {
    let books = world.server_books()?;
    let (there, named, whole) = (books.marks()?, books.named_photos()?, books.whole_photos()?);
    for finished in world.journal.by_household().values() {
        for (n, saved) in finished.iter().enumerate() {
            let replaced = !saved.sent && n + 1 < finished.len();
            if !there.contains(&saved.mark) || saved.only_at_office || replaced {
                continue;
            }
            for photo in &saved.photos {
                let is_named = named.contains(&(saved.mark.clone(), *photo));
                ensure!(
                    is_named,
                    "{}: it doesn't name a photo that it showed",
                    saved.mark
                );
                ensure!(
                    whole.contains(photo),
                    "{}: a photo is not there",
                    saved.mark
                );
            }
        }
    }
    Ok(())
}

fn what_was_brought_is_kept(world: &mut World) -> Result<()> {
    let books = world.server_books()?;
    let (mut there, mut aside) = (books.marks()?, BTreeSet::new());
    for entry in books.doubtful()? {
        ensure!(entry.whole, "{} was changed on its way", entry.mark);
        ensure!(
            aside.insert(entry.mark.clone()),
            "{} is kept aside twice",
            entry.mark
        );
    }
    there.append(&mut aside);
    let lost: Vec<&String> = world.brought.difference(&there).collect();
    ensure!(
        lost.is_empty(),
        "{lost:?} came in a parcel and is not there"
    );
    Ok(())
}

/// What stands of a household has all visits in it that ever became a revision: whoever wrote the
/// next one knew of it, or it was put together with his.
fn nothing_overwritten(world: &mut World) -> Result<()> {
    let mut revisions: BTreeMap<Uuid, Vec<Entry>> = BTreeMap::new();
    for entry in world.server_books()?.entries()? {
        if matches!(entry.verdict, Verdict::Revision | Verdict::Merged) {
            revisions.entry(entry.household).or_default().push(entry);
        }
    }
    for (household, mut chain) in revisions {
        chain.sort_by_key(|entry| entry.revision);
        for pair in chain.windows(2) {
            let lost: Vec<&String> = pair[0].marks.difference(&pair[1].marks).collect();
            ensure!(
                lost.is_empty(),
                "household {household}: {} overwrites {lost:?}, which its author had not seen",
                pair[1].mark
            );
        }
    }
    Ok(())
}

/// All of the cadre's families that the server knows, where and as it has them, and of those that it
/// knows no other's. One with a draft stays until that is finished or thrown away.
fn lists_agree(world: &mut World) -> Result<()> {
    let books = world.server_books()?;
    let known: BTreeSet<Uuid> = books.households()?.into_iter().collect();
    for phone in &world.phones {
        let name = &phone.name;
        let hers = books.families_of(campaign::cadre_id(phone.whose.0))?;
        let own = PhoneBooks::open(phone.folder())?;
        let mut listed = own.families()?;
        for family in hers {
            let shown = listed.remove(&family.id);
            ensure!(
                shown.as_ref() == Some(&family),
                "{name} lists {shown:?}, the server has {family:?}"
            );
        }
        let begun = own.begun()?;
        for family in listed.values() {
            ensure!(
                !known.contains(&family.id) || begun.contains(&family.id),
                "{name} lists {family:?}, which is not hers any more"
            );
        }
    }
    Ok(())
}

fn bad_ones_quarantined(world: &mut World) -> Result<()> {
    let found = entries_by_mark(world)?;
    for saved in world.journal.all() {
        for entry in found.get(&saved.mark).into_iter().flatten() {
            ensure!(entry.whole, "{} was changed on its way", saved.mark);
            let kept_aside = entry.verdict == Verdict::Quarantined;
            ensure!(
                kept_aside == saved.bad,
                "{} is {:?}, and is {}",
                saved.mark,
                entry.verdict,
                if saved.bad { "bad" } else { "sound" }
            );
        }
    }
    for ((phone, household), finished) in world.journal.by_household() {
        let Some(last) = finished
            .last()
            .filter(|last| last.bad && !last.only_at_office)
        else {
            continue;
        };
        if !found.contains_key(&last.mark) {
            continue;
        }
        let app = world.phones[phone].app()?.context("no app")?;
        let detail = app.households().detail(household, "id")?;
        // Somebody else's answers may stand meanwhile; hers still need a look.
        let shown = detail.trouble.is_some();
        ensure!(shown, "{} is bad, and its phone doesn't say so", last.mark);
    }
    Ok(())
}

fn sending_again(world: &mut World) -> Result<()> {
    let books = world.server_books()?;
    let (before, there) = (books.digest()?, books.marks()?);
    let devices = world.phones.iter().map(|phone| {
        let own = PhoneBooks::open(phone.folder())?;
        own.device()
    });
    let devices = devices.collect::<Result<Vec<_>>>()?;
    // What a restored server has not is no repetition.
    let known = |letter: &&Letter| letter.marks.iter().all(|mark| there.contains(mark));
    let letters: Vec<Letter> = world.arrived.iter().filter(known).cloned().collect();
    for letter in letters {
        let numbers = books.numbers(devices[letter.phone])?;
        // With the phone's latest word on its numbers: an older one says that it was put back.
        let letter = letter.saying(numbers.high_seq)?;
        let answer = world.deliver(&letter)?.context("the server is gone")?;
        ensure!(
            answer.status < 500,
            "a request that was answered before gets {}",
            answer.status
        );
    }
    ensure!(before == books.digest()?, "the server's tables changed");
    Ok(())
}

fn phone_keeps_all(world: &mut World) -> Result<()> {
    let key = world.server_books()?.public_key()?;
    for phone in 0..world.phones.len() {
        let app = world.phones[phone].app()?.context("no app")?;
        let kept = PhoneBooks::open(world.phones[phone].folder())?.entries()?;
        let marks: BTreeSet<&str> = kept.iter().map(|own| own.mark.as_str()).collect();
        ensure!(
            kept.iter().all(|own| own.whole),
            "an entry changed on its phone"
        );
        for saved in world.journal.all() {
            let own = saved.phone == phone && saved.sent && !saved.only_at_office;
            ensure!(
                !own || marks.contains(saved.mark.as_str()),
                "{} is not on its phone any more",
                saved.mark
            );
        }
        for ((whose, household), finished) in world.journal.by_household() {
            let last = finished
                .last()
                .filter(|last| last.certain && !last.only_at_office);
            let Some(last) = last.filter(|_| whose == phone) else {
                continue;
            };
            let detail = app.households().detail(household, "id")?;
            let Some(receipt) = detail.receipt else {
                bail!("{} has no receipt ({:?})", last.mark, detail.row.state);
            };
            receipt
                .verify(&key)
                .with_context(|| format!("{}: its receipt", last.mark))?;
            let proved = kept.iter().find(|own| own.sha256 == receipt.holding.sha256);
            let proved = proved.map(|own| own.mark.as_str());
            ensure!(
                proved == Some(last.mark.as_str()),
                "{} is proved by a receipt for {proved:?}",
                last.mark
            );
        }
    }
    Ok(())
}

fn numbers_complete(world: &mut World) -> Result<()> {
    for phone in 0..world.phones.len() {
        let own = PhoneBooks::open(world.phones[phone].folder())?;
        let (device, high) = (own.device()?, own.high_seq()?);
        let known = world.server_books()?.numbers(device)?;
        ensure!(
            known.high_seq == high,
            "{}: the server knows of {} numbers, the phone gave out {high}",
            world.phones[phone].name,
            known.high_seq
        );
        let entries = own.entries()?.into_iter();
        for entry in entries.filter(|entry| entry.state != State::Held) {
            ensure!(
                known.seen.contains(entry.seq),
                "{}: number {} is missing at the server",
                world.phones[phone].name,
                entry.seq
            );
        }
    }
    Ok(())
}

fn server_has_what_phones_have(world: &mut World) -> Result<()> {
    let at_office = world.server_books()?.marks()?;
    for phone in &world.phones {
        for own in PhoneBooks::open(phone.folder())?.entries()? {
            let there = at_office.contains(&own.mark);
            ensure!(
                own.state != State::Received || there,
                "{} counts as received and is not there",
                own.mark
            );
        }
    }
    Ok(())
}

/// Some phones have an older app, and each a questionnaire from when it last heard of one: the server
/// knows what they speak of, and asks none of them to wait.
fn older_ones_get_in(world: &mut World) -> Result<()> {
    for entry in world.server_books()?.entries()? {
        let unknown = entry.trouble.as_deref() == Some("unknown_form");
        ensure!(
            !unknown,
            "{}: its questionnaire is not known any more",
            entry.mark
        );
    }
    Ok(())
}

fn figures_agree(world: &mut World) -> Result<()> {
    let server = world.office.server()?.context("no server")?;
    let found = server.verify()?;
    ensure!(
        found.differences.is_empty(),
        "{}",
        found.differences.join("; ")
    );
    Ok(())
}
