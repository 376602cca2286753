//! The office's pages.

use std::sync::Mutex;
use std::time::Duration;

use futures_util::StreamExt as _;
use ketuk_server::{Options, Server};
use reqwest::{Response, StatusCode};

use super::world::{
    ANAS, NEXT_VILLAGE, NIK, PASSWORD, Place, VILLAGE, World, on_each_database, set_up,
};

/// A browser without a script.
pub(crate) struct Browser<'w> {
    world: &'w World,
    cookies: Mutex<Vec<(String, String)>>,
}

pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) location: String,
    pub(crate) text: String,
    pub(crate) headers: reqwest::header::HeaderMap,
}

impl<'w> Browser<'w> {
    pub(crate) fn new(world: &'w World) -> Browser<'w> {
        Browser {
            world,
            cookies: Mutex::default(),
        }
    }

    pub(crate) fn signed_in(world: &'w World) -> Browser<'w> {
        let browser = Browser::new(world);
        let page = browser.sign_in("admin", PASSWORD);
        assert_eq!(page.status, StatusCode::SEE_OTHER);
        browser
    }

    pub(crate) fn sign_in(&self, name: &str, password: &str) -> Page {
        let csrf = hidden(&self.page("/sign-in?to=/area/75.71"), "csrf");
        self.post(
            "/sign-in",
            &[
                ("csrf", &csrf),
                ("to", "/area/75.71"),
                ("name", name),
                ("password", password),
            ],
        )
    }

    fn cookie(&self) -> String {
        let cookies = self.cookies.lock().unwrap();
        let cookies: Vec<String> = cookies.iter().map(|(k, v)| format!("{k}={v}")).collect();
        cookies.join("; ")
    }

    fn keep_cookies(&self, answer: &Response) {
        let mut cookies = self.cookies.lock().unwrap();
        for set in answer.headers().get_all("set-cookie") {
            let (pair, _) = set.to_str().unwrap().split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            cookies.retain(|(known, _)| known != name);
            if !value.is_empty() {
                cookies.push((name.into(), value.into()));
            }
        }
    }

    pub(crate) fn get(&self, path: &str) -> Page {
        self.world.runtime.block_on(async {
            let request = self.world.http.get(self.world.url(path));
            let answer = request
                .header("cookie", self.cookie())
                .send()
                .await
                .unwrap();
            self.keep_cookies(&answer);
            Page::of(answer).await
        })
    }

    /// A page that must be there.
    pub(crate) fn page(&self, path: &str) -> String {
        let page = self.get(path);
        assert_eq!(page.status, StatusCode::OK, "{path}");
        page.text
    }

    pub(crate) fn post(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        let body: Vec<String> = fields
            .iter()
            .map(|(name, value)| format!("{name}={}", percent(value)))
            .collect();
        self.world.runtime.block_on(async {
            let request = self.world.http.post(self.world.url(path));
            let answer = request
                .header("cookie", self.cookie())
                .header("content-type", "application/x-www-form-urlencoded")
                .body(body.join("&"))
                .send()
                .await
                .unwrap();
            self.keep_cookies(&answer);
            Page::of(answer).await
        })
    }
}

impl Browser<'_> {
    /// Sends a form with a file.
    pub(crate) fn upload(&self, path: &str, csrf: &str, file: &[u8]) -> Page {
        let line = "limit-of-the-parts";
        let mut body = format!(
            "--{line}\r\ncontent-disposition: form-data; name=\"csrf\"\r\n\r\n{csrf}\r\n\
             --{line}\r\ncontent-disposition: form-data; name=\"parcel\"; filename=\"titipan\"\r\n\
             content-type: application/octet-stream\r\n\r\n"
        )
        .into_bytes();
        body.extend_from_slice(file);
        body.extend_from_slice(format!("\r\n--{line}--\r\n").as_bytes());
        self.world.runtime.block_on(async {
            let request = self.world.http.post(self.world.url(path));
            let answer = request
                .header("cookie", self.cookie())
                .header(
                    "content-type",
                    format!("multipart/form-data; boundary={line}"),
                )
                .body(body)
                .send()
                .await
                .unwrap();
            Page::of(answer).await
        })
    }
}

impl Page {
    async fn of(answer: Response) -> Page {
        let headers = answer.headers().clone();
        Page {
            status: answer.status(),
            location: headers
                .get("location")
                .map(|value| value.to_str().unwrap().to_owned())
                .unwrap_or_default(),
            text: answer.text().await.unwrap(),
            headers,
        }
    }
}

fn percent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

pub(crate) fn hidden(page: &str, name: &str) -> String {
    let start = format!("name=\"{name}\" value=\"");
    let (_, rest) = page.split_once(&start).unwrap();
    rest.split_once('"').unwrap().0.to_owned()
}

/// A page's words, without its tags.
pub(crate) fn text_of(page: &str) -> String {
    let mut text = String::new();
    let mut tag = false;
    for sign in page.chars() {
        match sign {
            '<' => tag = true,
            '>' => {
                tag = false;
                text.push(' ');
            }
            _ if !tag => text.push(sign),
            _ => {}
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn nobody_sees_a_page_before_signing_in_and_then_comes_where_they_wanted() {
    on_each_database(|world| {
        let browser = Browser::new(world);
        for path in ["/", "/area/75.71", "/live?area=75.71"] {
            let page = browser.get(path);
            assert_eq!(page.status, StatusCode::SEE_OTHER, "{path}");
            assert!(
                page.location.starts_with("/sign-in?to=/"),
                "{}",
                page.location
            );
        }
        let page = browser.sign_in("admin", PASSWORD);
        assert_eq!(page.location, "/area/75.71");
        let cookie = page.headers.get_all("set-cookie").iter();
        let session = cookie
            .filter_map(|c| c.to_str().ok())
            .find(|c| c.contains("ketuk_session"));
        let session = session.unwrap();
        assert!(
            session.contains("HttpOnly") && session.contains("SameSite=Strict"),
            "{session}"
        );
        assert!(browser.page("/area/75.71").contains("Kota Gorontalo"));
    });
}

#[test]
fn cookies_go_over_tls_only_if_browsers_come_that_way() {
    for (public_url, secure) in [
        (None, false),
        (Some("http://192.168.1.5:8030"), false),
        (Some("https://ketuk.example.id"), true),
    ] {
        let place = Place::Folder(tempfile::tempdir().unwrap());
        let server = Server::open(Options {
            admin_password: Some(PASSWORD.into()),
            public_url: public_url.map(|url| url.parse().unwrap()),
            ..Options::local(place.store())
        })
        .unwrap();
        let form = server.setup(set_up).unwrap();
        let world = World::around(server, place, form);
        let browser = Browser::new(&world);
        let cookies = |page: &Page| -> Vec<String> {
            let set = page.headers.get_all("set-cookie").iter();
            set.map(|cookie| cookie.to_str().unwrap().to_owned())
                .filter(|cookie| !cookie.contains("Max-Age=0"))
                .collect()
        };
        let mut set = cookies(&browser.get("/sign-in"));
        set.extend(cookies(&browser.sign_in("admin", PASSWORD)));
        assert_eq!(set.len(), 2, "{set:?}");
        for cookie in set {
            assert_eq!(
                cookie.contains("; Secure"),
                secure,
                "{public_url:?}: {cookie}"
            );
        }
    }
}

#[test]
fn a_wrong_password_says_so_keeps_the_name_and_after_ten_one_waits() {
    on_each_database(|world| {
        let browser = Browser::new(world);
        let page = browser.sign_in("admin", "salah");
        assert_eq!(page.status, StatusCode::UNAUTHORIZED);
        assert!(page.text.contains("tidak cocok") && page.text.contains("value=\"admin\""));
        assert!(!page.text.contains("salah"));
        assert_eq!(
            browser.sign_in("siapa", "salah").status,
            StatusCode::UNAUTHORIZED
        );
        let last = (0..10)
            .map(|_| browser.sign_in("admin", "salah"))
            .last()
            .unwrap();
        assert_eq!(last.status, StatusCode::TOO_MANY_REQUESTS);
        assert!(last.headers.contains_key("retry-after"));
        let right = browser.sign_in("admin", PASSWORD);
        assert_eq!(
            right.status,
            StatusCode::TOO_MANY_REQUESTS,
            "not even the right one"
        );
    });
}

#[test]
fn a_form_that_is_not_ours_is_refused() {
    on_each_database(|world| {
        let browser = Browser::new(world);
        let fields = [("csrf", "abc"), ("name", "admin"), ("password", PASSWORD)];
        assert_eq!(
            browser.post("/sign-in", &fields).status,
            StatusCode::FORBIDDEN
        );
        let browser = Browser::signed_in(world);
        let refused = browser.post("/sign-out", &[("csrf", "abc")]);
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
        browser.page("/area/75.71");
    });
}

#[test]
fn signing_out_ends_the_session_at_the_server_too() {
    on_each_database(|world| {
        let browser = Browser::signed_in(world);
        let stolen = browser.cookie();
        let csrf = hidden(&browser.page("/area/75.71"), "csrf");
        browser.post("/sign-out", &[("csrf", &csrf)]);
        assert_eq!(browser.get("/").status, StatusCode::SEE_OTHER);
        let status = world.runtime.block_on(async {
            let request = world
                .http
                .get(world.url("/area/75.71"))
                .header("cookie", stolen);
            request.send().await.unwrap().status()
        });
        assert_eq!(status, StatusCode::SEE_OTHER);
    });
}

#[test]
fn an_empty_server_says_what_to_do_first() {
    let place = super::world::Place::Folder(tempfile::tempdir().unwrap());
    let server = super::world::open(&place);
    let form = ketuk_wire::FormRef {
        id: String::new(),
        version: String::new(),
    };
    let world = World::around(server, place, form);
    let text = text_of(&Browser::signed_in(&world).page("/area/00"));
    assert!(text.contains("ketuk-server serve --sample"), "{text}");
}

#[test]
fn a_session_ends_by_itself() {
    on_each_database(|world| {
        let browser = Browser::signed_in(world);
        let ended = "UPDATE session SET expires_at = 0";
        world.sql(ended, ended);
        assert_eq!(browser.get("/area/75.71").status, StatusCode::SEE_OTHER);
    });
}

#[test]
fn a_village_page_says_how_far_it_is_and_what_its_phones_last_said() {
    on_each_database(|world| {
        let mut ana = world.phone(0);
        let mut ops: Vec<_> = (1..=6).map(|n| ana.visit(n, 1)).collect();
        ops.push(ana.visit_of(uuid::Uuid::new_v4(), 0, 9));
        ops.push(ana.visit(7, 2));
        let mut request = ana.request(&ops, None);
        request.outgoing.waiting = 8 + 3;
        request.clock.now = super::world::morning() + jiff::SignedDuration::from_hours(30);
        ana.ask(&request).unwrap();
        world.server().verify().unwrap();
        let text = text_of(&Browser::signed_in(world).page(&format!("/area/{VILLAGE}")));
        for said in [
            "Sejauh mana Dembe I?",
            "35,00 % 7 dari 20 keluarga sasaran",
            "3 masih di HP, belum diterima",
            "24 terdaftar = 6 ditemui + 1 pindah + 17 belum didata",
            "1 keluarga baru",
            "RT 001 / RW 001 Ana",
            "Uji A1 · 0.1.0",
            "jam HP salah",
            "◔ 3",
            "Peringkat 1 dari 2 di Kota Barat",
            "Budi RT 002 / RW 001 Selesai 0 dari 10 belum mendaftar",
        ] {
            assert!(text.contains(said), "no {said:?} in: {text}");
        }
    });
}

#[test]
fn an_area_says_its_place_among_those_beside_it_the_best_being_the_first() {
    on_each_database(|world| {
        let mut citra = world.phone(2);
        let ops: Vec<_> = (1..=3).map(|n| citra.visit(n, 1)).collect();
        citra.send(&ops);
        world.server().verify().unwrap();
        let browser = Browser::signed_in(world);
        let text = |path: &str| text_of(&browser.page(path));
        let best = text(&format!("/area/{NEXT_VILLAGE}"));
        assert!(best.contains("Peringkat 1 dari 2 di Kota Barat"), "{best}");
        let last = text(&format!("/area/{VILLAGE}"));
        assert!(last.contains("Peringkat 2 dari 2 di Kota Barat"), "{last}");
        // As in the ranking of the area in which they lie.
        let ranking = text("/area/75.71.01");
        assert!(ranking.contains(" 2 Dembe I "), "{ranking}");
        for alone in ["/area/00", "/area/75", "/area/75.71", "/area/75.71.01"] {
            let alone = text(alone);
            assert!(!alone.contains("Peringkat"), "{alone}");
        }
        browser.get("/language/en");
        let english = text(&format!("/area/{VILLAGE}"));
        assert!(english.contains("Rank 2 of 2 in Kota Barat"), "{english}");
    });
}

#[test]
fn pages_speak_english_when_asked_and_remember_it() {
    on_each_database(|world| {
        let browser = Browser::signed_in(world);
        let back = browser.get("/language/en?back=/area/75.71");
        assert_eq!(back.location, "/area/75.71");
        let text = text_of(&browser.page("/area/75.71"));
        assert!(text.contains("How far is Kota Gorontalo?"), "{text}");
        assert!(text.contains("0.00%"), "{text}");
        let back = browser.get("/language/id?back=https://evil.example");
        assert_eq!(back.location, "/");
    });
}

#[test]
fn no_list_and_no_page_shows_a_nik_and_every_page_forbids_what_it_does_not_need() {
    on_each_database(|world| {
        let mut ana = world.phone(0);
        let ops: Vec<_> = (1..=5).map(|n| ana.visit(n, 1)).collect();
        ana.send(&ops);
        let browser = Browser::signed_in(world);
        for path in [
            "/area/00",
            "/area/75",
            "/area/75.71",
            "/area/75.71.01",
            "/area/75.71.01.1001",
        ] {
            let page = browser.get(path);
            assert!(!page.text.contains(NIK), "{path}");
            let policy = page.headers["content-security-policy"].to_str().unwrap();
            assert!(policy.starts_with("default-src 'none'"), "{path}");
            assert_eq!(page.headers["cache-control"], "no-store", "{path}");
            assert!(
                !page.text.contains("style=\""),
                "{path} has a style that the policy forbids"
            );
        }
    });
}

#[test]
fn an_area_that_is_not_there_is_not_found_and_an_rt_stands_on_its_villages_page() {
    on_each_database(|world| {
        let browser = Browser::signed_in(world);
        for path in [
            "/area/11",
            "/area/x",
            "/area/75.71?sort=weather",
            "/nothing",
        ] {
            assert_eq!(browser.get(path).status, StatusCode::NOT_FOUND, "{path}");
        }
        let page = browser.get(&format!("/area/{ANAS}"));
        assert_eq!(page.location, format!("/area/{VILLAGE}"));
    });
}

#[test]
fn a_heading_orders_the_ranking_by_itself() {
    on_each_database(|world| {
        let mut citra = world.phone(2);
        let ops: Vec<_> = (1..=3).map(|n| citra.visit(n, 1)).collect();
        citra.send(&ops);
        world.server().verify().unwrap();
        let browser = Browser::signed_in(world);
        let order = |query: &str| {
            let text = text_of(&browser.page(&format!("/area/75.71.01{query}")));
            text.find("Dembe I").unwrap() < text.find("Lekobalo").unwrap()
        };
        assert!(order(""), "the lowest first");
        assert!(!order("?sort=achievement&down=true"));
        assert!(order("?sort=name"));
        assert!(!order("?sort=met&down=true"));
    });
}

#[test]
fn an_open_page_hears_of_a_sync_in_its_area_and_of_no_other() {
    on_each_database(|world| {
        let browser = Browser::signed_in(world);
        let (here, elsewhere) = (VILLAGE, NEXT_VILLAGE);
        let listen = |area: &str| {
            let url = world.url(&format!("/live?area={area}"));
            let request = world.http.get(url).header("cookie", browser.cookie());
            world
                .runtime
                .block_on(request.send())
                .unwrap()
                .bytes_stream()
        };
        let (mut near, mut far) = (listen(here), listen(elsewhere));
        let mut ana = world.phone(0);
        let op = ana.visit(1, 1);
        ana.send(&[op]);
        let heard = world.runtime.block_on(async {
            let next = near.next();
            tokio::time::timeout(Duration::from_secs(10), next).await
        });
        let heard = heard.unwrap().unwrap().unwrap();
        let heard = String::from_utf8_lossy(&heard);
        assert!(heard.contains("event: moved\ndata: "), "{heard:?}");
        let silent = world
            .runtime
            .block_on(async { tokio::time::timeout(Duration::from_millis(300), far.next()).await });
        assert!(silent.is_err(), "the other village heard {silent:?}");
    });
}

#[test]
fn what_needs_a_look_is_told_entry_by_entry_page_by_page_in_both_languages() {
    on_each_database(|world| {
        let mut ana = world.phone(0);
        let family = super::world::listed(ANAS, 1).id;
        let mut ops = vec![ana.visit(1, 1)];
        ops.extend((0..60).map(|_| ana.op(family, 0, r#"{"outcome":"99"}"#)));
        ana.send(&ops);
        let office = Browser::signed_in(world);
        let village = office.page(&format!("/area/{VILLAGE}"));
        let look = format!("/area/{VILLAGE}/look");
        assert!(village.contains(&format!("href=\"{look}\"")));
        let first = office.page(&look);
        let said = text_of(&first);
        assert!(said.contains("Perlu dilihat di Dembe I"), "{said}");
        assert!(said.contains("Kepala 1 (nomor 1)"), "{said}");
        assert!(said.contains("tidak lolos pemeriksaan kuesioner"), "{said}");
        assert!(
            said.contains("RT 001 / RW 001 · Ana · 20 Juli, 09.0"),
            "{said}"
        );
        let shown = |page: &str| page.matches("<h2>").count();
        assert_eq!(shown(&first), 50);
        let (_, rest) = first.split_once(&format!("{look}?after=")).unwrap();
        let after = rest.split_once('"').unwrap().0;
        let last = office.page(&format!("{look}?after={after}"));
        assert_eq!(shown(&last), 10);
        assert!(!last.contains("after="));
        office.get("/language/en");
        assert!(
            text_of(&office.page(&look)).contains("Its answers fail the questionnaire's checks")
        );
        for (absent, status) in [
            (format!("{look}?after=x"), StatusCode::NOT_FOUND),
            ("/area/75.71/look".into(), StatusCode::NOT_FOUND),
            ("/area/75.71.01.1009/look".into(), StatusCode::NOT_FOUND),
        ] {
            assert_eq!(office.get(&absent).status, status, "{absent}");
        }
        assert_eq!(
            text_of(&office.page(&format!("/area/{NEXT_VILLAGE}/look")))
                .matches("nothing more")
                .count(),
            1
        );
    });
}
