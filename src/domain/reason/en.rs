//! Reasons in English.

use super::{Reason, list, tenth};
use crate::domain::id::DeviceId;
use crate::domain::observation::{Kind, Property, Value};
use crate::domain::time::Span;

impl Reason {
    /// In English, as in stories.
    pub fn en(&self) -> String {
        match self {
            Self::Seen { device, property, late, people } => {
                seen(device, *property, *late, *people)
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
            Self::Score { table, total, complete, missing, parts } => {
                let parts =
                    parts.iter().map(|(p, value, points)| format!("{p} {value} = {points}"));
                let (name, parts) = (&table.en, list(parts, ", "));
                let missing = list(missing.iter(), ", ");
                match complete {
                    true => format!("{name} {total} ({parts})"),
                    false => {
                        format!("{name} incomplete, at least {total} ({parts}), without {missing}")
                    }
                }
            }
            Self::Expression { when, values, since } => {
                let values = values.iter().map(|(p, value)| format!("{p} {value}"));
                format!("{when} ({}) since {since}", list(values, ", "))
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
            | Self::Reported { .. } => self.more_en(),
        }
    }

    /// Of habits, devices, visits and reports.
    fn more_en(&self) -> String {
        match self {
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
            Self::VisitDue { last } => format!("last visit {last}"),
            Self::VisitAfter { what } => format!("after {}", list(what.iter(), ", ")),
            Self::Unanswered { times } => format!("nobody answered {times} times"),
            Self::FoundWrong { items } => format!("found wrong: {}", list(items.iter(), ", ")),
            Self::Reported { from, code: None } => format!("reported by {from}"),
            Self::Reported { from, code: Some(code) } => format!("reported by {from}, {code}"),
            Self::Unusually { since, limit } => {
                format!("no activity since {since}, in this home usually less than {limit}")
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

fn seen(device: &DeviceId, property: Property, late: Option<Span>, people: Option<u32>) -> String {
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

/// `open`, `in_bed false`: a flag that is set need not be said to be true.
fn said(property: Property, value: Option<Value>) -> String {
    match value {
        Some(Value::Flag(false)) => format!("{property} false"),
        Some(Value::Flag(true) | Value::Number(_)) | None => property.to_string(),
    }
}
