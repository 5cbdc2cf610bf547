//! *Threshold*: a number beyond a limit, for at least the rule's hold time, and until it is back by
//! more than a deadband. A reading that is not fresh says nothing.

use crate::domain::observation::Kind;
use crate::domain::{DeviceId, Fact, Property, Reason, Span, Time, Value, both};
use crate::form::Form;

use super::{Judgement, Verdict, View};

/// `threshold = { of = "heart_rate", above = 115, deadband = 5, fresh = "3m" }`
#[derive(Debug, Clone, PartialEq)]
pub struct Threshold {
    /// Which number.
    pub of: Property,
    /// Holds above this, in the property's unit.
    pub above: Option<f64>,
    /// Holds below this, in the property's unit.
    pub below: Option<f64>,
    /// How far back within the limit it must come to be normal again.
    pub deadband: f64,
    /// A reading older than this says nothing.
    pub fresh: Span,
}

impl Threshold {
    /// Reads it from a rule.
    pub fn read(mut form: Form<'_, '_>) -> Option<Self> {
        let of = form.needs::<Property>("of");
        let (above, below) = (form.may::<f64>("above"), form.may::<f64>("below"));
        let deadband = form.may::<f64>("deadband").unwrap_or(0.0);
        let fresh = form.needs::<Span>("fresh");
        match of.map(|of| (of, of.kind())) {
            Some((of, Kind::Number { min, max, unit })) => {
                for limit in [above, below].into_iter().flatten() {
                    if !(min..=max).contains(&limit) {
                        let zh = of.zh();
                        form.wrong(both!(
                            "{zh}在 {min} 到 {max} {unit} 之间，不可能越过 {limit}",
                            "`{of}` is from {min} to {max} {unit}; {limit} can never be passed"
                        ));
                    }
                }
            }
            Some((of, Kind::Flag | Kind::Moment)) => {
                form.wrong(format!("threshold is of a number; `{of}` is none"));
            }
            None => {}
        }
        if above.is_none() && below.is_none() {
            form.wrong(both!(
                "`above` 或 `below` 至少填一个",
                "threshold wants `above` or `below`"
            ));
        }
        if above.zip(below).is_some_and(|(above, below)| above <= below) {
            form.wrong(both!(
                "`above` 须大于 `below`，否则任何读数都会越限",
                "`above` must be greater than `below`, or every value would be beyond"
            ));
        }
        if !(0.0..1e6).contains(&deadband) {
            form.wrong(both!(
                "`deadband` 不能是 {deadband}",
                "`deadband` {deadband} is not a distance"
            ));
        }
        form.done();
        (above.is_some() || below.is_some()).then_some(())?;
        Some(Self { of: of?, above, below, deadband, fresh: fresh? })
    }

    /// Holds since the first reading beyond the limit.
    pub fn judge(&self, view: &View<'_>) -> Judgement {
        let mut fresh = None;
        let mut worst = None;
        for (device, fact) in view.situation.facts(self.of) {
            if !self.is_fresh(view, device, fact) {
                continue;
            }
            fresh = fresh.max(Some(fact.seen));
            if self.beyond(fact, view.standing.is_some()).is_some() {
                worst = worst.max(Some((fact.seen, fact.live)));
            }
        }
        let again = fresh.map(|seen: Time| seen + self.fresh + Span(1));
        let verdict = match (fresh, worst) {
            (None, _) => Verdict::Unknown,
            (Some(_), None) => Verdict::Normal,
            (Some(_), Some((seen, live))) => {
                Verdict::Holds { since: view.standing.unwrap_or(seen), live }
            }
        };
        Judgement { verdict, again }
    }

    /// Names the latest reading beyond the limit.
    pub fn reason(&self, view: &View<'_>, since: Time) -> Reason {
        let readings = view.situation.facts(self.of);
        let beyond = readings.filter_map(|(d, f)| Some((d, f, self.beyond(f, true)?)));
        let latest = beyond.max_by_key(|(_, fact, _)| fact.seen);
        let since = view.clock(since);
        match latest {
            Some((device, fact, limit)) => Reason::Beyond {
                device: device.clone(),
                property: self.of,
                value: fact.value,
                limit: Value::Number(limit),
                since,
            },
            None => Reason::Absent { property: self.of, since },
        }
    }

    fn is_fresh(&self, view: &View<'_>, device: &DeviceId, fact: &Fact) -> bool {
        view.now <= fact.seen + self.fresh && view.is_alive(device)
    }

    /// The limit that the reading is beyond. While standing, it must come back by the deadband.
    fn beyond(&self, fact: &Fact, standing: bool) -> Option<f64> {
        let value = fact.value.number()?;
        let passed = |back: f64| {
            let above = self.above.map(|limit| limit - back).filter(|limit| *limit < value);
            above.or(self.below.map(|limit| limit + back).filter(|limit| value < *limit))
        };
        passed(0.0).or_else(|| passed(self.deadband).filter(|_| standing))
    }
}
