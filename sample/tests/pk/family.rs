//! A family to try the rules on: head, wife and a daughter of ten, filled in full.

use jiff::civil::{Date, date};
use ketuk_form::{Answer, Control, Go, Gravity, Item, Problem, Question, Session};
use ketuk_sample::Hands;
use ketuk_wire::AreaCode;
use serde_json::Value;

use crate::common::{DAY, context, pk};

/// Answered by typing rather than by choosing.
const TYPED: [&str; 24] = [
    "kali_kunjungan",
    "catatan_kunjungan",
    "no_keluarga",
    "no_rumah",
    "alamat",
    "telepon",
    "no_kk",
    "nama",
    "nik",
    "tgl_lahir",
    "usia_kawin",
    "kode_ibu",
    "melahirkan",
    "lahir_l",
    "lahir_p",
    "hidup_l",
    "hidup_p",
    "anak_ideal",
    "minggu_hamil",
    "pakai_sejak",
    "pernah_mulai",
    "pernah_berhenti",
    "luas_rumah",
    "orang_menetap",
];

const HOUSE: &[(&str, &str)] = &[
    ("keluarga/no_keluarga", "14"),
    ("keluarga/alamat", "Jl. Rambutan No. 7"),
];

const HEAD: &[(&str, &str)] = &[
    ("siapa/nama", "Budi Katili"),
    ("identitas/nik", "7571011503780001"),
    ("identitas/jk", "1"),
    ("identitas/tgl_lahir", "1978-03-15"),
    ("identitas/akta_lahir", "1"),
    ("perkawinan/hubungan", "1"),
    ("perkawinan/kawin", "2"),
    ("perkawinan/usia_kawin", "26"),
    ("sosial/agama", "1"),
    ("sosial/pekerjaan", "3"),
    ("sosial/pendidikan", "8"),
    ("sosial/jaminan", "1"),
    ("sosial/keberadaan", "1"),
];

const WIFE: &[(&str, &str)] = &[
    ("siapa/nama", "Siti Gobel"),
    ("identitas/nik", "7571016008850002"),
    ("identitas/jk", "2"),
    ("identitas/tgl_lahir", "1985-08-20"),
    ("identitas/akta_lahir", "1"),
    ("perkawinan/hubungan", "2"),
    ("perkawinan/kawin", "2"),
    ("perkawinan/usia_kawin", "20"),
    ("sosial/agama", "1"),
    ("sosial/pekerjaan", "4"),
    ("sosial/pendidikan", "8"),
    ("sosial/jaminan", "1"),
    ("sosial/keberadaan", "1"),
    ("kb/kelahiran/melahirkan", "1"),
    ("kb/kelahiran/lahir_l", "0"),
    ("kb/kelahiran/lahir_p", "1"),
    ("kb/kelahiran/hidup_l", "0"),
    ("kb/kelahiran/hidup_p", "1"),
    ("kb/kelahiran/anak_ideal", "2"),
    ("kb/kehamilan/hamil", "2"),
    ("kb/kehamilan/ingin_anak", "3"),
    ("kb/pemakaian/pakai_kb", "1"),
    ("kb/pemakaian/pakai_sejak", "2020-01-01"),
    ("kb/pemakaian/jenis_kb", "5"),
    ("kb/layanan/sumber_kb", "3"),
    ("kb/layanan/jelas_jenis", "1"),
    ("kb/layanan/jelas_efek", "1"),
    ("kb/layanan/jelas_tindakan", "2"),
];

const CHILD: &[(&str, &str)] = &[
    ("siapa/nama", "Ayu Katili"),
    ("identitas/nik", "7571015005130003"),
    ("identitas/jk", "2"),
    ("identitas/tgl_lahir", "2013-05-10"),
    ("identitas/akta_lahir", "1"),
    ("perkawinan/hubungan", "3"),
    ("perkawinan/kawin", "1"),
    ("perkawinan/kode_ibu", "2"),
    ("sosial/agama", "1"),
    ("sosial/pekerjaan", "1"),
    ("sosial/pendidikan", "3"),
    ("sosial/jaminan", "1"),
    ("sosial/keberadaan", "1"),
];

const LIFE: &[(&str, &str)] = &[
    ("pembangunan/ketenteraman/ibadah", "1"),
    ("pembangunan/ketenteraman/buku_nikah", "1"),
    ("pembangunan/ketenteraman/tegur_sapa", "2"),
    ("pembangunan/ketenteraman/pisah_ranjang", "2"),
    ("pembangunan/ketenteraman/minggat", "2"),
    ("pembangunan/ketenteraman/kdrt", "2"),
    ("pembangunan/kemandirian/penghasilan", "1"),
    ("pembangunan/kemandirian/makan_beragam", "1"),
    ("pembangunan/kemandirian/tabungan", "2"),
    ("pembangunan/kemandirian/sakit", "2"),
    ("pembangunan/kemandirian/media_online", "1"),
    ("pembangunan/kemandirian/interaksi", "1"),
    ("pembangunan/kemandirian/asuh_bersama", "1"),
    ("pembangunan/kemandirian/rekreasi", "2"),
    ("pembangunan/kemandirian/gotong_royong", "1"),
    ("pembangunan/kegiatan/bkr", "2"),
    ("pembangunan/kegiatan/pik_r", "2"),
    ("pembangunan/kegiatan/uppka", "2"),
    ("pembangunan/kegiatan/mekaar", "2"),
    ("pembangunan/kegiatan/pkh", "1"),
    ("pembangunan/kegiatan/program_lain", "2"),
    ("pembangunan/rumah/atap", "3"),
    ("pembangunan/rumah/dinding", "1"),
    ("pembangunan/rumah/lantai", "2"),
    ("pembangunan/rumah/penerangan", "1"),
    ("pembangunan/rumah/air_minum", "1"),
    ("pembangunan/rumah/jamban", "1"),
    ("pembangunan/hunian/luas_rumah", "54"),
    ("pembangunan/hunian/orang_menetap", "3"),
    ("pembangunan/hunian/bahan_bakar", "1"),
    ("pembangunan/hunian/status_rumah", "1"),
    ("pembangunan/informasi/info_kb", "1"),
    ("pembangunan/informasi/media_kb", "2 3"),
    ("pembangunan/informasi/info_petugas", "2"),
];

fn area() -> AreaCode {
    "75.71.01.1001.002.005".parse().unwrap()
}

/// A form being filled. Members are called `kepala`, `istri` and `anak` in paths; those who join
/// later by the name they were given.
pub(crate) struct Family {
    session: Session,
    members: Vec<(String, String)>,
}

impl Family {
    /// Nothing answered yet.
    pub(crate) fn empty(new: bool) -> Family {
        let session = Session::new(pk(), context(&area(), DAY, new));
        Family {
            session,
            members: Vec::new(),
        }
    }

    /// A family on no list, filled in full.
    pub(crate) fn new() -> Family {
        Family::filled(true)
    }

    /// A family on the list, filled in full, nobody's situation changed.
    pub(crate) fn listed() -> Family {
        let mut family = Family::filled(false);
        for member in ["kepala", "istri", "anak"] {
            family.set(&format!("{member}/siapa/perubahan"), "0");
        }
        family
    }

    fn filled(new: bool) -> Family {
        let mut family = Family::empty(new);
        family.set("kunjungan/hasil", if new { "9" } else { "1" });
        family.set("kunjungan/responden", "1");
        family.set_all("", HOUSE);
        for (name, answers) in [("kepala", HEAD), ("istri", WIFE), ("anak", CHILD)] {
            family.join(name, answers);
        }
        family.set_all("", LIFE);
        family
    }

    /// Adds a member with some answers.
    pub(crate) fn join(&mut self, name: &str, answers: &[(&str, &str)]) {
        let members = self.members.len();
        let path = self.session.row("anggota", members).unwrap();
        self.members.push((name.to_owned(), path));
        self.set_all(&format!("{name}/"), answers);
    }

    /// A family to which every question of block III applies: with a child of three and a
    /// grandmother.
    pub(crate) fn of_three_generations() -> Family {
        let mut family = Family::new();
        family.join_like_the_child("kecil", "7571015002200004");
        family.set("kecil/identitas/tgl_lahir", "2020-02-10");
        family.set("kecil/sosial/pendidikan", "1");
        family.join_like_the_child("nenek", "7571014107500005");
        family.set("nenek/identitas/tgl_lahir", "1950-07-01");
        family.set("nenek/perkawinan/hubungan", "4");
        family.set("nenek/perkawinan/kawin", "4");
        family.set("nenek/perkawinan/usia_kawin", "18");
        for item in ["posyandu", "bkb", "bkl"] {
            family.set(&format!("pembangunan/kegiatan/{item}"), "2");
        }
        family
    }

    /// Adds a member with the daughter's answers, but for her NIK, which is the one given.
    pub(crate) fn join_like_the_child(&mut self, name: &str, nik: &str) {
        self.join(name, CHILD);
        self.set(&format!("{name}/identitas/nik"), nik);
    }

    pub(crate) fn leave(&mut self, name: &str) {
        let path = self.path(name);
        self.session.remove(&path).unwrap();
    }

    fn set_all(&mut self, before: &str, answers: &[(&str, &str)]) {
        for (path, value) in answers {
            self.set(&format!("{before}{path}"), value);
        }
    }

    /// Answers a question; an empty text takes the answer away.
    pub(crate) fn set(&mut self, path: &str, value: &str) {
        let name = path.rsplit('/').next().unwrap();
        let answer = match name {
            _ if value.is_empty() => Answer::Empty,
            "media_kb" | "petugas_kb" => {
                Answer::Choices(value.split(' ').map(str::to_owned).collect())
            }
            name if TYPED.contains(&name) => Answer::Text(value.to_owned()),
            _ => Answer::Choice(value.to_owned()),
        };
        let real = self.path(path);
        self.session
            .answer(&real, answer)
            .unwrap_or_else(|error| panic!("{path}: {error}"));
    }

    /// Answers a question unless the form answers it by itself.
    pub(crate) fn set_if_asked(&mut self, path: &str, value: &str) {
        if !self.sets_itself(path) {
            self.set(path, value);
        }
    }

    /// The same family with one more answer.
    pub(crate) fn with(mut self, path: &str, value: &str) -> Family {
        self.set(path, value);
        self
    }

    pub(crate) fn note(&mut self, path: &str, text: &str) {
        let real = self.path(path);
        self.session.note(&real, text).unwrap();
    }

    fn path(&self, path: &str) -> String {
        let (first, rest) = path
            .split_once('/')
            .map_or((path, ""), |(first, rest)| (first, rest));
        match self.members.iter().find(|(name, _)| name == first) {
            Some((_, row)) if rest.is_empty() => row.clone(),
            Some((_, row)) => format!("{row}/{rest}"),
            None => path.to_owned(),
        }
    }

    fn problem(&self, path: &str, gravity: Gravity) -> Option<String> {
        let real = self.path(path);
        let found = |p: &Problem| p.path == real && p.severity == gravity;
        self.session
            .problems()
            .into_iter()
            .find(found)
            .map(|p| p.message)
    }

    /// What hard check the answer fails, in words.
    pub(crate) fn error(&self, path: &str) -> Option<String> {
        self.problem(path, Gravity::Hard)
    }

    /// What is doubtful about the answer, in words.
    pub(crate) fn warning(&self, path: &str) -> Option<String> {
        self.problem(path, Gravity::Soft)
    }

    /// The question as it stands on its page; `None` if it is not asked.
    pub(crate) fn question(&mut self, path: &str) -> Option<Question> {
        let real = self.path(path);
        self.questions()
            .into_iter()
            .find(|question| question.path == real)
    }

    /// The answer as the screen has it.
    pub(crate) fn shown(&mut self, path: &str) -> String {
        match self.question(path).map(|question| question.value) {
            Some(Answer::Text(text) | Answer::Choice(text)) => text,
            other => panic!("{path} shows {other:?}"),
        }
    }

    /// The codes that the question offers.
    pub(crate) fn offered(&mut self, path: &str) -> Vec<String> {
        let control = self.question(path).map(|question| question.control);
        match control {
            Some(Control::Choice(of) | Control::Choices(of)) => {
                of.choices.into_iter().map(|choice| choice.code).collect()
            }
            other => panic!("{path} is answered by {other:?}"),
        }
    }

    /// Whether the question is answered by itself with "Tidak berlaku".
    pub(crate) fn sets_itself(&mut self, path: &str) -> bool {
        let question = self
            .question(path)
            .unwrap_or_else(|| panic!("{path} is not asked"));
        let words = question.not_applicable.as_deref();
        let expected = question.read_only.then_some("Tidak berlaku");
        assert_eq!(words, expected, "{path}");
        question.read_only
    }

    pub(crate) fn asks(&mut self, path: &str) -> bool {
        self.question(path).is_some()
    }

    /// The finished document.
    pub(crate) fn finished(&self) -> Value {
        let document = self
            .session
            .finish()
            .unwrap_or_else(|problems| panic!("{problems:#?}"));
        serde_json::from_str(document.as_str()).unwrap()
    }

    /// Where finishing is refused: paths of the problems.
    pub(crate) fn refused(&self) -> Vec<String> {
        let problems = self.session.finish().err().unwrap_or_default();
        problems.into_iter().map(|p| p.path).collect()
    }

    /// The same visit, taken up again on another day.
    pub(crate) fn resumed_on(self, day: Date) -> Family {
        let draft = self.session.draft();
        let session = Session::resume(pk(), &draft, context(&area(), day, false)).unwrap();
        Family { session, ..self }
    }

    /// The visit a year after this one, which starts from its document.
    pub(crate) fn next_year(&self) -> Family {
        Family {
            members: self.members.clone(),
            ..Family::update_of(&self.finished())
        }
    }

    /// A visit in July 2024 that starts from a document.
    pub(crate) fn update_of(last: &Value) -> Family {
        let facts = context(&area(), date(2024, 7, 3), false);
        Family {
            session: Session::update_of(pk(), last, facts),
            members: Vec::new(),
        }
    }

    /// How many rows the list of members has.
    pub(crate) fn members_listed(&self) -> usize {
        self.session.instances("anggota").len()
    }

    /// Every question on every page.
    pub(crate) fn questions(&mut self) -> Vec<Question> {
        let pages = self.session.contents().into_iter().map(|row| row.page);
        let items = pages.flat_map(|page| self.session.go(Go::Page(page)).items);
        items
            .filter_map(|item| match item {
                Item::Question(question) | Item::Note(question) => Some(question),
                Item::Heading { .. } | Item::Roster(_) => None,
            })
            .collect()
    }

    pub(crate) fn english(mut self) -> Family {
        assert!(self.session.set_language("English (en)"));
        self
    }
}
