//! What people say of a home, and not of an incident: that nobody is there, that a rule is to be quiet.

use serde::{Deserialize, Serialize};

use super::id::{Name, PersonId};
use super::time::{Span, Time};

/// Nobody can say that a home is empty for longer than this at once.
pub const AWAY_MAX: Span = Span::hours(60 * 24);
/// Nobody can silence a rule for longer than this at once.
pub const SILENCE_MAX: Span = Span::hours(14 * 24);

/// What somebody says of a home.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "say", rename_all = "kebab-case")]
pub enum Said {
    /// Nobody is at home for so long. It suspends what looks for silence, and nothing else (P6).
    Away {
        /// For how long.
        lasts: Span,
    },
    /// Somebody is at home again.
    Back,
    /// This rule finds nothing for so long.
    Silence {
        /// Which.
        rule: Name,
        /// For how long.
        lasts: Span,
        /// Why.
        why: String,
    },
    /// The rule is to speak again.
    Speak {
        /// Which.
        rule: Name,
    },
}

/// A rule that somebody silenced for a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Silence {
    /// Which.
    pub rule: Name,
    /// Who.
    pub by: PersonId,
    /// Why.
    pub why: String,
    /// Until when, in hub time.
    pub until: Time,
}
