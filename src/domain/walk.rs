//! Walk tests: somebody goes through the home, device by device, and sees that each says what it must.
//!
//! While a device is under test, what it says is known and shown, and judged by nobody: to the judges
//! it is as if it had fallen silent when the test began. No other device is touched. It ends by
//! itself, and whatever the device still says then counts at once.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::id::PersonId;
use super::incident::Title;
use super::observation::{Kind, Observation, Property, Value};
use super::sight::Fact;
use super::time::{Span, Time};

/// No device is under test for longer than this, whatever anybody asks for.
pub const WALK_MAX: Span = Span::minutes(10);
/// A test shorter than this could not be passed by anybody.
pub const WALK_MIN: Span = Span::seconds(1);
/// A link quality below this is weak: zigbee2mqtt's scale ends at 255, and messages get lost here.
const WEAK_LQI: f64 = 40.0;
/// A signal below this is weak, in dBm: the edge of Wi-Fi and Zigbee reception.
const WEAK_DBM: f64 = -85.0;
/// A battery below this should be changed while somebody is there, in per cent.
const LOW_BATTERY: f64 = 20.0;

/// What somebody does with the test of a device.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "walk", rename_all = "kebab-case")]
pub enum WalkAct {
    /// It begins, or begins again: what was under way ends.
    Begin {
        /// What is to be seen.
        steps: Vec<Step>,
        /// How long it may take; cut to [`WALK_MAX`].
        lasts: Span,
    },
    /// It ends before its time.
    End,
}

/// One thing to do, and what must be seen of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// What to do, for the person who does it.
    pub what: Title,
    /// Any of these shows that the device has seen it.
    pub any_of: Vec<Sign>,
    /// The test passes without it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub optional: bool,
    /// What was seen, and when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<Seen>,
}

/// What a device may say to a step.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Sign {
    /// Of what.
    pub property: Property,
    /// Which value; `None`: any that can be, such as a plausible pulse.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
}

/// What a device did say to a step.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Seen {
    /// When: in hub time while the test runs, in wall time in its result.
    pub at: Time,
    /// Of what.
    pub property: Property,
    /// Which value.
    pub value: Value,
}

/// A test under way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Walk {
    /// Who makes it.
    pub by: PersonId,
    /// Since when, in hub time.
    pub since: Time,
    /// When it ends by itself, in hub time.
    pub until: Time,
    /// What is to be seen, and what was.
    pub steps: Vec<Step>,
    /// What the device had said before: this is what the judges go by.
    pub(super) before: Vec<Fact>,
}

/// How a test ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Finding {
    /// All that must be seen was.
    Passed,
    /// Its time was up.
    Failed,
    /// Somebody ended it, or began it again.
    Ended,
}

/// The result of a test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Walked {
    /// Who made it.
    pub by: PersonId,
    /// When it began, in wall time.
    pub began_at: Time,
    /// When it ended, in wall time.
    pub ended_at: Time,
    /// How it ended.
    pub finding: Finding,
    /// What was to be seen, and what was, in wall time.
    pub steps: Vec<Step>,
    /// What the device set off during the test, and still said at its end.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub still: Vec<Property>,
    /// In per cent, as the device said last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub battery: Option<f64>,
    /// In dBm, as the device said last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signal: Option<f64>,
    /// From 0 to 255, as the device said last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link_quality: Option<f64>,
}

impl Sign {
    fn fits(self, property: Property, value: Value) -> bool {
        self.property == property && self.value.is_none_or(|wanted| wanted == value)
    }
}

impl Walk {
    /// Ticks off the first step that this fits. A step waits for those before it of the same property:
    /// that the bed is empty says nothing before somebody lay in it.
    pub(super) fn see(&mut self, property: Property, value: Value, at: Time) {
        let of_it = |step: &&mut Step| step.any_of.iter().any(|sign| sign.property == property);
        let mut open = self.steps.iter_mut().filter(|step| step.seen.is_none()).filter(of_it);
        if let Some(step) = open.next()
            && step.any_of.iter().any(|sign| sign.fits(property, value))
        {
            step.seen = Some(Seen { at, property, value });
        }
    }

    /// Whether all that must be seen was.
    pub fn is_seen(&self) -> bool {
        self.steps.iter().all(|step| step.optional || step.seen.is_some())
    }
}

impl Finding {
    /// Its name in files and stories.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Ended => "ended",
        }
    }

    /// Its name in Chinese.
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Passed => "通过",
            Self::Failed => "未通过",
            Self::Ended => "人工结束",
        }
    }
}

impl Walked {
    /// What was not seen and had to be, and what is still on, as in stories.
    pub fn missing(&self) -> Vec<String> {
        let unseen = self.steps.iter().filter(|s| !s.optional && s.seen.is_none());
        let mut missing: Vec<String> = unseen.map(Step::to_string).collect();
        let still = self.still.iter().map(|property| format!("{property} false"));
        let still: Vec<String> = still.filter(|still| !missing.contains(still)).collect();
        missing.extend(still);
        missing
    }

    /// What to mind although it may have passed, in both languages.
    pub fn warnings(&self) -> Vec<Title> {
        let mut warnings = Vec::new();
        if let Some(dbm) = self.signal.filter(|dbm| *dbm < WEAK_DBM) {
            warnings
                .push(Title::new(format!("信号弱：{dbm} dBm"), format!("weak signal: {dbm} dBm")));
        }
        if let Some(lqi) = self.link_quality.filter(|lqi| *lqi < WEAK_LQI) {
            warnings
                .push(Title::new(format!("链路质量差：{lqi}"), format!("weak link: {lqi} of 255")));
        }
        if let Some(left) = self.battery.filter(|left| *left < LOW_BATTERY) {
            warnings.push(Title::new(format!("电量低：{left} %"), format!("battery at {left} %")));
        }
        warnings
    }
}

/// `in_bed true`, `heart_rate any`.
impl fmt::Display for Sign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.value, self.property.kind()) {
            (None, _) => write!(f, "{} any", self.property),
            (Some(_), Kind::Moment) => write!(f, "{}", self.property),
            (Some(value), Kind::Flag | Kind::Number { .. }) => {
                write!(f, "{} {value}", self.property)
            }
        }
    }
}

impl FromStr for Sign {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(property) = text.strip_suffix(" any") {
            return Ok(Self { property: property.parse()?, value: None });
        }
        let Observation { property, value, .. } = text.parse()?;
        Ok(Self { property, value: Some(value) })
    }
}

/// `smoke true or self_test`, `motion false (optional)`.
impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let signs: Vec<String> = self.any_of.iter().map(Sign::to_string).collect();
        write!(f, "{}{}", signs.join(" or "), if self.optional { " (optional)" } else { "" })
    }
}

/// Reads what `Display` writes; what to do is then the same words.
impl FromStr for Step {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let bare = text.strip_suffix(" (optional)");
        let signs = bare.unwrap_or(text);
        let any_of = signs.split(" or ").map(str::parse).collect::<Result<_, String>>()?;
        let what = Title::new(signs.to_owned(), signs.to_owned());
        Ok(Self { what, any_of, optional: bare.is_some(), seen: None })
    }
}
