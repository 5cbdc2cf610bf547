//! What the engine remembers of each rule, and how a verdict begins an incident or ends a warning.

use serde::{Deserialize, Serialize};

use crate::domain::{
    DeviceId, Happening, Incident, Name, Outcome, Property, Reason, Span, Stage, Time,
};
use crate::rule::{Judgement, Rule, Verdict, View};

use super::{Effect, Engine};

/// Signs of an incident that get a line of their own; beyond, they are only counted.
const SIGNS_MAX: u32 = 20;

/// One rule, for one device where the rule watches each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
}

/// A condition that is dealt with. It counts again when seen to end, when it begins anew, or when
/// it has gone on for too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Spent {
    pub(super) since: Time,
    pub(super) again_at: Time,
}

impl Engine {
    /// Lays out a watch for each rule, or each rule and device, and the indexes over them. Watches
    /// that were there keep what they remember.
    pub(super) fn lay_out(&mut self) {
        let old = std::mem::take(&mut self.state.watches);
        let home = self.state.home.clone();
        self.zone = home
            .as_ref()
            .and_then(|h| jiff::tz::TimeZone::get(&h.zone).ok())
            .unwrap_or(jiff::tz::TimeZone::UTC);
        self.rule_of.clear();
        self.of_device.clear();
        self.by_property = vec![Vec::new(); Property::ALL.len()];
        for (at, rule) in self.book.rules.iter().enumerate() {
            let devices: Vec<Option<DeviceId>> = if rule.kind.is_per_device() {
                home.iter().flat_map(|h| &h.devices).map(|d| Some(d.id.clone())).collect()
            } else {
                vec![None]
            };
            for device in devices {
                let ix = self.state.watches.len();
                for property in rule.kind.concerns() {
                    if let Some(list) = self.by_property.get_mut(place(*property)) {
                        list.push(ix);
                    }
                }
                if let Some(device) = device.as_ref().filter(|_| rule.kind.listens()) {
                    self.of_device.entry(device.clone()).or_default().push(ix);
                }
                let kept = old.iter().find(|w| w.rule == rule.name && w.device == device);
                let watch = kept.cloned().unwrap_or_else(|| self.new_watch(&rule.name, device));
                self.state.watches.push(watch);
                self.rule_of.push(at);
            }
        }
    }

    /// A rule that was taken out of the book, or a device out of the register, and came back finds
    /// the incident it left open: what it began must not begin twice. So does a rule that watched the
    /// home as a whole before, and now each device.
    fn new_watch(&self, rule: &Name, device: Option<DeviceId>) -> Watch {
        let of_it = |i: &&Incident| {
            let about = match (&i.device, &i.reason) {
                (None, Reason::Seen { device: seen, .. }) if device.is_some() => Some(seen),
                (about, _) => about.as_ref(),
            };
            i.rule == *rule && about == device.as_ref()
        };
        let open =
            self.state.incidents.values().filter(of_it).filter(|i| i.stage < Stage::Resolved);
        let incident = open.map(|i| i.n).max();
        let (standing, wake, spent, anew) = (None, None, None, None);
        Watch { rule: rule.clone(), device, standing, wake, incident, spent, anew }
    }

    pub(super) fn judge_all(&mut self, fx: &mut Vec<Effect>) {
        for ix in 0..self.state.watches.len() {
            self.judge(ix, fx);
        }
    }

    pub(super) fn judge_due(&mut self, fx: &mut Vec<Effect>) {
        for ix in 0..self.state.watches.len() {
            let wake = self.state.watches.get(ix).and_then(|w| w.wake);
            if wake.is_some_and(|wake| wake <= self.at) {
                self.judge(ix, fx);
            }
        }
    }

    pub(super) fn judge_property(&mut self, property: Property, fx: &mut Vec<Effect>) {
        let count = self.by_property.get(place(property)).map_or(0, Vec::len);
        for nth in 0..count {
            if let Some(ix) = self.by_property.get(place(property)).and_then(|l| l.get(nth)) {
                self.judge(*ix, fx);
            }
        }
    }

    /// A device that speaks again may end its own trouble; one that is in none need not be judged.
    pub(super) fn judge_device(&mut self, device: &DeviceId, fx: &mut Vec<Effect>) {
        let count = self.of_device.get(device).map_or(0, Vec::len);
        for nth in 0..count {
            let Some(ix) = self.of_device.get(device).and_then(|l| l.get(nth)).copied() else {
                return;
            };
            let Some(watch) = self.state.watches.get(ix) else { return };
            if watch.standing.is_some() || watch.wake.is_none() {
                self.judge(ix, fx);
            }
        }
    }

    /// Judges one rule and acts on the verdict.
    fn judge(&mut self, ix: usize, fx: &mut Vec<Effect>) {
        let Some((rule, judgement)) = self.ask(ix) else { return };
        let (hold, starts_over, now) = (rule.hold, rule.kind.starts_over(), self.at);
        let asked = self.asked(ix);
        let Some(watch) = self.state.watches.get_mut(ix) else { return };
        let mut again = judgement.again;
        let before = watch.standing;
        let (mut begins, mut over, mut newer, mut stands) = (None, false, false, false);
        match judgement.verdict {
            Verdict::Unknown if watch.incident.is_none() && watch.spent.is_none() => {
                watch.standing = None;
            }
            // Unknown changes nothing: it neither begins an incident nor ends one (P5).
            Verdict::Unknown => {}
            Verdict::Resting if asked => {}
            Verdict::Resting => {
                (watch.standing, watch.spent, watch.anew) = (None, None, None);
                over = true;
            }
            Verdict::Normal => {
                (watch.standing, watch.spent, watch.anew) = (None, None, None);
                over = true;
            }
            Verdict::Holds { since, live } => {
                if let Some(spent) = watch.spent {
                    if spent.since < since {
                        watch.spent = None;
                    } else if live && spent.again_at <= now {
                        (watch.spent, watch.anew) = (None, Some(spent.again_at));
                    } else {
                        again = [again, live.then_some(spent.again_at)].into_iter().flatten().min();
                    }
                }
                let since = watch.anew.map_or(since, |anew| anew.max(since));
                watch.standing = Some(since);
                if watch.spent.is_some() {
                    stands = false;
                } else if since + hold <= now {
                    (stands, newer) = (true, before.is_some_and(|before| before < since));
                    begins = watch.incident.is_none().then_some(since);
                } else {
                    over = starts_over;
                    again = [again, Some(since + hold)].into_iter().flatten().min();
                }
            }
        }
        watch.wake = again.filter(|at| now < *at);
        let incident = watch.incident;
        match (begins, incident) {
            (Some(since), _) => self.begin(ix, since, fx),
            (None, Some(n)) if over => self.condition_over(ix, n, fx),
            (None, Some(n)) if stands => self.condition_stands(ix, n, newer, fx),
            (None, _) => {}
        }
    }

    /// Whether somebody was told or asked of what this rule found.
    fn asked(&self, ix: usize) -> bool {
        let incident = self.state.watches.get(ix).and_then(|w| w.incident);
        let stage = incident.and_then(|n| self.state.incidents.get(&n)).map(|i| i.stage);
        stage.is_some_and(|stage| Stage::Warned <= stage)
    }

    fn ask(&self, ix: usize) -> Option<(&Rule, Judgement)> {
        let rule = self.book.rules.get(*self.rule_of.get(ix)?)?;
        let watch = self.state.watches.get(ix)?;
        let view = self.view(watch.standing)?;
        let device = watch.device.as_ref().and_then(|d| view.home.device(d));
        Some((rule, rule.kind.judge(&view, device)))
    }

    fn view(&self, standing: Option<Time>) -> Option<View<'_>> {
        Some(View {
            home: self.state.home.as_deref()?,
            situation: &self.state.situation,
            zone: &self.zone,
            now: self.at,
            offset: self.state.offset,
            standing,
            listening: self.state.listening,
        })
    }

    fn reason(&self, ix: usize, since: Time) -> Option<(&Rule, Reason)> {
        let rule = self.book.rules.get(*self.rule_of.get(ix)?)?;
        let watch = self.state.watches.get(ix)?;
        let view = self.view(watch.standing)?;
        let device = watch.device.as_ref().and_then(|d| view.home.device(d));
        Some((rule, rule.kind.reason(&view, device, since)))
    }

    /// A condition has held for long enough: an incident begins.
    fn begin(&mut self, ix: usize, since: Time, fx: &mut Vec<Effect>) {
        let Some((rule, reason)) = self.reason(ix, since) else { return };
        let n = self.state.last_incident + 1;
        // What could not be judged in time, for want of a sensor or of the rule, is not told to
        // everybody in one breath: the resident has the time to answer, and every rung its own. What
        // the hub slept through is judged at its own instant, and comes at once.
        let warn_at = rule.warn.map(|warn| ((since + warn.after).max(self.at), warn.ask));
        let alarm_at = (since + rule.alarm_after).max(match (rule.warn, warn_at) {
            (Some(warn), Some((at, _))) => at + Span(rule.alarm_after.0 - warn.after.0),
            (_, None) | (None, _) => self.at,
        });
        let due = self.at;
        let device = self.state.watches.get(ix).and_then(|w| w.device.clone());
        let incident = Incident {
            n,
            rule: rule.name.clone(),
            device,
            title: rule.title.clone(),
            level: rule.level,
            plan: rule.plan.clone(),
            needs: rule.needs,
            stage: Stage::Detected,
            reason: reason.clone(),
            since,
            detected_at: self.state.now + self.state.offset,
            warn_at,
            alarm_at,
            alarmed: None,
            over_at: None,
            due: Some(warn_at.map_or(alarm_at, |(at, _)| at)),
            rung: 0,
            ladder_from: alarm_at,
            accepted: None,
            answered: None,
            on_scene: None,
            resolved: None,
            signs: 1,
            told: Vec::new(),
            deliveries: 0,
        };
        self.state.last_incident = n;
        self.state.incidents.insert(n, incident);
        if let Some(watch) = self.state.watches.get_mut(ix) {
            watch.incident = Some(n);
        }
        self.tell_story(n, Some(due), Happening::Detected { reason }, Vec::new(), fx);
    }

    /// Before the alarm, that ends it. After, it is noted and not trusted: the latch (P4).
    fn condition_over(&mut self, ix: usize, n: u32, fx: &mut Vec<Effect>) {
        let wall = self.state.now + self.state.offset;
        let rule = self.rule_of.get(ix).and_then(|at| self.book.rules.get(*at));
        let latches = rule.is_some_and(|rule| rule.kind.latches());
        let Some(incident) = self.state.incidents.get_mut(&n) else { return };
        match incident.stage {
            Stage::Detected | Stage::Warned if !latches => self.close(n, Outcome::Cleared, fx),
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
        let Some(incident) = self.state.incidents.get_mut(&n) else { return };
        let was_over = incident.over_at.take().is_some();
        if !newer && !was_over {
            return;
        }
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
        for (watch, rule) in self.state.watches.iter_mut().zip(&self.rule_of) {
            if watch.incident != Some(n) {
                continue;
            }
            watch.incident = None;
            let Some(rule) = self.book.rules.get(*rule) else { continue };
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
    }
}

/// A property's place in the vocabulary.
fn place(property: Property) -> usize {
    Property::ALL.binary_search(&property).unwrap_or(usize::MAX)
}
