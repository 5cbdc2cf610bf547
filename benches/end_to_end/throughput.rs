//! Messages a second: careloop decodes, journals, fsyncs, judges and acknowledges; mosquitto merely
//! acknowledges.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use super::figures::{Times, median, processor};
use super::load::{self, Shape};
use super::server::{self, Server};

const HOMES: usize = 50;
const TIME: Duration = Duration::from_secs(4);
/// Clients, and messages in flight of each.
const SHAPES: [(usize, usize); 3] = [(50, 10), (50, 1), (1, 20)];

/// What was measured of one server with one shape of load, round by round.
#[derive(Default)]
struct Measured {
    rates: Vec<f64>,
    /// Processor time for a message, in microseconds.
    costs: Vec<f64>,
}

pub fn run(program: &Path, rounds: usize) {
    let careloop = server::careloop(server::folder(), HOMES);
    let mosquitto = server::mosquitto(program);
    let (mut disk, mut fsyncs) = (Disk::beside(&careloop), Times::default());
    let mut measured: Vec<(Measured, Measured)> = SHAPES.iter().map(|_| <_>::default()).collect();
    for round in 0..rounds {
        for ((clients, in_flight), (ours, theirs)) in SHAPES.into_iter().zip(&mut measured) {
            let shape = Shape { clients, in_flight, rate: None };
            // Whoever goes second may find the machine in another mood: take turns.
            if round % 2 == 0 {
                ours.add(&careloop, shape);
                theirs.add(&mosquitto, shape);
            } else {
                theirs.add(&mosquitto, shape);
                ours.add(&careloop, shape);
            }
        }
        (0..200).for_each(|_| fsyncs.add(disk.append()));
    }
    println!(
        "\n### Acknowledged messages a second (QoS 1), medians of {rounds} alternating runs\n"
    );
    println!(
        "| clients × in flight | careloop | mosquitto | ratio | µs of processor a message: careloop | mosquitto |"
    );
    println!("|---|---:|---:|---:|---:|---:|");
    for ((clients, in_flight), (ours, theirs)) in SHAPES.into_iter().zip(measured) {
        let ratio = median(ours.rates.iter().zip(&theirs.rates).map(|(a, b)| a / b).collect());
        println!(
            "| {clients} × {in_flight} | {:.0} | {:.0} | {ratio:.2} | {:.1} | {:.1} |",
            median(ours.rates),
            median(theirs.rates),
            median(ours.costs),
            median(theirs.costs),
        );
    }
    println!(
        "\nfdatasync of 4 KiB appended, on the data's disk: median {:.2} ms, p99 {:.2} ms",
        fsyncs.percentile(0.5),
        fsyncs.percentile(0.99),
    );
}

impl Measured {
    fn add(&mut self, server: &Server, shape: Shape) {
        let before = processor(server.pid());
        let rate = load::run(server.port, HOMES, shape, TIME);
        let used = processor(server.pid()) - before;
        self.rates.push(rate);
        // The warm-up costs as much a message, and lasts a quarter of the time.
        self.costs.push(used * 1e6 / (rate * TIME.as_secs_f64() * 1.25));
    }
}

/// A file that grows on the disk of the data.
pub struct Disk(File);

impl Disk {
    pub fn beside(server: &Server) -> Self {
        Self(File::create(server.folder().join("fsync")).expect("a file"))
    }

    /// How long a small append takes to reach the disk.
    pub fn append(&mut self) -> Duration {
        let begun = Instant::now();
        self.0.write_all(&[7; 4096]).expect("room on the disk");
        self.0.sync_data().expect("a disk");
        begun.elapsed()
    }
}
