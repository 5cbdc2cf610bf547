//! The whole of careloop under load, beside Debian's mosquitto: `cargo bench --bench end_to_end`.
//!
//! Prints Markdown. Takes some minutes; a part alone: `-- throughput`, `alarm`, `size`, `homes`, `blackout`,
//! `pages`, `past`;
//! `once` takes one round instead of five.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::disallowed_methods,
    reason = "a bench reads the clock, prints what it measured and ends when something is wrong"
)]

mod alarm;
mod blackout;
mod figures;
mod homes;
mod load;
mod mqtt;
mod pages;
mod past;
mod server;
mod size;
mod throughput;

use std::process::ExitCode;

fn main() -> ExitCode {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with('-')).collect();
    let has = |word: &str| wanted.iter().any(|w| w == word);
    let rounds = if has("once") { 1 } else { 5 };
    let all = wanted.iter().all(|w| w == "once");
    let wants = |part: &str| all || has(part);
    let mosquitto = server::find_mosquitto();
    if mosquitto.is_none() {
        eprintln!(
            "mosquitto is not installed, and there is nothing to compare with: on Debian, \
             `apt install mosquitto`. Only what needs no comparison is measured."
        );
    }
    if let Some(mosquitto) = &mosquitto {
        if wants("throughput") {
            throughput::run(mosquitto, rounds);
        }
        if wants("alarm") {
            alarm::run(mosquitto);
        }
    }
    if wants("size") {
        size::run(rounds);
    }
    if wants("homes") {
        homes::run();
    }
    if wants("blackout") {
        blackout::run();
    }
    if wants("pages") {
        pages::run(rounds.min(3));
    }
    if wants("past") {
        past::run(rounds);
    }
    if mosquitto.is_some() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
