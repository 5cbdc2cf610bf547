//! The closed lists an incident is described by: level, group, stage, outcome.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A closed list of words, each with its name in files and on Chinese pages.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $what:literal: $($variant:ident $en:literal $zh:literal;)+) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum $name {
            $( #[doc = concat!("`", $en, "` ", $zh)] $variant, )+
        }

        impl $name {
            /// Every one there is, in order.
            pub const ALL: &'static [Self] = &[$( Self::$variant, )+];

            /// As written in files and stories.
            pub const fn name(self) -> &'static str {
                match self { $( Self::$variant => $en, )+ }
            }

            /// On Chinese pages.
            pub const fn zh(self) -> &'static str {
                match self { $( Self::$variant => $zh, )+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.name())
            }
        }

        impl FromStr for $name {
            type Err = $crate::domain::Sentence;
            fn from_str(text: &str) -> Result<Self, $crate::domain::Sentence> {
                Self::ALL.iter().copied().find(|w| w.name() == text).ok_or_else(|| {
                    let all: Vec<_> = Self::ALL.iter().map(|w| w.name()).collect();
                    let (all, what) = (all.join(", "), $what);
                    $crate::domain::both!(
                        "没有“{text}”：可写 {all}",
                        "there is no {what} `{text}`: one of {all}"
                    )
                })
            }
        }
    };
}

pub(crate) use words;

words! {
    /// How much hangs on it.
    Level, "level":
    Info    "info"    "提示";
    Normal  "normal"  "一般";
    Serious "serious" "严重";
    Urgent  "urgent"  "紧急";
}

words! {
    /// What a rule, and an incident, is about.
    Group, "group":
    Safety      "safety"      "安全";
    Vital       "vital"       "体征";
    Activity    "activity"    "活动";
    Environment "environment" "环境";
    Equipment   "equipment"   "设备";
    Visit       "visit"       "巡访";
    Request     "request"     "诉求";
}

impl Group {
    /// Whether it is about the resident, and not about the flat or a device.
    pub const fn is_about_a_person(self) -> bool {
        matches!(self, Self::Safety | Self::Vital | Self::Activity)
    }

    /// How much hangs on an incident of this level when messages wait for their turn: devices in trouble, a
    /// whole block of them too, wait for whatever is about people, and take none of the places kept for it (P6).
    pub fn weight(self, level: Level) -> Level {
        match self {
            Self::Equipment => level.min(Level::Normal),
            Self::Safety
            | Self::Vital
            | Self::Activity
            | Self::Environment
            | Self::Visit
            | Self::Request => level,
        }
    }
}

words! {
    /// How far an incident has come. Only people take it beyond [`Stage::Alarmed`] (P4).
    Stage, "stage":
    Detected "detected" "发现";
    Warned   "warned"   "预警";
    Alarmed  "alarmed"  "报警";
    Accepted "accepted" "签收";
    EnRoute  "en-route" "出发";
    OnScene  "on-scene" "到场";
    Resolved "resolved" "办结";
    Closed   "closed"   "结案";
}

words! {
    /// What somebody who looked found.
    Found, "answer":
    Fine   "fine"   "正常";
    Wrong  "wrong"  "异常";
    Unseen "unseen" "未查";
}

words! {
    /// How a step stands to its limit: 80 % of it is the border to yellow, all of it to red (数字城管).
    Light, "light":
    Green  "green"  "正常";
    Yellow "yellow" "临期";
    Red    "red"    "超时";
}

words! {
    /// How it ended. `merged` and `void` have moves of their own; the last three are the only ones the
    /// engine may give by itself, and only before the alarm.
    Outcome, "outcome":
    Safe       "safe"        "平安";
    Assisted   "assisted"    "已协助";
    Hospital   "hospital"    "送医";
    Died       "died"        "身故";
    Repaired   "repaired"    "已维修";
    NoAccess   "no-access"   "无法入户";
    Refused    "refused"     "拒绝";
    FalseAlarm "false-alarm" "误报";
    Test       "test"        "测试";
    Merged     "merged"      "并案";
    Void       "void"        "作废";
    Remote     "remote"      "远程监测";
    Cancelled  "cancelled"   "本人取消";
    Cleared    "cleared"     "解除";
}

impl Outcome {
    /// Whether a person may give it.
    pub const fn is_for_people(self) -> bool {
        !matches!(self, Self::Merged | Self::Void | Self::Remote | Self::Cancelled | Self::Cleared)
    }

    /// Whether it says that nothing was wrong, so that nobody need have been there.
    pub const fn is_no_incident(self) -> bool {
        matches!(self, Self::FalseAlarm | Self::Test)
    }

    /// Whether somebody, or enough sensors, met the resident: seen or spoken to, or not; `None` where it says
    /// neither.
    pub const fn met_resident(self) -> Option<bool> {
        match self {
            Self::Safe
            | Self::Assisted
            | Self::Hospital
            | Self::Died
            | Self::Repaired
            | Self::Refused
            | Self::Remote => Some(true),
            Self::NoAccess => Some(false),
            Self::FalseAlarm
            | Self::Test
            | Self::Merged
            | Self::Void
            | Self::Cancelled
            | Self::Cleared => None,
        }
    }

    /// Whether it goes on elsewhere or should never have been opened: nobody dealt with it as such.
    pub const fn is_set_aside(self) -> bool {
        matches!(self, Self::Merged | Self::Void)
    }
}
