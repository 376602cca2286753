//! How a phone comes to belong to a cadre, and is known afterwards.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use jiff::Timestamp;
use ketuk_wire::{
    AreaCode, Cadre, EnrolCode, EnrolRequest, EnrolResponse, RecoverRequest, RecoverResponse,
    SealedKey,
};
use uuid::Uuid;

use crate::Error;
use crate::db::{Row, Tx};
use crate::hub::Hub;
use crate::ingest::{Phone, Seen};
use crate::moves::{self, OF_NO_AREA};
use crate::secrets::{Token, new_code};

/// What a phone gets for its code.
#[derive(Debug)]
pub(crate) enum Enrolment {
    Welcome(Box<EnrolResponse>),
    /// There is no such code.
    Unknown,
    /// It has ended, or another phone used it.
    Spent,
    /// It is another cadre's than the phone's, and was not spent.
    OtherCadre,
}

/// Longest text kept of what a phone says of itself.
const LONGEST: usize = 80;

/// A phone's word on itself as it is kept: short, and nothing in it that a database refuses.
pub(crate) fn brief(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control())
        .take(LONGEST)
        .collect()
}

/// What a code is spent for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum For {
    /// To be taken up: the same phone may ask again with the same code.
    Enrolling,
    /// To have its database's key opened. A code that it was enrolled with, which lies about on paper,
    /// opens nothing.
    Recovering,
}

/// Spends a code. The same phone asking again gets the same cadre, and a new token in place of the
/// old one: its first answer may have been lost.
pub(crate) fn enrol(hub: &Hub, request: &EnrolRequest) -> Result<Enrolment, Error> {
    spend(hub, request, For::Enrolling)
}

/// Opens what a phone's key was sealed in, for who has a new code of the same cadre.
///
/// # Errors
/// [`Error::Parcel`] if it was not sealed to this server.
pub(crate) fn recover(
    hub: &Hub,
    request: RecoverRequest,
) -> Result<Result<RecoverResponse, Enrolment>, Error> {
    let sealed = BASE64.decode(&request.sealed).map_err(|_| Error::Parcel)?;
    let opened = age::decrypt(&hub.secrets.parcels, &sealed).map_err(|_| Error::Parcel)?;
    let sealed: SealedKey = ketuk_wire::decode(&opened).map_err(|_| Error::Parcel)?;
    let request = EnrolRequest {
        code: request.code,
        device: sealed.device,
        cadre: Some(sealed.cadre),
        model: request.model,
        app: request.app,
    };
    Ok(match spend(hub, &request, For::Recovering)? {
        Enrolment::Welcome(welcome) => Ok(RecoverResponse {
            key: sealed.key,
            welcome: *welcome,
        }),
        refused => Err(refused),
    })
}

fn spend(hub: &Hub, request: &EnrolRequest, what: For) -> Result<Enrolment, Error> {
    let Some(campaign) = hub.campaign_now()? else {
        return Ok(Enrolment::Unknown);
    };
    let recovers = i64::from(what == For::Recovering);
    let hash = hub.secrets.code_hash(&request.code)?;
    let (now, token) = (hub.clock.now(), Token::make()?);
    let mut touched = BTreeSet::new();
    let cadre = hub.db.write(|tx| {
        let known = tx.query_first(
            "SELECT village, cadre FROM invitation WHERE hash = $1",
            &[hash.as_slice().into()],
        )?;
        let Some(known) = known else {
            return Ok(Err(Enrolment::Unknown));
        };
        let whose = known.uuid(1)?;
        if request.cadre.is_some_and(|hers| hers != whose) {
            return Ok(Err(Enrolment::OtherCadre));
        }
        // Villages first, as everybody locks them, and then what is in them.
        let mut villages = homes(tx, request.device)?;
        villages.insert(known.text(0)?.to_owned());
        moves::lock(tx, &villages)?;
        // Taken in one statement, so that of two phones with the same code only one gets it.
        let taken = tx.query_first(
            "UPDATE invitation SET device = $2, recovers = $4
             WHERE hash = $1 AND (
                 (device = $2 AND recovers >= $4) OR (device IS NULL AND expires_at > $3))
             RETURNING village, cadre",
            &[
                hash.as_slice().into(),
                (&request.device).into(),
                now.into(),
                recovers.into(),
            ],
        )?;
        let Some(taken) = taken else {
            return Ok(Err(Enrolment::Spent));
        };
        let (village, cadre) = (taken.text(0)?, taken.uuid(1)?);
        if !villages.contains(village) {
            return Err(Error::Unavailable("the cadre is being moved".into()));
        }
        let phone = Phone::new(village, request.device, cadre, allotment(tx, cadre)?);
        bring_home(tx, &phone)?;
        keep_device(tx, &phone, &request.model, &request.app, now)?;
        touched = villages;
        tx.execute(
            "DELETE FROM token WHERE device = $1",
            &[(&request.device).into()],
        )?;
        tx.execute(
            "INSERT INTO token (hash, village, device) VALUES ($1, $2, $3)",
            &[
                token.hash.as_bytes().into(),
                village.into(),
                (&request.device).into(),
            ],
        )?;
        let name = tx.query_first(
            "SELECT name FROM cadre WHERE village = $1 AND id = $2",
            &[village.into(), cadre.into()],
        )?;
        Ok(Ok(Cadre {
            id: cadre,
            name: name.map_or(Ok(String::new()), |row| row.text(0).map(str::to_owned))?,
            areas: phone.rts,
        }))
    })?;
    touched.iter().for_each(|village| hub.wake(village));
    Ok(match cadre {
        Err(refused) => refused,
        Ok(cadre) => Enrolment::Welcome(Box::new(EnrolResponse {
            token: token.text,
            cadre,
            campaign,
            server_key: hub.secrets.signing.public(),
            recipient: hub.secrets.parcels.to_public().to_string(),
        })),
    })
}

/// Takes up a phone that needs no code, as the sample campaign's.
pub(crate) fn keep_phone(
    hub: &Hub,
    phone: &Phone,
    model: &str,
    app: &str,
    since: Timestamp,
) -> Result<(), Error> {
    hub.db.write(|tx| keep_device(tx, phone, model, app, since))
}

fn keep_device(
    tx: &mut Tx<'_>,
    phone: &Phone,
    model: &str,
    app: &str,
    now: Timestamp,
) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO device (village, id, cadre, model, app, enrolled_at, clock_ahead, high_seq,
             waiting, held, seen)
         VALUES ($1, $2, $3, $4, $5, $6, 0, 0, 0, 0, '[]')
         ON CONFLICT (village, id) DO UPDATE SET
             cadre = excluded.cadre, model = excluded.model, app = excluded.app,
             enrolled_at = excluded.enrolled_at, revoked_at = NULL",
        &[
            phone.village.as_str().into(),
            (&phone.device).into(),
            (&phone.cadre).into(),
            brief(model).into(),
            brief(app).into(),
            now.into(),
        ],
    )?;
    Ok(())
}

/// Takes a phone out of the campaign, and with it the code that it used. Its token stays, so that it
/// can be told; a new code takes it up again.
pub(crate) fn revoke(hub: &Hub, device: Uuid) -> Result<(), Error> {
    let now = hub.clock.now();
    let villages = hub.db.write(|tx| {
        let villages = homes(tx, device)?;
        moves::lock(tx, &villages)?;
        tx.execute(
            "UPDATE device SET revoked_at = $2, waiting = 0, held = 0
             WHERE id = $1 AND revoked_at IS NULL",
            &[device.into(), now.into()],
        )?;
        tx.execute("DELETE FROM invitation WHERE device = $1", &[device.into()])?;
        Ok(villages)
    })?;
    villages.iter().for_each(|village| hub.wake(village));
    Ok(())
}

/// The villages that have a row of this phone: one, or none.
fn homes(tx: &mut Tx<'_>, device: Uuid) -> Result<BTreeSet<String>, Error> {
    tx.query("SELECT village FROM device WHERE id = $1", &[device.into()])?
        .iter()
        .map(|row| row.text(0).map(str::to_owned))
        .collect()
}

/// A phone whose cadre is of another village now takes its row along: what of it is here, and which
/// numbers it gave out, is known as before. What names no area of the campaign is kept with it.
fn bring_home(tx: &mut Tx<'_>, phone: &Phone) -> Result<(), Error> {
    for sql in [
        &format!(
            "UPDATE attachment SET village = $2 WHERE device = $1 AND village <> $2 AND op IN (
                 SELECT op FROM entry WHERE device = $1 AND {OF_NO_AREA})"
        ),
        &format!("UPDATE entry SET village = $2 WHERE device = $1 AND {OF_NO_AREA}"),
        "UPDATE device SET village = $2 WHERE id = $1",
    ] {
        tx.execute(
            sql,
            &[(&phone.device).into(), phone.village.as_str().into()],
        )?;
    }
    Ok(())
}

/// Her RTs, wherever they are.
pub(crate) fn allotment(tx: &mut Tx<'_>, cadre: Uuid) -> Result<Vec<AreaCode>, Error> {
    tx.query(
        "SELECT rt FROM plan WHERE cadre = $1 ORDER BY rt",
        &[cadre.into()],
    )?
    .iter()
    .map(|row| row.parsed(0))
    .collect()
}

/// Makes a code for a cadre, which is told once: only its hash is kept.
pub(crate) fn invite(
    hub: &Hub,
    village: &AreaCode,
    cadre: Uuid,
    expires_at: Timestamp,
) -> Result<EnrolCode, Error> {
    let code = new_code()?;
    let hash = hub.secrets.code_hash(&code)?;
    hub.db.write(|tx| {
        tx.execute(
            "INSERT INTO invitation (hash, village, cadre, expires_at) VALUES ($1, $2, $3, $4)",
            &[
                hash.into(),
                village.as_str().into(),
                cadre.into(),
                expires_at.into(),
            ],
        )
    })?;
    Ok(code)
}

/// The village in which a cadre of the campaign is kept.
pub(crate) fn village_of_cadre(hub: &Hub, cadre: Uuid) -> Result<AreaCode, Error> {
    let row = hub
        .db
        .read(|tx| tx.query_first("SELECT village FROM cadre WHERE id = $1", &[cadre.into()]))?;
    let row = row.ok_or_else(|| Error::Setup("there is no cadre of this number".into()))?;
    row.parsed(0)
}

/// The phones of a cadre that are not taken out.
pub(crate) fn phones_of(hub: &Hub, cadre: Uuid) -> Result<Vec<Uuid>, Error> {
    let rows = hub.db.read(|tx| {
        tx.query(
            "SELECT id FROM device WHERE cadre = $1 AND revoked_at IS NULL",
            &[cadre.into()],
        )
    })?;
    rows.iter().map(|row| row.uuid(0)).collect()
}

/// Whose request it is.
#[derive(Debug)]
pub(crate) enum Caller {
    Known(Phone),
    /// The phone was taken out of the campaign.
    Revoked,
    Unknown,
}

/// The phone that holds this token.
pub(crate) fn caller(hub: &Hub, token: &str) -> Result<Caller, Error> {
    hub.db.read(|tx| {
        let row = tx.query_first(
            "SELECT d.village, d.id, d.cadre, d.revoked_at, d.high_seq,
                    CASE WHEN EXISTS (SELECT 1 FROM attachment a WHERE a.device = d.id)
                         THEN 1 ELSE 0 END, d.seen, d.doubled, d.put_back
             FROM token t JOIN device d ON d.village = t.village AND d.id = t.device
             WHERE t.hash = $1",
            &[Token::hash(token).as_bytes().into()],
        )?;
        match row {
            None => Ok(Caller::Unknown),
            Some(row) if !row.is_null(3) => Ok(Caller::Revoked),
            Some(row) => phone(tx, &row).map(Caller::Known),
        }
    })
}

/// A phone that was enrolled once, whoever holds its token now and whatever became of it.
pub(crate) fn enrolled(hub: &Hub, device: Uuid) -> Result<Option<Phone>, Error> {
    hub.db.read(|tx| {
        let row = tx.query_first(
            "SELECT village, id, cadre, revoked_at, high_seq, 0, seen, doubled, put_back FROM device
             WHERE id = $1 ORDER BY enrolled_at DESC",
            &[device.into()],
        )?;
        row.map(|row| phone(tx, &row)).transpose()
    })
}

fn phone(tx: &mut Tx<'_>, row: &Row) -> Result<Phone, Error> {
    let (village, cadre) = (row.text(0)?, row.uuid(2)?);
    Ok(Phone {
        village: village.to_owned(),
        device: row.uuid(1)?,
        cadre,
        rts: allotment(tx, cadre)?,
        seen: Seen::parse(row.text(6)?)?,
        high_seq: row.count(4)?,
        doubled: row.count(7)?,
        put_back: !row.is_null(8),
        has_photos: row.bool(5)?,
    })
}
