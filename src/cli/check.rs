//! `careloop check`

use std::path::Path;

use super::{Failure, load, print_json};
use crate::device::Catalog;
use crate::domain::{Home, Place, Role};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(folder: &Path, args: &Args) -> Result<(), Failure> {
    let config = load(folder)?;
    let homes: Vec<Home> = config.homes.iter().map(|h| (**h).clone()).collect();
    Catalog::new(&config.profiles, &homes).map_err(|why| Failure::Wrong(why.join("\n")))?;
    let notes = notes(&config);
    let devices: usize = homes.iter().map(|h| h.devices.len()).sum();
    if args.json {
        return print_json(&serde_json::json!({
            "homes": homes.len(),
            "devices": devices,
            "rules": config.book.rules.len(),
            "profiles": config.profiles.len(),
            "notes": notes,
        }));
    }
    line!(
        "{} is right: {} homes with {devices} devices, {} rules, {} device profiles",
        folder.display(),
        homes.len(),
        config.book.rules.len(),
        config.profiles.len(),
    );
    for note in notes {
        line!("note: {note}");
    }
    Ok(())
}

/// What is allowed, and probably not meant.
fn notes(config: &crate::config::Config) -> Vec<String> {
    let mut notes = Vec::new();
    // A hub whose devices all log in for themselves begins without any.
    if let Some(mqtt) = &config.settings.mqtt
        && !mqtt.anonymous
        && mqtt.clients.is_empty()
        && config.credentials.is_empty()
    {
        notes.push(
            "nobody may come to [mqtt]: write [[mqtt.client]], anonymous = true on loopback, or adopt a device with --credentials".to_owned(),
        );
    }
    for home in &config.homes {
        let roles: Vec<Role> = home.responders.iter().map(|r| r.role).collect();
        for rule in &config.book.rules {
            let wanted: Vec<Role> =
                config.book.plan(&rule.plan).map(|p| p.roles().collect()).unwrap_or_default();
            if !wanted.iter().any(|w| roles.contains(w)) {
                let (rule, plan) = (&rule.name, &rule.plan);
                notes.push(format!("home {}: plan {plan} of rule {rule} reaches nobody", home.id));
            }
        }
        let reports = |property, place: Option<Place>| {
            let there = home.devices.iter().filter(|d| place.is_none() || d.place == place);
            let mut profiles = there.filter_map(|d| config.profiles.get(&d.profile));
            profiles.any(|p| p.properties().contains(&property))
        };
        let has_direct = home.devices.iter().any(|d| d.binding == crate::domain::Binding::Direct);
        for rule in config.book.rules.iter().filter(|r| !r.kind.is_per_device()) {
            let concerns = rule.kind.concerns();
            let own = concerns.contains(&crate::domain::Property::Fault);
            if !has_direct && !own && !rule.kind.could_hold(reports) {
                let silent = concerns.iter().filter(|p| !reports(**p, None));
                let names: Vec<_> = silent.map(|p| p.name()).collect();
                let what = match names.join(", ") {
                    none if none.is_empty() => "reports it in the room it names".to_owned(),
                    names => format!("in this home reports {names}"),
                };
                notes.push(format!("home {}: nothing {what}; rule {} sleeps", home.id, rule.name));
            }
        }
    }
    notes
}
