//! The MQTT broker as its clients see it.

mod delivery;
mod house;
mod limits;
mod peer;
mod programs;
mod promises;
