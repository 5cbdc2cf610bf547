//! *Emergency*: a flag or moment that calls for help by itself: help, fall, smoke, gas, carbon
//! monoxide, leak. It holds as long as any device last said so, dead or alive: a smoke detector
//! that burnt has not taken back its word.

use crate::domain::observation::Kind;
use crate::domain::{DeviceId, Fact, Property, Reason, Span, Time};
use crate::form::Form;

use super::{Judgement, Verdict, View};

/// A sensor's clock may differ by this much before a signal is called late.
const LATE: Span = Span::minutes(1);

/// A count of people that is older says nothing of now.
const COUNTED: Span = Span::minutes(5);

/// `emergency = { of = ["smoke"] }`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Emergency {
    /// Any of these.
    pub of: Vec<Property>,
}

impl Emergency {
    /// Reads it from a rule.
    pub fn read(mut form: Form<'_, '_>) -> Option<Self> {
        let of = form.list::<Property>("of");
        if of.is_empty() {
            form.wrong("emergency wants `of = [ … ]`, one property or more".to_owned());
        }
        form.done();
        (!of.is_empty()).then_some(Self { of })
    }

    /// Holds since the latest sign.
    pub fn judge(&self, view: &View<'_>) -> Judgement {
        let (mut known, mut going_on) = (false, false);
        for (_, fact) in self.of.iter().flat_map(|p| view.situation.facts(*p)) {
            known = true;
            // A press is over as soon as it happened: only a flag can be said to go on.
            let flag = fact.property.kind() == Kind::Flag;
            going_on |= flag && fact.live && fact.value.is_true();
        }
        let verdict = match self.latest(view) {
            Some((_, fact)) => Verdict::Holds { since: fact.since, live: going_on },
            None if known => Verdict::Normal,
            None => Verdict::Unknown,
        };
        verdict.into()
    }

    /// Names the latest sign.
    pub fn reason(&self, view: &View<'_>) -> Reason {
        let Some((device, fact)) = self.latest(view) else {
            let property = self.of.first().copied().unwrap_or(Property::Help);
            return Reason::Absent { property, since: view.clock(view.now) };
        };
        let late = fact.observed_at.map(|at| view.wall(fact.seen) - at).filter(|late| LATE < *late);
        let (property, people) = (fact.property, self.people(view, device, fact.property));
        Reason::Seen { device: device.clone(), property, late, people }
    }

    /// Of a fall: how many people a sensor sees in that room, if more than one. Sensors that see a fall
    /// are built for one person; it is said, and changes nothing else (P6).
    fn people(&self, view: &View<'_>, device: &DeviceId, property: Property) -> Option<u32> {
        let room = |device| view.home.device(device).map(|d| d.room.as_str());
        let here = room(device);
        let counts = view.situation.facts(Property::Targets).filter(|(other, fact)| {
            let same = *other == device || (here.is_some() && room(other) == here);
            same && view.is_alive(other) && view.now <= fact.seen + COUNTED
        });
        let most = counts.filter_map(|(_, fact)| fact.value.number()).max_by(f64::total_cmp)?;
        let people = (2..=20).rev().find(|n| f64::from(*n) <= most);
        people.filter(|_| property == Property::Fall)
    }

    fn latest<'a>(&self, view: &View<'a>) -> Option<(&'a DeviceId, &'a Fact)> {
        let all = self.of.iter().flat_map(|p| view.situation.facts(*p));
        let mut latest: Option<(&DeviceId, &Fact)> = None;
        for (device, fact) in all.filter(|(_, fact)| fact.value.is_true()) {
            if latest.is_none_or(|(_, other)| key(other) < key(fact)) {
                latest = Some((device, fact));
            }
        }
        latest
    }
}

/// A live sign goes before a remembered one, a later before an earlier.
const fn key(fact: &Fact) -> (Time, bool) {
    (fact.since, fact.live)
}
