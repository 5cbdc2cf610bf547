//! `careloop devices list`

use std::path::Path;

use super::{Failure, load, print_json};

pub(super) fn run(folder: &Path, json: bool) -> Result<(), Failure> {
    let config = load(folder)?;
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
