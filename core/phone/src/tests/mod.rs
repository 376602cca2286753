//! The phone in a cadre's hands: visits, the list, her figures.

mod copies;
mod details;
mod enrolling;
mod figures;
mod history;
mod parcels;
mod visits;

use std::path::Path;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::Offset;
use ketuk_form::{Answer, Item, Screen};
use ketuk_wire::{Change, Comment, Correction, PullPage, Sha256, Target};
use tempfile::TempDir;
use uuid::Uuid;

use crate::testing::http::{Reply, serve};
use crate::testing::{Server, answer, area, form_ref, household, id, noon};
use crate::{
    Clock, Error, Filter, Finish, HouseholdState, LinkFault, Moment, Phone, Setup, Step,
    SyncCancel, SyncEnd, SyncReport, Visit,
};

/// A clock that stands until somebody sets it.
struct Standing(Mutex<Moment>);

impl Standing {
    fn at(wall: Timestamp) -> Arc<Standing> {
        let steady = Duration::ZERO;
        Arc::new(Standing(Mutex::new(Moment { wall, steady })))
    }

    fn set(&self, time: &str) {
        self.0.lock().unwrap().wall = time.parse().unwrap();
    }
}

impl Clock for Standing {
    fn now(&self) -> Moment {
        *self.0.lock().unwrap()
    }

    fn offset(&self) -> Offset {
        Offset::from_hours(8).unwrap()
    }
}

const SURVEY: &str = "\
type,name,label::Bahasa Indonesia (id),label::English (en),constraint,constraint_message::Bahasa Indonesia (id),required,ketuk::role
hidden,rt,,,,,,
hidden,ctx_baru,,,,,,
begin_group,kunjungan,Kunjungan,Visit,,,,
select_one hasil,hasil,Hasil kunjungan,Result of the visit,,,yes,outcome
end_group,,,,,,,
begin_group,rumah,Rumah,House,,,,
text,nomor,Nomor keluarga,Family number,,,,family_number
text,kepala,Nama kepala keluarga,Head's name,,,yes,head_name
text,alamat,Alamat,Address,,,,address
end_group,,,,,,,
begin_repeat,anggota,Anggota,Members,,,,members
text,nama,Nama,Name,,,,member_name
integer,umur,Umur,Age,. < 130,Umur paling tinggi 129.,,
end_repeat,,,,,,,
";

const CHOICES: &str = "\
list_name,name,label::Bahasa Indonesia (id),label::English (en)
hasil,1,Ditemui,Met
hasil,6,Menolak,Refused
hasil,9,Keluarga baru,New family
";

fn questionnaire(version: &str) -> Vec<u8> {
    questionnaire_of(SURVEY, version)
}

fn questionnaire_of(survey: &str, version: &str) -> Vec<u8> {
    let settings = format!(
        "form_id,version,form_title,default_language\nuji,{version},Uji,Bahasa Indonesia (id)\n"
    );
    let sheets = serde_json::json!({
        "survey.csv": survey, "choices.csv": CHOICES, "settings.csv": settings,
    });
    sheets.to_string().into_bytes()
}

const LAST_YEAR: &str = r#"{"kunjungan":{"hasil":"1"},"rumah":{"nomor":"001","kepala":"Contoh Satu","alamat":"Jl. Contoh 1"},"anggota":[{"_id":"k3f9a0xz","nama":"Contoh Satu","umur":40}]}"#;

/// A phone with two listed families, of one of which last year's answers are known.
struct Field {
    folder: TempDir,
    clock: Arc<Standing>,
    server: Server,
    phone: Phone,
}

impl Field {
    fn new() -> Field {
        Field::with(questionnaire("1"))
    }

    fn with(questionnaire: Vec<u8>) -> Field {
        let folder = tempfile::tempdir().unwrap();
        let clock = Standing::at(noon());
        let mut server = Server::new();
        server.form = questionnaire;
        let mut known = household(id(1), 1, "Contoh Satu");
        known.document = Some(serde_json::value::RawValue::from_string(LAST_YEAR.into()).unwrap());
        let mut bare = household(id(2), 2, "Contoh Dua");
        bare.document = None;
        server.changes = vec![
            Change::Household(known),
            Change::Household(bare),
            Change::Form {
                form: form_ref(),
                sha256: Sha256::of(&server.form),
            },
            Change::Target(Target {
                area: area(),
                families: 4,
            }),
            Change::Area(ketuk_wire::Area {
                code: area(),
                name: "RT 005".into(),
            }),
        ];
        let phone = open(folder.path(), &clock);
        phone
            .enrolled("https://server.test", &server.enrolment())
            .unwrap();
        let mut field = Field {
            folder,
            clock,
            server,
            phone,
        };
        assert_eq!(field.sync().end, SyncEnd::Done);
        field
    }

    fn sync(&mut self) -> SyncReport {
        let mut engine = self.phone.engine(1);
        loop {
            match engine.poll(self.clock.now()).unwrap() {
                Step::Done(report) => return report,
                Step::Wait(until) => panic!("waits until {until:?}"),
                Step::Send(request) => {
                    let response = self.server.handle(&request);
                    engine.received(self.clock.now(), &response).unwrap();
                }
            }
        }
    }

    /// The app is killed and started again.
    fn killed(&mut self) {
        self.phone = open(self.folder.path(), &self.clock);
    }

    fn visit(&self, household: Uuid) -> Visit {
        self.phone.households().visit(household).unwrap()
    }

    fn state(&self, household: Uuid) -> HouseholdState {
        let detail = self.phone.households().detail(household, "id");
        detail.unwrap().row.state
    }

    fn take(&self, changes: Vec<Change>) {
        let page = PullPage {
            changes,
            cursor: self.server.changes.len().to_string(),
            more: false,
        };
        self.phone.take_page(&page).unwrap();
    }

    fn listed(&self) -> Vec<(String, HouseholdState)> {
        let page = self.phone.households().page(&Filter::default(), None, 50);
        let rows = page.unwrap().rows.into_iter();
        rows.map(|row| (row.head, row.state)).collect()
    }
}

fn open(folder: &Path, clock: &Arc<Standing>) -> Phone {
    let setup = Setup {
        clock: Arc::clone(clock) as _,
        ..Setup::new("test", 480)
    };
    Phone::open(folder, [7; 32], setup).unwrap()
}

fn text(text: &str) -> Answer {
    Answer::Text(text.into())
}

fn met(visit: &mut Visit) {
    let choice = Answer::Choice("1".into());
    visit.answer("kunjungan/hasil", choice).unwrap();
}

fn saved(finish: Finish) -> crate::HouseholdRow {
    match finish {
        Finish::Saved(row) => row,
        Finish::Unfinished(problems) => panic!("not finished: {problems:?}"),
    }
}

fn questions(screen: &Screen) -> Vec<(&str, &Answer)> {
    let questions = screen.items.iter().filter_map(|item| match item {
        Item::Question(question) => Some((question.path.as_str(), &question.value)),
        _ => None,
    });
    questions.collect()
}
