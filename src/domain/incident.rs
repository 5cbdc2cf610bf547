//! An incident: one thing that went wrong, from the first sign to the close.

use serde::{Deserialize, Serialize};

use super::desk::Desk;
use super::id::{DeviceId, Name, PersonId};
use super::level::{Group, Level, Light, Outcome, Stage};
use super::reason::Reason;
use super::time::{Span, Time};

/// A title in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Title {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Title {
    /// The same in both languages.
    pub const fn new(zh: String, en: String) -> Self {
        Self { zh, en }
    }
}

/// What must be there before an incident can close; an outcome always must.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Needs {
    /// Somebody was there.
    pub on_scene: bool,
    /// A second person confirmed.
    pub verified: bool,
    /// Every item of the checklist was looked at.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub checked: bool,
}

impl Needs {
    /// What both want.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            on_scene: self.on_scene || other.on_scene,
            verified: self.verified || other.verified,
            checked: self.checked || other.checked,
        }
    }
}

/// One incident as it stands. What its rule said when it began goes with it, so that a change of
/// the rules leaves running incidents alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Incident {
    /// Its number within the home, from 1.
    pub n: u32,
    /// The rule that found it.
    pub rule: Name,
    /// For rules that watch each device by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceId>,
    /// What people read.
    pub title: Title,
    /// How much hangs on it.
    pub level: Level,
    /// What it is about.
    #[serde(default = "safety")]
    pub group: Group,
    /// Rules of the same matter belong to it while it is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matter: Option<Name>,
    /// Who is told, in what order.
    pub plan: Name,
    /// What closing wants.
    pub needs: Needs,
    /// What whoever comes looks at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checklist: Option<Name>,
    /// How far it has come.
    pub stage: Stage,
    /// Why, at first sight.
    pub reason: Reason,
    /// Since when the condition has held, in hub time. Warning and alarm count from here.
    pub since: Time,
    /// When it was detected, in wall time.
    pub detected_at: Time,
    /// When to warn, in hub time; gone once warned.
    pub warn_at: Option<(Time, bool)>,
    /// When to alarm, in hub time.
    pub alarm_at: Time,
    /// When the alarm was raised, in hub time.
    pub alarmed: Option<Time>,
    /// The sensors' account that it is over, in wall time.
    pub over_at: Option<Time>,
    /// The next deadline, in hub time. **Invariant (P3):** there is one until the incident is closed.
    pub due: Option<Time>,
    /// Which rung was told last, counted from 0.
    pub rung: usize,
    /// When rung 0 was due, in hub time; earlier than it was told if the ladder was climbed faster.
    pub ladder_from: Time,
    /// Who has it, and since when in hub time.
    pub accepted: Option<(PersonId, Time)>,
    /// When anybody took it first, in hub time.
    pub answered: Option<Time>,
    /// Who was there first, and since when in hub time.
    pub on_scene: Option<(PersonId, Time)>,
    /// Who said how it ended, and how.
    pub resolved: Option<(PersonId, Outcome)>,
    /// How many signs of the same thing came in.
    pub signs: u32,
    /// When people were told again because of a further sign, in hub time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raised_at: Option<Time>,
    /// Another rule found what only people can end.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub latched: bool,
    /// A warning that waits for the digest, in hub time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waits_until: Option<Time>,
    /// Since when it is in this stage, in hub time, and how long that may take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<(Time, Span)>,
    /// What the desk did with it.
    #[serde(default, skip_serializing_if = "Desk::is_empty")]
    pub desk: Desk,
    /// The latest round of deliveries, on whose fate the ladder depends.
    pub told: Vec<Told>,
    /// How many deliveries were promised so far.
    pub deliveries: u32,
}

/// What an incident of an earlier version was about is not known: rather too much than too little.
const fn safety() -> Group {
    Group::Safety
}

/// A delivery, as far as the ladder cares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// Its number within the incident.
    pub k: u32,
    /// To whom; `None` is the resident.
    pub to: Option<PersonId>,
    /// Which of their contacts, counted from 0.
    pub contact: usize,
    /// On which rung.
    pub rung: usize,
    /// Whether it is known, or feared, not to have arrived.
    pub lost: bool,
    /// It was told beside the ladder, which does not go on when it is lost.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub aside: bool,
}

impl Incident {
    /// The incident's name in stories: the rule, and the device where the rule watches each.
    pub fn key(&self) -> String {
        match &self.device {
            Some(device) => format!("{}@{device}", self.rule),
            None => self.rule.to_string(),
        }
    }

    /// When people were last told that there is something, or something new.
    pub fn told_at(&self) -> Option<Time> {
        self.raised_at.max(self.alarmed)
    }

    /// How its present step stands to its limit at `now`, in hub time; what waits has none.
    pub fn light(&self, now: Time) -> Light {
        let Some((from, limit)) = self.step.filter(|_| self.desk.parked.is_none()) else {
            return Light::Green;
        };
        let used = now - from;
        if limit < used {
            Light::Red
        } else if limit.0.saturating_mul(4) <= used.0.saturating_mul(5) {
            Light::Yellow
        } else {
            Light::Green
        }
    }

    /// Whether it still needs anybody.
    pub const fn is_open(&self) -> bool {
        !matches!(self.stage, Stage::Closed)
    }
}
