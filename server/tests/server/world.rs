//! A small campaign on a real server: two villages, three cadres, a questionnaire of five questions.
//!
//! Tests run on SQLite, and on PostgreSQL too if `KETUK_TEST_POSTGRES` holds the URL of a server on
//! which databases may be made.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use jiff::civil::date;
use jiff::{Timestamp, ToSpan};
use ketuk_server::{Clock, Error, Options, Running, Server, Setup, Store};
use ketuk_wire::{
    Ack, Area, AreaCode, Cadre, Campaign, Change, DeviceClock, EnrolCode, EnrolRequest,
    EnrolResponse, FormRef, Holding, Household, Op, Outgoing, Pull, Receipt, Refusal, Sha256,
    SyncRequest, SyncResponse, Target,
};
use reqwest::{Client, StatusCode};
use serde_json::json;
use serde_json::value::RawValue;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use uuid::Uuid;

pub(crate) const VILLAGE: &str = "75.71.01.1001";
pub(crate) const NEXT_VILLAGE: &str = "75.71.01.1002";
/// Ana's RT, in [`VILLAGE`].
pub(crate) const ANAS: &str = "75.71.01.1001.001.001";
/// Budi's RT, in [`VILLAGE`].
pub(crate) const BUDIS: &str = "75.71.01.1001.001.002";
/// Citra's RT, in [`NEXT_VILLAGE`].
pub(crate) const CITRAS: &str = "75.71.01.1002.001.001";
/// Families listed in each RT.
pub(crate) const LISTED: u64 = 12;
pub(crate) const PASSWORD: &str = "pintu depan terbuka";
pub(crate) const NIK: &str = "7571014501900001";

pub(crate) const SURVEY: &str = "\
type,name,label,required,constraint,ketuk::role,ketuk::carry
select_one hasil,outcome,Hasil kunjungan,yes,,outcome,no
text,family_number,Nomor,,,family_number,
text,head_name,Kepala keluarga,,,head_name,
text,address,Alamat,,. != ${head_name},address,
text,nik,NIK,,string-length(.) = 16,,
";

/// A server and all that is needed to talk to it.
pub(crate) struct World {
    pub(crate) runtime: Runtime,
    pub(crate) http: Client,
    running: Option<Running>,
    /// Where phones and browsers go.
    pub(crate) address: SocketAddr,
    pub(crate) store: Store,
    place: Place,
    pub(crate) form: FormRef,
}

/// Where a world's database is; gone with it.
pub(crate) enum Place {
    Folder(#[allow(dead_code, reason = "held for its Drop")] TempDir),
    Database { admin: String, name: String },
}

/// Runs a test on every database that there is.
pub(crate) fn on_each_database(test: impl Fn(&mut World)) {
    for place in Place::all() {
        let mut world = World::new(place);
        test(&mut world);
    }
}

impl Place {
    fn all() -> Vec<Place> {
        let mut places = vec![Place::Folder(tempfile::tempdir().unwrap())];
        if let Ok(admin) = std::env::var("KETUK_TEST_POSTGRES") {
            let name = format!("ketuk_test_{}", Uuid::new_v4().simple());
            let mut client = postgres::Client::connect(&admin, postgres::NoTls).unwrap();
            client
                .batch_execute(&format!("CREATE DATABASE {name}"))
                .unwrap();
            places.push(Place::Database { admin, name });
        }
        places
    }

    pub(crate) fn store(&self) -> Store {
        match self {
            Place::Folder(folder) => Store::Sqlite(folder.path().join("data")),
            Place::Database { admin, name } => {
                let (front, options) = admin.split_once('?').unwrap_or((admin, ""));
                let (server, _) = front.rsplit_once('/').unwrap();
                Store::Postgres(format!("{server}/{name}?{options}"))
            }
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Place::Database { admin, name } = self {
            let mut client = postgres::Client::connect(admin, postgres::NoTls).unwrap();
            client
                .batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)"))
                .unwrap();
        }
    }
}

/// The morning of the campaign's twentieth day, in Gorontalo.
pub(crate) fn morning() -> Timestamp {
    "2023-07-20T01:00:00Z".parse().unwrap()
}

pub(crate) fn code(text: &str) -> AreaCode {
    text.parse().unwrap()
}

pub(crate) fn sheets(version: &str) -> Vec<u8> {
    sheets_of(SURVEY, version)
}

pub(crate) fn sheets_of(survey: &str, version: &str) -> Vec<u8> {
    let outcomes: String = (1..=9).map(|n| format!("hasil,{n},Hasil {n}\n")).collect();
    json!({
        "survey.csv": survey,
        "choices.csv": format!("list_name,name,label\n{outcomes}"),
        "settings.csv": format!("form_title,form_id,version\nUji,uji,{version}\n"),
    })
    .to_string()
    .into_bytes()
}

pub(crate) fn campaign() -> Campaign {
    Campaign {
        id: Uuid::from_u128(7),
        title: "Pendataan uji".into(),
        first_day: date(2023, 7, 1),
        last_day: date(2023, 7, 31),
        synthetic: true,
        lock: ketuk_wire::PhoneLock::default(),
    }
}

pub(crate) fn cadre(n: u128, name: &str, rt: &str) -> Cadre {
    Cadre {
        id: Uuid::from_u128(n),
        name: name.into(),
        areas: vec![code(rt)],
    }
}

/// Ana, Budi and Citra.
pub(crate) fn cadres() -> [(Cadre, AreaCode); 3] {
    [
        (cadre(101, "Ana", ANAS), code(VILLAGE)),
        (cadre(102, "Budi", BUDIS), code(VILLAGE)),
        (cadre(103, "Citra", CITRAS), code(NEXT_VILLAGE)),
    ]
}

/// The n-th family listed in an RT, from 1.
pub(crate) fn listed(rt: &str, n: u64) -> Household {
    let digest = Sha256::of(format!("{rt} {n}").as_bytes());
    let id = Uuid::from_slice(&digest.as_bytes()[..16]).unwrap();
    let document = json!({"outcome": "1", "head_name": format!("Kepala {n}")}).to_string();
    Household {
        id,
        area: code(rt),
        number: n.to_string(),
        head: format!("Kepala {n}"),
        address: format!("Jalan {n}"),
        revision: 0,
        outcome: None,
        document: Some(RawValue::from_string(document).unwrap()),
    }
}

impl World {
    fn new(place: Place) -> World {
        let server = open(&place);
        let form = server.setup(set_up).unwrap();
        World::around(server, place, form)
    }

    /// The world of a server with another campaign than the small one.
    pub(crate) fn around(server: Server, place: Place, form: FormRef) -> World {
        // Another test of this process may have been first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        World {
            runtime: Runtime::new().unwrap(),
            http: Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .build()
                .unwrap(),
            address: server.address(),
            running: Some(server.run().unwrap()),
            store: place.store(),
            place,
            form,
        }
    }

    pub(crate) fn server(&self) -> &Running {
        self.running.as_ref().unwrap()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Stops the server and starts it again on the same database.
    pub(crate) fn restart(&mut self) {
        self.stop();
        self.start();
    }

    pub(crate) fn stop(&mut self) {
        self.running.take().unwrap().stop();
    }

    pub(crate) fn start(&mut self) {
        let server = Server::open(options(&self.store)).unwrap();
        self.address = server.address();
        self.running = Some(server.run().unwrap());
    }

    /// Runs SQL on the database behind the server's back.
    pub(crate) fn sql(&self, sqlite: &str, postgres: &str) {
        match (&self.store, &self.place) {
            (Store::Sqlite(folder), _) => {
                let connection = rusqlite::Connection::open(folder.join("ketuk.db")).unwrap();
                connection
                    .busy_timeout(std::time::Duration::from_secs(5))
                    .unwrap();
                connection.execute_batch(sqlite).unwrap();
            }
            (Store::Postgres(url), _) => {
                let mut client = postgres::Client::connect(url, postgres::NoTls).unwrap();
                client.batch_execute(postgres).unwrap();
            }
        }
    }

    /// The server's incarnation, as it stands in the database.
    pub(crate) fn epoch(&self) -> Vec<u8> {
        let sql = "SELECT value FROM meta WHERE name = 'epoch'";
        match &self.store {
            Store::Sqlite(folder) => {
                let connection = rusqlite::Connection::open(folder.join("ketuk.db")).unwrap();
                connection.query_row(sql, [], |row| row.get(0)).unwrap()
            }
            Store::Postgres(url) => {
                let mut client = postgres::Client::connect(url, postgres::NoTls).unwrap();
                client.query_one(sql, &[]).unwrap().get(0)
            }
        }
    }

    /// The file of an embedded database.
    pub(crate) fn database_file(&self) -> Option<std::path::PathBuf> {
        match &self.store {
            Store::Sqlite(folder) => Some(folder.join("ketuk.db")),
            Store::Postgres(_) => None,
        }
    }

    pub(crate) fn postgres_url(&self) -> Option<String> {
        match &self.store {
            Store::Sqlite(_) => None,
            Store::Postgres(url) => Some(url.clone()),
        }
    }

    /// Makes the program use this world's database.
    pub(crate) fn point(&self, command: &mut std::process::Command) {
        match &self.store {
            Store::Sqlite(folder) => command.arg("--data").arg(folder),
            Store::Postgres(url) => command.env("KETUK_DATABASE_URL", url),
        };
    }

    /// Sends entries to a server that may die meanwhile.
    pub(crate) fn try_send(&self, token: &str, ops: &[Op]) -> Option<SyncResponse> {
        let request = request(ops, None);
        let answer = self.runtime.block_on(async {
            let request = self
                .http
                .post(self.url("/v1/sync"))
                .header("content-encoding", "zstd")
                .bearer_auth(token)
                .body(ketuk_wire::encode(&request).unwrap());
            request.send().await.ok()?.bytes().await.ok()
        })?;
        Some(ketuk_wire::decode(&answer).unwrap())
    }

    pub(crate) fn code_for(&self, cadre: &Cadre, village: &AreaCode) -> EnrolCode {
        let expires = morning() + 48.hours();
        self.server()
            .setup(|setup| setup.invite(village, cadre.id, expires))
            .unwrap()
    }

    pub(crate) fn enrol(
        &self,
        code: &EnrolCode,
        device: Uuid,
    ) -> Result<EnrolResponse, (StatusCode, Refusal)> {
        let request = EnrolRequest {
            code: code.clone(),
            device,
            cadre: None,
            model: "Uji A1".into(),
            app: "0.1.0".into(),
        };
        self.post("/v1/enrol", None, ketuk_wire::encode(&request).unwrap())
    }

    /// A phone of Ana (0), Budi (1) or Citra (2), just enrolled.
    pub(crate) fn phone(&self, who: usize) -> Phone<'_> {
        let (cadre, village) = &cadres()[who];
        let device = Uuid::new_v4();
        let welcome = self.enrol(&self.code_for(cadre, village), device).unwrap();
        Phone {
            world: self,
            device,
            token: welcome.token.clone(),
            rt: cadre.areas[0].clone(),
            welcome,
            seq: 0,
            lived_to: 0,
        }
    }

    pub(crate) fn post<T: serde::de::DeserializeOwned>(
        &self,
        path: &str,
        token: Option<&str>,
        body: Vec<u8>,
    ) -> Result<T, (StatusCode, Refusal)> {
        let (status, body) = self.post_raw(path, token, body);
        if status.is_success() {
            Ok(ketuk_wire::decode(&body).unwrap())
        } else {
            Err((status, serde_json::from_slice(&body).unwrap()))
        }
    }

    pub(crate) fn post_raw(
        &self,
        path: &str,
        token: Option<&str>,
        body: Vec<u8>,
    ) -> (StatusCode, Vec<u8>) {
        self.runtime.block_on(async {
            let mut request = self
                .http
                .post(self.url(path))
                .header("content-encoding", "zstd")
                .body(body);
            if let Some(token) = token {
                request = request.bearer_auth(token);
            }
            let answer = request.send().await.unwrap();
            assert_eq!(
                answer.headers()[ketuk_wire::PROTOCOL_HEADER],
                ketuk_wire::PROTOCOL
            );
            (answer.status(), answer.bytes().await.unwrap().to_vec())
        })
    }

    /// What the server says of its own figures.
    pub(crate) fn assert_figures_agree(&self) {
        let found = self.server().verify().unwrap();
        assert_eq!(found.differences, Vec::<String>::new());
    }
}

/// A server on a place, as yet without a campaign.
pub(crate) fn open(place: &Place) -> Server {
    Server::open(options(&place.store())).unwrap()
}

fn options(store: &Store) -> Options {
    Options {
        clock: Clock::starting_at(morning()),
        admin_password: Some(PASSWORD.into()),
        ..Options::local(store.clone())
    }
}

pub(crate) fn set_up(setup: Setup<'_>) -> Result<FormRef, Error> {
    setup.campaign(&campaign())?;
    let form = setup.form(sheets("1"))?;
    let areas = [
        ("75", "GORONTALO"),
        ("75.71", "KOTA GORONTALO"),
        ("75.71.01", "Kota Barat"),
        (VILLAGE, "Dembe I"),
        (NEXT_VILLAGE, "Lekobalo"),
    ];
    let areas = areas.map(|(c, name)| Area {
        code: code(c),
        name: name.into(),
    });
    setup.areas(&areas)?;
    for (cadre, village) in cadres() {
        let target = Target {
            area: cadre.areas[0].clone(),
            families: LISTED - 2,
        };
        setup.cadre(&village, &cadre, &[target])?;
        let rt = cadre.areas[0].as_str();
        let households = (1..=LISTED).map(|n| listed(rt, n));
        setup.households(&village, households)?;
    }
    Ok(form)
}

/// A phone as the server sees one.
pub(crate) struct Phone<'w> {
    pub(crate) world: &'w World,
    pub(crate) device: Uuid,
    pub(crate) token: String,
    pub(crate) rt: AreaCode,
    pub(crate) welcome: EnrolResponse,
    pub(crate) seq: u64,
    /// Up to which number it knows that it lost a life.
    pub(crate) lived_to: u64,
}

fn request(ops: &[Op], pull: Option<Pull>) -> SyncRequest {
    SyncRequest {
        app: "0.1.0".into(),
        clock: DeviceClock { now: morning() },
        outgoing: Outgoing {
            high_seq: ops.iter().map(|op| op.seq).max().unwrap_or(0),
            lived_to: 0,
            waiting: ops.len() as u64,
            held: 0,
        },
        ops: ops.to_vec(),
        pull,
    }
}

pub(crate) type Answer = Result<SyncResponse, (StatusCode, Refusal)>;

impl Phone<'_> {
    /// A finished visit of the n-th listed family of the cadre's RT.
    pub(crate) fn visit(&mut self, n: u64, outcome: u8) -> Op {
        let family = listed(self.rt.as_str(), n).id;
        self.visit_of(family, 0, outcome)
    }

    pub(crate) fn visit_of(&mut self, family: Uuid, base: u64, outcome: u8) -> Op {
        let document = json!({
            "outcome": outcome.to_string(),
            "head_name": format!("Kepala {}", self.seq + 1),
            "nik": NIK,
        });
        self.op(family, base, &document.to_string())
    }

    pub(crate) fn op(&mut self, household: Uuid, base: u64, document: &str) -> Op {
        self.seq += 1;
        Op {
            op: Uuid::new_v4(),
            seq: self.seq,
            household,
            area: self.rt.clone(),
            base,
            form: self.world.form.clone(),
            started_at: morning(),
            finished_at: morning(),
            sha256: Sha256::of(document.as_bytes()),
            follows: None,
            corrects: None,
            blobs: Vec::new(),
            document: RawValue::from_string(document.to_owned()).unwrap(),
        }
    }

    pub(crate) fn request(&self, ops: &[Op], pull: Option<Pull>) -> SyncRequest {
        let mut request = request(ops, pull);
        request.outgoing.high_seq = self.seq;
        request.outgoing.lived_to = self.lived_to;
        request
    }

    /// The receipts of an answer for these entries, checked with the key from enrolment.
    pub(crate) fn receipts(&self, ops: &[Op], answer: &SyncResponse) -> Vec<Receipt> {
        let holding = |ack: &Ack| {
            let op = ops.iter().find(|op| op.seq == ack.seq).unwrap();
            Holding {
                household: op.household,
                revision: ack.revision,
                sha256: op.sha256,
                received_at: ack.received_at,
            }
        };
        let batch: Vec<Holding> = answer.acks.iter().map(holding).collect();
        let key = &self.welcome.server_key;
        ketuk_wire::receipts(&batch, answer.signature.unwrap(), key).unwrap()
    }

    pub(crate) fn ask(&self, request: &SyncRequest) -> Answer {
        let body = ketuk_wire::encode(request).unwrap();
        self.world.post("/v1/sync", Some(&self.token), body)
    }

    pub(crate) fn send(&self, ops: &[Op]) -> SyncResponse {
        self.ask(&self.request(ops, None)).unwrap()
    }

    pub(crate) fn pull(&self, cursor: Option<String>, max_bytes: u64) -> Answer {
        self.ask(&self.request(&[], Some(Pull { cursor, max_bytes })))
    }

    /// All pages from a cursor on, and where they end.
    pub(crate) fn pull_all(
        &self,
        mut cursor: Option<String>,
        max_bytes: u64,
    ) -> (Vec<Change>, String) {
        let mut changes = Vec::new();
        for _ in 0..1000 {
            let page = self.pull(cursor, max_bytes).unwrap().pull.unwrap();
            changes.extend(page.changes);
            if !page.more {
                return (changes, page.cursor);
            }
            cursor = Some(page.cursor);
        }
        panic!("a thousand pages and still more");
    }
}

/// The families among changes, by id; of one that comes twice, the last.
pub(crate) fn families(changes: &[Change]) -> BTreeMap<Uuid, &Household> {
    changes
        .iter()
        .filter_map(|change| match change {
            Change::Household(household) => Some((household.id, household)),
            _ => None,
        })
        .collect()
}
