//! Why a rule holds, in a form that can be told in any language.

use serde::{Deserialize, Serialize};

use super::id::DeviceId;
use super::observation::{Kind, Property, Value};
use super::time::Span;

/// Why a rule holds, in a form that can be told in any language.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "kebab-case")]
pub enum Reason {
    /// A flag was set, a button pressed.
    Seen {
        /// By which device.
        device: DeviceId,
        /// What.
        property: Property,
        /// How long before, by the sensor's own clock, if more than a minute.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        late: Option<Span>,
    },
    /// A flag that should be set is not.
    Absent {
        /// Which flag.
        property: Property,
        /// Wall time in the home, `02:10`.
        since: String,
    },
    /// Nothing moved while the sensors were proven alive.
    Inactive {
        /// Wall time in the home of the last activity.
        since: String,
    },
    /// A number beyond its limit.
    Beyond {
        /// By which device.
        device: DeviceId,
        /// Which number.
        property: Property,
        /// Its value.
        value: Value,
        /// The limit of the rule.
        limit: Value,
        /// Wall time in the home.
        since: String,
    },
    /// A device that ought to speak has not.
    Quiet {
        /// Wall time in the home at which it last spoke; `None` if never.
        since: Option<String>,
    },
    /// A device said, or its broker said of it, that it is gone.
    Offline {
        /// Wall time in the home.
        since: String,
    },
    /// A device says itself that it is broken.
    Faulty {
        /// Wall time in the home.
        since: String,
    },
    /// A battery is nearly empty.
    Battery {
        /// What is left in per cent, if the device says so.
        left: Option<Value>,
    },
    /// A device is nearly out of reach.
    Weak {
        /// `signal` or `link_quality`.
        property: Property,
        /// As it said last.
        value: Value,
    },
    /// Somebody opened or moved a device.
    Tampered {
        /// Wall time in the home.
        since: String,
    },
    /// A device's own clock is wrong.
    Drift {
        /// How far it is behind the wall clock; negative if it is ahead.
        by: Span,
    },
    /// A device goes and comes.
    Flapping {
        /// How often it went.
        times: u32,
        /// In how long.
        within: Span,
    },
    /// A device speaks, and tells none of what it used to measure.
    Blind {
        /// Wall time in the home.
        since: String,
    },
}

impl Reason {
    /// In English, as in stories.
    pub fn en(&self) -> String {
        match self {
            Self::Seen { device, property, late } => {
                let what = match property.kind() {
                    Kind::Moment => format!("{property} from {device}"),
                    Kind::Flag | Kind::Number { .. } => format!("{property} seen by {device}"),
                };
                late.map_or(what.clone(), |late| format!("{what}, {late} ago by its own clock"))
            }
            Self::Absent { property: Property::InBed, since } => {
                format!("out of bed since {since}")
            }
            Self::Absent { property, since } => format!("no {property} since {since}"),
            Self::Inactive { since } => format!("no activity since {since}"),
            Self::Beyond { device, property, value, limit, since } => {
                let how = if limit < value { "above" } else { "below" };
                format!("{property} {value} {how} {limit} by {device} since {since}")
            }
            Self::Quiet { since: Some(since) } => format!("nothing heard since {since}"),
            Self::Quiet { since: None } => "never heard of".to_owned(),
            Self::Offline { since } => format!("offline since {since}"),
            Self::Faulty { since } => format!("says it is in fault since {since}"),
            Self::Battery { left: Some(left) } => format!("battery at {left} %"),
            Self::Battery { left: None } => "battery low".to_owned(),
            Self::Weak { property, value } => format!("{property} {value}"),
            Self::Tampered { since } => format!("opened or moved at {since}"),
            Self::Drift { by } if by.0 < 0 => format!("its clock is {} ahead", Span(-by.0)),
            Self::Drift { by } => format!("its clock is {by} behind"),
            Self::Flapping { times, within } => format!("went away {times} times within {within}"),
            Self::Blind { since } => format!("speaks, but measures nothing since {since}"),
        }
    }

    /// In Chinese, as on pages.
    pub fn zh(&self) -> String {
        match self {
            Self::Seen { device, property, late } => {
                let what = format!("{device} 报告{}", property.zh());
                late.map_or(what.clone(), |late| format!("{what}（设备时间 {late} 前）"))
            }
            Self::Absent { property: Property::InBed, since } => format!("{since} 离床未归"),
            Self::Absent { property, since } => format!("{since} 起无{}", property.zh()),
            Self::Inactive { since } => format!("{since} 起无活动"),
            Self::Beyond { device, property, value, limit, since } => {
                let how = if limit < value { "高于" } else { "低于" };
                format!("{device} {}{value}，{how}{limit}，自 {since}", property.zh())
            }
            Self::Quiet { since: Some(since) } => format!("{since} 起无消息"),
            Self::Quiet { since: None } => "从未收到消息".to_owned(),
            Self::Offline { since } => format!("{since} 起离线"),
            Self::Faulty { since } => format!("{since} 起报告故障"),
            Self::Battery { left: Some(left) } => format!("电量 {left} %"),
            Self::Battery { left: None } => "电量低".to_owned(),
            Self::Weak { property, value } => format!("{}{value}，信号弱", property.zh()),
            Self::Tampered { since } => format!("{since} 被拆动"),
            Self::Drift { by } if by.0 < 0 => format!("设备时钟快 {}", Span(-by.0)),
            Self::Drift { by } => format!("设备时钟慢 {by}"),
            Self::Flapping { times, within } => format!("{within} 内掉线 {times} 次"),
            Self::Blind { since } => format!("{since} 起有消息但无测量值"),
        }
    }
}
