//! The first village: a cadre records it offline, taps sync, the office sees it. Real server process,
//! real core, real sockets, a real browser, on both databases.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use ketuk_phone::form::{Answer, Item, Question, Screen};
use ketuk_phone::{Filter, Finish, HouseholdState, SyncEnd, Visit};
use ketuk_sample::{Campaign, SEED};
use ketuk_tests::browser::Browser;
use ketuk_tests::cadre::{Cadre, SampleDay, Taps};
use ketuk_tests::ledger::{Place, Verdict};
use ketuk_tests::link::{Link, Quality};
use ketuk_tests::office::{Invited, Office};
use ketuk_wire::Outcome;
use uuid::Uuid;

#[test]
fn the_first_village_on_embedded_sqlite() -> Result<()> {
    let folder = tempfile::tempdir()?;
    told(Place::Sqlite(folder.path().join("data")), folder.path())
}

#[test]
fn the_first_village_on_postgresql() -> Result<()> {
    let folder = tempfile::tempdir()?;
    match Place::fresh_postgres()? {
        Some(place) => told(place, folder.path()),
        None => {
            eprintln!("not run: KETUK_TEST_POSTGRES names no server");
            Ok(())
        }
    }
}

/// The story, on a server that keeps its data there.
fn told(place: Place, folder: &Path) -> Result<()> {
    let office = Office::with_sample(place)?;
    let runtime = tokio::runtime::Runtime::new()?;
    let link = runtime.block_on(Link::open(office.address()?, Quality::GOOD))?;
    let (who, invited) = a_live_cadre(&office)?;

    let cadre = she_enrols(&link, &invited, folder)?;
    let page = runtime.block_on(the_office_looks(&office, &invited.village))?;

    link.set_present(false);
    let (cadre, families) = she_records_in_the_blank_spot(cadre, &who)?;
    without_signal_everything_stays_and_is_said(&cadre, &families)?;

    link.set_present(true);
    she_taps_send(&cadre, &families)?;
    runtime.block_on(the_page_moves_without_a_reload(&page))?;
    runtime.block_on(it_is_photographed(&office, &page, &invited.village))?;
    each_is_on_the_server_once(&office, &families)?;
    office.verify()
}

/// A cadre of the sample with a family still to be met.
struct Who {
    campaign: Campaign,
    met: ketuk_sample::Visit,
    absent: ketuk_sample::Household,
    new: ketuk_sample::Household,
}

/// The three families that she records.
struct Families {
    met: Uuid,
    absent: Uuid,
    new: Uuid,
}

impl Families {
    fn all(&self) -> [Uuid; 3] {
        [self.met, self.absent, self.new]
    }
}

fn a_live_cadre(office: &Office) -> Result<(Who, Invited)> {
    let campaign = Campaign::gorontalo(SEED);
    let invited = office
        .told()
        .cadres
        .first()
        .context("nobody is invited")?
        .clone();
    let cadre = campaign
        .live_cadres()
        .find(|c| c.who.name == invited.name && c.village.as_str() == invited.village)
        .context("the invited cadre is not in the sample")?;
    let mut listed = campaign
        .visits(cadre)
        .filter(|visit| visit.live && visit.outcome == Outcome::Met);
    let met = listed.next().context("she has nobody left to meet")?;
    let absent = listed.next().context("she has nobody else")?.household;
    let mut new = ketuk_sample::households(1, 7).next().context("no family")?;
    new.area = absent.area.clone();
    Ok((
        Who {
            campaign: campaign.clone(),
            met,
            absent,
            new,
        },
        invited,
    ))
}

fn she_enrols(link: &Link, invited: &Invited, folder: &Path) -> Result<Cadre> {
    let campaign = Campaign::gorontalo(SEED);
    let cadre = Cadre::with_new_phone(Arc::new(SampleDay::begin(&campaign)?), folder)?;
    cadre.enrol(&link.url(), &invited.code)?;

    let enrolment = cadre.phone().enrolment()?.context("not enrolled")?;
    assert_eq!(enrolment.cadre, invited.name);
    assert!(
        enrolment.synthetic,
        "the phone doesn't say that every family is made up"
    );
    let progress = cadre.phone().progress()?;
    assert!(progress.total.target > 0, "no targets came");
    assert_eq!(
        progress.areas.len(),
        enrolment.areas.len(),
        "a target for each of her RTs"
    );
    Ok(cadre)
}

fn she_records_in_the_blank_spot(cadre: Cadre, who: &Who) -> Result<(Cadre, Families)> {
    let met = she_finds_by_name(&cadre, &who.met.household)?;
    let (cadre, visit) = she_fills_it_and_is_interrupted(cadre, met, &who.met)?;
    saved(visit)?;

    let mut visit = cadre.phone().households().visit(who.absent.id)?;
    let day = who.campaign.today();
    ketuk_sample::play(
        &who.absent.steps(Outcome::NotFound, day),
        &mut Taps(&mut visit),
    )?;
    let absent = saved(visit)?;

    let mut visit = cadre.phone().households().new_family(&who.new.area)?;
    ketuk_sample::play(&who.new.steps(Outcome::New, day), &mut Taps(&mut visit))?;
    let new = saved(visit)?;
    Ok((cadre, Families { met, absent, new }))
}

fn she_finds_by_name(cadre: &Cadre, family: &ketuk_sample::Household) -> Result<Uuid> {
    let beginning: String = family.head.to_lowercase().chars().take(4).collect();
    let filter = Filter {
        search: Some(beginning),
        ..Filter::default()
    };
    let page = cadre.phone().households().page(&filter, None, 50)?;
    let row = page.rows.iter().find(|row| row.id == family.id);
    let row = row.context("the family is not found by the beginning of its head's name")?;
    assert_eq!(row.state, HouseholdState::NotStarted);

    let detail = cadre.phone().households().detail(row.id, "id")?;
    assert!(
        detail.last_year && !detail.answers.is_empty(),
        "last year's answers are not shown"
    );
    Ok(row.id)
}

/// She confirms and corrects last year's answers, adds a member whose NIK she gets wrong, is killed in
/// the middle, and comes back to exactly where she was.
fn she_fills_it_and_is_interrupted(
    cadre: Cadre,
    household: Uuid,
    met: &ketuk_sample::Visit,
) -> Result<(Cadre, Visit)> {
    let mut visit = cadre.phone().households().visit(household)?;
    ketuk_sample::play(&met.steps(), &mut Taps(&mut visit))?;
    let sister = she_adds_a_sister(&mut visit)?;

    let before = visit.screen();
    drop(visit);
    let cadre = cadre.restart()?;
    let mut visit = cadre.phone().households().visit(household)?;
    assert_eq!(visit.screen(), before, "she is not where she was");
    assert_eq!(cadre.state(household)?, HouseholdState::Draft);

    let answered = visit.answer(&format!("{sister}/identitas/nik"), text("7571015205930007"))?;
    assert_eq!(question(&answered, "nik")?.problem, None);
    Ok((cadre, visit))
}

fn she_adds_a_sister(visit: &mut Visit) -> Result<String> {
    let screen = visit.add("anggota")?;
    let name = question(&screen, "nama")?;
    let sister = name.path.trim_end_matches("/siapa/nama").to_owned();
    for (path, answer) in [
        ("siapa/nama", text("Contoh Ipar")),
        ("siapa/perubahan", code("4")),
        ("identitas/jk", code("2")),
        ("identitas/tgl_lahir", text("1993-05-12")),
        ("identitas/akta_lahir", code("1")),
        ("perkawinan/hubungan", code("4")),
        ("perkawinan/kawin", code("1")),
        ("sosial/agama", code("1")),
        ("sosial/pekerjaan", code("4")),
        ("sosial/pendidikan", code("8")),
        ("sosial/jaminan", code("1")),
        ("sosial/keberadaan", code("1")),
    ] {
        visit.answer(&format!("{sister}/{path}"), answer)?;
    }
    visit.go_to(&format!("{sister}/identitas"))?;
    let wrong = visit.answer(&format!("{sister}/identitas/nik"), text("757101520593"))?;
    let nik = question(&wrong, "nik")?;
    let problem = nik.problem.context("a NIK of twelve digits passes")?;
    assert!(
        problem.message.contains("16"),
        "doesn't say why: {}",
        problem.message
    );
    assert_eq!(
        nik.value,
        text("757101520593"),
        "the answer doesn't stay as typed"
    );
    assert!(
        matches!(visit.finish()?, Finish::Unfinished(_)),
        "a wrong NIK can be finished"
    );
    Ok(sister)
}

fn saved(mut visit: Visit) -> Result<Uuid> {
    match visit.finish()? {
        Finish::Saved(row) => {
            assert_eq!(row.state, HouseholdState::Waiting);
            Ok(row.id)
        }
        Finish::Unfinished(problems) => anyhow::bail!("in the way: {problems:#?}"),
    }
}

fn without_signal_everything_stays_and_is_said(cadre: &Cadre, families: &Families) -> Result<()> {
    let report = cadre.sync(|_| ())?;
    assert_eq!(
        (report.end, report.received, report.still_waiting),
        (SyncEnd::NoSignal, 0, 3)
    );
    for family in families.all() {
        assert_eq!(cadre.state(family)?, HouseholdState::Waiting);
    }
    assert_eq!(cadre.phone().waiting(None, 10)?.rows.len(), 3);
    Ok(())
}

fn she_taps_send(cadre: &Cadre, families: &Families) -> Result<()> {
    let report = cadre.sync(|_| ())?;
    assert_eq!(
        (report.end, report.received, report.still_waiting),
        (SyncEnd::Done, 3, 0)
    );
    for family in families.all() {
        let detail = cadre.phone().households().detail(family, "id")?;
        assert_eq!(detail.row.state, HouseholdState::Received);
        let receipt = detail.receipt.context("no receipt")?;
        assert_eq!(
            (receipt.holding.household, receipt.holding.revision),
            (family, 1)
        );
    }
    Ok(())
}

/// The village's page as a manager has it open while the cadre is out.
struct OpenPage {
    browser: Browser,
    counted: u64,
}

async fn the_office_looks(office: &Office, village: &str) -> Result<OpenPage> {
    let told = office.told();
    let browser = Browser::open(1_280, 1_000).await?;
    browser
        .go(&format!("{}/area/{village}", told.address))
        .await?;
    browser
        .fill("name", told.name.as_deref().context("no account was made")?)
        .await?;
    browser
        .fill(
            "password",
            told.password.as_deref().context("no password was made")?,
        )
        .await?;
    browser.click("main button").await?;
    // Signing in leads to the page that was asked for.
    browser.see("[data-live] .achieved", "").await?;
    // A reload would lose this.
    browser
        .window()
        .execute("window.since = 'the beginning'", Vec::new())
        .await?;
    let counted = achieved(&browser).await?;
    Ok(OpenPage { browser, counted })
}

/// Met and new, as the page's big figure says: `449 dari 513 keluarga sasaran`.
async fn achieved(browser: &Browser) -> Result<u64> {
    let text = browser.text("[data-live] .achieved").await?;
    Ok(text.replace('.', "").parse()?)
}

async fn the_page_moves_without_a_reload(page: &OpenPage) -> Result<()> {
    let expected = page.counted + 2;
    page.browser
        .see("[data-live] .achieved", &expected.to_string())
        .await?;
    let since = page
        .browser
        .window()
        .execute("return window.since", Vec::new())
        .await?;
    assert_eq!(since, "the beginning", "the page was reloaded");
    let text = page.browser.text("main").await?;
    ensure!(
        text.contains("masih di HP"),
        "what still waits on phones is not shown"
    );
    ensure!(
        text.contains("Peringkat"),
        "the village's rank is not shown"
    );
    Ok(())
}

/// What `cargo xtask pictures` finds: the regency as a manager sees it at a desk and on a phone, and the
/// village.
async fn it_is_photographed(office: &Office, page: &OpenPage, village: &str) -> Result<()> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("../pictures");
    let address = &office.told().address;
    for (name, area, width, height) in [
        ("office-village.png", village, 1_280, 1_300),
        ("office-regency.png", "75.71", 1_280, 1_300),
        ("office-phone.png", "75.71", 500, 900),
    ] {
        page.browser.window().set_window_size(width, height).await?;
        page.browser.go(&format!("{address}/area/{area}")).await?;
        page.browser.photograph(&folder.join(name)).await?;
    }
    Ok(())
}

fn each_is_on_the_server_once(office: &Office, families: &Families) -> Result<()> {
    let entries = office.place().entries()?;
    for family in families.all() {
        let of_it: Vec<_> = entries
            .iter()
            .filter(|entry| entry.household == family)
            .collect();
        assert_eq!(
            of_it.len(),
            1,
            "{family} is on the server {} times",
            of_it.len()
        );
        assert_eq!(of_it[0].verdict, Verdict::Revision);
    }
    let met = entries
        .iter()
        .find(|entry| entry.household == families.met)
        .context("lost")?;
    assert!(
        met.document.contains("Contoh Ipar"),
        "the new member is not in the document"
    );
    Ok(())
}

fn question(screen: &Screen, name: &str) -> Result<Question> {
    let found = screen.items.iter().find_map(|item| match item {
        Item::Question(question) if question.path.ends_with(&format!("/{name}")) => Some(question),
        _ => None,
    });
    found
        .cloned()
        .with_context(|| format!("{name} is not on the page {}", screen.page.0))
}

fn text(typed: &str) -> Answer {
    Answer::Text(typed.to_owned())
}

fn code(code: &str) -> Answer {
    Answer::Choice(code.to_owned())
}
