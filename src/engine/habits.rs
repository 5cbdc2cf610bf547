//! What the engine tells the baseline of: signs of life, nights, vital signs at rest; and what must
//! not be learnt from.

use crate::baseline::{Learned, Learning, Wanted};
use crate::domain::{
    DeviceId, Fact, Incident, Level, Metric, Observation, Outcome, Place, Property, Time, Value,
    Whereabouts,
};
use crate::rule::Kind;

use super::Engine;

/// The home's own limits as they are today, one for each wish of a rule.
#[derive(Debug, Clone, Default)]
pub(super) struct Own {
    /// In wall time: then another day is final, and they are found anew.
    until: Time,
    pub(super) limits: Vec<(Wanted, Result<Learned, Learning>)>,
}

impl Engine {
    /// Notes what an observation tells of habits. `is_change`: it was something else before.
    pub(super) fn learn_from(&mut self, device: &DeviceId, said: &Observation, is_change: bool) {
        let Some(learning) = self.book.learning.clone() else { return };
        if self.state.situation.is_under_test(device) || self.is_post() {
            return;
        }
        let wall = self.state.now + self.state.offset;
        let fact = self.state.situation.fact(device, said.property);
        let stirs = fact.is_some_and(Fact::is_a_stir);
        let is_sign = is_change || stirs || said.property == Property::Press;
        let in_bed = self.state.presence.in_bed().is_some();
        let (zone, baseline) = (&self.zone, &mut self.state.baseline);
        if is_sign && learning.signs.contains(&said.property) {
            baseline.note_sign(wall, zone, &learning);
        }
        if let (Some(metric), Value::Number(value)) = (Metric::of(said.property), said.value) {
            // A pulse is compared with a pulse at rest.
            let at_rest = in_bed || !metric.is_nightly();
            if at_rest {
                baseline.read(metric, value, wall, zone, &learning);
            }
        }
    }

    /// Notes a change of the resident's whereabouts. `before` is what they were.
    pub(super) fn learn_whereabouts(&mut self, before: &crate::domain::presence::Outline) {
        let Some(learning) = self.book.learning.clone() else { return };
        let (now, offset) = (self.at, self.state.offset);
        let wall = now + offset;
        let after = self.state.presence.outline();
        let asleep = before.bed.zip(self.book.customs);
        let rises = asleep.is_some_and(|(since, customs)| since + customs.asleep_after <= now);
        let out_since = match self.state.presence.whereabouts() {
            (Whereabouts::Out, since) => since,
            (Whereabouts::Home | Whereabouts::Unknown, _) => now,
        };
        let bathroom = |outline: &crate::domain::presence::Outline| {
            outline.place.is_some_and(|(place, _)| place == Place::Bathroom)
        };
        let (zone, baseline) = (&self.zone, &mut self.state.baseline);
        if after.bed.is_some() != before.bed.is_some() {
            let lies = after.bed.is_some();
            if !lies && rises {
                baseline.count(Metric::NightRises, wall, zone, &learning);
            }
            baseline.lasts(Metric::MinutesInBed, lies, wall, zone, &learning);
        }
        if bathroom(&after) && !bathroom(before) {
            baseline.count(Metric::BathroomVisits, wall, zone, &learning);
        }
        match (before.is_out, after.is_out) {
            (false, true) => baseline.look_away(out_since + offset, zone, &learning),
            (true, false) => baseline.look_again(wall),
            (false, false) | (true, true) => {}
        }
    }

    /// Somebody may be in trouble: what happens now is not how they live.
    pub(super) fn doubt_habits(&mut self, n: u32) {
        if self.state.incidents.get(&n).is_some_and(is_trouble) {
            let wall = self.state.now + self.state.offset;
            self.state.baseline.freeze(wall, &self.zone);
        }
    }

    /// The last trouble is over. If it was none, its days count after all: else a home with too short
    /// a limit would never get a longer one.
    pub(super) fn trust_habits(&mut self, outcome: Outcome) {
        let trouble = self.state.incidents.values().any(|i| i.is_open() && is_trouble(i));
        if trouble || !self.state.baseline.is_frozen() {
            return;
        }
        let counts = match outcome {
            Outcome::Safe
            | Outcome::FalseAlarm
            | Outcome::Test
            | Outcome::Void
            | Outcome::Cancelled
            | Outcome::Cleared => true,
            Outcome::Assisted
            | Outcome::Hospital
            | Outcome::Died
            | Outcome::Repaired
            | Outcome::NoAccess
            | Outcome::Merged
            | Outcome::Refused
            | Outcome::Remote => false,
        };
        let wall = self.state.now + self.state.offset;
        self.state.baseline.thaw(counts, wall, &self.zone);
        self.own.until = Time(i64::MIN);
        self.find_own_limits();
    }

    /// Finds the home's own limits anew, once a day. It changes nothing that is remembered: a hub that
    /// was restarted finds the same.
    pub(super) fn find_own_limits(&mut self) {
        let Some(learning) = self.book.learning.clone() else { return };
        let wall = self.state.now + self.state.offset;
        if wall < self.own.until {
            return;
        }
        let wishes = self.rules.iter().filter_map(|rule| {
            if let Kind::Inactivity(kind) = &rule.kind { kind.own } else { None }
        });
        let find =
            |wanted| (wanted, self.state.baseline.learn(wall, &self.zone, &learning, wanted));
        let limits = wishes.map(find).collect();
        let until = self.state.baseline.same_until(wall, &self.zone, &learning);
        self.own = Own { until, limits };
    }
}

fn is_trouble(incident: &Incident) -> bool {
    incident.group.is_about_a_person()
        && Level::Normal <= incident.level
        && incident.alarmed.is_some()
}
