//! The phone that is answered: the real core with entries that wait.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use http::Request;
use ketuk_phone::{Clock, Response, Step};
use ketuk_sample::SEED;
use ketuk_tests::cadre::{Cadre, Pocket, SampleDay};
use ketuk_wire::{PROTOCOL, PROTOCOL_HEADER};
use tempfile::TempDir;

use crate::office::Office;

/// Families that wait on a fresh phone.
const WAITING: u32 = 3;

/// Statuses with which somebody answers.
const STATUSES: [u16; 16] = [
    200, 204, 206, 302, 400, 401, 403, 404, 409, 410, 413, 422, 426, 429, 500, 503,
];

pub(crate) struct Phone {
    cadre: Cadre,
    clock: Arc<dyn Clock>,
    _folder: TempDir,
}

/// What a phone with entries sends and what the server answers, as JSON.
pub(crate) fn conversation() -> (String, String) {
    let office = Office::open();
    let phone = Phone::enrolled_at(&office);
    let mut engine = phone.cadre.phone().engine(1);
    let step = engine.poll(phone.clock.now()).expect("a step");
    let Step::Send(request) = step else {
        panic!("nothing is sent");
    };
    let text = |bytes: &[u8]| {
        let json = zstd::decode_all(bytes).expect("a message");
        String::from_utf8(json).expect("JSON")
    };
    let sent = text(&request.body);
    (sent, text(&Phone::asks(&office, request).body))
}

impl Phone {
    /// Runs `work` with the one phone of this process; with a fresh one once nothing waits on it any
    /// more that could be answered.
    pub(crate) fn with(work: impl FnOnce(&Phone)) {
        static PHONE: OnceLock<Mutex<Phone>> = OnceLock::new();
        let phone = PHONE.get_or_init(|| Mutex::new(Phone::fresh()));
        let mut phone = phone.lock().unwrap_or_else(PoisonError::into_inner);
        if phone.ready() == 0 {
            *phone = Phone::fresh();
        }
        work(&phone);
    }

    fn fresh() -> Phone {
        Phone::enrolled_at(&Office::open())
    }

    fn enrolled_at(office: &Office) -> Phone {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let campaign = ketuk_sample::Campaign::gorontalo(SEED);
        let clock: Arc<dyn Clock> = Arc::new(SampleDay::begin(&campaign).expect("a day"));
        let pocket = Pocket::new(Arc::clone(&clock), folder.path()).expect("a phone");
        let phone = Phone {
            cadre: pocket.open().expect("a phone"),
            clock,
            _folder: folder,
        };
        let welcome = office.welcome();
        let enrolled = phone.cadre.phone().enrolled("https://office.test", welcome);
        enrolled.expect("an enrolment");
        phone.gets_its_lists(office);
        for mut family in ketuk_sample::households(WAITING, 1) {
            family.area.clone_from(&welcome.cadre.areas[0]);
            let saved = phone.cadre.record_new(&family, campaign.today());
            saved.expect("a family");
        }
        phone
    }

    fn gets_its_lists(&self, office: &Office) {
        let mut engine = self.cadre.phone().engine(1);
        loop {
            match engine.poll(self.clock.now()).expect("a step") {
                Step::Done(_) => return,
                Step::Wait(_) => panic!("nothing to wait for"),
                Step::Send(request) => {
                    let response = Phone::asks(office, request);
                    engine
                        .received(self.clock.now(), &response)
                        .expect("a sound database");
                }
            }
        }
    }

    fn asks(office: &Office, request: ketuk_phone::Request) -> Response {
        let method = Request::builder().method(request.method);
        let mut asked = method.uri(request.path);
        for (name, value) in request.headers {
            if name != "authorization" {
                asked = asked.header(name, value);
            }
        }
        let answer = office.call(asked, request.body);
        let (head, body) = answer.into_parts();
        let headers = head.headers.iter().filter_map(|(name, value)| {
            Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
        });
        Response {
            status: head.status.as_u16(),
            headers: headers.collect(),
            body: body.to_vec(),
        }
    }

    /// Entries that would be sent.
    fn ready(&self) -> usize {
        let waiting = self.cadre.phone().waiting(None, 100).expect("a list");
        waiting.rows.iter().filter(|entry| !entry.held).count()
    }

    /// Entries that wait, those refused included.
    fn waiting(&self) -> usize {
        let waiting = self.cadre.phone().waiting(None, 100).expect("a list");
        waiting.rows.len()
    }

    /// Sends what waits and hears this.
    pub(crate) fn hears(&self, how: u8, body: Vec<u8>) {
        let waited = self.waiting();
        let mut engine = self.cadre.phone().engine(1);
        let step = engine.poll(self.clock.now()).expect("a step");
        if let Step::Send(_) = step {
            let ours = (PROTOCOL_HEADER.to_owned(), PROTOCOL.to_owned());
            let response = Response {
                status: STATUSES[usize::from(how) % STATUSES.len()],
                headers: vec![ours],
                body,
            };
            engine
                .received(self.clock.now(), &response)
                .expect("a sound database");
            let _ = engine.poll(self.clock.now()).expect("a step");
        }
        assert_eq!(
            self.waiting(),
            waited,
            "an entry counts as received, and the server never signed for it"
        );
    }
}
