//! The document of a visit, as `forms/pk` makes it.

pub(crate) mod home;

use jiff::civil::Date;
use ketuk_wire::{AreaCode, Level, Outcome};
use serde_json::{Map, Value};

use crate::dice::{Dice, For};
use crate::family::Family;
use crate::person::{Marital, Person, Tie};
use home::Needs;

/// Answers being put down, in the order of the form.
pub(crate) trait Answers {
    fn put(&mut self, name: &str, value: impl Into<Value>);

    /// A choice, whose code is text.
    fn put_code(&mut self, name: &str, code: u8) {
        self.put(name, code.to_string());
    }

    /// Several choices; none is no answer.
    fn put_codes(&mut self, name: &str, codes: &[u8]) {
        if !codes.is_empty() {
            self.put(name, codes.iter().map(u8::to_string).collect::<Vec<_>>());
        }
    }

    /// A page; an empty one is left out.
    fn put_group(&mut self, name: &str, page: Map<String, Value>) {
        if !page.is_empty() {
            self.put(name, Value::Object(page));
        }
    }
}

impl Answers for Map<String, Value> {
    fn put(&mut self, name: &str, value: impl Into<Value>) {
        self.insert(name.to_owned(), value.into());
    }
}

pub(crate) fn yes_no(yes: bool) -> &'static str {
    if yes { "1" } else { "2" }
}

/// What a visit is about, besides the family.
pub(crate) struct Facts<'a> {
    pub(crate) seed: u64,
    pub(crate) area: &'a AreaCode,
    pub(crate) number: u32,
    pub(crate) address: &'a str,
    pub(crate) day: Date,
    pub(crate) outcome: Outcome,
}

/// The finished document. The family is asked for only if somebody was met.
pub(crate) fn document(facts: &Facts<'_>, family: impl FnOnce() -> Family) -> Value {
    let dice = &mut Dice::of(facts.seed, For::Answers);
    let mut document = Map::new();
    for (name, level) in [
        ("prov", Level::Province),
        ("kab", Level::Regency),
        ("kec", Level::District),
        ("desa", Level::Village),
    ] {
        if let Some(area) = facts.area.at(level) {
            document.put(name, area.as_str());
        }
    }
    for (name, level) in [("rw", Level::Rw), ("rt", Level::Rt)] {
        if let Some(area) = facts.area.at(level) {
            document.put(name, format!("{:03}", area.ordinal()));
        }
    }
    if facts.outcome == Outcome::New {
        document.put("ctx_baru", "1");
    }
    document.put("tanggal_kunjungan", facts.day.to_string());
    if !facts.outcome.counts() {
        document.put_group("kunjungan", not_met(dice, facts.outcome));
        return Value::Object(document);
    }
    let family = family();
    let roster = Roster {
        people: &family.people,
        day: facts.day,
    };
    let mut visit = Map::new();
    visit.put_code("hasil", facts.outcome.code());
    visit.put(
        "responden",
        if roster.one(Tie::Wife).is_some() {
            "1"
        } else {
            "2"
        },
    );
    document.put_group("kunjungan", visit);
    document.put_group("keluarga", address(dice, facts));
    let members = (1..).zip(&family.people);
    let members = members.map(|(no, person)| member(facts, &family, no, person));
    document.put("anggota", members.collect::<Vec<_>>());
    document.put_group("periksa", roster.check());
    document.put_group(
        "pembangunan",
        family
            .home
            .answers(roster.here().count() as i64, |needs| roster.has(needs)),
    );
    document.put_group("_notes", notes(&family));
    Value::Object(document)
}

/// Why nobody could be asked.
fn not_met(dice: &mut Dice, outcome: Outcome) -> Map<String, Value> {
    let mut visit = Map::new();
    visit.put_code("hasil", outcome.code());
    let remark = match outcome {
        Outcome::Moved => {
            visit.put("pindah_ke", yes_no(dice.percent(35)));
            "Rumah sudah ditempati keluarga lain."
        }
        Outcome::Merged => {
            visit.put("ubah_keluarga", yes_no(dice.percent(60)));
            "Menurut tetangga, tinggal bersama orang tua."
        }
        Outcome::NotFound => {
            visit.put(
                "kali_kunjungan",
                dice.weighted(&[(1, 25), (2, 30), (3, 45)]),
            );
            "Rumah terkunci, tetangga tidak tahu."
        }
        Outcome::Refused => "Belum bersedia didata.",
        Outcome::Duplicate => "Sudah tercatat di nomor keluarga lain.",
        Outcome::Died => "Menurut ketua RT.",
        Outcome::Unknown | Outcome::Met | Outcome::New => "Ketua RT tidak mengenal keluarga ini.",
    };
    if dice.percent(50) {
        visit.put("catatan_kunjungan", remark);
    }
    visit
}

fn address(dice: &mut Dice, facts: &Facts<'_>) -> Map<String, Value> {
    let mut page = Map::new();
    page.put("no_keluarga", facts.number);
    if dice.percent(55) {
        page.put("no_rumah", dice.between(1, 140).to_string());
    }
    page.put("alamat", facts.address);
    if dice.percent(60) {
        page.put(
            "telepon",
            format!("08{}", dice.between(1_100_000_000, 5_999_999_999)),
        );
    }
    if dice.percent(85) {
        let district = district_digits(facts.area);
        page.put(
            "no_kk",
            format!(
                "{district}{:06}{:04}",
                dice.between(10_106, 311_223),
                dice.between(1, 9999)
            ),
        );
    }
    page
}

/// The area as a NIK or a KK begins: six digits of the district.
pub(crate) fn district_digits(area: &AreaCode) -> String {
    let district = area.at(Level::District);
    district
        .map(|d| d.as_str().replace('.', ""))
        .unwrap_or_default()
}

fn member(facts: &Facts<'_>, family: &Family, no: u32, person: &Person) -> Value {
    let mut row = Map::new();
    row.put("_id", person.id.as_str());
    let mut page = Map::new();
    page.put("nama", person.name.as_str());
    if facts.outcome != Outcome::New {
        page.put_code("perubahan", person.change as u8);
    }
    page.put("no", no.to_string());
    page.put_code("ada", u8::from(person.change.is_here()));
    row.put_group("siapa", page);
    if !person.change.is_here() {
        return Value::Object(row);
    }
    let day = facts.day;
    let mut page = Map::new();
    page.put("nik", person.nik.digits.as_str());
    page.put("jk", yes_no(!person.woman));
    page.put("tgl_lahir", person.born.to_string());
    page.put("umur", person.age(day).to_string());
    page.put("akta_lahir", yes_no(person.certificate));
    row.put_group("identitas", page);
    let mut page = Map::new();
    page.put_code("hubungan", person.tie as u8);
    page.put_code("kawin", person.marital as u8);
    if person.marital != Marital::Never {
        page.put("usia_kawin", person.married_at);
    }
    if person.tie == Tie::Child {
        page.put("kode_ibu", person.mother.map_or(0, |at| at + 1));
    }
    row.put_group("perkawinan", page);
    let mut page = Map::new();
    page.put_code("agama", person.religion);
    page.put_code("pekerjaan", person.job(day));
    page.put_code("pendidikan", person.schooling(day));
    page.put_code("jaminan", person.insurance);
    page.put_code("keberadaan", person.whereabouts);
    row.put_group("sosial", page);
    let kb = family.kb.as_ref().filter(|_| {
        person.woman && person.marital == Marital::Married && (10..=49).contains(&person.age(day))
    });
    if let Some(kb) = kb {
        row.put_group("kb", kb.answers());
    }
    Value::Object(row)
}

/// What speaks for itself on the page "Periksa".
struct Roster<'a> {
    people: &'a [Person],
    day: Date,
}

impl Roster<'_> {
    fn here(&self) -> impl Iterator<Item = &Person> {
        self.people.iter().filter(|p| p.change.is_here())
    }

    /// The member of this tie, with the roster number.
    fn one(&self, tie: Tie) -> Option<(i64, &Person)> {
        (1..)
            .zip(self.people)
            .find(|(_, p)| p.tie == tie && p.change.is_here())
    }

    fn count(&self, of: impl Fn(&Person) -> bool) -> i64 {
        self.here().filter(|p| of(p)).count() as i64
    }

    fn aged(&self, from: i64, to: i64) -> bool {
        self.here().any(|p| (from..=to).contains(&p.age(self.day)))
    }

    fn has(&self, needs: Needs) -> bool {
        let married = |tie| {
            self.one(tie)
                .is_some_and(|(_, p)| p.marital == Marital::Married)
        };
        match needs {
            Needs::Nothing => true,
            Needs::Couple => married(Tie::Head) && married(Tie::Wife),
            Needs::WifeOrChild => self.count(|p| matches!(p.tie, Tie::Wife | Tie::Child)) > 0,
            Needs::ChildTo5 => self.aged(0, 5),
            Needs::ChildTo6 => self.aged(0, 6),
            Needs::Young => self.aged(10, 24),
            Needs::Old => self.aged(60, i64::MAX),
        }
    }

    fn check(&self) -> Map<String, Value> {
        let mut page = Map::new();
        page.put("jumlah_anggota", self.here().count());
        page.put("jumlah_kepala", self.count(|p| p.tie == Tie::Head));
        page.put("jumlah_di_rumah", self.count(|p| p.whereabouts == 1));
        let head = self.one(Tie::Head);
        if let Some((_, head)) = head {
            page.put("nama_kepala", head.name.as_str());
        }
        page.put(
            "jumlah_istri",
            self.count(|p| p.tie == Tie::Wife).to_string(),
        );
        if let Some((no, _)) = self.one(Tie::Wife) {
            page.put("no_istri", no.to_string());
        }
        if let Some((no, _)) = head.filter(|(_, head)| head.woman) {
            page.put("no_kepala_perempuan", no.to_string());
        }
        for (name, needs) in [
            ("ada_pasangan", Needs::Couple),
            ("ada_istri_anak", Needs::WifeOrChild),
            ("ada_0_5", Needs::ChildTo5),
            ("ada_0_6", Needs::ChildTo6),
            ("ada_10_24", Needs::Young),
            ("ada_60", Needs::Old),
        ] {
            page.put_code(name, u8::from(self.has(needs)));
        }
        page
    }
}

/// The cadre's word on what the form warned of.
fn notes(family: &Family) -> Map<String, Value> {
    let mut notes = Map::new();
    let doubtful = |p: &&Person| p.change.is_here() && p.nik.date_differs;
    for person in family.people.iter().filter(doubtful) {
        let path = format!("anggota[{}]/identitas/tgl_lahir", person.id);
        notes.put(&path, "Sesuai KTP; menurut keluarga tanggal di NIK keliru.");
    }
    notes
}
