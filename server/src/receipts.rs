//! Whether a receipt that somebody shows is one of this server's, and whether what it speaks of is
//! still here.

use ketuk_wire::{Receipt, ReceiptFault};

use crate::Error;
use crate::hub::Hub;

/// What can be said of a receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReceiptCheck {
    /// This server gave it, and holds the entry.
    Held(Receipted),
    /// This server gave it, and holds the entry with another revision than then: it was put back from
    /// a copy, and the entry came anew; or the entry's questionnaire came after it.
    HeldAs {
        /// As the receipt says.
        then: Receipted,
        /// The revision that the entry is now; 0 if it is kept beside the revisions.
        revision: u64,
    },
    /// This server gave it, and doesn't have the entry: it was put back from a copy that is older, and
    /// the phone has not sent again.
    Lost(Receipted),
    /// It is no receipt, or none of this server's.
    Not(ReceiptFault),
}

/// What a receipt says that is nobody's secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipted {
    /// The short number that the phone shows beside the code.
    pub number: String,
    /// The revision that the entry became; 0 if it was kept beside the revisions.
    pub revision: u64,
    /// When it came.
    pub at: jiff::Timestamp,
}

/// Checks the text of a receipt.
pub(crate) fn check(hub: &Hub, text: &str) -> Result<ReceiptCheck, Error> {
    let valid = text.parse::<Receipt>().and_then(|receipt| {
        receipt.verify(&hub.secrets.signing.public())?;
        Ok(receipt)
    });
    let receipt = match valid {
        Ok(receipt) => receipt,
        Err(fault) => return Ok(ReceiptCheck::Not(fault)),
    };
    let holding = receipt.holding;
    // Whatever village it is in by now.
    let entries = hub.db.read(|tx| {
        tx.query(
            "SELECT revision FROM entry WHERE household = $1 AND sha256 = $2",
            &[holding.household.into(), holding.sha256.as_bytes().into()],
        )
    })?;
    let revisions: Result<Vec<u64>, Error> = entries
        .iter()
        .map(|row| Ok(row.opt(0, |row, at| row.count(at))?.unwrap_or(0)))
        .collect();
    let revisions = revisions?;
    let then = Receipted {
        number: receipt.number(),
        revision: holding.revision,
        at: holding.received_at,
    };
    Ok(if revisions.contains(&then.revision) {
        ReceiptCheck::Held(then)
    } else {
        match revisions.into_iter().max() {
            Some(revision) => ReceiptCheck::HeldAs { then, revision },
            None => ReceiptCheck::Lost(then),
        }
    })
}
