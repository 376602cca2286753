//! Starting, and everything that keeps one from it: one sentence, an exit code, nothing touched.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ketuk-server"));
    command
        .env_remove("KETUK_DATABASE_URL")
        .env("KETUK_LOG", "warn");
    command
}

/// Starts the program and reads its first line.
fn spawn(mut command: Command) -> (Running, serde_json::Value) {
    let mut child = Running(command.stdout(Stdio::piped()).spawn().unwrap());
    let mut line = String::new();
    let out = child.0.stdout.take().unwrap();
    BufReader::new(out).read_line(&mut line).unwrap();
    let said = serde_json::from_str(&line).unwrap();
    (child, said)
}

fn serve(data: &Path, listen: &str) -> Output {
    let mut command = program();
    command
        .args(["serve", "--listen", listen, "--data"])
        .arg(data);
    command.output().unwrap()
}

/// What a start that failed said: one sentence.
fn sentence(output: &Output) -> String {
    assert!(!output.status.success());
    assert!(output.stdout.is_empty());
    let said = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(said.trim_end().lines().count(), 1, "{said}");
    said
}

/// A process that is gone when the test is.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn it_prints_where_it_is_and_the_password_once_and_stops_when_told() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let start = || {
        let mut command = program();
        command
            .args(["serve", "--json", "--listen", "127.0.0.1:0", "--data"])
            .arg(&data);
        spawn(command)
    };
    let (mut child, said) = start();
    assert!(
        said["address"]
            .as_str()
            .unwrap()
            .starts_with("http://127.0.0.1:")
    );
    assert_eq!(said["name"], "admin");
    assert_eq!(said["password"].as_str().unwrap().len(), 20);
    let terminated = Command::new("kill").arg(child.0.id().to_string()).status();
    assert!(terminated.unwrap().success());
    assert!(child.0.wait().unwrap().success(), "SIGTERM ends it well");
    let (_child, said) = start();
    assert_eq!(said["password"], serde_json::Value::Null, "never again");
}

#[test]
fn a_port_that_somebody_has() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let said = sentence(&serve(&data, &address));
    assert!(
        said.contains(&format!("can't listen on {address}")),
        "{said}"
    );
    assert!(!data.exists(), "nothing was made");
}

#[test]
fn a_folder_on_which_another_server_answers() {
    let folder = tempfile::tempdir().unwrap();
    let mut first = program();
    first
        .args(["serve", "--json", "--listen", "127.0.0.1:0", "--data"])
        .arg(folder.path());
    let (mut first, _) = spawn(first);
    let said = sentence(&serve(folder.path(), "127.0.0.1:0"));
    assert!(
        said.contains("another ketuk-server answers on it"),
        "{said}"
    );
    assert!(
        verify(folder.path()).status.success(),
        "the figures can be checked beside it"
    );
    // Even killed it leaves the folder free.
    first.0.kill().unwrap();
    first.0.wait().unwrap();
    let mut next = program();
    next.args(["serve", "--json", "--listen", "127.0.0.1:0", "--data"])
        .arg(folder.path());
    let (_next, said) = spawn(next);
    assert_eq!(said["password"], serde_json::Value::Null);
}

#[test]
fn a_public_url_that_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut command = program();
    command
        .args(["serve", "--public-url", "ketuk.example.id", "--data"])
        .arg(&data);
    let output = command.output().unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("like https://ketuk.example.id"), "{said}");
    assert!(!data.exists(), "nothing was made");
}

#[test]
fn a_database_that_is_somebody_elses() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ketuk.db");
    let connection = rusqlite::Connection::open(&file).unwrap();
    connection
        .execute_batch("CREATE TABLE theirs (a); INSERT INTO theirs VALUES (1)")
        .unwrap();
    drop(connection);
    let before = std::fs::read(&file).unwrap();
    let said = sentence(&serve(folder.path(), "127.0.0.1:0"));
    assert!(said.contains("is not a database of ketuk-server"), "{said}");
    assert_eq!(std::fs::read(&file).unwrap(), before, "untouched");
}

#[test]
fn a_file_that_is_no_database() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ketuk.db");
    std::fs::write(&file, "dear diary, ".repeat(1000)).unwrap();
    let said = sentence(&serve(folder.path(), "127.0.0.1:0"));
    assert!(said.contains("is not a database of ketuk-server"), "{said}");
    assert_eq!(
        std::fs::read_to_string(&file).unwrap(),
        "dear diary, ".repeat(1000)
    );
}

#[test]
fn a_database_of_a_newer_server() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = program();
    command
        .args(["serve", "--json", "--listen", "127.0.0.1:0", "--data"])
        .arg(folder.path());
    drop(spawn(command));
    let file = folder.path().join("ketuk.db");
    let connection = rusqlite::Connection::open(&file).unwrap();
    connection.pragma_update(None, "user_version", 999).unwrap();
    connection
        .pragma_update(None, "journal_mode", "delete")
        .unwrap();
    drop(connection);
    let before = std::fs::read(&file).unwrap();
    let said = sentence(&serve(folder.path(), "127.0.0.1:0"));
    assert!(said.contains("newer ketuk-server (schema 999"), "{said}");
    assert_eq!(std::fs::read(&file).unwrap(), before, "untouched");
}

fn verify(data: &Path) -> Output {
    let mut command = program();
    command.args(["verify", "--data"]).arg(data);
    command.output().unwrap()
}

#[test]
fn a_folder_that_can_not_be_one() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let said = sentence(&serve(&file.join("data"), "127.0.0.1:0"));
    assert!(said.contains("can't use"), "{said}");
}

#[test]
fn a_database_url_that_leads_nowhere_and_its_password_stays_secret() {
    let mut command = program();
    command.args(["serve", "--listen", "127.0.0.1:0"]);
    for url in [
        "postgres://ketuk:rahasia@127.0.0.1:1/ketuk",
        "postgres://ketuk:rahasia@[/ketuk",
        "rahasia",
    ] {
        let output = command.env("KETUK_DATABASE_URL", url).output().unwrap();
        let said = sentence(&output);
        assert!(!said.contains("rahasia"), "{said}");
        assert!(said.contains("database"), "{said}");
    }
}

#[test]
fn somebody_elses_postgres_database_is_left_alone() {
    super::world::on_each_database(|world| {
        let Some(url) = world.postgres_url() else {
            return;
        };
        let mut client = postgres::Client::connect(&url, postgres::NoTls).unwrap();
        client.batch_execute("DROP TABLE ketuk_schema").unwrap();
        let output = program()
            .args(["verify"])
            .env("KETUK_DATABASE_URL", &url)
            .output()
            .unwrap();
        assert!(sentence(&output).contains("is not a database of ketuk-server"));
        client
            .batch_execute(
                "CREATE TABLE ketuk_schema (version BIGINT); INSERT INTO ketuk_schema VALUES (999)",
            )
            .unwrap();
        let output = program()
            .args(["verify"])
            .env("KETUK_DATABASE_URL", &url)
            .output()
            .unwrap();
        assert!(sentence(&output).contains("newer ketuk-server (schema 999"));
    });
}

#[test]
fn killed_at_any_moment_it_has_everything_that_it_acknowledged() {
    super::world::on_each_database(|world| {
        let (ops, token) = {
            let mut ana = world.phone(0);
            let ops: Vec<_> = (0..400)
                .map(|_| ana.visit_of(uuid::Uuid::new_v4(), 0, 9))
                .collect();
            (ops, ana.token.clone())
        };
        let mut acks = Vec::new();
        for (kill_after, batches) in [3, 11, 7].into_iter().zip(ops.chunks(100)) {
            world.stop();
            let mut command = program();
            command.args(["serve", "--json", "--listen", "127.0.0.1:0"]);
            world.point(&mut command);
            let (mut child, said) = spawn(command);
            let address = said["address"].as_str().unwrap();
            world.address = address.trim_start_matches("http://").parse().unwrap();
            // Killed from beside, wherever in a batch that falls.
            let killer = std::thread::scope(|scope| {
                let (acked, phone) = (std::sync::mpsc::channel::<()>(), &world);
                let (told, heard) = acked;
                let killer = scope.spawn(move || {
                    for _ in 0..kill_after {
                        let _ = heard.recv();
                    }
                    let _ = child.0.kill();
                    child
                });
                for batch in batches.chunks(5) {
                    match phone.try_send(&token, batch) {
                        Some(answer) => acks.extend(answer.acks),
                        None => break,
                    }
                    let _ = told.send(());
                }
                drop(told);
                killer.join().unwrap()
            });
            drop(killer);
            world.start();
        }
        assert!(!acks.is_empty());
        let again = world.try_send(&token, &ops).unwrap();
        assert_eq!(again.acks.len(), ops.len());
        for ack in &acks {
            assert!(again.acks.contains(ack), "{} got another answer", ack.seq);
        }
        assert_eq!(world.server().verify().unwrap().entries, 400);
        world.assert_figures_agree();
    });
}

#[test]
fn checking_a_folder_without_a_database_says_so_and_makes_none() {
    let folder = tempfile::tempdir().unwrap();
    let mistaken = folder.path().join("mistaken");
    let said = sentence(&verify(&mistaken));
    assert!(said.contains("there is no database in"), "{said}");
    assert!(!mistaken.exists());
}
