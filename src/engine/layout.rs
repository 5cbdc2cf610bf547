//! Lays out a watch for each rule, or each rule and device, and the indexes that lead from what is
//! heard to the watches that it concerns, and to no others.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::{DeviceId, Name, Property, Reason, Span, Stage};
use crate::rule::Rule;

use super::Engine;
use super::watch::{Watch, place};

/// The watches over one device.
#[derive(Debug, Clone, Default)]
pub(super) struct Ears {
    /// Those that any message of it concerns.
    pub(super) any: Vec<usize>,
    /// Those that one property of it concerns.
    pub(super) of: Vec<(Property, usize)>,
}

impl Engine {
    /// Lays out everything anew. Watches that were there keep what they remember; one whose rule
    /// looks for something else now keeps only the incident that it began.
    pub(super) fn lay_out(&mut self) {
        let home = self.state.home.clone();
        self.zone = home
            .as_ref()
            .and_then(|h| jiff::tz::TimeZone::get(&h.zone).ok())
            .unwrap_or(jiff::tz::TimeZone::UTC);
        let rules = home.as_ref().map_or_else(Vec::new, |home| self.book.rules_of(home));
        let before = std::mem::replace(&mut self.rules, rules);
        let old = std::mem::take(&mut self.state.watches);
        let mut old: BTreeMap<(Name, Option<DeviceId>), Watch> =
            old.into_iter().map(|w| ((w.rule.clone(), w.device.clone()), w)).collect();
        self.rule_of.clear();
        self.of_device.clear();
        self.by_presence.clear();
        self.by_property = vec![Vec::new(); Property::ALL.len()];
        let devices = || home.iter().flat_map(|h| &h.devices).map(|d| Some(d.id.clone()));
        for at in 0..self.rules.len() {
            let Some(rule) = self.rules.get(at).map(Arc::clone) else { return };
            let is_other = |was: &&Arc<Rule>| was.name == rule.name && !looks_alike(was, &rule);
            let starts_over = before.iter().any(|was| is_other(&was));
            let watched = if rule.kind.is_per_device() { devices().collect() } else { vec![None] };
            for device in watched {
                let kept = old.remove(&(rule.name.clone(), device.clone()));
                let mut watch = kept.unwrap_or_else(|| self.new_watch(&rule.name, device));
                if starts_over {
                    (watch.standing, watch.wake, watch.calm) = (None, None, None);
                }
                self.index(at, &rule, watch.device.as_ref());
                self.state.watches.push(watch);
            }
        }
        self.index_wakes();
        self.own = super::habits::Own::default();
        self.find_own_limits();
        let traced = self.traced();
        self.state.situation.keep_traces(traced);
    }

    /// Leads to the watch that is about to be laid out.
    fn index(&mut self, rule_at: usize, rule: &Rule, device: Option<&DeviceId>) {
        let ix = self.state.watches.len();
        self.rule_of.push(rule_at);
        let Some(device) = device else {
            for property in rule.kind.concerns() {
                if let Some(list) = self.by_property.get_mut(place(*property)) {
                    list.push(ix);
                }
            }
            if rule.kind.follows_presence() {
                self.by_presence.push(ix);
            }
            return;
        };
        let ears = self.of_device.entry(device.clone()).or_default();
        ears.of.extend(rule.kind.concerns().iter().map(|property| (*property, ix)));
        if rule.kind.listens() {
            ears.any.push(ix);
        }
    }

    pub(super) fn index_wakes(&mut self) {
        let watches = self.state.watches.iter().enumerate();
        self.wakes = watches.filter_map(|(ix, watch)| Some((watch.wake?, ix))).collect();
    }

    /// Of which properties the rules want a trace, and how far back at most.
    fn traced(&self) -> Vec<(Property, Span)> {
        let mut most: BTreeMap<Property, Span> = BTreeMap::new();
        for (property, span) in self.rules.iter().flat_map(|rule| rule.kind.traces()) {
            let known = most.entry(property).or_insert(span);
            *known = (*known).max(span);
        }
        most.into_iter().collect()
    }

    /// A rule that was taken out of the book, or a device out of the register, and came back finds
    /// the incident it left open: what it began must not begin twice. So does a rule that watched the
    /// home as a whole before, and now each device.
    fn new_watch(&self, rule: &Name, device: Option<DeviceId>) -> Watch {
        let of_it = |i: &&crate::domain::Incident| {
            let about = match (&i.device, &i.reason) {
                (None, Reason::Seen { device: seen, .. }) if device.is_some() => Some(seen),
                (about, _) => about.as_ref(),
            };
            i.rule == *rule && about == device.as_ref()
        };
        let open =
            self.state.incidents.values().filter(of_it).filter(|i| i.stage < Stage::Resolved);
        let incident = open.map(|i| i.n).max();
        Watch { incident, ..Watch::new(rule.clone(), device) }
    }
}

/// Whether both look for the same thing, so that a condition that stands goes on standing.
fn looks_alike(a: &Rule, b: &Rule) -> bool {
    a.kind == b.kind && a.hold == b.hold && a.recover == b.recover
}
