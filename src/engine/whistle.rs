//! The street whistles, departments report in (街道吹哨、部门报到): one leads, the others assist. The lead
//! says how it ended, and only when those who assist are done.

use crate::domain::{
    Act, Climb, Happening, Incident, PersonId, Refusal, Role, Stage, Summoned, Whistle,
};

use super::moves::{Moved, wrong_stage};
use super::{Effect, Engine, Purpose};

impl Engine {
    /// Departments are called. Called again, the new call takes the place of the old one.
    pub(super) fn whistle(
        &mut self,
        n: u32,
        by: &PersonId,
        act: &Act,
        fx: &mut Vec<Effect>,
    ) -> Moved {
        let Act::Whistle { lead, with, why } = act else { return Ok(()) };
        self.directs(by, act)?;
        let mut called: Vec<PersonId> = Vec::new();
        for who in std::iter::once(lead).chain(with) {
            let is_department = self
                .home()
                .and_then(|home| home.responder(who))
                .ok_or_else(|| Refusal::NoPerson { by: who.clone() })?
                .role
                == Role::Department;
            if !is_department {
                return Err(Refusal::NoDepartment { by: who.clone() });
            }
            if !called.contains(who) {
                called.push(who.clone());
            }
        }
        let now = self.state.now;
        let Some(plan) = self.plan_of(n) else { return Ok(()) };
        let Some(incident) = self.state.incidents.get_mut(&n) else { return Ok(()) };
        if !(Stage::Alarmed..Stage::Resolved).contains(&incident.stage) {
            return Err(wrong_stage(act, incident.stage));
        }
        let report_by = now + plan.report_within;
        let before = incident.desk.whistle.take().map(|whistle| whistle.called).unwrap_or_default();
        let of = |who: &PersonId| {
            let was = before.iter().find(|s| s.who == *who).cloned();
            was.unwrap_or(Summoned { who: who.clone(), here: false, done: false })
        };
        let called_now = called.iter().map(of).collect();
        incident.desk.whistle =
            Some(Whistle { by: by.clone(), report_by, remind_at: report_by, called: called_now });
        let fresh: Vec<PersonId> = called
            .into_iter()
            .filter(|who| before.iter().all(|s| s.who != *who || !s.here))
            .collect();
        let tell = self.tell_aside(n, &fresh, Purpose::Whistle);
        self.reschedule(n);
        let what = Happening::Whistled {
            by: by.clone(),
            lead: lead.clone(),
            with: with.clone(),
            why: why.clone(),
        };
        self.tell_story(n, None, what, tell, fx);
        Ok(())
    }

    /// A department is there. The lead has it from now on.
    pub(super) fn report_in(&mut self, n: u32, by: &PersonId, fx: &mut Vec<Effect>) -> Moved {
        let now = self.state.now;
        let Some(incident) = self.state.incidents.get_mut(&n) else { return Ok(()) };
        let whistle = incident.desk.whistle.as_mut();
        let Some(whistle) = whistle.filter(|w| w.called.iter().any(|s| s.who == *by)) else {
            return Err(Refusal::NotSummoned { by: by.clone() });
        };
        let (leads, report_by) = (whistle.lead() == Some(by), whistle.report_by);
        for summoned in whistle.called.iter_mut().filter(|s| s.who == *by) {
            if std::mem::replace(&mut summoned.here, true) {
                return Ok(());
            }
        }
        if leads {
            incident.accepted = Some((by.clone(), now));
            incident.desk.assigned = None;
            incident.answered.get_or_insert(now);
            incident.stage = incident.stage.max(Stage::Accepted);
            incident.told.retain(|told| told.aside);
        }
        let overdue = (report_by < now).then(|| now - report_by);
        if leads {
            self.begin_step(n);
        } else {
            self.reschedule(n);
        }
        let what = Happening::ReportedIn { by: by.clone(), overdue };
        self.tell_story(n, None, what, Vec::new(), fx);
        Ok(())
    }

    /// A department that assists is done; when all are, the lead hears of it.
    pub(super) fn finish(
        &mut self,
        n: u32,
        by: &PersonId,
        note: &str,
        fx: &mut Vec<Effect>,
    ) -> Moved {
        let Some(incident) = self.state.incidents.get_mut(&n) else { return Ok(()) };
        let whistle = incident.desk.whistle.as_mut();
        let Some(whistle) =
            whistle.filter(|w| w.called.iter().skip(1).any(|s| s.who == *by && s.here))
        else {
            return Err(Refusal::NotSummoned { by: by.clone() });
        };
        for summoned in whistle.called.iter_mut().filter(|s| s.who == *by) {
            if std::mem::replace(&mut summoned.done, true) {
                return Ok(());
            }
        }
        let lead = whistle.lead().cloned().filter(|_| whistle.at_work().is_none());
        let lead: Vec<PersonId> = lead.into_iter().collect();
        let tell = self.tell_aside(n, &lead, Purpose::Decided);
        let what = Happening::Finished { by: by.clone(), note: note.to_owned() };
        self.tell_story(n, None, what, tell, fx);
        Ok(())
    }

    /// A department that was called has not reported in by its limit: the ladder goes on. Returns
    /// whether that was what fell due.
    pub(super) fn press_departments(&mut self, n: u32, fx: &mut Vec<Effect>) -> bool {
        let (now, at) = (self.state.now, self.at);
        let Some(plan) = self.plan_of(n) else { return false };
        let Some(incident) = self.state.incidents.get_mut(&n) else { return false };
        let Some(whistle) = incident.desk.whistle.as_mut() else { return false };
        let Some(by) = whistle.missing().cloned() else { return false };
        if at < whistle.remind_at {
            return false;
        }
        whistle.remind_at = now + plan.report_within;
        self.climb(n, &Climb::NotReported { by }, Purpose::Overdue, fx);
        true
    }
}

/// Whether this person may say how it ended: a whistle leaves that to its lead, at the end.
pub(super) fn may_end(incident: &Incident, by: &PersonId) -> Moved {
    let Some(whistle) = &incident.desk.whistle else { return Ok(()) };
    match (whistle.lead(), whistle.at_work()) {
        (Some(lead), _) if lead != by => Err(Refusal::Taken { by: lead.clone() }),
        (_, Some(at_work)) => Err(Refusal::NotFinished { by: at_work.clone() }),
        (_, None) => Ok(()),
    }
}
