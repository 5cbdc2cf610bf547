//! What may be put into a text that is written in `gateway.toml`.

use serde_json::Value;

use super::Notice;
use super::http::escaped;

/// A place in a template of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Which incident: `h1-7`.
    Case,
    /// How urgent: 紧急.
    Level,
    /// The rule's title.
    What,
    /// Since when, on the home's clock: `2026-01-31 02:10`.
    Since,
}

impl Place {
    /// Every one there is.
    pub const ALL: &[Self] = &[Self::Case, Self::Level, Self::What, Self::Since];

    /// As it is written.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Case => "case",
            Self::Level => "level",
            Self::What => "what",
            Self::Since => "since",
        }
    }
}

impl Notice {
    /// What stands in this place.
    pub(super) fn at_place(&self, place: Place) -> String {
        let of =
            |path: &str| self.body.pointer(path).and_then(Value::as_str).unwrap_or("").to_owned();
        match place {
            Place::Case => self.delivery.incident.to_string(),
            Place::Level => self.level().zh().to_owned(),
            Place::What => of("/title/zh"),
            Place::Since => of("/since_local"),
        }
    }
}

/// As it may stand in an address.
pub(super) fn in_address(text: &str) -> String {
    escaped(text)
}
