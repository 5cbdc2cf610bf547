//! What is done to a device of the register, or to what it says of people.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::domain::{DeviceId, Duty, HomeId, Lang, Mount, Name, PersonId, Role, Scope};

use super::Way;

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
    /// Somebody is off duty for a while.
    Leave {
        /// Who.
        who: PersonId,
        /// From then, on the home's wall clock: `2026-12-24 18:00`,
        from: String,
        /// until then.
        to: String,
        /// Why.
        why: String,
        /// Who says so,
        by: PersonId,
        /// on which day.
        on: Date,
    },
    /// Somebody is back before their leave ends.
    Back {
        /// Who.
        who: PersonId,
        /// Since then, on the home's wall clock: `2026-12-24 18:00`.
        at: String,
        /// Who says so,
        by: PersonId,
        /// on which day.
        on: Date,
    },
    /// Somebody is on duty for a while.
    Shift {
        /// Who.
        who: PersonId,
        /// From then, on the home's wall clock: `2026-12-24 18:00`,
        from: String,
        /// until then.
        to: String,
        /// Whose shift it was: they are off as long.
        #[serde(default)]
        instead_of: Option<PersonId>,
        /// Who says so,
        by: PersonId,
        /// on which day.
        on: Date,
    },
    /// Somebody comes into the register, or is otherwise; what is left out stays as it is.
    Responder {
        /// Who.
        who: PersonId,
        /// As colleagues call them.
        #[serde(default)]
        name: Option<String>,
        /// In what capacity they come.
        #[serde(default)]
        role: Option<Role>,
        /// What they are told in.
        #[serde(default)]
        language: Option<Lang>,
        /// When they are on duty; no line at all: always.
        #[serde(default)]
        duty: Option<Vec<Duty>>,
        /// How to reach them, best first, in the place of what was; none: as it was.
        #[serde(default)]
        contacts: Vec<Way>,
        /// Homes they come to, besides those they come to already.
        #[serde(default)]
        homes: Vec<HomeId>,
        /// Who says so,
        #[serde(default)]
        by: Option<PersonId>,
        /// on which day.
        #[serde(default)]
        on: Option<Date>,
    },
    /// A way to reach somebody was tried, and reached them.
    Verified {
        /// Who.
        who: PersonId,
        /// By what.
        channel: Name,
        /// On which day.
        on: Date,
        /// The code of the trial message that they were sent; none: a person saw that it arrives.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<String>,
        /// Who says so.
        #[serde(default)]
        by: Option<PersonId>,
    },
    /// A resident agrees to something.
    Consent {
        /// Whose home.
        home: HomeId,
        /// To what.
        scope: Scope,
        /// What for.
        purpose: String,
        /// Who gave it.
        by: String,
        /// On which day.
        on: Date,
    },
    /// And agrees no longer.
    Withdraw {
        /// Whose home.
        home: HomeId,
        /// To what.
        scope: Scope,
        /// On which day.
        on: Date,
        /// Who wrote it down.
        #[serde(default)]
        by: Option<PersonId>,
    },
    /// A rule is otherwise for one resident from now on; or, with neither `set` nor `off`, as everybody has it.
    Tune {
        /// Whose home.
        home: HomeId,
        /// Which rule.
        rule: Name,
        /// What is otherwise, as a table of `rules.toml`: `detect.threshold.below = 88`.
        #[serde(default)]
        set: String,
        /// It is not looked for at all.
        #[serde(default)]
        off: bool,
        /// Who decided,
        by: PersonId,
        /// on which day,
        on: Date,
        /// and why.
        why: String,
    },
    /// Somebody comes to a home no longer.
    Release {
        /// Who.
        who: PersonId,
        /// Where.
        home: HomeId,
        /// Who says so,
        by: PersonId,
        /// on which day.
        on: Date,
    },
    /// Somebody goes for good: out of every home, of the rota, and of the register. Their id stays theirs.
    Depart {
        /// Who.
        who: PersonId,
        /// Who says so,
        by: PersonId,
        /// on which day.
        on: Date,
    },
    /// Nobody lives there any more: the home goes, and its family, where they come to nobody else.
    Remove {
        /// Which.
        home: HomeId,
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
    /// Which device of which home it is about, if it is about one.
    pub const fn device(&self) -> Option<(&HomeId, &DeviceId)> {
        match self {
            Self::Adopt { home, device, .. }
            | Self::Place { home, device, .. }
            | Self::Replace { home, device, .. }
            | Self::Retire { home, device }
            | Self::Credentials { home, device, .. } => Some((home, device)),
            Self::Leave { .. }
            | Self::Back { .. }
            | Self::Shift { .. }
            | Self::Responder { .. }
            | Self::Verified { .. }
            | Self::Consent { .. }
            | Self::Withdraw { .. }
            | Self::Tune { .. }
            | Self::Release { .. }
            | Self::Depart { .. }
            | Self::Remove { .. } => None,
        }
    }

    /// Who goes for good by it: what lets them in ends.
    pub const fn departs(&self) -> Option<&PersonId> {
        if let Self::Depart { who, .. } = self { Some(who) } else { None }
    }

    /// Whether the device gets a password on this occasion.
    pub const fn wants_password(&self) -> bool {
        match self {
            Self::Adopt { credentials, .. } | Self::Replace { credentials, .. } => *credentials,
            Self::Credentials { revoke, .. } => !*revoke,
            Self::Place { .. }
            | Self::Retire { .. }
            | Self::Leave { .. }
            | Self::Back { .. }
            | Self::Shift { .. }
            | Self::Responder { .. }
            | Self::Verified { .. }
            | Self::Consent { .. }
            | Self::Withdraw { .. }
            | Self::Tune { .. }
            | Self::Release { .. }
            | Self::Depart { .. }
            | Self::Remove { .. } => false,
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
            Self::Place { .. }
            | Self::Retire { .. }
            | Self::Credentials { .. }
            | Self::Leave { .. }
            | Self::Back { .. }
            | Self::Shift { .. }
            | Self::Responder { .. }
            | Self::Verified { .. }
            | Self::Consent { .. }
            | Self::Withdraw { .. }
            | Self::Tune { .. }
            | Self::Release { .. }
            | Self::Depart { .. }
            | Self::Remove { .. } => Address::default(),
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
