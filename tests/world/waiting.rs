//! From a device nobody knows to a profile of its own, by the command line.

use std::time::Duration;

use serde_json::Value;

use crate::house::{House, PATIENCE};
use crate::programs::{LEAK, publish};
use crate::register::{house, register};

/// A model that no profile knows, as a bridge tells of it.
const BRIDGE: &str = r#"[{"friendly_name":"Coordinator","ieee_address":"0x00124b00deadbeef","type":"Coordinator"},
    {"definition":{"description":"Bed mat","exposes":[
        {"access":1,"property":"bed_occupancy","type":"binary","value_off":false,"value_on":true},
        {"access":1,"property":"battery","type":"numeric","unit":"%"}],
    "model":"BM-9","vendor":"Acme"},"friendly_name":"granny/bed","ieee_address":"0x00158d0002a10003",
    "interview_completed":true,"supported":true,"type":"EndDevice"}]"#;
const SAID: &str = r#"{"bed_occupancy":true,"battery":77,"firmware":"1.0"}"#;

async fn waiting(house: &House) -> Vec<Value> {
    let ends = tokio::time::Instant::now() + PATIENCE;
    loop {
        let all = house.ask_json(&["devices", "waiting", "--json"]).await;
        let all = all.as_array().unwrap().clone();
        if all.iter().any(|w| w["count"] == 1) || ends < tokio::time::Instant::now() {
            return all;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_newcomer_comes_from_an_unknown_payload_to_a_profile_of_its_own() {
    let house = House::new();
    let daemon = house.start().await;
    publish(daemon.mqtt, "z/bridge/devices", BRIDGE, &["-r"]).await;
    publish(daemon.mqtt, "z/granny/bed", SAID, &[]).await;
    let all = waiting(&house).await;
    assert_eq!(all.len(), 1, "{all:#?}");
    assert_eq!((&all[0]["name"], &all[0]["vendor"]), (&"granny/bed".into(), &"Acme".into()));
    let key = all[0]["key"].as_str().unwrap();
    let printed = house.ask(&["devices", "waiting"]).await;
    for part in [key, "no profile knows its model", "--as granny-bed --profile PROFILE"] {
        assert!(printed.contains(part), "{part}: {printed}");
    }

    let out = house.folder.path().join("devices/acme/bm-9.toml");
    let out = out.to_str().unwrap();
    house.ask(&["devices", "draft", "--of", key, "--out", out]).await;
    let again = house.cli(&["devices", "draft", "--of", key, "--out", out]).await;
    assert_eq!(again.status.code(), Some(1), "what is there is never written over: {again:?}");
    house.ask(&["check"]).await;
    let all = waiting(&house).await;
    let best = &all[0]["guesses"][0];
    assert_eq!((&best["profile"], &best["is_sure"]), (&"acme/bm-9".into(), &true.into()));
    assert_eq!(best["binding"]["mqtt"], "granny/bed");
    assert_eq!(best["reads"], serde_json::json!(["in_bed true", "battery 77 %"]));
    assert!(all[0]["adopt"].as_str().unwrap().ends_with("--as granny-bed --profile acme/bm-9"));
}

#[tokio::test]
async fn a_capture_or_a_payload_is_identified_without_a_gateway() {
    let house = House::new();
    let capture = house.folder.path().join("capture.txt");
    std::fs::write(
        &capture,
        format!("z/bridge/devices {}\nz/granny/bed {SAID}\n", BRIDGE.replace('\n', "")),
    )
    .unwrap();
    let capture = capture.to_str().unwrap();
    let all = house.ask_json(&["devices", "identify", capture, "--json"]).await;
    assert_eq!((&all[0]["name"], &all[0]["count"]), (&"granny/bed".into(), &1.into()));
    let draft = house.ask(&["devices", "draft", capture]).await;
    assert!(draft.contains("means = [\"in_bed true\", \"battery 77 %\"]"), "{draft}");
    let leak =
        ["devices", "identify", "--topic", "zigbee2mqtt/x", "--payload", r#"{"water_leak":true}"#];
    assert!(house.ask(&leak).await.contains("fits     zigbee2mqtt/aqara-SJCGQ11LM"));
    let frame = house.ask(&["devices", "identify", "--hex", "53 59 83 01 00 01 01 32 54 43"]).await;
    assert!(frame.contains("fits     micradar/R60AFD1") && frame.contains("fall true"), "{frame}");
    let nothing = house.cli(&["devices", "identify"]).await;
    assert_eq!(nothing.status.code(), Some(2));
    let nobody = house.cli(&["devices", "draft", "--of", "abcde"]).await;
    assert_eq!(nobody.status.code(), Some(1), "there is no database yet");
}

/// A second bridge, whose leak sensor is called as one of the household is.
const SECOND: &str = r#"[{"definition":{"exposes":[{"access":1,"property":"water_leak","type":"binary",
    "value_off":false,"value_on":true}],"model":"TS0207_water_leak_detector","vendor":"Tuya"},
    "friendly_name":"kitchen-leak","ieee_address":"0x00158d0002a10004","model_id":"TS0207",
    "interview_completed":true,"supported":true,"type":"EndDevice"}]"#;

#[tokio::test]
async fn a_device_of_a_second_bridge_is_adopted_though_the_first_has_one_of_its_name() {
    let house = house(|_| ());
    let daemon = house.start().await;
    publish(daemon.mqtt, "home/zigbee_2/bridge/devices", SECOND, &["-r"]).await;
    publish(daemon.mqtt, "home/zigbee_2/kitchen-leak", &LEAK.replace("true", "false"), &[]).await;
    let all = waiting(&house).await;
    let line = all[0]["adopt"].as_str().unwrap();
    assert!(line.ends_with("--profile zigbee2mqtt/tuya-TS0207 --base home/zigbee_2"), "{all:#?}");
    // The line as it is printed, with the room and another name: this one is taken.
    let line = line.replace("ROOM", "bathroom").replace("--as kitchen-leak", "--as bath-leak");
    let words: Vec<&str> = line.split(' ').skip(1).collect();
    let adopted = house.ask(&words).await;
    assert!(adopted.contains("mqtt kitchen-leak, base home/zigbee_2"), "{adopted}");
    assert!(register(&house).ends_with("mqtt = \"kitchen-leak\"\nbase = \"home/zigbee_2\"\n"));
    assert_eq!(house.ask_json(&["devices", "waiting", "--json"]).await, serde_json::json!([]));
    publish(daemon.mqtt, "home/zigbee_2/kitchen-leak", LEAK, &[]).await;
    let told = house.lines(&house.incident("leak").await.id);
    assert!(told[0].contains("leak seen by bath-leak"), "{told:?}");
    let new = ["devices", "replace", "h1", "bath-leak", "--mqtt", "b", "--base", "zigbee_3"];
    let replaced = house.ask(&new).await;
    let change = "~ device h1/bath-leak: mqtt kitchen-leak → b, base home/zigbee_2 → zigbee_3\n";
    assert!(replaced.starts_with(change), "{replaced}");
}
