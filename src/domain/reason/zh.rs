//! Reasons in Chinese.

use super::{Reason, list, tenth};
use crate::domain::observation::{Property, Value};
use crate::domain::rounds::visits_zh;
use crate::domain::time::Span;

impl Reason {
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
            Self::Unusually { .. }
            | Self::Quiet { .. }
            | Self::Offline { .. }
            | Self::Faulty { .. }
            | Self::Battery { .. }
            | Self::Weak { .. }
            | Self::Tampered { .. }
            | Self::Drift { .. }
            | Self::Flapping { .. }
            | Self::Blind { .. }
            | Self::VisitDue { .. }
            | Self::VisitAfter { .. }
            | Self::Unanswered { .. }
            | Self::FoundWrong { .. }
            | Self::Reported { .. } => self.more_zh(),
        }
    }

    /// Of habits, devices, visits and reports.
    fn more_zh(&self) -> String {
        match self {
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
            Self::VisitDue { last } => format!("上次探访 {last}"),
            Self::VisitAfter { what } => {
                format!("{} 之后回访", list(what.iter().map(|w| visits_zh(w.as_str())), "、"))
            }
            Self::Unanswered { times } => format!("连续 {times} 次无人应答"),
            Self::FoundWrong { items } => format!("探访发现异常：{}", list(items.iter(), "、")),
            Self::Reported { from, code: None } => format!("{}上报", from.zh()),
            Self::Reported { from, code: Some(code) } => format!("{}上报，编号 {code}", from.zh()),
            Self::Unusually { since, limit } => {
                format!("{since} 起无活动，此户平时不超过 {limit}")
            }
            Self::Seen { .. }
            | Self::Absent { .. }
            | Self::Inactive { .. }
            | Self::Beyond { .. }
            | Self::Changed { .. }
            | Self::Often { .. }
            | Self::Stays { .. }
            | Self::InBed { .. }
            | Self::Followed { .. }
            | Self::NothingSince { .. }
            | Self::Unusual { .. }
            | Self::Score { .. }
            | Self::Expression { .. } => String::new(),
        }
    }
}

fn said_zh(property: Property, value: Option<Value>) -> String {
    match (property, value) {
        (Property::InBed, Some(Value::Flag(false))) => "离床".to_owned(),
        (_, Some(Value::Flag(false))) => format!("无{}", property.zh()),
        (_, Some(Value::Flag(true) | Value::Number(_)) | None) => property.zh().to_owned(),
    }
}

fn score_zh((property, value, points): &(Property, Value, u32)) -> String {
    format!("{} {value} = {points} 分", property.zh())
}
