//! What a cadre does with her fingers: the way from one document to the next.

use ketuk_form::{Answer, Session};
use serde_json::Value;

/// One thing that the cadre does in an open visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Begins a row of a repeat: the empty one that the form opened with, or one more. Later paths
    /// name it by `row`, which the form doesn't know: see [`play`].
    Begin {
        /// The repeat's path.
        repeat: String,
        /// Its place in the repeat, from 0.
        nth: usize,
        /// The row's name in later steps.
        row: String,
    },
    /// Answers a question.
    Answer {
        /// The question's path.
        path: String,
        /// The answer.
        value: Typed,
    },
    /// Explains why a warning is not heeded.
    Note {
        /// The question's path.
        path: String,
        /// The explanation.
        text: String,
    },
}

/// An answer as it is given on a screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Typed {
    /// Text, a number or a date, as typed.
    Text(String),
    /// One choice, by its code.
    Choice(String),
    /// Several choices, by their codes.
    Choices(Vec<String>),
}

/// Whoever carries out steps: a form session, a phone, a screen.
pub trait Hands {
    /// What can go wrong.
    type Error;

    /// Gives the path of a repeat's row, `anggota[k3f9a0xz]`, by its place from 0. A row that is not
    /// there yet is added; places come in order.
    ///
    /// # Errors
    /// If the form has no such repeat.
    fn row(&mut self, repeat: &str, nth: usize) -> Result<String, Self::Error>;

    /// Answers a question.
    ///
    /// # Errors
    /// If the form has no such question.
    fn answer(&mut self, path: &str, value: &Typed) -> Result<(), Self::Error>;

    /// Explains a warning.
    ///
    /// # Errors
    /// If the form has no such question.
    fn note(&mut self, path: &str, text: &str) -> Result<(), Self::Error>;
}

impl Hands for Session {
    type Error = ketuk_form::Error;

    fn row(&mut self, repeat: &str, nth: usize) -> Result<String, Self::Error> {
        let there = self.instances(repeat).into_iter().nth(nth);
        there.map_or_else(|| self.add(repeat), Ok)
    }

    fn answer(&mut self, path: &str, value: &Typed) -> Result<(), Self::Error> {
        let answer = match value.clone() {
            Typed::Text(text) => Answer::Text(text),
            Typed::Choice(code) => Answer::Choice(code),
            Typed::Choices(codes) => Answer::Choices(codes),
        };
        Session::answer(self, path, answer).map(drop)
    }

    fn note(&mut self, path: &str, text: &str) -> Result<(), Self::Error> {
        Session::note(self, path, text).map(drop)
    }
}

/// Carries out the steps, and puts the paths that the form gave to new rows in place of those that
/// the steps call them by.
///
/// # Errors
/// The first that the hands meet.
pub fn play<H: Hands>(steps: &[Step], hands: &mut H) -> Result<(), H::Error> {
    let mut rows: Vec<(String, String)> = Vec::new();
    let real = |rows: &[(String, String)], path: &str| {
        rows.iter()
            .find_map(|(called, given)| {
                path.strip_prefix(called)
                    .map(|rest| format!("{given}{rest}"))
            })
            .unwrap_or_else(|| path.to_owned())
    };
    for step in steps {
        match step {
            Step::Begin { repeat, nth, row } => {
                rows.push((format!("{repeat}[{row}]"), hands.row(repeat, *nth)?))
            }
            Step::Answer { path, value } => hands.answer(&real(&rows, path), value)?,
            Step::Note { path, text } => hands.note(&real(&rows, path), text)?,
        }
    }
    Ok(())
}

/// Groups and questions that nobody types: the phone knows them, or the form works them out.
const BY_THEMSELVES: [&str; 12] = [
    "prov",
    "kab",
    "kec",
    "desa",
    "rw",
    "rt",
    "ctx_baru",
    "tanggal_kunjungan",
    "no",
    "ada",
    "umur",
    "periksa",
];

/// Asked anew each year: the form doesn't carry last year's answer over.
const ASKED_ANEW: [&str; 3] = ["kunjungan", "perubahan", "kehamilan"];

/// Answered by typing rather than by choosing.
const TYPED: [&str; 12] = [
    "catatan_kunjungan",
    "no_rumah",
    "alamat",
    "telepon",
    "no_kk",
    "nama",
    "nik",
    "tgl_lahir",
    "pakai_sejak",
    "pernah_mulai",
    "pernah_berhenti",
    "sumber_lain",
];

/// The steps that make `after` out of `before`, in the order of the form.
pub(crate) fn between(before: &Value, after: &Value) -> Vec<Step> {
    let mut steps = Vec::new();
    group(&mut steps, "", before, after);
    steps
}

fn group(steps: &mut Vec<Step>, path: &str, before: &Value, after: &Value) {
    let fields = after.as_object().into_iter().flatten();
    for (name, value) in fields.filter(|(name, _)| !BY_THEMSELVES.contains(&name.as_str())) {
        let old = match before.get(name) {
            Some(old) if !ASKED_ANEW.contains(&name.as_str()) => old,
            _ => &Value::Null,
        };
        match (name.as_str(), value) {
            ("_id", _) => {}
            ("_notes", notes) => explain(steps, notes),
            (name, Value::Object(_)) => group(steps, &join(path, name), old, value),
            (name, Value::Array(rows)) if rows.iter().any(Value::is_object) => {
                repeat(steps, name, old, rows)
            }
            (name, value) if value != old && !sets_itself(name, value, after) => {
                steps.push(Step::Answer {
                    path: join(path, name),
                    value: typed(name, value),
                })
            }
            _ => {}
        }
    }
}

fn repeat(steps: &mut Vec<Step>, name: &str, before: &Value, rows: &[Value]) {
    for (nth, row) in rows.iter().enumerate() {
        let id = row["_id"].as_str().unwrap_or_default();
        let known = before
            .as_array()
            .into_iter()
            .flatten()
            .find(|old| old["_id"] == row["_id"]);
        if known.is_none() {
            steps.push(Step::Begin {
                repeat: name.to_owned(),
                nth,
                row: id.to_owned(),
            });
        }
        group(
            steps,
            &format!("{name}[{id}]"),
            known.unwrap_or(&Value::Null),
            row,
        );
    }
}

fn explain(steps: &mut Vec<Step>, notes: &Value) {
    for (path, text) in notes.as_object().into_iter().flatten() {
        steps.push(Step::Note {
            path: path.clone(),
            text: text.as_str().unwrap_or_default().to_owned(),
        });
    }
}

/// "Tidak berlaku" in block III, and the children of a woman who never gave birth.
fn sets_itself(name: &str, value: &Value, page: &Value) -> bool {
    const APPLY_OR_NOT: [&str; 8] = [
        "buku_nikah",
        "pisah_ranjang",
        "asuh_bersama",
        "posyandu",
        "bkb",
        "bkr",
        "pik_r",
        "bkl",
    ];
    const OF_BIRTHS: [&str; 4] = ["lahir_l", "lahir_p", "hidup_l", "hidup_p"];
    (APPLY_OR_NOT.contains(&name) && value == "3")
        || (OF_BIRTHS.contains(&name) && page["melahirkan"] == 0)
}

fn typed(name: &str, value: &Value) -> Typed {
    let text = |value: &Value| {
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    };
    match value {
        Value::Array(codes) => Typed::Choices(codes.iter().map(text).collect()),
        Value::String(code) if !TYPED.contains(&name) => Typed::Choice(code.clone()),
        other => Typed::Text(text(other)),
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}/{name}")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn answer(path: &str, value: Typed) -> Step {
        Step::Answer {
            path: path.to_owned(),
            value,
        }
    }

    fn choice(path: &str, code: &str) -> Step {
        answer(path, Typed::Choice(code.to_owned()))
    }

    fn text(path: &str, typed: &str) -> Step {
        answer(path, Typed::Text(typed.to_owned()))
    }

    #[test]
    fn what_is_as_last_year_is_left_and_the_rest_is_typed() {
        let before = json!({"keluarga": {"alamat": "Jl. Palma", "no_keluarga": 3}});
        let after = json!({"keluarga": {"alamat": "Jl. Durian", "no_keluarga": 3}});
        assert_eq!(
            between(&before, &after),
            [text("keluarga/alamat", "Jl. Durian")]
        );
        assert_eq!(between(&after, &after), []);
    }

    #[test]
    fn what_is_asked_anew_each_year_is_typed_though_it_be_the_same() {
        let document = json!({"kunjungan": {"hasil": "1"}});
        assert_eq!(
            between(&document, &document),
            [choice("kunjungan/hasil", "1")]
        );
    }

    #[test]
    fn nobody_types_what_the_form_sets_by_itself() {
        let after = json!({
            "tanggal_kunjungan": "2023-07-20",
            "periksa": {"jumlah_anggota": 2},
            "kelahiran": {"melahirkan": 0, "lahir_l": 0},
            "kegiatan": {"posyandu": "3", "pkh": "1"},
        });
        assert_eq!(
            between(&Value::Null, &after),
            [
                text("kelahiran/melahirkan", "0"),
                choice("kegiatan/pkh", "1")
            ]
        );
    }

    #[test]
    fn a_row_that_was_not_there_is_begun_before_it_is_answered() {
        let before = json!({"anggota": [{"_id": "aaaaaaaa", "siapa": {"nama": "Siti"}}]});
        let after = json!({
            "anggota": [
                {"_id": "aaaaaaaa", "siapa": {"nama": "Siti"}},
                {"_id": "bbbbbbbb", "siapa": {"nama": "Ayu"}},
            ],
            "_notes": {"anggota[bbbbbbbb]/siapa/nama": "benar"},
        });
        let steps = between(&before, &after);
        assert_eq!(
            steps,
            [
                Step::Begin {
                    repeat: "anggota".to_owned(),
                    nth: 1,
                    row: "bbbbbbbb".to_owned()
                },
                text("anggota[bbbbbbbb]/siapa/nama", "Ayu"),
                Step::Note {
                    path: "anggota[bbbbbbbb]/siapa/nama".to_owned(),
                    text: "benar".to_owned()
                },
            ]
        );

        struct Seen(Vec<String>);
        impl Hands for Seen {
            type Error = std::convert::Infallible;
            fn row(&mut self, repeat: &str, _: usize) -> Result<String, Self::Error> {
                Ok(format!("{repeat}[given111]"))
            }
            fn answer(&mut self, path: &str, _: &Typed) -> Result<(), Self::Error> {
                self.0.push(path.to_owned());
                Ok(())
            }
            fn note(&mut self, path: &str, _: &str) -> Result<(), Self::Error> {
                self.0.push(path.to_owned());
                Ok(())
            }
        }
        let mut seen = Seen(Vec::new());
        assert_eq!(play(&steps, &mut seen), Ok(()));
        assert_eq!(
            seen.0,
            [
                "anggota[given111]/siapa/nama",
                "anggota[given111]/siapa/nama"
            ]
        );
    }
}
