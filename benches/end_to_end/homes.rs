//! What more homes in one process cost.

use std::time::Duration;

use super::figures::{processor, resident};
use super::load::{self, Shape};
use super::server;

const TIME: Duration = Duration::from_secs(5);

pub fn run() {
    println!(
        "\n### Homes in one process, 7 devices each; 50 clients × 10 in flight speak for all\n"
    );
    println!(
        "| homes | messages/s | µs of processor a message | resident, idle | resident, after | first start | second start |"
    );
    println!("|---:|---:|---:|---:|---:|---:|---:|");
    for homes in [1, 100, 10_000] {
        let careloop = server::careloop(server::folder(), homes);
        let first = careloop.started_in;
        std::thread::sleep(Duration::from_secs(2));
        let idle = resident(careloop.pid());
        let before = processor(careloop.pid());
        let shape = Shape { clients: 50, in_flight: 10, rate: None };
        let rate = load::run(careloop.port, homes, shape, TIME);
        let cost = (processor(careloop.pid()) - before) * 1e6 / (rate * TIME.as_secs_f64() * 1.25);
        let after = resident(careloop.pid());
        let again = server::careloop(careloop.kill(), homes);
        println!(
            "| {homes} | {rate:.0} | {cost:.1} | {idle:.1} MB | {after:.1} MB | {:.0} ms | {:.0} ms |",
            first.as_secs_f64() * 1000.0,
            again.started_in.as_secs_f64() * 1000.0,
        );
    }
}
