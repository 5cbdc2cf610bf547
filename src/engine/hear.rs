//! What devices say: noted in the situation, and judged by the rules that it concerns.

use crate::domain::presence::Trail;
use crate::domain::{DeviceId, Observation, Place, Property, Value};

use super::{Effect, Engine};

impl Engine {
    pub(super) fn hear(
        &mut self,
        device: &DeviceId,
        observations: &[Observation],
        retained: bool,
        fx: &mut Vec<Effect>,
    ) {
        let now = self.state.now;
        // What a broker says about a device's connection is not the device speaking.
        let spoke =
            observations.is_empty() || observations.iter().any(|o| o.property != Property::Online);
        if spoke && !retained {
            let mounted = self.home().and_then(|h| h.device(device));
            let quiet_after = mounted.and_then(|d| d.quiet_after);
            let offset = self.state.offset;
            self.state.situation.heard(device, quiet_after, observations, offset, now);
            self.judge_device(device, fx);
        }
        // Who calls for help with one hand does not say with the other that all is well.
        let calls = |o: &Observation| {
            o.property.is_life() && o.property != Property::Press && o.value.is_true()
        };
        let calm = !observations.iter().any(calls);
        for observation in observations {
            let before = self.state.situation.fact(device, observation.property).map(|f| f.value);
            if !self.state.situation.note(device, observation, retained, now) {
                continue;
            }
            if observation.property == Property::Press && !retained && calm {
                self.cancel(device, observation.observed_at, fx);
            }
            if !retained {
                let is_change = before.is_some_and(|before| before != observation.value);
                self.learn_from(device, observation, is_change);
                self.trail(device, observation, is_change, fx);
            }
            self.judge_property(device, observation.property, fx);
        }
        self.end_walks(fx);
    }

    /// What an observation tells of where people are.
    fn trail(
        &mut self,
        device: &DeviceId,
        observation: &Observation,
        is_change: bool,
        fx: &mut Vec<Effect>,
    ) {
        let Some(customs) = self.book.customs else { return };
        if self.state.situation.is_under_test(device) {
            return;
        }
        let place = self.home().and_then(|h| h.device(device)).and_then(|d| d.place);
        let stir = |sure| Some(Trail::Stir { place, sure });
        let trail = match (observation.property, observation.value) {
            (Property::Open, _) if is_change && place == Some(Place::Hall) => Some(Trail::Door),
            (Property::Open, _) if is_change => stir(false),
            (Property::InBed, Value::Flag(lies)) if is_change || lies => Some(Trail::Bed(lies)),
            (Property::Motion | Property::Presence | Property::Vibration, Value::Flag(true)) => {
                stir(false)
            }
            (Property::Press | Property::Help, _) => stir(true),
            (Property::Targets, Value::Number(n)) if 2.0 <= n => Some(Trail::Company),
            _ => None,
        };
        let Some(trail) = trail else { return };
        let before = self.state.presence.outline();
        self.state.presence.note(trail, &customs, self.state.now);
        if self.state.presence.outline() != before {
            self.learn_whereabouts(&before);
            self.judge_presence(fx);
        }
    }

    /// Decides where the resident is by now, if that is due.
    pub(super) fn pass_presence(&mut self, fx: &mut Vec<Effect>) {
        let Some(customs) = self.book.customs else { return };
        if self.state.presence.next(&customs).is_none_or(|due| self.at < due) {
            return;
        }
        let eyes = self.has_eyes();
        let before = self.state.presence.outline();
        self.state.presence.pass(&customs, eyes, self.at);
        if self.state.presence.outline() != before {
            self.learn_whereabouts(&before);
            self.judge_presence(fx);
        }
    }

    /// Whether any living sensor could see somebody who stays at home.
    fn has_eyes(&self) -> bool {
        let Some(view) = self.view(None, None) else { return false };
        let sees = [Property::Motion, Property::Presence];
        let mut facts = sees.iter().flat_map(|property| view.situation.facts(*property));
        facts.any(|(device, _)| view.is_alive(device))
    }
}
