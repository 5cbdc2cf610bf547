//! `[[home.device]]`: what is mounted, and how it is bound.

use crate::device::profile::Mqtt;
use crate::device::{Coverage, Profiles};
use crate::domain::{Binding, Device};
use crate::form::Form;

use super::credential::Digest;

/// One table, with the digest of what it logs in with.
pub(super) fn read(
    mut form: Form<'_, '_>,
    profiles: &Profiles,
    rooms: Option<&Coverage>,
) -> Option<(Device, Option<Digest>)> {
    let id = form.needs("id");
    let profile = form.may::<String>("profile");
    let room = form.may::<String>("room").unwrap_or_default();
    let place = rooms.and_then(|rooms| rooms.place(&room));
    let quiet_after = form.may("quiet_after");
    let (mount, height) = (form.may("mount"), form.may("height"));
    let (mqtt, serial) = (form.may::<String>("mqtt"), form.may::<String>("serial"));
    let unit = form.may::<u8>("unit");
    let base = form.may::<String>("base");
    if base.is_some() && mqtt.is_none() {
        form.wrong("`base` goes with `mqtt`".to_owned());
    }
    let binding = read_binding(&form, mqtt, serial, unit);
    let digest = read_digest(&mut form);
    if profile.is_none() && binding != Binding::Direct {
        form.wrong("`profile` is missing: name a model below devices/, without `.toml`".to_owned());
    }
    let found = profile.as_ref().and_then(|p| profiles.get(p));
    if let (Some(profile), None) = (&profile, found) {
        let part = profile.rsplit('/').next().unwrap_or(profile);
        let near = profiles.keys().find(|k| k.contains(part) || profile.contains(k.as_str()));
        let hint = near.map_or(String::new(), |p| format!("; did you mean `{p}`?"));
        form.wrong(format!("there is no device profile `{profile}`{hint}"));
    }
    let quiet_after = quiet_after.or_else(|| found.and_then(|p| p.quiet_after));
    let is_life = found.is_some_and(|p| p.properties().iter().any(|p| p.is_life()));
    for why in found.iter().flat_map(|p| p.limits.refusals(mount, height)) {
        form.wrong(why);
    }
    if digest.is_some() {
        let shared = found.and_then(|p| p.mqtt.as_ref()).is_some_and(Mqtt::is_shared);
        match binding {
            Binding::Mqtt(_) if !shared => {}
            // On a topic of all of them it could speak as any.
            Binding::Mqtt(_) => form.wrong(
                "`password_digest`: this model's topic is not its own; give its bridge an [[mqtt.client]]"
                    .to_owned(),
            ),
            Binding::Serial(_) | Binding::Modbus { .. } | Binding::Direct => {
                form.wrong("`password_digest` goes with `mqtt`".to_owned());
            }
        }
    }
    form.done();
    let profile = profile.unwrap_or_default();
    let id = id?;
    let about = Device {
        room,
        place,
        base,
        quiet_after,
        is_life,
        mount,
        height,
        ..Device::new(id, &profile, binding)
    };
    Some((about, digest))
}

/// Whoever wrote the password itself there must not read it in a log: the value is not shown.
fn read_digest(form: &mut Form<'_, '_>) -> Option<Digest> {
    let read = form.may::<String>("password_digest")?.parse::<Digest>();
    read.map_err(|why| form.wrong(format!("`password_digest`: {why}"))).ok()
}

fn read_binding(
    form: &Form<'_, '_>,
    mqtt: Option<String>,
    serial: Option<String>,
    unit: Option<u8>,
) -> Binding {
    if unit.is_some_and(|unit| !(1..=247).contains(&unit)) || (unit.is_some() && serial.is_none()) {
        form.wrong("`unit` is a Modbus address from 1 to 247, and goes with `serial`".to_owned());
    }
    match (mqtt, serial) {
        (Some(address), None) => Binding::Mqtt(address),
        (None, Some(port)) => match unit {
            Some(unit) => Binding::Modbus { port, unit },
            None => Binding::Serial(port),
        },
        (None, None) => Binding::Direct,
        (Some(_), Some(_)) => {
            form.wrong("a device is bound by `mqtt` or by `serial`, not both".to_owned());
            Binding::Direct
        }
    }
}
