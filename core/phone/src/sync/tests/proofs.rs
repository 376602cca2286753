//! The server's receipts, as the phone keeps and shows them.

use ketuk_wire::Receipt;

use super::*;

#[test]
fn her_proofs_are_listed_newest_first_and_each_text_holds_by_itself() {
    let (folder, mut server) = (folder(), Server::new());
    let store = enrolled(folder.path(), &server, &ids(5));
    finish(&store, id(1), "QUARANTINE this");
    for number in 2..=5 {
        finish(&store, id(number), "good");
    }
    sync(&store, &mut server);
    let first = store.proofs("", None, 3).unwrap();
    let second = store.proofs("", first.next, 3).unwrap();
    let rows: Vec<_> = first.rows.iter().chain(&second.rows).collect();
    let seqs: Vec<u64> = rows.iter().map(|row| row.seq).collect();
    assert_eq!((seqs, second.next), (vec![5, 4, 3, 2, 1], None));
    for row in rows {
        let receipt: Receipt = row.text.parse().unwrap();
        receipt.verify(&server.key.public()).unwrap();
        let said = (receipt.holding.household, receipt.holding.revision);
        assert_eq!(said, (row.household.id, row.revision));
        assert_eq!(
            row.revision,
            u64::from(row.seq > 1),
            "kept beside is revision 0"
        );
    }
}

#[test]
fn a_receipt_that_was_changed_on_the_phone_is_none() {
    let (folder, mut server) = (folder(), Server::new());
    let (store, _) = finished(&folder, &server, 2);
    sync(&store, &mut server);
    store
        .commit(|tx| {
            tx.execute("UPDATE outbox SET revision = 7 WHERE seq = 1", [])?;
            Ok(())
        })
        .unwrap();
    assert!(store.last_entry(id(1)).unwrap().unwrap().receipt.is_none());
    let proofs = store.proofs("", None, 9).unwrap().rows;
    assert_eq!(proofs.iter().map(|row| row.seq).collect::<Vec<_>>(), [2]);
}

#[test]
fn a_familys_proofs_are_found_by_its_name_and_one_by_its_number() {
    let (folder, mut server) = (folder(), Server::new());
    let store = enrolled(folder.path(), &server, &ids(12));
    for number in [1, 2, 11] {
        finish(&store, id(number), "good");
    }
    sync(&store, &mut server);
    finish(&store, id(2), "better");
    sync(&store, &mut server);
    let found = |typed: &str| {
        let page = store.proofs(typed, None, 9).unwrap();
        page.rows.into_iter().map(|row| row.seq).collect::<Vec<_>>()
    };
    assert_eq!(found("kepala 2"), [4, 2]);
    assert_eq!(found("002"), [4, 2]);
    assert_eq!(found("nobody"), Vec::<u64>::new());
    assert_eq!(found(" !"), [4, 3, 2, 1], "nothing to search by");
    let one = store.proof(4).unwrap().unwrap();
    assert_eq!(one.household.id, id(2));
    let receipt: Receipt = one.text.parse().unwrap();
    assert_eq!(one.number, receipt.number());
    assert_eq!(store.proof(5).unwrap(), None);
}
