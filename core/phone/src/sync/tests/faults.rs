//! Whatever happens, in any order.

use std::collections::HashMap;
use std::path::Path;

use ketuk_wire::Verdict;
use proptest::prelude::*;

use super::*;

/// What may become of a request.
#[derive(Debug, Clone, Copy)]
enum Fate {
    Arrives,
    LostGoing,
    LostComing,
    Twice,
    /// It comes again long after, when much else has come.
    Late,
    Portal,
    Busy,
    Fails,
    SignedOut,
    Revoked,
    Cut(u8),
}

/// What the world may do.
#[derive(Debug, Clone)]
enum Act {
    Finish(u8),
    Begin(u8),
    Reopen,
    Sync(Vec<Fate>),
    /// Another phone sends something of the same family.
    Elsewhere(u8),
    /// The family goes to another cadre.
    Gone(u8),
    /// And comes back.
    Back(u8),
    SentBack(u8),
    /// The server becomes what it was when it had this part of its entries.
    Restore(u8),
    /// The phone's files are copied.
    Copy,
    /// The phone becomes what the copy is.
    PutBack,
}

const FAMILIES: u8 = 6;

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        5 => Just(Fate::Arrives),
        1 => Just(Fate::LostGoing),
        2 => Just(Fate::LostComing),
        1 => Just(Fate::Twice),
        1 => Just(Fate::Late),
        1 => Just(Fate::Portal),
        1 => Just(Fate::Busy),
        1 => Just(Fate::Fails),
        1 => Just(Fate::SignedOut),
        1 => Just(Fate::Revoked),
        1 => any::<u8>().prop_map(Fate::Cut),
    ]
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        8 => (0..FAMILIES).prop_map(Act::Finish),
        1 => (0..FAMILIES).prop_map(Act::Begin),
        1 => Just(Act::Reopen),
        6 => proptest::collection::vec(fate(), 0..6).prop_map(Act::Sync),
        2 => (0..FAMILIES).prop_map(Act::Elsewhere),
        1 => (0..FAMILIES).prop_map(Act::Gone),
        1 => (0..FAMILIES).prop_map(Act::Back),
        1 => (0..FAMILIES).prop_map(Act::SentBack),
        1 => any::<u8>().prop_map(Act::Restore),
        1 => Just(Act::Copy),
        1 => Just(Act::PutBack),
    ]
}

/// What must be on the server in the end, by family: what was last finished.
type Journal = HashMap<Uuid, String>;

struct World {
    home: tempfile::TempDir,
    shelf: tempfile::TempDir,
    server: Server,
    store: Option<Arc<Store>>,
    journal: Journal,
    copied: Option<Journal>,
    late: Option<crate::Request>,
    number: u32,
}

impl World {
    fn new(merges: bool) -> World {
        let home = folder();
        let mut server = Server::new();
        server.merges = merges;
        let families = ids(FAMILIES.into());
        server.changes = families.iter().copied().map(listed).collect();
        let store = enrolled(home.path(), &server, &families);
        World {
            home,
            shelf: folder(),
            server,
            store: Some(store),
            journal: Journal::new(),
            copied: None,
            late: None,
            number: 0,
        }
    }

    fn store(&self) -> Arc<Store> {
        Arc::clone(self.store.as_ref().unwrap())
    }

    fn text(&mut self, family: Uuid) -> String {
        self.number += 1;
        format!("{family} {}", self.number)
    }

    /// With the phone's database closed.
    fn closed(&mut self, act: impl FnOnce(&Path, &Path)) {
        self.store = None;
        act(self.home.path(), self.shelf.path());
        self.store = Some(open(self.home.path()));
    }

    fn act(&mut self, act: Act) {
        let family = |which: u8| id(u128::from(which) + 1);
        match act {
            Act::Finish(which) => {
                let text = self.text(family(which));
                finish(&self.store(), family(which), &text);
                self.journal.insert(family(which), text);
            }
            Act::Begin(which) => begin(&self.store(), family(which)),
            Act::Reopen => self.closed(|_, _| {}),
            Act::Sync(fates) => self.sync(fates),
            Act::Elsewhere(which) => {
                let text = self.text(family(which));
                self.server.another_sends(family(which), &text);
            }
            Act::Gone(which) => self.server.changes.push(Change::Gone {
                household: family(which),
                reason: "Pindah RT".into(),
            }),
            Act::Back(which) => self.server.changes.push(listed(family(which))),
            Act::SentBack(which) => {
                let revision = self.server.current(family(which)).map_or(0, |(now, _)| now);
                let change = sent_back(family(which), revision);
                self.server.changes.push(change);
            }
            Act::Restore(part) => {
                let keep = self.server.kept.len() * usize::from(part) / 256;
                self.server.restore(keep);
                // What only a phone's lost life had sent is lost where both lose it.
                let store = self.store();
                let server = &self.server;
                self.journal.retain(|family, text| {
                    let entry = store.last_entry(*family).unwrap();
                    let here =
                        entry.is_some_and(|entry| entry.document.contains(&format!("{text}\"")));
                    here || server.kept.iter().any(|kept| says(&kept.text, text))
                });
            }
            Act::Copy => {
                self.closed(lost::copy);
                self.copied = Some(self.journal.clone());
            }
            Act::PutBack => {
                let Some(copied) = self.copied.clone() else {
                    return;
                };
                self.closed(|home, shelf| lost::copy(shelf, home));
                // Of the lost life is left what the server had of it by then.
                let journal = std::mem::replace(&mut self.journal, copied);
                let had = |text: &str| self.server.kept.iter().any(|kept| says(&kept.text, text));
                self.journal
                    .extend(journal.into_iter().filter(|(_, text)| had(text)));
            }
        }
    }

    fn sync(&mut self, fates: Vec<Fate>) {
        let mut fates = fates.into_iter();
        Run::new(&self.store()).drive(|request| {
            let fate = fates.next().unwrap_or(Fate::Arrives);
            self.suffer(request, fate)
        });
        if let Some(request) = self.late.take() {
            self.server.handle(&request);
        }
    }

    fn suffer(&mut self, request: &crate::Request, fate: Fate) -> Result<Response, Failure> {
        let server = &mut self.server;
        match fate {
            Fate::Arrives => Ok(server.handle(request)),
            Fate::LostGoing => Err(Failure::Link),
            Fate::LostComing => {
                server.handle(request);
                Err(Failure::Link)
            }
            Fate::Twice => {
                server.handle(request);
                Ok(server.handle(request))
            }
            Fate::Late => {
                self.late = Some(request.clone());
                Err(Failure::Link)
            }
            Fate::Portal => Ok(Response {
                status: 200,
                headers: Vec::new(),
                body: b"<html>".to_vec(),
            }),
            Fate::Busy => Ok(refuse(503, RefusalCode::Busy)),
            Fate::Fails => Ok(refuse(500, RefusalCode::Busy)),
            Fate::SignedOut => Ok(refuse(401, RefusalCode::SignIn)),
            Fate::Revoked => Ok(refuse(403, RefusalCode::Revoked)),
            Fate::Cut(part) => {
                let mut answer = server.handle(request);
                let keep = answer.body.len() * usize::from(part) / 256;
                answer.body.truncate(keep);
                Ok(answer)
            }
        }
    }
}

/// Whether a text is this one, by itself or put together with others.
fn says(whole: &str, text: &str) -> bool {
    whole.split(" & ").any(|part| part == text)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    /// Promises 1, 2, 4, 5, 6 and 8: whatever is cut, lost, repeated, restarted, restored, put back,
    /// moved or changed elsewhere, once the link heals the server has the last finished entry of each
    /// family, each entry once, and the phone has the server's word for it.
    #[test]
    fn every_finished_entry_is_on_the_server_exactly_once_after_the_link_heals(
        merges: bool,
        acts in proptest::collection::vec(act(), 1..30)
    ) {
        let mut world = World::new(merges);
        for act in acts {
            world.act(act);
        }
        // The first run after the healing may find that something was lost on either side.
        world.sync(Vec::new());
        let report = sync(&world.store(), &mut world.server);
        let (store, server) = (world.store(), &mut world.server);
        prop_assert_eq!((report.end, report.still_waiting), (SyncEnd::Done, 0));
        let link = store.device().unwrap().link.unwrap();
        prop_assert_eq!(link.standing, crate::store::Standing::Fine);

        let mut ops: Vec<Uuid> = server.kept.iter().map(|kept| kept.op).collect();
        ops.sort_unstable();
        ops.dedup();
        prop_assert_eq!(ops.len(), server.kept.len(), "an entry is there twice");

        for (family, text) in &world.journal {
            let kept: Vec<_> = server.kept.iter().filter(|kept| says(&kept.text, text)).collect();
            prop_assert!(!kept.is_empty(), "{} is lost", text);
            let (now, current) = server.current(*family).unwrap();
            let stands = says(current, text);
            let conflict = kept[0].verdict == Some(Verdict::Conflict);
            let followed = kept[0].revision > 0 && kept[0].revision < now;
            prop_assert!(stands || conflict || followed, "{} was overwritten", text);
            let entry = store.last_entry(*family).unwrap();
            if let Some(entry) = entry {
                prop_assert!(entry.receipt.is_some());
                prop_assert!(!entry.waiting);
            }
        }
        tally_is_what_can_be_counted(&store);
        // Sending nothing new changes nothing.
        let before = server.kept.len();
        let again = sync(&store, server);
        prop_assert_eq!((again.received, again.pulled, server.kept.len()), (0, 0, before));
    }
}
