//! The one row that says who the phone is and how it stands with its server.

use jiff::Timestamp;
use ketuk_wire::{AreaCode, Cadre, Campaign, EnrolResponse, PublicKey, SeqRanges};
use rusqlite::{Connection, Transaction, params};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::fates::send_lost_again;
use super::proofs::server_key;
use super::pull::start_over;
use super::{Result, StorageFault, Store, forms};

/// The phone itself.
#[derive(Debug, Clone)]
pub(crate) struct Device {
    pub(crate) id: Uuid,
    /// None before it is enrolled.
    pub(crate) link: Option<Link>,
}

/// What ties it to a campaign's server.
#[derive(Clone)]
pub(crate) struct Link {
    pub(crate) server: String,
    pub(crate) token: String,
    pub(crate) cadre: Cadre,
    pub(crate) campaign: Campaign,
    pub(crate) server_key: PublicKey,
    /// What is handed over is sealed to this; none since an enrolment by an older app.
    pub(crate) recipient: Option<String>,
    pub(crate) standing: Standing,
    pub(crate) cursor: Option<String>,
    /// The server asked for peace until then.
    pub(crate) not_before: Option<Timestamp>,
    /// The latest that the server's clock has said.
    pub(crate) server_time: Option<Timestamp>,
}

/// Whether the server still takes what this phone sends. A flag beside the queue: collecting goes on
/// whatever it says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Standing {
    /// As far as the phone knows.
    #[default]
    Fine,
    /// The server doesn't know the phone's sign-in any more: a new code renews it.
    SignedOut,
    /// The phone was revoked. Everything on it is kept, and can leave it sealed.
    Revoked,
}

impl Standing {
    const ALL: [Standing; 3] = [Standing::Fine, Standing::SignedOut, Standing::Revoked];

    fn from_number(number: i64) -> Standing {
        let known = usize::try_from(number)
            .ok()
            .and_then(|at| Standing::ALL.get(at));
        known.copied().unwrap_or_default()
    }
}

impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Link")
            .field("server", &self.server)
            .field("standing", &self.standing)
            .finish_non_exhaustive()
    }
}

/// Gives a new database its identity.
pub(super) fn make(connection: &Transaction<'_>) -> Result<()> {
    let made: bool =
        connection.query_row("SELECT EXISTS (SELECT 1 FROM device)", [], |row| row.get(0))?;
    if !made {
        connection.execute(
            "INSERT INTO device (only, id) VALUES (1, ?1)",
            [Uuid::new_v4()],
        )?;
    }
    Ok(())
}

/// The server answered: it takes what this phone sends, and asks for no peace.
pub(super) fn heard(tx: &Transaction<'_>, server_time: Timestamp) -> Result<()> {
    tx.prepare_cached("UPDATE device SET server_time = ?1, not_before = NULL, standing = 0")?
        .execute([server_time.as_millisecond()])?;
    Ok(())
}

pub(super) fn time(row: &rusqlite::Row<'_>, column: &str) -> rusqlite::Result<Option<Timestamp>> {
    let time: Option<i64> = row.get(column)?;
    Ok(time.and_then(|ms| Timestamp::from_millisecond(ms).ok()))
}

impl Store {
    pub(crate) fn device(&self) -> Result<Device> {
        self.read(device)
    }

    /// Stores what came of an enrolment. Under another key than before, no receipt can be checked any
    /// more: what was acknowledged goes again, and gets its receipt from this server.
    pub(crate) fn enrol(&self, server: &str, answer: &EnrolResponse) -> Result<()> {
        let json = |fact: serde_json::Result<String>| fact.map_err(|_| StorageFault::row("device"));
        let cadre = json(serde_json::to_string(&answer.cadre))?;
        let campaign = json(serde_json::to_string(&answer.campaign))?;
        self.commit(|tx| {
            if server_key(tx)?.is_some_and(|known| known != answer.server_key) {
                send_lost_again(tx, &SeqRanges::default())?;
            }
            tx.execute(
                "UPDATE device SET server = ?1, token = ?2, cadre = ?3, campaign = ?4,
                     server_key = ?5, recipient = ?6, standing = 0, not_before = NULL",
                params![
                    server,
                    answer.token,
                    cadre,
                    campaign,
                    answer.server_key.to_string(),
                    answer.recipient,
                ],
            )?;
            Ok(())
        })
    }

    /// Notes which app uses the database from now on. What another one could make nothing of, this one is
    /// shown again: its questionnaires, and the news from the start if it skipped any.
    pub(crate) fn used_by(&self, app: &str) -> Result<()> {
        self.commit(|tx| {
            let another = tx.execute("UPDATE device SET app = ?1 WHERE app IS NOT ?1", [app])? > 0;
            if another {
                forms::try_again(tx)?;
                if tx.execute("UPDATE device SET skipped = 0 WHERE skipped", [])? > 0 {
                    start_over(tx)?;
                }
            }
            Ok(())
        })
    }

    /// Notes that the server takes nothing more from this phone for now.
    pub(crate) fn stands(&self, standing: Standing) -> Result<()> {
        self.commit(|tx| {
            tx.execute("UPDATE device SET standing = ?1", [standing as u8])?;
            Ok(())
        })
    }

    /// Obeys the server's wish for peace, also after a restart of the app.
    pub(crate) fn keep_peace_until(&self, until: Timestamp) -> Result<()> {
        self.save(|tx| {
            tx.execute(
                "UPDATE device SET not_before = ?1",
                [until.as_millisecond()],
            )?;
            Ok(())
        })
    }
}

fn device(connection: &Connection) -> Result<Device> {
    let (id, link) = connection.query_row("SELECT * FROM device", [], |row| {
        let server: Option<String> = row.get("server")?;
        let link = server.map(|server| -> rusqlite::Result<_> {
            Ok((
                server,
                row.get::<_, String>("token")?,
                row.get::<_, String>("cadre")?,
                row.get::<_, String>("campaign")?,
                row.get::<_, String>("server_key")?,
                row.get::<_, Option<String>>("recipient")?,
                Standing::from_number(row.get("standing")?),
                row.get::<_, Option<String>>("cursor")?,
                time(row, "not_before")?,
                time(row, "server_time")?,
            ))
        });
        Ok((row.get("id")?, link.transpose()?))
    })?;
    let link = link
        .map(
            |(
                server,
                token,
                cadre,
                campaign,
                key,
                recipient,
                standing,
                cursor,
                not_before,
                server_time,
            )| {
                Ok::<_, StorageFault>(Link {
                    server,
                    token,
                    cadre: read_json(&cadre)?,
                    campaign: read_json(&campaign)?,
                    server_key: key.parse().map_err(|_| StorageFault::row("device"))?,
                    recipient,
                    standing,
                    cursor,
                    not_before,
                    server_time,
                })
            },
        )
        .transpose()?;
    Ok(Device { id, link })
}

/// The codes of her RTs.
pub(super) const HER_RTS: &str = "SELECT value FROM device, json_each(device.cadre, '$.areas')";

/// Her RTs are these now.
pub(super) fn allot(tx: &Transaction<'_>, areas: &[AreaCode]) -> Result<()> {
    let cadre: Option<String> = tx.query_row("SELECT cadre FROM device", [], |row| row.get(0))?;
    let Some(cadre) = cadre else { return Ok(()) };
    let mut cadre: Cadre = read_json(&cadre)?;
    cadre.areas = areas.to_vec();
    let cadre = serde_json::to_string(&cadre).map_err(|_| StorageFault::row("device"))?;
    tx.execute("UPDATE device SET cadre = ?1", [cadre])?;
    Ok(())
}

fn read_json<T: DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|_| StorageFault::row("device"))
}
