//! What is known about a home now. Every fact is normal, abnormal or unknown (P5): a fact that is
//! not here, or whose device has gone quiet, is unknown.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::home::Device;
use super::id::{DeviceId, PersonId};
use super::observation::{Kind, Observation, Property, Value};
use super::sight::{Fact, Sight};
use super::time::{Span, Time};
use super::trace::Trace;
use super::walk::{Step, WALK_MAX, WALK_MIN, Walk};

/// What a device never takes back falls back after so long while it is tried out.
const TRIED_MAX: Span = Span::seconds(30);

/// The latest of everything, device by device.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Situation {
    devices: BTreeMap<DeviceId, Sight>,
    /// The earliest `clears_at` of all facts, so that nobody need look through them.
    clearing: Option<Time>,
    /// The earliest end of a test under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    test_ends: Option<Time>,
    /// Of what a trace is kept, and how far back: what the rules ask for.
    #[serde(skip)]
    traced: Traced,
}

/// What the rules ask for. It is no part of what is known, so two situations are equal whatever it says.
#[derive(Debug, Clone, Default)]
struct Traced(Vec<(Property, Span)>);

impl PartialEq for Traced {
    fn eq(&self, _: &Self) -> bool {
        true
    }
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
        if let Some(walk) = sight.walk.as_mut().filter(|_| !retained) {
            walk.see(property, value, now);
            if property.kind() == Kind::Moment {
                // It is over as soon as it happened, and so is what it meant: a test. Nor is it news
                // when a broker hands it over again later.
                if !sight.facts.iter().any(|f| f.property == property) {
                    sight.facts.push(Fact::tried_out(property, now));
                }
                return false;
            }
        }
        // What takes nothing back would stay on for longer than its test, and alarm at the end of it.
        let most = if sight.walk.is_some() { TRIED_MAX } else { Span(i64::MAX) };
        let clears_after = clears_after.filter(|_| value.is_true());
        let clears_at = clears_after.map(|span| now + span.min(most));
        let Some(fact) = sight.facts.iter_mut().find(|f| f.property == property) else {
            let (since, seen, live, cleared) = (now, now, !retained, false);
            let fact = Fact { property, value, since, seen, live, observed_at, clears_at, cleared };
            sight.facts.push(fact);
            if live {
                // Of what was never heard of before, nobody knows whether it was so already.
                sight.trace(&self.traced.0, property, value, value.is_true(), now);
            }
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
        let is_loss = property == Property::Online && !same && !retained && !value.is_true();
        if !same || property.kind() == Kind::Moment {
            fact.since = now;
        }
        (fact.value, fact.seen, fact.live) = (value, now, !retained);
        fact.observed_at = observed_at.or(fact.observed_at);
        fact.cleared = false;
        let before = std::mem::replace(&mut fact.clears_at, clears_at);
        if !retained {
            let changed = !same || property.kind() == Kind::Moment;
            sight.trace(&self.traced.0, property, value, changed, now);
        }
        if is_loss && sight.walk.is_none() {
            sight.is_lost(now);
        }
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
        let all = self.devices.values().flat_map(|s| s.facts.iter().chain(s.before()));
        self.clearing = all.filter_map(|f| f.clears_at).min();
    }

    /// Takes note that a device spoke, and how. `quiet_after`: silent for longer than this, it counted
    /// as gone until now; `offset`: wall time minus hub time.
    pub fn heard(
        &mut self,
        device: &DeviceId,
        quiet_after: Option<Span>,
        said: &[Observation],
        offset: Span,
        now: Time,
    ) {
        let sight = match self.devices.get_mut(device) {
            Some(sight) => sight,
            None => self.devices.entry(device.clone()).or_default(),
        };
        let gone = sight.heard.zip(quiet_after).is_some_and(|(heard, quiet)| heard + quiet <= now);
        if gone {
            sight.back = Some(now);
            sight.is_lost(now);
        }
        sight.heard = Some(now);
        sight.spoke(said, offset, now);
    }

    /// Forgets a device that is no longer mounted: what it said last is no longer so.
    pub fn forget(&mut self, device: &DeviceId) {
        self.devices.remove(device);
        self.find_clearing();
        self.find_test_end();
    }

    /// Takes note that a device is now in the register, and expected to speak.
    pub fn expect(&mut self, device: &DeviceId, now: Time) {
        self.devices.entry(device.clone()).or_default().expected.get_or_insert(now);
    }

    /// Lets flags fall back that clear by themselves. Returns which of which device did.
    pub fn clear_due(&mut self, now: Time) -> Vec<(DeviceId, Property)> {
        let mut cleared = Vec::new();
        if self.clearing.is_none_or(|at| now < at) {
            return cleared;
        }
        for (id, sight) in &mut self.devices {
            let fell = sight.facts.iter_mut().filter_map(|fact| fact.clear_due(now));
            let mut fell: Vec<Property> = fell.collect();
            for property in &fell {
                sight.trace(&self.traced.0, *property, Value::Flag(false), true, now);
            }
            if let Some(walk) = &mut sight.walk {
                fell.iter().for_each(|property| walk.see(*property, Value::Flag(false), now));
                fell.extend(walk.before.iter_mut().filter_map(|fact| fact.clear_due(now)));
            }
            cleared.extend(fell.into_iter().map(|property| (id.clone(), property)));
        }
        self.find_clearing();
        cleared
    }

    /// Keeps traces of these from now on, so far back.
    pub fn keep_traces(&mut self, of: Vec<(Property, Span)>) {
        for sight in self.devices.values_mut() {
            sight.traces.retain(|trace| of.iter().any(|(property, _)| *property == trace.property));
        }
        self.traced = Traced(of);
    }

    /// The traces of one property, in the order of the devices' names; of a device under test none.
    pub fn traces(&self, property: Property) -> impl Iterator<Item = (&DeviceId, &Trace)> {
        let all = self.devices.iter().filter(|(_, sight)| sight.walk.is_none());
        all.filter_map(move |(id, s)| Some((id, s.traces.iter().find(|t| t.property == property)?)))
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

    /// One property, from every device that ever reported it, in the order of their names. This is
    /// what judges go by: of a device under test, what it said before.
    pub fn facts(&self, property: Property) -> impl Iterator<Item = (&DeviceId, &Fact)> {
        self.devices.iter().filter_map(move |(id, sight)| Some((id, sight.counting(property)?)))
    }

    /// Whether there are living sensors that would see somebody who stayed, and none of them does.
    pub fn looks_empty(&self, is_alive: impl Fn(&DeviceId) -> bool) -> bool {
        let living = |property| {
            let facts = self.facts(property).filter(|(device, _)| is_alive(device));
            facts.map(|(_, fact)| fact)
        };
        let (mut moved, mut there) =
            (living(Property::Motion), living(Property::Presence).peekable());
        // A motion sensor holds its word for a while after whoever it saw has gone; a radar sees them still.
        (moved.next().is_some() || there.peek().is_some())
            && !there.any(|fact| fact.value.is_true())
    }

    /// Every device that was ever heard of, in the order of their names.
    pub fn devices(&self) -> impl Iterator<Item = (&DeviceId, &Sight)> {
        self.devices.iter()
    }

    /// Puts a device under test. What it says is known from now on, and counts for no judge.
    pub fn begin_walk(
        &mut self,
        device: &DeviceId,
        by: PersonId,
        steps: Vec<Step>,
        lasts: Span,
        now: Time,
    ) {
        let sight = self.devices.entry(device.clone()).or_default();
        let (since, until) = (now, now + lasts.clamp(WALK_MIN, WALK_MAX));
        let before = sight.facts.clone();
        sight.walk = Some(Walk { by, since, until, steps, before });
        self.find_test_end();
    }

    /// Ends the test of a device: all that it said counts. Returns the test, if there was one.
    pub fn end_walk(&mut self, device: &DeviceId) -> Option<Walk> {
        let walk = self.devices.get_mut(device)?.walk.take();
        self.find_clearing();
        self.find_test_end();
        walk
    }

    /// Whether somebody is trying it out.
    pub fn is_under_test(&self, device: &DeviceId) -> bool {
        self.devices.get(device).is_some_and(|sight| sight.walk.is_some())
    }

    /// The earliest instant at which a test ends by itself.
    pub const fn next_test_end(&self) -> Option<Time> {
        self.test_ends
    }

    /// The devices whose test is passed, or whose time is up.
    pub fn tests_done(&self, now: Time) -> Vec<DeviceId> {
        if self.test_ends.is_none() {
            return Vec::new();
        }
        let is_done = |sight: &Sight| {
            let walk = sight.walk.as_ref();
            walk.is_some_and(|walk| walk.until <= now || (walk.is_seen() && sight.is_calm()))
        };
        self.devices.iter().filter(|(_, s)| is_done(s)).map(|(id, _)| id.clone()).collect()
    }

    fn find_test_end(&mut self) {
        let walks = self.devices.values().filter_map(|s| s.walk.as_ref());
        self.test_ends = walks.map(|walk| walk.until).min();
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
