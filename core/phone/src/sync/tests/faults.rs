//! Whatever happens, in any order.

use std::collections::HashMap;

use proptest::prelude::*;

use super::*;

/// What may become of a request.
#[derive(Debug, Clone, Copy)]
enum Fate {
    Arrives,
    LostGoing,
    LostComing,
    Twice,
    Portal,
    Busy,
    Fails,
    Cut(u8),
}

/// What the world may do.
#[derive(Debug, Clone)]
enum Act {
    Finish(u8),
    Reopen,
    Sync(Vec<Fate>),
    Restore(u8),
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        4 => Just(Fate::Arrives),
        1 => Just(Fate::LostGoing),
        2 => Just(Fate::LostComing),
        1 => Just(Fate::Twice),
        1 => Just(Fate::Portal),
        1 => Just(Fate::Busy),
        1 => Just(Fate::Fails),
        1 => any::<u8>().prop_map(Fate::Cut),
    ]
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        6 => (0u8..6).prop_map(Act::Finish),
        1 => Just(Act::Reopen),
        3 => proptest::collection::vec(fate(), 0..6).prop_map(Act::Sync),
        1 => any::<u8>().prop_map(Act::Restore),
    ]
}

fn suffer(server: &mut Server, request: &crate::Request, fate: Fate) -> Result<Response, Failure> {
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
        Fate::Portal => Ok(Response {
            status: 200,
            headers: Vec::new(),
            body: b"<html>".to_vec(),
        }),
        Fate::Busy => Ok(refuse(503, RefusalCode::Busy)),
        Fate::Fails => Ok(refuse(500, RefusalCode::Busy)),
        Fate::Cut(part) => {
            let mut answer = server.handle(request);
            let keep = answer.body.len() * usize::from(part) / 256;
            answer.body.truncate(keep);
            Ok(answer)
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    /// Promises 1, 2, 4, 5 and 8: whatever is cut, lost, repeated, restarted or restored, once the
    /// link heals the server has the last finished entry of each household, each entry once.
    #[test]
    fn every_finished_entry_is_on_the_server_exactly_once_after_the_link_heals(
        acts in proptest::collection::vec(act(), 1..25)
    ) {
        let folder = folder();
        let mut server = Server::new();
        server.changes = ids(6).into_iter().map(listed).collect();
        let mut store = enrolled(folder.path(), &server, &ids(6));
        let mut journal: HashMap<Uuid, String> = HashMap::new();
        for (number, act) in acts.into_iter().enumerate() {
            match act {
                Act::Finish(which) => {
                    let household = id(u128::from(which) + 1);
                    let text = format!("{household} {number}");
                    finish(&store, household, &text);
                    journal.insert(household, text);
                }
                Act::Reopen => {
                    drop(store);
                    store = open(folder.path());
                }
                Act::Sync(fates) => {
                    let mut fates = fates.into_iter();
                    Run::new(&store).drive(|request| {
                        suffer(&mut server, request, fates.next().unwrap_or(Fate::Arrives))
                    });
                }
                Act::Restore(part) => {
                    let keep = server.kept.len() * usize::from(part) / 256;
                    server.restore(keep);
                }
            }
        }
        let report = sync(&store, &mut server);
        prop_assert_eq!(report.end, SyncEnd::Done);
        prop_assert_eq!(report.still_waiting, 0);
        for (household, text) in &journal {
            let current = server.current(*household).map(|(_, text)| text);
            prop_assert_eq!(current, Some(text.as_str()));
            prop_assert_eq!(state(&store, *household), HouseholdState::Received);
        }
        let mut ops: Vec<Uuid> = server.kept.iter().map(|kept| kept.op).collect();
        ops.sort_unstable();
        ops.dedup();
        prop_assert_eq!(ops.len(), server.kept.len());
    }
}
