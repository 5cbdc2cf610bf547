//! `careloop devices list`

use std::path::Path;

use reqwest::Method;
use serde::Deserialize;

use super::{Failure, load, print_json};
use crate::cli::{api, runtime, status};
use crate::config::Config;

/// What the gateway says of a device.
#[derive(Deserialize)]
struct Seen {
    home: String,
    id: String,
    room: String,
    profile: String,
    state: String,
    since: Option<String>,
    testing: bool,
    heard_at: Option<String>,
    battery: Option<f64>,
    signal: Option<f64>,
    link_quality: Option<f64>,
}

pub(super) fn run(folder: &Path, json: bool) -> Result<(), Failure> {
    let config = load(folder)?;
    if status::is_running(&config)
        && let Ok(said) = ask(&config)
    {
        return live(&said, json);
    }
    let devices = config.homes.iter().flat_map(|h| h.devices.iter().map(move |d| (&h.id, d)));
    if json {
        let devices: Vec<_> = devices
            .map(|(home, device)| serde_json::json!({ "home": home, "device": device }))
            .collect();
        return print_json(&devices);
    }
    for (home, device) in devices {
        let quiet = device.quiet_after.map_or("never".to_owned(), |s| s.to_string());
        line!(
            "{home:<10} {:<18} {:<32} {:<14} quiet after {quiet}",
            device.id,
            device.profile,
            device.room
        );
    }
    Ok(())
}

fn ask(config: &Config) -> Result<String, Failure> {
    let nothing = ("application/json", String::new());
    let asked = api::ask(&config.settings, Method::GET, "devices", nothing);
    api::heed(runtime()?.block_on(asked)?)
}

/// How they are, as the gateway says.
fn live(said: &str, json: bool) -> Result<(), Failure> {
    if json {
        text!("{said}\n");
        return Ok(());
    }
    let wrong = |e: serde_json::Error| Failure::Cannot(format!("cannot read the answer: {e}"));
    let devices: Vec<Seen> = serde_json::from_str(said).map_err(wrong)?;
    for seen in devices {
        let mut notes = Vec::new();
        notes.extend(seen.since.map(|since| format!("since {since}")));
        notes.push(seen.heard_at.map_or("never heard".to_owned(), |at| format!("heard {at}")));
        notes.extend(seen.battery.map(|left| format!("battery {left} %")));
        notes.extend(seen.signal.map(|dbm| format!("{dbm} dBm")));
        notes.extend(seen.link_quality.map(|lqi| format!("link {lqi} of 255")));
        notes.extend(seen.testing.then(|| "under test".to_owned()));
        line!(
            "{:<10} {:<18} {:<32} {:<14} {:<8} {}",
            seen.home,
            seen.id,
            seen.profile,
            seen.room,
            seen.state,
            notes.join(", ")
        );
    }
    Ok(())
}
