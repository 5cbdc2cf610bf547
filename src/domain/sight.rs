//! What is known through one device: its facts, its traces, how it is reached.

use serde::{Deserialize, Serialize};

use super::observation::{Kind, Property, Value};
use super::time::{Span, Time};
use super::trace::Trace;
use super::walk::Walk;

/// A claim older than the one we hold is an older message only if it comes this soon after it, and
/// is not older by more than [`BACKLOG`]. Otherwise the sensor's clock stepped back, and ignoring
/// what it says would blind us for as long as it stepped.
const REORDERED: Span = Span::minutes(10);
/// No sensor keeps what it could not send for longer than this.
const BACKLOG: Span = Span::hours(24);

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
    pub(super) facts: Vec<Fact>,
    /// The test it is under.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub walk: Option<Walk>,
    /// How far its own clock is behind the wall clock, by its latest live claim.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drift: Option<Span>,
    /// When it went away, the latest last: by its own account or its broker's, or because it had been
    /// silent for too long when it spoke again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lost: Vec<Time>,
    /// Since when it speaks without telling any of what it used to measure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mute_since: Option<Time>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) traces: Vec<Trace>,
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

impl Sight {
    /// One property of this device.
    pub fn fact(&self, property: Property) -> Option<&Fact> {
        self.facts.iter().find(|f| f.property == property)
    }

    /// What is said while it is tried out leaves no trace.
    pub(super) fn trace(
        &mut self,
        of: &[(Property, Span)],
        property: Property,
        value: Value,
        changed: bool,
        now: Time,
    ) {
        let Some((_, span)) = of.iter().find(|(p, _)| *p == property) else { return };
        if self.walk.is_some() {
            return;
        }
        let trace = match self.traces.iter_mut().find(|t| t.property == property) {
            Some(trace) => trace,
            None => {
                self.traces.push(Trace::new(property));
                let Some(new) = self.traces.last_mut() else { return };
                new
            }
        };
        trace.note(value, changed, *span, now);
    }

    /// One property as it counts for judges.
    pub(super) fn counting(&self, property: Property) -> Option<&Fact> {
        let facts = self.walk.as_ref().map_or(&self.facts, |walk| &walk.before);
        facts.iter().find(|f| f.property == property)
    }

    /// What it had said before the test that it is under.
    pub(super) fn before(&self) -> &[Fact] {
        self.walk.as_ref().map_or(&[], |walk| &walk.before)
    }

    /// The flags for which a life alarm would be raised, that were set off during the test that it is
    /// under and are still on. A test is not passed before they are taken back, for then they count.
    pub fn still_on(&self) -> impl Iterator<Item = Property> {
        let was_on = |fact: &Fact| {
            self.before().iter().any(|b| b.property == fact.property && b.value.is_true())
        };
        let on = |fact: &&Fact| fact.property.is_life() && fact.property.kind() == Kind::Flag;
        let on = self.facts.iter().filter(on).filter(|fact| fact.value.is_true());
        on.filter(move |fact| !was_on(fact)).map(|fact| fact.property)
    }

    pub(super) fn is_calm(&self) -> bool {
        self.still_on().next().is_none()
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
    /// Whether somebody moves, also if that is only said again.
    pub fn is_a_stir(&self) -> bool {
        let moving = matches!(self.property, Property::Motion | Property::Vibration);
        let flows = self.property == Property::WaterFlow && Value::Number(0.0) < self.value;
        self.live && (flows || moving && self.value.is_true())
    }

    /// Of something that happened only because somebody tried it out.
    pub(super) const fn tried_out(property: Property, now: Time) -> Self {
        let value = Value::Flag(false);
        let (since, seen, live, cleared) = (now, now, true, true);
        Self { property, value, since, seen, live, observed_at: None, clears_at: None, cleared }
    }

    /// Falls back by itself, if its time has come.
    pub(super) fn clear_due(&mut self, now: Time) -> Option<Property> {
        self.clears_at.filter(|at| *at <= now)?;
        (self.value, self.since, self.clears_at) = (Value::Flag(false), now, None);
        self.cleared = true;
        Some(self.property)
    }

    /// Whether a claim is of an earlier message than the one we hold, handed over out of order.
    pub(super) fn is_newer_than(&self, claim: Option<Time>, now: Time) -> bool {
        let Some((claim, held)) = claim.zip(self.observed_at) else { return false };
        claim < held && held - claim < BACKLOG && now - self.seen < REORDERED
    }
}
