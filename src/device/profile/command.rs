//! What a model can be told: `[[command]]`.

use std::fmt;
use std::str::FromStr;

use super::line::Line;
use super::{Mqtt, hex, topic};
use crate::form::Form;

/// Something the device does when told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// What it does.
    pub deed: Deed,
    /// How it is told.
    pub words: Words,
}

/// What a device can do for careloop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Deed {
    /// Makes a loud noise.
    Siren,
    /// Stops it.
    Mute,
    /// Speaks or plays a prompt.
    Prompt,
    /// Turns a light on.
    Light,
    /// Turns it off.
    Dark,
    /// Tries itself out.
    SelfTest,
}

/// How a device is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Words {
    /// Published.
    Mqtt {
        /// Where, with `{device}` for its address.
        topic: String,
        /// What.
        payload: String,
    },
    /// Written to its serial port.
    Serial(Vec<u8>),
}

impl Command {
    pub(super) fn read(
        mut form: Form<'_, '_>,
        mqtt: Option<&Mqtt>,
        line: Option<&Line>,
    ) -> Option<Self> {
        let deed = form.needs("does");
        let (to, payload) = (form.may::<String>("topic"), form.may::<String>("payload"));
        let words = match (to, payload, form.may::<String>("hex")) {
            (Some(topic), Some(payload), None) if mqtt.is_some() => {
                if let Err(why) = topic::check(&topic, false) {
                    form.wrong(format!("`topic`: {why}"));
                }
                Some(Words::Mqtt { topic, payload })
            }
            (None, None, Some(text)) if line.is_some() => match hex(&text) {
                Ok(bytes) => Some(Words::Serial(bytes)),
                Err(why) => {
                    form.wrong(format!("`hex`: {why}"));
                    None
                }
            },
            _ => {
                form.wrong(
                    "a command has `topic` and `payload`, or `hex` for a serial port".to_owned(),
                );
                None
            }
        };
        form.done();
        Some(Self { deed: deed?, words: words? })
    }
}

impl Deed {
    /// Every deed there is.
    pub const ALL: [Self; 6] =
        [Self::Siren, Self::Mute, Self::Prompt, Self::Light, Self::Dark, Self::SelfTest];

    /// Its name in profiles.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Siren => "siren",
            Self::Mute => "mute",
            Self::Prompt => "prompt",
            Self::Light => "light",
            Self::Dark => "dark",
            Self::SelfTest => "self-test",
        }
    }
}

impl fmt::Display for Deed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Deed {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|d| d.name() == text).ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join("`, `");
            format!("`{text}` is nothing a device does: `{names}`")
        })
    }
}
