//! What the engine remembers of each rule, and how a verdict begins an incident or ends a warning.

use serde::{Deserialize, Serialize};

use crate::domain::{DeviceId, Happening, Incident, Name, Outcome, Property, Span, Stage, Time};
use crate::rule::{Judgement, Rule, View};

use super::meaning::{Meaning, Terms};
use super::{Effect, Engine};

/// Signs of an incident that get a line of their own; beyond, they are only counted.
const SIGNS_MAX: u32 = 20;

/// One rule, for one device where the rule watches each.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Watch {
    pub(super) rule: Name,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) device: Option<DeviceId>,
    /// Since when the condition has been standing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) standing: Option<Time>,
    /// When to judge again although nothing was heard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) wake: Option<Time>,
    /// The incident it began and has not let go of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) incident: Option<u32>,
    /// A condition that people have dealt with, and that is still there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) spent: Option<Spent>,
    /// A spent condition that was never seen to end counts anew from here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) anew: Option<Time>,
    /// Since when the condition is over, while it still may only be taking a breath.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) calm: Option<Time>,
    /// The incident is another rule's, of the same matter.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) joined: bool,
    /// When people last dealt with what the rule is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) dealt: Option<Time>,
    /// The latest incident that went away by itself, and when: it may come back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) gone: Option<(Time, Box<Incident>)>,
}

impl Watch {
    /// A watch that remembers nothing.
    pub(super) const fn new(rule: Name, device: Option<DeviceId>) -> Self {
        Self {
            rule,
            device,
            standing: None,
            wake: None,
            incident: None,
            spent: None,
            anew: None,
            calm: None,
            joined: false,
            dealt: None,
            gone: None,
        }
    }
}

/// A condition that is dealt with. It counts again when seen to end, when it begins anew, or when
/// it has gone on for too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Spent {
    pub(super) since: Time,
    pub(super) again_at: Time,
}

impl Engine {
    pub(super) fn judge_all(&mut self, fx: &mut Vec<Effect>) {
        for ix in 0..self.state.watches.len() {
            self.judge(ix, fx);
        }
    }

    pub(super) fn judge_due(&mut self, fx: &mut Vec<Effect>) {
        let due = self.wakes.iter().take_while(|(at, _)| *at <= self.at);
        for ix in due.map(|(_, ix)| *ix).collect::<Vec<_>>() {
            self.judge(ix, fx);
        }
    }

    /// Judges what this property of this device concerns: rules over the home, and over this device.
    pub(super) fn judge_property(
        &mut self,
        device: &DeviceId,
        property: Property,
        fx: &mut Vec<Effect>,
    ) {
        let mut nth = 0;
        while let Some(ix) = self.by_property.get(place(property)).and_then(|l| l.get(nth)) {
            self.judge(*ix, fx);
            nth += 1;
        }
        let of = |engine: &Self, nth: usize| engine.of_device.get(device)?.of.get(nth).copied();
        let mut nth = 0;
        while let Some((of, ix)) = of(self, nth) {
            if of == property {
                self.judge(ix, fx);
            }
            nth += 1;
        }
    }

    pub(super) fn judge_presence(&mut self, fx: &mut Vec<Effect>) {
        let mut nth = 0;
        while let Some(ix) = self.by_presence.get(nth) {
            self.judge(*ix, fx);
            nth += 1;
        }
    }

    /// A device that speaks again may end its own trouble; one that is in none need not be judged.
    pub(super) fn judge_device(&mut self, device: &DeviceId, fx: &mut Vec<Effect>) {
        let any = |engine: &Self, nth: usize| engine.of_device.get(device)?.any.get(nth).copied();
        let mut nth = 0;
        while let Some(ix) = any(self, nth) {
            nth += 1;
            let Some(watch) = self.state.watches.get(ix) else { return };
            if watch.standing.is_some() || watch.wake.is_none() {
                self.judge(ix, fx);
            }
        }
    }

    /// Judges one rule and acts on the verdict.
    pub(super) fn judge(&mut self, ix: usize, fx: &mut Vec<Effect>) {
        let Some((rule, judgement)) = self.ask(ix) else { return };
        let recover = rule.recover;
        let terms = Terms::new(rule, self.asked(ix), self.silent_until(&rule.name));
        let now = self.at;
        let Some(watch) = self.state.watches.get_mut(ix) else { return };
        let before = watch.calm;
        let Meaning { begins, over, stands, newer, again } = watch.take(judgement, &terms, now);
        let (incident, joined, calm) = (watch.incident, watch.joined, watch.calm);
        if joined && over {
            // What it added to another's incident stays said; a new sign is a new one.
            (watch.incident, watch.joined) = (None, false);
        }
        self.set_watch_wake(ix, again.filter(|at| now < *at));
        if let Some(n) = incident.filter(|_| calm != before) {
            self.breathe(n, calm.map(|calm| calm + recover));
        }
        match (begins, incident) {
            (Some(since), _) => self.begin(ix, since, fx),
            (None, Some(_)) if over && joined => {}
            (None, Some(n)) if over => self.condition_over(ix, n, fx),
            (None, Some(n)) if stands => self.condition_stands(ix, n, newer, fx),
            (None, _) => {}
        }
    }

    /// While the condition may be over, nobody is told of it; if it was a breath, what was due is.
    fn breathe(&mut self, n: u32, until: Option<Time>) {
        let Some(incident) = self.state.incidents.get_mut(&n) else { return };
        if Stage::Warned < incident.stage || incident.latched {
            return;
        }
        match until {
            Some(until) => incident.due = incident.due.max(Some(until + Span(1))),
            None => self.hasten(n),
        }
    }

    fn set_watch_wake(&mut self, ix: usize, wake: Option<Time>) {
        let Some(watch) = self.state.watches.get_mut(ix) else { return };
        if watch.wake == wake {
            return;
        }
        if let Some(old) = std::mem::replace(&mut watch.wake, wake) {
            self.wakes.remove(&(old, ix));
        }
        self.wakes.extend(wake.map(|at| (at, ix)));
    }

    /// Whether somebody was told or asked of what this rule found.
    fn asked(&self, ix: usize) -> bool {
        let incident = self.state.watches.get(ix).and_then(|w| w.incident);
        let stage = incident.and_then(|n| self.state.incidents.get(&n)).map(|i| i.stage);
        stage.is_some_and(|stage| Stage::Warned <= stage)
    }

    fn ask(&self, ix: usize) -> Option<(&Rule, Judgement)> {
        let rule = self.rule_at(ix)?;
        let watch = self.state.watches.get(ix)?;
        let view = self.view(watch.standing, watch.dealt)?;
        let device = watch.device.as_ref().and_then(|d| view.home.device(d));
        Some((rule, rule.kind.judge(&view, device)))
    }

    pub(super) fn view(&self, standing: Option<Time>, dealt: Option<Time>) -> Option<View<'_>> {
        Some(View {
            home: self.state.home.as_deref()?,
            situation: &self.state.situation,
            zone: &self.zone,
            now: self.at,
            offset: self.state.offset,
            standing,
            listening: self.state.listening,
            presence: &self.state.presence,
            customs: self.book.customs.as_ref(),
            habits: self.book.learning.as_deref().map(|learning| (&self.state.baseline, learning)),
            own: &self.own.limits,
            visit: self.state.visit,
            rounds: Some(&self.state.rounds),
            dealt,
        })
    }

    /// Before the alarm, that ends it. After, it is noted and not trusted: the latch (P4).
    fn condition_over(&mut self, ix: usize, n: u32, fx: &mut Vec<Effect>) {
        let wall = self.state.now + self.state.offset;
        let rule = self.rule_at(ix);
        let latches = rule.is_some_and(|rule| rule.kind.latches());
        // Another sign of the same matter still stands, or did not go by itself: it is not over.
        let others = self.state.watches.iter().any(|w| w.joined && w.incident == Some(n));
        let Some(incident) = self.state.incidents.get_mut(&n) else { return };
        match incident.stage {
            Stage::Detected | Stage::Warned if !latches && !others && !incident.latched => {
                let gone = Box::new(incident.clone());
                if let Some(watch) = self.state.watches.get_mut(ix) {
                    watch.gone = Some((self.at, gone));
                }
                self.close(n, Outcome::Cleared, fx);
            }
            Stage::Detected
            | Stage::Warned
            | Stage::Alarmed
            | Stage::Accepted
            | Stage::EnRoute
            | Stage::OnScene
                if incident.over_at.is_none() =>
            {
                incident.over_at = Some(wall);
                if incident.signs <= SIGNS_MAX {
                    self.tell_story(n, None, Happening::ConditionOver, Vec::new(), fx);
                }
            }
            Stage::Detected
            | Stage::Warned
            | Stage::Alarmed
            | Stage::Accepted
            | Stage::EnRoute
            | Stage::OnScene
            | Stage::Resolved
            | Stage::Closed => {}
        }
    }

    fn condition_stands(&mut self, ix: usize, n: u32, newer: bool, fx: &mut Vec<Effect>) {
        let joined = self.state.watches.get(ix).is_some_and(|w| w.joined);
        let rule = self.rule_at(ix);
        let raise_after = rule.and_then(|rule| rule.raise_after);
        let now = self.state.now;
        let Some(incident) = self.state.incidents.get_mut(&n) else { return };
        let was_over = !joined && incident.over_at.take().is_some();
        if !newer && !was_over {
            return;
        }
        let raises = now.is_after(incident.told_at(), raise_after);
        if raises && let Some((_, reason)) = self.reason(ix, self.at) {
            return self.raise(n, reason, false, fx);
        }
        let Some(incident) = self.state.incidents.get_mut(&n) else { return };
        incident.signs = incident.signs.saturating_add(1);
        if SIGNS_MAX < incident.signs {
            return;
        }
        if !newer {
            return self.tell_story(n, None, Happening::ConditionBack, Vec::new(), fx);
        }
        if let Some((_, reason)) = self.reason(ix, self.at) {
            self.tell_story(n, None, Happening::Evidence { reason }, Vec::new(), fx);
        }
    }

    /// Lets go of an incident: what it was about is dealt with, and anything new is new.
    pub(super) fn release(&mut self, n: u32, cancelled: bool) {
        let now = self.at;
        let closed = self.state.incidents.get(&n);
        let matter = closed.and_then(|i| i.matter.clone()).filter(|_| !cancelled);
        // What went away by itself was dealt with by nobody.
        let by_people = closed.is_some_and(|i| i.alarmed.is_some() || i.resolved.is_some());
        for (watch, rule) in self.state.watches.iter_mut().zip(&self.rule_of) {
            let Some(rule) = self.rules.get(*rule) else { continue };
            if by_people && matter.is_some() && rule.matter == matter {
                watch.dealt = Some(now);
            }
            if watch.incident != Some(n) {
                continue;
            }
            (watch.incident, watch.joined, watch.calm) = (None, false, None);
            let Some(since) = watch.standing else { continue };
            let again_after = match rule.warn {
                Some(warn) if cancelled => warn.again_after,
                Some(_) | None => rule.again_after,
            };
            let again_at = now + again_after;
            watch.spent = Some(Spent { since, again_at });
            watch.anew = None;
            watch.wake = [watch.wake, Some(again_at)].into_iter().flatten().min();
        }
        self.index_wakes();
    }
}

/// A property's place in the vocabulary.
pub(super) fn place(property: Property) -> usize {
    Property::ALL.binary_search(&property).unwrap_or(usize::MAX)
}
