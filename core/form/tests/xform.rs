//! The XForm that other clients load.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test says what fails by failing"
)]

mod common;

use common::{SETTINGS, workbook};
use ketuk_form::{Workbook, xform};

fn converted(survey: &str, choices: &str, settings: &str) -> String {
    match xform(&workbook(survey, choices, settings)) {
        Ok(xform) => xform,
        Err(faults) => panic!("{faults}"),
    }
}

/// The XForm of a survey without languages.
fn plain(survey: &str) -> String {
    converted(survey, "list_name | name | label", "form_id\nuji")
}

#[track_caller]
fn assert_has(xform: &str, line: &str) {
    assert!(xform.contains(line), "no {line} in\n{xform}");
}

#[test]
fn a_form_with_groups_repeats_languages_and_media_is_an_xform() {
    let survey = "
        type                       | name    | label::Bahasa Indonesia (id) | label::English (en)   | media::image::Bahasa Indonesia (id) | media::image::English (en) | relevant     | constraint | repeat_count | choice_filter  | appearance
        begin group                | ibu     | Ibu                          | Mother                |                                     |                            |              |            |              |                | field-list
        text                       | nama    | Nama ibu                     | Mother's name         | ibu.png                             | mother.png                 |              |            |              |                |
        integer                    | umur    | Umur ${nama}                 | Age of ${nama}        |                                     |                            |              | . >= 10    |              |                |
        select_one prov            | prov    | Provinsi                     | Province              |                                     |                            |              |            |              |                |
        select_one kab             | kab     | Kabupaten                    | Regency               |                                     |                            |              |            |              | prov = ${prov} |
        end group                  |         |                              |                       |                                     |                            |              |            |              |                |
        begin repeat               | anak    | Anak                         | Child                 |                                     |                            | ${umur} > 12 |            | ${umur} - 10 |                |
        select_one yt or_other     | sakit   | Sakit?                       | Ill?                  |                                     |                            |              |            |              |                |
        image                      | tanda   | Tanda tangan                 | Signature             |                                     |                            |              |            |              |                | signature
        end repeat                 |         |                              |                       |                                     |                            |              |            |              |                |
        audit                      |         |                              |                       |                                     |                            |              |            |              |                |";
    let choices = "
        list_name | name  | label::Bahasa Indonesia (id) | label::English (en) | prov
        yt        | 1     | Ya                           | Yes                 |
        prov      | 75    | Gorontalo                    | Gorontalo           |
        kab       | 75.71 | Kota Gorontalo               | Gorontalo City      | 75";
    insta::assert_snapshot!(converted(survey, choices, SETTINGS));
}

#[test]
fn pictures_and_sounds_of_choices_are_looked_up_though_there_are_no_languages() {
    let choices = "
        list_name | name | label | image    | audio
        atap      | seng | Seng  | seng.png | seng.mp3
        atap      | ijuk |       | ijuk.png |";
    let xform = converted(
        "type | name | label\nselect_one atap | atap | Atap",
        choices,
        "form_id\nuji",
    );
    let seng = "<text id=\"atap-0\">
            <value>Seng</value>
            <value form=\"image\">jr://images/seng.png</value>
            <value form=\"audio\">jr://audio/seng.mp3</value>
          </text>";
    assert_has(&xform, seng);
    // A picture alone says enough.
    let ijuk = "<text id=\"atap-1\">
            <value form=\"image\">jr://images/ijuk.png</value>
          </text>";
    assert_has(&xform, ijuk);
    assert_has(&xform, "<label ref=\"jr:itext(itextId)\"/>");
}

#[test]
fn further_constraints_are_joined_and_so_are_their_messages() {
    let survey = "
        type    | name | label | constraint | constraint_message | ketuk::constraint_2 | ketuk::constraint_message_2
        integer | umur | Umur  | . >= 0     | Terlalu muda.      | . < 130             | Terlalu tua.";
    let bind = "<bind nodeset=\"/data/umur\" type=\"int\" constraint=\"(. &gt;= 0) and (. &lt; 130)\" \
                jr:constraintMsg=\"Terlalu muda. Terlalu tua.\"/>";
    assert_has(&plain(survey), bind);
}

#[test]
fn ketuk_s_own_columns_are_left_out() {
    let survey = "
        type    | name | label | ketuk::role | ketuk::warning | ketuk::warning_message | ketuk::fixed | ketuk::carry | ketuk::number
        integer | umur | Umur  | peran       | . < 99         | Tua sekali.            | 7 + 1        | no           | A1";
    let without = "type | name | label\ninteger | umur | Umur";
    assert_eq!(plain(survey), plain(without));
}

#[test]
fn an_audit_says_what_it_is_told_to_log() {
    let survey = "
        type  | name | label | parameters
        text  | nama | Nama  |
        audit |      |       | track-changes=true identify-user=true";
    let xform = plain(survey);
    let bind = "<bind nodeset=\"/data/meta/audit\" type=\"binary\" odk:track-changes=\"true\" \
                odk:identify-user=\"true\"/>";
    assert_has(&xform, bind);
    assert_has(&xform, "<audit/>");
}

#[test]
fn a_file_beside_the_workbook_is_named_and_not_put_in() {
    let survey = "
        type                           | name | label | choice_filter
        text                           | kab  | Kab.  |
        select_one_from_file desa.csv  | desa | Desa  | kab = ${kab}";
    let mut workbook: Workbook = workbook(survey, "list_name | name | label", "form_id\nuji");
    workbook
        .attach("desa.csv", b"name,label,kab\n1,Pohe,75.71\n")
        .unwrap();
    let xform = xform(&workbook).unwrap();
    assert_has(
        &xform,
        "<instance id=\"desa\" src=\"jr://file-csv/desa.csv\"/>",
    );
    assert_has(
        &xform,
        "<itemset nodeset=\"instance('desa')/root/item[kab = /data/kab]\">",
    );
    assert!(!xform.contains("Pohe"), "{xform}");
}

#[test]
fn a_workbook_that_is_no_form_is_no_xform() {
    let faults = xform(&workbook(
        "type | name | label | relevant\ntext | nama | Nama | ${nma} = ''",
        "list_name | name | label",
        "form_id\nuji",
    ));
    let named = faults.unwrap_err().to_string();
    assert!(named.contains("there is no question `nma`"), "{named}");
}
