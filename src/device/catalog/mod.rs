//! Who sent this, and what does it mean?

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::decode::Reading;
use super::pick::{Scalar, Tree, pick};
use super::profile::{Profile, Profiles, topic};
use super::{Decoded, Origin, RawMessage, discovery};
use crate::domain::{Binding, Device, DeviceId, Home, HomeId, Span};

mod ports;

pub use ports::{Bus, Port, Speech};

/// The shortest `quiet_after` of a unit that is polled: an answer that does not change is handed on less
/// often than it is asked for.
const UNIT_QUIET_MIN: Span = Span::minutes(2);

/// All devices of the register, found by where their messages come in.
#[derive(Debug, Default)]
pub struct Catalog {
    profiles: Profiles,
    /// By name and base: those that are not where the profile has them.
    based: BTreeMap<(String, String), Arc<Profile>>,
    devices: Vec<Bound>,
    exact: BTreeMap<String, Target>,
    /// Topics with `+` in them, tried in this order when no exact one is found.
    patterns: Vec<(String, Target)>,
    /// Topics that several devices share; their payloads tell which.
    shared: BTreeMap<(String, Vec<String>), BTreeMap<String, Target>>,
    /// By port, and the units of shared ports by their own origins.
    ports: BTreeMap<String, usize>,
    /// The units of each shared port.
    buses: BTreeMap<String, BTreeMap<u8, usize>>,
}

#[derive(Debug)]
struct Bound {
    home: HomeId,
    device: DeviceId,
    profile: Arc<Profile>,
}

/// A device, and which of its profile's topics.
#[derive(Debug, Clone, Copy)]
struct Target {
    device: usize,
    plan: usize,
}

impl Catalog {
    /// Binds every device of every home to its profile and its topics or port.
    ///
    /// # Errors
    /// Everything that does not fit: a profile that does not exist, a binding its profile does not
    /// have, an address that cannot stand in a topic, two devices behind one topic or port.
    pub fn new(profiles: &Profiles, homes: &[Home]) -> Result<Self, Vec<String>> {
        let mut catalog = Self { profiles: profiles.clone(), ..Self::default() };
        let mut problems = Vec::new();
        let devices = homes.iter().flat_map(|home| home.devices.iter().map(move |d| (home, d)));
        for (home, device) in devices.filter(|(_, d)| d.binding != Binding::Direct) {
            if let Err(why) = catalog.bind(profiles, home, device) {
                problems.push(format!("device `{}` of home `{}`: {why}", device.id, home.id));
            }
        }
        if problems.is_empty() { Ok(catalog) } else { Err(problems) }
    }

    /// Finds the sender and reads the message by its profile. Never fails: bad input is an outcome (P10).
    pub fn decode(&self, message: &RawMessage) -> Decoded {
        let found = match &message.origin {
            Origin::Mqtt(topic) => self.find(topic, &message.payload),
            Origin::Serial(path) => {
                let device = self.ports.get(path).copied().map(|device| (device, None));
                device.ok_or_else(|| format!("no device of the register is at port `{path}`"))
            }
        };
        let (device, plan) = match found {
            Ok((device, plan)) => (self.devices.get(device), plan),
            Err(why) => return Self::stranger(message, why),
        };
        let Some(Bound { home, device, profile }) = device else {
            return Decoded::Unknown { why: "the device is not in the register".to_owned() };
        };
        let mut reading = Reading::default();
        match plan.map(|plan| profile.topics.get(plan)) {
            None => profile.read_frame(&message.payload, &mut reading),
            Some(None) => {}
            Some(Some((_, plan))) => profile.read_text(plan, &message.payload, &mut reading),
        }
        let Reading { observations, problems, .. } = reading;
        Decoded::Known { home: home.clone(), device: device.clone(), observations, problems }
    }

    /// A message of nobody in the register: an announcement, or one that nobody can place.
    fn stranger(message: &RawMessage, why: String) -> Decoded {
        let Origin::Mqtt(topic) = &message.origin else { return Decoded::Unknown { why } };
        match discovery::read(topic, &message.payload) {
            None => Decoded::Unknown { why },
            Some(Ok(announcement)) => Decoded::Announced(announcement),
            Some(Err(why)) => {
                Decoded::Unknown { why: format!("`{topic}` announces nothing: {why}") }
            }
        }
    }

    /// The profiles that there are, registered or not.
    pub const fn profiles(&self) -> &Profiles {
        &self.profiles
    }

    /// The MQTT topic filters that bring every message of the register's devices and every
    /// announcement, without repetition.
    pub fn topics(&self) -> Vec<String> {
        let exact = self.exact.keys().map(String::as_str);
        let patterns = self.patterns.iter().map(|(pattern, _)| pattern.as_str());
        let shared = self.shared.keys().map(|(pattern, _)| pattern.as_str());
        let all = exact.chain(patterns).chain(shared).chain(discovery::TOPICS.iter().copied());
        let all: BTreeSet<&str> = all.collect();
        all.into_iter().map(str::to_owned).collect()
    }

    fn find(&self, topic: &str, payload: &[u8]) -> Result<(usize, Option<usize>), String> {
        let found = |target: &Target| Ok((target.device, Some(target.plan)));
        // A payload that names a device of ours says more than the topic: a button behind a gateway
        // speaks by the gateway's own topic.
        let mut why = format!("no device of the register publishes to `{topic}`");
        for ((pattern, pointers), addresses) in &self.shared {
            if !topic::fits(pattern, topic) {
                continue;
            }
            match address(payload, pointers) {
                Err(wrong) => why = format!("`{topic}` tells no device: {wrong}"),
                Ok(address) => {
                    if let Some(target) = addresses.get(&address) {
                        return found(target);
                    }
                    why = format!("no device of the register is `{address}` in `{topic}`");
                }
            }
        }
        if let Some(target) = self.exact.get(topic) {
            return found(target);
        }
        if let Some((_, target)) = self.patterns.iter().find(|(p, _)| topic::fits(p, topic)) {
            return found(target);
        }
        Err(why)
    }

    fn bind(&mut self, profiles: &Profiles, home: &Home, device: &Device) -> Result<(), String> {
        let name = &device.profile;
        let profile = profiles.get(name).ok_or_else(|| format!("there is no profile `{name}`"))?;
        let profile = &match &device.base {
            None => Arc::clone(profile),
            Some(base) => self.on_base(profile, base)?,
        };
        let bound = Bound {
            home: home.id.clone(),
            device: device.id.clone(),
            profile: Arc::clone(profile),
        };
        self.devices.push(bound);
        let at = self.devices.len() - 1;
        match &device.binding {
            Binding::Direct => Ok(()),
            Binding::Mqtt(address) => self.bind_topics(profile, address, at),
            Binding::Modbus { port, unit } => {
                if device.quiet_after.is_some_and(|quiet| quiet < UNIT_QUIET_MIN) {
                    return Err(format!("a unit is not quiet before {UNIT_QUIET_MIN}"));
                }
                self.bind_unit(profile, port, *unit, at)
            }
            Binding::Serial(path) => self.bind_port(profile, path, at),
        }
    }

    /// Several devices behind one bridge share what is made for its base.
    fn on_base(&mut self, profile: &Profile, base: &str) -> Result<Arc<Profile>, String> {
        let key = (profile.name.clone(), base.to_owned());
        if let Some(known) = self.based.get(&key) {
            return Ok(Arc::clone(known));
        }
        let based = Arc::new(profile.on_base(base)?);
        self.based.insert(key, Arc::clone(&based));
        Ok(based)
    }

    fn bind_topics(&mut self, profile: &Profile, address: &str, at: usize) -> Result<(), String> {
        let Some(mqtt) = &profile.mqtt else {
            return Err(format!("`{}` does not speak over MQTT", profile.name));
        };
        if address.is_empty() || address.contains(['+', '#', '\0']) {
            return Err(format!("`{address}` cannot stand in a topic"));
        }
        for (plan, (pattern, _)) in profile.topics.iter().enumerate() {
            let target = Target { device: at, plan };
            let topic = pattern.replace(topic::DEVICE, address);
            let other = if topic::is_shared(pattern) {
                let key = (topic.clone(), mqtt.identity.clone());
                self.shared.entry(key).or_default().insert(address.to_owned(), target)
            } else if topic.contains('+') {
                let other = self.patterns.iter().find(|(known, _)| *known == topic);
                let other = other.map(|(_, target)| *target);
                self.patterns.push((topic.clone(), target));
                other
            } else {
                self.exact.insert(topic.clone(), target)
            };
            if let Some(other) = other {
                return Err(format!("`{topic}` is also of {}", self.name(other.device)));
            }
        }
        Ok(())
    }

    fn name(&self, device: usize) -> String {
        let name = |bound: &Bound| format!("device `{}` of home `{}`", bound.device, bound.home);
        self.devices.get(device).map_or(String::new(), name)
    }
}

/// The values of the pointers joined by `/`.
pub(super) fn address(payload: &[u8], pointers: &[String]) -> Result<String, String> {
    let text = std::str::from_utf8(payload).map_err(|e| format!("the payload is not text: {e}"))?;
    let mut tree = Tree::default();
    for (slot, pointer) in pointers.iter().enumerate() {
        tree.want(pointer, slot);
    }
    let mut slots = vec![Scalar::Absent; pointers.len()];
    pick(text, &tree, &mut slots).map_err(|e| format!("the payload is not JSON: {e}"))?;
    let mut parts = Vec::new();
    for (slot, pointer) in slots.iter().zip(pointers) {
        match slot {
            Scalar::Text(text) => parts.push(text.to_string()),
            Scalar::Number(n) => parts.push(n.to_string()),
            Scalar::Absent | Scalar::Null | Scalar::Flag(_) | Scalar::Other(_) => {
                return Err(format!("`{pointer}` is neither text nor number"));
            }
        }
    }
    Ok(parts.join("/"))
}

#[cfg(test)]
mod tests;
