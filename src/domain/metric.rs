//! What is usual for one person is said of *metrics*: one number a day, or a night.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::observation::Property;

/// How the number of a day comes about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tally {
    /// How often something happened. It grows while the day goes on.
    Times,
    /// For how many minutes something was so. It grows while the day goes on.
    Minutes,
    /// The median of what was measured.
    Median,
}

/// One number a day, or a night.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// Times up from bed at night.
    NightRises,
    /// Visits to the bathroom.
    BathroomVisits,
    /// Minutes in bed at night.
    MinutesInBed,
    /// Minutes asleep at night, as far as a sensor can tell.
    MinutesAsleep,
    /// The longest silence at home, in minutes.
    LongestSilence,
    /// Heart rate at rest.
    HeartRate,
    /// Breaths a minute at rest.
    RespiratoryRate,
    /// Body temperature.
    BodyTemperature,
    /// Weight.
    Weight,
    /// Systolic blood pressure.
    Systolic,
}

impl Metric {
    /// Every metric there is.
    pub const ALL: &'static [Self] = &[
        Self::NightRises,
        Self::BathroomVisits,
        Self::MinutesInBed,
        Self::MinutesAsleep,
        Self::LongestSilence,
        Self::HeartRate,
        Self::RespiratoryRate,
        Self::BodyTemperature,
        Self::Weight,
        Self::Systolic,
    ];

    /// Its name in files and stories.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NightRises => "night_rises",
            Self::BathroomVisits => "bathroom_visits",
            Self::MinutesInBed => "minutes_in_bed",
            Self::MinutesAsleep => "minutes_asleep",
            Self::LongestSilence => "longest_silence",
            Self::HeartRate => Property::HeartRate.name(),
            Self::RespiratoryRate => Property::RespiratoryRate.name(),
            Self::BodyTemperature => Property::BodyTemperature.name(),
            Self::Weight => Property::Weight.name(),
            Self::Systolic => Property::Systolic.name(),
        }
    }

    /// In English, as in sentences.
    pub fn en(self) -> String {
        self.name().replace('_', " ")
    }

    /// In Chinese, as on pages.
    pub const fn zh(self) -> &'static str {
        match self {
            Self::NightRises => "夜间起床次数",
            Self::BathroomVisits => "如厕次数",
            Self::MinutesInBed => "卧床时间（分钟）",
            Self::MinutesAsleep => "睡眠时间（分钟）",
            Self::LongestSilence => "最长无活动时间（分钟）",
            Self::HeartRate => "静息心率",
            Self::RespiratoryRate => "静息呼吸",
            Self::BodyTemperature => Property::BodyTemperature.zh(),
            Self::Weight => "体重",
            Self::Systolic => Property::Systolic.zh(),
        }
    }

    /// Whether it is counted from noon to noon, so that no night is cut in two.
    pub const fn is_nightly(self) -> bool {
        match self {
            Self::NightRises
            | Self::MinutesInBed
            | Self::MinutesAsleep
            | Self::HeartRate
            | Self::RespiratoryRate => true,
            Self::BathroomVisits
            | Self::LongestSilence
            | Self::BodyTemperature
            | Self::Weight
            | Self::Systolic => false,
        }
    }

    /// How the number of a day comes about.
    pub const fn tally(self) -> Tally {
        match self {
            Self::NightRises | Self::BathroomVisits => Tally::Times,
            Self::MinutesInBed | Self::MinutesAsleep | Self::LongestSilence => Tally::Minutes,
            Self::HeartRate
            | Self::RespiratoryRate
            | Self::BodyTemperature
            | Self::Weight
            | Self::Systolic => Tally::Median,
        }
    }

    /// The metric of what is measured, if one is kept of it.
    pub fn of(property: Property) -> Option<Self> {
        let measured = Self::ALL.iter().filter(|m| m.tally() == Tally::Median);
        measured.copied().find(|m| m.name() == property.name())
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Metric {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.iter().copied().find(|m| m.name() == text).ok_or_else(|| {
            let names: Vec<&str> = Self::ALL.iter().map(|m| m.name()).collect();
            format!("nothing is kept of `{text}`: one of {}", names.join(", "))
        })
    }
}
