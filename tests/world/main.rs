//! The running program, as its users run it: a real process, real brokers, sensors and far sides,
//! kills and full disks.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod far_side;
mod house;
mod programs;

mod arrivals;
mod ladder;
mod rights;
