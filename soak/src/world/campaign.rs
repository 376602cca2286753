//! A campaign small enough to be run a thousand times a minute: two villages, three cadres with two
//! phones each, four RTs of five families, eight questions.

use anyhow::Result;
use jiff::Timestamp;
use jiff::civil::date;
use ketuk_server::{Error, Setup};
use ketuk_wire::{Area, AreaCode, Cadre, Campaign, Household, Sha256, Target};
use serde_json::json;
use serde_json::value::RawValue;
use uuid::Uuid;

/// The campaign's twelfth day, nine in the morning where it is.
pub(crate) const BEGIN: &str = "2026-07-12T01:00:00Z";

/// The villages, and who visits which RT of them.
pub(crate) const VILLAGES: [(&str, &str); 2] =
    [("75.71.01.1001", "Dembe I"), ("75.71.01.1002", "Lekobalo")];
pub(crate) const CADRES: [&str; 3] = ["Ana", "Budi", "Citra"];
/// An RT, and its cadre's place in [`CADRES`].
pub(crate) const RTS: [(&str, usize); 4] = [
    ("75.71.01.1001.001.001", 0),
    ("75.71.01.1001.001.002", 1),
    ("75.71.01.1002.001.001", 2),
    ("75.71.01.1002.001.002", 2),
];
const LISTED: u64 = 5;

/// Each visit adds a row here, whose answer tells it from every other visit: so a document says of which
/// visits its phone knew when it was finished, and what was put together of two says both.
pub(crate) const VISITS: &str = "kunjungan";
pub(crate) const MARK: &str = "catatan";

pub(crate) fn begin() -> Result<Timestamp> {
    Ok(BEGIN.parse()?)
}

pub(crate) fn village_of(cadre: usize) -> &'static str {
    VILLAGES[usize::from(cadre == 2)].0
}

pub(crate) fn cadre_id(cadre: usize) -> Uuid {
    Uuid::from_u128(100 + cadre as u128)
}

/// The questionnaire. The loose one looks the same and lets any age pass: a phone that holds it sends
/// what the server's checks refuse.
pub(crate) fn sheets(version: u32, loose: bool) -> Vec<u8> {
    let ages = if loose { "" } else { ". >= 0 and . <= 120" };
    let survey = format!(
        "type,name,label,required,constraint,calculation,ketuk::role\n\
         select_one hasil,outcome,Hasil kunjungan,yes,,,outcome\n\
         text,nomor,Nomor,,,,family_number\n\
         text,nama,Kepala keluarga,yes,,,head_name\n\
         text,alamat,Alamat,,,,address\n\
         integer,umur,Umur,,{ages},,\n\
         begin_repeat,anggota,Anggota,,,,members\n\
         text,siapa,Nama,yes,,,\n\
         integer,usia,Usia,,,,\n\
         end_repeat,,,,,,\n\
         begin_repeat,{VISITS},Kunjungan,,,,\n\
         text,{MARK},Catatan,,,,\n\
         end_repeat,,,,,,\n\
         calculate,jumlah,,,,count(${{anggota}}),\n"
    );
    let outcomes: String = (1..=9).map(|n| format!("hasil,{n},Hasil {n}\n")).collect();
    json!({
        "survey.csv": survey,
        "choices.csv": format!("list_name,name,label\n{outcomes}"),
        "settings.csv": format!("form_title,form_id,version\nUji,uji,{version}\n"),
    })
    .to_string()
    .into_bytes()
}

pub(crate) fn set_up(setup: &Setup<'_>) -> Result<(), Error> {
    setup.campaign(&Campaign {
        id: Uuid::from_u128(7),
        title: "Pendataan uji".into(),
        first_day: date(2026, 7, 1),
        last_day: date(2026, 7, 31),
        synthetic: true,
        lock: ketuk_wire::PhoneLock::default(),
    })?;
    setup.form(sheets(1, false))?;
    let above = [
        ("75", "GORONTALO"),
        ("75.71", "KOTA GORONTALO"),
        ("75.71.01", "Kota Barat"),
    ];
    let areas = above.iter().chain(&VILLAGES).map(|(code, name)| {
        Ok(Area {
            code: self::code(code)?,
            name: (*name).into(),
        })
    });
    setup.areas(&areas.collect::<Result<Vec<_>, Error>>()?)?;
    for cadre in 0..CADRES.len() {
        let rts = RTS.iter().filter(|(_, whose)| *whose == cadre);
        for (rt, _) in rts {
            allot(setup, rt, cadre)?;
        }
    }
    for (rt, whose) in RTS {
        let families = (1..=LISTED).map(|n| listed(rt, n));
        let families = families.collect::<Result<Vec<_>, Error>>()?;
        setup.households(&code(village_of(whose))?, families)?;
    }
    Ok(())
}

/// Gives an RT to a cadre of its village.
pub(crate) fn allot(setup: &Setup<'_>, rt: &str, cadre: usize) -> Result<(), Error> {
    let whose = Cadre {
        id: cadre_id(cadre),
        name: CADRES[cadre].into(),
        areas: Vec::new(),
    };
    let target = Target {
        area: code(rt)?,
        families: LISTED,
    };
    let village: String = rt.split('.').take(4).collect::<Vec<_>>().join(".");
    setup.cadre(&code(&village)?, &whose, &[target])
}

pub(crate) fn code(text: &str) -> Result<AreaCode, Error> {
    text.parse()
        .map_err(|_| Error::Setup(format!("{text} is no area")))
}

fn listed(rt: &str, n: u64) -> Result<Household, Error> {
    let digest = Sha256::of(format!("{rt} {n}").as_bytes());
    let mut id = [0; 16];
    id.copy_from_slice(&digest.as_bytes()[..16]);
    let document = json!({"outcome": "1", "nama": format!("Kepala {n}")}).to_string();
    Ok(Household {
        id: Uuid::from_bytes(id),
        area: code(rt)?,
        number: n.to_string(),
        head: format!("Kepala {n}"),
        address: format!("Jalan {n}"),
        revision: 0,
        outcome: None,
        document: RawValue::from_string(document).ok(),
    })
}
