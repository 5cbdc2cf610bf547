//! *Rate*: a number that changes too fast, by the slope of its readings over a while. The slope is
//! the median of those between all pairs (Theil and Sen), so that one reading that is far off does
//! not make a trend; and it says nothing before there are enough readings over enough time.

use crate::domain::observation::Kind;
use crate::domain::{DeviceId, Property, Reason, Span, Time, Trace, Value, both};
use crate::form::Form;

use super::{Judgement, Verdict, View};

/// Two readings make no trend, and more than this are thinned out anyway.
const SAMPLES: std::ops::RangeInclusive<usize> = 3..=48;

/// `rate = { of = "heart_rate", rises = 20, within = "30m", samples = 6 }`
#[derive(Debug, Clone, PartialEq)]
pub struct Rate {
    /// Which number.
    pub of: Property,
    /// Rises by more than this, in the property's unit, over `within`.
    pub rises: Option<f64>,
    /// Falls by more than this over `within`.
    pub falls: Option<f64>,
    /// The time that is looked at.
    pub within: Span,
    /// At least so many readings, over at least half of that time.
    pub samples: usize,
}

impl Rate {
    /// Reads it from a rule.
    pub fn read(mut form: Form<'_, '_>) -> Option<Self> {
        let of = form.needs::<Property>("of");
        let (rises, falls) = (form.may::<f64>("rises"), form.may::<f64>("falls"));
        let within = form.needs::<Span>("within");
        let samples = form.needs::<usize>("samples");
        match of.map(|of| (of, of.kind())) {
            Some((of, Kind::Number { min, max, unit })) => {
                for by in [rises, falls].into_iter().flatten() {
                    if !(0.0 < by && by < max - min) {
                        let zh = of.zh();
                        form.wrong(both!(
                            "{zh}在 {min} 到 {max} {unit} 之间，变化不可能达到 {by}",
                            "`{of}` is from {min} to {max} {unit}: it can never change by {by}"
                        ));
                    }
                }
            }
            Some((of, Kind::Flag | Kind::Moment)) => {
                form.wrong(format!("rate is of a number; `{of}` is none"));
            }
            None => {}
        }
        if rises.is_none() && falls.is_none() {
            form.wrong(both!("`rises` 或 `falls` 至少填一个", "rate wants `rises` or `falls`"));
        }
        if within.is_some_and(|within| within < Span::minutes(1)) {
            form.wrong(both!(
                "`within` 至少一分钟",
                "`within` is a minute at least: there is no slope in no time"
            ));
        }
        if samples.is_some_and(|n| !SAMPLES.contains(&n)) {
            let (least, most) = (SAMPLES.start(), SAMPLES.end());
            form.wrong(both!(
                "`samples` 须为 {least} 到 {most}",
                "`samples` is from {least} to {most}"
            ));
        }
        form.done();
        (rises.is_some() || falls.is_some()).then_some(())?;
        Some(Self { of: of?, rises, falls, within: within?, samples: samples? })
    }

    /// Holds since the reading that made the slope too steep.
    pub fn judge(&self, view: &View<'_>) -> Judgement {
        let (mut known, mut steep, mut again) = (false, false, None);
        for (_, change, last) in self.changes(view) {
            known = true;
            steep |= self.beyond(change).is_some();
            // With the last reading goes the trend.
            again = again.max(Some(last + Span(self.within.0 / 2) + Span(1)));
        }
        let verdict = match (known, steep) {
            (false, _) => Verdict::Unknown,
            (true, false) => Verdict::Normal,
            (true, true) => Verdict::Holds { since: view.standing.unwrap_or(view.now), live: true },
        };
        Judgement { verdict, again }
    }

    /// Names the change.
    pub fn reason(&self, view: &View<'_>, since: Time) -> Reason {
        let steepest =
            self.changes(view).into_iter().max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()));
        match steepest {
            Some((device, change, _)) => Reason::Changed {
                device: device.clone(),
                property: self.of,
                by: Value::Number((change * 10.0).round() / 10.0),
                within: self.within,
            },
            None => Reason::Absent { property: self.of, since: view.clock(since) },
        }
    }

    fn beyond(&self, change: f64) -> Option<f64> {
        let rises = self.rises.filter(|by| *by < change);
        rises.or_else(|| self.falls.filter(|by| change < -by))
    }

    /// For each living device with enough readings: by how much the number changes over the time
    /// that is looked at, and when it was last read.
    fn changes<'a>(&self, view: &View<'a>) -> Vec<(&'a DeviceId, f64, Time)> {
        let alive = view.situation.traces(self.of).filter(|(device, _)| view.is_alive(device));
        let change = |(device, trace): (&'a DeviceId, &Trace)| {
            let (change, last) = self.change(trace, view.now)?;
            Some((device, change, last))
        };
        alive.filter_map(change).collect()
    }

    fn change(&self, trace: &Trace, now: Time) -> Option<(f64, Time)> {
        let recent = trace.points().filter(|p| now <= p.at + self.within);
        let points: Vec<(Time, f64)> =
            recent.filter_map(|p| Some((p.at, p.value.number()?))).collect();
        let (first, last) = (points.first()?.0, points.last()?.0);
        let half = Span(self.within.0 / 2);
        if points.len() < self.samples || last - first < half || last + half < now {
            return None;
        }
        let mut slopes = Vec::with_capacity(points.len() * points.len() / 2);
        for (n, (a, from)) in points.iter().enumerate() {
            for (b, to) in points.iter().skip(n + 1) {
                if a < b {
                    slopes.push((to - from) / millis(*b - *a));
                }
            }
        }
        let middle = slopes.len() / 2;
        slopes.get(middle)?;
        let (_, median, _) = slopes.select_nth_unstable_by(middle, f64::total_cmp);
        Some((*median * millis(self.within), last))
    }
}

fn millis(span: Span) -> f64 {
    // Exact: far fewer than 2^53 milliseconds are ever remembered.
    std::time::Duration::from_millis(u64::try_from(span.0).unwrap_or(0)).as_secs_f64() * 1000.0
}
