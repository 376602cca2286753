//! The one row that says who the phone is and how far it has come with its server.

use jiff::Timestamp;
use ketuk_wire::{Cadre, Campaign, EnrolResponse, PublicKey};
use rusqlite::{Connection, params};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::{Result, StorageFault, Store};

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
    pub(crate) epoch: Uuid,
    pub(crate) cursor: Option<String>,
    /// The server asked for peace until then.
    pub(crate) not_before: Option<Timestamp>,
    /// The latest that the server's clock has said.
    pub(crate) server_time: Option<Timestamp>,
}

impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Link")
            .field("server", &self.server)
            .field("epoch", &self.epoch)
            .finish_non_exhaustive()
    }
}

/// Gives a new database its identity.
pub(super) fn make(connection: &rusqlite::Transaction<'_>) -> Result<()> {
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

pub(super) fn time(row: &rusqlite::Row<'_>, column: &str) -> rusqlite::Result<Option<Timestamp>> {
    let time: Option<i64> = row.get(column)?;
    Ok(time.and_then(|ms| Timestamp::from_millisecond(ms).ok()))
}

impl Store {
    pub(crate) fn device(&self) -> Result<Device> {
        self.read(device)
    }

    /// Stores what came of an enrolment. The epoch known stays: if it is another server's, its first
    /// answer shows that, and it gets again what it lacks.
    pub(crate) fn enrol(&self, server: &str, answer: &EnrolResponse) -> Result<()> {
        let json = |fact: serde_json::Result<String>| fact.map_err(|_| StorageFault::row("device"));
        let cadre = json(serde_json::to_string(&answer.cadre))?;
        let campaign = json(serde_json::to_string(&answer.campaign))?;
        self.commit(|tx| {
            tx.execute(
                "UPDATE device SET server = ?1, token = ?2, cadre = ?3, campaign = ?4,
                     server_key = ?5, epoch = coalesce(epoch, ?6), not_before = NULL",
                params![
                    server,
                    answer.token,
                    cadre,
                    campaign,
                    answer.server_key.to_string(),
                    answer.epoch,
                ],
            )?;
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
                row.get::<_, Uuid>("epoch")?,
                row.get::<_, Option<String>>("cursor")?,
                time(row, "not_before")?,
                time(row, "server_time")?,
            ))
        });
        Ok((row.get("id")?, link.transpose()?))
    })?;
    let link = link
        .map(
            |(server, token, cadre, campaign, key, epoch, cursor, not_before, server_time)| {
                Ok::<_, StorageFault>(Link {
                    server,
                    token,
                    cadre: read_json(&cadre)?,
                    campaign: read_json(&campaign)?,
                    server_key: key.parse().map_err(|_| StorageFault::row("device"))?,
                    epoch,
                    cursor,
                    not_before,
                    server_time,
                })
            },
        )
        .transpose()?;
    Ok(Device { id, link })
}

fn read_json<T: DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|_| StorageFault::row("device"))
}
