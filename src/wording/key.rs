//! Which texts there are, what may stand in each, and when it is said.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::domain::{Group, words};
use crate::engine::Purpose;

words! {
    /// A text, as it is called in the files.
    Key, "text":
    Heading     "heading"      "标题";
    Reply       "reply"        "回复提示";
    Ask         "ask"          "询问本人";
    Alarm       "alarm"        "报警";
    Escalation  "escalation"   "升级";
    Repeat      "repeat"       "再次提醒";
    Overdue     "overdue"      "处置超时";
    HandOver    "hand-over"    "移交";
    Raised      "raised"       "情况加重";
    Digest      "digest"       "每日汇总";
    Asked       "asked"        "待审批";
    Decided     "decided"      "有新进展";
    Whistle     "whistle"      "吹哨";
    Visit       "visit"        "巡访到期";
    VisitLate   "visit-late"   "巡访超时";
    Request     "request"      "新诉求";
    RequestLate "request-late" "诉求无人受理";
    Trial       "trial"        "试发消息";
}

/// What is filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Level,
    What,
    Case,
    Since,
    Minutes,
}

impl Place {
    const ALL: [Self; 5] = [Self::Level, Self::What, Self::Case, Self::Since, Self::Minutes];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Level => "level",
            Self::What => "what",
            Self::Case => "case",
            Self::Since => "since",
            Self::Minutes => "minutes",
        }
    }
}

impl Key {
    /// The text that says what a message is for: visits and requests have their own.
    pub const fn of(purpose: Purpose, group: Group) -> Self {
        match (group, purpose) {
            (Group::Visit, Purpose::Alarm) => return Self::Visit,
            (Group::Visit, Purpose::Escalation | Purpose::Repeat) => return Self::VisitLate,
            (Group::Request, Purpose::Alarm) => return Self::Request,
            (Group::Request, Purpose::Escalation | Purpose::Repeat) => return Self::RequestLate,
            (_, _) => {}
        }
        match purpose {
            Purpose::Ask => Self::Ask,
            Purpose::Alarm => Self::Alarm,
            Purpose::Escalation => Self::Escalation,
            Purpose::Repeat => Self::Repeat,
            Purpose::Overdue => Self::Overdue,
            Purpose::HandOver => Self::HandOver,
            Purpose::Raised => Self::Raised,
            Purpose::Digest => Self::Digest,
            Purpose::Asked => Self::Asked,
            Purpose::Decided => Self::Decided,
            Purpose::Whistle => Self::Whistle,
        }
    }

    /// Whether it stands in `[line]`.
    pub const fn is_line(self) -> bool {
        !matches!(self, Self::Heading | Self::Reply)
    }

    /// What may be filled in, as it is written: `{case}`.
    pub fn blanks(self) -> Vec<String> {
        self.places().iter().map(|place| format!("{{{}}}", place.name())).collect()
    }

    pub(super) const fn places(self) -> &'static [Place] {
        match self {
            Self::Heading => &[Place::Level, Place::Case],
            Self::Reply | Self::Trial => &[Place::Case],
            Self::Ask => &[Place::What, Place::Since, Place::Minutes],
            // Each that is told in it has its own time.
            Self::Digest => &[Place::Level, Place::What, Place::Case],
            Self::Alarm
            | Self::Escalation
            | Self::Repeat
            | Self::Overdue
            | Self::HandOver
            | Self::Raised
            | Self::Asked
            | Self::Decided
            | Self::Whistle
            | Self::Visit
            | Self::VisitLate
            | Self::Request
            | Self::RequestLate => &Place::ALL,
        }
    }

    /// Whoever reads it must find the incident.
    pub(super) const fn needs_case(self) -> bool {
        !matches!(self, Self::Reply | Self::Ask)
    }
}
