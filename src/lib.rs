//! careloop watches over an old person at home, and does not let go until a human being has closed
//! what it found: detect, warn, alarm, close the loop.
//!
//! This list is the architecture. Modules stand in dependency order: each uses only what stands
//! above it, and nothing above the line touches the world. `tests/tidy.rs` keeps it true.
//!
//! The way of one observation: a *source* receives bytes → the *inbox* has the *catalogue* decode
//! them and puts them into one of two lanes → the one loop of the *app* takes a batch → the
//! *gateway* journals it, steps the home's *engine* (situation → rules judge → ladder climbs → plan
//! says whom) and writes incidents, record and outbox, all in one transaction → only then is the
//! source told to acknowledge, and the *sender* takes from the outbox → a *channel* tells a person.
//! The person's tap comes back through the inbox.

// WORDS: what careloop talks about, and how people write it down.
pub mod domain;
pub mod form;
pub mod template;

// PURE: thinking. No IO, no clock, no async, no randomness, no logging.
pub mod device;
pub mod baseline;
pub mod rule;
pub mod engine;
pub mod timeline;
pub mod wording;
pub mod report;
pub mod simulate;
pub mod trial;

// ------------------------------------------------------------------------------- the line

// DURABLE: one database file, one writer.
pub mod store;
pub mod inbox;
pub mod gateway;

// WORLD: the clock, where messages come in, how people are told, how the register is changed, what
// people see.
pub mod clock;
pub mod metrics;
pub mod health;
pub mod backoff;
pub mod secret;
pub mod tls;
pub mod source;
pub mod channel;
pub mod registrar;
pub mod web;

// ASSEMBLY: what is written in `config/`, the one loop, the command line.
pub mod config;
pub mod app;
pub mod cli;
