//! The peers of Ketuk's form engine, and the forms that they are asked about: what both the comparison and
//! the figures need.

pub mod case;
pub mod paths;
pub mod peer;
pub mod pyxform;
