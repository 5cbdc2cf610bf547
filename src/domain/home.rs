//! A home: where it is, what is mounted in it, who comes.

use serde::{Deserialize, Serialize};

use super::id::{DeviceId, HomeId};
use super::person::{Contact, Responder};
use super::time::Span;

/// Everything the engine needs to know of one home, resolved from the register.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Home {
    /// Its name in topics and incidents.
    pub id: HomeId,
    /// What people call it. No person's name belongs here: it is shown on pages and in messages.
    pub name: String,
    /// Where to go and how to get in; shown on pages only.
    pub address: String,
    /// IANA time zone, `Asia/Shanghai`. Checked when the register is read.
    pub zone: String,
    /// What is mounted.
    pub devices: Vec<Device>,
    /// Who can come, in the register's order.
    pub responders: Vec<Responder>,
    /// How the home itself speaks to the resident: a voice, a light.
    pub ask: Vec<Contact>,
}

/// A thing in the home that reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// Unique within the home.
    pub id: DeviceId,
    /// Its model's profile, `zigbee2mqtt/aqara-SJCGQ11LM`: a path below `devices/` without `.toml`.
    pub profile: String,
    /// Where in the home.
    pub room: String,
    /// How its messages are known.
    pub binding: Binding,
    /// Silent for longer than this, it counts as gone. `None`: nobody expects it to speak regularly.
    pub quiet_after: Option<Span>,
}

/// How the messages of a device are told from those of all others.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Binding {
    /// What stands for `{device}` in the profile's topic.
    Mqtt(String),
    /// A serial port of its own, `/dev/serial/by-id/…`.
    Serial(String),
    /// Observations come decoded, over HTTP or in a replay; no profile is needed.
    Direct,
}

impl Home {
    /// The device of this name.
    pub fn device(&self, id: &DeviceId) -> Option<&Device> {
        self.devices.iter().find(|d| d.id == *id)
    }

    /// The responder of this name.
    pub fn responder(&self, id: &super::id::PersonId) -> Option<&Responder> {
        self.responders.iter().find(|r| r.id == *id)
    }
}
