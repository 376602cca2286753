//! Receipts that somebody shows: at the command line and on a page for everybody.

use std::io::Write as _;
use std::process::Stdio;

use reqwest::StatusCode;

use super::office::{Browser, text_of};
use super::start::program;
use super::world::{NIK, World, on_each_database};

/// What the program says of a receipt, and its exit code.
fn verified(world: &World, arguments: &[&str], typed: Option<&str>) -> (String, i32) {
    let mut command = program();
    command.args(["receipt", "verify"]).args(arguments);
    world.point(&mut command);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin
        .write_all(typed.unwrap_or_default().as_bytes())
        .unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    (said.trim_end().to_owned(), output.status.code().unwrap())
}

fn receipt_of_a_visit(world: &World) -> String {
    let mut ana = world.phone(0);
    let ops = [ana.visit(1, 1), ana.visit(2, 1), ana.visit(3, 1)];
    let answer = ana.send(&ops);
    ana.receipts(&ops, &answer)[1].to_string()
}

/// The same receipt for another family.
fn forged(receipt: &str) -> String {
    let (front, rest) = receipt.split_at("KETUK1.".len());
    let first = if rest.starts_with('A') { "B" } else { "A" };
    format!("{front}{first}{}", &rest[1..])
}

#[test]
fn the_command_line_says_whether_a_receipt_is_this_servers_and_the_entry_is_held() {
    on_each_database(|world| {
        let receipt = receipt_of_a_visit(world);
        let (said, code) = verified(world, &[&receipt], None);
        assert_eq!(code, 0, "{said}");
        assert!(
            said.starts_with("Valid, and held: received 2023-07-20T01:0"),
            "{said}"
        );
        // As the phone shows it beside the code.
        let number = receipt.parse::<ketuk_wire::Receipt>().unwrap().number();
        assert!(
            said.ends_with(&format!("as revision 1, receipt {number}.")),
            "{said}"
        );
        let spaced = receipt.to_lowercase().replace('a', "a\n ");
        assert_eq!(
            verified(world, &["-"], Some(&spaced)).1,
            0,
            "as copied by hand"
        );
        for (wrong, why) in [
            (forged(&receipt), "was not signed by this server"),
            ("KETUK1.".into(), "not a key, a signature or a receipt"),
            ("a letter".into(), "not a key, a signature or a receipt"),
        ] {
            let (said, code) = verified(world, &[&wrong], None);
            assert_eq!(code, 3);
            assert!(
                said.starts_with("Not valid: ") && said.contains(why),
                "{said}"
            );
        }
    });
}

#[test]
fn with_the_key_alone_anybody_verifies_a_receipt_without_the_servers_data() {
    on_each_database(|world| {
        let receipt = receipt_of_a_visit(world);
        let mut command = program();
        command.args(["receipt", "key"]);
        world.point(&mut command);
        let key = String::from_utf8(command.output().unwrap().stdout).unwrap();
        assert_eq!(key.trim(), world.phone(0).welcome.server_key.to_string());
        let elsewhere = |receipt: &str, key: &str| {
            let mut command = program();
            command.args(["receipt", "verify", receipt, "--key", key]);
            command.args(["--data", "/nowhere/at/all"]);
            command.output().unwrap().status.code()
        };
        assert_eq!(elsewhere(&receipt, key.trim()), Some(0));
        assert_eq!(elsewhere(&forged(&receipt), key.trim()), Some(3));
        let mut others = (0..=255)
            .map(|n| ketuk_wire::SigningKey::from_seed(&[n; 32]).public())
            .map(|key| key.to_string());
        let hyphened = others.clone().find(|key| key.starts_with('-')).unwrap();
        for other in [others.next().unwrap(), hyphened] {
            assert_eq!(elsewhere(&receipt, &other), Some(3), "another server's");
        }
        assert_eq!(elsewhere(&receipt, "no key"), Some(1));
    });
}

#[test]
fn a_page_for_everybody_says_the_same_and_nothing_of_anybody() {
    on_each_database(|world| {
        let receipt = receipt_of_a_visit(world);
        let anybody = Browser::new(world);
        let form = anybody.page("/receipt");
        let key = world.phone(0).welcome.server_key.to_string();
        assert!(form.contains(&key));
        let show = |receipt: &str| {
            let page = anybody.post("/receipt", &[("receipt", receipt)]);
            assert_eq!(page.status, StatusCode::OK);
            for secret in ["Kepala", NIK, "Ana", "Dembe", receipt] {
                assert!(!page.text.contains(secret), "{secret}");
            }
            text_of(&page.text)
        };
        let said = show(&receipt);
        assert!(
            said.contains("✓ Sah, dan isiannya ada di server ini."),
            "{said}"
        );
        assert!(said.contains("20 Juli 2023, 08.0"), "{said}");
        assert!(said.contains("revisi 1"), "{said}");
        for wrong in [
            forged(&receipt),
            "KETUK1.ABC".into(),
            "\u{0}\u{202e}<b>".into(),
        ] {
            let said = show(&wrong);
            assert!(
                said.contains("✗ Bukan tanda terima dari server ini"),
                "{said}"
            );
        }
        let english = Browser::new(world);
        english.get("/language/en");
        let page = english.post("/receipt", &[("receipt", &receipt)]);
        assert!(text_of(&page.text).contains("✓ Valid, and the entry is on this server."));
    });
}

#[test]
fn who_guesses_receipts_is_made_to_wait() {
    on_each_database(|world| {
        let guesser = Browser::new(world);
        let said: Vec<StatusCode> = (0..61)
            .map(|_| guesser.post("/receipt", &[("receipt", "KETUK1.A")]).status)
            .collect();
        assert!(said[..60].iter().all(|status| *status == StatusCode::OK));
        assert_eq!(said[60], StatusCode::TOO_MANY_REQUESTS);
    });
}

#[test]
fn the_receipt_of_an_entry_that_needs_a_look_says_so() {
    on_each_database(|world| {
        let mut ana = world.phone(0);
        let family = super::world::listed(ana.rt.as_str(), 1).id;
        let ops = [ana.op(family, 0, r#"{"outcome":"99"}"#)];
        let answer = ana.send(&ops);
        let receipt = ana.receipts(&ops, &answer)[0].to_string();
        let (said, code) = verified(world, &[&receipt], None);
        assert_eq!(code, 0);
        assert!(
            said.contains("as an entry beside the revisions, receipt "),
            "{said}"
        );
    });
}
