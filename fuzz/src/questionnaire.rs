//! The form engine reads what somebody calls a questionnaire, and goes through all of it.

use std::io::{Cursor, Write as _};
use std::sync::Arc;

use jiff::civil::date;
use ketuk_form::{Answer, Context, Form, Go, Session, Workbook};

/// What is typed into each question: codes, numbers, dates, places, several of them, and none of these.
const TYPED: [&str; 8] = [
    "1",
    "",
    "-2.5",
    "2020-02-29",
    "a b",
    "0.5 123 0 0; 0.6 123 0 0",
    "9999999999999999",
    "é'\"",
];

/// More questions and instances than a small form has are left alone: what takes long only for its size is no find.
const MOST: usize = 40;

/// A workbook, in one of the wrappings in which they come.
pub(crate) fn workbook(how: u8, rest: &[u8]) {
    let book = match how % 4 {
        0 => Workbook::from_bytes(rest),
        1 => Workbook::from_bytes(&zipped(rest)),
        2 => Workbook::from_bytes(&compound(rest)),
        _ => {
            let text = String::from_utf8_lossy(rest);
            let names = ["survey", "choices", "settings", "entities"];
            let sheets: Vec<(&str, &str)> = names.into_iter().zip(text.split('\0')).collect();
            Workbook::from_csv(&sheets)
        }
    };
    if let Ok(mut book) = book {
        let towns = b"name,label,regency\npohe,Pohe,7571\nisimu,Isimu,7501\n";
        book.attach("towns.csv", towns).expect("a list");
        go_through(&book);
    }
}

/// An expression, wherever a form may have one.
pub(crate) fn expression(how: u8, text: &str) {
    let columns = [
        "calculation",
        "relevant",
        "constraint",
        "required",
        "default",
        "choice_filter",
        "label",
        "ketuk::fixed",
        "repeat_count",
    ];
    let column = columns[usize::from(how) % columns.len()];
    let text = text.replace('"', "\"\"");
    // A column stands once in a sheet.
    let other = |usual: &'static str| if column == usual { "remark" } else { usual };
    let (label, count) = (other("label"), other("repeat_count"));
    let survey = format!(
        "type,name,{label},{count},{column}\ninteger,n,N,,\ntext,t,T,,\ndate,d,D,,\n\
         select_multiple yt,m,M,,\nbegin repeat,r,R,,\"{text}\"\ninteger,x,X,,\n\
         select_one yt,y,Y,,\"{text}\"\nbegin repeat,s,S,2,\ndecimal,z,Z,,\nend repeat,,,,\n\
         end repeat,,,,\nbegin group,g,G,,\"{text}\"\ntext,e,E,,\"{text}\"\nend group,,,,\n"
    );
    let choices = "list_name,name,label,group\nyt,1,Ya,a\nyt,2,Tidak ${n},b\n";
    let sheets = [("survey", survey.as_str()), ("choices", choices)];
    let mut book = Workbook::from_csv(&sheets).expect("sheets");
    book.attach("towns.csv", b"name,label\npohe,Pohe\n")
        .expect("a list");
    go_through(&book);
}

/// Compiles, answers, adds, removes, draws and finishes; then checks, and takes it up again.
fn go_through(book: &Workbook) {
    let Ok(form) = Form::compile(book) else {
        return;
    };
    let form = Arc::new(form);
    let context = || Context::on(date(2023, 7, 20));
    let mut session = Session::new(Arc::clone(&form), context());
    draw(&mut session);
    let paths: Vec<String> = form
        .questions()
        .take(MOST)
        .map(|question| question.path)
        .collect();
    for (at, path) in paths.iter().enumerate() {
        for row in [path.clone(), inside(&session, path)] {
            if let Ok(row) = session.add(&row) {
                let _ = session.add(&row);
            }
            for typed in TYPED.iter().cycle().skip(at).take(TYPED.len() + 1) {
                let _ = session.answer(&row, Answer::Text((*typed).to_owned()));
            }
            let _ = session.choices(&row, "a", 0, 10);
        }
    }
    let rows: Vec<String> = paths
        .iter()
        .flat_map(|path| session.instances(path))
        .collect();
    for row in rows.iter().take(2) {
        if session.remove(row).is_ok() {
            session.undo_remove(row).expect("an instance to bring back");
        }
    }
    draw(&mut session);
    let _ = session.finish();
    let _ = session.instance_xml("uuid:1");
    let document = session.preview();
    let document = serde_json::from_str(document.as_str()).expect("a document is JSON");
    let _ = form.check(&document, &context());
    let again = Session::resume(Arc::clone(&form), &session.draft(), context()).expect("its draft");
    assert_eq!(
        again.preview(),
        session.preview(),
        "what was resumed differs"
    );
    draw(&mut Session::update_of(form, &document, context()));
}

/// A question's path through the first instance of the outermost repeat that it stands in.
fn inside(session: &Session, path: &str) -> String {
    let ends = path.match_indices('/').map(|(end, _)| end);
    for end in ends {
        if let Some(first) = session.instances(&path[..end]).first() {
            return format!("{first}{}", &path[end..]);
        }
    }
    path.to_owned()
}

fn draw(session: &mut Session) {
    for row in session.contents().into_iter().take(MOST) {
        session.go(Go::Page(row.page));
    }
    session.go(Go::Next);
    session.problems();
}

/// An .xlsx file of these parts, those that are missing as they usually are: no mutation survives a checksum.
fn zipped(parts: &[u8]) -> Vec<u8> {
    const USUAL: [(&str, &str); 5] = [
        ("xl/worksheets/s.xml", "<worksheet><sheetData/></worksheet>"),
        ("xl/sharedStrings.xml", "<sst><si><t>type</t></si></sst>"),
        ("xl/styles.xml", "<styleSheet/>"),
        (
            "xl/workbook.xml",
            r#"<workbook><sheets><sheet name="survey" r:id="a"/></sheets></workbook>"#,
        ),
        (
            "xl/_rels/workbook.xml.rels",
            r#"<Relationships><Relationship Id="a" Type="/worksheet" Target="worksheets/s.xml"/></Relationships>"#,
        ),
    ];
    let mut given = parts.split(|byte| *byte == 0);
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    for (name, usual) in USUAL {
        archive.start_file(name, options).expect("memory");
        let part = given.next().unwrap_or(usual.as_bytes());
        archive.write_all(part).expect("memory");
    }
    archive.finish().expect("memory").into_inner()
}

/// An .xls file of these records.
fn compound(records: &[u8]) -> Vec<u8> {
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).expect("memory");
    let mut stream = file.create_stream("/Workbook").expect("memory");
    stream.write_all(records).expect("memory");
    drop(stream);
    file.into_inner().into_inner()
}

/// The records of a small .xls file.
fn records() -> Vec<u8> {
    let record = |kind: u16, data: &[u8]| {
        let length = data.len() as u16;
        [&kind.to_le_bytes()[..], &length.to_le_bytes(), data].concat()
    };
    let begin = record(0x0809, &[0, 6, 5, 0]);
    let end = record(0x000A, &[]);
    let texts = ["type", "name", "label", "text", "a", "A"];
    let shared = texts
        .iter()
        .flat_map(|text| [&[text.len() as u8, 0, 0], text.as_bytes()].concat());
    let shared: Vec<u8> = [6, 0, 0, 0, 6, 0, 0, 0].into_iter().chain(shared).collect();
    let sheet = |place: usize| {
        let head = [&(place as u32).to_le_bytes()[..], &[0, 0, 6, 0]].concat();
        record(0x0085, &[&head, &b"survey"[..]].concat())
    };
    let globals = |place| {
        [
            begin.clone(),
            sheet(place),
            record(0x00FC, &shared),
            end.clone(),
        ]
        .concat()
    };
    let place = globals(0).len();
    let cells = (0..6_u8).flat_map(|at| record(0x00FD, &[at / 3, 0, at % 3, 0, 0, 0, at, 0, 0, 0]));
    [globals(place), begin.clone(), cells.collect(), end.clone()].concat()
}

/// Sound inputs of both targets.
pub(crate) fn seeds() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    const SURVEY: &str = "type,name,label,relevant,calculation,constraint,choice_filter,repeat_count\n\
        integer,n,N,,,. > 0,,\nselect_one yt,y,Y ${n},${n} = 1,,,name != '2',\n\
        begin repeat,r,R,,,,,${n}\nselect_one_from_file towns.csv,k,K,,,,,\ncalculate,c,,,position(..),,,\nend repeat,,,,,,,\n";
    const CHOICES: &str = "list_name,name,label\nyt,1,Ya\nyt,2,Tidak\n";
    const SHEET: &str = r#"<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>name</t></is></c></row><row r="2"><c r="A2" t="str"><f>B1</f><v>text</v></c><c r="B2" s="1"><v>45031</v></c><c r="C2" t="b"><v>1</v></c></row></sheetData></worksheet>"#;
    let led_by = |how: u8, text: &[u8]| [&[how], text].concat();
    let expressions = [
        (
            "conditions",
            "${n} > 1 and (selected(${m}, '1') or not(${t} = \"x\"))",
        ),
        (
            "repeats",
            "sum(${x}[. != '']) + count(${r}[y = '1']) - position(..)",
        ),
        (
            "indexed",
            "indexed-repeat(${x}, ${r}, 2) div (last() * 2 mod 3)",
        ),
        (
            "lists",
            "instance('yt')/root/item[name = current()/../t]/label | ../x",
        ),
        ("files", "pulldata('towns', 'label', 'name', ${t})"),
        (
            "texts",
            "concat(substr(${t}, 1, 3), join(' ', ${x}), regex(., '^[a-z]{2,}$'))",
        ),
        (
            "dates",
            "format-date(date(today() + 1), '%Y-%n-%e %a') > decimal-date-time(now())",
        ),
        (
            "axes",
            "ancestor::*[1]/following-sibling::x[position() = last()]//node()",
        ),
        (
            "choices",
            "jr:choice-name(${y}, '${y}') != coalesce(once(${t}), ${last-saved#t})",
        ),
        ("words", "Umur ${n} tahun, <b>${t}</b> {x} ${ n }"),
    ];
    let mut seeds = vec![
        (
            "workbook",
            "xlsx",
            led_by(0, include_bytes!("../../core/form/tests/data/small.xlsx")),
        ),
        ("workbook", "sheet", led_by(1, SHEET.as_bytes())),
        ("workbook", "records", led_by(2, &records())),
        (
            "workbook",
            "sheets",
            led_by(3, [SURVEY, CHOICES].join("\0").as_bytes()),
        ),
        (
            "workbook",
            "one-text",
            led_by(0, b"survey,,,\n,type,name,label\n,text,a,A\n"),
        ),
    ];
    for (column, (name, text)) in expressions.into_iter().enumerate() {
        let how = if name == "words" { 6 } else { column as u8 % 6 };
        seeds.push(("expression", name, led_by(how, text.as_bytes())));
    }
    seeds
}
