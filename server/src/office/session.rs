//! Who is looking: accounts, signing in and out, sessions.

use std::sync::Arc;
use std::time::Instant;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use axum::Form;
use axum::extract::{Extension, FromRequestParts, Query, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use jiff::{SignedDuration, Timestamp};
use ketuk_wire::AreaCode;
use maud::{Markup, html};
use subtle::ConstantTimeEq as _;

use super::fault::{Fault, FaultPage};
use super::lang::{Lang, own_page};
use super::page::Page;
use crate::Error;
use crate::http::{App, Peer};
use crate::hub::Hub;
use crate::secrets::Token;

const SESSION: &str = "ketuk_session";

/// Ties the sign-in form to the browser that asked for it, before there is a session to do so.
const FORM: &str = "ketuk_form";

/// A working day; then one signs in again.
const LASTS: SignedDuration = SignedDuration::from_hours(12);

/// The first account's name.
const ADMIN: &str = "admin";

/// Makes the first account, if there is none; its password if it was made up here.
pub(crate) fn first_account(hub: &Hub, given: Option<String>) -> Result<Option<String>, Error> {
    let any = hub
        .db
        .read(|tx| tx.query_first("SELECT name FROM person LIMIT 1", &[]))?;
    if any.is_some() {
        return Ok(None);
    }
    let made_up = given.is_none();
    let password = match given {
        Some(password) => password,
        // 120 bits, typed once or twice.
        None => Token::make()?.text.chars().take(20).collect(),
    };
    let hash = hashed(&password)?;
    let now = hub.clock.now();
    hub.db.write(|tx| {
        tx.execute(
            "INSERT INTO person (name, password, area, added_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT DO NOTHING",
            &[
                ADMIN.into(),
                hash.into(),
                AreaCode::nation().as_str().into(),
                now.into(),
            ],
        )
    })?;
    Ok(made_up.then_some(password))
}

fn hashed(password: &str) -> Result<String, Error> {
    let hash = Argon2::default()
        .hash_password(password.as_bytes())
        .map_err(Error::internal)?;
    Ok(hash.to_string())
}

/// Somebody who is signed in.
#[derive(Debug, Clone)]
pub(super) struct Signed {
    pub(super) name: String,
    /// She sees this area and what lies in it.
    pub(super) area: AreaCode,
    /// Comes back with each form.
    pub(super) csrf: String,
    pub(super) lang: Lang,
}

impl FromRequestParts<Arc<App>> for Signed {
    type Rejection = FaultPage;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Signed, FaultPage> {
        let Ok(lang) = Lang::from_request_parts(parts, app).await;
        let page = parts.uri.path_and_query().map_or("/", |p| p.as_str());
        let sign_in = || FaultPage::from((lang, Fault::SignIn(page.to_owned())));
        let jar = CookieJar::from_headers(&parts.headers);
        let token = jar.get(SESSION).map(|cookie| cookie.value().to_owned());
        let token = token.ok_or_else(sign_in)?;
        let hub = app.hub.clone();
        let found = app.gate.run(move || find(&hub, &token, lang)).await;
        found
            .map_err(|error| FaultPage::from((lang, error.into())))?
            .ok_or_else(sign_in)
    }
}

fn find(hub: &Hub, token: &str, lang: Lang) -> Result<Option<Signed>, Error> {
    let row = hub.db.read(|tx| {
        tx.query_first(
            "SELECT p.name, p.area, s.csrf FROM session s JOIN person p ON p.name = s.person
             WHERE s.hash = $1 AND s.expires_at > $2",
            &[Token::hash(token).as_bytes().into(), hub.clock.now().into()],
        )
    })?;
    row.map(|row| {
        Ok(Signed {
            name: row.text(0)?.to_owned(),
            area: row.parsed(1)?,
            csrf: row.text(2)?.to_owned(),
            lang,
        })
    })
    .transpose()
}

#[derive(serde::Deserialize)]
pub(super) struct To {
    #[serde(default)]
    to: String,
}

/// The sign-in page.
pub(super) async fn form(
    State(app): State<Arc<App>>,
    lang: Lang,
    jar: CookieJar,
    Query(To { to }): Query<To>,
) -> Result<Response, FaultPage> {
    let token = Token::make().map_err(|e| FaultPage::from((lang, e.into())))?;
    let jar = jar.add(cookie(FORM, token.text.clone(), &app));
    Ok((jar, sign_in_page(lang, &token.text, &to, "", None)).into_response())
}

fn cookie(name: &'static str, value: String, app: &App) -> Cookie<'static> {
    Cookie::build((name, value))
        .path("/")
        .secure(app.secure)
        .http_only(true)
        .same_site(SameSite::Strict)
        .build()
}

fn sign_in_page(lang: Lang, csrf: &str, to: &str, name: &str, wrong: Option<&str>) -> Markup {
    let title = lang.say("Masuk", "Sign in");
    Page::plain(lang, title).with(html! {
        form.card.narrow method="post" action="/sign-in" {
            h1 { (title) }
            @if let Some(wrong) = wrong {
                p.trouble role="alert" { (wrong) }
            }
            input type="hidden" name="csrf" value=(csrf);
            input type="hidden" name="to" value=(own_page(to));
            label {
                span { (lang.say("Nama", "Name")) }
                input name="name" value=(name) required autocomplete="username"
                    autocapitalize="none" spellcheck="false" autofocus[name.is_empty()];
            }
            label {
                span { (lang.say("Kata sandi", "Password")) }
                input name="password" type="password" required
                    autocomplete="current-password" autofocus[!name.is_empty()];
            }
            button type="submit" { (title) }
        }
    })
}

#[derive(serde::Deserialize)]
pub(super) struct SignIn {
    csrf: String,
    #[serde(default)]
    to: String,
    name: String,
    password: String,
}

/// Checks name and password and begins a session.
pub(super) async fn sign_in(
    State(app): State<Arc<App>>,
    Extension(Peer(peer)): Extension<Peer>,
    lang: Lang,
    jar: CookieJar,
    Form(form): Form<SignIn>,
) -> Result<Response, FaultPage> {
    let fault = |fault: Fault| FaultPage::from((lang, fault));
    let own = jar
        .get(FORM)
        .is_some_and(|cookie| same(cookie.value(), &form.csrf));
    if !own {
        return Err(fault(Fault::StaleForm));
    }
    // By address and by name: neither one machine for all names nor many for one.
    let keys = [
        format!("sign-in from {}", peer.ip()),
        format!("sign-in as {}", form.name),
    ];
    for key in &keys {
        let counted = app.passwords.count(key, Instant::now());
        counted.map_err(|wait| fault(Fault::TooMany(wait)))?;
    }
    let hub = app.hub.clone();
    let (name, password) = (form.name.clone(), form.password);
    let begun = app
        .gate
        .run(move || begin(&hub, &name, &password))
        .await
        .map_err(|error| fault(error.into()))?;
    let Some(token) = begun else {
        tracing::warn!("somebody tried to sign in and could not");
        let wrong = lang.say(
            "Nama atau kata sandi tidak cocok. Periksa, lalu coba lagi.",
            "Name or password don't match. Check them and try again.",
        );
        let page = sign_in_page(lang, &form.csrf, &form.to, &form.name, Some(wrong));
        return Ok((StatusCode::UNAUTHORIZED, page).into_response());
    };
    keys.iter().for_each(|key| app.passwords.forgive(key));
    // Without an age it ends with the browser; the server ends it after a working day.
    let jar = jar
        .remove(Cookie::build(FORM).path("/"))
        .add(cookie(SESSION, token, &app));
    Ok((jar, Redirect::to(own_page(&form.to))).into_response())
}

pub(super) fn same(a: &str, b: &str) -> bool {
    a.as_bytes().ct_eq(b.as_bytes()).into()
}

/// A new session's token, if the password is right.
fn begin(hub: &Hub, name: &str, password: &str) -> Result<Option<String>, Error> {
    let row = hub.db.read(|tx| {
        tx.query_first(
            "SELECT password, name FROM person WHERE name = $1",
            // PostgreSQL takes no NUL in a text.
            &[name.replace('\0', "").into()],
        )
    })?;
    let Some(row) = row else {
        // As slow as for a name that there is.
        hashed(password)?;
        return Ok(None);
    };
    let hash = PasswordHash::new(row.text(0)?).map_err(Error::internal)?;
    if Argon2::default()
        .verify_password(password.as_bytes(), &hash)
        .is_err()
    {
        return Ok(None);
    }
    let (token, csrf, now) = (Token::make()?, Token::make()?, hub.clock.now());
    hub.db.write(|tx| {
        tx.execute("DELETE FROM session WHERE expires_at <= $1", &[now.into()])?;
        tx.execute(
            "INSERT INTO session (hash, person, csrf, expires_at) VALUES ($1, $2, $3, $4)",
            &[
                token.hash.as_bytes().into(),
                row.text(1)?.into(),
                csrf.text.as_str().into(),
                ends(now).into(),
            ],
        )
    })?;
    Ok(Some(token.text))
}

fn ends(now: Timestamp) -> Timestamp {
    now.checked_add(LASTS).unwrap_or(now)
}

#[derive(serde::Deserialize)]
pub(super) struct SignOut {
    csrf: String,
}

/// Ends the session, here and at the server.
pub(super) async fn sign_out(
    State(app): State<Arc<App>>,
    signed: Signed,
    jar: CookieJar,
    Form(form): Form<SignOut>,
) -> Result<Response, FaultPage> {
    let lang = signed.lang;
    if !same(&signed.csrf, &form.csrf) {
        return Err((lang, Fault::StaleForm).into());
    }
    if let Some(session) = jar.get(SESSION) {
        let (hub, hash) = (app.hub.clone(), Token::hash(session.value()));
        app.gate
            .run(move || {
                hub.db.write(|tx| {
                    tx.execute(
                        "DELETE FROM session WHERE hash = $1",
                        &[hash.as_bytes().into()],
                    )
                })
            })
            .await
            .map_err(|error| FaultPage::from((lang, error.into())))?;
    }
    let jar = jar.remove(Cookie::build(SESSION).path("/"));
    Ok((jar, Redirect::to("/sign-in")).into_response())
}
