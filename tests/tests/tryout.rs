//! The phone to try, in a real browser, beside the office's page in another: the real app with the real
//! library on Android's framework, and the real server.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use ketuk_tests::browser::Browser;
use ketuk_tests::ledger::Place;
use ketuk_tests::office::{Invited, Office};
use ketuk_tests::tryout::TryOut;
use serde::Deserialize;

/// Taps there and back that are measured.
const MEASURED: usize = 20;

#[test]
fn a_family_recorded_on_the_browsers_phone_outlives_a_blank_spot_and_kills_and_the_office_sees_it()
-> Result<()> {
    let Some(arguments) = TryOut::built() else {
        eprintln!("not run: KETUK_TRYOUT names no phone");
        return Ok(());
    };
    let folder = tempfile::tempdir()?;
    let office = Office::with_sample(Place::Sqlite(folder.path().join("data")))?;
    let cadre = office.told().cadres.first().context("nobody is invited")?;
    let phone = TryOut::start(&arguments, office.told(), cadre)?;
    no_other_page_drives_it(&phone)?;
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let page = the_office_looks(&office, cadre).await?;
        let absent = counted(&page.text(".sum").await?, "tidak ditemui");
        let glass = Glass::open(&phone).await?;
        she_enrols(&glass).await?;

        glass.switch("signal", "OFF").await?;
        glass.sees("Tanpa sinyal. Aman di HP ini.").await?;
        she_begins_a_visit(&glass).await?;
        glass.kill().await?;
        glass.browser.click("#recents").await?;
        she_is_where_she_was_and_finishes(&glass).await?;
        glass.kill().await?;
        glass.browser.click("#icon").await?;
        glass.sees("RT Anda").await?;
        glass.sees("1 menunggu kirim").await?;
        glass.photograph("tryout").await?;

        glass.switch("signal", "ON").await?;
        glass.sees("0 menunggu kirim").await?;
        let expected = format!("{} tidak ditemui", absent + 1);
        page.see(".sum", &expected).await?;
        how_long_a_picture_takes(&glass).await
    })?;
    office.verify()
}

async fn the_office_looks(office: &Office, cadre: &Invited) -> Result<Browser> {
    let told = office.told();
    let page = Browser::open(1_280, 1_000).await?;
    let village = format!("{}/area/{}", told.address, cadre.village);
    page.go(&village).await?;
    let (name, password) = (told.name.as_deref(), told.password.as_deref());
    page.fill("name", name.context("no account")?).await?;
    page.fill("password", password.context("no password")?)
        .await?;
    page.click("main button").await?;
    page.see(".sum", "terdaftar").await?;
    Ok(page)
}

/// The families before this word in the sum of a village's page.
fn counted(sum: &str, word: &str) -> u64 {
    let before = sum
        .split(word)
        .next()
        .filter(|before| before.len() < sum.len());
    let figure = before.and_then(|before| before.split_whitespace().last());
    figure.and_then(|figure| figure.parse().ok()).unwrap_or(0)
}

async fn she_enrols(glass: &Glass) -> Result<()> {
    // The link has filled in code and address.
    glass.sees("Alamat server: http").await?;
    glass.tap("Daftarkan").await?;
    glass.sees("RT Anda").await
}

async fn she_begins_a_visit(glass: &Glass) -> Result<()> {
    glass.tap("Lanjut mendata").await?;
    glass.sees("Keluarga baru").await?;
    glass.tap("Belum didata").await?;
    glass
        .until(|words| words.iter().all(|word| word.said != "Diterima server"))
        .await?;
    glass.tap_second("Belum didata").await?;
    glass.tap("Mulai mendata").await?;
    glass.sees("Hasil kunjungan").await?;
    glass.tap("Tidak ditemui").await?;
    glass.drag_up("Sudah berapa kali dikunjungi?").await
}

/// The answer that she had given asks on, and a field takes the computer's keys.
async fn she_is_where_she_was_and_finishes(glass: &Glass) -> Result<()> {
    glass.sees("Hasil kunjungan").await?;
    // Below the question's field.
    glass.drag_up("Catatan").await?;
    glass.tap_second("Sudah berapa kali dikunjungi?").await?;
    glass.browser.type_keys("3").await?;
    glass.sees("Sudah berapa kali dikunjungi?: 3").await?;
    glass.tap("Selanjutnya").await?;
    glass.tap("Simpan dan selesai").await?;
    glass.sees("Tersimpan di HP. Menunggu kirim.").await
}

/// From home to the list and back, again and again, and what the page measured of it.
async fn how_long_a_picture_takes(glass: &Glass) -> Result<()> {
    #[derive(Deserialize)]
    struct Speed {
        first: Vec<u64>,
        rest: Vec<u64>,
    }
    let speed = async || -> Result<Speed> {
        let script = "return JSON.parse(document.getElementById('speed').dataset.all)";
        Ok(serde_json::from_value(glass.ask(script).await?)?)
    };
    let before = speed().await?;
    for _ in 0..MEASURED / 2 {
        // A press on what is being drawn anew is none.
        glass.rest().await?;
        glass.tap("Lanjut mendata").await?;
        glass.sees("Keluarga baru").await?;
        glass.rest().await?;
        glass.tap("Kembali").await?;
        glass.sees("RT Anda").await?;
    }
    let after = speed().await?;
    for (what, all, skip) in [
        ("picture", after.first, before.first.len()),
        ("last picture", after.rest, before.rest.len()),
    ] {
        let mut taps: Vec<u64> = all.into_iter().skip(skip).collect();
        taps.sort_unstable();
        let at = |part: usize| {
            taps.get(taps.len() * part / 100)
                .context("nothing measured")
        };
        eprintln!(
            "the phone to try, from a tap to its {what}: p50 {} ms, p95 {} ms, of {} taps",
            at(50)?,
            at(95)?,
            taps.len()
        );
    }
    Ok(())
}

/// What another page of the browser could send is refused.
fn no_other_page_drives_it(phone: &TryOut) -> Result<()> {
    let host = phone.address().trim_start_matches("http://");
    let own = format!("origin: http://{host}\r\n");
    let foreign = "origin: http://example.com\r\n";
    for (request, host, origin, status) in [
        ("POST /do", host, own.as_str(), "204"),
        ("POST /do", host, foreign, "403"),
        ("POST /do", host, "", "403"),
        ("POST /do", "example.com", own.as_str(), "403"),
        ("GET /", host, "", "200"),
        ("GET /", "example.com", "", "403"),
        ("GET /office", host, foreign, "403"),
        ("GET /events", host, foreign, "403"),
    ] {
        let mut stream = TcpStream::connect(phone.address().trim_start_matches("http://"))?;
        let body = r#"{"number":0,"actions":[]}"#;
        write!(
            stream,
            "{request} HTTP/1.1\r\nhost: {host}\r\n{origin}connection: close\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        )?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        let answer = String::from_utf8_lossy(&answer);
        ensure!(
            answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{request} for {host} with {origin:?} was answered {answer}"
        );
    }
    Ok(())
}

/// The phone's page, as somebody with a mouse and a keyboard has it open.
struct Glass {
    browser: Browser,
}

/// Something that is written on the phone's screen, and where it stands in the browser's window.
#[derive(Debug, Deserialize)]
struct Word {
    said: String,
    x: f64,
    y: f64,
}

impl Glass {
    async fn open(phone: &TryOut) -> Result<Glass> {
        let browser = Browser::open(1_280, 1_000).await?;
        browser.go(phone.address()).await?;
        Ok(Glass { browser })
    }

    async fn ask(&self, script: &str) -> Result<serde_json::Value> {
        Ok(self.browser.window().execute(script, Vec::new()).await?)
    }

    async fn words(&self) -> Result<Vec<Word>> {
        let script = "return document.documentElement.dataset.app !== 'OPEN' ? [] : \
            [...document.querySelectorAll('.words button')].map((word) => { \
              const at = word.getBoundingClientRect(); \
              return { said: word.textContent, x: at.x + at.width / 2, y: at.y + at.height / 2 }; })";
        Ok(serde_json::from_value(self.ask(script).await?)?)
    }

    /// Waits until the words on the screen are such.
    async fn until(&self, such: impl Fn(&[Word]) -> bool) -> Result<()> {
        let begun = Instant::now();
        loop {
            let words = self.words().await?;
            if !words.is_empty() && such(&words) {
                return Ok(());
            }
            if begun.elapsed() > Duration::from_secs(20) {
                let said: Vec<_> = words.iter().map(|word| &word.said).collect();
                bail!("waited in vain; on the phone's screen: {said:?}");
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn sees(&self, expected: &str) -> Result<()> {
        let there = |words: &[Word]| words.iter().any(|word| word.said.contains(expected));
        self.until(there)
            .await
            .with_context(|| format!("looking for {expected:?}"))
    }

    /// Taps what says just this, once it is there.
    async fn tap(&self, said: &str) -> Result<()> {
        self.tap_nth(said, 0).await
    }

    /// Taps the second of what says just this: below a filter the row, below a question its field.
    async fn tap_second(&self, said: &str) -> Result<()> {
        self.tap_nth(said, 1).await
    }

    async fn tap_nth(&self, said: &str, nth: usize) -> Result<()> {
        let such = |words: &[Word]| words.iter().filter(|word| word.said == said).count() > nth;
        self.until(such)
            .await
            .with_context(|| format!("for tapping {said:?}"))?;
        let at = self.place(said, nth).await?;
        let pressed = self.browser.press(at.x, at.y).await;
        pressed.with_context(|| format!("pressing {said:?} at {} {}", at.x, at.y))
    }

    async fn place(&self, said: &str, nth: usize) -> Result<Word> {
        let words = self.words().await?.into_iter();
        let word = words.filter(|word| word.said == said).nth(nth);
        word.with_context(|| format!("{said:?} went away"))
    }

    /// Drags the page up, as a thumb does, until this comes into sight.
    async fn drag_up(&self, said: &str) -> Result<()> {
        for _ in 0..5 {
            if self.words().await?.iter().any(|word| word.said == said) {
                return Ok(());
            }
            let script = "const at = document.getElementById('screen').getBoundingClientRect(); \
                return [at.x + at.width / 2, at.y + at.height * 0.75, at.y + at.height * 0.3]";
            let (x, from, to): (f64, f64, f64) = serde_json::from_value(self.ask(script).await?)?;
            self.browser.drag((x, from), (x, to)).await?;
            self.rest().await?;
        }
        self.sees(said).await
    }

    /// Until the phone has done all that it was asked, and shown it.
    async fn rest(&self) -> Result<()> {
        let begun = Instant::now();
        let script = "return !busy && waiting.length === 0 && \
            document.documentElement.dataset.after === String(number) && \
            document.documentElement.dataset.rest === 'true'";
        while self.ask(script).await? != serde_json::Value::Bool(true) {
            ensure!(begun.elapsed() < Duration::from_secs(20), "it never rests");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    async fn switch(&self, name: &str, to: &str) -> Result<()> {
        let part = format!("label:has(input[name='{name}'][value='{to}'])");
        self.browser.click(&part).await
    }

    /// Kills the app once it has come to rest: whatever it still does belongs to no promise.
    async fn kill(&self) -> Result<()> {
        self.rest().await?;
        self.browser.click("#kill").await?;
        self.browser.see("#gone", "").await?;
        let killed = "return document.documentElement.dataset.app === 'KILLED'";
        let begun = Instant::now();
        while self.ask(killed).await? != serde_json::Value::Bool(true) {
            ensure!(
                begun.elapsed() < Duration::from_secs(20),
                "it is not killed"
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    /// In what `cargo xtask pictures` looks through.
    async fn photograph(&self, name: &str) -> Result<()> {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("../pictures");
        let file = folder.join(format!("{name}.png"));
        self.browser.photograph(&file).await
    }
}
