//! What the desk does with an incident: gives it to somebody, gives it time, merges it, takes it up again.
//!
//! **Invariant (P6):** nothing here hides a life alarm. What a life may hang on neither waits nor gets more
//! time before somebody has been there; what is worse is not merged into what is less; and whoever asks for
//! a thing does not grant it. Test: `tests/engine/desk.rs`.

use crate::domain::desk::{EXTEND_MAX, PARK_MAX};
use crate::domain::{
    Act, Climb, Desk, Found, Happening, Incident, Level, Name, Outcome, PersonId, Refusal, Role,
    Span, Stage, Time, Wish,
};

use super::budget::Turn;
use super::moves::{Moved, wrong_stage};
use super::say::within;
use super::{Effect, Engine, Purpose, Tell};

/// What is closed can be taken up again, and reviewed, for so long.
const AFTERCARE: Span = Span::hours(14 * 24);
/// At most so many of a home.
const LATELY_MAX: usize = 16;

impl Engine {
    /// Somebody asks for more time, a wait, or to strike it out.
    pub(super) fn ask_for(
        &mut self,
        n: u32,
        by: &PersonId,
        act: &Act,
        fx: &mut Vec<Effect>,
    ) -> Moved {
        let Act::Ask { wish, why } = act else { return Ok(()) };
        let Some(incident) = self.state.incidents.get(&n) else { return Ok(()) };
        let (first, most) = match wish {
            Wish::Extend { lasts } => (Stage::Accepted, Some((*lasts, EXTEND_MAX))),
            Wish::Park { lasts } => (Stage::Alarmed, Some((*lasts, PARK_MAX))),
            Wish::Void => (Stage::Detected, None),
        };
        if incident.stage < first || Stage::Resolved <= incident.stage {
            return Err(wrong_stage(act, incident.stage));
        }
        if let Some((lasts, most)) = most {
            within(lasts, most)?;
            must_not_wait(incident)?;
        }
        let Some(incident) = self.state.incidents.get_mut(&n) else { return Ok(()) };
        incident.desk.wish = Some((by.clone(), wish.clone()));
        let tell = self.tell_directors(n, Purpose::Asked);
        let what = Happening::Asked { by: by.clone(), wish: wish.clone(), why: why.clone() };
        self.tell_story(n, None, what, tell, fx);
        Ok(())
    }

    /// Somebody who directs grants it.
    pub(super) fn grant(&mut self, n: u32, by: &PersonId, fx: &mut Vec<Effect>) -> Moved {
        self.directs(by, &Act::Grant)?;
        let now = self.state.now;
        let Some(incident) = self.state.incidents.get_mut(&n) else { return Ok(()) };
        let Some((asker, wish)) = incident.desk.wish.clone() else {
            return Err(Refusal::NothingAsked);
        };
        if asker == *by {
            return Err(Refusal::OwnWish { by: asker });
        }
        // Since it was asked for, the incident may have gone on, or become worse.
        let act = Act::Ask { wish: wish.clone(), why: String::new() };
        match &wish {
            Wish::Extend { .. } if incident.stage < Stage::Accepted => {
                return Err(wrong_stage(&act, incident.stage));
            }
            Wish::Extend { .. } | Wish::Park { .. } => must_not_wait(incident)?,
            Wish::Void => {}
        }
        incident.desk.wish = None;
        match wish {
            Wish::Extend { lasts } => {
                let from = incident.step.map_or(now, |(from, _)| from);
                incident.step = Some((from, now + lasts - from));
                incident.due = Some(now + lasts);
            }
            Wish::Park { lasts } => {
                incident.desk.parked = Some(now + lasts);
                incident.due = Some(now + lasts);
            }
            Wish::Void => {}
        }
        let tell = self.tell_aside(n, &[asker], Purpose::Decided);
        let what = Happening::Granted { by: by.clone(), wish: wish.clone() };
        self.tell_story(n, None, what, tell, fx);
        if wish == Wish::Void {
            self.close(n, Outcome::Void, fx);
        }
        Ok(())
    }

    /// Somebody who directs, or whoever asked, does away with what was asked for.
    pub(super) fn deny(&mut self, n: u32, by: &PersonId, why: &str, fx: &mut Vec<Effect>) -> Moved {
        let wish = self.state.incidents.get(&n).and_then(|i| i.desk.wish.clone());
        let Some((asker, _)) = wish else { return Err(Refusal::NothingAsked) };
        if asker != *by {
            self.directs(by, &Act::Deny { why: String::new() })?;
        }
        if let Some(incident) = self.state.incidents.get_mut(&n) {
            incident.desk.wish = None;
        }
        let others: &[PersonId] = if asker == *by { &[] } else { &[asker] };
        let tell = self.tell_aside(n, others, Purpose::Decided);
        let what = Happening::Denied { by: by.clone(), why: why.to_owned() };
        self.tell_story(n, None, what, tell, fx);
        Ok(())
    }

    /// What waited is due again. Returns whether it did wait.
    pub(super) fn unpark(&mut self, n: u32, fx: &mut Vec<Effect>) -> bool {
        let Some(incident) = self.state.incidents.get_mut(&n) else { return false };
        if incident.desk.parked.take().is_none() {
            return false;
        }
        let (due, stage) = (incident.due, incident.stage);
        let holder: Vec<PersonId> = incident.accepted.iter().map(|(by, _)| by.clone()).collect();
        let tell = self.tell_aside(n, &holder, Purpose::Overdue);
        self.tell_story(n, due, Happening::Unparked, tell, fx);
        if stage == Stage::Alarmed {
            self.climb(n, &Climb::Unanswered, Purpose::Escalation, fx);
        } else {
            self.begin_step(n);
        }
        true
    }

    /// It is for somebody in particular. The ladder goes on until they take it.
    pub(super) fn assign(
        &mut self,
        n: u32,
        by: &PersonId,
        to: &PersonId,
        fx: &mut Vec<Effect>,
    ) -> Moved {
        let act = Act::Assign { to: to.clone() };
        self.directs(by, &act)?;
        let Some(incident) = self.state.incidents.get_mut(&n) else { return Ok(()) };
        if incident.stage != Stage::Alarmed {
            return Err(wrong_stage(&act, incident.stage));
        }
        incident.desk.assigned = Some(to.clone());
        let tell = self.tell_aside(n, std::slice::from_ref(to), Purpose::HandOver);
        let what = Happening::Assigned { by: by.clone(), to: to.clone() };
        self.tell_story(n, None, what, tell, fx);
        Ok(())
    }

    /// It goes on within another incident, whose people have heard of it, and which only people end.
    pub(super) fn merge(
        &mut self,
        n: u32,
        by: &PersonId,
        into: u32,
        fx: &mut Vec<Effect>,
    ) -> Moved {
        let act = Act::Merge { into };
        let Some(incident) = self.state.incidents.get(&n) else { return Ok(()) };
        let Some(other) = self.state.incidents.get(&into).filter(|_| into != n) else {
            return Err(Refusal::NoIncident { n: into });
        };
        if Stage::Resolved <= incident.stage {
            return Err(wrong_stage(&act, incident.stage));
        }
        if !(Stage::Alarmed..Stage::Resolved).contains(&other.stage) {
            return Err(wrong_stage(&act, other.stage));
        }
        if other.level < incident.level {
            return Err(Refusal::IntoLess { into, level: other.level });
        }
        let (needs, checklist) = (incident.needs, incident.checklist.clone());
        if let Some(other) = self.state.incidents.get_mut(&into) {
            other.needs = other.needs.and(needs);
            other.checklist = other.checklist.take().or(checklist);
            other.signs = other.signs.saturating_add(1);
            other.latched = true;
        }
        // The condition that began this one now belongs to the other.
        for watch in self.state.watches.iter_mut().filter(|w| w.incident == Some(n)) {
            (watch.incident, watch.joined) = (Some(into), true);
        }
        self.tell_story(n, None, Happening::Merged { by: by.clone(), into }, Vec::new(), fx);
        let text = format!("#{n}");
        let what = Happening::Noted { by: by.clone(), text };
        self.tell_story(into, None, what, Vec::new(), fx);
        self.close(n, Outcome::Merged, fx);
        Ok(())
    }

    /// A person presses: supervisors, and whoever has it, are told.
    pub(super) fn supervise(
        &mut self,
        n: u32,
        by: &PersonId,
        why: &str,
        fx: &mut Vec<Effect>,
    ) -> Moved {
        self.directs(by, &Act::Supervise { why: String::new() })?;
        self.press(n, Some(by), why, None, fx);
        Ok(())
    }

    /// Incidents that are open for longer than their plan wants.
    pub(super) fn press_overdue(&mut self, fx: &mut Vec<Effect>) {
        let now = self.at;
        let is_due = |i: &&Incident| i.desk.overdue_at.is_some_and(|at| at <= now);
        let all: Vec<u32> = self.state.incidents.values().filter(is_due).map(|i| i.n).collect();
        for n in all {
            let taken =
                self.state.incidents.get_mut(&n).map(|i| (i.is_open(), i.desk.overdue_at.take()));
            if let Some((true, at)) = taken {
                self.press(n, None, "", at, fx);
            }
        }
    }

    fn press(
        &mut self,
        n: u32,
        by: Option<&PersonId>,
        why: &str,
        due: Option<Time>,
        fx: &mut Vec<Effect>,
    ) {
        let holder = self.state.incidents.get(&n).and_then(|i| i.accepted.clone());
        let holder: Vec<PersonId> = holder.into_iter().map(|(who, _)| who).collect();
        let mut tell = self.tell_directors(n, Purpose::Overdue);
        let missing: Vec<_> = holder
            .into_iter()
            .filter(|who| tell.iter().all(|t| t.to.as_ref() != Some(who)))
            .collect();
        tell.extend(self.tell_aside(n, &missing, Purpose::Overdue));
        let what = Happening::Supervised { by: by.cloned(), why: why.to_owned() };
        self.tell_story(n, due, what, tell, fx);
    }

    /// What somebody who looked found.
    pub(super) fn check(
        &mut self,
        n: u32,
        by: &PersonId,
        item: &Name,
        found: Found,
        fx: &mut Vec<Effect>,
    ) -> Moved {
        let Some(incident) = self.state.incidents.get(&n) else { return Ok(()) };
        if !self.items(incident).contains(&item) {
            return Err(Refusal::NoItem { item: item.clone() });
        }
        let Some(incident) = self.state.incidents.get_mut(&n) else { return Ok(()) };
        let before = incident.desk.checks.iter().find(|(name, _)| name == item);
        if before.is_some_and(|(_, was)| *was == found) {
            return Ok(());
        }
        incident.desk.checks.retain(|(name, _)| name != item);
        incident.desk.checks.push((item.clone(), found));
        let what = Happening::Checked { by: by.clone(), item: item.clone(), found };
        self.tell_story(n, None, what, Vec::new(), fx);
        Ok(())
    }

    /// Whether the checklist is done, where the rule wants that.
    pub(super) fn all_checked(&self, incident: &Incident) -> Moved {
        if !incident.needs.checked {
            return Ok(());
        }
        let checks = &incident.desk.checks;
        let items = self.items(incident).into_iter();
        let missing = items.filter(|item| {
            !checks.iter().any(|(name, found)| name == *item && *found != Found::Unseen)
        });
        let missing: Vec<&str> = missing.map(Name::as_str).collect();
        if missing.is_empty() {
            return Ok(());
        }
        Err(Refusal::NotChecked { items: missing.join(", ") })
    }

    /// The items of an incident's checklist.
    fn items(&self, incident: &Incident) -> Vec<&Name> {
        let list = incident.checklist.as_ref().and_then(|name| self.book.checklist(name));
        list.into_iter().flat_map(|list| &list.items).map(|item| &item.name).collect()
    }

    /// Keeps what is closed for a while: people come back to it.
    pub(super) fn keep_lately(&mut self, n: u32) {
        let now = self.state.now;
        let lately = &mut self.state.lately;
        lately.retain(|_, (at, _)| now < *at + AFTERCARE);
        let Some(incident) = self.state.incidents.get(&n) else { return };
        if incident.alarmed.is_none() {
            return;
        }
        lately.insert(n, (now, Incident { told: Vec::new(), ..incident.clone() }));
        while LATELY_MAX < lately.len() {
            lately.pop_first();
        }
    }

    /// What people still do with what is closed.
    pub(super) fn afterwards(
        &mut self,
        n: u32,
        by: &PersonId,
        act: &Act,
        fx: &mut Vec<Effect>,
    ) -> Moved {
        let now = self.state.now;
        let kept = self.state.lately.get(&n).filter(|(at, _)| now < *at + AFTERCARE);
        let kept = kept.map(|(_, incident)| incident.clone());
        let kept = kept.ok_or(Refusal::TooLate { most: AFTERCARE });
        if let Act::Review { score, text } = act {
            let what = review(by, *score, text)?;
            self.tell_story_of(n, kept?.key(), None, what, Vec::new(), fx);
            return Ok(());
        }
        let Act::Reopen { why } = act else { return Err(wrong_stage(act, Stage::Closed)) };
        let mut incident = kept?;
        self.state.lately.remove(&n);
        incident.stage = Stage::Alarmed;
        (incident.accepted, incident.on_scene, incident.resolved) = (None, None, None);
        incident.answered = None;
        // Only people closed it, and only people close it again.
        (incident.alarm_at, incident.over_at, incident.latched) = (now, None, true);
        incident.desk = Desk::default();
        self.state.incidents.insert(n, incident);
        let what = Happening::TakenUp { by: by.clone(), why: why.clone() };
        self.tell_story(n, None, what, Vec::new(), fx);
        self.alarm(n, Turn::Now, fx);
        Ok(())
    }

    /// Promises a delivery to some people, beside the ladder: it does not hang on what becomes of it.
    pub(super) fn tell_aside(&mut self, n: u32, who: &[PersonId], purpose: Purpose) -> Vec<Tell> {
        let mut tell = Vec::new();
        for id in who {
            let Some(way) = self.ways(Some(id)).into_iter().next() else { continue };
            tell.extend(self.promise(n, Some(id.clone()), 0, way, purpose));
            if let Some(told) =
                self.state.incidents.get_mut(&n).and_then(|incident| incident.told.last_mut())
            {
                told.aside = true;
            }
        }
        tell
    }

    /// Tells those who direct and are on duty: the supervisors, or where there is none, the community, or
    /// the street.
    fn tell_directors(&mut self, n: u32, purpose: Purpose) -> Vec<Tell> {
        let whom = self.on_duty(n);
        let of = |role: Role| {
            let people = self.people(std::slice::from_ref(&role), &whom).map(|(id, _)| id.clone());
            people.collect::<Vec<_>>()
        };
        let ranks = [Role::Supervisor, Role::Community, Role::Street].into_iter().map(of);
        let who = ranks.into_iter().find(|who| !who.is_empty()).unwrap_or_default();
        self.tell_aside(n, &who, purpose)
    }

    /// Checks that somebody who directs speaks.
    pub(super) fn directs(&self, by: &PersonId, act: &Act) -> Moved {
        let who = self.home().and_then(|home| home.responder(by));
        if who.is_some_and(|who| who.role.directs()) {
            return Ok(());
        }
        Err(Refusal::NotDirecting { by: by.clone(), act: act.verb().to_owned() })
    }
}

/// The line of a return visit.
pub(super) fn review(by: &PersonId, score: u8, text: &str) -> Result<Happening, Refusal> {
    if !(1..=5).contains(&score) {
        return Err(Refusal::NoScore { score });
    }
    Ok(Happening::Reviewed { by: by.clone(), score, text: text.to_owned() })
}

/// What a life may hang on does not wait before somebody has been there.
fn must_not_wait(incident: &Incident) -> Moved {
    if Level::Serious <= incident.level && incident.on_scene.is_none() {
        return Err(Refusal::MustNotWait { level: incident.level });
    }
    Ok(())
}
