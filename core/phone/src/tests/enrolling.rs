use super::*;

fn new_phone() -> (TempDir, Phone) {
    let folder = tempfile::tempdir().unwrap();
    let phone = open(folder.path(), &Standing::at(noon()));
    (folder, phone)
}

#[test]
fn a_phone_that_belongs_to_nobody_says_so() {
    let (_folder, phone) = new_phone();
    assert_eq!(phone.enrolment().unwrap(), None);
    assert!(matches!(phone.progress().err(), Some(Error::NotEnrolled)));
    let run = phone.sync(&SyncCancel::new(), |_| {});
    assert!(matches!(run.err(), Some(Error::NotEnrolled)));
}

#[test]
fn a_code_makes_it_a_cadres_over_a_real_socket() {
    let (_folder, phone) = new_phone();
    let model = Server::new();
    let enrolment = model.enrolment();
    let server = serve(move |request| {
        assert_eq!(
            (request.method, request.path.as_str()),
            ("POST", "/v1/enrol")
        );
        let asked: ketuk_wire::EnrolRequest = ketuk_wire::decode(&request.body).unwrap();
        assert_eq!(
            (asked.code.as_str(), asked.model.as_str()),
            ("K7QM2XTA", "HP uji")
        );
        Reply::Answer(answer(200, ketuk_wire::encode(&enrolment).unwrap()))
    });
    let enrolled = phone.enrol(&server.address, "k7qm 2xta", "HP uji").unwrap();
    assert_eq!(
        (enrolled.cadre.as_str(), enrolled.synthetic),
        ("Kader", true)
    );
    assert_eq!(phone.enrolment().unwrap(), Some(enrolled));
}

#[test]
fn what_stands_in_the_way_of_enrolling_is_told_apart() {
    let (_folder, phone) = new_phone();
    let fault = |address: &str, code: &str| phone.enrol(address, code, "HP").unwrap_err();
    assert!(matches!(fault("https://a.id", "K7"), Error::Input(_)));
    assert!(matches!(
        fault("http://a.id", "K7QM-2XTA"),
        Error::Link(LinkFault::Plain)
    ));

    let spent = crate::testing::refuse(410, ketuk_wire::RefusalCode::CodeSpent);
    let server = serve(move |_| Reply::Answer(spent.clone()));
    let Error::Refused { status, message } = fault(&server.address, "K7QM-2XTA") else {
        panic!("not refused");
    };
    assert_eq!((status, message.as_str()), (410, "Tidak bisa."));

    let server = serve(|_| {
        let mut portal = answer(200, b"<html>".to_vec());
        portal.headers.clear();
        Reply::Answer(portal)
    });
    let fault = fault(&server.address, "K7QM-2XTA");
    assert!(
        matches!(fault, Error::Link(LinkFault::Stranger)),
        "{fault:?}"
    );
}

#[test]
fn a_phone_of_one_cadre_does_not_become_anothers() {
    let field = Field::new();
    let mut other = field.server.enrolment();
    other.cadre.id = Uuid::from_u128(5);
    let fault = field.phone.enrolled("https://server.test", &other).err();
    assert!(matches!(fault, Some(Error::Enrolled)));
    let renewed = field.server.enrolment();
    field
        .phone
        .enrolled("https://server.test", &renewed)
        .unwrap();
    assert_eq!(field.listed().len(), 2);
}

#[test]
fn whose_the_phone_is_already_is_said_with_the_code_and_another_cadres_is_not_spent() {
    let field = Field::new();
    let server = serve(|request| {
        let asked: ketuk_wire::EnrolRequest = ketuk_wire::decode(&request.body).unwrap();
        assert_eq!(asked.cadre, Some(Uuid::from_u128(1)));
        let refused = crate::testing::refuse(409, ketuk_wire::RefusalCode::OtherCadre);
        Reply::Answer(refused)
    });
    let fault = field.phone.enrol(&server.address, "K7QM-2XTA", "HP").err();
    assert!(matches!(fault, Some(Error::Enrolled)), "{fault:?}");
}

#[test]
fn a_phone_that_is_signed_out_says_so_until_a_new_code_renews_it() {
    let mut field = Field::new();
    let standing = |field: &Field| field.phone.enrolment().unwrap().unwrap().standing;
    assert_eq!(standing(&field), crate::Standing::Fine);
    let mut engine = field.phone.engine(1);
    while let Step::Send(_) = engine.poll(field.clock.now()).unwrap() {
        let refused = crate::testing::refuse(401, ketuk_wire::RefusalCode::SignIn);
        engine.received(field.clock.now(), &refused).unwrap();
    }
    field.killed();
    assert_eq!(standing(&field), crate::Standing::SignedOut);
    let renewed = field.server.enrolment();
    field
        .phone
        .enrolled("https://server.test", &renewed)
        .unwrap();
    assert_eq!(standing(&field), crate::Standing::Fine);
}

#[test]
fn a_visit_without_a_questionnaire_asks_to_synchronise_first() {
    let (_folder, phone) = new_phone();
    let server = Server::new();
    phone
        .enrolled("https://server.test", &server.enrolment())
        .unwrap();
    let fault = phone.households().new_family(&area()).err();
    assert!(matches!(fault, Some(Error::NoForm)));
}

#[test]
fn two_runs_at_once_are_one() {
    let (_folder, phone) = new_phone();
    let model = Server::new();
    let second = phone.clone();
    let seen = Arc::new(Mutex::new(None));
    let report = Arc::clone(&seen);
    let cancel = SyncCancel::new();
    let stop = cancel.clone();
    let server = serve(move |_| {
        let run = second.sync(&SyncCancel::new(), |_| {}).unwrap();
        *report.lock().unwrap() = Some(run.end);
        stop.cancel();
        Reply::Silence
    });
    phone.enrolled(&server.address, &model.enrolment()).unwrap();
    let first = phone.sync(&cancel, |_| {}).unwrap();
    assert_eq!(first.end, SyncEnd::Cancelled);
    assert_eq!(*seen.lock().unwrap(), Some(SyncEnd::AlreadyRunning));
}
