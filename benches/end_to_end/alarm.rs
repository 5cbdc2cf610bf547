//! From the press of a help button to the alarm at a subscriber, beside what it is made of: one relay
//! by a broker, one fsync.

use std::path::Path;
use std::time::{Duration, Instant};

use tokio::time::{sleep, timeout};

use super::figures::Times;
use super::mqtt::{Client, publish, published};
use super::server::{self, Server};
use super::throughput::Disk;

/// Each home calls for help once.
const CALLS: usize = 500;
const PRESSED: &str =
    r#"{"action":"single","last_seen":"2026-11-22T18:34:15.902Z","linkquality":120}"#;

pub fn run(program: &Path) {
    let careloop = server::careloop(server::folder(), CALLS);
    let mosquitto = server::mosquitto(program);
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let (mut told, mut announced, mut relayed) = <(Times, Times, Times)>::default();
    let (mut disk, mut fsyncs) = (Disk::beside(&careloop), Times::default());
    runtime.block_on(async {
        let (mut button, mut phone) = pair(&careloop, &["careloop/tell/#"]).await;
        let (_, mut screen) = pair(&careloop, &["careloop/incidents/#"]).await;
        let (mut sender, mut receiver) = pair(&mosquitto, &["zigbee2mqtt/#"]).await;
        for home in 0..CALLS {
            let (call, _) = publish(&format!("zigbee2mqtt/h{home}/button"), PRESSED);
            let incident = format!("h{home}-1");
            let begun = Instant::now();
            button.send(&call).await;
            let (at_phone, at_screen) =
                tokio::join!(wait(&mut phone, &incident), wait(&mut screen, &incident));
            told.add(at_phone - begun);
            announced.add(at_screen - begun);
            button.acknowledged().await;
            let begun = Instant::now();
            sender.send(&call).await;
            relayed.add(wait(&mut receiver, "single").await - begun);
            sender.acknowledged().await;
            fsyncs.add(disk.append());
            // A call is seldom: what came before is over.
            sleep(Duration::from_millis(15)).await;
        }
    });
    println!("\n### From a call for help to the alarm, {CALLS} calls\n");
    println!("| ms | median | p99 |");
    println!("|---|---:|---:|");
    let row = |what: &str, times: &Times| {
        println!("| {what} | {:.2} | {:.2} |", times.percentile(0.5), times.percentile(0.99));
    };
    row("careloop: the contact's MQTT channel has it", &told);
    row("careloop: a subscriber of `careloop/incidents/#` has it", &announced);
    row("mosquitto: one relay, no disk", &relayed);
    row("one fdatasync", &fsyncs);
    let three = |part| 3.0 * (relayed.percentile(part) + fsyncs.percentile(part));
    println!("| 3 × (relay + fdatasync) | {:.2} | {:.2} |", three(0.5), three(0.99));
}

/// Somebody who publishes and somebody who listens.
async fn pair(server: &Server, filters: &[&str]) -> (Client, Client) {
    let name = filters.concat();
    let publisher = Client::connect(server.port, &format!("p-{name}")).await;
    let mut subscriber = Client::connect(server.port, &format!("s-{name}")).await;
    for filter in filters {
        subscriber.subscribe(filter).await;
    }
    (publisher, subscriber)
}

/// When a message came that contains this.
async fn wait(client: &mut Client, part: &str) -> Instant {
    let wanted = async {
        loop {
            let (first, body) = client.packet().await;
            if first >> 4 == 3 && published(&body).1.contains(part) {
                return Instant::now();
            }
        }
    };
    timeout(Duration::from_secs(10), wanted).await.expect("the message comes")
}
