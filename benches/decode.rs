//! How long it takes to make observations of a payload: `cargo bench --bench decode`.
#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::panic,
    clippy::as_conversions,
    clippy::disallowed_methods,
    reason = "a bench reads the clock and prints what it measured"
)]

use std::hint::black_box;
use std::time::Instant;

use careloop::device::{Catalog, Decoded, Origin, RawMessage, SHIPPED, profiles_from};
use careloop::domain::{Binding, Device, Home};

/// Wanted for a payload of zigbee2mqtt, in microseconds.
const WANTED: f64 = 2.0;
const ROUNDS: usize = 7;
const TIMES: usize = 100_000;

/// Profile, and what zigbee2mqtt says of it: from the examples of the profiles.
const PAYLOADS: [(&str, &str); 6] = [
    (
        "zigbee2mqtt/aqara-RTCGQ11LM",
        r#"{"illuminance":137,"last_seen":"2026-11-22T18:33:49.502Z","linkquality":120,"occupancy":true}"#,
    ),
    (
        "zigbee2mqtt/aqara-MCCGQ11LM",
        r#"{"battery":100,"contact":true,"device_temperature":25,"last_seen":"2026-11-22T18:33:50.856Z","linkquality":120,"power_outage_count":110,"trigger_count":0,"voltage":3025}"#,
    ),
    (
        "zigbee2mqtt/tuya-TS0207",
        r#"{"battery_low":false,"last_seen":"2026-11-22T18:34:11.344Z","linkquality":120,"tamper":false,"water_leak":true}"#,
    ),
    (
        "zigbee2mqtt/heiman-HS1SA",
        r#"{"ac_status":false,"battery":45,"battery_defect":false,"battery_low":false,"last_seen":"2026-11-22T18:34:13.171Z","linkquality":120,"restore_reports":false,"smoke":false,"supervision_reports":false,"tamper":false,"test":false,"trouble":false}"#,
    ),
    (
        "zigbee2mqtt/heiman-HS1EB",
        r#"{"action":"single","last_seen":"2026-11-22T18:34:15.902Z","linkquality":120}"#,
    ),
    (
        "zigbee2mqtt/tuya-ZY-M100",
        r#"{"detection_delay":0.1,"fading_time":30,"illuminance_lux":369,"last_seen":"2024-09-07T15:54:41.147Z","linkquality":98,"maximum_range":6,"minimum_range":0.3,"presence":true,"radar_sensitivity":2,"target_distance":null}"#,
    ),
];

fn main() {
    let (profiles, problems) = profiles_from(SHIPPED.iter().copied());
    assert!(problems.is_empty(), "the shipped profiles are right");
    let device = |(profile, _): &(&str, &str)| {
        let id = profile.rsplit('/').next().expect("a name");
        Device {
            id: id.parse().expect("a name"),
            profile: (*profile).to_owned(),
            room: String::new(),
            binding: Binding::Mqtt(id.to_owned()),
            quiet_after: None,
            is_life: false,
            mount: None,
            height: None,
            base: None,
        }
    };
    let home = Home {
        id: "h1".parse().expect("a name"),
        name: String::new(),
        address: String::new(),
        zone: "UTC".to_owned(),
        devices: PAYLOADS.iter().map(device).collect(),
        responders: Vec::new(),
        ask: Vec::new(),
    };
    let catalog = Catalog::new(&profiles, &[home]).expect("a register that fits");
    println!("| profile | bytes | observations | µs a payload |");
    println!("|---|---:|---:|---:|");
    for (profile, payload) in PAYLOADS {
        let topic = profile.to_owned();
        let message =
            RawMessage { origin: Origin::Mqtt(topic), payload: payload.into(), retained: false };
        let Decoded::Known { observations, .. } = catalog.decode(&message) else {
            panic!("the catalogue knows {profile}");
        };
        let mut rounds: Vec<f64> = (0..ROUNDS).map(|_| round(&catalog, &message)).collect();
        rounds.sort_by(f64::total_cmp);
        let median = rounds.get(ROUNDS / 2).copied().unwrap_or(f64::NAN);
        let mark = if median < WANTED { "" } else { " (too slow)" };
        println!("| {profile} | {} | {} | {median:.2}{mark} |", payload.len(), observations.len());
    }
}

fn round(catalog: &Catalog, message: &RawMessage) -> f64 {
    let begun = Instant::now();
    for _ in 0..TIMES {
        black_box(catalog.decode(black_box(message)));
    }
    begun.elapsed().as_secs_f64() * 1e6 / TIMES as f64
}
