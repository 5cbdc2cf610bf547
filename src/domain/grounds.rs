//! What an incident rests on: the samples, and the rule with its limits and times as they then were.

use serde::{Deserialize, Serialize};

use super::id::{DeviceId, PersonId};
use super::observation::{Property, Value};
use super::time::{Span, Time};

/// What made an incident, so that anybody can check it later.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Grounds {
    /// Digest of the rule book that was in force; its text is kept with the journal.
    pub rules: String,
    /// What the rule looked for, as it is written.
    pub looks_for: String,
    /// Where its numbers come from.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// Of a score: whose chart it is, and what it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chart: Option<String>,
    /// How long that must hold.
    #[serde(rename = "for")]
    pub hold: Span,
    /// When the early warning comes, counted from the beginning of the condition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warn_after: Option<Span>,
    /// When the alarm comes, counted from the beginning of the condition.
    pub alarm_after: Span,
    /// Since when the condition held, in wall time.
    pub since: Time,
    /// Who changed the rule for this home, and on which day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set_by: Option<(PersonId, String)>,
    /// What was known then of everything that the rule looks at.
    pub samples: Vec<Sample>,
}

/// One thing that was known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// Through which device.
    pub device: DeviceId,
    /// What.
    #[serde(rename = "p")]
    pub property: Property,
    /// Its value.
    #[serde(rename = "v")]
    pub value: Value,
    /// Since when it had that value, in wall time.
    pub since: Time,
    /// When it was last said, in wall time.
    pub seen: Time,
    /// Whether the device was known to speak then.
    pub alive: bool,
}
