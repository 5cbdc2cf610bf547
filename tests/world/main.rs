//! The running program, as its users run it: a real process, real brokers, sensors and far sides,
//! kills and full disks.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "tests, which measure time from outside"
)]

mod device;
mod far_side;
mod house;
mod programs;
mod slow_side;

mod arrivals;
mod bad_input;
mod brokers;
mod crash;
mod cut_off;
mod credentials;
mod deeds;
mod demo;
mod errands;
mod flood;
mod forgotten;
mod ladder;
mod modbus;
mod newcomer;
mod register;
mod rules;
mod replayed;
mod rights;
mod rows;
mod secrets;
mod service;
mod starting;
mod storm;
mod walk;
mod waiting;
mod zigbee;
