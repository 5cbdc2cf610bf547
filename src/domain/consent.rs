//! What a resident has agreed to: a ledger, in which nothing is struck out.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// One agreement, in force until it is withdrawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// To what.
    pub scope: Scope,
    /// What for, in people's words.
    pub purpose: String,
    /// Who gave it: the resident, a guardian.
    pub by: String,
    /// On which day.
    pub on: Date,
    /// On which day it was withdrawn. It ends at once, whatever hour that was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<Date>,
}

/// To what a resident agrees; each for itself (PIPL art. 29: separate consent).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// Vital signs are measured and kept.
    Health,
    /// Where she is, also outside.
    Location,
    /// Family is shown what was measured.
    FamilySharing,
    /// Somebody looks in by voice or picture.
    RemoteVisit,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 4] =
        [Self::Health, Self::Location, Self::FamilySharing, Self::RemoteVisit];

    /// Its name in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Health => "health",
            Self::Location => "location",
            Self::FamilySharing => "family-sharing",
            Self::RemoteVisit => "remote-visit",
        }
    }

    /// On Chinese pages.
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Health => "健康数据",
            Self::Location => "位置",
            Self::FamilySharing => "与家属共享",
            Self::RemoteVisit => "远程探视",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Scope {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|scope| scope.name() == text).ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join("`, `");
            format!("`{text}` is nothing one consents to here: `{names}`")
        })
    }
}
