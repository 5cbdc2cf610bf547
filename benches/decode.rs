//! What it costs to make observations of a message, for every shipped profile, by its own examples:
//! `cargo bench --bench decode`; `-- zigbee2mqtt` for the profiles whose name begins so.
#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::as_conversions,
    clippy::disallowed_methods,
    reason = "a bench reads the clock and prints what it measured"
)]

use std::hint::black_box;
use std::time::Instant;

use careloop::device::{
    Catalog, Decoded, Deframer, Found, Origin, Profile, Profiles, RawMessage, SHIPPED,
    profiles_from,
};
use careloop::domain::{Binding, Device, Home};

/// Wanted for a message of whatever device, in microseconds.
const WANTED: f64 = 2.0;
const ROUNDS: usize = 7;
const TIMES: usize = 2_000;
const PORT: &str = "/dev/port";

fn main() {
    let (profiles, problems) = profiles_from(SHIPPED.iter().copied());
    assert!(problems.is_empty(), "the shipped profiles are right");
    let wanted = std::env::args().skip(1).find(|arg| !arg.starts_with('-')).unwrap_or_default();
    println!("| profile | bytes a message | observations a message | µs a message |");
    println!("|---|---:|---:|---:|");
    let (mut all, mut slow) = (Vec::new(), 0);
    for (name, text) in SHIPPED.iter().filter(|(name, _)| name.starts_with(&wanted)) {
        let profile = profiles.get(*name).expect("it is shipped");
        let messages = messages(&profiles, profile, text);
        let Some(row) = Row::measure(&messages) else { continue };
        let mark = if row.micros < WANTED { "" } else { " (too slow)" };
        slow += usize::from(WANTED <= row.micros);
        let Row { bytes, observations, micros } = row;
        println!("| {name} | {bytes:.0} | {observations:.1} | {micros:.2}{mark} |");
        all.push(micros);
    }
    all.sort_by(f64::total_cmp);
    let at = |share: usize| all.get(all.len().saturating_sub(1) * share / 100).copied();
    if let (Some(median), Some(p99), Some(most)) = (at(50), at(99), at(100)) {
        let count = all.len();
        println!("\n{count} profiles: median {median:.2} µs, p99 {p99:.2} µs, most {most:.2} µs");
        println!("{slow} of them take {WANTED} µs or more");
    }
}

/// The mean over a profile's examples, the median over the rounds.
struct Row {
    bytes: f64,
    observations: f64,
    micros: f64,
}

impl Row {
    fn measure(messages: &[(Catalog, RawMessage)]) -> Option<Self> {
        if messages.is_empty() {
            return None;
        }
        let count = messages.len() as f64;
        let observations =
            |(catalog, message): &(Catalog, RawMessage)| match catalog.decode(message) {
                Decoded::Known { observations, .. } => observations.len(),
                Decoded::Announced(_) | Decoded::Unknown { .. } => 0,
            };
        let mut rounds: Vec<f64> = (0..ROUNDS).map(|_| round(messages)).collect();
        rounds.sort_by(f64::total_cmp);
        Some(Self {
            bytes: messages.iter().map(|(_, m)| m.payload.len()).sum::<usize>() as f64 / count,
            observations: messages.iter().map(observations).sum::<usize>() as f64 / count,
            micros: rounds.get(ROUNDS / 2).copied().unwrap_or(f64::NAN),
        })
    }
}

fn round(messages: &[(Catalog, RawMessage)]) -> f64 {
    let begun = Instant::now();
    for _ in 0..TIMES {
        for (catalog, message) in messages {
            black_box(catalog.decode(black_box(message)));
        }
    }
    begun.elapsed().as_secs_f64() * 1e6 / (TIMES * messages.len()) as f64
}

/// The examples of a profile as messages, each with a register that has their device.
fn messages(profiles: &Profiles, profile: &Profile, text: &str) -> Vec<(Catalog, RawMessage)> {
    let file: toml::Table = text.parse().expect("a profile is TOML");
    let examples = file.get("example").and_then(|e| e.as_array()).cloned().unwrap_or_default();
    let mut messages = Vec::new();
    for example in &examples {
        let said = |key: &str| example.get(key).and_then(|value| value.as_str());
        if let (Some(payload), Some(mqtt)) = (said("payload"), &profile.mqtt) {
            let topic =
                said("topic").map_or_else(|| mqtt.topic.replace("{device}", "d"), str::to_owned);
            let topic = topic.replace('+', "x");
            let Some(address) = profile.address(&topic, Some(payload.as_bytes())) else { continue };
            let origin = Origin::Mqtt(topic);
            let message = RawMessage { origin, payload: payload.into(), retained: false };
            messages.push((catalog(profiles, profile, Binding::Mqtt(address)), message));
        } else if let (Some(hex), Some(line)) = (said("hex"), &profile.line) {
            let digits: String = hex.split_whitespace().collect();
            let bytes = data_encoding::HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).expect("hex");
            for found in Deframer::new(line.framing).push(&bytes) {
                let Found::Frame(payload) = found else { continue };
                let origin = Origin::Serial(PORT.to_owned());
                let binding = Binding::Serial(PORT.to_owned());
                let message = RawMessage { origin, payload, retained: false };
                messages.push((catalog(profiles, profile, binding), message));
            }
        } else if let (Some(hex), Some(_)) = (said("hex"), &profile.modbus) {
            let digits: String = hex.split_whitespace().collect();
            let payload =
                data_encoding::HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).expect("hex");
            let unit = payload.first().copied().unwrap_or(1);
            let origin = Origin::unit(PORT, unit);
            let binding = Binding::Modbus { port: PORT.to_owned(), unit };
            let message = RawMessage { origin, payload, retained: false };
            messages.push((catalog(profiles, profile, binding), message));
        }
    }
    messages
}

fn catalog(profiles: &Profiles, profile: &Profile, binding: Binding) -> Catalog {
    let device = Device::new("d".parse().expect("a name"), &profile.name, binding);
    let home = Home::new("h1".parse().expect("a name"), "UTC", vec![device]);
    Catalog::new(profiles, &[home]).expect("a register that fits")
}
