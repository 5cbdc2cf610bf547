//! Announcements of whoever means harm: bounded, and never the end of anything (P10).

use careloop::device::discovery::{self, DEVICES_MAX, Newcomer, PAYLOAD_MAX};
use careloop::device::draft::draft;
use careloop::device::identify::{Capture, capture, messages, stream};
use proptest::prelude::*;

use crate::{SHIPPED, heard, list, seen, told};

const TOPICS: &[&str] = &[
    "z/bridge/devices",
    "homeassistant/sensor/a/config",
    "homeassistant/device/a/config",
    "tasmota/discovery/AABBCCDDEEFF/config",
    "tasmota/discovery/AABBCCDDEEFF/sensors",
    "homie/5/a/$description",
    "shellies/announce",
];

#[test]
fn deep_and_long_ones_are_refused_with_a_sentence() {
    let deep = format!("{}{}", r#"{"dev":"#.repeat(100_000), "}".repeat(100_000));
    let long = format!("[{}1]", "1,".repeat(5 * 1024 * 1024));
    for topic in TOPICS {
        for payload in [&deep, &long] {
            let read = discovery::read(topic, payload.as_bytes()).expect(topic);
            assert!(read.is_err(), "{topic}");
        }
    }
    assert!(PAYLOAD_MAX < long.len());
}

#[test]
fn a_list_of_very_many_devices_is_cut_and_each_is_kept_small() {
    let long = "x".repeat(1000);
    let one = |n: usize| {
        format!(
            r#"{{"type":"EndDevice","ieee_address":"0x{n}","friendly_name":"{n}{}"}}"#,
            long.get(..n % 900).expect("it is long")
        )
    };
    let all: Vec<String> = (0..1500).map(one).collect();
    let text = format!("[{}]", all.join(","));
    let read =
        discovery::read("z/bridge/devices", text.as_bytes()).expect("shape").expect("a list");
    assert_eq!(read.devices.len(), DEVICES_MAX);
    assert!(read.devices.iter().all(|d| d.name.chars().count() <= 120));
    let exposes = vec![r#"{"type":"binary","property":"smoke","access":1}"#; 5000].join(",");
    let text = format!(
        r#"[{{"type":"EndDevice","ieee_address":"0x1","friendly_name":"a","definition":{{"model":"m","exposes":[{exposes}]}}}}]"#
    );
    let read =
        discovery::read("z/bridge/devices", text.as_bytes()).expect("shape").expect("a list");
    assert!(read.devices[0].exposes.len() <= 128);
}

#[test]
fn one_device_in_very_many_pieces_stays_small() {
    let (mut newcomer, long) = (Newcomer::default(), "n".repeat(500));
    for n in 0..300 {
        let part = |m: usize| {
            format!(r#""{m}":{{"p":"binary_sensor","stat_t":"{n}/{m}/{long}","dev_cla":"smoke"}}"#)
        };
        let parts: Vec<String> = (0..100).map(part).collect();
        let config = format!(
            r#"{{"dev":{{"ids":["d"],"name":"{long}"}},"cmps":{{{}}}}}"#,
            parts.get(..1 + n % 100).expect("as many").join(",")
        );
        let topic = format!("homeassistant/device/{n}/config");
        let read = discovery::read(&topic, config.as_bytes()).expect("shape").expect("an object");
        newcomer.note(&read.by, &read.devices[0]);
    }
    let size = serde_json::to_vec(&newcomer).expect("it can be stored").len();
    assert!(size <= 64 * 1024, "{size} bytes");
    assert!(1 < newcomer.whole().expect("something is left").exposes.len());
}

#[test]
fn of_duplicate_keys_the_last_counts_and_control_characters_are_dropped() {
    let config = "{\"stat_t\":\"a/b\",\"stat_t\":\"c/d\",\"dev_cla\":\"smoke\",\"dev\":{\"ids\":[\"d\"],\"name\":\"a\\u0007\\nb\"}}";
    let read = discovery::read("homeassistant/binary_sensor/x/config", config.as_bytes());
    let device = read.expect("shape").expect("an object").devices.remove(0);
    assert_eq!((device.topics[0].as_str(), device.name.as_str()), ("c/d", "ab"));
}

proptest! {
    #[test]
    fn any_bytes_on_any_topic_are_read_or_refused(
        topic in "([a-z$+#/]{0,20}|z/bridge/devices|homeassistant/(device|sensor|event)/a/config|tasmota/discovery/AABBCCDDEEFF/(config|sensors)|homie/(5/)?a/(n/p/)?\\$(name|unit|state|properties|description)|shellies/announce)",
        payload in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..200),
            r#"[\[\]{}"a-z:,0-9~]{0,120}"#.prop_map(String::into_bytes),
            r#"\{("(dev|ids|stat_t|cmps|val_tpl|sn|t|ft|tp|nodes|id)":("\{\{ value_json[.a-z\[\]']{0,9} \}\}"|\{\}|\["a"\]|"~/x"|7),){0,5}"~":"a"\}"#.prop_map(String::into_bytes),
        ],
    ) {
        if let Some(Ok(told_of)) = discovery::read(&topic, &payload) {
            for device in told_of.devices {
                drop(draft(Some(&device), &[]));
                drop(list(&[], &[told(device)]));
            }
        }
    }

    #[test]
    fn any_file_is_some_capture_and_can_be_identified(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        match capture(&bytes) {
            Capture::Messages(all) => drop(messages(&SHIPPED.profiles, None, &all)),
            Capture::Payload(payload) => {
                let text = String::from_utf8_lossy(&payload).into_owned();
                drop(messages(&SHIPPED.profiles, None, &[heard("a/b", &text)]));
            }
            Capture::Stream(bytes) => drop(stream(&SHIPPED.profiles, &bytes)),
        }
    }

    #[test]
    fn any_topics_make_a_list(topics in prop::collection::vec("[a-z/+#$é ]{0,20}", 0..12)) {
        let all: Vec<_> = topics.iter().map(|t| seen(t, &["x"])).collect();
        let listed = list(&all, &[]);
        let keys: std::collections::BTreeSet<_> = listed.iter().map(|w| &w.key).collect();
        prop_assert_eq!(keys.len(), listed.len());
    }
}
