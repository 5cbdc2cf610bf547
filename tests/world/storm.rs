//! One device that talks without end does not keep a call for help waiting (P6).

use std::time::{Duration, Instant};

use tokio::time::{MissedTickBehavior, interval};

use crate::device::Device;
use crate::far_side::{FarSide, SECRET};
use crate::house::{House, soon, until};
use crate::programs::{PRESSED, Subscriber};

const MESSAGES: u32 = 4000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_a_storm_of_a_thousand_messages_a_second_a_call_for_help_is_told_within_a_second() {
    let far = FarSide::open().await;
    let house = House::with(|texts| {
        texts.webhook(&far.url, SECRET);
        texts.no_budget();
    });
    let daemon = house.start().await;
    let mut radio = Subscriber::start(daemon.mqtt, "careloop/incidents/+").await;
    let port = daemon.mqtt;
    let storm = tokio::spawn(async move {
        let mut device = Device::new("storm");
        device.connect(port).await.unwrap();
        let mut tick = interval(Duration::from_millis(1));
        tick.set_missed_tick_behavior(MissedTickBehavior::Burst);
        for n in 0..MESSAGES {
            tick.tick().await;
            let reading = format!(r#"{{"occupancy":{},"battery":91}}"#, n % 2 == 0);
            device.send("zigbee2mqtt/hall-motion", &reading).await.unwrap();
        }
        device.settle().await.unwrap();
    });
    let heard = || house.reader().journal_end().unwrap();
    until("the storm", || (1500 < heard()).then_some(())).await;
    let mut button = Device::new("button");
    button.connect(port).await.unwrap();
    let pressed = Instant::now();
    button.send("zigbee2mqtt/help-button", PRESSED).await.unwrap();
    radio.hears(r#""stage":"alarmed""#).await;
    assert!(pressed.elapsed() < Duration::from_secs(1), "listeners: {:?}", pressed.elapsed());
    let told = far.gets(r#""rule":"help""#).await;
    assert!(told.at - pressed < Duration::from_secs(1), "the platform: {:?}", told.at - pressed);
    assert!(!storm.is_finished(), "it was in the storm");
    soon("the storm's end", storm).await.unwrap();
    assert_eq!(
        house.journal().matches(r#""p":"motion""#).count(),
        usize::try_from(MESSAGES).unwrap()
    );
    house.verify().await;
}
