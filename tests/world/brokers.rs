//! Somebody else's broker: it restarts, careloop is killed, and what it remembers it says again.

use std::collections::BTreeSet;

use crate::device::Device;
use crate::house::{House, PATIENCE, until};
use crate::programs::{Mosquitto, PRESSED, make_move, publish};

const READING: &str = "careloop/devices/reading";

/// The shipped household with one more device, that sends whatever it likes.
fn house_at(broker: &Mosquitto) -> House {
    House::with(|texts| {
        // Each of them is looked for.
        texts.no_budget();
        texts.add("gateway.toml", &broker.settings());
        let device = "id = \"reading\"\nprofile = \"generic/json\"\nmqtt = \"reading\"";
        texts.add("register.toml", &format!("\n[[home.device]]\n{device}\n"));
    })
}

async fn send(device: &mut Device, port: u16, numbers: std::ops::Range<u32>) {
    device.connect(port).await.unwrap();
    for n in numbers {
        device.send(READING, &format!(r#"{{"power":{n}}}"#)).await.unwrap();
    }
    device.settle().await.unwrap();
}

/// Waits until each of these is in the journal.
async fn all_there(house: &House, numbers: std::ops::Range<u32>) {
    let missing = || -> Vec<u32> {
        let journal = house.journal();
        let found: BTreeSet<&str> = journal
            .split(r#""p":"power","v":"#)
            .skip(1)
            .filter_map(|rest| rest.split_once(".0").map(|(number, _)| number))
            .collect();
        numbers.clone().filter(|n| !found.contains(n.to_string().as_str())).collect()
    };
    let waited =
        tokio::time::timeout(PATIENCE / 3, until("all", || missing().is_empty().then_some(())));
    assert!(waited.await.is_ok(), "missing: {:?}", missing());
}

#[tokio::test]
async fn messages_that_wait_at_the_broker_survive_its_restart_and_our_kills() {
    let mut broker = Mosquitto::start().await;
    let house = house_at(&broker);
    let mut device = Device::new("reading");
    let daemon = house.start().await;
    daemon.says(" connected ").await;
    send(&mut device, broker.port, 0..200).await;
    daemon.kill().await;
    send(&mut device, broker.port, 200..500).await;
    publish(broker.port, "zigbee2mqtt/help-button", PRESSED, &[]).await;
    broker.restart().await;
    let daemon = house.start().await;
    until("the first of them", || house.journal().contains(":200.0").then_some(())).await;
    daemon.kill().await;
    let daemon = house.start().await;
    all_there(&house, 0..500).await;
    house.incident("help").await;
    broker.restart().await;
    send(&mut device, broker.port, 500..600).await;
    all_there(&house, 500..600).await;
    drop(daemon);
    house.verify().await;
}

#[tokio::test]
async fn what_a_broker_remembers_and_says_twenty_times_is_one_incident() {
    let broker = Mosquitto::start().await;
    let house = house_at(&broker);
    let mut daemon = house.start().await;
    daemon.says(" connected ").await;
    publish(broker.port, READING, r#"{"fall":true}"#, &["-r"]).await;
    publish(broker.port, "zigbee2mqtt/help-button", PRESSED, &["-r"]).await;
    house.incident("fall").await;
    house.incident("help").await;
    for times in 1..=20 {
        daemon.kill().await;
        daemon = house.start().await;
        let again = || house.journal().matches(r#""retained":true"#).count();
        until("it is said again", || (2 * times <= again()).then_some(())).await;
    }
    assert_eq!(house.incidents_of("fall").len(), 1);
    assert_eq!(house.incidents_of("help").len(), 1);
}

#[tokio::test]
async fn the_same_message_twice_is_one_incident() {
    let house = House::new();
    let daemon = house.start().await;
    let mut button = Device::new("button");
    for _ in 0..2 {
        button.connect(daemon.mqtt).await.unwrap();
        if button.repeated == 0 {
            button.send("zigbee2mqtt/help-button", PRESSED).await.unwrap();
        }
        // The line breaks when it is on disk, and before the acknowledgement is heard.
        let heard = 1 + button.repeated;
        let journalled = || house.journal().matches(r#""help""#).count();
        until("it is on disk", || (heard <= journalled()).then_some(())).await;
    }
    button.settle().await.unwrap();
    house.incident("help").await;
}

#[tokio::test]
async fn a_broker_that_is_away_holds_no_other_listener_up() {
    let mut broker = Mosquitto::start().await;
    let house = house_at(&broker);
    let daemon = house.start().await;
    daemon.says(" connected ").await;
    let mut own = crate::programs::Subscriber::start(daemon.mqtt, "careloop/incidents/+").await;
    broker.stop().await;
    publish(daemon.mqtt, "zigbee2mqtt/help-button", PRESSED, &[]).await;
    let pressed = std::time::Instant::now();
    own.hears(r#""stage":"alarmed""#).await;
    make_move(daemon.mqtt, "h1-1", r#"{"move":"accept","by":"wang"}"#).await;
    own.hears(r#""stage":"accepted""#).await;
    assert!(pressed.elapsed() < std::time::Duration::from_secs(2));
    // And when it is there again, it hears how things stand.
    broker.restart().await;
    let mut late = crate::programs::Subscriber::start(broker.port, "careloop/incidents/h1-1").await;
    late.hears(r#""stage":"accepted""#).await;
}
