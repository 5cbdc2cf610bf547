//! Memory, start and size on disk, of one home.

use std::sync::Arc;
use std::time::Duration;

use careloop::config;
use careloop::domain::{HomeId, Input, Observation, Property, Span, Time, Value};
use careloop::gateway::Gateway;
use careloop::inbox::{Arrival, Letter};
use careloop::store::Store;

use super::figures::{median, resident};
use super::load::{self, Shape};
use super::server;

/// Rows that a home's sensors write in 30 days: one every five seconds.
const ROWS: i64 = 500_000;
const DAYS: i64 = 30;

pub fn run(rounds: usize) {
    println!("\n### Size, one home\n");
    println!("| | |");
    println!("|---|---:|");
    let mut careloop = server::careloop(server::folder(), 1);
    std::thread::sleep(Duration::from_secs(5));
    println!("| resident, idle | {:.1} MB |", resident(careloop.pid()));
    let shape = Shape { clients: 4, in_flight: 100, rate: Some(1000.0) };
    let (pid, port) = (careloop.pid(), careloop.port);
    let load = std::thread::spawn(move || load::run(port, 1, shape, Duration::from_secs(20)));
    let mut most: f64 = 0.0;
    while !load.is_finished() {
        std::thread::sleep(Duration::from_millis(100));
        most = most.max(resident(pid));
    }
    let rate = load.join().expect("a load that works");
    println!("| resident, most at {rate:.0} messages/s | {most:.1} MB |");
    let first = careloop.started_in;
    let mut folder = careloop.kill();
    println!("| start to ready, nothing there | {:.0} ms |", first.as_secs_f64() * 1000.0);
    folder.close().expect("a folder that can go");
    folder = server::folder();
    thirty_days(folder.path());
    let mut starts = Vec::new();
    for _ in 0..rounds {
        careloop = server::careloop(folder, 1);
        starts.push(careloop.started_in.as_secs_f64() * 1000.0);
        folder = careloop.kill();
    }
    let size =
        |path: &std::path::Path| std::fs::metadata(path).map_or(f64::NAN, |m| m.len() as f64 / 1e6);
    let journal = size(&server::database(folder.path()));
    println!(
        "| start to ready, {ROWS} rows of {DAYS} days ({journal:.0} MB) | {:.0} ms |",
        median(starts)
    );
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_careloop"));
    println!("| program | {:.1} MB |", size(program));
}

/// Writes the journal of a month, up to now, and ends as a power cut does: without saving.
pub fn thirty_days(folder: &std::path::Path) {
    server::configure(folder, 1);
    let config = config::load(folder).expect("a configuration");
    let until = careloop::clock::Clock::start(None).now();
    let from = until - Span::hours(24 * DAYS);
    let (store, _) = Store::open(&server::database(folder), from).expect("a store");
    let mut gateway =
        Gateway::open(store, Arc::clone(&config.book), &config.book_texts).expect("a gateway");
    // The hub is a home too, one that hardly ever speaks.
    let mut hub = (**config.homes.first().expect("a home")).clone();
    hub.id = "hub".parse().expect("a name");
    hub.devices.clear();
    let homes: Vec<_> = config.homes.iter().cloned().chain([Arc::new(hub)]).collect();
    gateway.register(from, &homes).expect("two homes");
    let every = Span::hours(24 * DAYS).0 / ROWS;
    let home: HomeId = "h0".parse().expect("a home");
    for first in (0..ROWS).step_by(100) {
        let letters: Vec<Letter> = (first..first + 100).map(|n| letter(&home, n)).collect();
        gateway.handle(Time(from.0 + every * first), &letters).expect("room on the disk");
    }
}

/// A home says mostly that somebody moves, or no more, and how warm it is.
fn letter(home: &HomeId, n: i64) -> Letter {
    let (device, property, value) = match n % 4 {
        0 => ("motion", Property::Motion, Value::Flag(n % 8 == 0)),
        1 => ("door", Property::Open, Value::Flag(n % 3 == 0)),
        2 => ("bed", Property::InBed, Value::Flag(true)),
        _ => ("radar", Property::Temperature, Value::Number(18.0 + (n % 300) as f64 / 100.0)),
    };
    let observations = vec![Observation::new(property, value).expect("what can be")];
    let device = device.parse().expect("a device");
    let input = Input::Heard { device, observations, retained: false };
    let arrival = Arrival::Input { home: home.clone(), input };
    let (receipt, _) = tokio::sync::oneshot::channel();
    Letter { arrival, receipt }
}
