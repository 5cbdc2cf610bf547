//! People's moves: accept, en route, on scene, resolve, verify, and the side moves.
//!
//! Only here does an alarm end (P4). A tap that repeats what is already so changes nothing and is
//! no error: phones send twice.

use crate::domain::{Act, Climb, Happening, Incident, Outcome, PersonId, Refusal, Stage};

use super::budget::Turn;
use super::desk::review;
use super::whistle::may_end;
use super::{Effect, Engine, Purpose, Tell};

/// Whether a move was made, and why not.
pub(super) type Moved = Result<(), Refusal>;

impl Engine {
    pub(super) fn make_move(&mut self, n: u32, by: &PersonId, act: &Act, fx: &mut Vec<Effect>) {
        if let Err(why) = self.try_move(n, by, act, fx) {
            fx.push(Effect::Refused { incident: Some(n), why });
        }
    }

    fn try_move(&mut self, n: u32, by: &PersonId, act: &Act, fx: &mut Vec<Effect>) -> Moved {
        let known = |id: &PersonId| self.home().is_some_and(|h| h.responder(id).is_some());
        if !known(by) {
            return Err(Refusal::NoPerson { by: by.clone() });
        }
        if let Act::HandOver { to } | Act::Assign { to } = act
            && !known(to)
        {
            return Err(Refusal::NoPerson { by: to.clone() });
        }
        let last = self.state.last_incident;
        if n == 0 || last < n {
            return Err(Refusal::NoIncident { n });
        }
        let stage = self.state.incidents.get(&n).map_or(Stage::Closed, |i| i.stage);
        if stage == Stage::Closed {
            return self.afterwards(n, by, act, fx);
        }
        match act {
            Act::Accept => self.accept(n, by, Stage::Accepted, fx),
            Act::EnRoute => self.accept(n, by, Stage::EnRoute, fx),
            Act::OnScene => self.on_scene(n, by, fx),
            Act::Resolve { outcome, note } => self.resolve(n, by, *outcome, note, fx),
            Act::Verify => self.verify(n, by, fx),
            Act::Rework { why } => self.rework(n, by, why, fx),
            Act::HandOver { to } => self.hand_over(n, by, to, fx),
            Act::Return { why } => self.give_back(n, by, why, fx),
            Act::Note { text } => {
                let what = Happening::Noted { by: by.clone(), text: text.clone() };
                self.tell_story(n, None, what, Vec::new(), fx);
                Ok(())
            }
            Act::Assign { to } => self.assign(n, by, to, fx),
            Act::Ask { .. } => self.ask_for(n, by, act, fx),
            Act::Grant => self.grant(n, by, fx),
            Act::Deny { why } => self.deny(n, by, why, fx),
            Act::Merge { into } => self.merge(n, by, *into, fx),
            Act::Reopen { .. } => Err(wrong_stage(act, stage)),
            Act::Whistle { .. } => self.whistle(n, by, act, fx),
            Act::ReportIn => self.report_in(n, by, fx),
            Act::Finish { note } => self.finish(n, by, note, fx),
            Act::Supervise { why } => self.supervise(n, by, why, fx),
            Act::Called { number, said } => {
                let (by, number, said) = (by.clone(), number.clone(), said.clone());
                self.tell_story(n, None, Happening::Called { by, number, said }, Vec::new(), fx);
                Ok(())
            }
            Act::Check { item, found } => self.check(n, by, item, *found, fx),
            Act::Review { score, text } => {
                let what = review(by, *score, text)?;
                self.tell_story(n, None, what, Vec::new(), fx);
                Ok(())
            }
        }
    }

    fn accept(&mut self, n: u32, by: &PersonId, stage: Stage, fx: &mut Vec<Effect>) -> Moved {
        let now = self.state.now;
        let wanted = self.still_wanted(n);
        let Some(incident) = self.state.incidents.get_mut(&n) else { return Ok(()) };
        match incident.stage {
            Stage::Alarmed => {}
            Stage::Accepted | Stage::EnRoute | Stage::OnScene => {
                if let Some((other, _)) = incident.accepted.as_ref().filter(|(p, _)| p != by) {
                    if incident.desk.with.contains(by) {
                        return Ok(());
                    }
                    if !wanted {
                        return Err(Refusal::Taken { by: other.clone() });
                    }
                    incident.desk.with.push(by.clone());
                    self.reschedule(n);
                    let what = Happening::Joined { by: by.clone() };
                    self.tell_story(n, None, what, Vec::new(), fx);
                    return Ok(());
                }
                incident.told.clear();
                if stage <= incident.stage {
                    return Ok(());
                }
            }
            Stage::Detected | Stage::Warned | Stage::Resolved | Stage::Closed => {
                let act = if stage == Stage::EnRoute { Act::EnRoute } else { Act::Accept };
                return Err(wrong_stage(&act, incident.stage));
            }
        }
        let fresh = incident.stage == Stage::Alarmed;
        incident.stage = stage;
        // Somebody has it: whom else it did not reach no longer matters.
        incident.told.clear();
        if fresh {
            incident.accepted = Some((by.clone(), now));
            incident.desk.assigned = None;
        }
        incident.answered.get_or_insert(now);
        let by = by.clone();
        let what = if stage == Stage::EnRoute {
            Happening::EnRoute { by }
        } else {
            Happening::Accepted { by }
        };
        // En route does not win time: the limit for arriving counts from the acceptance.
        if fresh {
            self.begin_step(n);
        }
        self.tell_story(n, None, what, Vec::new(), fx);
        Ok(())
    }

    fn on_scene(&mut self, n: u32, by: &PersonId, fx: &mut Vec<Effect>) -> Moved {
        let now = self.state.now;
        let Some(incident) = self.state.incidents.get_mut(&n) else { return Ok(()) };
        match incident.stage {
            Stage::Alarmed | Stage::Accepted | Stage::EnRoute => {}
            Stage::OnScene if incident.on_scene.as_ref().is_some_and(|(p, _)| p == by) => {
                return Ok(());
            }
            Stage::OnScene => {
                let what = Happening::OnScene { by: by.clone() };
                self.tell_story(n, None, what, Vec::new(), fx);
                return Ok(());
            }
            Stage::Detected | Stage::Warned | Stage::Resolved | Stage::Closed => {
                return Err(wrong_stage(&Act::OnScene, incident.stage));
            }
        }
        if incident.stage == Stage::Alarmed {
            incident.accepted = Some((by.clone(), now));
            incident.desk.assigned = None;
        }
        incident.answered.get_or_insert(now);
        incident.on_scene.get_or_insert((by.clone(), now));
        incident.stage = Stage::OnScene;
        incident.told.clear();
        self.begin_step(n);
        self.tell_story(n, None, Happening::OnScene { by: by.clone() }, Vec::new(), fx);
        Ok(())
    }

    fn resolve(
        &mut self,
        n: u32,
        by: &PersonId,
        outcome: Outcome,
        note: &str,
        fx: &mut Vec<Effect>,
    ) -> Moved {
        let Some(incident) = self.state.incidents.get(&n) else { return Ok(()) };
        if incident.resolved.as_ref().is_some_and(|(p, o)| p == by && *o == outcome) {
            return Ok(());
        }
        may_resolve(incident, outcome, note)?;
        may_end(incident, by)?;
        if !outcome.is_no_incident() && outcome != Outcome::NoAccess {
            self.all_checked(incident)?;
        }
        let Some(incident) = self.state.incidents.get_mut(&n) else { return Ok(()) };
        incident.stage = Stage::Resolved;
        incident.resolved = Some((by.clone(), outcome));
        let verified = incident.needs.verified;
        let what = Happening::Resolved { by: by.clone(), outcome, note: note.to_owned() };
        self.tell_story(n, None, what, Vec::new(), fx);
        // What comes from now on is new, and must alarm although this one is not yet verified.
        self.release(n, false);
        if verified {
            self.begin_step(n);
        } else {
            self.close(n, outcome, fx);
        }
        self.take_word(n, by, outcome, fx);
        Ok(())
    }

    fn verify(&mut self, n: u32, by: &PersonId, fx: &mut Vec<Effect>) -> Moved {
        let outcome = self.second_person(n, by, &Act::Verify)?;
        self.tell_story(n, None, Happening::Verified { by: by.clone() }, Vec::new(), fx);
        self.close(n, outcome, fx);
        Ok(())
    }

    fn rework(&mut self, n: u32, by: &PersonId, why: &str, fx: &mut Vec<Effect>) -> Moved {
        let outcome = self.second_person(n, by, &Act::Rework { why: String::new() })?;
        let now = self.state.now;
        self.doubt_word(n, outcome, fx);
        let Some(incident) = self.state.incidents.get_mut(&n) else { return Ok(()) };
        let resolved = incident.resolved.take();
        incident.stage = match (&incident.on_scene, &incident.accepted) {
            (Some(_), Some(_)) => Stage::OnScene,
            (None, Some(_)) => Stage::Accepted,
            (_, None) => Stage::Alarmed,
        };
        let (stage, alarmed) = (incident.stage, incident.alarmed.is_some());
        let what = Happening::Reworked { by: by.clone(), why: why.to_owned() };
        if stage != Stage::Alarmed {
            let tell = resolved.map(|(who, _)| self.tell_holder(n, &who)).unwrap_or_default();
            self.begin_step(n);
            self.tell_story(n, None, what, tell, fx);
            return Ok(());
        }
        // Nobody has it: the ladder goes on, or begins where it was called false before the alarm.
        self.tell_story(n, None, what, Vec::new(), fx);
        if alarmed {
            self.climb(n, &Climb::Returned, Purpose::Escalation, fx);
        } else {
            if let Some(incident) = self.state.incidents.get_mut(&n) {
                incident.alarm_at = now;
            }
            self.alarm(n, Turn::Now, fx);
        }
        Ok(())
    }

    /// Checks that somebody other than the one who resolved it speaks.
    fn second_person(&self, n: u32, by: &PersonId, act: &Act) -> Result<Outcome, Refusal> {
        let incident = self.state.incidents.get(&n);
        let stage = incident.map_or(Stage::Closed, |i| i.stage);
        match incident.and_then(|i| i.resolved.as_ref()) {
            Some((first, _)) if first == by => Err(Refusal::SamePerson { by: by.clone() }),
            Some((_, outcome)) if stage == Stage::Resolved => Ok(*outcome),
            Some(_) | None => Err(wrong_stage(act, stage)),
        }
    }

    fn hand_over(&mut self, n: u32, by: &PersonId, to: &PersonId, fx: &mut Vec<Effect>) -> Moved {
        let now = self.state.now;
        self.holder(n, by, &Act::HandOver { to: to.clone() })?;
        let Some(incident) = self.state.incidents.get_mut(&n) else { return Ok(()) };
        // Also where somebody was on scene: whoever has it now has yet to arrive.
        (incident.accepted, incident.stage) = (Some((to.clone(), now)), Stage::Accepted);
        let tell = self.tell_holder(n, to);
        self.begin_step(n);
        let what = Happening::HandedOver { by: by.clone(), to: to.clone() };
        self.tell_story(n, None, what, tell, fx);
        Ok(())
    }

    /// Promises a delivery to whoever has it from now on without having asked for it.
    fn tell_holder(&mut self, n: u32, to: &PersonId) -> Vec<Tell> {
        if let Some(incident) = self.state.incidents.get_mut(&n) {
            incident.told.clear();
        }
        let way = self.ways(Some(to)).into_iter().next();
        let tell = way.and_then(|w| self.promise(n, Some(to.clone()), 0, w, Purpose::HandOver));
        tell.into_iter().collect()
    }

    fn give_back(&mut self, n: u32, by: &PersonId, why: &str, fx: &mut Vec<Effect>) -> Moved {
        self.holder(n, by, &Act::Return { why: String::new() })?;
        let Some(incident) = self.state.incidents.get_mut(&n) else { return Ok(()) };
        (incident.stage, incident.accepted) = (Stage::Alarmed, None);
        let what = Happening::Returned { by: by.clone(), why: why.to_owned() };
        self.tell_story(n, None, what, Vec::new(), fx);
        self.climb(n, &Climb::Returned, Purpose::Escalation, fx);
        Ok(())
    }

    /// Who is no longer in the register can neither come nor say so: the ladder goes on.
    pub(super) fn take_back(&mut self, fx: &mut Vec<Effect>) {
        let Some(home) = self.home() else { return };
        let held = |i: &&Incident| (Stage::Accepted..Stage::Resolved).contains(&i.stage);
        let gone =
            |i: &&Incident| i.accepted.as_ref().is_some_and(|(by, _)| home.responder(by).is_none());
        let all = self.state.incidents.values();
        for n in all.filter(held).filter(gone).map(|i| i.n).collect::<Vec<_>>() {
            let Some(incident) = self.state.incidents.get_mut(&n) else { return };
            (incident.stage, incident.accepted) = (Stage::Alarmed, None);
            self.climb(n, &Climb::Returned, Purpose::Escalation, fx);
        }
    }

    /// Checks that the one who has it speaks.
    fn holder(&self, n: u32, by: &PersonId, act: &Act) -> Moved {
        let Some(incident) = self.state.incidents.get(&n) else { return Ok(()) };
        match (incident.stage, &incident.accepted) {
            (Stage::Accepted | Stage::EnRoute | Stage::OnScene, Some((holder, _))) => {
                let taken = || Refusal::Taken { by: holder.clone() };
                if holder == by { Ok(()) } else { Err(taken()) }
            }
            (stage, _) => Err(wrong_stage(act, stage)),
        }
    }

    /// Whether the plan wants more people than have accepted.
    pub fn still_wanted(&self, n: u32) -> bool {
        let Some(plan) = self.plan_of(n) else { return false };
        let Some(incident) = self.state.incidents.get(&n) else { return false };
        let come = incident.desk.with.len() + usize::from(incident.accepted.is_some());
        incident.stage < Stage::Resolved && come < plan.answers.try_into().unwrap_or(usize::MAX)
    }

    /// The incident is in another stage from now on: its limit counts from here.
    pub(super) fn begin_step(&mut self, n: u32) {
        let now = self.state.now;
        let Some(plan) = self.plan_of(n) else { return };
        let Some(incident) = self.state.incidents.get_mut(&n) else { return };
        incident.desk.parked = None;
        incident.step = plan.limit(incident.stage).map(|limit| (now, limit));
        self.schedule(n, &plan);
    }

    pub(super) fn reschedule(&mut self, n: u32) {
        if let Some(plan) = self.plan_of(n) {
            self.schedule(n, &plan);
        }
    }
}

/// Whether this outcome may be given now.
fn may_resolve(incident: &Incident, outcome: Outcome, note: &str) -> Moved {
    if !outcome.is_for_people() {
        return Err(Refusal::NotForPeople { outcome });
    }
    let wrong = || wrong_stage(&Act::Resolve { outcome, note: note.to_owned() }, incident.stage);
    match incident.stage {
        Stage::Detected | Stage::Warned if !outcome.is_no_incident() => Err(wrong()),
        Stage::Resolved | Stage::Closed => Err(wrong()),
        Stage::Alarmed | Stage::Accepted | Stage::EnRoute
            if incident.needs.on_scene
                && incident.on_scene.is_none()
                && !outcome.is_no_incident() =>
        {
            Err(Refusal::NotOnScene)
        }
        Stage::Detected
        | Stage::Warned
        | Stage::Alarmed
        | Stage::Accepted
        | Stage::EnRoute
        | Stage::OnScene => Ok(()),
    }
}

/// The move does not fit the stage.
pub(super) fn wrong_stage(act: &Act, stage: Stage) -> Refusal {
    Refusal::WrongStage { act: act.verb().to_owned(), stage }
}
