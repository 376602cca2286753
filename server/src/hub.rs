//! What the server's parts share: the database, the clock, and what is kept in memory of it.

use std::collections::HashSet;
use std::sync::{Arc, PoisonError, RwLock};

use ketuk_wire::{AreaCode, Campaign, Level, Op};
use tokio::sync::{broadcast, mpsc};

use crate::Error;
use crate::clock::Clock;
use crate::db::{Db, Store};
use crate::forms::Forms;
use crate::secrets::Secrets;

/// Areas whose figures just changed, the ones above them included.
pub(crate) type Moved = Arc<HashSet<String>>;

/// Messages that a page may lag behind before it is told to look anyway.
const LAG: usize = 64;

pub(crate) struct Hub {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) secrets: Secrets,
    pub(crate) forms: Forms,
    campaign: RwLock<Option<Arc<Campaign>>>,
    villages: RwLock<HashSet<String>>,
    dirty: mpsc::UnboundedSender<String>,
    moved: broadcast::Sender<Moved>,
}

impl Hub {
    /// Opens the database; with the hub come the villages that are to be summed up.
    pub(crate) fn open(
        store: &Store,
        clock: Clock,
    ) -> Result<(Hub, mpsc::UnboundedReceiver<String>), Error> {
        let db = Db::open(store)?;
        let secrets = Secrets::load_or_make(&db)?;
        let forms = Forms::load(&db)?;
        let (dirty, to_sum_up) = mpsc::unbounded_channel();
        let hub = Hub {
            db,
            clock,
            secrets,
            forms,
            campaign: RwLock::default(),
            villages: RwLock::default(),
            dirty,
            moved: broadcast::channel(LAG).0,
        };
        hub.reload()?;
        Ok((hub, to_sum_up))
    }

    /// Reads again what is kept in memory, after the campaign was set up.
    pub(crate) fn reload(&self) -> Result<(), Error> {
        let campaign = self.campaign_now()?;
        let villages = self
            .db
            .read(|tx| tx.query("SELECT village FROM village", &[]))?;
        let villages: Result<HashSet<String>, Error> = villages
            .iter()
            .map(|row| row.text(0).map(str::to_owned))
            .collect();
        *write(&self.campaign) = campaign.map(Arc::new);
        *write(&self.villages) = villages?;
        Ok(())
    }

    /// Looks once more for the villages and questionnaires of these entries that are not known here:
    /// another process on the same database may have set them up since.
    pub(crate) fn catch_up(&self, ops: &[Op]) -> Result<(), Error> {
        let villages = ops.iter().filter(|op| op.area.level() == Level::Rt);
        let villages = villages.filter_map(|op| op.area.at(Level::Village));
        let unknown: HashSet<_> = villages.filter(|area| !self.has_village(area)).collect();
        if !unknown.is_empty() && self.any_was_set_up(&unknown)? {
            self.reload()?;
        }
        if ops.iter().any(|op| self.forms.by_name(&op.form).is_none()) {
            self.forms.catch_up(&self.db)?;
        }
        Ok(())
    }

    fn any_was_set_up(&self, villages: &HashSet<AreaCode>) -> Result<bool, Error> {
        self.db.read(|tx| {
            for village in villages {
                let sql = "SELECT 1 FROM village WHERE village = $1";
                if tx.query_first(sql, &[village.as_str().into()])?.is_some() {
                    return Ok(true);
                }
            }
            Ok(false)
        })
    }

    /// The campaign as it stands in the database: another process may have set it up since.
    pub(crate) fn campaign_now(&self) -> Result<Option<Campaign>, Error> {
        let row = self
            .db
            .read(|tx| tx.query_first("SELECT value FROM meta WHERE name = 'campaign'", &[]))?;
        row.map(|row| serde_json::from_slice(row.blob(0)?).map_err(Error::internal))
            .transpose()
    }

    /// The campaign, once one is set up.
    pub(crate) fn campaign(&self) -> Option<Arc<Campaign>> {
        read(&self.campaign).clone()
    }

    pub(crate) fn has_village(&self, village: &AreaCode) -> bool {
        read(&self.villages).contains(village.as_str())
    }

    /// Says that a village's figures changed.
    pub(crate) fn wake(&self, village: &str) {
        // Nobody sums up any more when the server stops; the next start finds the village by its
        // version.
        let _ = self.dirty.send(village.to_owned());
    }

    /// Tells the pages that look at these areas.
    pub(crate) fn announce(&self, areas: HashSet<String>) {
        // No page is open: nobody to tell.
        let _ = self.moved.send(Arc::new(areas));
    }

    pub(crate) fn watch(&self) -> broadcast::Receiver<Moved> {
        self.moved.subscribe()
    }
}

fn read<T>(lock: &RwLock<T>) -> std::sync::RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

fn write<T>(lock: &RwLock<T>) -> std::sync::RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}
