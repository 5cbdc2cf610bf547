//! What is known of a home now: every fact is normal, abnormal or unknown (P5).

use crate::domain::observation::Kind;
use crate::domain::{Device, Fact, Home, Incident, Link, Property, Reason, Time, Value};
use crate::inbox::Look;

use super::lang::Lang;

/// What a fact tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// Nothing is wrong with it by any rule.
    Normal,
    /// It says by itself that something is wrong, or an open incident stands on it.
    Abnormal,
    /// The device does not speak any more, or somebody tries it out: what it said may not be so.
    Unknown,
}

impl Known {
    /// For programs, and for the style sheet.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Abnormal => "abnormal",
            Self::Unknown => "unknown",
        }
    }

    /// On pages.
    pub(super) const fn word(self, lang: Lang) -> &'static str {
        match self {
            Self::Normal => lang.say("正常", "normal"),
            Self::Abnormal => lang.say("异常", "abnormal"),
            Self::Unknown => lang.say("不明", "unknown"),
        }
    }
}

/// What one device tells.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Seen<'l> {
    /// As registered.
    pub(super) device: &'l Device,
    /// Whether it speaks.
    pub(super) is_alive: bool,
    /// Whether it can be heard, and since when in hub time.
    pub(super) link: (Link, Option<Time>),
    /// When it last spoke, in hub time.
    pub(super) heard: Option<Time>,
    /// Until when somebody may be trying it out, in hub time; what it says counts for nothing.
    pub(super) tested: Option<Time>,
    /// All that it reported, and what to make of it.
    pub(super) facts: Vec<(&'l Fact, Known)>,
}

/// What every device of the home tells at `now` in hub time, in the order of the register. `open`
/// are the open incidents of the home.
pub(super) fn everything<'l>(look: &'l Look, open: &[&Incident], now: Time) -> Vec<Seen<'l>> {
    let home: &Home = &look.home;
    // The engine's own time stands still while nothing comes in, which is just what must show here.
    let now = now.max(look.now);
    let seen = home.devices.iter().map(|device| {
        let is_alive = look.situation.is_alive(device, now);
        let sight = look.situation.sight(&device.id);
        let counts = is_alive && !look.situation.is_under_test(&device.id);
        let facts = sight.into_iter().flat_map(|s| s.facts());
        let facts = facts.map(|fact| (fact, judge(device, fact, counts, open, now)));
        let link = Link::of(device, sight, look.listening, now);
        let tested = sight.and_then(|s| s.walk.as_ref()).map(|walk| walk.until);
        let heard = sight.and_then(|s| s.heard);
        Seen { device, is_alive, link, heard, tested, facts: facts.collect() }
    });
    seen.collect()
}

/// `counts`: it speaks, and not because somebody tries it out.
fn judge(device: &Device, fact: &Fact, counts: bool, open: &[&Incident], now: Time) -> Known {
    if says_trouble(fact) || open.iter().any(|i| stands_on(i, device, fact.property)) {
        return Known::Abnormal;
    }
    // A number is only as good as it is fresh; a flag stays as it is until told otherwise.
    let is_number = matches!(fact.property.kind(), Kind::Number { .. });
    let is_old = device.quiet_after.is_some_and(|quiet| fact.seen + quiet <= now);
    if !counts || (is_number && is_old) { Known::Unknown } else { Known::Normal }
}

/// Whether it is a flag that nobody wants to see set, or unset.
fn says_trouble(fact: &Fact) -> bool {
    let property = fact.property;
    let is_trouble = property.is_life() && property.kind() == Kind::Flag
        || matches!(property, Property::Tamper | Property::BatteryLow | Property::Fault);
    (is_trouble && fact.value.is_true())
        || (property == Property::Online && fact.value == Value::Flag(false))
}

/// Whether the incident began with this, and it is not over by the sensors' account.
fn stands_on(incident: &Incident, device: &Device, said: Property) -> bool {
    if incident.over_at.is_some() {
        return false;
    }
    match &incident.reason {
        Reason::Seen { device: of, property, .. } | Reason::Beyond { device: of, property, .. } => {
            *of == device.id && *property == said
        }
        Reason::Absent { property, .. } => *property == said,
        Reason::Score { parts, .. } => parts.iter().any(|(p, _, n)| *p == said && 0 < *n),
        Reason::Expression { values, .. } => values.iter().any(|(p, _)| *p == said),
        Reason::Battery { .. } => {
            said == Property::Battery && incident.device.as_ref() == Some(&device.id)
        }
        Reason::Weak { property, .. } => {
            said == *property && incident.device.as_ref() == Some(&device.id)
        }
        Reason::Tampered { .. } => {
            said == Property::Tamper && incident.device.as_ref() == Some(&device.id)
        }
        Reason::Faulty { .. } => {
            said == Property::Fault && incident.device.as_ref() == Some(&device.id)
        }
        Reason::Changed { device: of, property, .. } => *of == device.id && *property == said,
        Reason::Inactive { .. }
        | Reason::Unusual { .. }
        | Reason::Unusually { .. }
        | Reason::Often { .. }
        | Reason::Stays { .. }
        | Reason::InBed { .. }
        | Reason::Followed { .. }
        | Reason::NothingSince { .. }
        | Reason::Quiet { .. }
        | Reason::Offline { .. }
        | Reason::Drift { .. }
        | Reason::Flapping { .. }
        | Reason::Blind { .. }
        | Reason::VisitDue { .. }
        | Reason::VisitAfter { .. }
        | Reason::Unanswered { .. }
        | Reason::FoundWrong { .. }
        | Reason::Reported { .. } => false,
    }
}
