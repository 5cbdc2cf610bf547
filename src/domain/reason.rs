//! Why a rule holds, in a form that can be told in any language.

use serde::{Deserialize, Serialize};

use super::id::DeviceId;
use super::incident::Title;
use super::metric::Metric;
use super::observation::{Kind, Property, Value};
use super::place::Place;
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
        /// How many people a sensor saw in that room, if more than one: less certain, and said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        people: Option<u32>,
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
    /// A number that changes too fast.
    Changed {
        /// By which device.
        device: DeviceId,
        /// Which number.
        property: Property,
        /// By how much; negative if it falls.
        by: Value,
        /// In how long.
        within: Span,
    },
    /// Something happens too often.
    Often {
        /// What.
        property: Property,
        /// Which value.
        value: Option<Value>,
        /// How often.
        times: u32,
        /// In how long.
        within: Span,
    },
    /// Too long in a room, or out of the house.
    Stays {
        /// In which kind of room; `None`: out.
        place: Option<Place>,
        /// Wall time in the home.
        since: String,
    },
    /// Too long in bed.
    InBed {
        /// Wall time in the home.
        since: String,
    },
    /// One thing followed another.
    Followed {
        /// What came first.
        property: Property,
        /// Which value.
        value: Option<Value>,
        /// Wall time in the home.
        at: String,
        /// What followed.
        then: Property,
    },
    /// What should have followed did not.
    NothingSince {
        /// What came first.
        property: Property,
        /// Which value.
        value: Option<Value>,
        /// Wall time in the home.
        at: String,
        /// For how long nothing followed.
        lasts: Span,
    },
    /// Today is not as usual for this person.
    Unusual {
        /// What of.
        metric: Metric,
        /// Today, or the latest day that is over.
        today: f64,
        /// The median of the person's own days.
        usual: f64,
        /// The median distance from it.
        spread: f64,
        /// From so many days.
        days: u32,
    },
    /// Silent for longer than is usual in this home at this time of the day.
    Unusually {
        /// Wall time in the home of the last activity.
        since: String,
        /// The home's own limit.
        limit: Span,
    },
    /// Points by a published chart: support for a decision, and no diagnosis.
    Score {
        /// Which chart.
        table: Title,
        /// The sum of what is known; the least it can be while something is missing.
        total: u32,
        /// Whether nothing is missing.
        complete: bool,
        /// What was not measured, or too long ago.
        missing: Vec<Property>,
        /// What was found, and the points for it.
        parts: Vec<(Property, Value, u32)>,
    },
    /// A condition in the words of the rule book.
    Expression {
        /// As it is written there.
        when: String,
        /// What the properties in it are.
        values: Vec<(Property, Value)>,
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
            Self::Seen { device, property, late, people } => {
                let mut what = match property.kind() {
                    Kind::Moment => format!("{property} from {device}"),
                    Kind::Flag | Kind::Number { .. } => format!("{property} seen by {device}"),
                };
                if let Some(late) = late {
                    what.push_str(&format!(", {late} ago by its own clock"));
                }
                if let Some(people) = people {
                    what.push_str(&format!(", {people} people there: less certain"));
                }
                what
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
            Self::Changed { device, property, by, within } => {
                format!("{property} changed by {by} within {within} by {device}")
            }
            Self::Often { property, value, times, within } => {
                format!("{} {times} times within {within}", said(*property, *value))
            }
            Self::Stays { place: Some(place), since } => format!("in the {place} since {since}"),
            Self::Stays { place: None, since } => format!("out since {since}"),
            Self::InBed { since } => format!("in bed since {since}"),
            Self::Followed { property, value, at, then } => {
                format!("{} at {at}, then {then}", said(*property, *value))
            }
            Self::NothingSince { property, value, at, lasts } => {
                format!("{} at {at}, and nothing for {lasts}", said(*property, *value))
            }
            Self::Unusual { metric, today, usual, spread, days } => format!(
                "{}: {}, usually {} ± {} ({days} days)",
                metric.en(),
                tenth(*today),
                tenth(*usual),
                tenth(*spread)
            ),
            Self::Unusually { since, limit } => {
                format!("no activity since {since}, in this home usually less than {limit}")
            }
            Self::Score { table, total, complete: true, parts, .. } => {
                let parts =
                    parts.iter().map(|(p, value, points)| format!("{p} {value} = {points}"));
                format!("{} {total} ({})", table.en, list(parts, ", "))
            }
            Self::Score { table, total, complete: false, missing, parts } => {
                let parts =
                    parts.iter().map(|(p, value, points)| format!("{p} {value} = {points}"));
                let (parts, missing) = (list(parts, ", "), list(missing.iter(), ", "));
                let name = &table.en;
                format!("{name} incomplete, at least {total} ({parts}), without {missing}")
            }
            Self::Expression { when, values, since } => {
                let values = values.iter().map(|(p, value)| format!("{p} {value}"));
                format!("{when} ({}) since {since}", list(values, ", "))
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
            Self::Seen { device, property, late, people } => {
                let mut what = format!("{device} 报告{}", property.zh());
                if let Some(late) = late {
                    what.push_str(&format!("（设备时间 {late} 前）"));
                }
                if let Some(people) = people {
                    what.push_str(&format!("，室内有 {people} 人，把握较低"));
                }
                what
            }
            Self::Absent { property: Property::InBed, since } => format!("{since} 离床未归"),
            Self::Absent { property, since } => format!("{since} 起无{}", property.zh()),
            Self::Inactive { since } => format!("{since} 起无活动"),
            Self::Beyond { device, property, value, limit, since } => {
                let how = if limit < value { "高于" } else { "低于" };
                format!("{device} {}{value}，{how}{limit}，自 {since}", property.zh())
            }
            Self::Changed { device, property, by, within } => {
                format!("{device} {}在 {within} 内变化 {by}", property.zh())
            }
            Self::Often { property, value, times, within } => {
                format!("{within} 内{}{times} 次", said_zh(*property, *value))
            }
            Self::Stays { place: Some(place), since } => format!("{since} 起在{}", place.zh()),
            Self::Stays { place: None, since } => format!("{since} 外出未归"),
            Self::InBed { since } => format!("{since} 起一直在床"),
            Self::Followed { property, value, at, then } => {
                format!("{at} {}，随后{}", said_zh(*property, *value), then.zh())
            }
            Self::NothingSince { property, value, at, lasts } => {
                format!("{at} {}，此后 {lasts} 无动静", said_zh(*property, *value))
            }
            Self::Unusual { metric, today, usual, spread, days } => format!(
                "{} {}，平时 {} ± {}（{days} 天）",
                metric.zh(),
                tenth(*today),
                tenth(*usual),
                tenth(*spread)
            ),
            Self::Unusually { since, limit } => {
                format!("{since} 起无活动，此户平时不超过 {limit}")
            }
            Self::Score { table, total, complete: true, parts, .. } => {
                let parts = parts.iter().map(score_zh);
                format!("{} {total} 分（{}）", table.zh, list(parts, "，"))
            }
            Self::Score { table, total, complete: false, missing, parts } => {
                let (name, parts) = (&table.zh, list(parts.iter().map(score_zh), "，"));
                let missing = list(missing.iter().map(|p| p.zh()), "、");
                format!("{name} 不完整，至少 {total} 分（{parts}），缺{missing}")
            }
            Self::Expression { when, values, since } => {
                let values = values.iter().map(|(p, value)| format!("{} {value}", p.zh()));
                format!("{when}（{}），自 {since}", list(values, "，"))
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

/// `open`, `in_bed false`: a flag that is set need not be said to be true.
fn said(property: Property, value: Option<Value>) -> String {
    match value {
        Some(Value::Flag(false)) => format!("{property} false"),
        Some(Value::Flag(true) | Value::Number(_)) | None => property.to_string(),
    }
}

fn said_zh(property: Property, value: Option<Value>) -> String {
    match (property, value) {
        (Property::InBed, Some(Value::Flag(false))) => "离床".to_owned(),
        (_, Some(Value::Flag(false))) => format!("无{}", property.zh()),
        (_, Some(Value::Flag(true) | Value::Number(_)) | None) => property.zh().to_owned(),
    }
}

/// To one decimal, and without it where it is 0.
fn tenth(n: f64) -> f64 {
    (n * 10.0).round() / 10.0
}

fn list(items: impl Iterator<Item = impl ToString>, between: &str) -> String {
    items.map(|item| item.to_string()).collect::<Vec<_>>().join(between)
}

fn score_zh((property, value, points): &(Property, Value, u32)) -> String {
    format!("{} {value} = {points} 分", property.zh())
}
