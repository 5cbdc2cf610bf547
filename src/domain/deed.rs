//! What somebody saw, took away or changed of what is known of a home, as it goes on record.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::id::HomeId;
use super::level::words;

words! {
    /// What was done.
    Doing, "deed":
    Revealed "revealed" "查看";
    Exported "exported" "导出";
    Changed  "changed"  "变更";
}

/// What somebody saw, took away or changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deed {
    /// What was done.
    pub deed: Doing,
    /// With what, in words: `address`, `incidents 2026-11-01 to 2026-12-01`.
    pub of: String,
    /// Of which home; none: of several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<HomeId>,
    /// Because of which incident of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<u32>,
    /// Who says so.
    pub by: String,
    /// Why.
    pub why: String,
}
