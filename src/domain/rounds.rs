//! Who saw or spoke to the resident last, and why somebody should again (智慧巡访).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::id::Name;
use super::time::Time;

/// Reasons for a visit out of turn that are remembered at once.
const CALLS_MAX: usize = 8;

super::level::words! {
    /// How a visit stands; the order is that of a worklist.
    Standing, "standing":
    Unreachable "unreachable" "失联";
    Finding     "finding"     "发现异常";
    Overdue     "overdue"     "逾期";
    Called      "called"      "需回访";
    Due         "due"         "到期";
    Coming      "coming"      "即将到期";
}

super::level::words! {
    /// How the resident was seen last.
    How, "way of a visit":
    Met    "met"    "见面或通话";
    Remote "remote" "远程监测";
}

/// A tier, or an occasion of a visit, of the shipped rule book in Chinese. A word of somebody's own stands for itself.
pub fn visits_zh(word: &str) -> &str {
    match word {
        "weekly" => "每周",
        "monthly" => "每月",
        "quarterly" => "每季",
        "discharge" => "出院",
        "heat-wave" => "高温",
        "cold-wave" => "寒潮",
        "storm" => "暴雨大风",
        "festival" => "节日",
        "bereavement" => "丧亲",
        own => own,
    }
}

/// What is remembered of visits; all times are wall time.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Rounds {
    /// The latest visit, or when visits were first wanted.
    pub last: Option<Time>,
    /// There has been no visit yet.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub none_yet: bool,
    /// The latest visit was none: sensors had shown enough.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub was_remote: bool,
    /// How often in a row nobody opened, or answered.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unanswered: u32,
    /// When nobody opened the latest time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unanswered_at: Option<Time>,
    /// Why somebody should go out of turn: a rule whose incident was closed, or a word, and since when.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<(Name, Time)>,
    /// What a visit found wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<(Vec<Name>, Time)>,
    /// The resident was taken to hospital.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub in_hospital: bool,
    /// Days since the latest visit on which sensors showed the resident, and when the latest one ends.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub days: u32,
    /// When that day ends.
    #[serde(default)]
    pub day_ends: Time,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
const fn is_zero(n: &u32) -> bool {
    *n == 0
}

impl Rounds {
    /// Somebody saw or spoke to the resident, or sensors had shown enough.
    pub fn visited(&mut self, at: Time, remotely: bool) {
        (self.last, self.none_yet, self.was_remote) = (Some(at), false, remotely);
        (self.unanswered, self.unanswered_at) = (0, None);
        (self.days, self.day_ends) = (0, Time::default());
        if !remotely {
            self.calls.clear();
        }
    }

    /// Nobody opened, or answered.
    pub fn missed(&mut self, at: Time) {
        self.unanswered = self.unanswered.saturating_add(1);
        self.unanswered_at = Some(at);
    }

    /// Somebody should go out of turn.
    pub fn call(&mut self, why: Name, at: Time) {
        self.calls.retain(|(known, _)| *known != why);
        self.calls.push((why, at));
        if CALLS_MAX < self.calls.len() {
            self.calls.remove(0);
        }
    }
}
