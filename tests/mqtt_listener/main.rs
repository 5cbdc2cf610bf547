//! The MQTT broker as its clients see it.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, also in what its tests share"
)]

mod bridge;
mod delivery;
mod hostile;
mod house;
mod limits;
mod peer;
mod programs;
mod promises;
mod replay;
