//! What the system's tests, the demo and the figures stand on: a link of any quality, the real server
//! as a process, a browser, and cadres who work on the real core.

pub mod browser;
pub mod cadre;
pub mod ledger;
pub mod link;
pub mod office;
pub mod tryout;
