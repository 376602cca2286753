//! The office's figures: how long a page takes to make.

use anyhow::{Context, Result, ensure};
use ketuk_tests::ledger::Place;
use ketuk_tests::office::{Office, Told};
use reqwest::redirect::Policy;

use crate::figure::{Figure, Report, percentile};

/// Measures the city's page, of a server process that holds the whole city.
pub(crate) fn measure(report: &Report) -> Result<()> {
    report.measuring("the city's page");
    let folder = tempfile::tempdir()?;
    let office = Office::with_sample(Place::Sqlite(folder.path().to_owned()))?;
    let runtime = tokio::runtime::Runtime::new()?;
    let taken = runtime.block_on(pages(&office))?;
    let name = "the city's page (ranking, curve, sums), p99";
    report.figure(Figure::new("office", name, percentile(&taken, 0.99), "ms"))
}

async fn pages(office: &Office) -> Result<Vec<f64>> {
    let told = office.told();
    let http = reqwest::Client::builder()
        .redirect(Policy::none())
        .build()?;
    let cookie = sign_in(&http, told).await?;
    let mut taken = Vec::new();
    for _ in 0..300 {
        let begun = std::time::Instant::now();
        let page = http
            .get(format!("{}/area/75.71", told.address))
            .header("cookie", &cookie)
            .send()
            .await?;
        ensure!(page.status().is_success(), "answered {}", page.status());
        page.bytes().await?;
        taken.push(begun.elapsed().as_secs_f64() * 1_000.0);
    }
    taken.sort_by(f64::total_cmp);
    Ok(taken)
}

/// Signs in as a browser does, and gives the cookie of the session.
async fn sign_in(http: &reqwest::Client, told: &Told) -> Result<String> {
    let page = http.get(format!("{}/sign-in", told.address)).send().await?;
    let form_cookie = cookies(&page);
    let csrf = form_cookie
        .split_once('=')
        .context("the form has no cookie")?
        .1;
    let password = told.password.as_deref().context("no password was made")?;
    let answer = http
        .post(format!("{}/sign-in", told.address))
        .header("content-type", "application/x-www-form-urlencoded")
        .header("cookie", &form_cookie)
        .body(format!("csrf={csrf}&name=admin&password={password}"))
        .send()
        .await?;
    ensure!(
        answer.status().is_redirection(),
        "sign-in was answered {}",
        answer.status()
    );
    Ok(cookies(&answer))
}

fn cookies(answer: &reqwest::Response) -> String {
    let set = answer.headers().get_all("set-cookie").iter();
    let pairs: Vec<&str> = set
        .filter_map(|cookie| cookie.to_str().ok()?.split(';').next())
        .filter(|pair| !pair.ends_with('='))
        .collect();
    pairs.join("; ")
}
