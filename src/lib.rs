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
pub mod gateway;
pub mod clock;
pub mod metrics;
pub mod health;
pub mod backoff;
pub mod secret;
pub mod tls;
pub mod source;
pub mod channel;
pub mod web;
pub mod config;
pub mod app;
pub mod cli;
