//! Where the resident is: what sensors tell of it, and what people say.

use crate::domain::presence::Trail;
use crate::domain::said::AWAY_MAX;
use crate::domain::{
    Customs, DeviceId, Group, Incident, Level, Observation, Outcome, PersonId, Presence, Span,
    Stage, Time, Visit, Whereabouts,
};

use super::{Effect, Engine, Plan};

impl Engine {
    /// By which customs the resident comes and goes, where there is one.
    pub(super) fn customs(&self) -> Option<Customs> {
        self.book.customs.filter(|_| !self.is_post())
    }

    /// What an observation tells of where people are.
    pub(super) fn trail(
        &mut self,
        device: &DeviceId,
        observation: &Observation,
        is_change: bool,
        fx: &mut Vec<Effect>,
    ) {
        let Some(customs) = self.customs() else { return };
        if self.state.situation.is_under_test(device) {
            return;
        }
        let place = self.home().and_then(|h| h.device(device)).and_then(|d| d.place);
        let trail = Trail::of(place, observation.property, observation.value, is_change);
        let Some(trail) = trail else { return };
        let now = self.state.now;
        let visited = self.state.scene.is_some_and(|scene| scene.covers(now, &customs));
        self.turn_presence(|presence| presence.note(trail, visited, &customs, now), fx);
    }

    /// Decides where the resident is by now, if that is due.
    pub(super) fn pass_presence(&mut self, fx: &mut Vec<Effect>) {
        let Some(customs) = self.customs() else { return };
        if self.state.presence.next(&customs).is_none_or(|due| self.at < due) {
            return;
        }
        let (empty, now) = (self.looks_empty(), self.at);
        self.turn_presence(|presence| presence.pass(&customs, empty, now), fx);
    }

    /// Whatever is known of her whereabouts changes here. If rules may go by it, habits and judges hear of it.
    fn turn_presence(&mut self, turn: impl FnOnce(&mut Presence), fx: &mut Vec<Effect>) {
        let before = self.state.presence.outline();
        turn(&mut self.state.presence);
        if self.state.presence.outline() != before {
            self.learn_whereabouts(&before);
            self.judge_presence(fx);
        }
    }

    /// Whether there are living sensors that would see somebody who stayed, and none of them does.
    fn looks_empty(&self) -> bool {
        let Some(view) = self.view(None, None) else { return false };
        view.situation.looks_empty(|device| view.is_alive(device))
    }

    /// While somebody is on the scene or on the way, whoever comes and goes may be them.
    pub(super) fn note_visit(&mut self) {
        let Some(customs) = self.customs() else { return };
        let on_the_way = |i: &Incident| {
            let calls = self.rule(&i.rule).is_some_and(|rule| rule.group != Group::Equipment);
            let accepted = i.accepted.as_ref().filter(|_| calls && Level::Normal <= i.level);
            let in_time = |at: Time, plan: &Plan| self.at < at + plan.arrive_within;
            accepted.zip(self.plan(&i.plan)).is_some_and(|((_, at), plan)| in_time(*at, &plan))
        };
        let on_scene = |i: &Incident| {
            let since = i.on_scene.as_ref().filter(|_| i.stage == Stage::OnScene);
            since.is_some_and(|(_, at)| self.at < *at + customs.stays)
        };
        let comes = |i: &Incident| match i.stage {
            Stage::Accepted | Stage::EnRoute => on_the_way(i),
            Stage::OnScene => on_scene(i),
            Stage::Detected | Stage::Warned | Stage::Alarmed | Stage::Resolved | Stage::Closed => {
                false
            }
        };
        let there = self.state.incidents.values().any(on_scene);
        let comes = self.state.incidents.values().any(comes);
        Visit::go_on(&mut self.state.scene, there, self.at);
        Visit::go_on(&mut self.state.visit, comes, self.at);
    }

    /// Somebody says that nobody is at home for so long.
    pub(super) fn go_away(&mut self, by: &PersonId, lasts: Span, fx: &mut Vec<Effect>) {
        let until = self.at + lasts;
        self.turn_presence(|presence| presence.go_away(by.clone(), until), fx);
    }

    /// Somebody says that the resident is back.
    pub(super) fn come_back(&mut self, fx: &mut Vec<Effect>) {
        let now = self.at;
        self.turn_presence(|presence| presence.come_back(now), fx);
    }

    /// Whoever dealt with an incident has said how it ended, and often where she is by that.
    pub(super) fn take_word(
        &mut self,
        n: u32,
        by: &PersonId,
        outcome: Outcome,
        fx: &mut Vec<Effect>,
    ) {
        match self.known_whereabouts(n, outcome) {
            // Nobody need be missed at home, until somebody stirs there again.
            Whereabouts::Out => self.go_away(by, AWAY_MAX, fx),
            Whereabouts::Home => self.come_back(fx),
            Whereabouts::Unknown => {}
        }
    }

    /// A second person does not take that word, nor that she is where it had her.
    pub(super) fn doubt_word(&mut self, n: u32, outcome: Outcome, fx: &mut Vec<Effect>) {
        if self.known_whereabouts(n, outcome) == Whereabouts::Out {
            let now = self.at;
            self.turn_presence(|presence| presence.doubt(now), fx);
        }
    }

    /// Where people know her to be, now that they have said how it ended: in hospital, at her sister's, or
    /// at home, as they found her or brought her.
    fn known_whereabouts(&self, n: u32, outcome: Outcome) -> Whereabouts {
        if self.is_post() {
            return Whereabouts::Unknown;
        }
        let rule = self.state.incidents.get(&n).and_then(|incident| self.rule(&incident.rule));
        let is_about_out = rule.is_some_and(|rule| rule.kind.is_about_out());
        let is_about_leaving = rule.is_some_and(|rule| rule.kind.is_about_leaving());
        match outcome {
            Outcome::Hospital | Outcome::Died => Whereabouts::Out,
            Outcome::FalseAlarm if is_about_out => Whereabouts::Out,
            Outcome::Safe if is_about_out && self.state.presence.is_out() => Whereabouts::Out,
            Outcome::Assisted if is_about_out => Whereabouts::Home,
            Outcome::Safe | Outcome::Assisted | Outcome::FalseAlarm if is_about_leaving => {
                Whereabouts::Home
            }
            Outcome::Safe
            | Outcome::Assisted
            | Outcome::FalseAlarm
            | Outcome::Repaired
            | Outcome::NoAccess
            | Outcome::Test
            | Outcome::Merged
            | Outcome::Refused
            | Outcome::Remote
            | Outcome::Void
            | Outcome::Cancelled
            | Outcome::Cleared => Whereabouts::Unknown,
        }
    }
}
