use super::*;

#[test]
fn an_interrupted_visit_is_exactly_where_she_left_it() {
    let mut field = Field::new();
    let mut visit = field.visit(id(1));
    met(&mut visit);
    let roster = visit
        .contents()
        .into_iter()
        .find(|row| row.page.0 == "anggota")
        .unwrap();
    visit.go_to(&roster.page.0).unwrap();
    visit.add("anggota").unwrap();
    let path = questions(&visit.screen())[1].0.to_owned();
    let left = visit.answer(&path, text("two hundred")).unwrap();
    let (contents, problems) = (visit.contents(), visit.problems());
    drop(visit);
    field.killed();

    let visit = field.visit(id(1));
    assert_eq!(visit.screen(), left);
    assert_eq!(visit.contents(), contents);
    assert_eq!(visit.problems(), problems);
    assert_eq!(field.state(id(1)), HouseholdState::Draft);
}

#[test]
fn the_page_that_she_turned_to_last_is_where_she_comes_back() {
    let mut field = Field::new();
    let mut visit = field.visit(id(2));
    met(&mut visit);
    let left = visit.go_to("rumah").unwrap();
    drop(visit);
    field.killed();
    assert_eq!(field.visit(id(2)).screen(), left);
}

#[test]
fn turning_on_confirms_last_years_answers_and_is_kept() {
    let mut field = Field::new();
    let mut visit = field.visit(id(1));
    visit.next().unwrap();
    let confirmed = visit.back().unwrap();
    drop(visit);
    field.killed();
    assert_eq!(field.state(id(1)), HouseholdState::Draft);
    assert_eq!(field.visit(id(1)).screen(), confirmed);
}

#[test]
fn a_visit_that_was_only_looked_at_leaves_no_draft() {
    let field = Field::new();
    let mut visit = field.visit(id(2));
    visit.next().unwrap();
    visit.back().unwrap();
    drop(visit);
    assert_eq!(field.state(id(2)), HouseholdState::NotStarted);
}

#[test]
fn a_finished_visit_is_saved_on_this_phone_and_a_second_tap_says_the_same() {
    let field = Field::new();
    let mut visit = field.visit(id(1));
    met(&mut visit);
    visit.answer("rumah/kepala", text("Contoh Baru")).unwrap();
    let first = saved(visit.finish().unwrap());
    assert_eq!(
        (first.state, first.head.as_str()),
        (HouseholdState::Waiting, "Contoh Baru")
    );
    let waiting = field.phone.waiting(None, 9).unwrap();
    assert_eq!(saved(visit.finish().unwrap()), first);
    assert_eq!(field.phone.waiting(None, 9).unwrap(), waiting);
    assert_eq!(waiting.rows.len(), 1);
}

#[test]
fn what_is_in_the_way_of_finishing_is_said_and_nothing_is_lost() {
    let field = Field::new();
    let mut visit = field.visit(id(2));
    visit.answer("rumah/alamat", text("Jl. Baru")).unwrap();
    let Finish::Unfinished(problems) = visit.finish().unwrap() else {
        panic!("it was finished");
    };
    let paths: Vec<&str> = problems
        .iter()
        .map(|problem| problem.path.as_str())
        .collect();
    assert_eq!(paths, ["kunjungan/hasil", "rumah/kepala"]);
    assert_eq!(field.state(id(2)), HouseholdState::Draft);
    assert!(field.phone.waiting(None, 9).unwrap().rows.is_empty());
}

#[test]
fn a_finished_visit_opens_again_as_she_left_it() {
    let mut field = Field::new();
    let mut visit = field.visit(id(1));
    met(&mut visit);
    visit.answer("rumah/alamat", text("Jl. Baru 7")).unwrap();
    saved(visit.finish().unwrap());
    field.sync();
    field.killed();

    let mut visit = field.visit(id(1));
    let screen = visit.go_to("rumah").unwrap();
    assert!(questions(&screen).contains(&("rumah/alamat", &text("Jl. Baru 7"))));
    visit.answer("rumah/alamat", text("Jl. Baru 8")).unwrap();
    assert_eq!(field.state(id(1)), HouseholdState::Draft);
    saved(visit.finish().unwrap());
    field.sync();
    assert_eq!(field.state(id(1)), HouseholdState::Received);
    let bases: Vec<u64> = field.server.kept.iter().map(|kept| kept.base).collect();
    assert_eq!(bases, [0, 1]);
}

#[test]
fn a_draft_begun_before_its_entry_was_acknowledged_starts_from_what_the_entry_became() {
    let mut field = Field::new();
    let mut visit = field.visit(id(1));
    met(&mut visit);
    saved(visit.finish().unwrap());
    let mut again = field.visit(id(1));
    field.sync();
    again.answer("rumah/alamat", text("Jl. Baru 8")).unwrap();
    saved(again.finish().unwrap());
    field.sync();
    let bases: Vec<u64> = field.server.kept.iter().map(|kept| kept.base).collect();
    assert_eq!(bases, [0, 1]);
}

#[test]
fn an_entry_that_waits_opened_again_does_not_pass_over_what_another_phone_sent_meanwhile() {
    let mut field = Field::new();
    let mut visit = field.visit(id(1));
    met(&mut visit);
    saved(visit.finish().unwrap());
    let mut theirs = household(id(1), 1, "Contoh Satu");
    theirs.revision = 3;
    field.take(vec![Change::Household(theirs)]);
    for text in ["one", "two", "three"] {
        field.server.another_sends(id(1), text);
    }
    let mut again = field.visit(id(1));
    again.answer("rumah/alamat", text("Jl. Baru 8")).unwrap();
    saved(again.finish().unwrap());
    assert_eq!(field.sync().troubles, 1, "a conflict, for a supervisor");
    assert_eq!(field.server.kept[3].base, 0);
}

#[test]
fn a_visit_that_goes_on_after_it_was_finished_and_received_follows_its_own_entry() {
    let mut field = Field::new();
    let mut visit = field.visit(id(1));
    met(&mut visit);
    saved(visit.finish().unwrap());
    field.sync();
    visit.answer("rumah/alamat", text("Jl. Baru 8")).unwrap();
    saved(visit.finish().unwrap());
    field.sync();
    let bases: Vec<u64> = field.server.kept.iter().map(|kept| kept.base).collect();
    assert_eq!(bases, [0, 1]);
}

#[test]
fn what_she_recorded_on_a_phone_that_is_gone_opens_as_it_was() {
    let field = Field::new();
    let mut recorded = household(id(2), 2, "Contoh Dua");
    let document = r#"{"kunjungan":{"hasil":"6"},"rumah":{"kepala":"Contoh Dua"}}"#;
    recorded.document = Some(serde_json::value::RawValue::from_string(document.into()).unwrap());
    recorded.revision = 3;
    field.take(vec![Change::Household(recorded)]);
    let mut visit = field.visit(id(2));
    let screen = visit.screen();
    let given = Answer::Choice("6".into());
    assert!(
        questions(&screen).contains(&("kunjungan/hasil", &given)),
        "{screen:?}"
    );
    saved(visit.finish().unwrap());
    let waiting = field.phone.waiting(None, 9).unwrap();
    assert_eq!(waiting.rows.len(), 1);
}

#[test]
fn a_new_family_enters_the_list_with_its_first_answer_under_its_heads_name() {
    let mut field = Field::new();
    let mut visit = field.phone.households().new_family(&area()).unwrap();
    visit.next().unwrap();
    assert_eq!(field.listed().len(), 2);
    visit.answer("rumah/kepala", text("Keluarga Baru")).unwrap();
    let draft = ("Keluarga Baru".to_owned(), HouseholdState::Draft);
    assert!(field.listed().contains(&draft));
    field.killed();
    let mut visit = field.visit(visit.household());
    visit
        .answer("kunjungan/hasil", Answer::Choice("9".into()))
        .unwrap();
    let row = saved(visit.finish().unwrap());
    assert_eq!((row.listed, row.state), (false, HouseholdState::Waiting));
    field.sync();
    assert_eq!(field.state(row.id), HouseholdState::Received);
    assert_eq!(field.phone.progress().unwrap().total.new, 1);
}

#[test]
fn a_new_family_thrown_away_leaves_the_list() {
    let field = Field::new();
    let mut visit = field.phone.households().new_family(&area()).unwrap();
    visit.answer("rumah/kepala", text("Salah ketik")).unwrap();
    assert_eq!(field.listed().len(), 3);
    visit.discard().unwrap();
    assert_eq!(field.listed().len(), 2);
}

#[test]
fn a_new_family_is_in_one_of_her_areas() {
    let field = Field::new();
    let elsewhere = "75.71.01.1001.002.006".parse().unwrap();
    let fault = field.phone.households().new_family(&elsewhere).err();
    assert!(matches!(fault, Some(Error::Input(_))), "{fault:?}");
}

#[test]
fn a_draft_goes_on_in_its_questionnaire_when_a_new_one_has_come() {
    let mut field = Field::new();
    let mut visit = field.visit(id(1));
    met(&mut visit);
    drop(visit);
    field.server.form = questionnaire("2");
    field.server.changes.push(Change::Form {
        form: ketuk_wire::FormRef {
            version: "2".into(),
            ..form_ref()
        },
        sha256: Sha256::of(&field.server.form),
    });
    assert_eq!(field.sync().end, SyncEnd::Done);
    field.killed();
    saved(field.visit(id(1)).finish().unwrap());
    let mut other = field.visit(id(2));
    met(&mut other);
    other.answer("rumah/kepala", text("Contoh Dua")).unwrap();
    saved(other.finish().unwrap());
    field.sync();
    let ops = &field.server.requests.last().unwrap().ops;
    let versions: Vec<&str> = ops.iter().map(|op| op.form.version.as_str()).collect();
    assert_eq!(versions, ["1", "2"]);
}

#[test]
fn a_row_taken_out_comes_back() {
    let field = Field::new();
    let mut visit = field.visit(id(1));
    let before = visit.go_to("anggota").unwrap();
    visit.remove("anggota[k3f9a0xz]").unwrap();
    assert_ne!(visit.screen().items, before.items);
    assert_eq!(visit.undo_remove().unwrap().items, before.items);
    visit.undo_remove().unwrap();
}

#[test]
fn a_wrong_path_is_said_and_nothing_is_saved() {
    let field = Field::new();
    let mut visit = field.visit(id(2));
    let fault = visit
        .answer("rumah/kamar", text("secret answer"))
        .unwrap_err();
    assert!(matches!(fault, Error::Form(_)));
    assert!(!format!("{fault} {fault:?}").contains("secret answer"));
    assert_eq!(field.state(id(2)), HouseholdState::NotStarted);
}

fn sent_back(text: &str) -> Change {
    Change::Correction(Correction {
        household: id(1),
        request: id(70 + u128::from(text.len() as u64)),
        revision: 1,
        comments: vec![Comment {
            path: "rumah/alamat".into(),
            text: text.into(),
        }],
    })
}

/// A family whose entry the server has.
fn received() -> Field {
    let mut field = Field::new();
    let mut visit = field.visit(id(1));
    met(&mut visit);
    saved(visit.finish().unwrap());
    field.sync();
    field
}

#[test]
fn a_correction_that_came_while_the_visit_was_open_is_not_answered_by_it() {
    let mut field = received();
    let mut visit = field.visit(id(1));
    visit.answer("rumah/alamat", text("Jl. Baru 8")).unwrap();
    field.take(vec![sent_back("Jalan apa?")]);
    saved(visit.finish().unwrap());
    assert_eq!(field.state(id(1)), HouseholdState::Waiting);
    field.sync();
    assert_eq!(field.state(id(1)), HouseholdState::NeedsCorrection);

    let mut seen = field.visit(id(1));
    saved(seen.finish().unwrap());
    field.sync();
    assert_eq!(
        field.state(id(1)),
        HouseholdState::Received,
        "the same answers again say that it is so"
    );
}

#[test]
fn the_same_answers_are_no_answer_to_a_correction_that_she_has_not_seen() {
    let field = received();
    let mut visit = field.visit(id(1));
    field.take(vec![sent_back("Jalan apa?")]);
    saved(visit.finish().unwrap());
    assert_eq!(field.state(id(1)), HouseholdState::NeedsCorrection);
    assert!(field.phone.waiting(None, 9).unwrap().rows.is_empty());
}

#[test]
fn a_visit_opened_again_after_the_correction_came_answers_it() {
    let mut field = received();
    let mut visit = field.visit(id(1));
    visit.answer("rumah/alamat", text("Jl. Baru 8")).unwrap();
    field.take(vec![sent_back("Jalan apa?")]);
    drop(visit);
    field.killed();
    let mut visit = field.visit(id(1));
    // Another word on it that she can't have seen.
    field.take(vec![sent_back("Jalan apa? Nomor berapa?")]);
    saved(visit.finish().unwrap());
    field.sync();
    assert_eq!(field.state(id(1)), HouseholdState::NeedsCorrection);
    let mut visit = field.visit(id(1));
    visit.answer("rumah/alamat", text("Jl. Baru 9")).unwrap();
    saved(visit.finish().unwrap());
    field.sync();
    assert_eq!(field.state(id(1)), HouseholdState::Received);
}

#[test]
fn the_log_of_the_filling_goes_with_the_entry_where_the_questionnaire_asks_for_it() {
    let mut field = Field::with(questionnaire_of(&format!("{SURVEY}audit,,,,,,,\n"), "1"));
    let mut visit = field.visit(id(1));
    met(&mut visit);
    field.clock.set("2023-07-20T05:00:00Z");
    visit.next().unwrap();
    saved(visit.finish().unwrap());
    saved(visit.finish().unwrap());
    assert_eq!(field.phone.waiting(None, 9).unwrap().rows.len(), 1);
    assert!(visit.photos().unwrap().is_empty(), "it is no photo");
    drop(visit);

    field.clock.set("2023-07-20T06:00:00Z");
    let mut visit = field.visit(id(1));
    visit.answer("rumah/alamat", text("Jl. Baru 7")).unwrap();
    saved(visit.finish().unwrap());
    field.sync();
    let logs: Vec<String> = field
        .server
        .blobs
        .whole
        .values()
        .map(|log| String::from_utf8(log.clone()).unwrap())
        .collect();
    let [log] = logs.as_slice() else {
        panic!("{logs:?}");
    };
    let events: Vec<&str> = log
        .lines()
        .map(|line| line.split(',').next().unwrap())
        .collect();
    assert_eq!(events[..2], ["event", "form start"], "{log}");
    assert!(events.contains(&"form resume"), "{log}");
    let noon = "2023-07-20T05:00:00Z".parse::<Timestamp>().unwrap();
    assert!(log.contains(&noon.as_millisecond().to_string()), "{log}");
}

#[test]
fn a_questionnaire_with_what_the_app_can_t_show_is_not_used() {
    let survey = SURVEY.replace("ketuk::role\n", "ketuk::role,media::image\n");
    let with = |row: &str| questionnaire_of(&format!("{survey}{row}"), "1");
    assert!(crate::forms::usable(&with("image,foto,Foto,Photo,,,,,\n")));
    assert!(!crate::forms::usable(&with(
        "image,foto,Foto,Photo,,,,,pintu.png\n"
    )));
}

/// A questionnaire with two photos for the family, and one for each member.
fn with_photos() -> Field {
    let survey = SURVEY.replace("end_repeat,", "image,wajah,Wajah,Face,,,,\nend_repeat,")
        + "image,depan,Depan,Front,,,,\nimage,dapur,Dapur,Kitchen,,,,\n";
    Field::with(questionnaire_of(&survey, "1"))
}

fn named(visit: &Visit) -> Vec<String> {
    let photos = visit.photos().unwrap();
    photos
        .iter()
        .map(|photo| crate::visit::file_name(photo.sha256, &photo.media_type))
        .collect()
}

fn answer_to(visit: &mut Visit, question: &str) -> Answer {
    let screen = visit.go_to(question).unwrap();
    let mut asked = questions(&screen).into_iter();
    let (_, answer) = asked.find(|(path, _)| *path == question).unwrap();
    answer.clone()
}

fn finished(visit: &mut Visit) {
    met(visit);
    saved(visit.finish().unwrap());
}

fn sent_photos(field: &mut Field) -> usize {
    let report = field.sync();
    assert_eq!(report.photos_waiting, 0);
    report.photos_received as usize
}

#[test]
fn a_file_is_on_the_disk_with_the_answer_that_names_it() {
    let mut field = with_photos();
    let mut visit = field.visit(id(1));
    visit
        .answer_with_file("depan", "image/jpeg", b"the front")
        .unwrap();
    drop(visit);
    field.killed();
    let mut visit = field.visit(id(1));
    let [name]: [String; 1] = named(&visit).try_into().unwrap();
    assert!(name.ends_with(".jpg"), "{name}");
    assert_eq!(answer_to(&mut visit, "depan"), text(&name));
    assert_eq!(
        visit.file(&name).unwrap().as_deref(),
        Some(&b"the front"[..])
    );
    assert_eq!(visit.file("last-year.jpg").unwrap(), None);
}

#[test]
fn a_photo_taken_anew_or_taken_back_is_not_sent() {
    let mut field = with_photos();
    let mut visit = field.visit(id(1));
    visit
        .answer_with_file("depan", "image/jpeg", b"blurred")
        .unwrap();
    visit
        .answer_with_file("depan", "image/jpeg", b"sharp")
        .unwrap();
    assert_eq!(named(&visit).len(), 1);
    visit.answer("depan", Answer::Empty).unwrap();
    assert_eq!(named(&visit).len(), 0);
    finished(&mut visit);
    assert_eq!(sent_photos(&mut field), 0);
}

#[test]
fn a_photo_that_another_question_shows_too_stays() {
    let mut field = with_photos();
    let mut visit = field.visit(id(1));
    visit
        .answer_with_file("depan", "image/jpeg", b"the house")
        .unwrap();
    visit
        .answer_with_file("dapur", "image/jpeg", b"the house")
        .unwrap();
    visit.answer("depan", Answer::Empty).unwrap();
    assert_eq!(named(&visit).len(), 1);
    finished(&mut visit);
    assert_eq!(sent_photos(&mut field), 1);
}

#[test]
fn a_member_who_is_taken_out_takes_the_photo_along_unless_she_is_brought_back() {
    for (back, sent) in [(true, 1), (false, 0)] {
        let mut field = with_photos();
        let mut visit = field.visit(id(1));
        let face = "anggota[k3f9a0xz]/wajah";
        visit
            .answer_with_file(face, "image/jpeg", b"her face")
            .unwrap();
        visit.remove("anggota[k3f9a0xz]").unwrap();
        if back {
            visit.undo_remove().unwrap();
        }
        finished(&mut visit);
        assert_eq!(sent_photos(&mut field), sent, "brought back: {back}");
    }
}

#[test]
fn a_file_that_the_server_would_not_take_leaves_the_answer_as_it_was() {
    let field = with_photos();
    let mut visit = field.visit(id(1));
    visit
        .answer_with_file("depan", "image/jpeg", b"the front")
        .unwrap();
    let before = answer_to(&mut visit, "depan");
    let large = vec![7; ketuk_wire::MAX_BLOB as usize + 1];
    let told = visit.answer_with_file("depan", "image/jpeg", &large);
    assert!(matches!(told, Err(Error::TooLarge { .. })), "{told:?}");
    let told = visit.answer_with_file("depan", "image/jpeg", b"");
    assert!(matches!(told, Err(Error::Input(_))), "{told:?}");
    assert_eq!(answer_to(&mut visit, "depan"), before);
}
