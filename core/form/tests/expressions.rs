//! Expressions and what they yield, through calculations of a small form.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test says what fails by failing"
)]

mod common;

use common::{CHOICES, Fill, SETTINGS, context, workbook};
use ketuk_form::{Form, Session};
use std::sync::Arc;

/// The value of an expression beside a few answered questions.
fn value(expression: &str) -> String {
    let survey = csv_rows(expression);
    let form = match Form::compile(
        &ketuk_form::Workbook::from_csv(&[("survey", &survey), ("choices", &choices())]).unwrap(),
    ) {
        Ok(form) => Arc::new(form),
        Err(faults) => panic!("{expression}: {faults}"),
    };
    let mut s = Session::new(form, context());
    s.put("n", "7")
        .put("t", "Gorontalo")
        .put("d", "2020-02-29")
        .put("w", "m b")
        .put("k", "75.71");
    s.put("dt", "2023-07-20T13:45:30");
    for (path, number) in s.instances("r").iter().zip(["1"]) {
        s.put(&format!("{path}/x"), number);
    }
    for number in ["2", "4"] {
        let path = s.add("r").unwrap();
        s.put(&format!("{path}/x"), number);
    }
    s.add("r").unwrap();
    s.get("e")
}

fn csv_rows(expression: &str) -> String {
    let quoted = expression.replace('"', "\"\"");
    format!(
        "type,name,label,calculation\ninteger,n,N,\ntext,t,T,\ndate,d,D,\ndateTime,dt,DT,\n\
         select_multiple warna,w,W,\nselect_one kab,k,K,\ntext,blank,B,\n\
         begin repeat,r,R,\ninteger,x,X,\nend repeat,,,\ncalculate,e,,\"{quoted}\"\n"
    )
}

fn choices() -> String {
    let rows = CHOICES
        .lines()
        .map(|line| line.split('|').map(str::trim).collect::<Vec<_>>().join(","));
    rows.filter(|row| !row.is_empty())
        .collect::<Vec<_>>()
        .join("\n")
}

fn check(cases: &[(&str, &str)]) {
    for (expression, expected) in cases {
        assert_eq!(value(expression), *expected, "{expression}");
    }
}

#[test]
fn arithmetic_and_comparison() {
    check(&[
        ("1 + 2 * 3", "7"),
        ("7 div 2", "3.5"),
        ("-7 mod 2", "-1"),
        ("1 div 0", "Infinity"),
        ("${n} - 10", "-3"),
        ("${blank} + 1", ""),
        ("${n} > 6 and ${n} < 8", "true"),
        ("${n} = '7'", "true"),
        ("${n} = 7.0", "true"),
        ("'a' = 'b' or 'a' != 'b'", "true"),
        ("${blank} = ''", "true"),
        ("${blank} > 0", "false"),
        ("not(${n} = 7)", "false"),
        ("true() = 1", "true"),
        ("1 < 2 < 3", "true"),
        ("'10' < '9'", "false"),
    ]);
}

#[test]
fn nodes_compare_as_true_when_any_of_them_does() {
    check(&[
        ("${x} = 2", "true"),
        ("${x} != 2", "true"),
        ("${x} > 3", "true"),
        ("${x} > 4", "false"),
        ("3 < ${x}", "true"),
        ("${x} = 3", "false"),
        ("${x} = ${n}", "false"),
    ]);
}

#[test]
fn nodes_are_counted_and_summed_without_the_unanswered() {
    check(&[
        ("count(${r})", "4"),
        ("count(${x})", "4"),
        ("count-non-empty(${x})", "3"),
        ("sum(${x})", ""),
        ("sum(${x}[. != ''])", "7"),
        ("max(${x}[. != ''])", "4"),
        ("min(${x})", ""),
        ("max(1, 5, 3)", "5"),
        ("max(${x}[. != ''], 9)", "9"),
        ("min(${blank})", ""),
        (
            "sum(${x}[. != '']) div count-non-empty(${x})",
            "2.3333333333333335",
        ),
    ]);
}

#[test]
fn paths_walk_the_tree_along_their_axes() {
    check(&[
        ("../n", "7"),
        ("/data/n", "7"),
        ("count(/data/r/x)", "4"),
        ("count(//x)", "4"),
        ("count(../r[x > 1])", "2"),
        ("../r[2]/x", "2"),
        ("../r[position() = 3]/x", "4"),
        ("../r[last() - 1]/x", "4"),
        ("sum(../r[position() < 3]/x)", "3"),
        ("../r[x = 4]/preceding-sibling::r[1]/x", "2"),
        ("count(../r[x = 1]/following-sibling::r)", "3"),
        ("count(../r[1]/x/ancestor::*)", "2"),
        ("count(../n | ../t | ../n)", "2"),
        ("name(../r[1])", "r"),
        ("local-name(../n)", "n"),
        ("count(../r/descendant-or-self::node())", "8"),
        ("count(../*)", "12"),
        ("string(../r[x = 99]/x)", ""),
        ("current()/../n", "7"),
        ("../n/self::n", "7"),
        ("count(../n/self::n)", "1"),
        ("../t/following::x", "1"),
        ("count(../r[3]/x/preceding::x)", "2"),
        ("../n/text()", "7"),
        ("count(../blank/text())", "0"),
        ("${r}[2]/x", "2"),
        ("indexed-repeat(${x}, ${r}, 3)", "4"),
        ("indexed-repeat(${x}, ${r}, 9)", ""),
    ]);
}

#[test]
fn choices_are_an_instance_to_look_things_up_in() {
    check(&[
        ("instance('kab')/root/item[name = '36.02']/prov", "36"),
        ("count(instance('kab')/root/item[prov = '75'])", "2"),
        (
            "instance('kab')/root/item[name = ${k}]/label",
            "Kota Gorontalo",
        ),
        ("jr:choice-name(${k}, '${k}')", "Kota Gorontalo"),
        ("jr:choice-name(${w}, ' ${w} ')", "Merah, Biru"),
        ("jr:choice-name('x', '${k}')", ""),
    ]);
}

#[test]
fn texts() {
    check(&[
        ("concat(${t}, ' ', ${n}, ' ', 1.5)", "Gorontalo 7 1.5"),
        ("concat('x', ${x})", "x124"),
        ("join('-', 'a', ${x})", "a-1-2-4-"),
        ("string-length(${t})", "9"),
        ("string-length('é')", "1"),
        ("substr(${t}, 0, 3)", "Gor"),
        ("substr(${t}, -3)", "alo"),
        ("substring(${t}, 2, 3)", "oro"),
        ("substring-before('75.71', '.')", "75"),
        ("substring-after('75.71', '.')", "71"),
        ("contains(${t}, 'ron')", "true"),
        ("starts-with(${t}, 'Go') and ends-with(${t}, 'lo')", "true"),
        ("translate('3502-1234', '-', '')", "35021234"),
        ("normalize-space('  a   b ')", "a b"),
        ("regex('abc', '^[a-c]+$')", "true"),
        ("regex('abcd', '^[a-c]+$')", "false"),
        ("regex('abcd', '[a-c]+')", "true"),
        ("regex(${t}, concat('^', 'G', '.*'))", "true"),
        ("regex(${t}, concat('(', ''))", "false"),
        ("string(1 = 1)", "true"),
        ("coalesce(${blank}, '', 'x')", "x"),
        ("if(${n} > 5, 'besar', 'kecil')", "besar"),
        ("if(${blank}, 1, 2)", "1"),
        ("“kutip”", "kutip"),
    ]);
}

#[test]
fn several_choices() {
    check(&[
        ("selected(${w}, 'm')", "true"),
        ("selected(${w}, 'h')", "false"),
        ("selected(${blank}, 'h')", "false"),
        ("count-selected(${w})", "2"),
        ("selected-at(${w}, 1)", "b"),
        ("selected-at(${w}, 5)", ""),
        (
            "checklist(1, 2, selected(${w}, 'm'), selected(${w}, 'h'))",
            "true",
        ),
        ("checklist(2, -1, true(), false())", "false"),
        ("weighted-checklist(3, 5, true(), 2, true(), 2)", "true"),
    ]);
}

#[test]
fn numbers() {
    check(&[
        ("int(3.9)", "3"),
        ("int(-3.9)", "-3"),
        ("int('12')", "12"),
        ("round(2.5)", "3"),
        ("round(1.2345, 2)", "1.23"),
        ("floor(-1.5)", "-2"),
        ("ceiling(1.2)", "2"),
        ("abs(-3)", "3"),
        ("number('1e3')", ""),
        ("number('')", ""),
        ("pow(2, 10)", "1024"),
        ("sqrt(9)", "3"),
        (
            "round(sin(pi() div 2) + cos(0) + tan(0) + atan2(0, 1), 6)",
            "2",
        ),
        ("round(asin(0) + acos(1) + atan(0), 6)", "0"),
        ("log10(exp10(3))", "3"),
        ("boolean('')", "false"),
        ("boolean-from-string('1')", "true"),
        ("round(pi(), 4)", "3.1416"),
    ]);
}

#[test]
fn dates_are_texts_worth_days_where_a_number_is_wanted() {
    check(&[
        ("today()", "2023-07-20"),
        ("now()", "2023-07-20T12:00:00.000+00:00"),
        ("today() - ${d}", "1237"),
        ("${d} < today()", "true"),
        ("${d} = date('2020-02-29')", "true"),
        ("date(${d} + 1)", "2020-03-01"),
        ("date('2023-07-20T23:00:00')", "2023-07-20"),
        ("date('tidak')", ""),
        ("number('1970-01-02')", "1"),
        ("decimal-date-time('1970-01-02T12:00:00')", "1.5"),
        ("decimal-time('06:00')", "0.25"),
        ("date-time('2023-07-20')", "2023-07-20T00:00:00.000+00:00"),
        (
            "format-date(${d}, '%d-%m-%Y, %e %b %y')",
            "29-02-2020, 29 Feb 20",
        ),
        ("format-date-time(${dt}, '%H:%M:%S %a')", "13:45:30 Kam"),
        ("format-date(${blank}, '%Y')", ""),
        ("difference-in-months('2020-02-29', '2023-02-28')", "35"),
        ("int(difference-in-months(${d}, today()) div 12)", "3"),
        ("int(difference-in-months(${blank}, today()) div 12)", ""),
    ]);
}

#[test]
fn an_uuid_and_chance_come_from_the_seed() {
    let uuid = value("uuid()");
    assert_eq!(uuid.len(), 36);
    assert_eq!(uuid, value("uuid()"));
    assert_eq!(value("string-length(uuid(8))"), "8");
    let chance: f64 = value("random()").parse().unwrap();
    assert!((0.0..1.0).contains(&chance));
}

#[test]
fn texts_have_answers_woven_in() {
    let survey = "
        type        | name | label
        begin group | g    | Rumah
        text        | nama | Nama
        integer     | umur | Umur ${nama}?
        end group   |      |";
    let form = Form::compile(&workbook(survey, CHOICES, SETTINGS)).unwrap();
    let mut s = Session::new(Arc::new(form), context());
    let change = s
        .answer("g/nama", ketuk_form::Answer::Text("Siti".into()))
        .unwrap();
    let labels: Vec<String> = change
        .items
        .into_iter()
        .map(|item| match item {
            ketuk_form::Item::Question(question) => question.label,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        labels,
        ["Nama", "Umur Siti?"],
        "the question that names it is drawn again"
    );
    assert_eq!(s.form().label("umur", "id").as_deref(), Some("Umur …?"));
}

#[test]
fn geography_is_measured_on_lines_shapes_and_points() {
    check(&[
        ("distance('0 0;0 0.001;0 0.003')", "333.96"),
        ("distance('0 0', '0 0.003')", "333.96"),
        ("distance(${blank})", "0"),
        ("distance('somewhere')", ""),
        (
            "round(area('0 0;0 0.001;0.001 0.001;0.001 0;0 0'))",
            "12392",
        ),
        ("area(${blank})", "0"),
        ("geofence('1 1', '0 0;0 2;2 2;2 0;0 0')", "true"),
        ("geofence('3 1', '0 0;0 2;2 2;2 0;0 0')", "false"),
        ("geofence(${blank}, '0 0;0 2;2 2;2 0;0 0')", "false"),
    ]);
}

#[test]
fn digests_are_those_of_the_specification() {
    check(&[
        (
            "digest('abc', 'MD5', 'hex')",
            "900150983cd24fb0d6963f7d28e17f72",
        ),
        (
            "digest('abc', 'SHA-1', 'hex')",
            "a9993e364706816aba3e25717850c26c9cd0d89d",
        ),
        (
            "digest('abc', 'SHA-256')",
            "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=",
        ),
        ("digest('abc', 'CRC')", ""),
        ("base64-decode('a2FkZXI=')", "kader"),
        ("base64-decode('?')", ""),
    ]);
}

#[test]
fn an_instance_has_no_ids_languages_or_namespaces() {
    check(&[
        ("count(id('n'))", "0"),
        ("lang('id')", "false"),
        ("namespace-uri(${n})", ""),
    ]);
}

#[test]
fn the_root_is_called_as_the_settings_say() {
    let survey = "type | name | label | calculation
                  integer | n | N |
                  calculate | e | | /rumah/n + 1";
    let settings = "form_id | name\nuji | rumah";
    let form = Form::compile(&workbook(survey, CHOICES, settings)).unwrap();
    let mut s = Session::new(Arc::new(form), context());
    s.put("n", "7");
    assert_eq!(s.get("e"), "8");
    assert!(s.instance_xml("uuid:1").contains("<rumah "));
}
