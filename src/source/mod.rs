//! Where observations come from.

pub mod mqtt;
