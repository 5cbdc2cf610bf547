//! What is done to a device of the register.

use serde::{Deserialize, Serialize};

use crate::domain::{DeviceId, HomeId, Mount};

/// One deed, as JSON `{"do":"adopt","home":"h1","device":"kitchen-leak",…}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Edit {
    /// A device comes into the register. One that is there already, just so, is no mistake.
    Adopt {
        /// Where it is.
        home: HomeId,
        /// What it is called from now on, unique within the home.
        device: DeviceId,
        /// Its model's profile; none is needed for one that is heard over HTTP only.
        #[serde(default)]
        profile: Option<String>,
        /// Bound by MQTT: what stands for `{device}` in the profile's topic.
        #[serde(default)]
        mqtt: Option<String>,
        /// What stands for the first level of the profile's topics.
        #[serde(default)]
        base: Option<String>,
        /// Bound by a serial port.
        #[serde(default)]
        serial: Option<String>,
        /// The unit on a Modbus line.
        #[serde(default)]
        unit: Option<u8>,
        /// Where in the home.
        #[serde(default)]
        room: Option<String>,
        /// How it is fixed.
        #[serde(default)]
        mount: Option<Mount>,
        /// How high above the floor, in cm.
        #[serde(default)]
        height: Option<u32>,
        /// Make it a user and a password for our own MQTT listener.
        #[serde(default)]
        credentials: bool,
    },
    /// It is put elsewhere; what is left out stays as it is.
    Place {
        /// Where it is.
        home: HomeId,
        /// Which.
        device: DeviceId,
        /// Where in the home.
        #[serde(default)]
        room: Option<String>,
        /// How it is fixed.
        #[serde(default)]
        mount: Option<Mount>,
        /// How high above the floor, in cm.
        #[serde(default)]
        height: Option<u32>,
    },
    /// Another piece takes its place: it keeps its name, and so its history. A password goes with
    /// the old piece.
    Replace {
        /// Where it is.
        home: HomeId,
        /// Which.
        device: DeviceId,
        /// Of another model.
        #[serde(default)]
        profile: Option<String>,
        /// Bound by MQTT.
        #[serde(default)]
        mqtt: Option<String>,
        /// What stands for the first level of the profile's topics.
        #[serde(default)]
        base: Option<String>,
        /// Bound by a serial port.
        #[serde(default)]
        serial: Option<String>,
        /// The unit on a Modbus line.
        #[serde(default)]
        unit: Option<u8>,
        /// Make the new piece a user and a password.
        #[serde(default)]
        credentials: bool,
    },
    /// It is taken down.
    Retire {
        /// Where it was.
        home: HomeId,
        /// Which.
        device: DeviceId,
    },
    /// A new password for our own MQTT listener, or none any more. The old one ends at once.
    Credentials {
        /// Where it is.
        home: HomeId,
        /// Which.
        device: DeviceId,
        /// Take it away.
        #[serde(default)]
        revoke: bool,
    },
}

/// How a device is bound, as the register's keys say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Address<'e> {
    /// What stands for `{device}` in the profile's topic.
    pub mqtt: Option<&'e str>,
    /// What stands for the first level of the profile's topics.
    pub base: Option<&'e str>,
    /// A serial port.
    pub serial: Option<&'e str>,
    /// The unit on a Modbus line.
    pub unit: Option<u8>,
}

impl Edit {
    /// Which device of which home it is about.
    pub const fn device(&self) -> (&HomeId, &DeviceId) {
        match self {
            Self::Adopt { home, device, .. }
            | Self::Place { home, device, .. }
            | Self::Replace { home, device, .. }
            | Self::Retire { home, device }
            | Self::Credentials { home, device, .. } => (home, device),
        }
    }

    /// Whether the device gets a password on this occasion.
    pub const fn wants_password(&self) -> bool {
        match self {
            Self::Adopt { credentials, .. } | Self::Replace { credentials, .. } => *credentials,
            Self::Credentials { revoke, .. } => !*revoke,
            Self::Place { .. } | Self::Retire { .. } => false,
        }
    }

    /// How it binds the device, if it does.
    pub fn address(&self) -> Address<'_> {
        match self {
            Self::Adopt { mqtt, base, serial, unit, .. }
            | Self::Replace { mqtt, base, serial, unit, .. } => {
                let (mqtt, base) = (mqtt.as_deref(), base.as_deref());
                Address { mqtt, base, serial: serial.as_deref(), unit: *unit }
            }
            Self::Place { .. } | Self::Retire { .. } | Self::Credentials { .. } => {
                Address::default()
            }
        }
    }
}

impl Address<'_> {
    /// Whether nothing is said that a device could be known by: a base alone is no address.
    pub fn is_empty(&self) -> bool {
        Self { base: None, ..*self } == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deed_with_an_unknown_word_is_refused() {
        let read = |text: &str| serde_json::from_str::<Edit>(text).map_err(|e| e.to_string());
        let adopt = r#"{"do":"adopt","home":"h1","device":"x","mqtt":"x","mount":"wall"}"#;
        assert!(read(adopt).is_ok());
        for wrong in [
            r#"{"do":"adopt","home":"h1","device":"x","rom":"kitchen"}"#,
            r#"{"do":"adopt","home":"h1"}"#,
            r#"{"do":"fly","home":"h1","device":"x"}"#,
            r#"{"do":"place","home":"h1","device":"x","mount":"roof"}"#,
            r#"{"do":"place","home":"h1","device":"x","height":-3}"#,
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
