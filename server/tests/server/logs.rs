//! What the logs say, and what they never say.

use std::io::Write;
use std::sync::{Arc, Mutex};

use tracing_subscriber::fmt::MakeWriter;

use super::world::{NIK, PASSWORD, cadres, on_each_database};

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Lines;

    fn make_writer(&'a self) -> Lines {
        self.clone()
    }
}

#[test]
fn at_their_most_talkative_the_logs_hold_nothing_of_a_family_and_no_secret() {
    let lines = Lines::default();
    // Of the whole process: other tests run beside this one and only say more.
    tracing_subscriber::fmt()
        .with_env_filter(ketuk_server::log_filter(Some("trace,reqwest=off")))
        .with_writer(lines.clone())
        .init();
    on_each_database(|world| {
        let (cadre, village) = &cadres()[0];
        let code = world.code_for(cadre, village);
        let token = world.enrol(&code, uuid::Uuid::new_v4()).unwrap().token;
        let mut ana = world.phone(0);
        let document = format!(r#"{{"outcome":"1","head_name":"Siti Rahasia","nik":"{NIK}"}}"#);
        let good = ana.op(super::world::listed(ana.rt.as_str(), 1).id, 0, &document);
        let bad = document.replace(NIK, "757101");
        let bad = ana.op(super::world::listed(ana.rt.as_str(), 2).id, 0, &bad);
        let mut other = good.clone();
        other.finished_at += jiff::SignedDuration::from_secs(1);
        ana.send(&[good, bad]);
        ana.send(&[other]);
        ana.pull_all(None, 1 << 20);
        world.post_raw("/v1/sync", Some(&token), document.into_bytes());
        let browser = super::office::Browser::signed_in(world);
        browser.sign_in("admin", "kata sandi salah");
        browser.page("/area/75.71.01.1001");
        let said = String::from_utf8_lossy(&lines.0.lock().unwrap()).into_owned();
        assert!(
            said.contains("an operation came again with other bytes"),
            "it does log"
        );
        for secret in [
            NIK,
            "757101\"",
            "Siti Rahasia",
            PASSWORD,
            "kata sandi salah",
            code.as_str(),
            token.as_str(),
            ana.token.as_str(),
        ] {
            assert!(!said.contains(secret), "the log has {secret:?}");
        }
    });
}
