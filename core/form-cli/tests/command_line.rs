//! The command line: what it prints, and how it exits.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a test says what fails by failing"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

struct Done {
    code: Option<i32>,
    out: String,
    err: String,
}

fn run(arguments: &[&str]) -> Done {
    let output = command(arguments).output().unwrap();
    Done {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ketuk-form"));
    command.args(arguments);
    command
}

/// A folder that goes when the test ends.
struct Folder(TempDir);

impl Folder {
    fn new() -> Folder {
        Folder(TempDir::new().unwrap())
    }

    fn put(&self, name: &str, text: impl AsRef<[u8]>) -> String {
        std::fs::write(self.0.path().join(name), text).unwrap();
        self.path(name)
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.0.path().join(name)).unwrap()
    }
}

fn in_form(path: &str) -> String {
    let folder: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../form");
    folder.join(path).to_str().unwrap().to_owned()
}

const FORM: &str = "\
survey,,,,,,,
,type,name,label,relevant,calculation,repeat_count,ketuk::warning
,hidden,kode,,,,,
,integer,umur,Umur,,,,. < 100
,text,nama,Nama,${umur} > 5,,,
,calculate,dobel,,,${umur} * 2,,
,begin repeat,anak,Anak,,,,
,text,nama_anak,Nama anak,,,,
,end repeat,,,,,,
settings,,,,,,,
,form_id,,,,,,
,uji,,,,,,
";

fn filled(folder: &Folder, answers: &Value, more: &[&str]) -> Done {
    let form = folder.put("form.csv", FORM);
    let answers = folder.put("answers.json", answers.to_string());
    let day = [
        "--today",
        "2023-07-20",
        "--seed",
        "7",
        "--language",
        "default",
    ];
    run(&[&["fill", &form, &answers], &day[..], more].concat())
}

/// The document without the ids of instances.
fn document(done: &Done) -> Value {
    assert_eq!(done.code, Some(0), "{}", done.err);
    let mut document: Value = serde_json::from_str(&done.out).unwrap();
    let instances = document.get_mut("anak").and_then(Value::as_array_mut);
    for instance in instances.into_iter().flatten() {
        let id = instance.as_object_mut().unwrap().remove("_id").unwrap();
        assert!(!id.as_str().unwrap().is_empty());
    }
    document
}

#[test]
fn a_form_is_checked_in_whatever_file_it_comes() {
    let forms = [
        "tests/data/small.xlsx",
        "tests/data/folder",
        "examples/ibu.csv",
    ];
    for form in forms {
        let done = run(&["check", &in_form(form)]);
        assert_eq!(
            (done.code, &*done.err),
            (Some(0), ""),
            "{form}: {}",
            done.out
        );
        let last = done.out.lines().last().unwrap_or_default();
        assert!(last.starts_with("no errors, "), "{form}: {}", done.out);
    }
}

#[test]
fn faults_are_named_with_their_cell_and_cure_and_the_exit_tells_of_errors_only() {
    let done = run(&["check", &in_form("tests/data/broken.xlsx")]);
    assert_eq!(done.code, Some(1));
    let lines: Vec<&str> = done.out.lines().collect();
    assert_eq!(
        lines,
        [
            "survey F5 (relevance): at character 1, there is no question `lua`. Did you mean `${luas}`?",
            "Choices D5 (value): the list `ya_tidak` has the code `1` twice. \
             Give each choice of a list a code of its own.",
            "warning: Choices D6 (value): the spreadsheet made a date of this cell: `2023-04-15`. \
             Format the cell as text, and write it again.",
            "2 errors, 1 warning",
        ]
    );
    let folder = Folder::new();
    let form = folder.put("form.csv", "type,name,label,relevnt\ntext,a,A,\n");
    let done = run(&["check", &form]);
    assert_eq!(done.code, Some(0));
    assert!(done.out.ends_with("no errors, 1 warning\n"), "{}", done.out);
}

#[test]
fn faults_come_as_json_for_programs() {
    let done = run(&["check", "--json", &in_form("tests/data/broken.xlsx")]);
    assert_eq!(done.code, Some(1));
    let faults: Value = serde_json::from_str(&done.out).unwrap();
    let first = &faults[0];
    assert_eq!(
        (
            &first["sheet"],
            &first["row"],
            &first["column"],
            &first["severity"]
        ),
        (
            &json!("survey"),
            &json!(5),
            &json!("relevance"),
            &json!("error")
        )
    );
}

#[test]
fn what_can_t_be_read_is_said_in_a_sentence() {
    let folder = Folder::new();
    let noise = folder.put("noise.xlsx", b"\x00\xff no workbook");
    let latin = folder.put("latin.csv", b"type,name\ntext,\xe9\n");
    let form = folder.put("form.csv", FORM);
    let no_json = folder.put("answers.json", "{\"umur\": rahasia}");
    let nowhere = folder.path("nowhere.xlsx");
    for arguments in [
        vec!["check", &noise],
        vec!["check", &latin],
        vec!["check", &nowhere],
        vec!["show", &form, "--language", "Klingon"],
        vec!["fill", &form, &no_json],
        vec!["fill", &form, &nowhere],
        vec!["tables", &form, &no_json],
        vec!["tables", &form, &no_json, "--into", &form],
        vec!["fill", &form, &no_json, "--today", "2023-02-30"],
    ] {
        let done = run(&arguments);
        assert_eq!((done.code, &*done.out), (Some(2), ""), "{arguments:?}");
        assert!(!done.err.is_empty(), "{arguments:?}");
        assert!(
            !done.err.contains("panicked") && !done.err.contains("rahasia"),
            "{}",
            done.err
        );
    }
}

#[test]
fn a_wrong_form_is_told_by_every_command() {
    let form = in_form("tests/data/broken.xlsx");
    for arguments in [
        vec!["show", &form],
        vec!["fill", &form, "x.json"],
        vec!["codebook", &form],
        vec!["tables", &form],
        vec!["convert", &form],
    ] {
        let done = run(&arguments);
        assert_eq!((done.code, &*done.out), (Some(1), ""), "{arguments:?}");
        assert!(done.err.contains("Did you mean `${luas}`?"), "{}", done.err);
    }
}

#[test]
fn a_form_is_shown_in_a_language_by_its_name_or_code() {
    let form = in_form("examples/ibu.csv");
    let shown = |language: &str| run(&["show", &form, "--language", language]).out;
    assert!(
        shown("id").contains("hamil (select_one ya_tidak) Sedang hamil?\n      if Umur ibu < 50")
    );
    assert!(
        shown("en")
            .contains("hamil (select_one ya_tidak) Pregnant now?\n      if Mother's age < 50")
    );
    assert_eq!(shown("English (en)"), shown("en"));
    assert_eq!(run(&["show", &form]).out, shown("id"));
}

#[test]
fn a_long_list_of_choices_is_cut() {
    let mut form =
        "survey,,\n,type,name,label\n,select_one many,a,A\nchoices,,\n,list_name,name,label\n"
            .to_owned();
    for code in 1..=23 {
        form += &format!(",many,{code},C{code}\n");
    }
    let folder = Folder::new();
    let done = run(&["show", &folder.put("form.csv", form)]);
    assert!(
        done.out.ends_with("    - 20: C20\n    - and 3 more\n"),
        "{}",
        done.out
    );
}

#[test]
fn answers_may_be_shaped_as_the_document_or_be_paths_in_their_order() {
    let folder = Folder::new();
    let expected = json!({
        "kode": "k1", "umur": 7, "nama": "Ani", "dobel": "14",
        "anak": [{"nama_anak": "Budi"}, {"nama_anak": "Cici"}]
    });
    let nested = json!({
        "kode": "k1", "umur": 7, "nama": "Ani", "anak": [{"nama_anak": "Budi"}, {"nama_anak": "Cici"}]
    });
    assert_eq!(document(&filled(&folder, &nested, &[])), expected);
    let flat = json!({
        "kode": "k1", "umur": "7", "nama": "Ani", "anak[1]/nama_anak": "Budi", "anak[2]/nama_anak": "Cici"
    });
    assert_eq!(document(&filled(&folder, &flat, &[])), expected);
    // A document is what it was filled with.
    let again: Value = serde_json::from_str(&filled(&folder, &nested, &[]).out).unwrap();
    assert_eq!(document(&filled(&folder, &again, &[])), expected);
}

#[test]
fn instances_are_as_many_as_in_the_answers_and_no_gap_is_filled() {
    let folder = Folder::new();
    let none = filled(&folder, &json!({"umur": 7, "anak": []}), &[]);
    assert_eq!(document(&none), json!({"umur": 7, "dobel": "14"}));
    let gap = filled(&folder, &json!({"anak[3]/nama_anak": "Dedi"}), &[]);
    assert_eq!((gap.code, &*gap.out), (Some(1), ""));
    assert_eq!(gap.err, "anak[3]: there is no such instance\n");
}

#[test]
fn what_is_wrong_with_answers_is_told_by_question_and_no_document_is_printed() {
    let folder = Folder::new();
    let done = filled(
        &folder,
        &json!({"umur": "tua", "nama": ["a", "b"], "lain": 1, "anak": [3]}),
        &[],
    );
    assert_eq!((done.code, &*done.out), (Some(1), ""));
    let lines: Vec<&str> = done.err.lines().collect();
    assert_eq!(lines[0], "`nama` does not take this kind of answer");
    assert_eq!(lines[1], "there is no `lain` in this form");
    assert!(
        lines[2].ends_with(": its answers are no JSON object"),
        "{}",
        lines[2]
    );
    assert_eq!(
        lines[3],
        "umur: Jawaban ini bukan bilangan bulat. Tulis angka saja, misalnya 12."
    );
    assert_eq!(lines.len(), 4);
    let done = filled(&folder, &json!([1]), &[]);
    assert_eq!(
        (done.code, &*done.err),
        (Some(1), "the answers are no JSON object\n")
    );
}

#[test]
fn an_answer_that_does_not_apply_is_left_out_and_told() {
    let folder = Folder::new();
    let done = filled(&folder, &json!({"umur": 3, "nama": "Ani", "anak": []}), &[]);
    assert_eq!(document(&done), json!({"umur": 3, "dobel": "6"}));
    assert_eq!(
        done.err,
        "nama: does not apply, so its answer is left out\n"
    );
}

#[test]
fn a_warning_passes_with_its_note() {
    let folder = Folder::new();
    let without = filled(&folder, &json!({"umur": 101, "anak": []}), &[]);
    assert_eq!(without.code, Some(1));
    assert!(without.err.starts_with("umur: "), "{}", without.err);
    let with = json!({"_notes": {"umur": "akta ada"}, "umur": 101, "anak": []});
    let expected = json!({"umur": 101, "dobel": "202", "_notes": {"umur": "akta ada"}});
    assert_eq!(document(&filled(&folder, &with, &[])), expected);
}

#[test]
fn the_last_visit_is_where_answers_begin_and_its_instances_keep_their_ids() {
    let folder = Folder::new();
    let last = json!({"umur": 7, "nama": "Ani", "anak": [
        {"_id": "aaaaaaaa", "nama_anak": "Budi"}, {"_id": "bbbbbbbb", "nama_anak": "Cici"}
    ]});
    let last = folder.put("last.json", last.to_string());
    let answers = json!({"umur": 8, "anak": [{"_id": "bbbbbbbb"}, {"nama_anak": "Dedi"}]});
    let done = filled(&folder, &answers, &["--last-visit", &last]);
    let document: Value = serde_json::from_str(&done.out).unwrap();
    assert_eq!(
        (&document["umur"], &document["nama"]),
        (&json!(8), &json!("Ani"))
    );
    let anak = document["anak"].as_array().unwrap();
    let names: Vec<(&str, &str)> = anak
        .iter()
        .map(|one| {
            (
                one["_id"].as_str().unwrap(),
                one["nama_anak"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(names, [("aaaaaaaa", "Dedi"), ("bbbbbbbb", "Cici")]);
}

#[test]
fn the_document_that_was_saved_last_can_be_read_by_the_form() {
    let folder = Folder::new();
    let form = "type,name,label,calculation\ntext,a,A,\ncalculate,b,,${last-saved#a}\n";
    let form = folder.put("form.csv", form);
    let answers = folder.put("answers.json", "{\"a\": \"new\"}");
    let last = folder.put("last.json", "{\"a\": \"old\"}");
    let done = run(&["fill", &form, &answers, "--last-saved", &last]);
    assert_eq!(
        (done.code, &*done.out),
        (Some(0), "{\"a\":\"new\",\"b\":\"old\"}\n")
    );
}

#[test]
fn the_day_and_the_moment_are_those_given() {
    let folder = Folder::new();
    let form =
        "type,name,calculation\ncalculate,day,today()\ncalculate,at,\"substr(now(), 0, 16)\"\n";
    let form = folder.put("form.csv", form);
    let answers = folder.put("answers.json", "{}");
    let at = |option: &str, value: &str| run(&["fill", &form, &answers, option, value]).out;
    assert_eq!(
        at("--today", "2023-07-20"),
        "{\"day\":\"2023-07-20\",\"at\":\"2023-07-20T12:00\"}\n"
    );
    let moment = at("--now", "2023-07-20T09:30");
    assert_eq!(
        moment,
        "{\"day\":\"2023-07-20\",\"at\":\"2023-07-20T09:30\"}\n"
    );
}

#[test]
fn an_instance_is_printed_as_xforms_clients_send_it() {
    let folder = Folder::new();
    let done = filled(&folder, &json!({"umur": 7, "anak": []}), &["--xml"]);
    assert_eq!(done.code, Some(0), "{}", done.err);
    let start =
        "<data id=\"uji\"><kode/><umur>7</umur><nama/><dobel>14</dobel><meta><instanceID>uuid:";
    assert!(done.out.starts_with(start), "{}", done.out);
}

#[test]
fn documents_are_written_as_tables_under_the_path_they_came_from() {
    let folder = Folder::new();
    let form = folder.put("form.csv", FORM);
    let one = folder.put(
        "one.json",
        json!({"umur": 7, "anak": [{"_id": "a", "nama_anak": "Budi, jr"}]}).to_string(),
    );
    let two = folder.put("two.json", json!({"umur": 8, "lain": 1}).to_string());
    let into = folder.path("out");
    let done = run(&["tables", &form, &one, &two, "--into", &into]);
    assert_eq!((done.code, &*done.out), (Some(1), ""));
    assert_eq!(
        done.err,
        format!("{two}: `lain` has no place in the tables\n")
    );
    let key = |path: &str| path.trim_end_matches(".json").to_owned();
    assert_eq!(
        folder.read("out/uji.csv"),
        format!(
            "_entry,kode,umur,umur/note,nama,dobel\n{},,7,,,\n{},,8,,,\n",
            key(&one),
            key(&two)
        )
    );
    assert_eq!(
        folder.read("out/uji-anak.csv"),
        format!(
            "_entry,_parent,_id,_position,nama_anak\n{},,a,1,\"Budi, jr\"\n",
            key(&one)
        )
    );
    std::fs::remove_file(&two).unwrap();
    assert_eq!(run(&["tables", &form, &one, "--into", &into]).code, Some(0));
}

#[test]
fn tables_are_written_inside_their_folder_whatever_the_form_is_called() {
    let folder = Folder::new();
    let form = folder.put("form.csv", FORM.replace("uji", "../..\\uji"));
    let one = folder.put("one.json", "{}");
    let done = run(&["tables", &form, &one, "--into", &folder.path("out")]);
    assert_eq!(done.code, Some(0), "{}", done.err);
    assert!(folder.read("out/.._.._uji.csv").starts_with("_entry,"));
}

#[test]
fn each_choice_of_several_can_have_a_column() {
    let form = in_form("examples/ibu.csv");
    let joined = run(&["tables", &form]).out;
    let split = run(&["tables", "--split", &form]).out;
    assert!(!joined.contains("imunisasi/polio"), "{joined}");
    assert!(split.contains("  imunisasi/polio (0 or 1)\n"), "{split}");
}

#[test]
fn a_form_is_converted_to_an_xform_that_is_printed_or_put_into_a_file() {
    let folder = Folder::new();
    let form = folder.put("form.csv", FORM);
    let printed = run(&["convert", &form]);
    assert_eq!(printed.code, Some(0), "{}", printed.err);
    assert!(printed.out.starts_with("<?xml "), "{}", printed.out);
    let bind = "<bind nodeset=\"/data/nama\" type=\"string\" relevant=\"/data/umur &gt; 5\"/>";
    assert!(printed.out.contains(bind), "{}", printed.out);

    let written = run(&["convert", &form, "--into", &folder.path("form.xml")]);
    assert_eq!(written.code, Some(0), "{}", written.err);
    assert_eq!(written.out, "");
    assert_eq!(folder.read("form.xml"), printed.out);

    let nowhere = run(&["convert", &form, "--into", &folder.path("no/form.xml")]);
    assert_eq!(nowhere.code, Some(2));
    assert!(nowhere.err.contains("form.xml"), "{}", nowhere.err);
}

#[test]
fn a_codebook_comes_as_json_or_as_a_sheet() {
    let form = in_form("examples/ibu.csv");
    let book: Value = serde_json::from_str(&run(&["codebook", &form]).out).unwrap();
    let hamil = &book["entries"][3];
    assert_eq!(
        (&hamil["path"], &hamil["type"]),
        (&json!("ibu/hamil"), &json!("select_one ya_tidak"))
    );
    assert_eq!(hamil["relevant"]["English (en)"], "Mother's age < 50");
    let sheet = run(&["codebook", "--csv", &form]).out;
    assert!(
        sheet.starts_with("table,columns,path,type,number,required,label::Bahasa Indonesia (id),")
    );
    assert_eq!(sheet.lines().count(), 9);
}

#[test]
fn nobody_listening_is_no_error() {
    let folder = Folder::new();
    let mut form = "type,name,label\n".to_owned();
    // More than a pipe holds.
    for number in 0..5_000 {
        form += &format!("text,q{number},A question that is asked after all others\n");
    }
    let form = folder.put("form.csv", form);
    let mut child = command(&["show", &form])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let done = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(done.stderr).unwrap(), "");
    assert_eq!(done.status.code(), Some(0));
}
