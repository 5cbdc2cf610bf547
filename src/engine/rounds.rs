//! Visits, and what people report: both begin incidents as sensors do, and end as all incidents end.

use crate::domain::said::Origin;
use crate::domain::{
    Found, Group, Happening, Name, Outcome, PersonId, Property, Reason, Refusal, Rounds,
};
use crate::rule::{Kind, visit::Visit};

use super::moves::Moved;
use super::{Effect, Engine};

/// What shows that the resident is there, and well enough to stir.
const SIGNS: [Property; 9] = [
    Property::Motion,
    Property::Presence,
    Property::InBed,
    Property::HeartRate,
    Property::RespiratoryRate,
    Property::Open,
    Property::Press,
    Property::Water,
    Property::Power,
];
/// Orders from elsewhere are known again by their code, so many of them.
const CODES_MAX: usize = 64;
/// Why somebody should go when the resident is back from hospital.
const DISCHARGE: &str = "discharge";

impl Engine {
    /// Visits count from the day on which they are first wanted.
    pub(super) fn begin_rounds(&mut self) {
        if self.has_rounds() && self.state.rounds.last.is_none() {
            self.state.rounds.last = Some(self.state.now + self.state.offset);
        }
    }

    /// Who saw the resident last, and why somebody should again.
    pub const fn rounds(&self) -> &Rounds {
        &self.state.rounds
    }

    /// A day on which sensors show the resident.
    pub(super) fn show_resident(&mut self, property: Property) {
        let wall = self.state.now + self.state.offset;
        if wall < self.state.rounds.day_ends || !SIGNS.contains(&property) {
            return;
        }
        let rounds = &mut self.state.rounds;
        rounds.day_ends = wall.next_midnight(&self.zone);
        rounds.days = rounds.days.saturating_add(1);
    }

    /// A visit that sensors have made needless is on record, and over at once.
    pub(super) fn count_remotely(&mut self, ix: usize, n: u32, fx: &mut Vec<Effect>) {
        let kind = self.rule_at(ix).map(|rule| &rule.kind);
        let Some(Kind::Visit(Visit::Due(due))) = kind else { return };
        if self.view(None, None).is_some_and(|view| due.counts_remotely(&view)) {
            self.close(n, Outcome::Remote, fx);
        }
    }

    /// What the end of an incident means for visits.
    pub(super) fn end_round(&mut self, n: u32, outcome: Outcome, fx: &mut Vec<Effect>) {
        let Some(incident) = self.state.incidents.get(&n) else { return };
        let wall = self.state.now + self.state.offset;
        let (rule, is_visit) = (incident.rule.clone(), incident.group == Group::Visit);
        let wrong = incident.desk.checks.iter().filter(|(_, found)| *found == Found::Wrong);
        let wrong: Vec<Name> = wrong.map(|(item, _)| item.clone()).collect();
        let led = match self.rule(&rule).map(|rule| &rule.kind) {
            Some(Kind::Visit(visit)) if !visit.is_a_visit() => Some(visit.clone()),
            Some(_) | None => None,
        };
        let wanted_after = self.has_rounds() && self.visits_after(&rule);
        let rounds = &mut self.state.rounds;
        match outcome.met_resident() {
            Some(true) if is_visit => rounds.visited(wall, outcome == Outcome::Remote),
            Some(false) if is_visit => rounds.missed(wall),
            Some(true) if wanted_after => rounds.call(rule, wall),
            Some(_) | None => {}
        }
        if is_visit && !wrong.is_empty() {
            rounds.found = Some((wrong, wall));
        }
        match led {
            Some(Visit::Unanswered(_)) => (rounds.unanswered, rounds.unanswered_at) = (0, None),
            Some(Visit::Found) => rounds.found = None,
            Some(Visit::Due(_) | Visit::After(_)) | None => {}
        }
        rounds.in_hospital |= outcome == Outcome::Hospital;
        self.judge_visits(fx);
    }

    /// The resident is back; if from hospital, somebody should go and see.
    pub(super) fn discharged(&mut self, fx: &mut Vec<Effect>) {
        let wall = self.state.now + self.state.offset;
        let has_rounds = self.has_rounds();
        if std::mem::replace(&mut self.state.rounds.in_hospital, false)
            && has_rounds
            && let Ok(why) = DISCHARGE.parse()
        {
            self.state.rounds.call(why, wall);
        }
        self.judge_visits(fx);
    }

    /// Somebody calls for a visit: a heat wave, a festival.
    pub(super) fn call_visit(&mut self, why: &Name, fx: &mut Vec<Effect>) -> Moved {
        let wall = self.state.now + self.state.offset;
        if !self.visits_after(why) {
            return Err(Refusal::NoCall { why: why.clone() });
        }
        self.state.rounds.call(why.clone(), wall);
        self.judge_visits(fx);
        Ok(())
    }

    /// Somebody reports what no sensor finds. The same order, come twice, is one.
    pub(super) fn report(
        &mut self,
        by: &PersonId,
        (rule, origin): (&Name, Origin),
        (text, code): (&str, Option<&str>),
        fx: &mut Vec<Effect>,
    ) -> Moved {
        let found = self.rules.iter().position(|known| known.name == *rule);
        let takes = |kind: &Kind| matches!(kind, Kind::Reported(kind) if kind.by.contains(&origin));
        let Some(at) = found.filter(|at| self.rules.get(*at).is_some_and(|r| takes(&r.kind)))
        else {
            return Err(Refusal::NotReported { rule: rule.clone(), origin });
        };
        let is_known = |known: &&(Origin, String)| known.0 == origin && Some(&*known.1) == code;
        if self.state.codes.iter().any(|known| is_known(&known)) {
            return Ok(());
        }
        if let Some(code) = code {
            self.state.codes.push((origin, code.to_owned()));
            let old = self.state.codes.len().saturating_sub(CODES_MAX);
            self.state.codes.drain(..old);
        }
        let Some(ix) = self.rule_of.iter().position(|of| *of == at) else { return Ok(()) };
        // Each report is a new matter, unless the rule has one that is open.
        if let Some(watch) = self.state.watches.get_mut(ix) {
            (watch.incident, watch.joined) = (None, false);
        }
        let reason = Reason::Reported { from: origin, code: code.map(str::to_owned) };
        self.begin_for(ix, self.at, reason, fx);
        let watch = self.state.watches.get_mut(ix);
        let n = watch.and_then(|watch| {
            watch.joined = false;
            watch.incident.take()
        });
        let text = text.to_owned();
        if let Some(n) = n.filter(|_| !text.is_empty()) {
            let what = Happening::Noted { by: by.clone(), text };
            self.tell_story(n, None, what, Vec::new(), fx);
        }
        Ok(())
    }

    /// Whether somebody visits here in turn.
    fn has_rounds(&self) -> bool {
        self.home().is_some_and(|home| home.visits.is_some())
    }

    /// Whether a rule sends somebody after this.
    fn visits_after(&self, why: &Name) -> bool {
        let after =
            |kind: &Kind| matches!(kind, Kind::Visit(Visit::After(all)) if all.contains(why));
        self.rules.iter().any(|rule| after(&rule.kind))
    }

    fn judge_visits(&mut self, fx: &mut Vec<Effect>) {
        for ix in 0..self.state.watches.len() {
            if self.rule_at(ix).is_some_and(|rule| matches!(rule.kind, Kind::Visit(_))) {
                self.judge(ix, fx);
            }
        }
    }
}
