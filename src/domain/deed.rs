//! What somebody saw, took away or changed of what is known of a home, as it goes on record.

use std::collections::BTreeMap;
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
    Forgotten "forgotten" "删除";
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

/// A deed as it stands on record, with what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeedOnRecord {
    /// Who did what, and why.
    #[serde(flatten)]
    pub deed: Deed,
    /// What is otherwise since.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub altered: Vec<Altered>,
    /// What is no longer there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deletion: Option<Deletion>,
}

impl From<Deed> for DeedOnRecord {
    fn from(deed: Deed) -> Self {
        Self { deed, altered: Vec::new(), deletion: None }
    }
}

/// One key whose value is another. No value: the key was not there, or is no longer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Altered {
    /// `address`, `devices/kitchen-leak/room`.
    pub key: String,
    /// Its value until then, as JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// And since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// What was deleted, so that anybody can prove later that it was this and nothing else.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deletion {
    /// How many rows of which table went.
    pub rows: BTreeMap<String, u64>,
    /// How many lines of which record lost what they said and kept their seals.
    pub tombstones: BTreeMap<String, Tombstones>,
    /// The last seal of the record of incidents, which is the same before and after: nothing else was
    /// touched.
    pub seal: String,
}

/// Lines of a record of which only the seals are left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tombstones {
    /// How many.
    pub lines: u64,
    /// Covers each of them: its place, its seal and the seal before.
    pub proof: String,
}
