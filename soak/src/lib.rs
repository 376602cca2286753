//! What the proof shares with others: a campaign of any size on a real server, and a fleet of phones.

pub mod campaign;
pub mod fleet;
