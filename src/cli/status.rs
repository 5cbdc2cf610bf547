//! `careloop status`

use std::path::Path;

use reqwest::Method;

use super::{Failure, api, open, print_json, runtime};
use crate::config::Config;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(folder: &Path, args: &Args) -> Result<(), Failure> {
    let (config, reader) = open(folder)?;
    let figures = reader.figures()?;
    let is_running = is_running(&config);
    let tested = if is_running { under_test(&config) } else { Vec::new() };
    if args.json {
        return print_json(&serde_json::json!({
            "running": is_running, "store": figures, "under_test": tested,
        }));
    }
    line!("{}", if is_running { "running" } else { "not running" });
    for device in tested {
        line!("{device} is under test: what it says counts for nothing");
    }
    line!("{} open incidents", figures.open_incidents);
    line!("{} deliveries on their way", figures.waiting_deliveries);
    line!("{} inputs kept, {} KiB on disk", figures.journal_rows, figures.bytes / 1024);
    Ok(())
}

/// Whether a gateway runs on the data of this configuration.
pub(super) fn is_running(config: &Config) -> bool {
    let lock = config.settings.store.path.with_extension("lock");
    std::fs::File::open(lock)
        .is_ok_and(|file| matches!(file.try_lock(), Err(std::fs::TryLockError::WouldBlock)))
}

/// The devices that somebody tries out, as `home/device`; none if the gateway does not say.
fn under_test(config: &Config) -> Vec<String> {
    let ask = || -> Result<String, Failure> {
        let nothing = ("application/json", String::new());
        let asked = api::ask(&config.settings, Method::GET, "devices", nothing);
        api::heed(runtime()?.block_on(asked)?)
    };
    let devices: serde_json::Value =
        ask().ok().and_then(|said| serde_json::from_str(&said).ok()).unwrap_or_default();
    let text = |device: &serde_json::Value, key: &str| {
        device.get(key).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned()
    };
    let all = devices.as_array().into_iter().flatten();
    let tested =
        all.filter(|d| d.get("testing").and_then(serde_json::Value::as_bool) == Some(true));
    tested.map(|d| format!("{}/{}", text(d, "home"), text(d, "id"))).collect()
}
