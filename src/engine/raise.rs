//! Several signs of one matter make one incident; what is worse, or new, tells people again. Nothing
//! is swallowed because something is open already (P6).

use crate::domain::{Happening, Reason, Role, Stage, Time};
use crate::rule::Rule;

use super::{Effect, Engine, Purpose};

impl Engine {
    /// The open incident of the rule's matter, if another rule began one.
    pub(super) fn same_matter(&self, rule: &Rule) -> Option<u32> {
        let matter = rule.matter.as_ref()?;
        let open = self.state.incidents.values().filter(|i| i.stage < Stage::Resolved);
        open.filter(|i| i.matter.as_ref() == Some(matter)).map(|i| i.n).next_back()
    }

    /// A rule found what belongs to an open incident: its level goes up to the rule's, the alarm
    /// comes no later than the rule would have it, and people are told.
    pub(super) fn join(
        &mut self,
        n: u32,
        ix: usize,
        since: Time,
        reason: Reason,
        fx: &mut Vec<Effect>,
    ) {
        let Some(rule) = self.rule_at(ix) else { return };
        let (level, plan, needs) = (rule.level, rule.plan.clone(), rule.needs);
        let (raise_after, title) = (rule.raise_after, rule.title.clone());
        let checklist = rule.checklist.clone();
        let latches = rule.kind.latches();
        let alarm_at = rule.alarm_at(since, self.at);
        let Some(watch) = self.state.watches.get_mut(ix) else { return };
        (watch.incident, watch.joined) = (Some(n), true);
        let Some(incident) = self.state.incidents.get_mut(&n) else { return };
        let raises = self.state.now.is_after(incident.told_at(), raise_after);
        if level < incident.level || (level == incident.level && !raises) {
            // What is no worse is worth a line, and wakes nobody.
            incident.signs = incident.signs.saturating_add(1);
            return self.tell_story(n, None, Happening::Evidence { reason }, Vec::new(), fx);
        }
        let is_worse = incident.level < level;
        if is_worse {
            // The ladder that fits the worse one, from its first rung. **Invariant (P6):** whoever took
            // what was less has not taken this: nobody has it until somebody does. Story:
            // `raised-after-it-was-accepted`.
            (incident.level, incident.plan, incident.rung) = (level, plan, 0);
            incident.title = title;
            if (Stage::Accepted..Stage::Resolved).contains(&incident.stage) {
                (incident.stage, incident.accepted) = (Stage::Alarmed, None);
            }
            // Nor does it wait as the lesser one did.
            (incident.desk.parked, incident.desk.wish, incident.step) = (None, None, None);
        }
        // What a sensor takes back while the person still lies there does not end it.
        incident.latched |= latches;
        incident.needs = incident.needs.and(needs);
        incident.checklist = checklist.or(incident.checklist.take());
        incident.alarm_at = incident.alarm_at.min(alarm_at);
        self.raise(n, reason, is_worse, fx);
    }

    /// Tells people of a further sign, whatever the stage.
    pub(super) fn raise(&mut self, n: u32, reason: Reason, is_worse: bool, fx: &mut Vec<Effect>) {
        let Some(incident) = self.state.incidents.get_mut(&n) else { return };
        incident.signs = incident.signs.saturating_add(1);
        let (level, stage, rung) = (incident.level, incident.stage, incident.rung);
        let Some(plan) = self.plan_of(n) else { return };
        let (next, tell): (usize, Vec<Role>) = match stage {
            Stage::Detected | Stage::Warned | Stage::Resolved | Stage::Closed => (rung, Vec::new()),
            // Who was told already is told again with the next ones; a worse one begins its own ladder.
            Stage::Alarmed if !is_worse && rung < plan.last() => {
                let both = [plan.rung(rung).tell.clone(), plan.rung(rung + 1).tell.clone()];
                (rung + 1, both.concat())
            }
            Stage::Alarmed | Stage::Accepted | Stage::EnRoute | Stage::OnScene => {
                (rung, plan.rung(rung).tell.clone())
            }
        };
        let now = self.state.now;
        if let Some(incident) = self.state.incidents.get_mut(&n)
            && !tell.is_empty()
        {
            incident.rung = next;
            incident.raised_at = Some(now);
            if stage == Stage::Alarmed {
                let as_if = now - plan.rung(next).after;
                incident.ladder_from =
                    if is_worse { as_if } else { incident.ladder_from.min(as_if) };
            }
        }
        let told = self.call(n, &tell, Purpose::Raised);
        let nobody = !tell.is_empty() && told.is_empty();
        self.tell_story(n, None, Happening::Raised { reason, level, tell: tell.clone() }, told, fx);
        match stage {
            Stage::Alarmed => self.schedule(n, &plan),
            Stage::Detected | Stage::Warned => self.hasten(n),
            Stage::Accepted | Stage::EnRoute | Stage::OnScene | Stage::Resolved | Stage::Closed => {
            }
        }
        if nobody && stage == Stage::Alarmed {
            self.climb(n, &self.nobody_of(&tell), Purpose::Escalation, fx);
        }
    }

    /// Before the alarm: the next deadline by what is to come, warning or alarm.
    pub(super) fn hasten(&mut self, n: u32) {
        let Some(incident) = self.state.incidents.get_mut(&n) else { return };
        let warn = incident.warn_at.map(|(at, _)| at).filter(|_| incident.stage == Stage::Detected);
        incident.due = Some(warn.map_or(incident.alarm_at, |at| at.min(incident.alarm_at)));
    }
}
