//! Has a profile read a sample, as the hub would: a home with that one device, the catalogue, and for
//! a serial line the deframer.

use careloop::device::{
    Catalog, Decoded, Deframer, Found, FrameError, Modbus, Origin, Profile, Profiles, RawMessage,
};
use careloop::domain::{Binding, Device, Home};
use serde_json::Value as Any;

use crate::expected::Said;

const PORT: &str = "/dev/port";

pub fn sample(profile: &Profile, profiles: &Profiles, sample: &Any) -> Said {
    let mut said = Said::default();
    match (sample["topic"].as_str(), sample["raw_hex"].as_str()) {
        (Some(topic), _) => {
            let payload = payload(sample);
            let here = profile.address(topic, Some(&payload)).map(|address| (address, None));
            // Whoever recorded it had another base topic.
            let base = topic.split('/').next().unwrap_or_default();
            let there = || {
                let address = profile.on_base(base).ok()?.address(topic, Some(&payload))?;
                Some((address, Some(base.to_owned())))
            };
            let Some((address, base)) = here.or_else(there) else {
                said.problems.push(format!("`{topic}` is no topic of it"));
                return said;
            };
            let catalog = catalog_on(profiles, profile, Binding::Mqtt(address), base);
            let origin = Origin::Mqtt(topic.to_owned());
            take(&catalog, &RawMessage { origin, payload, retained: false }, &mut said);
        }
        (None, Some(hex)) => {
            let bytes = data_encoding::HEXLOWER_PERMISSIVE
                .decode(hex.replace(' ', "").as_bytes())
                .expect("hexadecimal");
            match &profile.modbus {
                Some(modbus) => exchanges(profile, profiles, modbus, &bytes, &mut said),
                None => frames(profile, profiles, &bytes, &mut said),
            }
        }
        (None, None) => {
            let payload = payload(sample);
            let catalog = catalog(profiles, profile, Binding::Serial(PORT.to_owned()));
            let origin = Origin::Serial(PORT.to_owned());
            take(&catalog, &RawMessage { origin, payload, retained: false }, &mut said);
        }
    }
    said
}

/// A reply of a Modbus unit, to each of the questions that its profile asks.
fn exchanges(
    profile: &Profile,
    profiles: &Profiles,
    modbus: &Modbus,
    reply: &[u8],
    said: &mut Said,
) {
    let unit = reply.first().copied().unwrap_or_default();
    let binding = Binding::Modbus { port: PORT.to_owned(), unit };
    let catalog = catalog(profiles, profile, binding);
    for poll in &modbus.poll {
        let payload = [&poll.question(unit)[..], reply].concat();
        let origin = Origin::unit(PORT, unit);
        take(&catalog, &RawMessage { origin, payload, retained: false }, said);
    }
}

fn frames(profile: &Profile, profiles: &Profiles, bytes: &[u8], said: &mut Said) {
    let Some(line) = &profile.line else {
        return said.problems.push("it does not speak on a serial port".to_owned());
    };
    let catalog = catalog(profiles, profile, Binding::Serial(PORT.to_owned()));
    let mut deframer = Deframer::new(line.framing);
    for found in deframer.push(bytes).into_iter().chain(deframer.end()) {
        match found {
            Found::Frame(payload) => {
                let origin = Origin::Serial(PORT.to_owned());
                take(&catalog, &RawMessage { origin, payload, retained: false }, said);
            }
            Found::Damage { why: FrameError::Noise, .. } => {}
            Found::Damage { why, .. } => said.problems.push(why.to_string()),
        }
    }
}

fn take(catalog: &Catalog, message: &RawMessage, said: &mut Said) {
    match catalog.decode(message) {
        Decoded::Known { observations, problems, .. } => {
            said.observations.extend(observations);
            said.problems.extend(problems.iter().map(ToString::to_string));
        }
        Decoded::Announced(_) => {}
        Decoded::Unknown { why } => said.problems.push(why),
    }
}

fn catalog(profiles: &Profiles, profile: &Profile, binding: Binding) -> Catalog {
    catalog_on(profiles, profile, binding, None)
}

fn catalog_on(
    profiles: &Profiles,
    profile: &Profile,
    binding: Binding,
    base: Option<String>,
) -> Catalog {
    let device =
        Device { base, ..Device::new("d".parse().expect("a name"), &profile.name, binding) };
    let home = Home::new("h".parse().expect("a name"), "UTC", vec![device]);
    Catalog::new(profiles, &[home]).expect("one device fits")
}

fn payload(sample: &Any) -> Vec<u8> {
    if let Some(hex) = sample["payload_hex"].as_str() {
        return data_encoding::HEXLOWER_PERMISSIVE.decode(hex.as_bytes()).expect("hexadecimal");
    }
    match &sample["payload"] {
        Any::String(text) => text.clone().into_bytes(),
        other @ (Any::Null | Any::Bool(_) | Any::Number(_) | Any::Array(_) | Any::Object(_)) => {
            other.to_string().into_bytes()
        }
    }
}
