//! Recorded samples against the shipped profiles: what each should mean stands in the sample, written by
//! whoever recorded it, not by whoever wrote the profile.
//!
//! Those in `tests/samples/` always run. More of them, in the same form, run with
//! `CARELOOP_SAMPLES=folder cargo test --test samples`.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, also in what its tests share"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use careloop::device::{Catalog, Decoded, Origin, Profiles, RawMessage, SHIPPED, profiles_from};
use careloop::domain::observation::{Observation, Property};
use careloop::domain::{Binding, Device, Home};
use serde_json::Value as Json;

mod table {
    //! Which devices a sample may come from, and which samples we read otherwise than they ask, and why.

    /// A file of samples, the profile and the address of a device in it.
    pub const DEVICES: &[(&str, &str, &str)] = &[
        ("negative-malformed-payloads", "zigbee2mqtt/aqara-MCCGQ11LM", "aqara_door"),
        ("negative-malformed-payloads", "esphome/MR60BHA2", "mr60bha2-kit"),
        ("chirpstack-captured-misc", "chirpstack/any", "a8404187d187106e"),
        ("chirpstack-captured-misc", "chirpstack/milesight-WS101", "24e124136b000001"),
        ("chirpstack-milesight-em300-mcs", "chirpstack/milesight-EM300-MCS", "24e1240000579adb"),
        ("chirpstack-milesight-em300-sld", "chirpstack/milesight-EM300-SLD", "24e1240000579adb"),
        ("chirpstack-milesight-em300-zld", "chirpstack/milesight-EM300-ZLD", "24e1240000587364"),
        ("chirpstack-milesight-gs301", "chirpstack/milesight-GS301", "24e12400002c39b2"),
        ("chirpstack-milesight-vs340", "chirpstack/milesight-VS340", "24e12400002e6680"),
        ("chirpstack-milesight-vs341", "chirpstack/milesight-VS341", "24e12400002e856f"),
        ("chirpstack-milesight-vs370", "chirpstack/milesight-VS370", "24e12400002ec34d"),
        ("chirpstack-milesight-ws202", "chirpstack/milesight-WS202", "24e12400002e28a2"),
        ("chirpstack-milesight-ws301", "chirpstack/milesight-WS301", "24e12400002e28a2"),
        ("esphome-mqtt-native", "esphome/MR60BHA2", "mr60bha2-kit"),
        ("esphome-mqtt-native", "esphome/MR60FDA2", "mr60fda2-kit"),
        (
            "everything-presence-lite",
            "esphome/everything-presence-lite",
            "everything-presence-lite",
        ),
        ("healthdata2mqtt-blood-pressure", "healthdata2mqtt/blood-pressure", "user1"),
        ("homeassistant-discovery-abbreviated", "homeassistant/bed-mat", "01"),
        ("homie4-contact-and-climate", "homie/4-contact", "front-door"),
        ("homie4-contact-and-climate", "homie/4-climate", "bedroom-th"),
        ("qube-vital-ble-gateway", "qube-vital/gateway", "dc:a6:32:fe:a3:eb"),
        ("qube-vital-ble-gateway", "qube-vital/jumper-blood-pressure", "FF:22:09:08:31:31"),
        ("qube-vital-ble-gateway", "qube-vital/jumper-oximeter", "40:2E:71:4A:38:84"),
        ("qube-vital-ble-gateway", "qube-vital/jumper-thermometer", "FF:23:01:28:10:39"),
        ("qube-vital-ble-gateway", "qube-vital/jumper-scale", "A0:77:9E:1C:18:26"),
        ("qube-vital-ble-gateway", "qube-vital/contour-glucose", "00:5F:BF:97:6C:84"),
        ("r60afd1-live-esp32", "generic/r60-json-lines", "r60-01"),
        ("rtl433-chuango-security", "rtl_433/chuango-sos", "Chuango-Security/440274"),
        ("rtl433-chuango-security", "rtl_433/chuango-motion", "Chuango-Security/440274"),
        ("rtl433-chuango-security", "rtl_433/chuango-door", "Chuango-Security/440274"),
        ("rtl433-dy-sq100b-leak", "rtl_433/DY-SQ100B", "DY-SQ100B-WaterLeak-EV1527/8880178"),
        ("rtl433-fineoffset-wh55-leak", "rtl_433/fineoffset-WH55", "Fineoffset-WH55/53077"),
        ("rtl433-generic-motion", "rtl_433/generic-motion", "Generic-Motion/8a5d3"),
        ("rtl433-honeywell-2gig-door", "rtl_433/honeywell-2GIG-DW10", "Honeywell-Security/73942"),
        ("rtl433-interlogix-security", "rtl_433/interlogix-smoke", "Interlogix-Security/29cd45"),
        ("rtl433-interlogix-security", "rtl_433/interlogix-motion", "Interlogix-Security/468d19"),
        ("rtl433-interlogix-security", "rtl_433/interlogix-contact", "Interlogix/a7106d"),
        ("rtl433-interlogix-security", "rtl_433/interlogix-contact", "Interlogix-Security/a55b4b"),
        ("rtl433-kerui-security", "rtl_433/kerui-motion", "Kerui-Security/251297"),
        ("rtl433-kerui-security", "rtl_433/kerui-door", "Kerui-Security/251297"),
        ("rtl433-kerui-security", "rtl_433/kerui-leak", "Kerui-Security/251297"),
        ("rtl433-kidde-smoke", "rtl_433/kidde-smoke", "Kidde-Smoke/0"),
        ("rtl433-kidde-smoke", "rtl_433/kidde-smoke", "Kidde-Smoke/240"),
        ("rtl433-visonic-mct302-door", "rtl_433/visonic-MCT-302", "Visonic-Powercode/6f4770"),
        ("rtl433-visonic-mct302-door", "rtl_433/receiver", "vm"),
        ("scuiot-drug-fall-heartrate", "scuiot/drug", "a1b2c3d4"),
        ("shelly-gen1-button1", "shelly/SHBTN-1", "shellybutton1-A4CF12F45174"),
        ("shelly-gen1-flood-smoke", "shelly/SHWT-1", "shellyflood-445566"),
        ("shelly-gen1-flood-smoke", "shelly/SHSM-01", "shellysmoke-7A1B2C"),
        ("shelly-gen2-ht-flood-button", "shelly/Plus-HT", "shelly-ht/shelly-plus-ht-01"),
        ("shelly-gen2-ht-flood-button", "shelly/Plus-HT", "shellyplusht-08b61fce63c4"),
        ("shelly-gen2-ht-flood-button", "shelly/Flood-Gen4", "shellyfloodg4-a085e3b6c1d2"),
        ("shelly-gen2-ht-flood-button", "shelly/Plus-i4", "shellyplusi4-a8032ab1c2d3"),
        ("shelly-gen2-ht-flood-button", "shelly/Plus-Plug-S", "shelly1minig3-54320464a1d0"),
        (
            "shelly-gen2-ht-flood-button",
            "shelly/BLU-device",
            "shellypro1pm-30c6f7000001/status/bthomedevice:201",
        ),
        (
            "shelly-gen2-ht-flood-button",
            "shelly/BLU-temperature",
            "shellypro1pm-30c6f7000001/status/bthomesensor:204",
        ),
        (
            "shelly-gen2-ht-flood-button",
            "shelly/BLU-humidity",
            "shellypro1pm-30c6f7000001/status/bthomesensor:205",
        ),
        ("tasmota-ld2410-switch", "tasmota/LD2410", "X_SMART_LINK_26A908"),
        ("tasmota-ld2410-switch", "tasmota/LD2410", "ld2410"),
        ("tasmota-ld2410-switch", "tasmota/any", "tasmota_9CF9D1"),
        ("vayyar-care-mqtt", "vayyar/care", "id_MzA6QUU6QTQ6RTM6NjQ6RTg"),
    ];

    /// A file, the number of the sample in it, and why it is not read as it asks.
    pub const OTHERWISE: &[(&str, usize, &str)] = &[
        ("shelly-gen1-button1", 1, "a repetition is known by the retain flag only: no memory here"),
        ("vayyar-care-mqtt", 13, "a bed exit without a way back would be out of bed for ever"),
    ];
}

/// Kinds of the samples that no property of ours has.
const NO_PROPERTY: [&str; 5] = ["power_source", "h2s_ppm", "nh3_ppm", "alarm", "test_mode"];

/// What we may read besides what the sample asks for: it says nothing of the resident.
const BESIDES: &[Property] = &[
    Property::Signal,
    Property::LinkQuality,
    Property::Movement,
    Property::Illuminance,
    Property::Battery,
    Property::Online,
    Property::Fault,
    Property::Glucose,
    Property::Weight,
];

fn folders() -> Vec<PathBuf> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples");
    std::env::var_os("CARELOOP_SAMPLES").map(PathBuf::from).into_iter().chain([own]).collect()
}

fn catalog(profiles: &Profiles, profile: &str, address: &str) -> Catalog {
    let device = Device {
        id: "it".parse().unwrap(),
        profile: profile.to_owned(),
        room: "hall".to_owned(),
        binding: Binding::Mqtt(address.to_owned()),
        quiet_after: None,
        is_life: false,
        mount: None,
        height: None,
    };
    let home = Home {
        id: "h1".parse().unwrap(),
        name: "h1".to_owned(),
        address: String::new(),
        zone: "Asia/Shanghai".to_owned(),
        devices: vec![device],
        responders: Vec::new(),
        ask: Vec::new(),
    };
    Catalog::new(profiles, &[home]).unwrap_or_else(|e| panic!("{profile}: {e:?}"))
}

/// The words of a sample in ours; several, where we have two words for one of its own.
fn expected(sample: &Json) -> Vec<BTreeSet<String>> {
    let all = sample["expect"]["observations"].as_array().cloned().unwrap_or_default();
    all.iter().flat_map(words).collect()
}

fn words(seen: &Json) -> Vec<BTreeSet<String>> {
    let (kind, value) = (seen["kind"].as_str().unwrap_or_default(), &seen["value"]);
    let one = |property: &str, value: String| {
        let text: Observation = format!("{property} {value}").parse().expect(property);
        vec![BTreeSet::from([text.to_string()])]
    };
    let is = |word: &str| (value == word).to_string();
    match kind {
        _ if NO_PROPERTY.contains(&kind) => Vec::new(),
        // A suspicion is no fall.
        "fall" if seen["state"] == "suspected" => Vec::new(),
        "help_button" => {
            vec![BTreeSet::from(["help true".to_owned(), "press true".to_owned()])]
        }
        "blood_pressure" => {
            let part = |key: &str| one(key, value[key].to_string());
            [part("systolic"), part("diastolic")].concat()
        }
        "link_quality" => match seen["unit"].as_str() {
            Some("dBm") => one("signal", value.to_string()),
            Some("dB") => Vec::new(),
            _ => one("link_quality", value.to_string()),
        },
        "device_status" | "gateway_status" => one("online", is("online")),
        "door" => one("open", is("open")),
        "bed_occupancy" => one("in_bed", value.to_string()),
        "water_leak" => one("leak", value.to_string()),
        "target_count" => one("targets", value.to_string()),
        "co" => one("carbon_monoxide", value.to_string()),
        "co_ppm" => one("co_level", value.to_string()),
        same => one(same, value.to_string()),
    }
}

/// What is wrong with the readings of a sample, if anything: one device of those it may come from reads it
/// as it asks, or nobody knows it and nothing is asked.
fn judge(sample: &Json, catalogs: &[Catalog]) -> Result<(), String> {
    let payload = match (sample["payload"].as_str(), sample["payload_hex"].as_str()) {
        (_, Some(hex)) => data_encoding::HEXLOWER_PERMISSIVE.decode(hex.as_bytes()).unwrap(),
        (text, None) => text.unwrap_or_default().as_bytes().to_vec(),
    };
    let topic = sample["topic"].as_str().unwrap_or_default().to_owned();
    let message = RawMessage { origin: Origin::Mqtt(topic), payload, retained: false };
    let known = catalogs.iter().filter_map(|catalog| match catalog.decode(&message) {
        Decoded::Known { observations, problems, .. } => Some((observations, problems)),
        Decoded::Unknown { .. } => None,
    });
    let mut readings: Vec<_> = known.collect();
    if readings.is_empty() {
        readings.push(Default::default());
    }
    let mut wrong = Vec::new();
    for (observations, problems) in readings {
        match compare(sample, observations, problems.len()) {
            Ok(()) => return Ok(()),
            Err(why) => wrong.push(format!("{why}; problems: {problems:?}")),
        }
    }
    Err(wrong.join(" | "))
}

fn compare(sample: &Json, mut said: Vec<Observation>, problems: usize) -> Result<(), String> {
    for wanted in expected(sample) {
        let Some(at) = said.iter().position(|o| wanted.contains(&o.to_string())) else {
            return Err(format!("{wanted:?} is missing"));
        };
        said.remove(at);
    }
    if let Some(more) = said.iter().find(|o| !BESIDES.contains(&o.property)) {
        return Err(format!("`{more}` is too much"));
    }
    if sample["expect"]["error"].is_string() && problems == 0 {
        return Err(format!("no problem is told: {}", sample["expect"]["error"]));
    }
    Ok(())
}

#[test]
fn every_sample_means_what_whoever_recorded_it_says_or_it_is_told_why_not() {
    let (profiles, problems) = profiles_from(SHIPPED.iter().copied());
    assert_eq!(problems, []);
    let (mut wrong, mut judged) = (Vec::new(), 0);
    for folder in folders() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let file = path.file_stem().unwrap().to_string_lossy().into_owned();
            let devices = table::DEVICES.iter().filter(|(of, ..)| *of == file);
            let catalogs: Vec<Catalog> =
                devices.map(|(_, profile, at)| catalog(&profiles, profile, at)).collect();
            if catalogs.is_empty() {
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            let json: Json = serde_json::from_str(&text).unwrap();
            for (n, sample) in json["samples"].as_array().unwrap().iter().enumerate() {
                judged += 1;
                let reading = judge(sample, &catalogs);
                let excuse = table::OTHERWISE.iter().find(|(of, m, _)| *of == file && *m == n);
                match (reading, excuse) {
                    (Ok(()), None) | (Err(_), Some(_)) => {}
                    (Ok(()), Some((.., why))) => {
                        wrong.push(format!("{file} {n}: is read after all; not: {why}"));
                    }
                    (Err(why), None) => wrong.push(format!("{file} {n}: {why}")),
                }
            }
        }
    }
    assert!(15 <= judged, "only {judged} samples");
    assert!(wrong.is_empty(), "of {judged} samples:\n{}", wrong.join("\n"));
}
