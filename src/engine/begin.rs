//! How an incident begins, and what it rests on.

use crate::domain::{Desk, Grounds, Happening, Incident, Reason, Sample, Stage, Time};
use crate::rule::{Kind, Rule};

use super::{Effect, Engine};

/// What was known of more is not put on record: the latest tell.
const SAMPLES_MAX: usize = 16;

impl Engine {
    pub(super) fn reason(&self, ix: usize, since: Time) -> Option<(&Rule, Reason)> {
        let rule = self.rule_at(ix)?;
        let watch = self.state.watches.get(ix)?;
        let view = self.view(watch.standing, watch.dealt)?;
        let device = watch.device.as_ref().and_then(|d| view.home.device(d));
        Some((rule, rule.kind.reason(&view, device, since)))
    }

    /// A condition has held for long enough: an incident begins, goes on, or gets a further sign.
    pub(super) fn begin(&mut self, ix: usize, since: Time, fx: &mut Vec<Effect>) {
        let Some((_, reason)) = self.reason(ix, since) else { return };
        self.begin_for(ix, since, reason, fx);
    }

    /// The same, for this reason.
    pub(super) fn begin_for(
        &mut self,
        ix: usize,
        since: Time,
        reason: Reason,
        fx: &mut Vec<Effect>,
    ) {
        let Some(rule) = self.rule_at(ix) else { return };
        if let Some(n) = self.same_matter(rule) {
            return self.join(n, ix, since, reason, fx);
        }
        // What could not be judged in time, for want of a sensor or of the rule, is not told to
        // everybody in one breath: the resident has the time to answer, and every rung its own. What
        // the hub slept through is judged at its own instant, and comes at once.
        let warn_at = rule.warn.map(|warn| ((since + warn.after).max(self.at), warn.ask));
        let alarm_at = rule.alarm_at(since, self.at);
        let grounds = self.grounds(ix, rule, since);
        let mut incident = Incident {
            n: self.state.last_incident + 1,
            rule: rule.name.clone(),
            device: self.state.watches.get(ix).and_then(|w| w.device.clone()),
            title: rule.title.clone(),
            level: rule.level,
            group: rule.group,
            matter: rule.matter.clone(),
            plan: rule.plan.clone(),
            needs: rule.needs,
            checklist: rule.checklist.clone(),
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
            raised_at: None,
            latched: false,
            waits_until: None,
            step: None,
            desk: Desk::default(),
            told: Vec::new(),
            deliveries: 0,
        };
        let reopen_within = rule.reopen_within;
        let Some(watch) = self.state.watches.get_mut(ix) else { return };
        let gone = watch.gone.take().filter(|(at, _)| self.at < *at + reopen_within);
        let what = match gone {
            Some((_, gone)) => {
                // The same story goes on, with its deliveries.
                (incident.n, incident.signs) = (gone.n, gone.signs.saturating_add(1));
                (incident.deliveries, incident.detected_at) = (gone.deliveries, gone.detected_at);
                Happening::Reopened { reason }
            }
            None => {
                self.state.last_incident = incident.n;
                Happening::Detected { reason, grounds: grounds.map(Box::new) }
            }
        };
        let n = incident.n;
        watch.incident = Some(n);
        self.state.incidents.insert(n, incident);
        self.tell_story(n, Some(self.at), what, Vec::new(), fx);
        self.count_remotely(ix, n, fx);
    }

    /// What the incident rests on.
    fn grounds(&self, ix: usize, rule: &Rule, since: Time) -> Option<Grounds> {
        let watch = self.state.watches.get(ix)?;
        let view = self.view(None, None)?;
        let mut samples = Vec::new();
        for property in rule.kind.concerns() {
            let facts = view.situation.facts(*property);
            let of_it = facts.filter(|(d, _)| watch.device.as_ref().is_none_or(|w| w == *d));
            samples.extend(of_it.map(|(device, fact)| Sample {
                device: device.clone(),
                property: *property,
                value: fact.value,
                since: view.wall(fact.since),
                seen: view.wall(fact.seen),
                alive: view.is_alive(device),
            }));
        }
        samples.sort_by_key(|sample| std::cmp::Reverse(sample.seen));
        samples.truncate(SAMPLES_MAX);
        let chart = match &rule.kind {
            Kind::Score(score) => Some(score.table.about.clone()),
            Kind::Emergency(_)
            | Kind::Threshold(_)
            | Kind::Rate(_)
            | Kind::Count(_)
            | Kind::Absence(_)
            | Kind::Dwell(_)
            | Kind::Inactivity(_)
            | Kind::Sequence(_)
            | Kind::Deviation(_)
            | Kind::Expression(_)
            | Kind::Supervision(_)
            | Kind::Visit(_)
            | Kind::Reported(_) => None,
        };
        Some(Grounds {
            rules: self.state.rules.clone(),
            looks_for: rule.looks_for.clone(),
            source: rule.source.clone(),
            chart,
            hold: rule.hold,
            warn_after: rule.warn.map(|warn| warn.after),
            alarm_after: rule.alarm_after,
            since: view.wall(since),
            set_by: rule.set_by.clone(),
            samples,
        })
    }
}
