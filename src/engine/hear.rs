//! What devices say: noted in the situation, and judged by the rules that it concerns.

use crate::domain::{DeviceId, Home, Observation, Property};

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
                self.show_resident(observation.property);
                self.trail(device, observation, is_change, fx);
            }
            self.judge_property(device, observation.property, fx);
        }
        if device.as_str() == Home::AREA {
            // What the silence of single devices means depends on it.
            self.judge_all(fx);
        }
        self.end_walks(fx);
    }
}
