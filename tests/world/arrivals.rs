//! What sensors say becomes an incident, and people hear of it.

use crate::far_side::{FarSide, SECRET};
use crate::house::{House, until};
use crate::programs::{LEAK, Line, Mosquitto, publish};

async fn a_leak_is_told(house: &House, far: &FarSide) {
    let listed = until_listed(house, "leak").await;
    assert_eq!(listed["incident"]["reason"]["device"], "kitchen-leak");
    assert_eq!(listed["incident"]["level"], "serious");
    let told = far.gets("kitchen-leak").await;
    assert_eq!(told.body["incident"], listed["id"]);
}

/// As `careloop incident list --json` shows it.
async fn until_listed(house: &House, rule: &str) -> serde_json::Value {
    house.incident(rule).await;
    let all = house.ask_json(&["incident", "list", "--json"]).await;
    let found = all.as_array().unwrap().iter().find(|i| i["incident"]["rule"] == rule);
    found.expect("it is listed").clone()
}

#[tokio::test]
async fn a_leak_published_to_our_own_broker_is_an_incident_and_a_signed_call() {
    for version in ["mqttv311", "mqttv5"] {
        let far = FarSide::open().await;
        let house = House::with(|texts| texts.webhook(&far.url, SECRET));
        let daemon = house.start().await;
        publish(daemon.mqtt, "zigbee2mqtt/kitchen-leak", LEAK, &["-V", version]).await;
        a_leak_is_told(&house, &far).await;
        house.verify().await;
    }
}

#[tokio::test]
async fn a_leak_published_to_somebody_elses_broker_is_an_incident_and_a_signed_call() {
    let (far, broker) = (FarSide::open().await, Mosquitto::start().await);
    let house = House::with(|texts| {
        texts.webhook(&far.url, SECRET);
        texts.add("gateway.toml", &broker.settings());
    });
    let daemon = house.start().await;
    daemon.says(" connected ").await;
    publish(broker.port, "zigbee2mqtt/kitchen-leak", LEAK, &[]).await;
    a_leak_is_told(&house, &far).await;
}

/// The bytes of a fall as the vendors document them, and of something else the radar says.
const RADARS: [(&str, &[u8], &[u8]); 2] = [
    (
        "seeed/MR60FDA2",
        b"\x01\x00\x00\x00\x01\x0e\x02\xf3\x01\xfe",
        b"\x01\x00\x01\x00\x01\x0f\x09\xf8\x01\xfe",
    ),
    (
        "micradar/R60AFD1",
        b"\x53\x59\x83\x01\x00\x01\x01\x32\x54\x43",
        b"\x53\x59\x80\x01\x00\x01\x01\x2f\x54\x43",
    ),
];

#[tokio::test]
async fn a_fall_frame_on_a_serial_line_is_one_incident_whole_or_halved_and_in_noise() {
    for (profile, fall, presence) in RADARS {
        let line = Line::new().await;
        let house = House::with(|texts| {
            texts.swap("register.toml", "/dev/careloop/fall-radar", &line.port());
            texts.swap("register.toml", "seeed/MR60FDA2", profile);
        });
        let daemon = house.start().await;
        daemon.says("a serial port is open").await;
        let (first, second) = fall.split_at(4);
        line.send(&[b"\x00\xff\x53U", fall, b"\x01\x02\x03", presence, first, second, b"\x99"])
            .await;
        house.incident("fall").await;
        // A last frame, behind which everything before it is on disk.
        line.send(&[fall, presence]).await;
        let heard = || house.journal().matches(r#""presence""#).count();
        until("the last frame", || (2 <= heard()).then_some(())).await;
        assert_eq!(house.journal().matches(r#""fall""#).count(), 3, "{profile}");
        assert_eq!(house.incidents_of("fall").len(), 1, "{profile}");
        house.verify().await;
    }
}
