//! `careloop status`

use std::path::Path;

use reqwest::Method;

use super::{Failure, api, open, print_json, runtime};
use crate::config::Config;
use crate::inbox::Look;

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
    let off = off(&super::looks(&config, &reader)?);
    if args.json {
        return print_json(&serde_json::json!({
            "running": is_running, "store": figures, "under_test": tested, "off": off,
        }));
    }
    line!("{}", if is_running { "running" } else { "not running" });
    for device in tested {
        line!("{device} is under test: what it says counts for nothing");
    }
    for Off { rule, home, by, on, why } in off {
        let place = home.map_or_else(|| "in any home".to_owned(), |home| format!("in home {home}"));
        line!("rule {rule} is not looked for {place}: by {by} on {on} ({why})");
    }
    line!("{} open incidents", figures.open_incidents);
    line!("{} deliveries on their way", figures.waiting_deliveries);
    line!("{} inputs kept, {} KiB on disk", figures.journal_rows, figures.bytes / 1024);
    Ok(())
}

/// A rule that nobody looks for: in this home, or in any.
#[derive(serde::Serialize)]
struct Off {
    rule: String,
    home: Option<String>,
    by: String,
    on: String,
    why: String,
}

fn off(looks: &[Look]) -> Vec<Off> {
    let book = looks.first().map(|look| &look.book);
    let everybody = book.into_iter().flat_map(|book| book.off()).map(|(rule, off)| Off {
        rule: rule.name.to_string(),
        home: None,
        by: off.by.to_string(),
        on: off.on.to_string(),
        why: off.why.clone(),
    });
    let own = looks.iter().flat_map(|look| look.home.changes.iter().map(move |c| (look, c)));
    let own = own.filter(|(_, change)| change.off).map(|(look, change)| Off {
        rule: change.rule.to_string(),
        home: Some(look.home.id.to_string()),
        by: change.by.to_string(),
        on: change.on.clone(),
        why: change.why.clone(),
    });
    everybody.chain(own).collect()
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
