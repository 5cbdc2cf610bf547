//! What is known about a home now. Every fact is normal, abnormal or unknown (P5): a fact that is
//! not here, or whose device has gone quiet, is unknown.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::home::Device;
use super::id::DeviceId;
use super::observation::{Kind, Observation, Property, Value};
use super::time::{Span, Time};

/// A claim older than the one we hold is an older message only if it comes this soon after it, and
/// is not older by more than [`BACKLOG`]. Otherwise the sensor's clock stepped back, and ignoring
/// what it says would blind us for as long as it stepped.
const REORDERED: Span = Span::minutes(10);
/// No sensor keeps what it could not send for longer than this.
const BACKLOG: Span = Span::hours(24);

/// The latest of everything, device by device.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Situation {
    devices: BTreeMap<DeviceId, Sight>,
    /// The earliest `clears_at` of all facts, so that nobody need look through them.
    clearing: Option<Time>,
}

/// What is known through one device.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Sight {
    /// When it last spoke, itself, not through a broker's memory.
    pub heard: Option<Time>,
    /// Since when it is expected to speak: when it came into the register.
    #[serde(default)]
    pub expected: Option<Time>,
    /// Since when it speaks again, after it was silent for longer than its model may be.
    #[serde(default)]
    pub back: Option<Time>,
    facts: Vec<Fact>,
}

/// One property of one device.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    /// What.
    pub property: Property,
    /// Its latest value.
    pub value: Value,
    /// Since when it has that value; for a moment, when it last happened.
    pub since: Time,
    /// When it was last reported.
    pub seen: Time,
    /// Whether the latest report came from the device itself and not from a broker's memory.
    pub live: bool,
    /// The sensor's own claim of when, in wall time.
    pub observed_at: Option<Time>,
    /// When it falls back to false by itself.
    pub clears_at: Option<Time>,
    /// Whether it fell back by itself: the device's own last word is that it is set.
    #[serde(default)]
    pub cleared: bool,
}

impl Situation {
    /// Takes note of what a device said at `now`. Returns whether anything was news: a changed
    /// value, a fresh reading, a moment.
    pub fn note(
        &mut self,
        device: &DeviceId,
        observation: &Observation,
        retained: bool,
        now: Time,
    ) -> bool {
        let sight = match self.devices.get_mut(device) {
            Some(sight) => sight,
            None => self.devices.entry(device.clone()).or_default(),
        };
        let Observation { property, value, observed_at, clears_after } = *observation;
        let clears_at = clears_after.filter(|_| value.is_true()).map(|span| now + span);
        let Some(fact) = sight.facts.iter_mut().find(|f| f.property == property) else {
            let (since, seen, live, cleared) = (now, now, !retained, false);
            let fact = Fact { property, value, since, seen, live, observed_at, clears_at, cleared };
            sight.facts.push(fact);
            self.clearing_moved(None, clears_at);
            return true;
        };
        let same = fact.value == value;
        // A broker's memory of what is already known says nothing new, not even of a flag that fell
        // back by itself since; and a claim older than the one we hold must not undo it. A life
        // signal that comes late is news all the same.
        let known = retained && (same || (fact.cleared && value.is_true()));
        let stale =
            fact.is_newer_than(observed_at, now) && !(property.is_life() && value.is_true());
        if known || stale {
            return false;
        }
        if !same || property.kind() == Kind::Moment {
            fact.since = now;
        }
        (fact.value, fact.seen, fact.live) = (value, now, !retained);
        fact.observed_at = observed_at.or(fact.observed_at);
        fact.cleared = false;
        let before = std::mem::replace(&mut fact.clears_at, clears_at);
        self.clearing_moved(before, clears_at);
        true
    }

    /// Keeps the earliest `clears_at` right when one changed.
    fn clearing_moved(&mut self, before: Option<Time>, after: Option<Time>) {
        if before.is_some() && before == self.clearing {
            self.find_clearing();
        } else {
            self.clearing = [self.clearing, after].into_iter().flatten().min();
        }
    }

    fn find_clearing(&mut self) {
        let all = self.devices.values().flat_map(|s| &s.facts);
        self.clearing = all.filter_map(|f| f.clears_at).min();
    }

    /// Takes note that a device spoke, whatever it said. `quiet_after`: silent for longer than
    /// this, it counted as gone until now.
    pub fn heard(&mut self, device: &DeviceId, quiet_after: Option<Span>, now: Time) {
        let sight = match self.devices.get_mut(device) {
            Some(sight) => sight,
            None => self.devices.entry(device.clone()).or_default(),
        };
        let gone = sight.heard.zip(quiet_after).is_some_and(|(heard, quiet)| heard + quiet <= now);
        if gone {
            sight.back = Some(now);
        }
        sight.heard = Some(now);
    }

    /// Forgets a device that is no longer mounted: what it said last is no longer so.
    pub fn forget(&mut self, device: &DeviceId) {
        self.devices.remove(device);
        self.find_clearing();
    }

    /// Takes note that a device is now in the register, and expected to speak.
    pub fn expect(&mut self, device: &DeviceId, now: Time) {
        self.devices.entry(device.clone()).or_default().expected.get_or_insert(now);
    }

    /// Lets flags fall back that clear by themselves. Returns the properties that did.
    pub fn clear_due(&mut self, now: Time) -> Vec<Property> {
        let mut cleared = Vec::new();
        if self.clearing.is_none_or(|at| now < at) {
            return cleared;
        }
        for fact in self.devices.values_mut().flat_map(|s| &mut s.facts) {
            if fact.clears_at.is_some_and(|at| at <= now) {
                (fact.value, fact.since, fact.clears_at) = (Value::Flag(false), now, None);
                fact.cleared = true;
                cleared.push(fact.property);
            }
        }
        self.find_clearing();
        cleared
    }

    /// The earliest instant at which a flag falls back by itself.
    pub const fn next_clearing(&self) -> Option<Time> {
        self.clearing
    }

    /// What is known through one device.
    pub fn sight(&self, device: &DeviceId) -> Option<&Sight> {
        self.devices.get(device)
    }

    /// One property of one device.
    pub fn fact(&self, device: &DeviceId, property: Property) -> Option<&Fact> {
        self.devices.get(device)?.fact(property)
    }

    /// One property, from every device that ever reported it, in the order of their names.
    pub fn facts(&self, property: Property) -> impl Iterator<Item = (&DeviceId, &Fact)> {
        self.devices.iter().filter_map(move |(id, sight)| Some((id, sight.fact(property)?)))
    }

    /// Every device that was ever heard of, in the order of their names.
    pub fn devices(&self) -> impl Iterator<Item = (&DeviceId, &Sight)> {
        self.devices.iter()
    }

    /// Whether the device is known to speak: not offline by its own account or its broker's, and
    /// not silent for longer than its model may be.
    pub fn is_alive(&self, device: &Device, now: Time) -> bool {
        let Some(sight) = self.devices.get(&device.id) else { return false };
        let online = sight.fact(Property::Online).is_none_or(|f| f.value.is_true());
        let spoke = sight
            .heard
            .is_some_and(|heard| device.quiet_after.is_none_or(|quiet| now < heard + quiet));
        online && spoke
    }
}

impl Sight {
    /// One property of this device.
    pub fn fact(&self, property: Property) -> Option<&Fact> {
        self.facts.iter().find(|f| f.property == property)
    }

    /// Since when it is offline by its own account or its broker's, and has not spoken since.
    pub fn offline(&self) -> Option<Time> {
        let since = self.fact(Property::Online).filter(|f| !f.value.is_true())?.since;
        self.heard.is_none_or(|heard| heard <= since).then_some(since)
    }

    /// All that it reported, in the order it first did.
    pub fn facts(&self) -> &[Fact] {
        &self.facts
    }
}

impl Fact {
    /// Whether a claim is of an earlier message than the one we hold, handed over out of order.
    fn is_newer_than(&self, claim: Option<Time>, now: Time) -> bool {
        let Some((claim, held)) = claim.zip(self.observed_at) else { return false };
        claim < held && held - claim < BACKLOG && now - self.seen < REORDERED
    }
}
