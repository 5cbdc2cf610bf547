//! A cue: what a rule that follows what happens waits for, `open true in hall`.

use std::str::FromStr;

use crate::domain::observation::Kind;
use crate::domain::{DeviceId, Place, Point, Property, Sign, Time, Value};

use super::View;

/// A value that is reported, anywhere or in one kind of room.
#[derive(Debug, Clone, PartialEq)]
pub struct Cue {
    /// Of what, and which value.
    pub sign: Sign,
    /// Only there; a device that is worn is everywhere.
    pub place: Option<Place>,
}

impl Cue {
    fn is_there(&self, view: &View<'_>, device: &DeviceId) -> bool {
        let mounted = view.home.device(device);
        self.place.is_none() || mounted.is_some_and(|d| d.place == self.place)
    }

    fn points<'a>(&'a self, view: &'a View<'a>) -> impl Iterator<Item = &'a Point> {
        let traces = view.situation.traces(self.sign.property);
        let there = traces.filter(|(device, _)| self.is_there(view, device));
        let all = there.flat_map(|(_, trace)| trace.points());
        all.filter(|point| self.sign.value.is_none_or(|value| value == point.value))
    }

    /// When it began, each time, as far as it is remembered, in order. What people have dealt with
    /// is not among it.
    pub fn beginnings(&self, view: &View<'_>) -> Vec<Time> {
        let dealt = view.dealt.unwrap_or(Time(i64::MIN));
        let changes = self.points(view).filter(|point| point.is_change && dealt < point.at);
        let mut all: Vec<Time> = changes.map(|point| point.at).collect();
        all.sort_unstable();
        all
    }

    /// When it was last said, also if only again.
    pub fn last(&self, view: &View<'_>) -> Option<Time> {
        self.points(view).map(|point| point.at).max()
    }

    /// Whether a living sensor that sees people who keep still says so now.
    pub fn goes_on(&self, view: &View<'_>) -> bool {
        let there = |device| self.is_there(view, device) && view.is_alive(device);
        let mut facts = view.situation.facts(self.sign.property);
        self.sign.property == Property::Presence
            && facts.any(|(d, fact)| there(d) && self.sign.value.is_none_or(|v| v == fact.value))
    }

    /// Whether any living device could say it.
    pub fn can_be_seen(&self, view: &View<'_>) -> bool {
        let mut facts = view.situation.facts(self.sign.property);
        facts.any(|(device, _)| self.is_there(view, device) && view.is_alive(device))
    }
}

/// Reads `PROPERTY [true|false] [in ROOM]`.
impl FromStr for Cue {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (sign, place) = match text.split_once(" in ") {
            Some((sign, place)) => (sign, Some(place.trim().parse()?)),
            None => (text, None),
        };
        let sign: Sign = sign.trim().parse()?;
        let is_a_number = |p: Property| matches!(p.kind(), Kind::Number { .. });
        if is_a_number(sign.property) || matches!(sign.value, Some(Value::Number(_))) {
            return Err(format!("`{}` is a number; a cue is a flag or a press", sign.property));
        }
        Ok(Self { sign, place })
    }
}
