//! `careloop devices adopt`, `place`, `replace`, `retire`, `credentials`: deeds in the register.

use std::path::Path;

use super::super::Failure;
use super::super::register::{How, settle};
use crate::domain::{DeviceId, HomeId, Mount};
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
        Deed::Adopt(args) => (adopt(args)?, args.how),
        Deed::Place(Place { home, device, room, fixed, how }) => {
            let (home, device, room) = (home.clone(), device.clone(), room.clone());
            let Fixed { mount, height } = *fixed;
            (Edit::Place { home, device, room, mount, height }, *how)
        }
        Deed::Replace(Replace { home, device, bound, profile, credentials, how }) => {
            let (home, device, profile) = (home.clone(), device.clone(), profile.clone());
            let (Bound { mqtt, serial, unit }, credentials) = (bound.clone(), *credentials);
            (Edit::Replace { home, device, profile, mqtt, serial, unit, credentials }, *how)
        }
        Deed::Retire(Retire { home, device, how }) => {
            (Edit::Retire { home: home.clone(), device: device.clone() }, *how)
        }
        Deed::Credentials(Credentials { home, device, revoke, how }) => {
            let (home, device, revoke) = (home.clone(), device.clone(), *revoke);
            (Edit::Credentials { home, device, revoke }, *how)
        }
    };
    settle(folder, &Change::Edits(vec![edit]), how)
}

fn adopt(args: &Adopt) -> Result<Edit, Failure> {
    let Bound { mqtt, serial, unit } = args.bound.clone();
    if mqtt.is_none() && serial.is_none() && !args.http {
        let why = "say where it is heard: --mqtt ADDRESS, --serial PORT or --http";
        return Err(Failure::Wrong(why.to_owned()));
    }
    let Fixed { mount, height } = args.fixed;
    Ok(Edit::Adopt {
        home: args.home.clone(),
        device: args.device.clone(),
        profile: args.profile.clone(),
        mqtt,
        serial,
        unit,
        room: args.room.clone(),
        mount,
        height,
        credentials: args.credentials,
    })
}
