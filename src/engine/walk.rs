//! Walk tests: a device is tried out, and while it is, no judge goes by what it says.

use crate::domain::{DeviceId, Finding, PersonId, Property, Refusal, Walk, WalkAct, Walked};

use super::{Effect, Engine};

impl Engine {
    pub(super) fn walk(
        &mut self,
        device: &DeviceId,
        by: &PersonId,
        act: &WalkAct,
        fx: &mut Vec<Effect>,
    ) {
        let refuse = |why| Effect::Refused { incident: None, why };
        let device = device.clone();
        if self.home().is_none_or(|home| home.device(&device).is_none()) {
            return fx.push(refuse(Refusal::NoDevice { device }));
        }
        match act {
            WalkAct::Begin { steps, .. } if steps.is_empty() => {
                fx.push(refuse(Refusal::NothingToTry { device }));
            }
            WalkAct::Begin { steps, lasts } => {
                // What was under way ends first, and what the device still says counts: nobody can
                // keep it from being heard by beginning again and again.
                self.end_walk(&device, Finding::Ended, fx);
                let (by, steps) = (by.clone(), steps.clone());
                self.state.situation.begin_walk(&device, by, steps, *lasts, self.at);
                self.judge_all(fx);
            }
            WalkAct::End => self.end_walk(&device, Finding::Ended, fx),
        }
    }

    /// Ends every test that is passed, or whose time is up.
    pub(super) fn end_walks(&mut self, fx: &mut Vec<Effect>) {
        for device in self.state.situation.tests_done(self.at) {
            let sight = self.state.situation.sight(&device);
            let passed = sight.is_some_and(|sight| {
                sight.walk.as_ref().is_some_and(Walk::is_seen) && sight.still_on().next().is_none()
            });
            self.end_walk(&device, if passed { Finding::Passed } else { Finding::Failed }, fx);
        }
    }

    /// Ends a test, if there is one. Whatever the device still says counts from now on (P6).
    fn end_walk(&mut self, device: &DeviceId, finding: Finding, fx: &mut Vec<Effect>) {
        let offset = self.state.offset;
        let number = |property: Property| {
            let fact = self.state.situation.sight(device)?.fact(property)?;
            fact.value.number()
        };
        let (battery, signal) = (number(Property::Battery), number(Property::Signal));
        let link_quality = number(Property::LinkQuality);
        let sight = self.state.situation.sight(device);
        let still = sight.map(|sight| sight.still_on().collect()).unwrap_or_default();
        let Some(walk) = self.state.situation.end_walk(device) else { return };
        let mut steps = walk.steps;
        for seen in steps.iter_mut().filter_map(|step| step.seen.as_mut()) {
            seen.at = seen.at + offset;
        }
        let result = Walked {
            by: walk.by,
            began_at: walk.since + offset,
            ended_at: self.at + offset,
            finding,
            steps,
            still,
            battery,
            signal,
            link_quality,
        };
        fx.push(Effect::Walked { device: device.clone(), result: Box::new(result) });
        self.judge_all(fx);
    }
}
