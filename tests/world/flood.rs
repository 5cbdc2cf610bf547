//! A device that floods: it harms neither the others nor the disk, and what it said last is known.

use std::time::{Duration, Instant};

use careloop::device::Misread;
use careloop::domain::{Input, Value};
use tokio::time::{MissedTickBehavior, interval};

use crate::device::Device;
use crate::house::{House, soon, until};
use crate::programs::{PRESSED, Subscriber};

const MESSAGES: u32 = 3000;

/// What the journal has of hall-motion's battery: how many rows, and the last of them.
fn readings(house: &House) -> (u64, f64) {
    let (mut rows, mut last) = (0, 0.0);
    let see = |row: careloop::store::journal::Row| {
        if let Input::Heard { device, observations, .. } = row.input
            && device.as_str() == "hall-motion"
        {
            let number = observations.iter().find_map(|o| match o.value {
                Value::Number(n) => Some(n),
                Value::Flag(_) => None,
            });
            (rows, last) = (rows + 1, number.unwrap_or(last));
        }
        Ok(())
    };
    house.reader().journal(0, see).unwrap();
    (rows, last)
}

/// Numbered by its battery, in thousandths of a percent.
fn reading(n: u32) -> String {
    format!(r#"{{"occupancy":{},"battery":{}}}"#, n.is_multiple_of(2), f64::from(n) / 1000.0)
}

async fn flood(port: u16, count: u32) -> Device {
    let mut device = Device::new("flood");
    device.connect(port).await.unwrap();
    let mut tick = interval(Duration::from_millis(1));
    tick.set_missed_tick_behavior(MissedTickBehavior::Burst);
    for n in 0..count {
        tick.tick().await;
        if device.send("zigbee2mqtt/hall-motion", &reading(n)).await.is_err() {
            return device;
        }
    }
    drop(device.settle().await);
    device
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_flood_little_is_stored_the_last_is_known_and_a_call_for_help_overtakes_it() {
    let house = House::new();
    let daemon = house.start().await;
    let mut radio = Subscriber::start(daemon.mqtt, "careloop/incidents/+").await;
    let storm = tokio::spawn(flood(daemon.mqtt, MESSAGES));
    until("the flood", || (80 < readings(&house).0).then_some(())).await;
    let mut button = Device::new("button");
    button.connect(daemon.mqtt).await.unwrap();
    let pressed = Instant::now();
    button.send("zigbee2mqtt/help-button", PRESSED).await.unwrap();
    radio.hears(r#""stage":"alarmed""#).await;
    assert!(pressed.elapsed() < Duration::from_secs(1), "{:?}", pressed.elapsed());
    assert!(!storm.is_finished(), "it was in the flood");
    let device = soon("the flood's end", storm).await.unwrap();
    assert_eq!(device.acknowledged.len(), usize::try_from(MESSAGES).unwrap(), "all are answered");
    let (rows, last) = readings(&house);
    assert!(rows < u64::from(MESSAGES) / 3, "{rows} rows of {MESSAGES} messages");
    assert_eq!(last.to_bits(), (f64::from(MESSAGES - 1) / 1000.0).to_bits());
    house.verify().await;
    daemon.end("-TERM").await;
    let home = "h1".parse().unwrap();
    let misread = house.reader().misread(&home).unwrap();
    let over = misread.iter().find(|m| m.class == Misread::OverBudget).unwrap();
    assert_eq!((over.device.as_str(), over.count), ("hall-motion", u64::from(MESSAGES) - rows));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_of_a_flood_or_something_newer_is_on_disk_after_a_kill() {
    let house = House::new();
    let daemon = house.start().await;
    let storm = tokio::spawn(flood(daemon.mqtt, 100_000));
    until("the flood", || (150 < readings(&house).0).then_some(())).await;
    daemon.end("-KILL").await;
    let device = soon("the flood's end", storm).await.unwrap();
    let (_, last) = readings(&house);
    let number = |payload: &str| -> f64 {
        payload.split("battery\":").nth(1).unwrap().trim_end_matches('}').parse().unwrap()
    };
    let acknowledged = device.acknowledged.iter().map(|(_, payload)| number(payload));
    let newest = acknowledged.fold(0.0, f64::max);
    assert!(0.1 < newest && newest <= last, "acknowledged up to {newest}, on disk is {last}");
}
