//! zigbee2mqtt as it is: what version 2.14.1, unmodified, over an emulated adapter, published to our own
//! listener. `tests/announcements/zigbee2mqtt-emulated.txt` has it byte for byte: first what it retains of
//! 37 devices at its start (without `bridge/info`, `definitions`, `groups`, `converters` and `extensions`,
//! which tell of itself), then what some of them said to injected frames, one that left, and its last will.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use crate::house::{House, soon};
use crate::programs::publish;
use crate::register::house;

/// Which profile each device must be adopted with.
const MODELS: [(&str, &str); 38] = [
    ("bridge", "bridge"),
    ("aqara_button", "aqara-WXKG11LM"),
    ("aqara_door", "aqara-MCCGQ11LM"),
    ("aqara_fp1", "aqara-FP1"),
    ("aqara_fp1e", "aqara-FP1E"),
    ("aqara_fp300", "aqara-FP300"),
    ("aqara_leak", "aqara-SJCGQ11LM"),
    ("aqara_motion", "aqara-RTCGQ11LM"),
    ("aqara_motion_p1", "aqara-RTCGQ14LM"),
    ("aqara_smoke", "aqara-JY-GZ-01AQ"),
    ("aqara_vibration", "aqara-DJT11LM"),
    ("feibit_sos", "feibit-SEB01ZB"),
    ("frient_button", "frient-SBTZB-110"),
    ("frient_door", "frient-WISZB-120"),
    ("frient_leak", "frient-FLSZB-110"),
    ("frient_smoke", "frient-SMSZB-120"),
    ("heiman_co", "heiman-HS1CA"),
    ("heiman_fall", "heiman-HS2FD"),
    ("heiman_gas", "heiman-HS1CG"),
    ("heiman_smoke", "heiman-HS1SA"),
    ("heiman_sos", "heiman-HS1EB"),
    ("ikea_badring", "ikea-E2202"),
    ("ikea_parasoll", "ikea-E2013"),
    ("ikea_somrig", "ikea-E2213"),
    ("ikea_vallhorn", "ikea-E2134"),
    ("owon_fall", "owon-FDS315"),
    ("owon_sleep_pad", "owon-SPM915"),
    ("sonoff_button", "sonoff-SNZB-01"),
    ("sonoff_door", "sonoff-SNZB-04"),
    ("sonoff_motion", "sonoff-SNZB-03"),
    ("tuya_fall_radar", "tuya-MIR-HE200-TY"),
    ("tuya_leak", "tuya-TS0207"),
    ("tuya_smoke", "tuya-TS0601-smoke-4"),
    ("tuya_sos", "tuya-TS0215A-sos"),
    ("tuya_sos_dp", "tuya-TS0601-sos"),
    ("tuya_zy_m100_24g", "tuya-ZY-M100-24G"),
    ("tuya_zy_m100_s", "tuya-ZY-M100"),
    ("xiaomi_gas", "xiaomi-JTQJ-BF-01LM-BW"),
];

/// How many of the lines are retained.
const RETAINED: usize = 39;

fn recorded() -> Vec<(String, String)> {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/announcements/zigbee2mqtt-emulated.txt");
    let text = std::fs::read_to_string(path).unwrap();
    let line = |line: &str| {
        let (topic, payload) = line.split_once(' ').unwrap();
        (topic.to_owned(), payload.to_owned())
    };
    text.lines().map(line).collect()
}

/// Name, and the profile in the line that adopts it.
async fn waiting(house: &House) -> BTreeMap<String, (String, String)> {
    let all = house.ask_json(&["devices", "waiting", "--json"]).await;
    let one = |w: &Value| {
        let text = |key: &str| w[key].as_str().unwrap().to_owned();
        let profile = text("adopt").split(" --profile ").nth(1).unwrap().to_owned();
        (text("name"), (text("key"), profile))
    };
    all.as_array().unwrap().iter().map(one).collect()
}

/// Waits until the list of devices has a line with both.
async fn is_listed(house: &House, device: &str, link: &str) {
    let look = async {
        while !house.ask(&["devices"]).await.lines().any(|l| l.contains(device) && l.contains(link))
        {
        }
    };
    soon(link, look).await;
}

#[tokio::test]
async fn what_zigbee2mqtt_retains_waits_with_its_models_is_adopted_tried_out_and_alarms() {
    let house = house(|_| ());
    let daemon = house.start().await;
    let (port, recorded) = (daemon.mqtt, recorded());
    for (topic, payload) in &recorded[..RETAINED] {
        publish(port, topic, payload, &["-r"]).await;
    }
    let keys = waiting(&house).await;
    let found: BTreeMap<&str, &str> =
        keys.iter().map(|(name, (_, profile))| (name.as_str(), profile.as_str())).collect();
    let wanted = MODELS.map(|(name, model)| (name, format!("zigbee2mqtt/{model}")));
    assert_eq!(found, wanted.iter().map(|(n, p)| (*n, p.as_str())).collect());
    for (name, room) in [
        ("frient_door", "hall"),
        ("heiman_smoke", "kitchen"),
        ("ikea_vallhorn", "hall"),
        ("bridge", "hall"),
    ] {
        let (key, id) = (&keys[name].0, format!("my-{}", name.replace('_', "-")));
        let adopt = ["devices", "adopt", key, "--home", "h1", "--room", room, "--as", &id];
        let said = house.ask(&adopt).await;
        assert!(said.starts_with(&format!("+ device h1/{id}: profile zigbee2mqtt/")), "{said}");
    }
    let said = |name: &str| {
        let topic = format!("zigbee2mqtt/{name}");
        recorded[RETAINED..].iter().filter(move |(t, _)| *t == topic)
    };
    let walk = house.spawn(&["devices", "walk", "h1", "my-frient-door", "--by", "wu"]);
    walk.says("under test until").await;
    for (topic, payload) in said("frient_door") {
        publish(port, topic, payload, &[]).await;
    }
    walk.says("my-frient-door passed").await;
    // Its test button is no fire.
    let [button, smoke] = said("heiman_smoke").collect::<Vec<_>>()[..] else { panic!("two") };
    publish(port, &button.0, &button.1, &[]).await;
    assert!(house.incidents().is_empty());
    publish(port, &smoke.0, &smoke.1, &[]).await;
    let incident = house.incident("smoke").await.incident;
    // Then follows how long ago that was by the sensor's own clock.
    let reason = incident.reason.en();
    assert!(reason.starts_with("smoke seen by my-heiman-smoke"), "{reason}");
    // What the bridge remembers is no news to a hub that comes back, and those that wait still do.
    daemon.kill().await;
    let daemon = house.start().await;
    assert_eq!(waiting(&house).await.len(), MODELS.len() - 4);
    assert_eq!(house.incidents().len(), 1);
    is_listed(&house, "my-frient-door", "online").await;
    // One leaves the network, and then the bridge is gone.
    for (topic, payload) in &recorded[recorded.len() - 2..] {
        publish(daemon.mqtt, topic, payload, &[]).await;
    }
    is_listed(&house, "my-ikea-vallhorn", "offline").await;
    is_listed(&house, "my-bridge", "offline").await;
    house.verify().await;
}
