//! What people say of a home, and not of an incident: that nobody is there, that a rule is to be quiet.

use std::fmt;
use std::str::FromStr;

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
    /// What no sensor finds: a request, what a grid worker saw, an order of the hotline.
    Report {
        /// What it is about: a rule of kind *reported*.
        rule: Name,
        /// Where it comes from.
        from: Origin,
        /// In their words.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        text: String,
        /// What it is called there; the same one, come twice, is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<String>,
    },
    /// Somebody should visit, out of turn.
    Visit {
        /// Why: a word that a rule of kind *visit* knows, such as `heat`.
        why: Name,
    },
}

super::level::words! {
    /// Where a report comes from.
    Origin, "origin":
    Resident "resident" "本人";
    Family   "family"   "家属";
    Grid     "grid"     "网格";
    Hotline  "hotline"  "热线";
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
