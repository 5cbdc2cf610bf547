//! careloop.

pub mod domain;
pub mod form;
pub mod device;
pub mod rule;
pub mod engine;
pub mod timeline;
pub mod simulate;
pub mod store;
pub mod inbox;
pub mod config;
