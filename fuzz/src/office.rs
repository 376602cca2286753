//! The server that is thrown at: the real routes on a real database, without a socket.

use std::io::Write as _;
use std::path::PathBuf;
use std::sync::{Mutex, OnceLock, PoisonError};

use bytes::Bytes;
use http::{Request, Response, request};
use ketuk_server::{Clock, Local, Store};
use ketuk_tests::ledger::Place;
use ketuk_wire::{EnrolRequest, EnrolResponse, PublicKey};
use tempfile::TempDir;
use uuid::Uuid;

pub(crate) struct Office {
    server: Local,
    welcome: EnrolResponse,
    _folder: TempDir,
}

impl Office {
    /// Runs `work` with the one server of this process.
    pub(crate) fn with(work: impl FnOnce(&Office)) {
        static OFFICE: OnceLock<Mutex<Office>> = OnceLock::new();
        let office = OFFICE.get_or_init(|| Mutex::new(Office::open()));
        work(&office.lock().unwrap_or_else(PoisonError::into_inner));
    }

    pub(crate) fn open() -> Office {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let data: PathBuf = folder.path().join("office");
        let cadres = ketuk_soak::campaign::set_up(&Place::Sqlite(data.clone()), 1);
        let cadre = cadres.expect("a campaign").pop().expect("a cadre");
        let server = Local::open(&Store::Sqlite(data), Clock::system()).expect("a server");
        let enrol = EnrolRequest {
            code: cadre.code,
            device: Uuid::from_u128(1),
            cadre: None,
            model: "fuzz".into(),
            app: "0.1.0".into(),
        };
        let body = ketuk_wire::encode(&enrol).expect("a message");
        let request = Request::post("/v1/enrol")
            .header("content-encoding", "zstd")
            .body(Bytes::from(body))
            .expect("a request");
        let answer = server.call(request).expect("an answer");
        Office {
            welcome: ketuk_wire::decode(answer.body()).expect("a welcome"),
            server,
            _folder: folder,
        }
    }

    /// The answer to a request of the enrolled phone.
    pub(crate) fn call(&self, request: request::Builder, body: Vec<u8>) -> Response<Bytes> {
        let request = request
            .header("authorization", format!("Bearer {}", self.welcome.token))
            .body(Bytes::from(body))
            .expect("a request");
        let answer = self.server.call(request).expect("an answer");
        assert!(crate::is_ours(&answer), "an answer without our header");
        answer
    }

    /// What a phone got when it was enrolled.
    pub(crate) fn welcome(&self) -> &EnrolResponse {
        &self.welcome
    }

    pub(crate) fn key(&self) -> &PublicKey {
        &self.welcome.server_key
    }

    /// Sealed as a phone does.
    pub(crate) fn seal(&self, bytes: &[u8]) -> Vec<u8> {
        let recipient: age::x25519::Recipient =
            self.welcome.recipient.parse().expect("a recipient");
        let recipients = std::iter::once(&recipient as &dyn age::Recipient);
        let sealing = age::Encryptor::with_recipients(recipients).expect("one recipient");
        let mut sealed = sealing.wrap_output(Vec::new()).expect("memory");
        sealed.write_all(bytes).expect("memory");
        sealed.finish().expect("memory")
    }
}
