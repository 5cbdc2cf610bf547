//! The one ladder: detect, warn, alarm, and on, rung by rung, until a person has closed it. Rules
//! never come here, and nothing here knows a rule.

use crate::domain::{
    Climb, Contact, DeviceId, Happening, Incident, Outcome, PersonId, Report, Role, Span, Stage,
    Time, Told,
};

use super::budget::Turn;
use super::{Effect, Engine, Plan, Purpose, Tell};

/// Deliveries of earlier rounds whose fate is still of interest: a person whose first channel fails
/// after the next rung was told is still told by their second. Beyond, the oldest are let go.
const TOLD_MAX: usize = 32;

/// Who of those who have a role is told.
#[derive(Debug, Clone)]
pub(super) enum Whom {
    /// Those on duty, and who has the incident: it stays theirs when their shift ends.
    OnDuty {
        and: Option<PersonId>,
    },
    Anybody,
}

impl Engine {
    /// Advances every incident whose deadline has come, as far as time has.
    pub(super) fn advance_due(&mut self, fx: &mut Vec<Effect>) {
        let now = self.at;
        let is_due = |i: &Incident| i.due.is_some_and(|due| due <= now);
        while let Some(n) = self.state.incidents.values().find(|i| is_due(i)).map(|i| i.n) {
            self.advance(n, fx);
        }
    }

    /// One step up. Every arm sets a later deadline or ends the incident.
    fn advance(&mut self, n: u32, fx: &mut Vec<Effect>) {
        if self.unpark(n, fx) || self.press_departments(n, fx) {
            return;
        }
        let is_short = self.still_wanted(n);
        let Some(incident) = self.state.incidents.get(&n) else { return };
        let alarm = incident.alarm_at <= self.at;
        let in_time = incident.step.is_none_or(|(from, limit)| self.at < from + limit);
        match incident.stage {
            Stage::Accepted | Stage::EnRoute | Stage::OnScene if is_short && in_time => {
                self.climb(n, &Climb::TooFew, Purpose::Escalation, fx);
            }
            Stage::Detected | Stage::Warned if alarm => {
                let turn = self.turn_of(n);
                if !self.hold_back(n, turn, fx) {
                    self.alarm(n, turn, fx);
                }
            }
            Stage::Detected => self.warn(n, fx),
            Stage::Warned => {
                let at = incident.alarm_at;
                self.set_due(n, Some(at));
            }
            Stage::Alarmed => {
                let turn = self.turn_of(n);
                if !self.hold_back(n, turn, fx) {
                    self.climb(n, &Climb::Unanswered, turn.purpose(Purpose::Escalation), fx);
                }
            }
            Stage::Accepted | Stage::EnRoute => {
                let by = incident.accepted.as_ref().map(|(by, _)| by.clone());
                self.set_stage(n, Stage::Alarmed);
                let why = by.map_or(Climb::Unanswered, |by| Climb::NotArrived { by });
                self.climb(n, &why, Purpose::Escalation, fx);
            }
            Stage::OnScene => {
                let by = incident.on_scene.as_ref().map(|(by, _)| by.clone());
                let why = by.map_or(Climb::Unanswered, |by| Climb::NotResolved { by });
                self.climb(n, &why, Purpose::Overdue, fx);
            }
            Stage::Resolved => self.climb(n, &Climb::NotVerified, Purpose::Overdue, fx),
            Stage::Closed => self.set_due(n, None),
        }
    }

    fn warn(&mut self, n: u32, fx: &mut Vec<Effect>) {
        let Some(incident) = self.state.incidents.get_mut(&n) else { return };
        incident.due = Some(incident.alarm_at);
        let Some((at, ask)) = incident.warn_at.take() else { return };
        incident.stage = Stage::Warned;
        let contacts = if ask { self.home().map(|h| h.ask.clone()) } else { None };
        let mut tell = Vec::new();
        for contact in contacts.unwrap_or_default() {
            tell.extend(self.promise(n, None, 0, contact, Purpose::Ask));
        }
        self.tell_story(n, Some(at), Happening::Warned { ask }, tell, fx);
    }

    pub(super) fn alarm(&mut self, n: u32, turn: Turn, fx: &mut Vec<Effect>) {
        let now = self.state.now;
        let Some(incident) = self.state.incidents.get_mut(&n) else { return };
        let due = incident.alarm_at;
        (incident.stage, incident.alarmed) = (Stage::Alarmed, Some(now));
        (incident.rung, incident.ladder_from) = (0, due);
        let Some(plan) = self.plan_of(n) else { return };
        let Some(incident) = self.state.incidents.get_mut(&n) else { return };
        incident.step = plan.limit(Stage::Alarmed).map(|limit| (now, limit));
        incident.desk.overdue_at = plan.close_within.map(|within| now + within);
        self.doubt_habits(n);
        let tell = self.call(n, &plan.rung(0).tell, turn.purpose(Purpose::Alarm));
        let nobody = tell.is_empty();
        let tell = self.once_a_digest(tell);
        let what = Happening::Alarmed { tell: plan.rung(0).tell.clone() };
        self.tell_story(n, Some(due), what, tell, fx);
        self.schedule(n, &plan);
        if nobody {
            let why = self.nobody_of(&plan.rung(0).tell);
            self.climb(n, &why, Purpose::Escalation, fx);
        }
    }

    /// Tells the next rung, or the last one again. A rung that has nobody is climbed past at once.
    pub(super) fn climb(&mut self, n: u32, why: &Climb, purpose: Purpose, fx: &mut Vec<Effect>) {
        let Some(plan) = self.plan_of(n) else { return };
        let Some(incident) = self.state.incidents.get_mut(&n) else { return };
        let (now, due) = (self.state.now, incident.due.filter(|due| *due <= self.state.now));
        if plan.last() <= incident.rung {
            let mut roles = plan.rung(plan.last()).tell.clone();
            let purpose = if purpose == Purpose::Digest { purpose } else { Purpose::Repeat };
            let mut tell = self.call(n, &roles, purpose);
            if tell.is_empty() {
                (roles, tell) = self.call_others(n, purpose);
            }
            let tell = self.once_a_digest(tell);
            let what = match why {
                Climb::Unanswered
                | Climb::Undelivered
                | Climb::NobodyHolds
                | Climb::NobodyOnDuty => Happening::Repeated { tell: roles },
                Climb::NotArrived { .. }
                | Climb::NotResolved { .. }
                | Climb::NotVerified
                | Climb::Returned
                | Climb::TooFew
                | Climb::NotReported { .. } => {
                    Happening::Escalated { why: why.clone(), tell: roles }
                }
            };
            self.tell_story(n, due, what, tell, fx);
            return self.schedule(n, &plan);
        }
        incident.rung += 1;
        let rung = plan.rung(incident.rung);
        let as_if = now - rung.after;
        incident.ladder_from = match why {
            // Climbed before its time, the rungs above come as much earlier; what fell due while
            // the hub was down is due at once.
            Climb::Unanswered
            | Climb::Undelivered
            | Climb::NobodyHolds
            | Climb::NobodyOnDuty
            | Climb::TooFew => incident.ladder_from.min(as_if),
            // Somebody had it for a while: the rungs above get their time again.
            Climb::NotArrived { .. }
            | Climb::NotResolved { .. }
            | Climb::NotVerified
            | Climb::Returned
            | Climb::NotReported { .. } => as_if,
        };
        let tell = self.call(n, &rung.tell, purpose);
        let nobody = tell.is_empty();
        let tell = self.once_a_digest(tell);
        let what = Happening::Escalated { why: why.clone(), tell: rung.tell.clone() };
        self.tell_story(n, due, what, tell, fx);
        self.schedule(n, &plan);
        if nobody {
            self.climb(n, &self.nobody_of(&rung.tell), purpose, fx);
        }
    }

    /// Sets the deadline that fits the stage.
    pub(super) fn schedule(&mut self, n: u32, plan: &Plan) {
        let now = self.state.now;
        let is_short = self.still_wanted(n);
        let Some(incident) = self.state.incidents.get_mut(&n) else { return };
        let next_rung = if incident.rung < plan.last() {
            incident.ladder_from + plan.rung(incident.rung + 1).after
        } else {
            now + plan.repeat
        };
        let limit = match incident.stage {
            Stage::Detected | Stage::Warned => Some(incident.alarm_at),
            Stage::Alarmed => Some(next_rung),
            // The limit of the step; beyond it, as long again.
            Stage::Accepted | Stage::EnRoute | Stage::OnScene | Stage::Resolved => {
                let again = plan.limit(incident.stage).map(|limit| now + limit);
                let first = incident.step.map(|(from, limit)| from + limit);
                first.filter(|at| now < *at).or(again)
            }
            Stage::Closed => None,
        };
        let more = Some(next_rung).filter(|_| is_short && Stage::Alarmed < incident.stage);
        let whistle = incident.desk.whistle.as_ref().filter(|w| w.missing().is_some());
        let report = whistle.map(|whistle| whistle.remind_at);
        incident.due = match limit {
            Some(limit) if incident.stage < Stage::Resolved => {
                [Some(limit), more, report].into_iter().flatten().min()
            }
            limit => limit,
        };
    }

    /// Why a rung of these roles told nobody.
    pub(super) fn nobody_of(&self, roles: &[Role]) -> Climb {
        match self.people(roles, &Whom::Anybody).next() {
            None => Climb::NobodyHolds,
            Some(_) => Climb::NobodyOnDuty,
        }
    }

    /// Promises a delivery to everybody of these roles who is on duty, by the first way to reach each.
    pub(super) fn call(&mut self, n: u32, roles: &[Role], purpose: Purpose) -> Vec<Tell> {
        let whom = self.on_duty(n);
        self.call_whom(n, roles, &whom, purpose)
    }

    /// Nobody of the last rung can be told: better everybody else on duty than nobody, and where nobody
    /// is on duty at all, everybody.
    fn call_others(&mut self, n: u32, purpose: Purpose) -> (Vec<Role>, Vec<Tell>) {
        let (mut roles, mut tell) = (Vec::new(), Vec::new());
        for whom in [self.on_duty(n), Whom::Anybody] {
            if tell.is_empty() {
                let held = |role: &Role| self.people(&[*role], &whom).next().is_some();
                roles = Role::ALL.iter().copied().filter(held).collect();
                tell = self.call_whom(n, &roles, &whom, purpose);
            }
        }
        (roles, tell)
    }

    pub(super) fn on_duty(&self, n: u32) -> Whom {
        let held = |i: &&Incident| (Stage::Accepted..Stage::Resolved).contains(&i.stage);
        let holder = self.state.incidents.get(&n).filter(held).and_then(|i| i.accepted.as_ref());
        Whom::OnDuty { and: holder.map(|(by, _)| by.clone()) }
    }

    fn call_whom(&mut self, n: u32, roles: &[Role], whom: &Whom, purpose: Purpose) -> Vec<Tell> {
        let first = |(id, ways): (&PersonId, &[Contact])| Some((id.clone(), ways.first()?.clone()));
        let people: Vec<_> = self.people(roles, whom).filter_map(first).collect();
        if let Some(incident) = self.state.incidents.get_mut(&n)
            && !people.is_empty()
        {
            // What is told again on the same rung replaces what was told there before.
            incident.told.retain(|t| t.rung < incident.rung);
            let old = incident.told.len().saturating_sub(TOLD_MAX);
            incident.told.drain(..old);
        }
        let promise = |(id, contact)| self.promise(n, Some(id), 0, contact, purpose);
        people.into_iter().filter_map(promise).collect()
    }

    /// Promises one delivery.
    pub(super) fn promise(
        &mut self,
        n: u32,
        to: Option<PersonId>,
        nth: usize,
        contact: Contact,
        purpose: Purpose,
    ) -> Option<Tell> {
        let incident = self.state.incidents.get_mut(&n)?;
        incident.deliveries += 1;
        let k = incident.deliveries;
        let rung = incident.rung;
        let told = Told { k, to: to.clone(), contact: nth, rung, lost: false, aside: false };
        incident.told.push(told);
        Some(Tell { k, to, contact, purpose })
    }

    /// The far side spoke about a delivery, or did not (P9). What cannot be relied on is told by
    /// the person's next channel at once, and where there is none, to the next rung.
    pub(super) fn reported(&mut self, n: u32, k: u32, report: &Report, fx: &mut Vec<Effect>) {
        let lost = match report {
            Report::Sent | Report::Delivered | Report::Seen => false,
            Report::Failed { .. } | Report::Unknown { .. } => true,
        };
        let Some(incident) = self.state.incidents.get_mut(&n) else { return };
        let Some(told) = incident.told.iter_mut().find(|t| t.k == k) else { return };
        if told.lost == lost {
            return;
        }
        told.lost = lost;
        let (to, nth, aside) = (told.to.clone(), told.contact, told.aside);
        let rung = incident.rung;
        let of_rung = |t: &&Told| t.rung == rung && !t.aside;
        let all_lost = !aside && incident.told.iter().filter(of_rung).all(|t| t.lost);
        let ways = self.ways(to.as_ref());
        let (channel, name) = match ways.get(nth) {
            Some(way) => (way.channel.clone(), to.as_ref().map_or("resident", |to| to.as_str())),
            None => return,
        };
        let what = Happening::Told { to: name.to_owned(), channel, report: report.clone() };
        let next = ways.get(nth + 1).filter(|_| lost && to.is_some());
        let tell = next.and_then(|way| self.promise(n, to, nth + 1, way.clone(), Purpose::Alarm));
        let stranded = lost && tell.is_none() && all_lost;
        self.tell_story(n, None, what, tell.into_iter().collect(), fx);
        let Some(incident) = self.state.incidents.get(&n) else { return };
        let Some(plan) = self.plan_of(n) else { return };
        // Only what a hand over promised is still of interest once somebody has it.
        let unaware = incident.stage == Stage::Accepted;
        if stranded && (unaware || incident.stage == Stage::Alarmed && rung < plan.last()) {
            self.set_stage(n, Stage::Alarmed);
            self.climb(n, &Climb::Undelivered, Purpose::Escalation, fx);
        }
    }

    /// The resident pressed while being asked: all is well, and that is on record. A press that is
    /// older than the incident by its own claim answers something else.
    pub(super) fn cancel(&mut self, device: &DeviceId, claim: Option<Time>, fx: &mut Vec<Effect>) {
        let answers = |i: &&Incident| {
            let late = claim.is_some_and(|claim| claim < i.detected_at);
            i.stage == Stage::Warned && !late && self.asks_resident(i)
        };
        let all = self.state.incidents.values();
        let asked: Vec<u32> = all.filter(answers).map(|i| i.n).collect();
        for n in asked {
            let what = Happening::Cancelled { device: device.clone() };
            self.tell_story(n, None, what, Vec::new(), fx);
            self.close(n, Outcome::Cancelled, fx);
        }
    }

    /// Whether the resident was asked, or would have been if the home could speak.
    fn asks_resident(&self, incident: &Incident) -> bool {
        let asks = self.rule(&incident.rule).and_then(|r| r.warn).is_some_and(|warn| warn.ask);
        asks || incident.told.iter().any(|t| t.to.is_none())
    }

    /// The end.
    pub(super) fn close(&mut self, n: u32, outcome: Outcome, fx: &mut Vec<Effect>) {
        let Some(incident) = self.state.incidents.get_mut(&n) else { return };
        (incident.stage, incident.due) = (Stage::Closed, None);
        self.keep_lately(n);
        let Some(incident) = self.state.incidents.get_mut(&n) else { return };
        // What somebody has dealt with, this let go of then.
        let is_resolved = incident.resolved.is_some();
        let since_alarm = |at: Option<Time>| at.zip(incident.alarmed).map(|(at, from)| at - from);
        let accepted_in: Option<Span> = since_alarm(incident.answered);
        let on_scene_in = since_alarm(incident.on_scene.as_ref().map(|(_, at)| *at));
        self.trust_habits(outcome);
        if !is_resolved {
            self.release(n, outcome == Outcome::Cancelled);
        }
        let what = Happening::Closed { outcome, accepted_in, on_scene_in };
        self.tell_story(n, None, what, Vec::new(), fx);
        self.end_round(n, outcome, fx);
    }

    pub(super) fn set_due(&mut self, n: u32, due: Option<Time>) {
        if let Some(incident) = self.state.incidents.get_mut(&n) {
            incident.due = due;
        }
    }

    pub(super) fn set_stage(&mut self, n: u32, stage: Stage) {
        if let Some(incident) = self.state.incidents.get_mut(&n) {
            incident.stage = stage;
        }
    }

    pub(super) fn plan_of(&self, n: u32) -> Option<std::sync::Arc<Plan>> {
        self.plan(&self.state.incidents.get(&n)?.plan)
    }

    /// All ways to reach a person, or the resident.
    pub(super) fn ways(&self, to: Option<&PersonId>) -> Vec<Contact> {
        let Some(home) = self.home() else { return Vec::new() };
        match to {
            None => home.ask.clone(),
            Some(id) => home.responder(id).map(|r| r.contacts.clone()).unwrap_or_default(),
        }
    }
}
