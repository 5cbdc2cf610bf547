//! `careloop devices`

use std::path::Path;

use crate::store::misread::Misreading;

use super::{Failure, load, open, print_json};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// List the device profiles instead: every model that is known
    #[arg(long)]
    profiles: bool,
    /// List messages from nobody known, and what was not understood, counted by class
    #[arg(long)]
    strange: bool,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(folder: &Path, args: &Args) -> Result<(), Failure> {
    if args.profiles {
        return profiles(folder, args.json);
    }
    if args.strange {
        return strange(folder, args.json);
    }
    let config = load(folder)?;
    let devices = config.homes.iter().flat_map(|h| h.devices.iter().map(move |d| (&h.id, d)));
    if args.json {
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

fn profiles(folder: &Path, json: bool) -> Result<(), Failure> {
    let config = load(folder)?;
    let reports = |p: &crate::device::Profile| -> Vec<&str> {
        p.properties().iter().map(|p| p.name()).collect()
    };
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

fn strange(folder: &Path, json: bool) -> Result<(), Failure> {
    let (_, reader) = open(folder)?;
    let (strangers, misread) = (reader.strangers()?, reader.misread_everywhere()?);
    if json {
        return print_json(&serde_json::json!({ "strange": strangers, "misread": misread }));
    }
    if strangers.is_empty() && misread.is_empty() {
        line!("every message so far was understood");
    }
    for Misreading { home, device, class, count, last_at } in misread {
        line!("{count} × {class} by {home}/{device}, last {last_at}: {}", class.about());
    }
    for stranger in strangers {
        let device = stranger.device.unwrap_or_else(|| "nobody known".to_owned());
        line!("{} × {} from {device}, last {}", stranger.count, stranger.origin, stranger.last_at);
        for sample in stranger.samples {
            line!("    {}", sample.payload.replace('\n', " "));
            for why in sample.why {
                line!("      {why}");
            }
        }
    }
    Ok(())
}
