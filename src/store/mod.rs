//! The one database file.

pub mod keep;
