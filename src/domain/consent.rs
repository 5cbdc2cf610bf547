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

super::level::words! {
    /// To what a resident agrees; each for itself (PIPL art. 29: separate consent). Health: vital signs are
    /// measured and kept. Location: where she is, also outside. Family sharing: family is shown what was
    /// measured. Remote visit: somebody looks in by voice or picture.
    Scope, "scope":
    Health        "health"         "健康数据";
    Location      "location"       "位置";
    FamilySharing "family-sharing" "与家属共享";
    RemoteVisit   "remote-visit"   "远程探视";
}
