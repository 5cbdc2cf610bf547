//! What devices and bridges tell of themselves before anybody registered them. One file a dialect;
//! each is known by the shape of its topics, because their first levels can be set.
//!
//! **A message on a topic announces exactly these devices**: whatever the same topic announced before
//! and leaves out now is withdrawn. So an empty retained message takes a device back, and a bridge's
//! list is always the whole list.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::Property;

mod homeassistant;
mod homie;
mod shelly;
mod tasmota;
mod template;
pub(super) mod words;
mod zigbee2mqtt;

pub(super) use zigbee2mqtt::is_bridges;

/// The longest announcement that is read, in bytes; a bridge tells of 37 devices in 107 KB.
pub const PAYLOAD_MAX: usize = 1024 * 1024;
/// How many devices one message may announce.
pub const DEVICES_MAX: usize = 500;
/// How many things a device may expose.
const EXPOSES_MAX: usize = 128;
/// How many announcements make up one device: Home Assistant wants one for each thing exposed.
const PIECES_MAX: usize = 128;
/// How much is kept of one device, in bytes as they are stored.
const NEWCOMER_MAX: usize = 64 * 1024;
/// The longest text that is kept, in characters.
const TEXT_MAX: usize = 120;

/// The topics that bring announcements, as filters for brokers that send only what is asked for.
pub const TOPICS: &[&str] = &[
    "+/bridge/devices",
    "+/+/bridge/devices",
    "+/bridge/state",
    "homeassistant/+/+/config",
    "homeassistant/+/+/+/config",
    "tasmota/discovery/+/config",
    "tasmota/discovery/+/sensors",
    "homie/+/$name",
    "homie/+/$state",
    "homie/+/+/$properties",
    "homie/+/+/+/$unit",
    "homie/5/+/$description",
    "shellies/announce",
    "shellies/+/announce",
];

/// Whose way of announcing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dialect {
    /// `<base>/bridge/devices` of zigbee2mqtt.
    Zigbee2mqtt,
    /// MQTT discovery of Home Assistant, single and device-based.
    HomeAssistant,
    /// `tasmota/discovery/<mac>/config` and `/sensors`.
    Tasmota,
    /// Homie 4 and 5.
    Homie,
    /// The announcement of Shelly's first generation.
    Shelly,
}

impl Dialect {
    /// Its name in files and answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Zigbee2mqtt => "zigbee2mqtt",
            Self::HomeAssistant => "home-assistant",
            Self::Tasmota => "tasmota",
            Self::Homie => "homie",
            Self::Shelly => "shelly",
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// One announcement: what `by` tells now, which is all that it tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announcement {
    /// Which topic tells it.
    pub by: String,
    /// The devices, or pieces of them.
    pub devices: Vec<Announced>,
}

/// A device as it, or its bridge, tells of it; one announcement may tell only a piece.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announced {
    /// The dialect and what the dialect knows the device by.
    pub key: String,
    /// Whose words.
    pub dialect: Dialect,
    /// Who makes it; empty if nobody says.
    pub vendor: String,
    /// What its model is called, the most exact name first.
    pub models: Vec<String>,
    /// What people call it.
    pub name: String,
    /// What its model is, in a few words; empty if nobody says.
    #[serde(default)]
    pub about: String,
    /// What stands for it in its topics, where the dialect says so.
    pub address: Option<String>,
    /// Where it speaks, the main topic first. With `+` where the announcement has one.
    pub topics: Vec<String>,
    /// What it tells.
    pub exposes: Vec<Exposed>,
    /// What a person should know of it, in sentences.
    pub remarks: Vec<String>,
}

/// One thing that a device tells.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exposed {
    /// What the device calls it.
    pub label: String,
    /// By which topic it comes; empty for the device's main one.
    pub topic: String,
    /// Where in the payload, as a JSON pointer; empty for the whole.
    pub pointer: String,
    /// Which property it is, if it is one of ours.
    pub property: Option<Property>,
    /// In which unit, as announced.
    pub unit: String,
    /// What its codes mean. Where there are none, it is true, false or a number by itself.
    pub values: Vec<(String, bool)>,
    /// Codes that are not listed mean nothing.
    pub is_open: bool,
    /// True means false.
    pub invert: bool,
    /// Why it is not read before a person has looked.
    pub doubt: Option<String>,
}

impl Announced {
    fn new(dialect: Dialect, id: &str) -> Self {
        Self {
            key: format!("{dialect} {}", clean(id)),
            dialect,
            vendor: String::new(),
            models: Vec::new(),
            name: String::new(),
            about: String::new(),
            address: None,
            topics: Vec::new(),
            exposes: Vec::new(),
            remarks: Vec::new(),
        }
    }

    /// The most exact name of its model; empty if nobody says.
    pub fn model(&self) -> &str {
        self.models.first().map_or("", String::as_str)
    }

    /// Where it tells whether it is reachable.
    pub fn availability(&self) -> Option<&Exposed> {
        self.exposes.iter().find(|e| e.property == Some(Property::Online))
    }

    /// Whether it tells of its battery.
    pub fn has_battery(&self) -> bool {
        let of = |e: &Exposed| matches!(e.property, Some(Property::Battery | Property::BatteryLow));
        self.exposes.iter().any(of)
    }

    fn add(&mut self, exposed: Exposed) {
        if self.exposes.len() < EXPOSES_MAX {
            self.exposes.push(exposed);
        }
    }

    fn speaks_at(&mut self, topic: &str) {
        if !topic.is_empty() && !self.topics.iter().any(|t| t == topic) {
            self.topics.push(topic.to_owned());
        }
    }

    /// Takes over what another piece tells.
    fn take(&mut self, piece: &Self) {
        let fill = |own: &mut String, other: &String| {
            if own.is_empty() {
                own.clone_from(other);
            }
        };
        fill(&mut self.vendor, &piece.vendor);
        fill(&mut self.name, &piece.name);
        fill(&mut self.about, &piece.about);
        self.address = self.address.take().or_else(|| piece.address.clone());
        for model in piece.models.iter().filter(|m| !m.is_empty()) {
            if !self.models.contains(model) {
                self.models.push(model.clone());
            }
        }
        piece.topics.iter().for_each(|topic| self.speaks_at(topic));
        for other in &piece.exposes {
            let same = |e: &&mut Exposed| {
                // A place may hold several words, each one thing: `emergency` and `single`.
                e.topic == other.topic
                    && e.pointer == other.pointer
                    && (e.property == other.property
                        || e.property.is_none()
                        || other.property.is_none())
            };
            match self.exposes.iter_mut().find(same) {
                Some(own) => own.take(other),
                None => self.add(other.clone()),
            }
        }
        for remark in &piece.remarks {
            if !self.remarks.contains(remark) && self.remarks.len() < EXPOSES_MAX {
                self.remarks.push(remark.clone());
            }
        }
    }
}

impl Exposed {
    fn take(&mut self, other: &Self) {
        self.property = self.property.or(other.property);
        self.invert |= other.invert;
        self.is_open |= other.is_open;
        if self.label.is_empty() {
            self.label.clone_from(&other.label);
        }
        if self.unit.is_empty() {
            self.unit.clone_from(&other.unit);
        }
        self.doubt = self.doubt.take().or_else(|| other.doubt.clone());
        for value in &other.values {
            if !self.values.contains(value) {
                self.values.push(value.clone());
            }
        }
    }
}

/// A device as all its announcements together tell it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Newcomer {
    /// What each topic tells of it.
    pub pieces: BTreeMap<String, Announced>,
}

impl Newcomer {
    /// Notes a piece. Returns whether anything is new.
    pub fn note(&mut self, by: &str, piece: &Announced) -> bool {
        if self.pieces.get(by) == Some(piece) {
            return false;
        }
        if !self.pieces.contains_key(by) && PIECES_MAX <= self.pieces.len() {
            return false;
        }
        let before = self.pieces.insert(by.to_owned(), piece.clone());
        let size = serde_json::to_vec(self).map_or(usize::MAX, |bytes| bytes.len());
        if size <= NEWCOMER_MAX {
            return true;
        }
        // Nobody has so much to say; what was known stays.
        match before {
            Some(before) => drop(self.pieces.insert(by.to_owned(), before)),
            None => drop(self.pieces.remove(by)),
        }
        false
    }

    /// All that is told of it; `None` if all was withdrawn.
    pub fn whole(&self) -> Option<Announced> {
        let mut pieces = self.pieces.values();
        let mut whole = pieces.next()?.clone();
        pieces.for_each(|piece| whole.take(piece));
        if let Some(main) = whole.topics.first().cloned() {
            for exposed in whole.exposes.iter_mut().filter(|e| e.topic.is_empty()) {
                exposed.topic.clone_from(&main);
            }
        }
        Some(whole)
    }
}

/// Reads a message as an announcement. `None`: its topic is no such topic.
///
/// # Errors
/// It should be one, and cannot be read: a sentence.
pub fn read(topic: &str, payload: &[u8]) -> Option<Result<Announcement, String>> {
    let levels: Vec<&str> = topic.split('/').collect();
    let read = zigbee2mqtt::read(topic, payload)
        .or_else(|| tasmota::read(&levels, payload))
        .or_else(|| shelly::read(&levels, payload))
        .or_else(|| homie::read(topic, &levels, payload))
        .or_else(|| homeassistant::read(&levels, payload))?;
    let by = |devices: Vec<Announced>| Announcement { by: clean(topic), devices };
    Some(read.map(|devices| match devices.first() {
        // Of a topic that all devices share each speaks for itself.
        Some(one) if one.dialect == Dialect::Shelly => {
            Announcement { by: one.key.clone(), devices }
        }
        Some(_) | None => by(devices),
    }))
}

/// The payload as JSON, bounded in length and depth.
fn json(payload: &[u8]) -> Result<Value, String> {
    if PAYLOAD_MAX < payload.len() {
        return Err(format!("the announcement is longer than {PAYLOAD_MAX} bytes"));
    }
    serde_json::from_slice(payload).map_err(|e| format!("the announcement is not JSON: {e}"))
}

/// A text that can be shown and kept: bounded, without control characters.
pub(super) fn clean(text: &str) -> String {
    text.trim().chars().filter(|c| !c.is_control()).take(TEXT_MAX).collect()
}

/// The text under a key; empty if there is none.
fn text(value: &Value, key: &str) -> String {
    value.get(key).and_then(Value::as_str).map(clean).unwrap_or_default()
}

/// A key as one step of a JSON pointer.
pub(super) fn step(key: &str) -> String {
    format!("/{}", key.replace('~', "~0").replace('/', "~1"))
}

/// A scalar as the letters that a profile compares it with.
fn letters(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Number(n) => Some(n.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
