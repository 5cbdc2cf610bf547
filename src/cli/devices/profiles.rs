//! `careloop devices profiles`

use std::path::Path;

use super::{Failure, load, print_json};
use crate::device::Profile;

pub(super) fn run(folder: &Path, json: bool) -> Result<(), Failure> {
    let config = load(folder)?;
    let reports = |p: &Profile| -> Vec<&str> { p.properties().iter().map(|p| p.name()).collect() };
    if json {
        let all: Vec<_> = config
            .profiles
            .values()
            .map(|p| serde_json::json!({ "name": p.name, "vendor": p.vendor, "model": p.model, "about": p.about, "reports": reports(p) }))
            .collect();
        return print_json(&all);
    }
    for profile in config.profiles.values() {
        line!("{:<34} {}: {}", profile.name, profile.about, reports(profile).join(", "));
    }
    Ok(())
}
