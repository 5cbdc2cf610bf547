//! `careloop devices adopt`, `place`, `replace`, `retire`, `credentials`: deeds in the register.

use std::path::Path;

use super::super::Failure;
use super::super::register::{How, settle};
use super::{open, waiting};
use crate::config::Config;
use crate::domain::{Binding, DeviceId, HomeId, Mount};
use crate::registrar::{Change, Edit};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Deed {
    /// Take a device into the register
    Adopt(Adopt),
    /// Say where a device hangs; what is left out stays as it is
    Place(Place),
    /// Put another piece in the place of a device, which keeps its name and its history
    Replace(Replace),
    /// Take a device out of the register
    Retire(Retire),
    /// Make a device a new password for careloop's own MQTT listener; the old one ends at once
    Credentials(Credentials),
}

/// Where a device's messages come in.
#[derive(Debug, Clone, clap::Args)]
#[group(multiple = true)]
struct Bound {
    /// What stands for {device} in the topic of its profile
    #[arg(long, value_name = "ADDRESS", conflicts_with = "serial")]
    mqtt: Option<String>,
    /// What stands for the first level of its profile's topics, if its bridge has another
    #[arg(long, value_name = "BASE", conflicts_with = "serial")]
    base: Option<String>,
    /// Its serial port, such as /dev/serial/by-id/…
    #[arg(long, value_name = "PORT")]
    serial: Option<String>,
    /// Its address on a Modbus line, 1 to 247
    #[arg(long, value_name = "N", requires = "serial")]
    unit: Option<u8>,
}

/// How a device is fixed.
#[derive(Debug, Clone, clap::Args)]
struct Fixed {
    /// How it is fixed: ceiling, wall, corner, door, bed, floor, table or worn
    #[arg(long)]
    mount: Option<Mount>,
    /// How high above the floor
    #[arg(long, value_name = "CM")]
    height: Option<u32>,
}

#[derive(Debug, clap::Args)]
pub(super) struct Adopt {
    /// What `careloop devices waiting` calls it: its address, and its model if it is plain, are known
    #[arg(value_name = "KEY", conflicts_with_all = ["mqtt", "serial", "http"])]
    key: Option<String>,
    #[command(flatten)]
    bound: Bound,
    /// It is heard over HTTP only, and has no address
    #[arg(long, conflicts_with_all = ["mqtt", "serial"])]
    http: bool,
    /// The home it is in
    #[arg(long)]
    home: HomeId,
    /// What to call it
    #[arg(long = "as", value_name = "ID")]
    device: DeviceId,
    /// Where in the home
    #[arg(long)]
    room: Option<String>,
    /// Its model, as `careloop devices profiles` lists it
    #[arg(long)]
    profile: Option<String>,
    #[command(flatten)]
    fixed: Fixed,
    /// Make it a user and a password for careloop's own MQTT listener
    #[arg(long)]
    credentials: bool,
    #[command(flatten)]
    how: How,
}

#[derive(Debug, clap::Args)]
pub(super) struct Place {
    /// The home it is in
    home: HomeId,
    /// Which device
    device: DeviceId,
    /// Where in the home
    #[arg(long)]
    room: Option<String>,
    #[command(flatten)]
    fixed: Fixed,
    #[command(flatten)]
    how: How,
}

#[derive(Debug, clap::Args)]
pub(super) struct Replace {
    /// The home it is in
    home: HomeId,
    /// Which device
    device: DeviceId,
    /// The new piece, as `careloop devices waiting` calls it
    #[arg(long = "with", value_name = "KEY", conflicts_with_all = ["mqtt", "serial"])]
    key: Option<String>,
    #[command(flatten)]
    bound: Bound,
    /// The new piece's model, if it is another
    #[arg(long)]
    profile: Option<String>,
    /// Make the new piece a user and a password; the old piece's go with it in any case
    #[arg(long)]
    credentials: bool,
    #[command(flatten)]
    how: How,
}

#[derive(Debug, clap::Args)]
pub(super) struct Retire {
    /// The home it is in
    home: HomeId,
    /// Which device
    device: DeviceId,
    #[command(flatten)]
    how: How,
}

#[derive(Debug, clap::Args)]
pub(super) struct Credentials {
    /// The home it is in
    home: HomeId,
    /// Which device
    device: DeviceId,
    /// Take the password away and make no other
    #[arg(long)]
    revoke: bool,
    #[command(flatten)]
    how: How,
}

pub(super) fn run(folder: &Path, deed: &Deed) -> Result<(), Failure> {
    let (edit, how) = match deed {
        Deed::Adopt(args) => (adopt(folder, args)?, args.how),
        Deed::Place(Place { home, device, room, fixed, how }) => {
            let (home, device, room) = (home.clone(), device.clone(), room.clone());
            let Fixed { mount, height } = *fixed;
            (Edit::Place { home, device, room, mount, height }, *how)
        }
        Deed::Replace(args) => (replace(folder, args)?, args.how),
        Deed::Retire(Retire { home, device, how }) => {
            (Edit::Retire { home: home.clone(), device: device.clone() }, *how)
        }
        Deed::Credentials(Credentials { home, device, revoke, how }) => {
            let (home, device, revoke) = (home.clone(), device.clone(), *revoke);
            (Edit::Credentials { home, device, revoke }, *how)
        }
    };
    let next = match &edit {
        Edit::Adopt { home, device, .. }
        | Edit::Replace { home, device, .. }
        | Edit::Place { home, device, .. } => {
            Some(format!("now try it out where it hangs: careloop devices walk {home} {device}"))
        }
        Edit::Retire { .. }
        | Edit::Credentials { .. }
        | Edit::Leave { .. }
        | Edit::Back { .. }
        | Edit::Shift { .. }
        | Edit::Responder { .. }
        | Edit::Verified { .. }
        | Edit::Consent { .. }
        | Edit::Withdraw { .. }
        | Edit::Tune { .. }
        | Edit::Release { .. }
        | Edit::Depart { .. }
        | Edit::Remove { .. } => None,
    };
    let is_other = settle(folder, &Change::Edits(vec![edit]), how)?;
    if let Some(next) = next.filter(|_| is_other && !how.json) {
        line!("{next}");
    }
    Ok(())
}

fn adopt(folder: &Path, args: &Adopt) -> Result<Edit, Failure> {
    let (bound, profile) = match &args.key {
        Some(key) => {
            known(folder, key, args.profile.as_deref(), args.bound.base.as_deref(), |_| None)?
        }
        None => (args.bound.clone(), args.profile.clone()),
    };
    let Bound { mqtt, base, serial, unit } = bound;
    if mqtt.is_none() && serial.is_none() && !args.http {
        let why = "say which: a KEY of `careloop devices waiting`, --mqtt ADDRESS, --serial PORT or --http";
        return Err(Failure::Wrong(why.to_owned()));
    }
    let Fixed { mount, height } = args.fixed;
    Ok(Edit::Adopt {
        home: args.home.clone(),
        device: args.device.clone(),
        profile,
        mqtt,
        base,
        serial,
        unit,
        room: args.room.clone(),
        mount,
        height,
        credentials: args.credentials,
    })
}

fn replace(folder: &Path, args: &Replace) -> Result<Edit, Failure> {
    let (home, device) = (args.home.clone(), args.device.clone());
    // Most often it is another of the same model.
    let same = |config: &Config| {
        let home = config.homes.iter().find(|h| h.id == args.home)?;
        home.device(&args.device).map(|d| d.profile.clone())
    };
    let (Bound { mqtt, base, serial, unit }, profile) = match &args.key {
        Some(key) => known(folder, key, args.profile.as_deref(), args.bound.base.as_deref(), same)?,
        None => (args.bound.clone(), args.profile.clone()),
    };
    let credentials = args.credentials;
    Ok(Edit::Replace { home, device, profile, mqtt, base, serial, unit, credentials })
}

/// Where the device that waits as `key` is heard, and what it is: what is said, or what is likely if
/// its messages could come from one, or the best guess.
fn known(
    folder: &Path,
    key: &str,
    profile: Option<&str>,
    base: Option<&str>,
    likely: impl FnOnce(&Config) -> Option<String>,
) -> Result<(Bound, Option<String>), Failure> {
    let (config, reader) = open(folder)?;
    let waiting = waiting::one(&config, &reader, key)?;
    let fits = |name: &String| {
        config.profiles.get(name).is_some_and(|p| waiting.binding(p, base).is_some())
    };
    let likely = likely(&config).filter(fits);
    let guess = waiting.guesses.first().map(|guess| guess.profile.as_str());
    let name = profile.or(likely.as_deref()).or(guess).ok_or_else(|| {
        Failure::Wrong(format!("nobody knows what `{key}` is: say --profile, or write one"))
    })?;
    let profile = config.profiles.get(name).ok_or_else(|| {
        Failure::Wrong(format!(
            "there is no device profile `{name}`: see `careloop devices profiles`"
        ))
    })?;
    let none = Bound { mqtt: None, base: None, serial: None, unit: None };
    let bound = match waiting.binding(profile, base) {
        Some((Binding::Mqtt(address), base)) => Bound { mqtt: Some(address), base, ..none },
        Some((Binding::Serial(port), _)) => Bound { serial: Some(port), ..none },
        Some((Binding::Modbus { port, unit }, _)) => {
            Bound { serial: Some(port), unit: Some(unit), ..none }
        }
        Some((Binding::Direct, _)) | None => {
            let why = format!(
                "nothing `{key}` said could come from a `{name}`: say --mqtt and --profile"
            );
            return Err(Failure::Wrong(why));
        }
    };
    Ok((bound, Some(name.to_owned())))
}
